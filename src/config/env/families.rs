//! The families of variables that the tools of these clouds already read, one source for each.
//!
//! A family is complete in itself or it is an error; `OS_ACCESS_KEY` is never combined with `HW_SECRET_KEY`. Only the
//! region, the domain of the cloud and the CA file, which do not authenticate, are taken from any of them.
//!
//! Left out on purpose: `AWS_ACCESS_KEY_ID`, `AWS_ACCESS_SECRET_KEY` and `S3_*`, which some tools for these clouds
//! also read. They usually hold the key of another cloud, which must not be sent to this one.

use std::path::PathBuf;

use super::{Environment, path, secret, variable};
use crate::config::error::SettingsError;
use crate::config::key::{Key, KeyNames, Sourced};
use crate::config::source::{ConfigSource, SourceKind};

/// What the variables say of these keys, one set for each family.
///
/// # Errors
/// If two names of one family that mean the same thing differ, or a value cannot be one.
pub(crate) fn sets(
    env: &dyn Environment,
    wanted: impl Fn(Key) -> bool,
) -> Result<Vec<ConfigSource>, SettingsError> {
    let set = |(prefix, rows): &(&str, &'static [KeyNames])| {
        let mut set = ConfigSource::new(SourceKind::Variables, format!("environment ({prefix}*)"), "", rows);
        set.add(rows.iter().filter(|(key, _)| wanted(*key)), &|name| secret(env, name))?;
        Ok(set)
    };
    FAMILIES.iter().map(set).collect()
}

/// The region of the environment: that of the first family that has one.
///
/// # Errors
/// If two names of one family differ.
pub(crate) fn region(env: &dyn Environment) -> Result<Option<Sourced<String>>, SettingsError> {
    let mut set = ConfigSource::new(SourceKind::Variables, "", "", REGION);
    set.add(REGION, &|name| secret(env, name))?;
    Ok(set.text(Key::Region))
}

/// The domain of the cloud, which the host names of services and of IAM end in.
///
/// # Errors
/// If it is not UTF-8.
pub(crate) fn domain(env: &dyn Environment) -> Result<Option<Sourced<String>>, SettingsError> {
    variable(env, "HW_CLOUD")
}

/// The CA file of the environment.
///
/// # Errors
/// If two names differ.
pub(crate) fn ca_cert(env: &dyn Environment) -> Result<Option<Sourced<PathBuf>>, SettingsError> {
    let mut found = ["OS_CACERT", "OS_CA_CERT"].into_iter().filter_map(|name| path(env, name));
    let (first, second) = (found.next(), found.next());
    match (&first, &second) {
        (Some(one), Some(other)) if one.value != other.value => {
            Err(SettingsError::Contradiction { one: one.source.clone(), other: other.source.clone() })
        }
        _ => Ok(first),
    }
}

/// The order of the regions does not depend on whose credentials are used.
const REGION: &[KeyNames] = &[
    (Key::Region, &["OS_REGION_NAME", "OS_REGION", "OS_REGION_ID"]),
    (Key::Region, &["HW_REGION_NAME"]),
    (Key::Region, &["OTC_SDK_REGION"]),
];

/// The families. Where several say the same, the first one is used.
pub(super) const FAMILIES: [(&str, &[KeyNames]); 4] = [
    (
        "OS_",
        &[
            (Key::Token, &["OS_TOKEN", "OS_AUTH_TOKEN", "OS_TOKEN_ID"]),
            (Key::AccessId, &["OS_ACCESS_KEY", "OS_ACCESS_KEY_ID", "OS_AK"]),
            (Key::AccessSecret, &["OS_SECRET_KEY", "OS_ACCESS_KEY_SECRET", "OS_SK"]),
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
            (Key::Trust, &["OS_TRUST_ID"]),
            (Key::Trust, &["OS_SYSTEM_SCOPE"]),
        ],
    ),
    (
        "HW_",
        &[
            (Key::Token, &["HW_AUTH_TOKEN"]),
            (Key::AccessId, &["HW_ACCESS_KEY"]),
            (Key::AccessSecret, &["HW_SECRET_KEY"]),
            (Key::SecurityToken, &["HW_SECURITY_TOKEN"]),
            (Key::UserName, &["HW_USER_NAME"]),
            (Key::Password, &["HW_USER_PASSWORD"]),
            (Key::AuthUrl, &["HW_AUTH_URL"]),
            (Key::Region, &["HW_REGION_NAME"]),
            (Key::ProjectId, &["HW_PROJECT_ID"]),
            (Key::ProjectName, &["HW_PROJECT_NAME"]),
            (Key::UserDomainId, &["HW_DOMAIN_ID"]),
            (Key::UserDomainName, &["HW_DOMAIN_NAME"]),
            (Key::AgencyName, &["HW_ASSUME_ROLE_AGENCY_NAME"]),
            (Key::AgencyDomainId, &["HW_ASSUME_ROLE_DOMAIN_ID"]),
            (Key::AgencyDomainName, &["HW_ASSUME_ROLE_DOMAIN_NAME"]),
        ],
    ),
    (
        "HUAWEICLOUD_SDK_",
        &[
            (Key::AccessId, &["HUAWEICLOUD_SDK_AK"]),
            (Key::AccessSecret, &["HUAWEICLOUD_SDK_SK"]),
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
            (Key::AccessId, &["OTC_SDK_AK"]),
            (Key::AccessSecret, &["OTC_SDK_SK"]),
            (Key::SecurityToken, &["OTC_SDK_SECURITY_TOKEN"]),
            (Key::Region, &["OTC_SDK_REGION"]),
            (Key::ProjectId, &["OTC_SDK_PROJECT_ID", "OTC_SDK_PROJECTID"]),
        ],
    ),
];
