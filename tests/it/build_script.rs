//! The package `examples/build_script`, whose build script waits for a job: it is built for real, with the default
//! features.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;
use std::time::Duration;

use cloudjob::JobId;
use cloudjob::simulator::{JobScript, Simulator};

use crate::examples::environment;

fn package() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/build_script")
}

/// Cargo on the package, without the network, and with a target folder that the next run can use again.
fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([command, "--offline", "--manifest-path"])
        .arg(package().join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_MANIFEST_DIR")).join("target/build-script"))
        .env_remove("RUSTFLAGS")
        .env_remove("JOB_ID")
        .env("CARGO_TERM_COLOR", "never");
    cargo
}

fn text(output: &Output) -> (String, String) {
    let of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (of(&output.stdout), of(&output.stderr))
}

/// The lock file is that of the project, so that the package is built with the tested versions.
fn share_the_lock_file() {
    static SHARED: Once = Once::new();
    SHARED.call_once(|| {
        let locked = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
        std::fs::copy(locked, package().join("Cargo.lock")).unwrap();
    });
}

/// Builds and runs the package, whose output are the ids of the servers.
fn build(simulator: &Simulator, id: &JobId) -> Command {
    let mut build = cargo("run");
    build.envs(environment(simulator)).env("JOB_ID", id.as_str());
    build
}

#[test]
fn a_build_script_waits_for_a_job_and_stores_the_result() {
    share_the_lock_file();
    let simulator = Simulator::start().unwrap();
    let hour = Duration::from_secs(3600);
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(2).duration(hour));
    let mut command = build(&simulator, &id);
    command.arg("-vv");
    let cargo_process = std::thread::spawn(move || command.output().unwrap());
    // The hour ends when the build script has polled the job, however long the build takes until then.
    while simulator.poll_count(&id) < 2 && !cargo_process.is_finished() {
        std::thread::sleep(Duration::from_millis(20));
    }
    simulator.advance(hour);
    let (printed, shown) = text(&cargo_process.join().unwrap());
    assert!(shown.contains("RUNNING, ") && shown.contains("SUCCESS, 2 of 2 sub-jobs done"), "{shown}");
    let servers: BTreeSet<&str> = printed.lines().filter(|line| line.len() == 36).collect();
    assert_eq!(servers.len(), 2, "{printed}{shown}");

    let failing = simulator
        .start_job(JobScript::new("createServer").sub_jobs(2).failing_sub_jobs(1).duration(Duration::ZERO));
    let output = build(&simulator, &failing).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).1.contains("Quota exceeded"), "{}", text(&output).1);

    let unset = cargo("run").envs(environment(&simulator)).output().unwrap();
    assert!(!unset.status.success() && text(&unset).1.contains("JOB_ID is needed"), "{}", text(&unset).1);

    // Without the service, with another token: the stored result of the first job is used.
    let mut offline = build(&simulator, &id);
    offline.env("OS_TOKEN", "of-another-day");
    drop(simulator);
    let (printed, shown) = text(&offline.output().unwrap());
    assert_eq!(printed.lines().collect::<BTreeSet<_>>(), servers, "{shown}");
}

#[test]
fn a_build_dependency_brings_42_crates_at_the_most() {
    share_the_lock_file();
    let (crates, problem) =
        text(&cargo("tree").args(["-e", "normal,build", "--prefix", "none"]).output().unwrap());
    let crates: BTreeSet<&str> =
        crates.lines().filter(|line| !line.is_empty()).map(|line| line.trim_end_matches(" (*)")).collect();
    assert!(crates.iter().any(|line| line.starts_with("cloudjob ")), "{problem}");
    // One of them is the package itself.
    assert!(crates.len() <= 42 + 1, "{} crates: {crates:#?}", crates.len());
}

#[test]
fn the_recipe_for_build_scripts_is_the_example() {
    let recipes = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes.md");
    let script = std::fs::read_to_string(package().join("build.rs")).unwrap();
    assert!(std::fs::read_to_string(recipes).unwrap().contains(&script));
}
