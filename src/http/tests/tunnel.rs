use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::server::{PLENTY, Server, bounded, ok, read_request};
use crate::api::request::Request;
use crate::endpoint::url::Url;
use crate::error::poll::TransportErrorKind;
use crate::http::{HttpClient, HttpOptions, LookUp, ProxyChoice};
use crate::util::secret::Secret;

/// Through this proxy. Only the names of the table are known, and all that are asked for are written down.
fn through(proxy: &str, names: &'static [&'static str]) -> (HttpClient, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let resolve: LookUp = Arc::new(move |host, port| {
        log.lock().unwrap().push(host.to_string());
        if names.contains(&host) {
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))])
        } else {
            Err(std::io::Error::other("no such name"))
        }
    });
    let options = HttpOptions {
        proxy: ProxyChoice::Url(Secret::new(proxy)),
        resolve: Some(resolve),
        ..HttpOptions::default()
    };
    (HttpClient::new(&options).unwrap(), asked)
}

/// A proxy that opens every tunnel to one server.
fn proxy_to(server: SocketAddr, heard: Arc<Mutex<Vec<String>>>) -> Server {
    Server::start(move |mut client, _| {
        heard.lock().unwrap().push(read_request(&mut client).unwrap());
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let mut origin = TcpStream::connect(server).unwrap();
        let (mut up, mut down) = (client.try_clone().unwrap(), origin.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut up, &mut origin));
        let _ = std::io::copy(&mut down, &mut client);
    })
}

#[test]
fn a_tunnel_is_opened_with_credentials_and_reused() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let server = Server::answering(ok("{}"));
    let proxy = proxy_to(server.address, Arc::clone(&heard));
    let url = format!("http://user:pa%40ss@proxy.test:{}", proxy.address.port());
    let (http, asked) = through(&url, &["proxy.test"]);
    let request = Request::get("http://jobs.test/v1".into());
    for _ in 0..3 {
        assert_eq!(http.send(&request, PLENTY).unwrap().body(), b"{}");
    }
    assert_eq!(server.accepted(), 1);
    let heard = heard.lock().unwrap();
    assert!(heard[0].starts_with("CONNECT jobs.test:80 HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[0].contains("Proxy-Authorization: Basic dXNlcjpwYUBzcw==\r\n"), "{heard:?}");
    assert!(heard[0].contains("User-Agent: cloudjob/"), "{heard:?}");
    // The proxy's name is ours to look up, the name of the target is the proxy's.
    assert_eq!(*asked.lock().unwrap(), ["proxy.test"]);
    assert!(!format!("{http:?}").contains("pa"), "{http:?}");
}

#[test]
fn a_loopback_address_never_goes_through_a_proxy_of_the_environment() {
    let server = Server::answering(ok("{}"));
    let proxy = |name: &str| name.ends_with("_proxy").then(|| "http://127.0.0.1:1".to_owned());
    let http = HttpClient::in_environment(&HttpOptions::default(), proxy).unwrap();
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "LocalHost"] {
        let request = Request::get(format!("http://{host}:{port}/").into());
        assert_eq!(http.send(&request, PLENTY).unwrap().status(), 200);
    }
    let elsewhere = http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap_err();
    assert!(elsewhere.message().contains("proxy"), "{elsewhere}");
}

#[test]
fn a_proxy_given_explicitly_is_used_for_loopback_too() {
    let server = Server::answering(ok("{}"));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let proxy = proxy_to(server.address, Arc::clone(&heard));
    let (http, _) = through(&format!("http://127.0.0.1:{}", proxy.address.port()), &[]);
    let request = Request::get(format!("http://127.0.0.1:{}/", server.address.port()).into());
    assert_eq!(http.send(&request, PLENTY).unwrap().status(), 200);
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[test]
fn a_proxy_that_opens_no_tunnel_is_reported_with_its_host_its_status_and_a_hint() {
    let (with, without) = ("user:secret@", "");
    for (status, headers, credentials, kind, hint) in [
        (407, "", with, TransportErrorKind::Proxy, "it rejected the user name or the password"),
        (407, "", without, TransportErrorKind::Proxy, "it requires a user name and a password"),
        (
            407,
            "Proxy-Authenticate: Basic realm=\"x\"\r\n",
            with,
            TransportErrorKind::Proxy,
            "rejected the user name",
        ),
        (
            407,
            "Proxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n",
            with,
            TransportErrorKind::Proxy,
            "it offers Negotiate, NTLM for authentication, and only Basic is supported",
        ),
        (
            407,
            "Proxy-Authenticate: Digest realm=\"a, b\", nonce=\"c\"\r\n",
            without,
            TransportErrorKind::Proxy,
            "it offers Digest for",
        ),
        (403, "", with, TransportErrorKind::Proxy, "does not allow"),
        (405, "", with, TransportErrorKind::Proxy, "operator"),
        (302, "location: http://elsewhere/\r\n", with, TransportErrorKind::Proxy, "operator"),
        (429, "", with, TransportErrorKind::Connect, "cannot reach"),
        (502, "", with, TransportErrorKind::Connect, "cannot reach"),
    ] {
        let proxy = Server::answering(format!("HTTP/1.1 {status} No\r\n{headers}content-length: 0\r\n\r\n"));
        let address = format!("proxy.test:{}", proxy.address.port());
        let (http, _) = through(&format!("http://{credentials}{address}"), &["proxy.test"]);
        let error = http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.http_status(), Some(status));
        for part in [hint, &address, "jobs.test:80", &status.to_string()] {
            assert!(error.message().contains(part), "{part} in {error}");
        }
        assert!(!error.message().contains("secret"), "{error}");
    }
}

