//! What a wait for many jobs tells after each look.

use std::time::Duration;

use crate::error::poll::Trouble;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::scheduler::Brief;

/// One look at one of many jobs, and how the wait stands.
#[derive(Clone, Copy, Debug)]
pub struct AllProgress<'a>(&'a Note);

/// The same, as it goes from the thread that looked to the one that iterates.
#[derive(Debug)]
pub(super) struct Note {
    job_id: JobId,
    status: Option<Status>,
    sub_jobs: (u32, u32),
    looks: u32,
    elapsed: Duration,
    next_look: Option<Duration>,
    job: Option<Job>,
    trouble: Option<Trouble>,
    took: Duration,
    open: usize,
    ended: usize,
    counts: Vec<(Option<Status>, usize)>,
    rate: f64,
}

/// What of a look is kept to be told, after the look itself has been handed on.
#[derive(Debug)]
pub(super) struct Glance {
    pub(super) job: Option<Job>,
    pub(super) trouble: Option<Trouble>,
    pub(super) took: Duration,
}

impl Note {
    pub(super) fn new(brief: &Brief<'_>, now: Duration, seen: Glance) -> Self {
        Self {
            job_id: brief.id.clone(),
            status: brief.status.cloned(),
            sub_jobs: brief.sub_jobs,
            looks: brief.looks,
            elapsed: now.saturating_sub(brief.since),
            next_look: Some(brief.next_look.saturating_sub(now)),
            job: seen.job,
            trouble: seen.trouble,
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
    /// The job that was looked at. A job that ended by this look is not told here: it comes out of the iterator.
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

    /// The whole job as this look gave it; `None` if it stands as at the look before, or if a trouble came instead.
    pub const fn job(&self) -> Option<&'a Job> {
        self.0.job.as_ref()
    }

    /// What stood in the way of this look; `None` if it gave the job.
    pub const fn trouble(&self) -> Option<&'a Trouble> {
        self.0.trouble.as_ref()
    }

    /// How many looks have been made at this job.
    pub const fn looks(&self) -> u32 {
        self.0.looks
    }

    /// How long this look took.
    pub const fn took(&self) -> Duration {
        self.0.took
    }

    /// How long this job has been waited for.
    pub const fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long it is until the next look at this job is due; `None` if there is none to come.
    pub const fn next_look(&self) -> Option<Duration> {
        self.0.next_look
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

    /// How many looks a second are allowed at this moment, after what the service said.
    pub const fn rate(&self) -> f64 {
        self.0.rate
    }
}
