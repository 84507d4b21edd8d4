//! Why there is no TLS connection, in words, and whether a retry makes sense.
//!
//! The types of rustls and native-tls are not those of a direct dependency, so their texts are read. `tests/tls.rs` and
//! the tests of `tests/servers` hold them against real peers.

use std::fmt::Write;

use time::OffsetDateTime;

use crate::error::poll::TransportErrorKind;

/// The kind of the error, and a clause about `peer`.
pub(super) fn explain(text: &str, peer: &str, now: OffsetDateTime) -> (TransportErrorKind, String) {
    let no_tls = |why: &str| format!("no TLS connection to {peer}: {why}");
    if let Some(why) = certificate(text, now) {
        return (TransportErrorKind::Certificate, format!("the certificate of {peer} is not trusted: {why}"));
    }
    if let Some(why) = UNSUPPORTED.iter().find_map(|(part, why)| text.contains(part).then_some(why)) {
        return (TransportErrorKind::TlsUnsupported, no_tls(why));
    }
    if NOT_TLS.iter().any(|part| text.contains(part)) {
        return (TransportErrorKind::Tls, no_tls("the peer does not speak TLS"));
    }
    // `error:0A000438:SSL routines:ssl3_read_bytes:tlsv1 alert internal error:../ssl/record/rec_layer_s3.c:1601:...`
    let text = text.split_once("SSL routines:").and_then(|(_, rest)| rest.split(':').nth(1)).unwrap_or(text);
    // `PeerMisbehaved(Name { .. })` and the like.
    let text = text.split(['{', '(', '[']).next().unwrap_or_default().trim_end();
    (TransportErrorKind::Tls, no_tls(text))
}

/// Parts of the texts of rustls and of OpenSSL, and what they mean. The most specific ones come first.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("CertificateRequired", CLIENT_CERTIFICATE),
    ("certificate required", CLIENT_CERTIFICATE),
    ("alert: BadCertificate", CLIENT_CERTIFICATE),
    ("alert bad certificate", CLIENT_CERTIFICATE),
    ("alert: NoCertificate", CLIENT_CERTIFICATE),
    ("ProtocolVersion", OLD_VERSION),
    ("alert protocol version", OLD_VERSION),
    ("ServerDoesNotSupportTls12Or13", OLD_VERSION),
    ("ServerTlsVersionIsDisabled", OLD_VERSION),
    ("Tls12NotOffered", OLD_VERSION),
    ("unsupported protocol", OLD_VERSION),
    ("alert: HandshakeFailure", NOTHING_IN_COMMON),
    ("handshake failure", NOTHING_IN_COMMON),
    ("InsufficientSecurity", NOTHING_IN_COMMON),
    ("insufficient security", NOTHING_IN_COMMON),
    ("InCommon", NOTHING_IN_COMMON),
    ("peer is incompatible", NOTHING_IN_COMMON),
    ("dh key too small", NOTHING_IN_COMMON),
    ("alert: AccessDenied", "the server denies access"),
    ("alert access denied", "the server denies access"),
    ("alert: UnrecognisedName", "the server does not know this host name"),
    ("unrecognized name", "the server does not know this host name"),
];

const CLIENT_CERTIFICATE: &str = "the server requires a client certificate, which is not supported";
const OLD_VERSION: &str = "the server supports neither TLS 1.2 nor TLS 1.3";
const NOTHING_IN_COMMON: &str = "the server rejected the handshake: it has no cipher suite or key exchange in common \
     with this client (TLS 1.2 with ECDHE, or TLS 1.3), or it requires a client certificate";

const NOT_TLS: &[&str] =
    &["InvalidContentType", "wrong version number", "packet length too long", "http request"];

/// What is wrong with a certificate, if that is what the text says.
fn certificate(text: &str, now: OffsetDateTime) -> Option<String> {
    if let Some((_, reason)) = text.split_once("certificate verify failed") {
        let reason = reason.rsplit_once('(').map_or(reason, |(_, reason)| reason.trim_end_matches(')'));
        return Some(verify_result(reason, now));
    }
    let reason = text.strip_prefix("invalid peer certificate: ")?;
    let reason = reason.strip_prefix("certificate ").unwrap_or(reason);
    let mut times = reason.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    let why = if reason.starts_with("UnknownIssuer") {
        UNKNOWN_ISSUER.into()
    } else if reason.contains("CaUsedAsEndEntity") {
        "it is the certificate of an authority and not of a server: have the authority issue one for the server".into()
    } else if reason.starts_with("expired: ") {
        times.next();
        dated("it expired on", times.next(), now)
    } else if reason.starts_with("not valid yet: ") {
        times.next();
        dated("it is not valid before", times.next(), now)
    } else if reason.starts_with("Expired") {
        dated("it has expired", None, now)
    } else if let Some(names) = reason.strip_prefix("not valid for name ") {
        wrong_name(names)
    } else if reason.starts_with("UnsupportedSignatureAlgorithm") {
        let name = algorithm(reason).map_or_else(String::new, |name| format!(" ({name})"));
        format!("its signature algorithm{name} is not supported")
    } else if reason.starts_with("BadSignature") {
        "its signature is wrong".into()
    } else if reason.starts_with("BadEncoding") {
        "it is malformed".into()
    } else if reason.starts_with("Revoked") {
        "it was revoked".into()
    } else if reason.starts_with("does not allow extended key usage") {
        "it is not meant for a server".into()
    } else {
        words(reason)
    };
    Some(why)
}

