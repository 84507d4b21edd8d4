//! Answers that are not the job.

use super::*;
use crate::poll::failure_budget::ServiceContact;

/// Sees the same error until the end, with polls that take no time. The seconds that took, the polls, the end.
fn endure(wait: &mut SimulatedWait, polled: &PollResult) -> (f64, u32, WaitEnd) {
    let (from, before) = (wait.now.max(wait.poller.next_poll()), wait.poller.polls());
    loop {
        if let Decision::Done(wait_end) = wait.see_for(polled, Duration::ZERO) {
            return ((wait.now - from).as_secs_f64(), wait.poller.polls() - before, wait_end);
        }
        assert!(wait.poller.polls() < 10_000, "no end");
    }
}

#[test]
fn a_service_that_has_too_much_to_do_is_left_alone_for_longer_and_longer() {
    for polled in
        [http(429), http(413), code(202, "Common.0024"), code(400, "IMG.0060"), code(429, "APIGW.0308")]
    {
        for seed in 0..20 {
            let mut wait = SimulatedWait::with_seed(policy(), seed);
            for whole in [5.0, 10.0, 20.0, 40.0, 60.0, 60.0] {
                between(wait.delay(&polled), whole * 0.5, whole);
            }
            wait.see(&running());
            between(wait.delay(&polled), 2.5, 5.0);
        }
    }
}

#[test]
fn being_throttled_is_bounded_by_the_deadline_only() {
    for timeout in [secs(1), secs(60), secs(6 * 3600)] {
        let mut wait = SimulatedWait::new(policy().timeout(timeout));
        let (seconds, _, wait_end) = endure(&mut wait, &http(429));
        assert_eq!(wait_end, timed_out());
        between(seconds, timeout.as_secs_f64() - 0.25, timeout.as_secs_f64());
    }
}

