//! JSON as the services send it, mostly valid, and the message for people inside of it.

mod message;
mod repair;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

pub(crate) use self::message::{find_message, find_message_in};
pub(crate) use self::repair::{NUMBER_MARK, repair};
use self::repair::{is_repairable, repair_grammar, two_byte_text};

/// The text of a body. What is in another encoding is U+FFFD, and does not cost the rest; UTF-16 is read by its byte
/// order mark.
pub(crate) fn body_text(body: &[u8]) -> Cow<'_, str> {
    match body {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf_8(rest),
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf_16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf_16(rest, u16::from_be_bytes)),
        _ => utf_8(body),
    }
}

/// The strict check is several times as fast as the lenient one.
fn utf_8(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The JSON of a body, valid or [almost valid](repair()). A number that no JSON value has all digits of is a string.
///
/// # Errors
/// It is not JSON.
pub(crate) fn json_value(body: &[u8]) -> serde_json::Result<Value> {
    let mut value = marked_json_value(body)?;
    replace_marks(&mut value, |digits| digits.into());
    Ok(value)
}

/// The same; strings that begin with [`NUMBER_MARK`] are numbers with all their digits.
///
/// # Errors
/// It is not JSON.
pub(crate) fn marked_json_value(body: &[u8]) -> serde_json::Result<Value> {
    let text = body_text(body);
    let repaired = |text: &str| serde_json::from_str(&repair(text)).ok();
    match serde_json::from_str(&text) {
        Ok(value) if has_float(&value) => Ok(repaired(&text).unwrap_or(value)),
        Ok(value) => Ok(value),
        Err(error) => read_leniently(&text, &error, lossy(body, &text), repaired).ok_or(error),
    }
}

/// Reads a text that a strict parser stopped at with this error: repaired if that can help, else, if it is that of a body
/// in another encoding, as GBK.
pub(crate) fn read_leniently<T>(
    text: &str,
    error: &serde_json::Error,
    lossy: Option<&[u8]>,
    read_repaired: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    if is_repairable(text, error)
        && let Some(value) = read_repaired(text)
    {
        return Some(value);
    }
    let text = two_byte_text(lossy?)?;
    let can_be_read = match serde_json::from_str::<IgnoredAny>(&text) {
        Ok(_) => true,
        Err(error) => is_repairable(&text, &error),
    };
    if can_be_read { read_repaired(&text) } else { None }
}

/// The body, if its text had to be converted.
#[expect(clippy::ptr_arg, reason = "it asks whether the text is borrowed")]
pub(crate) fn lossy<'a>(body: &'a [u8], text: &Cow<'_, str>) -> Option<&'a [u8]> {
    matches!(text, Cow::Owned(_)).then_some(body)
}

/// Checks that a body is JSON, valid or almost valid. Nothing is made of it, so that this is several times as fast as
/// reading it. What is nested too deeply to be read may pass.
///
/// # Errors
/// It is not JSON.
pub(crate) fn check_json(body: &[u8]) -> serde_json::Result<()> {
    let check = |text: &str| serde_json::from_str::<IgnoredAny>(text);
    let text = body_text(body);
    let Err(error) = check(&text) else { return Ok(()) };
    let repaired = |text: &str| check(&repair_grammar(text)).ok();
    read_leniently(&text, &error, lossy(body, &text), repaired).map(drop).ok_or(error)
}

/// A number in it has a fraction, an exponent, or more than 64 bits: it may have lost digits.
pub(crate) fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_float),
        Value::Object(members) => members.values().any(has_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// Puts a value in place of each string that is marked as a number, made from its digits.
pub(crate) fn replace_marks(value: &mut Value, of_digits: fn(&str) -> Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            if let Some(digits) = text.strip_prefix(NUMBER_MARK) {
                *value = of_digits(digits);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace_marks(value, of_digits)),
        Value::Object(members) => members.values_mut().for_each(|value| replace_marks(value, of_digits)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_read_however_it_is_encoded() {
        let utf_16 = |unit: fn(u16) -> [u8; 2]| {
            "\u{feff}[\"é\u{1f600}\"]".encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        let cases: [(&[u8], Value); 8] = [
            (b"\xef\xbb\xbf[\"caf\xe9\"]", json!(["caf\u{fffd}"])),
            (b"[\"\xc3\xa9\"]\0\0", json!(["é"])),
            (b" [1]\n\x1a", json!([1])),
            // GBK: `\x95\x5c` is one character, and its second byte no backslash.
            (b"{\"a\":\"\xce\xde\x95\x5c\",\"b\":1}", json!({"a": "\u{fffd}\u{fffd}", "b": 1})),
            (b"{\"\xce\xde\":\"a\"}", json!({"\u{fffd}\u{fffd}": "a"})),
            (&utf_16(u16::to_le_bytes), json!(["é\u{1f600}"])),
            (&utf_16(u16::to_be_bytes), json!(["é\u{1f600}"])),
            (b"\xff\xfe[\0\"\0\x00\xd8\"\0]\0", json!(["\u{fffd}"])),
        ];
        for (body, expected) in cases {
            assert_eq!(json_value(body).unwrap(), expected, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn what_cannot_be_read_is_recognized_without_reading_it() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for body in [
            &b"{\"a\":1}"[..],
            b" \r\n[]",
            b"\xEF\xBB\xBF {}",
            b"\xFF\xFE[\0]\0",
            b"\"text\"",
            b"{\"a\":\"b\nc\"}\0",
            b"[1e400, NaN]",
            b"[\"\\ud83d\"]",
            b"[\"\xd5\x5c\"]",
        ] {
            assert!(check_json(body).is_ok() && json_value(body).is_ok(), "{}", body.escape_ascii());
        }
        assert!(check_json(deep.as_bytes()).is_ok());
        for body in [
            &b""[..],
            b"<html>",
            b"upstream error",
            b"{xxxx",
            b"{\"a\":\"b\n",
            b"{\"a\":1.50,\"b\":truE}",
            b"[\"\xd5\x5c\"",
            b"[1.50",
            b"\xff\xff",
        ] {
            assert!(check_json(body).is_err() && json_value(body).is_err(), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn digits_are_never_altered() {
        for (body, expected) in [
            ("[12345678901234567890123]", json!(["12345678901234567890123"])),
            ("[-12345678901234567890123, 5]", json!(["-12345678901234567890123", 5])),
            ("[18446744073709551615, -9223372036854775808]", json!([u64::MAX, i64::MIN])),
            (r#"["12345678901234567890123", 1.5]"#, json!(["12345678901234567890123", 1.5])),
            (r#"{"a":1e400,"b":-1E+400,"c":{"d":1}}"#, json!({"a": "1e400", "b": "-1E+400", "c": {"d": 1}})),
        ] {
            assert_eq!(json_value(body.as_bytes()).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn the_first_error_counts_where_no_reading_succeeds() {
        for body in [
            "",
            "\\",
            "[\"\\",
            r#"["\ud83"#,
            r#"["\ud83d\"#,
            "{\"a\":\"b\nc",
            "[1e400",
            "[truE]",
            "[\u{1}",
            "[]]",
        ] {
            assert!(json_value(body.as_bytes()).is_err(), "{body}");
        }
        let strict = serde_json::from_str::<Value>("[\"a\n").unwrap_err().to_string();
        assert_eq!(json_value(b"[\"a\n").unwrap_err().to_string(), strict);
    }

    #[test]
    fn damage_is_repaired() {
        let body = b"{\"error_code\":\"a\nb\",\"n\":NaN,\"id\":12345678901234567890123}\0";
        let read = json!({"error_code": "a\nb", "n": null, "id": "12345678901234567890123"});
        assert_eq!(json_value(body).unwrap(), read);
    }
}
