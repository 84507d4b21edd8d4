//! Finds the end of a JSON value in a stream, by the grammar of serde_json but for what stands in its texts: those are
//! read leniently, as the bodies of responses are.

use std::io::{self, BufRead, Read};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

/// The bytes of a stream, with the number of their line.
#[derive(Debug)]
pub(super) struct Input<R> {
    reader: R,
    /// The line of the next byte.
    pub(super) line: u64,
    /// Bytes that were taken and given back, the next one last.
    back: Vec<u8>,
}

/// Why there is no JSON value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Broken {
    /// The stream ends inside of it.
    TooEarly,
    TooLong,
    TooDeep,
    /// It does not follow the grammar.
    Invalid,
}

/// One JSON value, or what stands in its place up to the end of its line.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    pub(super) broken: Option<Broken>,
}

impl<R: BufRead> Input<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, line: 1, back: Vec::new() }
    }

    /// The next byte, which stays there.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.back.last() {
            return Ok(Some(*byte));
        }
        loop {
            match self.reader.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the byte that was peeked.
    pub(super) fn take(&mut self, byte: u8) {
        if self.back.pop().is_none() {
            self.reader.consume(1);
        }
        self.line += u64::from(byte == b'\n');
    }

    /// Takes the rest of the line, without its end, up to a limit; `false` if it is longer.
    pub(super) fn line_into(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        while let Some(byte) = self.peek()? {
            if byte == b'\n' {
                break;
            }
            if bytes.len() >= LONGEST {
                return Ok(false);
            }
            self.take(byte);
            bytes.push(byte);
        }
        Ok(true)
    }

    /// Gives back the bytes that were taken last, from this place on.
    fn give_back(&mut self, bytes: &mut Vec<u8>, from: usize) {
        self.line -= bytes[from..].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.back.extend(bytes.drain(from..).rev());
    }

    /// The JSON value that begins here, over as many lines as it takes. After an invalid one the stream stands at the end
    /// of its line, or at the beginning of a line that has nothing of it.
    pub(super) fn json(&mut self) -> io::Result<Frame> {
        let mut reader = Grammar {
            input: self,
            bytes: Vec::new(),
            text: Text::Outside,
            depth: 0,
            folded: None,
            broken: None,
        };
        let result = IgnoredAny::deserialize(&mut serde_json::Deserializer::from_reader(&mut reader));
        let Grammar { mut bytes, folded, broken, .. } = reader;
        let Err(error) = result else { return Ok(Frame { bytes, broken: None }) };
        let broken = match error.classify() {
            Category::Io => broken.ok_or(error)?,
            Category::Eof => Broken::TooEarly,
            _ => Broken::Invalid,
        };
        match folded {
            _ if broken == Broken::TooLong => {}
            // The line ends in a text that never does. What follows is not a part of it.
            Some(end) => {
                self.give_back(&mut bytes, end);
                return Ok(Frame { bytes, broken: Some(Broken::Invalid) });
            }
            None if broken == Broken::Invalid => self.end_line(&mut bytes)?,
            None => {}
        }
        Ok(Frame { bytes, broken: Some(broken) })
    }

    /// After a byte that breaks a value: goes to the end of its line, or back to the beginning of the line.
    fn end_line(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let Some((b'\n', _) | (_, [])) = bytes.split_last() else {
            let last = bytes.len().saturating_sub(1);
            let begin = bytes[..last].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            if begin > 0 && bytes[begin..last].trim_ascii().is_empty() {
                // A line that has nothing of the value yet may be a valid item by itself.
                self.give_back(bytes, last);
            } else {
                self.line_into(bytes)?;
            }
            return Ok(());
        };
        Ok(())
    }
}

/// What the grammar is checked on: the bytes of the stream, with stand-ins where they are read leniently.
struct Grammar<'a, R> {
    input: &'a mut Input<R>,
    /// The bytes as they are.
    bytes: Vec<u8>,
    text: Text,
    depth: usize,
    /// The place of the first line end inside of a text. Hypervisors paste them there; else a quote is missing.
    folded: Option<usize>,
    /// Why it ended the reading.
    broken: Option<Broken>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Text {
    Outside,
    Inside,
    /// After a backslash.
    Escape,
    /// In `NaN` or `Infinity`, which Python writes.
    Word,
}

impl<R: BufRead> Grammar<'_, R> {
    /// What serde_json sees of a byte.
    fn stand_in(&mut self, byte: u8) -> io::Result<u8> {
        match (self.text, byte) {
            // An id in quotes stands on one line.
            (Text::Inside | Text::Escape, b'\n') if self.depth == 0 => return Ok(byte),
            (Text::Inside, b'"') => {
                self.text = Text::Outside;
                return Ok(byte);
            }
            (Text::Inside | Text::Escape, _) => {
                let is_escape = self.text == Text::Inside && byte == b'\\';
                self.text = if is_escape { Text::Escape } else { Text::Inside };
                if byte == b'\n' {
                    self.folded.get_or_insert(self.bytes.len());
                }
                return Ok(b'x');
            }
            (Text::Word, b'a'..=b'z' | b'A'..=b'Z') => return Ok(b'1'),
            (_, b'N' | b'I') => {
                self.text = Text::Word;
                return Ok(b'1');
            }
            (_, b'"') => self.text = Text::Inside,
            (_, b'{' | b'[') => {
                self.text = Text::Outside;
                self.depth += 1;
            }
            (_, b'}' | b']') => {
                self.text = Text::Outside;
                self.depth = self.depth.saturating_sub(1);
            }
            _ => self.text = Text::Outside,
        }
        if self.depth > DEEPEST {
            return self.end(Broken::TooDeep);
        }
        Ok(if byte.is_ascii_control() && byte != b'\n' { b' ' } else { byte })
    }

    fn end<T>(&mut self, broken: Broken) -> io::Result<T> {
        self.broken = Some(broken);
        Err(io::ErrorKind::InvalidData.into())
    }
}

impl<R: BufRead> Read for Grammar<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some(place), Some(byte)) = (buffer.first_mut(), self.input.peek()?) else { return Ok(0) };
        if self.bytes.len() >= LONGEST {
            return self.end(Broken::TooLong);
        }
        self.input.take(byte);
        *place = self.stand_in(byte)?;
        self.bytes.push(byte);
        Ok(1)
    }
}

/// The longest line or JSON value that is read.
pub(super) const LONGEST: usize = 1 << 20;

/// As many levels as serde_json reads.
const DEEPEST: usize = 127;
