//! Many jobs under one budget: which one is looked at next. Pure, as the poller is.
//!
//! When the jobs want more polls than the budget gives, the poll that matters most comes first: the one whose delay
//! is most overdue relative to itself. So all delays stretch alike, and none starves. The last polls of jobs with
//! one deadline are spread before it, so that each finds room.

mod expire;
mod queue;
pub(crate) mod rate_limiter;
mod scheduled_job;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::scheduled_job::JobSummary;

use self::queue::{Queue, Slot};
use self::scheduled_job::ScheduledJob;
use crate::error::poll::PollError;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::poll::failure_budget::FirstContact;
use crate::poll::outcome::Outcome;
use crate::poll::result::{PollResult, Polled};
use crate::poll::{Decision, PollPolicy, Poller, WaitEnd};
use crate::util::rng;

/// All jobs of one wait.
#[derive(Debug)]
pub(crate) struct Scheduler {
    policy: Arc<PollPolicy>,
    services: Vec<ServiceQueue>,
    entries: Vec<Option<ScheduledJob>>,
    free: Vec<u32>,
    known: HashSet<(u16, JobId)>,
    /// Deadlines in the order in which they come: all jobs have the same timeout.
    deadlines: VecDeque<(Duration, Slot)>,
    serial: u32,
    open: usize,
    counts: Vec<(Option<Status>, usize)>,
    seed: u64,
}

/// The jobs of one service.
#[derive(Debug, Default)]
struct ServiceQueue {
    queue: Queue,
    contact: FirstContact,
    /// The first and the last moment that is taken for a last poll.
    booked: Option<(Duration, Duration)>,
}

impl ServiceQueue {
    /// Finds room for a last poll that should be made at `wanted`: at that moment, or so long before it that the
    /// last polls of all are a gap apart. `None` if there is no such moment left.
    fn book(&mut self, wanted: Duration, gap: Duration, now: Duration) -> Option<Duration> {
        let (first, last) = match self.booked {
            Some((first, last)) if wanted < last.saturating_add(gap) => {
                (first.min(wanted).saturating_sub(gap), last)
            }
            _ => (wanted, wanted),
        };
        if first <= now {
            return None;
        }
        self.booked = Some((first, last));
        Some(first)
    }
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum NextTask {
    /// Look at this job.
    PollResult(PollTask),
    /// Nothing before this moment.
    Wait(Duration),
    /// No job is open.
    Idle,
}

/// One poll that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct PollTask {
    place: Slot,
    pub(crate) service: u16,
    pub(crate) id: JobId,
    pub(crate) limit: Duration,
}

impl Scheduler {
    pub(crate) fn new(policy: PollPolicy, services: usize, seed: u64) -> Self {
        Self {
            policy: Arc::new(policy),
            services: (0..services).map(|_| ServiceQueue::default()).collect(),
            entries: Vec::new(),
            free: Vec::new(),
            known: HashSet::new(),
            deadlines: VecDeque::new(),
            serial: 0,
            open: 0,
            counts: Vec::new(),
            seed,
        }
    }

    /// Takes a job in; false if it is known already.
    pub(crate) fn add(&mut self, service: u16, id: JobId, now: Duration) -> bool {
        if usize::from(service) >= self.services.len() || !self.known.insert((service, id.clone())) {
            return false;
        }
        rng::next(&mut self.seed);
        let poller = Poller::sharing(Arc::clone(&self.policy), now, self.seed);
        self.serial = self.serial.wrapping_add(1);
        let deadline = poller.last_send();
        let entry = ScheduledJob::new(id, service, self.serial, poller, now);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.entries.push(None);
                u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if let Some(place) = self.entries.get_mut(slot as usize) {
            *place = Some(entry);
        }
        let place = Slot { slot, serial: self.serial };
        self.deadlines.push_back((deadline, place));
        self.services[usize::from(service)].queue.push(place, now, now, self.policy.backoff.shortest());
        self.open += 1;
        count(&mut self.counts, None);
        true
    }

    /// How many jobs have not ended.
    pub(crate) const fn open(&self) -> usize {
        self.open
    }

    /// When something is to be done next: a poll, or the end of a job.
    pub(crate) fn next_event(&self) -> Duration {
        let due = self.services.iter().filter_map(|service| service.queue.next_due()).min();
        due.unwrap_or(Duration::MAX).min(self.next_deadline())
    }

    /// When the first job that is open has to have ended.
    pub(crate) fn next_deadline(&self) -> Duration {
        self.deadlines.front().map_or(Duration::MAX, |(deadline, ..)| *deadline)
    }

    /// How many open jobs there are of each status; `None` are those that have not been seen.
    pub(crate) fn counts(&self) -> &[(Option<Status>, usize)] {
        &self.counts
    }

