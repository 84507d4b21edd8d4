//! A login at IAM: a builder, and the check of all its parts.

use std::fmt;

use super::login_request::{Agency, LoginMethod, LoginRequest, NameOrId, Scope, User, auth_url};
use super::{CredentialsError, header_secret};
use crate::endpoint::check_project_id;
use crate::util::secret::Secret;

/// A login at IAM (Keystone v3): its URL, the user, the password and the project.
///
/// An empty text counts as not given. An id takes precedence over a name, as in the OpenStack tools. A user given by
/// name needs a domain; a project given by name is in the user's domain unless it has its own. Without a project, the
/// login is for that of the [`Endpoint`](crate::Endpoint).
///
/// See IAM's "Obtaining a User Token Through Password Authentication".
///
/// ```
/// use cloudjob::{Credentials, Login};
///
/// let login = Login::new("https://iam.eu-de.otc.t-systems.com/v3")
///     .user_name("demo")
///     .user_domain_name("OTC-EU-DE-00000000001000000001")
///     .password("correct horse")
///     .project_name("eu-de_demo");
/// let credentials = Credentials::login(login)?;
/// # Ok::<(), cloudjob::error::CredentialsError>(())
/// ```
#[derive(Clone, Default)]
pub struct Login {
    auth_url: String,
    user: Names,
    user_domain: Names,
    password: Secret,
    passcode: Secret,
    token: Secret,
    project: Names,
    project_domain: Names,
    agency: String,
    agency_domain: Names,
}

/// A thing by its id, by its name, by both or not at all.
#[derive(Clone, Debug, Default)]
struct Names {
    id: String,
    name: String,
}

impl Login {
    /// A login at this IAM address: `https://iam.eu-de.otc.t-systems.com/v3`, with or without the `/v3`.
    pub fn new(auth_url: impl Into<String>) -> Self {
        Self { auth_url: auth_url.into(), ..Self::default() }
    }

    /// The user's name, in its domain.
    #[must_use]
    pub fn user_name(mut self, name: impl Into<String>) -> Self {
        self.user.name = name.into();
        self
    }

