//! The loop of a wait on a clock that takes no time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::*;
use crate::api::response::Response;
use crate::error::api::ApiError;
use crate::error::poll::{TransportError, TransportErrorKind};
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::poll::PollPolicy;
use crate::poll::backoff::Backoff;
use crate::testing::{self, VirtualClock};

/// A service that answers what is written here, and the last of it for ever.
struct Script {
    clock: VirtualClock,
    answers: RefCell<VecDeque<(Duration, PollResult)>>,
    /// When each poll was sent, and how long it was allowed to take.
    polls: RefCell<Vec<(Duration, Duration)>>,
    /// When there is room for polls.
    slot_at: Cell<Duration>,
    /// What happens as soon as the clock stands here.
    cancel_in_poll: RefCell<Option<CancelToken>>,
    /// What the service has asked for.
    pause: RefCell<Option<Pause>>,
}

impl Script {
    fn new(clock: &VirtualClock, answers: impl IntoIterator<Item = (u64, PollResult)>) -> Self {
        Self {
            clock: clock.clone(),
            answers: RefCell::new(answers.into_iter().map(|(took, polled)| (ms(took), polled)).collect()),
            polls: RefCell::default(),
            slot_at: Cell::default(),
            cancel_in_poll: RefCell::default(),
            pause: RefCell::default(),
        }
    }

    fn sent(&self) -> Vec<u128> {
        self.polls.borrow().iter().map(|(sent, _)| sent.as_millis()).collect()
    }
}

impl JobSource for Script {
    fn try_acquire(&self, now: Duration) -> Result<(), Duration> {
        if now >= self.slot_at.get() { Ok(()) } else { Err(self.slot_at.get()) }
    }

    fn pause(&self, _: Duration) -> Option<Pause> {
        self.pause.replace(None)
    }

