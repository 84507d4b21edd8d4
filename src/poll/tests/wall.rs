//! The deadline, the last look before it, and `Retry-After`.

use super::*;
use crate::poll::backoff::Backoff;

#[test]
fn a_timeout_of_zero_is_one_look_with_the_bound_of_a_look() {
    let once = rules().timeout(Duration::ZERO);
    for (look, expected) in [
        (job("SUCCESS"), Ending::Succeeded),
        (job("FAIL"), Ending::Failed),
        (running(), timed_out()),
        (job("PENDING_PAYMENT"), timed_out()),
        (http(429), timed_out()),
        (http(503), Ending::NoAnswer),
        (lost(), Ending::NoAnswer),
        (job(""), Ending::NoAnswer),
        (not_found(), Ending::Refused),
        (http(401), Ending::Refused),
        (http(401).renewable(true), Ending::Refused),
        (http(403), Ending::Refused),
        (http(302), Ending::NoAnswer),
    ] {
        let mut scene = Scene::new(once);
        assert_eq!(scene.poller.look_limit(scene.now), Some(secs(30)));
        assert_eq!(scene.see_for(&look, secs(29)), Next::Done(expected), "{look:?}");
        assert_eq!(scene.poller.look_limit(scene.now), None);
    }
    let short = Scene::new(once.look_limit(secs(3)));
    assert_eq!(short.poller.look_limit(short.now), Some(secs(3)));
    assert_eq!(short.poller.look_limit(short.now + secs(9)), Some(secs(3)));
}

#[test]
fn each_look_has_what_is_left_and_thirty_seconds_at_the_most() {
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
        let mut scene = Scene::new(rules().timeout(timeout));
        let now = scene.now + elapsed;
        assert_eq!(scene.poller.look_limit(now), first, "{timeout:?} {elapsed:?}");
        scene.see_for(&running(), Duration::ZERO);
        assert_eq!(scene.poller.look_limit(now), later, "{timeout:?} {elapsed:?}, second look");
    }
}

#[test]
fn the_last_look_is_placed_by_the_slowest_of_the_last_round_trips() {
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
        let mut scene = Scene::new(rules().timeout(timeout));
        scene.see_for(&running(), trip);
        let deadline = scene.poller.deadline();
        assert_eq!(scene.poller.last_look(), deadline - reserve, "{timeout:?}, {trip:?}");
    }
    // Eight quick ones, and the slow one is forgotten. A look that gave no answer says nothing of the round trip.
    let mut scene = Scene::new(rules());
    scene.see_for(&running(), secs(2));
    for look in [running(), http(429), job("PAUSED"), running(), running(), running(), running()] {
        scene.see_for(&look, ms(20));
        scene.see_for(&broken(TransportKind::Timeout), secs(30));
        assert_eq!(scene.poller.deadline() - scene.poller.last_look(), secs(5));
    }
    scene.see_for(&running(), ms(20));
    assert_eq!(scene.poller.deadline() - scene.poller.last_look(), ms(250));
}

/// When the looks of a job that never ends are made.
fn moments(rules: Rules) -> Vec<u128> {
    let mut scene = Scene::new(rules);
    let mut moments = vec![0];
    loop {
        match scene.see_for(&running(), Duration::ZERO) {
            Next::LookAt(moment) => moments.push((moment - secs(1_000_000)).as_millis()),
            Next::Done(ending) => {
                assert_eq!(ending, timed_out());
                return moments;
            }
        }
    }
}

