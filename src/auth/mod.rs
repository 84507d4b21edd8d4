//! Credentials: a token, a login or an access key. Secrets are hidden by their type.

pub(crate) mod catalog;
pub(crate) mod keystone;
pub(crate) mod login;
pub(crate) mod login_request;
#[cfg(feature = "signing")]
pub(crate) mod signing;

use std::fmt;
use std::time::Duration;

use crate::api::request::{HeaderValue, Request};
use crate::endpoint::url::EndpointError;
use crate::util::secret::Secret;

use self::login::Login;
pub(crate) use self::login_request::{Agency, LoginMethod, LoginRequest, NameOrId, Scope, User, auth_url};

/// How a client authenticates: with a token, a login with a password, or (feature `signing`) an access key.
///
/// `Debug` shows the kind and, for a login, its URL; never a secret.
///
/// ```
/// use cloudjob::Credentials;
///
/// let credentials = Credentials::token("MIIDkgYJKoZIhvcNAQcCoIIDgzCCA38")?;
/// assert_eq!(format!("{credentials:?}"), "Credentials(token)");
/// # Ok::<(), cloudjob::error::CredentialsError>(())
/// ```
#[derive(Clone)]
pub struct Credentials(Kind);

/// What a client has to do with the credentials.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Send it. It cannot be renewed.
    Token(Secret),
    /// Log in, and again before the token expires.
    Login(Box<LoginRequest>),
    /// Sign each request.
    #[cfg(feature = "signing")]
    AccessKey(AccessKey),
}

impl Credentials {
    /// A token of a project, from the header `X-Subject-Token`. It expires after 24 hours and cannot be renewed.
    ///
    /// White space around it is dropped. At most 64 KiB of visible ASCII.
    ///
    /// See IAM's "Obtaining a User Token Through Password Authentication".
    ///
    /// # Errors
    /// If it is empty, too long, or has a character that may not stand in a header.
    pub fn token(text: &str) -> Result<Self, CredentialsError> {
        Ok(Self(Kind::Token(header_secret("the token", text)?)))
    }

    /// A login at IAM (Keystone v3): with a password, optionally a one-time code, for an agency, or with another token.
    ///
    /// The login is sent with the first request, and again before its token expires.
    ///
    /// # Errors
    /// If a part is missing or contradicts another; the text names it. See [`Login`].
    pub fn login(login: Login) -> Result<Self, CredentialsError> {
        login.check().map(|sign_in| Self(Kind::Login(Box::new(sign_in))))
    }

    /// A permanent access key: each request is signed with it (SDK-HMAC-SHA256), and the secret is never sent.
    ///
    /// White space around both texts is dropped. The clock of this machine must be right within 15 minutes.
    ///
    /// See the "API Request Signing Guide".
    ///
    /// # Errors
    /// If one of the two is empty or has a character that keys do not have.
    #[cfg(feature = "signing")]
    pub fn access_key(access_key: &str, secret_key: &str) -> Result<Self, CredentialsError> {
        AccessKey::new(access_key, secret_key, None).map(|key| Self(Kind::AccessKey(key)))
    }

    /// A temporary access key, with the security token that came with it.
    ///
    /// # Errors
    /// As those of [`access_key`](Self::access_key), and if the security token cannot be one.
    #[cfg(feature = "signing")]
    pub fn temporary_access_key(
        access_key: &str,
        secret_key: &str,
        security_token: &str,
    ) -> Result<Self, CredentialsError> {
        AccessKey::new(access_key, secret_key, Some(security_token)).map(|key| Self(Kind::AccessKey(key)))
    }

    pub(crate) const fn kind(&self) -> &Kind {
        &self.0
    }

    /// After a rejection a new login may help.
    pub(crate) fn is_renewable(&self) -> bool {
        matches!(&self.0, Kind::Login(login) if login.is_renewable())
    }

    /// Adds them to a request: the token that was given or, for a login, the one that it issued; or a signature for this
    /// project at this wall time. The request of a login itself has its secret in the body.
    #[cfg_attr(not(feature = "signing"), expect(unused_variables))]
    pub(crate) fn authorize(
        &self,
        request: Request,
        issued: Option<&Secret>,
        project_id: Option<&str>,
        wall: Duration,
    ) -> Request {
        let token = match &self.0 {
            Kind::Token(token) => Some(token),
            Kind::Login(_) => issued,
            #[cfg(feature = "signing")]
            Kind::AccessKey(key) => {
                let mut request = request;
                signing::sign_at(&mut request, key, project_id, utc(wall));
                return request;
            }
        };
        match token {
            Some(token) => request.header("x-auth-token", HeaderValue::Secret(token.clone())),
            None => request,
        }
    }

