use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

use super::server::{PLENTY, Server, bounded, last, ok, read_request};
use crate::api::request::Request;
use crate::error::poll::TransportErrorKind;
use crate::http::{HttpClient, HttpOptions, ProxyChoice, RootStore};
use crate::util::secret::Secret;

/// An authority, and its certificate in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        params.distinguished_name.push(DnType::CommonName, format!("authority {number}"));
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = std::env::temp_dir().join(format!("cloudjob-ca-{}-{number}.pem", std::process::id()));
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    fn server(&self, host: &str, alter: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new([host.to_string()]).unwrap();
        alter(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }

    /// Trusts this authority; every name is at this address.
    fn client(&self, address: SocketAddr) -> HttpClient {
        self.client_through(address, ProxyChoice::None)
    }

    fn client_through(&self, address: SocketAddr, proxy: ProxyChoice) -> HttpClient {
        let options = HttpOptions {
            proxy,
            roots: RootStore::CaFile(self.file.clone()),
            resolve: Some(Arc::new(move |_, _| Ok(vec![address]))),
            ..HttpOptions::default()
        };
        HttpClient::new(&options).unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// A server that answers one request per connection, or any number, and the kinds of handshakes it saw.
fn serve(config: Arc<ServerConfig>, per_connection: usize) -> (Server, Arc<Mutex<Vec<HandshakeKind>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handshakes = Arc::clone(&seen);
    let server = Server::start(move |stream, _| talk(stream, &config, per_connection, &handshakes));
    (server, seen)
}

fn talk(stream: TcpStream, config: &Arc<ServerConfig>, count: usize, seen: &Mutex<Vec<HandshakeKind>>) {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    for _ in 0..count {
        if read_request(&mut stream).is_none() {
            return;
        }
        seen.lock().unwrap().extend(stream.conn.handshake_kind());
        let answer = if count == 1 { last("{}") } else { ok("{}") };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

fn request(host: &str) -> Request {
    Request::get(format!("https://{host}/v1").into())
}

#[test]
fn a_trusted_server_is_polled_over_one_connection() {
    let authority = Authority::new();
    let (server, _) = serve(authority.server("jobs.test", |_| {}), usize::MAX);
    let http = authority.client(server.address);
    for _ in 0..5 {
        assert_eq!(http.send(&request("jobs.test"), PLENTY).unwrap().body(), b"{}");
    }
    assert_eq!(server.accepted(), 1);
}

// native-tls resumes none.
#[cfg(feature = "rustls")]
#[test]
fn a_second_connection_resumes_the_session_of_the_first() {
    let authority = Authority::new();
    let (server, seen) = serve(authority.server("jobs.test", |_| {}), 1);
    let http = authority.client(server.address);
    for _ in 0..3 {
        // A short limit is no reason to start a session anew.
        http.send(&request("jobs.test"), Duration::from_secs(5)).unwrap();
    }
    let seen = seen.lock().unwrap();
    assert_eq!(*seen, [HandshakeKind::Full, HandshakeKind::Resumed, HandshakeKind::Resumed]);
}

#[test]
fn a_certificate_is_rejected_with_the_reason() {
    let (authority, other) = (Authority::new(), Authority::new());
    let past = time::OffsetDateTime::now_utc() - time::Duration::days(30);
    let future = time::OffsetDateTime::now_utc() + time::Duration::days(30);
    for (config, host, part) in [
        (other.server("jobs.test", |_| {}), "jobs.test", "CA file"),
        (authority.server("else.test", |_| {}), "jobs.test", "not for jobs.test but for else.test"),
        (authority.server("jobs.test", |params| params.not_after = past), "jobs.test", "it expired on 20"),
        (
            authority.server("jobs.test", |params| params.not_before = future),
            "jobs.test",
            "it is not valid before 20",
        ),
        (authority.server("10.0.0.1", |_| {}), "jobs.test", "not for jobs.test"),
    ] {
        let (server, _) = serve(config, 1);
        let http = authority.client(server.address);
        let error = http.send(&request(host), PLENTY).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Certificate, "{error}");
        assert!(error.message().contains("jobs.test:443"), "{error}");
        // OpenSSL tells neither dates nor names.
        assert!(error.message().contains(part) || cfg!(not(feature = "rustls")), "{error}");
        assert!(!error.message().contains(['{', '"', '[']) && !error.message().contains("UNIX"), "{error}");
    }
}

/// The reasons that OpenSSL, rustls and others send as alerts or in a ServerHello.
#[test]
fn what_a_server_and_this_client_cannot_agree_on_is_permanent() {
    let authority = Authority::new();
    let alert = |description: u8| vec![21, 3, 3, 0, 2, 2, description];
    let mut hello_of_tls_1_1 = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello_of_tls_1_1.extend([7; 32]);
    hello_of_tls_1_1.extend([0, 0, 0x2f, 0]);
    for (bytes, kind, part) in [
        (alert(70), TransportErrorKind::TlsUnsupported, "neither TLS 1.2 nor TLS 1.3"),
        (hello_of_tls_1_1, TransportErrorKind::TlsUnsupported, "neither TLS 1.2 nor TLS 1.3"),
        (alert(40), TransportErrorKind::TlsUnsupported, "no cipher suite or key exchange in common"),
        (alert(71), TransportErrorKind::TlsUnsupported, "no cipher suite or key exchange in common"),
        (alert(116), TransportErrorKind::TlsUnsupported, "client certificate"),
        (alert(42), TransportErrorKind::TlsUnsupported, "client certificate"),
        (alert(112), TransportErrorKind::TlsUnsupported, "does not know this host name"),
        (
            alert(80),
            TransportErrorKind::Tls,
            if cfg!(feature = "rustls") { "InternalError" } else { "internal error" },
        ),
        (b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), TransportErrorKind::Tls, "does not speak TLS"),
    ] {
        let server = Server::start(move |mut stream, _| {
            let _ = stream.write_all(&bytes);
            thread::sleep(Duration::from_secs(1));
        });
        let error = authority.client(server.address).send(&request("jobs.test"), PLENTY).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.is_transient(), kind == TransportErrorKind::Tls);
        assert!(error.message().contains(part) && error.message().contains("jobs.test:443"), "{error}");
    }
}

#[test]
fn a_server_that_requires_a_client_certificate_is_reported_as_such() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.issuer.der().clone()).unwrap();
        let verifier =
            rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
                .build()
                .unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["jobs.test".to_string()]).unwrap();
        let certificate = certificate.signed_by(&key, &authority.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let (server, _) = serve(Arc::new(config), 1);
        let error = authority.client(server.address).send(&request("jobs.test"), PLENTY).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::TlsUnsupported, "{version:?}: {error}");
        assert!(error.message().contains("client certificate"), "{error}");
    }
}

