//! The threads of a wait for many jobs: a reader for the ids, a foreman who keeps time, and workers who look.
//!
//! A worker takes the next poll by itself as long as there is one. The foreman sleeps until something is due and
//! nobody is there to do it; he starts workers late, and one that has been idle for a second goes home.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::progress::{PollSummary, ProgressSnapshot};
use crate::client::Client;
use crate::job::id::JobId;
use crate::poll::PollPolicy;
use crate::poll::outcome::Outcome;
use crate::scheduler::{NextTask, PollTask, Scheduler};
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, SUSPEND, SystemClock};
use crate::util::rng;

/// What the iterating thread is told.
#[derive(Debug)]
pub(super) enum Event {
    Ended(Box<Outcome>),
    PollResult(Box<ProgressSnapshot>),
}

/// All who work on one wait.
pub(super) struct WorkerPool {
    clients: Vec<Client>,
    clock: SystemClock,
    cancel: CancelToken,
    /// Whether polls are told one by one.
    listens: bool,
    limited: bool,
    desk: Mutex<PoolState>,
    /// For idle workers.
    work: Condvar,
    /// For the foreman.
    time: Condvar,
    /// For the iterating thread.
    news: Condvar,
    on_cancel: Mutex<Option<Arc<dyn Fn() + Send + Sync>>>,
}

/// What they share.
struct PoolState {
    scheduler: Scheduler,
    news: VecDeque<Event>,
    /// Sources of ids that have not run dry.
    sources: usize,
    workers: usize,
    idle: usize,
    ended: usize,
    /// How long the last poll took.
    took: Duration,
    /// Until when the foreman sleeps.
    asleep_until: Duration,
    stop: bool,
}

impl WorkerPool {
    pub(super) fn start(
        clients: Vec<Client>,
        sources: Vec<Box<dyn Iterator<Item = JobId> + Send>>,
        policy: PollPolicy,
        cancel: CancelToken,
        listens: bool,
    ) -> Arc<Self> {
        let clock = clients.first().map(Client::clock).unwrap_or_default();
        let limited =
            clients.iter().all(|client| client.budget(|budget| budget.rate_at(clock.now())).is_finite());
        let pool = Arc::new(Self {
            clock,
            cancel,
            listens,
            limited,
            desk: Mutex::new(PoolState {
                scheduler: Scheduler::new(policy, clients.len(), rng::seed()),
                news: VecDeque::new(),
                sources: sources.len(),
                workers: 0,
                idle: 0,
                ended: 0,
                took: Duration::ZERO,
                asleep_until: Duration::ZERO,
                stop: false,
            }),
            clients,
            work: Condvar::new(),
            time: Condvar::new(),
            news: Condvar::new(),
            on_cancel: Mutex::new(None),
        });
        pool.listen();
        let (reader, foreman) = (Arc::clone(&pool), Arc::clone(&pool));
        in_thread(Box::new(move || reader.read(sources)));
        in_thread(Box::new(move || foreman.keep_time()));
        pool
    }

