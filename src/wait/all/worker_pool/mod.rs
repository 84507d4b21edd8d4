//! The threads of a wait for many jobs: readers for the ids, a timer, and workers that poll.
//!
//! A worker takes the next poll by itself as long as there is one. The timer thread sleeps until something is due that
//! no worker has taken; it starts workers only when they are needed, and a worker that has been idle for a second ends.

mod worker;

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::threads::{self, Source};
use crate::client::Client;
use crate::error::poll::PollError;
use crate::job::id::JobId;
use crate::poll::PollPolicy;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::scheduler::Scheduler;
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, SUSPEND, SystemClock};
use crate::util::rng;

/// What the iterating thread receives.
#[derive(Debug)]
pub(super) enum Event {
    Ended(Box<Outcome>),
    Progress(Box<Progress>),
}

/// The threads of one wait and what they share.
pub(super) struct WorkerPool {
    clients: Vec<Client>,
    clock: SystemClock,
    cancel: CancelToken,
    /// Wakes polls that are not sent yet when the wait ends.
    stop: CancelToken,
    reports_progress: bool,
    rate_limited: bool,
    state: Mutex<PoolState>,
    /// Wakes parked workers.
    work_available: Condvar,
    /// Wakes the timer thread.
    timer_wake_up: Condvar,
    /// Wakes the iterating thread.
    event_available: Condvar,
    on_cancel: Mutex<Option<Arc<dyn Fn() + Send + Sync>>>,
}

struct PoolState {
    scheduler: Scheduler,
    events: VecDeque<Event>,
    /// Sources of ids that are not exhausted.
    open_sources: usize,
    /// Whether there is a timer thread; otherwise the iterating thread does its work.
    has_timer: bool,
    workers: usize,
    /// Lowered when no more threads can be started.
    max_workers: usize,
    parked: usize,
    finished: usize,
    last_round_trip: Duration,
    timer_sleeps_until: Duration,
    wall_ahead: Duration,
    stopped: bool,
    /// No worker could be started: the timer thread is to be one, and the iterating thread does its work.
    timer_becomes_worker: bool,
    /// Not one thread could be started.
    failed: Option<PollError>,
    /// The panic of an iterator of ids.
    panic: Option<Box<dyn Any + Send>>,
}

impl WorkerPool {
    pub(super) fn new(
        clients: Vec<Client>,
        sources: usize,
        policy: PollPolicy,
        cancel: CancelToken,
        reports_progress: bool,
    ) -> Arc<Self> {
        let clock = SystemClock::new();
        let now = clock.now();
        let rate_limited =
            clients.iter().all(|client| client.rate_limiter(|limiter| limiter.current_rate(now)).is_finite());
        let endpoints = clients.iter().map(|client| client.endpoint().clone()).collect();
        let pool = Arc::new(Self {
            clock,
            cancel,
            stop: CancelToken::new(),
            reports_progress,
            rate_limited,
            state: Mutex::new(PoolState {
                scheduler: Scheduler::new(policy, endpoints, rng::seed()),
                events: VecDeque::new(),
                open_sources: sources,
                has_timer: false,
                workers: 0,
                max_workers: MAX_WORKERS,
                parked: 0,
                finished: 0,
                last_round_trip: Duration::ZERO,
                timer_sleeps_until: Duration::ZERO,
                wall_ahead: clock.wall().saturating_sub(now),
                stopped: false,
                timer_becomes_worker: false,
                failed: None,
                panic: None,
            }),
            clients,
            work_available: Condvar::new(),
            timer_wake_up: Condvar::new(),
            event_available: Condvar::new(),
            on_cancel: Mutex::new(None),
        });
        pool.listen_for_cancel();
        pool
    }

    /// Starts the threads. Returns the sources that no thread could be started for: the iterating thread reads them.
    pub(super) fn start(self: &Arc<Self>, sources: Vec<Source>) -> VecDeque<Source> {
        let timer = Arc::clone(self);
        // Before the thread, which may end at once.
        self.lock().has_timer = true;
        if threads::spawn(Box::new(move || timer.run_timer())).is_err() {
            self.lock().has_timer = false;
        }
        let read = |source| {
            let pool = Arc::clone(self);
            threads::spawn_reader(source, move |ids| pool.read_ids(ids)).err()
        };
        sources.into_iter().filter_map(read).collect()
    }

