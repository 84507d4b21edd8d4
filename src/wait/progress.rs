//! What a wait tells while it goes on.

use std::fmt;
use std::time::Duration;

use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::util::duration::format_duration;
use crate::util::sanitize::single_line;

/// The state of a wait after a poll, before the sleep.
///
/// `Display` is one line: `createServer ff80… RUNNING, 1 of 3 sub-jobs done, 42s, next polled in 7s`.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub(crate) job_id: &'a JobId,
    pub(crate) job: Option<&'a Job>,
    pub(crate) error: Option<&'a PollError>,
    pub(crate) told: Told,
    pub(crate) polls: u32,
    pub(crate) elapsed: Duration,
    pub(crate) next_poll: Option<Duration>,
}

/// What has been told before, and is not told in full again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    /// The status, which may be one that this version does not know.
    pub(crate) status: bool,
    /// That the service does not know the job yet.
    pub(crate) not_found: bool,
}

impl<'a> Progress<'a> {
    /// The job that is waited for.
    pub const fn job_id(&self) -> &'a JobId {
        self.job_id
    }

    /// The job as it was last seen; `None` as long as it has not been.
    pub const fn job(&self) -> Option<&'a Job> {
        self.job
    }

    /// The last known status.
    pub fn status(&self) -> Option<&'a Status> {
        self.job.map(Job::status)
    }

    /// What stood in the way of this poll; `None` if it gave the job.
    pub const fn error(&self) -> Option<&'a PollError> {
        self.error
    }

    /// How many polls have been made.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// How long has been waited so far.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How long it is until the next poll; `None` if this was the last one.
    pub const fn next_poll(&self) -> Option<Duration> {
        self.next_poll
    }
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(job_type) = self.job.and_then(Job::job_type) {
            write!(f, "{} ", single_line(job_type, 80))?;
        }
        write!(f, "{} ", self.job_id)?;
        let unknown = self.error.and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
        match self.job {
            Some(job) => f.write_str(&single_line(job.status_text(), 40))?,
            None if unknown && self.next_poll.is_some() => f.write_str("not known to the service yet")?,
            None => f.write_str("not seen yet")?,
        }
        if let Some(job) = self.job.filter(|job| !job.sub_jobs().is_empty()) {
            let known = u64::try_from(job.sub_jobs().len()).unwrap_or(u64::MAX);
            let total = job.sub_jobs_total().unwrap_or(known).max(known);
            write!(f, ", {} of {total} sub-jobs done", job.sub_jobs_done())?;
            let failed = job.sub_jobs().iter().filter(|sub| *sub.status() == Status::Fail).count();
            match failed {
                0 => {}
                _ if *job.status() == Status::Success => {
                    write!(f, ", {failed} of them failed although the job did not")?;
                }
                _ => write!(f, ", {failed} of them failed")?,
            }
        }
        if let Some(percent) = self.job.and_then(|job| job.entities().process_percent()) {
            write!(f, ", {:.0} %", if percent <= 1.0 { percent * 100.0 } else { percent })?;
        }
        if let (Some(Status::Unknown(_)), false) = (self.status(), self.told.status) {
            f.write_str(" (a status that this version does not know; waiting on)")?;
        }
        write!(f, ", {}", format_duration(self.elapsed))?;
        if let Some(error) =
            self.error.filter(|_| !(unknown && self.told.not_found && self.next_poll.is_some()))
        {
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
    use crate::poll::result::PollResult;

    fn text(answer: &Response, told: Told, next: Option<u64>) -> String {
        let polled = PollResult::from(answer.clone());
        let progress = Progress {
            job_id: &JobId::new("ff80").unwrap(),
            job: polled.job(),
            error: polled.error(),
            told,
            polls: 3,
            elapsed: Duration::from_secs(42),
            next_poll: next.map(Duration::from_millis),
        };
        progress.to_string()
    }

    #[test]
    fn it_is_one_line_of_what_is_known() {
        let again = Told { status: true, not_found: true };
        let sub_jobs = |parent: &str, first: &str| {
            format!(
                r#"{{"status":"{parent}","job_type":"createServer","entities":{{"sub_jobs_total":3,
                "sub_jobs":[{{"status":"{first}"}},{{"status":"RUNNING"}}]}}}}"#
            )
        };
        let strange = r#"{"status":"PAU\nSED"}"#;
        let unknown = r#"{"error_code":"Common.0011","error_msg":"no such job"}"#;
        for (status, body, told, next, expected) in [
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
                Told::default(),
                None,
                "ff80 PAU SED (a status that this version does not know; waiting on), 42s",
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
                Told::default(),
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
            assert_eq!(text(&Response::new(status, body), told, next), expected);
        }
    }
}
