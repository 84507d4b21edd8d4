//! What the poller answers.

use std::time::Duration;

/// What to do after a poll.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The wait is over.
    Done(WaitEnd),
    /// Look again at this moment, on the clock of the caller.
    PollAt(Duration),
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WaitEnd {
    /// The job ended with FAIL.
    Failed,
    /// Nothing usable came: no connection, no trust, garbage, for too long or until the deadline.
    NoAnswer,
    /// The service answered no: credentials, permission, an unknown job, a bad request.
    Refused,
    /// The job ended with SUCCESS.
    Succeeded,
    /// The deadline came first; the service had answered at least once. The job goes on.
    TimedOut {
        /// The service wanted to be left alone for this long, which reaches past the last poll.
        retry_after: Option<Duration>,
    },
    /// The job waits for a payment, and the wait was told to stop then.
    PaymentPending,
}
