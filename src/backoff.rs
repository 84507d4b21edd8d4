//! The delay between two looks, as a small value.

use std::time::Duration;

/// How long to wait before the next look: exponential backoff in the age of the job.
///
/// The delay is `first + (factor - 1) x age`, at most `cap`, times a random factor of `1 - jitter` to `1 + jitter`.
/// Looked at from its start a job is asked after `first`, and each later delay is `factor` times the one before: the
/// classic schedule. A wait that is taken up again for an old job goes on at the old pace.
///
/// # Default
/// | | |
/// |-|-|
/// | `first` | 0.7 s (the first delay of a wait is spread over half to one and a half of it) |
/// | `factor` | 1.15 |
/// | `cap` | 10 s |
/// | `jitter` | 0.1 |
/// | `expect` | none |
///
/// ```
/// use std::time::Duration;
/// use cloudjob::Backoff;
///
/// let patient = Backoff::new().first(Duration::from_secs(2)).cap(Duration::from_secs(60));
/// let steady = Backoff::fixed(Duration::from_secs(5));
/// assert_eq!(steady.delay(Duration::from_secs(300), 0.5), Duration::from_secs(5));
/// # let _ = patient;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    growth: f64,
    cap: Duration,
    jitter: f64,
    expect: Option<Duration>,
}

impl Backoff {
    /// The default.
    pub const fn new() -> Self {
        Self {
            first: Duration::from_millis(700),
            growth: 0.15,
            cap: Duration::from_secs(10),
            jitter: 0.1,
            expect: None,
        }
    }

    /// The same delay always, without jitter.
    pub const fn fixed(every: Duration) -> Self {
        Self { first: every, growth: 0.0, cap: every, jitter: 0.0, expect: None }
    }

    /// The delay at the start of a job.
    #[must_use]
    pub const fn first(mut self, delay: Duration) -> Self {
        self.first = delay;
        self
    }

    /// What each delay is multiplied with to give the next. Below 1, or no number, it counts as 1.
    #[must_use]
    pub const fn factor(mut self, factor: f64) -> Self {
        self.growth = if factor > 1.0 { factor - 1.0 } else { 0.0 };
        self
    }

    /// The longest delay, before the jitter.
    #[must_use]
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// How far a delay is moved at random, as a part of it: 0 (not at all) to 0.9. Values outside are moved in.
    #[must_use]
    pub const fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = if jitter > 0.9 {
            0.9
        } else if jitter > 0.0 {
            jitter
        } else {
            0.0
        };
        self
    }

    /// How long the job is expected to take: fewer looks long before that, more around it.
    #[must_use]
    pub const fn expect(mut self, duration: Duration) -> Self {
        self.expect = Some(duration);
        self
    }

    /// The delay after a pending answer at this age of the job. `random` is from 0 to 1; 0.5 is no jitter.
    pub fn delay(&self, age: Duration, random: f64) -> Duration {
        self.delay_from(self.first.as_secs_f64(), self.jitter, age, random)
    }

    /// The delay after the first look: its fixed part is spread widely, so that waiters that were started together
    /// part.
    pub(crate) fn first_delay(&self, age: Duration, random: f64) -> Duration {
        if self.growth == 0.0 && self.jitter == 0.0 {
            return self.delay(age, random);
        }
        self.delay_from(self.first.as_secs_f64() * (0.5 + random), 0.0, age, 0.5)
    }

    /// The shortest delay there is, before the jitter.
    pub(crate) fn shortest(&self) -> Duration {
        self.first.min(self.cap).max(LEAST)
    }

    fn delay_from(&self, first: f64, jitter: f64, age: Duration, random: f64) -> Duration {
        let plain = match self.expect {
            Some(expected) => self.towards(first, age.as_secs_f64(), expected.as_secs_f64()),
            None => (first + self.growth * age.as_secs_f64()).min(self.cap.as_secs_f64()),
        };
        let moved = plain * (1.0 + jitter * (2.0 * random.clamp(0.0, 1.0) - 1.0));
        Duration::try_from_secs_f64(moved).unwrap_or(Duration::MAX).max(LEAST)
    }

    /// With a hint: half-way steps up to half of the expected duration, then the usual law in the distance to it.
    fn towards(&self, first: f64, age: f64, expected: f64) -> f64 {
        let near = expected * 0.5;
        if age < near {
            return ((near - age) * 0.5).max(first);
        }
        let distance = (age - expected).abs().max(expected * 0.1);
        (first + self.growth * distance).min(self.cap.as_secs_f64())
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// No delay is shorter: a backoff of zero must not become a busy loop.
const LEAST: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(delay: Duration) -> f64 {
        delay.as_secs_f64()
    }

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let default = Backoff::default();
        assert_eq!(default.first, Duration::from_millis(700));
        assert!((default.growth - 0.15).abs() < 1e-12);
        assert_eq!(default.cap, Duration::from_secs(10));
        assert!((default.jitter - 0.1).abs() < 1e-12);
        assert_eq!(default.expect, None);
    }

    #[test]
    fn from_the_start_of_a_job_it_is_the_classic_schedule() {
        let (mut age, mut before) = (Duration::ZERO, None::<f64>);
        for _ in 0..15 {
            let delay = Backoff::new().delay(age, 0.5);
            if let Some(before) = before {
                assert!((seconds(delay) / before - 1.15).abs() < 1e-6, "{delay:?} after {before}");
            }
            before = Some(seconds(delay));
            age += delay;
        }
    }

    #[test]
    fn the_delay_is_capped_and_moved_by_the_jitter_only() {
        let hour = Duration::from_secs(3600);
        for (random, expected) in [(0.0, 9.0), (0.5, 10.0), (1.0, 11.0)] {
            assert!((seconds(Backoff::new().delay(hour, random)) - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn the_first_delay_is_spread_from_half_to_one_and_a_half() {
        for (random, expected) in [(0.0, 0.35), (0.5, 0.7), (1.0, 1.05)] {
            let delay = Backoff::new().first_delay(Duration::ZERO, random);
            assert!((seconds(delay) - expected).abs() < 1e-9, "{delay:?}");
        }
    }

    #[test]
    fn odd_settings_are_moved_into_their_range() {
        let odd = Backoff::new().factor(f64::NAN).jitter(f64::NAN);
        assert_eq!(odd.delay(Duration::MAX, 0.5), Duration::from_millis(700));
        assert_eq!(Backoff::fixed(Duration::ZERO).delay(Duration::ZERO, 0.0), LEAST);
        let endless = Backoff::new().first(Duration::MAX).cap(Duration::MAX).factor(f64::INFINITY);
        assert_eq!(endless.delay(Duration::MAX, 1.0), Duration::MAX);
    }

    #[test]
    fn a_hint_looks_rarely_before_and_often_around_the_expected_moment() {
        let hinted = Backoff::new().expect(Duration::from_secs(240));
        assert!(hinted.delay(Duration::from_secs(10), 0.5) > Duration::from_secs(50));
        let around = hinted.delay(Duration::from_secs(240), 0.5);
        assert!(around < Backoff::new().delay(Duration::from_secs(240), 0.5));
    }
}
