//! The client: one endpoint, one set of credentials, one pool of connections, one budget of polls.

pub(crate) mod authenticator;
pub(crate) mod config;
mod log;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::config::ClientConfig;

use self::authenticator::Authenticator;
use crate::api::request;
use crate::auth::Credentials;
use crate::endpoint::Endpoint;
use crate::error::poll::{PollError, TransportErrorKind};
use crate::error::{Error, ErrorKind, State};
use crate::http::Http;
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::result::{PollResult, Polled};
use crate::scheduler::rate_limiter::RateLimiter;
use crate::util::clock::{Clock, SystemClock};

/// Asks one endpoint for jobs. Blocking, and cheap to clone: clones share connections, credentials and the budget of
/// polls, and so do all threads that use them.
///
/// ```no_run
/// use cloudjob::{Client, Credentials, Endpoint, JobId};
///
/// let endpoint = Endpoint::new("https://ecs.eu-de.otc.t-systems.com", "0391e4486e864c26be5654c522f440f2")?;
/// let client = Client::new(endpoint, Credentials::token(&std::env::var("OS_TOKEN")?)?)?;
/// let job = client.wait(&JobId::new("ff8080829585af7f0195c1e776d9475c")?).run()?;
/// for server in job.ids("server_id") {
///     println!("{server}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    endpoint: Endpoint,
    shared: Arc<Shared>,
}

/// What all clones have in common.
#[derive(Debug)]
struct Shared {
    http: Http,
    authenticator: Authenticator,
    budget: Mutex<RateLimiter>,
    clock: SystemClock,
    request_timeout: Duration,
}

impl Client {
    /// A client with the defaults of [`ClientConfig`]. Nothing is sent yet.
    ///
    /// # Errors
    /// If a setting of the environment, such as a proxy, cannot be used.
    pub fn new(endpoint: Endpoint, credentials: Credentials) -> Result<Self, Error> {
        Self::builder(endpoint, credentials).build()
    }

    /// A client with other settings than the defaults.
    pub fn builder(endpoint: Endpoint, credentials: Credentials) -> ClientConfig {
        ClientConfig::new(endpoint, credentials)
    }

    /// The same client for another service or project: it shares connections, credentials and the budget of polls.
    ///
    /// The credentials must be good for it: a token is for one project, and for all services in it.
    #[must_use]
    pub fn with_endpoint(&self, endpoint: Endpoint) -> Self {
        Self { endpoint, shared: Arc::clone(&self.shared) }
    }

    /// Where jobs are asked for.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// One poll at a job: where it stands now. Takes 30 seconds at the most.
    ///
    /// A connection that breaks is asked over once more: usually it was a kept one that the server had closed. So is
    /// a refusal of credentials that can be renewed.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] if the service says no (an id that it does not know, too, at once), else
    /// [`ErrorKind::NoAnswer`]: no usable answer, or one that may pass such as a 429 or a 502. A job that has failed is no
    /// error here: see [`Job::status`].
    pub fn job(&self, id: &JobId) -> Result<Job, Error> {
        let clock = self.shared.clock;
        let begun = clock.now();
        let end = begun.saturating_add(self.shared.request_timeout);
        let mut polls = 0;
        loop {
            self.wait_for_turn(end);
            let left = end.saturating_sub(clock.now()).max(Duration::from_millis(1));
            let polled = self.polled(id, left);
            polls += 1;
            let error = match polled.seen {
                Polled::Job(job) => return Ok(*job),
                Polled::PollError(error) => error,
            };
            let lost = matches!(&error, PollError::Transport(error) if error.kind() == TransportErrorKind::ConnectionLost);
            if polls == 1 && (lost || polled.credentials_renewable) && clock.now() < end {
                continue;
            }
            let kind = match error.api_error() {
                Some(api) if api.is_final_no() => ErrorKind::Refused,
                _ => ErrorKind::NoAnswer,
            };
            let state = State { polls, waited: clock.now().saturating_sub(begun), ..State::default() };
            return Err(Error::new(kind, id, state, Some(error)));
        }
    }

    /// One poll within `limit`.
    pub(crate) fn polled(&self, id: &JobId, limit: Duration) -> PollResult {
        let clock = self.shared.clock;
        let sent = clock.now();
        let polled = self.poll_until(id, sent.saturating_add(limit));
        let polled = polled.took(clock.now().saturating_sub(sent));
        log::polled(id, &polled);
        polled
    }

    fn poll_until(&self, id: &JobId, until: Duration) -> PollResult {
        let shared = &*self.shared;
        let pass = match shared.authenticator.pass(&shared.http, until) {
            Ok(pass) => pass,
            Err(error) => return error.into(),
        };
        let request =
            shared.authenticator.authorise(&pass, request::job_request(&self.endpoint, id), &self.endpoint);
        let left = until.saturating_sub(shared.clock.now()).max(Duration::from_millis(1));
        let polled = match shared.http.send(&request, left) {
            Ok(answer) => PollResult::from(answer),
            Err(error) => PollResult::from(error),
        };
        let credentials_renewable = shared.authenticator.settle(&pass, polled.error());
        let polled = polled.credentials_renewable(credentials_renewable);
        self.heed(&polled);
        polled
    }

    /// Slows the client down when the service says that there are too many requests.
    fn heed(&self, polled: &PollResult) {
        if polled
            .error()
            .and_then(PollError::api_error)
            .is_some_and(crate::error::api::ApiError::is_throttled)
        {
            let now = self.shared.clock.now();
            self.budget(|budget| budget.throttled(polled.retry_after, now));
        }
    }

    /// Takes the right to look now, or says when to ask again.
    pub(crate) fn turn(&self, now: Duration) -> Result<(), Duration> {
        self.budget(|budget| budget.take(now))
    }

    /// Blocks until there is room for a poll, or until `end`.
    fn wait_for_turn(&self, end: Duration) {
        let clock = self.shared.clock;
        while let Err(then) = self.turn(clock.now()) {
            if then >= end {
                return;
            }
            clock.sleep_until(then, &crate::util::cancel::CancelToken::new());
        }
    }

    pub(crate) fn budget<T>(&self, act: impl FnOnce(&mut RateLimiter) -> T) -> T {
        act(&mut self.shared.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn clock(&self) -> SystemClock {
        self.shared.clock
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        self.shared.request_timeout
    }
}
