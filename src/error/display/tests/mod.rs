use std::time::Duration;

use super::*;
use crate::api::response::Response;
use crate::error::ApiError;
use crate::error::poll::{NextStep, PollError, TransportError, TransportErrorKind};
use crate::error::{LastPoll, State};
use crate::job::Job;
use crate::poll::result::PollResult;

mod other;

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
    let message = "ecs.example.com:443: the connection was closed before the response";
    Some(PollError::Transport(TransportError::new(TransportErrorKind::ConnectionLost, message)))
}

/// The text, where the last poll showed the job unless there is an error.
fn text(kind: ErrorKind, job: Option<Job>, polls: u32, error: Option<PollError>) -> String {
    let last_poll = match (&job, &error) {
        (Some(_), None) => LastPoll::Job,
        (_, Some(PollError::Transport(_))) => LastPoll::NoResponse,
        (_, Some(_)) => LastPoll::OtherResponse,
        (None, None) => LastPoll::NotSent,
    };
    text_after(kind, job, polls, error, last_poll)
}

fn text_after(
    kind: ErrorKind,
    job: Option<Job>,
    polls: u32,
    error: Option<PollError>,
    last_poll: LastPoll,
) -> String {
    let state = State {
        age: job.as_ref().map(|_| Duration::from_secs(247)),
        job,
        polls,
        waited: Duration::from_secs(60),
        last_poll,
        ..State::default()
    };
    Error::new(kind, &JobId::new("ff80").unwrap(), state, error).to_string()
}

#[test]
fn a_timeout_says_whether_the_job_is_still_running() {
    let kind = ErrorKind::TimedOut;
    for status in ["INIT", "RUNNING", "WAITING_EXECUTE", "LISTENING"] {
        assert_eq!(
            text(kind, job(status), 31, None),
            format!(
                "timed out waiting for job ff80 after 31 polls in 1m ({status}, 4m 7s old); \
                 the job is still running; wait for the same id again"
            )
        );
    }
    assert_eq!(
        text_after(kind, job("RUNNING"), 31, lost(), LastPoll::Job),
        "timed out waiting for job ff80 after 31 polls in 1m (RUNNING, 4m 7s old), \
         last error: ecs.example.com:443: the connection was closed before the response; \
         the job is still running; wait for the same id again"
    );
    assert_eq!(
        text(kind, job("PAUSED"), 2, None),
        "timed out waiting for job ff80 after 2 polls in 1m (PAUSED, 4m 7s old); \
         the status PAUSED is not recognized and counts as pending; wait for the same id again"
    );
    assert_eq!(
        text(kind, job("CREATE_FAILED"), 2, None),
        "timed out waiting for job ff80 after 2 polls in 1m (CREATE_FAILED, 4m 7s old); \
         the status CREATE_FAILED is not recognized and counts as pending, but it is a word that looks like a failure; \
         wait for the same id again"
    );
    assert_eq!(
        text(kind, None, 3, api(429, "APIGW.0308")),
        "timed out waiting for job ff80 after 3 polls in 1m, last error: HTTP 429 APIGW.0308: no; \
         the state of the job is unknown; check the id, or wait longer"
    );
    assert_eq!(
        text(kind, None, 0, None),
        "timed out waiting for job ff80 before its first poll in 1m; \
         the rate limit was used up by other jobs or is too low for this timeout"
    );
}

#[test]
fn after_a_poll_without_the_job_its_state_is_unknown() {
    let errors = [lost(), api(503, "Ecs.0001"), Some(api_of(200, "<html>")), api(400, "Common.0011")];
    let kinds = [ErrorKind::TimedOut, ErrorKind::Cancelled, ErrorKind::NoAnswer, ErrorKind::Refused];
    for status in ["RUNNING", "PENDING_PAYMENT", "PAUSED"] {
        for kind in kinds {
            for error in &errors {
                let text = text(kind, job(status), 9, error.clone());
                assert!(text.contains(&format!("(last seen {status}, 4m 7s old)")), "{text}");
                assert!(!text.contains("still running") && !text.contains("counts as pending"), "{text}");
                let is_unknown = ["state of the job is unknown", "its state is unknown", "is deleted"]
                    .iter()
                    .any(|words| text.contains(words));
                assert!(is_unknown, "{text}");
            }
        }
    }
}

