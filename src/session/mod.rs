//! From what people already have to a client: environment, clouds file or credentials file, a login where one is
//! needed, and the place of the service.

mod credentials;
mod endpoint;
pub(crate) mod info;
mod project;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use self::info::Session;

use self::info::Facts;
use crate::auth::Kind;
use crate::client::Client;
use crate::client::authenticator;
use crate::config;
use crate::config::Overrides;
use crate::config::env::{Environment, Process};
use crate::config::key::Sourced;
use crate::endpoint::Endpoint;
use crate::endpoint::region;
use crate::endpoint::service::Service;
use crate::error::Error;
use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::http::{Http, HttpOptions, ProxyChoice, RootStore};
use crate::job::error::DecodeError;
use crate::poll::failure_budget::transient_delay;
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, SystemClock};
use crate::util::rng;
use crate::util::secret::Secret;

/// Makes a [`Client`] from the environment and the files that the tools of these clouds share. What is given here
/// beats them.
///
/// Who asks is the first that is there: a token given here; a cloud of `clouds.yaml` chosen by its name
/// ([`cloud`](Self::cloud), `OS_CLOUD`); the variables `OS_*`, `HW_*`, `HUAWEICLOUD_SDK_*` and `OTC_SDK_*`; the only
/// cloud of a clouds file; `~/.huaweicloud/credentials`. One of them is taken whole, and never mixed with another.
/// Within it a token comes before an access key, and that before a password.
///
/// The endpoint is the first that is there: the one given here; `HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}`; that of
/// the catalog which a login brings; the naming rule of the region, in the domain of the IAM address.
///
/// ```no_run
/// use cloudjob::{Service, SessionBuilder};
///
/// let connected = SessionBuilder::new().service(Service::Evs).region("eu-nl").connect()?;
/// println!("asking {} by {}", connected.endpoint_url(), connected.source());
/// let client = connected.into_client();
/// # Ok::<(), cloudjob::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct SessionBuilder {
    explicit: Overrides,
    service: Service,
    http: HttpOptions,
    rate: Option<f64>,
    request_timeout: Option<Duration>,
    tries: Tries,
}

impl SessionBuilder {
    /// Everything from the environment and the files, for [`Service::Ecs`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Whose jobs are asked for. Default: [`Service::Ecs`], which answers for servers.
    pub const fn service(mut self, service: Service) -> Self {
        self.service = service;
        self
    }

    /// The cloud of the clouds file, in place of that of `OS_CLOUD`.
    pub fn cloud(mut self, name: impl Into<String>) -> Self {
        self.explicit.cloud = Some(name.into());
        self
    }

    /// The region: `eu-de`, `cn-north-4`.
    pub fn region(mut self, name: impl Into<String>) -> Self {
        self.explicit.region = Some(name.into());
        self
    }

