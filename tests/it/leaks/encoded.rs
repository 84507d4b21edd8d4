//! A token that comes back encoded: every encoding, in every place of a response.

use std::fmt::Write as _;
use std::sync::Mutex;

use cloudjob::{Client, Credentials, Endpoint, Job};

use super::config;
use crate::faults::id;
use crate::faults::peer::{Peer, answer};

/// As long as a real one is, it would be found by its form.
const TOKEN: &str = "gAAAAABm_L3ak/Mark+Zk&2Vt=Wx9==";

/// Parts of it that must not be seen, in lower case.
const PARTS: [&str; 4] = ["gaaaaab", "l3ak", "mark", "wx9"];

fn json(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json[1..json.len() - 1].to_owned()
}

fn each(write: fn(char) -> String) -> String {
    TOKEN.chars().map(write).collect()
}

/// What stands for the token between the quotes of a JSON string.
fn encodings() -> Vec<(&'static str, String)> {
    let gson = TOKEN.replace('=', "\\u003d").replace('&', "\\u0026").replace('+', "\\u002b");
    vec![
        ("plain", TOKEN.to_owned()),
        ("gson", gson.clone()),
        (".NET", gson.replace("\\u003d", "\\u003D").replace("\\u002b", "\\u002B")),
        ("slashes", TOKEN.replace('/', "\\/")),
        ("all characters", each(|c| format!("\\u{:04x}", u32::from(c)))),
        ("JSON in JSON", json(&gson)),
        ("JSON in JSON in JSON", json(&json(&gson))),
        ("HTML names", TOKEN.replace('&', "&amp;").replace('=', "&equals;").replace('/', "&sol;")),
        ("HTML names as Gson writes them", TOKEN.replace('&', "\\u0026amp;").replace('=', "\\u0026#61;")),
        ("HTML numbers", each(|c| format!("&#{};", u32::from(c)))),
        ("HTML hexadecimal", each(|c| format!("&#x{:X};", u32::from(c)))),
        ("HTML twice", each(|c| format!("&amp;#{};", u32::from(c)))),
        ("percent", each(|c| format!("%{:02X}", u32::from(c)))),
        (
            "percent, signs only",
            TOKEN.replace('=', "%3d").replace('&', "%26").replace('+', "%2b").replace('/', "%2f"),
        ),
        ("percent twice", each(|c| format!("%25{:02x}", u32::from(c)))),
        ("upper case", TOKEN.to_uppercase()),
        ("lower case", TOKEN.to_lowercase()),
        ("zero width", each(|c| format!("{c}\u{200b}"))),
        ("zero width, escaped", each(|c| format!("{c}\\u200b\\u2060"))),
        ("bidi", each(|c| format!("{c}\u{202e}"))),
        ("control, escaped", each(|c| format!("{c}\\u0000"))),
        ("wrapped", each(|c| format!("{c}\\r\\n"))),
        ("raw control characters", each(|c| format!("{c}\u{1}"))),
        ("base64", "Z0FBQUFBQm1fTDNhay9NYXJrK1prJjJWdD1XeDk9PQ==".to_owned()),
        ("base64 of user and password", "dXNlcjpnQUFBQUFCbV9MM2FrL01hcmsrWmsmMlZ0PVd4OT09".to_owned()),
        ("hexadecimal", each(|c| format!("{:02x}", u32::from(c)))),
    ]
}

