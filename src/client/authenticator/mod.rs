//! Keeps the credentials of a client: logs in when it must, and never tries a refused secret again.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api::request::{HeaderValue, Request};
use crate::api::response::Response;
use crate::auth::keystone;
use crate::auth::keystone::IssuedToken;
use crate::auth::{Credentials, Kind, LoginRequest};
use crate::endpoint::Endpoint;
use crate::error::api::ApiError;
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::http::Http;
use crate::util::clock::{Clock, SystemClock};
use crate::util::secret::Secret;

/// The credentials of a client and what has come of them so far.
///
/// Repeated failures lock the account or the access key. So until a credential has had its first good answer one
/// request is in flight; and the first refusal stops the new requests of all threads until it is renewed, or for good
/// where it cannot be.
#[derive(Debug)]
pub(crate) struct Authenticator<C = SystemClock> {
    credentials: Credentials,
    state: Mutex<State>,
    changed: Condvar,
    clock: C,
}

#[derive(Debug, Default)]
struct State {
    proven: bool,
    /// One request is finding out whether the credentials are good; or a login is under way.
    busy: bool,
    session: Option<Held>,
    generation: u64,
    /// New tokens in a row that were refused before they had a good answer.
    stale: u8,
    refused: Option<PollError>,
}

/// A token that was got by a login.
#[derive(Clone, Debug)]
struct Held {
    token: Secret,
    /// When to renew it and when it ends; `None` if that is not known.
    term: Option<Term>,
}

#[derive(Clone, Copy, Debug)]
struct Term {
    renew_at: Duration,
    ends_at: Duration,
}

impl Held {
    fn is_due(&self, now: Duration) -> bool {
        self.term.is_some_and(|term| now >= term.renew_at)
    }

    fn is_good(&self, now: Duration) -> bool {
        self.term.is_none_or(|term| now < term.ends_at)
    }
}

/// The right to send one request with these credentials.
#[derive(Debug)]
pub(crate) struct Permit {
    token: Option<Secret>,
    generation: u64,
    probing: bool,
}

impl<C: Clock> Authenticator<C> {
    pub(crate) fn new(credentials: Credentials, clock: C) -> Self {
        Self { credentials, state: Mutex::default(), changed: Condvar::new(), clock }
    }

    /// A keeper that already has a session, so that the first poll needs no second login.
    pub(crate) fn with_session(credentials: Credentials, clock: C, session: &IssuedToken) -> Self {
        let authenticator = Self::new(credentials, clock);
        authenticator.lock().session = Some(authenticator.hold(session));
        authenticator
    }

    /// Waits for the turn of this request, logging in first if it must, all until `until`.
    ///
    /// # Errors
    /// With the refusal, if the credentials have been refused; with what stood in the way of a login.
    pub(crate) fn pass(&self, http: &Http, until: Duration) -> Result<Permit, PollError> {
        self.pass_with(until, |login| log_in(http, login, until, &self.clock))
    }

