//! How many polls a client may make: one rate for all its waits, slowed down when the service asks for it. Pure.

use std::time::Duration;

/// A bucket of polls that fills at a rate, with a small burst.
///
/// A throttled answer cuts the rate to seven tenths, at most once a second, and remembers where that happened. The
/// rate comes back to there fast at first and then slower and slower, and only if nothing happens goes beyond, faster
/// and faster: so it spends most of its time near to the limit of the service, which refuses less than two polls in a
/// hundred. From then on polls go out one by one, and no longer in bursts.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
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
}

impl RateLimiter {
    /// `rate` is in polls per second; infinite is no limit.
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

    /// When the next poll may be made: now, or later.
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
            self.paused_until = self.paused_until.max(now.saturating_add(pause.min(LONGEST_PAUSE)));
        }
        if self.slowed.is_some_and(|slowed| now.saturating_sub(slowed.at) < Duration::from_secs(1)) {
            return;
        }
        // More than is asked for was not refused; of one poll alone not much can be said.
        let from = self.rate_at(now).min(self.pace.rate(now).max(1.0));
        self.slowed = Some(Slowed { at: now, from });
        self.tokens = 0.0;
        self.filled = now;
    }

    /// The rate that is allowed at this moment.
    pub(crate) fn rate_at(&mut self, now: Duration) -> f64 {
        let Some(Slowed { at, from }) = self.slowed else { return self.rate };
        let since = now.saturating_sub(at.max(self.paused_until)).as_secs_f64();
        let back = (LOOKS_BETWEEN / from).clamp(2.0, 300.0);
        let way = since / back - 1.0;
        let steep = if way < 0.0 { 0.3 } else { 0.9 };
        let rate = (from * (1.0 + steep * way.powi(3))).max(SLOWEST);
        if rate >= self.rate && since > FORGET {
            self.slowed = None;
        }
        rate.min(self.rate)
    }
}

/// How many polls may be made in one go.
fn burst(rate: f64) -> f64 {
    rate.clamp(1.0, 5.0).max(rate * 0.05)
}

/// The polls of this second and of the one before.
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
        if self.before > 0 {
            return f64::from(self.this.max(self.before));
        }
        // After a rest: a second that has just begun must not make a burst look slow.
        let passed = (now - Duration::from_secs(self.second)).as_secs_f64().max(0.5);
        f64::from(self.this) / passed
    }

    fn turn(&mut self, now: Duration) {
        if now.as_secs() != self.second {
            self.before = if now.as_secs() == self.second + 1 { self.this } else { 0 };
            (self.second, self.this) = (now.as_secs(), 0);
        }
    }
}

/// However throttled, a poll a minute is made.
const SLOWEST: f64 = 1.0 / 60.0;

/// About so many polls are made until the rate is back where it was throttled, so that few of them are refused.
const LOOKS_BETWEEN: f64 = 80.0;

/// The seconds after which a refusal of bursts is forgotten.
const FORGET: f64 = 600.0;