    /// The user's id. No domain is needed with it.
    #[must_use]
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user.id = id.into();
        self
    }

    /// The name of the user's domain (the account), `OTC-EU-DE-00000000001000000001`.
    #[must_use]
    pub fn user_domain_name(mut self, name: impl Into<String>) -> Self {
        self.user_domain.name = name.into();
        self
    }

    /// The id of the user's domain.
    #[must_use]
    pub fn user_domain_id(mut self, id: impl Into<String>) -> Self {
        self.user_domain.id = id.into();
        self
    }

    /// The password, taken as it is.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Secret::new(password.into());
        self
    }

    /// The one-time code of a virtual MFA device, sent beside the password. It is good for one login: the token that
    /// it brings cannot be renewed without a new code.
    #[must_use]
    pub fn totp_passcode(mut self, code: impl Into<String>) -> Self {
        self.passcode = Secret::new(code.into().trim());
        self
    }

    /// A token to log in with instead of a password, to get one for another project. It expires when the first does.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Secret::new(token.into().trim());
        self
    }

    /// The id of the project whose jobs are polled.
    #[must_use]
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.project.id = id.into();
        self
    }

    /// The name of the project whose jobs are polled, `eu-de_demo`.
    #[must_use]
    pub fn project_name(mut self, name: impl Into<String>) -> Self {
        self.project.name = name.into();
        self
    }

    /// The name of the project's domain; the user's by default, that of the agency for an agency.
    #[must_use]
    pub fn project_domain_name(mut self, name: impl Into<String>) -> Self {
        self.project_domain.name = name.into();
        self
    }

    /// The id of the project's domain.
    #[must_use]
    pub fn project_domain_id(mut self, id: impl Into<String>) -> Self {
        self.project_domain.id = id.into();
        self
    }

    /// An agency to assume, and the name of the domain that created it. The user logs in for its own domain first, and
    /// then assumes the agency for the project, which is in the other domain.
    ///
    /// See IAM's "Obtaining an Agency Token".
    #[must_use]
    pub fn agency(mut self, name: impl Into<String>, domain_name: impl Into<String>) -> Self {
        self.agency = name.into();
        self.agency_domain.name = domain_name.into();
        self
    }

    /// As [`agency`](Self::agency), with the id of the domain.
    #[must_use]
    pub fn agency_in_domain_id(mut self, name: impl Into<String>, domain_id: impl Into<String>) -> Self {
        self.agency = name.into();
        self.agency_domain.id = domain_id.into();
        self
    }

    /// Checks that nothing is missing and that the parts agree.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(crate) fn check(self) -> Result<LoginRequest, CredentialsError> {
        let problem = |text: &str| Err(CredentialsError::new(text));
        self.check_line_ends()?;
        let auth_url = auth_url(&self.auth_url)?;
        let user_domain = self.user_domain.choose();
        let proof = if !self.token.is_empty() {
            if !self.password.is_empty() || !self.passcode.is_empty() {
                return problem("the login has both a token and a password: give one of them");
            }
            LoginMethod::Token(header_secret("the token", self.token.expose())?)
        } else {
            if self.password.is_empty() && !self.passcode.is_empty() {
                return problem(
                    "the login has a passcode and no password: the code is sent beside the password",
                );
            }
            let user = match (self.user.choose(), &user_domain) {
                (None, _) => return problem("the login has no user: give a user name or a user id"),
                (Some(NameOrId::Id(id)), _) => User::Id(id),
                (Some(NameOrId::Name(name)), Some(domain)) => User::Name { name, domain: domain.clone() },
                (Some(NameOrId::Name(_)), None) => {
                    return problem(
                        "the user is given by name and without a domain: give the user's domain name or id, or the user id",
                    );
                }
            };
            if self.password.is_empty() {
                return problem("the login has no password");
            }
            let passcode = Some(self.passcode).filter(|code| !code.is_empty());
            LoginMethod::Password { user, password: self.password, passcode }
        };
        let agency = match (self.agency.is_empty(), self.agency_domain.choose()) {
            (true, None) => None,
            (true, Some(_)) => return problem("the login has the domain of an agency and no agency name"),
            (false, None) => {
                return problem("the agency has no domain: give the name or the id of the domain it is in");
            }
            (false, Some(domain)) => Some(Agency { name: self.agency, domain }),
        };
        let of_agency = agency.as_ref().map(|agency| agency.domain.clone());
        let scope = match self.project.choose() {
            None => None,
            Some(NameOrId::Id(id)) => {
                check_project_id(&id).map_err(|error| CredentialsError::new(error.to_string()))?;
                Some(Scope::ProjectId(id))
            }
            Some(NameOrId::Name(name)) => {
                let domain = self.project_domain.choose().or(of_agency).or_else(|| user_domain.clone());
                let Some(domain) = domain else {
                    return problem(
                        "the project is given by name and without a domain: give the project's domain name or id, or the project id",
                    );
                };
                Some(Scope::ProjectName { name, domain })
            }
        };
        Ok(LoginRequest { auth_url, proof, user_domain, agency, scope })
    }
}

