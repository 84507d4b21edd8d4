//! Job ids from a stream: plain ones, one per line, and JSON on one line or spread over many, in any mixture.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::error;
use super::error::InputError;
use super::frame::{Broken, Frame, Input, LONGEST};
use super::target::Target;
use crate::util::json::json_value;
use crate::util::sanitize::single_line;

/// The ids of a stream as they come. What is invalid is an item of its own, and reading continues after it.
#[derive(Debug)]
pub(crate) struct Items<R> {
    input: Input<R>,
    /// Further ids of the JSON value that was read last.
    more: VecDeque<Result<Target, InputError>>,
    /// After invalid JSON: lines that look like the rest of it are skipped.
    after_invalid: bool,
    ended: bool,
}

impl<R: BufRead> Items<R> {
    pub(crate) const fn new(reader: R) -> Self {
        Self { input: Input::new(reader), more: VecDeque::new(), after_invalid: false, ended: false }
    }

    fn next_item(&mut self) -> io::Result<Option<Result<Target, InputError>>> {
        let mut indent = 0;
        let first = loop {
            match self.input.peek()? {
                None => return Ok(None),
                Some(b'\n') => {
                    self.input.take(b'\n');
                    indent = 0;
                }
                // No id contains a control character, nor a byte of the mark that some editors put at the beginning.
                Some(blank) if blank == b' ' || blank.is_ascii_control() || MARK.contains(&blank) => {
                    self.input.take(blank);
                    indent += 1;
                    if indent > LONGEST {
                        self.ended = true;
                        return Ok(Some(Err(too_long().at(self.input.line))));
                    }
                }
                Some(byte) if self.after_invalid && is_rest(byte, indent) => {
                    self.ended = !self.input.line_into(&mut Vec::new())?;
                    if self.ended {
                        return Ok(Some(Err(too_long().at(self.input.line))));
                    }
                    indent = 0;
                }
                Some(byte) => break byte,
            }
        };
        self.after_invalid = false;
        let line = self.input.line;
        match first {
            b'{' | b'[' | b'"' => self.json()?,
            _ => self.plain()?,
        }
        for item in &mut self.more {
            if let Err(error) = item {
                error.line = Some(line);
            }
        }
        Ok(self.more.pop_front())
    }

    /// A JSON value, over as many lines as it takes.
    fn json(&mut self) -> io::Result<()> {
        let Frame { mut bytes, broken } = self.input.json()?;
        let problem = match broken {
            _ if is_utf16(&bytes) => {
                self.ended = true;
                self.more.push_back(Err(utf16()));
                return Ok(());
            }
            Some(Broken::TooLong | Broken::TooDeep) => {
                self.ended = true;
                let too_deep = || InputError::text("JSON nested deeper than 128 levels");
                self.more.push_back(Err(if broken == Some(Broken::TooDeep) {
                    too_deep()
                } else {
                    too_long()
                }));
                return Ok(());
            }
            Some(Broken::TooEarly) => "the JSON ends too early",
            Some(Broken::Invalid) => INVALID,
            None => {
                if let Ok(value) = json_value(&bytes) {
                    self.more = error::read_json(&value, &bytes).into();
                    return Ok(());
                }
                // A word in brackets, for example at the beginning of a message.
                self.input.line_into(&mut bytes)?;
                INVALID
            }
        };
        self.after_invalid = true;
        self.ended = bytes.len() >= LONGEST;
        let text = single_line(&String::from_utf8_lossy(&bytes), SHOWN);
        self.more.push_back(Err(InputError::text(format!("{problem}: `{text}`"))));
        Ok(())
    }

    /// A line with an id and nothing else.
    fn plain(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        let item = if !self.input.line_into(&mut bytes)? {
            self.ended = true;
            Err(if is_utf16(&bytes) { utf16() } else { too_long() })
        } else if is_utf16(&bytes) {
            self.ended = true;
            Err(utf16())
        } else {
            error::read_plain(&bytes)
        };
        self.more.push_back(item);
        Ok(())
    }
}

impl<R: BufRead> Iterator for Items<R> {
    type Item = Result<Target, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(item) = self.more.pop_front() {
            return Some(item);
        }
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
                Some(Err(InputError::text(format!("it could not be read: {error}")).at(self.input.line)))
            }
        }
    }
}

