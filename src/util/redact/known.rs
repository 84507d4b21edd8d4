//! The secrets of a request, masked in what comes back.

use std::fmt::Write;
use std::ops::Range;

use super::MASK;
use super::decode::{Pass, apply, decode, drop_invisible, rounds, source_of, squeeze};
use crate::util::secret::Secret;

/// The secrets that were sent with a request: they are found wherever they stand, without a name.
///
/// Found is each whole secret: as it is; in JSON escapes, HTML entities and percent-encoding, repeated and mixed; broken
/// by white space or invisible characters; in another case; in base64 of either alphabet, also as a part of it
/// (`user:password`); and in hexadecimal digits.
///
/// Not found are: a part of a secret, one that is encrypted, hashed, reversed or compressed, one in an encoding that is
/// not listed, one whose characters were replaced by similar ones, and one of fewer than four characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KnownSecrets(Vec<Secret>);

impl KnownSecrets {
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// The text with `***` in place of the secrets; `None` if none is in it.
    pub(crate) fn mask(&self, text: &str) -> Option<String> {
        let secrets: Vec<&Secret> =
            self.0.iter().filter(|secret| fits(secret.expose(), text.len())).collect();
        if secrets.is_empty() {
            return None;
        }
        // Each text with the pass that made it of the one before.
        let visible = apply(drop_invisible, text);
        let mut levels: Vec<(Pass, &str)> = vec![(drop_invisible, &visible)];
        let rounds = rounds(&visible);
        levels.extend(rounds.iter().map(|text| (decode as Pass, text.as_str())));

        let mut found = Vec::new();
        for (depth, (_, level)) in levels.iter().enumerate() {
            let mut ranges = find(&secrets, &apply(squeeze, level));
            if ranges.is_empty() {
                continue;
            }
            ranges = source_of(squeeze, level, &ranges);
            for at in (0..=depth).rev() {
                let source = if at == 0 { text } else { levels[at - 1].1 };
                ranges = source_of(levels[at].0, source, &merged(ranges));
            }
            found.extend(ranges);
        }
        (!found.is_empty()).then(|| replaced(text, &merged(found)))
    }
}

/// The secret can be in a text of this length. Most tokens are longer than most responses, which spares the search.
pub(crate) fn fits(secret: &str, length: usize) -> bool {
    secret.len() <= length || secret.len() <= MAX_GROWTH * length && shrinks(secret)
}

/// It may be shorter in a text that is decoded. Without an early exit the compiler checks many bytes at a time.
fn shrinks(secret: &str) -> bool {
    secret.bytes().fold(false, |found, byte| {
        found | (byte <= b' ') | (byte > b'~') | (byte == b'%') | (byte == b'&') | (byte == b'\\')
    })
}

fn find(secrets: &[&Secret], squeezed: &str) -> Vec<Range<usize>> {
    let lower = squeezed.to_ascii_lowercase();
    let mut ranges = Vec::new();
    for form in secrets.iter().flat_map(|secret| secret.forms(forms)) {
        form.find_in(if form.text.len() >= MIN_FOLDED { &lower } else { squeezed }, &mut ranges);
    }
    merged(ranges)
}

/// What to search for in a squeezed text, in lower case where it is long enough to be unmistakable.
pub(crate) struct Form {
    text: Box<str>,
    /// The place of its rarest character.
    rarest: usize,
}

impl Form {
    fn new(text: String) -> Self {
        let rank = |c: char| COMMON.find(c).map_or(0, |at| COMMON.len() - at);
        let rarest = text.char_indices().min_by_key(|(_, c)| rank(*c)).map_or(0, |(at, _)| at);
        Self { text: text.into(), rarest }
    }

    /// Adds the places of this form in a text. Of a body of megabytes, only the places of its rarest character are
    /// looked at.
    fn find_in(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let Some(rarest) = self.text[self.rarest..].chars().next() else { return };
        let mut from = 0;
        while let Some(at) = text[from..].find(rarest).map(|at| from + at) {
            from = at + rarest.len_utf8();
            let Some(start) = at.checked_sub(self.rarest) else { continue };
            if text.as_bytes()[start..].starts_with(self.text.as_bytes()) {
                found.push(start..start + self.text.len());
            }
        }
    }
}

