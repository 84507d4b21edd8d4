//! The delay between two polls, as a small value.

use std::time::Duration;

/// How long to wait before the next poll: exponential backoff in the age of the job.
///
/// The delay is `initial + (factor - 1) x age`, at most `max`, times a random factor of `1 - jitter` to `1 + jitter`.
/// For a job that is polled from its start this is the classic schedule: the first delay is `initial`, and each delay
/// is `factor` times the one before. A new wait for an old job continues with the longer delays of its age.
///
/// # Default
/// | | |
/// |-|-|
/// | `initial` | 0.7 s (the first delay of a wait is 0.35 s to 1.05 s, at random) |
/// | `factor` | 1.15 |
/// | `max` | 10 s |
/// | `jitter` | 0.1 |
/// | `expected_duration` | none |
///
/// ```
/// use std::time::Duration;
/// use cloudjob::Backoff;
///
/// let patient = Backoff::new().initial(Duration::from_secs(2)).max(Duration::from_secs(60));
/// let steady = Backoff::fixed(Duration::from_secs(5));
/// assert_eq!(steady.delay(Duration::from_secs(300), 0.5), Duration::from_secs(5));
/// # let _ = patient;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    initial: Duration,
    growth: f64,
    max: Duration,
    jitter: f64,
    expected: Option<Duration>,
}

impl Backoff {
    /// The default.
    pub const fn new() -> Self {
        Self {
            initial: Duration::from_millis(700),
            growth: 0.15,
            max: Duration::from_secs(10),
            jitter: 0.1,
            expected: None,
        }
    }

    /// The same delay always, without jitter.
    pub const fn fixed(every: Duration) -> Self {
        Self { initial: every, growth: 0.0, max: every, jitter: 0.0, expected: None }
    }

    /// The delay at the start of a job.
    #[must_use]
    pub const fn initial(mut self, delay: Duration) -> Self {
        self.initial = delay;
        self
    }

    /// The ratio of each delay to the one before. A value below 1, or NaN, counts as 1.
    #[must_use]
    pub const fn factor(mut self, factor: f64) -> Self {
        self.growth = if factor > 1.0 { factor - 1.0 } else { 0.0 };
        self
    }

    /// The longest delay, before the jitter.
    #[must_use]
    pub const fn max(mut self, delay: Duration) -> Self {
        self.max = delay;
        self
    }

    /// The random part of a delay, up or down: 0 (none) to 0.9. A value outside this range is clamped to it.
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

    /// How long the job is expected to take: fewer polls long before that, more around it.
    ///
    /// Until four fifths of that time the delays grow twice as fast, up to one and a half times `max`; from there on
    /// the delay is that of an age equal to the distance to the expected end.
    #[must_use]
    pub const fn expected_duration(mut self, duration: Duration) -> Self {
        self.expected = Some(duration);
        self
    }

    /// The delay after a pending response at this age of the job. `random` is from 0 to 1; 0.5 is no jitter.
    pub fn delay(&self, age: Duration, random: f64) -> Duration {
        let plain = self.plain(age);
        with_jitter(plain, plain * self.jitter, random)
    }

    /// The delay after the first poll of a wait: with a random part of half of `initial` at least, so that waits that
    /// were started together do not poll together.
    pub(crate) fn first_delay(&self, age: Duration, random: f64) -> Duration {
        if self.growth == 0.0 && self.jitter == 0.0 {
            return self.delay(age, random);
        }
        let plain = self.plain(age);
        let spread = self.initial.min(self.max).as_secs_f64() * 0.5;
        with_jitter(plain, spread.max(plain * self.jitter), random)
    }

    /// The same backoff without an expected duration.
    pub(crate) const fn unhinted(mut self) -> Self {
        self.expected = None;
        self
    }

    /// The shortest delay, before the jitter.
    pub(crate) fn shortest(&self) -> Duration {
        self.initial.min(self.max).max(MIN_DELAY)
    }

    /// In seconds, before the jitter.
    fn plain(&self, age: Duration) -> f64 {
        let age = age.as_secs_f64();
        self.expected
            .map_or_else(|| self.plain_at(age), |expected| self.plain_near(age, expected.as_secs_f64()))
    }

