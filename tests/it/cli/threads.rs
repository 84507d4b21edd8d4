//! A system that starts no more threads, or only a few.
//!
//! `RUST_MIN_STACK` makes each thread of the command ask for so much memory that a limit of its address space allows a
//! known number of them. Unlike a limit of processes, that holds for root too.

use std::process::Command;
use std::time::{Duration, Instant};

use cloudjob::simulator::{JobScript, Simulator};
use serde_json::json;

use super::run::{Ended, bare, polling, run, run_with, takes};

/// The command, with room for so many threads of a gigabyte.
fn with_threads(command: &Command, threads: u32) -> Command {
    let mut shell = Command::new("/bin/sh");
    let room = (u64::from(threads) * 1024 + 512) * 1024;
    shell.args(["-c", &format!("ulimit -v {room} && exec \"$@\""), "sh"]).arg(command.get_program());
    shell.args(command.get_args()).env_clear().env("RUST_MIN_STACK", (1_u64 << 30).to_string());
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    shell
}

fn check(ended: &Ended, begun: Instant, threads: u32) {
    let took = begun.elapsed();
    eprintln!("{threads} threads: exit code {:?} after {took:?}: {}", ended.code, ended.err);
    assert!(!ended.err.contains("panicked"), "{threads}: {}", ended.err);
    assert!(took < Duration::from_secs(5), "{threads}: {took:?}");
}

#[test]
fn with_few_threads_a_wait_goes_on_or_says_why_not() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..3).map(|_| simulator.start_job(takes(200)).to_string()).collect();
    let arguments: Vec<_> = ["wait", "--timeout", "4s", "-o", "json", "-q"]
        .into_iter()
        .chain(ids.iter().map(String::as_str))
        .collect();
    let mut codes = Vec::new();
    for threads in 0..8 {
        let begun = Instant::now();
        let ended = run(with_threads(&polling(&simulator, &arguments), threads));
        check(&ended, begun, threads);
        let objects = ended.objects();
        assert_eq!(objects.len(), ids.len(), "{threads}: {} {}", ended.out, ended.err);
        if ended.code != Some(0) {
            assert_eq!(ended.code, Some(5), "{threads}: {}", ended.err);
            assert!(ended.err.contains("no thread can be started"), "{threads}: {}", ended.err);
            assert!(
                ended.err.contains("raise the limit of processes and threads (`ulimit -u`)"),
                "{threads}: {}",
                ended.err
            );
            assert!(objects.iter().all(|object| object["outcome"] == json!("no_answer")), "{}", ended.out);
        }
        codes.push(ended.code);
    }
    // Those for the signals, the output and the wait itself are started first.
    assert_eq!((codes[0], codes[7]), (Some(5), Some(0)), "{codes:?}");
    let first = codes.iter().position(|code| *code == Some(0)).unwrap();
    assert!(first <= 4 && codes[first..].iter().all(|code| *code == Some(0)), "{codes:?}");
}

#[test]
fn without_threads_the_deadline_and_the_input_are_kept() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").never_ends()).to_string();
    for threads in 0..8 {
        let begun = Instant::now();
        let command = polling(&simulator, &["wait", &id, "--timeout", "1s", "-q"]);
        let ended = run(with_threads(&command, threads));
        check(&ended, begun, threads);
        assert!(matches!(ended.code, Some(3 | 5)), "{threads}: {:?} {}", ended.code, ended.err);
        let begun = Instant::now();
        let ended = run_with(
            with_threads(&polling(&simulator, &["wait", "-", "--timeout", "1s"]), threads),
            &format!("{id}\n"),
        );
        check(&ended, begun, threads);
        assert!(matches!(ended.code, Some(3 | 5)), "{threads}: {:?} {}", ended.code, ended.err);
    }
}

#[test]
fn without_threads_a_simulated_service_says_what_to_do() {
    for arguments in [["simulate"], ["demo"]] {
        let ended = run(with_threads(&bare(&arguments), 0));
        assert_eq!(ended.code, Some(5), "{}", ended.err);
        assert!(ended.err.contains("no thread can be started"), "{}", ended.err);
        assert!(
            ended.err.contains("raise the limit of processes and threads (`ulimit -u`)"),
            "{}",
            ended.err
        );
    }
}
