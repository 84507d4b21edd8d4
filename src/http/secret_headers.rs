//! The last layer of a connection: adds the secret headers to a request, and buffers the response for ureq.
//!
//! At the level TRACE, `ureq-proto` logs the bytes of each request head that it writes and of everything that it reads.
//! Headers with secrets are therefore not given to ureq at all: they are inserted here, behind the request line. What a
//! server sends is logged as it is.

use std::fmt;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::deadline::{self, Phase};
use super::{BUFFER, MAX_HEADERS};

pub(super) struct SecretHeaders<T> {
    inner: T,
    buffers: GrowingBuffers,
}

impl<T: Transport> SecretHeaders<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, buffers: GrowingBuffers::default() }
    }
}

impl<T: Transport> Transport for SecretHeaders<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let secret_lines = deadline::take_secret_lines();
        let output = &self.buffers.output[..amount];
        let request_line = output.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (request_line, rest) = output.split_at(if secret_lines.is_empty() { 0 } else { request_line });
        write(&mut self.inner, [request_line, &secret_lines, rest], timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        // ureq has no use yet for what it has: half a head, or half a line between two chunks.
        let held = self.buffers.input().len();
        if held > MAX_HEADERS {
            return Err(ureq::Error::LargeResponseHeader(held, MAX_HEADERS));
        }
        let more = self.inner.maybe_await_input(timeout)?;
        let received = self.inner.buffers();
        let amount = received.input().len();
        self.buffers.append(received.input());
        received.input_consume(amount);
        if deadline::phase() == Some(Phase::Wait) {
            unfold(self.buffers.unread());
        }
        Ok(more && amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // Bytes that nobody asked for make a connection unusable.
        self.inner.buffers().input().is_empty() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl<T: Transport> fmt::Debug for SecretHeaders<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretHeaders").field(&self.inner).finish()
    }
}

/// Writes all parts, as much at a time as the buffer holds.
fn write(inner: &mut impl Transport, parts: [&[u8]; 3], timeout: NextTimeout) -> Result<(), ureq::Error> {
    let mut filled = 0;
    for mut part in parts {
        while !part.is_empty() {
            let output = &mut inner.buffers().output()[filled..];
            let amount = part.len().min(output.len());
            output[..amount].copy_from_slice(&part[..amount]);
            part = &part[amount..];
            filled += amount;
            if !part.is_empty() {
                inner.transmit_output(filled, timeout)?;
                filled = 0;
            }
        }
    }
    if filled > 0 { inner.transmit_output(filled, timeout) } else { Ok(()) }
}

/// Replaces the line ends of folded header lines by spaces, up to the first empty line. RFC 9112, section 5.2, wants
/// that of a client; ureq rejects them.
fn unfold(head: &mut [u8]) {
    let mut start = 0;
    while let Some(end) = head[start..].iter().position(|byte| *byte == b'\n').map(|at| start + at) {
        match head[end + 1..] {
            [b' ' | b'\t', ..] => {
                let is_crlf = end > 0 && head[end - 1] == b'\r';
                head[end - usize::from(is_crlf)..=end].fill(b' ');
            }
            [b'\n', ..] | [b'\r', b'\n', ..] => return,
            _ => {}
        }
        start = end + 1;
    }
}

/// ureq's own buffers have one fixed size, and a head of 128 KiB must fit; these use what they need.
#[derive(Default)]
struct GrowingBuffers {
    output: Vec<u8>,
    input: Vec<u8>,
    consumed: usize,
    /// The last use of the input consumed something, so that the rest may be used without more input.
    progress: bool,
    scratch: Vec<u8>,
}

impl GrowingBuffers {
    fn append(&mut self, bytes: &[u8]) {
        self.input.drain(..std::mem::take(&mut self.consumed));
        self.input.extend_from_slice(bytes);
    }

    fn unread(&mut self) -> &mut [u8] {
        &mut self.input[self.consumed..]
    }
}

