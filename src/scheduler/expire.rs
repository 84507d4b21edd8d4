//! How jobs leave the board: by a poll, at their deadline, with all of their service, or cancelled.

use std::time::Duration;

use super::{Scheduler, uncount};
use crate::error::poll::PollError;
use crate::poll::WaitEnd;
use crate::poll::outcome::Outcome;
use crate::poll::result::PollResult;

impl Scheduler {
    /// The jobs whose deadline has come.
    pub(crate) fn expire(&mut self, now: Duration) -> Vec<Outcome> {
        let mut ended = Vec::new();
        while let Some(&(deadline, place)) = self.deadlines.front() {
            let Some(entry) = self.entry(place) else {
                self.deadlines.pop_front();
                continue;
            };
            if deadline > now {
                break;
            }
            // A poll in flight has the deadline as its own bound: it will end the job.
            if entry.in_flight && now < deadline.saturating_add(BOUND_HOLDS) {
                break;
            }
            let wait_end = entry.poller.deadline_end();
            self.deadlines.pop_front();
            ended.extend(self.end(place.slot, Some(wait_end), None, now));
        }
        ended
    }

    /// Ends all jobs that are open: cancelled.
    pub(crate) fn cancel(&mut self, now: Duration) -> Vec<Outcome> {
        let slots = 0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        slots.filter_map(|slot| self.end(slot, None, None, now)).collect()
    }

    pub(super) fn end_lane(
        &mut self,
        service: u16,
        wait_end: WaitEnd,
        error: Option<&PollError>,
        now: Duration,
    ) -> Vec<Outcome> {
        let slots: Vec<u32> = (0u32..)
            .zip(&self.entries)
            .filter(|(_, entry)| entry.as_ref().is_some_and(|entry| entry.service == service))
            .map(|(slot, _)| slot)
            .collect();
        let mut ended = Vec::new();
        for slot in slots {
            if let (Some(Some(entry)), Some(error)) = (self.entries.get_mut(slot as usize), error) {
                entry.error = Some(Box::new(error.clone()));
            }
            ended.extend(self.end(slot, Some(wait_end), None, now));
        }
        ended
    }

    pub(super) fn end(
        &mut self,
        slot: u32,
        wait_end: Option<WaitEnd>,
        polled: Option<PollResult>,
        now: Duration,
    ) -> Option<Outcome> {
        let entry = self.entries.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        self.open -= 1;
        uncount(&mut self.counts, entry.status());
        Some(entry.conclude(wait_end, polled, now))
    }
}

/// How long after the deadline a poll that should have ended by then is waited for.
const BOUND_HOLDS: Duration = Duration::from_secs(1);
