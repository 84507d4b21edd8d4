//! Requests to IAM while a session is made: each with a deadline, retried while the error is transient.

use std::time::Duration;

use crate::api::request::Request;
use crate::api::response::{self, Response};
use crate::auth::Credentials;
use crate::client::authenticator::login::LoginError;
use crate::error::poll::PollError;
use crate::http::HttpClient;
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, SystemClock};
use crate::util::rng;

/// The connections, the clock and the limits that requests to IAM use.
#[derive(Clone, Debug)]
pub(super) struct IamClient {
    pub(super) http: HttpClient,
    pub(super) clock: SystemClock,
    /// The longest that one step (a login, a lookup) may take, its retries included.
    pub(super) timeout: Duration,
    pub(super) attempts: u32,
}

impl IamClient {
    /// Sends a request and reads the response.
    ///
    /// # Errors
    /// If no response arrives before `deadline`, or it cannot be read.
    pub(super) fn send<T>(
        &self,
        request: &Request,
        deadline: Duration,
        read: impl FnOnce(&Response) -> Result<T, PollError>,
    ) -> Result<T, LoginError> {
        let left = deadline.saturating_sub(self.clock.now()).max(Duration::from_millis(1));
        let response = self.http.send(request, left).map_err(PollError::Transport)?;
        read(&response).map_err(|error| LoginError { error, retry_after: response::retry_after(&response) })
    }

    /// Retries transient errors (5xx, throttling, a lost connection) with the backoff of all logins, up to the limit of
    /// attempts and while there is time. A rejection is never retried.
    ///
    /// # Errors
    /// With the last error.
    pub(super) fn retry<T>(
        &self,
        deadline: Duration,
        mut attempt: impl FnMut() -> Result<T, LoginError>,
    ) -> Result<T, PollError> {
        let mut random = rng::seed();
        let mut failures = 0;
        loop {
            let failed = match attempt() {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            failures += 1;
            let next = self.clock.now().saturating_add(failed.delay(failures, rng::next(&mut random)));
            if !failed.is_transient() || failures >= self.attempts || next >= deadline {
                return Err(failed.error);
            }
            self.clock.sleep_until(next, &CancelToken::new());
        }
    }

    /// The end of a step that begins now.
    pub(super) fn deadline(&self) -> Duration {
        self.clock.now().saturating_add(self.timeout)
    }

    /// Puts the credentials on a request. A login carries its secret in the body.
    pub(super) fn authorize(&self, request: Request, credentials: &Credentials) -> Request {
        credentials.authorize(request, None, None, self.clock.wall())
    }
}