const UNKNOWN_ISSUER: &str =
    "it was not issued by a known authority; if it is genuine, set the authority's certificate as CA file";

/// The texts of OpenSSL's `X509_verify_cert_error_string`.
fn verify_result(reason: &str, now: OffsetDateTime) -> String {
    match reason {
        "certificate has expired" => dated("it has expired", None, now),
        "certificate is not yet valid" => dated("it is not valid yet", None, now),
        "unable to get local issuer certificate"
        | "unable to get issuer certificate"
        | "unable to verify the first certificate"
        | "self-signed certificate"
        | "self-signed certificate in certificate chain" => UNKNOWN_ISSUER.into(),
        "Hostname mismatch" | "hostname mismatch" => "it is for another host name".into(),
        "IP address mismatch" => "it is not for this IP address".into(),
        reason => reason.trim_matches([':', ' ']).to_owned(),
    }
}

/// With the local time, which is wrong more often than a certificate is.
fn dated(what: &str, unix_seconds: Option<i64>, now: OffsetDateTime) -> String {
    let mut text = what.to_owned();
    if let Some(Ok(time)) = unix_seconds.map(OffsetDateTime::from_unix_timestamp) {
        let _ = write!(text, " {}", date(time));
    }
    let _ = write!(text, " (the clock of this computer says {}; check it)", date(now));
    text
}

fn date(time: OffsetDateTime) -> String {
    let (year, month, day) = time.to_calendar_date();
    format!("{year:04}-{:02}-{day:02} {:02}:{:02} UTC", u8::from(month), time.hour(), time.minute())
}

/// `"a.test"; certificate is only valid for DnsName("b.test") or DnsName("c.test")`
fn wrong_name(names: &str) -> String {
    let mut quoted = names.split('"').skip(1).step_by(2);
    let asked = quoted.next().unwrap_or_default();
    let presented: Vec<&str> = quoted.take(5).collect();
    if presented.is_empty() {
        format!("it is not for {asked}")
    } else {
        format!("it is not for {asked} but for {}", presented.join(", "))
    }
}

/// The name of an algorithm whose object identifier is in a list of bytes: `signature_algorithm_id: [42, 134, ...]`.
fn algorithm(text: &str) -> Option<&'static str> {
    let (_, list) = text.split_once('[')?;
    let bytes: Vec<u8> =
        list.split(']').next()?.split(", ").filter_map(|byte| byte.trim().parse::<u8>().ok()).collect();
    let position = |id: &[u8]| bytes.windows(id.len()).any(|window| window == id);
    ALGORITHMS.iter().find(|(id, _)| position(id)).map(|(_, name)| *name)
}

/// Object identifiers in DER (RFC 3279, RFC 4055, RFC 5758, RFC 8410).
const ALGORITHMS: &[(&[u8], &str)] = &[
    (&[42, 134, 72, 134, 247, 13, 1, 1, 4], "MD5 with RSA"),
    (&[42, 134, 72, 134, 247, 13, 1, 1, 5], "SHA-1 with RSA"),
    (&[42, 134, 72, 134, 247, 13, 1, 1, 10], "RSA-PSS"),
    (&[42, 134, 72, 134, 247, 13, 1, 1, 11], "SHA-256 with RSA"),
    (&[42, 134, 72, 134, 247, 13, 1, 1, 12], "SHA-384 with RSA"),
    (&[42, 134, 72, 134, 247, 13, 1, 1, 13], "SHA-512 with RSA"),
    (&[42, 134, 72, 134, 247, 13, 1, 1, 14], "SHA-224 with RSA"),
    (&[42, 134, 72, 206, 61, 4, 1], "SHA-1 with ECDSA"),
    (&[42, 134, 72, 206, 61, 4, 3, 1], "SHA-224 with ECDSA"),
    (&[42, 134, 72, 206, 61, 4, 3, 2], "SHA-256 with ECDSA"),
    (&[42, 134, 72, 206, 61, 4, 3, 3], "SHA-384 with ECDSA"),
    (&[42, 134, 72, 206, 61, 4, 3, 4], "SHA-512 with ECDSA"),
    (&[42, 134, 72, 206, 56, 4, 3], "SHA-1 with DSA"),
    (&[96, 134, 72, 1, 101, 3, 4, 3, 2], "SHA-256 with DSA"),
    (&[43, 101, 112], "Ed25519"),
    (&[43, 101, 113], "Ed448"),
];

