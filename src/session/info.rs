//! A client, and how it came about.

use std::time::Duration;

use crate::client::Client;
use crate::endpoint::service::Service;
use crate::error::Error;
use crate::error::poll::PollError;
use crate::job::id::JobId;

/// A [`Client`], and what was found out on the way to it: who asks, and where. From
/// [`SessionBuilder::connect`](crate::SessionBuilder::connect); it holds no secret that could be shown.
///
/// ```no_run
/// let connected = cloudjob::SessionBuilder::new().connect()?;
/// println!("credentials: {} from {}", connected.method(), connected.source());
/// println!("project:     {}", connected.project_id());
/// println!("endpoint:    {} ({})", connected.endpoint_url(), connected.endpoint_source());
/// connected.check()?;
/// # Ok::<(), cloudjob::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    facts: Facts,
    limit: Duration,
}

#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) source: String,
    pub(super) method: &'static str,
    pub(super) user: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) project_name: Option<String>,
    pub(super) region: Option<String>,
    pub(super) endpoint_url: String,
    pub(super) endpoint_source: String,
    pub(super) expires_at: Option<String>,
}

impl Session {
    pub(super) const fn new(client: Client, facts: Facts, limit: Duration) -> Self {
        Self { client, facts, limit }
    }

    /// The client.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The client, and nothing else.
    pub fn into_client(self) -> Client {
        self.client
    }

    /// Where the credentials came from: `environment (OS_*)`, `clouds.yaml, cloud otc`, `~/.huaweicloud/credentials`,
    /// `token given`.
    pub fn source(&self) -> &str {
        &self.facts.source
    }

    /// The kind of credentials: `token`, `access key` or `password`.
    pub const fn method(&self) -> &'static str {
        self.facts.method
    }

    /// The name of the user, as the login told it; of an agency, `domain/agency`. `None` without a login.
    pub fn user(&self) -> Option<&str> {
        self.facts.user.as_deref()
    }

    /// The name of the user's domain, which is the account; of an agency, the one that delegated.
    pub fn domain(&self) -> Option<&str> {
        self.facts.domain.as_deref()
    }

    /// The id of the project whose jobs are asked for.
    pub fn project_id(&self) -> &str {
        self.client.endpoint().project_id()
    }

    /// The name of that project, where it is known.
    pub fn project_name(&self) -> Option<&str> {
        self.facts.project_name.as_deref()
    }

    /// The region, where it is known; with an endpoint that was given it need not be.
    pub fn region(&self) -> Option<&str> {
        self.facts.region.as_deref()
    }

    /// Whose jobs are asked for.
    pub const fn service(&self) -> Service {
        self.client.endpoint().asked_service()
    }

    /// The root at which they are: `https://ecs.eu-de.otc.t-systems.com`.
    pub fn endpoint_url(&self) -> &str {
        &self.facts.endpoint_url
    }

    /// Where that came from: `endpoint given`, the name of a variable (`HUAWEICLOUD_SDK_REGION_ECS_EU_DE`) or of a
    /// member of the clouds file, `service catalog`, `region template`.
    pub fn endpoint_source(&self) -> &str {
        &self.facts.endpoint_source
    }

    /// When the token of the login ends, as the service wrote it. `None` for a token that was given and for an access
    /// key. Of a password login the client renews it before.
    pub fn expires_at(&self) -> Option<&str> {
        self.facts.expires_at.as_deref()
    }

    /// Finds out whether the credentials work. A password has proved that by its login; a token or an access key is
    /// shown to the service once, with the question for a job that there is not. Takes 30 seconds at the most.
    ///
    /// # Errors
    /// If the credentials are refused, or no usable answer comes. It is not tried again.
    pub fn check(&self) -> Result<(), Error> {
        if self.facts.method == "password" {
            return Ok(());
        }
        let id = JobId::new(NO_JOB).map_err(Error::config)?;
        let polled = self.client.polled(&id, self.limit);
        match polled.error() {
            Some(PollError::Api(error)) if error.is_not_found() => Ok(()),
            Some(error) => Err(Error::poll(error.clone())),
            None => Ok(()),
        }
    }
}

const NO_JOB: &str = "00000000000000000000000000000000";
