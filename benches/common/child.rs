//! The bench's own program as another process, with a part of its own to play.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Once, OnceLock};

/// The command that starts this program in the part `role`.
pub(crate) fn again(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program's path"));
    command.env(ROLE, role);
    command
}

/// The part this process has to play; none if it is the bench itself.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// What the process, having done its part, says as its last line; `Err` with its own words if it failed.
pub(crate) fn last_line(mut command: Command) -> Result<String, String> {
    let Output { status, stdout, stderr } = command.output().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(String::from_utf8_lossy(&stderr).trim().lines().last().unwrap_or_default().to_owned());
    }
    let text = String::from_utf8_lossy(&stdout);
    Ok(text.lines().last().unwrap_or_default().to_owned())
}

/// The same of a process that reads `input`.
pub(crate) fn last_line_given(mut command: Command, input: &[u8]) -> Result<String, String> {
    let (file, mut writer) = std::io::pipe().map_err(|error| error.to_string())?;
    let input = input.to_owned();
    std::thread::spawn(move || std::io::Write::write_all(&mut writer, &input));
    command.stdin(file);
    last_line(command)
}

/// The most memory this process has had so far, in bytes.
pub(crate) fn peak_memory() -> u64 {
    peak_memory_of("self")
}

/// The same of another process.
pub(crate) fn peak_memory_of(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Starts this program once more with all its threads, and its children, on one core; comes back where that is so
/// already, or cannot be.
pub(crate) fn pin_to_one_core() {
    if std::env::var_os(PINNED).is_some() {
        return;
    }
    let program = std::env::current_exe().expect("this program's path");
    let status = Command::new("taskset")
        .args(["-c", "0"])
        .arg(program)
        .args(std::env::args_os().skip(1))
        .env(PINNED, "1")
        .status();
    match status {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => println!("NOT PINNED to one core (taskset: {error}): wake-ups may drown the ratios"),
    }
}

/// The program of a peer. A full run builds the peers first if they are missing; a quick one does without.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    static BUILT: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    let program = folder.join("target/release").join(name);
    if !program.is_file() && !super::mode::is_quick() {
        BUILT.call_once(|| {
            println!("building benches/peers, once");
            let features =
                ["build", "-q", "--release", "--features", "ours,plain-ureq,blocking,async,decoders"];
            match Command::new(env!("CARGO")).args(features).current_dir(&folder).status() {
                Ok(status) if status.success() => {}
                other => println!("NOT BUILT: benches/peers: {other:?}"),
            }
        });
    }
    program.is_file().then_some(program)
}

/// The release build of the command `cloudjob`. A quick run does without.
pub(crate) fn command_line() -> Result<PathBuf, String> {
    static BUILT: OnceLock<bool> = OnceLock::new();
    if super::mode::is_quick() {
        return Err("it needs a release build of the command: only in a full run".into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap_or(root).to_owned();
    let built = BUILT.get_or_init(|| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "-q", "--release", "--features", "cli", "--bin", "cloudjob"]);
        command.current_dir(root).env("CARGO_TARGET_DIR", &target);
        command.status().is_ok_and(|status| status.success())
    });
    built.then(|| target.join("release/cloudjob")).ok_or_else(|| "the command does not build".into())
}

/// The rows that a test of the library prints: what, figure, target, note. For what is not public.
pub(crate) fn rows_of_test(test: &str) -> Result<Vec<[String; 4]>, String> {
    // The features are those of the tests in `.ci/run`, which have built it.
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "-q", "--features", "cli", "--lib", "--", "--nocapture", "--exact", test]);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("cargo test --features cli --lib {test}: {}", output.status));
    }
    // The harness can print a dot for a passed test in front of a row.
    let text = String::from_utf8_lossy(&output.stdout);
    let cells = |line: &str| {
        let (_, row) = line.split_once("| ")?;
        let cells: Vec<String> =
            row.trim_end_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        cells.try_into().ok()
    };
    let rows: Vec<[String; 4]> = text.lines().filter_map(cells).collect();
    if rows.is_empty() { Err(format!("the test {test} printed no row")) } else { Ok(rows) }
}

const ROLE: &str = "CLOUDJOB_BENCH_ROLE";
const PINNED: &str = "CLOUDJOB_BENCH_PINNED";
