use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::server::{PLENTY, Server, bounded, last, ok, read_request};
use crate::api::request::Request;
use crate::error::poll::TransportErrorKind;
use crate::http::{HttpClient, HttpOptions, LookUp, ProxyChoice};

fn with(resolve: LookUp) -> HttpClient {
    let options = HttpOptions { proxy: ProxyChoice::None, resolve: Some(resolve), ..HttpOptions::default() };
    HttpClient::new(&options).unwrap()
}

/// A resolver that hangs until it is released.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    passed: AtomicUsize,
}

impl Gate {
    fn look_up(self: &Arc<Self>, address: SocketAddr) -> LookUp {
        let gate = Arc::clone(self);
        Arc::new(move |_, _| {
            gate.passed.fetch_add(1, Ordering::SeqCst);
            let guard = gate.open.lock().unwrap();
            drop(gate.opened.wait_while(guard, |open| !*open).unwrap());
            Ok(vec![address])
        })
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

#[test]
fn a_dns_query_that_hangs_is_abandoned_at_the_deadline_and_shared() {
    let server = Server::answering(ok("{}"));
    let gate = Arc::new(Gate::default());
    let http = with(gate.look_up(server.address));
    let request = Request::get("http://jobs.test/".into());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let error = bounded(&http, &request).unwrap_err();
                assert_eq!(error.kind(), TransportErrorKind::Timeout);
                assert!(error.message().contains("being resolved"), "{error}");
            });
        }
    });
    bounded(&http, &request).unwrap_err();
    assert_eq!(gate.passed.load(Ordering::SeqCst), 1);
    // A late result counts.
    gate.open();
    assert_eq!(http.send(&request, PLENTY).unwrap().status(), 200);
    assert_eq!(gate.passed.load(Ordering::SeqCst), 1);
}

#[test]
fn a_name_is_resolved_once_for_many_connections_and_again_after_an_error() {
    // Nobody listens at the first address; the name then moves to the server.
    let server = Server::start(|mut stream, _| {
        read_request(&mut stream);
        stream.write_all(last("{}").as_bytes()).unwrap();
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, address) = (Arc::clone(&asked), server.address);
    let http = with(Arc::new(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Err(io::Error::other("no such name")),
        1 => Ok(vec![]),
        2 => Ok(vec![SocketAddr::from(([127, 0, 0, 1], 1))]),
        _ => Ok(vec![SocketAddr::from(([127, 0, 0, 1], 1)), address]),
    }));
    let request = Request::get("http://jobs.test/".into());
    for (kind, part) in [
        (TransportErrorKind::Dns, "no such name"),
        (TransportErrorKind::Dns, "no address"),
        (TransportErrorKind::Connect, "jobs.test:80"),
    ] {
        let error = http.send(&request, PLENTY).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(part), "{error}");
    }
    for _ in 0..3 {
        assert_eq!(http.send(&request, PLENTY).unwrap().status(), 200);
    }
    assert_eq!(server.accepted(), 3);
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[test]
fn a_resolver_that_panics_is_a_dns_error() {
    let http = with(Arc::new(|_, _| panic!("on purpose")));
    for _ in 0..2 {
        let error = http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Dns);
    }
}

