//! Trouble on demand: answers that are not the job, a slow service, a limit of requests.

use std::collections::VecDeque;
use std::time::Duration;

/// What happens to one request, in place of its proper answer.
///
/// Given to [`Simulator::inject_faults`](super::Simulator::inject_faults); each is for one request, in order.
///
/// ```
/// use std::io::{Read, Write};
/// use cloudjob::simulator::{Fault, Simulator};
///
/// let simulator = Simulator::start()?;
/// simulator.inject_faults([Fault::Throttle { retry_after: Some(2) }]);
/// let mut stream = std::net::TcpStream::connect(simulator.address())?;
/// stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer)?;
/// assert!(answer.starts_with("HTTP/1.1 429 "));
/// assert!(answer.contains("Retry-After: 2"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// None: this request is answered as it should be.
    Pass,
    /// This HTTP status, with an error body in the gateway's shape.
    Status(u16),
    /// 429 `APIGW.0308`, with a `Retry-After` of so many seconds if given.
    Throttle {
        /// The seconds of the header `Retry-After`.
        retry_after: Option<u64>,
    },
    /// 502 with an HTML page, as a gateway in front of a service that is away answers.
    Html502,
    /// The connection is closed without an answer.
    CloseConnection,
    /// No answer for this long; then the connection is closed.
    Hang(Duration),
    /// Bytes that are not HTTP; then the connection is closed.
    Garbage,
    /// The proper answer with only the first half of its body; then the connection is closed.
    TruncatedBody,
    /// The proper answer with its body byte by byte, spread evenly over this span.
    SlowBody(Duration),
    /// This answer: status, headers, body. A header given here stands in place of the simulator's own of that name.
    Response(u16, Vec<(String, String)>, Vec<u8>),
}

/// What is to go wrong from now on.
#[derive(Debug, Default)]
pub(super) struct Faults {
    queue: VecDeque<Fault>,
    pub(super) latency: Duration,
    per_second: u32,
    /// When the requests of the last second came that were let through.
    recent: VecDeque<Duration>,
}

impl Faults {
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.queue.extend(faults);
    }

    pub(super) fn next(&mut self) -> Fault {
        self.queue.pop_front().unwrap_or(Fault::Pass)
    }

    pub(super) fn limit(&mut self, per_second: u32) {
        self.per_second = per_second;
        self.recent.clear();
    }

    /// The limit, if this request goes beyond it.
    pub(super) fn over_limit(&mut self, now: Duration) -> Option<u32> {
        if self.per_second == 0 {
            return None;
        }
        while self.recent.front().is_some_and(|came| now.saturating_sub(*came) >= Duration::from_secs(1)) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.per_second as usize {
            return Some(self.per_second);
        }
        self.recent.push_back(now);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_order_and_then_none() {
        let mut faults = Faults::default();
        faults.add([Fault::Html502, Fault::Pass]);
        faults.add([Fault::Garbage]);
        assert!(matches!(faults.next(), Fault::Html502));
        assert!(matches!(faults.next(), Fault::Pass));
        assert!(matches!(faults.next(), Fault::Garbage));
        assert!(matches!(faults.next(), Fault::Pass));
    }

    #[test]
    fn a_limit_lets_so_many_through_in_any_second() {
        let mut faults = Faults::default();
        faults.limit(2);
        let table = [(0, None), (500, None), (999, Some(2)), (1000, None), (1001, Some(2)), (1500, None)];
        for (now, expected) in table {
            assert_eq!(faults.over_limit(Duration::from_millis(now)), expected, "at {now} ms");
        }
        faults.limit(0);
        assert_eq!(faults.over_limit(Duration::from_millis(1501)), None);
    }
}
