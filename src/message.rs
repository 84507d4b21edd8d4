//! One HTTP request and its answer, as plain values: what `wire` and `auth` write and read, and what `http` carries.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::credentials::Secret;

/// How a request is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    /// A question.
    Get,
    /// A login.
    Post,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request that is ready to be sent: an absolute URL, headers, a body (JSON, or empty).
///
/// Header names are in lower case. `host`, `content-length`, `user-agent` and `accept` are added by `http`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, HeaderText)>,
    pub(crate) body: Secret,
}

impl Request {
    pub(crate) fn get(url: String) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), body: Secret::default() }
    }

    /// A POST of a JSON body, which may hold a password.
    pub(crate) fn post(url: String, body: Secret) -> Self {
        let headers = vec![("content-type", HeaderText::Plain("application/json;charset=utf8".into()))];
        Self { method: Method::Post, url, headers, body }
    }

    pub(crate) fn header(mut self, name: &'static str, value: HeaderText) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// The value of a header: one that may be shown, or one that may not.
#[derive(Clone, Debug)]
pub(crate) enum HeaderText {
    Plain(String),
    Secret(Secret),
}

impl HeaderText {
    /// The text to send, and for nothing else.
    pub(crate) fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }

    pub(crate) const fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

/// What a server answered: the status, the body, and the few headers that decide something.
///
/// Made by the crate's own HTTP module, or by hand from the answer of any other HTTP client, to be read as a
/// [`Look`](crate::Look).
///
/// ```
/// use cloudjob::Answer;
///
/// let answer = Answer::new(429, "slow down").header("Retry-After", "7");
/// assert_eq!(answer.status(), 429);
/// ```
#[derive(Clone)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) date: Option<OffsetDateTime>,
    pub(crate) retry_after: Option<RetryAfter>,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) subject_token: Option<Secret>,
}

impl Answer {
    /// An answer with this HTTP status and this body, and no headers yet.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
            date: None,
            retry_after: None,
            request_id: None,
            subject_token: None,
        }
    }

    /// Takes a header in. `Date`, `Retry-After` and `X-Request-Id` decide something, all others are dropped; a value
    /// that cannot be read is as good as none. Names are compared without case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.take_header(name, value);
        self
    }

    pub(crate) fn take_header(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("date") {
            self.date = http_date(value);
        } else if name.eq_ignore_ascii_case("retry-after") {
            self.retry_after = RetryAfter::parse(value);
        } else if name.eq_ignore_ascii_case("x-request-id") {
            self.request_id = Some(value.into());
        } else if name.eq_ignore_ascii_case("x-subject-token") {
            self.subject_token = Some(Secret::new(value));
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body of a refusal can echo the signed headers, a token among them.
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .field("date", &self.date)
            .field("retry_after", &self.retry_after)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// The value of a `Retry-After` header: a number of seconds, or a moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RetryAfter {
    Seconds(u64),
    At(OffsetDateTime),
}

impl RetryAfter {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            // More seconds than a u64 holds is for ever all the same.
            return Some(Self::Seconds(text.parse().unwrap_or(u64::MAX)));
        }
        http_date(text).map(Self::At)
    }
}

/// A date as HTTP writes it (`Sun, 06 Nov 1994 08:49:37 GMT`). The two obsolete forms are not read.
fn http_date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text.trim(), &Rfc2822).ok()
}
