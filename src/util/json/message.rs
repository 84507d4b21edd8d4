//! The message for people inside the texts and documents that services wrap it in.

use serde_json::Value;

use super::json_value;

/// The innermost message of a text: if it is JSON, however often it was encoded, the message inside; else the text
/// as it was sent. `None` for a blank text and for empty JSON.
///
/// JSON can also be at the end, after the name of what failed: `CreateServerTask-fail:{"badRequest":{...}}`.
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
    starts.filter_map(|at| json_value(&text.as_bytes()[at..]).ok()).next()
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

/// What stands for an empty message.
const EMPTY: [&str; 4] = ["", "{}", "[]", "\"\""];

/// The deepest nesting of encoded texts. Two has been seen.
const ENCODINGS: u8 = 6;

/// How many braces are tried as the beginning of the JSON at the end of a text.
const STARTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
    fn json_in_json_needs_to_be_no_more_valid_than_a_body() {
        for text in [
            "{\"message\":\"line one\nline two\"}",
            "Task-fail:{\"message\":\"line one\nline two\",\"n\":1e400}",
        ] {
            assert_eq!(find_message(text).as_deref(), Some("line one\nline two"), "{text}");
        }
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
