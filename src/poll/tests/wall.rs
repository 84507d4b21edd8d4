//! The deadline, the last poll before it, and `Retry-After`.

use super::*;
use crate::poll::backoff::Backoff;

#[test]
fn a_timeout_of_zero_is_one_poll_with_the_bound_of_a_poll() {
    let once = policy().timeout(Duration::ZERO);
    for (polled, expected) in [
        (job("SUCCESS"), WaitEnd::Succeeded),
        (job("FAIL"), WaitEnd::Failed),
        (running(), timed_out()),
        (job("PENDING_PAYMENT"), timed_out()),
        (http(429), timed_out()),
        (http(503), WaitEnd::NoAnswer),
        (lost(), WaitEnd::NoAnswer),
        (job(""), WaitEnd::NoAnswer),
        (not_found(), WaitEnd::Refused),
        (http(401), WaitEnd::Refused),
        (http(401).credentials_renewable(true), WaitEnd::Refused),
        (http(403), WaitEnd::Refused),
        (http(302), WaitEnd::NoAnswer),
    ] {
        let mut wait = SimulatedWait::new(once);
        assert_eq!(wait.poller.poll_timeout(wait.now), Some(secs(30)));
        assert_eq!(wait.see_for(&polled, secs(29)), Decision::Done(expected), "{polled:?}");
        assert_eq!(wait.poller.poll_timeout(wait.now), None);
    }
    let short = SimulatedWait::new(once.request_timeout(secs(3)));
    assert_eq!(short.poller.poll_timeout(short.now), Some(secs(3)));
    assert_eq!(short.poller.poll_timeout(short.now + secs(9)), Some(secs(3)));
}

#[test]
fn each_poll_has_what_is_left_and_thirty_seconds_at_the_most() {
    for (timeout, elapsed, first, later) in [
        (secs(60), Duration::ZERO, Some(secs(30)), Some(secs(30))),
        (secs(60), secs(29), Some(secs(30)), Some(secs(30))),
        (secs(60), secs(31), Some(secs(29)), Some(secs(29))),
        (secs(60), ms(59_950), Some(ms(50)), Some(ms(50))),
        (secs(60), ms(59_951), Some(ms(49)), None),
        (secs(60), ms(59_999), Some(ms(1)), None),
        (secs(60), secs(60), Some(ms(1)), None),
        (secs(60), secs(999), Some(ms(1)), None),
        (ms(20), Duration::ZERO, Some(ms(20)), None),
        (Duration::from_nanos(1), Duration::ZERO, Some(ms(1)), None),
        (Duration::MAX, secs(99_999), Some(secs(30)), Some(secs(30))),
    ] {
        let mut wait = SimulatedWait::new(policy().timeout(timeout));
        let now = wait.now + elapsed;
        assert_eq!(wait.poller.poll_timeout(now), first, "{timeout:?} {elapsed:?}");
        wait.see_for(&running(), Duration::ZERO);
        assert_eq!(wait.poller.poll_timeout(now), later, "{timeout:?} {elapsed:?}, second poll");
    }
}

#[test]
fn the_last_poll_is_placed_by_the_slowest_of_the_last_round_trips() {
    for (timeout, trip, reserve) in [
        (secs(600), ms(0), ms(250)),
        (secs(600), ms(80), ms(250)),
        (secs(600), ms(150), ms(450)),
        (secs(600), ms(1600), ms(4800)),
        (secs(600), secs(2), secs(5)),
        (secs(600), secs(29), secs(5)),
        (secs(8), secs(2), secs(2)),
        (ms(800), ms(10), ms(200)),
        (ms(100), ms(10), ms(60)),
        (Duration::MAX, ms(0), ms(250)),
    ] {
        let mut wait = SimulatedWait::new(policy().timeout(timeout));
        wait.see_for(&running(), trip);
        let deadline = wait.poller.deadline();
        assert_eq!(wait.poller.last_poll(), deadline - reserve, "{timeout:?}, {trip:?}");
    }
    // Eight quick ones, and the slow one is forgotten. A poll that gave no answer says nothing of the round trip.
    let mut wait = SimulatedWait::new(policy());
    wait.see_for(&running(), secs(2));
    for polled in [running(), http(429), job("PAUSED"), running(), running(), running(), running()] {
        wait.see_for(&polled, ms(20));
        wait.see_for(&broken(TransportErrorKind::Timeout), secs(30));
        assert_eq!(wait.poller.deadline() - wait.poller.last_poll(), secs(5));
    }
    wait.see_for(&running(), ms(20));
    assert_eq!(wait.poller.deadline() - wait.poller.last_poll(), ms(250));
}

