//! The faults.

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use cloudjob::ErrorKind;
use cloudjob::error::{ApiError, TransportErrorKind};

use super::peer::{HTML, Line, Peer, answer, hang, job};
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use super::tls::{self, Authority};
use super::{Expected, Row, Scene, What, id};

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend(silence());
    rows.extend(cuts());
    rows.extend(nonsense());
    rows.extend(answers());
    rows.extend(kept_connections());
    rows.extend(ways());
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    rows.extend(trust());
    rows
}

/// Peers that keep the client waiting.
fn silence() -> Vec<Row> {
    vec![
        plain("accepts, then hangs", |line| {
            line.request();
            hang();
        })
        .hangs("the request was sent"),
        plain("headers drip", |line| {
            line.request();
            line.drip(b"HTTP/1.1 200 OK\r\nx: ".iter().copied().chain(std::iter::repeat(b'x')));
        })
        .hangs("the request was sent"),
        plain("informational answers without end", |line| {
            line.request();
            line.drip(b"HTTP/1.1 102 Processing\r\n\r\n".iter().copied().cycle());
        })
        .hangs("within"),
        plain("body drips", |line| {
            line.request();
            line.send("HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n");
            line.drip(std::iter::repeat(b' '));
        })
        .hangs("the response was still arriving"),
        plain("chunks drip", |line| {
            line.request();
            line.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            line.drip(b"1\r\n \r\n".iter().copied().cycle());
        })
        .hangs("the response was still arriving"),
        plain("hangs in the middle of the headers", |line| {
            line.request();
            line.send("HTTP/1.1 200 OK\r\ncontent-le");
            hang();
        })
        .hangs("the request was sent"),
        plain("hangs in the middle of the body", |line| {
            line.request();
            line.send("HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{\"status\":");
            hang();
        })
        .hangs("the response was still arriving"),
        row("a connect into a full backlog", || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let mut held = Vec::new();
            while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
                held.push(stream);
                assert!(held.len() < 10_000, "the backlog is never full");
            }
            Scene::at(&format!("http://{address}")).holding((listener, held))
        })
        .hangs("had not accepted the connection"),
        row("a good answer that comes slowly, but in time", || {
            serve(Peer::start(|line, _| {
                line.request();
                for byte in job("SUCCESS").bytes() {
                    line.send([byte]);
                    thread::sleep(Duration::from_millis(1));
                }
            }))
        })
        .good(),
    ]
}

