//! The jobs that have not ended, with what is reported about them if the wait ends first.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

use crate::endpoint::service::Service;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::poll::progress::Progress;

use crate::cli::input::target::Target;

/// All jobs that are waited for and have not ended.
#[derive(Debug, Default)]
pub(crate) struct TrackedJobs {
    /// The service of ids without a prefix.
    pub(crate) default_service: Service,
    jobs: HashMap<Target, TrackedJob>,
    /// All that there have been, by two hashes each: endless input must not fill the memory with ids.
    known: HashSet<(u64, u64)>,
    hashers: (RandomState, RandomState),
    /// How many of them keep their last body.
    kept: usize,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct TrackedJob {
    pub(crate) since: Instant,
    /// As it was last seen.
    pub(crate) job: Option<Box<Job>>,
    pub(crate) polls: u32,
    /// Why the last poll failed, if it did.
    pub(crate) error: Option<Box<PollError>>,
    /// What was last printed about it. Nothing takes no room: there can be very many jobs that were not polled yet.
    printed: Option<Box<Printed>>,
    number: u32,
}

impl TrackedJob {
    /// What was last printed about it.
    pub(crate) fn printed(&self) -> &Printed {
        self.printed.as_deref().unwrap_or(&Printed::NOTHING)
    }

    pub(crate) fn set_printed(&mut self, printed: Printed) {
        self.printed = Some(Box::new(printed));
    }
}

/// What was last printed about a job, so that only changes are printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Printed {
    pub(crate) status: Option<Status>,
    pub(crate) sub_jobs: (u32, u32),
    pub(crate) error: bool,
}

impl Printed {
    const NOTHING: Self = Self { status: None, sub_jobs: (0, 0), error: false };
}

impl TrackedJobs {
    /// The job with this id.
    pub(crate) fn target(&self, service: Service, id: &JobId) -> Target {
        Target { service: Some(service), id: id.clone() }.normalized(self.default_service)
    }

    /// Takes a job in; false if it has been there before.
    pub(crate) fn add(&mut self, id: &Target) -> bool {
        if !self.known.insert((self.hashers.0.hash_one(id), self.hashers.1.hash_one(id))) {
            return false;
        }
        let open = TrackedJob {
            since: Instant::now(),
            job: None,
            polls: 0,
            error: None,
            printed: None,
            number: u32::try_from(self.known.len()).unwrap_or(u32::MAX),
        };
        self.jobs.insert(id.clone(), open);
        true
    }

    /// Keeps the body of a poll for the end.
    pub(crate) fn keep(&mut self, id: &Target, progress: &Progress) -> Option<&mut TrackedJob> {
        let open = self.jobs.get_mut(id)?;
        open.polls = progress.polls();
        open.error = progress.error().cloned().map(Box::new);
        if let Some(job) = progress.job()
            && (open.job.is_some() || self.kept < MOST_KEPT)
        {
            self.kept += usize::from(open.job.is_none());
            open.job = Some(Box::new(job.clone()));
        }
        Some(open)
    }

    /// As if this status had been printed.
    #[cfg(test)]
    pub(crate) fn set_status(&mut self, id: &Target, status: Status) {
        self.jobs.get_mut(id).unwrap().set_printed(Printed { status: Some(status), ..Printed::NOTHING });
    }

    pub(crate) fn get(&self, id: &Target) -> Option<&TrackedJob> {
        self.jobs.get(id)
    }

    /// Takes a job out, because its result is there.
    pub(crate) fn remove(&mut self, id: &Target) -> Option<TrackedJob> {
        let open = self.jobs.remove(id)?;
        self.kept -= usize::from(open.job.is_some());
        Some(open)
    }

    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// All of them, in the order in which they came.
    pub(crate) fn in_order(&self) -> Vec<(&Target, &TrackedJob)> {
        let mut jobs: Vec<_> = self.jobs.iter().collect();
        jobs.sort_by_key(|(_, open)| open.number);
        jobs
    }

    /// How many there are of each status; `None` are those that have not been seen.
    pub(crate) fn statuses(&self) -> Vec<(Option<&Status>, usize)> {
        let mut counts: Vec<(Option<&Status>, usize)> = Vec::new();
        for status in self.jobs.values().map(|open| open.printed().status.as_ref()) {
            match counts.iter_mut().find(|(known, _)| *known == status) {
                Some((_, count)) => *count += 1,
                None => counts.push((status, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    /// All that are left, in the order in which they came.
    pub(crate) fn ids(&self) -> impl Iterator<Item = Target> + use<> {
        let mut ids: Vec<_> = self.jobs.iter().map(|(id, open)| (open.number, id.clone())).collect();
        ids.sort_unstable_by_key(|(number, _)| *number);
        ids.into_iter().map(|(_, id)| id)
    }

    /// The one that has been waited for longest.
    pub(crate) fn slowest(&self) -> Option<(&Target, &TrackedJob)> {
        self.jobs.iter().min_by_key(|(_, open)| open.number)
    }
}

/// With more jobs than that the bodies would fill the memory; of the others only the status is known at the end.
const MOST_KEPT: usize = 2000;
