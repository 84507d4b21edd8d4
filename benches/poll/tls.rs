//! What a poll through TLS costs, and how many handshakes a wait makes, counted by the server.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cloudjob::{Backoff, Client, ClientConfig, Credentials, Endpoint, JobId};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConnection, HandshakeKind, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::common::mode::Mode;
use crate::common::report::{Reach, Report};
use crate::common::server::BareSocket;
use crate::common::timing::{Work, medians};
use crate::common::{JOB_ID, RUNNING, SUCCESS};

pub(crate) fn handshakes(mode: &Mode, report: &mut Report) {
    let what = "TLS handshakes of a wait with 16 s between polls";
    if mode.quick {
        report.skip(what, "it takes half a minute: only in a full run");
    } else {
        let seen = wait(Duration::from_secs(16), false);
        let note = format!("3 polls, 16 s apart: {seen:?}");
        report.row(what, seen.len() as f64, "", Reach::AtMost(1.0), &note);
    }
    let what = "full TLS handshakes when the server closes after each response";
    let seen = wait(Duration::from_millis(5), true);
    let full = seen.iter().filter(|kind| **kind == HandshakeKind::Full).count();
    let note = format!("3 polls: {seen:?}");
    report.row(what, full as f64, "", Reach::AtMost(1.0), &note);
}

/// A poll over a kept connection, against the same bytes through rustls over a bare socket.
pub(crate) fn polls(mode: &Mode, report: &mut Report) {
    let authority = Authority::new();
    let token = "t".repeat(crate::TOKEN);
    let client = authority.client(&token, authority.serve(false, Arc::default()));
    let id = JobId::new(JOB_ID).expect("an id");
    let mut bare = authority.bare(&token, authority.serve(false, Arc::default()));
    let times = medians(
        50,
        mode.pick(60, 600),
        &mut [
            Box::new(|| assert!(bare.polled() > 0)) as Work<'_>,
            Box::new(|| {
                black_box(client.job(&id).expect("a job"));
            }),
        ],
    );
    let note =
        format!("{:.1} us against {:.1} us for rustls over a bare socket", times[1] / 1e3, times[0] / 1e3);
    report.row("one poll through TLS, kept connection", times[1] / times[0], "x", Reach::AtMost(1.3), &note);
}

/// A wait of three polls, and the handshakes that the server saw.
fn wait(delay: Duration, closes: bool) -> Vec<HandshakeKind> {
    let authority = Authority::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let client = authority.client("t", authority.serve(closes, Arc::clone(&seen)));
    let id = JobId::new(JOB_ID).expect("an id");
    let outcome = client.wait(&id).backoff(Backoff::fixed(delay)).outcome();
    assert_eq!((outcome.polls(), outcome.result().is_ok()), (3, true), "{outcome:?}");
    seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// A certificate for `localhost`, and the file that clients trust.
struct Authority {
    certificate: CertifiedKey<KeyPair>,
    ca_file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        let certificate = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let ca_file =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ca-{}.pem", std::process::id()));
        std::fs::write(&ca_file, certificate.cert.pem()).expect("a file");
        Self { certificate, ca_file }
    }

    fn serve(&self, closes: bool, seen: Arc<Mutex<Vec<HandshakeKind>>>) -> SocketAddr {
        let key = PrivateKeyDer::Pkcs8(self.certificate.signing_key.serialize_der().into());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.cert.der().clone()], key)
            .expect("a server");
        serve(Arc::new(config), closes, seen)
    }

    fn client(&self, token: &str, address: SocketAddr) -> Client {
        let url = format!("https://localhost:{}", address.port());
        let endpoint = Endpoint::new(&url, "demo").expect("an endpoint");
        let config = ClientConfig::new().ca_file(&self.ca_file).max_polls_per_second(f64::INFINITY);
        Client::with_config(endpoint, Credentials::token(token).expect("a token"), config).expect("a client")
    }

    fn bare(&self, token: &str, address: SocketAddr) -> BareSocket<StreamOwned<ClientConnection, TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.cert.der().clone()).expect("a root");
        let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = "localhost".try_into().expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("a setting");
        BareSocket::over(StreamOwned::new(connection, stream), "localhost", token)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca_file);
    }
}

/// Two polls find the job running, the third finds it ended.
fn serve(config: Arc<ServerConfig>, closes: bool, seen: Arc<Mutex<Vec<HandshakeKind>>>) -> SocketAddr {
    let listener = TcpListener::bind("localhost:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let mut polls = 0;
        for stream in listener.incoming().map_while(Result::ok) {
            stream.set_nodelay(true).expect("a setting");
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut stream = StreamOwned::new(connection, stream);
            let mut known = false;
            while read_head(&mut stream) {
                if !known {
                    let kind = stream.conn.handshake_kind().expect("a handshake");
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(kind);
                    known = true;
                }
                polls += 1;
                let body = if polls < 3 { RUNNING } else { SUCCESS };
                let connection = if closes { "close" } else { "keep-alive" };
                let head = format!("Connection: {connection}\r\nContent-Length: {}", body.len());
                if write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").is_err() || closes {
                    break;
                }
            }
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    address
}

fn read_head(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> bool {
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(amount @ 1..) => head.extend_from_slice(&buffer[..amount]),
            _ => return false,
        }
    }
    true
}
