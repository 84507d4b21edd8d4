use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, mpsc};
use std::thread::sleep;
use std::time::Duration;

use super::server::{PLENTY, Server, bounded, get, http, ok, read_request};
use crate::api::request::Request;
use crate::error::poll::TransportErrorKind;

type Talk = fn(&mut TcpStream);

/// Sends the bytes one by one, every 20 ms, until the other side closes the connection.
fn drip(stream: &mut impl Write, bytes: impl IntoIterator<Item = u8>) {
    for byte in bytes {
        if stream.write_all(&[byte]).is_err() {
            return;
        }
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_peer_that_never_ends_is_abandoned_at_the_deadline() {
    let cases: [(&str, Talk); 6] = [
        ("silence", |_| sleep(Duration::from_secs(3))),
        ("headers drip", |stream| {
            drip(
                stream,
                b"HTTP/1.1 200 OK\r\nx-long: ".iter().copied().chain(std::iter::repeat_n(b'x', 200)),
            );
        }),
        ("informational answers drip", |stream| {
            drip(stream, b"HTTP/1.1 102 Processing\r\n\r\n".iter().copied().cycle().take(300));
        }),
        ("body drips", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").unwrap();
            drip(stream, std::iter::repeat_n(b'x', 200));
        }),
        ("chunks drip", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
            drip(stream, b"10\r\nxxxxxxxxxxxxxxxx\r\n".iter().copied().cycle().take(300));
        }),
        ("body stops", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx").unwrap();
            sleep(Duration::from_secs(3));
        }),
    ];
    for (name, answer) in cases {
        let server = Server::start(move |mut stream, _| {
            read_request(&mut stream);
            answer(&mut stream);
        });
        let error = bounded(&http(), &Request::get(server.url().into())).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Timeout, "{name}: {error}");
        assert!(error.message().contains("within 200ms"), "{name}: {error}");
    }
}

#[test]
fn a_peer_that_reads_nothing_is_abandoned_at_the_deadline() {
    // The system accepts, and the request is far larger than all buffers in between.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let request = Request::post(url.into(), crate::util::secret::Secret::new("x".repeat(32 * 1024 * 1024)));
    let error = bounded(&http(), &request).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
    assert!(error.message().contains("still being sent"), "{error}");
}

#[test]
fn a_response_that_is_too_large_is_reported_as_such() {
    let header = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n", "x".repeat(200 * 1024));
    let headers = format!("HTTP/1.1 200 OK\r\n{}", format!("x: {}\r\n", "y".repeat(3000)).repeat(60));
    let body = "x".repeat(crate::http::MAX_BODY + 1);
    let announced = ok(&body);
    let unannounced = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
    let chunked = format!("{CHUNKED}1000001\r\n{body}\r\n0\r\n\r\n");
    for (bytes, what) in [
        (header, "128 KiB for the headers"),
        (headers, "128 KiB for the headers"),
        (announced, "larger than 16 MiB"),
        (unannounced, "larger than 16 MiB"),
        (chunked, "larger than 16 MiB"),
    ] {
        let server = Server::answering(bytes);
        let error = get(&server.url()).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::TooLarge, "{error}");
        assert!(!error.is_transient());
        assert!(error.message().contains(what), "{error}");
    }
}

/// Each part of a response that a peer can send without end, and what is said about it.
#[test]
fn every_part_of_a_response_that_never_ends_is_bounded() {
    for (start, endless, what) in [
        ("", "HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n", "128 KiB for the headers"),
        ("HTTP/1.1 200 OK\r\n", "x: y\r\n", "more than 128 headers"),
        ("HTTP/1.1 200 OK\r\nx: ", "y", "128 KiB for the headers"),
        ("HTTP/1.1 200 OK\r\n\r\n", "x", "larger than 16 MiB"),
        (CHUNKED, "10\r\nxxxxxxxxxxxxxxxx\r\n", "larger than 16 MiB"),
        (&format!("{CHUNKED}1;a="), "x", "128 KiB for a line between two chunks"),
        (&format!("{CHUNKED}1\r\nx"), "\r", "128 KiB for a line between two chunks"),
        (&format!("{CHUNKED}0\r\n"), "x", "128 KiB for a line between two chunks"),
        (&format!("{CHUNKED}0\r\n"), "\r", "128 KiB for a line between two chunks"),
        (&format!("{CHUNKED}0\r\n"), "x: y\r\n", "larger than 16 MiB"),
    ] {
        let start = start.to_owned();
        let flood = endless.repeat(64 * 1024 / endless.len());
        let server = Server::start(move |mut stream, _| {
            read_request(&mut stream);
            let _ = stream.write_all(start.as_bytes());
            while stream.write_all(flood.as_bytes()).is_ok() {}
        });
        let error = get(&server.url()).unwrap_err();
        assert!(error.message().contains(what), "{endless:?}: {error}");
        assert_eq!(error.kind(), TransportErrorKind::TooLarge, "{endless:?}: {error}");
    }
}

