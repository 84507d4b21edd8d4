//! Job ids out of a stream: plain ones, one a line, and JSON answers on one line or over many, in any mixture.

use std::io::{self, BufRead};

use crate::job::id::JobId;

use super::error;
use super::error::InputError;
use super::json_scanner::{Scan, Step};

/// The ids of a stream as they come. What is none is an item of its own, and the next one goes on after it.
#[derive(Debug)]
pub(crate) struct Items<R> {
    input: R,
    line: u64,
    /// After a broken JSON value: lines that poll like the rest of it are passed over.
    after_broken: bool,
    ended: bool,
}

impl<R: BufRead> Items<R> {
    pub(crate) const fn new(input: R) -> Self {
        Self { input, line: 1, after_broken: false, ended: false }
    }

    /// The next byte, which stays there.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the byte that was peeked.
    fn take(&mut self, byte: u8) {
        self.input.consume(1);
        self.line += u64::from(byte == b'\n');
    }

    fn next_item(&mut self) -> io::Result<Option<Result<JobId, InputError>>> {
        let mut indent = 0;
        let first = loop {
            match self.peek()? {
                None => return Ok(None),
                Some(b'\n') => {
                    self.take(b'\n');
                    indent = 0;
                }
                // The bytes of the mark that some editors begin a file with stand in no id.
                Some(blank) if blank.is_ascii_whitespace() || MARK.contains(&blank) => {
                    self.take(blank);
                    indent += 1;
                }
                Some(byte) if self.after_broken && is_rest(byte, indent) => {
                    self.rest_of_line()?;
                    indent = 0;
                }
                Some(byte) => break byte,
            }
        };
        self.after_broken = false;
        let line = self.line;
        let item = match first {
            b'{' | b'[' | b'"' => self.value()?,
            _ => self.plain()?,
        };
        Ok(Some(item.map_err(|bad| bad.at(line))))
    }

    /// A JSON value, over as many lines as it takes.
    fn value(&mut self) -> io::Result<Result<JobId, InputError>> {
        let (mut bytes, mut scan) = (Vec::new(), Scan::new());
        let mut line_is_blank = false;
        loop {
            let Some(byte) = self.peek()? else {
                return Ok(Err(broken(&bytes, "the JSON ends too early")));
            };
            let step = scan.take(byte);
            if step == Step::Broken {
                // A line that has nothing of the value yet may be a good item by itself.
                if !line_is_blank {
                    self.rest_of_line()?;
                }
                self.after_broken = true;
                return Ok(Err(broken(&bytes, "the JSON is broken")));
            }
            self.take(byte);
            bytes.push(byte);
            if step == Step::Done {
                return Ok(error::read(&bytes));
            }
            line_is_blank = byte == b'\n' || line_is_blank && byte.is_ascii_whitespace();
            if bytes.len() >= LONGEST {
                self.rest_of_line()?;
                self.after_broken = true;
                return Ok(Err(too_long()));
            }
        }
    }

    /// A line with an id and nothing else.
    fn plain(&mut self) -> io::Result<Result<JobId, InputError>> {
        let mut bytes = Vec::new();
        while let Some(byte) = self.peek()?.filter(|byte| *byte != b'\n') {
            if bytes.len() >= LONGEST {
                self.rest_of_line()?;
                return Ok(Err(too_long()));
            }
            self.take(byte);
            bytes.push(byte);
        }
        Ok(error::read(&bytes))
    }

    fn rest_of_line(&mut self) -> io::Result<()> {
        while let Some(byte) = self.peek()? {
            self.take(byte);
            if byte == b'\n' {
                break;
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for Items<R> {
    type Item = Result<JobId, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.next_item() {
            Ok(Some(item)) => Some(item),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(InputError::text(format!("it could not be read: {error}")).at(self.line)))
            }
        }
    }
}

/// Whether a line that begins so, that far to the right, is more likely the rest of a broken JSON value than an item.
fn is_rest(first: u8, indent: usize) -> bool {
    matches!(first, b'}' | b']' | b',' | b':') || indent > 0 && matches!(first, b'"' | b'{' | b'[')
}

fn broken(bytes: &[u8], problem: &str) -> InputError {
    let text = String::from_utf8_lossy(bytes);
    // Enough to know it again, too little for a secret.
    let began: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(24).collect();
    InputError::text(format!("{problem}, it begins with `{began}`"))
}

fn too_long() -> InputError {
    InputError::text("it is longer than 1 MiB")
}

const MARK: [u8; 3] = *b"\xef\xbb\xbf";

/// The longest item that is read.
const LONGEST: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use proptest::prelude::*;

