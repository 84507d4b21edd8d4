//! Errors printed once, even if many jobs end for the same reason.

use std::collections::HashMap;

/// The errors that were printed, and how many more jobs each of them applies to.
#[derive(Debug, Default)]
pub(crate) struct ErrorDedup {
    /// By what makes them the same: how many were not printed.
    shared: HashMap<String, usize>,
}

impl ErrorDedup {
    /// Whether an error is to be printed: not if the same was printed for another job.
    pub(crate) fn is_new(&mut self, shared: Option<&str>) -> bool {
        let Some(shared) = shared else { return true };
        match self.shared.get_mut(shared) {
            Some(skipped) => {
                *skipped += 1;
                false
            }
            None => {
                self.shared.insert(shared.to_owned(), 0);
                true
            }
        }
    }

    /// What to add at the end.
    pub(crate) fn rest(&self) -> Option<String> {
        let skipped: usize = self.shared.values().sum();
        (skipped > 0)
            .then(|| format!("the same for {skipped} more job{}", if skipped == 1 { "" } else { "s" }))
    }
}