    /// A login that names no project is for this one: that of the endpoint.
    #[must_use]
    pub(crate) fn for_project(mut self, project_id: &str) -> Self {
        if let Kind::Login(login) = &mut self.0 {
            login.scope.get_or_insert_with(|| Scope::ProjectId(project_id.to_owned()));
        }
        self
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Token(_) => f.write_str("Credentials(token)"),
            Kind::Login(login) => write!(f, "Credentials(login at {})", login.auth_url),
            #[cfg(feature = "signing")]
            Kind::AccessKey(key) if key.security_token.is_some() => {
                f.write_str("Credentials(temporary access key)")
            }
            #[cfg(feature = "signing")]
            Kind::AccessKey(_) => f.write_str("Credentials(access key)"),
        }
    }
}

/// A wall time that no date can show is the epoch.
#[cfg(feature = "signing")]
fn utc(wall: Duration) -> time::OffsetDateTime {
    let epoch = time::OffsetDateTime::UNIX_EPOCH;
    time::Duration::try_from(wall).ok().and_then(|wall| epoch.checked_add(wall)).unwrap_or(epoch)
}

/// An access key: its id, its secret, and the security token of a temporary one.
#[cfg(feature = "signing")]
#[derive(Clone, Debug)]
pub(crate) struct AccessKey {
    /// Sent with every request, and yet hidden: it identifies the key.
    pub(crate) id: Secret,
    pub(crate) secret: Secret,
    pub(crate) security_token: Option<Secret>,
}

#[cfg(feature = "signing")]
impl AccessKey {
    fn new(id: &str, secret: &str, security_token: Option<&str>) -> Result<Self, CredentialsError> {
        let key = Self {
            id: header_secret("the access key", id)?,
            secret: Secret::new(secret.trim()),
            security_token: security_token
                .map(|text| header_secret("the security token", text))
                .transpose()?,
        };
        // The id is written between `Access=` and a comma.
        if key.id.expose().contains([',', '=']) {
            return Err(CredentialsError::new(
                "the access key has a comma or an equals sign in it: copy its id alone",
            ));
        }
        if key.secret.is_empty() {
            return Err(CredentialsError::new("the secret key is empty"));
        }
        // The secret is never sent, so any character is allowed but blanks, which show that too much was copied.
        if key.secret.expose().chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(CredentialsError::new("the secret key has a blank or a control character in it"));
        }
        Ok(key)
    }
}

/// Credentials that cannot work. The text names the part that is missing or wrong, and never shows a secret.
#[derive(Clone, Eq, PartialEq)]
pub struct CredentialsError {
    message: String,
}

impl CredentialsError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Debug for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {}

impl From<EndpointError> for CredentialsError {
    fn from(error: EndpointError) -> Self {
        Self::new(format!("the auth URL cannot be used: {error}"))
    }
}

/// A secret that can be sent as a header: trimmed, not empty, visible ASCII.
pub(crate) fn header_secret(what: &str, text: &str) -> Result<Secret, CredentialsError> {
    let text = text.trim();
    let problem = if text.is_empty() {
        "is empty"
    } else if text.len() > LONGEST {
        "is longer than 64 KiB"
    } else if !text.bytes().all(|b| b.is_ascii_graphic()) {
        "has a blank, a line end or a letter outside ASCII in it: copy it alone"
    } else if text.starts_with(['"', '\'', '{', '[', '<']) {
        "is in quotes, or is JSON: copy it alone"
    } else {
        return Ok(Secret::new(text));
    };
    Err(CredentialsError::new(format!("{what} {problem}")))
}

