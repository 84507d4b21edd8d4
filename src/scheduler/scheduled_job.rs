//! One of many jobs, in as little memory as possible.

use std::time::Duration;

use super::PollTask;
use super::queue::{Nanos, Slot};
use crate::job::id::JobId;
use crate::poll::Poller;
use crate::poll::tracker::JobTracker;

/// What is kept of a job that has not ended. Its tracker is made for its first poll: most of the jobs of a large batch
/// wait for that.
#[derive(Debug)]
pub(super) struct ScheduledJob {
    pub(super) id: JobId,
    started: Nanos,
    /// When its poll in the queue is due: other entries there are outdated.
    pub(super) due: Nanos,
    tracker: Option<Box<JobTracker>>,
    pub(super) generation: u32,
    pub(super) service: u16,
    pub(super) in_flight: bool,
    /// Among its siblings.
    pub(super) has_siblings: bool,
    /// Its poll has been brought forward because a sibling has ended.
    pub(super) is_probe: bool,
}

impl ScheduledJob {
    pub(super) fn new(id: JobId, service: u16, generation: u32, now: Duration) -> Self {
        Self {
            id,
            started: now.into(),
            due: now.into(),
            tracker: None,
            generation,
            service,
            in_flight: false,
            has_siblings: false,
            is_probe: false,
        }
    }

    /// A poll for this job, which is now in flight.
    pub(super) fn start_poll(&mut self, index: u32, timeout: Duration) -> PollTask {
        self.in_flight = true;
        PollTask {
            slot: Slot { index, generation: self.generation },
            service: self.service,
            id: self.id.clone(),
            timeout,
        }
    }

    pub(super) fn started(&self) -> Duration {
        self.started.into()
    }

    /// `None` before the first poll.
    pub(super) fn tracker(&self) -> Option<&JobTracker> {
        self.tracker.as_deref()
    }

    pub(super) fn tracker_or_new(&mut self, poller: impl FnOnce(Duration) -> Poller) -> &mut JobTracker {
        let started = self.started();
        self.tracker.get_or_insert_with(|| Box::new(JobTracker::new(poller(started))))
    }

    pub(super) fn tracker_mut(&mut self) -> Option<&mut JobTracker> {
        self.tracker.as_deref_mut()
    }

    pub(super) fn into_tracker(self) -> (JobId, Option<Box<JobTracker>>) {
        (self.id, self.tracker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_takes_little_memory_before_its_first_poll_and_not_much_after_it() {
        assert!(size_of::<Option<ScheduledJob>>() <= 56, "{} bytes", size_of::<Option<ScheduledJob>>());
        assert!(size_of::<JobTracker>() <= 400, "{} bytes", size_of::<JobTracker>());
    }
}