/// Responses with `TOKEN` in one place.
fn places() -> Vec<(&'static str, &'static str, &'static str)> {
    vec![
        ("message", "403 No", r#"{"error":{"code":"Ecs.0001","message":"the token TOKEN is bad"}}"#),
        ("flat message", "400 No", r#"{"error_code":"Ecs.0001","error_msg":"TOKEN"}"#),
        ("code", "400 No", r#"{"error_code":"TOKEN","error_msg":"no"}"#),
        ("request id", "400 No", r#"{"error_code":"Ecs.0001","error_msg":"no","request_id":"TOKEN"}"#),
        (
            "details",
            "400 No",
            r#"{"error":{"code":"Ecs.0001","message":"no","details":[{"code":"TOKEN","message":"TOKEN"}]}}"#,
        ),
        ("another shape", "400 No", r#"{"headers":{"X-Other":["TOKEN"]}}"#),
        ("text", "403 No", "you sent TOKEN here"),
        ("page", "403 No", "<html><body><p>you sent TOKEN</p></body></html>"),
        ("not a job", "200 OK", r#"{"token":["TOKEN"]}"#),
        ("error in success", "200 OK", r#"{"error_code":"TOKEN","error_msg":"TOKEN"}"#),
        ("status", "200 OK", r#"{"status":"TOKEN"}"#),
        (
            "id, type, code",
            "200 OK",
            r#"{"status":"FAIL","job_id":"TOKEN","job_type":"TOKEN","error_code":"TOKEN"}"#,
        ),
        ("reason", "200 OK", r#"{"status":"FAIL","fail_reason":"it sent TOKEN here"}"#),
        ("times", "200 OK", r#"{"status":"FAIL","begin_time":"TOKEN","end_time":"TOKEN"}"#),
        ("code and message beside it", "200 OK", r#"{"status":"FAIL","code":"TOKEN","message":"TOKEN"}"#),
        (
            "entities",
            "200 OK",
            r#"{"status":"SUCCESS","entities":{"server_id":"TOKEN","more":["TOKEN",{"a":"TOKEN"}]}}"#,
        ),
        ("names of entities", "200 OK", r#"{"status":"SUCCESS","entities":{"TOKEN":"a"}}"#),
        (
            "sub-job",
            "200 OK",
            r#"{"status":"FAIL","entities":{"sub_jobs":[{"status":"FAIL","job_id":"TOKEN","fail_reason":"TOKEN"}]}}"#,
        ),
        (
            "inner message",
            "200 OK",
            r#"{"status":"FAIL","entities":{"errorcode_message":"{\"message\":\"TOKEN\"}"}}"#,
        ),
    ]
}

/// Everything a job says of itself.
fn all_of(job: &Job) -> String {
    let mut text = format!("{job} {job:?} {} {}", job.status(), job.status_text());
    for part in
        [job.id_text(), job.job_type(), job.error_code(), job.fail_reason(), job.message(), job.code()]
    {
        write!(text, " {part:?}").unwrap();
    }
    write!(text, " {:?} {:?}", job.reason(), job.all_ids()).unwrap();
    write!(text, " {}", serde_json::to_string(job.entities()).unwrap()).unwrap();
    if let Some(failure) = job.failure() {
        write!(text, " {failure}").unwrap();
    }
    job.sub_jobs().iter().for_each(|job| text.push_str(&all_of(job)));
    text
}

#[test]
fn a_token_is_masked_in_every_encoding_and_place() {
    let (encodings, places) = (encodings(), places());
    let mut cases = Vec::new();
    for (place, status, body) in &places {
        for (encoding, encoded) in &encodings {
            // An inner document has its own level of escapes.
            let encoded = if *place == "inner message" { json(encoded) } else { encoded.clone() };
            cases.push((
                *place,
                *encoding,
                encoded.clone(),
                answer(status, "", &body.replace("TOKEN", &encoded)),
            ));
        }
    }
    let responses: Mutex<Vec<String>> = Mutex::new(cases.iter().rev().map(|case| case.3.clone()).collect());
    let peer = Peer::start(move |line, _| {
        while line.request().is_some() {
            let response = responses.lock().unwrap().pop();
            if !response.is_some_and(|response| line.send(response)) {
                return;
            }
        }
    });
    let endpoint = Endpoint::new(&peer.url(), "0391e4486e864c26be5654c522f440f2").unwrap();
    let client = Client::with_config(endpoint, Credentials::token(TOKEN).unwrap(), config()).unwrap();
    for (place, encoding, encoded, response) in &cases {
        let shown = match client.job(&id()) {
            Ok(job) => all_of(&job),
            Err(error) => {
                let api = error.api_error().map(|api| format!("{api} {api:?} {:?}", api.message()));
                format!("{error} {error:?} {api:?}")
            }
        };
        assert!(shown.contains("***"), "{place}, {encoding}: {shown}\n{response}");
        let plain: String = shown.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let part = PARTS.into_iter().find(|part| plain.contains(part));
        // The digits in the middle are the token's alone.
        let middle = encoded.get(8..encoded.len() - 8).filter(|middle| middle.is_ascii());
        let is_shown = middle.is_some_and(|middle| shown.contains(middle));
        assert!(part.is_none() && !is_shown, "{place}, {encoding}: {part:?} in {shown}\n{response}");
    }
}
