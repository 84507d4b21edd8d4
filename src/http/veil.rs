//! Keeps secrets from ureq, which writes all it sends and receives to the log at the level trace.
//!
//! ureq redacts headers where it logs them one by one, but its protocol crate dumps the bytes of every head and answer
//! as well, headers marked as sensitive among them. So ureq never gets to see them: the headers that hold secrets are
//! put into a request on its way out, and those of an answer that hold some are taken from it on its way in. Bodies of
//! answers are set aside (`aside`), and what was sent as a secret is covered wherever else it comes back (`echo`). What
//! is still dumped at that level are URLs, other headers and zeroes. Bodies of requests ureq does not dump.

use std::fmt;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::aside::Aside;
use super::deadline;

/// The outermost layer of a connection.
pub(super) struct Veil<T> {
    inner: T,
    held: Held,
    /// The head of an answer until it is complete; none while a body is passed on.
    head: Option<Vec<u8>>,
    aside: Aside,
}

impl<T: Transport> Veil<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, held: Held::default(), head: None, aside: Aside::Whole }
    }

    /// Writes all pieces, as many at a time as there is room for.
    fn write(&mut self, pieces: [&[u8]; 3], timeout: NextTimeout) -> Result<(), ureq::Error> {
        let mut filled = 0;
        for mut piece in pieces {
            while !piece.is_empty() {
                let output = &mut self.inner.buffers().output()[filled..];
                let amount = piece.len().min(output.len());
                output[..amount].copy_from_slice(&piece[..amount]);
                piece = &piece[amount..];
                filled += amount;
                if !piece.is_empty() {
                    self.inner.transmit_output(filled, timeout)?;
                    filled = 0;
                }
            }
        }
        if filled > 0 {
            self.inner.transmit_output(filled, timeout)?;
        }
        Ok(())
    }

    /// Passes the head on if it is complete, and what follows it.
    fn pass_head(&mut self, mut bytes: Vec<u8>, searched: usize) -> Result<bool, ureq::Error> {
        if !bytes.starts_with(&PROTOCOL[..bytes.len().min(PROTOCOL.len())]) {
            // Not HTTP: ureq says so, whatever it is.
            self.held.input.resize(self.held.input.len() + bytes.len(), b'x');
            return Ok(true);
        }
        let Some(end) = end_of_head(&bytes, searched) else {
            let length = bytes.len();
            self.head = Some(bytes);
            if length > super::LARGEST_HEADERS {
                return Err(ureq::Error::LargeResponseHeader(length, super::LARGEST_HEADERS));
            }
            return Ok(false);
        };
        let rest = bytes.split_off(end);
        pass_lines(&bytes, &mut self.held.input);
        if is_followed_by_another(&bytes) {
            self.head = Some(rest);
        } else {
            self.aside = Aside::after(&bytes);
            self.aside.pass(&rest, &mut self.held.input);
        }
        Ok(true)
    }
}

impl<T: Transport> Transport for Veil<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.held
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.head = Some(Vec::new());
        let output = std::mem::take(&mut self.held.output);
        let bytes = &output[..amount];
        let secrets = deadline::take_secret_lines();
        let first_line = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (line, rest) = bytes.split_at(first_line);
        let written = self.write([line, &secrets, rest], timeout);
        self.held.output = output;
        written
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        loop {
            // What followed an informational answer may be a head already.
            let waiting = self.head.as_ref().is_some_and(|head| end_of_head(head, 0).is_some());
            if !waiting && !self.inner.maybe_await_input(timeout)? {
                return Ok(false);
            }
            let buffers = self.inner.buffers();
            let input = buffers.input();
            let amount = input.len();
            let Some(mut head) = self.head.take() else {
                self.aside.pass(input, &mut self.held.input);
                buffers.input_consume(amount);
                return Ok(amount > 0);
            };
            // Nearly always a head comes as a whole, and then it need not be put aside first.
            if head.is_empty() && pass_whole_head(input, &mut self.aside, &mut self.held.input) {
                buffers.input_consume(amount);
                return Ok(true);
            }
            let searched = if waiting { 0 } else { head.len() };
            head.extend_from_slice(input);
            buffers.input_consume(amount);
            if self.pass_head(head, searched)? {
                return Ok(true);
            }
        }
    }

    fn is_open(&mut self) -> bool {
        // More than the answer that was asked for makes a connection useless.
        self.head.as_ref().is_none_or(Vec::is_empty)
            && self.inner.buffers().input().is_empty()
            && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl<T: Transport> fmt::Debug for Veil<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Veil").field(&self.inner).finish()
    }
}

