//! The state of a wait after a poll.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::endpoint::service::Service;
use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::util::duration::format_duration;
use crate::util::sanitize::single_line;

/// The state of a wait after a poll, before the sleep.
///
/// [`Wait`](crate::Wait) reports every poll. [`WaitAll`](crate::WaitAll) reports the polls that did not end a job:
/// a job that has ended comes out of the iterator.
///
/// `Display` is one line: `createServer ff80… RUNNING, 1 of 3 sub-jobs done, 42s, next poll in 7s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub(crate) job_id: JobId,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) status: Option<Status>,
    pub(crate) sub_jobs: (u32, u32),
    pub(crate) job: Option<Box<Job>>,
    pub(crate) error: Option<PollError>,
    pub(crate) announced: Announced,
    pub(crate) polls: u32,
    pub(crate) round_trip: Duration,
    pub(crate) elapsed: Duration,
    pub(crate) next_poll: Option<Duration>,
    pub(crate) batch: Option<BatchStats>,
}

/// The state of a wait for many jobs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchStats {
    pub(crate) finished: usize,
    pub(crate) counts: Vec<(Option<Status>, usize)>,
    pub(crate) rate: f64,
}

/// What the progress has said before, and does not say in full again.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Announced {
    /// The status, which may be one that this version does not know.
    pub(crate) status: bool,
    /// That the service does not know the job yet.
    pub(crate) not_found: bool,
}

impl Progress {
    /// The job that is waited for.
    pub const fn job_id(&self) -> &JobId {
        &self.job_id
    }

    /// Where the job is polled: see [`Outcome::endpoint`](crate::Outcome::endpoint).
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The service that is polled.
    pub fn service(&self) -> Service {
        self.endpoint.asked_service()
    }

    /// The job as it was last seen; `None` if it has not been seen. In a wait for many jobs this is the job that this
    /// poll gave, and `None` if the poll failed.
    pub fn job(&self) -> Option<&Job> {
        self.job.as_deref()
    }

    /// The last known status; `None` as long as the job has not been seen.
    pub const fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// How many sub-jobs have ended, and how many there are; zeros if the job has none.
    pub const fn sub_jobs(&self) -> (u32, u32) {
        self.sub_jobs
    }

    /// Why this poll did not give the job; `None` if it did.
    pub const fn error(&self) -> Option<&PollError> {
        self.error.as_ref()
    }

    /// The number of polls for this job.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// How long this poll took.
    pub const fn round_trip(&self) -> Duration {
        self.round_trip
    }

    /// How long this job has been waited for.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The time until the next poll for this job is due; `None` if this was the last one.
    pub const fn next_poll(&self) -> Option<Duration> {
        self.next_poll
    }

    /// The state of all jobs of a [`WaitAll`](crate::WaitAll); `None` in a wait for one job.
    pub const fn batch(&self) -> Option<&BatchStats> {
        self.batch.as_ref()
    }
}

impl BatchStats {
    /// The number of jobs that have ended.
    pub const fn finished(&self) -> usize {
        self.finished
    }

    /// The number of jobs that have not ended.
    pub fn pending(&self) -> usize {
        self.counts.iter().map(|(_, number)| number).sum()
    }

    /// The number of pending jobs for each status; `None` stands for the jobs that have not been seen.
    pub fn counts(&self) -> &[(Option<Status>, usize)] {
        &self.counts
    }

