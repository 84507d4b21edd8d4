//! Any texts as the headers that decide something.
#![no_main]

use cloudjob::fuzzing;
use cloudjob::poll::Response;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &str)| {
    let (after, date, id) = input;
    let response = Response::new(429, "")
        .with_header("retry-after", after)
        .with_header("date", date)
        .with_header("x-request-id", id);
    let span = fuzzing::retry_after(&response);
    if let Ok(seconds) = after.trim().parse::<u32>()
        && !after.contains(['+', '-'])
    {
        assert_eq!(span, Some(std::time::Duration::from_secs(seconds.into())), "{after:?}");
    }
    let text = fuzzing::error_body(&response).to_string();
    assert!(text.chars().count() < 500 && !text.chars().any(char::is_control), "{text:?}");
});
