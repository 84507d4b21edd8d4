//! A response as a value: the status, the body, and the few headers that matter.

use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;

use crate::job::timestamp::http_date;
use crate::util::json::body_text;
use crate::util::redact::KnownSecrets;
use crate::util::secret::Secret;

/// The response of a server: the status, the body, and the few headers that matter.
///
/// Made by the crate's own HTTP module, or by hand from the response of any other HTTP client, to be read as a
/// [`PollResult`](crate::poll::PollResult).
///
/// ```
/// use cloudjob::poll::Response;
///
/// let response = Response::new(429, "slow down").with_header("Retry-After", "7");
/// assert_eq!(response.status(), 429);
/// ```
#[derive(Clone, PartialEq)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) date: Option<OffsetDateTime>,
    pub(crate) retry_after: Option<RetryAfter>,
    pub(crate) request_id: Option<Box<str>>,
    /// Where a redirect leads to, without what can be secret in it.
    location: Option<Box<str>>,
    pub(crate) subject_token: Option<Secret>,
    /// What was secret in the request, to be masked in every text that is made of this response.
    pub(crate) secrets: KnownSecrets,
    /// When the request was signed, by the clock of this machine.
    signed_at: Option<OffsetDateTime>,
    /// Why the whole body is not JSON. Only its beginning was kept.
    pub(crate) not_json: Option<Box<str>>,
}

