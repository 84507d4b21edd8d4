//! From the settings that people already have to a client: environment, clouds file or credentials file, a login where
//! one is needed, and the endpoint of the service.

mod credentials;
mod endpoint;
mod iam;
mod info;
mod project;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use self::endpoint::Locator;
use self::iam::IamClient;
pub use self::info::SessionInfo;
use crate::auth::Kind;
use crate::client::Client;
use crate::client::authenticator;
use crate::client::config::ClientConfig;
use crate::config;
use crate::config::Overrides;
use crate::config::env::{Environment, Process};
use crate::config::key::Sourced;
use crate::endpoint::Endpoint;
use crate::endpoint::region;
use crate::endpoint::service::Service;
use crate::error::Error;
use crate::error::poll::PollError;
use crate::http::{Http, RootStore};
use crate::job::error::DecodeError;
use crate::job::id::JobId;
use crate::poll::result::PollResult;
use crate::util::cancel::CancelToken;
use crate::util::clock::SystemClock;
use crate::util::secret::Secret;

/// A [`Client`] with what was found on the way to it: the credentials and the endpoint it uses. Made by
/// [`SessionBuilder::connect`].
///
/// ```no_run
/// let mut session = cloudjob::SessionBuilder::new().connect()?;
/// let info = session.info();
/// println!("credentials: {} from {}", info.method(), info.source());
/// println!("project:     {}", info.project_id());
/// println!("endpoint:    {} ({})", info.endpoint_url(), info.endpoint_source());
/// session.verify()?;
/// println!("expires at:  {}", session.info().expires_at().unwrap_or("unknown"));
/// # Ok::<(), cloudjob::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    info: SessionInfo,
    timeout: Duration,
    locator: Locator,
}

impl Session {
    /// The client.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The client alone.
    pub fn into_client(self) -> Client {
        self.client
    }

    /// The credentials and the endpoint that the client uses.
    pub const fn info(&self) -> &SessionInfo {
        &self.info
    }

    /// The endpoint of another service, found in the same way as that of this one.
    ///
    /// # Errors
    /// If nothing tells it.
    #[cfg(feature = "cli")]
    pub(crate) fn endpoint(&self, service: Service) -> Result<Endpoint, Error> {
        self.locator.endpoint(&Process, service).map(|(endpoint, _)| endpoint)
    }

    /// Checks whether the credentials work. The login of a password has shown it already; a token or an access key is
    /// sent to the service once, with a request for a job that does not exist. Takes 30 seconds at most.
    ///
    /// # Errors
    /// If the credentials are rejected, or no usable response arrives. Nothing is retried.
    pub fn verify(&mut self) -> Result<(), Error> {
        if self.info.method == "password" {
            return Ok(());
        }
        let id = JobId::new(NO_JOB).map_err(Error::config)?;
        let polled = self.client.poll(&id, self.timeout, &CancelToken::new());
        match polled.as_ref().and_then(PollResult::error) {
            Some(PollError::Api(error)) if error.is_not_found() => Ok(()),
            Some(error) => Err(Error::poll(error.clone())),
            None => Ok(()),
        }
    }
}

