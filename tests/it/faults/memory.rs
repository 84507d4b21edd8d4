//! What a peer that never stops sending costs in memory.

use cloudjob::error::{PollError, TransportErrorKind};

use super::peer::Peer;
use super::{Scene, id};
use crate::leaks::alone;

/// What is sent before, and what is sent over and over.
const FLOODS: [(&str, &str); 8] = [
    ("", "HTTP/1.1 103 Early\r\nx: y\r\n\r\n"),
    ("HTTP/1.1 200 OK\r\nx: ", "x"),
    ("HTTP/1.1 200 OK\r\n\r\n", "x"),
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "10\r\nxxxxxxxxxxxxxxxx\r\n"),
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "x"),
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x"),
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "\r"),
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x: y\r\n"),
];

#[test]
fn a_flood_does_not_fill_the_memory() {
    if !alone("faults::memory::a_flood_does_not_fill_the_memory") {
        return;
    }
    let before = peak();
    for (start, endless) in FLOODS {
        let flood = endless.repeat(64 * 1024 / endless.len());
        let peer = Peer::start(move |line, _| {
            line.request();
            line.send(start);
            while line.send(&flood) {}
        });
        let client = Scene::at(&peer.url()).client(std::time::Duration::from_secs(30));
        let error = client.job(&id()).unwrap_err();
        let Some(PollError::Transport(cause)) = error.last_error() else { panic!("{error}") };
        assert_eq!(cause.kind(), TransportErrorKind::TooLarge, "{start:?} {endless:?}: {error}");
    }
    let grown = peak() - before;
    eprintln!("all have been sent: the peak of the memory grew by {grown} KiB");
    // A body of 16 MiB in a buffer that doubles.
    assert!(grown < 56 * 1024, "{grown} KiB");
}

/// The largest resident memory of this process so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
