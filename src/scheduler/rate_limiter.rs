//! How many polls a client may make: one rate for all its waits, lowered when the service throttles it. Pure.

use std::time::Duration;

/// A token bucket with a small burst.
///
/// A throttled response cuts the rate to seven tenths, at most once a second. From there the rate follows a cubic curve,
/// as in TCP's CUBIC: it returns to the rate of the throttled response fast at first and then slower and slower, and
/// grows beyond it faster and faster. So it spends most of its time near the limit of the service, which throttles
/// fewer than two polls in a hundred. After a throttled response polls go out one by one, not in bursts.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    rate: f64,
    tokens: f64,
    filled: Duration,
    paused_until: Duration,
    throttling: Option<Throttling>,
    throughput: Throughput,
}

/// The last throttled response, and the rate at which it came.
#[derive(Clone, Copy, Debug)]
struct Throttling {
    at: Duration,
    rate: f64,
}

impl RateLimiter {
    /// `rate` is in polls per second; infinite is no limit.
    pub(crate) fn new(rate: f64) -> Self {
        let rate = if rate > 0.0 { rate } else { MIN_RATE };
        Self {
            rate,
            tokens: burst(rate),
            filled: Duration::ZERO,
            paused_until: Duration::ZERO,
            throttling: None,
            throughput: Throughput::default(),
        }
    }

    /// Takes the right to poll now, or says when to try again.
    pub(crate) fn try_acquire(&mut self, now: Duration) -> Result<(), Duration> {
        if let Some(until) = self.paused_until(now) {
            return Err(until);
        }
        let rate = self.current_rate(now);
        if rate.is_infinite() {
            self.throughput.count(now);
            return Ok(());
        }
        let most = if self.throttling.is_some() { 1.0 } else { burst(rate) };
        let passed = now.saturating_sub(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * rate).min(most);
        self.filled = self.filled.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            self.throughput.count(now);
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64((1.0 - self.tokens) / rate).unwrap_or(Duration::MAX);
        Err(now.saturating_add(wait.max(Duration::from_micros(100))))
    }

    /// Until when the service has asked for a pause.
    pub(crate) fn paused_until(&self, now: Duration) -> Option<Duration> {
        (now < self.paused_until).then_some(self.paused_until)
    }

    /// Sends nothing before a Retry-After has passed.
    pub(crate) fn pause(&mut self, retry_after: Duration, now: Duration) {
        self.paused_until = self.paused_until.max(now.saturating_add(retry_after.min(MAX_PAUSE)));
    }

    /// When the next poll may be made: now, or later.
    pub(crate) fn next_slot(&self, now: Duration) -> Duration {
        let mut trial = self.clone();
        trial.try_acquire(now).err().unwrap_or(now)
    }

    /// Lowers the rate after a throttled response, and sends nothing before its Retry-After has passed.
    pub(crate) fn apply_throttling(&mut self, retry_after: Option<Duration>, now: Duration) {
        if let Some(retry_after) = retry_after {
            self.pause(retry_after, now);
        }
        if self
            .throttling
            .is_some_and(|throttling| now.saturating_sub(throttling.at) < Duration::from_secs(1))
        {
            return;
        }
        // The rate of the polls that were sent, if it was below the limit; one poll alone says little.
        let rate = self.current_rate(now).min(self.throughput.rate(now).max(1.0));
        self.throttling = Some(Throttling { at: now, rate });
        self.tokens = 0.0;
        self.filled = now;
    }

    /// The rate that is allowed at this moment.
    pub(crate) fn current_rate(&mut self, now: Duration) -> f64 {
        let Some(Throttling { at, rate: from }) = self.throttling else { return self.rate };
        let since = now.saturating_sub(at.max(self.paused_until)).as_secs_f64();
        let recovery = (RECOVERY_POLLS / from).clamp(2.0, 300.0);
        let progress = since / recovery - 1.0;
        let slope = if progress < 0.0 { 0.3 } else { 0.9 };
        let rate = (from * (1.0 + slope * progress.powi(3))).max(MIN_RATE);
        if rate >= self.rate && since > BURST_AFTER {
            self.throttling = None;
        }
        rate.min(self.rate)
    }
}

/// How many polls may be sent at once.
fn burst(rate: f64) -> f64 {
    rate.clamp(1.0, 5.0).max(rate * 0.05)
}

/// The number of polls in this second and in the one before.
#[derive(Clone, Copy, Debug, Default)]
struct Throughput {
    second: u64,
    this: u32,
    before: u32,
}

impl Throughput {
    fn count(&mut self, now: Duration) {
        self.advance(now);
        self.this = self.this.saturating_add(1);
    }

    fn rate(&mut self, now: Duration) -> f64 {
        self.advance(now);
        if self.before > 0 {
            return f64::from(self.this.max(self.before));
        }
        // After a pause: a burst in a second that has just begun must not count as a low rate.
        let passed = (now - Duration::from_secs(self.second)).as_secs_f64().max(0.5);
        f64::from(self.this) / passed
    }

