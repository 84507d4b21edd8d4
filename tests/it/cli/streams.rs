//! Standard output that takes nothing, or goes away.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use cloudjob::simulator::Simulator;

use super::run::{asking, bare, finish, run, takes};

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
        // It does not go on waiting for what nobody will be told.
        vec!["wait", &id, &open],
        vec!["login"],
        vec!["simulate"],
        vec!["completions", "bash"],
        vec!["--help"],
        vec!["--version"],
    ] {
        let asks = arguments[0] == "show" || arguments[0] == "wait" || arguments[0] == "login";
        let mut command = if asks { asking(&simulator, &arguments) } else { bare(&arguments) };
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
        let mut command = if asks { asking(&simulator, &arguments) } else { bare(&arguments) };
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = run({
            command.stdout(Stdio::from(writer));
            command
        });
        assert_eq!((ended.code, ended.err.as_str()), (Some(141), ""), "{arguments:?}");
    }
    // Whoever reads one line and goes is not waited for.
    let never = simulator.start_job(takes(0).never_ends()).to_string();
    let mut child =
        asking(&simulator, &["wait", &id, &open, &never, "--output", "json", "-q"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(141), ""));
}
