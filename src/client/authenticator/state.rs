//! What is known of the credentials, without the lock around it: the token of the login, and what came of the requests.

use std::time::Duration;

use super::AcquireError;
use super::login::LoginError;
use crate::auth::keystone::{self, IssuedToken};
use crate::error::api::ApiError;
use crate::error::poll::{PollError, TransportErrorKind};
use crate::util::rng;
use crate::util::secret::Secret;

#[derive(Debug, Default)]
pub(super) struct State {
    /// The credentials have had a good response.
    pub(super) proven: bool,
    /// One request is finding out whether the credentials are valid, or a login is in flight.
    pub(super) busy: bool,
    pub(super) session: Option<Session>,
    pub(super) generation: u64,
    /// New tokens in a row that were rejected before they had a good response.
    rejected_tokens: u8,
    pub(super) rejected: Option<PollError>,
    pub(super) login_backoff: Option<LoginBackoff>,
    /// How many requests wait for a change.
    pub(super) waiting: u32,
}

impl State {
    /// A login is necessary before the next request. One that cannot be repeated is used until its token expires.
    pub(super) fn is_login_due(&self, is_renewable: bool, now: Duration) -> bool {
        self.session.as_ref().is_none_or(|session| is_renewable && session.is_renewal_due(now))
    }

    /// What came of a request with the token of this generation. Returns whether the credentials can be renewed, so that
    /// a retry makes sense.
    pub(super) fn take_report(
        &mut self,
        generation: u64,
        error: Option<&PollError>,
        is_renewable: bool,
    ) -> bool {
        match error {
            Some(PollError::Api(error)) if error.is_unauthorized() => {
                return self.take_rejection(generation, error, is_renewable);
            }
            Some(PollError::Api(error))
                if error.is_transient() || error.is_throttled() || error.is_redirect() => {}
            Some(PollError::Transport(_) | PollError::Decode(_)) => {}
            // The job, or an error that is not about the credentials: they are valid.
            _ if generation == self.generation => {
                self.proven = true;
                self.rejected_tokens = 0;
            }
            _ => {}
        }
        false
    }

    fn take_rejection(&mut self, generation: u64, error: &ApiError, is_renewable: bool) -> bool {
        if !is_renewable {
            self.rejected = Some(PollError::Api(error.clone()));
            return false;
        }
        if generation == self.generation {
            self.generation += 1;
            self.session = None;
            self.rejected_tokens = if self.proven { 1 } else { self.rejected_tokens + 1 };
            self.proven = false;
            if self.rejected_tokens > 1 {
                // A new login does not help: its token is rejected as well.
                self.rejected = Some(PollError::Api(error.clone()));
                return false;
            }
        }
        self.rejected.is_none()
    }

    /// Keeps the token of a login of a request that ends at `until`.
    ///
    /// # Errors
    /// If the login failed and there is no other token.
    pub(super) fn take_login(
        &mut self,
        outcome: Result<IssuedToken, LoginError>,
        until: Duration,
        now: Duration,
    ) -> Result<(), AcquireError> {
        let failed = match outcome {
            Ok(issued) => {
                self.generation += 1;
                self.session = Some(Session::new(&issued, now));
                self.login_backoff = None;
                return Ok(());
            }
            Err(error) => error,
        };
        let is_permanent = match &failed.error {
            PollError::Api(error) => !error.is_transient() && !error.is_throttled(),
            PollError::Transport(error) => error.kind() == TransportErrorKind::InvalidUrl,
            PollError::Decode(_) => false,
        };
        if is_permanent {
            self.rejected = Some(failed.error.clone());
            return Err(failed.error.into());
        }
        // The old token is still valid: the renewal is tried again later.
        if let Some(Session { expiry: Some(expiry), .. }) =
            self.session.as_mut().filter(|session| session.is_valid(now) && now < until)
        {
            expiry.renew_at = now.saturating_add(RENEWAL_RETRY);
            return Ok(());
        }
        let failures = self.login_backoff.as_ref().map_or(0, |backoff| backoff.failures) + 1;
        let delay = failed.delay(failures, rng::next(&mut rng::seed()));
        let LoginError { error, retry_after } = failed;
        let retry_at = now.saturating_add(delay);
        self.login_backoff = Some(LoginBackoff { failures, retry_at, error: error.clone() });
        Err(AcquireError::Failed { error, retry_after })
    }
}

/// The backoff of logins that fail with a transient error, for all requests together.
#[derive(Debug)]
pub(super) struct LoginBackoff {
    failures: u32,
    pub(super) retry_at: Duration,
    pub(super) error: PollError,
}

/// The token of a login.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) token: Secret,
    /// `None` if it is not known when it expires.
    expiry: Option<Expiry>,
}

#[derive(Clone, Copy, Debug)]
struct Expiry {
    renew_at: Duration,
    expires_at: Duration,
}

impl Session {
    /// With a token that was issued now.
    pub(super) fn new(issued: &IssuedToken, now: Duration) -> Self {
        let expiry = issued.life.map(|life| {
            // A token that claims to have expired when it was issued would be renewed forever.
            let least = now.saturating_add(MIN_LIFE);
            Expiry {
                renew_at: now.saturating_add(keystone::renew_after(life)).max(least),
                expires_at: now.saturating_add(life).max(least),
            }
        });
        Self { token: issued.token.clone(), expiry }
    }

    pub(super) fn is_valid(&self, now: Duration) -> bool {
        self.expiry.is_none_or(|expiry| now < expiry.expires_at)
    }

    fn is_renewal_due(&self, now: Duration) -> bool {
        self.expiry.is_some_and(|expiry| now >= expiry.renew_at)
    }
}

/// The delay after a failed renewal of a token that is still valid.
const RENEWAL_RETRY: Duration = Duration::from_secs(10);

/// No token is renewed sooner.
const MIN_LIFE: Duration = Duration::from_secs(1);
