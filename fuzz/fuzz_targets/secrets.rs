//! A header with a token in the middle of any text: the token is never shown.
#![no_main]

use cloudjob::poll::{PollResult, Response};
use cloudjob::{JobId, fuzzing};
use libfuzzer_sys::fuzz_target;

const TOKEN: &str = "q7Zk2VtWx9LmB4Rc8JhT";

fuzz_target!(|input: (u8, &str, &str)| {
    let (kind, before, after) = input;
    let echo = match kind % 6 {
        0 => format!("X-Auth-Token: {TOKEN}"),
        1 => format!("\"x-security-token\":\"{TOKEN}\""),
        2 => format!("Authorization: SDK-HMAC-SHA256 Access=a, SignedHeaders=b, Signature={TOKEN}"),
        3 => format!("https://user:{TOKEN}@proxy.example"),
        4 => format!("canonicalRequest:GET|/|x-auth-token:{TOKEN}||host"),
        _ => format!("\"password\":\"{TOKEN}\""),
    };
    // The fuzzer learns the token and puts it where no name tells what it is.
    let has_it = |text: &str| {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().contains(&TOKEN[..5])
    };
    if has_it(before) || has_it(after) {
        return;
    }
    let body = format!("{before} {echo} {after}");
    for status in [200, 401, 503] {
        let response = Response::new(status, body.as_bytes());
        let error = fuzzing::error_body(&response);
        let polled = PollResult::from(response);
        let text = format!("{error} {error:?} {:?}", polled.error());
        assert!(!text.contains(TOKEN), "{text}");
    }
    if let Err(error) = JobId::from_submit_response(body.as_bytes()) {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(TOKEN), "{text}");
    }
});
