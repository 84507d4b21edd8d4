//! SDK-HMAC-SHA256: a request signed with an access key, as in the gateway's "API Request Signing Guide".
//!
//! Signed are `host`, `x-project-id`, `x-sdk-date` and `x-security-token`. The gateway requires only the date; the
//! project and the security token are signed so that nobody in between can change them. Other headers are not signed,
//! so that a proxy may change them.

use time::{OffsetDateTime, UtcOffset};

use super::AccessKey;
use crate::api::request::{HeaderValue, Request};
use crate::util::percent;
use crate::util::secret::Secret;

/// Adds the headers that sign the request, for this project and this moment. The gateway accepts them for 15 minutes.
///
/// The request must have its final URL and body. `host` is signed as HTTP sends it: without the usual port.
pub(crate) fn sign_at(request: &mut Request, key: &AccessKey, project_id: Option<&str>, now: OffsetDateTime) {
    let date = sdk_date(now);
    let host = request.url.origin().authority().to_string();
    let (path, query) = split_target(request.url.target());
    let mut signed = vec![("host", host.as_str()), ("x-sdk-date", date.as_str())];
    signed.extend(project_id.map(|id| ("x-project-id", id)));
    signed.extend(key.security_token.as_ref().map(|token| ("x-security-token", token.expose())));
    let signature = sign(
        key,
        &date,
        &Parts {
            method: request.method.as_str(),
            path,
            query: &query,
            headers: &signed,
            body: request.body.expose().as_bytes(),
        },
    );

    request.signed_at = Some(now);
    let headers = &mut request.headers;
    headers.push(("x-sdk-date", HeaderValue::Plain(date)));
    headers.extend(project_id.map(|id| ("x-project-id", HeaderValue::Plain(id.to_owned()))));
    headers.extend(key.security_token.clone().map(|token| ("x-security-token", HeaderValue::Secret(token))));
    headers.push(("authorization", HeaderValue::Secret(Secret::new(signature.authorization))));
}

/// What a signature covers: the path as sent or not yet encoded, the query as names and values that are not encoded.
struct Parts<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a [(String, String)],
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
}

/// The stages of a signature. No `Debug`: the canonical request holds the security token.
struct Signature {
    #[cfg(test)]
    canonical_request: String,
    #[cfg(test)]
    string_to_sign: String,
    authorization: String,
}

fn sign(key: &AccessKey, date: &str, parts: &Parts<'_>) -> Signature {
    let (canonical_request, names) = canonical_request(parts);
    let hash = hex(&hmac_sha256::Hash::hash(canonical_request.as_bytes()));
    let string_to_sign = format!("{ALGORITHM}\n{date}\n{hash}");
    let signature = hex(&hmac_sha256::HMAC::mac(string_to_sign.as_bytes(), key.secret.expose().as_bytes()));
    let authorization =
        format!("{ALGORITHM} Access={}, SignedHeaders={names}, Signature={signature}", key.id.expose());
    Signature {
        #[cfg(test)]
        canonical_request,
        #[cfg(test)]
        string_to_sign,
        authorization,
    }
}

