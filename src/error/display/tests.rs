use std::time::Duration;

use super::*;
use crate::api::response::Response;
use crate::error::State;
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::job::Job;
use crate::poll::result::PollResult;

fn job(status: &str) -> Option<Job> {
    Some(Job::from_slice(format!(r#"{{"status":"{status}","job_id":"ff80"}}"#).as_bytes()).unwrap())
}

fn api(status: u16, code: &str) -> Option<PollError> {
    Some(api_of(status, &format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#)))
}

fn api_of(status: u16, body: &str) -> PollError {
    PollResult::from(Response::new(status, body)).error().unwrap().clone()
}

fn lost() -> Option<PollError> {
    let message = "ecs.example.com:443: the connection was closed before the answer";
    Some(PollError::Transport(TransportError::new(TransportErrorKind::ConnectionLost, message)))
}

fn text(kind: ErrorKind, job: Option<Job>, polls: u32, error: Option<PollError>) -> String {
    let state = State {
        age: job.as_ref().map(|_| Duration::from_secs(247)),
        job,
        polls,
        waited: Duration::from_secs(60),
        ..State::default()
    };
    Error::new(kind, &JobId::new("ff80").unwrap(), state, error).to_string()
}

#[test]
fn a_timeout_says_that_the_job_goes_on() {
    let kind = ErrorKind::TimedOut;
    assert_eq!(
        text(kind, job("RUNNING"), 31, None),
        "job ff80 has not ended (RUNNING, 4m 7s old) after 31 polls in 1m; \
         it goes on in the cloud, and can be waited for again by its id"
    );
    assert_eq!(
        text(kind, job("RUNNING"), 31, lost()),
        "job ff80 has not ended (RUNNING, 4m 7s old) after 31 polls in 1m; \
         last error: ecs.example.com:443: the connection was closed before the answer; \
         it goes on in the cloud, and can be waited for again by its id"
    );
    assert_eq!(
        text(kind, job("PENDING_PAYMENT"), 1, None),
        "job ff80 has not ended (PENDING_PAYMENT, 4m 7s old) after 1 poll in 1m; \
         its order is not paid: pay it and wait again, or give the job up, \
         for after a cancelled order its status never changes"
    );
    assert_eq!(
        text(kind, None, 3, api(429, "APIGW.0308")),
        "job ff80 was not seen after 3 polls in 1m; last error: HTTP 429 APIGW.0308: no; \
         whether the job goes on in the cloud is not known: check its id, or wait longer"
    );
    assert_eq!(
        text(kind, None, 0, None),
        "job ff80 was never asked for in 1m; \
         there was no turn for it: the rate of polls is used up by others, or too low for this timeout"
    );
}

#[test]
fn a_pause_that_is_asked_for_is_told() {
    let state = State {
        job: job("RUNNING"),
        polls: 2,
        waited: Duration::from_millis(800),
        retry_after: Some(Duration::from_secs(3600)),
        ..State::default()
    };
    let error = Error::new(ErrorKind::TimedOut, &JobId::new("ff80").unwrap(), state, api(429, "APIGW.0308"));
    assert_eq!(
        error.to_string(),
        "job ff80 has not ended (RUNNING) after 2 polls in 800ms; last error: HTTP 429 APIGW.0308: no; \
         the service asks for a pause of 1h, which reaches past the deadline; \
         it goes on in the cloud, and can be waited for again by its id"
    );
}

#[test]
fn of_one_of_many_jobs_the_status_alone_is_told() {
    let state = State {
        status: Some(Status::from("PAU\u{1b}[2J\nSED")),
        age: Some(Duration::from_secs(9)),
        polls: 2,
        waited: Duration::from_secs(1),
        ..State::default()
    };
    let error = Error::new(ErrorKind::Cancelled, &JobId::new("ff80").unwrap(), state, None);
    assert_eq!(
        error.to_string(),
        "job ff80 has not ended (PAU [2J SED, 9s old) after 2 polls in 1s; \
         the wait was cancelled, not the job: it goes on in the cloud"
    );
}

#[test]
fn a_cancelled_wait_says_that_the_job_is_not() {
    let kind = ErrorKind::Cancelled;
    assert_eq!(
        text(kind, job("INIT"), 3, lost()),
        "job ff80 has not ended (INIT, 4m 7s old) after 3 polls in 1m; \
         last error: ecs.example.com:443: the connection was closed before the answer; \
         the wait was cancelled, not the job: it goes on in the cloud"
    );
    assert_eq!(
        text(kind, None, 0, None),
        "job ff80 was never asked for in 1m; the wait was cancelled, not the job"
    );
    assert_eq!(
        text(kind, None, 2, api(503, "Ecs.0001")),
        "job ff80 was not seen after 2 polls in 1m; last error: HTTP 503 Ecs.0001: no; \
         the wait was cancelled, not the job"
    );
}

#[test]
fn no_answer_says_what_came_instead_and_what_was_known() {
    let kind = ErrorKind::NoAnswer;
    assert_eq!(
        text(kind, None, 5, lost()),
        "job ff80: no usable answer after 5 polls in 1m: \
         ecs.example.com:443: the connection was closed before the answer; \
         try again, and check the proxy if there is one; whether the job goes on in the cloud is not known"
    );
    assert_eq!(
        text(kind, job("RUNNING"), 12, api(502, "APIGW.0201")),
        "job ff80: no usable answer after 12 polls in 1m: HTTP 502 APIGW.0201: no; it may pass: try again later; \
         when last seen it was RUNNING, 4m 7s old, and it goes on in the cloud"
    );
}

#[test]
fn a_no_comes_with_the_next_step() {
    let kind = ErrorKind::Refused;
    for (status, code, hint) in [
        (
            400,
            "Common.0011",
            "; it does not know this job: check the id, the project and the service; \
             an ended job is deleted after one day, an unpaid one after 14 days",
        ),
        (
            404,
            "APIGW.0101",
            "; there is no such API at this address: check the endpoint, the region and the service; \
             whether the job goes on in the cloud is not known",
        ),
        (
            401,
            "APIGW.0301",
            "; check the credentials, and that they are of this region and project; they are not tried again; \
             whether the job goes on in the cloud is not known",
        ),
        (
            403,
            "Ecs.0003",
            "; the user is not allowed to do this: check its permissions for this project; \
             whether the job goes on in the cloud is not known",
        ),
        (
            400,
            "Ecs.0005",
            "; check the id, the project and the service; whether the job goes on in the cloud is not known",
        ),
    ] {
        assert_eq!(
            text(kind, None, 1, api(status, code)),
            format!("job ff80: the service said no after 1 poll in 1m: HTTP {status} {code}: no{hint}")
        );
    }
    assert_eq!(
        text(kind, job("RUNNING"), 9, api(403, "Ecs.0003")),
        "job ff80: the service said no after 9 polls in 1m: HTTP 403 Ecs.0003: no; \
         the user is not allowed to do this: check its permissions for this project; \
         when last seen it was RUNNING, 4m 7s old, and it goes on in the cloud"
    );
}

#[test]
fn no_answer_comes_with_the_next_step() {
    let transport = |kind| PollError::Transport(TransportError::new(kind, "it broke."));
    for (error, hint) in [
        (transport(TransportErrorKind::Dns), "it broke; check the name, "),
        (transport(TransportErrorKind::Connect), "it broke; check the address, the network and the proxy"),
        (transport(TransportErrorKind::Tls), "it broke; check the scheme and the port"),
        (transport(TransportErrorKind::Certificate), "it broke; whether the job goes on"),
        (api_of(200, "<html>Welcome</html>"), "check the address that is asked, and whether a proxy"),
        (api(429, "APIGW.0308").unwrap(), "no; ask again later, and less often; whether"),
    ] {
        let text = text(ErrorKind::NoAnswer, None, 1, Some(error));
        assert!(text.contains(hint), "{text}");
    }
}

#[test]
fn an_unpaid_order_is_told_as_such() {
    assert_eq!(
        text(ErrorKind::PaymentPending, job("PENDING_PAYMENT"), 1, None),
        "job ff80 waits for its payment after 1 poll in 1m; pay the order and wait again, or give the job up: \
         if the order is cancelled, its status (PENDING_PAYMENT) never changes"
    );
}

#[test]
fn a_failed_job_is_told_under_the_id_that_was_asked_for() {
    let failed = |members: &str| {
        let body = format!(r#"{{"status":"FAIL","job_type":"createServer","error_code":"Ecs.1"{members}}}"#);
        text(ErrorKind::Failed, Some(Job::from_slice(body.as_bytes()).unwrap()), 2, None)
    };
    assert_eq!(failed(r#","job_id":"ff80""#), "job ff80 (createServer) failed: Ecs.1");
    assert_eq!(failed(""), "job ff80 (createServer) failed: Ecs.1");
    assert_eq!(failed(r#","job_id":"other""#), "job ff80: job other (createServer) failed: Ecs.1");
    assert_eq!(text(ErrorKind::Failed, None, 0, None), "job ff80 failed");
}

#[test]
fn errors_outside_of_any_job_are_told_without_one() {
    assert_eq!(Error::config("the project id is missing").to_string(), "the project id is missing");
    for (status, kind, expected) in [
        (
            401,
            ErrorKind::Refused,
            "the service said no: HTTP 401 A.1: no; \
             check the credentials, and that they are of this region and project; they are not tried again",
        ),
        (503, ErrorKind::NoAnswer, "no usable answer: HTTP 503 A.1: no; it may pass: try again later"),
        (
            302,
            ErrorKind::NoAnswer,
            "no usable answer: HTTP 302 A.1: no; \
             a redirect is not followed, for the token would go along: check the address that is asked",
        ),
        (407, ErrorKind::NoAnswer, "no usable answer: HTTP 407 A.1: no"),
    ] {
        let error = Error::poll(api(status, "A.1").unwrap());
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, expected));
    }
    assert_eq!(
        Error::poll(lost().unwrap()).to_string(),
        "no usable answer: ecs.example.com:443: the connection was closed before the answer; \
         try again, and check the proxy if there is one"
    );
}

#[test]
fn the_predicates_follow_the_kind_and_the_answer() {
    let error = |kind, error| Error::new(kind, &JobId::new("ff80").unwrap(), State::default(), error);
    assert!(error(ErrorKind::Failed, None).is_failed());
    assert!(error(ErrorKind::TimedOut, None).is_timeout());
    assert!(error(ErrorKind::Cancelled, None).is_cancelled());
    assert!(error(ErrorKind::Refused, api(400, "Common.0011")).is_not_found());
    assert!(!error(ErrorKind::TimedOut, api(400, "Common.0011")).is_not_found());
    assert!(error(ErrorKind::Refused, api(400, "APIGW.0301")).is_unauthorized());
    assert!(!error(ErrorKind::Refused, api(403, "Ecs.0003")).is_unauthorized());
}
