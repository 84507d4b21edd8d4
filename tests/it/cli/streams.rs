//! Standard output that takes nothing, or goes away.

use std::fs::File;
#[cfg(target_os = "linux")]
use std::io::Write;
use std::io::{BufRead, BufReader};
#[cfg(unix)]
use std::process::Command;
use std::process::Stdio;
use std::time::{Duration, Instant};

use cloudjob::simulator::Simulator;
use serde_json::json;

use super::run::{bare, finish, polling, run, takes};

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    // Linux has it; where it is missing there is nothing to try.
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        eprintln!("there is no /dev/full here: not tried");
        return;
    };
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let open = simulator.start_job(takes(0).never_ends()).to_string();
    for arguments in [
        vec!["show", &id],
        vec!["wait", &id, "--output", "json"],
        // It does not go on waiting if the results cannot be written.
        vec!["wait", &id, &open],
        vec!["login"],
        vec!["simulate"],
        vec!["completions", "bash"],
        vec!["--help"],
        vec!["--version"],
    ] {
        let asks = arguments[0] == "show" || arguments[0] == "wait" || arguments[0] == "login";
        let mut command = if asks { polling(&simulator, &arguments) } else { bare(&arguments) };
        command.stdout(full.try_clone().unwrap());
        let ended = run(command);
        assert_eq!(ended.code, Some(5), "{arguments:?}: {}", ended.err);
        assert!(
            ended.err.contains("could not be written to standard output"),
            "{arguments:?}: {}",
            ended.err
        );
    }
}

#[test]
fn a_closed_pipe_ends_silently() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let open = simulator.start_job(takes(300)).to_string();
    for arguments in [vec!["show", &id], vec!["wait", &id, "-q"], vec!["completions", "bash"], vec!["--help"]]
    {
        let asks = arguments[0] == "show" || arguments[0] == "wait";
        let mut command = if asks { polling(&simulator, &arguments) } else { bare(&arguments) };
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = run({
            command.stdout(Stdio::from(writer));
            command
        });
        assert_eq!((ended.code, ended.err.as_str()), (Some(141), ""), "{arguments:?}");
    }
    // The wait ends when the reader of the first line has gone.
    let never = simulator.start_job(takes(0).never_ends()).to_string();
    let mut child =
        polling(&simulator, &["wait", &id, &open, &never, "--output", "json", "-q"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(141), ""));
}

/// The command as `sh` starts it, with these words after its own.
#[cfg(unix)]
fn in_shell(mut command: Command, words: &str) -> Command {
    let program = command.get_program().to_owned();
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("exec \"$@\" {words}"), "sh"]).arg(program).args(arguments).env_clear();
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    command.stdin(Stdio::null());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

