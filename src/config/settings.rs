//! What the sources have said: enough to make a client, once the service is known.

use std::fmt;
use std::path::PathBuf;

use super::endpoints::is_name_of;
use super::error::{SettingsError, unusable};
use super::key::Sourced;
use crate::auth::Credentials;
use crate::auth::login::Login;
use crate::endpoint::{check_project_id, region};
use crate::util::secret::Secret;

/// What was found: enough to make a client, once the service is known.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) auth: AuthMethod,
    /// The URL of IAM: given, of the vendor, or in the domain that was given. Always there for a password.
    pub(crate) auth_url: Option<Sourced<String>>,
    pub(crate) region: Option<Sourced<String>>,
    /// The domain of the cloud, where the environment has one.
    pub(crate) domain: Option<Sourced<String>>,
    pub(crate) project_id: Option<Sourced<String>>,
    /// Sometimes there beside the id. Without both, IAM is asked for the project.
    pub(crate) project_name: Option<Sourced<String>>,
    pub(crate) ca_cert: Option<Sourced<PathBuf>>,
    /// For people: `environment (OS_*)`, `clouds.yaml, cloud otc`, `~/.huaweicloud/credentials`.
    pub(crate) source: String,
    /// By the names of the services, the best first.
    pub(super) endpoints: Vec<(String, Sourced<String>)>,
    /// The IAM URLs of variables that the credentials do not belong to, if their own source has none.
    pub(super) other_auth_urls: Vec<Sourced<String>>,
}

/// How the client authenticates.
#[derive(Clone)]
pub(crate) enum AuthMethod {
    /// No source has credentials.
    None,
    Token(Sourced<Secret>),
    AccessKey {
        access_key: Sourced<Secret>,
        secret_key: Sourced<Secret>,
        security_token: Option<Sourced<Secret>>,
    },
    Login(Box<Sourced<Login>>),
}

impl Settings {
    /// The endpoint that was given for this service, in lower case as in `ecs`: by the environment, else by the file.
    pub(crate) fn endpoint(&self, service: &str) -> Option<&Sourced<String>> {
        self.endpoints.iter().find(|(name, _)| is_name_of(name, service)).map(|(_, found)| found)
    }

    /// Whether the region is only the beginning of the project's name.
    pub(crate) fn is_of_project(&self, region: &Sourced<String>) -> bool {
        self.project_name.as_ref().is_some_and(|name| name.source == region.source)
    }

    /// What was said about the cloud that the hosts are in.
    pub(crate) fn cloud(&self) -> region::Cloud<'_> {
        region::Cloud {
            iam_url: self.auth_url.as_ref().map(|url| url.value.as_str()),
            domain: self.domain.as_ref().map(|domain| domain.value.as_str()),
        }
    }

    /// As [`cloud`](Self::cloud), where the host names of the region are to be made up.
    ///
    /// # Errors
    /// If a variable names the IAM of another cloud, or the region is a word in the name of the project that is hardly
    /// one: credentials must not be sent to a cloud that nobody named.
    pub(crate) fn cloud_of(&self, region: &Sourced<String>) -> Result<region::Cloud<'_>, SettingsError> {
        let cloud = self.cloud();
        let is_guess = self.is_of_project(region) && cloud.iam_url.is_none() && cloud.domain.is_none();
        if is_guess && !region::is_likely(&region.value) {
            return Err(SettingsError::Invalid {
                source: region.source.clone(),
                problem: "begins with a word that is not known as a region; set the region (OS_REGION_NAME)"
                    .to_owned(),
            });
        }
        if let Ok(ours) = cloud.rest_of_host(&region.value) {
            for url in &self.other_auth_urls {
                let theirs = region::Cloud { iam_url: Some(&url.value), ..cloud }.rest_of_host(&region.value);
                if theirs.as_ref() != Ok(&ours) {
                    return Err(SettingsError::Invalid {
                        source: url.source.clone(),
                        problem: format!(
                            "is not known to be of the same cloud as the region from {}; unset it, or give the IAM URL with the credentials",
                            region.source
                        ),
                    });
                }
            }
        }
        Ok(cloud)
    }

    /// The credentials, and a check of the values that they come with.
    ///
    /// # Errors
    /// If there are none, a value cannot be what it stands for, or this build cannot sign. The error names the place,
    /// and shows the value only if it is not a secret.
    pub(crate) fn credentials(&self) -> Result<Credentials, SettingsError> {
        if let Some(domain) = &self.domain {
            region::check_domain(&domain.value).map_err(|error| unusable(&domain.source, error))?;
        }
        if let Some(id) = &self.project_id {
            check_project_id(&id.value).map_err(|error| unusable(&id.source, error))?;
        }
        match &self.auth {
            AuthMethod::None => Err(SettingsError::Nothing),
            AuthMethod::Token(token) => {
                Credentials::token(token.value.expose()).map_err(|error| unusable(&token.source, error))
            }
            #[cfg(feature = "signing")]
            AuthMethod::AccessKey { access_key, secret_key, security_token } => {
                let (id, secret) = (access_key.value.expose(), secret_key.value.expose());
                // One part at a time, so that the error names the place of the part.
                Credentials::access_key(id, "-").map_err(|error| unusable(&access_key.source, error))?;
                let key = Credentials::access_key(id, secret)
                    .map_err(|error| unusable(&secret_key.source, error))?;
                let Some(token) = security_token else { return Ok(key) };
                Credentials::temporary_access_key(id, secret, token.value.expose())
                    .map_err(|error| unusable(&token.source, error))
            }
            #[cfg(not(feature = "signing"))]
            AuthMethod::AccessKey { access_key, .. } => Err(SettingsError::Unusable {
                source: access_key.source.clone(),
                message: "an access key cannot be used by this build: the feature `signing` is not enabled"
                    .to_owned(),
            }),
            AuthMethod::Login(login) => {
                if let Some(url) = &self.auth_url {
                    crate::auth::auth_url(&url.value).map_err(|error| unusable(&url.source, error))?;
                }
                Credentials::login(login.value.clone()).map_err(|error| unusable(&login.source, error))
            }
        }
    }
}

impl AuthMethod {
    /// The kind of credentials, for people.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Token(_) => "token",
            Self::AccessKey { .. } => "access key",
            Self::Login(_) => "password",
        }
    }
}

/// Shows only kinds and places.
impl fmt::Debug for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Token(token) => write!(f, "Token({token:?})"),
            Self::AccessKey { access_key, secret_key, security_token } => {
                write!(f, "AccessKey({access_key:?}, {secret_key:?}, {security_token:?})")
            }
            Self::Login(login) => write!(f, "Login({login:?})"),
        }
    }
}