impl Login {
    /// A line end is a leftover of the file that a text was read from. Sent as part of it, it would count as a failed
    /// login.
    fn check_line_ends(&self) -> Result<(), CredentialsError> {
        for (what, text) in [
            ("user name", self.user.name.as_str()),
            ("user id", &self.user.id),
            ("user's domain", &self.user_domain.name),
            ("user's domain id", &self.user_domain.id),
            ("password", self.password.expose()),
            ("project name", &self.project.name),
            ("project's domain", &self.project_domain.name),
            ("project's domain id", &self.project_domain.id),
            ("agency name", &self.agency),
            ("agency's domain", &self.agency_domain.name),
            ("agency's domain id", &self.agency_domain.id),
        ] {
            if text.ends_with(['\r', '\n']) {
                return Err(CredentialsError::new(format!("the {what} ends with a line end: remove it")));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL is not checked yet and may hold a password.
        f.debug_struct("Login")
            .field("user", &self.user)
            .field("user_domain", &self.user_domain)
            .field("project", &self.project)
            .field("project_domain", &self.project_domain)
            .field("agency", &self.agency)
            .field("agency_domain", &self.agency_domain)
            .finish_non_exhaustive()
    }
}

impl Names {
    fn choose(&self) -> Option<NameOrId> {
        match (self.id.as_str(), self.name.as_str()) {
            ("", "") => None,
            ("", name) => Some(NameOrId::Name(name.to_owned())),
            (id, _) => Some(NameOrId::Id(id.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Credentials;

    const IAM: &str = "https://iam.eu-de.otc.t-systems.com/v3";

    fn by_id() -> Login {
        Login::new(IAM).user_id("u1").password("s3cret")
    }

    fn by_name() -> Login {
        Login::new(IAM).user_name("demo").user_domain_name("OTC1").password("s3cret")
    }

    fn domain(name: &str) -> NameOrId {
        NameOrId::Name(name.to_owned())
    }

    #[test]
    fn missing_and_contradictory_parts_are_named() {
        for (login, problem) in [
            (Login::new(""), "the auth URL is missing"),
            (Login::new(" \n"), "the auth URL is missing"),
            (
                Login::new("http://iam.example.com"),
                "the auth URL cannot be used: `http://iam.example.com` would send",
            ),
            (
                Login::new("https://me:s3cret@iam.example.com"),
                "the auth URL cannot be used: `***@***` has a user name",
            ),
            (Login::new("https://iam.example.com/v2.0"), "the auth URL is that of Keystone v2.0"),
            (Login::new(IAM), "the login has no user"),
            (Login::new(IAM).user_id(""), "the login has no user"),
            (Login::new(IAM).user_id("u1"), "the login has no password"),
            (
                Login::new(IAM).user_name("demo").password("s3cret"),
                "the user is given by name and without a domain",
            ),
            (
                Login::new(IAM).user_id("u1").totp_passcode("s3cret"),
                "the login has a passcode and no password",
            ),
            (by_id().token("s3cret"), "the login has both a token and a password"),
            (Login::new(IAM).token("s3c\nret"), "the token has a blank"),
            (by_id().project_name("eu-de"), "the project is given by name and without a domain"),
            (by_id().project_id("../x"), "`../x` is not a project id"),
            (by_id().agency("admins", ""), "the agency has no domain"),
            (by_name().user_name("demo\r"), "the user name ends with a line end"),
            (by_id().password("s3cret\r\n"), "the password ends with a line end"),
            (by_name().user_domain_name("OTC1\r"), "the user's domain ends with a line end"),
            (by_name().project_name("eu-de\n"), "the project name ends with a line end"),
            (by_id().agency("", "OTC2"), "the login has the domain of an agency and no agency name"),
        ] {
            let error = login.check().unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}");
            assert!(!error.contains("s3c"), "{error}");
        }
    }

    #[test]
    fn an_id_overrides_a_name() {
        let login = by_name().user_id("u1").user_domain_id("d1").project_name("eu-de").project_id("p1");
        let sign_in = login.check().unwrap();
        assert!(matches!(sign_in.proof, LoginMethod::Password { user: User::Id(id), .. } if id == "u1"));
        assert_eq!(sign_in.user_domain, Some(NameOrId::Id("d1".to_owned())));
        assert_eq!(sign_in.scope, Some(Scope::ProjectId("p1".to_owned())));
    }

    #[test]
    fn the_domain_of_a_project_name_has_fallbacks() {
        for (login, expected) in [
            (by_name(), domain("OTC1")),
            (by_name().agency("admins", "OTC2"), domain("OTC2")),
            (by_name().agency_in_domain_id("admins", "d2"), NameOrId::Id("d2".to_owned())),
            (by_name().agency("admins", "OTC2").project_domain_name("OTC3"), domain("OTC3")),
            (by_id().project_domain_id("d4"), NameOrId::Id("d4".to_owned())),
        ] {
            let sign_in = login.project_name("eu-de").check().unwrap();
            assert_eq!(
                sign_in.scope,
                Some(Scope::ProjectName { name: "eu-de".to_owned(), domain: expected })
            );
        }
    }

    #[test]
    fn only_a_plain_password_can_be_reused() {
        assert!(by_id().check().unwrap().is_renewable());
        assert!(!by_id().totp_passcode("123456").check().unwrap().is_renewable());
        assert!(!Login::new(IAM).token("t").check().unwrap().is_renewable());
    }

    #[test]
    fn debug_shows_names_and_no_secret() {
        let login = Login::new("https://s3cret@x")
            .user_name("demo")
            .password("s3cret")
            .totp_passcode("s3cret")
            .token("s3cret");
        let shown = format!("{login:?}");
        assert!(shown.contains("demo"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
        let checked = Credentials::login(by_name().totp_passcode("s3cret")).unwrap();
        assert!(!format!("{:?}", checked.kind()).contains("s3cret"));
    }
}
