//! Answers that are not the job.

use super::*;
use crate::poll::failure_budget::FirstContact;

/// Sees the same trouble until the end, with looks that take no time. The seconds that took, the looks, the end.
fn endure(scene: &mut Scene, look: &Look) -> (f64, u32, Ending) {
    let (from, before) = (scene.now.max(scene.poller.next_look()), scene.poller.looks());
    loop {
        if let Next::Done(ending) = scene.see_for(look, Duration::ZERO) {
            return ((scene.now - from).as_secs_f64(), scene.poller.looks() - before, ending);
        }
        assert!(scene.poller.looks() < 10_000, "no end");
    }
}

#[test]
fn a_service_that_has_too_much_to_do_is_left_alone_for_longer_and_longer() {
    for look in
        [http(429), http(413), code(202, "Common.0024"), code(400, "IMG.0060"), code(429, "APIGW.0308")]
    {
        for seed in 0..20 {
            let mut scene = Scene::seeded(rules(), seed);
            for whole in [5.0, 10.0, 20.0, 40.0, 60.0, 60.0] {
                between(scene.delay(&look), whole * 0.5, whole);
            }
            scene.see(&running());
            between(scene.delay(&look), 2.5, 5.0);
        }
    }
}

#[test]
fn being_throttled_is_bounded_by_the_deadline_only() {
    for timeout in [secs(1), secs(60), secs(6 * 3600)] {
        let mut scene = Scene::new(rules().timeout(timeout));
        let (seconds, _, ending) = endure(&mut scene, &http(429));
        assert_eq!(ending, timed_out());
        between(seconds, timeout.as_secs_f64() - 0.25, timeout.as_secs_f64());
    }
}

