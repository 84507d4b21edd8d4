//! Tests of the poller in virtual time.

mod pace;
mod properties;
mod errors;
mod wall;
mod world;

use std::time::Duration;

use super::result::Look;
use super::{Ending, Next, Poller, Rules};
use crate::api::response::Answer;
use crate::error::poll::{TransportError, TransportKind};

/// A wait in which the time is what the test says.
struct Scene {
    poller: Poller,
    now: Duration,
}

impl Scene {
    fn new(rules: Rules) -> Self {
        Self::seeded(rules, 7)
    }

    fn seeded(rules: Rules, seed: u64) -> Self {
        // The origin of the clock is anywhere.
        let now = Duration::from_secs(1_000_000);
        Self { poller: Poller::seeded(rules, now, seed), now }
    }

    /// Makes the next look when it is due. It takes 100 ms.
    fn see(&mut self, look: &Look) -> Next {
        self.see_for(look, ms(100))
    }

    fn see_for(&mut self, look: &Look, took: Duration) -> Next {
        self.now = self.now.max(self.poller.next_look()) + took;
        self.poller.handle(&look.clone().took(took), self.now)
    }

    /// The seconds from the end of this look to the next one.
    fn delay(&mut self, look: &Look) -> f64 {
        match self.see(look) {
            Next::LookAt(moment) => moment.checked_sub(self.now).unwrap().as_secs_f64(),
            Next::Done(ending) => panic!("{ending:?} instead of another look"),
        }
    }

    fn ending(&mut self, look: &Look) -> Ending {
        match self.see(look) {
            Next::LookAt(moment) => panic!("another look in {:?} instead of an end", moment - self.now),
            Next::Done(ending) => ending,
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

fn rules() -> Rules {
    Rules::new()
}

fn job(status: &str) -> Look {
    Answer::new(200, format!(r#"{{"status":"{status}"}}"#)).into()
}

fn running() -> Look {
    job("RUNNING")
}

fn http(status: u16) -> Look {
    Answer::new(status, "").into()
}

/// An error answer with this code.
fn code(status: u16, code: &str) -> Look {
    Answer::new(status, format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#)).into()
}

fn not_found() -> Look {
    code(400, "Common.0011")
}

fn broken(kind: TransportKind) -> Look {
    TransportError::new(kind, "broken").into()
}

fn lost() -> Look {
    broken(TransportKind::Lost)
}

fn timed_out() -> Ending {
    Ending::TimedOut { retry_after: None }
}

fn between(value: f64, least: f64, most: f64) {
    assert!((least - 1e-6..=most + 1e-6).contains(&value), "{value} is not from {least} to {most}");
}

#[test]
fn a_poller_is_small() {
    assert!(size_of::<Poller>() <= 240, "{} bytes", size_of::<Poller>());
}

#[test]
fn the_first_look_is_due_at_once() {
    let scene = Scene::new(rules());
    assert_eq!(scene.poller.next_look(), scene.now);
    assert_eq!(scene.poller.look_limit(scene.now), Some(secs(30)));
    assert_eq!(scene.poller.looks(), 0);
}

#[test]
fn only_success_and_fail_end_a_job() {
    for (status, expected) in [
        ("SUCCESS", Some(Ending::Succeeded)),
        ("success", Some(Ending::Succeeded)),
        ("FAIL", Some(Ending::Failed)),
        ("INIT", None),
        ("RUNNING", None),
        ("PENDING_PAYMENT", None),
        ("WAITING_EXECUTE", None),
        ("LISTENING", None),
        ("PAUSED", None),
        ("FAILED", None),
        ("ERROR", None),
    ] {
        let next = Scene::new(rules()).see(&job(status));
        match expected {
            Some(ending) => assert_eq!(next, Next::Done(ending), "{status}"),
            None => assert!(matches!(next, Next::LookAt(_)), "{status}"),
        }
    }
}

#[test]
fn a_job_that_waits_for_a_payment_ends_the_wait_only_where_that_is_asked_for() {
    let mut scene = Scene::new(rules().fail_on_pending_payment(true));
    between(scene.delay(&running()), 0.35, 1.05);
    assert_eq!(scene.ending(&job("PENDING_PAYMENT")), Ending::Unpaid);

    let mut scene = Scene::new(rules().timeout(secs(5)));
    scene.delay(&job("PENDING_PAYMENT"));
    scene.delay(&running());
    assert_eq!(scene.ending(&job("SUCCESS")), Ending::Succeeded);
}

#[test]
fn a_status_that_nobody_knows_is_waited_on_at_the_usual_pace() {
    let (mut known, mut strange) = (Scene::new(rules()), Scene::new(rules()));
    for _ in 0..20 {
        assert_eq!(known.see(&running()), strange.see(&job("PAUSED")));
    }
}

#[test]
fn equal_seeds_give_equal_waits_and_others_do_not() {
    let moments = |seed: u64| {
        let mut scene = Scene::seeded(rules(), seed);
        let looks = [running(), http(503), running(), http(429), lost(), running(), running()];
        looks.iter().map(|look| scene.see(look)).collect::<Vec<_>>()
    };
    assert_eq!(moments(1), moments(1));
    assert_ne!(moments(1), moments(2));
}

#[test]
fn pollers_of_their_own_have_seeds_of_their_own() {
    let moment = || Poller::new(rules(), Duration::ZERO).handle(&running(), ms(1));
    let first = moment();
    assert!((0..8).any(|_| moment() != first));
}
