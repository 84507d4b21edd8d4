//! The policy of a wait.

use std::time::Duration;

use super::MIN_TIMEOUT;
use super::backoff::Backoff;

/// The timeouts and delays of a wait, as a small value.
///
/// # Default
/// | | |
/// |-|-|
/// | `timeout` | 30 minutes |
/// | `request_timeout` | 30 s for one poll |
/// | `backoff` | [`Backoff::new`] |
/// | `fail_on_pending_payment` | no |
/// | `gone_is_success` | no |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PollPolicy {
    pub(crate) timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) fail_on_pending_payment: bool,
    pub(crate) gone_is_success: bool,
}

impl PollPolicy {
    /// The default.
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(30 * 60),
            request_timeout: Duration::from_secs(30),
            backoff: Backoff::new(),
            fail_on_pending_payment: false,
            gone_is_success: false,
        }
    }

    /// The longest that the wait may take, polls included. Zero makes one poll, bounded by `request_timeout`;
    /// [`Duration::MAX`] is no limit.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The longest that one poll may take, from the DNS query to the last byte.
    #[must_use]
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// The latest moment at which a wait that started then can send a poll.
    pub(crate) fn last_send(&self, started: Duration) -> Duration {
        started.saturating_add(if self.timeout.is_zero() { self.request_timeout } else { self.timeout })
    }

    /// The timeout of a poll that is sent now; `None` with less than `min_left` left.
    pub(crate) fn poll_timeout(
        &self,
        started: Duration,
        now: Duration,
        min_left: Duration,
    ) -> Option<Duration> {
        let left = self.last_send(started).saturating_sub(now);
        if self.timeout.is_zero() {
            return (!left.is_zero()).then_some(self.request_timeout.max(MIN_TIMEOUT));
        }
        (left >= min_left).then(|| left.min(self.request_timeout).max(MIN_TIMEOUT))
    }

    /// The delay between polls.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Whether a job that waits for a payment (PENDING_PAYMENT) ends the wait. By default it does not: automatic
    /// payment passes through that status.
    #[must_use]
    pub const fn fail_on_pending_payment(mut self, fail: bool) -> Self {
        self.fail_on_pending_payment = fail;
        self
    }

    /// Whether a job that the service no longer knows, after it was seen pending, has succeeded: some services drop the
    /// job that deletes a resource together with it. By default that is an error.
    #[must_use]
    pub const fn gone_is_success(mut self, success: bool) -> Self {
        self.gone_is_success = success;
        self
    }
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let policy = PollPolicy::default();
        assert_eq!(policy.timeout, Duration::from_secs(1800));
        assert_eq!(policy.request_timeout, Duration::from_secs(30));
        assert_eq!(policy.backoff, Backoff::new());
        assert!(!policy.fail_on_pending_payment);
    }
}