#[test]
fn a_delay_that_would_end_near_the_last_look_is_stretched_or_cut_to_it() {
    let moments =
        |timeout: u64, every: u64| moments(rules().timeout(ms(timeout)).backoff(Backoff::fixed(ms(every))));
    // Cut: the look that would come behind it.
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
fn a_look_whose_answer_would_come_after_the_last_look_is_stretched_to_it() {
    let mut scene = Scene::new(rules().timeout(secs(20)).backoff(Backoff::fixed(secs(1))));
    let mut sent = Vec::new();
    loop {
        sent.push(scene.poller.next_look().as_millis() - 1_000_000_000);
        if let Next::Done(ending) = scene.see_for(&running(), ms(1600)) {
            assert_eq!(ending, timed_out());
            break;
        }
    }
    // 4.8 s are kept free; a look at 15.0 s would last until 16.6 s.
    assert_eq!(sent, [0, 2600, 5200, 7800, 10_400, 13_000, 15_200]);
}

#[test]
fn after_the_last_look_there_is_none() {
    let fixed = rules().timeout(secs(20)).backoff(Backoff::fixed(secs(15)));
    for (look, expected) in [
        (running(), timed_out()),
        (job("PAUSED"), timed_out()),
        (http(503), timed_out()),
        (http(429), timed_out()),
        (broken(TransportKind::Timeout), timed_out()),
        (not_found(), Ending::Refused),
        (job("SUCCESS"), Ending::Succeeded),
        (job("FAIL"), Ending::Failed),
    ] {
        let mut scene = Scene::new(fixed);
        scene.see(&running());
        scene.see(&running());
        assert_eq!(scene.poller.next_look(), scene.poller.deadline() - ms(300));
        assert_eq!(scene.see_for(&look, ms(10)), Next::Done(expected), "{look:?}");
    }
}

#[test]
fn an_end_that_is_seen_beats_the_deadline_even_behind_it() {
    for (status, expected) in [("SUCCESS", Ending::Succeeded), ("FAIL", Ending::Failed)] {
        let mut scene = Scene::new(rules().timeout(secs(20)));
        scene.see(&running());
        assert_eq!(scene.see_for(&job(status), secs(60)), Next::Done(expected));
    }
    let mut scene = Scene::new(rules().timeout(secs(20)));
    assert_eq!(scene.see_for(&running(), secs(60)), Next::Done(timed_out()));
}

#[test]
fn a_look_that_lasted_into_the_last_moments_was_the_last_one() {
    let mut scene = Scene::new(rules().timeout(secs(20)));
    scene.see(&running());
    assert_eq!(scene.see_for(&running(), secs(16)), Next::Done(timed_out()));
}

#[test]
fn a_look_before_its_moment_was_not_the_last_one() {
    // As after a suspend: the look that was placed at the deadline is made at once.
    let mut scene = Scene::new(rules().timeout(secs(600)).backoff(Backoff::fixed(secs(900))));
    let Next::LookAt(last) = scene.see(&running()) else { panic!("an end") };
    assert!(scene.poller.is_last());
    let next = scene.poller.handle(&running(), scene.now + secs(30));
    assert_eq!(next, Next::LookAt(last));
    scene.now = last;
    assert_eq!(scene.ending(&running()), timed_out());
}

#[test]
fn a_last_look_that_is_made_earlier_to_leave_room_for_others_is_the_last_all_the_same() {
    let mut scene = Scene::new(rules().timeout(secs(600)));
    scene.see(&running());
    scene.poller.make_last(scene.now + secs(500));
    assert!(scene.poller.is_last());
    assert_eq!(scene.ending(&running()), timed_out());
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
            let answer = Answer::new(status, body).header("Retry-After", &least.to_string());
            let delay = Scene::new(rules()).delay(&Look::from(answer).renewable(true));
            let most = if least > 4 { least as f64 } else { 5.0 };
            between(delay, least as f64, most);
            if status != 401 {
                assert!(delay > 0.3, "no busy loop after {status}: {delay}");
            }
        }
        let date = Answer::new(status, body)
            .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .header("Retry-After", "Sun, 06 Nov 1994 08:51:07 GMT");
        between(Scene::new(rules()).delay(&Look::from(date).renewable(true)), 90.0, 90.0);
    }
}

#[test]
fn a_retry_after_beyond_the_last_look_ends_the_wait_and_says_so() {
    for status in [200, 429, 503] {
        let mut scene = Scene::new(rules().timeout(secs(60)));
        let asks = |seconds: u64| -> Look {
            Answer::new(status, r#"{"status":"RUNNING"}"#).header("Retry-After", &seconds.to_string()).into()
        };
        // The last look is 300 ms before the deadline, and 100 ms have passed.
        assert_eq!(
            scene.clone_and_see(&asks(60)),
            Next::Done(Ending::TimedOut { retry_after: Some(secs(60)) })
        );
        assert_eq!(
            scene.clone_and_see(&asks(u64::MAX)),
            Next::Done(Ending::TimedOut { retry_after: Some(secs(u64::MAX)) })
        );
        scene.see(&asks(59));
        assert_eq!(scene.ending(&asks(1)), Ending::TimedOut { retry_after: Some(secs(1)) });

        // It fits, and the delay does not: the last look.
        let mut scene = Scene::new(rules().timeout(secs(60)).backoff(Backoff::fixed(secs(10))));
        scene.see(&asks(59));
        assert_eq!(
            scene.poller.next_look(),
            scene.poller.deadline() - if status == 503 { ms(250) } else { ms(300) }
        );
        assert_eq!(scene.ending(&asks(1)), if status == 503 { Ending::NoAnswer } else { timed_out() });
    }
}

impl Scene {
    fn clone_and_see(&self, look: &Look) -> Next {
        Self { poller: self.poller.clone(), now: self.now }.see(look)
    }
}

#[test]
fn it_is_too_late_with_or_without_an_answer() {
    let mut scene = Scene::new(rules().timeout(secs(1)));
    assert_eq!(scene.poller.too_late(), timed_out(), "no turn came");
    scene.see_for(&http(503), ms(1));
    assert_eq!(scene.poller.too_late(), Ending::NoAnswer);
    scene.see_for(&running(), ms(1));
    assert_eq!(scene.poller.too_late(), timed_out());
}
