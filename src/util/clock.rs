//! The clock: the only code that reads the time or sleeps.
#![expect(clippy::disallowed_methods, reason = "the only reader of the time")]

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use super::cancel::CancelToken;

/// A source of time. Reading and sleeping are one trait, so that a test clock does both or neither.
///
/// All moments are durations since the clock's own fixed origin. [`SystemClock`] is the real one.
pub(crate) trait Clock: Send + Sync {
    /// Now, on a monotonic clock.
    fn now(&self) -> Duration;

    /// Sleeps until `moment`, until `cancel` is cancelled, or until the machine resumes from a suspend.
    fn sleep_until(&self, moment: Duration, cancel: &CancelToken) -> Wake;

    /// The wall-clock time as a duration since 1970, UTC. It may jump.
    fn wall(&self) -> Duration;
}

/// Why a sleep ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wake {
    /// [`CancelToken::cancel`] was called.
    Cancelled,
    /// The moment was reached.
    Due,
    /// The machine was suspended: the wall clock advanced much more than the monotonic one.
    Resumed,
}

/// The clock of this machine.
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
            // The monotonic clock of Linux stops during a suspend, the wall clock does not.
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

/// The longest sleep without a check of the wall clock.
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
