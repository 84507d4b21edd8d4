//! How jobs leave the scheduler: by a poll, at their deadline, with all jobs of their service, or cancelled.

use std::time::Duration;

use super::{Scheduler, decrement};
use crate::error::poll::PollError;
use crate::poll::WaitEnd;
use crate::poll::outcome::Outcome;

impl Scheduler {
    /// Ends the jobs whose deadline has come.
    pub(crate) fn expire(&mut self, now: Duration) -> Vec<Outcome> {
        let mut ended = Vec::new();
        while let Some(&(deadline, slot)) = self.deadlines.front() {
            let Some(job) = self.job(slot) else {
                self.deadlines.pop_front();
                continue;
            };
            if deadline > now {
                break;
            }
            // A poll in flight is bounded by the deadline itself: it will end the job.
            if job.in_flight && now < deadline.saturating_add(IN_FLIGHT_GRACE) {
                break;
            }
            let wait_end = job.tracker.poller.deadline_end();
            self.deadlines.pop_front();
            ended.extend(self.end(slot.index, Some(wait_end), now));
        }
        ended
    }

    /// Ends all jobs: cancelled.
    pub(crate) fn cancel(&mut self, now: Duration) -> Vec<Outcome> {
        let indices = 0..u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        indices.filter_map(|index| self.end(index, None, now)).collect()
    }

    /// Ends all jobs of a service, for the same reason.
    pub(super) fn end_service(
        &mut self,
        service: u16,
        wait_end: WaitEnd,
        error: Option<&PollError>,
        now: Duration,
    ) -> Vec<Outcome> {
        let mut ended = Vec::new();
        for index in 0..u32::try_from(self.jobs.len()).unwrap_or(u32::MAX) {
            let Some(Some(job)) = self.jobs.get_mut(index as usize) else { continue };
            if job.service != service {
                continue;
            }
            if let Some(error) = error {
                job.tracker.set_last_error(error);
            }
            ended.extend(self.end(index, Some(wait_end), now));
        }
        ended
    }

    pub(super) fn end(&mut self, index: u32, wait_end: Option<WaitEnd>, now: Duration) -> Option<Outcome> {
        let job = self.jobs.get_mut(index as usize)?.take()?;
        self.free.push(index);
        self.pending -= 1;
        decrement(&mut self.counts, job.tracker.status());
        Some(job.tracker.conclude(job.id, wait_end, now))
    }
}

/// How long after the deadline a poll in flight, which should have ended by then, is waited for.
const IN_FLIGHT_GRACE: Duration = Duration::from_secs(1);
