//! Why a request failed: what was tried, what happened, and what to do.

use std::fmt;
use std::io;
use std::time::Duration;

use super::deadline::{Phase, RequestDeadline};
use super::proxy::ProxyServer;
use super::tls_error;
use super::tunnel::{self, Refusal};
use crate::endpoint::url::Origin;
use crate::error::poll::{NextStep, TransportError, TransportErrorKind};
use crate::util::duration::format_duration;

/// What was tried.
pub(super) struct Attempt<'a> {
    pub(super) target: Target<'a>,
    pub(super) proxy: Option<&'a ProxyServer>,
    pub(super) timeout: Duration,
    /// How far it came.
    pub(super) request: &'a RequestDeadline,
}

/// Shown as `host:port`.
#[derive(Clone, Copy)]
pub(super) struct Target<'a>(pub(super) &'a Origin);

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0.host(), self.0.port())
    }
}

impl Attempt<'_> {
    /// The error that a person reads. Nothing of what came over the wire is repeated.
    pub(super) fn explain(&self, error: ureq::Error) -> TransportError {
        use ureq::Error;

        let target = self.target;
        match error {
            Error::Timeout(_) => self.timed_out(),
            Error::Io(error) => self.io(&error).with_source(error),
            Error::LargeResponseHeader(..) => self.headers_too_large(),
            Error::BodyExceedsLimit(_) => self.body_too_large(),
            Error::Protocol(error) => self.protocol(&error.to_string()),
            Error::BodyStalled => self.error(
                TransportErrorKind::ConnectionLost,
                format!("the response from {target} is incomplete"),
            ),
            Error::Http(_) | Error::BadUri(_) => self.error(
                TransportErrorKind::InvalidUrl,
                format!("the request to {target} cannot be written as HTTP"),
            ),
            Error::Tls(what) => self.tls(what),
            Error::TlsRequired => self.tls("TLS is not available"),
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
            Error::Rustls(error) => self.tls(&error.to_string()).with_source(error),
            #[cfg(feature = "native-tls")]
            Error::NativeTls(error) => self.tls(&error.to_string()).with_source(error),
            Error::Other(error) => match error.downcast::<Refusal>() {
                Ok(refusal) => self.no_tunnel(&refusal),
                Err(other) => self.failed(&other.to_string()),
            },
            // Redirects, cookies, compression and the like are off.
            other => self.failed(&other.to_string()),
        }
    }

    /// A 407 that is not a response to CONNECT: something on the way responded in place of the service.
    pub(super) fn proxy_wants_credentials<'v>(
        &self,
        challenges: impl Iterator<Item = &'v str>,
    ) -> TransportError {
        let who =
            self.proxy.map_or_else(|| "a proxy on the way".into(), |proxy| format!("the proxy {proxy}"));
        let why = self.credentials(&tunnel::schemes(challenges));
        let text = format!("{who} rejected the request to {} (407): {why}", self.target);
        self.error(TransportErrorKind::Proxy, text).status(407)
    }

    pub(super) fn body_too_large(&self) -> TransportError {
        let text = format!("the response from {} is larger than 16 MiB", self.target);
        self.error(TransportErrorKind::TooLarge, text)
    }

    /// No content coding was asked for.
    pub(super) fn encoded(&self, coding: &str) -> TransportError {
        let known = ["gzip", "x-gzip", "deflate", "br", "zstd", "compress"];
        let coding =
            known.into_iter().find(|known| coding.eq_ignore_ascii_case(known)).unwrap_or("a content coding");
        let text = format!(
            "the response from {} is compressed ({coding}) although the request does not accept that; \
             check whether a proxy or gateway compresses it",
            self.target
        );
        self.error(TransportErrorKind::Protocol, text).next_step(NextStep::InMessage)
    }

    fn headers_too_large(&self) -> TransportError {
        let peer = self.peer();
        let what = match self.request.phase() {
            Phase::Handshake => "the TLS handshake",
            Phase::Body => "a line between two chunks of the response",
            _ => "the headers of the response",
        };
        self.error(TransportErrorKind::TooLarge, format!("{peer} sent more than 128 KiB for {what}"))
    }

    fn timed_out(&self) -> TransportError {
        let (target, peer) = (self.target, self.peer());
        let at = match self.request.phase() {
            Phase::Resolve => format!("the name of {peer} was still being resolved"),
            Phase::Connect => format!("{peer} had not accepted the connection"),
            Phase::Tunnel => format!("{peer} had not opened the tunnel"),
            Phase::Handshake => "the TLS handshake was still in progress".into(),
            Phase::Send => "the request was still being sent".into(),
            Phase::Wait => "the request was sent".into(),
            Phase::Body => "the response was still arriving".into(),
        };
        let timeout = format_duration(self.timeout);
        let text = format!("no complete response from {target} within {timeout}: {at}");
        self.error(TransportErrorKind::Timeout, text)
    }

    fn io(&self, error: &io::Error) -> TransportError {
        let peer = self.peer();
        let is_rustls = error.kind() == io::ErrorKind::InvalidData && error.get_ref().is_some();
        let is_native_tls = cfg!(feature = "native-tls") && error.kind() == io::ErrorKind::Other;
        if is_rustls || is_native_tls && self.request.phase() >= Phase::Handshake {
            return self.tls(&error.to_string());
        }
        match self.request.phase() {
            Phase::Resolve if error.kind() == io::ErrorKind::OutOfMemory => {
                let why = without_number(&error.to_string());
                let text = format!("no thread can be started to resolve the name of {peer}: {why}");
                self.error(TransportErrorKind::Dns, text).next_step(NextStep::RaiseThreadLimit)
            }
            Phase::Resolve => self.error(
                TransportErrorKind::Dns,
                format!("the name of {peer} cannot be resolved: {}", reason(error, &peer)),
            ),
            Phase::Connect => self.error(
                TransportErrorKind::Connect,
                format!("cannot connect to {peer}: {}", reason(error, &peer)),
            ),
            phase => self.lost(phase, error),
        }
    }

    fn lost(&self, phase: Phase, error: &io::Error) -> TransportError {
        let (target, peer) = (self.target, self.peer());
        let how = match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero => "closed the connection".to_string(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "reset the connection".to_string(),
            _ => format!("lost the connection ({})", without_number(&error.to_string())),
        };
        let when = match phase {
            Phase::Tunnel => format!("before the tunnel to {target} was open"),
            Phase::Handshake => "during the TLS handshake".into(),
            Phase::Body => "in the middle of the response".into(),
            _ if self.request.is_fresh() => "before it responded".into(),
            _ => "before it responded, after earlier requests on the same connection".into(),
        };
        self.error(TransportErrorKind::ConnectionLost, format!("{peer} {how} {when}"))
    }

    fn tls(&self, text: &str) -> TransportError {
        if text == "unexpected EOF" {
            return self.lost(self.request.phase(), &io::ErrorKind::UnexpectedEof.into());
        }
        let (kind, text) = tls_error::explain(text, &self.peer(), super::now());
        self.error(kind, text)
    }

    fn protocol(&self, what: &str) -> TransportError {
        let peer = self.peer();
        if what.contains("too many headers") {
            return self.error(TransportErrorKind::TooLarge, format!("{peer} sent more than 128 headers"));
        }
        // The one text that can repeat a header.
        let what = if what.starts_with("bad header") { "a header is malformed" } else { what };
        self.error(TransportErrorKind::Protocol, format!("the response from {peer} is not HTTP: {what}"))
    }

    fn no_tunnel(&self, refusal: &Refusal) -> TransportError {
        let (target, peer) = (self.target, self.peer());
        let Some(status) = refusal.status else {
            return self.error(TransportErrorKind::Protocol, format!("the response from {peer} is not HTTP"));
        };
        let kind = match status {
            408 | 429 | 500.. => TransportErrorKind::Connect,
            _ => TransportErrorKind::Proxy,
        };
        let why = match status {
            401 | 407 => self.credentials(&refusal.schemes),
            403 => "it does not allow this host; ask its operator, or add the host to NO_PROXY if it can be reached directly"
                .into(),
            _ if kind == TransportErrorKind::Connect => "it cannot reach the host".into(),
            _ => "ask its operator".into(),
        };
        self.error(kind, format!("{peer} opened no tunnel to {target} ({status}): {why}")).status(status)
    }

    /// What a proxy lacks that answers 407.
    fn credentials(&self, schemes: &[String]) -> String {
        let offered = schemes.join(", ");
        let has_basic = schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
        let has_credentials = self.proxy.is_some_and(|proxy| proxy.credentials().is_some());
        if !schemes.is_empty() && !has_basic {
            format!(
                "it offers {offered} for authentication, and only Basic is supported; a local proxy such as cntlm can help"
            )
        } else if has_credentials {
            "it rejected the user name or the password of the proxy's URL".into()
        } else {
            "it requires a user name and a password: write them into the proxy's URL, http://user:password@host:port"
                .into()
        }
    }

    fn failed(&self, why: &str) -> TransportError {
        let text = format!("the request to {} failed: {why}", self.target);
        self.error(TransportErrorKind::Protocol, text)
    }

    /// Who is at the other end of the connection in this phase.
    fn peer(&self) -> String {
        match self.proxy.filter(|_| self.is_to_proxy()) {
            Some(proxy) => format!("the proxy {proxy}"),
            None => self.target.to_string(),
        }
    }

    fn is_to_proxy(&self) -> bool {
        self.proxy.is_some()
            && matches!(self.request.phase(), Phase::Resolve | Phase::Connect | Phase::Tunnel)
    }

    fn error(&self, kind: TransportErrorKind, text: String) -> TransportError {
        let next = if self.is_to_proxy() { NextStep::CheckProxy } else { NextStep::ByKind };
        TransportError::new(kind, text).next_step(next)
    }
}

/// The reason alone: without what the system says before it, and without an address that was named already.
fn reason(error: &io::Error, peer: &str) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    let text = without_number(text);
    match text.rsplit_once(" (") {
        Some((before, address)) if peer.ends_with(address.trim_end_matches(')')) => before.to_owned(),
        _ => text,
    }
}

/// The text of an error of the system without its number, so that it does not repeat the text of the source.
fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, after)) => format!("{before}{}", after.split_once(')').map_or("", |(_, rest)| rest)),
        None => text.to_owned(),
    }
}