#[test]
fn a_pause_that_the_service_asks_for_is_named() {
    let state = State {
        job: job("RUNNING"),
        polls: 2,
        waited: Duration::from_millis(800),
        retry_after: Some(Duration::from_secs(3600)),
        last_poll: LastPoll::OtherResponse,
        ..State::default()
    };
    let error = Error::new(ErrorKind::TimedOut, &JobId::new("ff80").unwrap(), state, api(429, "APIGW.0308"));
    assert_eq!(
        error.to_string(),
        "timed out waiting for job ff80 after 2 polls in 800ms (last seen RUNNING), \
         last error: HTTP 429 APIGW.0308: no; the state of the job is unknown; \
         wait longer than the 1h for which the service asked not to be polled"
    );
}

#[test]
fn the_status_alone_is_shown_clean() {
    let state = State {
        status: Some(Status::from("PAU\u{1b}[2J\nS\u{202e}ED")),
        age: Some(Duration::from_secs(9)),
        polls: 2,
        waited: Duration::from_secs(1),
        last_poll: LastPoll::Job,
        ..State::default()
    };
    let error = Error::new(ErrorKind::Cancelled, &JobId::new("ff80").unwrap(), state, None);
    assert_eq!(
        error.to_string(),
        "the wait for job ff80 was cancelled after 2 polls in 1s (PAU [2J SED, 9s old); \
         the job was not cancelled: the status PAU [2J SED is not recognized and counts as pending"
    );
}

#[test]
fn a_cancelled_wait_says_that_the_job_is_not_cancelled() {
    let kind = ErrorKind::Cancelled;
    assert_eq!(
        text(kind, job("INIT"), 3, None),
        "the wait for job ff80 was cancelled after 3 polls in 1m (INIT, 4m 7s old); \
         the job was not cancelled and is still running"
    );
    assert_eq!(
        text(kind, None, 0, None),
        "the wait for job ff80 was cancelled before its first poll in 1m; \
         the job was not cancelled, its state is unknown"
    );
    assert_eq!(
        text(kind, None, 2, api(503, "Ecs.0001")),
        "the wait for job ff80 was cancelled after 2 polls in 1m, last error: HTTP 503 Ecs.0001: no; \
         the job was not cancelled, its state is unknown"
    );
}

