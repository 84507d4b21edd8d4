//! The last round round_trips.

use std::time::Duration;

/// The last eight round trips, in milliseconds, rounded up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoundTrips {
    millis: [u32; 8],
    next: u8,
}

impl RoundTrips {
    pub(crate) fn add(&mut self, round_trip: Duration) {
        if let Some(slot) = self.millis.get_mut(usize::from(self.next % 8)) {
            *slot = u32::try_from(round_trip.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX);
        }
        self.next = (self.next + 1) % 8;
    }

    pub(crate) fn slowest(&self) -> Duration {
        Duration::from_millis(self.millis.iter().copied().max().unwrap_or(0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_eight_count() {
        let mut round_trips = RoundTrips::default();
        assert_eq!(round_trips.slowest(), Duration::ZERO);
        round_trips.add(Duration::from_secs(9));
        for _ in 0..7 {
            round_trips.add(Duration::from_millis(20));
        }
        assert_eq!(round_trips.slowest(), Duration::from_secs(9));
        round_trips.add(Duration::MAX);
        assert_eq!(round_trips.slowest(), Duration::from_millis(u32::MAX.into()));
        for _ in 0..8 {
            round_trips.add(Duration::from_millis(20));
        }
        assert_eq!(round_trips.slowest(), Duration::from_millis(20));
    }
}
