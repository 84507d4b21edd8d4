//! Logins: their forms, and what becomes of their tokens.

use super::*;
use crate::job::id::JobId;
use crate::simulator::Fault;

fn posts(simulator: &Simulator) -> usize {
    simulator.requests().iter().filter(|request| request.method() == "POST").count()
}

#[test]
fn a_login_happens_once_and_fills_the_session_info() {
    let simulator = start(|builder| builder);
    let mut session = SessionBuilder::new().connect_in(&login(&simulator)).unwrap();
    assert_eq!((session.info().source(), session.info().method()), ("environment (OS_*)", "password"));
    assert_eq!(
        (session.info().user(), session.info().domain()),
        (Some("demo"), Some(simulator.domain_name()))
    );
    assert_eq!(session.info().project_id(), simulator.project_id());
    assert_eq!(session.info().project_name(), Some(simulator.project_name()));
    assert_eq!(session.info().region(), Some("eu-de"));
    assert!(
        session.info().expires_at().is_some_and(|end| end.ends_with('Z')),
        "{:?}",
        session.info().expires_at()
    );
    session.verify().unwrap();
    asks_for_a_job(&session, &simulator);
    assert_eq!((simulator.login_count(), posts(&simulator)), (1, 1));
}

#[test]
fn every_form_of_login_gets_a_token_for_the_project() {
    let simulator = start(|builder| builder.agency("OTC-THEIRS", "operators"));
    let user_id = simulator.user_id("demo").unwrap();
    let names = || login(&simulator);
    let by_id = || set(unset(names(), &["OS_USERNAME"]), "OS_USER_ID", user_id);
    let agency = |env| set(set(env, "OS_AGENCY_NAME", "operators"), "OS_AGENCY_DOMAIN_NAME", "OTC-THEIRS");
    let project_id = |env| set(unset(env, &["OS_PROJECT_NAME"]), "OS_PROJECT_ID", simulator.project_id());
    let theirs = Some("OTC-THEIRS/operators");
    for (env, logins, user) in [
        (names(), 1, Some("demo")),
        (project_id(names()), 1, Some("demo")),
        (by_id(), 1, Some("demo")),
        (project_id(unset(by_id(), &["OS_USER_DOMAIN_NAME"])), 1, Some("demo")),
        (agency(names()), 2, theirs),
        (agency(by_id()), 2, theirs),
        (agency(set(names(), "OS_DELEGATED_PROJECT", simulator.project_name())), 2, theirs),
        (set(agency(names()), "OS_PROJECT_DOMAIN_NAME", simulator.domain_name()), 2, theirs),
    ] {
        let before = simulator.login_count();
        let session =
            SessionBuilder::new().connect_in(&env).unwrap_or_else(|error| panic!("{env:?}: {error}"));
        assert_eq!(
            (session.info().user(), session.info().project_id()),
            (user, simulator.project_id()),
            "{env:?}"
        );
        assert_eq!(session.info().region(), Some("eu-de"), "{env:?}");
        asks_for_a_job(&session, &simulator);
        assert_eq!(simulator.login_count(), before + logins, "{env:?}");
    }
}

#[cfg(feature = "yaml")]
#[test]
fn a_cloud_of_a_clouds_file_logs_in() {
    let simulator = start(|builder| builder);
    let clouds = serde_json::json!({"clouds": {"otc": {"region_name": "eu-de", "auth": {
        "auth_url": simulator.endpoint_url(), "username": "demo", "password": "s3cret pässword",
        "user_domain_name": simulator.domain_name(), "project_name": simulator.project_name(),
    }}}});
    let env = Fake::default().file("/srv/here/clouds.json", &clouds.to_string());
    let session = SessionBuilder::new().connect_in(&env).unwrap();
    assert_eq!(session.info().source(), "clouds.json, cloud otc");
    asks_for_a_job(&session, &simulator);
    assert_eq!(simulator.login_count(), 1);
}

#[test]
fn a_rejected_login_is_not_retried() {
    let simulator = start(|builder| builder);
    let env = login(&simulator);
    for (name, value) in [
        ("OS_PASSWORD", "wrong s3cret"),
        ("OS_USERNAME", "nobody"),
        ("OS_USER_DOMAIN_NAME", "OTC-OTHER"),
        ("OS_PROJECT_NAME", "eu-de_other"),
    ] {
        let before = simulator.requests().len();
        let error = SessionBuilder::new().connect_in(&set(env.clone(), name, value)).unwrap_err();
        assert_error(&error, ErrorKind::Refused, "login rejected: HTTP 401");
        assert_error(&error, ErrorKind::Refused, "check the user, its domain, the password and the project");
        assert!(error.is_unauthorized() && !error.to_string().contains("token"), "{error}");
        assert_eq!(simulator.requests().len(), before + 1, "{name}");
    }
    assert_eq!(simulator.login_count(), 0);
}

