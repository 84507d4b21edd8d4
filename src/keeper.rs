//! Keeps the credentials of a client: logs in when it must, and never tries a refused secret again.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api_error::ApiError;
use crate::auth::keystone::{self, Session};
use crate::clock::{Clock, SystemClock};
use crate::credentials::{Credentials, Kind, Secret, SignIn};
use crate::endpoint::Endpoint;
use crate::http::Http;
use crate::message::{HeaderText, Request};
use crate::trouble::{TransportError, TransportKind, Trouble};

/// The credentials of a client and what has come of them so far.
///
/// Repeated failures lock the account or the access key. So until a credential has had its first good answer one
/// request is in flight; and the first refusal stops the new requests of all threads until it is renewed, or for good
/// where it cannot be.
#[derive(Debug)]
pub(crate) struct Keeper {
    credentials: Credentials,
    state: Mutex<State>,
    changed: Condvar,
    clock: SystemClock,
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
    refused: Option<Trouble>,
}

/// A token that was got by a login.
#[derive(Clone, Debug)]
struct Held {
    token: Secret,
    renew_at: Option<Duration>,
}

/// The right to send one request with these credentials.
#[derive(Debug)]
pub(crate) struct Pass {
    token: Option<Secret>,
    generation: u64,
    probing: bool,
}

impl Keeper {
    pub(crate) fn new(credentials: Credentials, clock: SystemClock) -> Self {
        Self { credentials, state: Mutex::default(), changed: Condvar::new(), clock }
    }

    /// A keeper that already has a session, so that the first look needs no second login.
    pub(crate) fn with_session(credentials: Credentials, clock: SystemClock, session: &Session) -> Self {
        let keeper = Self::new(credentials, clock);
        {
            let mut state = keeper.lock();
            state.proven = true;
            state.session = Some(keeper.hold(session));
        }
        keeper
    }