    fn poll(&self, limit: Duration) -> Option<PollResult> {
        self.polls.borrow_mut().push((self.clock.now(), limit));
        let mut answers = self.answers.borrow_mut();
        let (took, polled) =
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap();
        self.clock.advance(took.min(limit));
        if let Some(cancel) = self.cancel_in_poll.take() {
            cancel.cancel();
        }
        if took > limit {
            let error = TransportError::new(TransportErrorKind::Timeout, "no answer in time");
            return Some(PollResult::from(error).round_trip(limit));
        }
        Some(polled.round_trip(took))
    }
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn job(status: &str) -> PollResult {
    Response::new(200, format!(r#"{{"status":"{status}","job_id":"ff80"}}"#)).into()
}

fn every_two_seconds() -> PollPolicy {
    PollPolicy::new().timeout(secs(20)).backoff(Backoff::fixed(secs(2)))
}

/// A wait, with the lines of its progress.
fn wait(
    policy: PollPolicy,
    clock: &VirtualClock,
    script: &Script,
    cancel: &CancelToken,
) -> (Outcome, Vec<String>) {
    let mut lines = Vec::new();
    let outcome =
        wait_telling(policy, clock, script, cancel, &mut |progress| lines.push(progress.to_string()));
    (outcome, lines)
}

fn wait_telling(
    policy: PollPolicy,
    clock: &VirtualClock,
    script: &Script,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(&Progress),
) -> Outcome {
    let id = JobId::new("ff80").unwrap();
    let endpoint = Arc::new(testing::endpoint());
    WaitLoop { id: &id, endpoint, source: script, clock, cancel, on_progress }
        .run(|now| Poller::with_seed(policy, now, 1))
}

fn run(
    policy: PollPolicy,
    answers: impl IntoIterator<Item = (u64, PollResult)>,
) -> (Outcome, Vec<String>, Script) {
    let clock = VirtualClock::new();
    let script = Script::new(&clock, answers);
    let (outcome, lines) = wait(policy, &clock, &script, &CancelToken::new());
    (outcome, lines, script)
}

fn error_of(outcome: &Outcome) -> &Error {
    outcome.result().unwrap_err()
}

#[test]
fn a_job_that_ends_well_comes_out_with_what_the_wait_cost() {
    let (outcome, lines, script) =
        run(every_two_seconds(), [(100, job("INIT")), (100, job("RUNNING")), (100, job("SUCCESS"))]);
    assert_eq!(script.sent(), [0, 2100, 4200]);
    assert_eq!(outcome.result().unwrap().id_text(), Some("ff80"));
    assert_eq!((outcome.polls(), outcome.waited()), (3, ms(4300)));
    assert_eq!(
        lines,
        ["ff80 INIT, 100ms, next poll in 2s", "ff80 RUNNING, 2.2s, next poll in 2s", "ff80 SUCCESS, 4.3s"]
    );
}

#[test]
fn a_job_that_fails_is_an_error_with_the_whole_job() {
    let (outcome, _, _) = run(
        every_two_seconds(),
        [
            (1, Response::new(503, "").into()),
            (1, Response::new(200, r#"{"status":"FAIL","error_code":"E.1"}"#).into()),
        ],
    );
    let error = error_of(&outcome);
    assert!(error.is_failed() && error.last_error().is_none());
    assert_eq!(error.to_string(), "job ff80 failed: E.1");
    assert_eq!(outcome.job().and_then(Job::error_code), Some("E.1"));
}

#[test]
fn a_job_that_does_not_end_is_given_up_before_the_deadline_with_the_last_error() {
    let answers = [(100, job("RUNNING")), (100, Response::new(503, "").into()), (100, job("RUNNING"))];
    let (outcome, _, script) = run(every_two_seconds(), answers);
    // 300 ms are kept free for the last poll, of which it needs 100.
    assert_eq!((script.sent().last(), outcome.waited()), (Some(&19_700), ms(19_800)));
    let polls = outcome.polls();
    assert_eq!(
        error_of(&outcome).to_string(),
        format!(
            "timed out waiting for job ff80 after {polls} polls in 20s (RUNNING, 20s old), \
             last error: HTTP 503: the response has no body; \
             the job is still running; wait for the same id again"
        )
    );
    assert_eq!(error_of(&outcome).job_age(), Some(ms(19_800)));
    assert_eq!(error_of(&outcome).api_error().map(ApiError::http_status), Some(503));
}

#[test]
fn a_service_that_hangs_is_left_at_the_deadline() {
    let (outcome, _, script) = run(every_two_seconds(), [(100, job("RUNNING")), (999_999, job("RUNNING"))]);
    assert_eq!(script.polls.borrow().last(), Some(&(ms(2100), ms(17_900))));
    assert_eq!(outcome.waited(), secs(20));
    assert!(error_of(&outcome).is_timeout());

    let (outcome, _, _) = run(every_two_seconds(), [(999_999, job("RUNNING"))]);
    assert_eq!(outcome.waited(), secs(20));
    assert_eq!(
        error_of(&outcome).to_string(),
        "no usable response for job ff80 after 1 poll in 20s: no answer in time; \
         the state of the job is unknown; check the address, the network and the proxy"
    );
}

#[test]
fn sleeps_that_last_too_long_do_not_make_it_late() {
    let clock = VirtualClock::new();
    clock.oversleep(ms(30));
    let script = Script::new(&clock, [(20, job("RUNNING"))]);
    let (outcome, _) = wait(every_two_seconds(), &clock, &script, &CancelToken::new());
    assert_eq!(script.sent().last(), Some(&19_780));
    assert!(outcome.waited() <= secs(20) && error_of(&outcome).is_timeout());
}

#[test]
fn a_cancel_ends_the_sleep() {
    let (clock, cancel) = (VirtualClock::new(), CancelToken::new());
    clock.cancel_at(ms(2500), &cancel);
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    let (outcome, lines) = wait(every_two_seconds(), &clock, &script, &cancel);
    assert_eq!((lines.len(), outcome.waited()), (2, ms(2500)));
    assert!(error_of(&outcome).is_cancelled());
    assert_eq!(
        error_of(&outcome).to_string(),
        "the wait for job ff80 was cancelled after 2 polls in 2.5s (RUNNING, 2.5s old); \
         the job was not cancelled and is still running"
    );
}

#[test]
fn a_cancel_before_the_first_poll_asks_for_nothing() {
    let (clock, cancel) = (VirtualClock::new(), CancelToken::new());
    cancel.cancel();
    let script = Script::new(&clock, [(100, job("SUCCESS"))]);
    let (outcome, _) = wait(every_two_seconds(), &clock, &script, &cancel);
    assert!(script.sent().is_empty() && error_of(&outcome).is_cancelled());
}

#[test]
fn a_cancel_during_a_poll_waits_for_that_poll() {
    for (status, cancelled) in [("SUCCESS", false), ("RUNNING", true)] {
        let (clock, cancel) = (VirtualClock::new(), CancelToken::new());
        let script = Script::new(&clock, [(900, job(status))]);
        script.cancel_in_poll.replace(Some(cancel.clone()));
        let (outcome, lines) = wait(every_two_seconds(), &clock, &script, &cancel);
        assert_eq!((outcome.waited(), lines.len()), (ms(900), 1));
        assert_eq!(outcome.result().err().map(Error::kind), cancelled.then_some(ErrorKind::Cancelled));
    }
}

#[test]
fn a_cancel_while_there_is_no_room_ends_the_wait() {
    let (clock, cancel) = (VirtualClock::new(), CancelToken::new());
    clock.cancel_at(secs(3), &cancel);
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    script.slot_at.set(secs(10));
    let (outcome, _) = wait(every_two_seconds(), &clock, &script, &cancel);
    assert!(error_of(&outcome).is_cancelled());
    assert_eq!(outcome.waited(), secs(3));
}

#[test]
fn a_rate_that_leaves_no_room_is_told() {
    let clock = VirtualClock::new();
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    script.slot_at.set(secs(21));
    let (outcome, lines) = wait(every_two_seconds(), &clock, &script, &CancelToken::new());
    assert!(script.sent().is_empty() && lines.is_empty());
    assert_eq!((outcome.polls(), outcome.waited()), (0, secs(20)));
    assert_eq!(
        error_of(&outcome).to_string(),
        "timed out waiting for job ff80 before its first poll in 20s; \
         the rate limit was used up by other jobs or is too low for this timeout"
    );
}

#[test]
fn a_pause_of_the_client_that_reaches_past_the_last_poll_ends_the_wait_at_once() {
    let clock = VirtualClock::new();
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    script.slot_at.set(secs(3600));
    let error = PollResult::from(Response::new(429, "")).error().cloned();
    script.pause.replace(Some(Pause { until: secs(3600), error }));
    let (outcome, _) = wait(every_two_seconds(), &clock, &script, &CancelToken::new());
    let text = error_of(&outcome).to_string();
    assert!(script.sent().is_empty() && error_of(&outcome).is_timeout(), "{text}");
    assert_eq!(outcome.waited(), Duration::ZERO);
    assert!(text.contains("HTTP 429") && text.contains("the 1h for which"), "{text}");
}

#[test]
fn a_poll_waits_for_its_room_and_has_what_is_left_then() {
    let clock = VirtualClock::new();
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    script.slot_at.set(secs(15));
    // A suspend while there is no room: the room is still what counts.
    clock.suspend_at(secs(8), secs(3600));
    let (outcome, _) = wait(every_two_seconds(), &clock, &script, &CancelToken::new());
    assert_eq!(script.polls.borrow()[0], (secs(15), secs(5)));
    assert_eq!(script.sent(), [15_000, 17_100, 19_700]);
    assert!(error_of(&outcome).is_timeout());
}

#[test]
fn a_suspend_while_there_is_no_slot_at_all_does_not_end_the_wait_early() {
    let clock = VirtualClock::new();
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    script.slot_at.set(Duration::MAX);
    clock.suspend_at(secs(8), secs(3600));
    let (outcome, _) = wait(every_two_seconds(), &clock, &script, &CancelToken::new());
    assert_eq!(outcome.waited(), secs(20));
}

#[test]
fn after_a_suspend_it_polls_at_once_and_goes_on() {
    let clock = VirtualClock::new();
    clock.suspend_at(secs(200), secs(8 * 3600));
    let policy = PollPolicy::new().timeout(secs(1000)).backoff(Backoff::fixed(secs(900)));
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    let (outcome, _) = wait(policy, &clock, &script, &CancelToken::new());
    // The poll at 200 s took the place of none: the last one is still made.
    assert_eq!(script.sent(), [0, 200_000, 999_700]);
    assert!(error_of(&outcome).is_timeout());
}

#[test]
fn progress_is_told_before_the_sleep_and_its_time_counts() {
    let clock = VirtualClock::new();
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    let mut told = Vec::new();
    let outcome = wait_telling(every_two_seconds(), &clock, &script, &CancelToken::new(), &mut |progress| {
        told.push((clock.now().as_millis(), progress.next_poll().map(|span| span.as_millis())));
        clock.advance(ms(if told.len() == 2 { 5000 } else { 500 }));
    });
    // The second call lasts until long after the next poll was due: that one is made at once.
    assert_eq!(script.sent()[..4], [0, 2100, 7200, 9300]);
    assert_eq!(told[..4], [(100, Some(2000)), (2200, Some(2000)), (7300, Some(2000)), (9400, Some(2000))]);
    assert_eq!(told.last().map(|(_, next)| *next), Some(None));
    assert_eq!(told.len(), script.sent().len());
    // But for the last call, which nobody can cut short.
    assert!(outcome.waited() <= secs(20) + ms(500));
}

#[test]
fn a_progress_that_lasts_past_the_deadline_ends_the_wait_without_another_poll() {
    let clock = VirtualClock::new();
    let script = Script::new(&clock, [(100, job("RUNNING"))]);
    let outcome = wait_telling(every_two_seconds(), &clock, &script, &CancelToken::new(), &mut |_| {
        clock.advance(secs(60));
    });
    assert_eq!(script.sent(), [0]);
    assert!(error_of(&outcome).is_timeout());
}

#[test]
fn the_lag_is_told_by_the_clock_of_the_service_if_the_job_was_seen_pending() {
    let ended = |end: &str| -> PollResult {
        Response::new(200, format!(r#"{{"status":"SUCCESS","end_time":"{end}"}}"#))
            .with_header("Date", "Mon, 25 Apr 2016 20:04:47 GMT")
            .into()
    };
    for (answers, expected) in [
        (vec![job("RUNNING"), ended("2016-04-25T20:04:44.500Z")], Some(ms(2500))),
        (vec![job("RUNNING"), ended("2016-04-25T20:04:47.600Z")], Some(ms(0))),
        (vec![job("RUNNING"), ended("2016-04-25T20:04:48.100Z")], None),
        (vec![job("RUNNING"), ended("2016-04-25T20:04:44.500")], None),
        (vec![job("RUNNING"), Response::new(503, "").into(), ended("2016-04-25T20:04:45Z")], Some(secs(2))),
        (vec![ended("2016-04-25T20:04:44.500Z")], None),
        (vec![Response::new(503, "").into(), ended("2016-04-25T20:04:44.500Z")], None),
        (vec![job("RUNNING"), job("SUCCESS")], None),
    ] {
        let (outcome, _, _) = run(every_two_seconds(), answers.into_iter().map(|polled| (10, polled)));
        assert!(outcome.result().is_ok());
        assert_eq!(outcome.lag(), expected);
    }
}

#[test]
fn what_stays_as_it_is_is_told_once() {
    let unknown =
        || -> PollResult { Response::new(404, r#"{"error_code":"Common.0011","error_msg":"none"}"#).into() };
    let (_, lines, _) = run(
        every_two_seconds(),
        [
            (0, unknown()),
            (0, unknown()),
            (0, job("PAUSED")),
            (0, job("PAUSED")),
            (0, job("RUNNING")),
            (0, job("PAUSED")),
            (0, job("PAUSED")),
            (0, job("SUCCESS")),
        ],
    );
    let strange = " (unrecognized status, still waiting)";
    assert_eq!(
        lines,
        [
            "ff80 not known to the service yet, 0s, HTTP 404 Common.0011: none, next poll in 2s".to_owned(),
            "ff80 not known to the service yet, 2s, next poll in 2s".to_owned(),
            format!("ff80 PAUSED{strange}, 4s, next poll in 2s"),
            "ff80 PAUSED, 6s, next poll in 2s".to_owned(),
            "ff80 RUNNING, 8s, next poll in 2s".to_owned(),
            format!("ff80 PAUSED{strange}, 10s, next poll in 2s"),
            "ff80 PAUSED, 12s, next poll in 2s".to_owned(),
            "ff80 SUCCESS, 14s".to_owned(),
        ]
    );
}

#[test]
fn a_no_ends_the_wait_with_what_was_known_of_the_job() {
    let (outcome, _, _) =
        run(every_two_seconds(), [(10, job("RUNNING")), (10, Response::new(403, "").into())]);
    assert_eq!(error_of(&outcome).kind(), ErrorKind::Refused);
    assert_eq!(
        error_of(&outcome).to_string(),
        "request for job ff80 rejected after 2 polls in 2s (last seen RUNNING, 2s old): \
         HTTP 403: the response has no body; the state of the job is unknown; \
         check the permissions of the user in this project"
    );
}

#[test]
fn a_pause_beyond_the_deadline_ends_the_wait_at_once() {
    let busy = Response::new(429, "").with_header("Retry-After", "3600").into();
    let (outcome, _, _) = run(every_two_seconds(), [(10, job("RUNNING")), (10, busy)]);
    assert_eq!(outcome.waited(), ms(2020));
    let text = error_of(&outcome).to_string();
    assert!(
        text.contains("; wait longer than the 1h for which the service asked not to be polled"),
        "{text}"
    );
}

#[test]
fn a_job_that_waits_for_its_payment_ends_the_wait_if_told_to() {
    let policy = every_two_seconds().fail_on_pending_payment(true);
    let (outcome, _, _) = run(policy, [(10, job("PENDING_PAYMENT"))]);
    assert_eq!(error_of(&outcome).kind(), ErrorKind::PaymentPending);
    assert_eq!(outcome.job().map(Job::status_text), Some("PENDING_PAYMENT"));
    let (outcome, _, _) = run(every_two_seconds(), [(10, job("PENDING_PAYMENT"))]);
    assert!(
        error_of(&outcome).is_timeout() && error_of(&outcome).to_string().contains("the order is unpaid")
    );
}
