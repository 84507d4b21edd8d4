//! Errors: why there is no successful job, and what was known of it.

pub(crate) mod api;
mod display;
pub(crate) mod poll;

use std::fmt;
use std::time::Duration;

use serde_json::Value;

pub use self::api::ApiError;
#[cfg(feature = "cli")]
pub(crate) use self::display::{Parts, RAISE_THREAD_LIMIT};
pub use self::poll::{PollError, TransportError, TransportErrorKind};
pub use crate::api::submit::SubmitError;
pub use crate::auth::CredentialsError;
pub use crate::endpoint::url::EndpointError;
pub use crate::job::error::DecodeError;
pub use crate::job::failure::Failure;
pub use crate::job::id::JobIdError;

use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;

/// Why a call did not return a successful job.
///
/// The text is complete: job id, last known status and age, number of polls and time, the last error, whether the job is
/// still running (as far as the last poll showed it), and what to do. `Debug` prints the same text, so that a `main` which
/// returns a `Result` shows it. [`source`](std::error::Error::source) is the error of the system or of TLS behind it, if
/// there is one.
///
/// The errors of arguments ([`JobIdError`], [`SubmitError`], [`EndpointError`], [`CredentialsError`]) convert into it, so
/// that one `?` type carries a whole program.
///
/// ```
/// # fn example(error: cloudjob::Error) {
/// if error.is_failed() {
///     for id in error.job().into_iter().flat_map(|job| job.ids("server_id")) {
///         println!("clean up {id}");
///     }
/// } else if error.is_timeout() {
///     println!("wait again later: {error}");
/// }
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Error(Box<Inner>);

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The wait was cancelled.
    Cancelled,
    /// The job ended with FAIL. The error carries the whole job.
    Failed,
    /// Nothing was sent: a setting or an argument is missing or wrong.
    Config,
    /// No usable response: no connection, an untrusted certificate, a redirect, garbage.
    NoAnswer,
    /// The service rejected the request: credentials, permission, an unknown job, a bad request.
    Refused,
    /// The deadline came first. The job may still be running.
    TimedOut,
    /// The job waits for a payment, and the wait was told to stop then.
    PaymentPending,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cancelled => "cancelled",
            Self::Failed => "job failed",
            Self::Config => "invalid configuration",
            Self::NoAnswer => "no usable response",
            Self::Refused => "request rejected",
            Self::TimedOut => "timed out",
            Self::PaymentPending => "payment pending",
        })
    }
}

#[derive(Clone, PartialEq)]
struct Inner {
    kind: ErrorKind,
    job_id: Option<JobId>,
    state: State,
    error: Option<PollError>,
    message: String,
    /// The path of a resource that was waited for, and its last value.
    resource: Option<(String, Option<Value>)>,
    settings: &'static [Setting],
}

/// A setting that a program can give.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Setting {
    Cloud,
    Region,
    Endpoint,
    Project,
    Token,
    CaFile,
}

/// What was known of the job when the error arose.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) job: Option<Job>,
    pub(crate) status: Option<Status>,
    pub(crate) polls: u32,
    pub(crate) waited: Duration,
    pub(crate) age: Option<Duration>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) last_poll: LastPoll,
}

/// What the last poll showed: only a poll that gave the job tells that the job is still running.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum LastPoll {
    /// No poll was made.
    #[default]
    NotSent,
    /// The job.
    Job,
    /// A response that is not the job: an error of the service, or one that cannot be read.
    OtherResponse,
    /// No response.
    NoResponse,
}

impl LastPoll {
    pub(crate) const fn of(error: &PollError) -> Self {
        match error {
            PollError::Transport(_) => Self::NoResponse,
            _ => Self::OtherResponse,
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, id: &JobId, state: State, error: Option<PollError>) -> Self {
        Self(Box::new(Inner {
            kind,
            job_id: Some(id.clone()),
            state,
            error,
            message: String::new(),
            resource: None,
            settings: &[],
        }))
    }

    /// The settings that would help. Whoever has options for them can name these.
    pub(crate) fn for_settings(mut self, settings: &'static [Setting]) -> Self {
        self.0.settings = settings;
        self
    }

    #[cfg(feature = "cli")]
    pub(crate) const fn settings(&self) -> &'static [Setting] {
        self.0.settings
    }

