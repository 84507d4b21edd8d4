//! A tunnel through a proxy: `CONNECT host:port`, and what the proxy responds.
//!
//! ureq's own connector accepts at most 20 headers and no informational response, and does not tell which
//! authentication schemes a proxy offers.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, Transport, TransportAdapter};

use super::proxy::ProxyServer;
use super::{MAX_HEADERS, USER_AGENT};

/// The first link of the chain: connects to the proxy, if there is one, and opens a tunnel to the host.
#[derive(Debug)]
pub(super) struct TunnelConnector {
    pub(super) proxy: Option<Arc<ProxyServer>>,
}

impl<In: Transport> Connector<In> for TunnelConnector {
    type Out = Either<In, Tunnel>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        if let Some(transport) = chained {
            return Ok(Some(Either::A(transport)));
        }
        let Some(proxy) = self.proxy.as_deref().filter(|proxy| !proxy.is_destination(details)) else {
            return Ok(None);
        };
        let to_proxy = ConnectionDetails {
            uri: &proxy.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        // The whole chain once more, for TCP and perhaps TLS to the proxy.
        let transport = (details.run_connector)(&to_proxy)?;
        let mut writer = TransportAdapter::new(transport, details.current_time.clone());
        writer.write_all(connect_request(proxy, details).as_bytes())?;
        let mut transport = writer.into_inner();
        read_response(&mut transport, details)?;
        Ok(Some(Either::B(Tunnel(transport))))
    }
}

/// The connection to the proxy, used as one to the host.
#[derive(Debug)]
pub(super) struct Tunnel(Box<dyn Transport>);

impl Transport for Tunnel {
    fn buffers(&mut self) -> &mut dyn ureq::unversioned::transport::Buffers {
        self.0.buffers()
    }

    fn transmit_output(
        &mut self,
        amount: usize,
        timeout: ureq::unversioned::transport::NextTimeout,
    ) -> Result<(), ureq::Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(
        &mut self,
        timeout: ureq::unversioned::transport::NextTimeout,
    ) -> Result<bool, ureq::Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        // TLS to the proxy is none to the host.
        false
    }
}

/// The proxy's response opens no tunnel.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// `None` if the response is not HTTP.
    pub(super) status: Option<u16>,
    /// The authentication schemes of `Proxy-Authenticate`.
    pub(super) schemes: Vec<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proxy opened no tunnel")
    }
}

impl std::error::Error for Refusal {}

/// The schemes of the values of `Proxy-Authenticate`: `Negotiate, Basic realm="x"` are two.
pub(super) fn schemes<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let challenges = values.flat_map(|value| value.split(','));
    let words = challenges.filter_map(|challenge| challenge.split_whitespace().next());
    let is_scheme = |word: &&str| {
        word.len() <= 20 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    words.filter(is_scheme).take(8).map(str::to_owned).collect()
}

fn connect_request(proxy: &ProxyServer, details: &ConnectionDetails<'_>) -> String {
    let host = details.uri.host().unwrap_or_default();
    let standard = if details.needs_tls() { 443 } else { 80 };
    let port = details.uri.port_u16().unwrap_or(standard);
    let credentials = proxy.credentials().map_or_else(String::new, |credentials| {
        format!("Proxy-Authorization: Basic {}\r\n", base64(credentials.as_bytes()))
    });
    format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {USER_AGENT}\r\n\
         Proxy-Connection: Keep-Alive\r\n{credentials}\r\n"
    )
}

/// Reads heads until one that is not informational.
fn read_response(transport: &mut impl Transport, details: &ConnectionDetails<'_>) -> Result<(), ureq::Error> {
    let mut head = Vec::new();
    loop {
        if !transport.maybe_await_input(details.timeout)? {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let before = head.len();
        head.extend_from_slice(transport.buffers().input());
        let end = end_of_head(&head);
        transport.buffers().input_consume(end.unwrap_or(head.len()) - before);
        if !PROTOCOL.starts_with(&head[..head.len().min(PROTOCOL.len())]) {
            return Err(refusal(Refusal::default()));
        }
        let Some(end) = end else {
            if head.len() > MAX_HEADERS {
                return Err(ureq::Error::LargeResponseHeader(head.len(), MAX_HEADERS));
            }
            continue;
        };
        let text = String::from_utf8_lossy(&head[..end]);
        let mut lines = text.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        match status {
            Some(100..=199) => head.clear(),
            Some(200..=299) => return Ok(()),
            _ => {
                let values = lines.filter_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("proxy-authenticate").then_some(value)
                });
                return Err(refusal(Refusal { status, schemes: schemes(values) }));
            }
        }
    }
}

fn refusal(refusal: Refusal) -> ureq::Error {
    ureq::Error::Other(Box::new(refusal))
}

/// Where the empty line ends.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let line_ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    line_ends.into_iter().find_map(|at| match bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    text
}

const PROTOCOL: &[u8] = b"HTTP/1.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("ü?~>", "w7w/fj4="),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn a_head_ends_with_an_empty_line() {
        for (bytes, end) in [
            ("", None),
            ("HTTP/1.1 200 OK\r\n", None),
            ("HTTP/1.1 200 OK\r\n\r", None),
            ("HTTP/1.1 200 OK\r\n\r\n", Some(19)),
            ("HTTP/1.1 200 OK\n\nx", Some(17)),
            ("HTTP/1.1 200 OK\r\nx: y\r\n\r\nz\r\n\r\n", Some(25)),
        ] {
            assert_eq!(end_of_head(bytes.as_bytes()), end, "{bytes}");
        }
    }

    #[test]
    fn each_challenge_names_a_scheme() {
        for (values, expected) in [
            (&[][..], ""),
            (&["Basic realm=\"a b\""], "Basic"),
            (&["Negotiate", "NTLM", " Digest realm=\"x\", nonce=\"y\""], "Negotiate NTLM Digest"),
            (&["Negotiate, Basic realm=\"x, y\""], "Negotiate Basic"),
            (&["\x1b[31m", "", ","], ""),
        ] {
            assert_eq!(schemes(values.iter().copied()).join(" "), expected, "{values:?}");
        }
    }
}
