//! Connections: one thread each, requests one after the other, until either side has had enough.

use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::faults::Fault;
use super::lock;
use super::reply::Reply;
use super::request::{Inbox, NoRequest, Request};
use super::routes::Route;
use super::shared::Shared;
use super::times::http_date;

/// The running server; dropped, it closes every connection and ends its threads.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(listener: TcpListener, shared: Arc<Shared>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let open = Arc::new(Mutex::new(Vec::new()));
        let (own_shared, own_open) = (Arc::clone(&shared), Arc::clone(&open));
        let acceptor = thread::Builder::new()
            .name("cloudjob-simulator".into())
            .spawn(move || accept(&listener, &own_shared, &own_open))?;
        Ok(Self { address, shared, open, acceptor: Some(acceptor) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.stop();
        for stream in lock(&self.open).iter() {
            // Gone already is as good.
            let _ = stream.shutdown(Shutdown::Both);
        }
        let Some(acceptor) = self.acceptor.take() else { return };
        // The acceptor looks whether it is to stop after each connection: so it gets one.
        for _ in 0..100 {
            if acceptor.is_finished()
                || TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok()
            {
                let _ = acceptor.join();
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, open: &Arc<Mutex<Vec<TcpStream>>>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for connection in listener.incoming() {
        if shared.stop.is_stopped() {
            break;
        }
        let Ok(stream) = connection else {
            // Out of files, most likely: others must close theirs first.
            shared.stop.sleep(Duration::from_millis(20));
            continue;
        };
        threads.retain(|thread| !thread.is_finished());
        if threads.len() >= MOST_CONNECTIONS {
            let _ = send(
                &stream,
                &Reply::gateway(503, "APIGW.0613", "too many connections"),
                shared,
                false,
                true,
            );
            continue;
        }
        let Ok(kept) = stream.try_clone() else { continue };
        let (shared, open) = (Arc::clone(shared), Arc::clone(open));
        let spawned = thread::Builder::new().name("cloudjob-simulator".into()).spawn(move || {
            let peer = stream.peer_addr().ok();
            {
                let mut open = lock(&open);
                open.push(kept);
                // Who stops closes what is on the list; what comes later closes itself.
                if shared.stop.is_stopped() {
                    return;
                }
            }
            serve(&stream, &shared);
            let _ = stream.shutdown(Shutdown::Both);
            lock(&open).retain(|other| other.peer_addr().ok().is_some_and(|other| Some(other) != peer));
        });
        threads.extend(spawned);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn serve(mut stream: &TcpStream, shared: &Shared) {
    let ready = stream
        .set_nodelay(true)
        .and_then(|()| stream.set_read_timeout(Some(LONGEST_SILENCE)))
        .and_then(|()| stream.set_write_timeout(Some(LONGEST_SILENCE)));
    if ready.is_err() {
        return;
    }
    let mut inbox = Inbox::default();
    while !shared.stop.is_stopped() {
        let mut leave = stream;
        let go_on = || {
            let _ = leave.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
        };
        let request = match inbox.next(&mut stream, go_on) {
            Ok(request) => request,
            Err(NoRequest::Gone) => return,
            Err(NoRequest::Bad(status, problem)) => {
                let reply = Reply::gateway(status, "APIGW.0106", problem);
                let number = lock(&shared.records).note("?", "", &[]);
                lock(&shared.records).answered(number, status);
                let _ = send(stream, &reply, shared, false, true);
                linger(stream);
                return;
            }
        };
        if !answer(stream, shared, &request) || !request.keep_alive {
            return;
        }
    }
}

/// Answers one request; `false` if the connection is to be closed.
fn answer(stream: &TcpStream, shared: &Shared, request: &Request) -> bool {
    let number = lock(&shared.records).note(&request.method, &request.target(), &request.headers);
    let route = Route::of(&request.method, &request.path);
    if let Some(id) = route.looked_at() {
        lock(&shared.jobs).note_look(id);
    }
    let (limit, fault, latency) = {
        let mut faults = lock(&shared.faults);
        let limit = faults.over_limit(shared.clock.now());
        // What goes beyond the limit does not use up a fault.
        let fault = if limit.is_some() { Fault::None } else { faults.next() };
        (limit, fault, faults.latency)
    };
    if !shared.stop.sleep(latency) {
        return false;
    }
    let proper = || route.answer(shared, request);
    let close = !request.keep_alive;
    let head_only = request.method == "HEAD";
    // The record is whole before the answer leaves: who has the answer finds its record.
    let tell = |reply: &Reply, close: bool| {
        lock(&shared.records).answered(number, reply.status);
        send(stream, reply, shared, head_only, close).is_ok()
    };
    if let Some(limit) = limit {
        return tell(&throttled(&format!("policy user over ratelimit,limit:{limit},time:1 second")), close);
    }
    match fault {
        Fault::None => tell(&proper(), close),
        Fault::Status(status) => {
            tell(&Reply::gateway(status.clamp(200, 999), "APIGW.0601", "The simulator was told so"), close)
        }
        Fault::Throttle { retry_after } => {
            let reply = throttled("policy ip over ratelimit,limit:5,time:5 second");
            let reply = match retry_after {
                Some(seconds) => reply.header("Retry-After", seconds.to_string()),
                None => reply,
            };
            tell(&reply, close)
        }
        Fault::Html502 => tell(&Reply::new(502, HTML).header("Content-Type", "text/html"), close),
        Fault::CloseConnection => false,
        Fault::Hang(span) => {
            shared.stop.sleep(span);
            false
        }
        Fault::Garbage => {
            let mut stream = stream;
            let _ = stream.write_all(b"\x16\x03 this is not HTTP\r\n\r\n");
            false
        }
        Fault::CutOff => {
            let mut reply = proper();
            lock(&shared.records).answered(number, reply.status);
            reply = reply.with_whole_length();
            reply.body.truncate(reply.body.len() / 2);
            let _ = send(stream, &reply, shared, head_only, true);
            false
        }
        Fault::Drip(span) => {
            let reply = proper();
            lock(&shared.records).answered(number, reply.status);
            drip(stream, &reply, shared, span).is_ok() && !close
        }
        Fault::Answer(status, headers, body) => {
            let mut reply = Reply::new(status.clamp(200, 999), body);
            reply.headers = headers;
            tell(&reply, close)
        }
    }
}

fn throttled(policy: &str) -> Reply {
    Reply::gateway(429, "APIGW.0308", &format!("The throttling threshold has been reached: {policy}"))
}

fn send(
    mut stream: &TcpStream,
    reply: &Reply,
    shared: &Shared,
    head_only: bool,
    close: bool,
) -> io::Result<()> {
    let mut bytes = reply.head(&http_date(shared.clock.wall()), close);
    if !head_only && reply.has_body() {
        bytes.extend_from_slice(&reply.body);
    }
    stream.write_all(&bytes)
}

fn drip(mut stream: &TcpStream, reply: &Reply, shared: &Shared, span: Duration) -> io::Result<()> {
    send(stream, reply, shared, true, false)?;
    let pause = span / u32::try_from(reply.body.len().max(1)).unwrap_or(u32::MAX);
    for byte in &reply.body {
        if !shared.stop.sleep(pause) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        stream.write_all(&[*byte])?;
    }
    Ok(())
}

/// Takes in for a moment what is still being sent: closed at once, the connection would be reset, and the refusal
/// lost on its way.
fn linger(mut stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
    let mut sink = io::sink();
    let _ = io::copy(&mut io::Read::take(&mut stream, 4 * 1024 * 1024), &mut sink);
}

/// More at once than any test needs; each costs a thread.
const MOST_CONNECTIONS: usize = 1_000;

const LONGEST_SILENCE: Duration = Duration::from_secs(75);

const HTML: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body><h2>Error</h2>\
<p>The backend server is unreachable.</p></body></html>";
