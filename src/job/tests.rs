use proptest::prelude::*;
use serde_json::json;

use super::*;

fn job(body: Value) -> Job {
    Job::from_slice(body.to_string().as_bytes()).unwrap()
}

fn sent(body: &str) -> Job {
    Job::from_slice(body.as_bytes()).unwrap()
}

fn ids_of(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.id().unwrap_or("-")).collect()
}

#[test]
fn a_body_that_is_no_job_is_an_error_that_says_where_and_how_it_begins() {
    let bodies = [
        ("", "EOF while parsing a value at line 1 column 0; the body is empty"),
        ("{\"status\":\"RUNN", "line 1 column 15; the body begins with `{\"status\":\"RUNN`"),
        ("<html>\n<body>502", "line 1 column 1; the body begins with `<html> <body>502`"),
        ("{\"status\":\"INIT\"} x", "trailing characters at line 1 column 19"),
        ("[{\"status\":\"INIT\"}]", "not an object (line 1 column 0)"),
        ("\"INIT\"", "not an object"),
        ("null", "not an object"),
        ("{}", "without a `status`; the body begins with `{}`"),
        ("{\"status\":null}", "without a `status`"),
        ("{\"status\":\"\"}", "without a `status`"),
        ("{\"status\":\" \"}", "without a `status`"),
        ("{\"status\":{}}", "without a `status`"),
        ("{\"status\":[\"INIT\"]}", "without a `status`"),
        ("{\"status\":\"INIT\",\"status\":null}", "without a `status`"),
        ("{\"error\":{\"code\":\"Ecs.0001\",\"message\":\"no\"}}", "without a `status`"),
    ];
    for (body, expected) in bodies {
        let error = Job::from_slice(body.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{body}: {error}");
        assert!(error.starts_with("the answer "), "{error}");
    }
}

#[test]
fn an_error_never_shows_a_whole_long_body() {
    let body = format!("\"{}\"", "x".repeat(5000));
    assert!(Job::from_slice(body.as_bytes()).unwrap_err().to_string().len() < 250);
}

#[test]
fn a_status_is_kept_as_sent_and_compared_without_case() {
    for (text, status) in [
        ("SUCCESS", Status::Success),
        ("success", Status::Success),
        ("Pending_Payment", Status::PendingPayment),
        ("FAILED", Status::Unknown("FAILED".into())),
    ] {
        let job = job(json!({"status": text}));
        assert_eq!((job.status(), job.status_text()), (&status, text));
    }
    assert_eq!(sent("{\"status\":1}").status(), &Status::Unknown("1".into()));
    assert_eq!(sent("{\"status\":true}").status_text(), "true");
}

#[test]
fn a_member_of_another_type_is_its_text_or_nothing() {
    type Accessor = fn(&Job) -> Option<&str>;
    let names: [(&str, Accessor); 8] = [
        ("job_id", Job::id),
        ("job_type", Job::job_type),
        ("error_code", Job::error_code),
        ("fail_reason", Job::fail_reason),
        ("message", Job::message),
        ("code", Job::code),
        ("begin_time", |job| job.begin_time().map(Timestamp::as_str)),
        ("end_time", |job| job.end_time().map(Timestamp::as_str)),
    ];
    for (name, accessor) in names {
        for (value, expected) in [
            (json!("text"), Some("text")),
            (json!(400), Some("400")),
            (json!(-4), Some("-4")),
            (json!(0.5), Some("0.5")),
            (json!(false), Some("false")),
            (json!(null), None),
            (json!(""), None),
            (json!(" "), None),
            (json!({"a": [1]}), None),
            (json!([{"a": 1}]), None),
        ] {
            let job = job(json!({"status": "FAIL", name: value}));
            assert_eq!(accessor(&job), expected, "{name}: {value}");
        }
        assert_eq!(accessor(&sent("{\"status\":\"FAIL\"}")), None, "{name}");
    }
}

#[test]
fn of_two_members_with_one_name_the_last_one_counts() {
    let job = sent(
        r#"{"status":"INIT","job_id":"a","entities":{"sub_jobs":[{"job_id":"x"}],"server_id":"old"},
            "entities":{"sub_jobs":[{"job_id":"y"}],"sub_jobs":[{"job_id":"z"}],"server_id":"1","server_id":"2"},
            "job_id":"b","status":"RUNNING"}"#,
    );
    assert_eq!((job.id(), job.status()), (Some("b"), &Status::Running));
    assert_eq!(ids_of(job.sub_jobs()), ["z"]);
    assert_eq!(job.entities().server_id(), Some("2"));
    let mixed_last = sent(r#"{"status":"INIT","entities":{"sub_jobs":[{"job_id":"x"}],"sub_jobs":"none"}}"#);
    assert!(mixed_last.sub_jobs().is_empty());
    assert_eq!(mixed_last.entities().to_value(), json!({"sub_jobs": "none"}));
    let list_last = sent(r#"{"status":"INIT","entities":{"sub_jobs":["x"],"sub_jobs":[{"job_id":"x"}]}}"#);
    assert_eq!(ids_of(list_last.sub_jobs()), ["x"]);
    assert!(list_last.entities().is_empty());
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    assert_eq!(sent("\u{feff}{\"status\":\"INIT\"}").status(), &Status::Init);
}

#[test]
fn sub_jobs_are_one_list_wherever_they_are() {
    let one = || json!({"status": "RUNNING", "job_id": "one"});
    let two = || json!({"status": "SUCCESS", "job_id": "two"});
    for body in [
        json!({"status": "RUNNING", "entities": {"sub_jobs": [one(), two()]}}),
        json!({"status": "RUNNING", "entities": {"sub_jobs_result": [one(), two()]}}),
        json!({"status": "RUNNING", "sub_jobs": [one(), two()]}),
        json!({"status": "RUNNING", "entities": [one(), two()]}),
        json!({"status": "RUNNING", "entities": {"sub_jobs": [one()], "sub_jobs_result": [two(), one()]}}),
        json!({"status": "RUNNING", "entities": {"sub_jobs": [one(), two(), one()]}, "sub_jobs": [two()]}),
        json!({"status": "RUNNING", "entities": [one()], "sub_jobs": [two()]}),
    ] {
        let job = job(body);
        assert_eq!(ids_of(job.sub_jobs()), ["one", "two"]);
        assert_eq!(job.sub_jobs_done(), 1);
        assert!(job.entities().is_empty());
    }
}

#[test]
fn sub_jobs_without_an_id_are_all_kept_and_may_lack_a_status() {
    let job =
        job(json!({"status": "RUNNING", "entities": {"sub_jobs": [{}, {"job_id": ""}, {"entities": {}}]}}));
    assert_eq!(job.sub_jobs().len(), 3);
    assert_eq!(job.sub_jobs()[0].status(), &Status::Unknown("".into()));
    assert_eq!(job.sub_jobs_done(), 0);
}

#[test]
fn sub_jobs_nest_to_any_depth_the_json_can_have() {
    let nested = |depth: usize| {
        let open = r#"{"status":"RUNNING","entities":{"sub_jobs":["#.repeat(depth);
        format!("{open}{}", "]}}".repeat(depth))
    };
    let mut job = &sent(&nested(40));
    for _ in 1..40 {
        job = &job.sub_jobs()[0];
    }
    assert!(job.sub_jobs().is_empty());
    for body in [nested(50), nested(100_000), "[".repeat(100_000), "{\"entities\":".repeat(100_000)] {
        let error = Job::from_slice(body.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("recursion limit") || error.contains("not an object"), "{error}");
    }
}

#[test]
fn a_list_with_anything_else_than_jobs_in_it_stays_in_the_entities() {
    for list in [
        json!(["id-1", "id-2"]),
        json!([{"job_id": "x", "new": {"z": 1, "a": 2}}, "id-2"]),
        json!([null]),
        json!([[{"job_id": "x"}]]),
        json!([{"job_id": "x", "entities": {"sub_jobs": [{"job_id": "y"}, 5]}}, 7]),
        json!({"job_id": "x"}),
        json!("none"),
        json!(3),
    ] {
        for name in ["sub_jobs", "sub_jobs_result"] {
            let job = job(
                json!({"status": "INIT", "entities": {name: list, "a": 1}, "sub_jobs": [{"job_id": "s"}]}),
            );
            assert_eq!(ids_of(job.sub_jobs()), ["s"], "{list}");
            assert_eq!(job.entities().to_value(), json!({name: list, "a": 1}));
        }
        let job = job(json!({"status": "INIT", "sub_jobs": list}));
        assert!(job.sub_jobs().is_empty() && job.entities().is_empty());
    }
    for nothing in [json!([]), json!(null)] {
        let job = job(json!({"status": "INIT", "entities": {"sub_jobs": nothing, "a": 1}}));
        assert_eq!(job.entities().to_value(), json!({"a": 1}));
    }
}

#[test]
fn a_mixed_list_does_not_disturb_the_lists_around_it() {
    let job = sent(
        r#"{"status":"RUNNING","entities":{"z":1,
            "sub_jobs_result":[{"job_id":"lost","entities":{"sub_jobs":[{"job_id":"lost too"}]}},"text"],
            "sub_jobs":[
              {"job_id":"a","entities":{"sub_jobs":[1,{"entities":[{"x":1}]}],"b":[]}},
              {"job_id":"b","entities":{"sub_jobs":[{"job_id":"c","entities":[{"server_id":"s"}]}]}}],
            "a":2}}"#,
    );
    assert_eq!(ids_of(job.sub_jobs()), ["a", "b"]);
    assert_eq!(ids_of(job.sub_jobs()[1].sub_jobs()), ["c"]);
    assert_eq!(
        job.entities().iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["z", "sub_jobs_result", "a"]
    );
    let inner = json!({"sub_jobs": [1, {"entities": [{"x": 1}]}], "b": []});
    assert_eq!(job.sub_jobs()[0].entities().to_value(), inner);
    let deepest = job.sub_jobs()[1].sub_jobs()[0].entities().to_value();
    assert_eq!(deepest, json!([{"server_id": "s"}]));
}

