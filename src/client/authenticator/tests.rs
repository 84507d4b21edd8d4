use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;

use super::*;
use crate::auth::login::Login;
use crate::poll::result::PollResult;
use crate::testing::VirtualClock;

const IAM: &str = "https://iam.example.com/v3";

fn by_password() -> Credentials {
    Credentials::login(Login::new(IAM).user_id("u1").password("s3cret")).unwrap().for_project("p1")
}

fn by_token() -> Credentials {
    Credentials::token("given").unwrap()
}

/// All that cannot be renewed.
fn unrenewable() -> Vec<Credentials> {
    vec![
        by_token(),
        #[cfg(feature = "signing")]
        Credentials::access_key("AK", "SK").unwrap(),
    ]
}

/// A session with this token, which lives for so many seconds.
fn session(token: &str, life: u32) -> IssuedToken {
    keystone::read_login(&login_answer(token, life)).unwrap()
}

fn login_answer(token: &str, life: u32) -> Response {
    let issued = time::OffsetDateTime::from_unix_timestamp(1_795_300_000).unwrap();
    let text =
        |time: time::OffsetDateTime| time.format(&time::format_description::well_known::Rfc3339).unwrap();
    let expires = text(issued + time::Duration::seconds(life.into()));
    let body = format!(r#"{{"token":{{"issued_at":"{}","expires_at":"{expires}"}}}}"#, text(issued));
    Response::new(201, body).with_header("X-Subject-Token", token)
}

fn error(status: u16) -> PollError {
    PollResult::from(Response::new(status, "")).error().unwrap().clone()
}

fn timeout() -> PollError {
    PollError::Transport(TransportError::new(TransportErrorKind::Timeout, "no answer"))
}

fn no_login(_: &LoginRequest) -> Result<IssuedToken, PollError> {
    panic!("a login that nobody needs")
}

fn token_of<'a, C: Clock>(permit: &'a Permit<'_, C>) -> &'a str {
    permit.token.as_ref().map(Secret::expose).unwrap_or_default()
}

/// Long enough for every thread of a test, and never waited for.
const AMPLE: Duration = Duration::from_secs(600);

/// Counts its logins; each gives a token with the number of the login.
struct Iam {
    logins: AtomicU32,
    life: u32,
}

impl Iam {
    fn new(life: u32) -> Self {
        Self { logins: AtomicU32::new(0), life }
    }

    fn log_in(&self, _: &LoginRequest) -> Result<IssuedToken, PollError> {
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(session(&format!("t{number}"), self.life))
    }

    fn login_count(&self) -> u32 {
        self.logins.load(Ordering::SeqCst)
    }
}

impl<C: Clock> Authenticator<C> {
    fn permit(
        &self,
        until: Duration,
        log_in: impl Fn(&LoginRequest) -> Result<IssuedToken, PollError>,
    ) -> Result<Permit<'_, C>, PollError> {
        let log_in = |login: &LoginRequest| log_in(login).map_err(LoginError::from);
        self.acquire_with(until, &CancelToken::new(), log_in).map_err(|error| match error {
            AcquireError::Failed { error, .. } => error,
            AcquireError::Cancelled => panic!("nobody has cancelled it"),
        })
    }

    /// One request, with the answer `error` or a job. Its token, and whether it is to be asked again.
    fn request(&self, iam: &Iam, error: Option<&PollError>) -> Result<(String, bool), PollError> {
        let permit = self.permit(AMPLE, |login| iam.log_in(login))?;
        let token = token_of(&permit).to_owned();
        Ok((token, permit.report(error)))
    }
}

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

#[test]
fn only_an_answer_about_the_job_proves_credentials() {
    let decode = PollResult::from(Response::new(200, "<html>")).error().unwrap().clone();
    for (answer, proves) in [
        (None, true),
        (Some(error(400)), true),
        (Some(error(403)), true),
        (Some(error(404)), true),
        (Some(error(302)), false),
        (Some(error(408)), false),
        (Some(error(429)), false),
        (Some(error(500)), false),
        (Some(error(503)), false),
        (Some(timeout()), false),
        (Some(decode), false),
    ] {
        let (authenticator, iam) = (Authenticator::new(by_token(), VirtualClock::new()), Iam::new(0));
        authenticator.request(&iam, answer.as_ref()).unwrap();
        assert_eq!(authenticator.permit(AMPLE, no_login).unwrap().probing, !proves, "{answer:?}");
    }
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
fn a_request_carries_the_token_of_its_permit() {
    let endpoint = Endpoint::new("https://ecs.example.com", "0391e4486e864c26be5654c522f440f2").unwrap();
    let header = |permit: &Permit<'_, VirtualClock>| {
        let request = permit.authorize(Request::get("https://ecs.example.com/v1".into()), &endpoint);
        let value =
            request.headers.into_iter().find(|(name, _)| *name == "x-auth-token").map(|(_, value)| value);
        value.map(|value| (value.is_secret(), value.expose().to_owned()))
    };
    let given = Authenticator::new(by_token(), VirtualClock::new());
    let permit = given.permit(AMPLE, no_login).unwrap();
    assert_eq!(header(&permit), Some((true, "given".to_owned())));
    let login = Authenticator::new(by_password(), VirtualClock::new());
    let permit = login.permit(AMPLE, |_| Ok(session("t1", 60))).unwrap();
    assert_eq!(header(&permit), Some((true, "t1".to_owned())));
    assert!(!format!("{login:?} {permit:?}").contains("t1") && !format!("{login:?}").contains("s3cret"));
}