fn transients() -> Vec<PollResult> {
    let mut polls: Vec<PollResult> = vec![
        Response::new(200, "<html><body>busy</body></html>").into(),
        Response::new(200, r#"{"status":"RUNN"#).into(),
        Response::new(200, "").into(),
        Response::new(200, "{}").into(),
        Response::new(204, "").into(),
        code(503, "APIGW.0308"),
        code(500, "Common.0011"),
    ];
    polls.extend([408, 409, 425, 499, 500, 502, 503, 504, 505, 507, 511, 520, 599].map(http));
    let kinds = [
        TransportErrorKind::Connect,
        TransportErrorKind::Dns,
        TransportErrorKind::ConnectionLost,
        TransportErrorKind::Protocol,
        TransportErrorKind::Timeout,
        TransportErrorKind::Tls,
    ];
    polls.extend(kinds.map(broken));
    polls
}

#[test]
fn error_that_may_pass_is_asked_again_after_one_second_and_then_twice_as_long() {
    for polled in transients() {
        for seed in 0..10 {
            let mut wait = SimulatedWait::with_seed(policy(), seed);
            for whole in [1.0, 2.0, 4.0, 8.0] {
                between(wait.delay(&polled), whole * 0.5, whole);
            }
            wait.see(&running());
            wait.see(&running());
            if polled.error().is_some_and(is_lost) {
                between(wait.delay(&polled), 0.0, 0.0);
                wait.see(&running());
                wait.see(&http(503));
            } else {
                between(wait.delay(&polled), 0.5, 1.0);
            }
            for whole in [2.0, 4.0, 8.0, 16.0, 30.0] {
                between(wait.delay(&http(503)), whole * 0.5, whole);
            }
        }
    }
}

fn is_lost(error: &crate::error::poll::PollError) -> bool {
    matches!(error, crate::error::poll::PollError::Transport(error) if error.kind() == TransportErrorKind::ConnectionLost)
}

#[test]
fn before_the_first_contact_five_errors_and_ten_seconds_end_the_wait() {
    for polled in transients() {
        for seed in 0..10 {
            let (seconds, polls, wait_end) = endure(&mut SimulatedWait::with_seed(policy(), seed), &polled);
            assert_eq!(wait_end, WaitEnd::NoAnswer);
            assert!((5..=6).contains(&polls), "{polls} polls");
            // The fifth comes after 7.5 to 15 seconds, the sixth at most 16 later.
            between(seconds, 10.0, 26.0);
        }
    }
}

#[test]
fn after_the_first_contact_ten_errors_and_two_minutes_end_the_wait() {
    for polled in transients() {
        for seed in 0..10 {
            let mut wait = SimulatedWait::with_seed(policy(), seed);
            wait.see(&running());
            let (seconds, polls, wait_end) = endure(&mut wait, &polled);
            assert_eq!(wait_end, WaitEnd::NoAnswer);
            assert!((10..=13).contains(&polls), "{polls} polls");
            between(seconds, 120.0, 165.0);
        }
    }
}

#[test]
fn any_answer_of_the_service_starts_the_count_again() {
    for answer in [running(), job("PAUSED"), http(429)] {
        let mut wait = SimulatedWait::new(policy().timeout(secs(36_000)));
        for _ in 0..100 {
            for _ in 0..4 {
                assert!(matches!(wait.see(&http(503)), Decision::PollAt(_)));
            }
            wait.now += secs(60);
            wait.see(&answer);
        }
    }
    // Not found in the first ten seconds is an answer too.
    let mut wait = SimulatedWait::new(policy());
    for _ in 0..3 {
        wait.see_for(&http(503), Duration::ZERO);
    }
    assert!(wait.elapsed() < secs(8));
    wait.see_for(&not_found(), Duration::ZERO);
    let (_, polls, _) = endure(&mut wait, &http(503));
    assert!(polls >= 5, "{polls}");
}

#[test]
fn few_errors_that_took_long_do_not_end_the_wait() {
    let mut wait = SimulatedWait::new(policy());
    for _ in 0..4 {
        assert!(matches!(wait.see_for(&broken(TransportErrorKind::Timeout), secs(30)), Decision::PollAt(_)));
    }
    assert_eq!(
        wait.see_for(&broken(TransportErrorKind::Timeout), secs(30)),
        Decision::Done(WaitEnd::NoAnswer)
    );

    let mut wait = SimulatedWait::new(policy());
    wait.see(&running());
    for _ in 0..9 {
        assert!(matches!(wait.see_for(&broken(TransportErrorKind::Timeout), secs(30)), Decision::PollAt(_)));
    }
    assert_eq!(
        wait.see_for(&broken(TransportErrorKind::Timeout), secs(30)),
        Decision::Done(WaitEnd::NoAnswer)
    );
}

#[test]
fn jobs_of_one_service_share_their_first_contact() {
    let mut contact = ServiceContact::default();
    let mut scenes: Vec<SimulatedWait> =
        (0..5).map(|seed| SimulatedWait::with_seed(policy(), seed)).collect();
    let now = scenes[0].now;
    // One error each, and ten seconds: that is enough for all.
    for (number, wait) in scenes.iter_mut().enumerate() {
        let then = if number == 4 { now + secs(10) } else { now };
        let next = wait.poller.handle_among(&http(503), then, &mut contact);
        assert_eq!(matches!(next, Decision::Done(WaitEnd::NoAnswer)), number == 4, "{number}");
    }
    // One good answer, and all others have the long patience too.
    let mut contact = ServiceContact::default();
    let mut good = SimulatedWait::new(policy());
    good.poller.handle_among(&running(), now, &mut contact);
    let mut other = SimulatedWait::new(policy());
    for polled in 0..9 {
        let next = other.poller.handle_among(&http(503), now + secs(60 * polled), &mut contact);
        assert!(matches!(next, Decision::PollAt(_)), "{polled}");
    }
    let next = other.poller.handle_among(&http(503), now + secs(600), &mut contact);
    assert_eq!(next, Decision::Done(WaitEnd::NoAnswer));
}

#[test]
fn a_job_that_gives_nothing_but_error_is_given_up_even_if_others_are_answered() {
    let mut contact = ServiceContact::default();
    let (mut troubled, mut throttled) = (SimulatedWait::new(policy()), SimulatedWait::with_seed(policy(), 8));
    for polled in 0..9 {
        let now = troubled.now + secs(20 * polled);
        assert!(matches!(troubled.poller.handle_among(&http(503), now, &mut contact), Decision::PollAt(_)));
        assert!(matches!(throttled.poller.handle_among(&http(429), now, &mut contact), Decision::PollAt(_)));
    }
    let next = troubled.poller.handle_among(&http(503), troubled.now + secs(180), &mut contact);
    assert_eq!(next, Decision::Done(WaitEnd::NoAnswer));
}

#[test]
fn a_no_that_will_not_pass_ends_the_wait_at_once() {
    use WaitEnd::{NoAnswer, Refused};
    let mut cases = vec![
        (code(404, "APIGW.0101"), Refused),
        (code(403, "Ecs.0003"), Refused),
        (code(400, "Ecs.0005"), Refused),
        (code(400, "APIGW.0301"), Refused),
        (code(400, "APIGW.0307"), Refused),
        (code(400, "Common.0013"), Refused),
        (code(400, "EVS.0002"), Refused),
        (code(400, "EVS.5401"), Refused),
        (code(400, "IMG.0087"), Refused),
        (code(400, "SDRS.0002"), Refused),
        (code(200, "Common.0002"), Refused),
        (broken(TransportErrorKind::InvalidUrl), NoAnswer),
        (broken(TransportErrorKind::Certificate), NoAnswer),
        (broken(TransportErrorKind::Proxy), NoAnswer),
    ];
    cases.extend(
        [400, 401, 402, 403, 405, 406, 410, 411, 415, 422, 431, 451, 501].map(|it| (http(it), Refused)),
    );
    cases.extend([300, 301, 302, 303, 304, 307, 308, 407].map(|it| (http(it), NoAnswer)));
    for (polled, expected) in cases {
        assert_eq!(SimulatedWait::new(policy()).wait_end(&polled), expected, "{polled:?}");
        let mut wait = SimulatedWait::new(policy());
        wait.see(&running());
        wait.see(&http(503));
        assert_eq!(wait.wait_end(&polled), expected, "{polled:?} later");
    }
}

#[test]
fn an_id_that_is_not_known_yet_is_polled_for_during_ten_seconds() {
    for polled in [not_found(), code(400, "IMG.0023"), http(404), code(404, "Ecs.0114")] {
        let mut wait = SimulatedWait::new(policy());
        for _ in 0..5 {
            between(wait.delay(&polled), 2.0, 2.0);
        }
        assert!(wait.elapsed() > secs(8) && wait.elapsed() < secs(10));
        assert_eq!(wait.wait_end(&polled), WaitEnd::Refused);

        let mut wait = SimulatedWait::new(policy());
        wait.see(&polled);
        wait.see(&polled);
        wait.see(&running());
        assert!(wait.elapsed() < secs(10));
        assert_eq!(wait.wait_end(&polled), WaitEnd::Refused, "it had been there");
    }
    let mut wait = SimulatedWait::new(policy());
    assert_eq!(wait.see_for(&not_found(), secs(11)), Decision::Done(WaitEnd::Refused));
    // The deadline comes first.
    let (seconds, _, wait_end) = endure(&mut SimulatedWait::new(policy().timeout(secs(5))), &not_found());
    assert_eq!((seconds, wait_end), (4.75, timed_out()));
}

#[test]
fn the_first_lost_connection_after_a_good_answer_is_asked_again_at_once_and_once() {
    let mut wait = SimulatedWait::new(policy());
    between(wait.delay(&lost()), 0.5, 1.0);
    for _ in 0..3 {
        wait.see(&running());
        between(wait.delay(&lost()), 0.0, 0.0);
        between(wait.delay(&lost()), 1.0, 2.0);
        between(wait.delay(&http(429)), 2.5, 5.0);
        between(wait.delay(&lost()), 0.5, 1.0);
    }
    for kind in [TransportErrorKind::Connect, TransportErrorKind::Timeout, TransportErrorKind::Protocol] {
        wait.see(&running());
        between(wait.delay(&broken(kind)), 0.5, 1.0);
    }
    // Even where it was the last poll: that one was never made.
    let mut wait = SimulatedWait::new(policy().timeout(secs(3)));
    while !wait.poller.is_last() {
        wait.see(&running());
    }
    between(wait.delay(&lost()), 0.0, 0.0);
    assert_eq!(wait.wait_end(&lost()), timed_out());
    // But not where there is no time for it.
    let mut wait = SimulatedWait::new(policy().timeout(secs(3)));
    wait.see(&running());
    assert_eq!(wait.see_for(&lost(), secs(3)), Decision::Done(timed_out()));
}

#[test]
fn refused_credentials_are_tried_once_more_if_they_can_be_renewed() {
    for refusal in [http(401), code(400, "APIGW.0301"), code(400, "Common.0013")] {
        let credentials_renewable = refusal.clone().credentials_renewable(true);
        assert_eq!(SimulatedWait::new(policy()).wait_end(&refusal), WaitEnd::Refused);

        let mut wait = SimulatedWait::new(policy());
        between(wait.delay(&credentials_renewable), 0.0, 0.0);
        assert_eq!(wait.wait_end(&credentials_renewable), WaitEnd::Refused, "the renewed ones too");

        let mut wait = SimulatedWait::new(policy());
        for _ in 0..3 {
            between(wait.delay(&credentials_renewable), 0.0, 0.0);
            wait.see(&http(503));
            wait.see(&running());
        }
        wait.see(&credentials_renewable);
        wait.see(&http(503));
        assert_eq!(wait.wait_end(&credentials_renewable), WaitEnd::Refused, "no good answer in between");

        let mut wait = SimulatedWait::new(policy().timeout(secs(3)));
        assert_eq!(
            wait.see_for(&credentials_renewable, secs(3)),
            Decision::Done(WaitEnd::Refused),
            "no time left"
        );
    }
}

#[test]
fn whether_the_service_had_answered_decides_what_a_deadline_is() {
    for (polls, expected) in [
        (vec![http(503)], WaitEnd::NoAnswer),
        (vec![lost(), broken(TransportErrorKind::Timeout), http(500)], WaitEnd::NoAnswer),
        (vec![Response::new(200, "<html>").into()], WaitEnd::NoAnswer),
        (vec![running(), http(503)], timed_out()),
        (vec![job("PAUSED"), lost(), lost()], timed_out()),
        (vec![http(429), http(503)], timed_out()),
        (vec![not_found(), http(503)], timed_out()),
        (vec![http(401).credentials_renewable(true), http(503)], timed_out()),
    ] {
        let mut wait = SimulatedWait::new(policy().timeout(secs(5)));
        for polled in &polls {
            assert!(matches!(wait.see_for(polled, ms(1)), Decision::PollAt(_)));
        }
        let (_, _, wait_end) = endure(&mut wait, &http(503));
        assert_eq!(wait_end, expected, "{polls:?}");
    }
}
