//! A server made of a closure: one call per connection, each in its own thread.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Listens on loopback until the test program ends.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    heard: Heard,
}

/// The requests as received.
pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

impl Peer {
    /// `talk` gets the connection and its number, starting at 0.
    pub(crate) fn start(talk: impl Fn(&mut Line, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (accepted, heard) = (Arc::new(AtomicUsize::new(0)), Heard::default());
        let (count, list, talk) = (Arc::clone(&accepted), Arc::clone(&heard), Arc::new(talk));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let (talk, heard) = (Arc::clone(&talk), Arc::clone(&list));
                thread::spawn(move || talk(&mut Line { stream, heard }, number));
            }
        });
        Self { address, accepted, heard }
    }

    /// Sends these bytes to every request and keeps the connection open.
    pub(crate) fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |line, _| while line.request().is_some() && line.send(&bytes) {})
    }

    /// Sends these bytes to the first request of each connection, then closes it.
    pub(crate) fn cutting(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |line, _| {
            line.request();
            line.send(&bytes);
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// One connection, on the server side.
pub(crate) struct Line {
    pub(crate) stream: TcpStream,
    pub(crate) heard: Heard,
}

impl Line {
    /// The next request, head and body; none at the end of the connection.
    pub(crate) fn request(&mut self) -> Option<String> {
        let request = read_request(&mut self.stream)?;
        self.heard.lock().unwrap().push(request.clone());
        Some(request)
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Sends byte by byte until the client closes the connection, for at most half a minute.
    pub(crate) fn drip(&mut self, bytes: impl IntoIterator<Item = u8>) {
        drip(&mut self.stream, bytes);
    }

    /// Resets the connection after a request arrived, by not reading it.
    pub(crate) fn reset(&mut self) {
        let _ = self.stream.peek(&mut [0]);
    }
}

pub(crate) fn drip(stream: &mut impl Write, bytes: impl IntoIterator<Item = u8>) {
    for byte in bytes.into_iter().take(1500) {
        if stream.write_all(&[byte]).is_err() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Longer than any wait of the tests.
pub(crate) fn hang() {
    thread::sleep(Duration::from_secs(30));
}

pub(crate) fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if bytes.len() > 100_000 || stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let mut request = String::from_utf8(bytes).ok()?;
    let length = request.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let length = length.parse().ok()?;
    stream.take(length).read_to_string(&mut request).ok()?;
    Some(request)
}

/// A response with its length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

pub(crate) fn job(status: &str) -> String {
    answer(
        "200 OK",
        "content-type: application/json\r\n",
        &format!(r#"{{"status":"{status}","job_id":"j"}}"#),
    )
}

pub(crate) const HTML: &str =
    "<html><head><title>Bad Gateway</title></head><body><h1>no upstream</h1></body></html>";
