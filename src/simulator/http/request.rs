//! Reads one HTTP request from a connection, with bounds on its size.

use std::io::Read;

/// A request as received.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path without the query, not decoded.
    pub(crate) path: String,
    /// The query without `?`; empty if there is none.
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) keep_alive: bool,
}

impl Request {
    /// The first value of this header; the name is case-insensitive.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The percent-decoded value of this name in the query.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| String::from_utf8_lossy(&unescape(value.as_bytes())).into_owned())
        })
    }

    /// The path with the query.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

/// Why there is no request.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum NoRequest {
    /// The client closed the connection or was idle for too long.
    Gone,
    /// Not a valid request: respond with this status and message and close the connection.
    Bad(u16, &'static str),
}

/// Received bytes that are not consumed yet: the beginning of the next request.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    /// The next request. `send_continue` is called when the client expects `100 Continue` before it sends the body.
    pub(crate) fn next(
        &mut self,
        stream: &mut impl Read,
        mut send_continue: impl FnMut(),
    ) -> Result<Request, NoRequest> {
        let (mut request, length) = self.head(stream)?;
        if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            send_continue();
        }
        request.body = match length {
            BodyLength::Known(length) => self.take(stream, length)?,
            BodyLength::Chunked => self.chunks(stream)?,
        };
        Ok(request)
    }

    fn head(&mut self, stream: &mut impl Read) -> Result<(Request, BodyLength), NoRequest> {
        // Parse at the first bytes and after every line only, not after every byte.
        let mut try_parse = !self.bytes.is_empty();
        loop {
            if try_parse {
                // Empty lines before a request are ignored (RFC 9112, section 2.2).
                let blank = self.bytes.iter().take_while(|byte| b"\r\n".contains(byte)).count();
                self.bytes.drain(..blank);
                if let Some((request, length, used)) = parse(&self.bytes)? {
                    self.bytes.drain(..used);
                    return Ok((request, length));
                }
                if self.bytes.len() > MAX_HEAD {
                    return Err(NoRequest::Bad(431, "the headers are larger than 128 KiB"));
                }
            }
            let before = self.bytes.len();
            self.more(stream)?;
            let new = self.bytes.get(before..).unwrap_or_default();
            try_parse = before == 0 || new.contains(&b'\n') || self.bytes.len() > MAX_HEAD;
        }
    }

    fn more(&mut self, stream: &mut impl Read) -> Result<(), NoRequest> {
        let mut piece = [0; 16 * 1024];
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => Err(NoRequest::Gone),
            Ok(count) => {
                self.bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
                Ok(())
            }
        }
    }

    fn take(&mut self, stream: &mut impl Read, length: usize) -> Result<Vec<u8>, NoRequest> {
        while self.bytes.len() < length {
            self.more(stream)?;
        }
        Ok(self.bytes.drain(..length).collect())
    }

    fn line(&mut self, stream: &mut impl Read) -> Result<Vec<u8>, NoRequest> {
        loop {
            if let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.bytes.drain(..=end).collect();
                while line.last().is_some_and(|byte| b"\r\n".contains(byte)) {
                    line.pop();
                }
                return Ok(line);
            }
            if self.bytes.len() > MAX_CHUNK_LINE {
                return Err(NoRequest::Bad(400, "a chunk size line is too long"));
            }
            self.more(stream)?;
        }
    }

    fn chunks(&mut self, stream: &mut impl Read) -> Result<Vec<u8>, NoRequest> {
        let mut body = Vec::new();
        loop {
            let line = self.line(stream)?;
            let size = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
            let size =
                std::str::from_utf8(size).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
            let size = size.and_then(|text| usize::from_str_radix(text, 16).ok());
            let Some(size) = size else {
                return Err(NoRequest::Bad(400, "a chunk has no size"));
            };
            if size == 0 {
                return self.trailers(stream).map(|()| body);
            }
            if size > MAX_BODY.saturating_sub(body.len()) {
                return Err(NoRequest::Bad(413, TOO_LARGE));
            }
            body.extend(self.take(stream, size)?);
            if !self.line(stream)?.is_empty() {
                return Err(NoRequest::Bad(400, "a chunk is longer than its size"));
            }
        }
    }

    fn trailers(&mut self, stream: &mut impl Read) -> Result<(), NoRequest> {
        let mut most = 100_usize;
        while !self.line(stream)?.is_empty() {
            most = most.checked_sub(1).ok_or(NoRequest::Bad(431, "there are too many trailers"))?;
        }
        Ok(())
    }
}

