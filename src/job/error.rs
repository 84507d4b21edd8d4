//! A body that is not a job.

use std::fmt;

/// A body that is not a job: what was expected, where reading stopped, and how the body began.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DecodeError {
    pub(crate) message: String,
}

impl DecodeError {
    /// `what` is one lower-case clause; of the body its first 80 characters are shown.
    pub(crate) fn new(what: impl fmt::Display, body: &[u8]) -> Self {
        let began = crate::util::sanitize::preview(body);
        let message = if began.is_empty() {
            format!("{what}; the body is empty")
        } else {
            format!("{what}; the body begins with `{began}`")
        };
        Self { message }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DecodeError {}
