//! Access keys, signed end to end.

use super::*;

fn key(simulator: &Simulator) -> Fake {
    Fake::new(&[
        ("HUAWEICLOUD_SDK_AK", "AKID"),
        ("HUAWEICLOUD_SDK_SK", "s3cret/+="),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", simulator.endpoint_url()),
        ("HUAWEICLOUD_SDK_REGION_ECS_EU_DE", simulator.endpoint_url()),
        ("OS_REGION_NAME", "eu-de"),
    ])
}

fn signed(change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Simulator {
    change(Simulator::builder().project_name("eu-de").access_key("AKID", "s3cret/+=")).start().unwrap()
}

#[test]
fn a_key_with_its_project_signs_every_request() {
    let simulator = signed(|builder| builder);
    let env = set(key(&simulator), "HUAWEICLOUD_SDK_PROJECT_ID", simulator.project_id());
    let mut session = SessionBuilder::new().connect_in(&env).unwrap();
    assert_eq!(
        (session.info().source(), session.info().method()),
        ("environment (HUAWEICLOUD_SDK_*)", "access key")
    );
    assert_eq!((session.info().project_name(), session.info().expires_at()), (None, None));
    assert_eq!(simulator.requests().len(), 0);
    session.verify().unwrap();
    asks_for_a_job(&session, &simulator);
    let requests = simulator.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.header("x-project-id") == Some(simulator.project_id())));
}

#[test]
fn the_project_of_a_key_is_looked_up_by_the_region() {
    let simulator = signed(|builder| builder);
    let session = SessionBuilder::new().connect_in(&key(&simulator)).unwrap();
    assert_eq!(
        (session.info().project_id(), session.info().project_name()),
        (simulator.project_id(), Some("eu-de"))
    );
    asks_for_a_job(&session, &simulator);
    let requests = simulator.requests();
    assert_eq!(requests[0].path(), "/v3/projects?name=eu-de");
    assert_eq!((requests[0].header("x-project-id"), requests.len()), (None, 2));
}

#[test]
fn the_project_of_a_key_is_looked_up_by_name() {
    let simulator = signed(|builder| builder.project_name("eu-de_shop"));
    let env = Fake::new(&[
        ("OS_ACCESS_KEY", "AKID"),
        ("OS_SECRET_KEY", "s3cret/+="),
        ("OS_PROJECT_NAME", "eu-de_shop"),
        ("OS_AUTH_URL", simulator.endpoint_url()),
    ]);
    let mut session = SessionBuilder::new().endpoint(simulator.endpoint_url()).connect_in(&env).unwrap();
    assert_eq!(session.info().project_id(), simulator.project_id());
    assert_eq!((session.info().project_name(), session.info().region()), (Some("eu-de_shop"), Some("eu-de")));
    session.verify().unwrap();
}

#[test]
fn a_temporary_key_sends_its_security_token() {
    let simulator = Simulator::builder()
        .project_name("eu-de")
        .temporary_access_key("AKID", "s3cret/+=", "temp-s3cret")
        .start()
        .unwrap();
    let env = set(key(&simulator), "HUAWEICLOUD_SDK_SECURITY_TOKEN", "temp-s3cret");
    SessionBuilder::new().connect_in(&env).unwrap().verify().unwrap();
    let error = SessionBuilder::new().connect_in(&key(&simulator)).unwrap_err();
    assert_error(&error, ErrorKind::Refused, "the security token is not that of the ak");
}

#[test]
fn a_rejected_key_is_not_tried_again() {
    let simulator = signed(|builder| builder);
    let wrong = set(key(&simulator), "HUAWEICLOUD_SDK_SK", "other-s3cret");
    let error = SessionBuilder::new().connect_in(&wrong).unwrap_err();
    assert_error(&error, ErrorKind::Refused, "check that the credentials are valid");
    let with_project = set(wrong, "HUAWEICLOUD_SDK_PROJECT_ID", simulator.project_id());
    let error = SessionBuilder::new().connect_in(&with_project).unwrap().verify().unwrap_err();
    assert_error(&error, ErrorKind::Refused, "APIGW.0301");
    assert_eq!(simulator.requests().len(), 2);
}

#[test]
fn a_region_without_a_project_is_an_error() {
    let simulator = signed(|builder| builder);
    let error = SessionBuilder::new().region("eu-nl").connect_in(&key(&simulator)).unwrap_err();
    assert_error(&error, ErrorKind::Config, r#"IAM lists no project named "eu-nl" (SessionBuilder::region)"#);
}
