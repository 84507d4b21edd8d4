//! Many jobs under one budget: which one is looked at next. Pure, as the poller is.
//!
//! When the jobs want more looks than the budget gives, the look that matters most comes first: the one whose delay
//! is most overdue relative to itself. So all delays stretch alike, and none starves. The last looks of jobs with
//! one deadline are spread before it, so that each finds room.

mod expire;
mod queue;
pub(crate) mod rate_limiter;
mod scheduled_job;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::scheduled_job::Brief;

use self::queue::{Place, Queue};
use self::scheduled_job::Entry;
use crate::error::poll::Trouble;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::poll::failure_budget::FirstContact;
use crate::poll::outcome::Outcome;
use crate::poll::result::{Look, Seen};
use crate::poll::{Ending, Next, Poller, Rules};
use crate::util::rng;

/// All jobs of one wait.
#[derive(Debug)]
pub(crate) struct Board {
    rules: Arc<Rules>,
    lanes: Vec<Lane>,
    entries: Vec<Option<Entry>>,
    free: Vec<u32>,
    known: HashSet<(u16, JobId)>,
    /// Deadlines in the order in which they come: all jobs have the same timeout.
    deadlines: VecDeque<(Duration, Place)>,
    serial: u32,
    open: usize,
    counts: Vec<(Option<Status>, usize)>,
    seed: u64,
}

/// The jobs of one service.
#[derive(Debug, Default)]
struct Lane {
    queue: Queue,
    contact: FirstContact,
    /// The first and the last moment that is taken for a last look.
    booked: Option<(Duration, Duration)>,
}

impl Lane {
    /// Finds room for a last look that should be made at `wanted`: at that moment, or so long before it that the
    /// last looks of all are a gap apart. `None` if there is no such moment left.
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
pub(crate) enum Pick {
    /// Look at this job.
    Look(Ticket),
    /// Nothing before this moment.
    Wait(Duration),
    /// No job is open.
    Idle,
}

/// One look that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    place: Place,
    pub(crate) lane: u16,
    pub(crate) id: JobId,
    pub(crate) limit: Duration,
}

impl Board {
    pub(crate) fn new(rules: Rules, lanes: usize, seed: u64) -> Self {
        Self {
            rules: Arc::new(rules),
            lanes: (0..lanes).map(|_| Lane::default()).collect(),
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
    pub(crate) fn add(&mut self, lane: u16, id: JobId, now: Duration) -> bool {
        if usize::from(lane) >= self.lanes.len() || !self.known.insert((lane, id.clone())) {
            return false;
        }
        rng::next(&mut self.seed);
        let poller = Poller::sharing(Arc::clone(&self.rules), now, self.seed);
        self.serial = self.serial.wrapping_add(1);
        let deadline = poller.last_send();
        let entry = Entry::new(id, lane, self.serial, poller, now);
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
        let place = Place { slot, serial: self.serial };
        self.deadlines.push_back((deadline, place));
        self.lanes[usize::from(lane)].queue.push(place, now, now, self.rules.backoff.shortest());
        self.open += 1;
        count(&mut self.counts, None);
        true
    }

    /// How many jobs have not ended.
    pub(crate) const fn open(&self) -> usize {
        self.open
    }

    /// When something is to be done next: a look, or the end of a job.
    pub(crate) fn next_event(&self) -> Duration {
        let due = self.lanes.iter().filter_map(|lane| lane.queue.next_due()).min();
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
    pub(crate) fn brief(&self, ticket: &Ticket) -> Option<Brief<'_>> {
        self.entry(ticket.place).map(Entry::brief)
    }

    /// Whether a job could be looked at right now, if there is room for it.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.lanes.iter().any(|lane| lane.queue.next_due().is_some_and(|due| due <= now))
    }

    /// The next look. `take` takes the right to look in a lane now, or says when to ask again.
    pub(crate) fn pick(&mut self, now: Duration, mut take: impl FnMut(u16) -> Result<(), Duration>) -> Pick {
        if self.open == 0 {
            return Pick::Idle;
        }
        let mut until = self.next_deadline();
        // The lane with the most overdue job comes first.
        let mut lanes: Vec<(f64, u16)> = Vec::new();
        for (number, lane) in (0u16..).zip(&self.lanes) {
            match lane.queue.most_overdue(now) {
                Some((overdue, _)) => lanes.push((overdue, number)),
                None => until = until.min(lane.queue.next_due().unwrap_or(Duration::MAX)),
            }
        }
        lanes.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, number) in lanes {
            while let Some((_, class)) = self.lanes[usize::from(number)].queue.most_overdue(now) {
                let queue = &mut self.lanes[usize::from(number)].queue;
                let Some(place) = queue.peek(class) else { break };
                let entry = self.entries.get_mut(place.slot as usize).and_then(Option::as_mut);
                let Some(entry) = entry.filter(|entry| entry.serial == place.serial) else {
                    // It has ended meanwhile.
                    queue.pop(class);
                    continue;
                };
                let Some(limit) = entry.poller.look_limit(now).filter(|_| now < entry.poller.last_send())
                else {
                    // Too late for a look: the deadline will end it.
                    queue.pop(class);
                    continue;
                };
                if let Err(then) = take(number) {
                    until = until.min(then);
                    break;
                }
                queue.pop(class);
                return Pick::Look(entry.ticket(place.slot, limit));
            }
        }
        Pick::Wait(until)
    }

