//! Secrets found by the names that stand beside them, and tokens by their form.

use super::MASK;

/// The text with what may be a secret masked.
pub(super) fn mask(text: &str) -> String {
    let text = without_canonical_request(text);
    let text = without_named_values(&text);
    let text = without_url_passwords(&text);
    without_long_tokens(&text)
}

fn without_canonical_request(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    for (at, word) in lower.match_indices("canonical") {
        let rest = &lower[at + word.len()..];
        let gap = usize::from(rest.starts_with([' ', '_', '-']));
        if rest[gap..].starts_with("request") {
            return format!("{}canonicalRequest:(not shown)", &text[..at]);
        }
    }
    text.to_owned()
}

/// Masks the values of headers and members that hold secrets, in the ways in which such values are written:
/// `name:value`, `name = value`, `"name":"value"`, `\"name\":\"value\"`, `'name': 'value'`, `<name>value<`.
fn without_named_values(text: &str) -> String {
    // Of the same length, so that an index into one is an index into the other.
    let lower = text.to_ascii_lowercase().replace('_', "-");
    let mut shown = String::with_capacity(text.len());
    let (mut done, mut at) = (0, 0);
    while at < text.len() {
        let Some((name, reach)) =
            NAMES.iter().find(|(name, _)| lower.as_bytes()[at..].starts_with(name.as_bytes()))
        else {
            at += 1;
            continue;
        };
        at += name.len();
        if let Some((start, mut end)) = value_after(text, at, *reach) {
            // In place of the value there can be another name, followed by the secret.
            while let Some(further) = value_of_name_before(text, &lower, start, end) {
                end = further;
            }
            shown.push_str(&text[done..start]);
            shown.push_str(MASK);
            (done, at) = (end, end);
        }
    }
    shown.push_str(&text[done..]);
    shown
}

/// The end of the next value, if the text from `start` to `end` ends with a name and a separator.
fn value_of_name_before(text: &str, lower: &str, start: usize, end: usize) -> Option<usize> {
    let ended = lower[start..end].trim_end_matches(['\\', '"', '\'', ']', ' ', '\t', ':', '=', '>']);
    let (_, reach) = NAMES.iter().find(|(name, _)| ended.ends_with(name))?;
    let (_, further) = value_after(text, start + ended.len(), *reach)?;
    (further > end).then_some(further)
}

/// How the value of a name is written, and where it ends.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Reach {
    /// A header of several words: it ends with the line, or with the `|` of a canonical request.
    Line,
    /// A header of one word.
    Word,
    /// A common word: what follows is a value only after `=`, or in quotes.
    Assigned,
}

/// The range of the value of the name that ends at `from`.
fn value_after(text: &str, from: usize, reach: Reach) -> Option<(usize, usize)> {
    let skip = |at: usize, set: &[char]| {
        let rest = &text[at..];
        text.len() - rest.trim_start_matches(set).len()
    };
    let sign = skip(from, &['\\', '"', '\'', ']', ' ', '\t']);
    let after_sign = skip(sign, &[':', '=', '>']);
    if after_sign == sign {
        return None;
    }
    let opening = skip(after_sign, &[' ', '\t', '[', '(']);
    let unescaped = skip(opening, &['\\']);
    let quote = text[unescaped..].chars().next().filter(|c| matches!(c, '"' | '\''));
    let (start, end) = match quote {
        Some(quote) => {
            let start = unescaped + 1;
            (start, end_of_quoted(text, start, quote, unescaped - opening))
        }
        None if reach == Reach::Assigned && !text[sign..after_sign].contains('=') => return None,
        None => {
            let stops: &[char] = match reach {
                Reach::Line => &['|', '"', '<', '\n', '\r'],
                _ => &['|', '"', '\'', '<', '>', ',', ';', '&', '{', '}', ')', ']', ' ', '\t', '\n', '\r'],
            };
            (opening, text[opening..].find(stops).map_or(text.len(), |length| opening + length))
        }
    };
    (end > start).then_some((start, end))
}

/// The index of the closing quote: the first with no more backslashes before it than the opening one.
fn end_of_quoted(text: &str, start: usize, quote: char, escapes: usize) -> usize {
    let mut backslashes = 0;
    for (at, c) in text[start..].char_indices() {
        if c == quote && backslashes <= escapes {
            return start + at - backslashes;
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
    }
    text.len()
}

/// `https://user:password@host` as `https://***@host`.
fn without_url_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'<>|".contains(c)).unwrap_or(after.len());
        rest = after;
        if let Some(user) = after[..end].rfind('@') {
            shown.push_str(MASK);
            rest = &after[user..];
        }
    }
    shown.push_str(rest);
    shown
}

