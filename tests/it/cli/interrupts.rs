//! Ctrl-C and SIGTERM.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cloudjob::simulator::{Fault, Simulator};
use serde_json::json;

use super::run::{Ended, bare, finish, polling, run, takes};

/// A poll would take longer than that to end by itself.
const SOON: Duration = Duration::from_secs(10);

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Sends a signal once a line has come on standard error.
fn interrupted(mut command: Command, name: &str) -> Ended {
    let mut child = command.spawn().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut before = String::new();
    err.read_line(&mut before).unwrap();
    let begun = Instant::now();
    signal(&child, name);
    err.read_to_string(&mut before).unwrap();
    let ended = finish(child);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    Ended { err: before, ..ended }
}

#[test]
fn an_interrupt_reports_every_pending_job_with_its_id() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..3).map(|_| simulator.start_job(takes(0).never_ends()).to_string()).collect();
    for name in ["-INT", "-TERM"] {
        let mut command = polling(&simulator, &["wait", "--output", "json"]);
        command.args(&ids);
        let ended = interrupted(command, name);
        assert_eq!(ended.code, Some(130), "{}", ended.err);
        let objects = ended.objects();
        assert_eq!(objects.len(), 3);
        for object in &objects {
            assert_eq!(
                (&object["outcome"], &object["error"]["kind"]),
                (&json!("cancelled"), &json!("cancelled"))
            );
        }
        assert!(ids.iter().all(|id| ended.err.lines().any(|line| line == id)), "{}", ended.err);
    }
}

#[test]
fn the_ids_of_unfinished_jobs_can_be_used_as_they_are() {
    let simulator = Simulator::start().unwrap();
    let server = simulator.start_job(takes(0).never_ends()).to_string();
    let volume = simulator.start_job(takes(0).never_ends()).to_string();
    let other = format!("evs:{volume}");
    for (flags, first) in [(vec![], server.clone()), (vec!["--service", "sdrs"], format!("ecs:{server}"))] {
        let mut command = polling(&simulator, &["wait", &format!("ecs:{server}"), &other]);
        command.args(&flags);
        let ended = interrupted(command, "-INT");
        let lines: Vec<_> = ended.err.lines().rev().take(3).collect();
        assert!(lines[2].starts_with("hint: pass these ids to `cloudjob wait`"), "{}", ended.err);
        assert_eq!([lines[1], lines[0]], [first.as_str(), &other], "{}", ended.err);
    }
    // Nothing else is said with `--quiet`, so there is no line to wait for.
    let child = polling(&simulator, &["wait", &server, &other, "-q"]).spawn().unwrap();
    let before = simulator.requests().len();
    while simulator.requests().len() < before + 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(&child, "-INT");
    let ended = finish(child);
    let expected = format!(
        "error: interrupted with 2 jobs not ended\nhint: to wait again, run `cloudjob wait {server} {other}`\n"
    );
    assert_eq!((ended.code, ended.out.as_str(), ended.err), (Some(130), "", expected));

    let ended = run(polling(&simulator, &["wait", &server, &other, "-q", "--timeout", "0s"]));
    for id in [&server, &other] {
        assert!(ended.err.contains(&format!("; run `cloudjob wait {id}`\n")), "{}", ended.err);
    }
}

#[test]
fn a_hanging_poll_does_not_delay_an_interrupt() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends()).to_string();
    simulator.inject_faults([Fault::Pass, Fault::Hang(Duration::from_secs(60))]);
    let ended = interrupted(polling(&simulator, &["wait", &id, "--output", "json"]), "-INT");
    assert_eq!((ended.code, ended.objects().len()), (Some(130), 1));
}

