//! The simulator over a plain socket.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod identity;
mod services;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cloudjob::simulator::{Dialect, Fault, JobScript, Simulator};
use serde_json::{Value, json};

/// A parsed response.
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Received {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// A persistent connection.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(super) fn new(simulator: &Simulator) -> Self {
        let stream = TcpStream::connect(simulator.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// The next response; none if the connection was closed before its end.
    pub(super) fn receive(&mut self) -> Option<Received> {
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
        let mut received = Received { status, headers, body: Vec::new() };
        let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
        received.body = vec![0; length];
        self.0.read_exact(&mut received.body).ok()?;
        Some(received)
    }

    pub(super) fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Received> {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        self.send(head.as_bytes());
        self.receive()
    }

    pub(super) fn get(&mut self, path: &str, token: &str) -> Option<Received> {
        self.request("GET", path, &[("X-Auth-Token", token)], "")
    }
}

pub(super) fn job_path(simulator: &Simulator, id: &str) -> String {
    format!("/v1/{}/jobs/{id}", simulator.project_id())
}

#[test]
fn a_job_is_polled_over_one_connection() {
    let simulator = Simulator::start().unwrap();
    let id =
        simulator.start_job(JobScript::new("createServer").sub_jobs(2).duration(Duration::from_secs(600)));
    let path = job_path(&simulator, id.as_str());
    let mut connection = Connection::new(&simulator);
    let mut polled = || connection.get(&path, simulator.token()).unwrap();

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
    let flat = connection.get(&job_path(&simulator, &sub_id), simulator.token()).unwrap().json();
    assert_eq!(flat, ended["entities"]["sub_jobs"][1]);
    let requests = simulator.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.status() == Some(200)));
    assert!(!format!("{requests:?}").contains(simulator.token()));
}

#[test]
fn unauthorized_and_unknown_requests_get_the_errors_of_the_real_services() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let (path, token) = (job_path(&simulator, id.as_str()), simulator.token());
    let mut connection = Connection::new(&simulator);
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
        let received = connection.get(path, token).unwrap();
        assert_eq!((received.status, received.json().pointer(place)), (status, Some(&json!(code))), "{path}");
    }
    simulator.expire_token();
    let over = connection.get(&path, token).unwrap();
    assert_eq!((over.status, &over.json()["error_code"]), (401, &json!("APIGW.0307")));
    assert_eq!(over.json()["request_id"].as_str(), over.header("x-request-id"));
    simulator.set_token("renewed");
    assert_eq!(connection.get(&path, "renewed").unwrap().status, 200);
    assert_eq!(connection.get(&path, token).unwrap().status, 401);
}

#[test]
fn a_job_can_be_started_over_http() {
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    let token = [("X-Auth-Token", simulator.token())];
    let path = format!("/v2.1/{}/servers/action", simulator.project_id());
    let body = r#"{"simulate":{"seconds":60,"sub_jobs":3,"fail":1,"job_type":"serversAction"}}"#;
    let started = connection.request("POST", &path, &token, body).unwrap().json();
    simulator.advance(Duration::from_secs(61));
    let job = connection
        .get(&job_path(&simulator, started["job_id"].as_str().unwrap()), simulator.token())
        .unwrap()
        .json();
    assert_eq!((&job["status"], &job["job_type"]), (&json!("FAIL"), &json!("serversAction")));

    let volume = format!("/evs/v2/{}/volumes/1", simulator.project_id());
    let started = connection.request("DELETE", &volume, &token, "").unwrap().json();
    let path = format!("/evs/v1/{}/jobs/{}", simulator.project_id(), started["job_id"].as_str().unwrap());
    assert_eq!(connection.get(&path, simulator.token()).unwrap().json()["job_type"], "deleteVolume");

    let bad = connection.request("PUT", &volume, &token, r#"{"simulate":{"seconds":"long"}}"#).unwrap();
    assert_eq!(bad.status, 400);
    assert!(bad.json()["error"]["message"].as_str().unwrap().contains("`simulate.seconds`"));
    assert_eq!(connection.request("POST", &volume, &[], "").unwrap().status, 401);
}

#[test]
fn an_image_job_has_its_progress() {
    let simulator = Simulator::start().unwrap();
    let script =
        JobScript::new("imsImportImageJob").dialect(Dialect::Ims).duration(Duration::from_secs(1000));
    let id = simulator.start_job(script);
    simulator.advance(Duration::from_secs(500));
    let received = Connection::new(&simulator)
        .get(&format!("/v1/cloudimages/job/{id}"), simulator.token())
        .unwrap()
        .json();
    assert_eq!(received["entities"]["process_percent"], 0.5);
    assert_eq!(simulator.poll_count(&id), 1);
}

#[test]
fn faults_apply_in_order() {
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
    let mut connection = Connection::new(&simulator);
    let mut polled = || connection.get(&path, simulator.token()).unwrap();
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
        assert!(Connection::new(&simulator).get(&path, simulator.token()).is_none(), "{fault:?}");
    }
    assert_eq!(simulator.poll_count(&id), 11);
    let statuses: Vec<Option<u16>> =
        simulator.requests()[7..].iter().map(|request| request.status()).collect();
    assert_eq!(statuses, [None, None, Some(200), None]);
}

