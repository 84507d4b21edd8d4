//! How jobs leave the scheduler other than by a poll: at their deadline, with all jobs of their service, or cancelled.

use std::sync::Arc;
use std::time::Duration;

use super::scheduled_job::ScheduledJob;
use super::{Scheduler, decrement};
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::poll::outcome::Outcome;
use crate::poll::result::PollResult;
use crate::poll::tracker::JobTracker;
use crate::poll::{MIN_TIME_LEFT, WaitEnd};

impl Scheduler {
    /// Ends the jobs whose deadline has come.
    pub(crate) fn expire(&mut self, now: Duration) -> Vec<Outcome> {
        let mut ended = Vec::new();
        while let Some(&slot) = self.overdue.front() {
            let Some(job) = self.job(slot) else {
                self.overdue.pop_front();
                continue;
            };
            if now < self.deadline(job).saturating_add(IN_FLIGHT_GRACE) {
                break;
            }
            self.overdue.pop_front();
            ended.extend(self.end_hanging_poll(slot.index, now));
        }
        while let Some(&slot) = self.deadlines.front() {
            let Some(job) = self.job(slot) else {
                self.deadlines.pop_front();
                continue;
            };
            if self.deadline(job) > now || self.owes_first_poll(job, now) {
                break;
            }
            let in_flight = job.in_flight;
            self.deadlines.pop_front();
            if in_flight {
                // The poll is bounded by the deadline itself: it will end the job.
                self.overdue.push_back(slot);
            } else {
                ended.extend(self.end_at_deadline(slot.index, now));
            }
        }
        ended
    }

    /// A single job is polled once, however short its timeout is. It takes a thread a moment to begin that.
    fn owes_first_poll(&self, job: &ScheduledJob, now: Duration) -> bool {
        let is_lone = self.jobs.len() == 1;
        is_lone
            && job.tracker().is_none()
            && !job.in_flight
            && now < job.started().saturating_add(MIN_TIME_LEFT)
    }

    fn end_at_deadline(&mut self, index: u32, now: Duration) -> Option<Outcome> {
        let tracker = self.jobs.get(index as usize)?.as_ref()?.tracker();
        let timed_out = WaitEnd::TimedOut { retry_after: None };
        let wait_end = tracker.map_or(timed_out, |tracker| tracker.poller.deadline_end());
        self.end(index, Some(wait_end), now)
    }

    /// A poll that should have ended by the deadline counts as one without a response.
    fn end_hanging_poll(&mut self, index: u32, now: Duration) -> Option<Outcome> {
        let policy = &self.policy;
        let seed = self.seed;
        let job = self.jobs.get_mut(index as usize)?.as_mut()?;
        let tracker = job.tracker_or_new(|started| super::Poller::sharing(policy.clone(), started, seed));
        let message = "no complete response by the deadline";
        let error = TransportError::new(TransportErrorKind::Timeout, message);
        tracker.handle(PollResult::from(error), now);
        self.end_at_deadline(index, now)
    }

    /// Ends the jobs of a service that cannot be polled any more, because the service has asked for a pause until a
    /// moment after their deadline.
    pub(crate) fn end_paused(
        &mut self,
        service: u16,
        until: Duration,
        error: Option<&PollError>,
        now: Duration,
    ) -> Vec<Outcome> {
        let wait_end = WaitEnd::TimedOut { retry_after: Some(until.saturating_sub(now)) };
        let unreachable =
            |scheduler: &Self, slot| scheduler.job(slot).is_none_or(|job| scheduler.deadline(job) < until);
        let count = self.deadlines.iter().take_while(|slot| unreachable(self, **slot)).count();
        let slots: Vec<_> = self.deadlines.drain(..count).collect();
        let mut ended = Vec::new();
        for slot in slots.into_iter().rev() {
            match self.job(slot) {
                None => {}
                Some(job) if job.service == service && !job.in_flight => {
                    ended.extend(self.end_with(slot.index, Some(wait_end), error, now));
                }
                Some(_) => self.deadlines.push_front(slot),
            }
        }
        ended.reverse();
        ended
    }

    /// Ends all jobs: cancelled.
    pub(crate) fn cancel(&mut self, now: Duration) -> Vec<Outcome> {
        let indices = 0..u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        indices.filter_map(|index| self.end(index, None, now)).collect()
    }

    /// Ends all jobs, because none of them can be polled.
    pub(crate) fn fail(&mut self, error: &PollError, now: Duration) -> Vec<Outcome> {
        let indices = 0..u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        indices.filter_map(|index| self.end_with(index, Some(WaitEnd::NoAnswer), Some(error), now)).collect()
    }

    /// Ends all jobs of a service, for the same reason.
    pub(super) fn end_service(
        &mut self,
        service: u16,
        wait_end: WaitEnd,
        error: Option<&PollError>,
        now: Duration,
    ) -> Vec<Outcome> {
        let indices = 0..u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        let of_service: Vec<u32> = indices
            .filter(|index| self.jobs[*index as usize].as_ref().is_some_and(|job| job.service == service))
            .collect();
        of_service.into_iter().filter_map(|index| self.end_with(index, Some(wait_end), error, now)).collect()
    }

    pub(super) fn end(&mut self, index: u32, wait_end: Option<WaitEnd>, now: Duration) -> Option<Outcome> {
        self.end_with(index, wait_end, None, now)
    }

    /// Ends a job, because of this error or of its own last one.
    fn end_with(
        &mut self,
        index: u32,
        wait_end: Option<WaitEnd>,
        error: Option<&PollError>,
        now: Duration,
    ) -> Option<Outcome> {
        let job = self.jobs.get_mut(index as usize)?.take()?;
        self.free.push(index);
        self.pending -= 1;
        while self.deadlines.front().is_some_and(|slot| self.job(*slot).is_none()) {
            self.deadlines.pop_front();
        }
        let endpoint = Arc::clone(&self.services.get(usize::from(job.service))?.endpoint);
        let waited = now.saturating_sub(job.started());
        let (id, tracker) = job.into_tracker();
        decrement(&mut self.counts, tracker.as_ref().and_then(|tracker| tracker.status()));
        let Some(mut tracker) = tracker else {
            return Some(JobTracker::outcome_without_poll(id, endpoint, wait_end, error.cloned(), waited));
        };
        if let Some(error) = error {
            tracker.set_last_error(error);
        }
        Some(tracker.conclude(id, endpoint, wait_end, now))
    }
}

/// How long after the deadline a poll in flight, which should have ended by then, is waited for.
pub(super) const IN_FLIGHT_GRACE: Duration = Duration::from_secs(1);
