//! From the chosen source to the settings.

use std::ffi::OsStr;

use super::endpoints;
use super::env::{Environment, below_home, families, variable};
use super::error::{SettingsError, contradiction, unusable};
use super::key::{AuthType, Domain, Key, Sourced, Vendor};
use super::overrides::Overrides;
use super::settings::{AuthMethod, Settings};
use super::source::{ConfigSource, PROJECT_DOMAIN, SourceKind, USER_DOMAIN};
use crate::auth::login::Login;
use crate::endpoint::region;

/// The settings of a source and a method of it, with what is shared by all sources. `beside` are the variables that may
/// say something else.
///
/// # Errors
/// If they contradict each other, or a value cannot be used.
pub(super) fn build(
    explicit: &Overrides,
    env: &dyn Environment,
    set: Option<&ConfigSource>,
    method: Option<AuthType>,
    beside: &[ConfigSource],
) -> Result<Settings, SettingsError> {
    let text = |key| set.and_then(|set| set.text(key));
    let is_cloud = set.is_some_and(|set| set.kind == SourceKind::Cloud);
    let is_login = explicit.token.is_none() && method == Some(AuthType::Password);
    let agency_domain = if is_login { set.and_then(|set| set.domain(&AGENCY_DOMAIN)) } else { None };
    let (id, name, domain) = match text(Key::DelegatedProject).filter(|_| is_login) {
        Some(project) => (None, Some(project), agency_domain),
        // The project is one of the agency's domain, whatever the user's is.
        None if agency_domain.is_some() => (text(Key::ProjectId), text(Key::ProjectName), agency_domain),
        None => {
            let domain = set.and_then(|set| set.domain(&PROJECT_DOMAIN));
            (text(Key::ProjectId), text(Key::ProjectName), domain)
        }
    };
    let region = find_region(explicit, env, set, name.as_ref())?;
    let cloud_domain = families::domain(env)?;
    let auth_url = find_auth_url(set, region.as_ref(), cloud_domain.as_ref())?;
    let (project_id, project_name) = match explicit.project_id() {
        Some(id) => (Some(id), None),
        None => (id, name),
    };
    let auth = match (explicit.token(), set, method) {
        (Some(token), ..) => AuthMethod::Token(token),
        (None, Some(set), Some(AuthType::Password)) => {
            let mut login = login(set, auth_url.as_ref());
            login = match (&project_id, &project_name) {
                (Some(id), _) => login.project_id(&id.value),
                (None, Some(name)) => login.project_name(&name.value),
                (None, None) => login,
            };
            login = match &domain {
                Some(Domain::Id(id)) => login.project_domain_id(&id.value),
                Some(Domain::Name(name)) => login.project_domain_name(&name.value),
                None => login,
            };
            let source = set.secret(Key::Password).map_or_else(|| set.label.clone(), |found| found.source);
            AuthMethod::Login(Box::new(Sourced::new(login, source)))
        }
        (None, Some(set), Some(method)) => secret_method(set, method),
        _ => AuthMethod::None,
    };
    if let (AuthMethod::Token(token), None, None, None, None) =
        (&auth, &project_id, &project_name, &auth_url, &region)
    {
        return Err(SettingsError::Incomplete {
            method: AuthType::Token.name(),
            held: vec![token.source.clone()],
            missing: vec!["OS_PROJECT_ID".to_owned()],
            elsewhere: Vec::new(),
            instead: None,
        });
    }
    let ca_cert = if is_cloud {
        let found = text(Key::CaCert).map(|found| in_region(found, region.as_ref())).transpose()?;
        found.map(|found| Sourced::new(below_home(env, OsStr::new(&found.value)), found.source))
    } else {
        families::ca_cert(env)?
    };
    let mut of_cloud = Vec::new();
    for (service, url) in set.iter().flat_map(|set| &set.endpoints) {
        of_cloud.push((service.clone(), in_region(url.clone(), region.as_ref())?));
    }
    // An explicit endpoint is used for all services, so the regions file is not read.
    let endpoints = match &region {
        Some(region) if explicit.endpoint.is_none() => endpoints::of_region(env, &region.value, of_cloud)?,
        _ => of_cloud,
    };
    let label = set.map(|set| set.label.clone());
    let source = match (explicit.token(), label) {
        (Some(token), Some(label)) => format!("{}, and {label}", token.source),
        (Some(token), None) => token.source,
        (None, label) => label.unwrap_or_default(),
    };
    let has_auth_url = set.is_some_and(|set| set.has(Key::AuthUrl) || set.vendor().is_some());
    let other_auth_urls = match has_auth_url {
        true => Vec::new(),
        false => beside.iter().filter_map(|set| set.text(Key::AuthUrl)).collect(),
    };
    let domain = cloud_domain;
    Ok(Settings {
        auth,
        auth_url,
        region,
        domain,
        project_id,
        project_name,
        ca_cert,
        source,
        endpoints,
        other_auth_urls,
    })
}

