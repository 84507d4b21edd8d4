//! What one look gave, ready to be decided on.

use std::time::Duration;

use time::OffsetDateTime;

use crate::api::error_body::{error_in_success, read_error};
use crate::api::response::{Answer, retry_after};
use crate::error::poll::{TransportError, Trouble};
use crate::job::Job;
use crate::job::error::DecodeError;

/// One look at a job and what came of it: the job, or a trouble.
///
/// Made from an [`Answer`](crate::Answer), or from the failure to get one, and handed to
/// [`Poller::handle`](crate::Poller::handle).
///
/// ```
/// use cloudjob::{Answer, Look};
///
/// let look = Look::from(Answer::new(200, r#"{"status":"RUNNING"}"#));
/// assert!(look.job().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Look {
    pub(crate) seen: Seen,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) date: Option<OffsetDateTime>,
    pub(crate) took: Duration,
    pub(crate) renewable: bool,
}

/// The three things a look can see.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    Job(Box<Job>),
    Trouble(Trouble),
}

impl Look {
    pub(crate) const fn new(seen: Seen) -> Self {
        Self { seen, retry_after: None, date: None, took: Duration::ZERO, renewable: false }
    }

    /// How long the look took, from sending to the last byte. The last look before a deadline is placed by it.
    #[must_use]
    pub const fn took(mut self, round_trip: Duration) -> Self {
        self.took = round_trip;
        self
    }

    /// Says that the credentials can be renewed, so that a refusal of them is asked again once.
    #[must_use]
    pub const fn renewable(mut self, renewable: bool) -> Self {
        self.renewable = renewable;
        self
    }

    /// The job, if one came.
    pub fn job(&self) -> Option<&Job> {
        match &self.seen {
            Seen::Job(job) => Some(job),
            _ => None,
        }
    }

    /// The trouble, if no job came.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match &self.seen {
            Seen::Trouble(trouble) => Some(trouble),
            _ => None,
        }
    }
}

impl From<Trouble> for Look {
    fn from(trouble: Trouble) -> Self {
        Self::new(Seen::Trouble(trouble))
    }
}

impl From<TransportError> for Look {
    fn from(error: TransportError) -> Self {
        Trouble::Transport(error).into()
    }
}

/// Reads an answer: a job, an error of the service, or something else.
impl From<Answer> for Look {
    fn from(answer: Answer) -> Self {
        let seen = match answer.status {
            200..=299 => read_success(&answer),
            _ => Seen::Trouble(Trouble::Api(read_error(&answer))),
        };
        Self { retry_after: retry_after(&answer), date: answer.date, ..Self::new(seen) }
    }
}

fn read_success(answer: &Answer) -> Seen {
    match Job::from_slice(&answer.body) {
        Ok(job) => Seen::Job(Box::new(job)),
        Err(not_a_job) => Seen::Trouble(match error_in_success(answer) {
            Some(error) => Trouble::Api(error),
            None if answer.body.is_empty() => {
                Trouble::Decode(DecodeError::new(format_args!("HTTP {} without a job", answer.status), b""))
            }
            None => Trouble::Decode(not_a_job),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_is_a_job_or_an_error_in_disguise_or_garbage() {
        assert!(Look::from(Answer::new(200, r#"{"status":"RUNNING"}"#)).job().is_some());
        let disguised = Look::from(Answer::new(202, r#"{"error":{"code":"Common.0024","message":"busy"}}"#));
        assert!(
            disguised.trouble().and_then(Trouble::api).is_some_and(crate::error::api::ApiError::is_throttled)
        );
        for body in ["", "<html></html>", "{}", "[]", r#"{"status":"RUNN"#] {
            let look = Look::from(Answer::new(200, body));
            assert!(matches!(look.trouble(), Some(Trouble::Decode(_))), "{body}");
        }
    }
}
