//! Tokens: their project, and whether they work.

use super::*;
use crate::simulator::Fault;

fn by_name(simulator: &Simulator) -> Fake {
    Fake::new(&[
        ("OS_TOKEN", simulator.token()),
        ("OS_PROJECT_NAME", simulator.project_name()),
        ("OS_AUTH_URL", simulator.endpoint_url()),
        ("HUAWEICLOUD_SDK_REGION_ECS_EU_DE", simulator.endpoint_url()),
    ])
}

#[test]
fn the_project_of_a_token_is_found_by_its_name() {
    let simulator = start(|builder| builder.project_name("eu-de_a b&ü"));
    let session = SessionBuilder::new().connect_in(&by_name(&simulator)).unwrap();
    assert_eq!(session.info().project_id(), simulator.project_id());
    assert_eq!(session.info().project_name(), Some("eu-de_a b&ü"));
    assert_eq!((session.info().region(), session.info().method()), (Some("eu-de"), "token"));
    asks_for_a_job(&session, &simulator);
    assert_eq!(simulator.requests().len(), 2);
}

#[test]
fn a_missing_or_ambiguous_project_is_an_error_that_asks_for_its_id() {
    let simulator = start(|builder| builder);
    let env = set(by_name(&simulator), "OS_PROJECT_NAME", "eu-de_other");
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    let text = r#"IAM lists no project named "eu-de_other" (OS_PROJECT_NAME); set the id of the project (OS_PROJECT_ID"#;
    assert_error(&error, ErrorKind::Config, text);

    let two =
        br#"{"projects": [{"id": "1", "name": "eu-de_simulated"}, {"id": "2", "name": "eu-de_simulated"}]}"#;
    simulator.inject_faults([Fault::Response(200, Vec::new(), two.to_vec())]);
    let error = SessionBuilder::new().connect_in(&by_name(&simulator)).unwrap_err();
    assert_error(&error, ErrorKind::Config, "IAM lists several projects named");
}

#[test]
fn a_failed_lookup_is_not_repeated() {
    let simulator = start(|builder| builder);
    let env = by_name(&simulator);
    let error = SessionBuilder::new().once().connect_in(&set(env.clone(), "OS_TOKEN", "s3cret")).unwrap_err();
    assert_error(&error, ErrorKind::Refused, "APIGW.0301");
    assert_error(&error, ErrorKind::Refused, "check that the credentials are valid");
    simulator.inject_faults([Fault::Status(503)]);
    assert_error(&SessionBuilder::new().once().connect_in(&env).unwrap_err(), ErrorKind::NoAnswer, "503");
    simulator.inject_faults([Fault::Response(200, Vec::new(), b"<html>".to_vec())]);
    assert_error(
        &SessionBuilder::new().once().connect_in(&env).unwrap_err(),
        ErrorKind::NoAnswer,
        "not a list of projects",
    );
    assert_eq!(simulator.requests().len(), 3);
}

#[test]
fn a_name_that_cannot_be_looked_up_is_an_error_that_says_what_to_set() {
    let env = Fake::new(&[("OS_TOKEN", "t"), ("OS_PROJECT_NAME", "shop")]);
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    assert_error(&error, ErrorKind::Config, "set the id (OS_PROJECT_ID), the region");
    let plain = set(env, "OS_AUTH_URL", "http://iam.example.com");
    let error = SessionBuilder::new().connect_in(&plain).unwrap_err();
    assert_error(&error, ErrorKind::Config, "plain HTTP goes to loopback only");
}

