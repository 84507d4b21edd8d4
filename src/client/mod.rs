//! The client: one endpoint, one set of credentials, one pool of connections, one budget of looks.

pub(crate) mod authenticator;
pub(crate) mod config;
mod log;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::config::ClientBuilder;

use self::authenticator::Keeper;
use crate::api::request;
use crate::auth::Credentials;
use crate::endpoint::Endpoint;
use crate::error::poll::{TransportKind, Trouble};
use crate::error::{Error, ErrorKind, State};
use crate::http::Http;
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::result::{Look, Seen};
use crate::scheduler::rate_limiter::Budget;
use crate::util::clock::{Clock, SystemClock};

/// Asks one endpoint for jobs. Blocking, and cheap to clone: clones share connections, credentials and the budget of
/// looks, and so do all threads that use them.
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
    keeper: Keeper,
    budget: Mutex<Budget>,
    clock: SystemClock,
    look_limit: Duration,
}

impl Client {
    /// A client with the defaults of [`ClientBuilder`]. Nothing is sent yet.
    ///
    /// # Errors
    /// If a setting of the environment, such as a proxy, cannot be used.
    pub fn new(endpoint: Endpoint, credentials: Credentials) -> Result<Self, Error> {
        Self::builder(endpoint, credentials).build()
    }

    /// A client with other settings than the defaults.
    pub fn builder(endpoint: Endpoint, credentials: Credentials) -> ClientBuilder {
        ClientBuilder::new(endpoint, credentials)
    }

    /// The same client for another service or project: it shares connections, credentials and the budget of looks.
    ///
    /// The credentials must be good for it: a token is for one project, and for all services in it.
    #[must_use]
    pub fn at(&self, endpoint: Endpoint) -> Self {
        Self { endpoint, shared: Arc::clone(&self.shared) }
    }

    /// Where jobs are asked for.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// One look at a job: where it stands now. Takes 30 seconds at the most.
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
        let end = begun.saturating_add(self.shared.look_limit);
        let mut looks = 0;
        loop {
            self.wait_for_turn(end);
            let left = end.saturating_sub(clock.now()).max(Duration::from_millis(1));
            let look = self.look(id, left);
            looks += 1;
            let trouble = match look.seen {
                Seen::Job(job) => return Ok(*job),
                Seen::Trouble(trouble) => trouble,
            };
            let lost = matches!(&trouble, Trouble::Transport(error) if error.kind() == TransportKind::Lost);
            if looks == 1 && (lost || look.renewable) && clock.now() < end {
                continue;
            }
            let kind = match trouble.api() {
                Some(api) if api.is_final_no() => ErrorKind::Refused,
                _ => ErrorKind::NoAnswer,
            };
            let state = State { looks, waited: clock.now().saturating_sub(begun), ..State::default() };
            return Err(Error::new(kind, id, state, Some(trouble)));
        }
    }

    /// One look within `limit`.
    pub(crate) fn look(&self, id: &JobId, limit: Duration) -> Look {
        let clock = self.shared.clock;
        let sent = clock.now();
        let look = self.look_until(id, sent.saturating_add(limit));
        let look = look.took(clock.now().saturating_sub(sent));
        log::look(id, &look);
        look
    }

    fn look_until(&self, id: &JobId, until: Duration) -> Look {
        let shared = &*self.shared;
        let pass = match shared.keeper.pass(&shared.http, until) {
            Ok(pass) => pass,
            Err(trouble) => return trouble.into(),
        };
        let request =
            shared.keeper.authorise(&pass, request::job_request(&self.endpoint, id), &self.endpoint);
        let left = until.saturating_sub(shared.clock.now()).max(Duration::from_millis(1));
        let look = match shared.http.send(&request, left) {
            Ok(answer) => Look::from(answer),
            Err(error) => Look::from(error),
        };
        let renewable = shared.keeper.settle(&pass, look.trouble());
        let look = look.renewable(renewable);
        self.heed(&look);
        look
    }

    /// Slows the client down when the service says that there are too many requests.
    fn heed(&self, look: &Look) {
        if look.trouble().and_then(Trouble::api).is_some_and(crate::error::api::ApiError::is_throttled) {
            let now = self.shared.clock.now();
            self.budget(|budget| budget.throttled(look.retry_after, now));
        }
    }

    /// Takes the right to look now, or says when to ask again.
    pub(crate) fn turn(&self, now: Duration) -> Result<(), Duration> {
        self.budget(|budget| budget.take(now))
    }

    /// Blocks until there is room for a look, or until `end`.
    fn wait_for_turn(&self, end: Duration) {
        let clock = self.shared.clock;
        while let Err(then) = self.turn(clock.now()) {
            if then >= end {
                return;
            }
            clock.sleep_until(then, &crate::util::cancel::Cancel::new());
        }
    }

    pub(crate) fn budget<T>(&self, act: impl FnOnce(&mut Budget) -> T) -> T {
        act(&mut self.shared.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn clock(&self) -> SystemClock {
        self.shared.clock
    }

    pub(crate) fn look_limit(&self) -> Duration {
        self.shared.look_limit
    }
}
