//! From a request of this crate to one of ureq, with its secrets separated.

use ureq::http::{HeaderName, HeaderValue, Uri};

use crate::api::request::{Method, Request};
use crate::error::poll::{TransportError, TransportErrorKind};

/// Without an early exit the compiler checks many bytes at a time, and tokens are long.
fn is_header_value(value: &[u8]) -> bool {
    value.iter().fold(true, |good, byte| good & ((*byte == b'\t') | (*byte >= b' ') & (*byte <= b'~')))
}

/// The request as ureq sees it, and the lines of the headers that it must not see.
pub(super) fn message(request: &Request) -> Result<(ureq::http::Request<&[u8]>, Vec<u8>), TransportError> {
    let mut message = ureq::http::Request::new(request.body.expose().as_bytes());
    *message.method_mut() = match request.method {
        Method::Get => ureq::http::Method::GET,
        Method::Post => ureq::http::Method::POST,
    };
    *message.uri_mut() = Uri::try_from(request.url.to_text()).map_err(|error| {
        let text = format!("the URL for {} is malformed: {error}", request.url.origin());
        TransportError::new(TransportErrorKind::InvalidUrl, text)
    })?;
    let secrets = request.headers.iter().filter(|(_, text)| text.is_secret());
    let room = secrets.map(|(name, text)| name.len() + text.expose().len() + ": \r\n".len()).sum();
    let mut secret_lines = Vec::with_capacity(room);
    for (name, text) in &request.headers {
        let bad = || {
            let text =
                format!("the value of the header {name} contains a character that headers cannot have");
            TransportError::new(TransportErrorKind::InvalidUrl, text)
        };
        if text.is_secret() {
            let value = text.expose().as_bytes();
            if !is_header_value(value) {
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