    /// Waits for the turn of this request, logging in first if it must, all until `until`.
    ///
    /// # Errors
    /// With the refusal, if the credentials have been refused; with what stood in the way of a login.
    pub(crate) fn pass(&self, http: &Http, until: Duration) -> Result<Pass, Trouble> {
        let mut state = self.lock();
        loop {
            if let Some(refused) = &state.refused {
                return Err(refused.clone());
            }
            let login = self.login_due(&state);
            if !state.busy {
                match login {
                    Some(login) => {
                        state.busy = true;
                        drop(state);
                        let outcome = log_in(http, login, until, self.clock);
                        state = self.lock();
                        state.busy = false;
                        self.changed.notify_all();
                        self.take_login(&mut state, outcome)?;
                        continue;
                    }
                    None => {
                        let probing = !state.proven;
                        state.busy |= probing;
                        let token = state.session.as_ref().map(|held| held.token.clone());
                        return Ok(Pass { token, generation: state.generation, probing });
                    }
                }
            }
            // Somebody else is at it. A good token serves on while it is renewed.
            if let (true, Some(held)) = (state.proven, &state.session)
                && held.renew_at.is_none_or(|renew| self.clock.now() < renew.saturating_add(GRACE))
            {
                return Ok(Pass {
                    token: Some(held.token.clone()),
                    generation: state.generation,
                    probing: false,
                });
            }
            let left = until.saturating_sub(self.clock.now());
            if left.is_zero() {
                let message =
                    "no turn came: another request was still finding out whether the credentials are good";
                return Err(Trouble::Transport(TransportError::new(TransportKind::Timeout, message)));
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Puts the credentials on a request.
    #[cfg_attr(not(feature = "signing"), expect(unused_variables))]
    pub(crate) fn authorise(&self, pass: &Pass, request: Request, endpoint: &Endpoint) -> Request {
        match (self.credentials.kind(), &pass.token) {
            (Kind::Token(token), _) | (Kind::Login(_), Some(token)) => {
                request.header("x-auth-token", HeaderText::Secret(token.clone()))
            }
            (Kind::Login(_), None) => request,
            #[cfg(feature = "signing")]
            (Kind::AccessKey(key), _) => {
                let mut request = request;
                crate::auth::signing::sign_at(
                    &mut request,
                    key,
                    Some(endpoint.project_id()),
                    now_utc(self.clock),
                );
                request
            }
        }
    }

    /// Takes in what came of the request. Says whether the credentials can be renewed, so that asking again makes
    /// sense.
    pub(crate) fn settle(&self, pass: &Pass, trouble: Option<&Trouble>) -> bool {
        let mut state = self.lock();
        if pass.probing {
            state.busy = false;
        }
        let mut renewable = false;
        match trouble {
            Some(Trouble::Api(error)) if error.is_credentials_refused() => {
                renewable = self.take_refusal(&mut state, pass, error);
            }
            Some(Trouble::Api(error))
                if error.is_transient() || error.is_throttled() || error.is_redirect() => {}
            Some(Trouble::Transport(_) | Trouble::Decode(_)) => {}
            // A job, or a no that is not about the credentials: they are good.
            _ if pass.generation == state.generation => {
                state.proven = true;
                state.stale = 0;
            }
            _ => {}
        }
        drop(state);
        self.changed.notify_all();
        renewable
    }

    fn take_refusal(&self, state: &mut State, pass: &Pass, error: &ApiError) -> bool {
        if !matches!(self.credentials.kind(), Kind::Login(login) if login.is_renewable()) {
            state.refused = Some(Trouble::Api(error.clone()));
            return false;
        }
        if pass.generation == state.generation {
            state.generation += 1;
            state.session = None;
            state.stale = if state.proven { 1 } else { state.stale + 1 };
            state.proven = false;
            if state.stale > 1 {
                // A new login does not help: its token is refused just the same.
                state.refused = Some(Trouble::Api(error.clone()));
                return false;
            }
        }
        state.refused.is_none()
    }

    /// The login that has to be made before the next request, if one has.
    fn login_due(&self, state: &State) -> Option<&SignIn> {
        let Kind::Login(login) = self.credentials.kind() else { return None };
        let due = match &state.session {
            None => true,
            // What cannot be renewed serves to its end.
            Some(held) => {
                login.is_renewable() && held.renew_at.is_some_and(|renew| self.clock.now() >= renew)
            }
        };
        due.then_some(login)
    }

    fn take_login(&self, state: &mut State, outcome: Result<Session, Trouble>) -> Result<(), Trouble> {
        match outcome {
            Ok(session) => {
                state.generation += 1;
                state.session = Some(self.hold(&session));
                Ok(())
            }
            Err(trouble) => {
                let throttled = trouble.api().is_some_and(ApiError::is_throttled);
                if trouble.api().is_some() && !trouble.is_transient() && !throttled {
                    state.refused = Some(trouble.clone());
                }
                Err(trouble)
            }
        }
    }

    fn hold(&self, session: &Session) -> Held {
        let renew_at = session.life.map(|life| self.clock.now().saturating_add(keystone::renew_after(life)));
        Held { token: session.token.clone(), renew_at }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs in, and takes on the role of an agency where one is named.
pub(crate) fn log_in(
    http: &Http,
    login: &SignIn,
    until: Duration,
    clock: SystemClock,
) -> Result<Session, Trouble> {
    let send = |request: &Request| {
        let left = until.saturating_sub(clock.now()).max(Duration::from_millis(1));
        http.send(request, left).map_err(Trouble::Transport)
    };
    let own = keystone::read_login(&send(&keystone::login_request(login))?)?;
    match &login.agency {
        Some(agency) => keystone::read_login(&send(&keystone::agency_request(login, agency, &own.token))?),
        None => Ok(own),
    }
}

#[cfg(feature = "signing")]
fn now_utc(clock: SystemClock) -> time::OffsetDateTime {
    time::OffsetDateTime::UNIX_EPOCH + clock.wall()
}

/// How long a token that is due for renewal still serves other threads.
const GRACE: Duration = Duration::from_secs(5);
