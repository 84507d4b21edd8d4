//! The age of a job, which sets how often it is polled.

use std::time::Duration;

use time::OffsetDateTime;

use crate::job::Job;
use crate::job::timestamp::Timestamp;

/// The age of the job, and the time since the last of its sub-jobs ended.
///
/// Both come from the service's timestamps if the response has a `Date`, so that clock skew does not matter, and from
/// our clock otherwise. An age is kept with the moment it was measured at and grows from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct JobAge {
    job: (Duration, Duration),
    /// The time since all announced sub-jobs have ended, while the job has not.
    settling: Option<(Duration, Duration)>,
}

impl JobAge {
    pub(super) const fn new(now: Duration) -> Self {
        Self { job: (Duration::ZERO, now), settling: None }
    }

    /// Reads the times of a job.
    pub(super) fn take(&mut self, job: &Job, date: Option<OffsetDateTime>, now: Duration) {
        let since = |time: Option<OffsetDateTime>| {
            let span = Duration::try_from(date? - time?).ok()?;
            (span <= OLDEST).then_some((span, now))
        };
        if let Some(age) = since(job.begin_time().and_then(Timestamp::instant)) {
            self.job = age;
        }
        self.settling = match all_ended(job) {
            false => None,
            true => since(last_end(job)).or(self.settling).or(Some((Duration::ZERO, now))),
        };
    }

    pub(super) fn of_job(&self, now: Duration) -> Duration {
        grown(self.job, now)
    }

    /// All sub-jobs have ended, so the job is about to end.
    pub(super) const fn is_settling(&self) -> bool {
        self.settling.is_some()
    }

    /// The age that sets the delay: a job ends a few seconds after its last sub-job, so it starts again there.
    pub(super) fn for_backoff(&self, now: Duration) -> Duration {
        let age = self.of_job(now);
        self.settling.map_or(age, |settling| grown(settling, now).min(age))
    }
}

fn grown((age, at): (Duration, Duration), now: Duration) -> Duration {
    age.saturating_add(now.saturating_sub(at))
}

/// Every sub-job that the job announced has ended.
fn all_ended(job: &Job) -> bool {
    let done = job.sub_jobs_done();
    done > 0
        && done == job.sub_jobs().len()
        && job.sub_jobs_total().is_none_or(|total| u64::try_from(done).is_ok_and(|done| done >= total))
}

/// When the last of the sub-jobs ended; `None` if one of the times is not known.
fn last_end(job: &Job) -> Option<OffsetDateTime> {
    let mut ends = job.sub_jobs().iter().map(|sub| sub.end_time().and_then(Timestamp::instant));
    let first = ends.next()??;
    ends.try_fold(first, |last, end| Some(last.max(end?)))
}

/// A timestamp that makes the job older than this is wrong.
const OLDEST: Duration = Duration::from_secs(30 * 24 * 3600);
