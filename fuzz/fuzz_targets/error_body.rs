//! Any bytes as the body of an error: one short line comes of it.
#![no_main]

use cloudjob::fuzzing;
use cloudjob::poll::{PollResult, Response};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &[u8])| {
    let (status, body) = input;
    let response = Response::new(status, body).with_header("x-request-id", "r1");
    let error = fuzzing::error_body(&response);
    assert!(!error.message().is_empty());
    let text = error.to_string();
    assert!(text.chars().count() < 1000 && !text.chars().any(char::is_control), "{text:?}");
    let _ = (error.is_not_found(), error.is_throttled(), error.is_unauthorized(), error.is_transient());
    let polled = PollResult::from(response.clone());
    assert_ne!(polled.job().is_some(), polled.error().is_some());
    let (_, text) = fuzzing::login(&response.with_header("x-subject-token", "t"));
    assert!(text.len() < 20_000 || text.starts_with("Session"), "{text}");
});
