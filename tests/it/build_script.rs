//! A package whose build script waits for a job: it is built for real, with the default features.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;
use std::time::Duration;

use cloudjob::JobId;
use cloudjob::simulator::{JobScript, Simulator};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/build-script")
}

/// Cargo on the fixture, without the network, and with a target folder that the next run finds warm.
fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([command, "--offline", "--manifest-path"])
        .arg(fixture().join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_MANIFEST_DIR")).join("target/build-script"))
        .env_remove("RUSTFLAGS")
        .env("CARGO_TERM_COLOR", "never");
    cargo
}

fn text(output: &Output) -> (String, String) {
    let of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (of(&output.stdout), of(&output.stderr))
}

/// The lock file is that of the project, so that the fixture builds with the versions that are tested.
fn share_the_lock_file() {
    static SHARED: Once = Once::new();
    SHARED.call_once(|| {
        let locked = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
        std::fs::copy(locked, fixture().join("Cargo.lock")).unwrap();
    });
}

fn build(simulator: &Simulator, id: &JobId) -> Command {
    let mut build = cargo("run");
    build
        .env("JOB_URL", simulator.endpoint_url())
        .env("JOB_PROJECT_ID", simulator.project_id())
        .env("JOB_TOKEN", simulator.token())
        .env("JOB_ID", id.as_str());
    build
}

#[test]
fn a_build_script_waits_for_a_job_tells_how_it_goes_and_compiles_the_result_in() {
    share_the_lock_file();
    let simulator = Simulator::start().unwrap();
    let hour = Duration::from_secs(3600);
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(2).duration(hour));
    let mut command = build(&simulator, &id);
    let cargo = std::thread::spawn(move || command.output().unwrap());
    // The hour is over when the build script has seen the job running, however long the build takes until then.
    while simulator.poll_count(&id) < 2 && !cargo.is_finished() {
        std::thread::sleep(Duration::from_millis(20));
    }
    simulator.advance(hour);
    let output = cargo.join().unwrap();
    let (printed, told) = text(&output);
    assert!(output.status.success(), "{told}");
    let warnings: Vec<&str> = told.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert!(
        warnings.iter().any(|line| line.contains("createServer") && line.contains("RUNNING, ")),
        "{told}"
    );
    assert!(warnings.iter().any(|line| line.contains("SUCCESS, 2 of 2 sub-jobs done")), "{told}");
    let servers: BTreeSet<&str> = printed.lines().collect();
    assert_eq!(servers.len(), 2, "{printed}");

    let failing = simulator
        .start_job(JobScript::new("createServer").sub_jobs(2).failing_sub_jobs(1).duration(Duration::ZERO));
    let output = build(&simulator, &failing).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).1.contains("Quota exceeded"), "{}", text(&output).1);
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
fn the_recipe_for_build_scripts_is_the_one_that_is_built() {
    let recipes = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes.md");
    let script = std::fs::read_to_string(fixture().join("build.rs")).unwrap();
    assert!(std::fs::read_to_string(recipes).unwrap().contains(&script));
}