/// The request in its one spelling, and the names of the headers in it.
fn canonical_request(parts: &Parts<'_>) -> (String, String) {
    let mut text = format!("{}\n", parts.method);
    // Decoded first, so that encoded and plain paths have the same signature. The final slash is signed but not sent.
    for (index, segment) in percent::decode(parts.path).split(|byte| *byte == b'/').enumerate() {
        if index > 0 {
            text.push('/');
        }
        percent::encode(segment, &mut text);
    }
    if !text.ends_with('/') {
        text.push('/');
    }
    text.push('\n');

    let mut query: Vec<_> = parts.query.iter().collect();
    query.sort();
    for (index, (name, value)) in query.into_iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        percent::encode(name.as_bytes(), &mut text);
        text.push('=');
        percent::encode(value.as_bytes(), &mut text);
    }
    text.push('\n');

    let mut headers: Vec<_> = parts
        .headers
        .iter()
        // Servers drop headers with such names and cannot verify them.
        .filter(|(name, _)| !name.contains('_'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    headers.sort();
    for (name, value) in &headers {
        text.extend([name, ":", value, "\n"]);
    }
    let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let body = hex(&hmac_sha256::Hash::hash(parts.body));
    text.extend(["\n", &names, "\n", &body]);
    (text, names)
}

/// `20191115T033655Z`, in UTC.
fn sdk_date(now: OffsetDateTime) -> String {
    // Fails only at the ends of the calendar, where no gateway accepts the date anyway.
    let utc = now.checked_to_offset(UtcOffset::UTC).unwrap_or(now);
    let (year, month, day) = utc.to_calendar_date();
    let (hour, minute, second) = utc.to_hms();
    format!("{year:04}{:02}{day:02}T{hour:02}{minute:02}{second:02}Z", u8::from(month))
}

/// The path, and the names and values of the query.
fn split_target(target: &str) -> (&str, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let decoded = |text: &str| String::from_utf8_lossy(&percent::decode(text)).into_owned();
    let pairs = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    (path, pairs)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const ALGORITHM: &str = "SDK-HMAC-SHA256";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;
    use time::format_description::well_known::Rfc3339;

    use super::*;
    use crate::auth::{Credentials, Kind};

    /// Made with the official signer (huaweicloudsdkcore 3.1.219), the guide's own worked example among them.
    const VECTORS: &str = include_str!("../../tests/it/data/signing_vectors.json");

    fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
        vector[member].as_str().unwrap_or_else(|| panic!("{member} of {}", vector["name"]))
    }

    fn key_of(vector: &Value) -> AccessKey {
        let (id, secret) = (text(vector, "access_key"), text(vector, "secret_key"));
        let credentials = match vector["security_token"].as_str() {
            Some(token) => Credentials::temporary_access_key(id, secret, token),
            None => Credentials::access_key(id, secret),
        };
        match credentials.unwrap().kind() {
            Kind::AccessKey(key) => key.clone(),
            _ => panic!("an access key makes no access key"),
        }
    }

    /// The query as pairs: a list is its name once for each value, a number and a boolean are as JSON writes them.
    fn query_of(vector: &Value) -> Vec<(String, String)> {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut pairs = Vec::new();
        for pair in vector["query"].as_array().unwrap() {
            let name = pair[0].as_str().unwrap();
            match pair[1].as_array() {
                Some(values) => pairs.extend(values.iter().map(|value| (name.to_owned(), plain(value)))),
                None => pairs.push((name.to_owned(), plain(&pair[1]))),
            }
        }
        pairs
    }

    /// Left out are the three of V11-HMAC-SHA256, another algorithm, which no service with jobs asks for.
    #[test]
    fn every_vector_of_the_official_signer_is_reproduced() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let mut count = 0;
        for vector in vectors["vectors"].as_array().unwrap() {
            let headers: Vec<(&str, &str)> = match text(vector, "mode") {
                "sdk" => vector["headers_before_signing"].as_object(),
                "sdk-date-only" => None,
                _ => continue,
            }
            .map(|headers| {
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect()
            })
            .unwrap_or_else(|| vec![("X-Sdk-Date", text(vector, "x_sdk_date"))]);
            let signature = sign(
                &key_of(vector),
                text(vector, "x_sdk_date"),
                &Parts {
                    method: text(vector, "method"),
                    path: text(vector, "path"),
                    query: &query_of(vector),
                    headers: &headers,
                    body: text(vector, "body").as_bytes(),
                },
            );
            let (name, expected) = (text(vector, "name"), &vector["expected"]);
            assert_eq!(signature.canonical_request, text(expected, "canonical_request"), "{name}");
            assert_eq!(signature.string_to_sign, text(expected, "string_to_sign"), "{name}");
            assert!(
                signature.authorization.ends_with(&format!("Signature={}", text(expected, "signature"))),
                "{name}"
            );
            assert_eq!(signature.authorization, text(expected, "authorization"), "{name}");
            count += 1;
        }
        assert_eq!(count, 30);
    }

    /// Left out are those with headers that we do not sign and those with a path that is no URL.
    #[test]
    fn a_whole_request_is_signed_like_the_official_signer_does() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let mut count = 0;
        for vector in vectors["vectors"].as_array().unwrap() {
            let ours = text(vector, "mode") == "sdk"
                && vector["headers"].as_object().unwrap().is_empty()
                && vector["query"].as_array().unwrap().is_empty()
                && vector["domain_id"].is_null()
                && text(vector, "path").bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b));
            if !ours {
                continue;
            }
            let url = format!("https://{}{}", text(vector, "host"), text(vector, "path"));
            let mut request = Request::get(url.into());
            let date = text(vector, "x_sdk_date");
            let rfc = format!(
                "{}-{}-{}T{}:{}:{}Z",
                &date[..4],
                &date[4..6],
                &date[6..8],
                &date[9..11],
                &date[11..13],
                &date[13..15]
            );
            let now = OffsetDateTime::parse(&rfc, &Rfc3339).unwrap();
            sign_at(&mut request, &key_of(vector), vector["project_id"].as_str(), now);
            let sent = |name: &str| {
                request.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.expose())
            };
            let expected = &vector["expected"];
            assert_eq!(sent("authorization"), expected["authorization"].as_str(), "{}", vector["name"]);
            assert_eq!(sent("x-sdk-date"), Some(date));
            assert_eq!(sent("x-project-id"), vector["project_id"].as_str());
            assert_eq!(sent("x-security-token"), vector["security_token"].as_str());
            assert_eq!(sent("host"), None);
            count += 1;
        }
        assert_eq!(count, 16);
    }

    #[test]
    fn a_request_for_a_project_signs_its_query() {
        let key = || match Credentials::access_key("AK", "SK").unwrap().kind() {
            Kind::AccessKey(key) => key.clone(),
            _ => panic!("an access key makes no access key"),
        };
        let signed = |url: &str| {
            let mut request = Request::get(url.into());
            sign_at(&mut request, &key(), None, OffsetDateTime::UNIX_EPOCH);
            request.headers.pop().unwrap().1.expose().to_owned()
        };
        let one = signed("https://iam.eu-de.otc.t-systems.com/v3/projects?name=eu-de_a%20b");
        assert_eq!(one, signed("https://IAM.eu-de.otc.t-systems.com:443/v3/projects?name=eu-de_a b"));
        assert_ne!(one, signed("https://iam.eu-de.otc.t-systems.com/v3/projects?name=eu-de_a"));
        assert_ne!(one, signed("http://iam.eu-de.otc.t-systems.com:443/v3/projects?name=eu-de_a%20b"));
    }

    /// The databases take the id of a job as a query: it has to be signed.
    #[test]
    fn the_query_of_a_job_is_signed_like_the_official_signer_does() {
        use crate::api::request::job_request;
        use crate::endpoint::Endpoint;
        use crate::endpoint::service::Service;
        use crate::job::id::JobId;

        let key = match Credentials::access_key("AK", "SK").unwrap().kind() {
            Kind::AccessKey(key) => key.clone(),
            _ => panic!("an access key makes no access key"),
        };
        let endpoint =
            Endpoint::new("https://rds.eu-de.otc.t-systems.com", "p1").unwrap().service(Service::Rds);
        let mut request = job_request(&endpoint, &JobId::new("a1-b.c_d").unwrap());
        assert!(request.url.to_string().ends_with("/v3/p1/jobs?id=a1-b.c_d"), "{}", request.url);
        sign_at(&mut request, &key, Some("p1"), OffsetDateTime::UNIX_EPOCH);
        let sent = request.headers.pop().unwrap().1.expose().to_owned();
        let date = "19700101T000000Z";
        let headers = [("host", "rds.eu-de.otc.t-systems.com"), ("x-project-id", "p1"), ("x-sdk-date", date)];
        let expected = sign(
            &key,
            date,
            &Parts {
                method: "GET",
                path: "/v3/p1/jobs",
                query: &[("id".to_owned(), "a1-b.c_d".to_owned())],
                headers: &headers,
                body: b"",
            },
        );
        assert_eq!(sent, expected.authorization);
        assert!(expected.canonical_request.contains("\n/v3/p1/jobs/\nid=a1-b.c_d\n"));
    }

    #[test]
    fn the_date_is_in_utc() {
        let now = OffsetDateTime::parse("2026-03-01T01:59:59.9+02:00", &Rfc3339).unwrap();
        assert_eq!(sdk_date(now), "20260228T235959Z");
    }

    #[test]
    fn secret_headers_have_secret_values() {
        let credentials = Credentials::temporary_access_key("AKID", "s3cret", "s3curity").unwrap();
        let Kind::AccessKey(key) = credentials.kind() else { panic!("not a key") };
        let mut request = Request::get("https://ecs.example.com/v1/p/jobs/j".into());
        sign_at(&mut request, key, Some("p"), OffsetDateTime::UNIX_EPOCH);
        let shown = format!("{request:?}");
        for secret in ["s3cret", "s3curity", "AKID", "Signature"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains(r#"("x-project-id", Plain("p"))"#), "{shown}");
    }

    proptest! {
        #[test]
        fn no_path_is_too_odd_to_be_signed(path in ".*") {
            let credentials = Credentials::access_key("AK", "SK").unwrap();
            let Kind::AccessKey(key) = credentials.kind() else { panic!("not a key") };
            let mut request = Request::get(format!("https://h/{path}").into());
            sign_at(&mut request, key, None, OffsetDateTime::UNIX_EPOCH);
            prop_assert_eq!(request.headers.len(), 2);
        }
    }
}