/// `UnhandledCriticalExtension` as `unhandled critical extension`, without what a `Debug` adds in braces.
fn words(reason: &str) -> String {
    let name = reason.split(['{', '(']).next().unwrap_or_default().trim_end();
    let mut text = String::new();
    for (place, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && place > 0 && !text.ends_with(' ') {
            text.push(' ');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_282_500;

    fn explained(text: &str) -> (TransportErrorKind, String) {
        explain(text, "h:443", OffsetDateTime::from_unix_timestamp(NOW).unwrap())
    }

    #[test]
    fn a_certificate_error_is_explained_in_words() {
        for (text, expected) in [
            ("UnknownIssuer", UNKNOWN_ISSUER),
            (
                "certificate expired: verification time 1795282500 (UNIX), but certificate is not valid after 1790000000 (5282500 seconds ago)",
                "it expired on 2026-09-21 14:13 UTC (the clock of this computer says 2026-11-21 17:35 UTC; check it)",
            ),
            (
                "certificate not valid yet: verification time 5 (UNIX), but certificate is not valid before 1790000000 (1 seconds in future)",
                "it is not valid before 2026-09-21 14:13 UTC (the clock of this computer says 2026-11-21 17:35 UTC; check it)",
            ),
            (
                r#"certificate not valid for name "a.test"; certificate is only valid for DnsName("b.test") or DnsName("c.test")"#,
                "it is not for a.test but for b.test, c.test",
            ),
            (
                r#"certificate not valid for name "a.test"; certificate is not valid for any names (according to its subjectAltName extension)"#,
                "it is not for a.test",
            ),
            (
                "UnsupportedSignatureAlgorithmContext { signature_algorithm_id: [6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 5, 5, 0], supported_algorithms: [[42, 134]] }",
                "its signature algorithm (SHA-1 with RSA) is not supported",
            ),
            ("UnsupportedSignatureAlgorithm", "its signature algorithm is not supported"),
            ("BadSignature", "its signature is wrong"),
            ("BadEncoding", "it is malformed"),
            ("UnhandledCriticalExtension", "unhandled critical extension"),
            ("Other(OtherError(Strange { a: 1 }))", "other"),
        ] {
            let (kind, text) = explained(&format!("invalid peer certificate: {text}"));
            assert_eq!(kind, TransportErrorKind::Certificate);
            assert_eq!(text, format!("the certificate of h:443 is not trusted: {expected}"));
        }
    }

    #[test]
    fn incompatible_peers_are_distinguished_from_transient_errors() {
        for (text, kind, part) in [
            (
                "received fatal alert: CertificateRequired",
                TransportErrorKind::TlsUnsupported,
                "client certificate",
            ),
            ("received fatal alert: ProtocolVersion", TransportErrorKind::TlsUnsupported, "TLS 1.2"),
            ("received fatal alert: HandshakeFailure", TransportErrorKind::TlsUnsupported, "cipher suite"),
            (
                "peer is incompatible: ServerDoesNotSupportTls12Or13",
                TransportErrorKind::TlsUnsupported,
                "TLS 1.2",
            ),
            ("peer is incompatible: NoKxGroupsInCommon", TransportErrorKind::TlsUnsupported, "key exchange"),
            (
                "received corrupt message of type InvalidContentType",
                TransportErrorKind::Tls,
                "does not speak TLS",
            ),
            (
                "received fatal alert: InternalError",
                TransportErrorKind::Tls,
                "received fatal alert: InternalError",
            ),
            ("cannot decrypt peer's message", TransportErrorKind::Tls, "cannot decrypt"),
            (
                "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate)",
                TransportErrorKind::Certificate,
                "not issued by a known authority",
            ),
            (
                "error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:../ssl/record/rec_layer_s3.c:1605:SSL alert number 70",
                TransportErrorKind::TlsUnsupported,
                "TLS 1.2",
            ),
            (
                "error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:354:",
                TransportErrorKind::Tls,
                "does not speak TLS",
            ),
        ] {
            let explained = explained(text);
            assert_eq!(explained.0, kind, "{text}: {}", explained.1);
            assert!(explained.1.contains(part), "{text}: {}", explained.1);
        }
    }
}
