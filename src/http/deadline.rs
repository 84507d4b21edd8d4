//! The request that the current thread is sending: its deadline, how far it has come, and how much it may still receive.
//!
//! ureq does all the work of a request on the thread that sends it, but tells a transport only the rest of a budget that
//! it restarts here and there. So the one deadline of a request lies with its thread, and whatever waits on behalf of
//! the request asks for it here.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::{MAX_BODY, MAX_HEADERS};

/// A request in progress on this thread; dropping it ends it.
#[derive(Debug)]
pub(super) struct RequestDeadline {
    before: Option<State>,
}

impl RequestDeadline {
    /// From now on everything this thread does for a request ends within `timeout`. `secret_lines` are the header lines
    /// that ureq must not see.
    pub(super) fn begin(timeout: Duration, secret_lines: Vec<u8>) -> Self {
        SECRET_LINES.set(secret_lines);
        let now = Instant::now();
        let deadline = now.checked_add(timeout.min(MAX_TIMEOUT)).unwrap_or(now);
        let state = State { deadline, phase: Phase::Send, is_fresh: false, received: 0 };
        Self { before: CURRENT.replace(Some(state)) }
    }

    pub(super) fn phase(&self) -> Phase {
        phase().unwrap_or(Phase::Send)
    }

    /// A connection was made for this request, rather than kept from an earlier one.
    pub(super) fn is_fresh(&self) -> bool {
        CURRENT.get().is_some_and(|state| state.is_fresh)
    }
}

impl Drop for RequestDeadline {
    fn drop(&mut self) {
        CURRENT.set(self.before.take());
        SECRET_LINES.take();
    }
}

/// What a request is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd)]
pub(super) enum Phase {
    Resolve,
    Connect,
    Tunnel,
    Handshake,
    Send,
    Wait,
    Body,
}

impl Phase {
    /// How much a peer may send in this phase. Everything that comes over the connection counts: lines between chunks,
    /// trailers, informational responses and the framing of TLS.
    const fn max_received(self) -> usize {
        match self {
            // Chunks and TLS records of usual sizes add a few per cent.
            Self::Body => MAX_BODY + MAX_BODY / 4,
            // Some of the body is read together with the headers.
            _ => MAX_HEADERS + 64 * 1024,
        }
    }
}

/// Enters the next phase of the request.
pub(super) fn enter(phase: Phase) {
    if let Some(state) = CURRENT.get() {
        let is_fresh = state.is_fresh || phase == Phase::Connect;
        CURRENT.set(Some(State { phase, is_fresh, received: 0, ..state }));
    }
}

/// The first read after the last write of a request waits for its response.
pub(super) fn enter_wait() {
    if phase() == Some(Phase::Send) {
        enter(Phase::Wait);
    }
}

/// The phase of the request of this thread.
pub(super) fn phase() -> Option<Phase> {
    CURRENT.get().map(|state| state.phase)
}

/// Nothing has been sent on behalf of this request yet.
pub(super) fn is_unsent() -> bool {
    phase().is_none_or(|phase| phase == Phase::Send)
}

/// The time left for the request, more than zero; `None` once it has run out.
pub(super) fn left() -> Option<Duration> {
    let state = CURRENT.get()?;
    Some(state.deadline.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

/// Counts received bytes.
///
/// # Errors
/// The peer has sent more than a response may have.
pub(super) fn count_received(amount: usize) -> Result<(), ureq::Error> {
    let Some(state) = CURRENT.get() else { return Ok(()) };
    let received = state.received.saturating_add(amount);
    CURRENT.set(Some(State { received, ..state }));
    let max = state.phase.max_received();
    match state.phase {
        _ if received <= max => Ok(()),
        Phase::Body => Err(ureq::Error::BodyExceedsLimit(max as u64)),
        _ => Err(ureq::Error::LargeResponseHeader(received, max)),
    }
}

/// The header lines to insert into the request, the first time only.
pub(super) fn take_secret_lines() -> Vec<u8> {
    SECRET_LINES.take()
}

#[derive(Clone, Copy, Debug)]
struct State {
    deadline: Instant,
    phase: Phase,
    is_fresh: bool,
    received: usize,
}

/// No clock overflows by adding it.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

thread_local! {
    static CURRENT: Cell<Option<State>> = const { Cell::new(None) };
    static SECRET_LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_without_a_request_has_no_time() {
        assert_eq!(left(), None);
        let request = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        assert!(left().is_some());
        drop(request);
        assert_eq!(left(), None);
    }

    #[test]
    fn a_timeout_of_zero_ends_at_once_and_an_endless_one_after_a_day() {
        let _request = RequestDeadline::begin(Duration::ZERO, Vec::new());
        assert_eq!(left(), None);
        let _request = RequestDeadline::begin(Duration::MAX, Vec::new());
        assert!(left().is_some_and(|left| left > Duration::from_secs(86_000)));
    }

    #[test]
    fn only_a_request_that_was_sent_waits() {
        let request = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        enter(Phase::Handshake);
        enter_wait();
        assert_eq!(request.phase(), Phase::Handshake);
        assert!(!request.is_fresh());
        enter(Phase::Connect);
        enter(Phase::Send);
        enter_wait();
        assert_eq!(request.phase(), Phase::Wait);
        assert!(request.is_fresh());
    }

    #[test]
    fn each_phase_bounds_what_is_received() {
        let _request = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        for phase in [Phase::Tunnel, Phase::Handshake, Phase::Wait, Phase::Body] {
            enter(phase);
            assert!(count_received(phase.max_received()).is_ok(), "{phase:?}");
            assert!(count_received(1).is_err(), "{phase:?}");
        }
    }
}
