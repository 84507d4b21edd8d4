//! The environment: the variables that the tools of these clouds already read, one set for each family of names.
//!
//! A family is complete in itself or it is an error; `OS_ACCESS_KEY` never meets `HW_SECRET_KEY`. Only the region and
//! the CA file, which say nothing about who asks, are taken from any of them.
//!
//! Left out on purpose: `AWS_ACCESS_KEY_ID`, `AWS_ACCESS_SECRET_KEY` and `S3_*`, which some tools for these clouds
//! also read. They usually hold the key of another cloud, and it would be sent here without a word. `HW_CLOUD` is a
//! domain name and not the name of a cloud in a file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::set::Set;
use super::settings_error::SettingsError;
use super::words::{Found, Key, Row};
use crate::credentials::Secret;

/// All that is asked of the machine: variables, and small text files.
pub(crate) trait Environment {
    /// The value of a variable, also an empty one.
    fn variable(&self, name: &str) -> Option<String>;

    /// The names of all variables.
    fn names(&self) -> Vec<String>;

    /// The text of a file; nothing if there is none.
    ///
    /// # Errors
    /// If there is one that cannot be read.
    fn read(&self, path: &Path) -> io::Result<Option<String>>;

    /// The user's folder.
    fn home(&self) -> Option<PathBuf>;

    /// The folder in which relative paths begin.
    fn current_dir(&self) -> Option<PathBuf>;
}

/// The variables and files of this process. A variable that is not UTF-8 counts as not set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Process;

