//! How many errors in a row end a wait, and how long to wait after each.

use std::time::Duration;

/// Consecutive errors, without a good response in between.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct FailureStreak {
    length: u32,
    since: Duration,
}

impl FailureStreak {
    pub(crate) const fn add(&mut self, now: Duration) {
        if self.length == 0 {
            self.since = now;
        }
        self.length = self.length.saturating_add(1);
    }

    pub(crate) const fn end(&mut self) {
        self.length = 0;
    }

    pub(crate) const fn length(&self) -> u32 {
        self.length
    }

    /// At least this many in a row, and for at least this long.
    fn reaches(&self, many: u32, long: Duration, now: Duration) -> bool {
        self.length >= many && now.saturating_sub(self.since) >= long
    }
}

/// The first contact with a service: until its first good response a wrong host must not cost the whole timeout.
/// Shared by all jobs of the service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ServiceContact {
    made: bool,
    failures: FailureStreak,
}

impl ServiceContact {
    pub(crate) const fn good(&mut self) {
        self.made = true;
        self.failures.end();
    }

    /// The service itself responded, but not with a job.
    pub(crate) const fn responded(&mut self) {
        self.failures.end();
    }

    pub(crate) const fn error(&mut self, now: Duration) {
        self.failures.add(now);
    }

    /// The service is given up.
    pub(crate) fn is_hopeless(&self, now: Duration) -> bool {
        !self.made && self.failures.reaches(5, Duration::from_secs(10), now)
    }
}

/// A job is given up after ten errors in a row and two minutes of them.
pub(crate) fn is_exhausted(failures: &FailureStreak, now: Duration) -> bool {
    failures.reaches(10, Duration::from_secs(120), now)
}

/// 1 s, doubled up to 30 s, after a transient error.
pub(crate) fn transient_delay(failures: u32, random: f64) -> Duration {
    doubled(1.0, failures, 30.0, random)
}

/// 5 s, doubled up to a minute, after a throttled response.
pub(crate) fn throttled_delay(responses: u32, random: f64) -> Duration {
    doubled(5.0, responses, 60.0, random)
}

/// Half of the delay to all of it, at random, so that clients that failed together do not retry together.
fn doubled(initial: f64, times: u32, max: f64, random: f64) -> Duration {
    let doublings = i32::try_from(times.saturating_sub(1).min(10)).unwrap_or(10);
    let whole = (initial * 2f64.powi(doublings)).min(max);
    Duration::from_secs_f64(whole * (0.5 + 0.5 * random.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_delays_double_up_to_a_maximum() {
        let seconds = |delay: Duration| delay.as_secs_f64();
        for (times, transient, throttled) in
            [(1, 1.0, 5.0), (2, 2.0, 10.0), (5, 16.0, 60.0), (99, 30.0, 60.0)]
        {
            assert!((seconds(transient_delay(times, 1.0)) - transient).abs() < 1e-9);
            assert!((seconds(transient_delay(times, 0.0)) - transient / 2.0).abs() < 1e-9);
            assert!((seconds(throttled_delay(times, 1.0)) - throttled).abs() < 1e-9);
        }
    }

    #[test]
    fn a_service_is_given_up_after_five_errors_and_ten_seconds() {
        let mut contact = ServiceContact::default();
        for second in 0..5 {
            contact.error(at(second));
        }
        assert!(!contact.is_hopeless(at(9)));
        assert!(contact.is_hopeless(at(10)));
        contact.good();
        for second in 10..40 {
            contact.error(at(second));
        }
        assert!(!contact.is_hopeless(at(99)));
    }

    #[test]
    fn a_job_is_given_up_after_ten_errors_and_two_minutes() {
        let mut failures = FailureStreak::default();
        for second in 0..10 {
            failures.add(at(second));
        }
        assert!(!is_exhausted(&failures, at(119)));
        assert!(is_exhausted(&failures, at(120)));
        failures.end();
        assert!(!is_exhausted(&failures, at(999)));
    }
}
