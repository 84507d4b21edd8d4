//! JSON as the services send it, mostly valid, and the message for people inside of it.

use std::borrow::Cow;

use serde_json::Value;

use super::json_repair::{NUMBER_MARK, repair, two_byte_text};

/// The text of a body. Some proxies and editors put a byte order mark in front; what is in another encoding shows as
/// U+FFFD, and does not cost the rest.
pub(crate) fn json_text(body: &[u8]) -> Cow<'_, str> {
    let bytes = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The JSON of a body, valid or [almost valid](super::json_repair). A number that no JSON value has all digits of
/// is a text.
///
/// # Errors
/// If it is none.
pub(crate) fn json_value(body: &[u8]) -> serde_json::Result<Value> {
    let mut value = marked_json_value(body)?;
    drop_marks(&mut value);
    Ok(value)
}

/// The same; texts that begin with [`NUMBER_MARK`] are numbers with all their digits.
///
/// # Errors
/// If it is not JSON.
pub(crate) fn marked_json_value(body: &[u8]) -> serde_json::Result<Value> {
    let text = json_text(body);
    serde_json::from_str(&text).or_else(|error| {
        let repaired = |text: &str| serde_json::from_str(&repair(text)).ok();
        let two_byte = || match text {
            Cow::Borrowed(_) => None,
            Cow::Owned(_) => repaired(&two_byte_text(body)?),
        };
        repaired(&text).or_else(two_byte).ok_or(error)
    })
}

fn drop_marks(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            if let Some(digits) = text.strip_prefix(NUMBER_MARK) {
                *value = digits.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(drop_marks),
        Value::Object(members) => members.values_mut().for_each(drop_marks),
    }
}

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
        && let Ok(value) = json_value(text.as_bytes())
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
        for text in ["", "\\", "[\"\\", r#"["\ud83d"#, r#"["\ud83d\"#] {
            assert!(json_value(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn control_characters_and_numbers_out_of_range_are_read() {
        let body = b"{\"error_code\":\"a\nb\",\"n\":1e400,\"id\":12345678901234567890123}\0";
        let read = json!({"error_code": "a\nb", "n": "1e400", "id": "12345678901234567890123"});
        assert_eq!(json_value(body).unwrap()["error_code"], read["error_code"]);
        assert_eq!(json_value(body).unwrap(), read);
        let inside = "{\"forbidden\":{\"message\":\"one\ntwo\"}}";
        assert_eq!(find_message(inside).as_deref(), Some("one\ntwo"));
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
