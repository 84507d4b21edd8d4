//! The HTTP server: one thread per connection, requests in sequence until either side closes it.

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

/// The open connections, which are closed when the server stops.
type Open = Arc<Mutex<Vec<Arc<TcpStream>>>>;

/// The running server. Dropping it closes every connection and joins its threads.
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
            .spawn(move || accept(&listener, &own_shared, &own_open))
            .map_err(|error| io::Error::new(error.kind(), format!("no thread can be started: {error}")))?;
        Ok(Self { address, shared, open, acceptor: Some(acceptor) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.stop();
        for stream in lock(&self.open).iter() {
            // It may have been closed by its own thread already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        let Some(acceptor) = self.acceptor.take() else { return };
        // The acceptor checks whether to stop after each connection, so this makes one.
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
            // Most likely out of file descriptors: wait until other connections are closed.
            shared.stop.sleep(Duration::from_millis(20));
            continue;
        };
        threads.retain(|thread| !thread.is_finished());
        if threads.len() >= shared.settings.max_connections {
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
            // `drop` closes the connections in the list; one added later must check for itself.
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
        .and_then(|()| stream.set_read_timeout(Some(IDLE_TIMEOUT)))
        .and_then(|()| stream.set_write_timeout(Some(IDLE_TIMEOUT)));
    if ready.is_err() {
        return;
    }
    let mut inbox = Inbox::default();
    while !shared.stop.is_stopped() {
        let mut writer = stream;
        let send_continue = || {
            let _ = writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
        };
        let request = match inbox.next(&mut stream, send_continue) {
            Ok(request) => request,
            Err(NoRequest::Gone) => return,
            Err(NoRequest::Bad(status, problem)) => {
                let reply = Response::gateway(status, "APIGW.0106", problem);
                let number = lock(&shared.records).note("?", "", &[], b"");
                lock(&shared.records).responded(number, status);
                let _ = send(stream, &reply, shared, false, true);
                linger(stream);
                return;
            }
        };
        if !respond(stream, shared, &request) || !request.keep_alive {
            return;
        }
    }
}

/// Responds to one request; returns `false` if the connection is to be closed.
fn respond(stream: &TcpStream, shared: &State, request: &Request) -> bool {
    let number =
        lock(&shared.records).note(&request.method, &request.target(), &request.headers, &request.body);
    let route = Route::of(request);
    route.note_poll(shared, request);
    let (limit, fault, latency) = {
        let mut faults = lock(&shared.faults);
        let limit = faults.over_limit(shared.clock.now());
        // A request over the limit does not consume a fault.
        let fault = if limit.is_some() { Fault::Pass } else { faults.next() };
        (limit, fault, faults.latency)
    };
    if !shared.stop.sleep(latency) {
        return false;
    }
    let proper = || route.respond(shared, request);
    let close = !request.keep_alive;
    let head_only = request.method == "HEAD";
    // The record is completed before the response is sent, so that a client that has the response can read it.
    let reply_with = |reply: &Response, close: bool| {
        lock(&shared.records).responded(number, reply.status);
        send(stream, reply, shared, head_only, close).is_ok()
    };
    if let Some(limit) = limit {
        return reply_with(
            &throttled(&format!("policy user over ratelimit,limit:{limit},time:1 second")),
            close,
        );
    }
    match fault {
        Fault::Pass => reply_with(&proper(), close),
        Fault::Status(status) => {
            let status = status.clamp(200, 999);
            reply_with(
                &Response::gateway(status, usual_code(status), "a fault injected into the simulator"),
                close,
            )
        }
        Fault::Throttle { retry_after } => {
            let reply = throttled("policy ip over ratelimit,limit:5,time:5 second");
            let reply = match retry_after {
                Some(seconds) => reply.header("Retry-After", real_seconds(shared, seconds).to_string()),
                None => reply,
            };
            reply_with(&reply, close)
        }
        Fault::Html502 => reply_with(&Response::new(502, HTML).header("Content-Type", "text/html"), close),
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
            lock(&shared.records).responded(number, reply.status);
            reply = reply.with_whole_length();
            reply.body.truncate(reply.body.len() / 2);
            let _ = send(stream, &reply, shared, head_only, true);
            false
        }
        Fault::SlowBody(span) => {
            let reply = proper();
            lock(&shared.records).responded(number, reply.status);
            send_slowly(stream, &reply, shared, span).is_ok() && !close
        }
        Fault::Response(status, headers, body) => {
            let mut reply = Response::new(status.clamp(200, 999), body);
            reply.headers = headers;
            reply_with(&reply, close)
        }
    }
}

/// `Retry-After` is in seconds of the simulator's clock, which may run faster than the client's.
fn real_seconds(shared: &State, seconds: u64) -> u64 {
    let real = shared.clock.real(Duration::from_secs(seconds));
    real.as_secs() + u64::from(real.subsec_nanos() > 0)
}

/// The error code that the gateway uses with this status.
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

fn send_slowly(mut stream: &TcpStream, reply: &Response, shared: &State, span: Duration) -> io::Result<()> {
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

/// Reads what the client is still sending for a moment. Closing at once would reset the connection, and the client
/// could lose the response.
fn linger(mut stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
    let mut sink = io::sink();
    let _ = io::copy(&mut io::Read::take(&mut stream, 4 * 1024 * 1024), &mut sink);
}

const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

const HTML: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body><h2>Error</h2>\
<p>The backend server is unreachable.</p></body></html>";

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::simulator::settings::Settings;

    #[test]
    fn a_connection_over_the_limit_gets_503() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let settings = Settings { max_connections: 1, ..Settings::default() };
        let _server = Server::start(listener, Arc::new(State::new(settings, String::new()))).unwrap();
        let mut first = TcpStream::connect(address).unwrap();
        first.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        first.read_exact(&mut [0; 20]).unwrap();
        let mut response = String::new();
        TcpStream::connect(address).unwrap().read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    }

    #[test]
    fn a_closed_connection_is_removed_from_the_list() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server =
            Server::start(listener, Arc::new(State::new(Settings::default(), String::new()))).unwrap();
        for _ in 0..20 {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
        }
        // The entry is removed shortly after the client has seen the end.
        while !lock(&server.open).is_empty() {
            thread::yield_now();
        }
    }
}