#[test]
fn a_limit_and_a_latency_apply_until_they_are_reset() {
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    simulator.rate_limit(1);
    assert_eq!(connection.get("/", "").unwrap().status, 404);
    // On a slow machine a second may pass between two requests, but not between a thousand.
    let limited =
        (0..1000).find_map(|_| connection.get("/", "").filter(|received| received.status == 429)).unwrap();
    assert!(limited.json()["error_msg"].as_str().unwrap().contains("limit:1"));
    simulator.advance(Duration::from_secs(1));
    assert_eq!(connection.get("/", "").unwrap().status, 404);
    simulator.rate_limit(0);
    simulator.latency(Duration::from_millis(100));
    let began = Instant::now();
    assert_eq!(connection.get("/", "").unwrap().status, 404);
    assert!(began.elapsed() >= Duration::from_millis(100));
}

#[test]
fn an_invalid_request_gets_an_error_and_the_connection_is_closed() {
    let simulator = Simulator::start().unwrap();
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {}\r\n\r\n", "x".repeat(200 * 1024));
    let table: [(&[u8], u16); 4] = [
        (b"\x16\x03\x01\x00\xa5\x01\x00", 400),
        (b"GET /\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n", 413),
        (long.as_bytes(), 431),
    ];
    for (bytes, status) in table {
        let mut connection = Connection::new(&simulator);
        connection.send(bytes);
        let received = connection.receive().unwrap();
        assert_eq!((received.status, received.header("connection")), (status, Some("close")));
        assert!(connection.receive().is_none());
    }
    let big = "x".repeat(120 * 1024);
    let received = Connection::new(&simulator).get("/", &big).unwrap();
    assert_eq!(received.status, 404, "a long token is accepted");
}

#[test]
fn requests_can_be_pipelined_and_chunked() {
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    let token = simulator.token();
    let path = format!("/v1/{}/x", simulator.project_id());
    let one = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {token}\r\nTransfer-Encoding: chunked\r\n\r\n\
         c\r\n{{\"simulate\":\r\n3\r\n{{}}}}\r\n0\r\n\r\n"
    );
    connection.send(format!("{one}{one}GET / HTTP/1.0\r\n\r\n").as_bytes());
    for status in [200, 200, 404] {
        assert_eq!(connection.receive().unwrap().status, status);
    }
    assert!(connection.receive().is_none());
}

#[test]
fn dropping_it_frees_the_port_and_closes_all_connections() {
    let simulator = Simulator::start().unwrap();
    let address = simulator.address();
    let mut idle = Connection::new(&simulator);
    assert!(idle.get("/", "").is_some());
    simulator.inject_faults([Fault::Hang(Duration::from_secs(3600))]);
    let mut waiting = Connection::new(&simulator);
    waiting.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    while simulator.requests().len() < 2 {
        std::thread::yield_now();
    }
    drop(simulator);
    assert!(waiting.receive().is_none());
    assert!(idle.receive().is_none());
    let again = Simulator::builder().listen(address).start().unwrap();
    assert_eq!(again.address(), address);
}

#[test]
fn many_clients_can_poll_at_the_same_time() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(3));
    let path = job_path(&simulator, id.as_str());
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let mut connection = Connection::new(&simulator);
                for _ in 0..20 {
                    assert_eq!(connection.get(&path, simulator.token()).unwrap().status, 200);
                }
            });
        }
    });
    assert_eq!(simulator.poll_count(&id), 400);
    assert_eq!(simulator.requests().len(), 400);
}

#[test]
fn the_response_to_head_has_no_body() {
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    connection
        .send(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let mut whole = String::new();
    connection.0.read_to_string(&mut whole).unwrap();
    assert_eq!(whole.matches("HTTP/1.1 404 ").count(), 2);
    assert_eq!(whole.matches("error_code").count(), 1);
}
