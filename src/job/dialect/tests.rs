use serde_json::json;

use super::*;
use crate::job::tests::job;

#[test]
fn no_word_means_two_things_in_one_dialect() {
    for dialect in table::ALL {
        for (place, (word, _)) in dialect.words.iter().enumerate() {
            let again = dialect.words[..place].iter().any(|(known, _)| known.eq_ignore_ascii_case(word));
            assert!(!again && *word == word.trim() && !word.is_empty(), "{word} of {:?}", dialect.services);
        }
        assert!(dialect.words.iter().any(|(_, meaning)| *meaning == Meaning::Success));
        assert!(dialect.words.iter().any(|(_, meaning)| *meaning == Meaning::Fail));
    }
}

#[test]
fn the_words_of_the_common_dialect_are_those_of_a_status() {
    for (word, _) in COMMON.words {
        let by_table = COMMON.job(&json!({"status": word, "job_id": "a"})).unwrap();
        assert_eq!(by_table.status(), &Status::from(*word));
        assert_eq!(by_table, job(json!({"status": word, "job_id": "a", "entities": {}})), "{word}");
    }
}

#[test]
fn a_percentage_has_many_forms() {
    for (sent, percent) in [
        (json!("60%"), Some(60.0)),
        (json!("60% "), Some(60.0)),
        (json!(" 9 %"), Some(9.0)),
        (json!("60"), Some(60.0)),
        (json!(60), Some(60.0)),
        (json!(0.5), Some(0.5)),
        (json!("1%"), Some(1.0)),
        (json!(""), None),
        (json!(null), None),
        (json!("half"), None),
        (json!("NaN"), None),
        (json!("1e400"), None),
        (json!(140), Some(100.0)),
        (json!("-3%"), Some(0.0)),
        (json!([60]), None),
    ] {
        let job = DB.job(&json!({"job": {"id": "1", "status": "Running", "process": sent}})).unwrap();
        assert_eq!(job.progress_percent(), percent, "{sent}");
    }
}

#[test]
fn a_job_that_ended_is_as_good_as_its_sub_jobs_where_its_word_says_no_more() {
    let status = |words: &[&str]| {
        let sub_jobs: Vec<_> = words.iter().map(|word| json!({"id": "s", "status": word})).collect();
        let body = json!({"id": "a", "status": "COMPLETE", "sub_jobs": sub_jobs});
        WORKSPACE.job(&body).unwrap().status
    };
    assert_eq!(status(&["SUCCESS", "success"]), Status::Success);
    assert_eq!(status(&[]), Status::Success);
    assert_eq!(status(&["SUCCESS", "FAILED"]), Status::Fail);
    assert_eq!(status(&["SUCCESS", "RUNNING"]), Status::Fail);
    assert_eq!(status(&["odd"]), Status::Fail);
}

#[test]
fn an_end_counts_only_at_the_end() {
    for (dialect, body) in [
        (&GEMINIDB, json!({"jobs": [{"id": "1", "status": "Running", "end_time": "2025-02-11T06:20:00Z"}]})),
        (&SWR, json!({"id": "1", "status": "Running", "updated_at": "2025-02-11T06:20:00Z"})),
        (&SWR, json!({"id": "1", "status": "Odd", "updated_at": "2025-02-11T06:20:00Z"})),
    ] {
        assert_eq!(dialect.job(&body).unwrap().end_time(), None);
    }
}

#[test]
fn a_service_may_say_without_an_error_that_it_does_not_know_a_job() {
    for (dialect, body) in [
        (&GEMINIDB, r#"{"jobs": [], "total_count": 0}"#),
        (&DMS, r#"{"tasks": []}"#),
        (&DDM, r#"{"job": {"status": ""}}"#),
        (&DDM, r#"{"job": {}}"#),
        (&DDM, r#"{"job": null}"#),
    ] {
        assert_eq!(dialect.read(body.as_bytes()), Ok(None), "{body}");
    }
    for (dialect, body) in [
        (&GEMINIDB, "{}"),
        (&GEMINIDB, r#"{"jobs": {}}"#),
        (&DDM, "{}"),
        (&DDM, r#"{"job": 5}"#),
        (&DB, r#"{"job": {}}"#),
    ] {
        assert!(dialect.read(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn sub_jobs_nest_to_any_depth() {
    let mut job = json!({"metadata": {"uid": "0"}, "spec": {}, "status": {"phase": "Success"}});
    for depth in 1..30 {
        job = json!({"metadata": {"uid": depth.to_string()}, "spec": {"subJobs": [job, null, 7]},
            "status": {"phase": "Success"}});
    }
    let read = CCE.read(job.to_string().as_bytes()).unwrap().unwrap();
    let mut deepest = &read;
    while let [inner] = deepest.sub_jobs() {
        deepest = inner;
    }
    assert_eq!(deepest.id_text(), Some("0"));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        near in "[\\[\\]{}:,\"a-z0-9/%_-]{0,60}") {
        for dialect in table::ALL {
            let _ = dialect.read(&body);
            let _ = dialect.read(near.as_bytes());
        }
    }
}
