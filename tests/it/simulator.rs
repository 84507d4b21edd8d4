//! The simulator, asked by a bare socket.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cloudjob::simulator::{Dialect, Fault, JobScript, Simulator};
use serde_json::{Value, json};

/// An answer, taken apart.
struct Got {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// One kept connection.
struct Asker(BufReader<TcpStream>);

impl Asker {
    fn new(simulator: &Simulator) -> Self {
        let stream = TcpStream::connect(simulator.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// The next answer; none if the connection was closed before its end.
    fn answer(&mut self) -> Option<Got> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status = lines[0].split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(n, v)| (n.into(), v.into()))
            .collect();
        let mut got = Got { status, headers, body: Vec::new() };
        let length = got.header("content-length").map_or(0, |length| length.parse().unwrap());
        got.body = vec![0; length];
        self.0.read_exact(&mut got.body).ok()?;
        Some(got)
    }

    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Got> {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        self.send(head.as_bytes());
        self.answer()
    }

    fn get(&mut self, path: &str, token: &str) -> Option<Got> {
        self.ask("GET", path, &[("X-Auth-Token", token)], "")
    }
}

fn job_path(simulator: &Simulator, id: &str) -> String {
    format!("/v1/{}/jobs/{id}", simulator.project_id())
}

#[test]
fn a_job_goes_its_way_over_one_connection() {
    let simulator = Simulator::start().unwrap();
    let id =
        simulator.start_job(JobScript::new("createServer").sub_jobs(2).duration(Duration::from_secs(600)));
    let path = job_path(&simulator, id.as_str());
    let mut asker = Asker::new(&simulator);
    let mut polled = || asker.get(&path, simulator.token()).unwrap();

    let running = polled();
    assert_eq!(running.status, 200);
    assert_eq!(running.json()["status"], "RUNNING");
    assert_eq!(running.json()["job_id"], id.as_str());
    assert_eq!(running.header("content-type"), Some("application/json"));
    assert_eq!(running.header("x-request-id").map(str::len), Some(32));
    assert!(running.header("date").is_some_and(|date| date.ends_with(" GMT")));
    simulator.advance(Duration::from_secs(600));
    let ended = polled().json();
    assert_eq!((&ended["status"], &ended["entities"]["sub_jobs_total"]), (&json!("SUCCESS"), &json!(2)));

    assert_eq!(simulator.poll_count(&id), 2);
    let sub_id = ended["entities"]["sub_jobs"][1]["job_id"].as_str().unwrap().to_owned();
    let flat = asker.get(&job_path(&simulator, &sub_id), simulator.token()).unwrap().json();
    assert_eq!(flat, ended["entities"]["sub_jobs"][1]);
    let requests = simulator.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.status() == Some(200)));
    assert!(!format!("{requests:?}").contains(simulator.token()));
}

#[test]
fn who_may_not_ask_or_asks_for_nothing_known_is_told_as_by_the_real_service() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let (path, token) = (job_path(&simulator, id.as_str()), simulator.token());
    let mut asker = Asker::new(&simulator);
    let (unknown, foreign) = (job_path(&simulator, "ff80"), format!("/v1/other/jobs/{id}"));
    let table = [
        (path.as_str(), "wrong", 401, "/error_code", "APIGW.0301"),
        (&unknown, token, 400, "/error/code", "Common.0011"),
        (&foreign, token, 400, "/error/code", "Common.0018"),
        ("/v1/cloudimages/job/ff80", token, 400, "/error_code", "IMG.0023"),
        ("/nowhere", token, 404, "/error_code", "APIGW.0101"),
        ("/nowhere", "wrong", 404, "/error_code", "APIGW.0101"),
    ];
    for (path, token, status, place, code) in table {
        let got = asker.get(path, token).unwrap();
        assert_eq!((got.status, got.json().pointer(place)), (status, Some(&json!(code))), "{path}");
    }
    simulator.expire_token();
    let over = asker.get(&path, token).unwrap();
    assert_eq!((over.status, &over.json()["error_code"]), (401, &json!("APIGW.0307")));
    assert_eq!(over.json()["request_id"].as_str(), over.header("x-request-id"));
    simulator.set_token("renewed");
    assert_eq!(asker.get(&path, "renewed").unwrap().status, 200);
    assert_eq!(asker.get(&path, token).unwrap().status, 401);
}

