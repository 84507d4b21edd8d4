//! Text of the service with characters that a terminal obeys: none of them reaches a terminal, from any part of a response
//! and on any path.

use cloudjob::simulator::{Fault, Simulator};
use cloudjob::{Client, Credentials, Job};

use super::run::{UNKNOWN, polling, run};

/// ESC, BEL, C1 CSI, right-to-left override, an isolate, a zero-width space, a line separator, a tag.
const ODD: &str = "a\u{1b}[2J\u{7}\u{9b}31m\u{202e}b\u{2066}c\u{200b}d\u{2028}e\u{e0041}f\u{0}g\rh";

fn check(what: &str, text: &str) {
    let is_odd = |c: &char| {
        c.is_control() && !matches!(c, '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e0fff}')
    };
    assert_eq!(text.chars().find(is_odd), None, "{what}: {text:?}");
}

fn bodies() -> Vec<(u16, String)> {
    let odd = serde_json::Value::from(ODD).to_string();
    let job = |status: &str| {
        format!(
            r#"{{"status":{status},"job_id":{odd},"job_type":{odd},"error_code":{odd},"fail_reason":{odd},"begin_time":{odd},
            "code":{odd},"message":{odd},"entities":{{{odd}:{odd},"server_id":{odd},"sub_jobs":[
            {{"status":{status},"job_id":{odd},"job_type":{odd},"error_code":{odd},"fail_reason":{odd}}}]}}}}"#
        )
    };
    let error = format!(r#"{{"error":{{"code":{odd},"message":{odd}}},"request_id":{odd}}}"#);
    vec![
        (200, job("\"FAIL\"")),
        (200, job("\"SUCCESS\"")),
        (200, job("\"RUNNING\"")),
        (200, job(&odd)),
        (400, error.clone()),
        (503, error),
        (400, ODD.to_owned()),
        (200, ODD.to_owned()),
        (502, format!("<html><p>{ODD}&#x202e;&#27;</p></html>")),
    ]
}

#[test]
fn no_character_that_a_terminal_obeys_comes_out_of_the_command() {
    let simulator = Simulator::start().unwrap();
    for (status, body) in bodies() {
        for arguments in [
            &["show", UNKNOWN][..],
            &["show", UNKNOWN, "-o", "json"],
            &["wait", UNKNOWN, "--timeout", "300ms", "-v"],
            &["wait", UNKNOWN, "--timeout", "300ms", "-o", "json"],
            &["wait", UNKNOWN, "--timeout", "300ms", "-o", "ids"],
        ] {
            let fault = Fault::Response(status, Vec::new(), body.clone().into_bytes());
            simulator.inject_faults([fault.clone(), fault.clone(), fault.clone(), fault]);
            let ended = run(polling(&simulator, arguments));
            check(&format!("{arguments:?} {status}"), &ended.out);
            check(&format!("{arguments:?} {status}"), &ended.err);
        }
    }
}

#[test]
fn no_character_that_a_terminal_obeys_comes_out_of_the_library() {
    let simulator = Simulator::start().unwrap();
    let client = Client::new(simulator.endpoint(), Credentials::token(simulator.token()).unwrap()).unwrap();
    let id = UNKNOWN.parse().unwrap();
    for (status, body) in bodies() {
        let fault = Fault::Response(status, Vec::new(), body.clone().into_bytes());
        simulator.inject_faults([fault.clone(), fault.clone(), fault]);
        if let Ok(job) = Job::from_slice(body.as_bytes()) {
            check("Job", &job.to_string());
            check("Status", &format!("{}", job.status()));
            check("Failure", &job.failure().map(|failure| failure.to_string()).unwrap_or_default());
        }
        match client.job(&id) {
            Ok(job) => check("Job", &job.to_string()),
            Err(error) => {
                check("Error", &format!("{error} {error:?}"));
                let api = error.api_error().map(|api| format!("{api} {api:?} {:?}", api.code()));
                check("ApiError", &api.unwrap_or_default());
            }
        }
        let outcome = client
            .wait(&id)
            .timeout(std::time::Duration::from_millis(200))
            .on_progress(|progress| check("Progress", &progress.to_string()))
            .outcome();
        if let Err(error) = outcome.result() {
            check("Error", &format!("{error} {error:?}"));
        }
    }
}