#[derive(Debug, Eq, PartialEq)]
enum BodyLength {
    Known(usize),
    Chunked,
}

/// A complete request head and its length in bytes; none if it is not complete yet.
fn parse(bytes: &[u8]) -> Result<Option<(Request, BodyLength, usize)>, NoRequest> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let used = match head.parse(bytes) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(NoRequest::Bad(431, "there are more than 128 headers"));
        }
        Err(httparse::Error::Version) => {
            return Err(NoRequest::Bad(505, "only HTTP/1.0 and HTTP/1.1 are supported"));
        }
        Err(_) => return Err(NoRequest::Bad(400, "this is not an HTTP request")),
    };
    if used > MAX_HEAD {
        return Err(NoRequest::Bad(431, "the headers are larger than 128 KiB"));
    }
    let target = origin(head.path.unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let own = |header: &httparse::Header<'_>| {
        (header.name.to_owned(), String::from_utf8_lossy(header.value).trim().to_owned())
    };
    let mut request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: head.headers.iter().map(own).collect(),
        body: Vec::new(),
        keep_alive: true,
    };
    let modern = head.version == Some(1);
    if modern && request.header("host").is_none() {
        return Err(NoRequest::Bad(400, "the header Host is missing"));
    }
    let connection = request.header("connection").unwrap_or_default().to_ascii_lowercase();
    request.keep_alive =
        if modern { !connection.contains("close") } else { connection.contains("keep-alive") };
    let length = body_length(&request)?;
    Ok(Some((request, length, used)))
}

fn body_length(request: &Request) -> Result<BodyLength, NoRequest> {
    let lengths: Vec<&str> = request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.as_str())
        .collect();
    match (request.header("transfer-encoding"), lengths.as_slice()) {
        (None, []) => Ok(BodyLength::Known(0)),
        (Some(coding), []) if coding.eq_ignore_ascii_case("chunked") => Ok(BodyLength::Chunked),
        (Some(_), []) => Err(NoRequest::Bad(501, "chunked is the only supported transfer coding")),
        (Some(_), _) => Err(NoRequest::Bad(400, "Content-Length and Transfer-Encoding exclude each other")),
        (None, [first, rest @ ..]) => {
            let digits = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || rest.iter().any(|other| other != first) {
                return Err(NoRequest::Bad(400, "the Content-Length is not a number"));
            }
            match first.parse() {
                Ok(length) if length <= MAX_BODY => Ok(BodyLength::Known(length)),
                _ => Err(NoRequest::Bad(413, TOO_LARGE)),
            }
        }
    }
}

/// The target without scheme and host, which a request through a proxy has.
fn origin(target: &str) -> &str {
    match target.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
        }
        _ => target,
    }
}

/// Decodes percent escapes; an invalid escape stays as it is.
pub(crate) fn unescape(text: &[u8]) -> Vec<u8> {
    let digit = |place: usize| text.get(place).and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::with_capacity(text.len());
    let mut place = 0;
    while let Some(byte) = text.get(place) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(place + 1), digit(place + 2)) {
            plain.push(u8::try_from(high * 16 + low).unwrap_or_default());
            place += 3;
        } else {
            plain.push(*byte);
            place += 1;
        }
    }
    plain
}

