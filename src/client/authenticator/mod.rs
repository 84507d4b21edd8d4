//! The credentials of a client: logs in when necessary, and never sends rejected credentials again.

pub(crate) mod login;
pub(crate) mod permit;
mod state;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::login::{LoginError, log_in};
use self::permit::Permit;
use self::state::{Session, State};
use crate::auth::keystone::IssuedToken;
use crate::auth::{Credentials, Kind, LoginRequest};
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::http::HttpClient;
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, SystemClock};

/// The credentials of a client and whether they are known to be valid.
///
/// Repeated failures lock the account or the access key. So until credentials have had their first good response, one
/// request is in flight; and the first rejection stops the new requests of all threads until the credentials are
/// renewed, or for good if they cannot be.
#[derive(Debug)]
pub(crate) struct Authenticator<C = SystemClock> {
    credentials: Credentials,
    shared: Arc<Shared>,
    clock: C,
}

impl<C: Clock> Authenticator<C> {
    pub(crate) fn new(credentials: Credentials, clock: C) -> Self {
        Self { credentials, shared: Arc::default(), clock }
    }

    /// With the session of a login that was made before, so that the first poll does not log in again.
    pub(crate) fn with_session(credentials: Credentials, clock: C, issued: &IssuedToken) -> Self {
        let authenticator = Self::new(credentials, clock);
        authenticator.lock().session = Some(Session::new(issued, authenticator.clock.now()));
        authenticator
    }

    /// Waits until a request may be sent with the credentials, and logs in first if necessary, all before `until`.
    ///
    /// # Errors
    /// The rejection, if the credentials have been rejected; the error of a login; a cancelled wait.
    pub(crate) fn acquire(
        &self,
        http: &HttpClient,
        until: Duration,
        cancel: &CancelToken,
    ) -> Result<Permit<'_, C>, AcquireError> {
        self.acquire_with(until, cancel, |login| log_in(http, login, until, &self.clock, cancel))
    }

    /// The same with any way to log in.
    fn acquire_with(
        &self,
        until: Duration,
        cancel: &CancelToken,
        log_in: impl Fn(&LoginRequest) -> Result<IssuedToken, LoginError>,
    ) -> Result<Permit<'_, C>, AcquireError> {
        let mut on_cancel = None;
        let mut state = self.lock();
        loop {
            if let Some(rejected) = &state.rejected {
                return Err(rejected.clone().into());
            }
            if cancel.is_cancelled() {
                return Err(AcquireError::Cancelled);
            }
            let now = self.clock.now();
            // Until when there is nothing to do.
            let idle_until = if state.busy {
                // Another request is in flight. A valid token can be used while it is being renewed.
                if let (true, Some(session)) = (state.proven, &state.session)
                    && session.is_valid(now)
                {
                    let token = Some(session.token.clone());
                    let generation = state.generation;
                    return Ok(Permit { authenticator: self, token, generation, probing: false });
                }
                if now >= until {
                    return Err(not_validated().into());
                }
                until
            } else if let Some(login) = self.login_due(&state, now) {
                match &state.login_backoff {
                    Some(backoff) if backoff.retry_at >= until && now < backoff.retry_at => {
                        let retry_after = Some(backoff.retry_at - now);
                        return Err(AcquireError::Failed { error: backoff.error.clone(), retry_after });
                    }
                    Some(backoff) if now < backoff.retry_at => backoff.retry_at,
                    _ => {
                        state.busy = true;
                        drop(state);
                        let guard = IdleOnPanic(self);
                        let outcome = log_in(login);
                        drop(guard);
                        state = self.lock();
                        state.busy = false;
                        self.shared.changed.notify_all();
                        if !cancel.is_cancelled() || outcome.is_ok() {
                            state.take_login(outcome, until, self.clock.now())?;
                        }
                        continue;
                    }
                }
            } else {
                let probing = !state.proven;
                state.busy |= probing;
                let token = state.session.as_ref().map(|session| session.token.clone());
                return Ok(Permit { authenticator: self, token, generation: state.generation, probing });
            };
            if on_cancel.is_none() {
                drop(state);
                on_cancel = Some(self.wake_on(cancel));
                state = self.lock();
                continue;
            }
            state.waiting += 1;
            let waited = self.shared.changed.wait_timeout(state, idle_until.saturating_sub(now));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
    }

    /// Wakes the requests that wait here when the token is cancelled, as long as the listener lives.
    fn wake_on(&self, cancel: &CancelToken) -> Arc<dyn Fn() + Send + Sync> {
        let shared = Arc::clone(&self.shared);
        let listener: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            // With the lock, so that a request either sees the token or is asleep and is woken.
            drop(shared.lock());
            shared.changed.notify_all();
        });
        cancel.listen(&listener);
        listener
    }

    /// The login that is necessary before the next request, if one is.
    fn login_due(&self, state: &State, now: Duration) -> Option<&LoginRequest> {
        let Kind::Login(login) = self.credentials.kind() else { return None };
        state.is_login_due(login.is_renewable(), now).then_some(&**login)
    }

    /// The request or login that others wait for is over.
    fn set_idle(&self) {
        self.lock().busy = false;
        self.shared.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock()
    }
}

/// Why there is no permit.
#[derive(Debug)]
pub(crate) enum AcquireError {
    /// The wait was cancelled.
    Cancelled,
    /// The credentials have been rejected, or the login failed.
    Failed { error: PollError, retry_after: Option<Duration> },
}

impl From<PollError> for AcquireError {
    fn from(error: PollError) -> Self {
        Self::Failed { error, retry_after: None }
    }
}

/// What a cancel token needs to wake the requests that wait for another one.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a login that panics, so that others do not wait for it.
struct IdleOnPanic<'a, C: Clock>(&'a Authenticator<C>);

impl<C: Clock> Drop for IdleOnPanic<'_, C> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set_idle();
        }
    }
}

fn not_validated() -> PollError {
    PollError::Transport(TransportError::new(TransportErrorKind::Timeout, NOT_VALIDATED))
}

const NOT_VALIDATED: &str = "timed out waiting for another request to validate the credentials";

#[cfg(test)]
mod tests;