#[test]
fn a_rejected_agency_is_reported() {
    let simulator = start(|builder| builder);
    let env = set(login(&simulator), "OS_AGENCY_NAME", "operators");
    let env = set(env, "OS_AGENCY_DOMAIN_NAME", "OTC-THEIRS");
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    assert_error(&error, ErrorKind::Refused, "or assume this agency");
    assert_eq!(posts(&simulator), 2);
}

#[test]
fn a_login_without_a_response_times_out() {
    let simulator = start(|builder| builder);
    for (fault, text) in [
        (Fault::Hang(Duration::from_secs(20)), "no usable response: no complete response"),
        (Fault::Html502, "HTTP 502"),
        (Fault::Garbage, "is not HTTP"),
        (Fault::CloseConnection, "closed the connection"),
        (
            Fault::Response(302, vec![("Location".into(), "https://example.com".into())], Vec::new()),
            "HTTP 302",
        ),
    ] {
        // Short only where time is the subject.
        let limit = Duration::from_millis(if matches!(fault, Fault::Hang(_)) { 300 } else { 30_000 });
        simulator.inject_faults([fault]);
        let error = SessionBuilder::new()
            .once()
            .config(ClientConfig::new().request_timeout(limit))
            .connect_in(&login(&simulator))
            .unwrap_err();
        assert_error(&error, ErrorKind::NoAnswer, text);
    }
    assert_eq!((posts(&simulator), simulator.login_count()), (5, 0));
}

#[test]
fn a_login_retries_transient_errors_but_not_rejections() {
    let simulator = start(|builder| builder);
    simulator.inject_faults([Fault::Status(503)]);
    assert!(SessionBuilder::new().connect_in(&login(&simulator)).is_ok());
    assert_eq!((posts(&simulator), simulator.login_count()), (2, 1));
    let error =
        SessionBuilder::new().connect_in(&set(login(&simulator), "OS_PASSWORD", "s3cret")).unwrap_err();
    assert_eq!((error.kind(), posts(&simulator)), (ErrorKind::Refused, 3));
}

#[test]
fn a_throttled_login_honours_retry_after() {
    let simulator = start(|builder| builder);
    let throttled = |seconds: &str| {
        let body = br#"{"error": {"code": 429, "message": "too many"}}"#.to_vec();
        Fault::Response(429, vec![("Retry-After".into(), seconds.into())], body)
    };
    simulator.inject_faults([throttled("1")]);
    let begun = std::time::Instant::now();
    assert!(SessionBuilder::new().connect_in(&login(&simulator)).is_ok());
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(posts(&simulator), 2);
    simulator.inject_faults([throttled("600")]);
    assert!(SessionBuilder::new().connect_in(&login(&simulator)).is_err());
    assert_eq!(posts(&simulator), 3);
}

#[test]
fn a_one_time_code_is_used_once() {
    let simulator = start(|builder| builder.totp("123456").token_life(Duration::from_millis(300)));
    let env = login(&simulator);
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    assert_error(&error, ErrorKind::Refused, "login rejected");
    assert_eq!(posts(&simulator), 1);

    let session = SessionBuilder::new().connect_in(&set(env, "OS_PASSCODE", "123456")).unwrap();
    // It has expired, and another login would need another code.
    std::thread::sleep(Duration::from_millis(350));
    let error = session.client().job(&JobId::new("0").unwrap()).unwrap_err();
    assert_error(&error, ErrorKind::Refused, "APIGW.0307");
    assert_eq!((simulator.login_count(), posts(&simulator)), (1, 2));
}

#[test]
fn an_expiring_token_is_renewed_during_a_wait() {
    let simulator = start(|builder| builder.token_life(Duration::from_secs(2)));
    let id = simulator.start_job(JobScript::new("createServer").duration(Duration::from_secs(3)));
    let session = SessionBuilder::new().connect_in(&login(&simulator)).unwrap();
    assert!(session.client().wait(&id).run().is_ok());
    assert!(simulator.login_count() >= 2, "{}", simulator.login_count());
}

#[test]
fn a_revoked_token_is_renewed_once_during_a_wait() {
    let simulator = start(|builder| builder);
    let id = simulator.start_job(JobScript::new("createServer").duration(Duration::from_millis(500)));
    let client = SessionBuilder::new().connect_in(&login(&simulator)).unwrap().into_client();
    let mut polls = 0;
    let job = client.wait(&id).on_progress(|_| {
        polls += 1;
        if polls == 1 {
            simulator.revoke_tokens();
        }
    });
    assert!(job.run().is_ok());
    assert_eq!((simulator.login_count(), posts(&simulator)), (2, 2));
    let refused = simulator.requests().iter().filter(|request| request.status() == Some(401)).count();
    assert_eq!(refused, 1);
}
