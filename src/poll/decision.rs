//! What the poller decides.

use std::time::Duration;

/// What to do after a poll.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The wait is over.
    Done(WaitEnd),
    /// Poll again at this moment, on the caller's clock.
    PollAt(Duration),
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WaitEnd {
    /// The job ended with FAIL.
    Failed,
    /// No usable response (no connection, an untrusted certificate, garbage), for too long or until the deadline.
    NoAnswer,
    /// The service rejected the request: credentials, permission, an unknown job, a bad request.
    Refused,
    /// The job ended with SUCCESS.
    Succeeded,
    /// The deadline came first; the service had responded at least once. The job may still be running.
    TimedOut {
        /// The `Retry-After` that reaches past the last poll.
        retry_after: Option<Duration>,
    },
    /// The job waits for a payment, and the policy says to stop then.
    PaymentPending,
}