    /// With a hint: until four fifths of the expected duration the delays grow twice as fast and to one and a half times
    /// the maximum; from there on they depend on the distance to it, so that they are short around it and grow again if
    /// the hint was wrong.
    ///
    /// Longer delays on the way would save more polls if the hint is right, but notice the end very late if the job
    /// ends long before (see the bench `pacing`).
    fn plain_near(&self, age: f64, expected: f64) -> f64 {
        let (initial, max) = (self.initial.as_secs_f64(), self.max.as_secs_f64());
        let near = expected * 0.8;
        if age < near {
            let early = (initial + 2.0 * self.growth * age).min(1.5 * max);
            return early.min((near - age).max(initial));
        }
        self.plain_at((age - expected).abs().max(expected * 0.1))
    }

    fn plain_at(&self, age: f64) -> f64 {
        (self.initial.as_secs_f64() + self.growth * age).min(self.max.as_secs_f64())
    }
}

/// Up to `spread` seconds more or less than `plain`.
fn with_jitter(plain: f64, spread: f64, random: f64) -> Duration {
    let random = if random.is_nan() { 0.0 } else { random.clamp(0.0, 1.0) };
    let seconds = plain + spread * (2.0 * random - 1.0);
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).max(MIN_DELAY)
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// No delay is shorter, so that a backoff of zero does not become a busy loop.
const MIN_DELAY: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(delay: Duration) -> f64 {
        delay.as_secs_f64()
    }

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let default = Backoff::default();
        assert_eq!(default.initial, Duration::from_millis(700));
        assert!((default.growth - 0.15).abs() < 1e-12);
        assert_eq!(default.max, Duration::from_secs(10));
        assert!((default.jitter - 0.1).abs() < 1e-12);
        assert_eq!(default.expected, None);
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
        assert_eq!(Backoff::fixed(Duration::ZERO).delay(Duration::ZERO, 0.0), MIN_DELAY);
        let endless = Backoff::new().initial(Duration::MAX).max(Duration::MAX).factor(f64::INFINITY);
        assert_eq!(endless.delay(Duration::MAX, 1.0), Duration::MAX);
    }

    #[test]
    fn the_first_delay_for_an_old_job_is_spread_by_the_jitter() {
        let hour = Duration::from_secs(3600);
        for (random, expected) in [(0.0, 9.0), (0.5, 10.0), (1.0, 11.0)] {
            assert!((seconds(Backoff::new().first_delay(hour, random)) - expected).abs() < 1e-9);
        }
        let fixed = Backoff::fixed(Duration::from_secs(5));
        assert_eq!(fixed.first_delay(hour, 0.0), Duration::from_secs(5));
        let no_jitter = Backoff::new().jitter(0.0).initial(Duration::from_secs(60));
        assert!((seconds(no_jitter.first_delay(Duration::ZERO, 0.0)) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_random_number_that_is_none_is_the_least_one() {
        for (random, expected) in [(f64::NAN, 0.63), (-7.0, 0.63), (7.0, 0.77), (f64::INFINITY, 0.77)] {
            let delay = Backoff::new().delay(Duration::ZERO, random);
            assert!((seconds(delay) - expected).abs() < 1e-9, "{delay:?} for {random}");
        }
    }

    #[test]
    fn a_hint_polls_rarely_before_and_often_around_the_expected_moment() {
        let hinted = Backoff::new().expected_duration(Duration::from_secs(240));
        let against_none = |age: u64| {
            let age = Duration::from_secs(age);
            seconds(hinted.delay(age, 0.5)) / seconds(Backoff::new().delay(age, 0.5))
        };
        assert!(against_none(30) > 1.5 && against_none(150) > 1.4);
        assert!(against_none(192) < 1.0 && against_none(240) < 0.5 && against_none(280) < 0.7);
        // No delay reaches past the moment from which polls are more frequent, and a wrong hint is forgotten.
        assert!(hinted.delay(Duration::from_secs(185), 0.5) == Duration::from_secs(7));
        assert!((against_none(600) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_hint_does_not_change_a_fixed_delay() {
        let fixed = Backoff::fixed(Duration::from_secs(5)).expected_duration(Duration::from_secs(60));
        for age in [0, 30, 47, 48, 60, 600] {
            assert_eq!(fixed.delay(Duration::from_secs(age), 0.3), Duration::from_secs(5), "{age}");
        }
    }

    #[test]
    fn a_hint_without_end_is_no_panic() {
        for expected in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            for age in [Duration::ZERO, Duration::from_secs(5), Duration::MAX] {
                let delay = Backoff::new().expected_duration(expected).delay(age, 1.0);
                assert!(delay >= MIN_DELAY);
            }
        }
    }
}
