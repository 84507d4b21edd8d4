//! Wait for the jobs of Huawei Cloud and Open Telekom Cloud.

mod api_error;
mod credentials;
mod job_id;
mod message;
mod text;
mod trouble;

pub use crate::api_error::ApiError;
pub use crate::job_id::{JobId, JobIdError};
pub use crate::message::Answer;
pub use crate::trouble::{DecodeError, TransportError, TransportKind, Trouble};
