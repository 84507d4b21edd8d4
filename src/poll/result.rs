//! What one poll gave, ready to be decided on.

use std::time::Duration;

use time::OffsetDateTime;

use crate::api::error_body::{error_in_success, read_error};
use crate::api::response::{Response, retry_after};
use crate::error::poll::{PollError, TransportError};
use crate::job::Job;
use crate::job::error::DecodeError;

/// One poll at a job and what came of it: the job, or an error.
///
/// Made from a [`Response`], or from the failure to get one, and handed to
/// [`Poller::handle`](crate::poll::Poller::handle).
///
/// ```
/// use cloudjob::poll::{PollResult, Response};
///
/// let polled = PollResult::from(Response::new(200, r#"{"status":"RUNNING"}"#));
/// assert!(polled.job().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct PollResult {
    pub(crate) seen: Polled,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) date: Option<OffsetDateTime>,
    pub(crate) took: Duration,
    pub(crate) credentials_renewable: bool,
}

/// The three things a poll can see.
#[derive(Clone, Debug)]
pub(crate) enum Polled {
    Job(Box<Job>),
    PollError(PollError),
}

impl PollResult {
    pub(crate) const fn new(seen: Polled) -> Self {
        Self { seen, retry_after: None, date: None, took: Duration::ZERO, credentials_renewable: false }
    }

    /// How long the poll took, from sending to the last byte. The last poll before a deadline is placed by it.
    #[must_use]
    pub const fn took(mut self, round_trip: Duration) -> Self {
        self.took = round_trip;
        self
    }

    /// Says that the credentials can be renewed, so that a refusal of them is asked again once.
    #[must_use]
    pub const fn credentials_renewable(mut self, credentials_renewable: bool) -> Self {
        self.credentials_renewable = credentials_renewable;
        self
    }

    /// The job, if one came.
    pub fn job(&self) -> Option<&Job> {
        match &self.seen {
            Polled::Job(job) => Some(job),
            _ => None,
        }
    }

    /// The error, if no job came.
    pub const fn error(&self) -> Option<&PollError> {
        match &self.seen {
            Polled::PollError(error) => Some(error),
            _ => None,
        }
    }
}

impl From<PollError> for PollResult {
    fn from(error: PollError) -> Self {
        Self::new(Polled::PollError(error))
    }
}

impl From<TransportError> for PollResult {
    fn from(error: TransportError) -> Self {
        PollError::Transport(error).into()
    }
}

/// Reads an answer: a job, an error of the service, or something else.
impl From<Response> for PollResult {
    fn from(answer: Response) -> Self {
        let seen = match answer.status {
            200..=299 => read_success(&answer),
            _ => Polled::PollError(PollError::Api(read_error(&answer))),
        };
        Self { retry_after: retry_after(&answer), date: answer.date, ..Self::new(seen) }
    }
}

fn read_success(answer: &Response) -> Polled {
    match Job::from_slice(&answer.body) {
        Ok(job) => Polled::Job(Box::new(job)),
        Err(not_a_job) => Polled::PollError(match error_in_success(answer) {
            Some(error) => PollError::Api(error),
            None if answer.body.is_empty() => {
                PollError::Decode(DecodeError::new(format_args!("HTTP {} without a job", answer.status), b""))
            }
            None => PollError::Decode(not_a_job),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_is_a_job_or_an_error_in_disguise_or_garbage() {
        assert!(PollResult::from(Response::new(200, r#"{"status":"RUNNING"}"#)).job().is_some());
        let disguised =
            PollResult::from(Response::new(202, r#"{"error":{"code":"Common.0024","message":"busy"}}"#));
        assert!(
            disguised
                .error()
                .and_then(PollError::api_error)
                .is_some_and(crate::error::api::ApiError::is_throttled)
        );
        for body in ["", "<html></html>", "{}", "[]", r#"{"status":"RUNN"#] {
            let polled = PollResult::from(Response::new(200, body));
            assert!(matches!(polled.error(), Some(PollError::Decode(_))), "{body}");
        }
    }
}
