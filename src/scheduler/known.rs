//! The ids of all jobs that have been added, so that an id given twice is one job.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use crate::job::id::JobId;

/// A set of ids by their keyed 128-bit hashes: 17 bytes an id instead of a hundred, also for ids of jobs that have ended.
/// Two of a thousand million ids have the same hash with a probability of 1 in 10^20.
#[derive(Debug, Default)]
pub(super) struct KnownIds {
    hashes: HashSet<u128, BuildHasherDefault<AlreadyHashed>>,
    keys: (RandomState, RandomState),
}

impl KnownIds {
    /// False if the id of this service is known already.
    pub(super) fn insert(&mut self, service: u16, id: &JobId) -> bool {
        let item = (service, id.as_str());
        let halves = (self.keys.0.hash_one(item), self.keys.1.hash_one(item));
        self.hashes.insert(u128::from(halves.0) << 64 | u128::from(halves.1))
    }
}

/// The lower half of the hash.
#[derive(Debug, Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for (place, byte) in bytes.iter().take(8).enumerate() {
            self.0 ^= u64::from(*byte) << (8 * place);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of the hash is enough")]
    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_once_it_has_been_added_and_only_for_its_service() {
        let mut known = KnownIds::default();
        for number in 0..10_000 {
            assert!(known.insert(0, &JobId::new(format!("job-{number}")).unwrap()));
        }
        let id = JobId::new("job-77").unwrap();
        assert!(!known.insert(0, &id));
        assert!(known.insert(1, &id) && !known.insert(1, &id));
    }
}
