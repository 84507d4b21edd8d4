//! A body that is not a job.

use std::fmt;

use crate::util::sanitize::preview;

/// A body that is not a job: what was expected, where reading stopped, and how the body begins.
///
/// `Debug` prints the same text as `Display`.
#[derive(Clone, Eq, PartialEq)]
pub struct DecodeError {
    pub(crate) message: String,
}

impl DecodeError {
    /// The body is not JSON; `problem` is where reading stopped and why.
    pub(crate) fn not_json(problem: impl fmt::Display, body: &[u8]) -> Self {
        Self::new(format_args!("the response cannot be read as JSON: {problem}"), body)
    }

    /// `what` is one lower-case clause; the first 80 characters of the body are shown.
    pub(crate) fn new(what: impl fmt::Display, body: &[u8]) -> Self {
        let beginning = preview(body);
        let message = if beginning.is_empty() {
            format!("{what}; the body is empty")
        } else {
            format!("{what}; the body begins with `{beginning}`")
        };
        Self { message }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DecodeError {}