/// When the polls of a job that never ends are made.
fn moments(policy: PollPolicy) -> Vec<u128> {
    let mut wait = SimulatedWait::new(policy);
    let mut moments = vec![0];
    loop {
        match wait.see_for(&running(), Duration::ZERO) {
            Decision::PollAt(moment) => moments.push((moment - secs(1_000_000)).as_millis()),
            Decision::Done(wait_end) => {
                assert_eq!(wait_end, timed_out());
                return moments;
            }
        }
    }
}

#[test]
fn a_delay_that_would_end_near_the_last_poll_is_stretched_or_cut_to_it() {
    let moments =
        |timeout: u64, every: u64| moments(policy().timeout(ms(timeout)).backoff(Backoff::fixed(ms(every))));
    // Cut: the poll that would come behind it.
    assert_eq!(moments(30_000, 10_000), [0, 10_000, 20_000, 29_750]);
    // Neither: it ends just half a delay before it.
    assert_eq!(moments(25_250, 10_000), [0, 10_000, 20_000, 25_000]);
    // Stretched: it would end nearer.
    assert_eq!(moments(25_249, 10_000), [0, 10_000, 24_999]);
    assert_eq!(moments(65_000, 60_000), [0, 64_750]);
    assert_eq!(moments(5_000, 60_000), [0, 4_750]);
    assert_eq!(moments(800, 60_000), [0, 600]);
    assert_eq!(moments(1_000, 250), [0, 250, 500, 750]);
    // No room for a second one.
    assert_eq!(moments(40, 10), [0]);
}

#[test]
fn a_poll_whose_answer_would_come_after_the_last_poll_is_stretched_to_it() {
    let mut wait = SimulatedWait::new(policy().timeout(secs(20)).backoff(Backoff::fixed(secs(1))));
    let mut sent = Vec::new();
    loop {
        sent.push(wait.poller.next_poll().as_millis() - 1_000_000_000);
        if let Decision::Done(wait_end) = wait.see_for(&running(), ms(1600)) {
            assert_eq!(wait_end, timed_out());
            break;
        }
    }
    // 4.8 s are kept free; a poll at 15.0 s would last until 16.6 s.
    assert_eq!(sent, [0, 2600, 5200, 7800, 10_400, 13_000, 15_200]);
}

#[test]
fn after_the_last_poll_there_is_none() {
    let fixed = policy().timeout(secs(20)).backoff(Backoff::fixed(secs(15)));
    for (polled, expected) in [
        (running(), timed_out()),
        (job("PAUSED"), timed_out()),
        (http(503), timed_out()),
        (http(429), timed_out()),
        (broken(TransportErrorKind::Timeout), timed_out()),
        (not_found(), WaitEnd::Refused),
        (job("SUCCESS"), WaitEnd::Succeeded),
        (job("FAIL"), WaitEnd::Failed),
    ] {
        let mut wait = SimulatedWait::new(fixed);
        wait.see(&running());
        wait.see(&running());
        assert_eq!(wait.poller.next_poll(), wait.poller.deadline() - ms(300));
        assert_eq!(wait.see_for(&polled, ms(10)), Decision::Done(expected), "{polled:?}");
    }
}

#[test]
fn an_end_that_is_seen_beats_the_deadline_even_behind_it() {
    for (status, expected) in [("SUCCESS", WaitEnd::Succeeded), ("FAIL", WaitEnd::Failed)] {
        let mut wait = SimulatedWait::new(policy().timeout(secs(20)));
        wait.see(&running());
        assert_eq!(wait.see_for(&job(status), secs(60)), Decision::Done(expected));
    }
    let mut wait = SimulatedWait::new(policy().timeout(secs(20)));
    assert_eq!(wait.see_for(&running(), secs(60)), Decision::Done(timed_out()));
}

#[test]
fn a_poll_that_lasted_into_the_last_moments_was_the_last_one() {
    let mut wait = SimulatedWait::new(policy().timeout(secs(20)));
    wait.see(&running());
    assert_eq!(wait.see_for(&running(), secs(16)), Decision::Done(timed_out()));
}

