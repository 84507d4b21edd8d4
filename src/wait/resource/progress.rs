//! The state of a wait for a resource after a poll.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::condition::pointer_text;
use crate::error::poll::PollError;
use crate::poll::progress::Progress;
use crate::util::duration::format_duration;
use crate::util::sanitize::single_line;

/// The state of a wait for a resource after a poll, before the sleep.
///
/// `Display` is one line: `/v2/demo/cloudvolumes/b1 creating, 42s, next poll in 7s`.
#[derive(Clone, Debug)]
pub struct ResourceProgress {
    path: String,
    value: Option<Value>,
    missing: Option<String>,
    error: Option<PollError>,
    polls: u32,
    round_trip: Duration,
    elapsed: Duration,
    next_poll: Option<Duration>,
}

impl ResourceProgress {
    pub(super) fn new(
        path: &str,
        value: Option<Value>,
        missing: Option<String>,
        progress: &Progress,
    ) -> Self {
        Self {
            path: path.to_owned(),
            value,
            missing,
            error: progress.error().cloned(),
            polls: progress.polls(),
            round_trip: progress.round_trip(),
            elapsed: progress.elapsed(),
            next_poll: progress.next_poll(),
        }
    }

    /// The path of the resource.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The last value at the pointer, null if there is none; `None` as long as the resource has not been seen.
    pub const fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// That the last body does not have a wanted value, and what it has in its place, in one line; `None` if it has all.
    pub fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    /// Why this poll did not show the resource; `None` if it did.
    pub const fn error(&self) -> Option<&PollError> {
        self.error.as_ref()
    }

    /// The number of polls.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// How long this poll took.
    pub const fn round_trip(&self) -> Duration {
        self.round_trip
    }

    /// How long the resource has been waited for.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The time until the next poll is due; `None` if this was the last one.
    pub const fn next_poll(&self) -> Option<Duration> {
        self.next_poll
    }
}

impl fmt::Display for ResourceProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_ref().map_or_else(|| "not seen yet".to_owned(), pointer_text);
        write!(f, "{} {value}, {}", single_line(&self.path, 200), format_duration(self.elapsed))?;
        if let Some(missing) = &self.missing {
            write!(f, ", {missing}")?;
        }
        if let Some(error) = &self.error {
            write!(f, ", {error}")?;
        }
        match self.next_poll {
            Some(delay) => write!(f, ", next poll in {}", format_duration(delay)),
            None => Ok(()),
        }
    }
}