/// Tokens with many groups in them reach 30 KB; no service documents a limit above 100,000 characters.
const LONGEST: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_kind_and_no_secret() {
        let token = Credentials::token("s3cret-token").unwrap();
        assert_eq!(format!("{token:?}"), "Credentials(token)");
        assert_eq!(format!("{:?}", token.kind()), "Token(***)");

        let login = Login::new("https://iam.eu-de.otc.t-systems.com/v3").user_id("u1").password("s3cret");
        let login = Credentials::login(login).unwrap();
        assert_eq!(format!("{login:?}"), "Credentials(login at https://iam.eu-de.otc.t-systems.com/v3)");
        assert!(!format!("{:?}", login.kind()).contains("s3cret"));
    }

    #[test]
    fn blanks_around_a_token_are_dropped() {
        let token = Credentials::token(" \tMIIDkg+/=\r\n").unwrap();
        assert!(matches!(token.kind(), Kind::Token(secret) if secret.expose() == "MIIDkg+/="));
    }

    #[test]
    fn tokens_that_do_not_fit_into_a_header_are_rejected() {
        for (text, problem) in [
            ("", "the token is empty"),
            (" \n ", "the token is empty"),
            ("s3c ret", "the token has a blank, a line end or a letter outside ASCII in it: copy it alone"),
            (
                "s3c\r\nret: x",
                "the token has a blank, a line end or a letter outside ASCII in it: copy it alone",
            ),
            ("s3crét", "the token has a blank, a line end or a letter outside ASCII in it: copy it alone"),
            ("\"s3cret\"", "the token is in quotes, or is JSON: copy it alone"),
            ("'s3cret'", "the token is in quotes, or is JSON: copy it alone"),
            ("{\"token\":\"s3cret\"}", "the token is in quotes, or is JSON: copy it alone"),
            ("s3c\0ret", "the token has a blank, a line end or a letter outside ASCII in it: copy it alone"),
        ] {
            assert_eq!(Credentials::token(text).unwrap_err().to_string(), problem);
        }
    }

    #[test]
    fn a_token_is_64_kib_at_most() {
        assert!(Credentials::token(&"a".repeat(64 * 1024)).is_ok());
        let error = Credentials::token(&"a".repeat(64 * 1024 + 1)).unwrap_err();
        assert_eq!(error.to_string(), "the token is longer than 64 KiB");
    }

    #[test]
    fn a_login_without_a_project_uses_that_of_the_endpoint() {
        let login = || Login::new("https://iam.example.com").user_id("u1").password("p");
        for (login, expected) in [(login(), "ours"), (login().project_id("theirs"), "theirs")] {
            let credentials = Credentials::login(login).unwrap().for_project("ours");
            let Kind::Login(sign_in) = credentials.kind() else { panic!("not a login") };
            assert_eq!(sign_in.scope, Some(Scope::ProjectId(expected.to_owned())));
        }
    }

    #[cfg(feature = "signing")]
    #[test]
    fn an_access_key_is_checked_and_hidden() {
        let key = Credentials::access_key(" QTWAOYTTINDUT2QVKYUC\n", "s3crét/+=\n").unwrap();
        assert_eq!(format!("{key:?}"), "Credentials(access key)");
        assert_eq!(
            format!("{:?}", key.kind()),
            "AccessKey(AccessKey { id: ***, secret: ***, security_token: None })"
        );
        let key = Credentials::temporary_access_key("AK", "SK", "gQpj\n").unwrap();
        assert_eq!(format!("{key:?}"), "Credentials(temporary access key)");

        for (id, secret, problem) in [
            ("", "s3cret", "the access key is empty"),
            ("A,B", "s3cret", "the access key has a comma or an equals sign in it: copy its id alone"),
            ("AK", " ", "the secret key is empty"),
            ("AK", "s3c ret", "the secret key has a blank or a control character in it"),
        ] {
            assert_eq!(Credentials::access_key(id, secret).unwrap_err().to_string(), problem);
        }
        let error = Credentials::temporary_access_key("AK", "SK", "").unwrap_err();
        assert_eq!(error.to_string(), "the security token is empty");
    }

    #[test]
    fn a_request_carries_the_token_or_a_signature_whatever_the_clock_says() {
        let issued = Secret::new("issued");
        let login = || Login::new("https://iam.example.com/v3").user_id("u1").password("s3cret");
        for (credentials, issued, expected) in [
            (Credentials::token("given").unwrap(), None, Some(("x-auth-token", "given"))),
            (Credentials::login(login()).unwrap(), Some(&issued), Some(("x-auth-token", "issued"))),
            (Credentials::login(login()).unwrap(), None, None),
            #[cfg(feature = "signing")]
            (Credentials::access_key("AK", "SK").unwrap(), None, Some(("x-sdk-date", "19700101T000000Z"))),
        ] {
            let request = Request::get("https://ecs.example.com/v1".into());
            let request = credentials.authorize(request, issued, Some("p1"), Duration::MAX);
            let sent = request.headers.iter().find(|(name, _)| name.starts_with("x-"));
            assert_eq!(sent.map(|(name, value)| (&**name, value.expose())), expected, "{credentials:?}");
        }
    }
}
