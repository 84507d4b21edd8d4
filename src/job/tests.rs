use proptest::prelude::*;
use serde_json::json;

use super::failure::Failure;
use super::*;

pub(super) fn job(body: Value) -> Job {
    Job::from_slice(body.to_string().as_bytes()).unwrap()
}

pub(super) fn sent(body: &str) -> Job {
    Job::from_slice(body.as_bytes()).unwrap()
}

pub(super) fn ids_of(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.id_text().unwrap_or("-")).collect()
}

#[test]
fn the_announced_number_of_sub_jobs_may_be_a_text_or_a_list() {
    for (entities, total) in [
        (json!({"sub_jobs_total": 3}), Some(3)),
        (json!({"sub_jobs_total": "3 "}), Some(3)),
        (json!({"sub_jobs_total": 0}), Some(0)),
        (json!({"sub_jobs_list": ["a", "b"]}), Some(2)),
        (json!({"sub_jobs_list": ["a", "b"], "sub_jobs_total": 5}), Some(5)),
        (json!({"sub_jobs_list": ["a", "b"], "sub_jobs_total": null}), Some(2)),
        (json!({"sub_jobs_total": -1}), None),
        (json!({"sub_jobs_total": "many"}), None),
        (json!({"sub_jobs_total": [3]}), None),
        (json!({"sub_jobs_list": "a"}), None),
        (json!({"sub_jobs": [{}]}), None),
        (json!([]), None),
    ] {
        assert_eq!(
            job(json!({"status": "INIT", "entities": entities})).sub_jobs_total(),
            total,
            "{entities}"
        );
    }
}

#[test]
fn only_a_job_that_ended_has_a_duration_and_never_a_negative_one() {
    let of = |status: &str, begin: &str, end: &str| {
        job(json!({"status": status, "begin_time": begin, "end_time": end})).duration()
    };
    let (begin, end) = ("2016-04-25T20:04:34.604Z", "2016-04-25T20:08:41.593Z");
    assert_eq!(of("SUCCESS", begin, end), Some(Duration::from_millis(246_989)));
    assert_eq!(of("FAIL", begin, end), Some(Duration::from_millis(246_989)));
    assert_eq!(of("FAIL", begin, begin), Some(Duration::ZERO));
    assert_eq!(of("RUNNING", begin, end), None);
    assert_eq!(of("ERROR", begin, end), None);
    assert_eq!(of("SUCCESS", end, begin), None);
    assert_eq!(of("SUCCESS", begin, ""), None);
    assert_eq!(of("SUCCESS", begin, "2016-04-25 20:08:41"), None);
    assert_eq!(of("SUCCESS", "2016-04-25 20:08:01", "2016-04-25 20:08:41"), Some(Duration::from_secs(40)));
}

/// Calls everything a job can be asked.
fn ask_all(job: &Job) {
    let asked =
        (job.id_text(), job.status(), job.status_text(), job.job_type(), job.begin_time(), job.end_time());
    let more = (job.error_code(), job.fail_reason(), job.message(), job.code(), job.duration());
    let counts = (job.sub_jobs_total(), job.sub_jobs_done(), job.succeeded_sub_jobs().count());
    let reason = job.reason();
    assert!(reason.as_deref().is_none_or(|reason| !reason.trim().is_empty()));
    for (name, ids) in job.all_ids() {
        assert_eq!(job.ids(&name), ids);
        assert!(ids.iter().all(|id| !id.is_empty()));
    }
    let times = [job.begin_time(), job.end_time()].into_iter().flatten();
    let instants: Vec<_> = times.map(Timestamp::instant).collect();
    let texts = (job.to_string(), Failure::of(job).to_string());
    let entities = job.entities();
    let values =
        (entities.to_value(), entities.volume_ids(), entities.process_percent(), entities.server_id());
    // Of fractions serde_json reads some one digit wrong.
    if !entities.has_floats() {
        assert_eq!(serde_json::to_value(entities).unwrap(), values.0);
    }
    assert!(job.failed_sub_jobs().all(|job| !job.status().is_terminal() || job.status() == &Status::Fail));
    let _ = format!("{asked:?}{more:?}{counts:?}{instants:?}{texts:?}{values:?}");
    assert_eq!(job, &job.clone());
    job.sub_jobs().iter().for_each(ask_all);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..7).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
        let _ = Job::from_slice(&body);
        let _ = Job::from_slice(text.as_bytes());
    }

    #[test]
    fn no_broken_answer_makes_it_panic(cut in 0_usize..400, at in 0_usize..400, byte in any::<u8>()) {
        let mut body = json!({"status": "RUNNING", "job_id": "a", "entities": {"sub_jobs_total": 1, "sub_jobs": [
            {"status": "RUNNING", "entities": {"volume_ids": "a,b", "size": 10.5e3, "name": "\u{e9}\\\""}}]},
            "begin_time": "2016-04-25T20:04:34.604Z", "error_code": null}).to_string().into_bytes();
        let length = body.len();
        body[at % length] = byte;
        body.truncate(length.min(cut + 50));
        if let Ok(job) = Job::from_slice(&body) {
            ask_all(&job);
        }
    }

    #[test]
    fn no_value_of_any_member_is_an_error(values in prop::collection::vec((prop::sample::select(NAMES), any_json()), 0..12)) {
        let mut body: Value = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let Ok(job) = Job::from_slice(body.to_string().as_bytes()) else {
            let status = body.get("status").unwrap_or(&Value::Null);
            prop_assert!(status.as_str().is_none_or(|text| text.trim().is_empty()), "{body}");
            body["status"] = json!("FAIL");
            ask_all(&Job::from_slice(body.to_string().as_bytes()).unwrap());
            return Ok(());
        };
        ask_all(&job);
    }
}

const NAMES: &[&str] = &[
    "status",
    "entities",
    "job_id",
    "job_type",
    "begin_time",
    "end_time",
    "error_code",
    "fail_reason",
    "message",
    "code",
    "sub_jobs",
    "sub_jobs_result",
    "sub_jobs_list",
    "sub_jobs_total",
    "errorcode_message",
    "error",
    "server_id",
    "volume_ids",
    "process_percent",
    "new",
];

const WORDS: &[&str] =
    &["SUCCESS", "FAIL", "RUNNING", "2016-04-25T20:04:34.604Z", "{\"message\":\"m\"}", "a,b", ""];
