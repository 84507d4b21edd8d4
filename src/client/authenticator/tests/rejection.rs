//! Rejected credentials: when they are renewed, and that they are never sent again.

use std::thread;

use super::*;
use crate::client::authenticator::login::log_in_with;

#[test]
fn the_first_refusal_stops_all_threads_for_good_where_nothing_can_be_renewed() {
    let one_time =
        Credentials::login(Login::new(IAM).user_id("u1").password("s3cret").totp_passcode("123456")).unwrap();
    for credentials in unrenewable().into_iter().chain([one_time.for_project("p1")]) {
        let (authenticator, iam) = (Authenticator::new(credentials, SystemClock::new()), Iam::new(3600));
        let first = authenticator.permit(AMPLE, |login| iam.log_in(login)).unwrap();
        thread::scope(|scope| {
            let waiting: Vec<_> =
                (0..8).map(|_| scope.spawn(|| authenticator.permit(AMPLE, no_login))).collect();
            assert!(!first.report(Some(&error(401))), "asking again makes no sense");
            for thread in waiting {
                let refusal = thread.join().unwrap().unwrap_err();
                assert!(refusal.api_error().unwrap().is_unauthorized());
            }
        });
        assert!(authenticator.request(&iam, None).is_err());
        assert!(iam.login_count() <= 1);
    }
    // Also of credentials that had been good, and with requests in flight.
    let (authenticator, iam) = (Authenticator::new(by_token(), VirtualClock::new()), Iam::new(0));
    authenticator.request(&iam, None).unwrap();
    let (one, other) =
        (authenticator.permit(AMPLE, no_login).unwrap(), authenticator.permit(AMPLE, no_login).unwrap());
    assert!(!one.report(Some(&error(401))));
    other.report(None);
    assert!(authenticator.request(&iam, None).is_err(), "a late good answer changes nothing");
}

#[test]
fn a_refused_password_is_never_sent_again() {
    for status in [400, 401, 403] {
        let authenticator = Authenticator::new(by_password(), SystemClock::new());
        let logins = AtomicU32::new(0);
        let log_in = |_: &LoginRequest| {
            logins.fetch_add(1, Ordering::SeqCst);
            thread::yield_now();
            Err(error(status))
        };
        thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| authenticator.permit(AMPLE, log_in))).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap().unwrap_err().api_error().unwrap().http_status(), status);
            }
        });
        assert!(authenticator.permit(AMPLE, log_in).is_err());
        assert_eq!(logins.load(Ordering::SeqCst), 1, "{status}");
    }
}

#[test]
fn a_login_at_a_wrong_address_is_not_repeated() {
    let authenticator = Authenticator::new(by_password(), VirtualClock::new());
    let nowhere = |login: &LoginRequest| log_in_with(login, |_| Ok(Response::new(404, "")));
    assert!(authenticator.permit(AMPLE, nowhere).is_err() && authenticator.permit(AMPLE, no_login).is_err());
}

#[test]
fn a_refused_token_is_renewed_once_and_the_second_refusal_in_a_row_is_for_good() {
    let refusal = error(401);
    let (authenticator, iam) = (Authenticator::new(by_password(), VirtualClock::new()), Iam::new(3600));
    for round in 0..3 {
        // A good answer in between, or one that is about something else.
        authenticator.request(&iam, [None, Some(&error(404)), Some(&error(403))][round]).unwrap();
        assert!(authenticator.request(&iam, Some(&refusal)).unwrap().1);
    }
    assert_eq!(iam.login_count(), 3);
    authenticator.request(&iam, Some(&error(503))).unwrap();
    assert!(!authenticator.request(&iam, Some(&refusal)).unwrap().1, "a fresh token, refused");
    assert_eq!(iam.login_count(), 4);
    assert!(authenticator.request(&iam, None).unwrap_err().api_error().unwrap().is_unauthorized());
    assert_eq!(iam.login_count(), 4);

    // So it is for the very first token.
    let (authenticator, iam) = (Authenticator::new(by_password(), VirtualClock::new()), Iam::new(3600));
    assert!(authenticator.request(&iam, Some(&refusal)).unwrap().1);
    assert!(!authenticator.request(&iam, Some(&refusal)).unwrap().1);
    assert!(authenticator.request(&iam, None).is_err());
    assert_eq!(iam.login_count(), 2);
}

#[test]
fn late_answers_to_an_old_token_say_nothing_of_the_new_one() {
    let refusal = error(401);
    let (authenticator, iam) = (Authenticator::new(by_password(), VirtualClock::new()), Iam::new(3600));
    authenticator.request(&iam, None).unwrap();
    let mut old: Vec<_> = (0..4).map(|_| authenticator.permit(AMPLE, no_login).unwrap()).collect();
    assert!(old.remove(0).report(Some(&refusal)));
    assert!(old.remove(0).report(Some(&refusal)), "it is to be asked again, with the new token");
    let fresh = authenticator.permit(AMPLE, |login| iam.log_in(login)).unwrap();
    assert_eq!((token_of(&fresh), fresh.probing), ("t2", true));
    assert!(old.remove(0).report(Some(&refusal)));
    assert!(!old.remove(0).report(None));
    // It is still one request that finds out.
    assert!(authenticator.permit(Duration::ZERO, no_login).is_err());
    fresh.report(None);
    assert!(!authenticator.permit(AMPLE, no_login).unwrap().probing);
    assert_eq!(iam.login_count(), 2);
}

#[test]
fn a_renewal_after_a_refusal_is_waited_for() {
    let (authenticator, iam) = (Authenticator::new(by_password(), VirtualClock::new()), Iam::new(3600));
    authenticator.request(&iam, None).unwrap();
    authenticator.request(&iam, Some(&error(401))).unwrap();
    let permit = authenticator.permit(AMPLE, |login| {
        assert!(
            authenticator.permit(Duration::ZERO, no_login).is_err(),
            "the refused token is not sent again"
        );
        iam.log_in(login)
    });
    assert!(permit.unwrap().probing);
}
