//! A job service on loopback that does as little as a service can: a thread for each connection, one read and one
//! write for each poll.
//!
//! It runs as a process of its own, so that neither its memory nor its allocations are taken for the client's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::thread;

use super::{JOB_ID, RUNNING, SUCCESS, child};

/// The server, as the bench sees it. It ends with it.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// All jobs have ended, and always will have.
    pub(crate) const ENDED: u16 = u16::MAX;

    /// A server that says of a job that it is running, `pending` times on average, and then once that it has ended.
    /// 0 is for ever. A job whose id ends in no number is seen running exactly so often.
    pub(crate) fn start(pending: u16) -> Self {
        let mut process = child::again("server")
            .env(PENDING, pending.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line).expect("the server says its address");
        }
        Self { process, address: line.trim().parse().expect("an address") }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many polls it has responded to.
    pub(crate) fn polls(&self) -> u64 {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.write_all(b"COUNT / HTTP/1.1\r\n\r\n").expect("a request");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("a response");
        response.trim().parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The process of the server: says its address, and serves until it is ended.
pub(crate) fn serve() {
    let pending = std::env::var(PENDING).ok().and_then(|pending| pending.parse().ok()).unwrap_or(0);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let jobs = Arc::new(Jobs::new(pending));
    for stream in listener.incoming().map_while(Result::ok) {
        let jobs = Arc::clone(&jobs);
        thread::spawn(move || talk(stream, &jobs));
    }
}

struct Jobs {
    pending: u16,
    seen: Vec<AtomicU16>,
    polls: AtomicU64,
    running: Vec<u8>,
    success: Vec<u8>,
}

impl Jobs {
    fn new(pending: u16) -> Self {
        Self {
            pending,
            seen: (0..MOST_JOBS).map(|_| AtomicU16::new(0)).collect(),
            polls: AtomicU64::new(0),
            running: response(RUNNING),
            success: response(SUCCESS),
        }
    }

    /// The job is known by the last eight characters of its id, where they are a number.
    fn polled(&self, head: &[u8]) -> &[u8] {
        self.polls.fetch_add(1, Ordering::Relaxed);
        match self.pending {
            0 => return &self.running,
            Server::ENDED => return &self.success,
            _ => {}
        }
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let path = line.strip_suffix(b" HTTP/1.1").unwrap_or(line);
        let number = path.get(path.len().saturating_sub(8)..).and_then(|digits| str::from_utf8(digits).ok());
        let number: usize = number.and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let before = self.seen[number % MOST_JOBS].fetch_add(1, Ordering::Relaxed);
        // The jobs of a batch do not end at once: one after none, others after up to twice the mean.
        let pending = match number {
            0 => self.pending,
            _ => u16::try_from(number % (2 * usize::from(self.pending) + 1)).unwrap_or_default(),
        };
        // After its end it starts again, for the next wait.
        if before % (pending + 1) == pending { &self.success } else { &self.running }
    }
}

fn talk(mut stream: TcpStream, jobs: &Jobs) {
    let _ = stream.set_nodelay(true);
    let (mut buffer, mut filled) = (vec![0; 64 * 1024], 0);
    while let Ok(amount @ 1..) = stream.read(&mut buffer[filled..]) {
        filled += amount;
        let head = &buffer[..filled];
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        if head.starts_with(b"COUNT") {
            let _ = write!(stream, "{}", jobs.polls.load(Ordering::Relaxed));
            return;
        }
        if stream.write_all(jobs.polled(head)).is_err() {
            return;
        }
        filled = 0;
    }
}

/// A response with the headers that the gateways send.
fn response(body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nDate: Mon, 02 Mar 2026 09:16:00 GMT\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: keep-alive\r\nServer: api-gateway\r\n\
         X-Request-Id: 61c4343953e5bd092622429fa82d9936\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The least a client can do: it writes the same bytes each time, and reads as many as the response has.
pub(crate) struct BareSocket<S = TcpStream> {
    stream: S,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl BareSocket {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("a setting");
        Self::over(stream, &address.to_string(), token)
    }
}

impl<S: Read + Write> BareSocket<S> {
    /// Over a stream that is connected already.
    pub(crate) fn over(stream: S, host: &str, token: &str) -> Self {
        let request = format!(
            "GET /v1/demo/jobs/{JOB_ID} HTTP/1.1\r\nx-auth-token: {token}\r\nhost: {host}\r\n\
             accept: application/json\r\nuser-agent: cloudjob/0.1.0\r\n\r\n"
        );
        Self { stream, request: request.into_bytes(), buffer: vec![0; 64 * 1024] }
    }

    /// The length of the body.
    pub(crate) fn polled(&mut self) -> usize {
        self.stream.write_all(&self.request).expect("a request");
        let mut filled = 0;
        loop {
            filled += self.stream.read(&mut self.buffer[filled..]).expect("a response");
            let response = &self.buffer[..filled];
            let Some(end) = response.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let name = b"Content-Length: ";
            let at = response.windows(name.len()).position(|part| part == name).expect("a length");
            let digits = response[at + name.len()..].iter().take_while(|byte| byte.is_ascii_digit());
            let length = digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
            if filled >= end + 4 + length {
                return length;
            }
        }
    }
}

const PENDING: &str = "CLOUDJOB_BENCH_PENDING";
const MOST_JOBS: usize = 1 << 17;

/// The command of a peer, which speaks to this server.
pub(crate) fn command(program: &std::path::Path, server: &Server) -> Command {
    let mut command = Command::new(program);
    command.arg(server.url());
    command
}
