//! Many jobs under one rate limit: which one is polled next. Pure, as the poller is.
//!
//! When the jobs want more polls than the rate limit allows, the poll whose delay is most overdue relative to itself
//! comes first. So every job is polled proportionally less often, and none starves. The last polls of jobs with one
//! deadline are spread over the time before it, so that the rate limit allows each of them.

mod expire;
mod known;
mod queue;
pub(crate) mod rate_limiter;
mod scheduled_job;
mod service_queue;
mod siblings;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use self::expire::IN_FLIGHT_GRACE;
use self::known::KnownIds;
use self::queue::{Queue, Slot};
use self::scheduled_job::ScheduledJob;
use self::service_queue::ServiceQueue;
use crate::endpoint::Endpoint;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::poll::result::PollResult;
use crate::poll::{Decision, PollPolicy, Poller, WaitEnd};
use crate::util::rng;

/// All jobs of one wait.
#[derive(Debug)]
pub(crate) struct Scheduler {
    policy: Arc<PollPolicy>,
    services: Vec<ServiceQueue>,
    jobs: Vec<Option<ScheduledJob>>,
    /// Indices of `jobs` that can be used again.
    free: Vec<u32>,
    known: KnownIds,
    /// Jobs in the order of their deadlines: all have the same timeout.
    deadlines: VecDeque<Slot>,
    /// Jobs whose deadline has passed while a poll was in flight.
    overdue: VecDeque<Slot>,
    last_generation: u32,
    pending: usize,
    counts: Vec<(Option<Status>, usize)>,
    seed: u64,
    /// Whether the end of a job makes its siblings be polled sooner.
    probes: bool,
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum NextTask {
    /// Poll this job.
    Poll(PollTask),
    /// Nothing before this moment.
    WaitUntil(Duration),
    /// No job is pending.
    Idle,
}

/// One poll that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct PollTask {
    slot: Slot,
    pub(crate) service: u16,
    pub(crate) id: JobId,
    pub(crate) timeout: Duration,
}

impl Scheduler {
    /// For the jobs of these endpoints. An id is unique within its endpoint.
    pub(crate) fn new(policy: PollPolicy, endpoints: Vec<Endpoint>, seed: u64) -> Self {
        Self {
            policy: Arc::new(policy),
            services: endpoints.into_iter().map(|endpoint| ServiceQueue::new(Arc::new(endpoint))).collect(),
            jobs: Vec::new(),
            free: Vec::new(),
            known: KnownIds::default(),
            deadlines: VecDeque::new(),
            overdue: VecDeque::new(),
            last_generation: 0,
            pending: 0,
            counts: Vec::new(),
            seed,
            probes: true,
        }
    }

    /// Adds a job; false if it is known already.
    pub(crate) fn add(&mut self, service: u16, id: JobId, now: Duration) -> bool {
        if usize::from(service) >= self.services.len() || !self.known.insert(service, &id) {
            return false;
        }
        self.last_generation = self.last_generation.wrapping_add(1);
        let generation = self.last_generation;
        let job = ScheduledJob::new(id, service, generation, now);
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.jobs.push(None);
                u32::try_from(self.jobs.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if let Some(place) = self.jobs.get_mut(index as usize) {
            *place = Some(job);
        }
        let slot = Slot { index, generation };
        self.deadlines.push_back(slot);
        self.services[usize::from(service)].queue.push(slot, now, now, self.policy.backoff.shortest());
        self.pending += 1;
        increment(&mut self.counts, None);
        true
    }

    /// How many jobs have not ended.
    pub(crate) const fn pending(&self) -> usize {
        self.pending
    }

    /// When something is to be done next: a poll, or the end of a job.
    pub(crate) fn next_event(&self) -> Duration {
        let due = self.services.iter().filter_map(|service| service.queue.next_due()).min();
        due.unwrap_or(Duration::MAX).min(self.next_deadline())
    }

    /// The first deadline of a pending job.
    pub(crate) fn next_deadline(&self) -> Duration {
        let overdue = self.overdue.front().and_then(|slot| self.job(*slot));
        let overdue = overdue.map(|job| self.deadline(job).saturating_add(IN_FLIGHT_GRACE));
        let next = self
            .deadlines
            .front()
            .map(|slot| self.job(*slot).map_or(Duration::ZERO, |job| self.deadline(job)));
        overdue.into_iter().chain(next).min().unwrap_or(Duration::MAX)
    }

    /// How many pending jobs there are of each status; `None` are those that have not been seen.
    pub(crate) fn counts(&self) -> &[(Option<Status>, usize)] {
        &self.counts
    }

    /// The progress of a job that has just been polled; `None` if it has ended.
    pub(crate) fn progress(&mut self, task: &PollTask, now: Duration) -> Option<Progress> {
        let endpoint = Arc::clone(&self.services.get(usize::from(task.service))?.endpoint);
        let job = self.job_mut(task.slot)?;
        Some(job.tracker_mut()?.progress(&task.id, &endpoint, now))
    }

    /// Drops the body of a job that has just been polled, which nobody is going to read.
    pub(crate) fn forget_job(&mut self, task: &PollTask) {
        if let Some(tracker) = self.job_mut(task.slot).and_then(ScheduledJob::tracker_mut) {
            tracker.forget_job();
        }
    }

    /// Whether a poll is due, whatever the rate limit says.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.services.iter().any(|service| service.queue.next_due().is_some_and(|due| due <= now))
    }