    /// One open job that has just been looked at.
    pub(crate) fn brief(&self, task: &PollTask) -> Option<JobSummary<'_>> {
        self.entry(task.place).map(ScheduledJob::brief)
    }

    /// Whether a job could be looked at right now, if there is room for it.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.services.iter().any(|service| service.queue.next_due().is_some_and(|due| due <= now))
    }

    /// The next poll. `take` takes the right to look in a lane now, or says when to ask again.
    pub(crate) fn pick(
        &mut self,
        now: Duration,
        mut take: impl FnMut(u16) -> Result<(), Duration>,
    ) -> NextTask {
        if self.open == 0 {
            return NextTask::Idle;
        }
        let mut until = self.next_deadline();
        // The lane with the most overdue job comes first.
        let mut services: Vec<(f64, u16)> = Vec::new();
        for (number, service) in (0u16..).zip(&self.services) {
            match service.queue.most_overdue(now) {
                Some((overdue, _)) => services.push((overdue, number)),
                None => until = until.min(service.queue.next_due().unwrap_or(Duration::MAX)),
            }
        }
        services.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, number) in services {
            while let Some((_, class)) = self.services[usize::from(number)].queue.most_overdue(now) {
                let queue = &mut self.services[usize::from(number)].queue;
                let Some(place) = queue.peek(class) else { break };
                let entry = self.entries.get_mut(place.slot as usize).and_then(Option::as_mut);
                let Some(entry) = entry.filter(|entry| entry.serial == place.serial) else {
                    // It has ended meanwhile.
                    queue.pop(class);
                    continue;
                };
                let Some(limit) =
                    entry.poller.request_timeout(now).filter(|_| now < entry.poller.last_send())
                else {
                    // Too late for a poll: the deadline will end it.
                    queue.pop(class);
                    continue;
                };
                if let Err(then) = take(number) {
                    until = until.min(then);
                    break;
                }
                queue.pop(class);
                return NextTask::PollResult(entry.task(place.slot, limit));
            }
        }
        NextTask::Wait(until)
    }

    /// Takes a poll in. What has ended by it comes out: usually this job, all jobs of the lane if the credentials
    /// were refused or the service is given up.
    ///
    /// `gap` is the time between two looks at the rate of the lane.
    pub(crate) fn answer(
        &mut self,
        task: &PollTask,
        polled: PollResult,
        gap: Duration,
        now: Duration,
    ) -> Vec<Outcome> {
        let Some(entry) = self.entry(task.place) else { return Vec::new() };
        let number = entry.service;
        let Some(service) = self.services.get_mut(usize::from(number)) else { return Vec::new() };
        let Some(Some(entry)) = self.entries.get_mut(task.place.slot as usize) else { return Vec::new() };
        let next = entry.poller.handle_among(&polled, now, &mut service.contact);
        let before = entry.status().cloned();
        entry.take(&polled, next);
        if entry.status() != before.as_ref() {
            uncount(&mut self.counts, before.as_ref());
            count(&mut self.counts, entry.status());
        }
        match next {
            Decision::PollAt(moment) => {
                let booked = entry.poller.is_last().then(|| service.book(moment, gap, now)).flatten();
                if let Some(booked) = booked {
                    entry.poller.make_last(booked);
                }
                let moment = booked.unwrap_or(moment);
                service.queue.push(task.place, now, moment, moment.saturating_sub(now));
                Vec::new()
            }
            Decision::Done(wait_end) => {
                let all = match (&polled.seen, wait_end) {
                    (Polled::PollError(PollError::Api(error)), WaitEnd::Refused)
                        if error.is_unauthorized() =>
                    {
                        true
                    }
                    (Polled::PollError(_), WaitEnd::NoAnswer) => service.contact.is_hopeless(now),
                    _ => false,
                };
                let error = polled.error().cloned();
                let mut ended = Vec::from_iter(self.end(task.place.slot, Some(wait_end), Some(polled), now));
                if all {
                    ended.extend(self.end_lane(number, wait_end, error.as_ref(), now));
                }
                ended
            }
        }
    }

    /// Makes every waiting job due now: the machine had been suspended, and much can have happened.
    pub(crate) fn hurry(&mut self, now: Duration) {
        for service in &mut self.services {
            service.queue = Queue::default();
        }
        let shortest = self.policy.backoff.shortest();
        for (slot, entry) in (0u32..).zip(&self.entries) {
            let Some(entry) = entry.as_ref().filter(|entry| !entry.in_flight) else { continue };
            let Some(service) = self.services.get_mut(usize::from(entry.service)) else { continue };
            let due = if entry.poller.is_last() { entry.poller.next_poll() } else { now };
            service.queue.push(Slot { slot, serial: entry.serial }, now, due.max(now), shortest);
        }
    }

    fn entry(&self, place: Slot) -> Option<&ScheduledJob> {
        self.entries.get(place.slot as usize)?.as_ref().filter(|entry| entry.serial == place.serial)
    }
}

fn count(counts: &mut Vec<(Option<Status>, usize)>, status: Option<&Status>) {
    match counts.iter_mut().find(|(known, _)| known.as_ref() == status) {
        Some((_, number)) => *number += 1,
        None => counts.push((status.cloned(), 1)),
    }
}

fn uncount(counts: &mut Vec<(Option<Status>, usize)>, status: Option<&Status>) {
    if let Some(at) = counts.iter().position(|(known, _)| known.as_ref() == status) {
        counts[at].1 -= 1;
        if counts[at].1 == 0 {
            counts.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
