//! Time: one clock that tells and sleeps, and the switch that wakes a sleeper early.
#![expect(clippy::disallowed_methods, reason = "the only reader of the time")]

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use super::cancel::CancelToken;

/// Where time comes from: the present and the sleep in one place, so that a false clock cannot do one without the
/// other.
///
/// All moments are spans from an origin of the clock's own choice, which never moves. [`SystemClock`] is the real one.
pub(crate) trait Clock: Send + Sync {
    /// Now, on a clock that never goes back.
    fn now(&self) -> Duration;

    /// Sleeps until `moment`, or until `cancel` is given, or until the machine wakes up from a suspend.
    fn sleep_until(&self, moment: Duration, cancel: &CancelToken) -> Wake;

    /// The time of day as a span since 1970, UTC. It may jump.
    fn wall(&self) -> Duration;
}

/// Why a sleep ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wake {
    /// Somebody said [`CancelToken::cancel`].
    Cancelled,
    /// The moment has come.
    Due,
    /// The machine had been suspended: much more time has passed outside than on the clock.
    Resumed,
}

/// The clock of this machine: monotonic, and sleeping for real.
///
/// All of them have one origin, so that moments of different clients can be compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

static ORIGIN: OnceLock<Instant> = OnceLock::new();

impl SystemClock {
    pub(crate) const fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        ORIGIN.get_or_init(Instant::now).elapsed()
    }

    fn sleep_until(&self, moment: Duration, cancel: &CancelToken) -> Wake {
        let (begun, wall_begun) = (self.now(), self.wall());
        loop {
            let now = self.now();
            let left = moment.saturating_sub(now);
            if cancel.is_cancelled() {
                return Wake::Cancelled;
            }
            if left.is_zero() {
                return Wake::Due;
            }
            // The monotonic clock of Linux stands still in a suspend, the wall clock does not.
            let outside = self.wall().saturating_sub(wall_begun);
            if outside.saturating_sub(now.saturating_sub(begun)) >= SUSPEND {
                return Wake::Resumed;
            }
            cancel.sleep(left.min(SLICE));
        }
    }

    fn wall(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

/// The longest sleep without a poll at the wall clock.
const SLICE: Duration = Duration::from_secs(5);

/// How far the wall clock must be ahead before it is a suspend and not a correction.
pub(crate) const SUSPEND: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_sleep_ends_at_once() {
        let clock = SystemClock::new();
        let cancel = CancelToken::new();
        let other = cancel.clone();
        let sleeper = std::thread::spawn(move || clock.sleep_until(Duration::from_secs(600), &other));
        cancel.cancel();
        assert_eq!(sleeper.join().unwrap(), Wake::Cancelled);
    }

    #[test]
    fn all_clocks_have_one_origin() {
        let first = SystemClock::new();
        let before = first.now();
        std::thread::sleep(Duration::from_millis(2));
        assert!(SystemClock::new().now() > before);
        assert!(first.now() >= before);
    }

    #[test]
    fn a_moment_that_has_passed_is_due() {
        assert_eq!(SystemClock::new().sleep_until(Duration::ZERO, &CancelToken::new()), Wake::Due);
    }

    #[test]
    fn a_cancel_comes_before_a_moment_that_has_passed() {
        let cancel = CancelToken::new();
        cancel.cancel();
        assert_eq!(SystemClock::new().sleep_until(Duration::ZERO, &cancel), Wake::Cancelled);
    }
}
