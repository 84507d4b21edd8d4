//! Verifies SDK-HMAC-SHA256 signatures by the published rules. It shares no code with the signer, so that each can find
//! the other's mistakes.

use hmac_sha256::{HMAC, Hash};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::simulator::http::request::{Request, unescape};
use crate::simulator::settings::AccessKey;

/// Verifies the header `Authorization` of a request.
///
/// # Errors
/// The gateway's text after "Incorrect IAM authentication information: ". For a wrong signature it contains the whole
/// canonical request with its headers, as the gateway's text does.
pub(crate) fn check(keys: &[AccessKey], request: &Request, now: OffsetDateTime) -> Result<(), String> {
    let authorization = request.header("authorization").unwrap_or_default();
    let fields = Fields::parse(authorization).ok_or("the Authorization header is not of SDK-HMAC-SHA256")?;
    let Some(key) = keys.iter().find(|key| key.id == fields.access) else {
        return Err(format!("ak {} not exist", fields.access));
    };
    let date = request.header("x-sdk-date").ok_or("x-sdk-date not found")?;
    let signed_at = parse_date(date).ok_or("x-sdk-date is not of the form 20060102T150405Z")?;
    if (now - signed_at).abs() > WINDOW {
        return Err(
            "signature expired: x-sdk-date differs from the current time by more than 15 minutes".into()
        );
    }
    let names: Vec<&str> = fields.signed_headers.split(';').collect();
    if !names.contains(&"x-sdk-date") {
        return Err("x-sdk-date is not among the signed headers".into());
    }
    if let Some(missing) = names.iter().find(|name| request.header(name).is_none()) {
        return Err(format!("the signed header {missing} not found"));
    }
    let canonical = canonical_request(request, &fields.signed_headers);
    if signature(key.secret.expose(), date, &canonical) != fields.signature {
        return Err(format!("verify aksk signature fail, canonicalRequest:{}", canonical.replace('\n', "|")));
    }
    let security_token = request.header("x-security-token");
    if security_token != key.security_token.as_ref().map(|token| token.expose()) {
        return Err("the security token is not that of the ak".into());
    }
    Ok(())
}

/// The parts of the header `Authorization`.
struct Fields {
    access: String,
    signed_headers: String,
    signature: String,
}

impl Fields {
    fn parse(header: &str) -> Option<Self> {
        let (mut access, mut signed_headers, mut signature) = (None, None, None);
        for field in header.strip_prefix("SDK-HMAC-SHA256 ")?.split(',') {
            let (name, value) = field.trim().split_once('=')?;
            let place = match name {
                "Access" => &mut access,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return None,
            };
            *place = Some(value.to_owned());
        }
        Some(Self { access: access?, signed_headers: signed_headers?, signature: signature? })
    }
}

/// Method, path, query, headers, their names and the hash of the body, one per line.
fn canonical_request(request: &Request, signed_headers: &str) -> String {
    let mut names: Vec<String> = signed_headers.split(';').map(str::to_ascii_lowercase).collect();
    names.sort();
    let mut lines =
        vec![request.method.clone(), canonical_path(&request.path), canonical_query(&request.query)];
    for name in &names {
        lines.push(format!("{name}:{}", request.header(name).unwrap_or_default().trim()));
    }
    lines.push(String::new());
    lines.push(names.join(";"));
    // For an unsigned payload this word takes the place of the hash.
    let unsigned = request.header("x-sdk-content-sha256").filter(|word| *word == "UNSIGNED-PAYLOAD");
    lines.push(unsigned.map_or_else(|| hex(&Hash::hash(&request.body)), str::to_owned));
    lines.join("\n")
}

fn signature(secret: &str, date: &str, canonical: &str) -> String {
    let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Hash::hash(canonical.as_bytes())));
    hex(&HMAC::mac(text.as_bytes(), secret.as_bytes()))
}

fn canonical_path(path: &str) -> String {
    let plain = unescape(path.as_bytes());
    let segments: Vec<String> = plain.split(|byte| *byte == b'/').map(escape).collect();
    let mut path = segments.join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

fn canonical_query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescape(name.as_bytes()), unescape(value.as_bytes()))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}