fn sign_in(login: Login) -> LoginRequest {
    match Credentials::login(login).unwrap().for_project("p1").kind() {
        Kind::Login(login) => (**login).clone(),
        _ => unreachable!(),
    }
}

#[test]
fn an_agency_is_asked_for_its_role_with_the_token_of_the_user() {
    let login = Login::new(IAM).user_id("u1").password("s3cret").agency("ops", "their-domain");
    let requests = Mutex::new(Vec::new());
    let session = log_in_with(&sign_in(login), |request| {
        let mut requests = requests.lock().unwrap();
        let token = request.headers.iter().find(|(name, _)| *name == "x-auth-token");
        requests.push((token.map(|(_, token)| token.expose().to_owned()), request.body.expose().to_owned()));
        Ok(login_answer(["user's", "agency's"][requests.len() - 1], 60))
    });
    assert_eq!(session.unwrap().token.expose(), "agency's");
    let requests = requests.into_inner().unwrap();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].0.is_none() && requests[0].1.contains("s3cret"));
    assert!(requests[1].0.as_deref() == Some("user's") && requests[1].1.contains("assume_role"));
    assert!(!requests[1].1.contains("s3cret"));
}

#[test]
fn a_no_of_the_login_is_told_as_one_and_is_never_a_job_that_is_not_found() {
    let login = sign_in(Login::new(IAM).user_id("u1").password("s3cret"));
    let body =
        r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#;
    let refused = log_in_with(&login, |_| Ok(Response::new(401, body))).unwrap_err();
    assert!(refused.api_error().unwrap().is_unauthorized());
    assert_eq!(
        refused.to_string(),
        "HTTP 401: https://iam.example.com/v3 says: The username or password is wrong."
    );
    for status in [404, 405] {
        let lost = log_in_with(&login, |_| Ok(Response::new(status, ""))).unwrap_err();
        assert!(lost.api_error().is_none() && !lost.is_transient());
        assert_eq!(
            lost.to_string(),
            format!(
                "there is no login at https://iam.example.com/v3 (HTTP {status}: the response has no body): \
                 give the auth URL of IAM, which ends in /v3"
            )
        );
    }
    let authenticator = Authenticator::new(by_password(), VirtualClock::new());
    let nowhere = |login: &LoginRequest| log_in_with(login, |_| Ok(Response::new(404, "")));
    assert!(authenticator.permit(AMPLE, nowhere).is_err() && authenticator.permit(AMPLE, no_login).is_err());
    let passing = log_in_with(&login, |_| Ok(Response::new(503, ""))).unwrap_err();
    assert!(passing.is_transient());
}

#[test]
fn a_permit_that_is_dropped_without_a_report_frees_the_next_request() {
    let authenticator = Authenticator::new(by_token(), SystemClock::new());
    let probing = authenticator.permit(AMPLE, no_login).unwrap();
    assert!(authenticator.permit(Duration::ZERO, no_login).is_err(), "one is in flight");
    drop(probing);
    let probing = authenticator.permit(AMPLE, no_login).unwrap();
    let panicking = || {
        let _permit = probing;
        panic!("between taking and reporting");
    };
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panicking)).is_err());
    assert!(authenticator.permit(AMPLE, no_login).is_ok());
}

#[test]
fn a_login_that_panics_does_not_block_the_others() {
    let authenticator = Authenticator::new(by_password(), SystemClock::new());
    let panicking = || authenticator.permit(AMPLE, |_| panic!("in the login")).is_ok();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panicking)).is_err());
    assert!(authenticator.permit(AMPLE, |_| Ok(session("t1", 60))).is_ok());
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