/// What a proxy sends in response to CONNECT. Then the tunnel is open, or the error has this kind and text.
#[test]
fn a_proxy_may_respond_in_any_way_that_http_allows() {
    let many = "x: y\r\n".repeat(60);
    let endless = format!("HTTP/1.1 200 OK\r\n{}", "x: y\r\n".repeat(64 * 1024));
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100 * 1024));
    let open = None;
    for (bytes, expected) in [
        ("HTTP/1.1 200 OK\r\n\r\n".to_owned(), open),
        ("HTTP/1.0 200 Connection established\r\n\r\n".into(), open),
        ("HTTP/1.1 201\r\n\r\n".into(), open),
        ("HTTP/1.1 200 OK\n\n".into(), open),
        (format!("HTTP/1.1 200 OK\r\n{many}\r\n"), open),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n".into(), open),
        ("HTTP/1.1 102 Processing\r\nx: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n".into(), open),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\ntransfer-encoding: chunked\r\n\r\n".into(), open),
        (long, open),
        (endless, Some((TransportErrorKind::TooLarge, "128 KiB for the headers"))),
        ("HTTP/1.1 100 Continue\r\n\r\n".repeat(9000), Some((TransportErrorKind::TooLarge, "128 KiB"))),
        ("HTTP/1.1 abc\r\n\r\n".into(), Some((TransportErrorKind::Protocol, "is not HTTP"))),
        ("SSH-2.0-OpenSSH\r\n".into(), Some((TransportErrorKind::Protocol, "is not HTTP"))),
        ("HTTP/1.1 200 OK\r\nx: y".into(), Some((TransportErrorKind::ConnectionLost, "before the tunnel"))),
    ] {
        let start: String = bytes.chars().take(60).collect();
        let proxy = Server::start(move |mut stream, _| {
            read_request(&mut stream);
            // Byte by byte at the beginning, as far as the network lets it be so.
            let (first, rest) = bytes.as_bytes().split_at(bytes.len().min(40));
            for byte in first {
                let _ = stream.write_all(&[*byte]);
            }
            let _ = stream.write_all(rest);
            if rest.len() > 200_000 {
                thread::sleep(Duration::from_secs(2));
            } else if bytes.ends_with("\n\n") || bytes.ends_with("\r\n\r\n") {
                read_request(&mut stream);
                let _ = stream.write_all(ok("{}").as_bytes());
            }
        });
        let (http, _) = through(&format!("http://{}", proxy.address), &[]);
        let result = http.send(&Request::get("http://jobs.test/".into()), PLENTY);
        match (result, expected) {
            (Ok(response), None) => assert_eq!(response.body(), b"{}", "{start}"),
            (Err(error), Some((kind, part))) => {
                assert_eq!(error.kind(), kind, "{start}: {error}");
                assert!(
                    error.message().contains(part) && error.message().contains("the proxy 127.0.0.1"),
                    "{error}"
                );
            }
            (result, expected) => panic!("{start}: {result:?} is not {expected:?}"),
        }
    }
}

