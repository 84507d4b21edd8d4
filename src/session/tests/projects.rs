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
fn a_project_that_is_not_there_or_there_twice_is_asked_for_by_its_id() {
    let simulator = start(|builder| builder);
    let env = set(by_name(&simulator), "OS_PROJECT_NAME", "eu-de_other");
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    let text =
        r#"IAM lists no project named "eu-de_other" (OS_PROJECT_NAME): set the project's id (OS_PROJECT_ID"#;
    assert_error(&error, ErrorKind::Config, text);

    let two =
        br#"{"projects": [{"id": "1", "name": "eu-de_simulated"}, {"id": "2", "name": "eu-de_simulated"}]}"#;
    simulator.inject_faults([Fault::Response(200, Vec::new(), two.to_vec())]);
    let error = SessionBuilder::new().connect_in(&by_name(&simulator)).unwrap_err();
    assert_error(&error, ErrorKind::Config, "IAM lists several projects named");
}

#[test]
fn a_look_up_that_is_refused_or_not_answered_is_made_once() {
    let simulator = start(|builder| builder);
    let env = by_name(&simulator);
    let error = SessionBuilder::new().once().connect_in(&set(env.clone(), "OS_TOKEN", "s3cret")).unwrap_err();
    assert_error(&error, ErrorKind::Refused, "APIGW.0301");
    assert_error(&error, ErrorKind::Refused, "check the credentials");
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
fn where_a_name_cannot_be_looked_up_it_is_said_what_to_set() {
    let env = Fake::new(&[("OS_TOKEN", "t"), ("OS_PROJECT_NAME", "shop")]);
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    assert_error(&error, ErrorKind::Config, "set the id (OS_PROJECT_ID, --project-id), the region");
    let plain = set(env, "OS_AUTH_URL", "http://iam.example.com");
    let error = SessionBuilder::new().connect_in(&plain).unwrap_err();
    assert_error(&error, ErrorKind::Config, "plain HTTP goes to loopback only");
}

#[test]
fn a_token_is_checked_by_one_question() {
    let simulator = start(|builder| builder);
    let connect = |token: &str| {
        let connect =
            SessionBuilder::new().endpoint(simulator.endpoint_url()).project_id(simulator.project_id());
        connect.token(token).connect_in(&Fake::default()).unwrap()
    };
    let session = connect(simulator.token());
    assert_eq!((session.info().source(), session.info().region()), ("token given", None));
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
    asked(Some((ErrorKind::Refused, "check the credentials")), "s3cret", Fault::Pass);
    asked(Some((ErrorKind::Refused, "is not allowed to do this")), good, Fault::Status(403));
    let wrong = br#"{"error_code": "APIGW.0101", "error_msg": "no such API"}"#.to_vec();
    asked(Some((ErrorKind::Refused, "check the endpoint")), good, Fault::Response(404, Vec::new(), wrong));
    asked(Some((ErrorKind::NoAnswer, "503")), good, Fault::Status(503));
    asked(Some((ErrorKind::NoAnswer, "HTTP 302")), good, Fault::Status(302));
    asked(Some((ErrorKind::NoAnswer, "closed the connection")), good, Fault::CloseConnection);
    simulator.expire_token();
    asked(Some((ErrorKind::Refused, "APIGW.0307")), good, Fault::Pass);
}
