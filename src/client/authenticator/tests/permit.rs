//! What a request carries, and what its response says of the credentials.

use super::*;
use crate::api::request::Request;
use crate::endpoint::Endpoint;

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
