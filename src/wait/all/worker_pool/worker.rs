//! The workers: when one is started, and what it does. It takes the next poll, as long as there is one.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::threads;
use super::{Event, MAX_EVENTS, PoolState, WorkerPool};
use crate::poll::progress::BatchStats;
use crate::scheduler::{NextTask, PollTask};
use crate::util::clock::Clock;

impl WorkerPool {
    /// Starts one more worker, or wakes a parked one, if a poll is due and the rate limit allows it.
    pub(super) fn wake_or_spawn(self: &Arc<Self>, state: &mut PoolState, now: Duration) -> bool {
        if !state.scheduler.is_due(now) || self.next_slot(now) > now {
            return false;
        }
        if state.parked > 0 {
            self.work_available.notify_one();
        } else if state.workers < self.max_workers(state) {
            let pool = Arc::clone(self);
            match threads::spawn(Box::new(move || pool.run_worker())) {
                Ok(()) => state.workers += 1,
                Err(_) if state.workers == 0 && state.has_timer => state.timer_becomes_worker = true,
                Err(error) if state.workers == 0 => state.failed = Some(threads::error(&error)),
                // Those that there are have to do.
                Err(_) => state.max_workers = state.workers,
            }
        }
        true
    }

    /// Without a rate limit and with immediate responses more threads would only wait for each other.
    fn max_workers(&self, state: &PoolState) -> usize {
        if self.rate_limited || state.last_round_trip.as_millis() >= 5 {
            state.max_workers
        } else {
            state.max_workers.min(MAX_WORKERS_UNLIMITED)
        }
    }

    pub(super) fn run_worker(self: Arc<Self>) {
        let mut state = self.lock();
        while !state.stopped {
            let now = self.clock.now();
            let try_acquire = |service: u16| {
                self.clients.get(usize::from(service)).map_or(Ok(()), |client| client.try_acquire(now))
            };
            match state.scheduler.next_task(now, try_acquire) {
                NextTask::Poll(task) => {
                    self.wake_or_spawn(&mut state, now);
                    let next = state.scheduler.next_event();
                    self.wake_timer(&mut state, next);
                    drop(state);
                    state = self.poll(task);
                }
                NextTask::WaitUntil(until) => {
                    self.wake_timer(&mut state, until);
                    match self.park(state) {
                        Some(woken) => state = woken,
                        None => return,
                    }
                }
                NextTask::Idle => match self.park(state) {
                    Some(woken) => state = woken,
                    None => return,
                },
            }
        }
        state.workers -= 1;
    }

    /// Waits for work; `None` if there was none for a second, and the worker ends.
    fn park<'a>(&'a self, mut state: MutexGuard<'a, PoolState>) -> Option<MutexGuard<'a, PoolState>> {
        state.parked += 1;
        let (mut state, timeout) =
            self.work_available.wait_timeout(state, MAX_IDLE).unwrap_or_else(PoisonError::into_inner);
        state.parked -= 1;
        // Without a timer thread the last worker stays: there may be no other.
        if timeout.timed_out() && (state.has_timer || state.workers > 1) {
            state.workers -= 1;
            return None;
        }
        Some(state)
    }

    fn poll(&self, task: PollTask) -> MutexGuard<'_, PoolState> {
        let Some(client) = self.clients.get(usize::from(task.service)) else { return self.lock() };
        let polled = client.poll(&task.id, task.timeout, &self.stop);
        let mut state = self.lock();
        // Cancelled: the wait has ended.
        let Some(polled) = polled else { return state };
        state.last_round_trip = polled.round_trip;
        let now = self.clock.now();
        let rate = client.rate_limiter(|limiter| limiter.current_rate(now));
        let gap = Duration::try_from_secs_f64(1.0 / rate).unwrap_or_default();
        let ended = state.scheduler.handle(&task, polled, gap, now);
        if client.paused_until(now).is_some() {
            self.wake_timer(&mut state, now);
        }
        if self.reports_progress {
            state = self.report_progress(state, &task, rate, now);
        } else {
            state.scheduler.forget_job(&task);
        }
        self.push_ended(&mut state, ended);
        state
    }

    fn report_progress<'a>(
        &'a self,
        mut state: MutexGuard<'a, PoolState>,
        task: &PollTask,
        rate: f64,
        now: Duration,
    ) -> MutexGuard<'a, PoolState> {
        let Some(mut progress) = state.scheduler.progress(task, now) else { return state };
        let counts = state.scheduler.counts().to_vec();
        progress.batch = Some(BatchStats { finished: state.finished, counts, rate });
        state.events.push_back(Event::Progress(Box::new(progress)));
        self.event_available.notify_one();
        // A slow consumer slows the polls down, so that the events do not fill the memory.
        while state.events.len() > MAX_EVENTS && !state.stopped {
            state = self.work_available.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }
}

/// How long a worker stays without work.
const MAX_IDLE: Duration = Duration::from_secs(1);

/// Enough for two cores.
const MAX_WORKERS_UNLIMITED: usize = 8;