fn transients() -> Vec<Look> {
    let mut looks: Vec<Look> = vec![
        Answer::new(200, "<html><body>busy</body></html>").into(),
        Answer::new(200, r#"{"status":"RUNN"#).into(),
        Answer::new(200, "").into(),
        Answer::new(200, "{}").into(),
        Answer::new(204, "").into(),
        code(503, "APIGW.0308"),
        code(500, "Common.0011"),
    ];
    looks.extend([408, 409, 425, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 599].map(http));
    let kinds = [
        TransportKind::Connect,
        TransportKind::Dns,
        TransportKind::Lost,
        TransportKind::Protocol,
        TransportKind::Timeout,
        TransportKind::Tls,
    ];
    looks.extend(kinds.map(broken));
    looks
}

#[test]
fn trouble_that_may_pass_is_asked_again_after_one_second_and_then_twice_as_long() {
    for look in transients() {
        for seed in 0..10 {
            let mut scene = Scene::seeded(rules(), seed);
            for whole in [1.0, 2.0, 4.0, 8.0] {
                between(scene.delay(&look), whole * 0.5, whole);
            }
            scene.see(&running());
            scene.see(&running());
            if look.trouble().is_some_and(is_lost) {
                between(scene.delay(&look), 0.0, 0.0);
                scene.see(&running());
                scene.see(&http(503));
            } else {
                between(scene.delay(&look), 0.5, 1.0);
            }
            for whole in [2.0, 4.0, 8.0, 16.0, 30.0] {
                between(scene.delay(&http(503)), whole * 0.5, whole);
            }
        }
    }
}

fn is_lost(trouble: &crate::error::poll::Trouble) -> bool {
    matches!(trouble, crate::error::poll::Trouble::Transport(error) if error.kind() == TransportKind::Lost)
}

#[test]
fn before_the_first_contact_five_troubles_and_ten_seconds_end_the_wait() {
    for look in transients() {
        for seed in 0..10 {
            let (seconds, looks, ending) = endure(&mut Scene::seeded(rules(), seed), &look);
            assert_eq!(ending, Ending::NoAnswer);
            assert!((5..=6).contains(&looks), "{looks} looks");
            // The fifth comes after 7.5 to 15 seconds, the sixth at most 16 later.
            between(seconds, 10.0, 26.0);
        }
    }
}

#[test]
fn after_the_first_contact_ten_troubles_and_two_minutes_end_the_wait() {
    for look in transients() {
        for seed in 0..10 {
            let mut scene = Scene::seeded(rules(), seed);
            scene.see(&running());
            let (seconds, looks, ending) = endure(&mut scene, &look);
            assert_eq!(ending, Ending::NoAnswer);
            assert!((10..=13).contains(&looks), "{looks} looks");
            between(seconds, 120.0, 165.0);
        }
    }
}

#[test]
fn any_answer_of_the_service_starts_the_count_again() {
    for answer in [running(), job("PAUSED"), http(429)] {
        let mut scene = Scene::new(rules().timeout(secs(36_000)));
        for _ in 0..100 {
            for _ in 0..4 {
                assert!(matches!(scene.see(&http(503)), Next::LookAt(_)));
            }
            scene.now += secs(60);
            scene.see(&answer);
        }
    }
    // Not found in the first ten seconds is an answer too.
    let mut scene = Scene::new(rules());
    for _ in 0..3 {
        scene.see_for(&http(503), Duration::ZERO);
    }
    assert!(scene.elapsed() < secs(8));
    scene.see_for(&not_found(), Duration::ZERO);
    let (_, looks, _) = endure(&mut scene, &http(503));
    assert!(looks >= 5, "{looks}");
}

#[test]
fn few_troubles_that_took_long_do_not_end_the_wait() {
    let mut scene = Scene::new(rules());
    for _ in 0..4 {
        assert!(matches!(scene.see_for(&broken(TransportKind::Timeout), secs(30)), Next::LookAt(_)));
    }
    assert_eq!(scene.see_for(&broken(TransportKind::Timeout), secs(30)), Next::Done(Ending::NoAnswer));

    let mut scene = Scene::new(rules());
    scene.see(&running());
    for _ in 0..9 {
        assert!(matches!(scene.see_for(&broken(TransportKind::Timeout), secs(30)), Next::LookAt(_)));
    }
    assert_eq!(scene.see_for(&broken(TransportKind::Timeout), secs(30)), Next::Done(Ending::NoAnswer));
}

#[test]
fn jobs_of_one_service_share_their_first_contact() {
    let mut contact = FirstContact::default();
    let mut scenes: Vec<Scene> = (0..5).map(|seed| Scene::seeded(rules(), seed)).collect();
    let now = scenes[0].now;
    // One trouble each, and ten seconds: that is enough for all.
    for (number, scene) in scenes.iter_mut().enumerate() {
        let then = if number == 4 { now + secs(10) } else { now };
        let next = scene.poller.handle_among(&http(503), then, &mut contact);
        assert_eq!(matches!(next, Next::Done(Ending::NoAnswer)), number == 4, "{number}");
    }
    // One good answer, and all others have the long patience too.
    let mut contact = FirstContact::default();
    let mut good = Scene::new(rules());
    good.poller.handle_among(&running(), now, &mut contact);
    let mut other = Scene::new(rules());
    for look in 0..9 {
        let next = other.poller.handle_among(&http(503), now + secs(60 * look), &mut contact);
        assert!(matches!(next, Next::LookAt(_)), "{look}");
    }
    let next = other.poller.handle_among(&http(503), now + secs(600), &mut contact);
    assert_eq!(next, Next::Done(Ending::NoAnswer));
}

#[test]
fn a_job_that_gives_nothing_but_trouble_is_given_up_even_if_others_are_answered() {
    let mut contact = FirstContact::default();
    let (mut troubled, mut throttled) = (Scene::new(rules()), Scene::seeded(rules(), 8));
    for look in 0..9 {
        let now = troubled.now + secs(20 * look);
        assert!(matches!(troubled.poller.handle_among(&http(503), now, &mut contact), Next::LookAt(_)));
        assert!(matches!(throttled.poller.handle_among(&http(429), now, &mut contact), Next::LookAt(_)));
    }
    let next = troubled.poller.handle_among(&http(503), troubled.now + secs(180), &mut contact);
    assert_eq!(next, Next::Done(Ending::NoAnswer));
}

#[test]
fn a_no_that_will_not_pass_ends_the_wait_at_once() {
    use Ending::{NoAnswer, Refused};
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
        (broken(TransportKind::BadUrl), NoAnswer),
        (broken(TransportKind::Certificate), NoAnswer),
        (broken(TransportKind::ProxyRefused), NoAnswer),
    ];
    cases.extend([400, 401, 402, 403, 405, 406, 410, 411, 415, 422, 431, 451].map(|it| (http(it), Refused)));
    cases.extend([300, 301, 302, 303, 304, 307, 308, 407].map(|it| (http(it), NoAnswer)));
    for (look, expected) in cases {
        assert_eq!(Scene::new(rules()).ending(&look), expected, "{look:?}");
        let mut scene = Scene::new(rules());
        scene.see(&running());
        scene.see(&http(503));
        assert_eq!(scene.ending(&look), expected, "{look:?} later");
    }
}

