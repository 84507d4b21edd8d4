//! JSON that is almost valid, rewritten so that a strict parser reads it and no digit is lost: see [`repair`].

use serde_json::Error;

/// The same JSON with
///
/// * raw control characters in texts and names escaped (hypervisor messages are pasted into them unescaped),
/// * U+FFFD in place of half a surrogate pair (texts are cut at so many UTF-16 units),
/// * the backslash of an unknown escape kept as a character,
/// * numbers that `f64` or `u64` would not give back as they were sent turned into marked texts,
/// * null in place of `NaN` and `Infinity` (Python writes them),
/// * control characters between values, and NUL and SUB characters at the end, removed.
pub(crate) fn repair(json: &str) -> String {
    rewrite(without_padding(json), false).json
}

/// The same where only its grammar matters, and not the digits of its numbers.
pub(super) fn repair_grammar(json: &str) -> String {
    rewrite(without_padding(json), true).json
}

fn without_padding(json: &str) -> &str {
    json.trim_end_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '\0' | '\u{1a}'))
}

/// Whether [`repair`] changes anything that a strict parser stopped at with this error. Where it does not, reading the
/// repaired JSON would end at the same place.
pub(crate) fn is_repairable(json: &str, error: &Error) -> bool {
    if error.is_eof() {
        return false;
    }
    let lines = json.match_indices('\n').map(|(at, _)| at + 1);
    let line = std::iter::once(0).chain(lines).nth(error.line().saturating_sub(1)).unwrap_or(json.len());
    // Behind the end there can be the rest of an escape.
    let mut end = line.saturating_add(error.column() + 2 * UNIT).min(json.len());
    while !json.is_char_boundary(end) {
        end += 1;
    }
    rewrite(&json[..end], true).has_fixes
}

/// JSON that is being rewritten.
struct Rewritten {
    json: String,
    /// Something was changed that a strict parser rejects.
    has_fixes: bool,
    /// Only that matters, and not whether numbers keep their digits.
    is_check: bool,
}

fn rewrite(json: &str, is_check: bool) -> Rewritten {
    let mut out = Rewritten { json: String::with_capacity(json.len() + 64), has_fixes: false, is_check };
    let mut rest = json;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'"' => text(rest, &mut out),
            b'-' | b'0'..=b'9' => number(rest, &mut out),
            b'N' | b'I' => word(rest, &mut out),
            b'\t' | b'\n' | b'\r' => push(&rest[..1], &mut out),
            0..b' ' => {
                out.has_fixes = true;
                1
            }
            _ => {
                let is_special =
                    |byte| byte < b' ' || matches!(byte, b'"' | b'-' | b'0'..=b'9' | b'N' | b'I');
                push(&rest[..rest.bytes().position(is_special).unwrap_or(rest.len())], &mut out)
            }
        };
        rest = &rest[length..];
    }
    out
}

/// The text of a body in which a character of GBK can end in a byte that is a backslash in ASCII. Each of its two-byte
/// characters becomes one U+FFFD. `None` if there is none.
pub(crate) fn two_byte_text(body: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let is_pair = (0x81..=0xfe).contains(&byte)
            && body.get(at + 1).is_some_and(|next| matches!(next, 0x40..=0x7e | 0x80..=0xfe));
        if is_pair {
            bytes.extend_from_slice("\u{fffd}".as_bytes());
        } else {
            bytes.push(byte);
        }
        at += if is_pair { 2 } else { 1 };
    }
    (bytes.len() != body.len() || bytes != body).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn push(part: &str, out: &mut Rewritten) -> usize {
    out.json.push_str(part);
    part.len()
}

/// Writes null for a number that is none; its length.
fn word(json: &str, out: &mut Rewritten) -> usize {
    match ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| json.starts_with(word)) {
        Some(word) => {
            out.json.push_str("null");
            out.has_fixes = true;
            word.len()
        }
        None => push(&json[..1], out),
    }
}