/// Connections that end too early.
fn cuts() -> Vec<Row> {
    vec![
        plain("reset before the headers", Line::reset).lost("before it responded"),
        plain("reset in the headers", |line| {
            line.send("HTTP/1.1 200 OK\r\ncontent-le");
            line.reset();
        })
        .lost("before it responded"),
        plain("reset after the headers", |line| {
            line.send("HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n");
            line.reset();
        })
        .lost("in the middle of the response"),
        plain("closed before a request", |_| {}).lost("before it responded"),
        bytes("closed before the headers", "").lost("closed the connection before it responded"),
        bytes("cut in the middle of the headers", "HTTP/1.1 200 OK\r\nconte").lost("before it responded"),
        bytes("cut in the middle of the body", "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{\"status\":")
            .lost("in the middle of the response"),
        bytes(
            "cut in the middle of a chunk",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{\"s",
        )
        .lost("in the middle of the response"),
        row("nobody listens", || {
            let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            Scene::at(&format!("http://{address}"))
        })
        .transport(&[TransportErrorKind::Connect], "cannot connect to 127.0.0.1"),
    ]
}

/// Responses that are invalid or too large.
fn nonsense() -> Vec<Row> {
    let length = |length: &str| {
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{{\"status\":\"SUCCESS\"}}")
    };
    let chunked = |body: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}");
    let large = "x".repeat(17 << 20);
    vec![
        bytes("a content-length that is too long", length("21")).lost("in the middle of the response"),
        bytes("a content-length that is too short", length("12")).decode("cannot be read as JSON"),
        bytes("a content-length that is no number", length("-5")).protocol("is not HTTP"),
        bytes("a content-length that does not fit", length("99999999999999999999")).protocol("is not HTTP"),
        bytes("a content-length of all there is", length("18446744073709551615")).too_large("16 MiB"),
        bytes("two content-lengths that differ", length("5\r\ncontent-length: 20")).protocol("is not HTTP"),
        bytes("chunks that are garbage", chunked("nonsense\r\n")).protocol("is not HTTP"),
        bytes("a chunk of a negative size", chunked("-1\r\nx\r\n")).protocol("is not HTTP"),
        bytes("a chunk of a size that does not fit", chunked("fffffffffffffffff\r\nx"))
            .protocol("is not HTTP"),
        bytes("a body of 17 MiB", answer("200 OK", "", &large)).too_large("larger than 16 MiB"),
        bytes("chunks of 17 MiB", chunked(&format!("1100000\r\n{large}\r\n0\r\n\r\n")))
            .too_large("larger than 16 MiB"),
        plain("a body without end", |line| {
            line.request();
            line.send("HTTP/1.1 200 OK\r\n\r\n");
            while line.send([b'x'; 16 * 1024]) {}
        })
        .too_large("larger than 16 MiB"),
        bytes("one header of 1 MiB", format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20)))
            .too_large("128 KiB for the headers"),
        bytes(
            "headers of 1 MiB",
            format!("HTTP/1.1 200 OK\r\n{}\r\n", format!("x: {}\r\n", "y".repeat(2000)).repeat(500)),
        )
        .too_large("128 KiB for the headers"),
        plain("headers without end", |line| {
            line.request();
            line.send("HTTP/1.1 200 OK\r\n");
            while line.send(format!("x: {}\r\n", "y".repeat(8000))) {}
        })
        .too_large("128 KiB for the headers"),
        flood("informational responses without end", "HTTP/1.1 103 Early\r\nx: y\r\n\r\n", "")
            .too_large("128 KiB for the headers"),
        flood("a chunk extension without end", "x", "1;a=")
            .too_large("128 KiB for a line between two chunks"),
        flood("a trailer line without end", "x", "0\r\n").too_large("128 KiB for a line between two chunks"),
        flood("carriage returns without end", "\r", "0\r\n")
            .too_large("128 KiB for a line between two chunks"),
        flood("trailers without end", "x: y\r\n", "0\r\n").too_large("larger than 16 MiB"),
        bytes("another protocol", "SSH-2.0-OpenSSH_9.9\r\n\r\n").protocol("is not HTTP"),
        bytes("zeroes", vec![0; 4096]).protocol("is not HTTP"),
        bytes("a status that is no number", "HTTP/1.1 abc OK\r\n\r\n").protocol("is not HTTP"),
        bytes("a header with a zero in it", "HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n").protocol("is not HTTP"),
        bytes("a header without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n").protocol("is not HTTP"),
        bytes(
            "a body that nobody asked to be packed",
            answer("200 OK", "content-encoding: gzip\r\n", "\x1f\x08"),
        )
        .protocol("compressed (gzip)"),
    ]
}