/// Whether a line that begins so, that far to the right, is more likely the rest of invalid JSON than an item.
fn is_rest(first: u8, indent: usize) -> bool {
    matches!(first, b'}' | b']' | b',' | b':') || indent > 0 && matches!(first, b'"' | b'{' | b'[')
}

/// Windows PowerShell writes files so. Every other byte of the ids is then a zero, and there may be a mark before them.
fn is_utf16(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xff\xfe").or_else(|| bytes.strip_prefix(b"\xfe\xff")).unwrap_or(bytes);
    bytes.len() >= 4
        && bytes.iter().take(8).zip(bytes.iter().skip(1)).all(|(one, next)| (*one == 0) != (*next == 0))
}

fn utf16() -> InputError {
    InputError::text(
        "the text is UTF-16: convert it to UTF-8 first, for example with iconv -f utf-16 -t utf-8",
    )
}

fn too_long() -> InputError {
    InputError::text("a line or JSON value longer than 1 MiB; the rest of the input is not read")
}

const MARK: [u8; 3] = *b"\xef\xbb\xbf";

const INVALID: &str = "this is not valid JSON";

/// So many characters of invalid JSON are shown.
const SHOWN: usize = 160;

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, Read};

    use proptest::prelude::*;

    use super::*;

    /// The ids, and for what is none its text after `!`.
    fn read(input: &[u8]) -> Vec<String> {
        let items = Items::new(BufReader::with_capacity(3, Cursor::new(input.to_vec())));
        items.map(|item| item.map_or_else(|bad| format!("!{bad}"), |target| target.to_string())).collect()
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
                vec!["!line 1: this is not valid JSON: `{\"job_id\": \"1\"`", "ff80"],
            ),
            ("{\"job_id\": \"1\"\n{\"job_id\": \"2\"}\n", vec!["!line 1: this is not valid JSON", "2"]),
            ("{\n  \"a\": x,\n  \"b\": 1\n}\nff80\n", vec!["!line 1: this is not valid JSON", "ff80"]),
            ("{\"job_id\": \"1\nff80\n", vec!["!line 1: this is not valid JSON", "ff80"]),
            ("a\n{\"job_id\":", vec!["a", "!line 2: the JSON ends too early"]),
            ("null\na\n", vec!["!line 1: `null` is not a job id", "a"]),
            (
                "{\n\"error\":{\"code\":\"Ecs.0019\",\"message\":\"no\"}\n}\na",
                vec!["!line 1: the service rejected the call, so there is no job: Ecs.0019: no", "a"],
            ),
            ("[{\"job_id\":\"1\"},\"2\", 3]\na", vec!["1", "2", "!line 1: 3 is not a job id", "a"]),
            (
                "[USE_ERROR] Parameters are missing\na",
                vec!["!line 1: this is not valid JSON: `[USE_ERROR] Parameters are missing`", "a"],
            ),
            ("a\n{\"job_id\": \"1\", \"x\": \"a\u{1b}\tb\"}\nb", vec!["a", "1", "b"]),
            ("[[]]\na", vec!["!line 1: an empty list has no job id", "a"]),
            ("rds:a\nRDS:b\nnone:c\n", vec!["rds:a", "rds:b", "!line 3: `none` is not a service"]),
        ] {
            let items = read(input.as_bytes());
            assert_eq!(items.len(), expected.len(), "{input}: {items:?}");
            for (item, expected) in items.iter().zip(expected) {
                assert!(item.starts_with(expected), "{input}: {item}");
            }
        }
    }

    #[test]
    fn a_pasted_message_does_not_break_an_answer() {
        for message in [
            "line one\nline two",
            "line one\r\nline two\r\n",
            "\n\n{\n\"\"\n}\n".replace('"', "'").as_str(),
            "a\tb\0c\u{1b}[31md\u{1a}e\u{7f}",
            "\\ud83d half a character",
            "C:\\program \\x41 \\'\n\\\\",
            "\\\"quoted\n\\\"",
            "\\\n",
            "],}\n]{[",
            "ff80\nff81\n",
            "\u{feff}\u{202e}\u{2028}",
        ] {
            for value in [
                format!("{{\"job_id\": \"a1\", \"x\": \"{message}\"}}"),
                format!("{{\"x\": {{\"{message}\": [\"{message}\"]}},\n \"jobId\": \"a1\"\n}}"),
                format!("[\n{{\"job_id\": \"a1\", \"x\": \"{message}\"}}]"),
            ] {
                let lines = value.matches('\n').count();
                let input = format!("{value}{value}\n{value}\0\0\r\n\"b2\"\nc 3\n");
                let bad = format!("!line {}: `c 3` is not a job id", 3 * lines + 4);
                let items = read(input.as_bytes());
                assert_eq!(items.len(), 5, "{value:?}: {items:?}");
                assert_eq!(items[..4], ["a1", "a1", "a1", "b2"], "{value:?}");
                assert!(items[4].starts_with(&bad), "{value:?}: {items:?}");
            }
        }
        for value in [
            &b"{\"job_id\": \"a1\", \"x\": \"caf\xe9\n\xff\xfe\"}"[..],
            b"{\"x\": [NaN, -Infinity, Infinity, 1e400, -0.0], \"job_id\": \"a1\"}",
            b"\xef\xbb\xbf{\"job_id\"\0: \x1b\"a1\"\x1a}\0\0",
        ] {
            assert_eq!(read(value), ["a1"], "{}", value.escape_ascii());
        }
    }

    #[test]
    fn after_a_text_that_never_ends_the_next_line_counts() {
        let bad = "!line 2: this is not valid JSON: `{\"job_id\": \"a1`";
        for (rest, expected) in [
            ("", vec![]),
            ("b2\nc3\n", vec!["b2", "c3"]),
            ("{\"job_id\": \"b2\"}\nc3", vec!["b2", "c3"]),
            ("{\n  \"job_id\": \"b2\"\n}\nc3", vec!["b2", "c3"]),
            ("{\"job_id\": \"b2\", \"x\": \"y\nz\"}\r\nc3", vec!["b2", "c3"]),
            ("b2\n\"c3\"\n", vec!["b2", "c3"]),
            ("\"b2\"\n\"c3\"", vec!["b2", "c3"]),
            ("b2\n{\"job_id\": \"x\n", vec!["b2", "!line 4: this is not valid JSON: `{\"job_id\": \"x`"]),
        ] {
            let items = read(format!("\n{{\"job_id\": \"a1\n{rest}").as_bytes());
            assert_eq!(items[0], bad, "{rest:?}");
            assert_eq!(items[1..], expected, "{rest:?}");
        }
        for (input, expected) in [
            ("\"a1\nb2\n", vec!["!line 1: this is not valid JSON: `\"a1`", "b2"]),
            (
                "[INFO] done\n[Info] done\nb2",
                vec![
                    "!line 1: this is not valid JSON: `[INFO] done`",
                    "!line 2: this is not valid JSON: `[Info] done`",
                    "b2",
                ],
            ),
        ] {
            assert_eq!(read(input.as_bytes()), expected);
        }
    }

    #[test]
    fn what_is_too_long_or_too_deep_ends_the_reading() {
        let endless = "x".repeat(LONGEST + 10);
        for (bad, expected) in [
            (endless.clone(), "!line 2: a line or JSON value longer than 1 MiB"),
            (format!("{{\"{endless}\""), "!line 2: a line or JSON value longer than 1 MiB"),
            (format!("{{\"a\": \"b\n{endless}\"}}"), "!line 2: a line or JSON value longer than 1 MiB"),
            (format!("[USE_ERROR] {endless}"), "!line 2: this is not valid JSON: `[USE_ERROR] "),
            ("[".repeat(200), "!line 2: JSON nested deeper than 128 levels"),
        ] {
            let items = read(format!("a\n{bad}\nb\n").as_bytes());
            assert_eq!(items.len(), 2, "{items:?}");
            assert_eq!(items[0], "a");
            assert!(items[1].starts_with(expected) && items[1].len() < 400, "{items:?}");
        }
        let mut endless = Items::new(BufReader::new(io::repeat(0)));
        assert!(endless.next().unwrap().is_err() && endless.next().is_none());
    }

    #[test]
    fn utf_16_is_named_as_such() {
        for text in ["a1\nb2\n", "{\"job_id\": \"a1\"}\n", "\u{feff}a1\r\n"] {
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let input: Vec<_> = text.encode_utf16().flat_map(bytes).collect();
                let items = read(&input);
                assert_eq!(items.len(), 1, "{items:?}");
                assert!(items[0].starts_with("!line 1: the text is UTF-16"), "{items:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_ends_the_stream() {
        struct Bad;
        impl Read for Bad {
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
