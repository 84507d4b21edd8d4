//! A short mark of a body, to see whether it is still the same one.

use std::sync::OnceLock;

use crate::random;

/// The mark of this body: equal bodies have equal marks in one process. 64 bits with a random key: two different
/// bodies of one job share a mark about once in 10^19 looks.
pub(crate) fn fingerprint(body: &[u8]) -> u64 {
    static KEY: OnceLock<u64> = OnceLock::new();
    let key = *KEY.get_or_init(random::seed);
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let (words, rest) = body.as_chunks::<8>();
    let mut state = fold(key ^ length, FIRST);
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), SECOND);
    }
    let mut last = [0; 8];
    for (slot, byte) in last.iter_mut().zip(rest) {
        *slot = *byte;
    }
    fold(state ^ u64::from_le_bytes(last), FIRST)
}

/// Both halves of the product, so that every bit of the input reaches every bit of the output.
const fn fold(a: u64, b: u64) -> u64 {
    let product = (a as u128) * (b as u128);
    (product as u64) ^ ((product >> 64) as u64)
}

const FIRST: u64 = 0xa076_1d64_78bd_642f;
const SECOND: u64 = 0xe703_7ed1_a0b4_28db;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn one_changed_byte_or_length_changes_the_mark() {
        let body: Vec<u8> = (0..=255).collect();
        let mut marks = HashSet::from([fingerprint(&body)]);
        for at in 0..body.len() {
            let mut other = body.clone();
            other[at] ^= 1;
            assert!(marks.insert(fingerprint(&other)), "byte {at}");
            assert!(marks.insert(fingerprint(&body[..at])), "length {at}");
        }
        assert_eq!(fingerprint(&body), fingerprint(&body.clone()));
    }

    #[test]
    fn trailing_zeros_count() {
        assert_ne!(fingerprint(&[1]), fingerprint(&[1, 0]));
    }
}
