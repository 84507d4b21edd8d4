//! The jobs of one service, and what its responses have shown.

use std::sync::Arc;
use std::time::Duration;

use super::queue::Queue;
use super::siblings::Siblings;
use crate::endpoint::Endpoint;
use crate::error::poll::{PollError, TransportErrorKind};
use crate::poll::MIN_TIME_LEFT;
use crate::poll::failure_budget::ServiceContact;
use crate::poll::round_trips::RoundTrips;

/// The jobs of one service.
#[derive(Debug)]
pub(super) struct ServiceQueue {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) queue: Queue,
    pub(super) contact: ServiceContact,
    /// Of good responses.
    pub(super) round_trips: RoundTrips,
    pub(super) siblings: Siblings,
    /// The first and the last moment that is reserved for a last poll.
    reserved: Option<(Duration, Duration)>,
}

impl ServiceQueue {
    pub(super) fn new(endpoint: Arc<Endpoint>) -> Self {
        Self {
            endpoint,
            queue: Queue::default(),
            contact: ServiceContact::default(),
            round_trips: RoundTrips::default(),
            siblings: Siblings::default(),
            reserved: None,
        }
    }

    /// Reserves a moment for a last poll that is due at `wanted`: that moment, or so long before it that the last polls
    /// of all jobs are `gap` apart. `None` if there is no such moment left.
    pub(super) fn reserve(&mut self, wanted: Duration, gap: Duration, now: Duration) -> Option<Duration> {
        let (first, last) = match self.reserved {
            Some((first, last)) if wanted < last.saturating_add(gap) => {
                (first.min(wanted).saturating_sub(gap), last)
            }
            _ => (wanted, wanted),
        };
        if first <= now {
            return None;
        }
        self.reserved = Some((first, last));
        Some(first)
    }

    /// A poll with less time left would end before its response: the job has timed out, and the service is not to blame.
    pub(super) fn min_time_left(&self) -> Duration {
        self.round_trips.slowest().max(MIN_TIME_LEFT)
    }

    /// Whether a poll has timed out that a service that responds as usual might not have answered in that time either.
    pub(super) fn was_too_short(&self, timeout: Duration, error: Option<&PollError>) -> bool {
        let timed_out =
            matches!(error, Some(PollError::Transport(error)) if error.kind() == TransportErrorKind::Timeout);
        timed_out && timeout < self.round_trips.slowest() * 3
    }
}
