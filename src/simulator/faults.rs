//! Faults on demand: error responses, broken connections, latency, a rate limit.

use std::collections::VecDeque;
use std::time::Duration;

/// What happens to one request instead of the normal response.
///
/// Passed to [`Simulator::inject_faults`](super::Simulator::inject_faults); each applies to one request, in order.
///
/// ```
/// use std::io::{Read, Write};
/// use cloudjob::simulator::{Fault, Simulator};
///
/// let simulator = Simulator::start()?;
/// simulator.inject_faults([Fault::Throttle { retry_after: Some(2) }]);
/// let mut stream = std::net::TcpStream::connect(simulator.address())?;
/// stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
/// let mut response = String::new();
/// stream.read_to_string(&mut response)?;
/// assert!(response.starts_with("HTTP/1.1 429 "));
/// assert!(response.contains("Retry-After: 2"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// No fault: the normal response.
    Pass,
    /// This HTTP status (200 to 999), with an error body in the gateway's shape.
    Status(u16),
    /// 429 `APIGW.0308`, with a `Retry-After` if given.
    Throttle {
        /// The value of the header `Retry-After`, in seconds. With
        /// [`time_scale`](super::SimulatorBuilder::time_scale) it is divided by the scale and rounded up.
        retry_after: Option<u64>,
    },
    /// 502 with an HTML page, as from a gateway whose backend is down.
    Html502,
    /// The connection is closed without a response.
    CloseConnection,
    /// No response for this long, then the connection is closed.
    Hang(Duration),
    /// Bytes that are not HTTP, then the connection is closed.
    Garbage,
    /// The normal response with only the first half of its body, then the connection is closed.
    TruncatedBody,
    /// The normal response, its body sent byte by byte, spread evenly over this duration.
    SlowBody(Duration),
    /// This response: status, headers, body. A header given here replaces the simulator's own of that name.
    Response(u16, Vec<(String, String)>, Vec<u8>),
}

/// The faults in effect.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    queue: VecDeque<Fault>,
    pub(super) latency: Duration,
    per_second: u32,
    /// Every how many requests this fault applies.
    repeated: Option<(u32, Fault)>,
    requests: u32,
    /// When the accepted requests of the last second arrived.
    recent: VecDeque<Duration>,
}

impl Faults {
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.queue.extend(faults);
    }

    pub(super) fn next(&mut self) -> Fault {
        if let Some(fault) = self.queue.pop_front() {
            return fault;
        }
        let Some((every, fault)) = &self.repeated else { return Fault::Pass };
        self.requests = self.requests.wrapping_add(1);
        if *every > 0 && self.requests.is_multiple_of(*every) { fault.clone() } else { Fault::Pass }
    }

    pub(super) fn repeat(&mut self, every: u32, fault: Fault) {
        self.repeated = Some((every, fault));
    }

    pub(super) fn limit(&mut self, per_second: u32) {
        self.per_second = per_second;
        self.recent.clear();
    }

    /// The limit, if this request exceeds it.
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
    fn faults_apply_in_order_and_then_none() {
        let mut faults = Faults::default();
        faults.add([Fault::Html502, Fault::Pass]);
        faults.add([Fault::Garbage]);
        assert!(matches!(faults.next(), Fault::Html502));
        assert!(matches!(faults.next(), Fault::Pass));
        assert!(matches!(faults.next(), Fault::Garbage));
        assert!(matches!(faults.next(), Fault::Pass));
    }

    #[test]
    fn a_repeated_fault_applies_to_every_nth_request() {
        let mut faults = Faults::default();
        faults.repeat(3, Fault::Html502);
        let applied: Vec<bool> = (0..6).map(|_| matches!(faults.next(), Fault::Html502)).collect();
        assert_eq!(applied, [false, false, true, false, false, true]);
        faults.repeat(0, Fault::Html502);
        assert!(matches!(faults.next(), Fault::Pass));
    }

    #[test]
    fn a_limit_accepts_that_many_requests_in_any_second() {
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
