//! Clients made of the real environment of a process, against the simulator.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

use cloudjob::simulator::{JobScript, Simulator, SimulatorBuilder};
use cloudjob::{Client, ErrorKind, JobId, Service, SessionBuilder};

/// Set for the process that the tests below start: the job it is to look at.
const JOB: &str = "CLOUDJOB_TEST_JOB";

/// Says what it found to the test that started it, in a process with the variables of that test and no others.
#[test]
fn report_of_a_child_process() {
    let Ok(id) = std::env::var(JOB) else { return };
    let mut session = match SessionBuilder::new().connect() {
        Ok(session) => session,
        Err(error) => return println!("TOLD {:?} {error}", error.kind()),
    };
    session.verify().unwrap();
    let job = Client::from_env().unwrap().job(&JobId::new(id).unwrap()).unwrap();
    println!(
        "TOLD {} | {} | {} | {}",
        session.info().source(),
        session.info().method(),
        session.info().endpoint_source(),
        job.status()
    );
}

/// What a process with these variables and this home folder says.
fn told(home: &Path, id: &JobId, variables: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "session::report_of_a_child_process", "--nocapture"])
        .env_clear()
        .envs(variables.iter().copied())
        .env("HOME", home)
        .env("USERPROFILE", home)
        .env(JOB, id.as_str())
        .current_dir(home)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    // Whatever stands between the parts of a path.
    let text = text.replace(std::path::MAIN_SEPARATOR, "/");
    let begin = text.find("TOLD ").unwrap_or_else(|| panic!("nothing was told: {text}")) + "TOLD ".len();
    text[begin..].lines().next().unwrap_or_default().to_owned()
}

/// A folder of this test's own, gone with it.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cloudjob-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> (Simulator, JobId) {
    let simulator =
        change(Simulator::builder().project_name("eu-de").user("demo", "s3cret")).start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").never_ends());
    (simulator, id)
}

#[test]
fn a_token_of_the_environment_makes_a_client() {
    let (home, (simulator, id)) = (Home::new("token"), start(|builder| builder));
    let said = told(
        &home.0,
        &id,
        &[
            ("OS_TOKEN", simulator.token()),
            ("OS_PROJECT_ID", simulator.project_id()),
            ("OS_REGION_NAME", "eu-de"),
            ("HUAWEICLOUD_SDK_REGION_ECS_EU_DE", simulator.endpoint_url()),
        ],
    );
    assert_eq!(said, "environment (OS_*) | token | HUAWEICLOUD_SDK_REGION_ECS_EU_DE | RUNNING");
}

#[test]
fn a_password_of_the_environment_makes_a_client() {
    let (home, (simulator, id)) = (Home::new("password"), start(|builder| builder));
    let variables = |password| {
        [
            ("OS_AUTH_URL", simulator.endpoint_url()),
            ("OS_USERNAME", "demo"),
            ("OS_PASSWORD", password),
            ("OS_USER_DOMAIN_NAME", simulator.domain_name()),
            ("OS_PROJECT_NAME", "eu-de"),
        ]
    };
    let said = told(&home.0, &id, &variables("s3cret"));
    assert_eq!(said, "environment (OS_*) | password | service catalog | RUNNING");
    let before = simulator.requests().len();
    let said = told(&home.0, &id, &variables("wrong"));
    assert!(said.starts_with("Refused login rejected: HTTP 401"), "{said}");
    assert_eq!(simulator.requests().len(), before + 1);
}

#[cfg(feature = "yaml")]
#[test]
fn files_in_the_home_folder_make_a_client() {
    let (home, (simulator, id)) = (Home::new("files"), start(|builder| builder));
    let (root, domain) = (simulator.endpoint_url(), simulator.domain_name());
    home.write(
        ".config/openstack/clouds.json",
        &format!(
            r#"{{"clouds": {{"otc": {{"region_name": "eu-de", "auth": {{"auth_url": "{root}", "username": "demo",
                "password": "s3cret", "user_domain_name": "{domain}", "project_name": "eu-de"}}}}}}}}"#
        ),
    );
    let said = told(&home.0, &id, &[("OS_CLOUD", "otc")]);
    let source = ".config/openstack/clouds.json, cloud otc";
    assert!(said.ends_with(&format!("{source} | password | service catalog | RUNNING")), "{said}");
    let said = told(&home.0, &id, &[("OS_CLOUD", "other")]);
    assert!(said.starts_with("Config ") && said.ends_with("choose one of otc"), "{said}");
}

#[cfg(feature = "signing")]
#[test]
fn a_credentials_file_with_an_access_key_makes_a_client() {
    let (home, (simulator, id)) = (Home::new("key"), start(|builder| builder.access_key("AKID", "s3cret")));
    let root = simulator.endpoint_url();
    home.write(
        ".huaweicloud/credentials",
        &format!("[basic]\nak = AKID\nsk = s3cret\niam_endpoint = {root}\n"),
    );
    let said = told(&home.0, &id, &[("HUAWEICLOUD_SDK_REGION_ECS_EU_DE", root), ("OS_REGION_NAME", "eu-de")]);
    assert!(
        said.contains(".huaweicloud/credentials | access key | HUAWEICLOUD_SDK_REGION_ECS_EU_DE"),
        "{said}"
    );
    assert!(said.ends_with("| RUNNING"), "{said}");
}

#[test]
fn an_empty_environment_says_what_to_set() {
    let (home, (simulator, id)) = (Home::new("empty"), start(|builder| builder));
    let said = told(&home.0, &id, &[]);
    assert!(said.starts_with("Config no credentials were found; set OS_TOKEN"), "{said}");
    assert_eq!(simulator.requests().len(), 0);
}

#[test]
fn a_proxy_that_cannot_be_used_is_told_before_anything_is_asked() {
    let (home, (simulator, id)) = (Home::new("proxy"), start(|builder| builder));
    let variables = [
        ("OS_AUTH_URL", simulator.endpoint_url()),
        ("OS_USERNAME", "demo"),
        ("OS_PASSWORD", "s3cret"),
        ("OS_USER_DOMAIN_NAME", simulator.domain_name()),
        ("OS_PROJECT_NAME", "eu-de"),
        ("HUAWEICLOUD_SDK_REGION_ECS_EU_DE", "https://ecs.example.com"),
        ("https_proxy", "socks5://me:hush@proxy.example.com"),
    ];
    let said = told(&home.0, &id, &variables);
    assert!(said.starts_with("Config ") && !said.contains("hush"), "{said}");
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    assert!(said.contains("the proxy in https_proxy is of the type socks5"), "{said}");
    assert_eq!(simulator.requests().len(), 0);
}

#[test]
fn what_a_program_gives_needs_no_environment() {
    let (simulator, id) = start(|builder| builder);
    let mut session = SessionBuilder::new()
        .service(Service::Evs)
        .endpoint(simulator.endpoint_url())
        .project_id(simulator.project_id())
        .token(simulator.token())
        .connect()
        .unwrap();
    session.verify().unwrap();
    assert_eq!(session.info().endpoint_source(), "SessionBuilder::endpoint");
    assert!(session.client().job(&id).is_ok());
    let error =
        SessionBuilder::new().endpoint("ftp://example.com").project_id("p").token("t").connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
