//! Random ids and tokens without a dependency, from the standard library's randomly keyed hasher.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::job::id::JobId;

static COUNT: AtomicU64 = AtomicU64::new(0);

/// That many hexadecimal digits.
pub(super) fn hex(digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    while text.len() < digits {
        // The counter makes each draw unique even if two hashers had the same keys.
        let draw = RandomState::new().hash_one(COUNT.fetch_add(1, Ordering::Relaxed));
        text.push_str(&format!("{draw:016x}"));
    }
    text.truncate(digits);
    text
}

/// An id in the form of a server's or a volume's: `bae51750-0089-41a1-9b18-5c777978ff6d`.
pub(super) fn uuid() -> String {
    let digits = hex(30);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-9{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}

/// The id of a new job: 32 hexadecimal digits.
pub(super) fn job_id() -> JobId {
    loop {
        // Hexadecimal digits are always a valid id; the loop only avoids an `unwrap`.
        if let Ok(id) = JobId::new(hex(32)) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_have_the_requested_length_and_are_unique() {
        let ids: HashSet<String> = (0..1000).map(|_| hex(32)).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())));
        assert_eq!(hex(5).len(), 5);
        assert_eq!(job_id().as_str().len(), 32);
        let groups: Vec<usize> = uuid().split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
    }
}