impl Environment for Process {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Option<String>> {
        let length = match fs::metadata(path) {
            Ok(about) => about.len(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if length > LARGEST_FILE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read_to_string(path).map(Some)
    }

    fn home(&self) -> Option<PathBuf> {
        std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
    }

    fn current_dir(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }
}

/// A variable that is set and not empty.
pub(crate) fn variable(env: &dyn Environment, name: &str) -> Option<Found<String>> {
    env.variable(name).filter(|value| !value.is_empty()).map(|value| Found::new(value, name))
}

/// What the variables say, one set for each family.
///
/// # Errors
/// If two names of one family that mean the same thing differ.
pub(crate) fn sets(env: &dyn Environment) -> Result<Vec<Set>, SettingsError> {
    FAMILIES
        .iter()
        .map(|(prefix, rows)| {
            Set::collect(format!("environment ({prefix}*)"), "", rows, |name| secret(env, name))
        })
        .collect()
}

/// The region of the environment, whichever family says it first.
///
/// # Errors
/// If two names of one family differ.
pub(crate) fn region(env: &dyn Environment) -> Result<Option<Found<String>>, SettingsError> {
    Ok(Set::collect("", "", REGION, |name| secret(env, name))?.text(Key::Region))
}

/// The CA file of the environment.
///
/// # Errors
/// If two names differ.
pub(crate) fn ca_cert(env: &dyn Environment) -> Result<Option<Found<String>>, SettingsError> {
    Ok(Set::collect("", "", CA_CERT, |name| secret(env, name))?.text(Key::CaCert))
}

/// Refuses to go on where a variable asks not to check certificates.
///
/// # Errors
/// If one of them does.
pub(crate) fn refuse_insecure(env: &dyn Environment) -> Result<(), SettingsError> {
    match ["OS_INSECURE", "HW_INSECURE"]
        .into_iter()
        .find_map(|name| variable(env, name).filter(|v| is_true(&v.value)))
    {
        Some(found) => Err(SettingsError::Insecure { source: found.source }),
        None => Ok(()),
    }
}

/// The endpoints given for single services of a region: `HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}`, whose value is
/// one URL or several with commas, the first of which counts.
pub(crate) fn endpoints(env: &dyn Environment, region: &str) -> Vec<(String, Found<String>)> {
    let ending = format!("_{}", region.replace('-', "_").to_ascii_uppercase());
    let mut names = env.names();
    names.sort_unstable();
    let service = |name: &str| {
        let service = name.strip_prefix("HUAWEICLOUD_SDK_REGION_")?.strip_suffix(&ending)?;
        (!service.is_empty()).then(|| service.to_ascii_lowercase())
    };
    let endpoint = |name: String| {
        let service = service(&name)?;
        let mut found = variable(env, &name)?;
        found.value = found.value.split(',').map(str::trim).find(|url| !url.is_empty())?.to_owned();
        Some((service, found))
    };
    names.into_iter().filter_map(endpoint).collect()
}

/// The text says yes, in one of the ways the tools of these clouds take.
pub(crate) fn is_true(text: &str) -> bool {
    ["1", "t", "true", "y", "yes", "on"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

fn secret(env: &dyn Environment, name: &str) -> Option<Found<Secret>> {
    env.variable(name).map(|value| Found::new(Secret::new(value), name))
}

/// A settings file is a page or two; more than this is something else.
const LARGEST_FILE: u64 = 1 << 20;

/// The order of the regions does not depend on who asks.
const REGION: &[Row] = &[
    (Key::Region, &["OS_REGION_NAME", "OS_REGION", "OS_REGION_ID"]),
    (Key::Region, &["HW_REGION_NAME"]),
    (Key::Region, &["OTC_SDK_REGION"]),
];

const CA_CERT: &[Row] = &[(Key::CaCert, &["OS_CACERT", "OS_CA_CERT"])];

/// The families, the first of which counts where several say the same.
const FAMILIES: [(&str, &[Row]); 4] = [
    (
        "OS_",
        &[
            (Key::Token, &["OS_TOKEN", "OS_AUTH_TOKEN", "OS_TOKEN_ID"]),
            (Key::AccessKey, &["OS_ACCESS_KEY", "OS_ACCESS_KEY_ID", "OS_AK"]),
            (Key::SecretKey, &["OS_SECRET_KEY", "OS_ACCESS_KEY_SECRET", "OS_SK"]),
            (Key::SecurityToken, &["OS_SECURITY_TOKEN", "OS_AKSK_SECURITY_TOKEN", "OS_ST"]),
            (Key::UserName, &["OS_USERNAME"]),
            (Key::UserId, &["OS_USER_ID", "OS_USERID"]),
            (Key::Password, &["OS_PASSWORD"]),
            (Key::Passcode, &["OS_PASSCODE"]),
            (Key::AuthUrl, &["OS_AUTH_URL"]),
            (Key::AuthType, &["OS_AUTH_TYPE"]),
            (Key::Region, &["OS_REGION_NAME", "OS_REGION", "OS_REGION_ID"]),
            (Key::ProjectId, &["OS_PROJECT_ID", "OS_TENANT_ID"]),
            // OTC's own example sets the tenant to the region and the project to one below it: no contradiction.
            (Key::ProjectName, &["OS_PROJECT_NAME"]),
            (Key::ProjectName, &["OS_TENANT_NAME"]),
            (Key::UserDomainId, &["OS_USER_DOMAIN_ID"]),
            (Key::UserDomainName, &["OS_USER_DOMAIN_NAME"]),
            (Key::ProjectDomainId, &["OS_PROJECT_DOMAIN_ID"]),
            (Key::ProjectDomainName, &["OS_PROJECT_DOMAIN_NAME"]),
            (Key::DomainId, &["OS_DOMAIN_ID"]),
            (Key::DomainName, &["OS_DOMAIN_NAME"]),
            (Key::DefaultDomainName, &["OS_DEFAULT_DOMAIN"]),
            (Key::AgencyName, &["OS_AGENCY_NAME"]),
            (Key::AgencyDomainName, &["OS_AGENCY_DOMAIN_NAME"]),
            (Key::DelegatedProject, &["OS_DELEGATED_PROJECT"]),
            (Key::IdentityProvider, &["OS_IDENTITY_PROVIDER"]),
        ],
    ),
    (
        "HW_",
        &[
            (Key::Token, &["HW_AUTH_TOKEN"]),
            (Key::AccessKey, &["HW_ACCESS_KEY"]),
            (Key::SecretKey, &["HW_SECRET_KEY"]),
            (Key::SecurityToken, &["HW_SECURITY_TOKEN"]),
            (Key::UserName, &["HW_USER_NAME"]),
            (Key::Password, &["HW_USER_PASSWORD"]),
            (Key::AuthUrl, &["HW_AUTH_URL"]),
            (Key::Region, &["HW_REGION_NAME"]),
            (Key::ProjectId, &["HW_PROJECT_ID"]),
            (Key::ProjectName, &["HW_PROJECT_NAME"]),
            (Key::UserDomainId, &["HW_DOMAIN_ID"]),
            (Key::UserDomainName, &["HW_DOMAIN_NAME"]),
        ],
    ),
    (
        "HUAWEICLOUD_SDK_",
        &[
            (Key::AccessKey, &["HUAWEICLOUD_SDK_AK"]),
            (Key::SecretKey, &["HUAWEICLOUD_SDK_SK"]),
            (Key::SecurityToken, &["HUAWEICLOUD_SDK_SECURITY_TOKEN"]),
            (Key::AuthUrl, &["HUAWEICLOUD_SDK_IAM_ENDPOINT"]),
            (Key::ProjectId, &["HUAWEICLOUD_SDK_PROJECT_ID"]),
            (Key::DomainId, &["HUAWEICLOUD_SDK_DOMAIN_ID"]),
            (Key::IdentityProvider, &["HUAWEICLOUD_SDK_IDP_ID"]),
            (Key::IdentityProvider, &["HUAWEICLOUD_SDK_ID_TOKEN_FILE"]),
        ],
    ),
    (
        "OTC_SDK_",
        &[
            (Key::AccessKey, &["OTC_SDK_AK"]),
            (Key::SecretKey, &["OTC_SDK_SK"]),
            (Key::SecurityToken, &["OTC_SDK_SECURITY_TOKEN"]),
            (Key::Region, &["OTC_SDK_REGION"]),
            (Key::ProjectId, &["OTC_SDK_PROJECT_ID", "OTC_SDK_PROJECTID"]),
        ],
    ),
];
