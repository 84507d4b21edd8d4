//! A text that is never printed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::redact::Form;

/// A text that is never shown: `Debug` prints `***`, and there is no `Display`. Clones share it: a token can be long.
#[derive(Clone, Default)]
pub(crate) struct Secret(Arc<Shared>);

#[derive(Default)]
struct Shared {
    text: Box<str>,
    /// What it is searched for as, once it has been.
    forms: OnceLock<Box<[Form]>>,
}

impl Secret {
    pub(crate) fn new(text: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Shared { text: text.into(), forms: OnceLock::new() }))
    }

    /// The text itself: to be sent or signed with, never to be printed.
    pub(crate) fn expose(&self) -> &str {
        &self.0.text
    }

    /// The forms in which it can come back, found once for all clones.
    pub(super) fn forms(&self, find: impl FnOnce(&str) -> Box<[Form]>) -> &[Form] {
        self.0.forms.get_or_init(|| find(&self.0.text))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.text.is_empty()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
