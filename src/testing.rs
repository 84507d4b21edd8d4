//! What tests of several modules share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, Wake};

/// An endpoint that nothing is sent to.
#[allow(clippy::unwrap_used, reason = "a test may panic")]
pub(crate) fn endpoint() -> Endpoint {
    Endpoint::new("https://ecs.test", "p").unwrap()
}

/// A clock on which sleeping takes no time. Clones are one clock.
///
/// It stands still but for its sleepers and for [`advance`](Self::advance). What is to happen while somebody sleeps
/// is planned before.
#[derive(Clone, Debug, Default)]
pub(crate) struct VirtualClock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    now: Duration,
    /// How far the time of day is ahead of `now`.
    ahead: Duration,
    plans: Vec<(Duration, Plan)>,
    oversleep: Duration,
    sleeps: usize,
}

#[derive(Debug)]
enum Plan {
    Suspend(Duration),
    CancelToken(CancelToken),
}

impl VirtualClock {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Lets time pass, as a poll or a callback does.
    pub(crate) fn advance(&self, span: Duration) {
        let mut state = self.lock();
        state.now = state.now.saturating_add(span);
    }

    /// Suspends the machine for so long, once somebody sleeps past this moment.
    pub(crate) fn suspend_at(&self, moment: Duration, span: Duration) {
        self.plan(moment, Plan::Suspend(span));
    }

    /// Turns this switch on, once somebody sleeps past this moment.
    pub(crate) fn cancel_at(&self, moment: Duration, cancel: &CancelToken) {
        self.plan(moment, Plan::CancelToken(cancel.clone()));
    }

    /// Every sleep lasts so much too long.
    pub(crate) fn oversleep(&self, span: Duration) {
        self.lock().oversleep = span;
    }

    /// How often somebody slept.
    pub(crate) fn sleeps(&self) -> usize {
        self.lock().sleeps
    }

    fn plan(&self, moment: Duration, plan: Plan) {
        let mut state = self.lock();
        state.plans.push((moment, plan));
        state.plans.sort_by_key(|(moment, _)| *moment);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        self.lock().now
    }

    fn sleep_until(&self, moment: Duration, cancel: &CancelToken) -> Wake {
        let mut state = self.lock();
        if cancel.is_cancelled() {
            return Wake::Cancelled;
        }
        if moment <= state.now {
            return Wake::Due;
        }
        state.sleeps += 1;
        while state.plans.first().is_some_and(|(planned, _)| *planned <= moment) {
            let (planned, plan) = state.plans.remove(0);
            state.now = state.now.max(planned);
            match plan {
                Plan::Suspend(span) => {
                    state.ahead += span;
                    return Wake::Resumed;
                }
                Plan::CancelToken(switch) => {
                    switch.cancel();
                    if cancel.is_cancelled() {
                        return Wake::Cancelled;
                    }
                }
            }
        }
        state.now = moment.saturating_add(state.oversleep);
        Wake::Due
    }

    fn wall(&self) -> Duration {
        let state = self.lock();
        Duration::from_secs(1_795_300_000).saturating_add(state.now).saturating_add(state.ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_during_sleeps_and_planned_events_happen_in_them() {
        let (clock, cancel) = (VirtualClock::new(), CancelToken::new());
        let at = Duration::from_secs;
        clock.suspend_at(at(5), at(3600));
        clock.cancel_at(at(9), &cancel);
        assert_eq!(clock.sleep_until(at(4), &cancel), Wake::Due);
        let before = clock.wall();
        assert_eq!(clock.sleep_until(at(6), &cancel), Wake::Resumed);
        assert_eq!((clock.now(), clock.wall() - before), (at(5), at(3601)));
        assert_eq!(clock.sleep_until(at(6), &cancel), Wake::Due);
        assert_eq!(clock.sleep_until(at(60), &cancel), Wake::Cancelled);
        assert_eq!((clock.now(), clock.sleeps()), (at(9), 4));
        assert_eq!(clock.sleep_until(at(1), &cancel), Wake::Cancelled);
    }
}
