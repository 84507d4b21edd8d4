//! What was asked and what was answered, without the secrets.

use std::collections::VecDeque;
use std::time::SystemTime;

/// One request that a [`Simulator`](super::Simulator) got.
///
/// Values of headers that carry a secret (`X-Auth-Token`, `Authorization`, ...) are never kept: they read `***`.
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
    at: SystemTime,
    status: Option<u16>,
}

impl RecordedRequest {
    /// The method: `GET`, `POST`, ...
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path as it was sent, with its query; its first 4,096 characters.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The HTTP status that was answered; none if nothing was, or not yet.
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// When it came, by the machine's clock.
    pub const fn at(&self) -> SystemTime {
        self.at
    }

    /// The first value of this header, its name taken without case; `***` for a secret.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers, in the order in which they came, with `***` for the value of a secret. Of a long value its first
    /// 4,096 characters.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The last records, numbered without end.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    kept: VecDeque<RecordedRequest>,
    dropped: usize,
}

impl RequestLog {
    /// Keeps a request; the number names it when its answer is known.
    pub(super) fn note(&mut self, method: &str, path: &str, headers: &[(String, String)]) -> usize {
        if self.kept.len() >= MOST_KEPT {
            self.kept.pop_front();
            self.dropped += 1;
        }
        let shown = |(name, value): &(String, String)| {
            let value = if is_secret(name) { "***".to_owned() } else { beginning(value) };
            (name.clone(), value)
        };
        self.kept.push_back(RecordedRequest {
            method: method.to_owned(),
            path: beginning(path),
            headers: headers.iter().map(shown).collect(),
            at: SystemTime::now(),
            status: None,
        });
        self.dropped + self.kept.len() - 1
    }

    pub(super) fn answered(&mut self, number: usize, status: u16) {
        let record = number.checked_sub(self.dropped).and_then(|place| self.kept.get_mut(place));
        if let Some(record) = record {
            record.status = Some(status);
        }
    }

    pub(super) fn all(&self) -> Vec<RecordedRequest> {
        self.kept.iter().cloned().collect()
    }
}

/// By parts of the name, so that a spelling nobody thought of is hidden too.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "authorization", "cookie", "secret", "password", "key"].iter().any(|word| name.contains(word))
}

/// What is longer than anybody compares is cut, so that ten thousand records stay small.
fn beginning(text: &str) -> String {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]).to_owned()
}

const LONGEST: usize = 4096;

const MOST_KEPT: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_even_kept() {
        let mut records = RequestLog::default();
        let secrets = ["X-Auth-Token", "AUTHORIZATION", "Proxy-Authorization", "X-Security-Token", "Cookie"];
        let mut headers: Vec<(String, String)> =
            secrets.iter().map(|name| ((*name).to_owned(), "hush-hush".to_owned())).collect();
        headers.push(("User-Agent".into(), "test".into()));
        records.note("GET", "/", &headers);
        let all = records.all();
        assert!(!format!("{all:?}").contains("hush"));
        assert_eq!(all[0].header("user-agent"), Some("test"));
        assert_eq!(all[0].headers().filter(|(_, value)| *value == "***").count(), secrets.len());
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut records = RequestLog::default();
        records.note("GET", &"ö".repeat(5000), &[("X-Note".into(), "y".repeat(100_000))]);
        let all = records.all();
        assert_eq!(all[0].path().chars().count(), LONGEST);
        assert_eq!(all[0].header("x-note").map(str::len), Some(LONGEST));
    }

    #[test]
    fn the_oldest_records_make_room_and_late_answers_find_their_own() {
        let mut records = RequestLog::default();
        let first = records.note("GET", "/first", &[]);
        let second = records.note("GET", "/second", &[]);
        for _ in 2..=MOST_KEPT {
            records.note("GET", "/other", &[]);
        }
        records.answered(first, 500);
        records.answered(second, 200);
        let all = records.all();
        assert_eq!(all.len(), MOST_KEPT);
        assert_eq!((all[0].path(), all[0].status()), ("/second", Some(200)));
        assert!(all[1..].iter().all(|record| record.status().is_none()));
    }
}
