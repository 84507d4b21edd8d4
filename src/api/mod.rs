//! Requests and responses as values: what to send, and what came back.

pub(crate) mod error_body;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod submit;