#[test]
fn a_ca_file_replaces_the_built_in_roots() {
    let authority = Authority::new();
    let (server, _) = serve(authority.server("jobs.test", |_| {}), 1);
    let address = server.address;
    let options = HttpOptions {
        proxy: ProxyChoice::None,
        resolve: Some(Arc::new(move |_, _| Ok(vec![address]))),
        ..HttpOptions::default()
    };
    let error = HttpClient::new(&options).unwrap().send(&request("jobs.test"), PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Certificate);
    assert!(!error.is_transient());
}

/// A machine may know no authorities at all, which is a failure of TLS.
#[cfg(feature = "platform-verifier")]
#[test]
fn the_roots_of_the_operating_system_do_not_include_ours() {
    let authority = Authority::new();
    let (server, _) = serve(authority.server("jobs.test", |_| {}), 1);
    let address = server.address;
    let options = HttpOptions {
        proxy: ProxyChoice::None,
        roots: RootStore::Platform,
        resolve: Some(Arc::new(move |_, _| Ok(vec![address]))),
        ..HttpOptions::default()
    };
    let error = HttpClient::new(&options).unwrap().send(&request("jobs.test"), PLENTY).unwrap_err();
    assert!(matches!(error.kind(), TransportErrorKind::Certificate | TransportErrorKind::Tls), "{error}");
}