#[test]
fn a_job_can_be_started_over_http() {
    let simulator = Simulator::start().unwrap();
    let mut asker = Asker::new(&simulator);
    let token = [("X-Auth-Token", simulator.token())];
    let path = format!("/v2.1/{}/servers/action", simulator.project_id());
    let body = r#"{"simulate":{"seconds":60,"sub_jobs":3,"fail":1,"job_type":"serversAction"}}"#;
    let started = asker.ask("POST", &path, &token, body).unwrap().json();
    simulator.advance(Duration::from_secs(61));
    let job = asker
        .get(&job_path(&simulator, started["job_id"].as_str().unwrap()), simulator.token())
        .unwrap()
        .json();
    assert_eq!((&job["status"], &job["job_type"]), (&json!("FAIL"), &json!("serversAction")));

    let volume = format!("/evs/v2/{}/volumes/1", simulator.project_id());
    let started = asker.ask("DELETE", &volume, &token, "").unwrap().json();
    let path = format!("/evs/v1/{}/jobs/{}", simulator.project_id(), started["job_id"].as_str().unwrap());
    assert_eq!(asker.get(&path, simulator.token()).unwrap().json()["job_type"], "deleteVolume");

    let bad = asker.ask("PUT", &volume, &token, r#"{"simulate":{"seconds":"long"}}"#).unwrap();
    assert_eq!(bad.status, 400);
    assert!(bad.json()["error"]["message"].as_str().unwrap().contains("`simulate.seconds`"));
    assert_eq!(asker.ask("POST", &volume, &[], "").unwrap().status, 401);
}

#[test]
fn an_image_job_has_its_progress() {
    let simulator = Simulator::start().unwrap();
    let script =
        JobScript::new("imsImportImageJob").dialect(Dialect::Ims).duration(Duration::from_secs(1000));
    let id = simulator.start_job(script);
    simulator.advance(Duration::from_secs(500));
    let got =
        Asker::new(&simulator).get(&format!("/v1/cloudimages/job/{id}"), simulator.token()).unwrap().json();
    assert_eq!(got["entities"]["process_percent"], 0.5);
    assert_eq!(simulator.poll_count(&id), 1);
}

#[test]
fn faults_come_as_they_were_asked_for() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").duration(Duration::ZERO));
    let path = job_path(&simulator, id.as_str());
    let own = Fault::Response(302, vec![("Location".into(), "http://elsewhere/".into())], b"moved".to_vec());
    simulator.inject_faults([
        Fault::Status(503),
        Fault::Throttle { retry_after: Some(7) },
        Fault::Html502,
        own,
        Fault::SlowBody(Duration::from_millis(50)),
        Fault::Pass,
    ]);
    let mut asker = Asker::new(&simulator);
    let mut polled = || asker.get(&path, simulator.token()).unwrap();
    assert_eq!(polled().status, 503);
    let throttled = polled();
    assert_eq!((throttled.status, throttled.header("retry-after")), (429, Some("7")));
    assert_eq!(throttled.json()["error_code"], "APIGW.0308");
    let page = polled();
    assert_eq!((page.status, page.header("content-type")), (502, Some("text/html")));
    assert!(page.body.starts_with(b"<!DOCTYPE html"));
    let moved = polled();
    assert_eq!((moved.status, moved.header("location")), (302, Some("http://elsewhere/")));
    assert_eq!(moved.body, b"moved");
    assert_eq!(polled().json()["status"], "SUCCESS");
    assert_eq!(polled().json()["status"], "SUCCESS");
    assert_eq!(polled().json()["status"], "SUCCESS");

    for fault in [Fault::CloseConnection, Fault::Hang(Duration::ZERO), Fault::TruncatedBody, Fault::Garbage] {
        simulator.inject_faults([fault.clone()]);
        assert!(Asker::new(&simulator).get(&path, simulator.token()).is_none(), "{fault:?}");
    }
    assert_eq!(simulator.poll_count(&id), 11);
    let statuses: Vec<Option<u16>> =
        simulator.requests()[7..].iter().map(|request| request.status()).collect();
    assert_eq!(statuses, [None, None, Some(200), None]);
}

