//! One login and one request at a time, until the credentials are known to be valid.

use std::sync::mpsc;
use std::thread;

use super::*;

#[test]
fn however_many_threads_ask_there_is_one_login_and_one_request_until_the_first_good_answer() {
    for credentials in [by_password()].into_iter().chain(unrenewable()) {
        let is_login = matches!(credentials.kind(), Kind::Login(_));
        let (authenticator, iam) = (Authenticator::new(credentials, SystemClock::new()), Iam::new(3600));
        let (in_flight, most, good) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            for number in 0..16 {
                let (authenticator, iam, in_flight, most, good) =
                    (&authenticator, &iam, &in_flight, &most, &good);
                scope.spawn(move || {
                    let permit = authenticator.permit(AMPLE, |login| iam.log_in(login)).unwrap();
                    let now = in_flight.fetch_add(1, Ordering::SeqCst) + 1;
                    if good.load(Ordering::SeqCst) == 0 {
                        most.fetch_max(now, Ordering::SeqCst);
                    }
                    thread::yield_now();
                    // Half of the first ones give no good answer.
                    let bad = number % 2 == 0;
                    if !bad {
                        good.fetch_add(1, Ordering::SeqCst);
                    }
                    in_flight.fetch_sub(1, Ordering::SeqCst);
                    permit.report(bad.then(|| error(503)).as_ref());
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert_eq!(iam.login_count(), u32::from(is_login));
    }
}

#[test]
fn while_one_request_finds_out_the_others_wait_and_then_all_go() {
    let authenticator = Authenticator::new(by_token(), SystemClock::new());
    let first = authenticator.permit(AMPLE, no_login).unwrap();
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..8 {
            let (tell, authenticator) = (tell.clone(), &authenticator);
            scope.spawn(move || {
                tell.send(authenticator.permit(AMPLE, no_login).map(|permit| permit.probing)).unwrap();
            });
        }
        assert!(told.recv_timeout(Duration::from_millis(30)).is_err(), "nobody goes before the first answer");
        first.report(None);
        for _ in 0..8 {
            assert!(matches!(told.recv_timeout(AMPLE), Ok(Ok(false))));
        }
    });
}

#[test]
fn who_waits_for_a_turn_does_so_until_the_limit() {
    let clock = SystemClock::new();
    let authenticator = Authenticator::new(by_token(), clock);
    let _first = authenticator.permit(AMPLE, no_login).unwrap();
    let until = clock.now() + Duration::from_millis(30);
    assert_eq!(authenticator.permit(until, no_login).unwrap_err().to_string(), NOT_VALIDATED);
    assert!(clock.now() >= until);
}

#[test]
fn a_session_that_is_there_already_needs_no_login() {
    let clock = VirtualClock::new();
    let (authenticator, iam) =
        (Authenticator::with_session(by_password(), clock.clone(), &session("t0", 3600)), Iam::new(3600));
    let permit = authenticator.permit(AMPLE, no_login).unwrap();
    assert_eq!((token_of(&permit), permit.probing), ("t0", true));
    permit.report(None);
    clock.advance(Duration::from_secs(3300));
    assert_eq!(authenticator.request(&iam, None).unwrap().0, "t1");
}

#[test]
fn a_request_that_waits_for_another_one_ends_when_it_is_cancelled() {
    let authenticator = Authenticator::new(by_token(), SystemClock::new());
    let _probing = authenticator.permit(AMPLE, no_login).unwrap();
    let cancel = CancelToken::new();
    let no_login = |_: &LoginRequest| -> Result<IssuedToken, LoginError> { panic!("no login is due") };
    thread::scope(|scope| {
        let waiting = scope.spawn(|| authenticator.acquire_with(AMPLE, &cancel, no_login).map(drop));
        thread::sleep(Duration::from_millis(20));
        cancel.cancel();
        assert!(matches!(waiting.join().unwrap(), Err(AcquireError::Cancelled)));
    });
}

#[test]
fn a_login_that_panics_does_not_block_the_others() {
    let authenticator = Authenticator::new(by_password(), SystemClock::new());
    let panicking = || authenticator.permit(AMPLE, |_| panic!("in the login")).is_ok();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panicking)).is_err());
    assert!(authenticator.permit(AMPLE, |_| Ok(session("t1", 60))).is_ok());
}