#[test]
fn verify_sends_one_request() {
    let simulator = start(|builder| builder);
    let connect = |token: &str| {
        let connect =
            SessionBuilder::new().endpoint(simulator.endpoint_url()).project_id(simulator.project_id());
        connect.token(token).connect_in(&Fake::default()).unwrap()
    };
    let session = connect(simulator.token());
    assert_eq!((session.info().source(), session.info().region()), ("SessionBuilder::token", None));
    assert_eq!(simulator.requests().len(), 0);
    let asked = |expected: Option<(ErrorKind, &str)>, token: &str, fault: Fault| {
        let before = simulator.requests().len();
        simulator.inject_faults([fault]);
        match (connect(token).verify(), expected) {
            (Ok(()), None) => {}
            (Err(error), Some((kind, text))) => assert_error(&error, kind, text),
            (got, _) => panic!("{got:?}"),
        }
        assert_eq!(simulator.requests().len(), before + 1);
    };
    let good = simulator.token();
    asked(None, good, Fault::Pass);
    asked(None, good, Fault::Response(200, Vec::new(), br#"{"status": "SUCCESS"}"#.to_vec()));
    asked(None, good, Fault::Response(404, Vec::new(), br#"{"itemNotFound": {"message": "no"}}"#.to_vec()));
    asked(Some((ErrorKind::Refused, "check that the credentials are valid")), "s3cret", Fault::Pass);
    asked(Some((ErrorKind::Refused, "check the permissions of the user")), good, Fault::Status(403));
    let wrong = br#"{"error_code": "APIGW.0101", "error_msg": "no such API"}"#.to_vec();
    asked(Some((ErrorKind::Refused, "check the endpoint")), good, Fault::Response(404, Vec::new(), wrong));
    asked(Some((ErrorKind::NoAnswer, "503")), good, Fault::Status(503));
    asked(Some((ErrorKind::NoAnswer, "HTTP 302")), good, Fault::Status(302));
    asked(Some((ErrorKind::NoAnswer, "closed the connection")), good, Fault::CloseConnection);
    simulator.expire_token();
    asked(Some((ErrorKind::Refused, "APIGW.0307")), good, Fault::Pass);
}

#[test]
fn iam_is_asked_for_the_project_of_a_token() {
    let simulator = start(|builder| builder);
    let env = unset(by_name(&simulator), &["OS_PROJECT_NAME"]);
    let session = SessionBuilder::new().connect_in(&env).unwrap();
    let info = session.info();
    assert_eq!((info.project_id(), info.method()), (simulator.project_id(), "token"));
    assert_eq!((info.project_name(), info.region()), (Some(simulator.project_name()), Some("eu-de")));
    assert_eq!(info.endpoint_source(), "HUAWEICLOUD_SDK_REGION_ECS_EU_DE");
    assert!(info.expires_at().is_some() && info.domain() == Some(simulator.domain_name()), "{info:?}");
    asks_for_a_job(&session, &simulator);
    let requests = simulator.requests();
    assert_eq!((requests[0].method(), requests[0].path()), ("GET", "/v3/auth/tokens"));
    assert_eq!(requests.len(), 2);

    let clouds = serde_json::json!({"clouds": {"otc": {"auth_type": "token", "auth": {
        "auth_url": simulator.endpoint_url(), "token": simulator.token()}}}});
    let env = Fake::default().file("/srv/here/clouds.yaml", &clouds.to_string());
    let session = SessionBuilder::new().connect_in(&env);
    #[cfg(feature = "yaml")]
    assert_eq!(session.unwrap().info().endpoint_source(), "service catalog");
    #[cfg(not(feature = "yaml"))]
    assert_error(&session.unwrap_err(), ErrorKind::Config, "feature `yaml`");

    let wrong = set(unset(by_name(&simulator), &["OS_PROJECT_NAME"]), "OS_TOKEN", "s3cret");
    assert_error(&SessionBuilder::new().connect_in(&wrong).unwrap_err(), ErrorKind::Refused, "HTTP 401");
}

#[test]
fn only_verify_looks_up_the_expiry_of_a_token() {
    let simulator = start(|builder| builder);
    let given = |env: Fake| set(env, "OS_PROJECT_ID", simulator.project_id());
    let env = given(unset(by_name(&simulator), &["OS_PROJECT_NAME"]));
    let connect = || SessionBuilder::new().region("eu-de").connect_in(&env).unwrap();
    let mut session = connect();
    assert_eq!(session.info().expires_at(), None);
    let id = simulator.start_job(JobScript::new("createServer").duration(Duration::from_millis(1)));
    session.client().wait(&id).run().unwrap();
    let before = simulator.requests().len();
    session.verify().unwrap();
    let requests = simulator.requests();
    assert_eq!(requests[before + 1].path(), "/v3/auth/tokens");
    assert_eq!(requests.len(), before + 2);
    let info = session.info();
    assert!(info.expires_at().is_some_and(|end| end.ends_with('Z')), "{info:?}");
    assert_eq!(
        (info.domain(), info.project_name()),
        (Some(simulator.domain_name()), Some(simulator.project_name()))
    );
    // It is known now.
    session.verify().unwrap();
    assert_eq!(simulator.requests().len(), before + 3);

    // The credentials work, whatever IAM responds then.
    let mut session = connect();
    simulator.inject_faults([Fault::Pass, Fault::Status(403)]);
    session.verify().unwrap();
    assert_eq!(session.info().expires_at(), None);
    // A rejected token is not looked up.
    let mut session = connect();
    simulator.expire_token();
    let before = simulator.requests().len();
    assert_error(&session.verify().unwrap_err(), ErrorKind::Refused, "APIGW.0307");
    assert_eq!(simulator.requests().len(), before + 1);
}

#[test]
fn credentials_for_an_explicit_endpoint_are_not_sent_to_a_guessed_iam() {
    let simulator = start(|builder| builder);
    let token = Fake::new(&[("OS_TOKEN", simulator.token()), ("OS_REGION_NAME", "eu-de")]);
    let connect = |env: &Fake| SessionBuilder::new().endpoint(simulator.endpoint_url()).connect_in(env);
    let error = connect(&token).unwrap_err();
    assert_error(&error, ErrorKind::Config, "the project of the token is not known");
    let error = connect(&set(token.clone(), "OS_PROJECT_NAME", "eu-de")).unwrap_err();
    assert_error(&error, ErrorKind::Config, "only the name of the project is known");
    let mut session = connect(&set(token, "OS_PROJECT_ID", simulator.project_id())).unwrap();
    session.verify().unwrap();
    assert_eq!(session.info().expires_at(), None);
    assert_eq!(simulator.requests().len(), 1);
}