/// One job can be told to wait for longer; the others are not kept waiting that long for its sake.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(budget: &mut RateLimiter, from: f64, to: f64) -> u32 {
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
    fn a_burst_that_is_refused_at_the_start_does_not_make_it_crawl() {
        let mut budget = RateLimiter::new(100.0);
        assert_eq!(taken(&mut budget, 0.0, 0.001), 5);
        budget.throttled(None, Duration::from_millis(20));
        let rate = budget.rate_at(Duration::from_secs(1));
        assert!((7.0..100.0).contains(&rate), "{rate}");
        assert!(
            budget.rate_at(Duration::from_secs(25)) > 20.0,
            "{}",
            budget.rate_at(Duration::from_secs(25))
        );
    }

    #[test]
    fn a_budget_gives_its_rate_and_a_small_burst() {
        assert_eq!(taken(&mut RateLimiter::new(5.0), 0.0, 0.001), 5);
        let many = taken(&mut RateLimiter::new(200.0), 0.0, 10.0);
        assert!((2000..=2012).contains(&many), "{many}");
        let slow = taken(&mut RateLimiter::new(0.5), 0.0, 60.0);
        assert!((30..=31).contains(&slow), "{slow}");
    }

    #[test]
    fn an_unlimited_budget_always_gives() {
        let mut budget = RateLimiter::new(f64::INFINITY);
        assert!((0..100_000).all(|_| budget.take(Duration::ZERO).is_ok()));
    }

    #[test]
    fn odd_rates_give_a_poll_a_minute() {
        for rate in [0.0, -1.0, f64::NAN] {
            let count = taken(&mut RateLimiter::new(rate), 0.0, 600.0);
            assert!((10..=11).contains(&count), "{rate}: {count}");
        }
    }

    #[test]
    fn retry_after_pauses_everything_for_an_hour_at_the_most() {
        let mut budget = RateLimiter::new(5.0);
        budget.throttled(Some(Duration::from_secs(7)), Duration::from_secs(1));
        assert_eq!(budget.take(Duration::from_secs(2)), Err(Duration::from_secs(8)));
        assert_eq!(taken(&mut budget, 2.0, 8.0), 0);
        assert!(taken(&mut budget, 8.0, 12.0) > 0);
        budget.throttled(Some(Duration::MAX), Duration::from_secs(20));
        assert_eq!(budget.take(Duration::from_secs(21)), Err(Duration::from_secs(3620)));
    }

    #[test]
    fn one_refusal_cuts_the_rate_and_is_made_good_within_half_a_minute() {
        let mut budget = RateLimiter::new(5.0);
        assert_eq!(taken(&mut budget, 0.0, 2.0), 14);
        for moment in [2.0, 2.5, 2.9] {
            budget.throttled(None, Duration::from_secs_f64(moment));
        }
        let mut rate = |second: u64| budget.rate_at(Duration::from_secs(second));
        assert!((rate(2) - 3.5).abs() < 1e-9, "{}", rate(2));
        assert!(rate(12) > 4.9 && rate(32) == 5.0);
        // One by one, for ten minutes.
        assert_eq!(taken(&mut budget, 100.0, 100.1), 1);
        assert_eq!(taken(&mut budget, 700.0, 700.1), 5);
    }

    #[test]
    fn after_a_pause_the_rate_begins_where_it_was_cut_to() {
        let mut budget = RateLimiter::new(50.0);
        assert!(taken(&mut budget, 0.0, 2.0) > 90);
        budget.throttled(Some(Duration::from_secs(100)), Duration::from_secs(2));
        let rate = budget.rate_at(Duration::from_secs(102));
        assert!((30.0..=36.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_refusal_of_the_first_poll_does_not_stop_the_client() {
        for rate in [5.0, 200.0, f64::INFINITY] {
            let mut budget = RateLimiter::new(rate);
            budget.throttled(None, Duration::from_secs(1000));
            let count = taken(&mut budget, 1000.0, 1010.0);
            assert!((7..=10).contains(&count), "{rate}: {count}");
            assert!(taken(&mut budget, 1010.0, 1900.0) > 3000, "{rate}");
        }
    }

    #[test]
    fn refusals_lower_the_rate_to_a_poll_a_minute_and_no_further() {
        let mut budget = RateLimiter::new(5.0);
        for second in 0..60 {
            budget.throttled(None, Duration::from_secs(second));
        }
        let rate = budget.rate_at(Duration::from_secs(60));
        assert!((SLOWEST..=SLOWEST * 1.1).contains(&rate), "{rate}");
        assert!(taken(&mut budget, 60.0, 660.0) >= 10);
    }

    /// How a service counts.
    enum Limit {
        /// So many in each second of the clock.
        Window(u32),
        /// Any two so many parts of a second apart, as nginx does without a burst.
        Spacing(f64),
    }

    /// 16 workers ask as fast as they may. Looks, and how many of them were refused, in so many seconds after the first ten.
    fn sent_and_refused(
        budget: &mut RateLimiter,
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
        let (mut sent, mut refused, mut window, mut free_at) = (0, 0, (0, 0), Duration::ZERO);
        loop {
            let first = (0..events.len()).min_by_key(|at| events[*at].0).unwrap();
            let (now, event) = events.swap_remove(first);
            if now > end {
                return (sent, refused);
            }
            events.push(match event {
                Event::Try => match budget.take(now) {
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
                        refused += u32::from(!good);
                    }
                    (now + trip, Event::Response(good))
                }
                Event::Response(good) => {
                    if !good {
                        budget.throttled(None, now);
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
                    let (sent, refused) =
                        sent_and_refused(&mut RateLimiter::new(rate), &limit, seconds, jitter, seed);
                    let (sent, refused) = (f64::from(sent), f64::from(refused));
                    let what = format!("{refused} of {sent} at {per_second}/s with {jitter} s of jitter");
                    assert!(refused < 0.02 * sent, "{what}");
                    assert!(sent - refused > 0.6 * seconds as f64 * per_second, "{what}");
                }
            }
        }
    }

    #[test]
    fn a_service_without_a_burst_refuses_a_client_of_its_own_rate_only_once() {
        // The default rate, and a service that takes twice as many but no two at once.
        let mut budget = RateLimiter::new(5.0);
        let (sent, refused) = sent_and_refused(&mut budget, &Limit::Spacing(10.0), 120, 0.002, 1);
        assert!(refused == 0 && sent > 560, "{refused} of {sent}");
    }
}
