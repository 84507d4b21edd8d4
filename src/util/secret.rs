//! A text that is never printed.

use std::fmt;
use std::sync::Arc;

/// A text that is never shown: `Debug` prints `***`, and there is no `Display`. Clones share it: a token can be long.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct Secret(Arc<str>);

impl Secret {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself: to be sent or signed with, never to be printed.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