/// Makes a [`Session`], and so a [`Client`], from the environment and the files that the tools of these clouds share.
/// What is set here takes precedence.
///
/// The credentials are those of the first source that is present: a token set here; a cloud of `clouds.yaml` chosen by
/// name ([`cloud`](Self::cloud), `OS_CLOUD`); the variables `OS_*`, `HW_*`, `HUAWEICLOUD_SDK_*` and `OTC_SDK_*`; the
/// only cloud of a clouds file; `~/.huaweicloud/credentials`. Sources are never mixed, and an incomplete one is an
/// error. Within a source a token comes before an access key, and that before a password.
///
/// The endpoint is the first of: the one set here; `HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}`; that of the catalog of
/// a login; the region template, in the domain of the IAM URL.
///
/// ```no_run
/// use cloudjob::{Service, SessionBuilder};
///
/// let session = SessionBuilder::new().service(Service::Evs).region("eu-nl").connect()?;
/// println!("{} by {}", session.info().endpoint_url(), session.info().source());
/// let client = session.into_client();
/// # Ok::<(), cloudjob::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct SessionBuilder {
    explicit: Overrides,
    service: Service,
    config: ClientConfig,
    attempts: u32,
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

    /// The settings of the client. Its [`request_timeout`](ClientConfig::request_timeout) also bounds a login and a
    /// query for the project, which take 30 s at most; its roots override `OS_CACERT`. Default: [`ClientConfig::new`].
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.config = config;
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
        self.config.rate()?;
        let settings = config::find(&self.explicit, env).map_err(Error::config)?;
        let credentials = credentials::credentials(&settings)?;
        if let (Some(ca), RootStore::Bundled) = (&settings.ca_cert, &self.config.http.roots) {
            self.config = self.config.ca_file(&ca.value);
        }
        let iam = IamClient {
            http: Http::new(&self.config.http).map_err(Error::config)?,
            clock: SystemClock::new(),
            timeout: self.config.request_timeout.min(TIMEOUT),
            attempts: self.attempts,
        };

        let given = self.explicit.endpoint.as_ref();
        let given = given.or_else(|| settings.endpoint(self.service.as_str())).cloned();
        if let Some(given) = &given {
            endpoint::check(&iam.http, given)?;
        }
        let issued = match credentials.kind() {
            Kind::Login(login) => {
                iam.http.check(login.auth_url.origin()).map_err(Error::config)?;
                let deadline = iam.deadline();
                let log_in = || authenticator::log_in(&iam.http, login, deadline, &iam.clock);
                Some(iam.retry(deadline, log_in).map_err(Error::poll)?)
            }
            _ => None,
        };
        let (project_id, project_name) = match (&issued, &settings.project_id) {
            (Some(issued), id) => {
                let id = issued.project_id.clone().or_else(|| id.as_ref().map(|id| id.value.clone()));
                (id.ok_or_else(no_project)?, issued.project_name.clone())
            }
            (None, Some(id)) => {
                (id.value.clone(), settings.project_name.as_ref().map(|name| name.value.clone()))
            }
            (None, None) => {
                let (id, name) = project::look_up(&iam, &settings, &credentials)?;
                (id, Some(name))
            }
        };
        let region = settings.region.as_ref().map(|region| region.value.clone());
        let region =
            region.or_else(|| project_name.as_deref().and_then(region::of_project).map(str::to_owned));
        let locator = Locator {
            given: self.explicit.endpoint.clone(),
            settings,
            issued: issued.clone(),
            region: region.clone(),
            project_id: project_id.clone(),
        };
        let (endpoint, endpoint_source) = locator.endpoint(env, self.service)?;
        let settings = &locator.settings;
        let info = SessionInfo {
            source: settings.source.clone(),
            method: credentials::method(&settings.who),
            user: issued.as_ref().and_then(|issued| issued.user_name.clone()),
            domain: issued.as_ref().and_then(|issued| issued.domain_name.clone()),
            project_id,
            project_name,
            region,
            service: endpoint.asked_service(),
            endpoint_url: endpoint.url(),
            endpoint_source,
            expires_at: issued.as_ref().and_then(|issued| issued.expires_at.clone()),
        };
        let timeout = iam.timeout;
        let client =
            Client::with_session(endpoint, credentials, &self.config, iam.http, iam.clock, issued.as_ref())?;
        Ok(Session { client, info, timeout, locator })
    }
}

impl Default for SessionBuilder {
    fn default() -> Self {
        Self {
            explicit: Overrides::default(),
            service: Service::default(),
            config: ClientConfig::new(),
            attempts: ATTEMPTS,
        }
    }
}

/// No URL: one of them may hold a password.
impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
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

fn no_project() -> Error {
    let message = "the token that the login brought is for no project: give the project's name or id";
    Error::poll(PollError::Decode(DecodeError { message: message.to_owned() }))
}

/// The longest that a login or a lookup may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often IAM is asked while the error is transient.
const ATTEMPTS: u32 = 5;

/// An id that no service gives out.
const NO_JOB: &str = "00000000000000000000000000000000";
