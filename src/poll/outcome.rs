//! The outcome of a wait.

use std::time::Duration;

use time::OffsetDateTime;

use super::WaitEnd;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::timestamp::Timestamp;

/// The result of a wait for one job, with the number of polls and the time it took.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub(crate) job_id: JobId,
    pub(crate) result: Result<Job, Error>,
    pub(crate) polls: u32,
    pub(crate) waited: Duration,
    pub(crate) lag: Option<Duration>,
}

impl Outcome {
    /// The job that was waited for, whatever id the body has.
    pub const fn job_id(&self) -> &JobId {
        &self.job_id
    }

    /// The job that ended with SUCCESS, or why there is none.
    pub const fn result(&self) -> Result<&Job, &Error> {
        self.result.as_ref()
    }

    /// The result, by value.
    ///
    /// # Errors
    /// As [`Wait::run`](crate::Wait::run).
    pub fn into_result(self) -> Result<Job, Error> {
        self.result
    }

    /// The job as it was last seen, whether it succeeded or not.
    pub fn job(&self) -> Option<&Job> {
        match &self.result {
            Ok(job) => Some(job),
            Err(error) => error.job(),
        }
    }

    /// The number of polls.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// How long the wait took.
    pub const fn waited(&self) -> Duration {
        self.waited
    }

    /// The time between the end of the job and the poll that showed it, by the service's clock: `Date` less `end_time`.
    ///
    /// `None` unless a poll had shown the job pending and both times are the service's. `Date` has whole seconds.
    pub const fn lag(&self) -> Option<Duration> {
        self.lag
    }
}

/// The lag; zero if `Date` is in the same second as the end.
pub(crate) fn lag(job: &Job, date: Option<OffsetDateTime>) -> Option<Duration> {
    let ended = job.end_time().and_then(Timestamp::instant)?;
    let late = date? - ended;
    (late > -time::Duration::SECOND).then(|| Duration::try_from(late).unwrap_or_default())
}

/// The kind of error for an end; `None` is a cancelled wait.
pub(crate) const fn error_kind(wait_end: Option<WaitEnd>) -> ErrorKind {
    match wait_end {
        None => ErrorKind::Cancelled,
        Some(WaitEnd::Failed) => ErrorKind::Failed,
        Some(WaitEnd::NoAnswer | WaitEnd::Succeeded) => ErrorKind::NoAnswer,
        Some(WaitEnd::Refused) => ErrorKind::Refused,
        Some(WaitEnd::TimedOut { .. }) => ErrorKind::TimedOut,
        Some(WaitEnd::PaymentPending) => ErrorKind::PaymentPending,
    }
}
