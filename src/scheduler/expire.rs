//! How jobs leave the board: by a look, at their deadline, with all of their service, or cancelled.

use std::time::Duration;

use super::{Board, uncount};
use crate::error::poll::Trouble;
use crate::poll::Ending;
use crate::poll::outcome::Outcome;
use crate::poll::result::Look;

impl Board {
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
            // A look in flight has the deadline as its own bound: it will end the job.
            if entry.in_flight && now < deadline.saturating_add(BOUND_HOLDS) {
                break;
            }
            let ending = entry.poller.too_late();
            self.deadlines.pop_front();
            ended.extend(self.end(place.slot, Some(ending), None, now));
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
        lane: u16,
        ending: Ending,
        trouble: Option<&Trouble>,
        now: Duration,
    ) -> Vec<Outcome> {
        let slots: Vec<u32> = (0u32..)
            .zip(&self.entries)
            .filter(|(_, entry)| entry.as_ref().is_some_and(|entry| entry.lane == lane))
            .map(|(slot, _)| slot)
            .collect();
        let mut ended = Vec::new();
        for slot in slots {
            if let (Some(Some(entry)), Some(trouble)) = (self.entries.get_mut(slot as usize), trouble) {
                entry.trouble = Some(Box::new(trouble.clone()));
            }
            ended.extend(self.end(slot, Some(ending), None, now));
        }
        ended
    }

    pub(super) fn end(
        &mut self,
        slot: u32,
        ending: Option<Ending>,
        look: Option<Look>,
        now: Duration,
    ) -> Option<Outcome> {
        let entry = self.entries.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        self.open -= 1;
        uncount(&mut self.counts, entry.status());
        Some(entry.conclude(ending, look, now))
    }
}

/// How long after the deadline a look that should have ended by then is waited for.
const BOUND_HOLDS: Duration = Duration::from_secs(1);