fn escape(plain: &[u8]) -> String {
    plain.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `20191115T033655Z`
fn parse_date(text: &str) -> Option<OffsetDateTime> {
    let whole = text.len() == 16 && text.is_ascii() && text.get(8..9) == Some("T") && text.ends_with('Z');
    let number = |from: usize, to: usize| {
        let digits =
            text.get(from..to).filter(|part| whole && part.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|part| part.parse::<u16>().ok())
    };
    let small = |from: usize, to: usize| number(from, to).and_then(|number| u8::try_from(number).ok());
    let month = Month::try_from(small(4, 6)?).ok()?;
    let date = Date::from_calendar_date(i32::from(number(0, 4)?), month, small(6, 8)?).ok()?;
    let time = Time::from_hms(small(9, 11)?, small(11, 13)?, small(13, 15)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

const WINDOW: time::Duration = time::Duration::minutes(15);

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::util::secret::Secret;

    const VECTORS: &str = include_str!("../../../tests/it/data/signing_vectors.json");

    /// The vectors of the official signer for this gateway's scheme.
    fn vectors() -> Vec<Value> {
        let all: Value = serde_json::from_str(VECTORS).unwrap();
        let vectors = all["vectors"].as_array().unwrap().clone();
        vectors.into_iter().filter(|vector| vector["mode"].as_str().unwrap().starts_with("sdk")).collect()
    }

    fn text<'a>(value: &'a Value, name: &str) -> &'a str {
        value[name].as_str().unwrap()
    }

    fn request(vector: &Value) -> Request {
        let target = text(&vector["expected"], "request_uri");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers: Vec<(String, String)> = vector["headers_before_signing"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        headers.push(("Authorization".into(), text(&vector["expected"], "authorization").into()));
        Request {
            method: text(vector, "method").into(),
            path: path.into(),
            query: query.into(),
            headers,
            body: vector["body"].as_str().unwrap_or_default().into(),
            keep_alive: true,
        }
    }

    fn keys(vector: &Value) -> Vec<AccessKey> {
        vec![AccessKey {
            id: text(vector, "access_key").into(),
            secret: Secret::new(text(vector, "secret_key")),
            security_token: vector["security_token"].as_str().map(Secret::new),
        }]
    }

    fn time_of(vector: &Value) -> OffsetDateTime {
        parse_date(text(&vector["headers_before_signing"], "X-Sdk-Date")).unwrap()
    }

    #[test]
    fn every_vector_of_the_official_signer_is_accepted() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 30);
        for vector in &vectors {
            let (name, request) = (text(vector, "name"), request(vector));
            let canonical = canonical_request(&request, text(&vector["expected"], "signed_headers"));
            assert_eq!(canonical, text(&vector["expected"], "canonical_request"), "{name}");
            assert_eq!(check(&keys(vector), &request, time_of(vector)), Ok(()), "{name}");
        }
    }

    #[test]
    fn any_change_after_signing_is_rejected() {
        for vector in &vectors() {
            let rejected = |request: &Request| check(&keys(vector), request, time_of(vector)).is_err();
            let name = text(vector, "name");
            let mut other = request(vector);
            other.method.push('X');
            assert!(rejected(&other), "{name}: method");
            let mut other = request(vector);
            other.path.push_str("/more");
            assert!(rejected(&other), "{name}: path");
            let mut other = request(vector);
            other.query.push_str("&more=1");
            assert!(rejected(&other), "{name}: query");
            let mut other = request(vector);
            other.body.push(b'!');
            assert!(rejected(&other), "{name}: body");
            let mut other = request(vector);
            let date = other.headers.iter_mut().find(|(name, _)| name == "X-Sdk-Date").unwrap();
            date.1 =
                if date.1.ends_with("5Z") { date.1.replace("5Z", "6Z") } else { date.1.replace("Z", "0Z") };
            assert!(rejected(&other), "{name}: date");
            let mut stolen = keys(vector);
            stolen[0].secret = Secret::new("another secret");
            assert!(check(&stolen, &request(vector), time_of(vector)).is_err(), "{name}: secret");
        }
    }

    #[test]
    fn the_error_texts_are_those_of_the_gateway() {
        let vectors = vectors();
        let vector = vectors.iter().find(|vector| text(vector, "name") == "security-token").unwrap();
        let now = time_of(vector);
        let unknown = check(&[], &request(vector), now).unwrap_err();
        assert_eq!(unknown, format!("ak {} not exist", text(vector, "access_key")));
        for minutes in [-16, 16] {
            let late =
                check(&keys(vector), &request(vector), now + time::Duration::minutes(minutes)).unwrap_err();
            assert!(late.starts_with("signature expired"), "{late}");
        }
        assert_eq!(check(&keys(vector), &request(vector), now + time::Duration::minutes(15)), Ok(()));
        let mut changed = request(vector);
        changed.path.push('x');
        let failed = check(&keys(vector), &changed, now).unwrap_err();
        assert!(failed.starts_with("verify aksk signature fail, canonicalRequest:GET|/v1/"), "{failed}");
        assert!(failed.contains(text(vector, "security_token")), "the gateway echoes signed headers");
        let mut permanent = keys(vector);
        permanent[0].security_token = None;
        assert!(check(&permanent, &request(vector), now).unwrap_err().contains("security token"));
    }

    #[test]
    fn an_invalid_authorization_header_is_rejected() {
        let vectors = vectors();
        let vector = &vectors[0];
        let whole = text(&vector["expected"], "authorization");
        let table = [
            "",
            "Basic dTpw",
            "SDK-HMAC-SHA256",
            "SDK-HMAC-SHA256 Access=a, SignedHeaders=host",
            "SDK-HMAC-SHA256 Credential=a//, SignedHeaders=host, Signature=b",
            "sdk-hmac-sha256 Access=a, SignedHeaders=x-sdk-date, Signature=b",
            &whole.replace("x-sdk-date", "host"),
            &whole.replace("host;", "absent;"),
            &whole.to_uppercase(),
        ];
        for header in table {
            let mut request = request(vector);
            request.headers.last_mut().unwrap().1 = header.into();
            assert!(check(&keys(vector), &request, time_of(vector)).is_err(), "{header}");
        }
    }

    #[test]
    fn a_date_has_exactly_one_form() {
        assert!(parse_date("20191115T033655Z").is_some());
        for text in
            ["", "20191315T033655Z", "20191115T033655", "2019-11-15T03:36Z", "20191115T0336+5Z", "ééééééééZ"]
        {
            assert!(parse_date(text).is_none(), "{text}");
        }
    }
}
