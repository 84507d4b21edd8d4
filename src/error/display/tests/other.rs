//! Errors without a job, and what holds for all of them.

use super::*;

#[test]
fn errors_outside_of_any_job_are_reported_without_one() {
    assert_eq!(Error::config("the project id is missing").to_string(), "the project id is missing");
    for (status, kind, expected) in [
        (
            401,
            ErrorKind::Refused,
            "request rejected: HTTP 401 A.1: no; \
             check that the credentials are valid for this region and project: they are not tried again",
        ),
        (503, ErrorKind::NoAnswer, "no usable response: HTTP 503 A.1: no; try again later"),
        (
            302,
            ErrorKind::NoAnswer,
            "no usable response: HTTP 302 A.1: no; \
             check the address: redirects are not followed because they would forward the token",
        ),
        (407, ErrorKind::NoAnswer, "no usable response: HTTP 407 A.1: no"),
    ] {
        let error = Error::poll(api(status, "A.1").unwrap());
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, expected));
    }
    assert_eq!(
        Error::poll(lost().unwrap()).to_string(),
        "no usable response: ecs.example.com:443: the connection was closed before the response; \
         try again, and check the proxy if there is one"
    );
}

#[test]
fn debug_is_the_text_and_no_text_names_a_flag_or_has_more_than_three_parts() {
    let kinds = [
        ErrorKind::Cancelled,
        ErrorKind::Failed,
        ErrorKind::NoAnswer,
        ErrorKind::Refused,
        ErrorKind::TimedOut,
        ErrorKind::PaymentPending,
    ];
    for kind in kinds {
        for error in [None, lost(), api(401, "APIGW.0301"), api(404, ""), api(503, "")] {
            for job in [None, job("RUNNING"), job("PENDING_PAYMENT")] {
                let state = State { job, polls: 1, ..State::default() };
                let error = Error::new(kind, &JobId::new("ff80").unwrap(), state, error.clone());
                let text = error.to_string();
                assert_eq!(format!("{error:?}"), text);
                assert_eq!(error, error.clone());
                assert!(text.split("; ").count() <= 3 && !text.contains("--"), "{text}");
            }
        }
    }
}

#[test]
fn the_errors_of_arguments_convert() {
    let id = JobId::new("a/b").unwrap_err();
    let error = Error::from(id.clone());
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Config, id.to_string()));
    let submit =
        JobId::from_submit_response(br#"{"error_code":"Ecs.0019","error_msg":"abandoned"}"#).unwrap_err();
    let error = Error::from(submit.clone());
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Config, submit.to_string()));
    assert_eq!(error.api_error().and_then(ApiError::code), Some("Ecs.0019"));
}

#[test]
fn the_predicates_follow_the_kind_and_the_response() {
    let error = |kind, error| Error::new(kind, &JobId::new("ff80").unwrap(), State::default(), error);
    assert!(error(ErrorKind::Failed, None).is_failed());
    assert!(error(ErrorKind::TimedOut, None).is_timeout());
    assert!(error(ErrorKind::Cancelled, None).is_cancelled());
    assert!(error(ErrorKind::Refused, api(400, "Common.0011")).is_not_found());
    assert!(!error(ErrorKind::TimedOut, api(400, "Common.0011")).is_not_found());
    assert!(error(ErrorKind::Refused, api(400, "APIGW.0301")).is_unauthorized());
    assert!(!error(ErrorKind::Refused, api(403, "Ecs.0003")).is_unauthorized());
}