#[test]
fn entities_may_be_anything() {
    for (entities, empty) in [
        (json!(null), true),
        (json!({}), true),
        (json!([]), true),
        (json!(""), true),
        (json!("text"), false),
        (json!(5), false),
        (json!(-5), false),
        (json!(0.5), false),
        (json!(true), false),
        (json!(["a"]), false),
        (json!([{"server_id": "a"}]), false),
        (json!([{"job_id": "a"}, {"server_id": "a"}]), false),
    ] {
        let job = job(json!({"status": "FAIL", "entities": entities}));
        assert_eq!(job.entities().is_empty(), empty, "{entities}");
        assert_eq!(job.entities().to_value(), entities);
        assert!(job.sub_jobs().is_empty());
    }
    assert_eq!(job(json!({"status": "FAIL", "entities": [{"server_id": "a"}]})).ids("server_id"), ["a"]);
}

#[test]
fn entities_are_as_sent_less_the_sub_jobs() {
    let job = sent(
        r#"{"status":"SUCCESS","entities":{"sub_jobs_total":1,"server_id":"s","sub_jobs":[{"job_id":"a"}],"b":{"x":0.20}}}"#,
    );
    let text = serde_json::to_string(job.entities()).unwrap();
    assert_eq!(text, r#"{"sub_jobs_total":1,"server_id":"s","b":{"x":0.2}}"#);
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

#[test]
fn ids_come_from_everywhere_once_and_in_order() {
    let job = job(json!({
        "status": "SUCCESS",
        "entities": {
            "elb": {"id": "e", "vpc_id": "v", "admin_state_up": false, "tenant_id": ""},
            "results": [{"image_id": "i2", "status": "success"}, {"image_id": "i1"}, {"image_id": null}],
            "image_id": "i1",
            "order_id": 77,
            "volume_ids": "b, a,,b",
            "sub_jobs": [
                {"job_id": "j", "entities": {"volume_id": "a", "volume_ids": ["c", " "], "job_id": "x"}},
                {"status": "RUNNING", "entities": {"sub_jobs": [{"entities": [{"server_id": "deep"}]}]}},
            ],
        },
    }));
    assert_eq!(job.ids("volume_id"), ["b", "a", "c"]);
    assert_eq!(job.ids("volume_ids"), ["b", "a", "c"]);
    assert_eq!(job.ids("vpc_id"), ["v"]);
    assert_eq!(job.ids("order_id"), ["77"]);
    assert_eq!(job.ids("id"), ["e"]);
    assert!(job.ids("nic_id").is_empty() && job.ids("").is_empty() && job.ids("tenant_id").is_empty());
    let all: Vec<_> =
        job.all_ids().into_iter().map(|(name, ids)| format!("{name}={}", ids.join("+"))).collect();
    let mut images = job.ids("image_id");
    images.sort();
    assert_eq!(images, ["i1", "i2"]);
    assert_eq!(
        all,
        [
            &format!("image_id={}", job.ids("image_id").join("+")),
            "order_id=77",
            "server_id=deep",
            "volume_id=b+a+c",
            "vpc_id=v"
        ]
    );
}

#[test]
fn a_text_with_a_comma_is_one_id_unless_the_name_says_more() {
    let job = job(json!({"status": "SUCCESS", "entities": {"a_id": "1,2", "b_ids": "1,2"}}));
    assert_eq!((job.ids("a_id"), job.ids("b_id")), (vec!["1,2".to_owned()], vec!["1".into(), "2".into()]));
}

#[test]
fn the_failed_sub_jobs_are_those_in_which_the_failure_began() {
    let job = job(json!({"status": "FAIL", "entities": {"sub_jobs": [
        {"job_id": "ok", "status": "SUCCESS"},
        {"job_id": "outer", "status": "FAIL", "entities": {"sub_jobs": [
            {"job_id": "ok too", "status": "SUCCESS"},
            {"job_id": "inner", "status": "FAIL"},
        ]}},
        {"job_id": "itself", "status": "FAIL", "entities": {"sub_jobs": [{"job_id": "ok 3", "status": "SUCCESS"}]}},
        {"job_id": "running", "status": "RUNNING", "error_code": "no end"},
        {"job_id": "silent", "fail_reason": "without a status"},
        {"job_id": "nothing"},
    ]}}));
    let ids = |jobs: Vec<&Job>| jobs.iter().filter_map(|job| job.id().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(ids(job.failed_sub_jobs().collect()), ["inner", "itself", "silent"]);
    assert_eq!(ids(job.succeeded_sub_jobs().collect()), ["ok", "ok too", "ok 3"]);
    assert_eq!(job.sub_jobs_done(), 3);
}

#[test]
fn the_reason_is_the_innermost_that_can_be_read() {
    let quota = json!({"forbidden": {"code": 403, "message": "Quota exceeded"}}).to_string();
    let cases = [
        (json!({"fail_reason": "volume is error!"}), Some("volume is error!")),
        (json!({"message": "odd question"}), Some("odd question")),
        (json!({"fail_reason": "first", "message": "second"}), Some("first")),
        (json!({"fail_reason": " ", "message": "second"}), Some("second")),
        (json!({"fail_reason": format!("XTask-fail:{quota}")}), Some("Quota exceeded")),
        (
            json!({"fail_reason": "Subjob fails", "entities": {"errorcode_message": quota}}),
            Some("Quota exceeded"),
        ),
        (json!({"fail_reason": "x", "entities": {"errorcode_message": "plain"}}), Some("plain")),
        (json!({"fail_reason": "x", "entities": {"errorcode_message": {"a": {"msg": "m"}}}}), Some("m")),
        (json!({"fail_reason": "x", "entities": {"errorcode_message": ""}}), Some("x")),
        (json!({"fail_reason": "x", "entities": {"addition_error_msg": "ims"}}), Some("ims")),
        (
            json!({"fail_reason": "x", "entities": {"error": {"message": "ims", "code": "IMG.1"}}}),
            Some("ims"),
        ),
        (json!({"fail_reason": "x", "entities": {"error": "ims"}}), Some("ims")),
        (json!({"fail_reason": "x", "entities": {"error": 5}}), Some("x")),
        (json!({"error_code": "Common.0021"}), None),
        (json!({"status": "RUNNING", "fail_reason": "so far"}), Some("so far")),
        (json!({"status": "SUCCESS", "fail_reason": "not really"}), None),
    ];
    for (mut body, expected) in cases {
        if body.get("status").is_none() {
            body["status"] = json!("FAIL");
        }
        assert_eq!(job(body.clone()).reason().as_deref(), expected, "{body}");
        // The same, said of a sub-job, and of a sub-job's sub-job.
        if body["status"] == "FAIL" {
            let expected = expected.or(Some("parent"));
            let outer = json!({"status": "FAIL", "fail_reason": "parent", "entities": {"sub_jobs": [
                {"status": "FAIL"}, {"status": "SUCCESS", "fail_reason": "no"}, body]}});
            assert_eq!(job(outer.clone()).reason().as_deref(), expected, "{outer}");
            let outermost = json!({"status": "FAIL", "message": "far", "sub_jobs": [outer]});
            assert_eq!(job(outermost).reason().as_deref(), expected);
        }
    }
}

#[test]
fn a_job_in_one_line_leaves_out_what_is_missing() {
    for (body, line) in [
        (
            json!({"job_type": "createServer", "job_id": "2c9e", "status": "SUCCESS", "entities": {"sub_jobs_total": 1,
                "sub_jobs": [{"status": "SUCCESS"}]}, "begin_time": "2016-04-25T20:04:34.604Z",
                "end_time": "2016-04-25T20:08:41.593Z"}),
            "createServer 2c9e SUCCESS in 4m 6s (1 of 1 sub-jobs done)",
        ),
        (
            json!({"job_type": "createServer", "job_id": "2c9e", "status": "RUNNING", "entities": {"sub_jobs_total": 3,
                "sub_jobs": [{"status": "INIT"}]}, "begin_time": "2016-04-25T20:04:34.604Z", "end_time": ""}),
            "createServer 2c9e RUNNING since 2016-04-25T20:04:34.604Z (0 of 3 sub-jobs done)",
        ),
        (json!({"status": "success"}), "SUCCESS"),
        (json!({"status": "INIT", "job_id": "a"}), "a INIT"),
        (json!({"status": "FAIL", "job_id": "a", "begin_time": "odd", "end_time": "odder"}), "a FAIL"),
        (json!({"status": "odd\u{1b}[2J", "job_type": "two\nlines"}), "two lines odd?[2J"),
    ] {
        assert_eq!(job(body).to_string(), line);
    }
    let outer = job(json!({"status": "INIT", "sub_jobs": [{"job_id": "s"}]}));
    assert_eq!(outer.sub_jobs()[0].to_string(), "s without a status");
    for (end, shown) in [
        ("01.950Z", "1.9s"),
        ("41.000Z", "41s"),
        ("00.000Z", "0.0s"),
        ("00.999Z", "0.9s"),
        ("10.000Z", "10s"),
    ] {
        let end = format!("2016-01-01T00:00:{end}");
        let job = job(json!({"status": "FAIL", "begin_time": "2016-01-01T00:00:00Z", "end_time": end}));
        assert_eq!(job.to_string(), format!("FAIL in {shown}"));
    }
    for (end, shown) in [("01T01:02:59Z", "1h 2m"), ("04T04:59:00Z", "3d 4h")] {
        let end = format!("2016-01-{end}");
        let job = job(json!({"status": "FAIL", "begin_time": "2016-01-01T00:00:00Z", "end_time": end}));
        assert_eq!(job.to_string(), format!("FAIL in {shown}"));
    }
}

#[test]
fn the_text_of_a_failure_has_the_cause_and_what_to_clean_up() {
    let quota = json!({"forbidden": {"code": 403, "message": "Quota\n exceeded"}}).to_string();
    let failed = job(json!({
        "status": "FAIL", "job_id": "p", "job_type": "createServer", "error_code": "Common.0021",
        "fail_reason": "Subjob fails", "entities": {"sub_jobs_total": 3, "sub_jobs": [
            {"status": "SUCCESS", "job_id": "s1", "entities": {"server_id": "a"}},
            {"status": "FAIL", "job_id": "s2", "job_type": "createSingleServer", "error_code": "Ecs.0204",
             "fail_reason": "Task-fail: ...", "entities": {"errorcode_message": quota, "server_id": "b"}},
            {"status": "FAIL", "job_id": "s3", "error_code": "Ecs.0001", "entities": {"nic_id": "n", "tenant_id": "t"}},
        ]},
    }));
    assert_eq!(
        failure_text(&failed).to_string(),
        "job p (createServer) failed: Common.0021: Subjob fails\n  \
         sub-job s2 (createSingleServer) failed: Ecs.0204: Quota exceeded\n  \
         sub-job s3 failed: Ecs.0001\n  \
         made nevertheless: nic_id n; server_id a, b"
    );
    for (body, text) in [
        (json!({"status": "FAIL"}), "job failed"),
        (json!({"status": "FAIL", "job_id": "p", "fail_reason": "why"}), "job p failed: why"),
        (
            json!({"status": "FAIL", "job_id": "p", "job_type": "deleteServer", "entities": {"server_id": "a"}}),
            "job p (deleteServer) failed\n  concerned: server_id a",
        ),
        (
            json!({"status": "FAIL", "error_code": "EVS.2024", "entities": {"volume_id": "v"}}),
            "job failed: EVS.2024\n  made nevertheless: volume_id v",
        ),
    ] {
        assert_eq!(failure_text(&job(body)).to_string(), text);
    }
}

#[test]
fn thousands_of_sub_jobs_are_one_list() {
    let subs: Vec<_> = (0..20_000).map(|n| json!({"status": "FAIL", "job_id": n / 2})).collect();
    let job = job(json!({"status": "FAIL", "entities": {"sub_jobs": subs}}));
    assert_eq!(job.sub_jobs().len(), 10_000);
    assert_eq!(job.failed_sub_jobs().count(), 10_000);
}

/// Calls everything a job can be asked.
fn ask_all(job: &Job) {
    let asked = (job.id(), job.status(), job.status_text(), job.job_type(), job.begin_time(), job.end_time());
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
    let texts = (job.to_string(), failure_text(job).to_string());
    let entities = job.entities();
    let values =
        (entities.to_value(), entities.volume_ids(), entities.process_percent(), entities.server_id());
    assert_eq!(serde_json::to_value(entities).unwrap(), values.0);
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
            let has_status = match status {
                Value::String(text) => !text.trim().is_empty(),
                Value::Number(_) | Value::Bool(_) => true,
                _ => false,
            };
            prop_assert!(!has_status, "{body}");
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
