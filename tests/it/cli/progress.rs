//! What standard error says on the way.

use std::time::Duration;

use cloudjob::simulator::{Fault, JobScript, Simulator};

use super::run::{polling, run, takes};

#[test]
fn each_change_is_one_line() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(1500).sub_jobs(2).init_for(Duration::from_millis(500))).to_string();
    let ended = run(polling(&simulator, &["wait", &id, "--rate", "50"]));
    assert_eq!(ended.code, Some(0));
    let lines: Vec<_> = ended.err.lines().collect();
    assert!(lines[0].contains(&format!("{id} INIT")), "{}", ended.err);
    assert!(
        lines.last().unwrap().contains(&format!("createServer {id} SUCCESS, 2 of 2 sub-jobs done")),
        "{}",
        ended.err
    );
    let mut told: Vec<_> = lines.iter().map(|line| line.rsplit_once(", ").unwrap().0).collect();
    let all = told.len();
    told.dedup();
    assert_eq!(told.len(), all, "a line that says nothing new: {}", ended.err);
    assert!(!ended.err.contains('\u{1b}'));
}

#[test]
fn a_repeated_error_is_printed_once() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends()).to_string();
    simulator.inject_faults([Fault::Pass, Fault::Status(503), Fault::Status(503)]);
    let ended = run(polling(&simulator, &["wait", &id, "--timeout", "6s"]));
    let errors = ended.err.lines().filter(|line| line.contains("503") && line.starts_with("20"));
    assert_eq!(errors.count(), 1, "{}", ended.err);
}

#[test]
fn an_unknown_status_is_named_once() {
    let simulator = Simulator::start().unwrap();
    let script = || JobScript::new("createVolume").status_sequence([("FROZEN", Duration::from_secs(3600))]);
    let ids = [simulator.start_job(script()).to_string(), simulator.start_job(script()).to_string()];
    let ended = run(polling(&simulator, &["wait", &ids[0], &ids[1], "--timeout", "2s"]));
    assert_eq!(ended.code, Some(3));
    assert_eq!(ended.err.matches("unrecognized status").count(), 1, "{}", ended.err);
    assert!(ended.err.contains("2 jobs: 2 timed out"), "{}", ended.err);
}

#[test]
fn quiet_prints_only_results_and_errors() {
    let simulator = Simulator::start().unwrap();
    let good = simulator.start_job(takes(700).sub_jobs(2)).to_string();
    let other = simulator.start_job(takes(0)).to_string();
    let ended = run(polling(&simulator, &["-q", "wait", &good, &other]));
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let open = simulator.start_job(takes(0).never_ends()).to_string();
    let ended = run(polling(&simulator, &["wait", "--quiet", &open, "--timeout", "0s"]));
    assert_eq!(ended.code, Some(3));
    let is_part = |line: &str| ["error: ", "hint: ", "note: "].iter().any(|part| line.starts_with(part));
    assert!(ended.err.lines().all(is_part) && ended.err.lines().count() <= 3, "{}", ended.err);
}

#[test]
fn verbose_logs_each_poll_and_no_secret() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(1500)).to_string();
    let ended = run(polling(&simulator, &["wait", "-v", &id]));
    assert_eq!(ended.code, Some(0));
    let polls = simulator.requests().len();
    assert_eq!(ended.err.lines().count(), polls, "{}", ended.err);
    assert!(polls > 1);
    let first = ended.err.lines().next().unwrap();
    for expected in ["RUNNING", "poll 1 took", "next poll in"] {
        assert!(first.contains(expected), "{first}");
    }
    assert!(first.as_bytes()[..24].ends_with(b"Z") && first.as_bytes()[10] == b'T', "{first}");
    let ended = run(polling(&simulator, &["show", "-vv", &id]));
    assert!(ended.err.contains("SUCCESS") && ended.err.contains("1 poll"), "{}", ended.err);
    // Nor where the secret is refused.
    let mut command = polling(&simulator, &["wait", "-v", &id]);
    command.env("OS_TOKEN", "hush-hush-hush");
    let ended = run(command);
    assert_eq!(ended.code, Some(4));
    for text in [&ended.out, &ended.err] {
        assert!(!text.contains("hush") && !text.contains(simulator.token()));
    }
}

#[test]
fn the_text_of_a_failed_job_has_its_reason_and_what_to_clean_up() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).sub_jobs(3).failing_sub_jobs(1)).to_string();
    for verb in ["wait", "show"] {
        let ended = run(polling(&simulator, &[verb, &id, "-q"]));
        for expected in
            ["Ecs.0204", "Quota exceeded", "created before the failure: server_id ", "3 of 3 sub-jobs done"]
        {
            assert!(ended.out.contains(expected), "{expected}: {}", ended.out);
        }
    }
}
