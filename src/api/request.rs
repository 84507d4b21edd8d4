//! A request as a value, and the request for one job.

use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::endpoint::url::Url;
use crate::job::id::JobId;
use crate::util::secret::Secret;

/// How a request is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    /// Reads.
    Get,
    /// A login.
    Post,
}

#[cfg(feature = "signing")]
impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request that is ready to be sent: a URL, headers, a body (JSON, or empty).
///
/// Header names are in lower case. `host`, `content-length`, `user-agent` and `accept` are added by `http`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, HeaderValue)>,
    pub(crate) body: Secret,
    /// What of the body is secret.
    pub(crate) hidden: Vec<Secret>,
    /// When it was signed, by the clock of this machine.
    pub(crate) signed_at: Option<OffsetDateTime>,
}

impl Request {
    pub(crate) fn get(url: Url) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Secret::default(),
            hidden: Vec::new(),
            signed_at: None,
        }
    }

    /// A POST of a JSON body, which may hold a password.
    pub(crate) fn post(url: Url, body: Secret) -> Self {
        let headers = vec![("content-type", HeaderValue::Plain("application/json;charset=utf8".into()))];
        Self { method: Method::Post, headers, body, ..Self::get(url) }
    }

    /// A part of the body that is secret, also if it comes back in the response.
    pub(crate) fn hiding(mut self, part: &Secret) -> Self {
        self.hidden.push(part.clone());
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// The value of a header: one that may be shown, or one that may not.
#[derive(Clone, Debug)]
pub(crate) enum HeaderValue {
    Plain(String),
    Secret(Secret),
}

impl HeaderValue {
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

/// The request for one job, without credentials.
pub(crate) fn job_request(endpoint: &Endpoint, id: &JobId) -> Request {
    Request::get(endpoint.url_of_job(id))
}