#[test]
fn a_thousand_polls_over_many_connections_resolve_the_name_once() {
    let server = Server::start(|mut stream, _| {
        for number in 0..10 {
            let Some(_) = read_request(&mut stream) else { break };
            let answer = if number == 9 { last("{}") } else { ok("{}") };
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, address) = (Arc::clone(&asked), server.address);
    let http = with(Arc::new(move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(vec![address])
    }));
    for _ in 0..1000 {
        assert_eq!(http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap().status(), 200);
    }
    let (connections, questions) = (server.accepted(), asked.load(Ordering::SeqCst));
    println!("| DNS lookups in 1,000 polls | {questions} | one a minute | {connections} connections |");
    assert_eq!(connections, 100);
    // Once a minute, on however slow a machine.
    assert!(questions <= 2, "{questions}");
}

#[test]
fn a_kept_connection_needs_no_dns_query() {
    let server = Server::answering(ok("{}"));
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, address) = (Arc::clone(&asked), server.address);
    let http = with(Arc::new(move |_, _| {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            Ok(vec![address])
        } else {
            Err(io::Error::other("down"))
        }
    }));
    for _ in 0..5 {
        http.send(&Request::get("http://jobs.test/".into()), PLENTY).unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// An address on which no connection is accepted and none rejected: a listener with a full backlog, to be kept.
#[cfg(target_os = "linux")]
fn black_hole() -> (SocketAddr, impl Sized) {
    let full = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = full.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, super::server::SHORT) {
        held.push(stream);
        assert!(held.len() < 10_000, "the backlog is never full");
    }
    (address, (full, held))
}

#[cfg(target_os = "linux")]
#[test]
fn addresses_that_never_accept_are_abandoned_at_the_deadline() {
    let (address, _held) = black_hole();
    for addresses in [vec![address], vec![address; 2], vec![address; 5]] {
        let http = with(Arc::new(move |_, _| Ok(addresses.clone())));
        let error = bounded(&http, &Request::get("http://jobs.test/".into())).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Timeout);
        assert!(error.message().contains("accepted"), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn dead_addresses_cost_a_quarter_of_a_second_each_and_only_once() {
    let (dead, _held) = black_hole();
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let server = Server::start(|mut stream, _| {
        read_request(&mut stream);
        stream.write_all(last("{}").as_bytes()).unwrap();
    });
    let good = server.address;
    for (addresses, delays) in [
        (vec![nobody, good], 0),
        (vec![dead, good], 1),
        (vec![dead, nobody, good], 1),
        (vec![dead, dead, good], 2),
    ] {
        let http = with(Arc::new(move |_, _| Ok(addresses.clone())));
        let request = Request::get("http://jobs.test/".into());
        let mut took = Vec::new();
        for _ in 0..4 {
            let begun = std::time::Instant::now();
            assert_eq!(http.send(&request, PLENTY).unwrap().status(), 200);
            took.push(begun.elapsed());
        }
        println!("{delays} delays of 250 ms: {took:?}");
        assert!(took[0] < std::time::Duration::from_millis(2000), "{took:?}");
        assert!(
            took[1..].iter().sum::<std::time::Duration>() < std::time::Duration::from_millis(1500),
            "{took:?}"
        );
    }
}

/// Thread ids are consecutive in a process, so two threads with none started in between have ids in a row. Other tests
/// start threads too, so this one runs once more in a process of its own.
#[test]
fn no_thread_is_started_for_a_request_not_even_with_a_new_connection() {
    let name = "http::tests::dns::no_thread_is_started_for_a_request_not_even_with_a_new_connection";
    if std::env::var_os(ALONE).is_none() {
        let tests = std::env::current_exe().unwrap();
        let status =
            Command::new(tests).args(["--exact", name, "--test-threads=1"]).env(ALONE, "1").status().unwrap();
        assert!(status.success());
        return;
    }
    let next_number = || {
        let id = thread::spawn(|| thread::current().id()).join().unwrap();
        let digits: String = format!("{id:?}").chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap()
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            read_request(&mut stream);
            stream.write_all(ok("{}").as_bytes()).unwrap();
            read_request(&mut stream);
            stream.write_all(last("{}").as_bytes()).unwrap();
        }
    });
    let http = with(Arc::new(move |_, _| Ok(vec![address])));
    let request = Request::get("http://jobs.test/".into());
    http.send(&request, PLENTY).unwrap();
    let before = next_number();
    for _ in 0..40 {
        http.send(&request, PLENTY).unwrap();
    }
    assert_eq!(next_number(), before + 1);
}

const ALONE: &str = "CLOUDJOB_TEST_ALONE";