/// What is chosen in a build with both; the other tests use the default.
#[cfg(feature = "native-tls")]
#[test]
fn native_tls_can_be_chosen_and_has_the_same_errors() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (good, _) = serve(authority.server("jobs.test", |_| {}), usize::MAX);
    let (wrong, _) = serve(authority.server("else.test", |_| {}), 1);
    for (server, known, kind) in [
        (&good, &authority, None),
        (&good, &other, Some(TransportErrorKind::Certificate)),
        (&wrong, &authority, Some(TransportErrorKind::Certificate)),
    ] {
        let address = server.address;
        let options = HttpOptions {
            proxy: ProxyChoice::None,
            tls: crate::http::TlsLibrary::Native,
            roots: RootStore::CaFile(known.file.clone()),
            resolve: Some(Arc::new(move |_, _| Ok(vec![address]))),
            ..HttpOptions::default()
        };
        let result = HttpClient::new(&options).unwrap().send(&request("jobs.test"), PLENTY);
        assert_eq!(result.as_ref().err().map(|error| error.kind()), kind, "{result:?}");
    }
}

#[test]
fn an_address_can_have_a_certificate_too() {
    let authority = Authority::new();
    let (server, _) = serve(authority.server("127.0.0.1", |_| {}), 1);
    let http = authority.client(server.address);
    assert_eq!(http.send(&request(&server.address.to_string()), PLENTY).unwrap().status(), 200);
}

#[test]
fn a_peer_that_does_not_speak_tls_is_reported_as_such() {
    let server = Server::answering("HTTP/1.1 400 This port is not for you\r\n\r\n");
    let authority = Authority::new();
    let plain = Server::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n");
        thread::sleep(Duration::from_secs(1));
    });
    let error = authority.client(plain.address).send(&request("jobs.test"), PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error}");
    assert!(error.message().contains("jobs.test:443"), "{error}");
    drop(server);

    let gone = Server::start(|stream, _| drop(stream));
    let error = authority.client(gone.address).send(&request("jobs.test"), PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{error}");
}

#[test]
fn a_handshake_or_a_response_that_never_ends_is_abandoned_at_the_deadline() {
    let authority = Authority::new();
    let silent = Server::start(|_stream, _| thread::sleep(Duration::from_secs(3)));
    let error = bounded(&authority.client(silent.address), &request("jobs.test")).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
    assert!(error.message().contains("TLS handshake"), "{error}");

    // One byte of a record that announces many, over and over.
    let dripping = Server::start(|mut stream, _| {
        for byte in [0x16, 3, 3, 0x3f, 0xff].iter().chain([2; 300].iter()) {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    });
    let error = bounded(&authority.client(dripping.address), &request("jobs.test")).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout, "{error}");

    let config = authority.server("jobs.test", |_| {});
    let slow = Server::start(move |stream, _| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        read_request(&mut stream);
        for byte in b"HTTP/1.1 200 OK\r\nx: ".iter().chain([b'x'; 300].iter()) {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    });
    let http = authority.client(slow.address);
    let start = std::time::Instant::now();
    // The handshake of a debug build takes its time.
    let error = http.send(&request("jobs.test"), Duration::from_secs(1)).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(error.kind(), TransportErrorKind::Timeout, "{error}");
    assert!(error.message().contains("the request was sent"), "{error}");
}

