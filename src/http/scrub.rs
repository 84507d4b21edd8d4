//! The secrets of a request, to be masked in its response.

use crate::api::request::{HeaderValue, Request};
use crate::util::secret::Secret;

/// The secrets of a request.
pub(super) fn secrets(request: &Request) -> impl Iterator<Item = Secret> {
    let headers = request.headers.iter().filter_map(|(name, value)| match value {
        // Of a signature only itself: the rest of its header is the algorithm, names of headers and the key's id.
        HeaderValue::Secret(text) if *name == "authorization" => {
            text.expose().rsplit('=').next().map(Secret::new)
        }
        HeaderValue::Secret(text) => Some(text.clone()),
        HeaderValue::Plain(_) => None,
    });
    // Shorter ones would be found where they are not meant.
    headers.chain(request.hidden.iter().cloned()).filter(|secret| secret.expose().len() >= MIN_LENGTH)
}

/// Overwrites the beginning of a secret at the end of a body that was cut off with asterisks. Whole secrets are masked by
/// `Response::hiding`.
pub(super) fn cover_end(bytes: &mut [u8], request: &Request) {
    for secret in secrets(request) {
        let text = secret.expose();
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
    fn the_secrets_of_a_request_are_its_secret_headers_and_what_its_body_hides() {
        let request = Request::post("https://iam/v3".into(), Secret::new("{}"))
            .hiding(&Secret::new(r#"pa"ss\word"#))
            .hiding(&Secret::new("abc"))
            .header("x-auth-token", HeaderValue::Secret(Secret::new("token")))
            .header("x-project-id", HeaderValue::Plain("project".into()))
            .header("authorization", HeaderValue::Secret(Secret::new("SDK Access=id, Signature=f00f00")));
        let secrets: Vec<_> = secrets(&request).collect();
        assert_eq!(
            secrets.iter().map(Secret::expose).collect::<Vec<_>>(),
            ["token", "f00f00", r#"pa"ss\word"#]
        );
    }
}
