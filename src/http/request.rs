//! From a request of this crate to one of ureq, with its secrets set aside.

use std::fmt;

use ureq::http::{HeaderName, HeaderValue, Uri};

use super::proxy;
use crate::api::request::{Method, Request};
use crate::error::poll::{TransportError, TransportErrorKind};

/// A URL that can be asked: HTTP or HTTPS, a host, and nothing secret in it. It is not shown when it cannot.
pub(super) fn parse(url: &str) -> Result<Uri, TransportError> {
    let bad = |why: &str| TransportError::new(TransportErrorKind::InvalidUrl, why);
    let uri: Uri = url.parse().map_err(|error| bad(&format!("the URL is malformed: {error}")))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") if cfg!(feature = "rustls") => {}
        Some("https") => return Err(bad("built without TLS: enable the feature rustls")),
        _ => return Err(bad("the URL begins with neither https:// nor http://")),
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => {
            Err(bad("the URL holds a user or a password before its host: take it out"))
        }
        Some(authority) if proxy::has_bad_port(authority) => {
            Err(bad("the port of the URL is none: give 1 to 65535"))
        }
        Some(authority) if !authority.host().is_empty() => Ok(uri),
        _ => Err(bad("the URL has no host")),
    }
}

/// The `host:port` of a URL, worked out only where it is said.
#[derive(Clone, Copy)]
pub(super) struct Target<'a>(pub(super) &'a str);

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(uri) = self.0.parse::<Uri>() else { return f.write_str("the host") };
        let standard = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        write!(f, "{}:{}", uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(standard))
    }
}

/// Without an early end the compiler checks many bytes at a time, and tokens are long.
fn can_stand_in_a_header(value: &[u8]) -> bool {
    value.iter().fold(true, |good, byte| good & ((*byte == b'\t') | (*byte >= b' ') & (*byte <= b'~')))
}

/// The request as ureq sees it, and the lines of the headers that it must not see.
pub(super) fn message(
    request: &Request,
    uri: Uri,
) -> Result<(ureq::http::Request<&[u8]>, Vec<u8>), TransportError> {
    let mut message = ureq::http::Request::new(request.body.expose().as_bytes());
    *message.method_mut() = match request.method {
        Method::Get => ureq::http::Method::GET,
        Method::Post => ureq::http::Method::POST,
    };
    *message.uri_mut() = uri;
    let secrets = request.headers.iter().filter(|(_, text)| text.is_secret());
    let room = secrets.map(|(name, text)| name.len() + text.expose().len() + ": \r\n".len()).sum();
    let mut secret_lines = Vec::with_capacity(room);
    for (name, text) in &request.headers {
        let bad = || {
            let text = format!("the value of the header {name} holds a character that no header can");
            TransportError::new(TransportErrorKind::InvalidUrl, text)
        };
        if text.is_secret() {
            let value = text.expose().as_bytes();
            if !can_stand_in_a_header(value) {
                return Err(bad());
            }
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                secret_lines.extend_from_slice(part);
            }
        } else {
            let value = HeaderValue::from_str(text.expose()).map_err(|_| bad())?;
            let name = HeaderName::try_from(*name).map_err(|_| bad())?;
            message.headers_mut().append(name, value);
        }
    }
    Ok((message, secret_lines))
}
