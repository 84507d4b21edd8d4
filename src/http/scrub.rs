//! Finds what was sent as a secret in what comes back.
//!
//! A gateway that refuses a request likes to repeat it. Texts are cleaned by the names of what is secret in them (see
//! `text`); here the values themselves are known, so they are found without any name.

use crate::api::request::{HeaderValue, Request};
use crate::util::secret::Secret;

/// The secrets of a request.
pub(super) fn secrets(request: &Request) -> Vec<Secret> {
    let headers = request.headers.iter().filter_map(|(name, value)| match value {
        // Of a signature only itself: the rest of its header is words, and the id of the key.
        HeaderValue::Secret(text) if *name == "authorization" => {
            Some(Secret::new(text.expose().rsplit('=').next().unwrap_or_default()))
        }
        HeaderValue::Secret(text) => Some(text.clone()),
        HeaderValue::Plain(_) => None,
    });
    headers.chain(request.hidden.iter().cloned()).collect()
}

/// Puts a star over each byte of each of these texts, in the ways in which they can come back: as they are, in a JSON
/// text, and in one inside of another.
pub(super) fn cover(bytes: &mut [u8], secrets: &[Secret]) {
    for secret in secrets {
        let text = secret.expose();
        // A shorter one would be found where it is none, and most answers are shorter than a token.
        if text.len() < SHORTEST || text.len() > bytes.len() {
            continue;
        }
        for form in forms(text) {
            cover_one(bytes, form.as_bytes());
        }
    }
}

/// The same for the end of what was cut off there: the beginning of a secret is covered as well.
pub(super) fn cover_end(bytes: &mut [u8], secrets: &[Secret]) {
    for form in secrets.iter().flat_map(|secret| forms(secret.expose())) {
        let longest = form.len().min(bytes.len());
        let begun = (SHORTEST..=longest).rev().find(|length| bytes.ends_with(&form.as_bytes()[..*length]));
        if let Some(length) = begun {
            let start = bytes.len() - length;
            bytes[start..].fill(b'*');
        }
    }
}

fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    if text.contains(|c: char| matches!(c, '"' | '\\' | '/') || c.is_control()) {
        let once = escaped(text);
        let slashes = once.replace('/', "\\/");
        forms.extend([escaped(&once), escaped(&slashes), once, slashes]);
    }
    forms
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

/// As it stands between the quotes of a JSON text.
fn escaped(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or_default().to_owned()
}

const SHORTEST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_secret_is_covered_where_a_text_is_cut_off() {
        let secrets = [Secret::new("MIItoken/more"), Secret::new("xyz")];
        for (text, expected) in [
            ("", ""),
            ("token:MIItok", "token:******"),
            ("token:MIItoken\\/mo", "token:************"),
            ("token:MII", "token:MII"),
            ("MIItok is not at the end", "MIItok is not at the end"),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            cover_end(&mut bytes, &secrets);
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
        let secrets = secrets(&request);
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
            cover(&mut bytes, &secrets);
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }
}
