//! How a wait went.

use std::time::Duration;

use time::OffsetDateTime;

use super::WaitEnd;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::timestamp::Timestamp;

/// The result of a wait for one job, with what the wait cost.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub(crate) job_id: JobId,
    pub(crate) result: Result<Job, Error>,
    pub(crate) polls: u32,
    pub(crate) waited: Duration,
    pub(crate) lag: Option<Duration>,
}

impl Outcome {
    /// The job that was asked for, whatever the body says.
    pub const fn job_id(&self) -> &JobId {
        &self.job_id
    }

    /// The job that ended with SUCCESS, or why there is none.
    pub const fn result(&self) -> Result<&Job, &Error> {
        self.result.as_ref()
    }

    /// The same, taken out.
    ///
    /// # Errors
    /// As [`Wait::run`](crate::Wait::run).
    pub fn into_result(self) -> Result<Job, Error> {
        self.result
    }

    /// The job as it was last seen, whether it ended well or not.
    pub fn job(&self) -> Option<&Job> {
        match &self.result {
            Ok(job) => Some(job),
            Err(error) => error.job(),
        }
    }

    /// How many polls were made.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// How long was waited.
    pub const fn waited(&self) -> Duration {
        self.waited
    }

    /// How long after its end the job was seen to have ended, by the service's own clock: `Date` less `end_time`.
    ///
    /// `None` unless it was seen pending first and both times are the service's. `Date` counts whole seconds.
    pub const fn lag(&self) -> Option<Duration> {
        self.lag
    }
}

/// How late the end was seen; a `Date` of the same second as the end is no lag at all.
pub(crate) fn lag(job: &Job, date: Option<OffsetDateTime>) -> Option<Duration> {
    let ended = job.end_time().and_then(Timestamp::instant)?;
    let late = date? - ended;
    (late > -time::Duration::SECOND).then(|| Duration::try_from(late).unwrap_or_default())
}

/// The error of an ending; no ending is a cancelled wait.
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
