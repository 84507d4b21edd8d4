//! Any bytes as the catalog of a login: each address that comes of it can be given to an endpoint or is refused there.
#![no_main]

use cloudjob::{Endpoint, fuzzing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &[u8])| {
    let (project, region, body) = input;
    for root in fuzzing::catalog(body, project, region) {
        assert!(
            !root.ends_with('/') && !root.chars().any(|c| c.is_control() || c.is_whitespace()),
            "{root:?}"
        );
        if let Ok(endpoint) = Endpoint::new(&root, "p") {
            let url = endpoint.url();
            assert!(url.starts_with("https://") || endpoint.origin().starts_with("http://"), "{url}");
            assert!(!url.contains(['@', '?', '#', '\\', ' ']), "{url}");
        }
    }
    if let Ok(text) = std::str::from_utf8(body)
        && let Ok(endpoint) = Endpoint::new(text, "p")
    {
        let host = endpoint.host();
        let loopback =
            ["localhost", "127.", "[::1]"].iter().any(|start| host.to_ascii_lowercase().starts_with(start));
        assert!(endpoint.origin().starts_with("https://") || loopback, "{endpoint:?}");
    }
});