    /// Takes a look in. What has ended by it comes out: usually this job, all jobs of the lane if the credentials
    /// were refused or the service is given up.
    ///
    /// `gap` is the time between two looks at the rate of the lane.
    pub(crate) fn answer(
        &mut self,
        ticket: &Ticket,
        look: Look,
        gap: Duration,
        now: Duration,
    ) -> Vec<Outcome> {
        let Some(entry) = self.entry(ticket.place) else { return Vec::new() };
        let number = entry.lane;
        let Some(lane) = self.lanes.get_mut(usize::from(number)) else { return Vec::new() };
        let Some(Some(entry)) = self.entries.get_mut(ticket.place.slot as usize) else { return Vec::new() };
        let next = entry.poller.handle_among(&look, now, &mut lane.contact);
        let before = entry.status().cloned();
        entry.take(&look, next);
        if entry.status() != before.as_ref() {
            uncount(&mut self.counts, before.as_ref());
            count(&mut self.counts, entry.status());
        }
        match next {
            Next::LookAt(moment) => {
                let booked = entry.poller.is_last().then(|| lane.book(moment, gap, now)).flatten();
                if let Some(booked) = booked {
                    entry.poller.make_last(booked);
                }
                let moment = booked.unwrap_or(moment);
                lane.queue.push(ticket.place, now, moment, moment.saturating_sub(now));
                Vec::new()
            }
            Next::Done(ending) => {
                let all = match (&look.seen, ending) {
                    (Seen::Trouble(Trouble::Api(error)), Ending::Refused)
                        if error.is_credentials_refused() =>
                    {
                        true
                    }
                    (Seen::Trouble(_), Ending::NoAnswer) => lane.contact.is_hopeless(now),
                    _ => false,
                };
                let trouble = look.trouble().cloned();
                let mut ended = Vec::from_iter(self.end(ticket.place.slot, Some(ending), Some(look), now));
                if all {
                    ended.extend(self.end_lane(number, ending, trouble.as_ref(), now));
                }
                ended
            }
        }
    }

    /// Makes every waiting job due now: the machine had been suspended, and much can have happened.
    pub(crate) fn hurry(&mut self, now: Duration) {
        for lane in &mut self.lanes {
            lane.queue = Queue::default();
        }
        let shortest = self.rules.backoff.shortest();
        for (slot, entry) in (0u32..).zip(&self.entries) {
            let Some(entry) = entry.as_ref().filter(|entry| !entry.in_flight) else { continue };
            let Some(lane) = self.lanes.get_mut(usize::from(entry.lane)) else { continue };
            let due = if entry.poller.is_last() { entry.poller.next_look() } else { now };
            lane.queue.push(Place { slot, serial: entry.serial }, now, due.max(now), shortest);
        }
    }

    fn entry(&self, place: Place) -> Option<&Entry> {
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