#[test]
fn a_limit_and_a_latency_hold_until_they_are_lifted() {
    let simulator = Simulator::start().unwrap();
    let mut asker = Asker::new(&simulator);
    simulator.rate_limit(1);
    assert_eq!(asker.get("/", "").unwrap().status, 404);
    // On a slow machine a second may go by in between; in a thousand tries it does not each time.
    let limited = (0..1000).find_map(|_| asker.get("/", "").filter(|got| got.status == 429)).unwrap();
    assert!(limited.json()["error_msg"].as_str().unwrap().contains("limit:1"));
    simulator.advance(Duration::from_secs(1));
    assert_eq!(asker.get("/", "").unwrap().status, 404);
    simulator.rate_limit(0);
    simulator.latency(Duration::from_millis(100));
    let began = Instant::now();
    assert_eq!(asker.get("/", "").unwrap().status, 404);
    assert!(began.elapsed() >= Duration::from_millis(100));
}

#[test]
fn what_is_no_request_is_answered_and_closed() {
    let simulator = Simulator::start().unwrap();
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {}\r\n\r\n", "x".repeat(200 * 1024));
    let table: [(&[u8], u16); 4] = [
        (b"\x16\x03\x01\x00\xa5\x01\x00", 400),
        (b"GET /\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n", 413),
        (long.as_bytes(), 431),
    ];
    for (bytes, status) in table {
        let mut asker = Asker::new(&simulator);
        asker.send(bytes);
        let got = asker.answer().unwrap();
        assert_eq!((got.status, got.header("connection")), (status, Some("close")));
        assert!(asker.answer().is_none());
    }
    let big = "x".repeat(120 * 1024);
    let got = Asker::new(&simulator).get("/", &big).unwrap();
    assert_eq!(got.status, 404, "a long token is no reason to refuse");
}

#[test]
fn requests_may_be_sent_one_behind_the_other_and_in_chunks() {
    let simulator = Simulator::start().unwrap();
    let mut asker = Asker::new(&simulator);
    let token = simulator.token();
    let path = format!("/v1/{}/x", simulator.project_id());
    let one = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {token}\r\nTransfer-Encoding: chunked\r\n\r\n\
         c\r\n{{\"simulate\":\r\n3\r\n{{}}}}\r\n0\r\n\r\n"
    );
    asker.send(format!("{one}{one}GET / HTTP/1.0\r\n\r\n").as_bytes());
    for status in [200, 200, 404] {
        assert_eq!(asker.answer().unwrap().status, status);
    }
    assert!(asker.answer().is_none());
}

#[test]
fn dropped_it_frees_its_port_and_lets_nobody_wait() {
    let simulator = Simulator::start().unwrap();
    let address = simulator.address();
    let mut idle = Asker::new(&simulator);
    assert!(idle.get("/", "").is_some());
    simulator.inject_faults([Fault::Hang(Duration::from_secs(3600))]);
    let mut waiting = Asker::new(&simulator);
    waiting.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    while simulator.requests().len() < 2 {
        std::thread::yield_now();
    }
    drop(simulator);
    assert!(waiting.answer().is_none());
    assert!(idle.answer().is_none());
    let again = Simulator::builder().listen(address).start().unwrap();
    assert_eq!(again.address(), address);
}

#[test]
fn many_may_ask_at_once() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(3));
    let path = job_path(&simulator, id.as_str());
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let mut asker = Asker::new(&simulator);
                for _ in 0..20 {
                    assert_eq!(asker.get(&path, simulator.token()).unwrap().status, 200);
                }
            });
        }
    });
    assert_eq!(simulator.poll_count(&id), 400);
    assert_eq!(simulator.requests().len(), 400);
}

#[test]
fn the_answer_to_head_has_no_body() {
    let simulator = Simulator::start().unwrap();
    let mut asker = Asker::new(&simulator);
    asker.send(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let mut whole = String::new();
    asker.0.read_to_string(&mut whole).unwrap();
    assert_eq!(whole.matches("HTTP/1.1 404 ").count(), 2);
    assert_eq!(whole.matches("error_code").count(), 1);
}

/// The body of a login with a password.
fn login(simulator: &Simulator, password: &str) -> Value {
    json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": "demo", "password": password, "domain": {"name": simulator.domain_name()}}}},
        "scope": {"project": {"id": simulator.project_id()}}}})
}