/// Passes a head that is complete and the last one, and what follows it.
fn pass_whole_head(bytes: &[u8], aside: &mut Aside, input: &mut Vec<u8>) -> bool {
    if !bytes.starts_with(PROTOCOL) {
        return false;
    }
    let Some(end) = end_of_head(bytes, 0).filter(|end| !is_followed_by_another(&bytes[..*end])) else {
        return false;
    };
    let (head, body) = bytes.split_at(end);
    pass_lines(head, input);
    *aside = Aside::after(head);
    aside.pass(body, input);
    true
}

/// Behind the blank line; everything before `searched` has been looked at.
fn end_of_head(bytes: &[u8], searched: usize) -> Option<usize> {
    let mut start = searched.saturating_sub(2);
    loop {
        let rest = bytes.get(start..)?;
        let line_end = start + rest.iter().position(|byte| *byte == b'\n')?;
        match bytes[line_end + 1..] {
            [b'\r', b'\n', ..] => return Some(line_end + 3),
            [b'\n', ..] => return Some(line_end + 2),
            _ => start = line_end + 1,
        }
    }
}

/// An informational answer (`HTTP/1.1 1xx`) is followed by the one that counts; 101 is none of these.
fn is_followed_by_another(head: &[u8]) -> bool {
    head.get(9..12).is_some_and(|status| status.starts_with(b"1") && status != b"101")
}

/// All lines but those with secrets, of which the token is kept for the answer.
fn pass_lines(head: &[u8], input: &mut Vec<u8>) {
    let begin = input.len();
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next());
        if let Some(value) = value
            && name.eq_ignore_ascii_case(b"x-subject-token")
        {
            deadline::keep_subject_token(value.trim_ascii());
        } else if !name.eq_ignore_ascii_case(b"set-cookie") {
            input.extend_from_slice(line);
        }
    }
    deadline::hide_in(&mut input[begin..]);
}

/// What is passed between ureq and the connection.
#[derive(Default)]
struct Held {
    output: Vec<u8>,
    input: Vec<u8>,
    consumed: usize,
    /// The last use of the input took something, so that what is left can be used without waiting for more.
    progress: bool,
    scratch: Vec<u8>,
}

impl Buffers for Held {
    fn output(&mut self) -> &mut [u8] {
        self.output.resize(OUTPUT, 0);
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        &self.input[self.consumed..]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.scratch.resize(SCRATCH, 0);
        &mut self.scratch
    }

    fn input_appended(&mut self, amount: usize) {
        self.input.extend_from_slice(&self.scratch[..amount]);
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
        self.output.resize(OUTPUT, 0);
        self.scratch.resize(SCRATCH, 0);
        (&mut self.scratch, &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        !self.input().is_empty() && self.progress
    }
}

const PROTOCOL: &[u8] = b"HTTP/";
/// The longest line of a request must fit, but for those that are put in here.
const OUTPUT: usize = 32 * 1024;
const SCRATCH: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use ureq::unversioned::transport::LazyBuffers;

    use super::*;
    use crate::http::deadline::RequestDeadline;

    /// Gives what it is told to give, and keeps what it gets.
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