    /// The root of the service's host, as in [`Endpoint::new`]. No catalog and no naming rule is asked then.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.explicit.endpoint = Some(Sourced::new(url.into(), "endpoint given"));
        self
    }

    /// The id of the project whose jobs are asked for.
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.explicit.project_id = Some(id.into());
        self
    }

    /// A token of the project, in place of whatever credentials there are.
    pub fn token(mut self, text: &str) -> Self {
        self.explicit.token = Some(Secret::new(text));
        self
    }

    /// Trusts the certificates of this PEM file in place of the built-in ones, and of `OS_CACERT`.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.explicit.ca_cert = Some(path.into());
        self
    }

    /// As [`ClientConfig::rate`](crate::ClientConfig::rate). Default: 5 polls per second.
    pub const fn rate(mut self, polls_a_second: f64) -> Self {
        self.rate = Some(polls_a_second);
        self
    }

    /// The longest that one poll may take; also that a login or a look-up of the project may, which have 30 s at the
    /// most. Default: 30 s.
    pub const fn request_timeout(mut self, limit: Duration) -> Self {
        self.request_timeout = Some(limit);
        self
    }

    /// As [`ClientConfig::proxy`](crate::ClientConfig::proxy): goes through this one instead of the environment's.
    pub fn proxy(mut self, url: &str) -> Self {
        self.http.proxy = ProxyChoice::Url(Secret::new(url));
        self
    }

    /// Goes through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = ProxyChoice::None;
        self
    }

    /// Finds out who asks and where, logs in if that takes a login, and makes the client.
    ///
    /// A password is sent once, and again only if nobody has answered yes or no; the token that it brings is the
    /// client's, which renews it before its end. An access
    /// key or a token without the id of its project has it looked up at IAM, by the project's name or by the region's.
    /// Otherwise nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if a setting is missing, wrong or contradicts another, or no
    /// project has the name; [`Refused`](crate::ErrorKind::Refused) if the login or the look-up is, and
    /// [`NoAnswer`](crate::ErrorKind::NoAnswer) if it has none.
    pub fn connect(self) -> Result<Session, Error> {
        self.connect_in(&Process)
    }

    fn connect_in(mut self, env: &dyn Environment) -> Result<Session, Error> {
        let settings = config::find(&self.explicit, env).map_err(Error::config)?;
        let credentials = credentials::credentials(&settings)?;
        if let Some(ca) = &settings.ca_cert {
            self.http.roots = RootStore::CaFile(ca.value.clone());
        }
        let limit = self.request_timeout.unwrap_or(LIMIT).min(LIMIT);
        let line = Line {
            http: Http::new(&self.http).map_err(Error::config)?,
            clock: SystemClock::new(),
            limit,
            tries: self.tries,
        };

        let given = self.explicit.endpoint.as_ref();
        let given = given.or_else(|| settings.endpoint(self.service.as_str())).cloned();
        if let Some(given) = &given {
            endpoint::check(&line.http, given)?;
        }
        let session = match credentials.kind() {
            Kind::Login(login) => {
                line.http.check(&login.auth_url).map_err(Error::config)?;
                let until = line.clock.now().saturating_add(line.limit);
                let log_in = || authenticator::log_in(&line.http, login, until, &line.clock);
                Some(line.patiently(until, log_in).map_err(Error::poll)?)
            }
            _ => None,
        };
        let (project_id, project_name) = match (&session, &settings.project_id) {
            (Some(session), id) => {
                let id = session.project_id.clone().or_else(|| id.as_ref().map(|id| id.value.clone()));
                (id.ok_or_else(no_project)?, session.project_name.clone())
            }
            (None, Some(id)) => {
                (id.value.clone(), settings.project_name.as_ref().map(|name| name.value.clone()))
            }
            (None, None) => {
                let (id, name) = project::look_up(&line, &settings, &credentials)?;
                (id, Some(name))
            }
        };
        let region = settings.region.as_ref().map(|region| region.value.clone());
        let region =
            region.or_else(|| project_name.as_deref().and_then(region::of_project).map(str::to_owned));
        // A region that only the login has told has its endpoints in the environment too.
        let given = given.or_else(|| endpoint::of_region(env, self.service, region.as_deref()?));
        let found = match given {
            Some(given) => given,
            None => endpoint::find(self.service, region.as_deref(), session.as_ref(), &settings)?,
        };
        let endpoint = Endpoint::new(&found.value, &project_id)
            .map_err(|error| Error::config(format!("{error} ({})", found.source)))?
            .service(self.service);
        let facts = Facts {
            source: settings.source.clone(),
            method: credentials::method(&settings.who),
            user: session.as_ref().and_then(|session| session.user_name.clone()),
            domain: session.as_ref().and_then(|session| session.domain_name.clone()),
            project_name,
            region,
            endpoint_url: endpoint.url(),
            endpoint_source: found.source,
            expires_at: session.as_ref().and_then(|session| session.expires_at.clone()),
        };
        let mut builder = Client::builder(endpoint, credentials);
        if let Some(rate) = self.rate {
            builder = builder.rate(rate);
        }
        if let Some(limit) = self.request_timeout {
            builder = builder.request_timeout(limit);
        }
        let client = builder.build_with(line.http, line.clock, session.as_ref())?;
        Ok(Session::new(client, facts, limit))
    }
}

/// No URL: one of them may hold a password.
impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("explicit", &self.explicit)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for [`Service::Ecs`] from the environment and the files that the tools of these clouds share: `OS_*`,
    /// `HW_*`, `HUAWEICLOUD_SDK_*`, `clouds.yaml`, `~/.huaweicloud/credentials`. See [`SessionBuilder`] for their order and
    /// for what can be said besides.
    ///
    /// ```no_run
    /// use cloudjob::{Client, JobId};
    ///
    /// let job = Client::from_env()?.wait(&JobId::new("ff8080829585af7f0195c1e776d9475c")?).run()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As those of [`SessionBuilder::connect`].
    pub fn from_env() -> Result<Self, Error> {
        SessionBuilder::new().connect().map(Session::into_client)
    }
}

/// How IAM is asked: by whose connections, by which clock, for how long.
struct Line {
    http: Http,
    clock: SystemClock,
    limit: Duration,
    tries: Tries,
}

impl Line {
    /// Asks again for what passes (5xx, throttling, a lost connection), five times at the most and while there is
    /// time. A no is never asked for twice.
    fn patiently<T>(
        &self,
        until: Duration,
        mut ask: impl FnMut() -> Result<T, PollError>,
    ) -> Result<T, PollError> {
        let mut random = rng::seed();
        for row in 1.. {
            let error = match ask() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let throttled = error.api_error().is_some_and(ApiError::is_throttled);
            let again = self.clock.now().saturating_add(transient_delay(row, rng::next(&mut random)));
            if !(error.is_transient() || throttled) || row >= self.tries.0 || again >= until {
                return Err(error);
            }
            self.clock.sleep_until(again, &CancelToken::new());
        }
        Err(PollError::Decode(DecodeError::new("never asked", b"")))
    }
}

/// How often IAM is asked, if what stands in the way can pass.
#[derive(Clone, Copy)]
struct Tries(u32);

impl Default for Tries {
    fn default() -> Self {
        Self(5)
    }
}

fn no_project() -> Error {
    let message = "the token that the login brought is for no project: give the project's name or id";
    Error::poll(PollError::Decode(DecodeError { message: message.to_owned() }))
}

/// The longest that a login or a look-up may take.
const LIMIT: Duration = Duration::from_secs(30);
