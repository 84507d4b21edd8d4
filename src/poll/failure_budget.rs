//! How long error is put up with.

use std::time::Duration;

/// A row of errors without a good answer between them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct FailureStreak {
    length: u32,
    since: Duration,
}

impl FailureStreak {
    /// One more error.
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

    /// At least this many in a row and for at least this long.
    fn reaches(&self, many: u32, long: Duration, now: Duration) -> bool {
        self.length >= many && now.saturating_sub(self.since) >= long
    }
}

/// The first contact with a service: until it has given its first good answer, a wrong host must not cost the whole
/// timeout. One for all jobs that are asked there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FirstContact {
    made: bool,
    row: FailureStreak,
}

impl FirstContact {
    pub(crate) const fn good(&mut self) {
        self.made = true;
        self.row.end();
    }

    /// It answered, if not with a job.
    pub(crate) const fn answered(&mut self) {
        self.row.end();
    }

    pub(crate) const fn error(&mut self, now: Duration) {
        self.row.add(now);
    }

    /// It is time to give the service up.
    pub(crate) fn is_hopeless(&self, now: Duration) -> bool {
        !self.made && self.row.reaches(5, Duration::from_secs(10), now)
    }
}

/// A job is given up when ten polls in a row and two minutes gave nothing but error.
pub(crate) fn is_exhausted(row: &FailureStreak, now: Duration) -> bool {
    row.reaches(10, Duration::from_secs(120), now)
}

/// 1 s, doubled up to 30 s, for error that may pass.
pub(crate) fn transient_delay(row: u32, random: f64) -> Duration {
    doubled(1.0, row, 30.0, random)
}

/// 5 s, doubled up to a minute, where the service says that there are too many requests.
pub(crate) fn throttled_delay(row: u32, random: f64) -> Duration {
    doubled(5.0, row, 60.0, random)
}

/// Half of it to the whole of it, at random: here clients do contend.
fn doubled(first: f64, row: u32, cap: f64, random: f64) -> Duration {
    let doublings = i32::try_from(row.saturating_sub(1).min(10)).unwrap_or(10);
    let whole = (first * 2f64.powi(doublings)).min(cap);
    Duration::from_secs_f64(whole * (0.5 + 0.5 * random.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_delays_double_up_to_their_cap() {
        let seconds = |delay: Duration| delay.as_secs_f64();
        for (row, transient, throttled) in [(1, 1.0, 5.0), (2, 2.0, 10.0), (5, 16.0, 60.0), (99, 30.0, 60.0)]
        {
            assert!((seconds(transient_delay(row, 1.0)) - transient).abs() < 1e-9);
            assert!((seconds(transient_delay(row, 0.0)) - transient / 2.0).abs() < 1e-9);
            assert!((seconds(throttled_delay(row, 1.0)) - throttled).abs() < 1e-9);
        }
    }

    #[test]
    fn a_service_is_given_up_after_five_errors_and_ten_seconds() {
        let mut contact = FirstContact::default();
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
        let mut row = FailureStreak::default();
        for second in 0..10 {
            row.add(at(second));
        }
        assert!(!is_exhausted(&row, at(119)));
        assert!(is_exhausted(&row, at(120)));
        row.end();
        assert!(!is_exhausted(&row, at(999)));
    }
}
