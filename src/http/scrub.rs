//! Removes what was sent as a secret from what comes back.
//!
//! A gateway that rejects a request tends to repeat it. `util::redact` masks secrets by the names that stand beside them;
//! here the values themselves are known, so they are found without a name.

use crate::api::request::{HeaderValue, Request};
use crate::util::secret::Secret;

/// The secrets of a request.
fn secrets(request: &Request) -> impl Iterator<Item = &str> {
    let headers = request.headers.iter().filter_map(|(name, value)| match value {
        // Of a signature only itself: the rest of its header is the algorithm, names of headers and the key's id.
        HeaderValue::Secret(text) if *name == "authorization" => text.expose().rsplit('=').next(),
        HeaderValue::Secret(text) => Some(text.expose()),
        HeaderValue::Plain(_) => None,
    });
    // Shorter ones would be found where they are not meant.
    headers.chain(request.hidden.iter().map(Secret::expose)).filter(|text| text.len() >= MIN_LENGTH)
}

/// Overwrites each of the request's secrets with asterisks, in the forms in which they can come back: as they are, in a
/// JSON string, and in a JSON string inside another.
pub(super) fn cover(bytes: &mut [u8], request: &Request) {
    for text in secrets(request) {
        // Most responses are shorter than a token.
        if text.len() > bytes.len() {
            continue;
        }
        cover_one(bytes, text.as_bytes());
        for form in escaped_forms(text) {
            cover_one(bytes, form.as_bytes());
        }
    }
}

/// [`cover`] for text that is no longer than a line.
pub(super) fn cover_text(text: &str, request: &Request) -> Option<Box<str>> {
    let mut bytes = text.as_bytes().to_vec();
    cover(&mut bytes, request);
    String::from_utf8(bytes).ok().map(String::into_boxed_str)
}

/// The same at the end of a body that was cut off: the beginning of a secret is covered as well.
pub(super) fn cover_end(bytes: &mut [u8], request: &Request) {
    for text in secrets(request) {
        for form in escaped_forms(text).into_iter().chain([text.to_owned()]) {
            let max = form.len().min(bytes.len());
            let begun = (MIN_LENGTH..=max).rev().find(|length| bytes.ends_with(&form.as_bytes()[..*length]));
            if let Some(length) = begun {
                let start = bytes.len() - length;
                bytes[start..].fill(b'*');
            }
        }
    }
}

fn escaped_forms(text: &str) -> Vec<String> {
    if !text.contains(|c: char| matches!(c, '"' | '\\' | '/') || c.is_control()) {
        return Vec::new();
    }
    let once = escaped(text);
    let slashes = once.replace('/', "\\/");
    vec![escaped(&once), escaped(&slashes), once, slashes]
}

fn cover_one(bytes: &mut [u8], text: &[u8]) {
    let mut from = 0;
    while let Some(last) = bytes.len().checked_sub(text.len()).filter(|last| from <= *last) {
        let Some(at) = bytes[from..=last].iter().position(|byte| Some(byte) == text.first()) else { break };
        from += at;
        if bytes[from..].starts_with(text) {
            bytes[from..from + text.len()].fill(b'*');
            from += text.len();
        } else {
            from += 1;
        }
    }
}

/// As it is written between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or_default().to_owned()
}

const MIN_LENGTH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_secret_is_covered_where_a_body_is_cut_off() {
        let request = Request::get("https://h/".into())
            .hiding(&Secret::new("MIItoken/more"))
            .hiding(&Secret::new("xyz"));
        for (text, expected) in [
            ("", ""),
            ("token:MIItok", "token:******"),
            ("token:MIItoken\\/mo", "token:************"),
            ("token:MII", "token:MII"),
            ("MIItok is not at the end", "MIItok is not at the end"),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            cover_end(&mut bytes, &request);
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }

    #[test]
    fn what_was_sent_is_covered_in_every_form() {
        let request = Request::post("https://iam/v3".into(), Secret::new("{}"))
            .hiding(&Secret::new(r#"pa"ss\word"#))
            .hiding(&Secret::new("x/y/z"))
            .hiding(&Secret::new("abc"))
            .header("x-auth-token", HeaderValue::Secret(Secret::new("token")))
            .header("x-project-id", HeaderValue::Plain("project".into()))
            .header("authorization", HeaderValue::Secret(Secret::new("SDK Access=id, Signature=f00f00")));
        for (text, expected) in [
            ("", ""),
            ("tok", "tok"),
            ("a token and tokentoken of project id", "a ***** and ********** of project id"),
            (r#"pa"ss\word"#, "**********"),
            (r#"{"a":"pa\"ss\\word"}"#, r#"{"a":"************"}"#),
            (r#""{\"a\":\"pa\\\"ss\\\\word\"}""#, r#""{\"a\":\"****************\"}""#),
            (r#"{"a":"a\/b\/c/d"}"#, r#"{"a":"a\/b\/c/d"}"#),
            (r#"{"a":"x/y\/z", "b":"x\/y\/z"}"#, r#"{"a":"x/y\/z", "b":"*******"}"#),
            ("abc f00f00 ftoken", "abc ****** f*****"),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            cover(&mut bytes, &request);
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }
}
