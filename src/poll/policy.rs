//! What a wait is held to.

use std::time::Duration;

use super::backoff::Backoff;

/// The rules of one wait, as a small value.
///
/// # Default
/// | | |
/// |-|-|
/// | `timeout` | 30 minutes |
/// | `look_limit` | 30 s for one look |
/// | `backoff` | [`Backoff::new`] |
/// | `fail_on_pending_payment` | no |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    pub(crate) timeout: Duration,
    pub(crate) look_limit: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) fail_on_pending_payment: bool,
}

impl Rules {
    /// The default.
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(30 * 60),
            look_limit: Duration::from_secs(30),
            backoff: Backoff::new(),
            fail_on_pending_payment: false,
        }
    }

    /// The longest that the wait may take, looks included. Zero is one look with `look_limit` as its bound;
    /// [`Duration::MAX`] is no limit.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The longest that one look may take, from the name look-up to the last byte.
    #[must_use]
    pub const fn look_limit(mut self, limit: Duration) -> Self {
        self.look_limit = limit;
        self
    }

    /// The delay between looks.
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
}

impl Default for Rules {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let rules = Rules::default();
        assert_eq!(rules.timeout, Duration::from_secs(1800));
        assert_eq!(rules.look_limit, Duration::from_secs(30));
        assert_eq!(rules.backoff, Backoff::new());
        assert!(!rules.fail_on_pending_payment);
    }
}
