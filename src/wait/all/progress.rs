//! What a wait for many jobs tells after each poll.

use std::time::Duration;

use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::scheduler::JobSummary;

/// One poll at one of many jobs, and how the wait stands.
#[derive(Clone, Copy, Debug)]
pub struct AllProgress<'a>(&'a ProgressSnapshot);

/// The same, as it goes from the thread that looked to the one that iterates.
#[derive(Debug)]
pub(super) struct ProgressSnapshot {
    job_id: JobId,
    status: Option<Status>,
    sub_jobs: (u32, u32),
    polls: u32,
    elapsed: Duration,
    next_poll: Option<Duration>,
    job: Option<Job>,
    error: Option<PollError>,
    took: Duration,
    open: usize,
    ended: usize,
    counts: Vec<(Option<Status>, usize)>,
    rate: f64,
}

/// What of a poll is kept to be told, after the poll itself has been handed on.
#[derive(Debug)]
pub(super) struct PollSummary {
    pub(super) job: Option<Job>,
    pub(super) error: Option<PollError>,
    pub(super) took: Duration,
}

impl ProgressSnapshot {
    pub(super) fn new(brief: &JobSummary<'_>, now: Duration, seen: PollSummary) -> Self {
        Self {
            job_id: brief.id.clone(),
            status: brief.status.cloned(),
            sub_jobs: brief.sub_jobs,
            polls: brief.polls,
            elapsed: now.saturating_sub(brief.since),
            next_poll: Some(brief.next_poll.saturating_sub(now)),
            job: seen.job,
            error: seen.error,
            took: seen.took,
            open: 0,
            ended: 0,
            counts: Vec::new(),
            rate: 0.0,
        }
    }

    pub(super) fn among(mut self, ended: usize, counts: &[(Option<Status>, usize)], rate: f64) -> Self {
        self.open = counts.iter().map(|(_, number)| number).sum();
        self.counts = counts.to_vec();
        (self.ended, self.rate) = (ended, rate);
        self
    }

    pub(super) fn tell(&self, call: &mut dyn FnMut(&AllProgress<'_>)) {
        call(&AllProgress(self));
    }
}

impl<'a> AllProgress<'a> {
    /// The job that was looked at. A job that ended by this poll is not told here: it comes out of the iterator.
    pub const fn job_id(&self) -> &'a JobId {
        &self.0.job_id
    }

    /// Its status; `None` as long as it has not been seen.
    pub const fn status(&self) -> Option<&'a Status> {
        self.0.status.as_ref()
    }

    /// How many of its sub-jobs have ended, and how many there are; zeros if it has none.
    pub const fn sub_jobs(&self) -> (u32, u32) {
        self.0.sub_jobs
    }

    /// The whole job as this poll gave it; `None` if it stands as at the poll before, or if an error came instead.
    pub const fn job(&self) -> Option<&'a Job> {
        self.0.job.as_ref()
    }

    /// What stood in the way of this poll; `None` if it gave the job.
    pub const fn error(&self) -> Option<&'a PollError> {
        self.0.error.as_ref()
    }

    /// How many polls have been made at this job.
    pub const fn polls(&self) -> u32 {
        self.0.polls
    }

    /// How long this poll took.
    pub const fn took(&self) -> Duration {
        self.0.took
    }

    /// How long this job has been waited for.
    pub const fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long it is until the next poll at this job is due; `None` if there is none to come.
    pub const fn next_poll(&self) -> Option<Duration> {
        self.0.next_poll
    }

    /// How many jobs have not ended.
    pub const fn open(&self) -> usize {
        self.0.open
    }

    /// How many jobs have ended.
    pub const fn ended(&self) -> usize {
        self.0.ended
    }

    /// How many open jobs there are of each status; `None` are those that have not been seen.
    pub fn counts(&self) -> &'a [(Option<Status>, usize)] {
        &self.0.counts
    }

    /// How many polls per second are allowed at this moment, after what the service said.
    pub const fn rate(&self) -> f64 {
        self.0.rate
    }
}
