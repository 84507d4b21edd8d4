//! Errors of the service.

use std::fmt;

use crate::util::sanitize::label;

/// An error of the service: HTTP status, code, message and request id.
///
/// These services write their errors in ten shapes; all of them are read into this one. Codes are the service's own, such
/// as `Common.0011` or `APIGW.0301`; the service's "Returned Values for General Requests" says what they mean.
///
/// `Debug` prints the same text as `Display`.
#[derive(Clone, Eq, PartialEq)]
pub struct ApiError {
    pub(crate) http_status: u16,
    pub(crate) code: Option<Box<str>>,
    pub(crate) outer_code: Option<Box<str>>,
    pub(crate) message: Box<str>,
    pub(crate) request_id: Option<Box<str>>,
    /// It is the response to a login: about a user and a password, where all others are about a token or a key.
    pub(crate) login: bool,
    /// The service that was polled says with this that it does not know the job.
    pub(crate) unknown_job: bool,
    /// How many seconds the clock that signed the request is ahead of the service's.
    pub(crate) clock_offset: Option<i64>,
}

impl ApiError {
    /// A response of success that lists no job where the one that was asked for would be.
    pub(crate) fn unknown_job(http_status: u16, request_id: Option<&str>) -> Self {
        Self {
            http_status,
            code: None,
            outer_code: None,
            message: "the response has no job with this id".into(),
            request_id: request_id.map(|id| label(id).into()),
            login: false,
            unknown_job: true,
            clock_offset: None,
        }
    }

    /// The HTTP status of the response; 0 if only the body is known. An error can come with 200 or 202 too.
    pub const fn http_status(&self) -> u16 {
        self.http_status
    }

    /// The service's code, the most precise one where the body has several; `None` where it has none.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// A short plain text, never markup and never a secret.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The id of the request for the provider's support, from the body or `X-Request-Id`.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The service does not know this job: `Common.0011`, `IMG.0023`, a code of the service that was polled
    /// (`DBS.200543`), an empty list, or a 404 that is not an unknown endpoint.
    ///
    /// A job is deleted one day after it ended, an unpaid one after 14 days.
    pub fn is_not_found(&self) -> bool {
        self.unknown_job
            || self.has_code(UNKNOWN_JOB) && self.http_status < 500
            || self.http_status == 404 && !self.is_unknown_endpoint()
    }

    /// There is no such API at this address (404 with `APIGW.0101`): a wrong endpoint, region or path.
    pub fn is_unknown_endpoint(&self) -> bool {
        self.http_status == 404 && self.has_code(&["APIGW.0101"])
    }

    /// Too many requests: 429, 413, or a code that means it under another status (`Common.0024` comes with 202).
    pub fn is_throttled(&self) -> bool {
        matches!(self.http_status, 413 | 429) || self.http_status < 500 && self.has_code(THROTTLED)
    }

    /// The token or access key was rejected: 401, or a 400 with a code that means an expired token.
    pub fn is_unauthorized(&self) -> bool {
        self.http_status == 401 || matches!(self.http_status, 0 | 200..=299 | 400) && self.has_code(EXPIRED)
    }

    /// The credentials are valid but not allowed to do this: 403.
    pub const fn is_forbidden(&self) -> bool {
        self.http_status == 403
    }

    /// It may pass: 408, 409, 425, 499 and every 5xx but 501 (not implemented). A status that is none (a 600, a 101 that
    /// nobody asked for) counts as a 5xx, as RFC 9110 has it.
    pub const fn is_transient(&self) -> bool {
        matches!(self.http_status, 1..=199 | 408 | 409 | 425 | 499 | 500 | 502..)
    }

    /// A redirect (3xx). Redirects are not followed because they would forward the token.
    pub const fn is_redirect(&self) -> bool {
        matches!(self.http_status, 300..=399)
    }

    /// The service rejected the request for good: it does not pass, and it does not come from something in between.
    pub(crate) fn is_rejection(&self) -> bool {
        !(self.is_transient() || self.is_throttled() || self.is_redirect() || self.http_status == 407)
    }

    /// How far the clock that signed the request is ahead of the service's (negative: behind), if that is so much that
    /// signatures are rejected for it.
    pub(crate) fn clock_offset(&self) -> Option<time::Duration> {
        self.clock_offset.map(time::Duration::seconds).filter(|offset| offset.abs() >= MAX_CLOCK_OFFSET)
    }

