//! The jobs that have not ended, with what is to be said of them if the wait ends first.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use cloudjob::{AllProgress, Job, JobId, Status};

/// All jobs whose ids have been handed on and that have had no result yet.
#[derive(Debug, Default)]
pub(super) struct OpenJobs {
    jobs: HashMap<JobId, OpenJob>,
    /// All that there have been.
    known: HashSet<JobId>,
    /// How many of them keep their last body.
    kept: usize,
}

/// One of them.
#[derive(Debug)]
pub(super) struct OpenJob {
    pub(super) since: Instant,
    /// As it was last seen.
    pub(super) job: Option<Box<Job>>,
    /// What has been told of it.
    pub(super) told: Told,
    number: usize,
}

/// What was last told of a job, so that only what is new is told again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Told {
    pub(super) status: Option<Status>,
    pub(super) sub_jobs: (u32, u32),
    pub(super) trouble: bool,
}

impl OpenJobs {
    /// Takes an id in; false if it has been there before.
    pub(super) fn add(&mut self, id: &JobId) -> bool {
        if !self.known.insert(id.clone()) {
            return false;
        }
        let open =
            OpenJob { since: Instant::now(), job: None, told: Told::default(), number: self.known.len() };
        self.jobs.insert(id.clone(), open);
        true
    }

    /// Keeps the body of a look for the end.
    pub(super) fn keep(&mut self, progress: &AllProgress<'_>) -> Option<&mut OpenJob> {
        let open = self.jobs.get_mut(progress.job_id())?;
        if let Some(job) = progress.job()
            && (open.job.is_some() || self.kept < MOST_KEPT)
        {
            self.kept += usize::from(open.job.is_none());
            open.job = Some(Box::new(job.clone()));
        }
        Some(open)
    }

    pub(super) fn get(&self, id: &JobId) -> Option<&OpenJob> {
        self.jobs.get(id)
    }

    /// Takes a job out, because its result is there.
    pub(super) fn remove(&mut self, id: &JobId) -> Option<OpenJob> {
        let open = self.jobs.remove(id)?;
        self.kept -= usize::from(open.job.is_some());
        Some(open)
    }

    /// Takes all out that are left, in the order in which they came.
    pub(super) fn drain(&mut self) -> Vec<(JobId, OpenJob)> {
        let mut left: Vec<_> = self.jobs.drain().collect();
        left.sort_by_key(|(_, open)| open.number);
        self.kept = 0;
        left
    }

    /// The one that has been waited for longest.
    pub(super) fn slowest(&self) -> Option<(&JobId, &OpenJob)> {
        self.jobs.iter().min_by_key(|(_, open)| open.number)
    }
}

/// With more jobs than that the bodies would fill the memory; of the others only the status is known at the end.
const MOST_KEPT: usize = 2000;
