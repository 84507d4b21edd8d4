//! Why a poll did not give the job.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::api::ApiError;
use crate::job::error::DecodeError;

/// Why a poll did not give the job.
///
/// `Debug` prints the same text as `Display`, as for every error of this crate: it is what a `main` that returns a
/// `Result` shows.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub enum PollError {
    /// The service responded with an error.
    Api(ApiError),
    /// A response came that is neither a job nor an error of the service.
    Decode(DecodeError),
    /// No response came.
    Transport(TransportError),
}

impl PollError {
    /// It may pass, so that it makes sense to poll again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Api(error) => error.is_transient(),
            Self::Decode(_) => true,
            Self::Transport(error) => error.is_transient(),
        }
    }

    /// The error of the service, if that is what came.
    pub const fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    fn inner(&self) -> &(dyn StdError + 'static) {
        match self {
            Self::Api(error) => error,
            Self::Decode(error) => error,
            Self::Transport(error) => error,
        }
    }
}

impl From<ApiError> for PollError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<DecodeError> for PollError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<TransportError> for PollError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl fmt::Debug for PollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.inner(), f)
    }
}

impl StdError for PollError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner().source()
    }
}

/// No response came: the kind of failure, and a text that says what was tried and what happened.
///
/// [`source`](StdError::source) is the error of the system or of TLS, if there is one; its text is not repeated here.
#[derive(Clone)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    http_status: Option<u16>,
    pub(crate) next_step: NextStep,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// A failure of this kind, for programs that drive the [`Poller`](crate::poll::Poller) with an HTTP client of their
    /// own.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), http_status: None, next_step: NextStep::ByKind, cause: None }
    }

    /// With the error behind it, as [`source`](StdError::source). The message should not repeat its text.
    #[must_use]
    pub fn with_source(self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: Some(Arc::from(cause.into())), ..self }
    }

    /// With another next step than the one for its kind.
    pub(crate) const fn next_step(mut self, next_step: NextStep) -> Self {
        self.next_step = next_step;
        self
    }

    /// With the HTTP status of a proxy.
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

    /// The HTTP status of a proxy that rejected the request, such as 407; `None` for every other failure.
    pub const fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// It may pass. An invalid URL, an untrusted certificate, a TLS version or client certificate that cannot be agreed
    /// on, a proxy that rejects the request and a response that is too large do not.
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

/// By everything but the source.
impl PartialEq for TransportError {
    fn eq(&self, other: &Self) -> bool {
        let parts = |error: &Self| (error.kind, error.http_status, error.next_step);
        parts(self) == parts(other) && self.message == other.message
    }
}

impl Eq for TransportError {}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// What the text of an [`Error`](super::Error) advises after the message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NextStep {
    ByKind,
    CheckProxy,
    /// No thread can be started.
    RaiseThreadLimit,
    /// The message contains it.
    InMessage,
}

/// The kinds of [`TransportError`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No request can be sent to the URL.
    InvalidUrl,
    /// The certificate of the server is not trusted, or is for another name.
    Certificate,
    /// No connection could be made.
    Connect,
    /// The host name could not be resolved.
    Dns,
    /// The connection was reset or closed before the response was complete.
    ConnectionLost,
    /// The response is not HTTP.
    Protocol,
    /// The proxy requires credentials or does not allow this host.
    Proxy,
    /// The response was not complete in time.
    Timeout,
    /// TLS failed for another reason than the certificate.
    Tls,
    /// Client and server have no TLS version or cipher suite in common, or the server requires a client certificate.
    TlsUnsupported,
    /// The response is larger than 16 MiB, or its headers than 128 KiB.
    TooLarge,
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InvalidUrl => "invalid URL",
            Self::Certificate => "certificate not trusted",
            Self::Connect => "no connection",
            Self::Dns => "host name not resolved",
            Self::ConnectionLost => "connection lost",
            Self::Protocol => "not HTTP",
            Self::Proxy => "rejected by a proxy",
            Self::Timeout => "timeout",
            Self::Tls => "TLS failed",
            Self::TlsUnsupported => "no TLS in common",
            Self::TooLarge => "response too large",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn the_source_is_the_cause_and_no_text_is_printed_twice() {
        let cause = io::Error::new(io::ErrorKind::ConnectionRefused, "Connection refused (os error 111)");
        let error =
            TransportError::new(TransportErrorKind::Connect, "cannot connect to ecs:443: connection refused");
        assert!(error.source().is_none());
        let error = error.with_source(cause);
        assert_eq!(error, error.clone());
        let error = PollError::from(error);
        let source = error.source().and_then(|source| source.downcast_ref::<io::Error>()).unwrap();
        assert_eq!(source.kind(), io::ErrorKind::ConnectionRefused);
        assert!(!error.to_string().contains(&source.to_string()));
        assert_eq!(format!("{error:?}"), error.to_string());
    }
}
