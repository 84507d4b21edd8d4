//! Runs the command with nothing in its environment but what a test puts there.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use cloudjob::simulator::{JobScript, Simulator};
use serde_json::Value;

/// What is left when the command has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ended {
    /// The lines of standard output, each one JSON object.
    pub(super) fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

/// The command alone.
pub(super) fn bare(arguments: &[&str]) -> Command {
    #[cfg(unix)]
    heed_signals();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudjob"));
    command.args(arguments).env_clear().current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.env("HOME", "/nonexistent").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Gives the processes that are started the default action of signals, although a background job ignores SIGINT: what has
/// a handler here is reset at their start, what is ignored stays ignored.
#[cfg(unix)]
fn heed_signals() {
    use std::sync::Once;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
        let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
        for signal in [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 1)
        {
            signal_hook::flag::register(signal, Default::default()).unwrap();
        }
    });
}

/// The command with all it takes to ask the simulator.
pub(super) fn polling(simulator: &Simulator, arguments: &[&str]) -> Command {
    let mut command = bare(arguments);
    command
        .args(["--endpoint", simulator.endpoint_url()])
        .env("OS_TOKEN", simulator.token())
        .env("OS_PROJECT_ID", simulator.project_id());
    command
}

/// Runs it to its end.
pub(super) fn run(mut command: Command) -> Ended {
    finish(command.spawn().unwrap())
}

/// Runs it to its end with this on standard input.
pub(super) fn run_with(mut command: Command, input: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_owned();
    // It may end without having read everything.
    let writer = thread::spawn(move || drop(pipe.write_all(input.as_bytes())));
    let ended = finish(child);
    writer.join().unwrap();
    ended
}

pub(super) fn finish(mut child: Child) -> Ended {
    let collect = |pipe: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut text = String::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_string(&mut text).unwrap();
            }
            text
        })
    };
    let out = collect(child.stdout.take().map(|pipe| Box::new(pipe) as _));
    let err = collect(child.stderr.take().map(|pipe| Box::new(pipe) as _));
    let code = child.wait().unwrap().code();
    Ended { code, out: out.join().unwrap(), err: err.join().unwrap() }
}

/// A job of this many milliseconds.
pub(super) fn takes(millis: u64) -> JobScript {
    JobScript::new("createServer").duration(Duration::from_millis(millis))
}

/// An id no service knows.
pub(super) const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";
