//! Why there is no finished job: who said no, and the job as it was last known.

pub(crate) mod api;
mod display;
pub(crate) mod poll;

use std::fmt;
use std::time::Duration;

pub use self::api::ApiError;
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

/// Why a call gave no job that ended well.
///
/// Whatever happened, it says which job, its last known state, how often and for how long it was asked, and the last
/// error on the way. The text is complete; there is no `source()` to be added to it.
///
/// ```
/// # fn example(error: cloudjob::Error) {
/// if error.is_failed() {
///     for made in error.job().into_iter().flat_map(|job| job.ids("server_id")) {
///         println!("clean up {made}");
///     }
/// } else if error.is_timeout() {
///     println!("it goes on: {error}");
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The wait was cancelled.
    Cancelled,
    /// The job ended with FAIL. The error carries the whole job.
    Failed,
    /// Nothing was asked: a setting is missing or wrong.
    Config,
    /// No usable answer: no connection, no trust, a redirect, garbage.
    NoAnswer,
    /// The service answered no: credentials, permission, an unknown job, a bad request.
    Refused,
    /// The deadline came first. The job goes on in the cloud.
    TimedOut,
    /// The job waits for a payment, and the wait was told to stop then.
    PaymentPending,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    job_id: Option<JobId>,
    state: State,
    error: Option<PollError>,
    message: String,
}

/// What was known of the job when the error arose.
#[derive(Clone, Debug, Default)]
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
        Self(Box::new(Inner { kind, job_id: Some(id.clone()), state, error, message: String::new() }))
    }

    /// A setting is missing or wrong; `message` is one lower-case clause that says what to do.
    pub(crate) fn config(message: impl fmt::Display) -> Self {
        Self(Box::new(Inner {
            kind: ErrorKind::Config,
            job_id: None,
            state: State::default(),
            error: None,
            message: message.to_string(),
        }))
    }

    /// An error outside of any job, as in a login.
    pub(crate) fn poll(error: PollError) -> Self {
        let refused = error.api_error().is_some_and(ApiError::is_final_no);
        Self(Box::new(Inner {
            kind: if refused { ErrorKind::Refused } else { ErrorKind::NoAnswer },
            job_id: None,
            state: State::default(),
            error: Some(error),
            message: String::new(),
        }))
    }

    /// The kind of error.
    pub const fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The job that was asked for; `None` if nothing had been asked yet.
    pub const fn job_id(&self) -> Option<&JobId> {
        self.0.job_id.as_ref()
    }

    /// The job as it was last seen. For a job that failed, the whole job.
    ///
    /// Of one of many jobs that had not ended only the [`status`](Self::status) may be known.
    pub const fn job(&self) -> Option<&Job> {
        self.0.state.job.as_ref()
    }

    /// The last known status.
    pub fn status(&self) -> Option<&Status> {
        self.0.state.status.as_ref().or_else(|| self.job().map(Job::status))
    }

    /// How many polls were made.
    pub const fn polls(&self) -> u32 {
        self.0.state.polls
    }

    /// How long was waited.
    pub const fn elapsed(&self) -> Duration {
        self.0.state.waited
    }

    /// How old the job is, by the service's own clock where that can be told.
    pub const fn job_age(&self) -> Option<Duration> {
        self.0.state.age
    }

    /// The last error: what ended the wait, or what was ridden out last.
    pub const fn last_error(&self) -> Option<&PollError> {
        self.0.error.as_ref()
    }

    /// The error answer of the service that ended the wait or came last.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.last_error().and_then(PollError::api_error)
    }

    /// The job ended with FAIL.
    pub fn is_failed(&self) -> bool {
        self.kind() == ErrorKind::Failed
    }

    /// The deadline came first; the job goes on in the cloud.
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

    /// The credentials were refused.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Refused && self.api_error().is_some_and(ApiError::is_unauthorized)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("text", &self.to_string())
            .field("status", &self.status())
            .field("polls", &self.polls())
            .field("last_poll", &self.0.state.last_poll)
            .field("elapsed", &self.elapsed())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}