    /// A veil over a connection that answers with these pieces, the request being sent.
    fn asked(pieces: &[&[u8]]) -> Veil<Script> {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        let script = Script { buffers: LazyBuffers::new(1000, 10), pieces, sent: Vec::new() };
        let mut veil = Veil::new(script);
        let request = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
        veil.buffers().output()[..request.len()].copy_from_slice(request);
        veil.transmit_output(request.len(), NextTimeout::default()).unwrap();
        veil
    }

    /// All that comes through until the end of the connection, taken as it comes.
    fn read(veil: &mut Veil<Script>) -> Vec<u8> {
        let mut all = Vec::new();
        while veil.await_input(NextTimeout::default()).unwrap() {
            let input = veil.buffers().input().to_vec();
            veil.buffers().input_consume(input.len());
            all.extend(input);
        }
        all
    }

    #[test]
    fn secret_lines_follow_the_first_line_of_one_request_only() {
        let call = RequestDeadline::begin(Duration::from_secs(5), b"x-auth-token: t\r\n".to_vec());
        let first = asked(&[]);
        assert_eq!(first.inner.sent, b"GET / HTTP/1.1\r\nx-auth-token: t\r\nhost: h\r\n\r\n");
        assert_eq!(asked(&[]).inner.sent, b"GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        drop(call);
    }

    #[test]
    fn a_secret_is_taken_out_of_an_answer_wherever_that_is_cut() {
        let early = "HTTP/1.1 103 Early\r\nset-cookie: s\r\n\r\n";
        let head = "HTTP/1.1 201 Made\r\nX-Subject-Token:  t0k3n \r\nSet-Cookie: s\r\nx: y\r\n\r\n";
        let body = "x-subject-token: in a body\r\n\r\nHTTP/1.1 200 OK\r\nset-cookie: too\r\n\r\n";
        let answer = format!("{early}{head}{body}");
        let zeroes = "\0".repeat(body.len());
        let expected = format!("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 201 Made\r\nx: y\r\n\r\n{zeroes}");
        for cut in 0..answer.len() {
            let call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
            let (one, two) = answer.as_bytes().split_at(cut);
            let pieces: Vec<&[u8]> = [one, two].into_iter().filter(|piece| !piece.is_empty()).collect();
            assert_eq!(String::from_utf8(read(&mut asked(&pieces))).unwrap(), expected, "cut at {cut}");
            assert_eq!(call.subject_token().unwrap().expose(), "t0k3n");
            assert_eq!(call.body(1000), body.as_bytes());
        }
        let _call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        let bytes: Vec<&[u8]> = answer.as_bytes().chunks(1).collect();
        assert_eq!(read(&mut asked(&bytes)), expected.as_bytes());
    }

    #[test]
    fn a_secret_that_comes_back_in_a_head_is_covered() {
        let call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        call.hide(vec![crate::util::secret::Secret::new("s3cret")]);
        let mut veil = asked(&[b"HTTP/1.1 401 not s3", b"cret\r\nx-request-id: as3cretb\r\n\r\n"]);
        assert_eq!(read(&mut veil), b"HTTP/1.1 401 not ******\r\nx-request-id: a******b\r\n\r\n");
    }

    #[test]
    fn lines_may_end_without_a_return() {
        let _call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        let mut veil = asked(&[b"HTTP/1.1 200 OK\nset-cookie: s\nx: y\n\nbody"]);
        assert_eq!(read(&mut veil), b"HTTP/1.1 200 OK\nx: y\n\n\0\0\0\0");
    }

    #[test]
    fn what_is_not_http_is_passed_on_at_once_and_half_a_head_never() {
        let _call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        assert_eq!(read(&mut asked(&[b"SSH-2.0"])), b"xxxxxxx");
        assert_eq!(read(&mut asked(&[b"HTTP/1.1 200 OK\r\nx-subject-token: s"])), b"");
    }

    #[test]
    fn more_than_was_asked_for_makes_a_connection_useless() {
        let _call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        let mut veil = asked(&[b"HTTP/1.1 100 Continue\r\n\r\nHTTP"]);
        assert!(veil.is_open());
        read(&mut veil);
        assert!(!veil.is_open());
    }
}