    /// The next poll. `try_acquire` takes a poll of a service from its rate limit, or says when to try again.
    pub(crate) fn next_task(
        &mut self,
        now: Duration,
        mut try_acquire: impl FnMut(u16) -> Result<(), Duration>,
    ) -> NextTask {
        if self.pending == 0 {
            return NextTask::Idle;
        }
        let mut until = self.next_deadline();
        // The service with the most overdue job comes first.
        let mut services: Vec<(f64, u16)> = Vec::new();
        for (number, service) in (0u16..).zip(&self.services) {
            match service.queue.most_overdue(now) {
                Some((overdue, _)) => services.push((overdue, number)),
                None => until = until.min(service.queue.next_due().unwrap_or(Duration::MAX)),
            }
        }
        services.sort_by(|a, b| b.0.total_cmp(&a.0));
        let is_lone = self.jobs.len() == 1;
        for (_, number) in services {
            let min_left = self.services[usize::from(number)].min_time_left();
            while let Some((_, class)) = self.services[usize::from(number)].queue.most_overdue(now) {
                let queue = &mut self.services[usize::from(number)].queue;
                let Some((slot, due)) = queue.peek(class) else { break };
                let job = self.jobs.get_mut(slot.index as usize).and_then(Option::as_mut);
                let Some(job) = job.filter(|job| job.generation == slot.generation && job.due == due) else {
                    // It has ended, or its poll was brought forward.
                    queue.pop(class);
                    continue;
                };
                // The first poll of a single job is always sent.
                let min_left = if is_lone && job.tracker().is_none() { Duration::ZERO } else { min_left };
                let Some(timeout) = self.policy.poll_timeout(job.started(), now, min_left) else {
                    // Too late for a poll: the deadline will end the job.
                    queue.pop(class);
                    continue;
                };
                if let Err(then) = try_acquire(number) {
                    until = until.min(then);
                    break;
                }
                queue.pop(class);
                return NextTask::Poll(job.start_poll(slot.index, timeout));
            }
            // Outdated entries have been passed over.
            let queue = &self.services[usize::from(number)].queue;
            until = until.min(queue.next_due().filter(|due| *due > now).unwrap_or(Duration::MAX));
        }
        NextTask::WaitUntil(until)
    }

