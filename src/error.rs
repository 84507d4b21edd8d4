//! Why there is no finished job: who said no, and the job as it was last known.

use std::fmt;
use std::time::Duration;

use crate::api_error::ApiError;
use crate::job::{Job, failure_text};
use crate::job_id::JobId;
use crate::span::span;
use crate::status::Status;
use crate::trouble::Trouble;

/// Why a call gave no job that ended well.
///
/// Whatever happened, it says which job, its last known state, how often and for how long it was asked, and the last
/// trouble on the way. The text is complete; there is no `source()` to be added to it.
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
    Input,
    /// No usable answer: no connection, no trust, a redirect, garbage.
    NoAnswer,
    /// The service answered no: credentials, permission, an unknown job, a bad request.
    Refused,
    /// The deadline came first. The job goes on in the cloud.
    TimedOut,
    /// The job waits for a payment, and the wait was told to stop then.
    Unpaid,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    job_id: Option<JobId>,
    state: State,
    trouble: Option<Trouble>,
    message: String,
}

/// What was known of the job when the error arose.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) job: Option<Job>,
    pub(crate) status: Option<Status>,
    pub(crate) looks: u32,
    pub(crate) waited: Duration,
    pub(crate) age: Option<Duration>,
    pub(crate) retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, id: &JobId, state: State, trouble: Option<Trouble>) -> Self {
        Self(Box::new(Inner { kind, job_id: Some(id.clone()), state, trouble, message: String::new() }))
    }

    /// A setting is missing or wrong; `message` is one lower-case clause that says what to do.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self(Box::new(Inner {
            kind: ErrorKind::Input,
            job_id: None,
            state: State::default(),
            trouble: None,
            message: message.to_string(),
        }))
    }

    /// A trouble outside of any job, as in a login.
    pub(crate) fn trouble(trouble: Trouble) -> Self {
        let refused = trouble.api().is_some_and(ApiError::is_final_no);
        Self(Box::new(Inner {
            kind: if refused { ErrorKind::Refused } else { ErrorKind::NoAnswer },
            job_id: None,
            state: State::default(),
            trouble: Some(trouble),
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

    /// How many looks were made.
    pub const fn looks(&self) -> u32 {
        self.0.state.looks
    }

    /// How long was waited.
    pub const fn elapsed(&self) -> Duration {
        self.0.state.waited
    }

    /// How old the job is, by the service's own clock where that can be told.
    pub const fn job_age(&self) -> Option<Duration> {
        self.0.state.age
    }

    /// The last trouble: what ended the wait, or what was ridden out last.
    pub const fn last_trouble(&self) -> Option<&Trouble> {
        self.0.trouble.as_ref()
    }

    /// The error answer of the service that ended the wait or came last.
    pub fn api(&self) -> Option<&ApiError> {
        self.last_trouble().and_then(Trouble::api)
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
        self.kind() == ErrorKind::Refused && self.api().is_some_and(ApiError::is_not_found)
    }

    /// The credentials were refused.
    pub fn is_credentials_refused(&self) -> bool {
        self.kind() == ErrorKind::Refused && self.api().is_some_and(ApiError::is_credentials_refused)
    }

    fn looks_and_time(&self) -> String {
        let looks = self.looks();
        format!("{looks} look{} in {}", if looks == 1 { "" } else { "s" }, span(self.elapsed()))
    }

    fn write_last_trouble(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last_trouble() {
            Some(trouble) => write!(f, "; last trouble: {trouble}"),
            None => Ok(()),
        }
    }

    fn write_unended(&self, f: &mut fmt::Formatter<'_>, id: &JobId) -> fmt::Result {
        write!(f, "job {id} ")?;
        match self.status() {
            Some(status) => write!(f, "is still {status}")?,
            None => f.write_str("was not seen")?,
        }
        if let (Some(age), Some(_)) = (self.job_age(), self.status()) {
            write!(f, ", {} old,", span(age))?;
        }
        write!(f, " after {}", self.looks_and_time())
    }

    fn write_timeout(&self, f: &mut fmt::Formatter<'_>, id: &JobId) -> fmt::Result {
        self.write_unended(f, id)?;
        if let Some(span_) = self.0.state.retry_after {
            write!(f, "; the service wants to be left alone for {}, past the deadline", span(span_))?;
        }
        self.write_last_trouble(f)?;
        match self.status() {
            Some(Status::PendingPayment) => f.write_str(
                "; its order is unpaid: pay it, or give the job up, for a cancelled order never changes its status",
            ),
            Some(_) => f.write_str("; it goes on in the cloud, and can be waited for again by its id"),
            None if self.looks() == 0 => f.write_str("; there was no turn left to ask for it"),
            None => f.write_str("; check the id, or wait longer"),
        }
    }

    fn write_refused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = &self.0.job_id {
            write!(f, "job {id}: ")?;
        }
        let login = self.api().is_some_and(|api| api.login);
        f.write_str(if login { "the login was refused" } else { "the service said no" })?;
        let Some(trouble) = self.last_trouble() else { return Ok(()) };
        write!(f, ": {trouble}")?;
        let Some(api) = trouble.api() else { return Ok(()) };
        f.write_str(hint(api))
    }
}

/// The next step after a no.
fn hint(api: &ApiError) -> &'static str {
    if api.login {
        login_hint(api)
    } else if api.is_not_found() {
        "; it does not know this job: check the id, the project and the service; \
         an ended job is deleted after one day, an unpaid one after 14 days"
    } else if api.is_wrong_address() {
        "; there is no such API at this address: check the endpoint, the region and the service"
    } else if api.is_credentials_refused() {
        "; check the token or access key, its region and its project; it was not tried again"
    } else if api.is_forbidden() {
        "; the user lacks the permission to read jobs of this project"
    } else {
        ""
    }
}

/// The next step after a no to a login.
fn login_hint(api: &ApiError) -> &'static str {
    if api.is_credentials_refused() {
        "; check the user and its domain, the password and the project; it was not tried again"
    } else if api.http_status() == 404 {
        "; there is no such API at this address: check the auth URL"
    } else if api.is_forbidden() {
        "; the user lacks the permission to log in to this project, or to take on this agency"
    } else {
        ""
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(id) = &self.0.job_id else {
            return match (self.kind(), self.last_trouble()) {
                (ErrorKind::Refused, _) => self.write_refused(f),
                (_, Some(trouble)) => write!(f, "no usable answer: {trouble}"),
                _ => f.write_str(&self.0.message),
            };
        };
        match self.kind() {
            ErrorKind::Cancelled => {
                self.write_unended(f, id)?;
                f.write_str("; the wait was cancelled, the job goes on in the cloud")
            }
            ErrorKind::Failed => match self.job() {
                Some(job) => write!(f, "{}", failure_text(job)),
                None => write!(f, "job {id} failed"),
            },
            ErrorKind::Input => f.write_str(&self.0.message),
            ErrorKind::NoAnswer => {
                write!(f, "job {id}: no usable answer after {}", self.looks_and_time())?;
                if let Some(trouble) = self.last_trouble() {
                    write!(f, ": {trouble}")?;
                }
                match self.status() {
                    Some(status) => write!(f, "; it was {status} when last seen and goes on in the cloud"),
                    None => Ok(()),
                }
            }
            ErrorKind::Refused => self.write_refused(f),
            ErrorKind::TimedOut => self.write_timeout(f, id),
            ErrorKind::Unpaid => {
                write!(
                    f,
                    "job {id} waits for a payment (PENDING_PAYMENT), and was not to be waited for then; "
                )?;
                f.write_str("pay the order and wait again; a cancelled order never changes its status")
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("text", &self.to_string())
            .field("status", &self.status())
            .field("looks", &self.looks())
            .field("elapsed", &self.elapsed())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}
