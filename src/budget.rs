//! How many looks a client may make: one rate for all its waits, slowed down when the service asks for it. Pure.

use std::time::Duration;

/// A bucket of looks that fills at a rate, with a small burst.
///
/// A throttled answer halves the rate, at most once a second, and remembers where that happened. The rate recovers
/// to nine tenths of that within ten seconds, and above it by one percent a second: gentle enough that a service
/// with a limit refuses less than one look in a hundred.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    rate: f64,
    tokens: f64,
    filled: Duration,
    paused_until: Duration,
    slowed: Option<Slowed>,
    pace: Pace,
}

/// The rate after a throttled answer.
#[derive(Clone, Copy, Debug)]
struct Slowed {
    at: Duration,
    from: f64,
    to: f64,
}

impl Budget {
    /// `rate` is in looks a second; infinite is no limit.
    pub(crate) fn new(rate: f64) -> Self {
        let rate = if rate > 0.0 { rate } else { SLOWEST };
        Self {
            rate,
            tokens: burst(rate),
            filled: Duration::ZERO,
            paused_until: Duration::ZERO,
            slowed: None,
            pace: Pace::default(),
        }
    }

    /// Takes the right to look now, or says when to ask again.
    pub(crate) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        if now < self.paused_until {
            return Err(self.paused_until);
        }
        let rate = self.rate_at(now);
        if rate.is_infinite() {
            self.pace.count(now);
            return Ok(());
        }
        let spread = if self.slowed.is_some() { 1.0 } else { burst(rate) };
        let passed = now.saturating_sub(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * rate).min(spread);
        self.filled = self.filled.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            self.pace.count(now);
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64((1.0 - self.tokens) / rate).unwrap_or(Duration::MAX);
        Err(now.saturating_add(wait.max(Duration::from_micros(100))))
    }

    /// When the next look may be made: now, or later.
    pub(crate) fn room(&self, now: Duration) -> Duration {
        let mut trial = self.clone();
        trial.take(now).err().unwrap_or(now)
    }

    /// Another rate from now on.
    pub(crate) fn set_rate(&mut self, rate: f64) {
        let fresh = Self::new(rate);
        self.rate = fresh.rate;
        self.tokens = fresh.tokens.min(self.tokens.max(1.0));
    }

    /// The service said that there are too many requests.
    pub(crate) fn throttled(&mut self, retry_after: Option<Duration>, now: Duration) {
        if let Some(pause) = retry_after {
            self.paused_until = self.paused_until.max(now.saturating_add(pause));
        }
        if self.slowed.is_some_and(|slowed| now.saturating_sub(slowed.at) < Duration::from_secs(1)) {
            return;
        }
        let from = self.rate_at(now).min(self.pace.rate(now).max(1.0));
        self.slowed = Some(Slowed { at: now, from, to: (from / 2.0).max(SLOWEST) });
        self.tokens = 0.0;
        self.filled = now;
    }

    /// The rate that is allowed at this moment.
    pub(crate) fn rate_at(&mut self, now: Duration) -> f64 {
        let Some(slowed) = self.slowed else { return self.rate };
        let since = now.saturating_sub(slowed.at).as_secs_f64();
        let near = slowed.from * 0.9;
        let rate = if since < RECOVERY {
            slowed.to + (near - slowed.to) * since / RECOVERY
        } else {
            near + slowed.from * 0.01 * (since - RECOVERY)
        };
        if rate >= self.rate || since > 600.0 {
            self.slowed = None;
            return self.rate;
        }
        rate.max(SLOWEST)
    }
}

/// How many looks may be made in one go.
fn burst(rate: f64) -> f64 {
    rate.clamp(1.0, 5.0).max(rate * 0.05)
}

/// The looks of this second and of the one before.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    second: u64,
    this: u32,
    before: u32,
}

impl Pace {
    fn count(&mut self, now: Duration) {
        self.turn(now);
        self.this = self.this.saturating_add(1);
    }

    fn rate(&mut self, now: Duration) -> f64 {
        self.turn(now);
        f64::from(self.this.max(self.before))
    }

    fn turn(&mut self, now: Duration) {
        if now.as_secs() != self.second {
            self.before = if now.as_secs() == self.second + 1 { self.this } else { 0 };
            (self.second, self.this) = (now.as_secs(), 0);
        }
    }
}

/// However throttled, a look a minute is made.
const SLOWEST: f64 = 1.0 / 60.0;

/// Seconds until the rate is near to where it was throttled.
const RECOVERY: f64 = 10.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(budget: &mut Budget, from: f64, to: f64) -> u32 {
        let (mut now, end) = (Duration::from_secs_f64(from), Duration::from_secs_f64(to));
        let mut count = 0;
        while now < end {
            match budget.take(now) {
                Ok(()) => count += 1,
                Err(then) => now = then,
            }
        }
        count
    }

    #[test]
    fn a_budget_gives_its_rate_and_a_small_burst() {
        assert_eq!(taken(&mut Budget::new(5.0), 0.0, 0.001), 5);
        let many = taken(&mut Budget::new(200.0), 0.0, 10.0);
        assert!((2000..=2012).contains(&many), "{many}");
        let slow = taken(&mut Budget::new(0.5), 0.0, 60.0);
        assert!((30..=31).contains(&slow), "{slow}");
    }

    #[test]
    fn an_unlimited_budget_always_gives() {
        let mut budget = Budget::new(f64::INFINITY);
        assert!((0..100_000).all(|_| budget.take(Duration::ZERO).is_ok()));
    }

    #[test]
    fn odd_rates_give_a_look_a_minute() {
        for rate in [0.0, -1.0, f64::NAN] {
            let count = taken(&mut Budget::new(rate), 0.0, 600.0);
            assert!((10..=11).contains(&count), "{rate}: {count}");
        }
    }

    #[test]
    fn retry_after_pauses_everything() {
        let mut budget = Budget::new(5.0);
        budget.throttled(Some(Duration::from_secs(7)), Duration::from_secs(1));
        assert_eq!(budget.take(Duration::from_secs(2)), Err(Duration::from_secs(8)));
        assert_eq!(taken(&mut budget, 2.0, 8.0), 0);
        assert!(taken(&mut budget, 8.0, 12.0) > 0);
        budget.throttled(Some(Duration::MAX), Duration::from_secs(20));
        assert_eq!(budget.take(Duration::from_secs(21)), Err(Duration::MAX));
    }

    #[test]
    fn a_limit_of_the_service_is_found_and_kept() {
        // A service that allows 50 looks a second and nothing more; the budget wants 200.
        let mut budget = Budget::new(200.0);
        let (mut now, mut window, mut sent, mut refused) = (Duration::ZERO, (0, 0), 0u32, 0u32);
        while now < Duration::from_secs(120) {
            match budget.take(now) {
                Err(then) => now = then,
                Ok(()) => {
                    if now.as_secs() != window.0 {
                        window = (now.as_secs(), 0);
                    }
                    window.1 += 1;
                    let late = now > Duration::from_secs(10);
                    sent += u32::from(late);
                    if window.1 > 50 {
                        refused += u32::from(late);
                        budget.throttled(None, now);
                    }
                }
            }
        }
        assert!(f64::from(refused) < 0.02 * f64::from(sent), "{refused} of {sent} refused");
        assert!(sent > 110 * 30, "only {sent} looks in 110 s of a limit of 50 a second");
    }
}
