//! The JSON object: every member, in its place, for every outcome.

use std::time::Duration;

use cloudjob::simulator::{Fault, Simulator};
use serde_json::{Value, json};

use super::run::{UNKNOWN, polling, run, takes};

#[test]
fn the_object_of_a_successful_job_matches_the_contract() {
    let simulator = Simulator::start().unwrap();
    let body = include_bytes!("../bodies/ecs_create_server.json");
    let id = simulator.start_job(takes(0).body(body.to_vec()));
    for verb in ["show", "wait"] {
        let ended = run(polling(&simulator, &[verb, id.as_str(), "--output", "json", "-q"]));
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
        let mut object = ended.objects().remove(0);
        let waited = object["waited_seconds"].take();
        assert!(waited.as_f64().is_some_and(|waited| (0.0..30.0).contains(&waited)), "{waited}");
        assert_eq!(object, expected(id.as_str()));
    }
}

/// What becomes of the documented example.
fn expected(id: &str) -> Value {
    json!({
        "job_id": id,
        "outcome": "succeeded",
        "status": "SUCCESS",
        "job_type": "createServer",
        "begin_time": "2016-04-25T20:04:34.604Z",
        "end_time": "2016-04-25T20:08:41.593Z",
        "duration_seconds": 246.989,
        "error_code": null,
        "fail_reason": null,
        "reason": null,
        "ids": {"server_id": ["bae51750-0089-41a1-9b18-5c777978ff6d"]},
        "entities": {"sub_jobs_total": 1},
        "sub_jobs": [{
            "job_id": "2c9eb2c5544cbf6101544f0635672b60",
            "status": "SUCCESS",
            "job_type": "createSingleServer",
            "begin_time": "2016-04-25T20:04:47.591Z",
            "end_time": "2016-04-25T20:08:21.328Z",
            "duration_seconds": 213.737,
            "error_code": null,
            "fail_reason": null,
            "reason": null,
            "entities": {"server_id": "bae51750-0089-41a1-9b18-5c777978ff6d"},
            "sub_jobs": [],
        }],
        "service": "ecs",
        "progress_percent": null,
        "polls": 1,
        "waited_seconds": null,
        "lag_seconds": null,
        "error": null,
    })
}

#[test]
fn the_order_of_members_does_not_depend_on_the_outcome() {
    let simulator = Simulator::start().unwrap();
    let good = simulator.start_job(takes(0).sub_jobs(2));
    let never = simulator.start_job(takes(0).never_ends().sub_jobs(1));
    let ended =
        run(polling(&simulator, &["show", good.as_str(), never.as_str(), UNKNOWN, "--output", "json"]));
    let names = [
        "job_id",
        "outcome",
        "status",
        "job_type",
        "begin_time",
        "end_time",
        "duration_seconds",
        "error_code",
        "fail_reason",
        "reason",
        "ids",
        "entities",
        "sub_jobs",
        "service",
        "progress_percent",
        "polls",
        "waited_seconds",
        "lag_seconds",
        "error",
    ];
    assert_eq!(ended.out.lines().count(), 3);
    for line in ended.out.lines() {
        let places: Vec<_> =
            names.iter().map(|name| line.find(&format!("\"{name}\":")).expect(name)).collect();
        assert!(places.is_sorted(), "{line}");
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(object.as_object().unwrap().len(), names.len(), "{line}");
    }
    let outcomes: Vec<_> = ended.objects().iter().map(|object| object["outcome"].clone()).collect();
    assert_eq!(outcomes, ["succeeded", "pending", "refused"]);
    assert_eq!(ended.code, Some(4));
}

#[test]
fn a_failed_job_has_its_reason_and_the_created_ids() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(300).sub_jobs(3).failing_sub_jobs(1));
    let ended = run(polling(&simulator, &["--output", "json", "wait", id.as_str()]));
    assert_eq!(ended.code, Some(1));
    let object = ended.objects().remove(0);
    assert_eq!((&object["outcome"], &object["status"]), (&json!("failed"), &json!("FAIL")));
    assert_eq!(object["error"], Value::Null, "polling itself did not fail");
    assert_eq!(object["error_code"], "Common.0021");
    assert!(object["reason"].as_str().unwrap().starts_with("Quota exceeded"), "{object}");
    assert_eq!(object["ids"]["server_id"].as_array().unwrap().len(), 2);
    assert_eq!(object["sub_jobs"][2]["error_code"], "Ecs.0204");
    assert_eq!(object["duration_seconds"], 0.3);
    assert!(object["lag_seconds"].is_number() && object["polls"].as_u64().unwrap() > 1, "{object}");
}

