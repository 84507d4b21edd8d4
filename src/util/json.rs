//! JSON as the services send it, mostly valid, and the message for people inside of it.

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

/// The innermost message of a text: of JSON in a text, however often it was encoded, the message inside; else the
/// text as it was sent. A blank text is none, nor is JSON with nothing in it.
///
/// JSON may also stand at the end, after the name of what failed: `CreateServerTask-fail:{"badRequest":{...}}`.
pub(crate) fn find_message(text: &str) -> Option<String> {
    unpack(text, ENCODINGS)
}

/// The innermost message of a JSON value.
pub(crate) fn find_message_in(value: &Value) -> Option<String> {
    dig(value, ENCODINGS)
}

fn unpack(text: &str, depth: u8) -> Option<String> {
    let trimmed = text.trim();
    if EMPTY.contains(&trimmed) {
        return None;
    }
    let inner = || -> Option<String> {
        let depth = depth.checked_sub(1)?;
        dig(&document(trimmed)?, depth)
    };
    inner().or_else(|| Some(text.to_owned()))
}

/// The JSON that a text is, or ends in.
fn document(text: &str) -> Option<Value> {
    if text.starts_with(['{', '[', '"'])
        && let Ok(value) = serde_json::from_str(text)
    {
        return Some(value);
    }
    if !text.ends_with('}') {
        return None;
    }
    let starts = text.match_indices('{').map(|(at, _)| at).take(STARTS);
    starts.filter_map(|at| serde_json::from_str(&text[at..]).ok()).next()
}

fn dig(value: &Value, depth: u8) -> Option<String> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
        Value::String(text) => unpack(text, depth),
        Value::Array(values) => values.iter().find_map(|value| dig(value, depth)),
        Value::Object(members) => {
            let named = MESSAGES.iter().find_map(|name| {
                let (_, value) = members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
                dig(value, depth)
            });
            let wrapped = || {
                let mut wrappers = members.values().filter(|value| value.is_object() || value.is_array());
                wrappers.find_map(|value| dig(value, depth))
            };
            // `{"forbidden": "Quota exceeded"}`: the only text there is.
            let only =
                || members.values().next().filter(|_| members.len() == 1).and_then(|value| dig(value, depth));
            named.or_else(wrapped).or_else(only)
        }
    }
}

/// The members that hold a message, the most telling first.
const MESSAGES: [&str; 12] = [
    "errorcode_message",
    "message",
    "msg",
    "error_msg",
    "error_message",
    "errorMsg",
    "errorMessage",
    "fail_reason",
    "reason",
    "detail",
    "details",
    "error",
];

/// What a program writes where it has nothing to say.
const EMPTY: [&str; 4] = ["", "{}", "[]", "\"\""];

/// So often a text may have been put into another one. Two has been seen.
const ENCODINGS: u8 = 6;

/// At so many braces the JSON at the end of a text is looked for.
const STARTS: usize = 8;

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

    const QUOTA: &str = "Quota exceeded for instances: Requested 1, but already used 200 of 200 instances";

    #[test]
    fn the_message_is_found_under_any_wrapper() {
        let wrapped = [
            json!({"forbidden": {"code": 403, "message": QUOTA}}),
            json!({"message": QUOTA, "code": "Ecs.0204"}),
            json!({"error": {"message": QUOTA, "code": "Ecs.0204"}}),
            json!({"error_msg": QUOTA, "error_code": "Ecs.0204"}),
            json!({"errorMsg": QUOTA}),
            json!({"NeutronError": {"message": QUOTA, "type": "OverQuota", "detail": ""}}),
            json!([{"code": 1}, {"a": {"b": [{"Message": QUOTA}]}}]),
            json!({"forbidden": QUOTA}),
            json!({"message": "", "error": QUOTA}),
            json!({"message": {"message": QUOTA}}),
            json!(QUOTA),
        ];
        for value in wrapped {
            assert_eq!(find_message_in(&value).as_deref(), Some(QUOTA), "{value}");
            assert_eq!(find_message(&value.to_string()).as_deref(), Some(QUOTA), "{value}");
            let twice = json!(value.to_string()).to_string();
            assert_eq!(find_message(&twice).as_deref(), Some(QUOTA), "{twice}");
            let inside = json!({"message": value.to_string()}).to_string();
            assert_eq!(find_message(&inside).as_deref(), Some(QUOTA), "{inside}");
        }
    }

    #[test]
    fn json_after_the_name_of_what_failed_is_read() {
        let text = format!("CreateServerTask-fail: {{\"badRequest\": {{\"message\": \"{QUOTA}\"}}}} ");
        assert_eq!(find_message(&text).as_deref(), Some(QUOTA));
        let text = format!("a {{b}} c:{{\"message\": \"{QUOTA}\"}}");
        assert_eq!(find_message(&text).as_deref(), Some(QUOTA));
    }

    #[test]
    fn a_text_that_is_no_json_is_kept_as_sent() {
        for text in [
            "EbsCreateVolumeTask-fail:volume is error!",
            " with blanks around ",
            "{not json}",
            "403",
            "null",
            "{\"code\": 403}",
            "Task-fail:{\"code\":5}",
            "cut off: {\"message\": \"Quo",
            "{{{{{{{{{{{{}",
        ] {
            assert_eq!(find_message(text).as_deref(), Some(text), "{text}");
        }
    }

    #[test]
    fn blank_texts_and_plafind_message_ins_are_no_reason() {
        assert_eq!(find_message(""), None);
        assert_eq!(find_message(" \n"), None);
        for value in
            [json!(null), json!(5), json!(true), json!({}), json!([]), json!({"code": 5}), json!("  ")]
        {
            assert_eq!(find_message_in(&value), None, "{value}");
        }
    }

    #[test]
    fn endless_nesting_ends() {
        let mut text = QUOTA.to_owned();
        for _ in 0..12 {
            text = json!({"message": text}).to_string();
        }
        assert!(find_message(&text).unwrap().contains("Quota exceeded"));
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(find_message(&deep).as_deref(), Some(&*deep));
        let open = "{\"a\":".repeat(100_000) + "}";
        assert_eq!(find_message(&open).as_deref(), Some(&*open));
    }
}
