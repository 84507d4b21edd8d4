//! The exit codes, and which of them counts where jobs end differently.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use cloudjob::simulator::{Fault, Simulator};
use serde_json::json;

use super::run::{UNKNOWN, bare, polling, run, takes};

#[test]
fn show_reads_a_job_whatever_its_status() {
    let simulator = Simulator::start().unwrap();
    let good = simulator.start_job(takes(0));
    let bad = simulator.start_job(takes(0).failing());
    let open = simulator.start_job(takes(0).never_ends());
    let ended = run(polling(&simulator, &["show", good.as_str(), bad.as_str(), open.as_str()]));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for expected in [
        format!("{good} SUCCESS"),
        format!("job {bad} (createServer) failed"),
        format!("{open} RUNNING, since"),
    ] {
        assert!(ended.out.contains(&expected), "{expected}: {}", ended.out);
    }
}

#[test]
fn mixed_outcomes_end_with_the_most_severe_exit_code() {
    let simulator = Simulator::start().unwrap();
    let good = simulator.start_job(takes(0)).to_string();
    let bad = simulator.start_job(takes(0).sub_jobs(2).failing_sub_jobs(1)).to_string();
    let open = simulator.start_job(takes(0).never_ends()).to_string();
    let gone =
        simulator.start_job(takes(0).body(r#"{"error":{"code":"Ecs.0114","message":"gone"}}"#)).to_string();
    for (ids, code) in [
        (vec![&good], 0),
        (vec![&good, &bad], 1),
        (vec![&good, &open], 3),
        (vec![&open, &gone], 4),
        (vec![&open, &gone, &bad], 1),
    ] {
        let mut command = polling(&simulator, &["wait", "--timeout", "2s"]);
        command.args(&ids);
        let ended = run(command);
        assert_eq!(ended.code, Some(code), "{ids:?}: {} {}", ended.out, ended.err);
    }
}

#[test]
fn a_rejected_token_is_reported_once_for_many_jobs_and_sent_once() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..20).map(|_| simulator.start_job(takes(0).never_ends()).to_string()).collect();
    for (verb, output) in [("wait", "text"), ("wait", "json"), ("show", "text"), ("show", "json")] {
        let before = simulator.requests().len();
        let mut command = polling(&simulator, &[verb, "--output", output]);
        command.args(&ids).env("OS_TOKEN", "this-is-a-secret");
        let ended = run(command);
        assert_eq!(ended.code, Some(4));
        assert_eq!(ended.err.matches("check that the credentials are valid").count(), 1, "{}", ended.err);
        assert!(ended.err.contains("the same for 19 more jobs"), "{}", ended.err);
        assert_eq!(ended.out.lines().count(), if output == "json" { 20 } else { 0 }, "{}", ended.out);
        assert!(!ended.out.contains("this-is-a-secret") && !ended.err.contains("this-is-a-secret"));
        assert_eq!(simulator.requests().len() - before, 1, "{verb}");
    }
}

#[test]
fn no_response_until_the_deadline_is_no_answer() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let mut command =
        bare(&["wait", UNKNOWN, "--endpoint", &endpoint, "--output", "json", "--timeout", "2s"]);
    command.env("OS_TOKEN", "t").env("OS_PROJECT_ID", "p");
    let ended = run(command);
    let object = ended.objects().remove(0);
    assert_eq!((ended.code, &object["outcome"]), (Some(5), &json!("no_answer")), "{object}");
    assert_eq!(object["error"]["kind"], "transport");
    assert!(ended.err.contains("no usable response"), "{}", ended.err);
}

#[test]
fn an_error_names_the_endpoint_and_the_next_step() {
    let simulator = Simulator::start().unwrap();
    let asked_at = format!("polled at {}, project {}", simulator.endpoint_url(), simulator.project_id());
    for (fault, expected) in [
        (Fault::Pass, "check the id, the project, the region and the service"),
        (Fault::Html502, "try again later"),
        (Fault::Response(302, Vec::new(), Vec::new()), "redirect"),
        (Fault::Response(200, Vec::new(), b"<html>Sign in</html>".into()), "whether a proxy or a login page"),
    ] {
        simulator.inject_faults([fault]);
        let ended = run(polling(&simulator, &["show", UNKNOWN]));
        assert!(ended.err.contains(expected) && ended.err.contains(&asked_at), "{}", ended.err);
    }
    // A connection that failed names the host itself.
    let mut command = bare(&["show", UNKNOWN, "--endpoint", "http://127.0.0.1:9"]);
    command.env("OS_TOKEN", "t").env("OS_PROJECT_ID", "p");
    let ended = run(command);
    assert_eq!(ended.err.matches("127.0.0.1:9").count(), 1, "{}", ended.err);
    assert!(ended.err.contains("check the address, the network and the proxy"), "{}", ended.err);
}