/// Masks what looks like a token, with or without a name: an unbroken run that is very long, or long and begins like a
/// PKI or Fernet token.
fn without_long_tokens(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(rest.find(|c| !is_token_character(c)).unwrap_or(rest.len()));
        let from = if run.len() >= 100 {
            Some(0)
        } else {
            TOKEN_BEGINNINGS
                .iter()
                .filter_map(|start| run.find(start))
                .min()
                .filter(|at| run.len() - at >= 64)
        };
        match from {
            Some(from) => {
                shown.push_str(&run[..from]);
                shown.push_str(MASK);
            }
            None => shown.push_str(run),
        }
        let (between, next) = after.split_at(after.find(is_token_character).unwrap_or(after.len()));
        shown.push_str(between);
        rest = next;
    }
    shown
}

/// Base64 in both alphabets, also percent-encoded or with JSON's `\/`, and the dots of a JWT.
fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_+/=.~%\\".contains(c)
}

const TOKEN_BEGINNINGS: &[&str] = &["MII", "gAAAA"];

/// In lower case, `-` standing for `_` too. Each is found at the end of a longer name as well (`X-Auth-Token`).
const NAMES: &[(&str, Reach)] = &[
    ("authorization", Reach::Line),
    ("cookie", Reach::Line),
    ("auth-token", Reach::Word),
    ("security-token", Reach::Word),
    ("securitytoken", Reach::Word),
    ("subject-token", Reach::Word),
    ("metadata-token", Reach::Word),
    ("token", Reach::Assigned),
    ("signature", Reach::Assigned),
    ("password", Reach::Assigned),
    ("adminpass", Reach::Assigned),
    ("passcode", Reach::Assigned),
    ("secret-access-key", Reach::Assigned),
    ("secret-key", Reach::Assigned),
    ("secret", Reach::Assigned),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::util::redact::mask_secrets;

    #[test]
    fn a_name_in_place_of_a_value_does_not_hide_the_one_behind_it() {
        for (text, expected) in [
            ("X-Auth-Token: X-Auth-Token: SECRET end", "X-Auth-Token: *** end"),
            ("X-Auth-Token: X-Auth-Token : SECRET end", "X-Auth-Token: *** end"),
            ("x-auth-token=x-auth-token=x-auth-token=SECRET end", "x-auth-token=*** end"),
            (r#""password":"password":"SECRET" end"#, r#""password":"***" end"#),
            ("X-Auth-Token: authorization: Basic SECRET", "X-Auth-Token: ***"),
            ("X-Auth-Token: SECRET of X-Auth-Token: SECRET", "X-Auth-Token: *** of X-Auth-Token: ***"),
        ] {
            assert_eq!(mask_secrets(text), expected);
        }
        // In linear time.
        let many = "X-Auth-Token: ".repeat(100_000);
        assert!(mask_secrets(&many).len() < many.len());
    }

    #[test]
    fn an_echoed_canonical_request_is_not_shown() {
        for (text, expected) in [
            (
                "verify aksk signature fail, canonicalRequest:GET|/v1/p/jobs/1/||host:h|x-security-token:SECRET||host|e3b0",
                "verify aksk signature fail, canonicalRequest:(not shown)",
            ),
            ("fail, CanonicalRequest = 'GET", "fail, canonicalRequest:(not shown)"),
            ("the canonical request was GET", "the canonicalRequest:(not shown)"),
            ("a canonical name; canonical_request: x", "a canonical name; canonicalRequest:(not shown)"),
            ("a canonical name", "a canonical name"),
        ] {
            assert_eq!(mask_secrets(text), expected);
        }
    }

    #[test]
    fn values_of_secret_headers_and_members_are_masked() {
        for (text, expected) in [
            ("x-auth-token:abc|host:h", "x-auth-token:***|host:h"),
            ("X-Auth-Token: abc rest", "X-Auth-Token: *** rest"),
            ("X_AUTH_TOKEN = abc", "X_AUTH_TOKEN = ***"),
            ("{\"X-Auth-Token\":\"abc\",\"a\":1}", "{\"X-Auth-Token\":\"***\",\"a\":1}"),
            ("{\"X-Auth-Token\": [\"abc\"]}", "{\"X-Auth-Token\": [\"***\"]}"),
            (r#"{\"x-subject-token\":\"a\\\"b\"}"#, r#"{\"x-subject-token\":\"***\"}"#),
            ("{'X-Security-Token': 'abc'}", "{'X-Security-Token': '***'}"),
            ("<X-Security-Token>abc</X-Security-Token>", "<X-Security-Token>***</X-Security-Token>"),
            ("securitytoken=abc&a=b", "securitytoken=***&a=b"),
            (
                "authorization:SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=00ff|host:h",
                "authorization:***|host:h",
            ),
            ("Proxy-Authorization: Basic YTpi\r\nHost: h", "Proxy-Authorization: ***\r\nHost: h"),
            ("Access=AK, Signature=00ff, x", "Access=AK, Signature=***, x"),
            ("{'name': 'demo', 'password': 's3cret word'}", "{'name': 'demo', 'password': '***'}"),
            ("\"password\":\"open", "\"password\":\"***"),
            ("via http://user:pa:ss@proxy:3128/x", "via http://***@proxy:3128/x"),
            ("token=abc", "token=***"),
            (r"x-auth-token\u003dabc", "x-auth-token=***"),
            (
                r"x\u002dauth-token\u0022:\u0022a b\u0022 \u00e4 \u0001 \u00",
                "x-auth-token\":\"***\" ä \u{1} \\u00",
            ),
            (
                "secret_access_key=abc&secret_key=\"d e\"&client_secret=f",
                "secret_access_key=***&secret_key=\"***\"&client_secret=***",
            ),
        ] {
            assert_eq!(mask_secrets(text), expected);
        }
    }

    #[test]
    fn prose_about_secrets_stays_readable() {
        for text in [
            "",
            "Invalid token in the header",
            "The token must be updated",
            "Authorization failed",
            "the password: too short",
            "Incorrect IAM authentication information: ak access_key_id not exist",
            "verify signature: it does not match",
            "\"encoded_authorization_message\": none",
            "X-Auth-Token is missing",
            "X-Auth-Token:",
            "see https://docs.example.com/a/b?c=d and mail me@example.com",
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "MIICxx is short",
            "größer als 5 Zeichen",
        ] {
            assert_eq!(mask_secrets(text), text);
        }
    }

    #[test]
    fn long_tokens_are_masked_wherever_they_stand() {
        let pki = format!("MIIF{}", "aB3-_".repeat(12));
        let fernet = format!("gAAAAAB{}==", "xY".repeat(30));
        let run = "k/\\/".repeat(25);
        for (text, expected) in [
            (pki.clone(), "***".to_owned()),
            (format!("got <{pki}>"), "got <***>".to_owned()),
            (format!("id.{fernet}, too"), "id.***, too".to_owned()),
            (format!("a {run} b"), "a *** b".to_owned()),
            (format!("ä{run}ä"), "ä***ä".to_owned()),
        ] {
            assert_eq!(mask_secrets(&text), expected);
        }
        let short = "k".repeat(99);
        assert_eq!(mask_secrets(&short), short);
    }

    proptest! {
        #[test]
        fn any_text_is_cleaned_without_a_panic(text in any::<String>()) {
            let _ = mask_secrets(&text);
        }

        #[test]
        fn texts_full_of_names_and_signs_are_cleaned_without_a_panic(
            parts in prop::collection::vec(prop::sample::select(PARTS), 0..30),
        ) {
            let once = mask_secrets(&parts.concat());
            let _ = mask_secrets(&once);
        }

        #[test]
        fn a_secret_after_its_name_never_survives(
            before in "[a-zA-Z0-9 .,;|{}äß:]{0,20}",
            name in prop::sample::select(&["X-Auth-Token", "x-subject-token", "x_security_token", "AUTHORIZATION", "Signature", "password"][..]),
            sign in prop::sample::select(&["=", " = ", "\":\"", "\\\":\\\"", "': '", "='", "=>\""][..]),
            secret in "S3cr3t[A-Za-z0-9+/_=.-]{2,150}",
            after in "[|\"'<\n].{0,20}",
        ) {
            let shown = mask_secrets(&format!("{before}{name}{sign}{secret}{after}"));
            prop_assert!(!shown.contains("S3cr3t"), "{}", shown);
        }
    }

    const PARTS: &[&str] = &[
        "\\u00",
        "3d",
        "\\u0022",
        "token",
        "x-auth-token",
        "authorization",
        "canonical",
        "request",
        ":",
        "=",
        "\"",
        "'",
        "\\",
        "|",
        "ä",
        "://",
        "@",
        " ",
        "\n",
        "[",
        "MII",
        "gAAAA",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
}
