//! The authenticator with credentials and a login of the tests. Everything is in virtual time, but for waits of threads.

mod concurrency;
mod permit;
mod rejection;
mod renewal;

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::api::response::Response;
use crate::auth::keystone;
use crate::auth::login::Login;
use crate::poll::result::PollResult;
use crate::testing::VirtualClock;
use crate::util::secret::Secret;

pub(super) const IAM: &str = "https://iam.example.com/v3";

fn by_password() -> Credentials {
    Credentials::login(Login::new(IAM).user_id("u1").password("s3cret")).unwrap().for_project("p1")
}

fn by_token() -> Credentials {
    Credentials::token("given").unwrap()
}

/// All that cannot be renewed.
fn unrenewable() -> Vec<Credentials> {
    vec![
        by_token(),
        #[cfg(feature = "signing")]
        Credentials::access_key("AK", "SK").unwrap(),
    ]
}

/// A session with this token, which lives for so many seconds.
fn session(token: &str, life: u32) -> IssuedToken {
    keystone::read_login(&login_answer(token, life)).unwrap()
}

pub(super) fn login_answer(token: &str, life: u32) -> Response {
    let issued = time::OffsetDateTime::from_unix_timestamp(1_795_300_000).unwrap();
    let text =
        |time: time::OffsetDateTime| time.format(&time::format_description::well_known::Rfc3339).unwrap();
    let expires = text(issued + time::Duration::seconds(life.into()));
    let body = format!(r#"{{"token":{{"issued_at":"{}","expires_at":"{expires}"}}}}"#, text(issued));
    Response::new(201, body).with_header("X-Subject-Token", token)
}

fn error(status: u16) -> PollError {
    PollResult::from(Response::new(status, "")).error().unwrap().clone()
}

fn timeout() -> PollError {
    PollError::Transport(TransportError::new(TransportErrorKind::Timeout, "no answer"))
}

fn no_login(_: &LoginRequest) -> Result<IssuedToken, PollError> {
    panic!("a login that nobody needs")
}

fn token_of<'a, C: Clock>(permit: &'a Permit<'_, C>) -> &'a str {
    permit.token.as_ref().map(Secret::expose).unwrap_or_default()
}

/// Long enough for every thread of a test, and never waited for.
const AMPLE: Duration = Duration::from_secs(600);

/// Counts its logins; each gives a token with the number of the login.
struct Iam {
    logins: AtomicU32,
    life: u32,
}

impl Iam {
    fn new(life: u32) -> Self {
        Self { logins: AtomicU32::new(0), life }
    }

    fn log_in(&self, _: &LoginRequest) -> Result<IssuedToken, PollError> {
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(session(&format!("t{number}"), self.life))
    }

    fn login_count(&self) -> u32 {
        self.logins.load(Ordering::SeqCst)
    }
}

impl<C: Clock> Authenticator<C> {
    fn permit(
        &self,
        until: Duration,
        log_in: impl Fn(&LoginRequest) -> Result<IssuedToken, PollError>,
    ) -> Result<Permit<'_, C>, PollError> {
        let log_in = |login: &LoginRequest| log_in(login).map_err(LoginError::from);
        self.acquire_with(until, &CancelToken::new(), log_in).map_err(|error| match error {
            AcquireError::Failed { error, .. } => error,
            AcquireError::Cancelled => panic!("nobody has cancelled it"),
        })
    }

    /// One request, with the answer `error` or a job. Its token, and whether it is to be asked again.
    fn request(&self, iam: &Iam, error: Option<&PollError>) -> Result<(String, bool), PollError> {
        let permit = self.permit(AMPLE, |login| iam.log_in(login))?;
        let token = token_of(&permit).to_owned();
        Ok((token, permit.report(error)))
    }
}
