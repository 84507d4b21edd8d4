//! The credentials of a client: logs in when necessary, and never sends rejected credentials again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api::request::{HeaderValue, Request};
use crate::api::response::{self, Response};
use crate::auth::keystone;
use crate::auth::keystone::IssuedToken;
use crate::auth::{Credentials, Kind, LoginRequest};
use crate::endpoint::Endpoint;
use crate::error::api::ApiError;
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::http::HttpClient;
use crate::poll::failure_budget::{throttled_delay, transient_delay};
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, SystemClock};
use crate::util::rng;
use crate::util::secret::Secret;

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

/// A request to IAM that failed.
#[derive(Clone, Debug)]
pub(crate) struct LoginError {
    pub(crate) error: PollError,
    pub(crate) retry_after: Option<Duration>,
}

impl LoginError {
    /// When to retry after so many failures in a row, if the error is a transient one.
    pub(crate) fn delay(&self, failures: u32, random: f64) -> Duration {
        let throttled = self.error.api_error().is_some_and(ApiError::is_throttled);
        let backoff = if throttled { throttled_delay } else { transient_delay };
        self.retry_after.unwrap_or_else(|| backoff(failures, random))
    }
}

impl From<PollError> for LoginError {
    fn from(error: PollError) -> Self {
        Self { error, retry_after: None }
    }
}

/// The backoff of logins that fail with a transient error, for all requests together.
#[derive(Debug)]
struct LoginBackoff {
    failures: u32,
    retry_at: Duration,
    error: PollError,
}

#[derive(Debug, Default)]
struct State {
    /// The credentials have had a good response.
    proven: bool,
    /// One request is finding out whether the credentials are valid, or a login is in flight.
    busy: bool,
    session: Option<Session>,
    generation: u64,
    /// New tokens in a row that were rejected before they had a good response.
    rejected_tokens: u8,
    rejected: Option<PollError>,
    login_backoff: Option<LoginBackoff>,
    /// How many requests wait for a change.
    waiting: u32,
}

/// The token of a login.
#[derive(Clone, Debug)]
struct Session {
    token: Secret,
    /// `None` if it is not known when it expires.
    expiry: Option<Expiry>,
}

#[derive(Clone, Copy, Debug)]
struct Expiry {
    renew_at: Duration,
    expires_at: Duration,
}

impl Session {
    fn is_renewal_due(&self, now: Duration) -> bool {
        self.expiry.is_some_and(|expiry| now >= expiry.renew_at)
    }

    fn is_valid(&self, now: Duration) -> bool {
        self.expiry.is_none_or(|expiry| now < expiry.expires_at)
    }
}

/// The right to send one request with these credentials. Dropped without a report, as after a panic, it lets the next
/// request find out whether they are valid.
#[derive(Debug)]
pub(crate) struct Permit<'a, C: Clock = SystemClock> {
    authenticator: &'a Authenticator<C>,
    token: Option<Secret>,
    generation: u64,
    probing: bool,
}

impl<C: Clock> Permit<'_, C> {
    /// Adds the credentials to a request.
    pub(crate) fn authorize(&self, request: Request, endpoint: &Endpoint) -> Request {
        self.authenticator.authorize(self, request, endpoint)
    }

    /// Says what came of the request. Returns whether the credentials can be renewed, so that a retry makes sense.
    pub(crate) fn report(self, error: Option<&PollError>) -> bool {
        self.authenticator.take_report(&self, error)
    }
}

impl<C: Clock> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        if self.probing {
            self.authenticator.set_idle();
        }
    }
}

impl<C: Clock> Authenticator<C> {
    pub(crate) fn new(credentials: Credentials, clock: C) -> Self {
        Self { credentials, shared: Arc::default(), clock }
    }