fn log_in(asker: &mut Asker, body: &Value) -> Got {
    asker.ask("POST", "/v3/auth/tokens", &[("Content-Type", "application/json")], &body.to_string()).unwrap()
}

#[test]
fn a_login_gives_a_token_that_holds_for_its_life() {
    let life = Duration::from_secs(600);
    let simulator = Simulator::builder()
        .user("demo", "s3cret pässword")
        .token_life(life)
        .token_length(5000)
        .start()
        .unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let path = job_path(&simulator, id.as_str());
    let mut asker = Asker::new(&simulator);
    let got = log_in(&mut asker, &login(&simulator, "s3cret pässword"));
    assert_eq!(got.status, 201);
    let token = got.header("x-subject-token").unwrap().to_owned();
    assert_eq!(token.len(), 5000);
    let body = &got.json()["token"];
    assert_eq!(body["project"]["id"], simulator.project_id());
    assert_eq!(body["user"]["id"].as_str(), simulator.user_id("demo"));
    let expires = body["expires_at"].as_str().unwrap();
    assert!(expires.len() == 27 && expires.ends_with('Z'), "{expires}");
    let entries = body["catalog"].as_array().unwrap();
    let ecs = entries.iter().find(|entry| entry["type"] == "ecs").unwrap();
    let url = format!("{}/ecs/v1/{}", simulator.endpoint_url(), simulator.project_id());
    assert_eq!(ecs["endpoints"][0]["url"], json!(url));

    assert_eq!(asker.get(&format!("/ecs{path}"), &token).unwrap().status, 200);
    simulator.advance(life);
    let over = asker.get(&path, &token).unwrap();
    assert_eq!((over.status, &over.json()["error_code"]), (401, &json!("APIGW.0307")));

    let second = log_in(&mut asker, &login(&simulator, "s3cret pässword"));
    let second = second.header("x-subject-token").unwrap().to_owned();
    assert_eq!(asker.get(&path, &second).unwrap().status, 200);
    simulator.revoke_tokens();
    assert_eq!(asker.get(&path, &second).unwrap().status, 401);
    assert_eq!(asker.get(&path, simulator.token()).unwrap().status, 200);
    assert_eq!(simulator.login_count(), 2);
    assert!(!format!("{:?} {simulator:?}", simulator.requests()).contains("pässword"));
}

#[test]
fn logins_are_refused_as_by_the_identity_service() {
    let simulator = Simulator::builder().user("demo", "right").start().unwrap();
    let good = login(&simulator, "right");
    let with = |place: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(place).unwrap() = value;
        body
    };
    let user = "/auth/identity/password/user";
    let table = [
        (login(&simulator, "wrong"), 401),
        (with(&format!("{user}/name"), json!("nobody")), 401),
        (with(&format!("{user}/domain"), json!({"name": "other"})), 401),
        (with(&format!("{user}/domain"), Value::Null), 400),
        (with(user, json!({"password": "right"})), 400),
        (with("/auth/identity/methods", json!(["password", "oauth1"])), 401),
        (with("/auth/identity/methods", json!([])), 400),
        (with("/auth/identity/methods", json!(["totp"])), 400),
        (with("/auth/identity", Value::Null), 400),
        (with("/auth/scope", json!({"project": {"id": "other"}})), 401),
        (with("/auth/scope", json!({"project": {"name": simulator.project_name()}})), 400),
        (json!([]), 400),
    ];
    let mut asker = Asker::new(&simulator);
    for (body, status) in table {
        let got = log_in(&mut asker, &body);
        assert_eq!((got.status, &got.json()["error"]["code"]), (status, &json!(status)), "{body}");
        assert!(got.header("x-subject-token").is_none());
    }
    assert_eq!(asker.ask("POST", "/v3/auth/tokens", &[], "{").unwrap().status, 400);
    assert_eq!(simulator.login_count(), 0);
}