#[test]
fn no_response_says_what_came_instead_and_what_to_do() {
    let kind = ErrorKind::NoAnswer;
    assert_eq!(
        text(kind, None, 5, lost()),
        "no usable response for job ff80 after 5 polls in 1m: \
         ecs.example.com:443: the connection was closed before the response; \
         the state of the job is unknown; try again, and check the proxy if there is one"
    );
    assert_eq!(
        text(kind, job("RUNNING"), 12, api(502, "APIGW.0201")),
        "no usable response for job ff80 after 12 polls in 1m (last seen RUNNING, 4m 7s old): \
         HTTP 502 APIGW.0201: no; the state of the job is unknown; try again later"
    );
    let transport = |kind| PollError::Transport(TransportError::new(kind, "it broke."));
    for (error, expected) in [
        (
            transport(TransportErrorKind::Dns),
            "it broke; the state of the job is unknown; check the host name",
        ),
        (transport(TransportErrorKind::Connect), "check the address, the network and the proxy"),
        (
            TransportError::new(TransportErrorKind::Connect, "no thread can be started")
                .next_step(NextStep::RaiseThreadLimit)
                .into(),
            "no thread can be started; the state of the job is unknown; raise the limit of processes and threads \
             (`ulimit -u`) or of memory (`ulimit -v`), or end other processes of this user",
        ),
        (transport(TransportErrorKind::Tls), "check the scheme and the port of the address"),
        (transport(TransportErrorKind::Certificate), "it broke; the state of the job is unknown"),
        (
            api_of(200, "<html>Welcome</html>"),
            "whether a proxy or a login page responded in place of the service",
        ),
        (api(302, "A.1").unwrap(), "redirects are not followed because they would forward the token"),
        (api(429, "APIGW.0308").unwrap(), "try again later and less often"),
    ] {
        let text = text(kind, None, 1, Some(error));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_rejected_request_comes_with_the_next_step() {
    let kind = ErrorKind::Refused;
    assert_eq!(
        text(kind, None, 1, api(400, "Common.0011")),
        "job ff80 is not known to the service after 1 poll in 1m: HTTP 400 Common.0011: no; \
         a job is deleted one day after it ended, an unpaid one after 14 days; \
         check the id, the project, the region and the service"
    );
    for (status, code, hint) in [
        (
            404,
            "APIGW.0101",
            "check the endpoint, the region and the service: there is no such API at this address",
        ),
        (
            401,
            "APIGW.0301",
            "check that the credentials are valid for this region and project: they are not tried again",
        ),
        (403, "Ecs.0003", "check the permissions of the user in this project"),
        (400, "Ecs.0005", "check the id, the project and the service"),
        (501, "Ecs.0001", "check the id, the project and the service"),
    ] {
        assert_eq!(
            text(kind, None, 1, api(status, code)),
            format!(
                "request for job ff80 rejected after 1 poll in 1m: HTTP {status} {code}: no; \
                 the state of the job is unknown; {hint}"
            )
        );
    }
    let mut login = api(401, "A.1").unwrap();
    if let PollError::Api(api) = &mut login {
        api.login = true;
    }
    assert_eq!(
        text(kind, job("RUNNING"), 9, Some(login)),
        "login for job ff80 rejected after 9 polls in 1m (last seen RUNNING, 4m 7s old): HTTP 401 A.1: no; \
         the state of the job is unknown; \
         check the user, its domain, the password and the project: the login is not tried again"
    );
}

#[test]
fn a_job_that_disappears_is_not_said_to_run() {
    for status in ["RUNNING", "PENDING_PAYMENT", "INIT"] {
        assert_eq!(
            text(ErrorKind::Refused, job(status), 9, api(400, "Common.0011")),
            format!(
                "job ff80 disappeared after 9 polls in 1m (last seen {status}, 4m 7s old): \
                 HTTP 400 Common.0011: no; a job is deleted one day after it ended, an unpaid one after 14 days; \
                 check the id, the project, the region and the service"
            )
        );
    }
}

#[test]
fn an_unpaid_order_is_named() {
    let unpaid = "the order is unpaid: if it is cancelled, the status never changes, \
                  and the job is deleted after 14 days; pay the order and wait again";
    assert_eq!(
        text(ErrorKind::PaymentPending, job("PENDING_PAYMENT"), 1, None),
        format!("job ff80 waits for payment after 1 poll in 1m (PENDING_PAYMENT, 4m 7s old); {unpaid}")
    );
    assert_eq!(
        text(ErrorKind::TimedOut, job("PENDING_PAYMENT"), 1, None),
        format!("timed out waiting for job ff80 after 1 poll in 1m (PENDING_PAYMENT, 4m 7s old); {unpaid}")
    );
}

#[test]
fn a_clock_that_is_off_is_the_reason_of_a_rejected_signature() {
    let signed = |date: &str, status: u16, code: &str| {
        let time = time::OffsetDateTime::from_unix_timestamp(784_111_777).unwrap();
        let body = format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#);
        let response = Response::new(status, body).signed_at(Some(time)).with_header("Date", date);
        let error = PollResult::from(response).error().unwrap().clone();
        text(ErrorKind::Refused, None, 1, Some(error))
    };
    for (date, hint) in [
        (
            "Sun, 06 Nov 1994 09:12:37 GMT",
            "set the clock of this machine: it is 23m behind that of the service",
        ),
        (
            "Sun, 06 Nov 1994 06:49:37 GMT",
            "set the clock of this machine: it is 2h ahead of that of the service",
        ),
        ("Sun, 06 Nov 1994 08:49:35 GMT", "check that the credentials are valid for this region and project"),
        ("yesterday", "check that the credentials are valid for this region and project"),
    ] {
        let text = signed(date, 401, "APIGW.0301");
        assert!(text.contains(hint), "{text}");
    }
    assert!(!signed("Sun, 06 Nov 1994 06:49:37 GMT", 403, "Ecs.0003").contains("clock"));
}

#[test]
fn a_failed_job_is_reported_under_the_id_that_was_polled() {
    let failed = |members: &str| {
        let body = format!(r#"{{"status":"FAIL","job_type":"createServer","error_code":"Ecs.1"{members}}}"#);
        text(ErrorKind::Failed, Some(Job::from_slice(body.as_bytes()).unwrap()), 2, None)
    };
    assert_eq!(failed(r#","job_id":"ff80""#), "job ff80 (createServer) failed: Ecs.1");
    assert_eq!(failed(""), "job ff80 (createServer) failed: Ecs.1");
    assert_eq!(failed(r#","job_id":"other""#), "job ff80: job other (createServer) failed: Ecs.1");
    assert_eq!(text(ErrorKind::Failed, None, 0, None), "job ff80 failed");
}