/// Responses that are HTTP and not the job.
fn answers() -> Vec<Row> {
    let refused = r#"{"error_msg":"Incorrect IAM authentication information","error_code":"APIGW.0301"}"#;
    let unknown = r#"{"error":{"code":"Common.0011","message":"job not found"}}"#;
    let busy = r#"{"error":{"code":"Common.0024","message":"too many"}}"#;
    let html = |status: &str| answer(status, "content-type: text/html\r\n", HTML);
    vec![
        row("a redirect to another host", || {
            let thief = Peer::answering(job("SUCCESS"));
            let to = format!("location: {}/v1/p/jobs/j\r\n", thief.url());
            serve(Peer::answering(answer("302 Found", &to, ""))).after(move || {
                assert_eq!(thief.accepted(), 0, "the redirect was followed: {:?}", thief.heard());
            })
        })
        .api(302, ApiError::is_redirect)
        .at_once(),
        same("a redirect in a ring", answer("307 Temporary Redirect", "location: /v1/p/jobs/j\r\n", ""))
            .api(307, ApiError::is_redirect)
            .at_once(),
        same("200 with HTML", html("200 OK")).decode("<html>"),
        same("200 without a body", answer("200 OK", "", "")).decode("HTTP 200 without a job"),
        same("204", "HTTP/1.1 204 No Content\r\n\r\n").decode("HTTP 204 without a job"),
        same(
            "500 with an error of the service",
            answer("500 Oops", "", r#"{"error_code":"Common.0001","error_msg":"db"}"#),
        )
        .api(500, ApiError::is_transient),
        same("502 with HTML", html("502 Bad Gateway")).api(502, ApiError::is_transient),
        same("503 with HTML", html("503 Service Unavailable")).api(503, ApiError::is_transient),
        same("504 with HTML", html("504 Gateway Timeout")).api(504, ApiError::is_transient),
        same("408", answer("408 Request Timeout", "", "")).api(408, ApiError::is_transient),
        same("202 Common.0024", answer("202 Accepted", "", busy)).throttled(202),
        same("429 without Retry-After", answer("429 Too Many Requests", "", "")).throttled(429),
        same("429 with Retry-After past the deadline", answer("429 Slow", "retry-after: 3600\r\n", ""))
            .throttled(429)
            .at_once(),
        same("429 with Retry-After of nothing", answer("429 Slow", "retry-after: 0\r\n", "")).throttled(429),
        Row {
            wait: Expected::No(ErrorKind::TimedOut),
            ..same("503 with Retry-After past the deadline", answer("503 Slow", "retry-after: 60\r\n", HTML))
        }
        .api(503, ApiError::is_transient)
        .at_once(),
        same("401", answer("401 Unauthorized", "", refused)).refused(401, ApiError::is_unauthorized),
        same("403", answer("403 Forbidden", "", r#"{"error_code":"Pdp.0001","error_msg":"no"}"#))
            .refused(403, ApiError::is_forbidden),
        same(
            "404 of the gateway",
            answer("404 No", "", r#"{"error_code":"APIGW.0101","error_msg":"no API"}"#),
        )
        .refused(404, ApiError::is_unknown_endpoint),
        Row {
            // A service can return an id before it knows the job, so a wait polls again.
            wait: Expected::No(ErrorKind::TimedOut),
            at_once: false,
            ..same("a job that is not known", answer("400 Bad", "", unknown))
                .refused(400, ApiError::is_not_found)
        },
        Row {
            what: What::Transport(&[TransportErrorKind::Proxy]),
            ..same("407 without a proxy", answer("407 Proxy", "", ""))
        }
        .at_once(),
    ]
}

/// Kept connections that end at the wrong moment.
fn kept_connections() -> Vec<Row> {
    vec![
        row("a kept connection that was closed while idle", || {
            let peer = Peer::start(|line, number| {
                line.request();
                line.send(job(if number == 0 { "RUNNING" } else { "SUCCESS" }));
            });
            serve(peer).before(|client| {
                client.job(&id()).unwrap();
                thread::sleep(Duration::from_millis(100));
            })
        })
        .good(),
        row("a kept connection that is closed at the moment of its reuse", || {
            let peer = Peer::start(|line, number| {
                line.request();
                line.send(job(if number == 0 { "RUNNING" } else { "SUCCESS" }));
                line.request();
            });
            serve(peer).before(|client| {
                client.job(&id()).unwrap();
            })
        })
        .good(),
        row("a kept connection that is reset at the moment of its reuse", || {
            let peer = Peer::start(|line, number| {
                line.request();
                line.send(job(if number == 0 { "RUNNING" } else { "SUCCESS" }));
                line.reset();
            });
            serve(peer).before(|client| {
                client.job(&id()).unwrap();
            })
        })
        .good(),
        row("an answer to a question nobody asked, on a kept connection", || {
            let peer = Peer::start(|line, number| {
                line.request();
                line.send(job(if number == 0 { "RUNNING" } else { "SUCCESS" }));
                line.send(job("FAIL"));
                line.request();
            });
            serve(peer).before(|client| {
                client.job(&id()).unwrap();
                thread::sleep(Duration::from_millis(100));
            })
        })
        .good(),
    ]
}

/// Proxies given explicitly, so that they are used for loopback too.
fn ways() -> Vec<Row> {
    let through = |name, talk: fn(&mut Line)| {
        row(name, move || {
            let (proxy, service) = (Peer::start(move |line, _| talk(line)), Peer::answering(job("SUCCESS")));
            let url = format!("http://user:proxy-password@{}", proxy.address);
            Scene::at(&service.url()).with(move |client| client.proxy(&url)).after(move || {
                assert_eq!(service.accepted(), 0);
                // Nothing of ours goes to a proxy that has not opened the tunnel.
                assert!(!proxy.heard().concat().contains(super::TOKEN));
            })
        })
    };
    vec![
        through("a proxy that hangs", |line| {
            line.request();
            hang();
        })
        .hangs("the proxy 127.0.0.1"),
        through("a proxy that drips its answer", |line| {
            line.request();
            line.drip(b"HTTP/1.1 200 Established\r\nx: ".iter().copied().chain(std::iter::repeat(b'x')));
        })
        .hangs("had not opened the tunnel"),
        through("a proxy that refuses", |line| {
            line.request();
            line.send("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        })
        .transport(&[TransportErrorKind::Proxy], "does not allow this host")
        .at_once(),
        through("a proxy that wants credentials", |line| {
            line.request();
            line.send("HTTP/1.1 407 Authenticate\r\ncontent-length: 0\r\n\r\n");
        })
        .transport(&[TransportErrorKind::Proxy], "rejected the user name or the password")
        .at_once(),
        through("a proxy that wants another scheme", |line| {
            line.request();
            line.send("HTTP/1.1 407 Authenticate\r\nproxy-authenticate: NTLM\r\ncontent-length: 0\r\n\r\n");
        })
        .transport(&[TransportErrorKind::Proxy], "it offers NTLM")
        .at_once(),
        through("a proxy whose headers never end", |line| {
            line.request();
            line.send("HTTP/1.1 200 Established\r\n");
            while line.send("x: y\r\n".repeat(1000)) {}
        })
        .too_large("128 KiB for the headers"),
        through("a proxy that does not reach the host", |line| {
            line.request();
            line.send("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
        })
        .transport(&[TransportErrorKind::Connect], "cannot reach the host"),
        through("a proxy that breaks off", |line| {
            line.request();
        })
        .transport(&[TransportErrorKind::ConnectionLost], "the proxy 127.0.0.1"),
        through("a proxy that talks nonsense", |line| {
            line.request();
            line.send("nonsense\r\n\r\n");
        })
        .transport(&[TransportErrorKind::Protocol, TransportErrorKind::ConnectionLost], "127.0.0.1"),
        through("a proxy that opens the way and hangs", |line| {
            line.request();
            line.send("HTTP/1.1 200 Established\r\n\r\n");
            let _ = line.stream.peek(&mut [0]);
            hang();
        })
        .hangs("the request was sent"),
    ]
}

/// TLS and names.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn trust() -> Vec<Row> {
    let of = |name, config: fn(&Authority, &Authority) -> std::sync::Arc<rustls::ServerConfig>| {
        row(name, move || {
            let (known, other) = (Authority::new(), Authority::new());
            let peer = tls::start(config(&known, &other), |stream| {
                let seen = super::peer::read_request(stream);
                assert!(seen.is_none(), "a request was sent to a peer that is not trusted");
            });
            let file = known.file.clone();
            Scene::at(&format!("https://{}", peer.address)).with(|client| client.ca_file(file)).holding(known)
        })
    };
    vec![
        row("a TLS handshake that hangs", || secret(Peer::start(|_, _| hang()))).hangs("the TLS handshake"),
        row("a TLS handshake that drips", || {
            secret(Peer::start(|line, _| {
                line.drip([0x16, 3, 3, 0x3f, 0xff].into_iter().chain(std::iter::repeat(2)));
            }))
        })
        .hangs("the TLS handshake"),
        row("no TLS where TLS is expected", || {
            secret(Peer::start(|line, _| {
                line.send("HTTP/1.1 400 Bad\r\n\r\n");
                hang();
            }))
        })
        .transport(&[TransportErrorKind::Tls], "no TLS connection to 127.0.0.1"),
        row("a server that knows no later version than TLS 1.1", || {
            secret(Peer::start(|line, _| {
                line.send([21, 3, 1, 0, 2, 2, 70]);
                hang();
            }))
        })
        .transport(&[TransportErrorKind::TlsUnsupported], "neither TLS 1.2 nor TLS 1.3")
        .at_once(),
        row("a server that requires a client certificate", || {
            secret(Peer::start(|line, _| {
                line.send([21, 3, 3, 0, 2, 2, 116]);
                hang();
            }))
        })
        .transport(&[TransportErrorKind::TlsUnsupported], "requires a client certificate")
        .at_once(),
        of("a certificate of another name", |known, _| known.config("other.example", |_| {}))
            .transport(&[TransportErrorKind::Certificate], "not for 127.0.0.1")
            .at_once(),
        of("an expired certificate", |known, _| {
            known.config("127.0.0.1", |params| {
                params.not_after = time::OffsetDateTime::now_utc() - time::Duration::days(30);
            })
        })
        .transport(&[TransportErrorKind::Certificate], "it expired on")
        .at_once(),
        of("an unknown authority", |_, other| other.config("127.0.0.1", |_| {}))
            .transport(&[TransportErrorKind::Certificate], "not issued by a known authority")
            .at_once(),
        row("a proxy that opens the way and then hangs in the TLS handshake", || {
            let proxy = Peer::start(|line, _| {
                line.request();
                line.send("HTTP/1.1 200 Established\r\n\r\n");
                hang();
            });
            Scene::at("https://jobs.invalid").with(|client| client.proxy(&proxy.url())).holding(proxy)
        })
        .hangs("the TLS handshake"),
        // Names below `.invalid` do not exist; a resolver that does not respond takes the whole timeout.
        row("a name that does not resolve", || Scene::at("https://no-such-host.invalid"))
            .transport(&[TransportErrorKind::Dns, TransportErrorKind::Timeout], "no-such-host.invalid"),
    ]
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn secret(peer: Peer) -> Scene {
    Scene::at(&format!("https://{}", peer.address)).holding(peer)
}

fn serve(peer: Peer) -> Scene {
    Scene::at(&peer.url()).holding(peer)
}

fn row(name: &'static str, scene: impl Fn() -> Scene + Send + Sync + 'static) -> Row {
    Row {
        name,
        scene: Box::new(scene),
        job: Expected::No(ErrorKind::NoAnswer),
        wait: Expected::No(ErrorKind::NoAnswer),
        what: What::Nothing,
        says: "",
        hangs: false,
        at_once: false,
    }
}

/// Each connection is handled by `talk`.
fn plain(name: &'static str, talk: fn(&mut Line)) -> Row {
    row(name, move || serve(Peer::start(move |line, _| talk(line))))
}

/// Each request gets these bytes, then the connection is closed.
fn bytes(name: &'static str, bytes: impl Into<Vec<u8>>) -> Row {
    let bytes = bytes.into();
    row(name, move || serve(Peer::cutting(bytes.clone())))
}

/// Each request gets the beginning of a response in chunks, `start`, and then `endless` over and over.
fn flood(name: &'static str, endless: &'static str, start: &'static str) -> Row {
    let head = match endless.starts_with("HTTP/") {
        true => String::new(),
        false => format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{start}"),
    };
    row(name, move || {
        let (head, endless) = (head.clone(), endless.repeat(64 * 1024 / endless.len()));
        serve(Peer::start(move |line, _| {
            line.request();
            line.send(&head);
            while line.send(&endless) {}
        }))
    })
}

/// Each request gets this response.
fn same(name: &'static str, bytes: impl Into<Vec<u8>>) -> Row {
    let bytes = bytes.into();
    row(name, move || serve(Peer::answering(bytes.clone())))
}

impl Row {
    fn transport(mut self, kinds: &'static [TransportErrorKind], says: &'static str) -> Self {
        self.what = What::Transport(kinds);
        self.says = says;
        self
    }

    fn hangs(mut self, says: &'static str) -> Self {
        self.hangs = true;
        self.transport(&[TransportErrorKind::Timeout], says)
    }

    fn lost(self, says: &'static str) -> Self {
        self.transport(&[TransportErrorKind::ConnectionLost], says)
    }

    fn protocol(self, says: &'static str) -> Self {
        self.transport(&[TransportErrorKind::Protocol], says)
    }

    fn too_large(self, says: &'static str) -> Self {
        self.transport(&[TransportErrorKind::TooLarge], says).at_once()
    }

    fn decode(mut self, says: &'static str) -> Self {
        self.what = What::Decode;
        self.says = says;
        self
    }

    fn api(mut self, status: u16, is: fn(&ApiError) -> bool) -> Self {
        self.what = What::Api(status, is);
        self.says = "HTTP ";
        self
    }

    fn refused(mut self, status: u16, is: fn(&ApiError) -> bool) -> Self {
        self.job = Expected::No(ErrorKind::Refused);
        self.wait = self.job;
        self.api(status, is).at_once()
    }

    fn throttled(mut self, status: u16) -> Self {
        self.wait = Expected::No(ErrorKind::TimedOut);
        self.api(status, ApiError::is_throttled)
    }

    fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    fn good(mut self) -> Self {
        self.job = Expected::Job;
        self.wait = Expected::Job;
        self
    }
}
