//! Wait for the jobs of Huawei Cloud and Open Telekom Cloud.

mod address;
mod api_error;
mod auth;
mod credentials;
mod entities;
mod job;
mod http;
mod job_id;
mod message;
mod reason;
mod status;
mod endpoint;
mod job_id;
mod message;
mod region;
mod service;
mod text;
mod timestamp;
mod trouble;

pub use crate::api_error::ApiError;
pub use crate::entities::Entities;
pub use crate::job::Job;
pub use crate::job_id::{JobId, JobIdError};
pub use crate::message::Answer;
pub use crate::status::Status;
pub use crate::timestamp::Timestamp;
pub use crate::credentials::{Credentials, CredentialsError, Login};
pub use crate::endpoint::{Endpoint, EndpointError, JobPath};
pub use crate::job_id::{JobId, JobIdError};
pub use crate::message::Answer;
pub use crate::service::Service;
pub use crate::trouble::{DecodeError, TransportError, TransportKind, Trouble};
