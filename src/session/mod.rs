//! From the settings that people already have to a client: environment, clouds file or credentials file, a login where
//! one is needed, and the endpoint of the service.

mod builder;
mod endpoint;
mod iam;
mod info;
mod project;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::builder::SessionBuilder;
use self::endpoint::Locator;
use self::iam::IamClient;
pub use self::info::SessionInfo;
use crate::client::Client;
use crate::config::env::Process;
use crate::config::key::Sourced;
use crate::endpoint::Endpoint;
use crate::endpoint::service::Service;
use crate::error::Error;
use crate::error::poll::PollError;
use crate::job::id::JobId;
use crate::poll::result::PollResult;
use crate::util::cancel::CancelToken;
use crate::util::clock::Clock;
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
    /// There if the token was given and nothing is known about it.
    token: Option<TokenLookup>,
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

    /// The endpoint of another service in the same project, found in the same way as that of this one. Pass it to
    /// [`Client::with_endpoint`] to poll jobs of several services with one login and one rate limit.
    ///
    /// ```no_run
    /// use cloudjob::{Service, SessionBuilder};
    ///
    /// let session = SessionBuilder::new().connect()?;
    /// let volumes = session.client().with_endpoint(session.endpoint(Service::Evs)?);
    /// # Ok::<(), cloudjob::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if neither a setting nor the catalog nor the region tells it.
    pub fn endpoint(&self, service: Service) -> Result<Endpoint, Error> {
        self.locator.endpoint(&Process, service).map(|(endpoint, _)| endpoint)
    }

    /// Checks whether the credentials work. The login of a password has shown it already; a token or an access key is
    /// sent to the service once, with a request for a job that does not exist. A given token that works is then looked
    /// up at IAM, if its URL is known: [`info`](Self::info) tells afterwards when the token expires. Takes 30 seconds
    /// at most.
    ///
    /// # Errors
    /// If the credentials are rejected, or no usable response arrives from the service. Nothing is retried. A lookup
    /// that fails is not an error: the expiry stays unknown.
    pub fn verify(&mut self) -> Result<(), Error> {
        if self.info.method == "password" {
            return Ok(());
        }
        let id = JobId::new(NO_JOB).map_err(Error::config)?;
        let begun = self.client.clock().now();
        let polled = self.client.poll(&id, self.timeout, &CancelToken::new());
        match polled.as_ref().and_then(PollResult::error) {
            Some(PollError::Api(error)) if error.is_not_found() => {}
            Some(error) => return Err(Error::poll(error.clone())),
            None => {}
        }
        if let Some(mut lookup) = self.token.take() {
            lookup.iam.timeout = self.timeout.saturating_sub(self.client.clock().now().saturating_sub(begun));
            lookup.iam.attempts = 1;
            if let Ok(issued) = project::of_token(&lookup.iam, Some(&lookup.url), &lookup.token) {
                self.info.user = issued.user_name;
                self.info.domain = issued.domain_name;
                self.info.expires_at = issued.expires_at;
                // The name of another project would be misleading.
                if issued.project_id.as_deref() == Some(self.info.project_id()) {
                    self.info.project_name = issued.project_name;
                }
            }
        }
        Ok(())
    }
}

/// How to ask IAM about a given token.
#[derive(Clone, Debug)]
struct TokenLookup {
    iam: IamClient,
    url: Sourced<String>,
    token: Secret,
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

/// An id that no service gives out.
const NO_JOB: &str = "00000000000000000000000000000000";
