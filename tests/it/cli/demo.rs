//! The demo.

use std::time::{Duration, Instant};

use serde_json::json;

use super::run::{bare, run};

#[test]
fn the_demo_creates_three_servers() {
    let begun = Instant::now();
    let ended = run(bare(&["demo"]));
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("SUCCESS") && ended.out.contains("3 of 3 sub-jobs done"), "{}", ended.out);
    assert!(ended.out.contains("server_id:\n    "), "{}", ended.out);
    assert!(ended.err.contains("RUNNING, 1 of 3 sub-jobs done"), "{}", ended.err);
    assert!(ended.err.contains("run `cloudjob simulate`"), "{}", ended.err);
}

#[test]
fn a_failing_demo_prints_the_reason_and_what_was_created() {
    let begun = Instant::now();
    let ended = run(bare(&["demo", "--fail", "--output", "json", "--quiet"]));
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""));
    let object = ended.objects().remove(0);
    let statuses: Vec<_> =
        object["sub_jobs"].as_array().unwrap().iter().map(|sub| sub["status"].clone()).collect();
    assert_eq!(statuses, [json!("SUCCESS"), json!("SUCCESS"), json!("FAIL")]);
    assert!(object["reason"].as_str().unwrap().contains("Quota exceeded"), "{object}");
    assert_eq!(object["ids"]["server_id"].as_array().unwrap().len(), 2);
}