    use super::*;

    /// The ids, and for what is none its text after `!`.
    fn read(input: &[u8]) -> Vec<String> {
        let items = Items::new(BufReader::with_capacity(3, Cursor::new(input.to_vec())));
        items.map(|item| item.map_or_else(|bad| format!("!{bad}"), |id| id.to_string())).collect()
    }

    #[test]
    fn ids_and_answers_may_be_mixed() {
        let input = "\u{feff}\r\na1\r\n\n  b2 \n{\"job_id\": \"c3\"}\n{\n  \"order_id\": {\"x\": [1, 2]},\n  \"jobId\": \"d4\"\n}\n\"e5\"\n{\"job_id\":\"f6\"}{\"job_id\":\"g7\"} \"h8\"\ni9";
        assert_eq!(read(input.as_bytes()), ["a1", "b2", "c3", "d4", "e5", "f6", "g7", "h8", "i9"]);
        assert!(read(b"").is_empty());
        assert!(read(b"\n \t\r\n").is_empty());
    }

    #[test]
    fn what_is_no_id_is_told_with_its_line_and_the_others_go_on() {
        for (input, expected) in [
            ("a\nb c\nd\n", vec!["a", "!line 2: `b c` is not a job id", "d"]),
            (
                "{\"job_id\": \"1\"\nff80\n",
                vec!["!line 1: the JSON is broken, it begins with `{\"job_id\": \"1\"`", "ff80"],
            ),
            ("{\"job_id\": \"1\"\n{\"job_id\": \"2\"}\n", vec!["!line 1: the JSON is broken", "2"]),
            ("{\n  \"a\": x,\n  \"b\": 1\n}\nff80\n", vec!["!line 1: the JSON is broken", "ff80"]),
            ("{\"job_id\": \"1\nff80\n", vec!["!line 1: the JSON is broken", "ff80"]),
            ("a\n{\"job_id\":", vec!["a", "!line 2: the JSON ends too early"]),
            ("null\na\n", vec!["!line 1: `null` is no job id", "a"]),
            (
                "{\n\"error\":{\"code\":\"Ecs.0019\",\"message\":\"no\"}\n}\na",
                vec!["!line 1: the service refused the call, so there is no job: Ecs.0019: no", "a"],
            ),
            ("[{\"job_id\":\"1\"}]\na", vec!["!line 1: the answer has no job_id", "a"]),
        ] {
            let items = read(input.as_bytes());
            assert_eq!(items.len(), expected.len(), "{input}: {items:?}");
            for (item, expected) in items.iter().zip(expected) {
                assert!(item.starts_with(expected), "{input}: {item}");
            }
        }
    }

    #[test]
    fn an_endless_line_takes_no_more_than_its_share() {
        for long in ["x".repeat(LONGEST + 10), format!("{{\"{}\"", "x".repeat(LONGEST + 10))] {
            let items = read(format!("a\n{long}\nb\n").as_bytes());
            assert_eq!(items, ["a", "!line 2: it is longer than 1 MiB", "b"]);
        }
    }

    #[test]
    fn what_cannot_be_read_ends_the_stream() {
        struct Bad;
        impl io::Read for Bad {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("no more"))
            }
        }
        let items: Vec<_> = Items::new(BufReader::new(Bad)).collect();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].as_ref().unwrap_err().to_string(), "line 1: it could not be read: no more");
    }

    proptest! {
        #[test]
        fn no_bytes_bring_it_down(input: Vec<u8>) {
            read(&input);
        }

        #[test]
        fn good_lines_are_found_around_anything(garbage in "[^\n\\[\\{\"]{0,20}") {
            let items = read(format!("a1\n{garbage}\nb2\n").as_bytes());
            prop_assert_eq!(items.first().unwrap(), "a1");
            prop_assert_eq!(items.last().unwrap(), "b2");
        }
    }
}
