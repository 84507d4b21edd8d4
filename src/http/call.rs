//! The request that this thread carries: when it must have ended, and how far it has come.
//!
//! ureq does all the work of a request on the thread that asks for it, but tells a transport only what is left of a
//! budget it restarts here and there. So the one deadline of a request lies with its thread, and whatever waits on
//! behalf of the request (see `names` and `socket`) asks for it here.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// A request under way on this thread; dropping it ends it.
#[derive(Debug)]
pub(super) struct Call {
    before: Option<State>,
}

impl Call {
    /// From now on everything this thread does for a request ends within `limit`.
    pub(super) fn begin(limit: Duration) -> Self {
        let now = Instant::now();
        let deadline = now.checked_add(limit.min(LONGEST)).unwrap_or(now);
        let state = State { deadline, phase: Phase::Send, fresh: false };
        Self { before: CALL.replace(Some(state)) }
    }

    pub(super) fn phase(&self) -> Phase {
        CALL.get().map_or(Phase::Send, |state| state.phase)
    }

    /// A connection was made for this request, rather than one kept from an earlier one.
    pub(super) fn is_fresh(&self) -> bool {
        CALL.get().is_some_and(|state| state.fresh)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        CALL.set(self.before.take());
    }
}

/// What a request is at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    LookUp,
    Connect,
    Tunnel,
    Handshake,
    Send,
    Wait,
    Body,
}

/// The request has come this far.
pub(super) fn enter(phase: Phase) {
    if let Some(state) = CALL.get() {
        let fresh = state.fresh || phase == Phase::Connect;
        CALL.set(Some(State { phase, fresh, ..state }));
    }
}

/// The first read after the last write of a request waits for its answer.
pub(super) fn enter_wait() {
    if CALL.get().is_some_and(|state| state.phase == Phase::Send) {
        enter(Phase::Wait);
    }
}

/// What is left of the request's time, more than nothing; none when it has run out.
pub(super) fn left() -> Option<Duration> {
    let state = CALL.get()?;
    Some(state.deadline.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

#[derive(Clone, Copy, Debug)]
struct State {
    deadline: Instant,
    phase: Phase,
    fresh: bool,
}

/// A limit that cannot overflow a clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

thread_local! {
    static CALL: Cell<Option<State>> = const { Cell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_without_a_request_has_no_time() {
        assert_eq!(left(), None);
        let call = Call::begin(Duration::from_secs(5));
        assert!(left().is_some());
        drop(call);
        assert_eq!(left(), None);
    }

    #[test]
    fn a_limit_of_nothing_is_over_at_once_and_an_endless_one_is_a_day() {
        let _call = Call::begin(Duration::ZERO);
        assert_eq!(left(), None);
        let _call = Call::begin(Duration::MAX);
        assert!(left().is_some_and(|left| left > Duration::from_secs(86_000)));
    }

    #[test]
    fn only_a_request_that_was_sent_waits() {
        let call = Call::begin(Duration::from_secs(5));
        enter(Phase::Handshake);
        enter_wait();
        assert_eq!(call.phase(), Phase::Handshake);
        assert!(!call.is_fresh());
        enter(Phase::Connect);
        enter(Phase::Send);
        enter_wait();
        assert_eq!(call.phase(), Phase::Wait);
        assert!(call.is_fresh());
    }
}
