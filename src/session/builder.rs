//! From the settings to a session.

use std::fmt;
use std::time::Duration;

use super::endpoint::{self, Locator};
use super::iam::IamClient;
use super::project::{self, Project};
use super::{Session, SessionInfo, TokenLookup};
use crate::auth::Kind;
use crate::client::Client;
use crate::client::config::ClientConfig;
use crate::config;
#[cfg(feature = "cli")]
use crate::config::OverrideNames;
use crate::config::env::{Environment, Process};
use crate::config::key::Sourced;
use crate::config::{AuthMethod, Overrides};
use crate::endpoint::service::Service;
use crate::error::Error;
use crate::http::{HttpClient, RootStore};
use crate::util::clock::SystemClock;
use crate::util::secret::Secret;

/// Makes a [`Session`], and so a [`Client`], from the environment and the files that the tools of these clouds share.
/// What is set here takes precedence.
///
/// The credentials are those of the first source that is present: a token set here; a cloud of `clouds.yaml` chosen by
/// name ([`cloud`](Self::cloud), `OS_CLOUD`); the variables `OS_*`, `HW_*`, `HUAWEICLOUD_SDK_*` and `OTC_SDK_*`; the
/// only cloud of a clouds file; `~/.huaweicloud/credentials`. Sources are never mixed, and an incomplete one is an
/// error. Within a source a token comes before an access key, and that before a password.
///
/// The endpoint is the first of: the one set here; `HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}`; that of the cloud, or of
/// `~/.huaweicloud/regions.yaml`; that of the catalog of a login; the region template, in the domain of the IAM URL.
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
    pub(super) attempts: u32,
}

impl SessionBuilder {
    /// Everything from the environment and the files, for [`Service::Ecs`].
    pub fn new() -> Self {
        Self::default()
    }

    /// The service whose jobs are polled. Default: [`Service::Ecs`].
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

    /// The root URL of the service, as in [`Endpoint::new`](crate::Endpoint::new). It takes precedence over the catalog and the template.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.explicit.endpoint = Some(url.into());
        self
    }

    /// The id of the project whose jobs are polled.
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.explicit.project_id = Some(id.into());
        self
    }

    /// A token of the project. It replaces the credentials of all sources.
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

    /// Lets errors name the flags of the command and not the methods of this type.
    #[cfg(feature = "cli")]
    pub(crate) const fn for_command(mut self) -> Self {
        self.explicit.names = OverrideNames::FLAGS;
        self
    }

    /// Finds the credentials and the endpoint, logs in if there is a password, and makes the client.
    ///
    /// A login is retried only after transient errors; the client renews its token before it expires. For an access key
    /// or a token without the id of its project IAM is asked for it: by the name of the project, of the region, or of the
    /// token. Otherwise nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if a setting is missing, wrong or contradicts another, or no
    /// project has the name; [`Refused`](crate::ErrorKind::Refused) if IAM rejects the login or the lookup, and
    /// [`NoAnswer`](crate::ErrorKind::NoAnswer) if it gives no usable response.
    pub fn connect(self) -> Result<Session, Error> {
        self.connect_in(&Process)
    }

    pub(super) fn connect_in(mut self, env: &dyn Environment) -> Result<Session, Error> {
        self.config.rate()?;
        let settings = config::resolve(&self.explicit, env)?;
        let credentials = settings.credentials()?;
        if let (Some(ca), RootStore::Default) = (&settings.ca_cert, &self.config.http.roots) {
            self.config = self.config.ca_file(&ca.value);
        }
        let iam = IamClient {
            http: HttpClient::new(&self.config.http).map_err(Error::config)?,
            clock: SystemClock::new(),
            timeout: self.config.request_timeout.min(TIMEOUT),
            attempts: self.attempts,
        };

        let given = self.explicit.endpoint().or_else(|| settings.endpoint(self.service.as_str()).cloned());
        match (&given, &settings.region) {
            (Some(given), _) => endpoint::check(&iam.http, given)?,
            // The catalog of a login does not depend on what the project is called.
            (None, Some(region))
                if settings.is_of_project(region) && matches!(settings.auth, AuthMethod::Login(_)) => {}
            (None, Some(region)) => settings
                .cloud_of(region)?
                .check_spelling(&region.value)
                .map_err(|error| Error::config(format!("{error} ({})", region.source)))?,
            (None, None) => {}
        }
        let found = Project::find(&iam, &settings, &credentials, given.as_ref())?;
        let region = settings.region.clone().or_else(|| found.region());
        let locator = Locator {
            given: self.explicit.endpoint(),
            settings,
            issued: found.issued,
            region: region.clone(),
            project_id: found.id.clone(),
        };
        let (endpoint, endpoint_source) = locator.endpoint(env, self.service)?;
        let (settings, issued) = (&locator.settings, locator.issued.as_ref());
        let info = SessionInfo {
            source: settings.source.clone(),
            method: settings.auth.name(),
            user: issued.and_then(|issued| issued.user_name.clone()),
            domain: issued.and_then(|issued| issued.domain_name.clone()),
            project_id: found.id,
            project_name: found.name,
            region: region.map(|region| region.value),
            service: endpoint.asked_service(),
            endpoint_url: endpoint.url(),
            endpoint_source,
            expires_at: issued.and_then(|issued| issued.expires_at.clone()),
        };
        // Either IAM has told it already, or `verify` asks.
        let token = match (credentials.kind(), issued) {
            (Kind::Token(token), None) => {
                let is_given = info.endpoint_source != endpoint::TEMPLATE;
                let given = is_given.then(|| Sourced::new(info.endpoint_url.clone(), ""));
                // An invalid region is not an error here: it has not been needed so far.
                let url = project::iam_url(settings, given.as_ref()).ok().flatten();
                url.map(|url| TokenLookup { iam: iam.clone(), url, token: token.clone() })
            }
            _ => None,
        };
        let timeout = iam.timeout;
        let login = issued.filter(|_| matches!(settings.auth, AuthMethod::Login(_)));
        let client = Client::with_session(endpoint, credentials, &self.config, iam.http, iam.clock, login)?;
        Ok(Session { client, info, timeout, locator, token })
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

/// The longest that a login or a lookup may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often IAM is asked while the error is transient.
const ATTEMPTS: u32 = 5;