/// The region: given, of the source, of the environment, of the project's name, of the vendor.
fn find_region(
    explicit: &Overrides,
    env: &dyn Environment,
    set: Option<&ConfigSource>,
    project_name: Option<&Sourced<String>>,
) -> Result<Option<Sourced<String>>, SettingsError> {
    if let Some(region) = explicit.region() {
        if region.value.chars().any(char::is_control) {
            let problem = "has a control character in it; remove it".to_owned();
            return Err(SettingsError::Invalid { source: region.source, problem });
        }
        return Ok(Some(region));
    }
    let of_variables = families::region(env)?;
    if let Some(own) = set.and_then(|set| set.text(Key::Region)) {
        let first = match set.map(|set| set.kind) {
            Some(SourceKind::Cloud) => variable(env, "OS_REGION_NAME")?,
            _ => of_variables,
        };
        // Either could be meant.
        return match first {
            Some(first) if first.value != own.value => Err(contradiction(&first.source, &own.source)),
            _ => Ok(Some(own)),
        };
    }
    let of_project = |name: &Sourced<String>| {
        Some(Sourced::new(region::of_project(&name.value)?.to_owned(), name.source.clone()))
    };
    let of_vendor = || {
        let (vendor, found) = set.and_then(|set| set.vendor().zip(set.text(Key::Vendor)))?;
        Some(Sourced::new(vendor.region().to_owned(), found.source))
    };
    Ok(of_variables.or_else(|| project_name.and_then(of_project)).or_else(of_vendor))
}

/// The URL of IAM: given, of the vendor, or in the domain that was given.
fn find_auth_url(
    set: Option<&ConfigSource>,
    region: Option<&Sourced<String>>,
    domain: Option<&Sourced<String>>,
) -> Result<Option<Sourced<String>>, SettingsError> {
    if let Some(url) = set.and_then(|set| set.text(Key::AuthUrl)) {
        let is_cloud = set.is_some_and(|set| set.kind == SourceKind::Cloud);
        return if is_cloud { in_region(url, region).map(Some) } else { Ok(Some(url)) };
    }
    let Some(region) = region else { return Ok(None) };
    let profile = set.and_then(|set| set.vendor().zip(set.text(Key::Vendor)));
    let (domain, source) = match (profile, domain) {
        (Some((vendor, profile)), _) => {
            check_region_of(vendor, region, &profile)?;
            (vendor.domain(), profile.source)
        }
        (None, Some(domain)) if region::check_domain(&domain.value).is_ok() => {
            (domain.value.as_str(), domain.source.clone())
        }
        // An invalid domain is reported together with the credentials.
        (None, _) => return Ok(None),
    };
    let url = region::Cloud { iam_url: None, domain: Some(domain) }.iam_url_of(&region.value);
    Ok(Some(Sourced::new(url.map_err(|error| unusable(&region.source, error))?, source)))
}

/// A password for one vendor's cloud must not be sent there for a region that is another's.
fn check_region_of(
    vendor: Vendor,
    region: &Sourced<String>,
    profile: &Sourced<String>,
) -> Result<(), SettingsError> {
    match region::known_domain(&region.value) {
        Some(domain) if domain != vendor.domain() => Err(SettingsError::Invalid {
            source: format!("the region from {}", region.source),
            problem: format!(
                "is not one of the cloud that {} names, which is at {}; to use both, give auth.auth_url",
                profile.source,
                vendor.domain()
            ),
        }),
        _ => Ok(()),
    }
}

/// openstacksdk fills in `{region_name}` wherever it stands in a member of a cloud.
fn in_region(
    mut found: Sourced<String>,
    region: Option<&Sourced<String>>,
) -> Result<Sourced<String>, SettingsError> {
    const PLACE: &str = "{region_name}";
    if found.value.contains(PLACE) {
        let Some(region) = region else {
            let problem = format!("has {PLACE} in it, and no region is given; set region_name");
            return Err(SettingsError::Invalid { source: found.source, problem });
        };
        found.value = found.value.replace(PLACE, &region.value);
    }
    Ok(found)
}

/// A token or an access key of a set that has it in full.
fn secret_method(set: &ConfigSource, method: AuthType) -> AuthMethod {
    let whole = || match method {
        AuthType::Token => Some(AuthMethod::Token(set.secret(Key::Token)?)),
        AuthType::AccessKey => Some(AuthMethod::AccessKey {
            access_key: set.secret(Key::AccessId)?,
            secret_key: set.secret(Key::AccessSecret)?,
            security_token: set.secret(Key::SecurityToken),
        }),
        AuthType::Password => None,
    };
    whole().unwrap_or(AuthMethod::None)
}

/// The login of a set that has it in full, without its project.
fn login(set: &ConfigSource, auth_url: Option<&Sourced<String>>) -> Login {
    let mut login = Login::new(auth_url.map_or("", |url| url.value.as_str()));
    let text = |key| set.text(key).map(|found| found.value).unwrap_or_default();
    // An id comes before a name.
    login = login.user_id(text(Key::UserId)).user_name(text(Key::UserName));
    login = match set.domain(&USER_DOMAIN) {
        Some(Domain::Id(id)) => login.user_domain_id(id.value),
        Some(Domain::Name(name)) => login.user_domain_name(name.value),
        None => login,
    };
    login = login.password(text(Key::Password)).totp_passcode(text(Key::Passcode));
    let agency = text(Key::AgencyName);
    match set.domain(&AGENCY_DOMAIN) {
        Some(Domain::Id(id)) => login.agency_in_domain_id(agency, id.value),
        Some(Domain::Name(name)) => login.agency(agency, name.value),
        None => login,
    }
}

const AGENCY_DOMAIN: [[Key; 2]; 1] = [[Key::AgencyDomainId, Key::AgencyDomainName]];