const MAX_HEAD: usize = 128 * 1024;
const MAX_HEADERS: usize = 128;
const MAX_BODY: usize = 1024 * 1024;
const MAX_CHUNK_LINE: usize = 8 * 1024;
const TOO_LARGE: &str = "the body is larger than 1 MiB";

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a few bytes at a time, as a network may.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(self.1).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(bytes: &[u8]) -> Result<Request, NoRequest> {
        Inbox::default().next(&mut Pieces(bytes, usize::MAX), || {})
    }

    #[test]
    fn a_request_is_parsed_the_same_however_it_is_split() {
        let bytes = b"\r\nPOST /v1/p/x?a=1%202&b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n";
        for size in [1, 2, 7, 1000] {
            let (mut inbox, mut stream) = (Inbox::default(), Pieces(bytes, size));
            let first = inbox.next(&mut stream, || {}).unwrap();
            assert_eq!(
                (first.method.as_str(), first.path.as_str(), first.body.as_slice()),
                ("POST", "/v1/p/x", &b"hello"[..])
            );
            assert_eq!(first.query_value("a").as_deref(), Some("1 2"));
            assert_eq!(first.query_value("b").as_deref(), Some(""));
            assert_eq!(first.query_value("c"), None);
            let second = inbox.next(&mut stream, || {}).unwrap();
            assert_eq!((second.path.as_str(), second.body.as_slice()), ("/", &b"abcde"[..]));
            assert_eq!(inbox.next(&mut stream, || {}).unwrap_err(), NoRequest::Gone);
        }
    }

    #[test]
    fn an_invalid_request_gets_an_error_status() {
        let long = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "y".repeat(MAX_HEAD));
        let endless = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}", "y".repeat(MAX_HEAD + 20_000));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
        let table: [(&[u8], u16); 15] = [
            (b"\x16\x03\x01\x02\x00", 400),
            (b"hello\r\n", 400),
            (b"GET / HTTP/1.1\r\n\r\n", 400),
            (b"GET / HTTP/3.0\r\n\r\n", 505),
            (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n", 413),
            (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
            (b"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413),
            (b"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\n", 400),
            (long.as_bytes(), 431),
            (endless.as_bytes(), 431),
            (many.as_bytes(), 431),
        ];
        for (bytes, expected) in table {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
            match read(bytes) {
                Err(NoRequest::Bad(status, _)) => assert_eq!(status, expected, "{shown}"),
                other => panic!("{shown}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_incomplete_request_is_gone() {
        let whole = b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]).unwrap_err(), NoRequest::Gone, "cut at {end}");
        }
    }

    #[test]
    fn connections_are_kept_alive_by_the_rules_of_http() {
        let table = [
            ("HTTP/1.1\r\nHost: h", true),
            ("HTTP/1.1\r\nHost: h\r\nConnection: Close", false),
            ("HTTP/1.0", false),
            ("HTTP/1.0\r\nConnection: keep-alive", true),
        ];
        for (rest, expected) in table {
            assert_eq!(
                read(format!("GET / {rest}\r\n\r\n").as_bytes()).unwrap().keep_alive,
                expected,
                "{rest}"
            );
        }
    }

    #[test]
    fn the_host_of_an_absolute_target_is_dropped() {
        let table = [("http://h:1/a?b", "/a?b"), ("http://h", "/"), ("/a://b", "/a://b"), ("*", "*")];
        for (target, expected) in table {
            assert_eq!(origin(target), expected);
        }
    }

    #[test]
    fn continue_is_sent_once_when_expected() {
        let mut count = 0;
        let bytes = b"PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx";
        Inbox::default().next(&mut Pieces(bytes, 1), || count += 1).unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn invalid_escapes_stay() {
        let table: [(&str, &[u8]); 4] = [("a%41", b"aA"), ("%", b"%"), ("%4", b"%4"), ("%zz%ff", b"%zz\xff")];
        for (text, expected) in table {
            assert_eq!(unescape(text.as_bytes()), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, size in 1_usize..40) {
            let (mut inbox, mut stream) = (Inbox::default(), Pieces(&bytes, size));
            while inbox.next(&mut stream, || {}).is_ok() {}
        }

        #[test]
        fn almost_valid_requests_never_panic(
            head in "(GET|POST) [ -~]{0,12} HTTP/1\\.[01]\r\n((Host|Content-Length|Transfer-Encoding): (h|[0-9]{1,21}|chunked)\r\n){0,4}\r\n",
            rest in "([0-9a-f]{0,3}\r\n[a-z]{0,3}\r\n){0,3}",
        ) {
            let bytes = [head.into_bytes(), rest.into_bytes()].concat();
            let (mut inbox, mut stream) = (Inbox::default(), Pieces(&bytes, 7));
            while inbox.next(&mut stream, || {}).is_ok() {}
        }
    }
}
