//! Why a request failed, in the words of this crate: what was tried, what happened, and what to do.

use std::io;
use std::time::Duration;

use super::deadline::{Phase, RequestDeadline};
use super::request::Target;
use crate::error::poll::{TransportError, TransportErrorKind};

/// What was tried.
pub(super) struct Attempt<'a> {
    pub(super) target: Target<'a>,
    /// `host:port` of the proxy, if there is one.
    pub(super) proxy: Option<&'a str>,
    pub(super) limit: Duration,
    /// How far it came.
    pub(super) call: &'a RequestDeadline,
}

impl Attempt<'_> {
    /// The error that a person reads. Of what came over the wire nothing is repeated.
    pub(super) fn explain(&self, error: ureq::Error) -> TransportError {
        use ureq::Error;

        let target = self.target;
        match error {
            Error::Timeout(_) => self.timed_out(),
            Error::Io(error) => self.io(&error),
            Error::ConnectProxyFailed(reason) => self.proxy_refused(&reason),
            Error::LargeResponseHeader(..) => self.headers_too_large(),
            Error::BodyExceedsLimit(_) => self.body_too_large(),
            Error::HostNotFound => {
                self.failure(TransportErrorKind::Dns, format!("the host of {} was not found", self.peer()))
            }
            Error::ConnectionFailed => {
                self.failure(TransportErrorKind::Connect, format!("no connection to {}", self.peer()))
            }
            Error::Protocol(error) => self.protocol(&error.to_string()),
            Error::BodyStalled => {
                self.failure(TransportErrorKind::ConnectionLost, format!("the answer of {target} stopped"))
            }
            Error::Http(_) | Error::BadUri(_) => self.failure(
                TransportErrorKind::InvalidUrl,
                format!("the request to {target} cannot be written as HTTP"),
            ),
            Error::Tls(what) => {
                self.failure(TransportErrorKind::Tls, format!("no TLS with {}: {what}", self.peer()))
            }
            Error::TlsRequired => self.failure(TransportErrorKind::Tls, format!("no TLS with {target}")),
            #[cfg(feature = "rustls")]
            Error::Rustls(error) => self.tls(&error.to_string()),
            // Redirects, cookies, compression and the like are off.
            other => {
                self.failure(TransportErrorKind::Protocol, format!("the request to {target} failed: {other}"))
            }
        }
    }

    /// A 407 without a tunnel: something on the way answered in place of the service.
    pub(super) fn proxy_wants_credentials(&self) -> TransportError {
        let target = self.target;
        let who = match self.proxy {
            Some(proxy) => format!("the proxy {proxy}"),
            None => "a proxy on the way".into(),
        };
        let text = format!("{who} did not let a request to {target} pass (407): {CREDENTIALS}");
        self.failure(TransportErrorKind::Proxy, text).status(407)
    }

    pub(super) fn body_too_large(&self) -> TransportError {
        let text = format!("the response from {} is larger than 16 MiB", self.target);
        self.failure(TransportErrorKind::TooLarge, text)
    }

    fn headers_too_large(&self) -> TransportError {
        let peer = self.peer();
        let what = match self.call.phase() {
            Phase::Handshake => "the TLS handshake",
            Phase::Body => "a line between two chunks of the response",
            _ => "the headers of the response",
        };
        self.failure(TransportErrorKind::TooLarge, format!("{peer} sent more than 128 KiB for {what}"))
    }

    fn timed_out(&self) -> TransportError {
        let (target, peer) = (self.target, self.peer());
        let at = match self.call.phase() {
            Phase::LookUp => format!("the name of {peer} was still being looked up"),
            Phase::Connect => format!("{peer} had not accepted the connection"),
            Phase::Tunnel => format!("{peer} had not opened the way"),
            Phase::Handshake => "the TLS handshake was under way".into(),
            Phase::Send => "the request was still being sent".into(),
            Phase::Wait => "the request was sent".into(),
            Phase::Body => "the answer was still arriving".into(),
        };
        let limit = Duration::from_millis(self.limit.as_millis().try_into().unwrap_or(u64::MAX));
        self.failure(
            TransportErrorKind::Timeout,
            format!("no complete answer of {target} within {limit:?}: {at}"),
        )
    }

    fn io(&self, error: &io::Error) -> TransportError {
        let peer = self.peer();
        if error.kind() == io::ErrorKind::InvalidData && error.get_ref().is_some() {
            // The only one who says this is rustls.
            return self.tls(&error.to_string());
        }
        match self.call.phase() {
            Phase::LookUp => self.failure(
                TransportErrorKind::Dns,
                format!("the name of {peer} could not be looked up: {}", why(error, &peer)),
            ),
            Phase::Connect => self.failure(
                TransportErrorKind::Connect,
                format!("no connection to {peer}: {}", why(error, &peer)),
            ),
            phase => self.lost(phase, error),
        }
    }

    fn lost(&self, phase: Phase, error: &io::Error) -> TransportError {
        let (target, peer) = (self.target, self.peer());
        let how = match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero => "closed the connection".to_string(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "reset the connection".to_string(),
            _ => format!("broke off ({error})"),
        };
        let when = match phase {
            Phase::Tunnel => format!("before the way to {target} was open"),
            Phase::Handshake => "during the TLS handshake".into(),
            Phase::Body => "in the middle of the answer".into(),
            _ if self.call.is_fresh() => "before it answered".into(),
            _ => "before it answered; it had been kept from an earlier request".into(),
        };
        self.failure(TransportErrorKind::ConnectionLost, format!("{peer} {how} {when}"))
    }

    fn tls(&self, what: &str) -> TransportError {
        let peer = self.peer();
        let Some(why) = what.strip_prefix("invalid peer certificate: ") else {
            let what = if what.contains("InvalidContentType") {
                "what answers there does not speak it"
            } else {
                what
            };
            return self.failure(TransportErrorKind::Tls, format!("no TLS with {peer}: {what}"));
        };
        let text = if why.starts_with("UnknownIssuer") {
            format!(
                "the certificate of {peer} is not trusted: none of the known authorities issued it; if it is right, give the authority's certificate as CA file"
            )
        } else if why.contains("CaUsedAsEndEntity") {
            format!(
                "the certificate of {peer} is not trusted: it is that of an authority, which may not stand for a server; have the authority issue one for the server"
            )
        } else {
            format!("the certificate of {peer} is not trusted: {why}")
        };
        self.failure(TransportErrorKind::Certificate, text)
    }

    fn protocol(&self, what: &str) -> TransportError {
        let peer = self.peer();
        if what.contains("too many headers") {
            return self.failure(TransportErrorKind::TooLarge, format!("{peer} sent more than 128 headers"));
        }
        // The one text that can repeat a header.
        let what = if what.starts_with("bad header") { "a header is malformed" } else { what };
        self.failure(TransportErrorKind::Protocol, format!("what {peer} answered is not HTTP: {what}"))
    }

    /// ureq only tells the status in a text: `proxy server responded 407/407`.
    fn proxy_refused(&self, reason: &str) -> TransportError {
        let (target, peer) = (self.target, self.peer());
        let digits: String =
            reason.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        let (kind, status) = match digits.parse::<u16>() {
            Ok(status @ (408 | 429 | 500..)) => (TransportErrorKind::Connect, status),
            Ok(status) => (TransportErrorKind::Proxy, status),
            Err(_) => {
                return self.failure(
                    TransportErrorKind::ConnectionLost,
                    format!("{peer} closed the connection before the way to {target} was open"),
                );
            }
        };
        let hint = match digits.as_str() {
            "401" | "407" => CREDENTIALS,
            "403" => {
                "it does not allow this host: ask its operator, or name the host in NO_PROXY if it can be reached directly"
            }
            _ if kind == TransportErrorKind::Connect => "it could not reach the host",
            _ => "ask its operator",
        };
        self.failure(kind, format!("{peer} did not open the way to {target} ({digits}): {hint}"))
            .status(status)
    }

    /// Who is at the other end of the connection in this phase.
    fn peer(&self) -> String {
        match (self.proxy, self.call.phase()) {
            (Some(proxy), Phase::LookUp | Phase::Connect | Phase::Tunnel) => format!("the proxy {proxy}"),
            _ => self.target.to_string(),
        }
    }

    fn failure(&self, kind: TransportErrorKind, text: String) -> TransportError {
        TransportError::new(kind, text)
    }
}

/// The reason alone: without what the system says before it, and without an address that was told already.
fn why(error: &io::Error, peer: &str) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    match text.rsplit_once(" (") {
        Some((before, address)) if peer.ends_with(address.trim_end_matches(')')) => before.to_owned(),
        _ => text.to_owned(),
    }
}

const CREDENTIALS: &str =
    "it wants a user and a password: write them into the proxy's URL, http://user:password@host:port";
