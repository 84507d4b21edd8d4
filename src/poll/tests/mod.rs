//! Tests of the poller in virtual time.

mod pace;
mod properties;
mod errors;
mod wall;
mod world;

use std::time::Duration;

use super::result::PollResult;
use super::{Decision, PollPolicy, Poller, WaitEnd};
use crate::api::response::Response;
use crate::error::poll::{TransportError, TransportErrorKind};

/// A wait in which the time is what the test says.
struct SimulatedWait {
    poller: Poller,
    now: Duration,
}

impl SimulatedWait {
    fn new(policy: PollPolicy) -> Self {
        Self::with_seed(policy, 7)
    }

    fn with_seed(policy: PollPolicy, seed: u64) -> Self {
        // The origin of the clock is anywhere.
        let now = Duration::from_secs(1_000_000);
        Self { poller: Poller::with_seed(policy, now, seed), now }
    }

    /// Makes the next poll when it is due. It takes 100 ms.
    fn see(&mut self, polled: &PollResult) -> Decision {
        self.see_for(polled, ms(100))
    }

    fn see_for(&mut self, polled: &PollResult, took: Duration) -> Decision {
        self.now = self.now.max(self.poller.next_poll()) + took;
        self.poller.handle(&polled.clone().round_trip(took), self.now)
    }

    /// The seconds from the end of this poll to the next one.
    fn delay(&mut self, polled: &PollResult) -> f64 {
        match self.see(polled) {
            Decision::PollAt(moment) => moment.checked_sub(self.now).unwrap().as_secs_f64(),
            Decision::Done(wait_end) => panic!("{wait_end:?} instead of another poll"),
        }
    }

    fn wait_end(&mut self, polled: &PollResult) -> WaitEnd {
        match self.see(polled) {
            Decision::PollAt(moment) => panic!("another poll in {:?} instead of an end", moment - self.now),
            Decision::Done(wait_end) => wait_end,
        }
    }

    /// The time since the begin of the wait.
    fn elapsed(&self) -> Duration {
        self.now - Duration::from_secs(1_000_000)
    }
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn policy() -> PollPolicy {
    PollPolicy::new()
}

fn job(status: &str) -> PollResult {
    Response::new(200, format!(r#"{{"status":"{status}"}}"#)).into()
}

fn running() -> PollResult {
    job("RUNNING")
}

fn http(status: u16) -> PollResult {
    Response::new(status, "").into()
}

/// An error answer with this code.
fn code(status: u16, code: &str) -> PollResult {
    Response::new(status, format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#)).into()
}

fn not_found() -> PollResult {
    code(400, "Common.0011")
}

fn broken(kind: TransportErrorKind) -> PollResult {
    TransportError::new(kind, "broken").into()
}

fn lost() -> PollResult {
    broken(TransportErrorKind::ConnectionLost)
}

fn timed_out() -> WaitEnd {
    WaitEnd::TimedOut { retry_after: None }
}

fn between(value: f64, least: f64, most: f64) {
    assert!((least - 1e-6..=most + 1e-6).contains(&value), "{value} is not from {least} to {most}");
}

#[test]
fn a_poller_is_small() {
    assert!(size_of::<Poller>() <= 240, "{} bytes", size_of::<Poller>());
}

#[test]
fn the_first_poll_is_due_at_once() {
    let wait = SimulatedWait::new(policy());
    assert_eq!(wait.poller.next_poll(), wait.now);
    assert_eq!(wait.poller.poll_timeout(wait.now), Some(secs(30)));
    assert_eq!(wait.poller.polls(), 0);
}

#[test]
fn only_success_and_fail_end_a_job() {
    for (status, expected) in [
        ("SUCCESS", Some(WaitEnd::Succeeded)),
        ("success", Some(WaitEnd::Succeeded)),
        ("FAIL", Some(WaitEnd::Failed)),
        ("INIT", None),
        ("RUNNING", None),
        ("PENDING_PAYMENT", None),
        ("WAITING_EXECUTE", None),
        ("LISTENING", None),
        ("PAUSED", None),
        ("FAILED", None),
        ("ERROR", None),
    ] {
        let next = SimulatedWait::new(policy()).see(&job(status));
        match expected {
            Some(wait_end) => assert_eq!(next, Decision::Done(wait_end), "{status}"),
            None => assert!(matches!(next, Decision::PollAt(_)), "{status}"),
        }
    }
}

#[test]
fn a_job_that_waits_for_a_payment_ends_the_wait_only_where_that_is_asked_for() {
    let mut wait = SimulatedWait::new(policy().fail_on_pending_payment(true));
    between(wait.delay(&running()), 0.35, 1.05);
    assert_eq!(wait.wait_end(&job("PENDING_PAYMENT")), WaitEnd::PaymentPending);

    let mut wait = SimulatedWait::new(policy().timeout(secs(5)));
    wait.delay(&job("PENDING_PAYMENT"));
    wait.delay(&running());
    assert_eq!(wait.wait_end(&job("SUCCESS")), WaitEnd::Succeeded);
}

#[test]
fn a_status_that_nobody_knows_is_waited_on_at_the_usual_pace() {
    let (mut known, mut strange) = (SimulatedWait::new(policy()), SimulatedWait::new(policy()));
    for _ in 0..20 {
        assert_eq!(known.see(&running()), strange.see(&job("PAUSED")));
    }
}

#[test]
fn equal_seeds_give_equal_waits_and_others_do_not() {
    let moments = |seed: u64| {
        let mut wait = SimulatedWait::with_seed(policy(), seed);
        let polls = [running(), http(503), running(), http(429), lost(), running(), running()];
        polls.iter().map(|polled| wait.see(polled)).collect::<Vec<_>>()
    };
    assert_eq!(moments(1), moments(1));
    assert_ne!(moments(1), moments(2));
}

#[test]
fn pollers_of_their_own_have_seeds_of_their_own() {
    let moment = || Poller::new(policy(), Duration::ZERO).handle(&running(), ms(1));
    let first = moment();
    assert!((0..8).any(|_| moment() != first));
}
