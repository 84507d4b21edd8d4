#![cfg(feature = "simulator")]

#[cfg(feature = "signing")]
mod keys;
mod logins;
mod endpoints;
mod projects;

use super::*;
use crate::client::config::ClientConfig;
use crate::config::env::fake::Fake;
use crate::error::ErrorKind;
use crate::simulator::{Dialect, JobScript, Simulator, SimulatorBuilder};

/// A simulator at which `demo` can log in.
fn start(change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Simulator {
    change(Simulator::builder().user("demo", "s3cret pässword")).start().unwrap()
}

impl SessionBuilder {
    /// Asks IAM once, so that what stands in the way is told without a wait.
    fn once(mut self) -> Self {
        self.attempts = 1;
        self
    }
}

/// The variables of a login by names.
fn login(simulator: &Simulator) -> Fake {
    Fake::new(&[
        ("OS_AUTH_URL", &format!("{}/v3", simulator.endpoint_url())),
        ("OS_USERNAME", "demo"),
        ("OS_PASSWORD", "s3cret pässword"),
        ("OS_USER_DOMAIN_NAME", simulator.domain_name()),
        ("OS_PROJECT_NAME", simulator.project_name()),
    ])
}

fn set(mut env: Fake, name: &str, value: &str) -> Fake {
    env.variables.insert(name.to_owned(), value.into());
    env
}

fn unset(mut env: Fake, names: &[&str]) -> Fake {
    env.variables.retain(|name, _| !names.contains(&name.as_str()));
    env
}

fn asks_for_a_job(session: &Session, simulator: &Simulator) {
    let dialect = Dialect::from_name(session.info().service().as_str()).unwrap();
    let id = simulator.start_job(JobScript::new("createServer").dialect(dialect).never_ends());
    session.client().job(&id).unwrap();
}

/// An error of this kind that says this, and shows no secret.
fn assert_error(error: &Error, kind: ErrorKind, text: &str) {
    let told = error.to_string();
    assert_eq!(error.kind(), kind, "{told}");
    assert!(told.contains(text), "{told}");
    assert!(!told.contains("s3cret") && !format!("{error:?}").contains("s3cret"), "{told}");
}

#[test]
fn missing_credentials_are_an_error_that_lists_the_options() {
    let error = SessionBuilder::new().connect_in(&Fake::default()).unwrap_err();
    for way in ["OS_TOKEN", "OS_CLOUD", "OS_ACCESS_KEY", "OS_USERNAME"] {
        assert_error(&error, ErrorKind::Config, way);
    }
}

#[test]
fn errors_in_the_settings_are_reported_unchanged() {
    let error = SessionBuilder::new().connect_in(&Fake::new(&[("OS_PASSWORD", "s3cret")])).unwrap_err();
    assert_error(&error, ErrorKind::Config, "the password login from OS_PASSWORD is incomplete");
    let blank = Fake::new(&[("OS_TOKEN", "s3cret s3cret"), ("OS_PROJECT_ID", "p")]);
    let error = SessionBuilder::new().connect_in(&blank).unwrap_err();
    assert_error(&error, ErrorKind::Config, "the token has a blank");
    assert_error(&error, ErrorKind::Config, "(OS_TOKEN)");
}

#[test]
fn nothing_is_sent_if_a_setting_is_invalid() {
    let simulator = start(|builder| builder);
    let env = login(&simulator);
    let new = SessionBuilder::new;
    for (connect, env, text) in [
        (new().config(ClientConfig::new().proxy("socks5://me:s3cret@127.0.0.1:1080")), env.clone(), "socks5"),
        (new().endpoint("http://ecs.example.com"), env.clone(), "plain HTTP goes to loopback only"),
        (new().endpoint("https://me:s3cret@ecs.example.com"), env.clone(), "`***@***` has a user name"),
        (new().config(ClientConfig::new().max_polls_per_second(f64::NAN)), env.clone(), "not a number (NaN)"),
        (new().endpoint(""), env.clone(), "the URL is empty"),
        (
            new(),
            set(env.clone(), "OS_AUTH_URL", "http://iam.example.com"),
            "plain HTTP goes to loopback only",
        ),
        (new(), set(env.clone(), "OS_AUTH_URL", "https://iam.example.com/v2.0"), "Keystone v2.0"),
        (new().project_id("../x"), env.clone(), "is not a project id"),
        (new().cloud("no\u{1b}such"), env, r"no\u{1b}such"),
    ] {
        let shown = format!("{connect:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_error(&connect.connect_in(&env).unwrap_err(), ErrorKind::Config, text);
    }
    assert_eq!(simulator.requests().len(), 0);
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn an_invalid_ca_file_is_reported_before_a_password_is_sent() {
    let simulator = start(|builder| builder);
    let env = login(&simulator);
    for (connect, env) in [
        (SessionBuilder::new().config(ClientConfig::new().ca_file("/no/such/file.pem")), env.clone()),
        (SessionBuilder::new(), set(env.clone(), "OS_CACERT", "/no/such/file.pem")),
    ] {
        let error = connect.connect_in(&env).unwrap_err();
        assert_error(&error, ErrorKind::Config, "/no/such/file.pem");
    }
    // The explicit one replaces the other.
    let given = SessionBuilder::new().config(ClientConfig::new().ca_file("/given.pem"));
    let error = given.connect_in(&set(env, "OS_CACERT", "/no/such/file.pem")).unwrap_err();
    assert_error(&error, ErrorKind::Config, "/given.pem");
    assert_eq!(simulator.requests().len(), 0);
}

#[cfg(not(any(feature = "rustls", feature = "native-tls", feature = "rustls-no-provider")))]
#[test]
fn a_build_without_tls_is_an_error_before_anything_is_sent() {
    let simulator = start(|builder| builder);
    let connect = SessionBuilder::new().endpoint("https://ecs.example.com");
    assert_error(&connect.connect_in(&login(&simulator)).unwrap_err(), ErrorKind::Config, "without TLS");
    assert_eq!(simulator.requests().len(), 0);
}

#[cfg(not(feature = "signing"))]
#[test]
fn a_build_without_signing_says_so() {
    let env = Fake::new(&[("OS_AK", "a"), ("OS_SK", "s3cret"), ("OS_PROJECT_ID", "p")]);
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    assert_error(&error, ErrorKind::Config, "the feature `signing` is not enabled");
}

#[test]
fn explicit_values_override_the_environment() {
    let (ours, other) = (start(|builder| builder), start(|builder| builder));
    let env = set(login(&other), "HUAWEICLOUD_SDK_REGION_EVS_EU_NL", "http://127.0.0.1:9/evs");
    let env = env.file(
        "/srv/here/clouds.json",
        r#"{"clouds": {"one": {"auth": {"token": "t1", "project_id": "p1"}, "region_name": "eu-de"}}}"#,
    );
    let connect = || SessionBuilder::new().service(Service::Evs).region("eu-nl");
    let whole = connect().endpoint(ours.endpoint_url()).project_id(ours.project_id()).token(ours.token());
    let session = whole.connect_in(&env).unwrap();
    assert_eq!(session.info().source(), "SessionBuilder::token, and environment (OS_*)");
    assert_eq!(
        (session.info().method(), session.info().user(), session.info().expires_at()),
        ("token", None, None)
    );
    assert_eq!((session.info().project_id(), session.info().project_name()), (ours.project_id(), None));
    assert_eq!((session.info().region(), session.info().service()), (Some("eu-nl"), Service::Evs));
    assert_eq!(
        (session.info().endpoint_url(), session.info().endpoint_source()),
        (ours.endpoint_url(), "SessionBuilder::endpoint")
    );
    asks_for_a_job(&session, &ours);
    assert_eq!((ours.login_count(), other.requests().len()), (0, 0));

    #[cfg(feature = "yaml")]
    {
        let cloud = connect().cloud("one").connect_in(&env).unwrap();
        assert_eq!((cloud.info().source(), cloud.info().project_id()), ("clouds.json, cloud one", "p1"));
        assert_eq!(
            (cloud.info().endpoint_url(), cloud.info().endpoint_source()),
            ("http://127.0.0.1:9/evs", "HUAWEICLOUD_SDK_REGION_EVS_EU_NL")
        );
    }
}

#[test]
fn the_configuration_reaches_the_client() {
    let simulator = start(|builder| builder);
    let env = login(&simulator);
    let config = ClientConfig::new()
        .max_polls_per_second(f64::INFINITY)
        .request_timeout(Duration::from_secs(7))
        .no_proxy();
    let connect = SessionBuilder::new().config(config);
    let client = connect.connect_in(&env).unwrap().into_client();
    assert_eq!(client.request_timeout(), Duration::from_secs(7));
    assert!((0..100).all(|_| client.try_acquire(Duration::ZERO).is_ok()));
}