/// Copies the text that begins here; its length.
fn text(json: &str, out: &mut Rewritten) -> usize {
    out.json.push('"');
    let mut at = 1;
    loop {
        let rest = &json[at..];
        let Some(next) = rest.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ') else {
            // It never ends, which the parser reports.
            out.json.push_str(rest);
            return json.len();
        };
        out.json.push_str(&rest[..next]);
        at += next;
        let rest = &rest[next..];
        at += match rest.as_bytes()[0] {
            b'"' => {
                out.json.push('"');
                return at + 1;
            }
            b'\\' => escape(rest, out),
            control => {
                push_escaped(out, control);
                1
            }
        };
    }
}

/// Copies the escape that begins here; its length.
fn escape(json: &str, out: &mut Rewritten) -> usize {
    let length = match (unit(json), json.get(UNIT..).and_then(unit)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * UNIT,
        (Some(0xd800..=0xdfff), _) => {
            out.json.push(char::REPLACEMENT_CHARACTER);
            out.has_fixes = true;
            return UNIT;
        }
        (Some(_), _) => UNIT,
        (None, _) if json[1..].starts_with(['"', '\\', '/', 'b', 'f', 'n', 'r', 't']) => 2,
        (None, _) => {
            out.json.push_str("\\\\");
            out.has_fixes = true;
            return 1;
        }
    };
    out.json.push_str(&json[..length]);
    length
}

fn push_escaped(out: &mut Rewritten, control: u8) {
    out.has_fixes = true;
    out.json.push_str("\\u00");
    for digit in [control >> 4, control & 15] {
        out.json.extend(char::from_digit(digit.into(), 16));
    }
}

/// The UTF-16 unit of an escape that begins here.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..UNIT - 2)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

/// Copies the number that begins here; its length.
fn number(json: &str, out: &mut Rewritten) -> usize {
    if json.starts_with("-I") {
        return word(json, out);
    }
    let end =
        json.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(json.len());
    let digits = &json[..end];
    if out.is_check && end < MAX_DIGITS && !digits.contains(['e', 'E']) {
        return push(digits, out);
    }
    match serde_json::from_str::<serde_json::Number>(digits) {
        Ok(number) if number.to_string() == digits => out.json.push_str(digits),
        // Too large for an `f64`.
        Err(_) if !is_number(digits) => out.json.push_str(digits),
        number => {
            out.json.extend([MARK, digits, "\""]);
            out.has_fixes |= number.is_err();
        }
    }
    end
}

/// The grammar of a JSON number.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(is_digits)
        && exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// In front of a text that was sent as a number and must keep its digits. No service begins a text with it.
pub(crate) const NUMBER_MARK: &str = "\u{1}#";

/// A quote and [`NUMBER_MARK`], in JSON.
const MARK: &str = "\"\\u0001#";

/// With as many digits, or with an exponent, a number can be too large for an `f64`.
const MAX_DIGITS: usize = 300;