impl Buffers for GrowingBuffers {
    fn output(&mut self) -> &mut [u8] {
        self.output.resize(BUFFER, 0);
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        &self.input[self.consumed..]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.scratch.resize(BUFFER, 0);
        &mut self.scratch
    }

    fn input_appended(&mut self, amount: usize) {
        let scratch = std::mem::take(&mut self.scratch);
        self.append(&scratch[..amount]);
        self.scratch = scratch;
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.consumed += amount;
        if self.consumed >= self.input.len() {
            self.input.clear();
            self.consumed = 0;
        }
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.output.resize(BUFFER, 0);
        self.scratch.resize(BUFFER, 0);
        (&mut self.scratch, &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        !self.input().is_empty() && self.progress
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use ureq::unversioned::transport::LazyBuffers;

    use super::*;
    use crate::http::deadline::RequestDeadline;

    /// Sends what it is told to, and keeps what it receives.
    struct Script {
        buffers: LazyBuffers,
        pieces: VecDeque<Vec<u8>>,
        sent: Vec<u8>,
    }

    impl Transport for Script {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
            self.sent.extend_from_slice(&self.buffers.output()[..amount]);
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
            let Some(piece) = self.pieces.pop_front() else { return Ok(false) };
            self.buffers.input_append_buf()[..piece.len()].copy_from_slice(&piece);
            self.buffers.input_appended(piece.len());
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    impl fmt::Debug for Script {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Script")
        }
    }

    /// A request has been sent over a connection on which these pieces come back.
    fn sent(pieces: &[&[u8]]) -> SecretHeaders<Script> {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        let script = Script { buffers: LazyBuffers::new(1000, 10), pieces, sent: Vec::new() };
        let mut transport = SecretHeaders::new(script);
        let request = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
        transport.buffers().output()[..request.len()].copy_from_slice(request);
        transport.transmit_output(request.len(), NextTimeout::default()).unwrap();
        transport
    }

    #[test]
    fn secret_lines_follow_the_request_line_of_one_request_only() {
        let request = RequestDeadline::begin(Duration::from_secs(5), b"x-auth-token: t\r\n".to_vec());
        let first = sent(&[]);
        assert_eq!(first.inner.sent, b"GET / HTTP/1.1\r\nx-auth-token: t\r\nhost: h\r\n\r\n");
        assert_eq!(sent(&[]).inner.sent, b"GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        drop(request);
    }

    #[test]
    fn input_is_kept_until_it_is_used() {
        let _request = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        let mut transport = sent(&[b"HTTP", b"/1.1 200", b" OK"]);
        for (consume, expected) in [(0, &b"HTTP"[..]), (5, b"HTTP/1.1 200"), (0, b"1.1 200 OK")] {
            assert!(transport.await_input(NextTimeout::default()).unwrap());
            assert_eq!(transport.buffers().input(), expected);
            transport.buffers().input_consume(consume);
        }
        assert!(!transport.await_input(NextTimeout::default()).unwrap());
    }

    #[test]
    fn unsolicited_bytes_make_a_connection_unusable() {
        let mut transport = sent(&[b"HTTP"]);
        assert!(transport.is_open());
        assert!(transport.inner.await_input(NextTimeout::default()).unwrap());
        assert!(!transport.is_open());
    }

    #[test]
    fn folded_lines_become_one_line() {
        for (head, expected) in [
            ("", ""),
            ("HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\tc\r\n\r\n", "HTTP/1.1 200 OK\r\nx: a   b  \tc\r\n\r\n"),
            ("a: b\n c\n\n d\n e", "a: b  c\n\n d\n e"),
            ("a: b\r\n\r\n{\r\n  \"c\": 1\r\n}", "a: b\r\n\r\n{\r\n  \"c\": 1\r\n}"),
            ("\n a\r\n", "  a\r\n"),
        ] {
            let mut bytes = head.as_bytes().to_vec();
            unfold(&mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }
}
