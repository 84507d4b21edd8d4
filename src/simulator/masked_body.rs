//! The text of a request body with its secrets masked, for the record of requests.

use serde_json::Value;

use crate::util::redact::mask_secrets;

/// The body as text. In JSON the values of members that hold secrets are `***`; other text is masked by patterns. A body
/// over 64 KiB is truncated.
pub(super) fn masked_body(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(mut json) => {
            mask(&mut json, false);
            json.to_string()
        }
        Err(_) => mask_secrets(&String::from_utf8_lossy(body)),
    };
    if text.len() <= MAX_BODY {
        return text;
    }
    let end = (0..=MAX_BODY).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default().to_owned()
}

fn mask(value: &mut Value, is_secret: bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                mask(member, is_secret || is_secret_name(name));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, is_secret)),
        Value::String(_) | Value::Number(_) if is_secret => *value = "***".into(),
        _ => {}
    }
}

/// Matches parts of the name, so that unforeseen spellings are masked too. The names of a login method are no secrets:
/// `"password": {"user": {"name": ...}}`.
fn is_secret_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let parts = [
        "adminpass",
        "passwd",
        "passcode",
        "secret",
        "token",
        "credential",
        "privatekey",
        "accesskey",
        "userdata",
    ];
    name.ends_with("password") || name == "pwd" || parts.iter().any(|part| name.contains(part))
}

const MAX_BODY: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_secrets_of_a_body_are_masked() {
        let body = json!({
            "auth": {"identity": {
                "methods": ["token"],
                "token": {"id": "hush-1"},
                "password": {"user": {"name": "hush-2", "password": "hush-3"}},
                "totp": {"user": {"passcode": 123_456}},
            }},
            "server": {"adminPass": "hush-4", "user_data": "hush-5", "key_name": "my-key", "count": 2},
            "instance": {"Secret_Key": ["hush-6"]},
        });
        let masked = masked_body(body.to_string().as_bytes());
        assert!(!masked.contains("hush") && !masked.contains("123456"), "{masked}");
        let masked: Value = serde_json::from_str(&masked).unwrap();
        assert_eq!(masked["server"]["count"], 2);
        assert_eq!(masked["server"]["key_name"], "my-key");
        assert_eq!(masked["auth"]["identity"]["methods"][0], "token");
    }

    #[test]
    fn other_text_is_masked_and_truncated() {
        let masked = masked_body(b"password=hush-1&name=x");
        assert!(!masked.contains("hush") && masked.contains("name=x"), "{masked}");
        assert_eq!(masked_body(&[0xff]), "\u{fffd}");
        assert!(masked_body("\u{e4} ".repeat(100_000).as_bytes()).len() <= MAX_BODY);
        assert_eq!(masked_body(b""), "");
    }
}
