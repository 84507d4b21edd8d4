//! The simulator's clock, which can be advanced, and the time formats that the services use.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use time::OffsetDateTime;

use super::lock;

/// One clock with two readings: the time since the start, and the time of day.
#[derive(Debug)]
pub(super) struct SimulatorClock {
    started: Instant,
    /// How much faster than real time it runs.
    scale: f64,
    /// How far it was advanced, by [`advance`](Self::advance) alone and in total.
    ahead: Mutex<(Duration, Duration)>,
}

impl SimulatorClock {
    /// Starts a clock that runs `scale` times as fast as real time.
    pub(super) fn start(scale: f64) -> Self {
        Self { started: Instant::now(), scale, ahead: Mutex::default() }
    }

    /// The time since the start, including all advances.
    pub(super) fn now(&self) -> Duration {
        self.scaled_elapsed().saturating_add(lock(&self.ahead).1)
    }

    /// The time of day, advanced by the same amount.
    pub(super) fn wall(&self) -> OffsetDateTime {
        let gained = self.scaled_elapsed().saturating_sub(self.started.elapsed());
        later(OffsetDateTime::from(SystemTime::now()), gained.saturating_add(lock(&self.ahead).1))
    }

    /// The time of day without what passed by itself: clients sign requests with the real time.
    #[cfg(feature = "signing")]
    pub(super) fn signing_wall(&self) -> OffsetDateTime {
        later(OffsetDateTime::from(SystemTime::now()), lock(&self.ahead).0)
    }

    pub(super) fn advance(&self, by: Duration) {
        let mut ahead = lock(&self.ahead);
        *ahead = (ahead.0.saturating_add(by), ahead.1.saturating_add(by));
    }

    /// Advances the clock because a job was polled.
    pub(super) fn advance_on_poll(&self, by: Duration) {
        let mut ahead = lock(&self.ahead);
        ahead.1 = ahead.1.saturating_add(by);
    }

    /// The real time that passes during this time of the clock.
    pub(super) fn real(&self, duration: Duration) -> Duration {
        Duration::try_from_secs_f64(duration.as_secs_f64() / self.scale).unwrap_or(duration)
    }

    fn scaled_elapsed(&self) -> Duration {
        let elapsed = self.started.elapsed();
        if self.scale == 1.0 {
            return elapsed;
        }
        Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.scale).unwrap_or(Duration::MAX)
    }
}

/// `time` plus `by`; `time` itself if the sum is out of range.
pub(super) fn later(time: OffsetDateTime, by: Duration) -> OffsetDateTime {
    time::Duration::try_from(by).ok().and_then(|by| time.checked_add(by)).unwrap_or(time)
}

/// As in a job of the common API: `2025-03-23T07:28:46.807Z`.
pub(super) fn job_time(time: OffsetDateTime) -> String {
    format!("{}.{:03}Z", seconds(time), time.millisecond())
}

/// As in a token: `2015-11-09T01:42:57.527363Z`.
pub(super) fn token_time(time: OffsetDateTime) -> String {
    format!("{}.{:06}Z", seconds(time), time.microsecond())
}

/// As in the header `Date`: `Sun, 23 Mar 2025 07:39:48 GMT`.
pub(super) fn http_date(time: OffsetDateTime) -> String {
    let day = time.weekday().to_string();
    let month = time.month().to_string();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        day.get(..3).unwrap_or_default(),
        time.day(),
        month.get(..3).unwrap_or_default(),
        time.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn seconds(time: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_as_the_service_formats_them() {
        let time = OffsetDateTime::from_unix_timestamp_nanos(1_742_715_526_807_063_000).unwrap();
        assert_eq!(job_time(time), "2025-03-23T07:38:46.807Z");
        assert_eq!(token_time(time), "2025-03-23T07:38:46.807063Z");
        assert_eq!(http_date(time), "Sun, 23 Mar 2025 07:38:46 GMT");
    }

    #[test]
    fn an_addition_out_of_range_leaves_the_time_unchanged() {
        let time = OffsetDateTime::UNIX_EPOCH;
        assert_eq!(later(time, Duration::MAX), time);
        assert_eq!(later(time, Duration::from_secs(60)).unix_timestamp(), 60);
    }

    #[test]
    fn an_advance_moves_both_readings_of_the_clock() {
        let clock = SimulatorClock::start(1.0);
        let before = clock.wall();
        clock.advance(Duration::from_secs(3600));
        assert!(clock.now() >= Duration::from_secs(3600));
        assert!(clock.wall() - before >= time::Duration::seconds(3600));
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Duration::MAX);
    }

    #[test]
    fn a_scaled_clock_runs_faster_in_both_its_readings() {
        let clock = SimulatorClock::start(1e6);
        std::thread::sleep(Duration::from_millis(10));
        assert!(clock.now() >= Duration::from_secs(10_000));
        assert!(clock.wall() - OffsetDateTime::now_utc() >= time::Duration::seconds(9_000));
        assert_eq!(clock.real(Duration::from_secs(2)), Duration::from_micros(2));
        clock.advance_on_poll(Duration::MAX);
        assert_eq!(clock.now(), Duration::MAX);
    }
}
