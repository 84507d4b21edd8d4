//! Jobs of one type, which often end together: when one has ended, another one is polled at once.
//!
//! A job that ends brings the next poll of one of its siblings forward. If that has ended too, two more follow, and so
//! on; if it has not, nothing happens until the next job ends. So jobs that were started together and end together are
//! all noticed soon after the first of them, and for others it costs less than a poll for each job.

use std::collections::VecDeque;
use std::time::Duration;

use super::Scheduler;
use super::queue::Slot;

/// The pending jobs of a service by their type.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    by_type: Vec<(Box<str>, VecDeque<Slot>)>,
}

impl Siblings {
    /// Adds a job; false if there are too many types.
    pub(super) fn add(&mut self, job_type: &str, slot: Slot) -> bool {
        if let Some((_, slots)) = self.by_type.iter_mut().find(|(known, _)| **known == *job_type) {
            slots.push_back(slot);
        } else if self.by_type.len() < MAX_TYPES {
            self.by_type.push((job_type.into(), VecDeque::from([slot])));
        } else {
            return false;
        }
        true
    }

    fn of_type(&mut self, job_type: &str) -> Option<&mut VecDeque<Slot>> {
        self.by_type.iter_mut().find(|(known, _)| **known == *job_type).map(|(_, slots)| slots)
    }
}

impl Scheduler {
    /// Brings the next polls of so many siblings forward to now.
    pub(super) fn probe_siblings(&mut self, service: u16, job_type: &str, count: usize, now: Duration) {
        let shortest = self.policy.backoff.shortest();
        let Some(queue) = self.services.get_mut(usize::from(service)) else { return };
        let Some(slots) = queue.siblings.of_type(job_type) else { return };
        let mut probes = 0;
        // A few candidates have to do: most of them can be polled, or else the batch is small.
        for _ in 0..slots.len().min(MAX_CANDIDATES) {
            let Some(slot) = slots.pop_front() else { return };
            let job = self.jobs.get_mut(slot.index as usize).and_then(Option::as_mut);
            let Some(job) = job.filter(|job| job.generation == slot.generation) else { continue };
            slots.push_back(slot);
            let waits = job.tracker().is_some_and(|tracker| tracker.can_be_polled_early(now));
            if job.in_flight || job.is_probe || !waits {
                continue;
            }
            (job.is_probe, job.due) = (true, now.into());
            queue.queue.push(slot, now, now, shortest);
            probes += 1;
            if probes == count {
                return;
            }
        }
    }
}

/// More types than that are not jobs of one batch.
const MAX_TYPES: usize = 64;

const MAX_CANDIDATES: usize = 32;
