//! A few random numbers for jitter, from a seed (splitmix64). Not for secrets.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A seed that differs from call to call and from process to process.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The seed of an independent stream: streams of neighbouring seeds have no numbers in common.
pub(crate) const fn stream(seed: u64) -> u64 {
    mixed(seed ^ 0xd1b5_4a32_d192_ed03)
}

/// The next number from 0 to 1.
pub(crate) const fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    (mixed(*state) >> 11) as f64 / (1u64 << 53) as f64
}

const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lie_between_nought_and_one_and_spread() {
        let mut state = seed();
        let numbers: Vec<f64> = (0..10_000).map(|_| next(&mut state)).collect();
        assert!(numbers.iter().all(|n| (0.0..1.0).contains(n)));
        let mean = numbers.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.05, "{mean}");
    }

    #[test]
    fn neighbouring_seeds_have_streams_of_their_own() {
        let mut neighbour = 7;
        next(&mut neighbour);
        let numbers = |seed: u64| {
            let mut state = stream(seed);
            (0..100).map(|_| next(&mut state).to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        let (one, other) = (numbers(7), numbers(neighbour));
        assert!(one.iter().all(|number| !other.contains(number)));
    }
}
