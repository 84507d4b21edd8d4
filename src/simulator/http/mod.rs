//! The HTTP server of the simulator.

pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod server;
