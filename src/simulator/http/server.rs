//! Connections: one thread each, requests one after the other, until either side has had enough.

use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::request::{Inbox, NoRequest, Request};
use super::response::Response;
use crate::simulator::clock::http_date;
use crate::simulator::faults::Fault;
use crate::simulator::lock;
use crate::simulator::routes::Route;
use crate::simulator::state::State;

/// The connections that are open, to be closed at the end.
type Open = Arc<Mutex<Vec<Arc<TcpStream>>>>;

/// The running server; dropped, it closes every connection and ends its threads.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<State>,
    open: Open,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, shared: Arc<State>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let open = Open::default();
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
        // The acceptor polls whether it is to stop after each connection: so it gets one.
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

fn accept(listener: &TcpListener, shared: &Arc<State>, open: &Open) {
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
        if threads.len() >= shared.settings.most_connections {
            let _ = send(
                &stream,
                &Response::gateway(503, "APIGW.0613", "too many connections"),
                shared,
                false,
                true,
            );
            continue;
        }
        let (stream, shared, open) = (Arc::new(stream), Arc::clone(shared), Arc::clone(open));
        let spawned = thread::Builder::new().name("cloudjob-simulator".into()).spawn(move || {
            lock(&open).push(Arc::clone(&stream));
            // Who stops closes what is on the list; what comes on it later looks for itself.
            if !shared.stop.is_stopped() {
                serve(&stream, &shared);
            }
            let _ = stream.shutdown(Shutdown::Both);
            lock(&open).retain(|other| !Arc::ptr_eq(other, &stream));
        });
        threads.extend(spawned);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn serve(mut stream: &TcpStream, shared: &State) {
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
                let reply = Response::gateway(status, "APIGW.0106", problem);
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
fn answer(stream: &TcpStream, shared: &State, request: &Request) -> bool {
    let number = lock(&shared.records).note(&request.method, &request.target(), &request.headers);
    let route = Route::of(&request.method, &request.path);
    if let Some(id) = route.polled_at() {
        lock(&shared.jobs).note_poll(id);
    }
    let (limit, fault, latency) = {
        let mut faults = lock(&shared.faults);
        let limit = faults.over_limit(shared.clock.now());
        // What goes beyond the limit does not use up a fault.
        let fault = if limit.is_some() { Fault::Pass } else { faults.next() };
        (limit, fault, faults.latency)
    };
    if !shared.stop.sleep(latency) {
        return false;
    }
    let proper = || route.answer(shared, request);
    let close = !request.keep_alive;
    let head_only = request.method == "HEAD";
    // The record is whole before the answer leaves: who has the answer finds its record.
    let tell = |reply: &Response, close: bool| {
        lock(&shared.records).answered(number, reply.status);
        send(stream, reply, shared, head_only, close).is_ok()
    };
    if let Some(limit) = limit {
        return tell(&throttled(&format!("policy user over ratelimit,limit:{limit},time:1 second")), close);
    }
    match fault {
        Fault::Pass => tell(&proper(), close),
        Fault::Status(status) => {
            let status = status.clamp(200, 999);
            tell(&Response::gateway(status, usual_code(status), "the simulator was told to answer so"), close)
        }
        Fault::Throttle { retry_after } => {
            let reply = throttled("policy ip over ratelimit,limit:5,time:5 second");
            let reply = match retry_after {
                Some(seconds) => reply.header("Retry-After", seconds.to_string()),
                None => reply,
            };
            tell(&reply, close)
        }
        Fault::Html502 => tell(&Response::new(502, HTML).header("Content-Type", "text/html"), close),
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
        Fault::TruncatedBody => {
            let mut reply = proper();
            lock(&shared.records).answered(number, reply.status);
            reply = reply.with_whole_length();
            reply.body.truncate(reply.body.len() / 2);
            let _ = send(stream, &reply, shared, head_only, true);
            false
        }
        Fault::SlowBody(span) => {
            let reply = proper();
            lock(&shared.records).answered(number, reply.status);
            drip(stream, &reply, shared, span).is_ok() && !close
        }
        Fault::Response(status, headers, body) => {
            let mut reply = Response::new(status.clamp(200, 999), body);
            reply.headers = headers;
            tell(&reply, close)
        }
    }
}

/// The code the gateway gives with this status.
const fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "APIGW.0301",
        403 => "APIGW.0302",
        404 => "APIGW.0101",
        413 => "APIGW.0201",
        429 => "APIGW.0308",
        502 | 504 => "APIGW.0201",
        503 => "APIGW.0613",
        500..=599 => "APIGW.0605",
        _ => "APIGW.0106",
    }
}

fn throttled(policy: &str) -> Response {
    Response::gateway(429, "APIGW.0308", &format!("The throttling threshold has been reached: {policy}"))
}

fn send(
    mut stream: &TcpStream,
    reply: &Response,
    shared: &State,
    head_only: bool,
    close: bool,
) -> io::Result<()> {
    let mut bytes = reply.head(&http_date(shared.clock.wall()), close);
    if !head_only && reply.has_body() {
        bytes.extend_from_slice(&reply.body);
    }
    stream.write_all(&bytes)
}

fn drip(mut stream: &TcpStream, reply: &Response, shared: &State, span: Duration) -> io::Result<()> {
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

const LONGEST_SILENCE: Duration = Duration::from_secs(75);

const HTML: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body><h2>Error</h2>\
<p>The backend server is unreachable.</p></body></html>";

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::simulator::settings::Settings;

    #[test]
    fn one_connection_too_many_is_turned_away() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let settings = Settings { most_connections: 1, ..Settings::default() };
        let _server = Server::start(listener, Arc::new(State::new(settings, String::new()))).unwrap();
        let mut first = TcpStream::connect(address).unwrap();
        first.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        first.read_exact(&mut [0; 20]).unwrap();
        let mut answer = String::new();
        TcpStream::connect(address).unwrap().read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    }

    #[test]
    fn a_closed_connection_makes_room() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server =
            Server::start(listener, Arc::new(State::new(Settings::default(), String::new()))).unwrap();
        for _ in 0..20 {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
        }
        // The list is cleared a moment after the client has seen the end.
        while !lock(&server.open).is_empty() {
            thread::yield_now();
        }
    }
}
