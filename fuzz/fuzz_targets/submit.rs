//! Any bytes as the response to a call that starts a job.
#![no_main]

use cloudjob::JobId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    match JobId::from_submit_response(body) {
        Ok(id) => assert_eq!(JobId::new(id.as_str()).unwrap(), id),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && text.chars().count() < 1500, "{text:?}");
            assert!(!text.chars().any(char::is_control), "{text:?}");
            let _ = (error.api_error().map(|api| api.to_string()), error.order_id(), format!("{error:?}"));
        }
    }
    if let Ok(text) = std::str::from_utf8(body)
        && let Ok(id) = JobId::new(text)
    {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(id.as_str().chars().all(allowed) && (1..=128).contains(&id.as_str().len()), "{id:?}");
        assert!(id.as_str() != "." && id.as_str() != "..");
    }
});
