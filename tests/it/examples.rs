//! The programs in `examples/`, run as processes against the simulator.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use cloudjob::JobId;
use cloudjob::simulator::{Fault, JobScript, Simulator};

/// The features of this test binary, so that the examples are built with what is built already.
const FEATURES: [(&str, bool); 6] = [
    ("rustls", cfg!(feature = "rustls")),
    ("signing", cfg!(feature = "signing")),
    ("simulator", cfg!(feature = "simulator")),
    ("yaml", cfg!(feature = "yaml")),
    ("log", cfg!(feature = "log")),
    ("cli", cfg!(feature = "cli")),
];

/// Variables that `Client::from_env` reads, for a simulator.
pub(crate) fn environment(simulator: &Simulator) -> [(&'static str, String); 4] {
    [
        ("OS_TOKEN", simulator.token().to_owned()),
        ("OS_PROJECT_ID", simulator.project_id().to_owned()),
        ("OS_REGION_NAME", "eu-de".to_owned()),
        ("HUAWEICLOUD_SDK_REGION_ECS_EU_DE", simulator.endpoint_url().to_owned()),
    ]
}

/// The folder of the built examples. `cargo test --test it` does not build them itself.
fn examples() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // target[/TRIPLE]/debug/deps/it-0123
        let profile = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
        // Set where they are built already and cargo cannot be run, as under wine.
        if std::env::var_os("CLOUDJOB_EXAMPLES_BUILT").is_some() {
            return profile.join("examples");
        }
        let parent = profile.parent().unwrap();
        let triple =
            parent.file_name().and_then(|name| name.to_str()).filter(|name| name.matches('-').count() > 1);
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--examples", "--no-default-features", "--manifest-path"]);
        cargo.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        let features =
            FEATURES.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        cargo.args(["--features", &features, "--target-dir"]);
        match triple {
            Some(triple) => cargo.arg(parent.parent().unwrap()).args(["--target", triple]),
            None => cargo.arg(parent),
        };
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
        profile.join("examples")
    })
}

fn run(name: &str, simulator: &Simulator, arguments: &[&str]) -> Output {
    let output = Command::new(examples().join(name))
        .args(arguments)
        .env_clear()
        .envs(environment(simulator))
        .output()
        .unwrap();
    eprintln!("{}{}", printed(&output), String::from_utf8_lossy(&output.stderr));
    output
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn ended(simulator: &Simulator, script: JobScript) -> JobId {
    simulator.start_job(script.duration(Duration::ZERO))
}

#[test]
fn wait_prints_the_created_ids() {
    let simulator = Simulator::start().unwrap();
    let id = ended(&simulator, JobScript::new("createServer").sub_jobs(2));
    let output = run("wait", &simulator, &[id.as_str()]);
    assert!(output.status.success());
    assert_eq!(printed(&output).lines().count(), 2);
}

#[test]
fn wait_many_reports_each_job() {
    let simulator = Simulator::start().unwrap();
    let well = ended(&simulator, JobScript::new("attachVolume"));
    let failed = ended(&simulator, JobScript::new("attachVolume").error("Ecs.0319", "no host left"));
    let output = run("wait_many", &simulator, &[well.as_str(), failed.as_str()]);
    assert!(!output.status.success());
    assert!(printed(&output).contains(well.as_str()) && printed(&output).contains("SUCCESS"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no host left"));
}

#[test]
fn clean_up_deletes_what_a_failed_job_created() {
    let simulator = Simulator::start().unwrap();
    let id = ended(&simulator, JobScript::new("createServer").sub_jobs(3).failing_sub_jobs(1));
    let output = run("clean_up", &simulator, &[id.as_str()]);
    assert!(!output.status.success());
    assert_eq!(printed(&output).matches("delete ").count(), 2);
}

#[test]
fn own_loop_keeps_the_rules_of_the_poller() {
    let simulator = Simulator::start().unwrap();
    let arguments =
        |id: &JobId| [simulator.endpoint_url().to_owned(), simulator.project_id().to_owned(), id.to_string()];
    let id = ended(&simulator, JobScript::new("createServer"));
    simulator.inject_faults([Fault::Html502]);
    let output = run("own_loop", &simulator, &arguments(&id).each_ref().map(String::as_str));
    assert!(output.status.success());
    assert_eq!(simulator.poll_count(&id), 2);
    let redirect = Fault::Response(302, vec![("Location".into(), "http://127.0.0.2/".into())], Vec::new());
    simulator.inject_faults([redirect]);
    let output = run("own_loop", &simulator, &arguments(&id).each_ref().map(String::as_str));
    assert!(!output.status.success(), "redirects are not followed");
}

#[test]
fn async_guard_cancels_the_wait_when_it_is_dropped() {
    let simulator = Simulator::start().unwrap();
    let id = ended(&simulator, JobScript::new("createServer"));
    let output = run("async_guard", &simulator, &[id.as_str()]);
    assert!(output.status.success() && printed(&output).contains("SUCCESS"));
    let endless = simulator.start_job(JobScript::new("createServer").never_ends());
    let begun = Instant::now();
    let output = run("async_guard", &simulator, &[endless.as_str(), "0.5"]);
    assert!(output.status.success() && printed(&output).contains("gave up"));
    assert!(begun.elapsed() < Duration::from_secs(20), "the program ended before its wait");
}
