//! `cloudjob simulate`: each of its options, as another process sees it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::{Duration, Instant};

use super::run::{bare, run};

/// The simulator as a process, with the values that it printed.
struct Simulated {
    child: Child,
    values: Vec<(String, String)>,
}

impl Simulated {
    /// Starts it and reads this many lines.
    fn start(options: &[&str], lines: usize) -> Self {
        let mut child = bare(&["simulate", "-q"]).args(options).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let values = out.lines().take(lines).map(|line| {
            let line = line.unwrap();
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        let values = values.collect();
        Self { child, values }
    }

    fn value(&self, name: &str) -> &str {
        &self.values.iter().find(|(known, _)| known == name).unwrap().1
    }

    /// Sends a request with the token; status and body of the response.
    fn send(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let host = self.value("endpoint").strip_prefix("http://").unwrap();
        let path = path.replace("{project_id}", self.value("project_id"));
        let (token, length) = (self.value("token"), body.len());
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Auth-Token: {token}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Starts a job of no time, and gives its id.
    fn start_job(&self) -> String {
        let (status, body) =
            self.send("POST", "/v1/{project_id}/cloudservers", r#"{"simulate": {"seconds": 0}}"#);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert!((200..300).contains(&status), "{status} {body}");
        body["job_id"].as_str().unwrap().to_owned()
    }

    fn job(&self, id: &str) -> (u16, String) {
        self.send("GET", &format!("/v1/{{project_id}}/jobs/{id}"), "")
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn responses_can_be_late() {
    let simulated = Simulated::start(&["--latency", "300ms"], 3);
    let begun = Instant::now();
    simulated.start_job();
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[test]
fn too_many_requests_are_throttled() {
    let simulated = Simulated::start(&["--throttle", "3"], 3);
    let id = simulated.start_job();
    let statuses: Vec<_> = (0..12).map(|_| simulated.job(&id).0).collect();
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
}

#[test]
fn the_token_can_expire() {
    let simulated = Simulated::start(&["--expire-token", "1500ms"], 3);
    let id = simulated.start_job();
    assert_eq!(simulated.job(&id).0, 200);
    std::thread::sleep(Duration::from_millis(1600));
    let (status, body) = simulated.job(&id);
    assert_eq!(status, 401, "{body}");
}

#[test]
fn every_nth_job_fails() {
    for (n, expected) in [("1", [true, true, true]), ("2", [false, true, false])] {
        let simulated = Simulated::start(&["--fail", n], 3);
        let failed = expected.map(|_| simulated.job(&simulated.start_job()).1.contains("\"FAIL\""));
        assert_eq!(failed, expected, "{n}");
    }
}

#[test]
fn users_and_access_keys_are_accepted_with_their_secrets_only() {
    let simulated = Simulated::start(
        &[
            "--user",
            "me:pass:word",
            "--user",
            "you:other",
            "--access-key",
            "AK1:hush",
            "--access-key",
            "AK2:x",
        ],
        6,
    );
    for (user, password, code) in [("me", "pass:word", 0), ("you", "other", 0), ("me", "other", 4)] {
        let mut whoami = bare(&["whoami"]);
        whoami.env("OS_AUTH_URL", simulated.value("auth_url")).env("OS_USERNAME", user);
        whoami.env("OS_PASSWORD", password).env("OS_USER_DOMAIN_NAME", simulated.value("domain_name"));
        whoami.env("OS_PROJECT_NAME", simulated.value("project_name"));
        let ended = run(whoami);
        assert_eq!(ended.code, Some(code), "{user}: {} {}", ended.out, ended.err);
    }
    let id = simulated.start_job();
    for (key, secret, code) in [("AK1", "hush", 0), ("AK2", "x", 0), ("AK1", "x", 4)] {
        let mut show = bare(&["show", &id, "--endpoint", simulated.value("endpoint")]);
        show.env("OS_ACCESS_KEY", key).env("OS_SECRET_KEY", secret);
        show.env("OS_PROJECT_ID", simulated.value("project_id"));
        let ended = run(show);
        assert_eq!(ended.code, Some(code), "{key}: {} {}", ended.out, ended.err);
    }
}

#[test]
fn values_that_make_no_sense_are_exit_2() {
    for options in [
        ["--latency", "5"],
        ["--throttle", "0"],
        ["--expire-token", "soon"],
        ["--fail", "0"],
        ["--user", "me"],
        ["--user", ":x"],
        ["--access-key", "AK:"],
    ] {
        let ended = run({
            let mut command = bare(&["simulate"]);
            command.args(options);
            command
        });
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{options:?}: {}", ended.err);
    }
}