    /// Blocks until there is an event; `None` after the last one.
    ///
    /// # Panics
    /// With the panic of an iterator of ids.
    pub(super) fn next_event(self: &Arc<Self>) -> Option<Event> {
        let mut state = self.lock();
        loop {
            if let Some(panic) = state.panic.take() {
                self.stop_all(&mut state);
                drop(state);
                resume_unwind(panic);
            }
            if self.cancel.is_cancelled() && !state.stopped {
                self.cancel_all(&mut state);
            }
            if let Some(event) = state.events.pop_front() {
                if state.events.len() == MAX_EVENTS {
                    self.work_available.notify_all();
                }
                return Some(event);
            }
            if state.stopped || state.open_sources == 0 && state.scheduler.pending() == 0 {
                return None;
            }
            state = if state.has_timer {
                self.event_available.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                let sleep = self.tick(&mut state);
                if !state.events.is_empty() {
                    continue;
                }
                let waited = self.event_available.wait_timeout(state, sleep);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }

    /// Ends all pending jobs: cancelled.
    pub(super) fn cancel(&self) {
        self.cancel_all(&mut self.lock());
    }

    /// Ends all threads, whatever is pending.
    pub(super) fn stop(&self) {
        self.stop_all(&mut self.lock());
    }

    fn listen_for_cancel(self: &Arc<Self>) {
        let pool = Arc::downgrade(self);
        let listener: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            if let Some(pool) = pool.upgrade() {
                // With the lock, so that the iterating thread either sees the token or is asleep and is woken.
                drop(pool.lock());
                pool.event_available.notify_all();
            }
        });
        self.cancel.listen(&listener);
        *self.on_cancel.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    /// Reads the ids of a source to its end. Each source has a thread of its own, so that a slow one holds up no other.
    fn read_ids(&self, ids: Source) {
        // What the iterator has broken is dropped with it.
        let read = catch_unwind(AssertUnwindSafe(|| {
            for (service, id) in ids {
                if !self.add(service, id) {
                    break;
                }
            }
        }));
        if let Err(panic) = read {
            self.lock().panic = Some(panic);
        }
        self.close_source();
    }

    /// Adds a job; false if the wait has ended.
    pub(super) fn add(&self, service: u16, id: JobId) -> bool {
        let mut state = self.lock();
        if state.stopped {
            return false;
        }
        let now = self.clock.now();
        state.scheduler.add(service, id, now);
        self.wake_timer(&mut state, now);
        true
    }

    /// A source of ids is exhausted.
    pub(super) fn close_source(&self) {
        let mut state = self.lock();
        state.open_sources -= 1;
        self.event_available.notify_all();
        self.wake_timer(&mut state, Duration::ZERO);
    }

    /// Wakes the timer thread if something is due before it wakes up by itself.
    fn wake_timer(&self, state: &mut PoolState, due: Duration) {
        if due < state.timer_sleeps_until {
            state.timer_sleeps_until = due;
            self.timer_wake_up.notify_one();
            if !state.has_timer {
                self.event_available.notify_one();
            }
        }
    }

    fn run_timer(self: Arc<Self>) {
        let mut state = self.lock();
        while !state.stopped && (state.open_sources > 0 || state.scheduler.pending() > 0) {
            let sleep = self.tick(&mut state);
            if std::mem::take(&mut state.timer_becomes_worker) {
                (state.has_timer, state.workers) = (false, 1);
                self.event_available.notify_all();
                drop(state);
                return self.run_worker();
            }
            state = self.timer_wake_up.wait_timeout(state, sleep).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.stop_all(&mut state);
    }

    /// What the timer thread does when it wakes up; returns how long it may sleep.
    fn tick(self: &Arc<Self>, state: &mut PoolState) -> Duration {
        let now = self.clock.now();
        let wall_ahead = self.clock.wall().saturating_sub(now);
        if wall_ahead.saturating_sub(state.wall_ahead) >= SUSPEND {
            state.scheduler.poll_all_now(now);
        }
        state.wall_ahead = wall_ahead;
        let mut ended = state.scheduler.expire(now);
        for (service, client) in (0u16..).zip(&self.clients) {
            if let Some(until) = client.paused_until(now) {
                let error = client.throttling_error();
                ended.extend(state.scheduler.end_paused(service, until, error.as_ref(), now));
            }
        }
        let mut next = state.scheduler.next_event();
        if next <= now {
            // A poll is due. If the rate limit does not allow it yet, a worker is needed when it does; a deadline does
            // not wait for that.
            let woken = self.wake_or_spawn(state, now);
            let slot = if woken { now } else { self.next_slot(now).min(state.scheduler.next_deadline()) };
            next = slot.max(now + MIN_TIMER_SLEEP);
        }
        if let Some(error) = &state.failed {
            ended.extend(state.scheduler.fail(error, now));
        }
        self.push_ended(state, ended);
        state.timer_sleeps_until = next;
        next.saturating_sub(now).min(MAX_TIMER_SLEEP)
    }

    fn next_slot(&self, now: Duration) -> Duration {
        let slots = self.clients.iter().map(|client| client.rate_limiter(|limiter| limiter.next_slot(now)));
        slots.min().unwrap_or(now)
    }

    fn push_ended(&self, state: &mut PoolState, ended: Vec<Outcome>) {
        if ended.is_empty() {
            return;
        }
        state.finished += ended.len();
        state.events.extend(ended.into_iter().map(|outcome| Event::Ended(Box::new(outcome))));
        self.event_available.notify_one();
        if state.scheduler.pending() == 0 {
            self.wake_timer(state, Duration::ZERO);
        }
    }

    fn cancel_all(&self, state: &mut PoolState) {
        let ended = state.scheduler.cancel(self.clock.now());
        self.push_ended(state, ended);
        self.stop_all(state);
    }

    fn stop_all(&self, state: &mut PoolState) {
        state.stopped = true;
        // Wakes only requests that wait in a client, which take no lock of ours.
        self.stop.cancel();
        self.work_available.notify_all();
        self.timer_wake_up.notify_all();
        self.event_available.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More threads are not needed for any sensible rate.
const MAX_WORKERS: usize = 64;

/// The shortest sleep of the timer thread.
const MIN_TIMER_SLEEP: Duration = Duration::from_millis(1);

/// The longest one, so that it notices a suspend of the machine.
const MAX_TIMER_SLEEP: Duration = Duration::from_secs(5);

/// How many events may wait for a slow consumer.
const MAX_EVENTS: usize = 1000;