impl Response {
    /// A response with this HTTP status and this body, and no headers yet.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
            date: None,
            retry_after: None,
            request_id: None,
            location: None,
            subject_token: None,
            secrets: KnownSecrets::default(),
            signed_at: None,
            not_json: None,
        }
    }

    /// Adds a header. `Date`, `Location`, `Retry-After` and `X-Request-Id` matter, all others are ignored, as is a value that cannot be
    /// read. Names are compared without case.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
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
        } else if name.eq_ignore_ascii_case("location") {
            self.location = Some(value.into());
        } else if name.eq_ignore_ascii_case("x-subject-token") {
            self.subject_token = Some(Secret::new(value));
        }
    }

    /// Masks the secrets of the request in the body, the request id and the target of a redirect, and in each text that is
    /// made of them later.
    pub(crate) fn hiding(mut self, secrets: KnownSecrets) -> Self {
        if let Some(body) = secrets.mask(&body_text(&self.body)) {
            self.body = body.into_bytes();
        }
        if let Some(request_id) = self.request_id.as_deref().and_then(|id| secrets.mask(id)) {
            self.request_id = Some(request_id.into());
        }
        if let Some(location) = self.location.as_deref().and_then(|target| secrets.mask(target)) {
            self.location = Some(location.into());
        }
        self.secrets = secrets;
        self
    }

    /// The length of the longest text that can have a secret in it.
    pub(crate) fn longest_text(&self) -> usize {
        let of = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
        self.body.len().max(of(&self.request_id)).max(of(&self.location))
    }

    /// The response to a request that was signed with this time.
    pub(crate) const fn signed_at(mut self, time: Option<OffsetDateTime>) -> Self {
        self.signed_at = time;
        self
    }

    /// How many seconds the clock that signed the request is ahead of the service's.
    pub(crate) fn clock_offset(&self) -> Option<i64> {
        Some((self.signed_at? - self.date?).whole_seconds())
    }

    /// The target of a redirect, without user, password, query and fragment.
    pub(crate) fn location(&self) -> Option<String> {
        // Cut only now: of a secret that was cut before it was masked, a part would be left.
        self.location.as_deref().map(without_secrets)
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

/// A URL without user, password, query and fragment.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("//") else { return url.to_owned() };
    let end = rest.find(['/', '\\']).unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    format!("{scheme}//{host}{}", &rest[end..])
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body of an error can repeat the signed headers, a token among them.
        f.debug_struct("Response")
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

/// The delay that the service asks for. A date counts against the response's own `Date`, so that a difference of clocks
/// does not matter; without one it is ignored.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    match response.retry_after? {
        RetryAfter::Seconds(seconds) => Some(Duration::from_secs(seconds)),
        RetryAfter::At(moment) => Some(Duration::try_from(moment - response.date?).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::api::request::{HeaderValue, Request};

    #[test]
    fn retry_after_is_seconds_or_a_date_or_nothing() {
        let date = OffsetDateTime::from_unix_timestamp(784_111_777).unwrap();
        for (value, expected) in [
            ("7", Some(RetryAfter::Seconds(7))),
            (" 120 ", Some(RetryAfter::Seconds(120))),
            ("0", Some(RetryAfter::Seconds(0))),
            ("007", Some(RetryAfter::Seconds(7))),
            ("18446744073709551615", Some(RetryAfter::Seconds(u64::MAX))),
            ("99999999999999999999999999", Some(RetryAfter::Seconds(u64::MAX))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(RetryAfter::At(date))),
            ("Sun, 06 Nov 1994 09:49:37 +0100", Some(RetryAfter::At(date))),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun Nov  6 08:49:37 1994", None),
            ("Sun, 31 Feb 1994 08:49:37 GMT", None),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("7, 8", None),
            ("5s", None),
            ("soon", None),
            ("٣", None),
            ("", None),
        ] {
            assert_eq!(
                Response::new(429, "").with_header("Retry-After", value).retry_after,
                expected,
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_date_is_read_or_dropped() {
        let at = |value: &str| {
            Response::new(200, "").with_header("date", value).date.map(OffsetDateTime::unix_timestamp)
        };
        assert_eq!(at("Sat, 21 Nov 2026 17:35:00 GMT"), Some(1_795_282_500));
        assert_eq!(at(" Sat, 21 Nov 2026 17:35:00 gmt "), Some(1_795_282_500));
        for garbage in ["", "0", "yesterday", "2026-11-21T17:35:00Z", "Sat, 21 Nov 2026 25:00:00 GMT"] {
            assert_eq!(at(garbage), None, "{garbage:?}");
        }
    }

    #[test]
    fn a_location_has_nothing_secret_in_it() {
        for (sent, expected) in [
            ("https://sso.example/login?token=x#y", "https://sso.example/login"),
            ("https://me:hush@sso.example:8443/login", "https://sso.example:8443/login"),
            ("https://a@b@sso.example", "https://sso.example"),
            ("//me:hush@sso.example/a@b", "//sso.example/a@b"),
            ("/login?token=x", "/login"),
            ("", ""),
        ] {
            let response = Response::new(302, "").with_header("LOCATION", sent);
            assert_eq!(response.location().as_deref(), Some(expected), "{sent}");
        }
    }

    #[test]
    fn a_location_has_none_of_the_secrets_that_were_sent() {
        let secret = "MII+tok?en#4@5/6==";
        for (sent, expected) in [
            ("https://sso.example/MII+tok?en#4@5/6==/x", "https://sso.example/***/x"),
            ("/login/MII%2Btok%3Fen%234%405%2F6%3D%3D", "/login/***"),
            ("/login/MII%252Btok%253Fen%25234%25405%252F6%253D%253D", "/login/***"),
            ("/login/4d49492b746f6b3f656e233440352f363d3d", "/login/***"),
            ("/login", "/login"),
        ] {
            let response = Response::new(302, "").with_header("location", sent);
            assert_eq!(response.longest_text(), sent.len());
            let response = response.hiding(KnownSecrets::new([Secret::new(secret)]));
            assert_eq!(response.location().as_deref(), Some(expected), "{sent}");
        }
    }

    #[test]
    fn header_names_have_no_case_and_others_are_ignored() {
        let response = Response::new(200, "{}")
            .with_header("RETRY-AFTER", "1")
            .with_header("x-REQUEST-id", "r1")
            .with_header("X-Subject-Token", "secret-token")
            .with_header("Set-Cookie", "HWWAFSESID=1");
        assert_eq!(response.retry_after, Some(RetryAfter::Seconds(1)));
        assert_eq!(response.request_id.as_deref(), Some("r1"));
        assert_eq!(response.subject_token.as_ref().map(Secret::expose), Some("secret-token"));
        assert_eq!((response.status(), response.body()), (200, &b"{}"[..]));
    }

    #[test]
    fn a_response_and_a_request_show_no_secret() {
        let response = Response::new(401, "x-auth-token:s3cret").with_header("X-Subject-Token", "s3cret");
        let request = Request::post("https://iam/v3/auth/tokens".into(), Secret::new("s3cret"))
            .header("x-auth-token", HeaderValue::Secret(Secret::new("s3cret")));
        for shown in [format!("{response:?}"), format!("{request:?}")] {
            assert!(!shown.contains("s3cret"), "{shown}");
        }
        assert!(request.headers.iter().any(|(_, value)| value.is_secret() && value.expose() == "s3cret"));
    }

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn retry_after_is_read_as_seconds_or_against_the_date_of_the_response() {
        let cases = [
            (&[("Retry-After", "7")][..], Some(7)),
            (&[("retry-after", " 0 ")], Some(0)),
            (&[("Retry-After", "-7")], None),
            (&[("Retry-After", "soon")], None),
            (&[("Retry-After", "99999999999999999999999")], Some(u64::MAX)),
            (&[("Date", DATE), ("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT")], Some(60)),
            (&[("Date", DATE), ("Retry-After", "Sun, 06 Nov 1994 08:48:37 GMT")], Some(0)),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT")], None),
        ];
        for (headers, expected) in cases {
            let mut response = Response::new(503, "");
            for (name, value) in headers {
                response = response.with_header(name, value);
            }
            assert_eq!(retry_after(&response), expected.map(Duration::from_secs), "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_taken_in(value in any::<String>(), number in "[-+ 0-9]{0,40}") {
            for text in [value, number] {
                let _ = Response::new(503, "").with_header("Retry-After", &text).with_header("Date", &text);
            }
        }
    }
}