fn forms(secret: &str) -> Box<[Form]> {
    let plain = apply(squeeze, secret).into_owned();
    // A secret that looks encoded is decoded with the text it is in.
    let mut forms: Vec<String> =
        rounds(secret).iter().map(|text| apply(squeeze, text).into_owned()).collect();
    if secret.len() >= MIN_ENCODED {
        for part in base64_forms(secret.as_bytes()) {
            forms.push(part.replace('+', "-").replace('/', "_"));
            forms.push(apply(squeeze, &part).into_owned());
        }
        forms.push(secret.bytes().fold(String::new(), |mut digits, byte| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        }));
    }
    if !plain.is_ascii() {
        // As a body in another encoding is read.
        let is_ascii = |c: char| if c.is_ascii() { c } else { char::REPLACEMENT_CHARACTER };
        forms.push(plain.chars().map(is_ascii).collect());
    }
    forms.push(plain);
    forms.retain(|form| form.len() >= MIN_LENGTH);
    for form in &mut forms {
        if form.len() >= MIN_FOLDED {
            form.make_ascii_lowercase();
        }
    }
    forms.dedup();
    forms.into_iter().map(Form::new).collect()
}

/// The base64 digits that depend on these bytes alone, for each of the three places at which they can begin in a text.
fn base64_forms(bytes: &[u8]) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let mut padded = vec![0; before];
        padded.extend(bytes);
        // A digit stands for six bits; those that hold bits of what is before or after are not known.
        let (first, last) = ((8 * before).div_ceil(6), 8 * padded.len() / 6);
        (first..last).map(|digit| base64_digit(&padded, digit)).collect()
    })
}

