//! The record of requests and response statuses, without secrets.

use std::collections::VecDeque;
use std::time::SystemTime;

use serde_json::Value;

use super::masked_body::masked_body;

/// A request that a [`Simulator`](super::Simulator) received.
///
/// Secrets are not kept: the values of headers such as `X-Auth-Token` and `Authorization`, and of members of a JSON body
/// such as `password` and `adminPass`, are `***`.
///
/// ```
/// use std::io::{Read, Write};
/// use cloudjob::simulator::Simulator;
///
/// let simulator = Simulator::start()?;
/// let mut stream = std::net::TcpStream::connect(simulator.address())?;
/// stream.write_all(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nX-Auth-Token: hidden\r\nConnection: close\r\n\r\n")?;
/// stream.read_to_string(&mut String::new())?;
///
/// let requests = simulator.requests();
/// assert_eq!((requests[0].method(), requests[0].path()), ("GET", "/nowhere"));
/// assert_eq!(requests[0].status(), Some(404));
/// assert_eq!(requests[0].header("x-auth-token"), Some("***"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
    at: SystemTime,
    status: Option<u16>,
}

impl RecordedRequest {
    /// The method: `GET`, `POST`, ...
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path with the query, as received; at most 4,096 characters.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The HTTP status of the response; none if there was no response, or not yet.
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// When it was received, by the system clock.
    pub const fn at(&self) -> SystemTime {
        self.at
    }

    /// The body as text, at most 64 KiB of it. Of the oldest requests the body is dropped, and empty here, if all bodies
    /// together exceed 32 MiB.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The body as JSON; none if it is not JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// The first value of this header; the name is case-insensitive. `***` for a secret.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers in the order received, at most 4,096 characters of each value. `***` for secrets.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The latest records, numbered consecutively.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    kept: VecDeque<RecordedRequest>,
    dropped: usize,
    /// The number of bytes of all bodies, and the number of the first record that still has its body.
    body_bytes: usize,
    first_with_body: usize,
}

impl RequestLog {
    /// Records a request and returns its number.
    pub(super) fn note(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> usize {
        let body = masked_body(body);
        self.make_room(body.len());
        let shown = |(name, value): &(String, String)| {
            let value = if is_secret(name) { "***".to_owned() } else { truncated(value) };
            (name.clone(), value)
        };
        self.kept.push_back(RecordedRequest {
            method: method.to_owned(),
            path: truncated(path),
            headers: headers.iter().map(shown).collect(),
            body,
            at: SystemTime::now(),
            status: None,
        });
        self.dropped + self.kept.len() - 1
    }

    fn make_room(&mut self, body_bytes: usize) {
        if self.kept.len() >= MAX_RECORDS {
            let oldest = self.kept.pop_front();
            self.body_bytes -= oldest.map_or(0, |record| record.body.len());
            self.dropped += 1;
        }
        self.body_bytes += body_bytes;
        self.first_with_body = self.first_with_body.max(self.dropped);
        while self.body_bytes > MAX_BODY_BYTES {
            let Some(oldest) = self.kept.get_mut(self.first_with_body - self.dropped) else { break };
            self.body_bytes -= std::mem::take(&mut oldest.body).len();
            self.first_with_body += 1;
        }
    }

    pub(super) fn responded(&mut self, number: usize, status: u16) {
        let record = number.checked_sub(self.dropped).and_then(|place| self.kept.get_mut(place));
        if let Some(record) = record {
            record.status = Some(status);
        }
    }

    pub(super) fn all(&self) -> Vec<RecordedRequest> {
        self.kept.iter().cloned().collect()
    }
}

/// Matches parts of the name, so that unforeseen spellings are hidden too.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "authorization", "cookie", "secret", "password", "key"].iter().any(|word| name.contains(word))
}

/// Truncates long text, so that ten thousand records stay small.
fn truncated(text: &str) -> String {
    text.char_indices().nth(MAX_TEXT).map_or(text, |(end, _)| &text[..end]).to_owned()
}

const MAX_TEXT: usize = 4096;

const MAX_RECORDS: usize = 10_000;

const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        let mut records = RequestLog::default();
        let secrets = ["X-Auth-Token", "AUTHORIZATION", "Proxy-Authorization", "X-Security-Token", "Cookie"];
        let mut headers: Vec<(String, String)> =
            secrets.iter().map(|name| ((*name).to_owned(), "hush-hush".to_owned())).collect();
        headers.push(("User-Agent".into(), "test".into()));
        records.note("GET", "/", &headers, b"");
        let all = records.all();
        assert!(!format!("{all:?}").contains("hush"));
        assert_eq!(all[0].header("user-agent"), Some("test"));
        assert_eq!(all[0].headers().filter(|(_, value)| *value == "***").count(), secrets.len());
    }

    #[test]
    fn long_text_is_truncated_between_characters() {
        let mut records = RequestLog::default();
        records.note("GET", &"ö".repeat(5000), &[("X-Note".into(), "y".repeat(100_000))], b"");
        let all = records.all();
        assert_eq!(all[0].path().chars().count(), MAX_TEXT);
        assert_eq!(all[0].header("x-note").map(str::len), Some(MAX_TEXT));
    }

    #[test]
    fn the_oldest_records_are_dropped_and_late_responses_find_their_record() {
        let mut records = RequestLog::default();
        let first = records.note("GET", "/first", &[], b"");
        let second = records.note("GET", "/second", &[], b"");
        for _ in 2..=MAX_RECORDS {
            records.note("GET", "/other", &[], b"");
        }
        records.responded(first, 500);
        records.responded(second, 200);
        let all = records.all();
        assert_eq!(all.len(), MAX_RECORDS);
        assert_eq!((all[0].path(), all[0].status()), ("/second", Some(200)));
        assert!(all[1..].iter().all(|record| record.status().is_none()));
    }

    #[test]
    fn bodies_are_kept_up_to_a_total() {
        let mut records = RequestLog::default();
        records.note("POST", "/", &[], br#"{"a":1}"#);
        assert_eq!(records.all()[0].json(), Some(serde_json::json!({"a": 1})));
        let large = format!("\"{}\"", "x".repeat(59_998)).into_bytes();
        for _ in 0..1_000 {
            records.note("POST", "/", &[], &large);
        }
        let all = records.all();
        let total: usize = all.iter().map(|record| record.body().len()).sum();
        assert!(total <= MAX_BODY_BYTES && total > MAX_BODY_BYTES - 70_000, "{total}");
        assert_eq!((all[0].body(), all[1_000].body().len()), ("", 60_000));
        for _ in 0..=MAX_RECORDS {
            records.note("GET", "/", &[], b"");
        }
        assert_eq!(records.body_bytes, 0);
    }
}
