//! When a login is repeated: before its token expires, and after one that failed.

use super::*;

#[test]
fn a_login_that_failed_for_a_reason_that_passes_is_tried_again() {
    let decode = PollResult::from(Response::new(200, "<html>")).error().unwrap().clone();
    for failure in [error(503), error(429), error(408), timeout(), decode] {
        let clock = VirtualClock::new();
        let (authenticator, iam) = (Authenticator::new(by_password(), clock.clone()), Iam::new(3600));
        for _ in 0..3 {
            assert!(authenticator.permit(AMPLE * 9, |_| Err(failure.clone())).is_err());
            clock.advance(Duration::from_secs(60));
        }
        assert_eq!(authenticator.request(&iam, None).unwrap().0, "t1");
    }
}

#[test]
fn a_token_is_renewed_when_a_tenth_of_its_life_is_left_and_five_minutes_at_most() {
    for (life, renewed) in [(86_400, 86_100), (3600, 3300), (1000, 900), (3000, 2700)] {
        let clock = VirtualClock::new();
        let (authenticator, iam) = (Authenticator::new(by_password(), clock.clone()), Iam::new(life));
        assert_eq!(authenticator.request(&iam, None).unwrap().0, "t1");
        clock.advance(Duration::from_secs(renewed) - Duration::from_millis(1));
        assert_eq!(authenticator.request(&iam, None).unwrap().0, "t1", "{life}");
        clock.advance(Duration::from_millis(1));
        assert_eq!(authenticator.request(&iam, None).unwrap().0, "t2", "{life}");
        assert_eq!(authenticator.request(&iam, None).unwrap().0, "t2", "{life}");
    }
}

#[test]
fn a_token_that_does_not_tell_its_end_is_kept() {
    let clock = VirtualClock::new();
    let authenticator = Authenticator::new(by_password(), clock.clone());
    let endless = IssuedToken { life: None, ..session("t", 1) };
    let permit = authenticator.permit(AMPLE, |_| Ok(endless.clone())).unwrap();
    permit.report(None);
    clock.advance(Duration::from_secs(86_400 * 365));
    assert_eq!(token_of(&authenticator.permit(AMPLE, no_login).unwrap()), "t");
}

#[test]
fn the_others_go_on_with_the_good_token_while_one_renews_it() {
    let clock = VirtualClock::new();
    let (authenticator, iam) = (Authenticator::new(by_password(), clock.clone()), Iam::new(3600));
    authenticator.request(&iam, None).unwrap();
    clock.advance(Duration::from_secs(3400));
    let permit = authenticator.permit(AMPLE, |login| {
        // Meanwhile, another thread:
        let other = authenticator.permit(AMPLE, no_login).unwrap();
        assert_eq!((token_of(&other), other.probing), ("t1", false));
        assert!(!other.report(None));
        // Once the token has ended, nobody sends it any more.
        clock.advance(Duration::from_secs(200));
        let none = authenticator.permit(clock.now(), no_login).unwrap_err();
        assert_eq!(none.to_string(), NOT_VALIDATED);
        iam.log_in(login)
    });
    assert_eq!(token_of(&permit.unwrap()), "t2");
}

#[test]
fn a_renewal_that_fails_is_tried_again_while_the_old_token_is_good() {
    let clock = VirtualClock::new();
    let (authenticator, iam) = (Authenticator::new(by_password(), clock.clone()), Iam::new(3600));
    authenticator.request(&iam, None).unwrap();
    clock.advance(Duration::from_secs(3300));
    let failing = AtomicU32::new(0);
    let fail = |_: &LoginRequest| {
        failing.fetch_add(1, Ordering::SeqCst);
        Err(timeout())
    };
    // A poll every second until the token ends: one try in ten seconds.
    for _ in 0..300 {
        let permit = authenticator.permit(AMPLE * 100, fail).unwrap();
        assert_eq!(token_of(&permit), "t1");
        permit.report(None);
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(failing.load(Ordering::SeqCst), 30);
    assert!(authenticator.permit(AMPLE * 100, fail).is_err(), "it has ended");
    clock.advance(Duration::from_secs(60));
    assert_eq!(authenticator.request(&iam, None).unwrap().0, "t2");

    // A refusal of the password counts even if the token is good.
    clock.advance(Duration::from_secs(3400));
    assert!(authenticator.permit(AMPLE * 100, |_| Err(error(401))).is_err());
    assert!(authenticator.permit(AMPLE * 100, no_login).is_err());
}

#[test]
fn a_renewal_that_takes_all_the_time_is_what_is_told() {
    let clock = VirtualClock::new();
    let (authenticator, iam) = (Authenticator::new(by_password(), clock.clone()), Iam::new(3600));
    authenticator.request(&iam, None).unwrap();
    clock.advance(Duration::from_secs(3300));
    let until = clock.now() + Duration::from_secs(30);
    let failed = authenticator.permit(until, |_| {
        clock.advance(Duration::from_secs(30));
        Err(timeout())
    });
    assert_eq!(failed.unwrap_err().to_string(), "no answer");
}

#[test]
fn tokens_of_a_short_life_cause_no_storm() {
    for (life, most) in [(3, 38), (1, 101), (0, 101)] {
        let clock = VirtualClock::new();
        let (authenticator, iam) = (Authenticator::new(by_password(), clock.clone()), Iam::new(life));
        for _ in 0..1000 {
            authenticator.request(&iam, None).unwrap();
            authenticator.request(&iam, None).unwrap();
            clock.advance(Duration::from_millis(100));
        }
        assert!(
            (2..=most).contains(&iam.login_count()),
            "{} logins in 100 s at {life} s each",
            iam.login_count()
        );
    }
}

#[test]
fn logins_that_fail_for_a_while_are_repeated_by_one_request_with_one_backoff() {
    let second = Duration::from_secs(1);
    // The error, its Retry-After, and the shortest and the longest time until the next login.
    for (error, retry_after, shortest, longest) in [
        (error(500), None, second / 2, second),
        (error(429), None, second * 5 / 2, second * 5),
        (error(429), Some(second * 7), second * 7, second * 7),
        (error(503), Some(second * 90), second * 90, second * 90),
        (PollError::Decode(crate::job::error::DecodeError::new("no token", b"")), None, second / 2, second),
    ] {
        let clock = VirtualClock::new();
        let authenticator = Authenticator::new(by_password(), clock.clone());
        let logins = AtomicU32::new(0);
        let log_in = |_: &LoginRequest| {
            logins.fetch_add(1, Ordering::SeqCst);
            Err(LoginError { error: error.clone(), retry_after })
        };
        let cancel = CancelToken::new();
        let acquire = |until| authenticator.acquire_with(until, &cancel, log_in).map(drop).unwrap_err();
        acquire(clock.now() + second * 30);
        for _ in 0..100 {
            // Their timeout is over before the next login: they have the error of the last one at once.
            let AcquireError::Failed { error: shared, retry_after } = acquire(clock.now() + shortest / 2)
            else {
                panic!("nobody has cancelled it")
            };
            assert_eq!(shared.to_string(), error.to_string());
            assert!(retry_after.is_some_and(|left| left >= shortest && left <= longest), "{retry_after:?}");
        }
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        clock.advance(longest);
        acquire(clock.now() + second);
        assert_eq!(logins.load(Ordering::SeqCst), 2, "{error}");
    }
}
