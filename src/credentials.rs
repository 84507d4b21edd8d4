//! Who asks: a token, a password or an access key. Secrets hide by type.

use std::fmt;

/// A text that is never shown: `Debug` prints `***`, and there is no `Display`.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct Secret(Box<str>);

impl Secret {
    pub(crate) fn new(text: impl Into<Box<str>>) -> Self {
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
