//! A service that sends back what it receives.

use super::{AGENCY_TOKEN, LOGIN_TOKEN};
use crate::faults::peer::{Peer, answer};

/// Which requests it sends back; earlier ones get a good response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Echoing {
    Looks,
    Logins,
    Agencies,
}

/// Where in a response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// As the gateway does for a wrong signature.
    Canonical,
    /// The request as received.
    Plain,
    /// The same in an HTML page.
    Html,
    /// In a message, after a text.
    Message,
    /// The secrets alone, without their names.
    Prose,
    /// The same in the id of the request and other headers.
    Headers,
    /// In a job.
    Job,
    /// In chunks.
    Chunks,
    /// In a line of a head that is malformed.
    Malformed,
    /// Nothing but a redirect.
    Location,
}

pub(super) const ECHOES: &[(u16, Place)] = &[
    (401, Place::Canonical),
    (401, Place::Plain),
    (401, Place::Html),
    (401, Place::Message),
    (401, Place::Prose),
    (401, Place::Headers),
    (401, Place::Chunks),
    (400, Place::Message),
    (403, Place::Prose),
    (404, Place::Message),
    (407, Place::Plain),
    (429, Place::Prose),
    (302, Place::Html),
    (500, Place::Prose),
    (502, Place::Html),
    (503, Place::Chunks),
    (200, Place::Job),
    (200, Place::Plain),
    (200, Place::Html),
    (200, Place::Message),
    (200, Place::Prose),
    (200, Place::Headers),
    (202, Place::Message),
    (200, Place::Malformed),
];

#[derive(Clone, Copy)]
pub(super) struct Echo {
    pub(super) login: Echoing,
    pub(super) echo: (u16, Place),
}

impl Echo {
    pub(super) fn start(self) -> Peer {
        self.start_with("")
    }

    pub(super) fn start_with(self, headers: &str) -> Peer {
        let headers = headers.to_string();
        Peer::start(move |line, _| {
            while let Some(request) = line.request() {
                let is_agency = request.contains("assume_role");
                let which = match request.starts_with("POST ") {
                    true if is_agency => Echoing::Agencies,
                    true => Echoing::Logins,
                    false => Echoing::Looks,
                };
                let bytes = if which == Echoing::Looks || which == self.login {
                    self.answer(&request, &headers)
                } else {
                    session(if is_agency { AGENCY_TOKEN } else { LOGIN_TOKEN })
                };
                if !line.send(bytes) {
                    return;
                }
            }
        })
    }

    fn answer(self, request: &str, headers: &str) -> String {
        let (status, place) = self.echo;
        let headers = format!("x-no-secret: no-secret-here\r\n{headers}");
        let status = format!("{status} Echo");
        let line = request.replace("\r\n", "|");
        let json = |text: &str| serde_json::to_string(text).unwrap();
        match place {
            Place::Canonical => answer(
                &status,
                &headers,
                &format!(
                    r#"{{"error_code":"APIGW.0301","error_msg":"no-secret-here: verify aksk signature fail, canonicalRequest:{}"}}"#,
                    json(&line).trim_matches('"')
                ),
            ),
            Place::Plain => answer(&status, &headers, &format!("no-secret-here\n{request}")),
            Place::Html => answer(
                &status,
                &headers,
                &format!("<html><body><p>no-secret-here {request}</p></body></html>"),
            ),
            Place::Message => answer(
                &status,
                &headers,
                &format!(
                    r#"{{"error":{{"code":"Common.0013","message":{}}}}}"#,
                    json(&format!("no-secret-here {line}"))
                ),
            ),
            Place::Prose => {
                let text = format!("no-secret-here, {} are not known", secrets(request).join(" and "));
                answer(&status, &headers, &format!(r#"{{"error_code":"X.1","error_msg":{}}}"#, json(&text)))
            }
            Place::Headers => {
                let secrets = secrets(request).join(",");
                let headers = format!(
                    "{headers}x-request-id: {secrets}\r\nretry-after: {secrets}\r\ndate: {secrets}\r\n\
                     server: {secrets}\r\nset-cookie: {secrets}\r\nx-subject-token: {secrets}\r\n"
                );
                answer(&status, &headers, "no-secret-here")
            }
            Place::Job => answer(
                &status,
                &headers,
                &format!(r#"{{"status":"RUNNING","job_id":"no-secret-here","fail_reason":{}}}"#, json(&line)),
            ),
            Place::Chunks => {
                let text = format!("no-secret-here {}", secrets(request).join(" "));
                let (one, two) = text.split_at(text.len() / 2);
                format!(
                    "HTTP/1.1 {status}\r\n{headers}transfer-encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x};a=b\r\n{two}\r\n0\r\n\r\n",
                    one.len(),
                    two.len()
                )
            }
            Place::Malformed => format!("HTTP/1.1 {status}\r\n{}\r\n\r\n", secrets(request).join(" ")),
            Place::Location => answer(&status, &headers, ""),
        }
    }
}

/// The secret words of a request as received, and the password as it was before it became JSON.
fn secrets(request: &str) -> Vec<String> {
    let ends: &[char] = &[' ', '\r', '\n', ',', '{', '}'];
    let words = request.split(ends).filter(|word| word.contains(super::MARK)).map(str::to_owned);
    let known = [super::PASSWORD, super::PASSCODE, super::TOKEN].map(str::to_owned);
    let json = serde_json::to_string(super::PASSWORD).unwrap();
    let has_password = request.contains(&json);
    words
        .chain(
            known
                .into_iter()
                .filter(|known| request.contains(known) || has_password && known == super::PASSWORD),
        )
        .collect()
}

/// The response to a login.
pub(super) fn session(token: &str) -> String {
    let body = r#"{"token":{"issued_at":"2026-01-01T00:00:00.000000Z","expires_at":"2036-01-01T00:00:00.000000Z",
        "user":{"name":"u","domain":{"name":"d"}},"project":{"id":"p","name":"eu-de_x"},"catalog":[]}}"#;
    answer("201 Created", &format!("x-subject-token: {token}\r\n"), body)
}
