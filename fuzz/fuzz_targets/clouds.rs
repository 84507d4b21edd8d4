//! Any text as a clouds file, in both formats, with a second one laid over it.
#![no_main]

use cloudjob::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (bool, &str, &str, &str)| {
    let (json, cloud, text, secure) = input;
    let (main, over) = if json { ("clouds.json", "secure.json") } else { ("clouds.yaml", "secure.yaml") };
    let files = [(main, text), (over, secure)];
    let (_, shown) = fuzzing::settings(&files, &[("OS_CLOUD", cloud)]);
    assert!(!shown.is_empty());
    fuzzing::settings(&files[..1], &[]);
});