#[test]
fn a_timed_out_job_is_reported_as_last_seen() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends().sub_jobs(2));
    simulator.advance(Duration::from_secs(60));
    let ended = run(polling(&simulator, &["wait", id.as_str(), "--output", "json", "--timeout", "2s"]));
    assert_eq!(ended.code, Some(3));
    let object = ended.objects().remove(0);
    assert_eq!((&object["outcome"], &object["status"]), (&json!("timed_out"), &json!("RUNNING")));
    assert_eq!((&object["job_type"], &object["end_time"]), (&json!("createServer"), &Value::Null));
    assert_eq!((&object["duration_seconds"], &object["lag_seconds"]), (&Value::Null, &Value::Null));
    assert_eq!(object["sub_jobs"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&object["error"]["kind"], &object["error"]["http_status"]),
        (&json!("timeout"), &Value::Null)
    );
    assert!(object["error"]["message"].as_str().unwrap().contains("the job is still running"), "{object}");
    assert!(ended.err.contains("the job is still running"), "{}", ended.err);
}

#[test]
fn a_timeout_has_the_message_of_the_last_error() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends());
    simulator.inject_faults([Fault::Pass, Fault::Status(503)]);
    let ended = run(polling(&simulator, &["wait", id.as_str(), "--output", "json", "--timeout", "3s"]));
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    let error = &ended.objects()[0]["error"];
    assert_eq!((&error["kind"], &error["http_status"]), (&json!("timeout"), &json!(503)));
}

#[test]
fn a_rejection_has_the_error_of_the_service() {
    let simulator = Simulator::start().unwrap();
    let ended = run(polling(&simulator, &["show", UNKNOWN, "--output", "json"]));
    assert_eq!(ended.code, Some(4));
    let mut object = ended.objects().remove(0);
    let error = object["error"].take();
    assert_eq!(
        (&error["kind"], &error["http_status"], &error["code"]),
        (&json!("api"), &json!(400), &json!("Common.0011"))
    );
    assert!(error["message"].is_string() && error["request_id"].is_string(), "{error}");
    assert_eq!(error.as_object().unwrap().len(), 5);
    for unknown in
        ["status", "job_type", "begin_time", "reason", "ids", "entities", "sub_jobs", "lag_seconds"]
    {
        assert_eq!(object[unknown], Value::Null, "{unknown}");
    }
    assert_eq!((&object["job_id"], &object["polls"]), (&json!(UNKNOWN), &json!(1)));
}

#[test]
fn a_response_that_is_not_from_the_service_says_so() {
    let simulator = Simulator::start().unwrap();
    let moved = || {
        Fault::Response(
            302,
            vec![("Location".into(), "https://me:hush@elsewhere/login?ticket=1".into())],
            Vec::new(),
        )
    };
    let cases = [
        (moved(), "transport", json!(302)),
        (Fault::Status(407), "transport", json!(407)),
        (Fault::Status(503), "api", json!(503)),
        (Fault::Response(200, Vec::new(), b"{\"hello\": 1}".to_vec()), "decode", Value::Null),
        (Fault::Garbage, "transport", Value::Null),
    ];
    for (fault, kind, http_status) in cases {
        let id = simulator.start_job(takes(0));
        // A lost connection is retried once.
        simulator.inject_faults([fault.clone()]);
        let ended = run(polling(&simulator, &["show", id.as_str(), "--output", "json"]));
        let object = ended.objects().remove(0);
        assert_eq!((ended.code, &object["outcome"]), (Some(5), &json!("no_answer")), "{fault:?}: {object}");
        assert_eq!(
            (&object["error"]["kind"], &object["error"]["http_status"]),
            (&json!(kind), &http_status),
            "{fault:?}: {object}"
        );
        if http_status == 302 {
            assert_eq!(object["error"]["message"], "redirect to https://elsewhere/login");
        }
    }
}

#[test]
fn the_status_is_kept_as_sent_and_the_id_as_given() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).body(r#"{"status":"Success","job_id":"another","entities":[]}"#));
    let object = run(polling(&simulator, &["show", id.as_str(), "--output", "json"])).objects().remove(0);
    assert_eq!((&object["status"], &object["outcome"]), (&json!("Success"), &json!("succeeded")));
    assert_eq!(
        (&object["job_id"], &object["ids"], &object["entities"]),
        (&json!(id.as_str()), &json!({}), &json!([]))
    );
}
