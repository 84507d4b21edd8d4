//! Errors told once, also where many jobs end for the same reason.

use std::collections::HashMap;

/// What was said already, and of how many jobs more it holds.
#[derive(Debug, Default)]
pub(crate) struct ErrorDedup {
    /// By what they have in common: the words, and how many were not told.
    shared: HashMap<String, usize>,
}

impl ErrorDedup {
    /// Whether these words are to be said: not if the same was said of another job.
    pub(crate) fn is_new(&mut self, shared: Option<&str>) -> bool {
        let Some(shared) = shared else { return true };
        match self.shared.get_mut(shared) {
            Some(untold) => {
                *untold += 1;
                false
            }
            None => {
                self.shared.insert(shared.to_owned(), 0);
                true
            }
        }
    }

    /// What is to be added at the end.
    pub(crate) fn rest(&self) -> Option<String> {
        let untold: usize = self.shared.values().sum();
        (untold > 0).then(|| format!("the same for {untold} more job{}", if untold == 1 { "" } else { "s" }))
    }
}
