//! Sets the bodies of answers aside, so that ureq's log cannot hold what is in them.
//!
//! ureq needs a body only to find its end. So it gets a zero for each byte, and the bytes themselves go past it (see
//! `call`). Of a body in chunks it gets the lengths of the chunks as they came, and nothing else as it came.

use super::deadline;

/// What stands between one head of an answer and the next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Aside {
    /// The whole rest is the body.
    Whole,
    /// The length of a chunk; so many characters of that line have come. What stands behind it in the line is nothing.
    Length { chunk: usize, line: usize, past: bool },
    /// So much of a chunk is still to come.
    Chunk(usize),
    /// What ends a chunk, and what stands behind the last one: only line ends count.
    Framing { last: bool },
}

impl Aside {
    /// The body that follows this head, cut into chunks or not by the rule that ureq has for it.
    pub(super) fn after(head: &[u8]) -> Self {
        let is_chunked = |line: &[u8]| {
            // Most lines begin with another letter.
            if !matches!(line.first(), Some(b't' | b'T')) {
                return false;
            }
            let mut parts = line.splitn(2, |byte| *byte == b':');
            let name = parts.next().unwrap_or_default();
            let mut values = parts.next().unwrap_or_default().split(|byte| *byte == b',');
            name.eq_ignore_ascii_case(b"transfer-encoding")
                && values.any(|value| value.trim_ascii().eq_ignore_ascii_case(b"chunked"))
        };
        let is_old = head.starts_with(b"HTTP/1.0");
        if !is_old && head.split(|byte| *byte == b'\n').any(is_chunked) { FIRST_CHUNK } else { Self::Whole }
    }

    /// Sets the body in these bytes aside, and gives to `input` what stands in their place.
    pub(super) fn pass(&mut self, mut bytes: &[u8], input: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let amount = match *self {
                Self::Whole => bytes.len(),
                Self::Chunk(left) => left.min(bytes.len()),
                _ => 0,
            };
            if amount > 0 {
                let (body, rest) = bytes.split_at(amount);
                deadline::set_aside(body);
                input.resize(input.len() + amount, 0);
                bytes = rest;
                if let Self::Chunk(left) = self {
                    *left -= amount;
                    if *left == 0 {
                        *self = Self::Framing { last: false };
                    }
                }
                continue;
            }
            input.push(self.frame(bytes[0]));
            bytes = &bytes[1..];
        }
    }

    /// One byte between chunks, and what ureq sees of it.
    fn frame(&mut self, byte: u8) -> u8 {
        let is_end = byte == b'\n';
        match *self {
            Self::Length { chunk, line, past } => {
                let digit = char::from(byte).to_digit(16).filter(|_| !past && line < LONGEST_LENGTH);
                let longer = digit.and_then(|digit| chunk.checked_mul(16)?.checked_add(digit as usize));
                *self = match longer {
                    _ if is_end && chunk == 0 => Self::Framing { last: true },
                    _ if is_end => Self::Chunk(chunk),
                    Some(chunk) => Self::Length { chunk, line: line + 1, past },
                    None => Self::Length { chunk, line: line + 1, past: past || byte != b' ' },
                };
                match byte {
                    b'\r' | b'\n' | b' ' | b';' => byte,
                    _ if longer.is_some() => byte,
                    _ => b'x',
                }
            }
            Self::Framing { last } => {
                if is_end && !last {
                    *self = FIRST_CHUNK;
                }
                if is_end || byte == b'\r' { byte } else { b'x' }
            }
            Self::Whole | Self::Chunk(_) => 0,
        }
    }
}

const FIRST_CHUNK: Aside = Aside::Length { chunk: 0, line: 0, past: false };
/// More digits than any length has.
const LONGEST_LENGTH: usize = 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::http::deadline::RequestDeadline;

    /// What ureq gets, and what was set aside.
    fn passed(head: &str, pieces: &[&[u8]]) -> (String, String) {
        let call = RequestDeadline::begin(Duration::from_secs(5), Vec::new());
        let (mut aside, mut input) = (Aside::after(head.as_bytes()), Vec::new());
        pieces.iter().for_each(|piece| aside.pass(piece, &mut input));
        (String::from_utf8(input).unwrap().replace('\0', "0"), String::from_utf8(call.body(1000)).unwrap())
    }

    #[test]
    fn a_body_is_chunked_by_the_rule_of_ureq() {
        for (head, is) in [
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding:gzip , CHUNKED\r\n\r\n", true),
            ("HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n", true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedly\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nx-transfer-encoding: chunked\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\n\r\n", false),
        ] {
            assert_eq!(Aside::after(head.as_bytes()) != Aside::Whole, is, "{head}");
        }
    }

    #[test]
    fn only_the_frame_of_a_body_is_seen_wherever_that_is_cut() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let body = b"5\r\nsecre\r\n00A;name=secret\r\nt secret s\r\n0\r\nx-secret: secret\r\n\r\n".as_slice();
        let seen = "5\r\n00000\r\n00A;xxxxxxxxxxx\r\n0000000000\r\n0\r\nxxxxxxxxxxxxxxxx\r\n\r\n";
        for cut in 0..body.len() {
            let (one, two) = body.split_at(cut);
            assert_eq!(passed(head, &[one, two]), (seen.to_string(), "secret secret s".to_string()), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn no_body_is_seen_and_no_cut_changes_what_is(
            body in "(0|1|7|a|F|;|s|\r|\n|\r\n|secret){0,60}",
            cuts in proptest::collection::vec(0usize..200, 0..6),
        ) {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let whole = passed(head, &[body.as_bytes()]);
            prop_assert_eq!(whole.0.len(), body.len());
            prop_assert!(!whole.0.contains(['s', 't']), "{}", whole.0);
            let (mut pieces, mut rest) = (Vec::new(), body.as_bytes());
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            pieces.push(rest);
            prop_assert_eq!(passed(head, &pieces), whole);
        }
    }

    #[test]
    fn what_is_no_frame_is_not_seen_either() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        for (body, seen) in [
            ("secret\r\nsecret", "xxxxxx\r\nxxxxxx"),
            ("1 secret\r\n", "1 xxxxxx\r\n"),
            ("fffffffffffffffffffffffff\r\nsecret", "ffffffffffffffffxxxxxxxxx\r\n000000"),
            ("2\r\nabsecret\r\n", "2\r\n00xxxxxx\r\n"),
        ] {
            let (input, _) = passed(head, &[body.as_bytes()]);
            assert!(!input.contains("secret"), "{input}");
            assert_eq!(input.len(), body.len());
            assert_eq!(input, seen);
        }
        assert_eq!(passed("HTTP/1.1 200 OK\r\n\r\n", &[b"sec", b"ret"]), ("000000".into(), "secret".into()));
    }
}