#[test]
fn tls_goes_through_a_tunnel_and_its_handshake_is_bounded_there_too() {
    let authority = Authority::new();
    let config = authority.server("jobs.test", |_| {});
    let proxy = Server::start(move |mut stream, _| {
        let asked = read_request(&mut stream).unwrap();
        assert!(asked.starts_with("CONNECT jobs.test:443 "), "{asked}");
        stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").unwrap();
        talk(stream, &config, usize::MAX, &Mutex::default());
    });
    let choice = || ProxyChoice::Url(Secret::new("http://proxy.test"));
    let http = authority.client_through(proxy.address, choice());
    for _ in 0..3 {
        assert_eq!(http.send(&request("jobs.test"), PLENTY).unwrap().status(), 200);
    }
    assert_eq!(proxy.accepted(), 1);

    let silent = Server::start(|mut stream, _| {
        read_request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").unwrap();
        thread::sleep(Duration::from_secs(3));
    });
    let http = authority.client_through(silent.address, choice());
    let error = bounded(&http, &request("jobs.test")).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
    assert!(error.message().contains("TLS handshake"), "{error}");
}

#[test]
fn the_connection_to_a_proxy_can_use_tls() {
    let authority = Authority::new();
    let config = authority.server("proxy.test", |_| {});
    let plain = Server::answering(ok("{}"));
    let origin = plain.address;
    let proxy = Server::start(move |stream, _| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        let Some(asked) = read_request(&mut stream) else { return };
        assert!(asked.starts_with("CONNECT jobs.test:80 "), "{asked}");
        stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").unwrap();
        let request = read_request(&mut stream).unwrap();
        let mut onward = TcpStream::connect(origin).unwrap();
        onward.write_all(request.as_bytes()).unwrap();
        onward.shutdown(std::net::Shutdown::Write).unwrap();
        std::io::copy(&mut onward, &mut stream).unwrap();
    });
    let choice = ProxyChoice::Url(Secret::new("https://proxy.test"));
    let http = authority.client_through(proxy.address, choice);
    assert_eq!(http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap().body(), b"{}");

    let other = Authority::new();
    let http = other.client_through(proxy.address, ProxyChoice::Url(Secret::new("https://proxy.test")));
    let error = http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Certificate);
    assert!(error.message().contains("the proxy proxy.test:443"), "{error}");
}

#[test]
fn an_unusable_ca_file_is_reported_with_its_path() {
    let authority = Authority::new();
    let good = std::fs::read_to_string(&authority.file).unwrap();
    let garbage = "-----BEGIN CERTIFICATE-----\naGVsbG8gd29ybGQ=\n-----END CERTIFICATE-----\n";
    let missing = std::env::temp_dir().join("cloudjob-no-such-file.pem");
    let file = std::env::temp_dir().join(format!("cloudjob-ca-bad-{}.pem", std::process::id()));
    let open = |path: &PathBuf| {
        HttpClient::new(&HttpOptions { roots: RootStore::CaFile(path.clone()), ..HttpOptions::default() })
    };
    for (content, part) in [
        (String::new(), "contains no certificate"),
        ("hello".into(), "contains no certificate"),
        (garbage.into(), "number 1"),
        (format!("{good}{garbage}"), "number 2"),
        (good[..good.len() / 2].into(), "not PEM"),
    ] {
        std::fs::write(&file, content).unwrap();
        let error = open(&file).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Certificate);
        let path = file.display().to_string();
        assert!(error.message().contains(part) && error.message().contains(&path), "{error}");
    }
    for content in
        [format!("# a comment\n{good}{good}"), format!("\u{feff}{good}"), good.replace('\n', "\r\n")]
    {
        std::fs::write(&file, content).unwrap();
        assert!(open(&file).is_ok());
    }
    std::fs::write(&file, good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    assert!(open(&file).is_err());
    std::fs::write(
        &file,
        format!("\u{feff}{good}").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
    )
    .unwrap();
    assert!(open(&file).unwrap_err().message().contains("is UTF-16"));
    std::fs::remove_file(&file).unwrap();
    for path in [missing, std::env::temp_dir()] {
        let error = open(&path).unwrap_err();
        assert!(error.message().contains("cannot be read"), "{error}");
    }
}