#[test]
fn a_timeout_of_zero_is_one_poll() {
    let simulator = Simulator::start().unwrap();
    let open = simulator.start_job(takes(0).never_ends());
    let good = simulator.start_job(takes(0));
    for (id, code) in [(&open, 3), (&good, 0)] {
        let ended = run(polling(&simulator, &["wait", id.as_str(), "--timeout", "0s"]));
        assert_eq!((ended.code, simulator.poll_count(id)), (Some(code), 1), "{}", ended.err);
    }
}

#[test]
fn fail_fast_stops_at_the_first_failure_and_reports_the_others() {
    let simulator = Simulator::start().unwrap();
    let open: Vec<_> = (0..3).map(|_| simulator.start_job(takes(0).never_ends()).to_string()).collect();
    let bad = simulator.start_job(takes(300).failing()).to_string();
    let mut command = polling(&simulator, &["wait", "--fail-fast", "--output", "json", &bad]);
    command.args(&open);
    let begun = Instant::now();
    let ended = run(command);
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(ended.code, Some(1));
    let mut objects = ended.objects();
    assert_eq!((&objects[0]["job_id"], &objects[0]["outcome"]), (&json!(bad), &json!("failed")));
    let cancelled = objects.split_off(1);
    assert_eq!(cancelled.len(), 3, "{}", ended.out);
    for object in cancelled {
        assert_eq!(
            (&object["outcome"], &object["error"]["kind"]),
            (&json!("cancelled"), &json!("cancelled"))
        );
    }
    assert!(open.iter().all(|id| ended.err.lines().any(|line| line == id)), "{}", ended.err);
}

#[test]
fn a_job_pending_payment_stops_the_wait_on_request() {
    let simulator = Simulator::start().unwrap();
    let unpaid = simulator.start_job(takes(0).pending_payment_for(Duration::MAX)).to_string();
    let ended = run(polling(&simulator, &["wait", &unpaid, "--fail-on-pending-payment", "--output", "json"]));
    let object = ended.objects().remove(0);
    assert_eq!((ended.code, &object["outcome"]), (Some(1), &json!("failed")));
    assert_eq!((&object["status"], &object["error"]), (&json!("PENDING_PAYMENT"), &json!(null)));
    let ended = run(polling(&simulator, &["wait", &unpaid, "--fail-on-pending-payment"]));
    assert!(ended.out.contains("pay the order"), "{}", ended.out);
    let ended = run(polling(&simulator, &["wait", &unpaid, "--timeout", "2s"]));
    assert_eq!(ended.code, Some(3));
    assert!(ended.err.contains("the order is unpaid"), "{}", ended.err);
}

#[test]
fn an_id_given_twice_is_reported_once() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let answer = json!({"job_id": id}).to_string();
    for verb in ["show", "wait"] {
        let ended = run(polling(&simulator, &[verb, &id, &answer, &id, "--output", "json"]));
        assert_eq!((ended.code, ended.objects().len()), (Some(0), 1), "{verb}");
    }
}

#[test]
fn polls_respect_the_given_rate() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..12).map(|_| simulator.start_job(takes(0)).to_string()).collect();
    let begun = Instant::now();
    let mut command = polling(&simulator, &["wait", "--rate", "4", "--expect", "1s", "-q"]);
    command.args(&ids);
    assert_eq!(run(command).code, Some(0));
    assert!(begun.elapsed() >= Duration::from_millis(1500), "{:?}", begun.elapsed());
}

#[test]
fn a_transient_error_is_retried() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    simulator.inject_faults([Fault::Html502, Fault::CloseConnection]);
    let ended = run(polling(&simulator, &["wait", &id]));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("502"), "{}", ended.err);
}