#[test]
fn an_interrupt_ends_a_wait_for_input() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    // Nothing has come yet: there is no line to wait for, so the first request is.
    let mut child = polling(&simulator, &["wait", &id, "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take().unwrap();
    while simulator.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    signal(&child, "-INT");
    let ended = finish(child);
    assert!(begun.elapsed() < SOON);
    assert_eq!(ended.code, Some(130), "{}", ended.err);
    drop(pipe);
}

#[test]
fn an_interrupt_ends_show() {
    let simulator = Simulator::start().unwrap();
    let ids = [simulator.start_job(takes(0)).to_string(), simulator.start_job(takes(0)).to_string()];
    simulator.inject_faults([Fault::Hang(Duration::from_secs(60))]);
    let child = polling(&simulator, &["show", &ids[0], &ids[1], "--output", "json"]).spawn().unwrap();
    while simulator.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    signal(&child, "-INT");
    let ended = finish(child);
    assert!(begun.elapsed() < SOON);
    assert_eq!(ended.code, Some(130));
    let outcomes: Vec<_> = ended.objects().iter().map(|object| object["outcome"].clone()).collect();
    assert_eq!(outcomes, ["cancelled", "cancelled"]);
}

#[test]
fn a_full_pipe_does_not_delay_an_interrupt() {
    let simulator = Simulator::start().unwrap();
    let body = json!({"status": "SUCCESS", "entities": {"note": "x".repeat(300_000)}}).to_string();
    let id = simulator.start_job(takes(0).body(body)).to_string();
    let mut child = polling(&simulator, &["wait", &id, "--output", "json", "-v"]).spawn().unwrap();
    let out = child.stdout.take();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    // It says so before it writes the result.
    err.read_line(&mut String::new()).unwrap();
    let begun = Instant::now();
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < SOON);
    drop(out);
}

#[test]
fn very_many_open_jobs_do_not_hold_it_up() {
    const JOBS: usize = 20_000;
    let simulator = Simulator::start().unwrap();
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/very-many-ids.txt");
    std::fs::write(file, (0..JOBS).map(|number| format!("{number:032x}\n")).collect::<String>()).unwrap();
    let file = format!("@{file}");
    for (is_read, quiet) in [(true, false), (true, true), (false, false)] {
        let before = simulator.requests().len();
        let mut command = polling(&simulator, &["wait", &file, "-o", "json"]);
        command.args(quiet.then_some("-q"));
        let mut child = command.spawn().unwrap();
        while simulator.requests().len() == before {
            std::thread::sleep(Duration::from_millis(5));
        }
        let begun = Instant::now();
        signal(&child, "-INT");
        let took = if is_read {
            let ended = finish(child);
            let took = begun.elapsed();
            let lines: std::collections::HashSet<_> = ended.out.lines().collect();
            assert_eq!((ended.code, lines.len()), (Some(130), JOBS), "{:.500}", ended.err);
            let ids = ended.err.lines().filter(|line| line.len() == 32 && line.starts_with('0')).count();
            assert_eq!(ids, if quiet { 0 } else { JOBS }, "{:.500}", ended.err);
            took
        } else {
            assert_eq!(child.wait().unwrap().code(), Some(130));
            begun.elapsed()
        };
        eprintln!("read: {is_read}, quiet: {quiet}: {took:?}");
        // A build without optimizations on a busy machine: a tenth of that elsewhere.
        assert!(took < Duration::from_secs(3), "read: {is_read}, quiet: {quiet}: {took:?}");
    }
}

#[test]
fn an_interrupted_demo_prints_no_ids() {
    let ended = interrupted(bare(&["demo"]), "-INT");
    assert_eq!((ended.code, ended.out.as_str()), (Some(130), ""));
    assert!(!ended.err.contains("in the cloud"), "{}", ended.err);
}

#[test]
fn the_simulator_runs_until_it_is_interrupted() {
    let mut child = bare(&["simulate", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut value = |name: &str| {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        line.trim_end().strip_prefix(name).unwrap_or_else(|| panic!("{name}: {line}")).to_owned()
    };
    let (endpoint, project, token) = (value("endpoint="), value("project_id="), value("token="));
    let mut login = bare(&["login", "--endpoint", &endpoint, "--output", "json"]);
    let login = run({
        login.env("OS_TOKEN", &token).env("OS_PROJECT_ID", &project);
        login
    });
    assert_eq!(login.code, Some(0), "{}", login.err);
    signal(&child, "-INT");
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!((finish(child).code, rest.as_str()), (Some(130), ""));
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends()).to_string();
    for (ignored, sent, code) in [("HUP", "-HUP", 3), ("INT", "-INT", 3), ("INT", "-TERM", 130)] {
        let command = polling(&simulator, &["wait", &id, "--timeout", "2s"]);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("trap '' {ignored}; exec \"$@\""), "sh"]).arg(command.get_program());
        shell.args(command.get_args()).env_clear();
        for (name, value) in command.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = interrupted(shell, sent);
        assert_eq!(ended.code, Some(code), "{sent}: {}", ended.err);
    }
}
