use std::io::Write;
use std::sync::mpsc;

use super::server::{PLENTY, Server, get, http, ok, read_request};
use crate::api::request::{HeaderValue, Request};
use crate::error::poll::TransportErrorKind;
use crate::util::secret::Secret;

#[test]
fn a_response_has_its_status_its_body_and_the_headers_that_matter() {
    let server = Server::answering(
        "HTTP/1.1 503 Busy\r\ncontent-length: 4\r\nRetry-After: 7\r\nX-Request-Id: r1\r\n\
         X-Subject-Token: t0k3n\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nbusy",
    );
    let answer = get(&server.url()).unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.body(), b"busy");
    assert!(answer.retry_after.is_some());
    assert!(answer.date.is_some());
    assert_eq!(answer.request_id.as_deref(), Some("r1"));
    assert_eq!(answer.subject_token.unwrap().expose(), "t0k3n");
}

#[test]
fn a_request_names_the_client_and_what_it_accepts() {
    let (told, requests) = mpsc::channel();
    let server = Server::start(move |mut stream, _| {
        while let Some(request) = read_request(&mut stream) {
            told.send(request).unwrap();
            stream.write_all(ok("{}").as_bytes()).unwrap();
        }
    });
    let get =
        Request::get(server.url().into()).header("x-auth-token", HeaderValue::Secret(Secret::new("t0k3n")));
    http().send(&get, PLENTY).unwrap();
    let sent = requests.recv().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(sent.starts_with("GET /v1/p/jobs/j HTTP/1.1\r\n"), "{sent}");
    for line in [
        format!("user-agent: cloudjob/{version}"),
        "accept: application/json".into(),
        "accept-encoding: identity".into(),
        "x-auth-token: t0k3n".into(),
        format!("host: {}", server.address),
    ] {
        assert_eq!(sent.lines().filter(|l| *l == line).count(), 1, "{line} in {sent}");
    }
    let post = Request::post(server.url().into(), Secret::new(r#"{"auth":1}"#));
    http().send(&post, PLENTY).unwrap();
    let sent = requests.recv().unwrap();
    assert!(sent.starts_with("POST /v1/p/jobs/j HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains("content-type: application/json;charset=utf8\r\n"), "{sent}");
    assert!(sent.ends_with("\r\n\r\n{\"auth\":1}"), "{sent}");
}

#[test]
fn a_header_of_64_kib_is_sent_whole() {
    let (told, requests) = mpsc::channel();
    let server = Server::start(move |mut stream, _| {
        told.send(read_request(&mut stream).unwrap()).unwrap();
        stream.write_all(ok("{}").as_bytes()).unwrap();
    });
    let token = "x".repeat(64 * 1024);
    let request = Request::get(server.url().into())
        .header("x-auth-token", HeaderValue::Secret(Secret::new(token.as_str())));
    http().send(&request, PLENTY).unwrap();
    assert!(requests.recv().unwrap().contains(&format!("x-auth-token: {token}\r\n")));
}

#[test]
fn many_requests_share_one_connection() {
    let server = Server::answering(ok("{}"));
    let http = http();
    for _ in 0..20 {
        assert_eq!(http.send(&Request::get(server.url().into()), PLENTY).unwrap().status(), 200);
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn folded_header_lines_are_accepted() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nx-long: a\r\n b\r\n\tc\r\nx-request-id: r\r\n 1\r\ncontent-length: 5\r\n\r\n{\r\n }",
    );
    for _ in 0..2 {
        let response = get(&server.url()).unwrap();
        assert_eq!(response.body(), b"{\r\n }");
        assert_eq!(response.request_id.as_deref(), Some("r   1"));
    }
}

#[test]
fn a_compressed_response_is_reported_as_such() {
    for (status, coding, shown) in
        [(200, "gzip", "(gzip)"), (200, "BR", "(br)"), (400, "s3cret", "(a content coding)")]
    {
        let server = Server::answering(format!(
            "HTTP/1.1 {status} X\r\ncontent-encoding: {coding}\r\ncontent-length: 2\r\n\r\n\x1f\x08"
        ));
        let error = get(&server.url()).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Protocol);
        assert!(error.message().contains(shown) && !error.message().contains("s3cret"), "{error}");
    }
    let server =
        Server::answering("HTTP/1.1 503 X\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x08");
    assert_eq!(get(&server.url()).unwrap().status(), 503);
    let server =
        Server::answering("HTTP/1.1 200 X\r\ncontent-encoding: identity\r\ncontent-length: 2\r\n\r\n{}");
    assert_eq!(get(&server.url()).unwrap().body(), b"{}");
}

#[test]
fn a_redirect_is_a_response_and_is_not_followed() {
    let elsewhere = Server::answering(ok("{}"));
    let server = Server::answering(format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url()
    ));
    assert_eq!(get(&server.url()).unwrap().status(), 302);
    assert_eq!(elsewhere.accepted(), 0);
}

#[test]
fn the_secrets_of_a_request_are_masked_in_what_a_redirect_or_a_compressed_error_sends_back() {
    let token = "gAAAAAB+secret/token==";
    let encoded = "gAAAAAB%2Bsecret%2Ftoken%3D%3D";
    for echo in [token, encoded] {
        for head in [
            format!("302 Found\r\nlocation: https://other.test/{echo}/x"),
            format!("503 Busy\r\ncontent-encoding: gzip\r\nx-request-id: {echo}"),
            format!("503 Busy\r\nx-request-id: {echo}"),
        ] {
            let server = Server::answering(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n"));
            let request = Request::get(server.url().into())
                .header("x-auth-token", HeaderValue::Secret(Secret::new(token)));
            let response = http().send(&request, PLENTY).unwrap();
            let shown = format!("{:?} {:?}", response.location(), response.request_id);
            assert!(shown.contains("***") && !shown.contains("secret"), "{head}: {shown}");
        }
    }
}

#[test]
fn a_407_is_an_error_of_a_proxy_even_without_one() {
    for (headers, part) in
        [("", "a user name and a password"), ("proxy-authenticate: NTLM\r\n", "offers NTLM")]
    {
        let server = Server::answering(format!("HTTP/1.1 407 Auth\r\n{headers}content-length: 0\r\n\r\n"));
        let error = get(&server.url()).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Proxy);
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn an_invalid_header_value_is_reported_without_showing_it() {
    let server = Server::answering(ok("{}"));
    for value in ["secret\r\nx: y", "secret\n", "secret\0", "secret\u{7f}"] {
        let request =
            Request::get(server.url().into()).header("x-auth-token", HeaderValue::Secret(Secret::new(value)));
        let error = http().send(&request, PLENTY).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::InvalidUrl);
        assert!(error.message().contains("x-auth-token") && !error.message().contains("secr"), "{error}");
    }
    assert_eq!(server.accepted(), 0);
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
#[test]
fn https_needs_a_feature() {
    let error = get("https://jobs.test/").unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::InvalidUrl);
    assert!(error.message().contains("feature rustls"), "{error}");
    let roots = crate::http::RootStore::CaFile("ca.pem".into());
    let options = crate::http::HttpOptions { roots, ..Default::default() };
    assert!(crate::http::HttpClient::new(&options).unwrap_err().message().contains("feature rustls"));
}

/// The provider belongs to the whole process; no other test of this build needs one.
#[cfg(all(feature = "rustls-no-provider", not(feature = "rustls"), not(feature = "native-tls")))]
#[test]
fn https_needs_a_provider_that_the_program_installs() {
    let origin = crate::endpoint::url::Url::from("https://127.0.0.1:1/");
    let error = http().check(origin.origin()).unwrap_err();
    assert!(error.message().contains("install_default()"), "{error}");
    assert_eq!(get("https://127.0.0.1:1/").unwrap_err().kind(), TransportErrorKind::InvalidUrl);
    rustls::crypto::ring::default_provider().install_default().unwrap();
    assert_eq!(get("https://127.0.0.1:1/").unwrap_err().kind(), TransportErrorKind::Connect);
}
