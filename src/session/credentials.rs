//! Who asks: settings as credentials. Pure.

use crate::auth::Credentials;
use crate::auth::login::Login;
use crate::config::key::Domain;
use crate::config::{AuthMethod, PasswordLogin, Settings, User};
use crate::error::Error;

/// # Errors
/// If nobody asks, a secret cannot be one, or this build cannot sign.
pub(super) fn credentials(settings: &Settings) -> Result<Credentials, Error> {
    match &settings.who {
        AuthMethod::Nobody => Err(Error::config(NOBODY)),
        AuthMethod::Token(token) => Credentials::token(token.value.expose())
            .map_err(|error| Error::config(format!("{error} ({})", token.source))),
        AuthMethod::AccessKey { access_key, secret_key, security_token } => {
            #[cfg(feature = "signing")]
            {
                let (id, secret) = (&access_key.value, secret_key.value.expose());
                match security_token {
                    Some(token) => Credentials::temporary_access_key(id, secret, token.value.expose()),
                    None => Credentials::access_key(id, secret),
                }
                .map_err(|error| Error::config(format!("{error} ({})", access_key.source)))
            }
            #[cfg(not(feature = "signing"))]
            {
                let _ = (secret_key, security_token);
                Err(Error::config(format!(
                    "the access key from {} cannot be used: built without signing: enable the feature `signing`",
                    access_key.source
                )))
            }
        }
        AuthMethod::Password(password) => Credentials::login(login(settings, password))
            .map_err(|error| Error::config(format!("{error} ({})", password.password.source))),
    }
}

/// The kind of credentials, for people.
pub(super) const fn method(who: &AuthMethod) -> &'static str {
    match who {
        AuthMethod::Nobody => "none",
        AuthMethod::Token(_) => "token",
        AuthMethod::AccessKey { .. } => "access key",
        AuthMethod::Password(_) => "password",
    }
}

fn login(settings: &Settings, from: &PasswordLogin) -> Login {
    let url = settings.auth_url.as_ref().map_or("", |url| url.value.as_str());
    let mut login = Login::new(url).password(from.password.value.expose());
    let user_domain = match &from.user {
        User::Id(id, domain) => {
            login = login.user_id(&id.value);
            domain.as_ref()
        }
        User::Name { name, domain } => {
            login = login.user_name(&name.value);
            Some(domain)
        }
    };
    login = match user_domain {
        Some(Domain::Id(id)) => login.user_domain_id(&id.value),
        Some(Domain::Name(name)) => login.user_domain_name(&name.value),
        None => login,
    };
    if let Some(passcode) = &from.passcode {
        login = login.totp_passcode(passcode.value.expose());
    }
    if let Some(id) = &settings.project_id {
        login = login.project_id(&id.value);
    }
    if let Some(name) = &settings.project_name {
        login = login.project_name(&name.value);
    }
    match (&from.agency, &settings.project_domain) {
        // The project is one of the agency's domain, whatever is the user's.
        (Some(agency), _) => login.agency(&agency.name.value, &agency.domain_name.value),
        (None, Some(Domain::Id(id))) => login.project_domain_id(&id.value),
        (None, Some(Domain::Name(name))) => login.project_domain_name(&name.value),
        (None, None) => login,
    }
}

const NOBODY: &str = "no credentials were found: set OS_TOKEN and OS_PROJECT_ID (or give --token-file and \
     --project-id), or choose a cloud of clouds.yaml with OS_CLOUD or --cloud, or set an access key with \
     OS_ACCESS_KEY, OS_SECRET_KEY and OS_REGION_NAME; OS_USERNAME and OS_PASSWORD log in";
