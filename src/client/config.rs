//! The settings of a client.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::authenticator::Authenticator;
use super::{Client, Shared};
use crate::auth::keystone::IssuedToken;
use crate::auth::{Credentials, Kind};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::http::{Http, HttpOptions, ProxyChoice, RootStore};
use crate::scheduler::rate_limiter::RateLimiter;
use crate::util::clock::SystemClock;
use crate::util::secret::Secret;

/// Settings of a [`Client`] that differ from the defaults.
///
/// # Default
/// | | |
/// |-|-|
/// | `rate` | 5 polls per second, for all waits and threads together |
/// | `request_timeout` | 30 s for one poll, from the name look-up to the last byte |
/// | `proxy` | from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; never for a loopback address |
/// | roots | the ones of Mozilla that are built in |
#[derive(Debug)]
#[must_use]
pub struct ClientConfig {
    endpoint: Endpoint,
    credentials: Credentials,
    http: HttpOptions,
    request_timeout: Duration,
    rate: f64,
}

impl ClientConfig {
    pub(super) fn new(endpoint: Endpoint, credentials: Credentials) -> Self {
        Self {
            endpoint,
            credentials,
            http: HttpOptions::default(),
            request_timeout: Duration::from_secs(30),
            rate: 5.0,
        }
    }

    /// How many polls per second all waits of this client may make together, in the long run. A small burst is
    /// allowed. [`f64::INFINITY`] is no limit; zero and less are one poll a minute. Default: 5.
    pub const fn rate(mut self, polls_a_second: f64) -> Self {
        self.rate = polls_a_second;
        self
    }

    /// The longest that one poll may take, a login that is due before it included. Default: 30 s.
    pub const fn request_timeout(mut self, limit: Duration) -> Self {
        self.request_timeout = limit;
        self
    }

    /// Goes through this proxy (`http://host:port`, with `user:password@` before the host if it wants them) instead
    /// of the one that the environment names; for loopback too. SOCKS is not spoken.
    pub fn proxy(mut self, url: &str) -> Self {
        self.http.proxy = ProxyChoice::Url(Secret::new(url));
        self
    }

    /// Goes through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = ProxyChoice::None;
        self
    }

    /// Trusts the certificates of this PEM file in place of the built-in ones.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.http.roots = RootStore::CaFile(path.into());
        self
    }

    /// Trusts what the operating system trusts in place of the built-in roots.
    #[cfg(feature = "platform-verifier")]
    pub fn platform_roots(mut self) -> Self {
        self.http.roots = RootStore::Platform;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// If the proxy or the CA file cannot be used, or the endpoint cannot be asked by this build; the text names it.
    pub fn build(self) -> Result<Client, Error> {
        let http = Http::new(&self.http).map_err(Error::config)?;
        self.build_with(http, SystemClock::new(), None)
    }

    /// The client, with the connections and the session of a login that was made before. The session is as old as it
    /// was made by this clock.
    pub(crate) fn build_with(
        self,
        http: Http,
        clock: SystemClock,
        session: Option<&IssuedToken>,
    ) -> Result<Client, Error> {
        http.check(&self.endpoint.url()).map_err(Error::config)?;
        let credentials = self.credentials.for_project(self.endpoint.project_id());
        if let Kind::Login(login) = credentials.kind() {
            http.check(&login.auth_url).map_err(Error::config)?;
        }
        let authenticator = match session {
            Some(session) => Authenticator::with_session(credentials, clock, session),
            None => Authenticator::new(credentials, clock),
        };
        Ok(Client {
            endpoint: self.endpoint,
            shared: Arc::new(Shared {
                http,
                authenticator,
                budget: Mutex::new(RateLimiter::new(self.rate)),
                clock,
                request_timeout: self.request_timeout,
            }),
        })
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
    use crate::error::poll::{PollError, TransportErrorKind};
    use crate::http::LookUp;
    use crate::job::id::JobId;

    /// A client whose look-ups of names are done by this function.
    fn with(look_up: LookUp) -> Client {
        let endpoint = Endpoint::insecure_http("http://jobs.test", "p").unwrap();
        let credentials = Credentials::token("t").unwrap();
        let mut builder = Client::builder(endpoint, credentials)
            .no_proxy()
            .rate(f64::INFINITY)
            .request_timeout(Duration::from_millis(300));
        builder.http.resolve = Some(look_up);
        builder.build().unwrap()
    }

    #[test]
    fn a_resolver_that_hangs_holds_nobody_up() {
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
            assert!(error.to_string().contains("looked up"), "{error}");
            let is_timeout =
                |error: &crate::error::poll::TransportError| error.kind() == TransportErrorKind::Timeout;
            assert!(matches!(error.last_error(), Some(PollError::Transport(error)) if is_timeout(error)));
            let over = took.saturating_sub(limit);
            eprintln!("a resolver that hangs: {} ms over {limit:?}", over.as_millis());
            assert!(over < Duration::from_secs(1), "{over:?}");
        }
    }

    #[test]
    fn a_name_that_is_not_known_is_told_and_may_become_known() {
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