#[test]
fn the_scope_says_what_a_token_is_good_for() {
    let simulator = Simulator::builder().user("demo", "right").project_name("eu-nl_test").start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let path = job_path(&simulator, id.as_str());
    let domain = json!({"name": simulator.domain_name()});
    let table = [
        (json!({"project": {"name": "eu-nl_test", "domain": domain}}), 200, true),
        (json!({"domain": domain}), 400, true),
        (Value::Null, 400, false),
    ];
    let mut asker = Asker::new(&simulator);
    for (scope, status, catalog) in table {
        let mut body = login(&simulator, "right");
        body["auth"]["scope"] = scope.clone();
        let got = log_in(&mut asker, &body);
        assert_eq!(got.json()["token"].get("catalog").is_some(), catalog, "{scope}");
        let token = got.header("x-subject-token").unwrap().to_owned();
        assert_eq!(asker.get(&path, &token).unwrap().status, status, "{scope}");
    }
    let plain =
        asker.ask("POST", "/v3/auth/tokens?nocatalog=true", &[], &login(&simulator, "right").to_string());
    assert!(plain.unwrap().json()["token"].get("catalog").is_none());
}

#[test]
fn a_second_factor_is_asked_for_where_there_is_one() {
    let simulator = Simulator::builder().user("demo", "right").totp("123456").start().unwrap();
    let mut asker = Asker::new(&simulator);
    let mut body = login(&simulator, "right");
    assert_eq!(log_in(&mut asker, &body).status, 401);
    body["auth"]["identity"]["methods"] = json!(["password", "totp"]);
    let table = [
        (json!({"id": simulator.user_id("demo"), "passcode": "123456"}), 201),
        (json!({"name": "demo", "domain": {"name": simulator.domain_name()}, "passcode": "123456"}), 201),
        (json!({"name": "demo", "passcode": "123456"}), 400),
        (json!({"id": simulator.user_id("demo"), "passcode": "000000"}), 401),
        (json!({"id": simulator.user_id("demo")}), 401),
    ];
    for (user, status) in table {
        body["auth"]["identity"]["totp"] = json!({"user": user});
        assert_eq!(log_in(&mut asker, &body).status, status, "{user}");
    }
}

#[test]
fn a_token_leads_to_another_one_and_to_an_agency() {
    let life = Duration::from_secs(1000);
    let simulator =
        Simulator::builder().user("demo", "right").agency("PARTNER", "ops").token_life(life).start().unwrap();
    let mut asker = Asker::new(&simulator);
    let first = log_in(&mut asker, &login(&simulator, "right"));
    let token = first.header("x-subject-token").unwrap().to_owned();
    simulator.advance(Duration::from_secs(500));
    let scope = json!({"project": {"id": simulator.project_id()}});
    let body = json!({"auth": {"identity": {"methods": ["token"], "token": {"id": token}}, "scope": scope}});
    let again = log_in(&mut asker, &body);
    assert_eq!(again.status, 201);
    assert_eq!(again.json()["token"]["expires_at"], first.json()["token"]["expires_at"]);

    let mut assume = |name: &str, token: &str| {
        let role = json!({"domain_name": "PARTNER", "xrole_name": name});
        let body =
            json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}, "scope": scope}});
        asker.ask("POST", "/v3/auth/tokens", &[("X-Auth-Token", token)], &body.to_string()).unwrap()
    };
    let agency = assume("ops", &token);
    assert_eq!(agency.status, 201);
    assert_eq!(agency.json()["token"]["assumed_by"]["user"]["name"], "demo");
    assert_eq!(assume("other", &token).status, 403);
    assert_eq!(assume("ops", "nobody's").status, 401);
    simulator.revoke_tokens();
    assert_eq!(assume("ops", &token).status, 401);
}