#[cfg(unix)]
#[test]
fn a_standard_output_that_was_closed_at_the_start_is_an_error() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    for (arguments, words, code) in [
        (vec!["show", &id], ">&-", 5),
        (vec!["wait", &id, "-q"], ">&-", 5),
        (vec!["--help"], ">&-", 5),
        (vec!["completions", "bash"], ">&-", 5),
        (vec!["wait", &id, "-q"], ">/dev/null", 0),
        (vec!["wait", &id, "-q"], "1<>/dev/null", 0),
    ] {
        let asks = arguments[0] == "show" || arguments[0] == "wait";
        let command = if asks { polling(&simulator, &arguments) } else { bare(&arguments) };
        let ended = run(in_shell(command, words));
        assert_eq!(ended.code, Some(code), "{arguments:?} {words}: {}", ended.err);
        assert_eq!(ended.err.contains("it is closed"), code == 5, "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn unread_output_does_not_delay_the_deadline() {
    let simulator = Simulator::start().unwrap();
    let big = json!({"status": "SUCCESS", "entities": {"note": "x".repeat(300_000)}}).to_string();
    let id = simulator.start_job(takes(0).body(big)).to_string();
    let never = simulator.start_job(takes(0).never_ends()).to_string();
    let mut command = polling(&simulator, &["wait", &id, &never, "--timeout", "2s", "--output", "json"]);
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let code = child.wait().unwrap().code();
    let took = begun.elapsed();
    assert_eq!(code, Some(5));
    // The deadline, and a second for writing.
    assert!(took >= Duration::from_secs(2) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_pipe_on_either_stream_does_not_delay_the_deadline() {
    let simulator = Simulator::start().unwrap();
    let good = simulator.start_job(takes(0)).to_string();
    let never = simulator.start_job(takes(0).never_ends()).to_string();
    // A pipe that is full and that nobody reads.
    let full = || {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(&[b'x'; 64 << 10]).unwrap();
        (reader, writer)
    };
    for (out, err) in [(true, false), (false, true), (true, true)] {
        let mut command = polling(&simulator, &["wait", &good, &never, "--timeout", "1s", "-o", "json"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (one, other) = (full(), full());
        if out {
            command.stdout(one.1);
        }
        if err {
            command.stderr(other.1);
        }
        let begun = Instant::now();
        let code = command.spawn().unwrap().wait().unwrap().code();
        let took = begun.elapsed();
        eprintln!("out: {out}, err: {err}: {code:?} after {took:?}");
        assert_eq!(code, Some(5), "out: {out}, err: {err}");
        assert!(took >= Duration::from_millis(700) && took < Duration::from_secs(4), "{took:?}");
    }
}

#[test]
fn output_ids_prints_each_id_once_and_nothing_else() {
    let simulator = Simulator::start().unwrap();
    let good = simulator.start_job(takes(0).sub_jobs(2)).to_string();
    let bad = simulator.start_job(takes(0).sub_jobs(3).failing_sub_jobs(1)).to_string();
    let ended = run(polling(&simulator, &["wait", &good, &bad, &good, "-o", "ids"]));
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.out.lines().count(), 4, "{}", ended.out);
    assert!(
        ended.out.lines().all(|line| line.len() == 36 && line.matches('-').count() == 4),
        "{}",
        ended.out
    );
    assert!(ended.err.contains("Quota exceeded"), "{}", ended.err);
}

#[test]
fn colors_can_be_chosen() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    for (flags, variables, expected) in [
        (vec![], vec![], false),
        (vec!["--color", "always"], vec![("NO_COLOR", "1")], true),
        (vec![], vec![("CLICOLOR_FORCE", "1")], true),
        (vec![], vec![("CLICOLOR_FORCE", "0")], false),
        (vec![], vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (vec!["--color=never"], vec![("CLICOLOR_FORCE", "1")], false),
    ] {
        let mut command = polling(&simulator, &["show", &id]);
        command.args(&flags).envs(variables.clone());
        let ended = run(command);
        assert_eq!(ended.out.contains('\u{1b}'), expected, "{flags:?} {variables:?}: {:?}", ended.out);
    }
}

#[test]
fn github_gets_an_annotation_of_a_failed_job() {
    let simulator = Simulator::start().unwrap();
    let good = simulator.start_job(takes(0)).to_string();
    let bad = simulator.start_job(takes(0).sub_jobs(3).failing_sub_jobs(1)).to_string();
    for (value, expected) in [("true", 1), ("", 0)] {
        let mut command = polling(&simulator, &["wait", &good, &bad, "-q", "-o", "json"]);
        command.env("GITHUB_ACTIONS", value);
        let ended = run(command);
        let annotations: Vec<_> = ended.err.lines().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(annotations.len(), expected, "{}", ended.err);
        assert!(annotations.iter().all(|line| line.contains(&bad) && line.contains("Ecs.0204")));
        assert_eq!(ended.objects().len(), 2);
    }
}

#[test]
fn github_obeys_nothing_that_a_service_says() {
    let simulator = Simulator::start().unwrap();
    let evil = "::set-env name=PATH::/evil ##[error]x\n::error::y";
    let body = |status: &str| {
        json!({"status": status, "job_type": evil, "error_code": evil, "fail_reason": evil, "code": evil, "message": evil,
            "entities": {"server_id": "::stop-commands::x", "sub_jobs": [{"status": status, "job_type": evil,
                "job_id": evil, "error_code": evil, "fail_reason": evil}]}}).to_string()
    };
    let running = simulator.start_job(takes(0).body(body("RUNNING"))).to_string();
    let bad = simulator.start_job(takes(0).body(body("FAIL"))).to_string();
    let good = simulator.start_job(takes(0).body(body("SUCCESS"))).to_string();
    let rejected =
        simulator.start_job(takes(0).body(json!({"error": {"code": evil, "message": evil}}).to_string()));
    for format in ["text", "json", "ids"] {
        let mut command =
            polling(&simulator, &["wait", &running, &bad, &good, rejected.as_str(), "-o", format, "-v"]);
        command.args(["--timeout", "500ms"]).env("GITHUB_ACTIONS", "true");
        let ended = run(command);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        for line in ended.out.lines().chain(ended.err.lines()) {
            let is_ours = line.starts_with("::error title=job ") && line.matches("::").count() > 1;
            assert!(is_ours || !line.trim_start().starts_with("::"), "{line}");
            assert!(is_ours || !line.contains("##["), "{line}");
        }
        assert_eq!(ended.err.matches("\n::error title=job ").count(), 3, "{}", ended.err);
    }
}
