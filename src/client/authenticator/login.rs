//! The login at IAM: its requests, and how long to wait after one that failed.

use std::time::Duration;

use crate::api::request::Request;
use crate::api::response::{self, Response};
use crate::auth::LoginRequest;
use crate::auth::keystone::{self, IssuedToken};
use crate::error::api::ApiError;
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::http::HttpClient;
use crate::poll::failure_budget::{throttled_delay, transient_delay};
use crate::util::cancel::CancelToken;
use crate::util::clock::Clock;

/// Logs in, and assumes the agency if one is named.
pub(crate) fn log_in(
    http: &HttpClient,
    login: &LoginRequest,
    until: Duration,
    clock: &impl Clock,
    cancel: &CancelToken,
) -> Result<IssuedToken, LoginError> {
    let mut retry_after = None;
    log_in_with(login, |request| {
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let left = until.saturating_sub(clock.now()).max(Duration::from_millis(1));
        let response = http.send(request, left).map_err(PollError::Transport)?;
        retry_after = response::retry_after(&response);
        Ok(response)
    })
    .map_err(|error| LoginError { error, retry_after })
}

pub(super) fn log_in_with(
    login: &LoginRequest,
    mut http_send: impl FnMut(&Request) -> Result<Response, PollError>,
) -> Result<IssuedToken, PollError> {
    let mut send = |request: &Request| {
        http_send(request)
            .and_then(|response| keystone::read_login(&response))
            .map_err(|error| of_login(login, error))
    };
    let own = send(&keystone::login_request(login))?;
    match &login.agency {
        Some(agency) => send(&keystone::agency_request(login, agency, &own.token)),
        None => Ok(own),
    }
}

/// Says of an error that it came from the login. An error about the address is not a response about a job.
fn of_login(login: &LoginRequest, error: PollError) -> PollError {
    let url = &login.auth_url;
    match error {
        PollError::Api(error) if matches!(error.http_status(), 404 | 405) => {
            let message =
                format!("there is no login at {url} ({error}): give the auth URL of IAM, which ends in /v3");
            PollError::Transport(TransportError::new(TransportErrorKind::InvalidUrl, message))
        }
        PollError::Api(mut error) => {
            error.message = format!("{url} says: {}", error.message).into();
            PollError::Api(error)
        }
        other => other,
    }
}

/// Not shown: the wait has ended.
fn cancelled() -> PollError {
    PollError::Transport(TransportError::new(TransportErrorKind::Timeout, "cancelled"))
}

/// A request to IAM that failed.
#[derive(Clone, Debug)]
pub(crate) struct LoginError {
    pub(crate) error: PollError,
    pub(crate) retry_after: Option<Duration>,
}

impl LoginError {
    /// When to retry after so many failures in a row, if the error is a transient one.
    pub(crate) fn delay(&self, failures: u32, random: f64) -> Duration {
        let backoff = if self.is_throttled() { throttled_delay } else { transient_delay };
        self.retry_after.unwrap_or_else(|| backoff(failures, random))
    }

    /// It may pass, so that it makes sense to try again.
    pub(crate) fn is_transient(&self) -> bool {
        self.error.is_transient() || self.is_throttled()
    }

    fn is_throttled(&self) -> bool {
        self.error.api_error().is_some_and(ApiError::is_throttled)
    }
}

impl From<PollError> for LoginError {
    fn from(error: PollError) -> Self {
        Self { error, retry_after: None }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::tests::{IAM, login_answer};
    use super::*;
    use crate::auth::login::Login;
    use crate::auth::{Credentials, Kind};

    fn sign_in(login: Login) -> LoginRequest {
        match Credentials::login(login).unwrap().for_project("p1").kind() {
            Kind::Login(login) => (**login).clone(),
            _ => unreachable!(),
        }
    }

    #[test]
    fn an_agency_is_asked_for_its_role_with_the_token_of_the_user() {
        let login = Login::new(IAM).user_id("u1").password("s3cret").agency("ops", "their-domain");
        let requests = Mutex::new(Vec::new());
        let session = log_in_with(&sign_in(login), |request| {
            let mut requests = requests.lock().unwrap();
            let token = request.headers.iter().find(|(name, _)| *name == "x-auth-token");
            requests
                .push((token.map(|(_, token)| token.expose().to_owned()), request.body.expose().to_owned()));
            Ok(login_answer(["user's", "agency's"][requests.len() - 1], 60))
        });
        assert_eq!(session.unwrap().token.expose(), "agency's");
        let requests = requests.into_inner().unwrap();
        assert_eq!(requests.len(), 2);
        assert!(requests[0].0.is_none() && requests[0].1.contains("s3cret"));
        assert!(requests[1].0.as_deref() == Some("user's") && requests[1].1.contains("assume_role"));
        assert!(!requests[1].1.contains("s3cret"));
    }

    #[test]
    fn a_no_of_the_login_is_told_as_one_and_is_never_a_job_that_is_not_found() {
        let login = sign_in(Login::new(IAM).user_id("u1").password("s3cret"));
        let body =
            r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#;
        let refused = log_in_with(&login, |_| Ok(Response::new(401, body))).unwrap_err();
        assert!(refused.api_error().unwrap().is_unauthorized());
        assert_eq!(
            refused.to_string(),
            "HTTP 401: https://iam.example.com/v3 says: The username or password is wrong."
        );
        for status in [404, 405] {
            let lost = log_in_with(&login, |_| Ok(Response::new(status, ""))).unwrap_err();
            assert!(lost.api_error().is_none() && !lost.is_transient());
            assert_eq!(
                lost.to_string(),
                format!(
                    "there is no login at https://iam.example.com/v3 (HTTP {status}: the response has no body): \
                 give the auth URL of IAM, which ends in /v3"
                )
            );
        }
        let passing = log_in_with(&login, |_| Ok(Response::new(503, ""))).unwrap_err();
        assert!(passing.is_transient());
    }
}