    /// The same with any way to log in.
    fn pass_with(
        &self,
        until: Duration,
        log_in: impl Fn(&LoginRequest) -> Result<IssuedToken, PollError>,
    ) -> Result<Permit, PollError> {
        let mut state = self.lock();
        loop {
            if let Some(refused) = &state.refused {
                return Err(refused.clone());
            }
            if !state.busy {
                let Some(login) = self.login_due(&state) else {
                    let probing = !state.proven;
                    state.busy |= probing;
                    let token = state.session.as_ref().map(|held| held.token.clone());
                    return Ok(Permit { token, generation: state.generation, probing });
                };
                state.busy = true;
                drop(state);
                let outcome = log_in(login);
                state = self.lock();
                state.busy = false;
                self.changed.notify_all();
                self.take_login(&mut state, outcome, until)?;
                continue;
            }
            // Somebody else is at it. A good token serves on while it is renewed.
            let now = self.clock.now();
            if let (true, Some(held)) = (state.proven, &state.session)
                && held.is_good(now)
            {
                let token = Some(held.token.clone());
                return Ok(Permit { token, generation: state.generation, probing: false });
            }
            let left = until.saturating_sub(now);
            if left.is_zero() {
                return Err(PollError::Transport(TransportError::new(TransportErrorKind::Timeout, NO_TURN)));
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Puts the credentials on a request.
    pub(crate) fn authorise(&self, pass: &Permit, request: Request, endpoint: &Endpoint) -> Request {
        #[cfg(not(feature = "signing"))]
        let _ = endpoint;
        match (self.credentials.kind(), &pass.token) {
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

    /// Takes in what came of the request. Says whether the credentials can be renewed, so that asking again makes
    /// sense.
    pub(crate) fn settle(&self, pass: &Permit, error: Option<&PollError>) -> bool {
        let mut state = self.lock();
        if pass.probing {
            state.busy = false;
        }
        let mut credentials_renewable = false;
        match error {
            Some(PollError::Api(error)) if error.is_unauthorized() => {
                credentials_renewable = self.take_refusal(&mut state, pass, error);
            }
            Some(PollError::Api(error))
                if error.is_transient() || error.is_throttled() || error.is_redirect() => {}
            Some(PollError::Transport(_) | PollError::Decode(_)) => {}
            // A job, or a no that is not about the credentials: they are good.
            _ if pass.generation == state.generation => {
                state.proven = true;
                state.stale = 0;
            }
            _ => {}
        }
        drop(state);
        self.changed.notify_all();
        credentials_renewable
    }

    fn take_refusal(&self, state: &mut State, pass: &Permit, error: &ApiError) -> bool {
        if !matches!(self.credentials.kind(), Kind::Login(login) if login.is_renewable()) {
            state.refused = Some(PollError::Api(error.clone()));
            return false;
        }
        if pass.generation == state.generation {
            state.generation += 1;
            state.session = None;
            state.stale = if state.proven { 1 } else { state.stale + 1 };
            state.proven = false;
            if state.stale > 1 {
                // A new login does not help: its token is refused just the same.
                state.refused = Some(PollError::Api(error.clone()));
                return false;
            }
        }
        state.refused.is_none()
    }

    /// The login that has to be made before the next request, if one has.
    fn login_due(&self, state: &State) -> Option<&LoginRequest> {
        let Kind::Login(login) = self.credentials.kind() else { return None };
        // What cannot be renewed serves to its end.
        let due =
            state.session.as_ref().is_none_or(|held| login.is_renewable() && held.is_due(self.clock.now()));
        due.then_some(login)
    }

    /// # Errors
    /// If there is no token to go on with.
    fn take_login(
        &self,
        state: &mut State,
        outcome: Result<IssuedToken, PollError>,
        until: Duration,
    ) -> Result<(), PollError> {
        let error = match outcome {
            Ok(session) => {
                state.generation += 1;
                state.session = Some(self.hold(&session));
                return Ok(());
            }
            Err(error) => error,
        };
        let is_no = match &error {
            PollError::Api(error) => !error.is_transient() && !error.is_throttled(),
            PollError::Transport(error) => error.kind() == TransportErrorKind::InvalidUrl,
            PollError::Decode(_) => false,
        };
        if is_no {
            state.refused = Some(error.clone());
            return Err(error);
        }
        // It was early enough: the old token is still good, and there will be another time.
        let now = self.clock.now();
        match state.session.as_mut().filter(|held| held.is_good(now) && now < until) {
            Some(Held { term: Some(term), .. }) => {
                term.renew_at = now.saturating_add(RENEW_AGAIN);
                Ok(())
            }
            _ => Err(error),
        }
    }

    fn hold(&self, session: &IssuedToken) -> Held {
        let now = self.clock.now();
        let term = session.life.map(|life| {
            // A token that is said to have ended when it was made would be renewed for ever.
            let least = now.saturating_add(LEAST_LIFE);
            Term {
                renew_at: now.saturating_add(keystone::renew_after(life)).max(least),
                ends_at: now.saturating_add(life).max(least),
            }
        });
        Held { token: session.token.clone(), term }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs in, and takes on the role of an agency where one is named.
pub(crate) fn log_in(
    http: &Http,
    login: &LoginRequest,
    until: Duration,
    clock: &impl Clock,
) -> Result<IssuedToken, PollError> {
    log_in_by(login, |request| {
        let left = until.saturating_sub(clock.now()).max(Duration::from_millis(1));
        http.send(request, left).map_err(PollError::Transport)
    })
}

fn log_in_by(
    login: &LoginRequest,
    send: impl Fn(&Request) -> Result<Response, PollError>,
) -> Result<IssuedToken, PollError> {
    let ask = |request: &Request| {
        send(request).and_then(|answer| keystone::read_login(&answer)).map_err(|error| at_login(login, error))
    };
    let own = ask(&keystone::login_request(login))?;
    match &login.agency {
        Some(agency) => ask(&keystone::agency_request(login, agency, &own.token)),
        None => Ok(own),
    }
}

/// Says of a no that it came from the login. One that is about the address is no answer about a job.
fn at_login(login: &LoginRequest, error: PollError) -> PollError {
    let url = &login.auth_url;
    match error {
        PollError::Api(error) if matches!(error.http_status(), 404 | 405) => {
            let message =
                format!("there is no login at {url} ({error}): give the auth URL of IAM, which ends in /v3");
            PollError::Transport(TransportError::new(TransportErrorKind::InvalidUrl, message))
        }
        PollError::Api(mut error) => {
            error.message = format!("{url} says: {}", error.message);
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

const NO_TURN: &str = "no turn came: another request was still finding out whether the credentials are good";

/// How long after a failed renewal of a token that is still good the next one is tried.
const RENEW_AGAIN: Duration = Duration::from_secs(10);

/// No token is renewed sooner.
const LEAST_LIFE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