    /// With the session of a login that was made before, so that the first poll does not log in again.
    pub(crate) fn with_session(credentials: Credentials, clock: C, session: &IssuedToken) -> Self {
        let authenticator = Self::new(credentials, clock);
        authenticator.lock().session = Some(authenticator.session(session));
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
            } else if let Some(login) = self.login_due(&state) {
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
                            self.take_login(&mut state, outcome, until)?;
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

    fn authorize(&self, permit: &Permit<'_, C>, request: Request, endpoint: &Endpoint) -> Request {
        #[cfg(not(feature = "signing"))]
        let _ = endpoint;
        match (self.credentials.kind(), &permit.token) {
            (Kind::Token(token), _) | (Kind::Login(_), Some(token)) => {
                request.header("x-auth-token", HeaderValue::Secret(token.clone()))
            }
            (Kind::Login(_), None) => request,
            #[cfg(feature = "signing")]
            (Kind::AccessKey(key), _) => {
                let mut request = request;
                crate::auth::signing::sign_at(
                    &mut request,
                    key,
                    Some(endpoint.project_id()),
                    now_utc(&self.clock),
                );
                request
            }
        }
    }

    fn take_report(&self, permit: &Permit<'_, C>, error: Option<&PollError>) -> bool {
        let mut state = self.lock();
        let mut credentials_renewable = false;
        match error {
            Some(PollError::Api(error)) if error.is_unauthorized() => {
                credentials_renewable = self.take_rejection(&mut state, permit, error);
            }
            Some(PollError::Api(error))
                if error.is_transient() || error.is_throttled() || error.is_redirect() => {}
            Some(PollError::Transport(_) | PollError::Decode(_)) => {}
            // The job, or an error that is not about the credentials: they are valid.
            _ if permit.generation == state.generation => {
                state.proven = true;
                state.rejected_tokens = 0;
            }
            _ => {}
        }
        // Waking is a system call even where nobody waits.
        let is_awaited = state.waiting > 0;
        drop(state);
        if is_awaited {
            self.shared.changed.notify_all();
        }
        credentials_renewable
    }

    /// The request or login that others wait for is over.
    fn set_idle(&self) {
        self.lock().busy = false;
        self.shared.changed.notify_all();
    }

    fn take_rejection(&self, state: &mut State, permit: &Permit<'_, C>, error: &ApiError) -> bool {
        if !matches!(self.credentials.kind(), Kind::Login(login) if login.is_renewable()) {
            state.rejected = Some(PollError::Api(error.clone()));
            return false;
        }
        if permit.generation == state.generation {
            state.generation += 1;
            state.session = None;
            state.rejected_tokens = if state.proven { 1 } else { state.rejected_tokens + 1 };
            state.proven = false;
            if state.rejected_tokens > 1 {
                // A new login does not help: its token is rejected as well.
                state.rejected = Some(PollError::Api(error.clone()));
                return false;
            }
        }
        state.rejected.is_none()
    }

    /// The login that is necessary before the next request, if one is.
    fn login_due(&self, state: &State) -> Option<&LoginRequest> {
        let Kind::Login(login) = self.credentials.kind() else { return None };
        // A login that cannot be repeated is used until its token expires.
        let due = state
            .session
            .as_ref()
            .is_none_or(|session| login.is_renewable() && session.is_renewal_due(self.clock.now()));
        due.then_some(login)
    }

    /// Keeps the token of a login.
    ///
    /// # Errors
    /// If the login failed and there is no other token.
    fn take_login(
        &self,
        state: &mut State,
        outcome: Result<IssuedToken, LoginError>,
        until: Duration,
    ) -> Result<(), AcquireError> {
        let failed = match outcome {
            Ok(session) => {
                state.generation += 1;
                state.session = Some(self.session(&session));
                state.login_backoff = None;
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
            state.rejected = Some(failed.error.clone());
            return Err(failed.error.into());
        }
        // The old token is still valid: the renewal is tried again later.
        let now = self.clock.now();
        match state.session.as_mut().filter(|session| session.is_valid(now) && now < until) {
            Some(Session { expiry: Some(expiry), .. }) => {
                expiry.renew_at = now.saturating_add(RENEWAL_RETRY);
                Ok(())
            }
            _ => {
                let failures = state.login_backoff.as_ref().map_or(0, |backoff| backoff.failures) + 1;
                let delay = failed.delay(failures, rng::next(&mut rng::seed()));
                let LoginError { error, retry_after } = failed;
                let retry_at = now.saturating_add(delay);
                state.login_backoff = Some(LoginBackoff { failures, retry_at, error: error.clone() });
                Err(AcquireError::Failed { error, retry_after })
            }
        }
    }

    fn session(&self, session: &IssuedToken) -> Session {
        let now = self.clock.now();
        let expiry = session.life.map(|life| {
            // A token that claims to have expired when it was issued would be renewed forever.
            let least = now.saturating_add(MIN_LIFE);
            Expiry {
                renew_at: now.saturating_add(keystone::renew_after(life)).max(least),
                expires_at: now.saturating_add(life).max(least),
            }
        });
        Session { token: session.token.clone(), expiry }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock()
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

fn log_in_with(
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

#[cfg(feature = "signing")]
fn now_utc(clock: &impl Clock) -> time::OffsetDateTime {
    let epoch = time::OffsetDateTime::UNIX_EPOCH;
    time::Duration::try_from(clock.wall()).ok().and_then(|wall| epoch.checked_add(wall)).unwrap_or(epoch)
}

fn not_validated() -> PollError {
    PollError::Transport(TransportError::new(TransportErrorKind::Timeout, NOT_VALIDATED))
}

/// Not shown: the wait has ended.
fn cancelled() -> PollError {
    PollError::Transport(TransportError::new(TransportErrorKind::Timeout, "cancelled"))
}

const NOT_VALIDATED: &str = "timed out waiting for another request to validate the credentials";

/// The delay after a failed renewal of a token that is still valid.
const RENEWAL_RETRY: Duration = Duration::from_secs(10);

/// No token is renewed sooner.
const MIN_LIFE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
