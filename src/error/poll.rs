//! A poll that gave no job: who or what stood in the way.

use std::fmt;

use crate::job::error::DecodeError;

use super::api::ApiError;

/// Why a poll gave no job.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PollError {
    /// The service answered no.
    Api(ApiError),
    /// An answer came that is neither a job nor an error of the service.
    Decode(DecodeError),
    /// No answer came.
    Transport(TransportError),
}

impl PollError {
    /// It may pass by itself, so that asking again makes sense.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Api(error) => error.is_transient(),
            Self::Decode(_) => true,
            Self::Transport(error) => error.is_transient(),
        }
    }

    /// The error answer of the service, if that is what came.
    pub const fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for PollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PollError {}

/// No answer came: the kind of failure, and a text that says what was tried and what happened.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    http_status: Option<u16>,
    pub(crate) next_step: NextStep,
}

impl TransportError {
    /// A failure of this kind. For programs that drive the [`Poller`](crate::poll::Poller) with an HTTP client of their own.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), http_status: None, next_step: NextStep::ByKind }
    }

    /// With another next step than the one for its kind.
    pub(crate) const fn next_step(mut self, next_step: NextStep) -> Self {
        self.next_step = next_step;
        self
    }

    /// With the HTTP status of who stood in the way.
    pub(crate) const fn status(mut self, http_status: u16) -> Self {
        self.http_status = Some(http_status);
        self
    }

    /// The kind of failure.
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// What was tried and what happened, without a secret.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status with which a proxy said no, such as 407; `None` for every other failure.
    pub const fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// It may pass by itself: everything but a bad URL, a certificate that is not trusted and a proxy that says no.
    pub const fn is_transient(&self) -> bool {
        !matches!(
            self.kind,
            TransportErrorKind::InvalidUrl
                | TransportErrorKind::Certificate
                | TransportErrorKind::Proxy
                | TransportErrorKind::TlsUnsupported
                | TransportErrorKind::TooLarge
        )
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TransportError {}

/// What the text of an [`Error`](super::Error) advises after the message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NextStep {
    ByKind,
    CheckProxy,
    /// The message contains it.
    Told,
}

/// Where a request broke off.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The URL cannot be asked at all.
    InvalidUrl,
    /// The certificate of the server is not trusted, or is of another name.
    Certificate,
    /// No connection could be made.
    Connect,
    /// The name of the host was not found.
    Dns,
    /// A connection broke: reset or closed before the whole answer was there.
    ConnectionLost,
    /// What came is not HTTP.
    Protocol,
    /// The proxy wants credentials or does not allow this host.
    Proxy,
    /// No complete answer in the time that was left.
    Timeout,
    /// TLS failed for another reason than the certificate.
    Tls,
    /// Client and server have no TLS version or cipher suite in common, or the server requires a client certificate.
    TlsUnsupported,
    /// The response is larger than 16 MiB, or its headers than 128 KiB.
    TooLarge,
}
