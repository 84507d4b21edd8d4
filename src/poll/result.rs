//! What one poll gave, ready to be decided on.

use std::time::Duration;

use time::OffsetDateTime;

use crate::api::error_body::{error_in_success, read_error};
use crate::api::response::{Response, retry_after};
use crate::endpoint::service::Service;
use crate::error::api::ApiError;
use crate::error::poll::{PollError, TransportError};
use crate::job::Job;
use crate::job::error::DecodeError;

/// The result of one poll: the job, or an error.
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
#[derive(Clone, Debug, PartialEq)]
pub struct PollResult {
    pub(crate) result: Result<Box<Job>, PollError>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) date: Option<OffsetDateTime>,
    pub(crate) round_trip: Duration,
    pub(crate) credentials_renewable: bool,
    /// How long the service may not know a new job.
    pub(crate) grace: Duration,
}

impl PollResult {
    pub(crate) const fn new(result: Result<Box<Job>, PollError>) -> Self {
        Self {
            result,
            retry_after: None,
            date: None,
            round_trip: Duration::ZERO,
            credentials_renewable: false,
            grace: Service::Ecs.grace(),
        }
    }

    /// How long the poll took, from sending to the last byte. The last poll before a deadline is placed by it.
    #[must_use]
    pub const fn round_trip(mut self, round_trip: Duration) -> Self {
        self.round_trip = round_trip;
        self
    }

    /// Says that the credentials can be renewed, so that a poll they were rejected for is repeated once.
    #[must_use]
    pub const fn credentials_renewable(mut self, credentials_renewable: bool) -> Self {
        self.credentials_renewable = credentials_renewable;
        self
    }

    /// Reads a response of this service: a job, an error, or something else.
    ///
    /// ```
    /// use cloudjob::Service;
    /// use cloudjob::poll::{PollResult, Response};
    ///
    /// let body = r#"{"job": {"id": "7d2f", "name": "CreateInstance", "status": "Running", "process": "45%"}}"#;
    /// let polled = PollResult::read(Service::Rds, &Response::new(200, body));
    /// assert_eq!(polled.job().and_then(|job| job.progress_percent()), Some(45.0));
    ///
    /// let unknown = Response::new(400, r#"{"error_code": "DBS.200543", "error_msg": "no such job"}"#);
    /// let polled = PollResult::read(Service::Rds, &unknown);
    /// assert!(polled.error().and_then(|error| error.api_error()).is_some_and(|api| api.is_not_found()));
    /// ```
    pub fn read(service: Service, response: &Response) -> Self {
        let result = match response.status {
            200..=299 => read_success(service, response),
            _ => Err(read_failure(service, response)),
        };
        Self { grace: service.grace(), ..Self::with_headers(response, result) }
    }

    /// What has been read from a response, with what its headers say.
    pub(crate) fn with_headers(response: &Response, result: Result<Box<Job>, PollError>) -> Self {
        Self { retry_after: retry_after(response), date: response.date, ..Self::new(result) }
    }

    /// The job, if the response holds one.
    pub fn job(&self) -> Option<&Job> {
        self.result.as_deref().ok()
    }

    /// The error, if there is no job.
    pub const fn error(&self) -> Option<&PollError> {
        match &self.result {
            Ok(_) => None,
            Err(error) => Some(error),
        }
    }
}

impl From<PollError> for PollResult {
    fn from(error: PollError) -> Self {
        Self::new(Err(error))
    }
}

impl From<TransportError> for PollResult {
    fn from(error: TransportError) -> Self {
        PollError::Transport(error).into()
    }
}

/// As [`PollResult::read`] does for the common job API.
impl From<Response> for PollResult {
    fn from(response: Response) -> Self {
        Self::read(Service::default(), &response)
    }
}

fn read_success(service: Service, response: &Response) -> Result<Box<Job>, PollError> {
    if let Some(problem) = &response.not_json {
        return Err(PollError::Decode(DecodeError::not_json(problem, &response.body)));
    }
    let not_a_job = match service.read(&response.body) {
        Ok(Some(job)) => return Ok(Box::new(job)),
        Ok(None) => {
            return Err(PollError::Api(ApiError::unknown_job(
                response.status,
                response.request_id.as_deref(),
            )));
        }
        Err(error) => error,
    };
    Err(match error_in_success(response) {
        Some(error) => PollError::Api(error),
        None if response.body.is_empty() => {
            PollError::Decode(DecodeError::new(format_args!("HTTP {} without a job", response.status), b""))
        }
        None => PollError::Decode(not_a_job),
    })
}

fn read_failure(service: Service, response: &Response) -> PollError {
    let mut error = read_error(response);
    error.unknown_job = response.status < 500 && error.has_code(service.unknown_codes());
    PollError::Api(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_response_is_a_job_or_an_error_body_or_garbage() {
        assert!(PollResult::from(Response::new(200, r#"{"status":"RUNNING"}"#)).job().is_some());
        let disguised =
            PollResult::from(Response::new(202, r#"{"error":{"code":"Common.0024","message":"busy"}}"#));
        assert!(disguised.error().and_then(PollError::api_error).is_some_and(ApiError::is_throttled));
        for body in ["", "<html></html>", "{}", "[]", r#"{"status":"RUNN"#] {
            let polled = PollResult::from(Response::new(200, body));
            assert!(matches!(polled.error(), Some(PollError::Decode(_))), "{body}");
        }
    }
}