    fn advance(&mut self, now: Duration) {
        if now.as_secs() != self.second {
            self.before = if now.as_secs() == self.second + 1 { self.this } else { 0 };
            (self.second, self.this) = (now.as_secs(), 0);
        }
    }
}

/// The lowest rate, however often the client is throttled: a poll a minute.
const MIN_RATE: f64 = 1.0 / 60.0;

/// About so many polls are sent until the rate is back where it was throttled, so that few of them are throttled.
const RECOVERY_POLLS: f64 = 80.0;

/// The seconds after which bursts are allowed again.
const BURST_AFTER: f64 = 600.0;

/// A longer Retry-After is more likely wrong, and must not stop the client of a long-running program forever.
const MAX_PAUSE: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(limiter: &mut RateLimiter, from: f64, to: f64) -> u32 {
        let (mut now, end) = (Duration::from_secs_f64(from), Duration::from_secs_f64(to));
        let mut count = 0;
        while now < end {
            match limiter.try_acquire(now) {
                Ok(()) => count += 1,
                Err(then) => now = then,
            }
        }
        count
    }

    #[test]
    fn a_burst_that_is_throttled_at_the_start_does_not_make_it_crawl() {
        let mut limiter = RateLimiter::new(100.0);
        assert_eq!(taken(&mut limiter, 0.0, 0.001), 5);
        limiter.apply_throttling(None, Duration::from_millis(20));
        let rate = limiter.current_rate(Duration::from_secs(1));
        assert!((7.0..100.0).contains(&rate), "{rate}");
        assert!(
            limiter.current_rate(Duration::from_secs(25)) > 20.0,
            "{}",
            limiter.current_rate(Duration::from_secs(25))
        );
    }

    #[test]
    fn a_limiter_gives_its_rate_and_a_small_burst() {
        assert_eq!(taken(&mut RateLimiter::new(5.0), 0.0, 0.001), 5);
        let many = taken(&mut RateLimiter::new(200.0), 0.0, 10.0);
        assert!((2000..=2012).contains(&many), "{many}");
        let slow = taken(&mut RateLimiter::new(0.5), 0.0, 60.0);
        assert!((30..=31).contains(&slow), "{slow}");
    }

    #[test]
    fn an_unlimited_limiter_always_gives() {
        let mut limiter = RateLimiter::new(f64::INFINITY);
        assert!((0..100_000).all(|_| limiter.try_acquire(Duration::ZERO).is_ok()));
    }

    #[test]
    fn odd_rates_give_a_poll_a_minute() {
        for rate in [0.0, -1.0, f64::NAN] {
            let count = taken(&mut RateLimiter::new(rate), 0.0, 600.0);
            assert!((10..=11).contains(&count), "{rate}: {count}");
        }
    }

    #[test]
    fn retry_after_pauses_everything_for_a_day_at_most() {
        let mut limiter = RateLimiter::new(5.0);
        limiter.apply_throttling(Some(Duration::from_secs(7)), Duration::from_secs(1));
        assert_eq!(limiter.try_acquire(Duration::from_secs(2)), Err(Duration::from_secs(8)));
        assert_eq!(taken(&mut limiter, 2.0, 8.0), 0);
        assert!(taken(&mut limiter, 8.0, 12.0) > 0);
        limiter.apply_throttling(Some(Duration::MAX), Duration::from_secs(20));
        assert_eq!(limiter.try_acquire(Duration::from_secs(21)), Err(Duration::from_secs(24 * 3600 + 20)));
    }

    #[test]
    fn one_throttled_response_cuts_the_rate_and_is_made_good_within_half_a_minute() {
        let mut limiter = RateLimiter::new(5.0);
        assert_eq!(taken(&mut limiter, 0.0, 2.0), 14);
        for moment in [2.0, 2.5, 2.9] {
            limiter.apply_throttling(None, Duration::from_secs_f64(moment));
        }
        let mut rate = |second: u64| limiter.current_rate(Duration::from_secs(second));
        assert!((rate(2) - 3.5).abs() < 1e-9, "{}", rate(2));
        assert!(rate(12) > 4.9 && rate(32) == 5.0);
        // One by one, for ten minutes.
        assert_eq!(taken(&mut limiter, 100.0, 100.1), 1);
        assert_eq!(taken(&mut limiter, 700.0, 700.1), 5);
    }

    #[test]
    fn after_a_pause_the_rate_begins_where_it_was_cut_to() {
        let mut limiter = RateLimiter::new(50.0);
        assert!(taken(&mut limiter, 0.0, 2.0) > 90);
        limiter.apply_throttling(Some(Duration::from_secs(100)), Duration::from_secs(2));
        let rate = limiter.current_rate(Duration::from_secs(102));
        assert!((30.0..=36.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_throttled_response_of_the_first_poll_does_not_stop_the_client() {
        for rate in [5.0, 200.0, f64::INFINITY] {
            let mut limiter = RateLimiter::new(rate);
            limiter.apply_throttling(None, Duration::from_secs(1000));
            let count = taken(&mut limiter, 1000.0, 1010.0);
            assert!((7..=10).contains(&count), "{rate}: {count}");
            assert!(taken(&mut limiter, 1010.0, 1900.0) > 3000, "{rate}");
        }
    }

    #[test]
    fn throttled_responses_lower_the_rate_to_a_poll_a_minute_and_no_further() {
        let mut limiter = RateLimiter::new(5.0);
        for second in 0..60 {
            limiter.apply_throttling(None, Duration::from_secs(second));
        }
        let rate = limiter.current_rate(Duration::from_secs(60));
        assert!((MIN_RATE..=MIN_RATE * 1.1).contains(&rate), "{rate}");
        assert!(taken(&mut limiter, 60.0, 660.0) >= 10);
    }

    /// How a service counts.
    enum Limit {
        /// So many in each second of the clock.
        Window(u32),
        /// Any two so many parts of a second apart, as nginx does without a burst.
        Spacing(f64),
    }

    /// 16 workers ask as fast as they may. Polls, and how many of them were throttled, in so many seconds after the first ten.
    fn sent_and_throttled(
        limiter: &mut RateLimiter,
        limit: &Limit,
        seconds: u64,
        jitter: f64,
        seed: u64,
    ) -> (u32, u32) {
        enum Event {
            Try,
            Arrive,
            Response(bool),
        }
        let mut random = seed;
        let mut chance = |most: f64| Duration::from_secs_f64(most * crate::util::rng::next(&mut random));
        let (trip, end) = (Duration::from_millis(15), Duration::from_secs(seconds + 10));
        let mut events: Vec<(Duration, Event)> = (0..16).map(|_| (chance(0.1), Event::Try)).collect();
        let (mut sent, mut throttled, mut window, mut free_at) = (0, 0, (0, 0), Duration::ZERO);
        loop {
            let first = (0..events.len()).min_by_key(|at| events[*at].0).unwrap();
            let (now, event) = events.swap_remove(first);
            if now > end {
                return (sent, throttled);
            }
            events.push(match event {
                Event::Try => match limiter.try_acquire(now) {
                    Ok(()) => (now + trip + chance(jitter), Event::Arrive),
                    Err(then) => (then + chance(0.001), Event::Try),
                },
                Event::Arrive => {
                    let good = match limit {
                        Limit::Window(most) => {
                            if now.as_secs() != window.0 {
                                window = (now.as_secs(), 0);
                            }
                            window.1 += 1;
                            window.1 <= *most
                        }
                        Limit::Spacing(limit) => {
                            let good = now >= free_at;
                            if good {
                                free_at = now + Duration::from_secs_f64(1.0 / limit);
                            }
                            good
                        }
                    };
                    if now > Duration::from_secs(10) {
                        sent += 1;
                        throttled += u32::from(!good);
                    }
                    (now + trip, Event::Response(good))
                }
                Event::Response(good) => {
                    if !good {
                        limiter.apply_throttling(None, now);
                    }
                    (now, Event::Try)
                }
            });
        }
    }

    #[test]
    fn a_limit_of_the_service_is_found_and_kept() {
        for (rate, jitters) in [(200.0, &[(0.0, 1), (0.05, 2), (0.1, 3)][..]), (f64::INFINITY, &[(0.05, 4)])]
        {
            for (limit, per_second) in [
                (Limit::Window(50), 50.0),
                (Limit::Window(5), 5.0),
                (Limit::Spacing(100.0), 100.0),
                (Limit::Spacing(50.0), 50.0),
                (Limit::Spacing(10.0), 10.0),
                (Limit::Spacing(5.0), 5.0),
                (Limit::Spacing(2.0), 2.0),
            ] {
                // Of a low limit it takes longer to see how well it is kept.
                let seconds = if per_second < 10.0 { 600 } else { 120 };
                for &(part, seed) in jitters {
                    let jitter = part / per_second;
                    let (sent, throttled) =
                        sent_and_throttled(&mut RateLimiter::new(rate), &limit, seconds, jitter, seed);
                    let (sent, throttled) = (f64::from(sent), f64::from(throttled));
                    let what = format!("{throttled} of {sent} at {per_second}/s with {jitter} s of jitter");
                    assert!(throttled < 0.02 * sent, "{what}");
                    assert!(sent - throttled > 0.6 * seconds as f64 * per_second, "{what}");
                }
            }
        }
    }

    #[test]
    fn a_service_without_a_burst_refuses_a_client_of_its_own_rate_only_once() {
        // The default rate, and a service that takes twice as many but no two at once.
        let mut limiter = RateLimiter::new(5.0);
        let (sent, throttled) = sent_and_throttled(&mut limiter, &Limit::Spacing(10.0), 120, 0.002, 1);
        assert!(throttled == 0 && sent > 560, "{throttled} of {sent}");
    }
}