#[test]
fn a_poll_before_its_moment_was_not_the_last_one() {
    // As after a suspend: the poll that was placed at the deadline is made at once.
    let mut wait = SimulatedWait::new(policy().timeout(secs(600)).backoff(Backoff::fixed(secs(900))));
    let Decision::PollAt(last) = wait.see(&running()) else { panic!("an end") };
    assert!(wait.poller.is_last());
    let next = wait.poller.handle(&running(), wait.now + secs(30));
    assert_eq!(next, Decision::PollAt(last));
    wait.now = last;
    assert_eq!(wait.wait_end(&running()), timed_out());
}

#[test]
fn a_last_poll_that_is_made_earlier_to_leave_room_for_others_is_the_last_all_the_same() {
    let mut wait = SimulatedWait::new(policy().timeout(secs(600)));
    wait.see(&running());
    wait.poller.make_last(wait.now + secs(500));
    assert!(wait.poller.is_last());
    assert_eq!(wait.wait_end(&running()), timed_out());
}

#[test]
fn retry_after_is_a_lower_bound_whatever_the_status() {
    const RUNNING: &str = r#"{"status":"RUNNING"}"#;
    const BUSY: &str = r#"{"error":{"code":"Common.0024","message":"busy"}}"#;
    const UNKNOWN: &str = r#"{"error_code":"Common.0011"}"#;
    let statuses = [
        (200, RUNNING),
        (202, RUNNING),
        (202, BUSY),
        (400, UNKNOWN),
        (404, ""),
        (408, ""),
        (413, ""),
        (429, ""),
        (500, ""),
        (503, ""),
        (503, "<html></html>"),
        (200, "<html></html>"),
        (401, ""),
    ];
    for (status, body) in statuses {
        for least in [0, 1, 7, 90, 600] {
            let answer = Response::new(status, body).with_header("Retry-After", &least.to_string());
            let delay =
                SimulatedWait::new(policy()).delay(&PollResult::from(answer).credentials_renewable(true));
            let most = if least > 4 { least as f64 } else { 5.0 };
            between(delay, least as f64, most);
            if status != 401 {
                assert!(delay > 0.3, "no busy loop after {status}: {delay}");
            }
        }
        let date = Response::new(status, body)
            .with_header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .with_header("Retry-After", "Sun, 06 Nov 1994 08:51:07 GMT");
        between(
            SimulatedWait::new(policy()).delay(&PollResult::from(date).credentials_renewable(true)),
            90.0,
            90.0,
        );
    }
}

#[test]
fn a_retry_after_beyond_the_last_poll_ends_the_wait_and_says_so() {
    for status in [200, 429, 503] {
        let mut wait = SimulatedWait::new(policy().timeout(secs(60)));
        let asks = |seconds: u64| -> PollResult {
            Response::new(status, r#"{"status":"RUNNING"}"#)
                .with_header("Retry-After", &seconds.to_string())
                .into()
        };
        // The last poll is 300 ms before the deadline, and 100 ms have passed.
        assert_eq!(
            wait.clone_and_see(&asks(60)),
            Decision::Done(WaitEnd::TimedOut { retry_after: Some(secs(60)) })
        );
        assert_eq!(
            wait.clone_and_see(&asks(u64::MAX)),
            Decision::Done(WaitEnd::TimedOut { retry_after: Some(secs(u64::MAX)) })
        );
        wait.see(&asks(59));
        assert_eq!(wait.wait_end(&asks(1)), WaitEnd::TimedOut { retry_after: Some(secs(1)) });

        // It fits, and the delay does not: the last poll.
        let mut wait = SimulatedWait::new(policy().timeout(secs(60)).backoff(Backoff::fixed(secs(10))));
        wait.see(&asks(59));
        assert_eq!(
            wait.poller.next_poll(),
            wait.poller.deadline() - if status == 503 { ms(250) } else { ms(300) }
        );
        assert_eq!(wait.wait_end(&asks(1)), if status == 503 { WaitEnd::NoAnswer } else { timed_out() });
    }
}

impl SimulatedWait {
    fn clone_and_see(&self, polled: &PollResult) -> Decision {
        Self { poller: self.poller.clone(), now: self.now }.see(polled)
    }
}

#[test]
fn it_is_too_late_with_or_without_an_answer() {
    let mut wait = SimulatedWait::new(policy().timeout(secs(1)));
    assert_eq!(wait.poller.deadline_end(), timed_out(), "never polled");
    wait.see_for(&http(503), ms(1));
    assert_eq!(wait.poller.deadline_end(), WaitEnd::NoAnswer);
    wait.see_for(&running(), ms(1));
    assert_eq!(wait.poller.deadline_end(), timed_out());
}