#[test]
fn tokens_catalog_and_projects_can_be_asked_for() {
    let simulator = Simulator::builder().user("demo", "right").start().unwrap();
    let mut asker = Asker::new(&simulator);
    let got = log_in(&mut asker, &login(&simulator, "right"));
    let token = got.header("x-subject-token").unwrap().to_owned();
    let named = format!("/v3/projects?name={}", simulator.project_name());
    let one = asker.get(&named, &token).unwrap().json();
    assert_eq!(one["projects"][0]["id"], simulator.project_id());
    let none = asker.get("/v3/projects?name=eu-nl", &token).unwrap().json();
    assert_eq!(none["projects"], json!([]));
    assert_eq!(asker.get("/v3/projects", "wrong").unwrap().status, 401);
    assert!(asker.get("/v3/auth/catalog", &token).unwrap().json()["catalog"].is_array());

    let headers = [("X-Auth-Token", token.as_str()), ("X-Subject-Token", token.as_str())];
    let told = asker.ask("GET", "/v3/auth/tokens?nocatalog=1", &headers, "").unwrap();
    assert_eq!((told.status, &told.json()["token"]["user"]["name"]), (200, &json!("demo")));
    assert_eq!(asker.ask("DELETE", "/v3/auth/tokens", &headers, "").unwrap().status, 204);
    assert_eq!(asker.get("/v3/projects", &token).unwrap().status, 401);
}

#[cfg(feature = "signing")]
#[test]
fn a_signature_is_asked_for_in_place_of_a_token() {
    let simulator = Simulator::builder().access_key("AK", "SK").start().unwrap();
    let mut asker = Asker::new(&simulator);
    let path = job_path(&simulator, "ff80");
    let mut ask = |access: &str| {
        let signature =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders=host;x-sdk-date, Signature={:064}", 0);
        // The time of day on the wire is to the second: within the window whenever this runs.
        let date = now();
        asker.ask("GET", &path, &[("X-Sdk-Date", &date), ("Authorization", &signature)], "").unwrap()
    };
    let unknown = ask("OTHER");
    assert_eq!(unknown.status, 401);
    let message = unknown.json()["error_msg"].as_str().unwrap().to_owned();
    assert_eq!(message, "Incorrect IAM authentication information: ak OTHER not exist");
    let wrong = ask("AK");
    let message = wrong.json()["error_msg"].as_str().unwrap().to_owned();
    assert!(message.contains("verify aksk signature fail, canonicalRequest:GET|/v1/"), "{message}");
}

#[cfg(feature = "signing")]
#[test]
fn a_good_signature_lets_through() {
    use hmac_sha256::{HMAC, Hash};

    let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let simulator = Simulator::builder()
        .access_key("AK", "SK")
        .temporary_access_key("AK2", "SK2", "session")
        .start()
        .unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let path = job_path(&simulator, id.as_str());
    let mut asker = Asker::new(&simulator);
    let mut ask = |access: &str, secret: &str, security_token: Option<&str>, path: &str, query: &str| {
        let date = now();
        let (signed, extra) = match security_token {
            Some(token) => ("host;x-sdk-date;x-security-token", format!("x-security-token:{token}\n")),
            None => ("host;x-sdk-date", String::new()),
        };
        let body = hex(Hash::hash(b""));
        let canonical =
            format!("GET\n{path}/\n{query}\nhost:x\nx-sdk-date:{date}\n{extra}\n{signed}\n{body}");
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(Hash::hash(canonical.as_bytes())));
        let signature = hex(HMAC::mac(text.as_bytes(), secret.as_bytes()));
        let authorization =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders={signed}, Signature={signature}");
        let mut headers = vec![("X-Sdk-Date", date.as_str()), ("Authorization", &authorization)];
        headers.extend(security_token.map(|token| ("X-Security-Token", token)));
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        asker.ask("GET", &target, &headers, "").unwrap()
    };
    assert_eq!(ask("AK", "SK", None, &path, "").status, 200);
    assert_eq!(ask("AK2", "SK2", Some("session"), &path, "").status, 200);
    assert_eq!(ask("AK2", "SK2", Some("other"), &path, "").status, 401);
    assert_eq!(ask("AK2", "SK2", None, &path, "").status, 401);
    assert_eq!(ask("AK", "SK2", None, &path, "").status, 401);
    let query = format!("name={}", simulator.project_name());
    let projects = ask("AK", "SK", None, "/v3/projects", &query);
    assert_eq!(projects.json()["projects"][0]["id"], simulator.project_id());
    simulator.advance(Duration::from_secs(16 * 60));
    let late = ask("AK", "SK", None, &path, "").json();
    assert!(late["error_msg"].as_str().unwrap().contains("signature expired"), "{late}");
    assert!(!format!("{:?}", simulator.requests()).contains("session"));
}

#[cfg(feature = "signing")]
fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    let (date, clock) = (now.date(), now.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}
