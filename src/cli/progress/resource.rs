//! The progress of a wait for a resource.

use std::time::{Duration, Instant};

use super::terminal::Line;
use super::view::of_timeout;
use crate::cli::output::style::Style;
use crate::cli::output::text::{value_text, whole_seconds};
use crate::util::sanitize::{message, single_line};
use crate::wait::resource::ResourceProgress;

/// The resource as it was last seen.
#[derive(Debug)]
pub(crate) struct ResourceView {
    path: String,
    since: Instant,
    value: Option<String>,
    /// That the response has no such value.
    missing: Option<String>,
    error: Option<String>,
    next_poll: Option<Instant>,
}

impl ResourceView {
    pub(crate) fn new(path: &str) -> Self {
        Self {
            path: single_line(path, 300),
            since: Instant::now(),
            value: None,
            missing: None,
            error: None,
            next_poll: None,
        }
    }

    /// Takes over a poll; whether its value or its error is new.
    pub(crate) fn polled(&mut self, progress: &ResourceProgress, now: Instant) -> bool {
        self.missing = progress.missing().map(message);
        let value = match self.missing {
            Some(_) => Some("not there".to_owned()),
            None => progress.value().map(value_text),
        };
        let error = progress.error().map(|error| message(&error.to_string()));
        let is_new = value != self.value || error.is_some() && self.error.is_none();
        (self.value, self.error) = (value, error);
        self.next_poll = progress.next_poll().map(|delay| now + delay);
        is_new
    }

    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }

    /// `/v2/…/b1 creating`: the order of words is that of a job.
    pub(crate) fn begin(&self, before: &str) -> String {
        format!("{} {before}{}", self.path, self.value.as_deref().unwrap_or("not seen yet"))
    }

    pub(crate) fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    pub(crate) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Its lines on the live display.
    pub(crate) fn lines(&self, now: Instant, timeout: Duration) -> Vec<Line> {
        let value = self.value.as_deref().unwrap_or("not seen yet");
        let elapsed = whole_seconds(self.elapsed(now));
        let mut text = format!(", {elapsed}{}", of_timeout(timeout));
        if let Some(next) = self.next_poll {
            match next.saturating_duration_since(now) {
                Duration::ZERO => text.push_str(", polling"),
                left => {
                    let left = whole_seconds(left + Duration::from_millis(999));
                    text.push_str(&format!(", next poll in {left}"));
                }
            }
        }
        let head = Line::default().add(Style::Going, value).add(Style::Plain, text);
        let mut lines = vec![head.add(Style::Faint, format!(", {}", self.path))];
        if let Some(missing) = &self.missing {
            lines.push(Line::default().add(Style::Odd, format!("  {missing}")));
        }
        if let Some(error) = &self.error {
            lines.push(Line::default().add(Style::Odd, format!("  error: {error}")));
        }
        lines
    }
}
