//! `cloudjob until`: a resource instead of a job.

use std::time::Duration;

use cloudjob::simulator::{Fault, Simulator};
use serde_json::{Value, json};

use super::run::{polling, run};

const PATH: &str = "/v2/{project_id}/cloudvolumes/b1";

fn simulator(states: &[(u64, &str)]) -> Simulator {
    let simulator = Simulator::start().unwrap();
    let path = PATH.replace("{project_id}", simulator.project_id());
    let states = states.iter().map(|(millis, status)| {
        (Duration::from_millis(*millis), json!({"volume": {"status": status, "size": 4}}))
    });
    simulator.put_resource(&path, states);
    simulator
}

#[test]
fn it_ends_when_the_value_is_one_of_the_accepted_ones() {
    let simulator = simulator(&[(300, "creating"), (3_600_000, "in-use")]);
    let wanted = ["--is", "/volume/status=available", "--is", "/volume/status=in-use"];
    let mut command = polling(&simulator, &["until", PATH, "-o", "json"]);
    command.args(wanted);
    let ended = run(command);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let object = ended.objects().remove(0);
    assert_eq!((&object["job_id"], &object["outcome"]), (&Value::Null, &json!("succeeded")));
    assert_eq!((&object["resource"], &object["value"]), (&json!(PATH), &json!("in-use")));
    assert_eq!((&object["service"], &object["error"]), (&json!("ecs"), &Value::Null));
    assert!(object["polls"].as_u64().unwrap() >= 2, "{object}");
    assert!(ended.err.contains("cloudvolumes/b1 creating, "), "{}", ended.err);
    let mut command = polling(&simulator, &["until", PATH]);
    command.args(wanted);
    let ended = run(command);
    assert!(ended.out.starts_with(&format!("{PATH} in-use")), "{}", ended.out);
    let ended = run(polling(&simulator, &["until", PATH, "--is", "/volume/size=4", "-q"]));
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[test]
fn each_way_to_end_has_its_code() {
    for (states, arguments, code, outcome, value) in [
        (
            vec![(300, "creating"), (3_600_000, "error_x")],
            vec!["--fail", "/volume/status=error*"],
            1,
            "failed",
            json!("error_x"),
        ),
        (vec![(3_600_000, "creating")], vec![], 3, "timed_out", json!("creating")),
        (vec![(300, "deleting")], vec!["--gone"], 0, "succeeded", Value::Null),
    ] {
        let simulator = simulator(&states);
        let mut command = polling(&simulator, &["until", PATH, "-o", "json", "--timeout", "4s"]);
        command.args(&arguments);
        if !arguments.contains(&"--gone") {
            command.args(["--is", "/volume/status=available"]);
        }
        let ended = run(command);
        let object = ended.objects().remove(0);
        assert_eq!((ended.code, &object["outcome"]), (Some(code), &json!(outcome)), "{object}");
        assert_eq!(object["value"], value, "{object}");
    }
    let simulator = Simulator::start().unwrap();
    simulator.inject_faults([Fault::Status(403)]);
    let ended = run(polling(&simulator, &["until", PATH, "--gone", "-o", "json"]));
    assert_eq!((ended.code, &ended.objects()[0]["outcome"]), (Some(4), &json!("refused")));
}

#[test]
fn a_bad_path_or_condition_is_exit_2_and_nothing_is_sent() {
    let simulator = Simulator::start().unwrap();
    for arguments in [
        vec!["until"],
        vec!["until", "https://elsewhere.example/v1/x"],
        vec!["until", "//elsewhere.example/v1/x"],
        vec!["until", "v1/x"],
        vec!["until", "/v1/../x"],
        vec!["until", "/v1/{project}/x", "--gone"],
        vec!["until", "/v1/ä", "--gone"],
        vec!["until", PATH, "--is", "status"],
        vec!["until", PATH, "--is", "status=a"],
        vec!["until", PATH, "--gone", "--is", "/status=a"],
        vec!["until", PATH, "--is", "/a=b", "-o", "ids"],
        vec!["until", PATH, "--is", "/a=b", "--scope", "x"],
        vec!["--scope", "x", "until", PATH, "--is", "/a=b"],
        vec!["until", PATH],
        vec!["until", PATH, "--fail", "/a=b"],
    ] {
        let ended = run(polling(&simulator, &arguments));
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.starts_with("error: "), "{}", ended.err);
    }
    let ended = run(polling(&simulator, &["until", PATH]));
    assert!(ended.err.contains("--is ") && ended.err.contains("--gone"), "{}", ended.err);
    assert!(simulator.requests().is_empty());
}

#[test]
fn a_value_that_is_not_there_is_waited_for_and_told_once() {
    let simulator = simulator(&[(3_600_000, "creating")]);
    for (pointer, missing) in [
        ("/volume/state=null", "/volume/state: /volume has status, size"),
        ("/Volume/status=*", "/Volume/status: it has volume"),
    ] {
        let ended = run(polling(&simulator, &["until", PATH, "--is", pointer, "--timeout", "3s"]));
        assert_eq!((ended.code, ended.out.as_str()), (Some(3), ""), "{}", ended.err);
        let told = format!("the response has no {missing}");
        let lines: Vec<_> = ended.err.lines().filter(|line| line.contains(&told)).collect();
        assert!(lines.len() == 2 && lines[1].starts_with("error: "), "{}", ended.err);
        assert!(lines[0].contains("b1 not there, 0s of 3s, "), "{}", ended.err);
        assert!(!ended.err.contains("job"), "{}", ended.err);
    }
    let path = PATH.replace("{project_id}", simulator.project_id());
    simulator.put_resource(&path, [(Duration::MAX, json!({"volume": {"state": null}}))]);
    let ended = run(polling(&simulator, &["until", PATH, "--is", "/volume/state=null", "-q"]));
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (Some(0), format!("{PATH} null\n").as_str()),
        "{}",
        ended.err
    );
}

#[test]
fn a_gateway_that_has_no_such_api_does_not_mean_that_a_resource_is_gone() {
    let simulator = Simulator::start().unwrap();
    for (status, body, code) in [
        (404, r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist"}"#, 4),
        (
            404,
            r#"{"error":{"code":"APIGW.0101","message":"The API does not exist or has not been published"}}"#,
            4,
        ),
        (403, r#"{"error":{"code":"Ecs.0114","message":"not found"}}"#, 4),
        (404, r#"{"itemNotFound":{"code":404,"message":"gone"}}"#, 0),
        (404, "", 0),
        (410, "", 0),
    ] {
        simulator.inject_faults([Fault::Response(status, Vec::new(), body.into())]);
        let ended = run(polling(&simulator, &["until", PATH, "--gone"]));
        assert_eq!(ended.code, Some(code), "{status} {body}: {} {}", ended.out, ended.err);
        assert_eq!(ended.out.contains("is gone"), code == 0, "{}", ended.out);
    }
}