#[test]
fn an_endless_body_is_too_large() {
    let server = Server::start(|mut stream, _| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert_eq!(get(&server.url()).unwrap_err().kind(), TransportErrorKind::TooLarge);
}

#[test]
fn the_largest_response_is_read_and_the_connection_kept() {
    let body = format!("[\"{}\"]", "x".repeat(crate::http::MAX_BODY - 4));
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nx: {}\r\n\r\n", body.len(), "y".repeat(120_000));
    let server = Server::answering(head + &body);
    let http = http();
    for _ in 0..2 {
        let answer = http.send(&Request::get(server.url().into()), PLENTY).unwrap();
        assert!(answer.body() == body.as_bytes(), "{} bytes", answer.body().len());
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_connection_that_breaks_is_lost() {
    for bytes in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
    ] {
        let server = Server::start(move |mut stream, _| {
            read_request(&mut stream);
            let _ = stream.write_all(bytes.as_bytes());
        });
        let error = get(&server.url()).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{bytes}: {error}");
        assert!(error.message().contains(&server.address.to_string()), "{error}");
    }
}

#[test]
fn a_rejection_counts_even_if_its_body_is_incomplete() {
    let endings: [(&str, Talk); 5] = [
        ("nothing of it", |_| {}),
        ("broken off", |stream| drop(stream.write_all(b"content-length: 100\r\n\r\n{\"cut"))),
        ("told to be too large", |stream| drop(stream.write_all(b"content-length: 99999999\r\n\r\n{\"cut"))),
        ("too large", |stream| {
            drop(stream.write_all(format!("\r\n{}", "x".repeat(crate::http::MAX_BODY + 9)).as_bytes()));
        }),
        ("never ending", |stream| {
            let _ = stream.write_all(b"content-length: 100\r\n\r\n{\"cut");
            sleep(Duration::from_secs(3));
        }),
    ];
    for (name, wait_end) in endings {
        for status in [200, 302, 400, 401, 403, 404, 429, 503] {
            let server = Server::start(move |mut stream, _| {
                read_request(&mut stream);
                let _ = stream.write_all(format!("HTTP/1.1 {status} X\r\nretry-after: 7\r\n").as_bytes());
                wait_end(&mut stream);
            });
            let answer = bounded(&http(), &Request::get(server.url().into()));
            if name == "nothing of it" || matches!(status, 200 | 400) {
                assert!(answer.is_err(), "{name} {status}");
                continue;
            }
            let answer = answer.unwrap();
            assert_eq!(answer.status, status, "{name}");
            assert!(answer.retry_after.is_some(), "{name} {status}");
            assert!(answer.body().len() <= 1024 * 1024 + 1, "{name} {status}");
            assert!(!answer.body().is_empty(), "{name} {status}");
        }
    }
}

#[test]
fn a_connection_that_is_reset_is_lost() {
    let server = Server::start(|stream, _| {
        // Closing with bytes unread resets the connection.
        stream.peek(&mut [0]).unwrap();
    });
    assert_eq!(get(&server.url()).unwrap_err().kind(), TransportErrorKind::ConnectionLost);
}

#[test]
fn bytes_that_are_not_http_are_reported_and_not_repeated() {
    for bytes in [
        "SSH-2.0-secret\r\n\r\n",
        "HTTP/1.1 abc secret\r\n\r\n",
        "HTTP/1.1 200 OK\r\nsecret\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: secret\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nsecret\r\n",
    ] {
        let server = Server::answering(bytes);
        let error = get(&server.url()).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Protocol, "{bytes}: {error}");
        assert!(!error.message().contains("secret"), "{error}");
    }
}

#[test]
fn a_closed_port_is_a_connect_error() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = get(&format!("http://{address}/")).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert!(error.message().contains(&address.to_string()), "{error}");
}

#[test]
fn a_kept_connection_that_the_server_closed_is_not_reused() {
    let (closed, closings) = mpsc::channel();
    let closed = Mutex::new(closed);
    let server = Server::start(move |mut stream, _| {
        read_request(&mut stream);
        stream.write_all(ok("{}").as_bytes()).unwrap();
        drop(stream);
        closed.lock().unwrap().send(()).unwrap();
    });
    let http = http();
    for expected in 1..4 {
        http.send(&Request::get(server.url().into()), PLENTY).unwrap();
        assert_eq!(server.accepted(), expected);
        closings.recv().unwrap();
    }
}

#[test]
fn an_error_says_that_the_connection_had_been_kept() {
    let server = Server::start(|mut stream, _| {
        read_request(&mut stream);
        stream.write_all(ok("{}").as_bytes()).unwrap();
        read_request(&mut stream);
    });
    let http = http();
    http.send(&Request::get(server.url().into()), PLENTY).unwrap();
    let error = http.send(&Request::get(server.url().into()), PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ConnectionLost);
    assert!(error.message().contains("after earlier requests"), "{error}");
}

#[test]
fn a_timeout_of_zero_opens_no_connection() {
    let server = Server::answering(ok("{}"));
    let error = http().send(&Request::get(server.url().into()), Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
    assert_eq!(server.accepted(), 0);
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
