//! JSON as the services send it: mostly right.

use std::borrow::Cow;

use serde_json::Value;

/// The text of a body. Some proxies and editors put a byte order mark in front; what is in another encoding shows as
/// U+FFFD, and does not cost the rest.
pub(crate) fn json_text(body: &[u8]) -> Cow<'_, str> {
    let bytes = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The JSON of a body.
///
/// # Errors
/// If it is none.
pub(crate) fn json_value(body: &[u8]) -> serde_json::Result<Value> {
    let text = json_text(body);
    serde_json::from_str(&text)
        .or_else(|error| with_whole_characters(&text).map_or(Err(error), |text| serde_json::from_str(&text)))
}

/// The same JSON with U+FFFD in place of half characters, `None` if there are none in it.
///
/// Whoever cuts a text at so many UTF-16 units, as Java does, can leave half a character at its end.
pub(crate) fn with_whole_characters(json: &str) -> Option<String> {
    let (mut whole, mut rest, mut halves) = (String::with_capacity(json.len()), json, 0);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let length = match (unit(escape), escape.get(UNIT..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * UNIT,
            (Some(0xd800..=0xdfff), _) => {
                whole.push(char::REPLACEMENT_CHARACTER);
                halves += 1;
                rest = &escape[UNIT..];
                continue;
            }
            (Some(_), _) => UNIT,
            // The backslash, and whatever character it is for.
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        whole.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    whole.push_str(rest);
    (halves > 0).then_some(whole)
}

/// The UTF-16 unit of an escape that begins here.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..UNIT - 2)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

/// The length of `\u0041`.
const UNIT: usize = 6;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn half_a_character_costs_itself_and_nothing_else() {
        for (sent, read) in [
            (r#"["\ud83d\ude00"]"#, json!(["\u{1f600}"])),
            (r#"["a\ud83d"]"#, json!(["a\u{fffd}"])),
            (r#"["\ud83dab","\uDE00"]"#, json!(["\u{fffd}ab", "\u{fffd}"])),
            (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"])),
            (r#"["\ud83d\n\u0041\"\\ud83d"]"#, json!(["\u{fffd}\nA\"\\ud83d"])),
            (r#"["\\\ud83d"]"#, json!(["\\\u{fffd}"])),
            (r#"["é\ud83dé"]"#, json!(["é\u{fffd}é"])),
        ] {
            assert_eq!(json_value(sent.as_bytes()).unwrap(), read, "{sent}");
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in [
            "",
            "\\",
            "[\"\\",
            r#"["\ud83"]"#,
            r#"["\ud83d"#,
            r#"["\ud83d\"#,
            r#"["\uééé"]"#,
            r#"["\u+123"]"#,
        ] {
            assert!(json_value(text.as_bytes()).is_err(), "{text}");
            assert_eq!(with_whole_characters("\\é"), None);
        }
    }

    #[test]
    fn another_encoding_and_a_byte_order_mark_are_no_obstacle() {
        assert_eq!(json_value(b"\xef\xbb\xbf[\"caf\xe9\"]").unwrap(), json!(["caf\u{fffd}"]));
    }
}