/// The length of `\u0041`.
const UNIT: usize = 6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(sent: &str) -> Value {
        let strict = serde_json::from_str::<Value>(sent);
        if let Err(error) = strict {
            assert!(is_repairable(sent, &error), "{sent:?}: {error}");
        }
        serde_json::from_str(&repair(sent)).unwrap_or_else(|error| panic!("{sent:?}: {error}"))
    }

    #[test]
    fn almost_valid_json_is_read() {
        for (sent, expected) in [
            (r#"["\ud83d\ude00"]"#, json!(["\u{1f600}"])),
            (r#"["a\ud83d"]"#, json!(["a\u{fffd}"])),
            (r#"["\ud83dab","\uDE00"]"#, json!(["\u{fffd}ab", "\u{fffd}"])),
            (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"])),
            (r#"["\ud83d\n\u0041\"\\ud83d"]"#, json!(["\u{fffd}\nA\"\\ud83d"])),
            (r#"["\\\ud83d"]"#, json!(["\\\u{fffd}"])),
            (r#"["é\ud83dé"]"#, json!(["é\u{fffd}é"])),
            ("[\"a\nb\tc\rd\0e\u{1b}f\u{1a}g\u{1}\"]", json!(["a\nb\tc\rd\0e\u{1b}f\u{1a}g\u{1}"])),
            ("{\"a\nb\":\"\n\"}", json!({"a\nb": "\n"})),
            ("{\"a\":1}\0\0 \n\0", json!({"a": 1})),
            ("{\0\"a\":\u{1b}1}", json!({"a": 1})),
            ("[NaN,Infinity,-Infinity,\"NaN\"]", json!([null, null, null, "NaN"])),
            ("{\"a\":1}\u{1a}\r\n", json!({"a": 1})),
            (r#"["C:\program \x41 \'"]"#, json!(["C:\\program \\x41 \\'"])),
            (r#"["\"",1,-5,0.5,true]"#, json!(["\"", 1, -5, 0.5, true])),
            ("\t[ 18446744073709551615 ,-9223372036854775808]", json!([u64::MAX, i64::MIN])),
        ] {
            assert_eq!(read(sent), expected, "{sent:?}");
        }
    }

    #[test]
    fn numbers_that_would_change_are_marked() {
        for digits in [
            "1e400",
            "-1E+400",
            "12345678901234567890123",
            "-9223372036854775809",
            "0.20",
            "-0",
            "1.0e3",
            "0.1234567890123456789",
        ] {
            assert_eq!(read(&format!("[{digits} ]")), json!([format!("{NUMBER_MARK}{digits}")]));
        }
        for digits in ["0", "7", "-7", "0.2", "18446744073709551615", "-9223372036854775808"] {
            assert_eq!(repair(digits), digits);
        }
        for garbage in ["01", "1.", ".5", "1e", "--1", "+1", "1-", "1e5.5", "-"] {
            assert!(serde_json::from_str::<Value>(&repair(garbage)).is_err(), "{garbage}");
        }
    }

    #[test]
    fn what_is_not_json_stays_that_way() {
        for text in [
            "",
            "\\",
            "[\"\\",
            r#"["\ud83"#,
            r#"["\ud83d"#,
            r#"["\ud83d\"#,
            "[\"a",
            "\"\n",
            "<html>",
            "[-",
            "No",
            "[Info]",
        ] {
            assert!(serde_json::from_str::<Value>(&repair(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_character_of_gbk_may_end_in_a_backslash() {
        let body = b"[\"\xd5\x5c\",\"\xd5\xca\",\"\xe9\"]";
        let text = two_byte_text(body).unwrap();
        assert_eq!(read(&text), json!(["\u{fffd}", "\u{fffd}", "\u{fffd}"]));
        assert_eq!(two_byte_text(b"[\"plain\"]"), None);
    }

    #[test]
    fn nothing_behind_the_error_counts() {
        for sent in [
            "{x \n\n\n\n           \u{1}",
            "[1.50,,\n \n\n              \"\u{1}\"",
            "\n\n[\"é\" \"é\"\n  1",
            "[\"a",
        ] {
            let error = serde_json::from_str::<Value>(sent).unwrap_err();
            assert!(!is_repairable(sent, &error), "{sent:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_not_repairable_is_not_read(sent in "[\\[\\]{}:,\"\\\\ud83axN0-9.eé\u{0}\n ]{0,24}") {
            if let Err(error) = serde_json::from_str::<Value>(&sent) {
                let repaired = serde_json::from_str::<Value>(&repair(&sent));
                prop_assert!(repaired.is_err() || is_repairable(&sent, &error), "{}", error);
            }
        }

        #[test]
        fn any_text_can_be_repaired(text in any::<String>(), near in "[\"\\\\u0d83 \n\u{0}-9.eE\\[\\]{},:]{0,40}") {
            let _ = repair(&text);
            let _ = repair(&near);
            let _ = two_byte_text(near.as_bytes());
        }

        #[test]
        fn valid_json_reads_as_before(text in any::<String>(), number in any::<i64>()) {
            let value = json!([text, number, {"a": [null, true]}]);
            prop_assert_eq!(read(&value.to_string()), value);
        }
    }
}
