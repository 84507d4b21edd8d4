//! What the service said when it said no.

use std::fmt;

/// An error answer of the service: HTTP status, code, message and request id.
///
/// The services of this family write their errors in ten shapes; all of them are read into this one.
/// Codes are the service's own, such as `Common.0011` or `APIGW.0301`.
///
/// See the service's "Returned Values for General Requests" for the meaning of a code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiError {
    pub(crate) http_status: u16,
    pub(crate) code: Option<String>,
    pub(crate) outer_code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
}

impl ApiError {
    /// The HTTP status of the answer. An error can come with 200 or 202 too.
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

    /// The id under which the provider's support finds this request, from the body or `X-Request-Id`.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The service does not know this job: `Common.0011`, `IMG.0023`, or a 404 that is not a wrong address.
    ///
    /// A job is deleted one day after it ended, an unpaid one after 14 days.
    pub fn is_not_found(&self) -> bool {
        self.has_code(&["Common.0011", "IMG.0023"]) && self.http_status < 500
            || self.http_status == 404 && !self.is_wrong_address()
    }

    /// There is no such API at this address (404 with `APIGW.0101`): a wrong endpoint, region or path.
    pub fn is_wrong_address(&self) -> bool {
        self.http_status == 404 && self.has_code(&["APIGW.0101", "APIG.0101"])
    }

    /// Too many requests: 429, 413, or a code that means it under another status (`Common.0024` comes with 202).
    pub fn is_throttled(&self) -> bool {
        matches!(self.http_status, 413 | 429)
            || self.http_status < 500
                && self.has_code(&["Common.0024", "Common.1503", "IMG.0060", "APIGW.0308", "APIG.0308"])
    }

    /// The token or access key was not accepted: 401, or a 400 with a code that means an expired token.
    pub fn is_credentials_refused(&self) -> bool {
        self.http_status == 401 || matches!(self.http_status, 200..=299 | 400) && self.has_code(EXPIRED)
    }

    /// The credentials are good and not allowed to do this: 403.
    pub const fn is_forbidden(&self) -> bool {
        self.http_status == 403
    }

    /// It may pass by itself: 408, 409, 425, 499 and every 5xx.
    pub const fn is_transient(&self) -> bool {
        matches!(self.http_status, 408 | 409 | 425 | 499 | 500..=599)
    }

    /// A redirect (3xx). None is ever followed: it would carry the token to another host.
    pub const fn is_redirect(&self) -> bool {
        matches!(self.http_status, 300..=399)
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        [&self.code, &self.outer_code]
            .into_iter()
            .flatten()
            .any(|code| codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.http_status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

/// Codes with which an expired or foreign token is refused under status 400.
const EXPIRED: &[&str] =
    &["APIGW.0301", "APIGW.0307", "Common.0013", "EVS.0002", "EVS.5401", "IMG.0087", "SDRS.0002"];
