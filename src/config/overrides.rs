//! What a program or its flags give.

use std::fmt;

use super::key::Sourced;
use crate::util::secret::Secret;

/// What a program or its flags give. It takes precedence over all sources.
#[derive(Clone, Default)]
pub(crate) struct Overrides {
    pub(crate) cloud: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) project_id: Option<String>,
    /// The endpoint is not part of the settings; but with it less has to be found.
    pub(crate) endpoint: Option<String>,
    pub(crate) token: Option<Secret>,
    /// The places of these values.
    pub(crate) names: OverrideNames,
}

impl Overrides {
    pub(crate) fn region(&self) -> Option<Sourced<String>> {
        self.region.as_ref().map(|region| Sourced::new(region.clone(), self.names.region))
    }

    pub(crate) fn project_id(&self) -> Option<Sourced<String>> {
        self.project_id.as_ref().map(|id| Sourced::new(id.clone(), self.names.project_id))
    }

    pub(crate) fn endpoint(&self) -> Option<Sourced<String>> {
        self.endpoint.as_ref().map(|url| Sourced::new(url.clone(), self.names.endpoint))
    }

    pub(crate) fn token(&self) -> Option<Sourced<Secret>> {
        self.token.as_ref().map(|token| Sourced::new(token.clone(), self.names.token))
    }
}

/// Shows only what is given: a URL may hold a password.
impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overrides")
            .field("cloud", &self.cloud)
            .field("region", &self.region)
            .field("project_id", &self.project_id)
            .field("endpoint", &self.endpoint())
            .field("token", &self.token())
            .finish_non_exhaustive()
    }
}

/// What the places of given values are called in errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverrideNames {
    pub(crate) region: &'static str,
    pub(crate) project_id: &'static str,
    pub(crate) endpoint: &'static str,
    pub(crate) token: &'static str,
}

impl OverrideNames {
    /// The flags of the command.
    #[cfg(feature = "cli")]
    pub(crate) const FLAGS: Self = Self {
        region: "--region",
        project_id: "--project-id",
        endpoint: "--endpoint",
        token: "--token-file",
    };
}

/// The methods of [`SessionBuilder`](crate::SessionBuilder).
impl Default for OverrideNames {
    fn default() -> Self {
        Self {
            region: "SessionBuilder::region",
            project_id: "SessionBuilder::project_id",
            endpoint: "SessionBuilder::endpoint",
            token: "SessionBuilder::token",
        }
    }
}
