//! The request that this thread carries: when it must have ended, and how far it has come.
//!
//! ureq does all the work of a request on the thread that asks for it, but tells a transport only what is left of a
//! budget it restarts here and there. So the one deadline of a request lies with its thread, and whatever waits on
//! behalf of the request (see `names` and `socket`) asks for it here.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::scrub;
use crate::util::secret::Secret;

/// A request under way on this thread; dropping it ends it.
#[derive(Debug)]
pub(super) struct RequestDeadline {
    before: Option<State>,
}

impl RequestDeadline {
    /// From now on everything this thread does for a request ends within `limit`. The lines are those of its headers
    /// that ureq must not see.
    pub(super) fn begin(limit: Duration, secret_lines: Vec<u8>) -> Self {
        SECRETS.set(Secrets { lines: secret_lines, ..Secrets::default() });
        let now = Instant::now();
        let deadline = now.checked_add(limit.min(LONGEST)).unwrap_or(now);
        let state = State { deadline, phase: Phase::Send, fresh: false };
        Self { before: CALL.replace(Some(state)) }
    }

    /// The token that came with the answer.
    pub(super) fn subject_token(&self) -> Option<Secret> {
        SECRETS.with_borrow_mut(|secrets| secrets.subject_token.take())
    }

    /// The first bytes of the body that was set aside, as many as that or all there are.
    pub(super) fn body(&self, length: usize) -> Vec<u8> {
        let mut body = SECRETS.with_borrow_mut(|secrets| std::mem::take(&mut secrets.body));
        body.truncate(length);
        body
    }

    /// These texts are shown to nobody, in whatever part of the answer they come back.
    pub(super) fn hide(&self, texts: Vec<Secret>) {
        SECRETS.with_borrow_mut(|secrets| secrets.hidden = texts);
    }

    pub(super) fn phase(&self) -> Phase {
        CALL.get().map_or(Phase::Send, |state| state.phase)
    }

    /// A connection was made for this request, rather than one kept from an earlier one.
    pub(super) fn is_fresh(&self) -> bool {
        CALL.get().is_some_and(|state| state.fresh)
    }
}

impl Drop for RequestDeadline {
    fn drop(&mut self) {
        CALL.set(self.before.take());
        SECRETS.take();
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

/// Nothing has been sent yet on behalf of this request.
pub(super) fn is_unsent() -> bool {
    CALL.get().is_none_or(|state| state.phase == Phase::Send)
}

/// What is left of the request's time, more than nothing; none when it has run out.
pub(super) fn left() -> Option<Duration> {
    let state = CALL.get()?;
    Some(state.deadline.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

/// The header lines to be put into the request, the first time only.
pub(super) fn take_secret_lines() -> Vec<u8> {
    SECRETS.with_borrow_mut(|secrets| std::mem::take(&mut secrets.lines))
}

/// Takes the token out of an answer.
pub(super) fn keep_subject_token(token: &[u8]) {
    if let Ok(token) = str::from_utf8(token) {
        SECRETS.with_borrow_mut(|secrets| secrets.subject_token = Some(Secret::new(token)));
    }
}

/// Takes a part of the body of an answer, in place of ureq.
pub(super) fn set_aside(bytes: &[u8]) {
    SECRETS.with_borrow_mut(|secrets| secrets.body.extend_from_slice(bytes));
}

/// Puts stars over the texts that are to be hidden.
pub(super) fn hide_in(bytes: &mut [u8]) {
    SECRETS.with_borrow(|secrets| scrub::cover(bytes, &secrets.hidden));
}

/// The same in a body that was cut off.
pub(super) fn hide_at_the_end_of(bytes: &mut [u8]) {
    SECRETS.with_borrow(|secrets| scrub::cover_end(bytes, &secrets.hidden));
}

#[derive(Clone, Copy, Debug)]
struct State {
    deadline: Instant,
    phase: Phase,
    fresh: bool,
}

#[derive(Default)]
struct Secrets {
    lines: Vec<u8>,
    subject_token: Option<Secret>,
    body: Vec<u8>,
    hidden: Vec<Secret>,
}

/// A limit that cannot overflow a clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

thread_local! {
    static CALL: Cell<Option<State>> = const { Cell::new(None) };
    static SECRETS: RefCell<Secrets> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_without_a_request_has_no_time() {
        assert_eq!(left(), None);
        let call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        assert!(left().is_some());
        drop(call);
        assert_eq!(left(), None);
    }

    #[test]
    fn a_limit_of_nothing_is_over_at_once_and_an_endless_one_is_a_day() {
        let _call = RequestDeadline::begin(Duration::ZERO, Vec::new());
        assert_eq!(left(), None);
        let _call = RequestDeadline::begin(Duration::MAX, Vec::new());
        assert!(left().is_some_and(|left| left > Duration::from_secs(86_000)));
    }

    #[test]
    fn only_a_request_that_was_sent_waits() {
        let call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
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
