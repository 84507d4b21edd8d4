use std::io::Write;
use std::process::Command;
use std::sync::Mutex;

use super::server::{PLENTY, Server, http, ok, read_request};
use crate::api::request::{HeaderValue, Request};
use crate::http::{HttpClient, HttpOptions, ProxyChoice};
use crate::util::secret::Secret;

static WRITTEN: Mutex<String> = Mutex::new(String::new());

struct Everything;

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let text = record.args().to_string();
        // A dump has rows of hexadecimal digits, then the 16 characters that they stand for.
        let is_dump = record.target() == "ureq_proto::util";
        WRITTEN.lock().unwrap().push_str(if is_dump { &text[text.len() - 16..] } else { &text });
    }

    fn flush(&self) {}
}

/// There is one log for a process, so this runs in a process of its own.
#[test]
fn no_secret_of_a_request_is_in_the_log_of_ureq_at_any_level() {
    let name = "http::tests::log::no_secret_of_a_request_is_in_the_log_of_ureq_at_any_level";
    if std::env::var_os(ALONE).is_none() {
        let tests = std::env::current_exe().unwrap();
        let status =
            Command::new(tests).args(["--exact", name, "--test-threads=1"]).env(ALONE, "1").status().unwrap();
        assert!(status.success());
        return;
    }
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let server = Server::start(|mut stream, _| {
        while read_request(&mut stream).is_some() {
            let head = "HTTP/1.1 201 Made\r\nX-Subject-Token: t0k3n\r\nContent-Length: 2\r\n\r\n{}";
            stream.write_all(head.as_bytes()).unwrap();
        }
    });
    let get = Request::get(server.url().into())
        .header("x-auth-token", HeaderValue::Secret(Secret::new("s3cr3t")))
        .header("x-project-id", HeaderValue::Plain("shown".into()))
        .header("authorization", HeaderValue::Secret(Secret::new("SDK-HMAC-SHA256 s3cr3t")));
    let post = Request::post(server.url().into(), Secret::new(r#"{"password":"s3cr3t"}"#))
        .header("x-auth-token", HeaderValue::Secret(Secret::new("s3cr3t")));
    let http = http();
    for _ in 0..2 {
        for request in [&get, &post] {
            let answer = http.send(request, PLENTY).unwrap();
            assert_eq!(answer.subject_token.unwrap().expose(), "t0k3n");
        }
    }
    let proxy = Server::answering(ok("{}"));
    let url = format!("http://us3cr3t:s3cr3t@{}", proxy.address);
    let options = HttpOptions { proxy: ProxyChoice::Url(Secret::new(url)), ..HttpOptions::default() };
    let http = HttpClient::new(&options).unwrap();
    http.send(&Request { url: "http://jobs.test/".into(), ..get }, PLENTY).unwrap_err();

    let written = WRITTEN.lock().unwrap();
    // The dump has dots in place of spaces.
    for shown in ["GET./v1/p/jobs/j.HTTP/1.1", "x-project-id:.shown", "201.Made", "jobs.test"] {
        assert!(written.contains(shown), "{shown} is not in {written}");
    }
    assert!(!written.contains("s3cr3t"), "{written}");
}

const ALONE: &str = "CLOUDJOB_TEST_ALONE";
