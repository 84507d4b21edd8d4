//! Any two texts as times.
#![no_main]

use cloudjob::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (one, two) = (fuzzing::timestamp(input.0), fuzzing::timestamp(input.1));
    let (Some(one), Some(two)) = (one, two) else { return };
    assert_eq!(one.as_str(), input.0);
    let (there, back) = (one.since(&two), two.since(&one));
    assert_eq!(there.map(|span| -span), back);
    if let (Some(first), Some(second)) = (one.instant(), two.instant()) {
        assert_eq!(there, Some(first - second));
    }
});
