//! Variables that cannot be honoured, and must not be passed over: other tools do something else because of them.

use super::{Environment, is_false, is_true, variable};
use crate::config::choose::IDENTITY_PROVIDER;
use crate::config::error::SettingsError;
use crate::util::sanitize::escaped;

/// # Errors
/// If a variable switches off the check of certificates.
pub(crate) fn insecure(env: &dyn Environment) -> Result<(), SettingsError> {
    for name in ["OS_INSECURE", "HW_INSECURE", "OS_VERIFY"] {
        let is_off = if name == "OS_VERIFY" { is_false } else { is_true };
        if let Some(found) = variable(env, name)?.filter(|found| is_off(&found.value)) {
            return Err(SettingsError::Insecure { source: found.source });
        }
    }
    Ok(())
}

/// # Errors
/// If a variable names a client certificate.
pub(crate) fn client_certificate(env: &dyn Environment) -> Result<(), SettingsError> {
    let set = |name: &&&str| env.variable(name).is_some_and(|value| !value.is_empty());
    match ["OS_CERT", "OS_KEY"].iter().find(set) {
        Some(name) => {
            let what = "there are no client certificates here; unset it";
            Err(SettingsError::Unsupported { source: (*name).to_owned(), what })
        }
        None => Ok(()),
    }
}

/// # Errors
/// If a variable is set that makes other tools authenticate as somebody else than this crate would.
pub(crate) fn other_principal(env: &dyn Environment) -> Result<(), SettingsError> {
    let mut names = env.names();
    names.sort_unstable();
    for name in names {
        let refused = REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, what)| *what);
        let is_unknown_role = name.starts_with(ROLE) && !KNOWN_ROLE.contains(&name.as_str());
        let is_oidc = name.starts_with(OIDC);
        let what = refused
            .or_else(|| is_oidc.then_some(IDENTITY_PROVIDER))
            .or_else(|| is_unknown_role.then_some("this part of an assumed role is not known; unset it"));
        if let (Some(what), Some(_)) = (what, env.variable(&name).filter(|value| !value.is_empty())) {
            return Err(SettingsError::Unsupported { source: escaped(&name, 200), what });
        }
    }
    Ok(())
}

/// Variables of other tools that change whose credentials those tools use.
const REFUSED: &[(&str, &str)] = &[
    ("HW_PROFILE", KOO_CLI),
    ("HW_SHARED_CONFIG_FILE", KOO_CLI),
    ("OS_APPLICATION_CREDENTIAL_ID", APPLICATION_CREDENTIAL),
    ("OS_APPLICATION_CREDENTIAL_NAME", APPLICATION_CREDENTIAL),
    ("OS_APPLICATION_CREDENTIAL_SECRET", APPLICATION_CREDENTIAL),
];

const KOO_CLI: &str =
    "the configuration of KooCLI is not read; unset it and set HW_ACCESS_KEY and HW_SECRET_KEY";

pub(crate) const APPLICATION_CREDENTIAL: &str =
    "there is no login with an application credential; give a token, an access key or a password";

/// Huawei's SDKs use these before any access key.
const OIDC: &str = "HUAWEICLOUD_OIDC_";

const ROLE: &str = "HW_ASSUME_ROLE_";

/// How long the role lasts (`_DURATION`) is the service's to say for a login.
const KNOWN_ROLE: [&str; 4] = [
    "HW_ASSUME_ROLE_AGENCY_NAME",
    "HW_ASSUME_ROLE_DOMAIN_NAME",
    "HW_ASSUME_ROLE_DOMAIN_ID",
    "HW_ASSUME_ROLE_DURATION",
];
