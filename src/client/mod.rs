//! The client: one endpoint, one set of credentials, one pool of connections, one rate limit.

pub(crate) mod authenticator;
pub(crate) mod config;
mod log;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::authenticator::{AcquireError, Authenticator};
use self::config::ClientConfig;
use crate::api::request::{self, Request};
use crate::api::response::Response;
use crate::auth::keystone::IssuedToken;
use crate::auth::{Credentials, Kind};
use crate::endpoint::Endpoint;
use crate::error::api::ApiError;
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::error::{Error, ErrorKind, LastPoll, State};
use crate::http::HttpClient;
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::result::PollResult;
use crate::scheduler::rate_limiter::RateLimiter;
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, SystemClock};

/// Polls the jobs of one endpoint. Blocking, and cheap to clone: clones share connections, credentials and the rate
/// limit, and so do all threads that use them.
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
    http: HttpClient,
    authenticator: Authenticator,
    rate_limiter: Mutex<RateLimiter>,
    /// The response with the last Retry-After that all polls wait for.
    throttled_by: Mutex<Option<ApiError>>,
    clock: SystemClock,
    request_timeout: Duration,
}

/// Why a poll cannot be sent in time.
enum Blocked {
    /// The service has asked for a pause until this moment.
    Pause(Duration),
    /// The rate limit is used up by other polls, or too low.
    Rate,
}

impl Client {
    /// A client with the defaults of [`ClientConfig`]. Nothing is sent yet.
    ///
    /// # Errors
    /// If a setting of the environment, such as a proxy, cannot be used.
    pub fn new(endpoint: Endpoint, credentials: Credentials) -> Result<Self, Error> {
        Self::with_config(endpoint, credentials, ClientConfig::new())
    }

    /// A client with settings other than the defaults. Nothing is sent yet.
    ///
    /// # Errors
    /// If the proxy, the CA file or the rate limit cannot be used, or the endpoint needs a feature that this build does
    /// not have; the text names it.
    pub fn with_config(
        endpoint: Endpoint,
        credentials: Credentials,
        config: ClientConfig,
    ) -> Result<Self, Error> {
        endpoint.check_scope().map_err(Error::config)?;
        let http = HttpClient::new(&config.http).map_err(Error::config)?;
        Self::with_session(endpoint, credentials, &config, http, SystemClock::new(), None)
    }

    /// A client with the connections and the session of a login that was made before. The age of the session is
    /// measured by this clock. An endpoint that still lacks its scope is checked when it is polled.
    pub(crate) fn with_session(
        endpoint: Endpoint,
        credentials: Credentials,
        config: &ClientConfig,
        http: HttpClient,
        clock: SystemClock,
        session: Option<&IssuedToken>,
    ) -> Result<Self, Error> {
        let rate = config.rate()?;
        http.check(endpoint.base_url().origin()).map_err(Error::config)?;
        let credentials = credentials.for_project(endpoint.project_id());
        if let Kind::Login(login) = credentials.kind() {
            http.check(login.auth_url.origin()).map_err(Error::config)?;
        }
        let authenticator = match session {
            Some(session) => Authenticator::with_session(credentials, clock, session),
            None => Authenticator::new(credentials, clock),
        };
        let shared = Shared {
            http,
            authenticator,
            rate_limiter: Mutex::new(RateLimiter::new(rate)),
            throttled_by: Mutex::new(None),
            clock,
            request_timeout: config.request_timeout,
        };
        Ok(Self { endpoint, shared: Arc::new(shared) })
    }

    /// The same client for another service or project: it shares connections, credentials and the rate limit.
    ///
    /// The credentials must be valid there: a token is valid for one project, and for all services in it.
    #[must_use]
    pub fn with_endpoint(&self, endpoint: Endpoint) -> Self {
        Self { endpoint, shared: Arc::clone(&self.shared) }
    }

