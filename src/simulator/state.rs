//! The state that the simulator's threads share.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::clock::SimulatorClock;
use super::faults::Faults;
use super::identity::tokens::Tokens;
use super::jobs::Jobs;
use super::lock;
use super::request_log::RequestLog;
use super::resources::Resources;
use super::settings::Settings;
use super::submit::NextJobs;

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) endpoint_url: String,
    pub(super) clock: SimulatorClock,
    pub(super) jobs: Mutex<Jobs>,
    pub(super) next_jobs: Mutex<NextJobs>,
    pub(super) resources: Mutex<Resources>,
    pub(super) tokens: Mutex<Tokens>,
    pub(super) records: Mutex<RequestLog>,
    pub(super) faults: Mutex<Faults>,
    pub(super) stop: Shutdown,
}

impl State {
    pub(super) fn new(settings: Settings, endpoint_url: String) -> Self {
        let clock = SimulatorClock::start(settings.time_scale);
        let next_jobs = NextJobs::new(settings.fail_every);
        let user = settings.users.first().map_or_else(
            || ("0aa5b0f1c2d34e5f8a9b0c1d2e3f4a5b".to_owned(), "simulated".to_owned()),
            |user| (user.id.clone(), user.name.clone()),
        );
        let tokens = Tokens::new(settings.token.clone(), user, clock.wall(), settings.token_expires_after);
        Self {
            faults: Mutex::new(settings.faults.clone()),
            settings,
            endpoint_url,
            clock,
            jobs: Mutex::default(),
            next_jobs: Mutex::new(next_jobs),
            resources: Mutex::default(),
            tokens: Mutex::new(tokens),
            records: Mutex::default(),
            stop: Shutdown::default(),
        }
    }
}

/// Tells all threads to stop, and interrupts their sleeps.
#[derive(Debug, Default)]
pub(super) struct Shutdown {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Shutdown {
    pub(super) fn stop(&self) {
        *lock(&self.stopped) = true;
        self.changed.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        *lock(&self.stopped)
    }

    /// Sleeps; returns `false` if the simulator was stopped meanwhile.
    pub(super) fn sleep(&self, duration: Duration) -> bool {
        let began = Instant::now();
        let mut stopped = lock(&self.stopped);
        loop {
            let left = duration.saturating_sub(began.elapsed());
            if *stopped || left.is_zero() {
                return !*stopped;
            }
            stopped = match self.changed.wait_timeout(stopped, left) {
                Ok((guard, _)) => guard,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}