    /// Blocks until there is something to tell; `None` when all is told.
    pub(super) fn next_news(&self) -> Option<Event> {
        let mut desk = self.lock();
        loop {
            if self.cancel.is_cancelled() && !desk.stop {
                self.cancel_all(&mut desk);
            }
            if let Some(news) = desk.news.pop_front() {
                if desk.news.len() == NEWS_WAITING {
                    self.work.notify_all();
                }
                return Some(news);
            }
            if desk.stop || desk.sources == 0 && desk.scheduler.open() == 0 {
                return None;
            }
            desk = self.news.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends all jobs that are open: cancelled.
    pub(super) fn cancel(&self) {
        self.cancel_all(&mut self.lock());
    }

    /// Sends everybody home, whatever is open.
    pub(super) fn stop(&self) {
        self.stop_all(&mut self.lock());
    }

    fn listen(self: &Arc<Self>) {
        let pool = Arc::downgrade(self);
        let listener: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            if let Some(pool) = pool.upgrade() {
                // With the lock, so that the iterating thread either sees the switch or is asleep and hears this.
                drop(pool.lock());
                pool.news.notify_all();
            }
        });
        self.cancel.listen(&listener);
        *self.on_cancel.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    /// Takes the ids in, one source after the other. A slow one keeps nobody waiting but itself.
    fn read(&self, sources: Vec<Box<dyn Iterator<Item = JobId> + Send>>) {
        thread::scope(|scope| {
            for (service, ids) in (0u16..).zip(sources) {
                scope.spawn(move || {
                    for id in ids {
                        let mut desk = self.lock();
                        if desk.stop {
                            break;
                        }
                        let now = self.clock.now();
                        desk.scheduler.add(service, id, now);
                        self.wake_foreman(&mut desk, now);
                    }
                    let mut desk = self.lock();
                    desk.sources -= 1;
                    self.news.notify_all();
                    self.wake_foreman(&mut desk, Duration::ZERO);
                });
            }
        });
    }

    /// Wakes the foreman if something is to be done before he wakes up by himself.
    fn wake_foreman(&self, desk: &mut PoolState, moment: Duration) {
        if moment < desk.asleep_until {
            desk.asleep_until = moment;
            self.time.notify_one();
        }
    }

    fn keep_time(self: Arc<Self>) {
        let mut desk = self.lock();
        let mut outside = self.clock.wall().saturating_sub(self.clock.now());
        while !desk.stop && (desk.sources > 0 || desk.scheduler.open() > 0) {
            let now = self.clock.now();
            let ahead = self.clock.wall().saturating_sub(now);
            if ahead.saturating_sub(outside) >= SUSPEND {
                desk.scheduler.hurry(now);
            }
            outside = ahead;
            let ended = desk.scheduler.expire(now);
            self.tell_ended(&mut desk, ended);
            let mut next = desk.scheduler.next_event();
            if next <= now {
                // Something is due. If there is no room for it yet, somebody is needed when there is; yet a deadline
                // does not wait for room.
                let hired = self.hire(&mut desk, now);
                let room = if hired { now } else { self.room(now).min(desk.scheduler.next_deadline()) };
                next = room.max(now + BREATH);
            }
            desk.asleep_until = next;
            let sleep = next.saturating_sub(now).min(LONGEST_SLEEP);
            desk = self.time.wait_timeout(desk, sleep).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.stop_all(&mut desk);
    }

    /// Gets one more worker going, if a poll is due and there is room for it.
    fn hire(self: &Arc<Self>, desk: &mut PoolState, now: Duration) -> bool {
        if !desk.scheduler.is_due(now) || self.room(now) > now {
            return false;
        }
        if desk.idle > 0 {
            self.work.notify_one();
        } else if desk.workers < self.most_workers(desk) {
            desk.workers += 1;
            let pool = Arc::clone(self);
            in_thread(Box::new(move || pool.work()));
        }
        true
    }

    /// Where nothing limits the rate and answers come at once, more threads would only wait for each other.
    fn most_workers(&self, desk: &PoolState) -> usize {
        if self.limited || desk.took.as_millis() >= 5 { MOST_WORKERS } else { MOST_UNLIMITED }
    }

    fn room(&self, now: Duration) -> Duration {
        self.clients.iter().map(|client| client.budget(|budget| budget.room(now))).min().unwrap_or(now)
    }

    fn work(self: Arc<Self>) {
        let mut desk = self.lock();
        while !desk.stop {
            let now = self.clock.now();
            let turn = |service: u16| {
                self.clients.get(usize::from(service)).map_or(Ok(()), |client| client.turn(now))
            };
            match desk.scheduler.pick(now, turn) {
                NextTask::PollResult(task) => {
                    self.hire(&mut desk, now);
                    let next = desk.scheduler.next_event();
                    self.wake_foreman(&mut desk, next);
                    drop(desk);
                    desk = self.polled(task);
                }
                NextTask::Wait(until) => {
                    self.wake_foreman(&mut desk, until);
                    match self.rest(desk) {
                        Some(back) => desk = back,
                        None => return,
                    }
                }
                NextTask::Idle => match self.rest(desk) {
                    Some(back) => desk = back,
                    None => return,
                },
            }
        }
        desk.workers -= 1;
    }

    /// Waits for work; `None` if none has come for a second, and the worker is gone.
    fn rest<'a>(&'a self, mut desk: MutexGuard<'a, PoolState>) -> Option<MutexGuard<'a, PoolState>> {
        desk.idle += 1;
        let (mut desk, timeout) = self.work.wait_timeout(desk, IDLE).unwrap_or_else(PoisonError::into_inner);
        desk.idle -= 1;
        if timeout.timed_out() {
            desk.workers -= 1;
            return None;
        }
        Some(desk)
    }

    fn polled(&self, task: PollTask) -> MutexGuard<'_, PoolState> {
        let Some(client) = self.clients.get(usize::from(task.service)) else { return self.lock() };
        let polled = client.polled(&task.id, task.limit);
        let mut desk = self.lock();
        desk.took = polled.took;
        let now = self.clock.now();
        let rate = client.budget(|budget| budget.rate_at(now));
        let glance = self.listens.then(|| PollSummary {
            job: polled.job().cloned(),
            error: polled.error().cloned(),
            took: polled.took,
        });
        let gap = Duration::try_from_secs_f64(1.0 / rate).unwrap_or_default();
        let ended = desk.scheduler.answer(&task, polled, gap, now);
        if let Some(glance) = glance
            && let Some(brief) = desk.scheduler.brief(&task)
        {
            let note =
                ProgressSnapshot::new(&brief, now, glance).among(desk.ended, desk.scheduler.counts(), rate);
            desk.news.push_back(Event::PollResult(Box::new(note)));
            self.news.notify_one();
            // A slow listener slows the polls down rather than filling the memory.
            while desk.news.len() > NEWS_WAITING && !desk.stop {
                desk = self.work.wait(desk).unwrap_or_else(PoisonError::into_inner);
            }
        }
        self.tell_ended(&mut desk, ended);
        desk
    }

    fn tell_ended(&self, desk: &mut PoolState, ended: Vec<Outcome>) {
        if ended.is_empty() {
            return;
        }
        desk.ended += ended.len();
        desk.news.extend(ended.into_iter().map(|outcome| Event::Ended(Box::new(outcome))));
        self.news.notify_one();
        if desk.scheduler.open() == 0 {
            self.wake_foreman(desk, Duration::ZERO);
        }
    }

    fn cancel_all(&self, desk: &mut PoolState) {
        let ended = desk.scheduler.cancel(self.clock.now());
        self.tell_ended(desk, ended);
        self.stop_all(desk);
    }

    fn stop_all(&self, desk: &mut PoolState) {
        desk.stop = true;
        self.work.notify_all();
        self.time.notify_all();
        self.news.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Boxed, because what starts a thread is compiled anew for each type of closure.
fn in_thread(task: Box<dyn FnOnce() + Send>) {
    thread::spawn(task);
}

/// No more threads are needed to keep any sensible rate.
const MOST_WORKERS: usize = 64;

/// Enough for two cores that have nothing else to do.
const MOST_UNLIMITED: usize = 8;

/// How long a worker stays without work.
const IDLE: Duration = Duration::from_secs(1);

/// The shortest sleep of the foreman.
const BREATH: Duration = Duration::from_millis(1);

/// The longest one: after a suspend of the machine he must not sleep on.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// How much news may wait for a slow listener.
const NEWS_WAITING: usize = 1000;
