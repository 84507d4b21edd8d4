//! What a wait tells while it goes on.

use std::fmt;
use std::time::Duration;

use crate::job::Job;
use crate::job_id::JobId;
use crate::span::span;
use crate::status::Status;
use crate::trouble::Trouble;

/// The state of a wait after a look, before the sleep.
///
/// `Display` is one line: `createServer ff80… RUNNING, 1 of 3 sub-jobs done, 42s, next look in 7.0s`.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub(crate) job_id: &'a JobId,
    pub(crate) job: Option<&'a Job>,
    pub(crate) trouble: Option<&'a Trouble>,
    pub(crate) looks: u32,
    pub(crate) elapsed: Duration,
    pub(crate) next_look: Option<Duration>,
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

    /// What stood in the way of this look; `None` if it gave the job.
    pub const fn trouble(&self) -> Option<&'a Trouble> {
        self.trouble
    }

    /// How many looks have been made.
    pub const fn looks(&self) -> u32 {
        self.looks
    }

    /// How long has been waited so far.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How long it is until the next look; `None` if this was the last one.
    pub const fn next_look(&self) -> Option<Duration> {
        self.next_look
    }
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(job_type) = self.job.and_then(Job::job_type) {
            write!(f, "{job_type} ")?;
        }
        write!(f, "{} ", self.job_id)?;
        match self.job {
            Some(job) => f.write_str(job.status_text())?,
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
        if let Some(Status::Unknown(word)) = self.status() {
            write!(f, " (`{word}` is no status this version knows; waiting on)")?;
        }
        write!(f, ", {}", span(self.elapsed))?;
        if let Some(trouble) = self.trouble {
            write!(f, ", {trouble}")?;
        }
        match self.next_look {
            Some(delay) => write!(f, ", next look in {}", span(delay)),
            None => Ok(()),
        }
    }
}
