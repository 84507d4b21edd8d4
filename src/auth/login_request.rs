//! A [`Login`](crate::Login) that has been checked.

use super::CredentialsError;
use crate::endpoint::url::{BaseUrl, PlainHttp};
use crate::util::secret::Secret;

/// A login that has all its parts.
#[derive(Clone, Debug)]
pub(crate) struct LoginRequest {
    /// With `/v3` at its end and no slash after it.
    pub(crate) auth_url: BaseUrl,
    pub(crate) proof: LoginMethod,
    pub(crate) user_domain: Option<NameOrId>,
    pub(crate) agency: Option<Agency>,
    /// `None` until the project of the endpoint is known.
    pub(crate) scope: Option<Scope>,
}

impl LoginRequest {
    /// Whether the login can be repeated when its token expires. A one-time code is used up, and a token that was made
    /// from another expires with it.
    pub(crate) const fn is_renewable(&self) -> bool {
        matches!(self.proof, LoginMethod::Password { passcode: None, .. })
    }
}

/// What authenticates the user.
#[derive(Clone, Debug)]
pub(crate) enum LoginMethod {
    Password { user: User, password: Secret, passcode: Option<Secret> },
    Token(Secret),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum User {
    Id(String),
    Name { name: String, domain: NameOrId },
}

/// A domain, as Keystone takes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum NameOrId {
    Name(String),
    Id(String),
}

/// The agency that is assumed after the login.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Agency {
    pub(crate) name: String,
    pub(crate) domain: NameOrId,
}

/// The project that a token is for. A project by name always has its domain: stock Keystone rejects it otherwise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    ProjectId(String),
    ProjectName { name: String, domain: NameOrId },
}

/// The URL of Keystone v3, with `/v3` added where it is missing.
pub(crate) fn auth_url(url: &str) -> Result<BaseUrl, CredentialsError> {
    if url.trim().is_empty() {
        return Err(CredentialsError::new(
            "the auth URL is missing: give one like https://iam.eu-de.otc.t-systems.com/v3",
        ));
    }
    let address = BaseUrl::parse(url.trim(), PlainHttp::LoopbackOnly)?;
    let path =
        address.path().strip_suffix("/auth/tokens").unwrap_or_else(|| address.path()).trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let path = match last {
        "v3" => path.to_owned(),
        "v2.0" => {
            return Err(CredentialsError::new(
                "the auth URL is that of Keystone v2.0: give the one that ends in /v3",
            ));
        }
        _ => format!("{path}/v3"),
    };
    Ok(address.with_path(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keystone_url_is_completed() {
        for (given, expected) in [
            ("https://iam.eu-de.otc.t-systems.com/v3", "https://iam.eu-de.otc.t-systems.com/v3"),
            ("https://iam.eu-de.otc.t-systems.com:443/v3/", "https://iam.eu-de.otc.t-systems.com/v3"),
            ("iam.eu-de.otc.t-systems.com", "https://iam.eu-de.otc.t-systems.com/v3"),
            (" https://iam.eu-de.otc.t-systems.com/\n", "https://iam.eu-de.otc.t-systems.com/v3"),
            ("https://iam.example.com/v3/auth/tokens", "https://iam.example.com/v3"),
            ("https://cloud.example.com:31943/identity", "https://cloud.example.com:31943/identity/v3"),
            ("http://127.0.0.1:5000/v3", "http://127.0.0.1:5000/v3"),
        ] {
            assert_eq!(auth_url(given).unwrap().to_string(), expected);
        }
    }
}
