//! From a response whose headers have arrived to the whole response.

use std::io::Read;

use ureq::Body;
use ureq::http;

use super::deadline::{self, Phase};
use super::error::Attempt;
use super::{MAX_BODY, scrub};
use crate::api::request::Request;
use crate::api::response::Response;
use crate::error::poll::TransportError;
use crate::util::json::check_json;
use crate::util::redact::{KnownSecrets, fits};

/// Reads the body. None of the request's secrets are left in the result.
pub(super) fn receive(
    mut response: http::Response<Body>,
    request: &Request,
    attempt: &Attempt<'_>,
) -> Result<Response, TransportError> {
    let mut received = Response::new(response.status().as_u16(), Vec::new());
    if received.status == 407 {
        let challenges = response.headers().get_all("proxy-authenticate");
        return Err(
            attempt.proxy_wants_credentials(challenges.iter().filter_map(|value| value.to_str().ok()))
        );
    }
    for (name, value) in response.headers() {
        if let Ok(value) = value.to_str() {
            received.take_header(name.as_str(), value);
        }
    }

    deadline::enter(Phase::Body);
    let status_suffices = status_suffices(received.status);
    if let Some(coding) = response.headers().get("content-encoding").and_then(|value| value.to_str().ok())
        && !matches!(coding, "" | "identity")
    {
        // A body that cannot be read is none.
        return if status_suffices { Ok(masked(received, request)) } else { Err(attempt.encoded(coding)) };
    }
    let max = if status_suffices { MAX_ERROR_BODY } else { MAX_BODY };
    let body = response.body_mut();
    let length = body.content_length().unwrap_or(0);
    if !status_suffices && length > max as u64 {
        return Err(attempt.body_too_large());
    }
    // What a peer announces is not allocated before it arrives.
    let capacity = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_CAPACITY);
    received.body = Vec::with_capacity(capacity);
    // One byte more shows that there is more.
    let result = body.as_reader().take(max as u64 + 1).read_to_end(&mut received.body);
    let is_too_large = received.body.len() > max;
    if is_too_large || result.is_err() {
        if !status_suffices {
            return Err(
                result.map_or_else(|error| attempt.explain(error.into()), |_| attempt.body_too_large())
            );
        }
        received.body.truncate(max);
        scrub::cover_end(&mut received.body, request);
    }
    if received.body.len() > MAX_UNCHECKED
        && let Err(error) = check_json(&received.body)
    {
        received.not_json = Some(error.to_string().into());
        // Only its beginning is ever shown, and searching all of it for one would take longer than the deadline allows.
        received.body.truncate(MAX_GARBAGE);
        scrub::cover_end(&mut received.body, request);
    }
    Ok(masked(received.signed_at(request.signed_at), request))
}

/// Without the secrets of the request. Those that are in none of its texts are not searched for.
fn masked(received: Response, request: &Request) -> Response {
    let longest = received.longest_text();
    let mut secrets = scrub::secrets(request).filter(|secret| fits(secret.expose(), longest)).peekable();
    if secrets.peek().is_none() {
        return received;
    }
    received.hiding(KnownSecrets::new(secrets))
}

/// The meaning of the status does not depend on the body, so that a part of the body will do. A 400 can be an unknown
/// job, an expired token or too many requests; only its code tells.
const fn status_suffices(status: u16) -> bool {
    !matches!(status, 200..=299 | 400)
}

/// A larger body is checked before anything is made of it.
const MAX_UNCHECKED: usize = 256 * 1024;

/// Of a large body that cannot be JSON so much is kept.
const MAX_GARBAGE: usize = 64 * 1024;

/// Of an error the beginning is shown, however long it is.
const MAX_ERROR_BODY: usize = 1024 * 1024;
const MAX_CAPACITY: usize = 64 * 1024;