#[test]
fn an_id_that_is_not_known_yet_is_looked_for_during_ten_seconds() {
    for look in [not_found(), code(400, "IMG.0023"), http(404), code(404, "Ecs.0114")] {
        let mut scene = Scene::new(rules());
        for _ in 0..5 {
            between(scene.delay(&look), 2.0, 2.0);
        }
        assert!(scene.elapsed() > secs(8) && scene.elapsed() < secs(10));
        assert_eq!(scene.ending(&look), Ending::Refused);

        let mut scene = Scene::new(rules());
        scene.see(&look);
        scene.see(&look);
        scene.see(&running());
        assert!(scene.elapsed() < secs(10));
        assert_eq!(scene.ending(&look), Ending::Refused, "it had been there");
    }
    let mut scene = Scene::new(rules());
    assert_eq!(scene.see_for(&not_found(), secs(11)), Next::Done(Ending::Refused));
    // The deadline comes first.
    let (seconds, _, ending) = endure(&mut Scene::new(rules().timeout(secs(5))), &not_found());
    assert_eq!((seconds, ending), (4.75, timed_out()));
}

#[test]
fn the_first_lost_connection_after_a_good_answer_is_asked_again_at_once_and_once() {
    let mut scene = Scene::new(rules());
    between(scene.delay(&lost()), 0.5, 1.0);
    for _ in 0..3 {
        scene.see(&running());
        between(scene.delay(&lost()), 0.0, 0.0);
        between(scene.delay(&lost()), 1.0, 2.0);
        between(scene.delay(&http(429)), 2.5, 5.0);
        between(scene.delay(&lost()), 0.5, 1.0);
    }
    for kind in [TransportKind::Connect, TransportKind::Timeout, TransportKind::Protocol] {
        scene.see(&running());
        between(scene.delay(&broken(kind)), 0.5, 1.0);
    }
    // Even where it was the last look: that one was never made.
    let mut scene = Scene::new(rules().timeout(secs(3)));
    while !scene.poller.is_last() {
        scene.see(&running());
    }
    between(scene.delay(&lost()), 0.0, 0.0);
    assert_eq!(scene.ending(&lost()), timed_out());
    // But not where there is no time for it.
    let mut scene = Scene::new(rules().timeout(secs(3)));
    scene.see(&running());
    assert_eq!(scene.see_for(&lost(), secs(3)), Next::Done(timed_out()));
}

#[test]
fn refused_credentials_are_tried_once_more_if_they_can_be_renewed() {
    for refusal in [http(401), code(400, "APIGW.0301"), code(400, "Common.0013")] {
        let renewable = refusal.clone().renewable(true);
        assert_eq!(Scene::new(rules()).ending(&refusal), Ending::Refused);

        let mut scene = Scene::new(rules());
        between(scene.delay(&renewable), 0.0, 0.0);
        assert_eq!(scene.ending(&renewable), Ending::Refused, "the renewed ones too");

        let mut scene = Scene::new(rules());
        for _ in 0..3 {
            between(scene.delay(&renewable), 0.0, 0.0);
            scene.see(&http(503));
            scene.see(&running());
        }
        scene.see(&renewable);
        scene.see(&http(503));
        assert_eq!(scene.ending(&renewable), Ending::Refused, "no good answer in between");

        let mut scene = Scene::new(rules().timeout(secs(3)));
        assert_eq!(scene.see_for(&renewable, secs(3)), Next::Done(Ending::Refused), "no time left");
    }
}

#[test]
fn whether_the_service_had_answered_decides_what_a_deadline_is() {
    for (looks, expected) in [
        (vec![http(503)], Ending::NoAnswer),
        (vec![lost(), broken(TransportKind::Timeout), http(500)], Ending::NoAnswer),
        (vec![Answer::new(200, "<html>").into()], Ending::NoAnswer),
        (vec![running(), http(503)], timed_out()),
        (vec![job("PAUSED"), lost(), lost()], timed_out()),
        (vec![http(429), http(503)], timed_out()),
        (vec![not_found(), http(503)], timed_out()),
        (vec![http(401).renewable(true), http(503)], timed_out()),
    ] {
        let mut scene = Scene::new(rules().timeout(secs(5)));
        for look in &looks {
            assert!(matches!(scene.see_for(look, ms(1)), Next::LookAt(_)));
        }
        let (_, _, ending) = endure(&mut scene, &http(503));
        assert_eq!(ending, expected, "{looks:?}");
    }
}