    /// A setting or an argument is missing or wrong; `message` is one lower-case clause that says what to do.
    pub(crate) fn config(message: impl fmt::Display) -> Self {
        Self(Box::new(Inner {
            kind: ErrorKind::Config,
            job_id: None,
            state: State::default(),
            error: None,
            message: message.to_string(),
            resource: None,
            settings: &[],
        }))
    }

    /// An error outside of any job, as in a login.
    pub(crate) fn poll(error: PollError) -> Self {
        let refused = error.api_error().is_some_and(ApiError::is_rejection);
        Self(Box::new(Inner {
            kind: if refused { ErrorKind::Refused } else { ErrorKind::NoAnswer },
            job_id: None,
            state: State::default(),
            error: Some(error),
            message: String::new(),
            resource: None,
            settings: &[],
        }))
    }

    /// The same error of a wait for a resource instead of a job, with a text of its own.
    pub(crate) fn about_resource(mut self, path: String, value: Option<Value>, message: String) -> Self {
        (self.0.job_id, self.0.state.job, self.0.state.status) = (None, None, None);
        (self.0.resource, self.0.message) = (Some((path, value)), message);
        self
    }

    /// The path of the resource that was waited for with [`Client::wait_for`](crate::Client::wait_for).
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.as_ref().map(|(path, _)| path.as_str())
    }

    /// The last value of that resource; `None` if it has not been seen.
    pub fn value(&self) -> Option<&Value> {
        self.0.resource.as_ref().and_then(|(_, value)| value.as_ref())
    }

    /// The kind of error.
    pub const fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The job that was polled; `None` if nothing had been sent yet.
    pub const fn job_id(&self) -> Option<&JobId> {
        self.0.job_id.as_ref()
    }

    /// The job as it was last seen. For a job that failed, the whole job.
    ///
    /// For one of many jobs that had not ended, only the [`status`](Self::status) may be known.
    pub const fn job(&self) -> Option<&Job> {
        self.0.state.job.as_ref()
    }

    /// The last known status.
    pub fn status(&self) -> Option<&Status> {
        self.0.state.status.as_ref().or_else(|| self.job().map(Job::status))
    }

    /// The number of polls.
    pub const fn polls(&self) -> u32 {
        self.0.state.polls
    }

    /// How long the wait took.
    pub const fn elapsed(&self) -> Duration {
        self.0.state.waited
    }

    /// The age of the job, by the service's clock where that is known.
    pub const fn job_age(&self) -> Option<Duration> {
        self.0.state.age
    }

    /// The last error: the one that ended the wait, or the last transient one.
    pub const fn last_error(&self) -> Option<&PollError> {
        self.0.error.as_ref()
    }

    /// The error of the service that ended the wait, or that came last.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.last_error().and_then(PollError::api_error)
    }

    /// The job ended with FAIL.
    pub fn is_failed(&self) -> bool {
        self.kind() == ErrorKind::Failed
    }

    /// The deadline came first; the job may still be running.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::TimedOut
    }

    /// The wait was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.kind() == ErrorKind::Cancelled
    }

    /// The service does not know the job.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::Refused && self.api_error().is_some_and(ApiError::is_not_found)
    }

    /// The credentials were rejected.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Refused && self.api_error().is_some_and(ApiError::is_unauthorized)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The text of the error in between is part of the text of this one.
        self.last_error()?.source()
    }
}

impl From<JobIdError> for Error {
    fn from(error: JobIdError) -> Self {
        Self::config(error)
    }
}

impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Self {
        Self::config(error)
    }
}

impl From<CredentialsError> for Error {
    fn from(error: CredentialsError) -> Self {
        Self::config(error)
    }
}

/// An error of the service in place of the job id stays the [`api_error`](Error::api_error).
impl From<SubmitError> for Error {
    fn from(error: SubmitError) -> Self {
        let message = error.to_string();
        let api = error.into_api_error().map(PollError::Api);
        let mut converted = Self::config(message);
        converted.0.error = api;
        converted
    }
}