    /// Handles the result of a poll. Returns what has ended by it: usually this job if any, or all jobs of the service
    /// if the credentials were rejected or the service is given up.
    ///
    /// `gap` is the time between two polls at the rate of the service.
    pub(crate) fn handle(
        &mut self,
        task: &PollTask,
        polled: PollResult,
        gap: Duration,
        now: Duration,
    ) -> Vec<Outcome> {
        let Some(Some(job)) = self.jobs.get_mut(task.slot.index as usize) else { return Vec::new() };
        if job.generation != task.slot.generation {
            return Vec::new();
        }
        let number = job.service;
        let Some(service) = self.services.get_mut(usize::from(number)) else { return Vec::new() };
        job.in_flight = false;
        let was_probe = std::mem::take(&mut job.is_probe);
        if let (false, Some(job_type)) = (job.has_siblings, polled.job().and_then(Job::job_type)) {
            job.has_siblings = service.siblings.add(job_type, task.slot);
        }
        let job_type = polled.job().filter(|job| job.status().is_terminal()).and_then(Job::job_type);
        let job_type = job_type.map(str::to_owned);
        let policy = &self.policy;
        let seed = &mut self.seed;
        let tracker = job.tracker_or_new(|started| {
            rng::next(seed);
            Poller::sharing(Arc::clone(policy), started, *seed)
        });
        let before = tracker.status().cloned();
        let error = polled.error().cloned();
        if polled.result.is_ok() {
            service.round_trips.add(polled.round_trip);
        }
        let mut decision = tracker.handle_among(polled, now, &mut service.contact);
        if service.was_too_short(task.timeout, error.as_ref())
            && decision == Decision::Done(WaitEnd::NoAnswer)
        {
            decision = Decision::Done(WaitEnd::TimedOut { retry_after: None });
        }
        if tracker.status() != before.as_ref() {
            decrement(&mut self.counts, before.as_ref());
            increment(&mut self.counts, tracker.status());
        }
        match decision {
            Decision::PollAt(moment) => {
                let poller = &mut tracker.poller;
                let reserved = poller.is_last().then(|| service.reserve(moment, gap, now)).flatten();
                if let Some(reserved) = reserved {
                    poller.make_last(reserved);
                }
                let moment = reserved.unwrap_or(moment);
                service.queue.push(task.slot, now, moment, moment.saturating_sub(now));
                job.due = moment.into();
                Vec::new()
            }
            Decision::Done(wait_end) => {
                let all = match (&error, wait_end) {
                    (Some(PollError::Api(error)), WaitEnd::Refused) => error.is_unauthorized(),
                    (Some(_), WaitEnd::NoAnswer) => service.contact.is_hopeless(now),
                    _ => false,
                };
                let mut ended = Vec::from_iter(self.end(task.slot.index, Some(wait_end), now));
                if let Some(job_type) = job_type.filter(|_| self.probes) {
                    self.probe_siblings(number, &job_type, if was_probe { 2 } else { 1 }, now);
                }
                if all {
                    ended.extend(self.end_service(number, wait_end, error.as_ref(), now));
                }
                ended
            }
        }
    }

    /// Makes every poll due now, after the machine has been suspended: much can have happened.
    pub(crate) fn poll_all_now(&mut self, now: Duration) {
        for service in &mut self.services {
            service.queue = Queue::default();
        }
        let shortest = self.policy.backoff.shortest();
        for (index, job) in (0u32..).zip(&mut self.jobs) {
            let Some(job) = job.as_mut().filter(|job| !job.in_flight) else { continue };
            let Some(service) = self.services.get_mut(usize::from(job.service)) else { continue };
            let last = job.tracker().map(|tracker| &tracker.poller).filter(|poller| poller.is_last());
            let due = last.map_or(now, Poller::next_poll);
            let slot = Slot { index, generation: job.generation };
            service.queue.push(slot, now, due.max(now), shortest);
            job.due = due.max(now).into();
        }
    }

    fn deadline(&self, job: &ScheduledJob) -> Duration {
        self.policy.last_send(job.started())
    }

    fn job(&self, slot: Slot) -> Option<&ScheduledJob> {
        self.jobs.get(slot.index as usize)?.as_ref().filter(|job| job.generation == slot.generation)
    }

    fn job_mut(&mut self, slot: Slot) -> Option<&mut ScheduledJob> {
        self.jobs.get_mut(slot.index as usize)?.as_mut().filter(|job| job.generation == slot.generation)
    }
}

fn increment(counts: &mut Vec<(Option<Status>, usize)>, status: Option<&Status>) {
    match counts.iter_mut().find(|(known, _)| known.as_ref() == status) {
        Some((_, number)) => *number += 1,
        None => counts.push((status.cloned(), 1)),
    }
}

fn decrement(counts: &mut Vec<(Option<Status>, usize)>, status: Option<&Status>) {
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
