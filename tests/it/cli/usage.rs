//! Arguments that are wrong, and those that only ask for text.

use std::net::TcpListener;

use cloudjob::simulator::Simulator;

use super::run::{UNKNOWN, bare, polling, run, takes};

#[test]
fn bad_usage_is_exit_2_with_one_message() {
    for (arguments, expected) in [
        (vec!["wait"], "JOB_ID"),
        (vec!["show"], "JOB_ID"),
        (vec!["wait", UNKNOWN, "--timeout", "30"], "write 30s or 30m"),
        (vec!["wait", UNKNOWN, "--timeout", "30M"], "small m"),
        (vec!["wait", UNKNOWN, "--timeout", "-5s"], "it must be"),
        (vec!["--region", "eu-de", "demo"], "--region has no meaning"),
        (vec!["simulate", "--output", "json"], "unexpected argument"),
        (vec!["wait", "dms:a"], "hint: pass the id as --scope"),
        (vec!["show", "a", "ges:b"], "hint: pass the id as --scope"),
        (vec!["wait", "-", "--service", "dms"], "hint: pass the id as --scope"),
        (vec!["wait", "dms:a", "--scope", "x/y"], "--scope: `x/y` is not a"),
        (vec!["wait", "a", "--scope", "x"], "--scope has no meaning"),
        (vec!["whoami", "--scope", "x"], "--scope"),
        (vec!["man", "walk"], "not a subcommand"),
        (vec!["wait", UNKNOWN, "--rate", "0"], "above 0"),
        (vec!["wait", UNKNOWN, "--rate", "NaN"], "above 0"),
        (vec!["wait", UNKNOWN, "--service", "obs"], "obs"),
        (vec!["wait", UNKNOWN, "--output", "xml"], "xml"),
        (vec!["wait", UNKNOWN, "-q", "-v"], "cannot be used with"),
        (vec!["wait", UNKNOWN, "--token", "x"], "--token"),
        (vec!["walt", UNKNOWN], "wait"),
        (vec!["demo", "--region", "eu-de"], "unexpected argument '--region'"),
        (vec!["simulate", "--listen", "0.0.0.0:0"], "loopback"),
        (vec!["simulate", "--listen", "8080"], "loopback"),
    ] {
        let ended = run(bare(&arguments));
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(
            ended.err.starts_with("error: ") && ended.err.contains(expected),
            "{arguments:?}: {}",
            ended.err
        );
    }
    assert_eq!(run(bare(&[])).code, Some(2));
}

#[test]
fn a_port_that_is_taken_is_exit_2() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(bare(&["simulate", "--listen", &address]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains(&address), "{}", ended.err);
}

#[test]
fn options_are_accepted_before_and_after_the_subcommand() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let before = run(polling(&simulator, &["--output", "json", "--service", "evs", "-q", "show", &id]));
    let after = run(polling(&simulator, &["show", &id, "-q", "--service", "evs", "--output", "json"]));
    assert_eq!((before.code, after.code), (Some(0), Some(0)), "{}{}", before.err, after.err);
    assert_eq!((before.objects().len(), after.objects().len()), (1, 1));
}

#[test]
fn help_and_version_go_to_standard_output() {
    for (arguments, expected) in [
        (vec!["--help"], "Exit codes:"),
        (vec!["-h"], "demo"),
        (vec!["wait", "--help"], "OS_AUTH_URL"),
        (vec!["whoami", "--help"], "HUAWEICLOUD_SDK_REGION_"),
        (vec!["help", "wait"], "--fail-on-pending-payment"),
        (vec!["simulate", "--help"], "\"sub_jobs\": 3"),
        (vec!["--version"], env!("CARGO_PKG_VERSION")),
        (vec!["completions", "bash"], "complete"),
        (vec!["completions", "zsh"], "#compdef cloudjob"),
        (vec!["completions", "fish"], "complete -c cloudjob"),
        (vec!["man"], ".TH CLOUDJOB 1"),
        (vec!["man", "wait"], ".TH CLOUDJOB-WAIT 1"),
    ] {
        let ended = run(bare(&arguments));
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ended.out.contains(expected), "{arguments:?}: {}", ended.out);
        assert!(!ended.out.contains('\u{1b}'), "{arguments:?}");
    }
}