#[test]
fn a_proxy_of_the_environment_is_named_by_its_variable() {
    let variable = |name: &str| (name == "HTTP_PROXY").then(|| "nowhere.test".to_owned());
    let resolve: LookUp = Arc::new(|_, _| Err(std::io::Error::other("no such name")));
    let options = HttpOptions { resolve: Some(resolve), ..HttpOptions::default() };
    let http = HttpClient::in_environment(&options, variable).unwrap();
    let error = http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Dns);
    assert_eq!(
        error.message(),
        "the name of the proxy nowhere.test:80 (HTTP_PROXY) cannot be resolved: no such name"
    );
    let error = crate::error::Error::poll(crate::error::poll::PollError::Transport(error)).to_string();
    assert!(error.contains("check the proxy setting") && !error.contains("region"), "{error}");
}

#[test]
fn a_proxy_that_never_opens_the_tunnel_is_abandoned_at_the_deadline() {
    let cases: [fn(TcpStream); 3] = [
        |_stream| thread::sleep(Duration::from_secs(3)),
        |mut stream| {
            read_request(&mut stream);
            for byte in b"HTTP/1.1 200 Fine\r\nx-long: ".iter().chain([b'x'; 200].iter()) {
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
                thread::sleep(Duration::from_millis(20));
            }
        },
        |mut stream| {
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").unwrap();
            let _ = stream.read(&mut [0; 1000]);
            thread::sleep(Duration::from_secs(3));
        },
    ];
    for (number, case) in cases.into_iter().enumerate() {
        let proxy = Server::start(move |stream, _| case(stream));
        let (http, _) = through(&format!("http://{}", proxy.address), &[]);
        let error = bounded(&http, &Request::get("http://jobs.test/".into())).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Timeout, "{error}");
        assert_eq!(error.message().contains("the proxy"), number < 2, "{error}");
    }
}

#[test]
fn an_error_of_the_connection_to_the_proxy_names_the_proxy() {
    let (http, _) = through("http://127.0.0.1:1", &[]);
    let request = Request::get("http://jobs.test/".into());
    let error = http.send(&request, PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert!(error.message().contains("the proxy 127.0.0.1:1"), "{error}");

    let (http, _) = through("http://nowhere.test:1", &[]);
    let error = http.send(&request, PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Dns);
    assert!(error.message().contains("the proxy nowhere.test:1"), "{error}");

    for bytes in ["", "HTTP/1.1 200"] {
        let proxy = Server::start(move |mut stream, _| {
            read_request(&mut stream);
            let _ = stream.write_all(bytes.as_bytes());
        });
        let (http, _) = through(&format!("http://{}", proxy.address), &[]);
        let error = http.send(&request, PLENTY).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{error}");
        assert!(error.message().contains("the proxy"), "{error}");
    }
}

#[test]
fn an_unusable_proxy_url_is_reported_without_showing_it() {
    for url in ["", "socks5://user:secret@h:1", "http://", "http://user:se cret@h", "http://us%FFer:secret@h"]
    {
        let options = HttpOptions { proxy: ProxyChoice::Url(Secret::new(url)), ..HttpOptions::default() };
        let error = HttpClient::new(&options).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::InvalidUrl);
        assert!(
            error.message().starts_with("the proxy URL is") && !error.message().contains("secret"),
            "{error}"
        );
    }
}

/// The environment belongs to the whole process, so this runs in a process of its own.
#[test]
fn an_unusable_proxy_in_the_environment_is_reported_only_where_it_is_needed() {
    let name =
        "http::tests::tunnel::an_unusable_proxy_in_the_environment_is_reported_only_where_it_is_needed";
    if std::env::var_os(ALONE).is_none() {
        let mut tests = Command::new(std::env::current_exe().unwrap());
        let tests = tests.args(["--exact", name, "--test-threads=1"]).env(ALONE, "1");
        for other in ["http_proxy", "no_proxy", "REQUEST_METHOD"] {
            tests.env_remove(other);
        }
        tests.env("HTTP_PROXY", "socks5://user:secret@proxy.test").env("NO_PROXY", "cloud.test");
        assert!(tests.status().unwrap().success());
        return;
    }
    let http = HttpClient::new(&HttpOptions::default()).unwrap();
    for url in ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]:8/", "http://ecs.cloud.test/"] {
        assert!(http.check(Url::from(url).origin()).is_ok(), "{url}");
    }
    let error = http.check(Url::from("http://jobs.test/").origin()).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::InvalidUrl);
    assert!(
        error.message().to_uppercase().contains("HTTP_PROXY") && error.message().contains("socks5"),
        "{error}"
    );
    assert!(!format!("{error} {http:?}").contains("secret"), "{error} {http:?}");
}

const ALONE: &str = "CLOUDJOB_TEST_ALONE";
