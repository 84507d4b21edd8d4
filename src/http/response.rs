//! From a response whose headers are there to the whole answer.

use std::io::{self, Read};

use ureq::Body;
use ureq::http;

use super::deadline;
use super::deadline::Phase;
use super::error::Attempt;
use crate::api::response::Response;
use crate::error::poll::TransportError;

/// The whole answer, now that its headers are there.
pub(super) fn receive(
    mut response: http::Response<Body>,
    attempt: &Attempt<'_>,
) -> Result<Response, TransportError> {
    let mut answer = Response::new(response.status().as_u16(), Vec::new());
    if answer.status == 407 {
        return Err(attempt.proxy_wants_credentials());
    }
    for (name, value) in response.headers() {
        if let Ok(value) = value.to_str() {
            answer.take_header(name.as_str(), value);
        }
    }
    answer.subject_token = attempt.call.subject_token();

    deadline::enter(Phase::Body);
    match receive_body(response.body_mut(), answer.status, attempt) {
        Ok(body) => answer.body = body,
        // Its status says enough: a refusal must not be taken for a lost connection, and asked for again.
        Err(cut) if is_no_without_a_body(answer.status) => {
            answer.body = cut.body;
            deadline::hide_at_the_end_of(&mut answer.body);
        }
        Err(cut) => return Err(cut.error),
    }
    deadline::hide_in(&mut answer.body);
    Ok(answer)
}

fn receive_body(body: &mut Body, status: u16, attempt: &Attempt<'_>) -> Result<Vec<u8>, Cut> {
    // Of an error the beginning is shown, however long it is.
    if !is_no_without_a_body(status) && body.content_length().is_some_and(|length| length > LARGEST_BODY) {
        return Err(Cut { error: attempt.too_large(), body: Vec::new() });
    }
    // One byte more shows that there is more. What is read are zeroes; the body itself was set aside.
    let mut reader = body.with_config().limit(LARGEST_BODY + 1).reader().take(LARGEST_BODY + 1);
    let (mut length, mut zeroes) = (0, [0; 1024]);
    let error = loop {
        match reader.read(&mut zeroes) {
            Ok(0) if length as u64 > LARGEST_BODY => break attempt.too_large(),
            Ok(0) => return Ok(attempt.call.body(length)),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break attempt.explain(error.into()),
        }
    };
    Err(Cut { error, body: attempt.call.body(length) })
}

/// A body that did not come whole: why, and what there is of it.
struct Cut {
    error: TransportError,
    body: Vec<u8>,
}

/// What the status means does not depend on the body. A 400 can be an unknown job, an expired token or too many requests;
/// only its code tells.
const fn is_no_without_a_body(status: u16) -> bool {
    !matches!(status, 200..=299 | 400)
}

const LARGEST_BODY: u64 = 1024 * 1024;
