//! What is known of a session besides its client.

use crate::endpoint::service::Service;

/// Which credentials a [`Session`](super::Session) uses and where its jobs are polled. It holds no secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionInfo {
    pub(super) source: String,
    pub(super) method: &'static str,
    pub(super) user: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) project_id: String,
    pub(super) project_name: Option<String>,
    pub(super) region: Option<String>,
    pub(super) service: Service,
    pub(super) endpoint_url: String,
    pub(super) endpoint_source: String,
    pub(super) expires_at: Option<String>,
}

impl SessionInfo {
    /// Where the credentials came from: `environment (OS_*)`, `clouds.yaml, cloud otc`, `~/.huaweicloud/credentials`,
    /// `SessionBuilder::token`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The kind of credentials: `token`, `access key` or `password`.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// The name of the user, as IAM returned it; for an agency, `domain/agency`. `None` if IAM was not asked.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The name of the user's domain, which is the account; for an agency, the domain that delegated.
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// The id of the project whose jobs are polled.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The name of that project, if it is known.
    pub fn project_name(&self) -> Option<&str> {
        self.project_name.as_deref()
    }

    /// The region, if it is known. It may be unknown where the endpoint was given.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The service whose jobs are polled.
    pub const fn service(&self) -> Service {
        self.service
    }

    /// The root URL of the service: `https://ecs.eu-de.otc.t-systems.com`.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// Where that URL came from: `SessionBuilder::endpoint`, the name of a variable (`HUAWEICLOUD_SDK_REGION_ECS_EU_DE`) or of a
    /// member of the clouds file, `service catalog`, `region template`.
    pub fn endpoint_source(&self) -> &str {
        &self.endpoint_source
    }

    /// When the token expires, as IAM wrote it: of a login, or of a given token after
    /// [`verify`](super::Session::verify) if IAM told. `None` for an access key. The client renews the token of a
    /// password login before that time.
    pub fn expires_at(&self) -> Option<&str> {
        self.expires_at.as_deref()
    }
}
