//! One of many jobs, in as little memory as possible.

use std::time::Duration;

use super::PollTask;
use super::queue::Slot;
use crate::job::id::JobId;
use crate::poll::tracker::JobTracker;

/// What is kept of a job that has not ended.
#[derive(Debug)]
pub(super) struct ScheduledJob {
    pub(super) id: JobId,
    pub(super) service: u16,
    pub(super) generation: u32,
    pub(super) in_flight: bool,
    pub(super) tracker: JobTracker,
}

impl ScheduledJob {
    pub(super) const fn new(id: JobId, service: u16, generation: u32, tracker: JobTracker) -> Self {
        Self { id, service, generation, in_flight: false, tracker }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_job_takes_at_most_400_bytes() {
        assert!(size_of::<ScheduledJob>() <= 400, "{} bytes", size_of::<ScheduledJob>());
    }
}
