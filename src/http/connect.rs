//! From the addresses of a host to a connection: an address that does not respond must not use up the request's time.
//!
//! As in RFC 8305, the next address is tried after 250 ms, while earlier attempts continue, and the address that worked
//! is tried first the next time (see `dns`). Threads are started only if the first address fails or takes longer than
//! that, so a healthy host needs none.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::deadline;

/// The first connection that is made to one of the addresses.
pub(super) fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, ureq::Error> {
    let left = deadline::left().ok_or_else(timed_out)?;
    let (first, others) = match addresses {
        [] => return Err(io::Error::from(io::ErrorKind::AddrNotAvailable).into()),
        [address] => return attempt(*address, left).map_err(explain),
        [first, others @ ..] => (*first, interleave(*first, others)),
    };
    match attempt(first, ATTEMPT_DELAY.min(left / 4)) {
        Ok(stream) => Ok(stream),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            // It may only be slow.
            race(&[others[0], first].into_iter().chain(others[1..].iter().copied()).collect::<Vec<_>>(), 2)
        }
        Err(_) => race(&others, 1),
    }
}

/// Tries all addresses in parallel: `at_once` of them immediately, the others one by one.
fn race(addresses: &[SocketAddr], at_once: usize) -> Result<TcpStream, ureq::Error> {
    let (sender, results) = mpsc::channel();
    let mut waiting = addresses.iter();
    let mut last_error = None;
    let mut running = 0;
    loop {
        let left = deadline::left().ok_or_else(timed_out)?;
        if let Some(&address) = waiting.next() {
            let sender = sender.clone();
            let task: Box<dyn FnOnce() + Send> = Box::new(move || drop(sender.send(attempt(address, left))));
            let thread = thread::Builder::new().name("cloudjob-connect".into()).stack_size(STACK).spawn(task);
            match thread {
                Ok(_) => running += 1,
                // Without threads the addresses share the time.
                Err(_) => match attempt(address, left / (waiting.len() as u32 + 1)) {
                    Ok(stream) => return Ok(stream),
                    Err(error) => last_error = Some(error),
                },
            }
        } else if running == 0 {
            deadline::left().ok_or_else(timed_out)?;
            return Err(explain(last_error.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())));
        }
        if running < at_once && waiting.len() > 0 {
            continue;
        }
        let patience = if waiting.len() > 0 { ATTEMPT_DELAY.min(left / 4) } else { left };
        match results.recv_timeout(patience) {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => {
                running -= 1;
                last_error = Some(error);
            }
            Err(_) => {}
        }
    }
}

fn attempt(address: SocketAddr, timeout: Duration) -> io::Result<TcpStream> {
    // A timeout of zero is an error in itself.
    TcpStream::connect_timeout(&address, timeout.max(Duration::from_millis(1)))
        .map_err(|error| io::Error::new(error.kind(), format!("{error} ({address})")))
}

/// The addresses of both families in turn, so that one family that does not work costs one delay.
fn interleave(first: SocketAddr, others: &[SocketAddr]) -> Vec<SocketAddr> {
    let (mut same, mut other): (Vec<_>, Vec<_>) =
        others.iter().rev().partition(|address| address.is_ipv4() == first.is_ipv4());
    let mut ordered = Vec::with_capacity(others.len());
    while let Some(address) = other.pop().or_else(|| same.pop()) {
        ordered.push(address);
        ordered.extend(same.pop());
    }
    ordered
}

fn explain(error: io::Error) -> ureq::Error {
    if error.kind() == io::ErrorKind::TimedOut && deadline::left().is_none() {
        return timed_out();
    }
    ureq::Error::Io(error)
}

fn timed_out() -> ureq::Error {
    ureq::Error::Timeout(ureq::Timeout::Global)
}

/// RFC 8305, section 5: the connection attempt delay.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
const STACK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let addresses = |text: &str| -> Vec<SocketAddr> {
            text.split_whitespace()
                .map(|digit| match digit.parse::<u16>().unwrap() {
                    port @ 0..=9 => SocketAddr::from(([127, 0, 0, 1], port)),
                    port => SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], port)),
                })
                .collect()
        };
        for (first, others, expected) in [
            ("1", "2 3", "2 3"),
            ("1", "2 3 11 12 13 14", "11 2 12 3 13 14"),
            ("11", "12 13 1", "1 12 13"),
            ("11", "1 2 3", "1 2 3"),
        ] {
            assert_eq!(interleave(addresses(first)[0], &addresses(others)), addresses(expected), "{others}");
        }
    }
}
