//! A server made of a closure: one call per connection, each in its own thread.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::api::request::Request;
use crate::api::response::Response;
use crate::error::poll::TransportError;
use crate::http::{HttpClient, HttpOptions, ProxyChoice};

pub(super) struct Server {
    pub(super) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    /// `talk` gets the connection and its number, starting at 0.
    pub(super) fn start(talk: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let talk = Arc::new(talk);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let talk = Arc::clone(&talk);
                thread::spawn(move || talk(stream, number));
            }
        });
        Self { address, accepted }
    }

    /// Sends these bytes to each request of each connection.
    pub(super) fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |mut stream, _| {
            while read_request(&mut stream).is_some() {
                if stream.write_all(&bytes).is_err() {
                    break;
                }
            }
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/v1/p/jobs/j", self.address)
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// A request as received, head and body; none at the end of the connection.
pub(super) fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

pub(super) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// A response after which the connection must not be reused.
pub(super) fn last(body: &str) -> String {
    ok(body).replacen("\r\n", "\r\nconnection: close\r\n", 1)
}

/// Without the proxies of whoever runs the tests.
pub(super) fn http() -> HttpClient {
    HttpClient::new(&HttpOptions { proxy: ProxyChoice::None, ..HttpOptions::default() }).unwrap()
}

pub(super) const PLENTY: Duration = Duration::from_secs(20);
pub(super) const SHORT: Duration = Duration::from_millis(200);

pub(super) fn get(url: &str) -> Result<Response, TransportError> {
    http().send(&Request::get(url.into()), PLENTY)
}

/// The result of a request with a short timeout, which must not take a second longer.
pub(super) fn bounded(http: &HttpClient, request: &Request) -> Result<Response, TransportError> {
    let start = Instant::now();
    let result = http.send(request, SHORT);
    let took = start.elapsed();
    assert!(took < SHORT + Duration::from_secs(1), "took {took:?}");
    result
}