fn base64_digit(bytes: &[u8], digit: usize) -> char {
    let bit = 6 * digit;
    let byte = |at: usize| u16::from(bytes.get(at).copied().unwrap_or(0));
    let pair = byte(bit / 8) << 8 | byte(bit / 8 + 1);
    let value = pair >> (10 - bit % 8) & 63;
    char::from(ALPHABET[usize::from(value)])
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Sorted, and no two of them overlap.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn replaced(text: &str, ranges: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for range in ranges {
        // A backslash that escaped the first character would now escape the mask, and the text be JSON no more.
        let before = text[done..range.start].trim_end_matches('\\');
        shown.push_str(before);
        shown.push_str(MASK);
        done = range.end;
    }
    shown.push_str(&text[done..]);
    shown
}

/// Characters of JSON and of texts, the most common first.
const COMMON: &str = "\":,{}etaoinsrhldcu0123456789mfpgwyb-_./vkxjqz";

/// Shorter ones would be found where they are not meant.
const MIN_LENGTH: usize = 4;
/// From here on case does not count.
const MIN_FOLDED: usize = 8;
/// Shorter ones have base64 digits that are found where they are not meant.
const MIN_ENCODED: usize = 6;
/// A secret can be longer than the text that has it decoded.
const MAX_GROWTH: usize = 6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "gAAAAABm-x_Yz9/Q&k+v0==";
    const PASSWORD: &str = r#"Pa"ss\wörd<1> %41"#;

    fn json(text: &str) -> String {
        let json = serde_json::Value::from(text).to_string();
        json[1..json.len() - 1].to_owned()
    }

    fn escaped_everywhere(text: &str) -> String {
        text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect()
    }

    fn known(secrets: &[&str]) -> KnownSecrets {
        KnownSecrets::new(secrets.iter().copied().map(Secret::new))
    }

    /// What each encoding makes of a secret.
    fn encodings(secret: &str) -> Vec<(&'static str, String)> {
        let map = |c: fn(char) -> String| secret.chars().map(c).collect::<String>();
        let percent = |upper: bool| {
            secret
                .bytes()
                .map(|b| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") })
                .collect::<String>()
        };
        let base64 = |bytes: &[u8]| {
            let mut digits: String =
                (0..(8 * bytes.len()).div_ceil(6)).map(|digit| base64_digit(bytes, digit)).collect();
            while !digits.len().is_multiple_of(4) {
                digits.push('=');
            }
            digits
        };
        vec![
            ("plain", secret.to_owned()),
            ("json", json(secret)),
            ("gson", json(secret).replace('=', "\\u003d").replace('&', "\\u0026").replace('+', "\\u002b")),
            ("json slashes", json(secret).replace('/', "\\/")),
            ("json of all characters", escaped_everywhere(secret)),
            ("json in json", json(&json(secret).replace('=', "\\u003d"))),
            ("json in json in json", json(&json(&escaped_everywhere(secret)))),
            (
                "html",
                secret
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('"', "&quot;")
                    .replace('=', "&equals;"),
            ),
            ("html numeric", map(|c| format!("&#{};", u32::from(c)))),
            ("html hexadecimal", map(|c| format!("&#x{:x};", u32::from(c)))),
            ("html in json", json(&map(|c| format!("&#x{:X};", u32::from(c))).replace('&', "\\u0026"))),
            ("percent", percent(true)),
            ("percent lower", percent(false)),
            ("percent twice", percent(true).replace('%', "%25")),
            ("upper", secret.to_ascii_uppercase()),
            ("lower", secret.to_ascii_lowercase()),
            ("zero width", map(|c| format!("{c}\u{200b}\u{2060}"))),
            ("bidi", map(|c| format!("\u{202e}{c}"))),
            ("control", map(|c| format!("{c}\u{0}\u{1b}"))),
            ("wrapped", map(|c| format!("{c}\r\n\t"))),
            ("wrapped in json", map(|c| json(&format!("{c}\n")))),
            ("base64", base64(secret.as_bytes())),
            ("base64 url", base64(secret.as_bytes()).replace('+', "-").replace('/', "_")),
            ("base64 of user and password", base64(format!("demo:{secret}").as_bytes())),
            ("base64 of user and password, shifted", base64(format!("demo1:{secret}!").as_bytes())),
            ("base64 in json", base64(secret.as_bytes()).replace('=', "\\u003d").replace('/', "\\/")),
            ("hexadecimal", secret.bytes().map(|b| format!("{b:02x}")).collect()),
        ]
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
        let secrets = known(&[TOKEN, PASSWORD]);
        for secret in [TOKEN, PASSWORD] {
            for (name, encoded) in encodings(secret) {
                for (before, after) in
                    [("", ""), ("the token <", "> is bad"), ("a=", "&b"), ("{\"m\":\"", "\"}")]
                {
                    let masked = secrets.mask(&format!("{before}{encoded}{after}"));
                    let masked = masked.unwrap_or_else(|| panic!("{name}: {encoded}"));
                    // Digits of base64 that hold bits of a neighbour are left.
                    let rest = masked.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                    let rest = rest.unwrap_or_else(|| panic!("{name}: {masked}"));
                    assert!(rest.contains("***") && rest.len() <= 16, "{name}: {masked}");
                }
            }
        }
    }

    #[test]
    fn json_stays_json() {
        let secrets = known(&["\"quoted\" and \\more\\", TOKEN]);
        for text in [
            serde_json::json!({"status": "\"quoted\" and \\more\\", "a": [1, 2]}).to_string(),
            serde_json::json!({"a": "\\\"quoted\" and \\more\\"}).to_string(),
            serde_json::json!({"a": serde_json::json!({"b": "\"quoted\" and \\more\\"}).to_string()})
                .to_string(),
            format!("{{\"a\":\"\\\\{}\\n\"}}", json(TOKEN)),
        ] {
            let masked = secrets.mask(&text).unwrap_or_else(|| panic!("{text}"));
            assert!(serde_json::from_str::<serde_json::Value>(&masked).is_ok(), "{text} became {masked}");
            assert!(!masked.contains("quoted") && !masked.contains("gAAAAABm"), "{masked}");
        }
    }

    #[test]
    fn what_is_no_secret_is_left() {
        let secrets = known(&["abc", "", "Test", "s3cret-token"]);
        for text in ["", "abc", "test", "a s3cret", "token", "100 %\\", "&#x;"] {
            assert_eq!(secrets.mask(text), None, "{text}");
        }
        assert_eq!(secrets.mask("Test s3CRET-Token Tests").as_deref(), Some("*** *** ***s"));
        assert_eq!(KnownSecrets::default().mask("text"), None);
    }

    #[test]
    fn in_another_encoding_only_the_other_characters_differ() {
        let secrets = known(&["größer-als"]);
        let text = String::from_utf8_lossy(b"it is gr\xf6\xdfer-als").into_owned();
        assert_eq!(secrets.mask(&text).as_deref(), Some("it is ***"));
    }

    proptest! {
        #[test]
        fn no_secret_survives_its_encoding(secret in "[ -~ä]{8,40}", pick in 0_usize..27, before in "[a-z \"{:]{0,9}") {
            let encoded = &encodings(&secret)[pick];
            // A secret of blanks and the like is not one.
            let is_long = apply(squeeze, &secret).len() >= 8;
            prop_assume!(is_long);
            let masked = known(&[&secret]).mask(&format!("{before}{}", encoded.1));
            prop_assert!(masked.is_some(), "{}: {}", encoded.0, encoded.1);
        }

        #[test]
        fn any_text_is_searched(text in any::<String>(), secret in any::<String>()) {
            let _ = known(&[&secret]).mask(&format!("{text}{secret}{text}"));
        }
    }
}