    /// The polls per second that the rate limit allows now, lowered where the service has throttled the client.
    pub const fn rate(&self) -> f64 {
        self.rate
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(job_type) = self.job().and_then(Job::job_type) {
            write!(f, "{} ", single_line(job_type, 80))?;
        }
        write!(f, "{} ", self.job_id)?;
        let unknown = self.error.as_ref().and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
        match (self.job(), &self.status) {
            (Some(job), _) => f.write_str(&single_line(job.status_text(), 40))?,
            (None, Some(status)) => f.write_str(&single_line(status.as_str(), 40))?,
            (None, None) if unknown && self.next_poll.is_some() => {
                f.write_str("not known to the service yet")?;
            }
            (None, None) => f.write_str("not seen yet")?,
        }
        let (done, total) = self.sub_jobs;
        if total > 0 {
            write!(f, ", {done} of {total} sub-jobs done")?;
        }
        if let Some(job) = self.job() {
            let failed = job.sub_jobs().iter().filter(|sub| *sub.status() == Status::Fail).count();
            match failed {
                0 => {}
                _ if *job.status() == Status::Success => {
                    write!(f, ", {failed} of them failed although the job did not")?;
                }
                _ => write!(f, ", {failed} of them failed")?,
            }
            if let Some(percent) = job.progress_percent() {
                write!(f, ", {percent:.0} %")?;
            }
        }
        if let (Some(status @ Status::Unknown(_)), false) = (&self.status, self.announced.status) {
            let note = status.note().map(|note| format!(": {note}")).unwrap_or_default();
            write!(f, " (unrecognized status{note}, still waiting)")?;
        }
        write!(f, ", {}", format_duration(self.elapsed))?;
        let repeated = unknown && self.announced.not_found && self.next_poll.is_some();
        if let Some(error) = self.error.as_ref().filter(|_| !repeated) {
            write!(f, ", {error}")?;
        }
        match self.next_poll {
            Some(delay) => write!(f, ", next poll in {}", format_duration(delay)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::response::Response;
    use crate::poll::PollPolicy;
    use crate::poll::Poller;
    use crate::poll::result::PollResult;
    use crate::poll::tracker::JobTracker;
    use crate::testing;

    fn text(response: &Response, announced: Announced, next: Option<u64>) -> String {
        let mut tracker = JobTracker::new(Poller::new(PollPolicy::new(), Duration::ZERO));
        tracker.handle(PollResult::from(response.clone()), Duration::ZERO);
        let endpoint = Arc::new(testing::endpoint());
        let mut progress = tracker.progress(&JobId::new("ff80").unwrap(), &endpoint, Duration::from_secs(42));
        progress.announced = announced;
        progress.next_poll = next.map(Duration::from_millis);
        progress.to_string()
    }

    #[test]
    fn the_text_is_one_line_of_what_is_known() {
        let again = Announced { status: true, not_found: true };
        let sub_jobs = |parent: &str, first: &str| {
            format!(
                r#"{{"status":"{parent}","job_type":"createServer","entities":{{"sub_jobs_total":3,
                "sub_jobs":[{{"status":"{first}"}},{{"status":"RUNNING"}}]}}}}"#
            )
        };
        let strange = r#"{"status":"PAU\nSED"}"#;
        let unknown = r#"{"error_code":"Common.0011","error_msg":"no such job"}"#;
        for (status, body, announced, next, expected) in [
            (200, r#"{"status":"RUNNING"}"#, again, Some(7000), "ff80 RUNNING, 42s, next poll in 7s"),
            (200, r#"{"status":"SUCCESS"}"#, again, None, "ff80 SUCCESS, 42s"),
            (
                200,
                &sub_jobs("RUNNING", "SUCCESS"),
                again,
                Some(700),
                "createServer ff80 RUNNING, 1 of 3 sub-jobs done, 42s, next poll in 700ms",
            ),
            (
                200,
                &sub_jobs("RUNNING", "FAIL"),
                again,
                None,
                "createServer ff80 RUNNING, 1 of 3 sub-jobs done, 1 of them failed, 42s",
            ),
            (
                200,
                &sub_jobs("SUCCESS", "FAIL"),
                again,
                None,
                "createServer ff80 SUCCESS, 1 of 3 sub-jobs done, 1 of them failed although the job did not, 42s",
            ),
            (
                200,
                strange,
                Announced::default(),
                None,
                "ff80 PAU SED (unrecognized status, still waiting), 42s",
            ),
            (200, strange, again, None, "ff80 PAU SED, 42s"),
            (
                503,
                "",
                again,
                Some(1000),
                "ff80 not seen yet, 42s, HTTP 503: the response has no body, next poll in 1s",
            ),
            (
                400,
                unknown,
                Announced::default(),
                Some(2000),
                "ff80 not known to the service yet, 42s, HTTP 400 Common.0011: no such job, next poll in 2s",
            ),
            (400, unknown, again, Some(2000), "ff80 not known to the service yet, 42s, next poll in 2s"),
            (400, unknown, again, None, "ff80 not seen yet, 42s, HTTP 400 Common.0011: no such job"),
            (
                200,
                r#"{"status":"RUNNING","entities":{"process_percent":0.2}}"#,
                again,
                None,
                "ff80 RUNNING, 20 %, 42s",
            ),
        ] {
            assert_eq!(text(&Response::new(status, body), announced, next), expected);
        }
    }
}
