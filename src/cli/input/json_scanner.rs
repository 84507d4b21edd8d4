//! Finds the end of a JSON value byte by byte, and notices at the first wrong byte that it is none.

/// What a byte means for the value that is being read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// It belongs to the value, which goes on.
    More,
    /// It is the last one of the value.
    Done,
    /// It cannot stand here: the value is broken before it.
    Broken,
}

/// A JSON value that begins with `{`, `[` or `"`, as far as it has been read.
#[derive(Debug)]
pub(crate) struct Scan {
    /// The brackets that are open.
    open: Vec<u8>,
    expect: Expect,
    /// Inside a text, and whether the next byte is escaped.
    text: Option<bool>,
    /// Inside a number, `true`, `false` or `null`.
    word: bool,
}

/// What may come next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

impl Scan {
    pub(crate) const fn new() -> Self {
        Self { open: Vec::new(), expect: Expect::Value, text: None, word: false }
    }

    pub(crate) fn take(&mut self, byte: u8) -> Step {
        if let Some(escaped) = self.text {
            return match byte {
                0..=0x1f => Step::Broken,
                b'"' if !escaped => {
                    self.text = None;
                    self.step()
                }
                _ => {
                    self.text = Some(byte == b'\\' && !escaped);
                    Step::More
                }
            };
        }
        if self.word {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-') {
                return Step::More;
            }
            self.word = false;
        }
        let value = matches!(self.expect, Expect::Value | Expect::ValueOrEnd);
        let key = matches!(self.expect, Expect::Key | Expect::KeyOrEnd);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return Step::More,
            b'{' | b'[' if value && self.open.len() < DEEPEST => {
                self.open.push(byte);
                self.expect = if byte == b'{' { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
            }
            b'}' if matches!(self.expect, Expect::KeyOrEnd | Expect::CommaOrEnd) => return self.close(b'{'),
            b']' if matches!(self.expect, Expect::ValueOrEnd | Expect::CommaOrEnd) => {
                return self.close(b'[');
            }
            b'"' if value || key => {
                self.text = Some(false);
                self.expect = if key { Expect::Colon } else { Expect::CommaOrEnd };
            }
            b':' if self.expect == Expect::Colon => self.expect = Expect::Value,
            b',' if self.expect == Expect::CommaOrEnd => {
                self.expect = if self.open.last() == Some(&b'{') { Expect::Key } else { Expect::Value };
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' if value && !self.open.is_empty() => {
                self.word = true;
                self.expect = Expect::CommaOrEnd;
            }
            _ => return Step::Broken,
        }
        Step::More
    }

    fn close(&mut self, bracket: u8) -> Step {
        if self.open.pop_if(|open| *open == bracket).is_none() {
            return Step::Broken;
        }
        self.expect = Expect::CommaOrEnd;
        self.step()
    }

    const fn step(&self) -> Step {
        if self.open.is_empty() { Step::Done } else { Step::More }
    }
}

/// As deep as answers are read.
const DEEPEST: usize = 127;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// How many bytes belong to the value; `Err` with the place of the first wrong one, or with none.
    fn scan(text: &str) -> Result<usize, Option<usize>> {
        let mut scan = Scan::new();
        for (place, byte) in text.bytes().enumerate() {
            match scan.take(byte) {
                Step::More => {}
                Step::Done => return Ok(place + 1),
                Step::Broken => return Err(Some(place)),
            }
        }
        Err(None)
    }

    #[test]
    fn a_value_ends_where_its_brackets_do() {
        for text in [
            "{}",
            "[]",
            "\"a\"",
            r#""\"\\""#,
            r#"{"a":"}","b":[1,-2.5e+3,true,false,null,{"c":[]}]}"#,
            "{\n  \"job_id\": \"1\"\n}",
            "[ ]",
            "[[\"]\"],{}]",
        ] {
            assert_eq!(scan(text), Ok(text.len()), "{text}");
            assert_eq!(scan(&format!("{text}}}x")), Ok(text.len()), "{text}");
            assert_eq!(scan(&text[..text.len() - 1]), Err(None), "{text}");
        }
    }

    #[test]
    fn the_first_wrong_byte_is_noticed() {
        for (text, place) in [
            ("{\"a\": x", 6),
            ("{\"a\" \"b\"", 5),
            ("{\"job_id\": \"1\"\nff80", 15),
            ("{\"a\n", 3),
            ("{a", 1),
            ("{]", 1),
            ("[}", 1),
            ("[1 2", 3),
            ("{\"a\":1,}", 7),
            ("[,", 1),
            ("{\"a\":}", 5),
        ] {
            assert_eq!(scan(text), Err(Some(place)), "{text}");
        }
        assert_eq!(scan(&"[".repeat(10_000)), Err(Some(DEEPEST)));
    }

    #[test]
    fn of_all_short_texts_those_end_that_are_json() {
        let alphabet = b"{}[]\",:1 ";
        let mut texts = vec![String::new()];
        for _ in 0..6 {
            // What is broken or has ended need not be tried any longer.
            texts = texts
                .iter()
                .flat_map(|text| alphabet.iter().map(move |byte| format!("{text}{}", char::from(*byte))))
                .filter(|text| text.starts_with(['{', '[', '"']))
                .filter(|text| {
                    let found = scan(text);
                    let is_json = serde_json::from_str::<Value>(text).is_ok();
                    assert_eq!(found == Ok(text.len()), is_json && !text.ends_with(' '), "{text}");
                    found == Err(None)
                })
                .collect();
        }
        assert!(!texts.is_empty());
    }

    proptest! {
        #[test]
        fn whatever_is_json_is_found_whole(keys in prop::collection::vec(".*", 0..5), n: f64, deep in 0usize..20) {
            let mut value = serde_json::json!({"n": n, "list": keys, "none": null, "t": true});
            for key in keys.iter().cycle().take(if keys.is_empty() { 0 } else { deep }) {
                value = Value::Object([(key.clone(), Value::Array(vec![value]))].into_iter().collect());
            }
            for text in [value.to_string(), format!("{value:#}")] {
                prop_assert_eq!(scan(&(text.clone() + "{\"next\":1}")), Ok(text.len()));
            }
        }
    }
}