    pub(crate) fn has_code(&self, codes: &[&str]) -> bool {
        [&self.code, &self.outer_code]
            .into_iter()
            .flatten()
            .any(|code| codes.iter().any(|known| is_same_code(known, code)))
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Read from a body alone, an error has no status to show.
        let status = (self.http_status != 0).then(|| format!("HTTP {}", self.http_status));
        let head: Vec<&str> = [status.as_deref(), self.code()].into_iter().flatten().collect();
        f.write_str(&head.join(" "))?;
        if !head.is_empty() && !self.message.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

/// Codes are compared without case. The gateway's are written `APIG.` by some regions; here they are `APIGW.`.
fn is_same_code(known: &str, code: &str) -> bool {
    known.eq_ignore_ascii_case(code)
        || known.strip_prefix("APIGW.").is_some_and(|number| {
            code.split_once('.').is_some_and(|(prefix, rest)| {
                prefix.eq_ignore_ascii_case("APIG") && rest.eq_ignore_ascii_case(number)
            })
        })
}

/// An expired token, or one of another project, under status 400.
const EXPIRED: &[&str] =
    &["APIGW.0301", "APIGW.0307", "Common.0013", "EVS.0002", "EVS.5401", "IMG.0087", "SDRS.0002"];

/// Too many requests, under another status than 429.
const THROTTLED: &[&str] = &["APIGW.0308", "Common.0024", "Common.1503", "IMG.0060"];

/// An unknown job, under another status than 404.
const UNKNOWN_JOB: &[&str] = &["Common.0011", "IMG.0023"];

/// Signatures are valid for 15 minutes; a clock that is off by this much is worth a word.
const MAX_CLOCK_OFFSET: time::Duration = time::Duration::minutes(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn error(http_status: u16, code: Option<&str>, outer_code: Option<&str>) -> ApiError {
        ApiError {
            http_status,
            code: code.map(Into::into),
            outer_code: outer_code.map(Into::into),
            message: Box::default(),
            request_id: None,
            login: false,
            unknown_job: false,
            clock_offset: None,
        }
    }

    /// The predicates that hold, in the order of their definition.
    fn words(error: &ApiError) -> String {
        [
            (error.is_not_found(), "not-found"),
            (error.is_unknown_endpoint(), "wrong-address"),
            (error.is_throttled(), "throttled"),
            (error.is_unauthorized(), "refused"),
            (error.is_forbidden(), "forbidden"),
            (error.is_transient(), "transient"),
            (error.is_redirect(), "redirect"),
        ]
        .iter()
        .filter_map(|(holds, word)| holds.then_some(*word))
        .collect::<Vec<_>>()
        .join(" ")
    }

    #[test]
    fn status_and_code_say_what_kind_of_error_it_is() {
        for (status, code, expected) in [
            (400, "Common.0011", "not-found"),
            (400, "common.0011", "not-found"),
            (400, "IMG.0023", "not-found"),
            (404, "", "not-found"),
            (404, "Ecs.0114", "not-found"),
            (404, "itemNotFound", "not-found"),
            (200, "Common.0011", "not-found"),
            (0, "Common.0011", "not-found"),
            (500, "Common.0011", "transient"),
            (404, "APIGW.0101", "wrong-address"),
            (404, "APIG.0101", "wrong-address"),
            (400, "APIGW.0101", ""),
            (429, "", "throttled"),
            (429, "APIGW.0308", "throttled"),
            (429, "APIG.0308", "throttled"),
            (429, "Common.1503", "throttled"),
            (413, "overLimit", "throttled"),
            (202, "Common.0024", "throttled"),
            (400, "IMG.0060", "throttled"),
            (503, "APIGW.0308", "transient"),
            (401, "", "refused"),
            (401, "Common.0013", "refused"),
            (401, "APIGW.0307", "refused"),
            (401, "EVS.5401", "refused"),
            (400, "Common.0013", "refused"),
            (400, "APIGW.0301", "refused"),
            (400, "APIG.0301", "refused"),
            (400, "apig.0307", "refused"),
            (400, "EVS.0002", "refused"),
            (400, "SDRS.0002", "refused"),
            (400, "IMG.0087", "refused"),
            (400, "EVS.5401", "refused"),
            (200, "APIGW.0301", "refused"),
            (0, "APIGW.0301", "refused"),
            (403, "APIGW.0302", "forbidden"),
            (403, "Pdp.0001", "forbidden"),
            (403, "Ecs.0003", "forbidden"),
            (400, "Common.0018", ""),
            (400, "Common.0021", ""),
            (400, "Ecs.0005", ""),
            (405, "", ""),
            (407, "", ""),
            (408, "", "transient"),
            (409, "", "transient"),
            (425, "", "transient"),
            (499, "", "transient"),
            (500, "Common.0001", "transient"),
            (501, "", ""),
            (501, "Common.0001", ""),
            (505, "", "transient"),
            (500, "SDRS.0401", "transient"),
            (502, "APIGW.0201", "transient"),
            (503, "APIGW.0613", "transient"),
            (504, "APIGW.0201", "transient"),
            (599, "", "transient"),
            (301, "", "redirect"),
            (302, "Common.0099", "redirect"),
            (0, "", ""),
            (200, "", ""),
            (101, "", "transient"),
            (600, "", "transient"),
            (999, "", "transient"),
        ] {
            let code = (!code.is_empty()).then_some(code);
            assert_eq!(words(&error(status, code, None)), expected, "{status} {code:?}");
            assert_eq!(
                words(&error(status, Some("Any.0001"), code)),
                expected,
                "{status}, outer code {code:?}"
            );
        }
    }

    #[test]
    fn codes_that_only_look_alike_are_different() {
        for code in ["APIGW0301", "APIG.03011", "XAPIGW.0301", "APIGX.0301", "Common.00131", "APIG.", "."] {
            assert_eq!(words(&error(400, Some(code), None)), "", "{code}");
        }
    }

    #[test]
    fn the_text_is_status_code_message_and_request_id_as_far_as_known() {
        let full = ApiError {
            message: "job not found".into(),
            request_id: Some("r1".into()),
            ..error(400, Some("Common.0011"), None)
        };
        assert_eq!(full.to_string(), "HTTP 400 Common.0011: job not found (request id r1)");
        let no_status = ApiError { http_status: 0, ..full };
        assert_eq!(no_status.to_string(), "Common.0011: job not found (request id r1)");
        let text_only = ApiError { code: None, request_id: None, ..no_status };
        assert_eq!(text_only.to_string(), "job not found");
        assert_eq!(error(502, None, None).to_string(), "HTTP 502");
    }
}
