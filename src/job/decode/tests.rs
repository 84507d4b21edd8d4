use serde_json::json;

use crate::job::Job;
use crate::job::status::Status;
use crate::job::tests::{ids_of, job, sent};
use crate::job::timestamp::Timestamp;

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
        ("{}", "without a `status` text; the body begins with `{}`"),
        ("{\"status\":null}", "without a `status` text"),
        ("{\"status\":\"\"}", "without a `status` text"),
        ("{\"status\":\" \"}", "without a `status` text"),
        ("{\"status\":7}", "without a `status` text"),
        ("{\"status\":-7.5}", "without a `status` text"),
        ("{\"status\":1e400}", "without a `status` text"),
        ("{\"status\":true}", "without a `status` text"),
        ("{\"status\":\"INIT\",\"status\":7}", "without a `status` text"),
        ("{\"status\":{}}", "without a `status` text"),
        ("{\"status\":[\"INIT\"]}", "without a `status` text"),
        ("{\"status\":\"INIT\",\"status\":null}", "without a `status` text"),
        ("{\"error\":{\"code\":\"Ecs.0001\",\"message\":\"no\"}}", "without a `status` text"),
    ];
    for (body, expected) in bodies {
        let error = Job::from_slice(body.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{body}: {error}");
        assert!(error.starts_with("the response "), "{error}");
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
}

#[test]
fn a_member_of_another_type_is_its_text_or_nothing() {
    type Accessor = fn(&Job) -> Option<&str>;
    let names: [(&str, Accessor); 8] = [
        ("job_id", Job::id_text),
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
    assert_eq!((job.id_text(), job.status()), (Some("b"), &Status::Running));
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
fn a_text_in_another_encoding_does_not_cost_the_job() {
    let job = Job::from_slice(b"{\"status\":\"FAIL\",\"fail_reason\":\"no \xd5\xca more\"}").unwrap();
    assert_eq!(job.fail_reason(), Some("no \u{fffd}\u{fffd} more"));
    assert!(Job::from_slice(b"\xff\xfe{\0").is_err());
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
        json!([null, "id-2"]),
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
    for nothing in [json!([]), json!(null), json!([null])] {
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
        r#"{"status":"SUCCESS","entities":{"sub_jobs_total":1,"server_id":"s","sub_jobs":[{"job_id":"a"}],"b":{"x":0.20}, "n":1e3}}"#,
    );
    let text = serde_json::to_string(job.entities()).unwrap();
    assert_eq!(text, r#"{"sub_jobs_total":1,"server_id":"s","b":{"x":0.20},"n":1e3}"#);
}

#[test]
fn two_sub_jobs_that_differ_are_two_even_under_one_id() {
    let one = json!({"status": "SUCCESS", "job_id": "one"});
    let other = json!({"status": "FAIL", "job_id": "one", "fail_reason": "why"});
    for lists in [json!({"sub_jobs": [one, other, other]}), json!({"sub_jobs_result": [one, other]})] {
        let job = job(json!({"status": "FAIL", "entities": lists, "sub_jobs": [{"job_id": "one"}]}));
        assert_eq!(ids_of(job.sub_jobs()), ["one", "one"]);
        assert_eq!(job.reason().as_deref(), Some("why"));
    }
}

#[test]
fn a_null_among_sub_jobs_is_passed_over() {
    let one = || json!({"status": "SUCCESS", "job_id": "one"});
    for body in [
        json!({"status": "RUNNING", "entities": {"sub_jobs": [null, one(), null]}}),
        json!({"status": "RUNNING", "entities": [one(), null]}),
        json!({"status": "RUNNING", "entities": {"sub_jobs": [null]}, "sub_jobs": [one()]}),
    ] {
        let job = job(body);
        assert_eq!(ids_of(job.sub_jobs()), ["one"]);
        assert!(job.entities().is_empty());
    }
}

#[test]
fn half_a_character_is_replaced() {
    let job = sent(r#"{"status":"FAIL","fail_reason":"no more \ud83d","job_type":"\ud83d\ude00"}"#);
    assert_eq!((job.fail_reason(), job.job_type()), (Some("no more \u{fffd}"), Some("\u{1f600}")));
}

#[test]
fn an_error_beside_the_job_is_its_message() {
    for (error, message) in [
        (json!({"code": "EVS.2024", "message": "no room"}), Some("no room")),
        (json!([{"message": "no room"}]), Some("no room")),
        (json!("no room"), Some("no room")),
        (json!({}), None),
        (json!(5), None),
    ] {
        let body = json!({"status": "FAIL", "error": error});
        assert_eq!(job(body.clone()).message(), message, "{body}");
        assert_eq!(job(body.clone()).reason().as_deref(), message, "{body}");
    }
    let both = job(json!({"error": {"message": "inner"}, "message": "outer", "status": "FAIL"}));
    assert_eq!(both.message(), Some("outer"));
}

#[test]
fn thousands_of_sub_jobs_are_one_list() {
    let subs: Vec<_> = (0..20_000).map(|n| json!({"status": "FAIL", "job_id": n / 2})).collect();
    let job = job(json!({"status": "FAIL", "entities": {"sub_jobs": subs}}));
    assert_eq!(job.sub_jobs().len(), 10_000);
    assert_eq!(job.failed_sub_jobs().count(), 10_000);
}

#[test]
fn json_that_is_not_quite_valid_does_not_cost_the_job() {
    let gbk = b"{\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"\xd5\x5c\"}";
    let latin_1 = b"{\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"\xe9\\n\"}";
    let bodies: [(&[u8], &str); 9] = [
        (b"{\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"one\ntwo\"}", "one\ntwo"),
        (b"{\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"a\tb\rc\0d\x1be\x1af\"}", "a\tb\rc\0d\u{1b}e\u{1a}f"),
        (b"{\"a\nb\":1,\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"why\"}\0\0\n", "why"),
        (b"\xef\xbb\xbf{\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"a\nb\"}\x1a", "a\nb"),
        (b"{\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"C:\\windows \\ud83d\"}", "C:\\windows \u{fffd}"),
        (b"{\"n\":1e999,\"entities\":{\"x\":[1e400]},\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"why\"}", "why"),
        (b"{\"status\":\"FAIL\",\"error_code\":\"Ecs.0204\",\"fail_reason\":\"caf\xe9\nbar\"}", "caf\u{fffd}\nbar"),
        (gbk, "\u{fffd}"),
        (latin_1, "\u{fffd}\n"),
    ];
    for (body, reason) in bodies {
        let shown = String::from_utf8_lossy(body);
        let job = Job::from_slice(body).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!((job.status(), job.error_code()), (&Status::Fail, Some("Ecs.0204")), "{shown}");
        assert_eq!(job.fail_reason(), Some(reason), "{shown}");
    }
    assert!(Job::from_slice(b"{\"status\":\"FAIL\",\"fail_reason\":\"one\ntw").is_err());
}

#[test]
fn every_number_keeps_its_digits() {
    for digits in [
        "0",
        "-0",
        "7",
        "0.2",
        "0.20",
        "1.0",
        "1e3",
        "1E+3",
        "1e400",
        "-1e-400",
        "18446744073709551615",
        "18446744073709551616",
        "12345678901234567890123",
        "-12345678901234567890123",
        "0.12345678901234567890123",
    ] {
        let job = sent(&format!(
            r#"{{"status":"INIT","entities":{{"order_id": {digits},"deep":{{"a":[ {digits}, "x"]}}}},"sub_jobs":[
                {{"job_id":"a","entities":[ {digits} ]}},{{"job_id":"b","entities":{digits}}}]}}"#
        ));
        let written = serde_json::to_string(job.entities()).unwrap();
        assert_eq!(written, format!(r#"{{"order_id":{digits},"deep":{{"a":[{digits},"x"]}}}}"#));
        assert_eq!(serde_json::to_string(job.sub_jobs()[0].entities()).unwrap(), format!("[{digits}]"));
        assert_eq!(serde_json::to_string(job.sub_jobs()[1].entities()).unwrap(), digits);
        let named = sent(&format!(r#"{{"status":"INIT","job_id":{digits}}}"#));
        assert_eq!(named.id_text(), Some(digits));
    }
    for (digits, id) in [
        ("12345678901234567890123", "12345678901234567890123"),
        ("-5", "-5"),
        ("1e400", "1e400"),
        ("0.20", "0.2"),
    ] {
        let job = sent(&format!(r#"{{"status":"INIT","entities":{{"order_id":{digits}}}}}"#));
        assert_eq!(job.ids("order_id"), [id]);
    }
    let percent = sent(r#"{"status":"INIT","entities":{"process_percent":0.20,"size":40}}"#);
    assert_eq!(percent.entities().process_percent(), Some(0.2));
    assert_eq!(percent.entities().get("size"), Some(&json!(40)));
    // A text that looks like the mark of a number is harmless.
    for text in [r#"\u0001#"#, r#"\u0001#1,2"#, r#"\u0001#x"#] {
        let job = sent(&format!(r#"{{"status":"INIT","entities":{{"x":0.20,"y":"{text}"}}}}"#));
        let written = serde_json::to_string(job.entities()).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&written).is_ok(), "{written}");
        assert_eq!(job.entities().iter().count(), 2);
    }
}

#[test]
fn a_sub_job_whose_status_is_not_a_text_has_none() {
    let job = job(json!({"status": "RUNNING", "sub_jobs": [{"status": 7, "job_id": "a"}, {"status": true}]}));
    assert!(job.sub_jobs().iter().all(|job| job.status_text().is_empty()));
}

#[test]
fn a_thousand_sub_jobs_with_long_reasons_are_read() {
    let reason = "no more room\n".repeat(100);
    let subs: Vec<_> = (0..1_000)
        .map(|n| json!({"status": "FAIL", "job_id": format!("j{n}"), "error_code": "Ecs.0204", "fail_reason": reason,
            "entities": {"server_id": format!("s{n}")}}))
        .collect();
    let body =
        json!({"status": "FAIL", "error_code": "Common.0021", "entities": {"sub_jobs": subs}}).to_string();
    assert!(body.len() > 1_100_000);
    for body in [body.clone(), body.replace("\\n", "\n")] {
        let job = Job::from_slice(body.as_bytes()).unwrap();
        assert_eq!(job.failed_sub_jobs().count(), 1_000);
        assert_eq!(job.ids("server_id").len(), 1_000);
        assert_eq!(job.failure().unwrap().to_string().lines().count(), 1_002);
    }
}