    /// Whether both poll the same endpoint and share everything else.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && self.endpoint == other.endpoint
    }

    /// The endpoint that is polled.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Polls a job once and returns its current state. Takes [`ClientConfig::request_timeout`] at most, and waits for the
    /// rate limit. If the service has asked for a longer pause (Retry-After), or the rate limit does not allow a poll in
    /// that time, nothing is sent.
    ///
    /// A lost connection is retried once: usually it was a kept connection that the server had closed. Rejected
    /// credentials are renewed and retried once if possible.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] if the service rejects the request (an unknown id too, immediately), else
    /// [`ErrorKind::NoAnswer`]: no usable response, or a transient error such as a 429 or a 502.
    /// [`ErrorKind::TimedOut`] if the rate limit allowed no poll in time. A job that has failed is not an error here: see
    /// [`Job::status`].
    pub fn job(&self, id: &JobId) -> Result<Job, Error> {
        let clock = self.shared.clock;
        let started = clock.now();
        let end = started.saturating_add(self.shared.request_timeout);
        let cancel = CancelToken::new();
        let mut state = State::default();
        loop {
            let slot = self.wait_for_slot(end);
            state.waited = clock.now().saturating_sub(started);
            if let Err(blocked) = slot {
                return Err(self.blocked(id, state, &blocked));
            }
            let left = end.saturating_sub(clock.now()).max(Duration::from_millis(1));
            // Nobody cancels this token.
            let Some(polled) = self.poll(id, left, &cancel) else {
                return Err(Error::new(ErrorKind::Cancelled, id, state, None));
            };
            state.polls += 1;
            let error = match polled.result {
                Ok(job) => return Ok(*job),
                Err(error) => error,
            };
            let lost = matches!(&error, PollError::Transport(error) if error.kind() == TransportErrorKind::ConnectionLost);
            if state.polls == 1 && (lost || polled.credentials_renewable) && clock.now() < end {
                continue;
            }
            let kind = match error.api_error() {
                Some(api) if api.is_rejection() => ErrorKind::Refused,
                _ => ErrorKind::NoAnswer,
            };
            state.waited = clock.now().saturating_sub(started);
            state.retry_after = polled.retry_after;
            state.last_poll = LastPoll::of(&error);
            return Err(Error::new(kind, id, state, Some(error)));
        }
    }

    /// The error of a poll that could not be sent.
    fn blocked(&self, id: &JobId, mut state: State, blocked: &Blocked) -> Error {
        let error = match blocked {
            Blocked::Pause(until) => {
                state.retry_after = Some(until.saturating_sub(self.shared.clock.now()));
                self.throttling_error()
            }
            Blocked::Rate => None,
        };
        let kind = if error.is_some() { ErrorKind::NoAnswer } else { ErrorKind::TimedOut };
        Error::new(kind, id, state, error)
    }

    /// The response that made the client pause.
    pub(crate) fn throttling_error(&self) -> Option<PollError> {
        let throttled_by = self.shared.throttled_by.lock().unwrap_or_else(PoisonError::into_inner);
        throttled_by.clone().map(PollError::Api)
    }

    /// One poll, with this timeout for the whole of it. `None` if it was cancelled before it was sent.
    pub(crate) fn poll(&self, id: &JobId, timeout: Duration, cancel: &CancelToken) -> Option<PollResult> {
        let clock = self.shared.clock;
        let sent = clock.now();
        if let Err(error) = self.endpoint.check_scope() {
            return Some(TransportError::new(TransportErrorKind::InvalidUrl, error.to_string()).into());
        }
        let request = request::job_request(&self.endpoint, id);
        let read = &mut |response: &Response| PollResult::read(self.endpoint.asked_service(), response);
        let polled = self.exchange(request, sent.saturating_add(timeout), cancel, read)?;
        let polled = polled.round_trip(clock.now().saturating_sub(sent));
        log::polled(id.as_str(), &polled);
        Some(polled)
    }

    /// The same for a resource at this path, which is not checked; `read` is called with the response.
    pub(crate) fn poll_path(
        &self,
        path: &str,
        timeout: Duration,
        cancel: &CancelToken,
        read: &mut dyn FnMut(&Response) -> PollResult,
    ) -> Option<PollResult> {
        let clock = self.shared.clock;
        let sent = clock.now();
        let path = path.replace("{project_id}", self.endpoint.project_id());
        let request = Request::get(self.endpoint.base_url().join(|target| target.push_str(&path)));
        let polled = self.exchange(request, sent.saturating_add(timeout), cancel, read)?;
        let polled = polled.round_trip(clock.now().saturating_sub(sent));
        log::polled(&path, &polled);
        Some(polled)
    }

    fn exchange(
        &self,
        request: Request,
        end: Duration,
        cancel: &CancelToken,
        read: &mut dyn FnMut(&Response) -> PollResult,
    ) -> Option<PollResult> {
        let shared = &*self.shared;
        let permit = match shared.authenticator.acquire(&shared.http, end, cancel) {
            Ok(permit) => permit,
            Err(AcquireError::Cancelled) => return None,
            Err(AcquireError::Failed { error, retry_after }) => {
                return Some(PollResult { retry_after, ..PollResult::from(error) });
            }
        };
        let request = permit.authorize(request, &self.endpoint);
        let left = end.saturating_sub(shared.clock.now()).max(Duration::from_millis(1));
        let polled = match shared.http.send(&request, left) {
            Ok(response) => read(&response),
            Err(error) => PollResult::from(error),
        };
        let credentials_renewable = permit.report(polled.error());
        let polled = polled.credentials_renewable(credentials_renewable);
        self.apply_throttling(&polled);
        Some(polled)
    }

    /// Lowers the rate after a throttled response, and pauses after any response that says that the service is not
    /// available until later.
    fn apply_throttling(&self, polled: &PollResult) {
        let Some(error) = polled.error().and_then(PollError::api_error) else { return };
        let now = self.shared.clock.now();
        if error.is_throttled() {
            self.rate_limiter(|limiter| limiter.apply_throttling(polled.retry_after, now));
        } else if let (503, Some(retry_after)) = (error.http_status(), polled.retry_after) {
            self.rate_limiter(|limiter| limiter.pause(retry_after, now));
        } else {
            return;
        }
        if polled.retry_after.is_some() {
            let mut throttled_by = self.shared.throttled_by.lock().unwrap_or_else(PoisonError::into_inner);
            *throttled_by = Some(error.clone());
        }
    }

    /// Takes the right to poll now, or says when to try again.
    pub(crate) fn try_acquire(&self, now: Duration) -> Result<(), Duration> {
        self.rate_limiter(|limiter| limiter.try_acquire(now))
    }

    /// Blocks until the rate limit allows a poll. Returns at once if that is not before `end`.
    fn wait_for_slot(&self, end: Duration) -> Result<(), Blocked> {
        let clock = self.shared.clock;
        loop {
            let now = clock.now();
            let Err(then) = self.try_acquire(now) else { return Ok(()) };
            if then >= end {
                return Err(self.paused_until(now).map_or(Blocked::Rate, Blocked::Pause));
            }
            clock.sleep_until(then, &CancelToken::new());
        }
    }

    /// Until when the service has asked for a pause.
    pub(crate) fn paused_until(&self, now: Duration) -> Option<Duration> {
        self.rate_limiter(|limiter| limiter.paused_until(now))
    }

    pub(crate) fn rate_limiter<T>(&self, act: impl FnOnce(&mut RateLimiter) -> T) -> T {
        act(&mut self.shared.rate_limiter.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn clock(&self) -> SystemClock {
        self.shared.clock
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        self.shared.request_timeout
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use super::*;
    use crate::error::ErrorKind;
    use crate::error::poll::{PollError, TransportError, TransportErrorKind};
    use crate::http::LookUp;
    use crate::job::id::JobId;

    /// A client whose DNS queries are answered by this function.
    fn with(look_up: LookUp) -> Client {
        let endpoint = Endpoint::insecure_http("http://jobs.test", "p").unwrap();
        let credentials = Credentials::token("t").unwrap();
        let mut config = ClientConfig::new()
            .no_proxy()
            .max_polls_per_second(f64::INFINITY)
            .request_timeout(Duration::from_millis(300));
        config.http.resolve = Some(look_up);
        Client::with_config(endpoint, credentials, config).unwrap()
    }

    #[test]
    fn a_resolver_that_hangs_does_not_delay_a_poll() {
        let (let_go, hold) = channel::<()>();
        let hold = Mutex::new(hold);
        let client = with(Arc::new(move |_, _| {
            let _ = hold.lock().unwrap().recv();
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], 1))])
        }));
        let id = JobId::new("j").unwrap();
        let (request_timeout, timeout) = (Duration::from_millis(300), Duration::from_millis(500));
        let begun = Instant::now();
        let polled = client.job(&id).unwrap_err();
        let poll_took = begun.elapsed();
        let begun = Instant::now();
        let wait = client.wait(&id).timeout(timeout).run().unwrap_err();
        let wait_took = begun.elapsed();
        let begun = Instant::now();
        let all = client.wait_all([id]).timeout(timeout).into_iter().next().unwrap().1.unwrap_err();
        let all_took = begun.elapsed();
        drop(let_go);
        for (error, limit, took) in
            [(polled, request_timeout, poll_took), (wait, timeout, wait_took), (all, timeout, all_took)]
        {
            assert_eq!(error.kind(), ErrorKind::NoAnswer, "{error}");
            assert!(error.to_string().contains("being resolved"), "{error}");
            let is_timeout = |error: &TransportError| error.kind() == TransportErrorKind::Timeout;
            assert!(matches!(error.last_error(), Some(PollError::Transport(error)) if is_timeout(error)));
            let over = took.saturating_sub(limit);
            eprintln!("a resolver that hangs: {} ms over {limit:?}", over.as_millis());
            assert!(over < Duration::from_secs(1), "{over:?}");
        }
    }

    #[test]
    fn an_unknown_name_is_a_dns_error_and_transient() {
        let client = with(Arc::new(|_, _| Err(std::io::Error::other("no such name"))));
        let id = JobId::new("j").unwrap();
        let error = client.job(&id).unwrap_err();
        assert!(
            matches!(error.last_error(), Some(PollError::Transport(error)) if error.kind() == TransportErrorKind::Dns)
        );
        let outcome = client.wait(&id).timeout(Duration::from_millis(400)).outcome();
        assert_eq!(outcome.result().unwrap_err().kind(), ErrorKind::NoAnswer);
        assert!(outcome.polls() > 1);
    }
}
