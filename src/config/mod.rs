//! Credentials, project, region and endpoints from what people already have: what a program gives, a cloud chosen by
//! its name, the environment, the only cloud of a clouds file, `~/.huaweicloud/credentials`.
//!
//! The first source that is present is used, and never mixed with another. Within it a token comes before an access
//! key, and that before a password. What is present in part is an error and never a reason to search further.

pub(crate) mod clouds_yaml;
pub(crate) mod credentials_file;
pub(crate) mod env;
pub(crate) mod error;
pub(crate) mod key;
pub(crate) mod source;

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use self::clouds_yaml::Clouds;
use self::env::{Environment, variable};
use self::error::SettingsError;
use self::key::{AuthType, Domain, Key, Sourced, Vendor};
use self::source::{ConfigSource, Known, PROJECT_DOMAIN, USER_DOMAIN, choose, same_project};
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
    endpoints: Vec<(String, Sourced<String>)>,
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

/// What a program or its flags give. It takes precedence over all sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) cloud: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) project_id: Option<String>,
    /// The endpoint is not part of the settings; but with it less has to be found.
    pub(crate) endpoint: Option<Sourced<String>>,
    pub(crate) token: Option<Secret>,
}

/// Finds the settings. With no source at all, [`AuthMethod::None`].
///
/// # Errors
/// If what is present is incomplete, contradictory, unreadable or not supported.
pub(crate) fn resolve(explicit: &Overrides, env: &dyn Environment) -> Result<Settings, SettingsError> {
    env::refuse_insecure(env)?;
    let by_name = match &explicit.cloud {
        Some(name) => Some(name.clone()),
        None => variable(env, "OS_CLOUD")?.map(|found| found.value),
    };
    let known = known(explicit, env)?;
    let region = region_of_cloud(explicit, env)?;
    if let Some(name) = by_name {
        let clouds = Clouds::read(env)?.ok_or_else(|| clouds_yaml::no_file(env, &name))?;
        return from_file(explicit, env, clouds.named(&name, region.as_ref())?, true);
    }
    env::refuse_client_certificate(env)?;
    let sets = env::sets(env)?;
    if explicit.token.is_none() {
        env::refuse_unsupported(env)?;
        if let Some((set, method)) = choose(&sets, known)? {
            env::refuse_role_of_another(&sets, set)?;
            return build(explicit, env, Some(set), Some(method), false);
        }
    }
    let places = [Key::ProjectId, Key::ProjectName, Key::AuthUrl];
    let place = sets.iter().find(|set| places.iter().any(|key| set.has(*key)));
    let enough = known.project && (known.region || explicit.endpoint.is_some());
    if explicit.token.is_some() && !known.project {
        same_project(&sets)?;
    }
    if explicit.token.is_some() && (place.is_some() || enough) {
        return build(explicit, env, place, None, false);
    }
    match file(env, region.as_ref())? {
        Some((set, is_cloud)) => from_file(explicit, env, set, is_cloud),
        None => build(explicit, env, place, None, false),
    }
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

/// Whether a service is meant: its name may be written without the hyphen (`sfsturbo`), as the SDKs do.
pub(crate) fn is_name_of(name: &str, service: &str) -> bool {
    name.bytes().filter(|byte| *byte != b'-').eq(service.bytes().filter(|byte| *byte != b'-'))
}

/// What no source needs to say. If the environment contradicts itself about the region, that is reported where the
/// region is used.
fn known(explicit: &Overrides, env: &dyn Environment) -> Result<Known, SettingsError> {
    Ok(Known {
        project: explicit.project_id.is_some(),
        region: explicit.region.is_some() || !matches!(env::region(env), Ok(None)),
        domain: env::domain(env)?.is_some(),
    })
}

/// What chooses among the regions of a cloud in a clouds file.
fn region_of_cloud(
    explicit: &Overrides,
    env: &dyn Environment,
) -> Result<Option<Sourced<String>>, SettingsError> {
    match &explicit.region {
        Some(region) => Ok(Some(Sourced::new(region.clone(), GIVEN_REGION))),
        None => variable(env, "OS_REGION_NAME"),
    }
}

/// The source to use if none was chosen, and whether it is a cloud of a clouds file.
fn file(
    env: &dyn Environment,
    region: Option<&Sourced<String>>,
) -> Result<Option<(ConfigSource, bool)>, SettingsError> {
    if let Some(set) = credentials_file::named(env)? {
        return Ok(Some((set, false)));
    }
    let only = Clouds::read(env)?.map_or(Ok(None), |clouds| clouds.only(region));
    match only {
        Ok(Some(set)) => return Ok(Some((set, true))),
        Ok(None) => {}
        #[cfg(feature = "yaml")]
        Err(SettingsError::ManyClouds { .. }) => {}
        Err(error) => return Err(error),
    }
    match (credentials_file::usual(env)?, only) {
        (Some(set), _) => Ok(Some((set, false))),
        // Several clouds, none of which was chosen.
        (None, Err(error)) => Err(error),
        (None, Ok(_)) => Ok(None),
    }
}

fn from_file(
    explicit: &Overrides,
    env: &dyn Environment,
    set: ConfigSource,
    is_cloud: bool,
) -> Result<Settings, SettingsError> {
    if explicit.token.is_some() {
        return build(explicit, env, Some(&set), None, is_cloud);
    }
    let sets = [set];
    match choose(&sets, known(explicit, env)?)? {
        Some((set, method)) => build(explicit, env, Some(set), Some(method), is_cloud),
        None => Err(SettingsError::NoCredentials {
            label: sets[0].label.clone(),
            options: if is_cloud {
                "give auth.token, auth.ak and auth.sk, or auth.username and auth.password"
            } else {
                "give ak and sk in its section [basic]"
            },
        }),
    }
}

fn build(
    explicit: &Overrides,
    env: &dyn Environment,
    set: Option<&ConfigSource>,
    method: Option<AuthType>,
    is_cloud: bool,
) -> Result<Settings, SettingsError> {
    let text = |key| set.and_then(|set| set.text(key));
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
    let cloud_domain = env::domain(env)?;
    let auth_url = find_auth_url(set, region.as_ref(), cloud_domain.as_ref(), is_cloud)?;
    let (project_id, project_name) = match &explicit.project_id {
        Some(id) => (Some(Sourced::new(id.clone(), "project id given")), None),
        None => (id, name),
    };
    let auth = match (&explicit.token, set, method) {
        (Some(token), ..) => AuthMethod::Token(Sourced::new(token.clone(), GIVEN_TOKEN)),
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
    if let (AuthMethod::Token(_), None, None, None, None) =
        (&auth, &project_id, &project_name, &auth_url, &region)
    {
        return Err(SettingsError::Incomplete {
            method: GIVEN_TOKEN,
            held: Vec::new(),
            missing: vec!["OS_PROJECT_ID".to_owned()],
            elsewhere: Vec::new(),
        });
    }
    let ca_cert = if is_cloud {
        let found = text(Key::CaCert).map(|found| in_region(found, region.as_ref())).transpose()?;
        found.map(|found| Sourced::new(env::below_home(env, OsStr::new(&found.value)), found.source))
    } else {
        env::ca_cert(env)?
    };
    let mut endpoints = match &region {
        Some(region) => env::endpoints(env, &region.value)?,
        None => Vec::new(),
    };
    for (service, url) in set.iter().flat_map(|set| &set.endpoints) {
        endpoints.push((service.clone(), in_region(url.clone(), region.as_ref())?));
    }
    let label = set.map(|set| set.label.clone());
    let source = match (&explicit.token, label) {
        (Some(_), Some(label)) => format!("{GIVEN_TOKEN}, and {label}"),
        (Some(_), None) => GIVEN_TOKEN.to_owned(),
        (None, label) => label.unwrap_or_default(),
    };
    let domain = cloud_domain;
    Ok(Settings { auth, auth_url, region, domain, project_id, project_name, ca_cert, source, endpoints })
}

/// The region: given, of the source, of the environment, of the project's name, of the vendor.
fn find_region(
    explicit: &Overrides,
    env: &dyn Environment,
    set: Option<&ConfigSource>,
    project_name: Option<&Sourced<String>>,
) -> Result<Option<Sourced<String>>, SettingsError> {
    if let Some(region) = &explicit.region {
        if region.chars().any(char::is_control) {
            let problem = "has a control character in it; remove it".to_owned();
            return Err(SettingsError::Invalid { source: GIVEN_REGION.to_owned(), problem });
        }
        return Ok(Some(Sourced::new(region.clone(), GIVEN_REGION)));
    }
    if let Some(region) = set.and_then(|set| set.text(Key::Region)) {
        return Ok(Some(region));
    }
    let of_project = |name: &Sourced<String>| {
        Some(Sourced::new(region::of_project(&name.value)?.to_owned(), name.source.clone()))
    };
    let of_vendor = || {
        let (vendor, found) = set.and_then(|set| set.vendor().zip(set.text(Key::Vendor)))?;
        Some(Sourced::new(vendor.region().to_owned(), found.source))
    };
    Ok(env::region(env)?.or_else(|| project_name.and_then(of_project)).or_else(of_vendor))
}

/// The URL of IAM: given, of the vendor, or in the domain that was given.
fn find_auth_url(
    set: Option<&ConfigSource>,
    region: Option<&Sourced<String>>,
    domain: Option<&Sourced<String>>,
    is_cloud: bool,
) -> Result<Option<Sourced<String>>, SettingsError> {
    if let Some(url) = set.and_then(|set| set.text(Key::AuthUrl)) {
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
        // What is wrong with the domain is reported with the credentials.
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

fn unusable(source: &str, error: impl fmt::Display) -> SettingsError {
    SettingsError::Unusable { source: source.to_owned(), message: error.to_string() }
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

const AGENCY_DOMAIN: [[Key; 2]; 1] = [[Key::AgencyDomainId, Key::AgencyDomainName]];

const GIVEN_REGION: &str = "region given";

/// The source of a token that no source of settings had.
const GIVEN_TOKEN: &str = "token given";

#[cfg(test)]
mod tests {
    use super::env::fake::{Fake, slashes, told, variables};
    use super::*;

    const TOKEN: &str = "OS_TOKEN=t OS_PROJECT_ID=p";
    const KEY: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=q";
    #[cfg(feature = "yaml")]
    const LOGIN: &str =
        "OS_USERNAME=u OS_PASSWORD=w OS_DOMAIN_NAME=d OS_PROJECT_NAME=eu-de_x OS_AUTH_URL=https://iam";
    const CLOUDS: &str = "/srv/here/clouds.json";
    const ONE: &str =
        r#"{"clouds": {"one": {"auth": {"token": "t1", "project_id": "p1"}, "region_name": "r1"}}}"#;
    #[cfg(feature = "yaml")]
    const TWO: &str = r#"{"clouds": {"one": {"auth": {"token": "t1", "project_id": "p1"}, "region_name": "r1"},
                          "two": {"auth": {"token": "t2", "project_id": "p2"}, "cacert": "~/two.pem"}}}"#;
    const USUAL: &str = "/home/me/.huaweicloud/credentials";
    const INI: &str = "[basic]\nak = a0\nsk = s0\nproject_id = p0\n";

    #[cfg(feature = "yaml")]
    #[test]
    fn sources_have_a_fixed_order_and_are_never_mixed() {
        let named = Overrides { cloud: Some("one".into()), ..Overrides::default() };
        let flags = Overrides {
            region: Some("r9".into()),
            project_id: Some("p9".into()),
            token: Some(Secret::new("t9")),
            ..Overrides::default()
        };
        let project = Overrides { project_id: Some("p9".into()), ..Overrides::default() };
        let token = Overrides { token: Some(Secret::new("t9")), ..Overrides::default() };
        let none = Overrides::default();
        let with = |line: &str, clouds: &str, ini: &str| {
            let mut env = variables(line);
            for (path, text) in [(CLOUDS, clouds), (USUAL, ini)] {
                if !text.is_empty() {
                    env = env.file(path, text);
                }
            }
            env
        };
        let environment = "environment (OS_*)";
        let table = [
            // Between sources.
            (&none, with("", "", ""), "nobody=", ""),
            (&none, with("", "", INI), "ak=a0 sk=s0 project_id=p0", "~/.huaweicloud/credentials"),
            (&none, with("", ONE, INI), "token=t1 region=r1 project_id=p1", "clouds.json, cloud one"),
            (&none, with("", TWO, INI), "ak=a0 sk=s0 project_id=p0", "~/.huaweicloud/credentials"),
            (&none, with(TOKEN, ONE, INI), "token=t project_id=p", environment),
            (
                &none,
                with("OS_CLOUD=two", TWO, INI),
                "token=t2 project_id=p2 ca=/home/me/two.pem",
                "clouds.json, cloud two",
            ),
            (
                &named,
                with("OS_CLOUD=two", TWO, INI),
                "token=t1 region=r1 project_id=p1",
                "clouds.json, cloud one",
            ),
            // A chosen cloud is not mixed with the environment; its region is only filled in.
            (
                &none,
                with(
                    "OS_CLOUD=one OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=r OS_CACERT=c OS_AUTH_URL=u",
                    TWO,
                    "",
                ),
                "token=t1 region=r1 project_id=p1",
                "clouds.json, cloud one",
            ),
            (
                &none,
                with("OS_CLOUD=two OS_PROJECT_ID=p OS_REGION_NAME=r OS_CACERT=c", TWO, ""),
                "token=t2 region=r project_id=p2 ca=/home/me/two.pem",
                "clouds.json, cloud two",
            ),
            // What is no credential does not make an environment.
            (
                &none,
                with("OS_REGION_NAME=r OS_PROJECT_ID=p OS_AUTH_URL=u", ONE, INI),
                "token=t1 region=r1 project_id=p1",
                "clouds.json, cloud one",
            ),
            // A flag beats every source.
            (
                &flags,
                with(LOGIN, ONE, INI),
                "token=t9 auth_url=https://iam region=r9 project_id=p9",
                "token given, and environment (OS_*)",
            ),
            (&flags, with("", "{", INI), "token=t9 region=r9 project_id=p9", "token given"),
            (
                &flags,
                with("OS_CLOUD=two", TWO, ""),
                "token=t9 region=r9 project_id=p9 ca=/home/me/two.pem",
                "token given, and clouds.json, cloud two",
            ),
            (
                &token,
                with("", ONE, INI),
                "token=t9 region=r1 project_id=p1",
                "token given, and clouds.json, cloud one",
            ),
            (
                &token,
                with("HW_PROJECT_ID=q HW_ACCESS_KEY=a", ONE, INI),
                "token=t9 project_id=q",
                "token given, and environment (HW_*)",
            ),
            (
                &project,
                with(LOGIN, ONE, ""),
                "user=u user_domain=d password=w auth_url=https://iam region=eu-de project_id=p9",
                environment,
            ),
            (&project, with("OS_TOKEN=t", "", ""), "token=t project_id=p9", environment),
            (
                &project,
                with("", TWO, "[basic]\nak=a\nsk=s"),
                "ak=a sk=s project_id=p9",
                "~/.huaweicloud/credentials",
            ),
            // Between methods.
            (
                &none,
                with(&format!("{TOKEN} {KEY} {LOGIN}"), "", ""),
                "token=t auth_url=https://iam region=eu-de project_id=p project=eu-de_x",
                environment,
            ),
            (&none, with(&format!("{KEY} {LOGIN}"), "", ""), "ak=a sk=s project_id=q", "environment (HW_*)"),
            (
                &none,
                with(LOGIN, "", ""),
                "user=u user_domain=d password=w auth_url=https://iam region=eu-de project=eu-de_x project_domain=d",
                environment,
            ),
            // A complete method is not disturbed by a half below it, or beside it in another family.
            (
                &none,
                with(&format!("{TOKEN} OS_ACCESS_KEY=x OS_USERNAME=y HW_SECRET_KEY=z"), "", ""),
                "token=t project_id=p",
                environment,
            ),
            (
                &none,
                with(&format!("{KEY} OS_USERNAME=y HW_USER_PASSWORD=z"), "", ""),
                "ak=a sk=s project_id=q",
                "environment (HW_*)",
            ),
            (
                &none,
                with(&format!("{KEY} OS_ACCESS_KEY=x"), "", ""),
                "ak=a sk=s project_id=q",
                "environment (HW_*)",
            ),
            // Two families that say the same.
            (
                &none,
                with(&format!("{KEY} OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_ID=q"), "", ""),
                "ak=a sk=s project_id=q",
                environment,
            ),
            // The kind of login can be asked for.
            (
                &none,
                with(&format!("{LOGIN} OS_TOKEN=t OS_AUTH_TYPE=v3password"), "", ""),
                "user=u user_domain=d password=w auth_url=https://iam region=eu-de project=eu-de_x project_domain=d",
                environment,
            ),
            // A credentials file named outright comes before a clouds file that merely lies there.
            (
                &none,
                with("HUAWEICLOUD_SDK_CREDENTIALS_FILE=/mine", ONE, INI)
                    .file("/mine", "[basic]\nak=am\nsk=sm\nproject_id=pm"),
                "ak=am sk=sm project_id=pm",
                "/mine",
            ),
        ];
        for (explicit, env, expected, source) in table {
            let settings = resolve(explicit, &env).unwrap_or_else(|error| panic!("{error}: {env:?}"));
            assert_eq!((&*told(&settings), &*slashes(&settings.source)), (expected, source), "{env:?}");
        }
    }

    #[test]
    fn the_first_region_in_the_order_is_used() {
        let flag = Overrides { region: Some("flag".into()), ..Overrides::default() };
        let none = Overrides::default();
        let table = [
            (
                &flag,
                "OS_REGION_NAME=os HW_REGION_NAME=hw OS_PROJECT_NAME=eu-de_x",
                Some(("flag", "region given")),
            ),
            (
                &none,
                "OS_REGION_NAME=os HW_REGION_NAME=hw OS_PROJECT_NAME=eu-de_x",
                Some(("os", "OS_REGION_NAME")),
            ),
            (
                &none,
                "HW_REGION_NAME=hw OTC_SDK_REGION=otc OS_PROJECT_NAME=eu-de_x",
                Some(("hw", "HW_REGION_NAME")),
            ),
            (&none, "OTC_SDK_REGION=otc OS_PROJECT_NAME=eu-de_x", Some(("otc", "OTC_SDK_REGION"))),
            (&none, "OS_PROJECT_NAME=eu-de_x", Some(("eu-de", "OS_PROJECT_NAME"))),
            (&none, "OS_PROJECT_NAME=eu-nl", Some(("eu-nl", "OS_PROJECT_NAME"))),
            (&none, "OS_PROJECT_NAME=my-kualalumpur-1_a_b", Some(("my-kualalumpur-1", "OS_PROJECT_NAME"))),
            (&none, "OS_PROJECT_NAME=shop", None),
            (&none, "OS_PROJECT_NAME=EU-DE_x", None),
            (&none, "OS_PROJECT_NAME=e-de", None),
            (&none, "OS_PROJECT_NAME=eu-_x", None),
        ];
        for (explicit, line, expected) in table {
            let region = resolve(explicit, &variables(&format!("{TOKEN} {line}"))).unwrap().region;
            let region = region.as_ref().map(|region| (region.value.as_str(), region.source.as_str()));
            assert_eq!(region, expected, "{line}");
        }
        // Each family's own region goes with its own credentials.
        let own = variables(&format!("{KEY} OS_REGION_NAME=os HW_REGION_NAME=hw")).find().unwrap();
        assert_eq!(own.region.unwrap().value, "hw");
    }

    #[test]
    fn an_incomplete_source_is_an_error_that_names_both_parts() {
        let table = [
            ("OS_TOKEN=V", "the token from OS_TOKEN is incomplete; set OS_PROJECT_ID or OS_PROJECT_NAME"),
            (
                "HW_AUTH_TOKEN=V OS_PROJECT_ID=V",
                "the token from HW_AUTH_TOKEN is incomplete; set HW_PROJECT_ID or HW_PROJECT_NAME; OS_PROJECT_ID is set, but sets of different names are never mixed",
            ),
            (
                "OS_ACCESS_KEY=V OS_PROJECT_ID=V",
                "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY",
            ),
            ("OS_SK=V OS_PROJECT_ID=V", "the access key from OS_SK is incomplete; set OS_ACCESS_KEY"),
            (
                "OS_SECURITY_TOKEN=V",
                "the access key from OS_SECURITY_TOKEN is incomplete; set OS_ACCESS_KEY and OS_SECRET_KEY and OS_PROJECT_ID or OS_REGION_NAME",
            ),
            (
                "OS_ACCESS_KEY=V HW_SECRET_KEY=V OS_PROJECT_ID=V",
                "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY; HW_SECRET_KEY is set, but sets of different names are never mixed",
            ),
            (
                "OTC_SDK_AK=V OTC_SDK_SK=V HW_PROJECT_ID=V",
                "the access key from OTC_SDK_AK, OTC_SDK_SK is incomplete; set OTC_SDK_PROJECT_ID or OTC_SDK_REGION; HW_PROJECT_ID is set, but sets of different names are never mixed",
            ),
            (
                "HUAWEICLOUD_SDK_SK=V",
                "the access key from HUAWEICLOUD_SDK_SK is incomplete; set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_PROJECT_ID or OS_REGION_NAME",
            ),
            (
                "OS_USERNAME=V OS_DOMAIN_NAME=V OS_PROJECT_NAME=V OS_AUTH_URL=V",
                "the password login from OS_USERNAME is incomplete; set OS_PASSWORD",
            ),
            (
                "OS_PASSWORD=V OS_DOMAIN_NAME=V OS_PROJECT_NAME=V OS_AUTH_URL=V",
                "the password login from OS_PASSWORD is incomplete; set OS_USERNAME",
            ),
            (
                "OS_USERNAME=V OS_PASSWORD=V OS_PROJECT_ID=V OS_AUTH_URL=V",
                "the password login from OS_USERNAME, OS_PASSWORD is incomplete; set OS_USER_DOMAIN_NAME",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_PROJECT_ID=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_AUTH_URL",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_PROJECT_NAME or OS_PROJECT_ID",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_PROJECT_ID=V OS_AGENCY_NAME=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_AGENCY_DOMAIN_NAME",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_DELEGATED_PROJECT=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_AGENCY_NAME and OS_AGENCY_DOMAIN_NAME",
            ),
            (
                "OS_PASSCODE=V OS_USER_ID=V OS_AUTH_URL=V OS_PROJECT_ID=V",
                "the password login from OS_USER_ID, OS_PASSCODE is incomplete; set OS_PASSWORD",
            ),
            (
                "HW_USER_NAME=V HW_USER_PASSWORD=V",
                "the password login from HW_USER_NAME, HW_USER_PASSWORD is incomplete; set HW_DOMAIN_NAME and HW_AUTH_URL and HW_PROJECT_NAME or HW_PROJECT_ID",
            ),
            (
                "OS_AUTH_TYPE=token OS_ACCESS_KEY=V OS_SECRET_KEY=V OS_PROJECT_ID=V",
                "the token from OS_AUTH_TYPE is incomplete; set OS_TOKEN",
            ),
            // A half above is not passed over for a whole below.
            (
                "OS_ACCESS_KEY=V OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_PROJECT_ID=V",
                "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY",
            ),
        ];
        for (line, expected) in table {
            // Files do not fill the gap.
            let env = variables(line).file(CLOUDS, ONE).file(USUAL, INI);
            assert_eq!(env.find().map(|found| told(&found)).unwrap_err().to_string(), expected, "{line}");
        }
    }

    #[test]
    fn an_access_key_or_a_token_may_do_without_the_id_of_its_project() {
        let none = Overrides::default();
        let region = Overrides { region: Some("r9".into()), ..Overrides::default() };
        let token = Overrides { token: Some(Secret::new("t9")), ..Overrides::default() };
        let table = [
            (&none, "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_REGION_NAME=r", "ak=a sk=s region=r"),
            (&none, "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_NAME=x", "ak=a sk=s project=x"),
            (&none, "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HW_REGION_NAME=r", "ak=a sk=s region=r"),
            (&region, "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s", "ak=a sk=s region=r9"),
            (&none, "OS_TOKEN=t OS_PROJECT_NAME=eu-de_x", "token=t region=eu-de project=eu-de_x"),
            (&token, "OS_PROJECT_NAME=eu-de_x", "token=t9 region=eu-de project=eu-de_x"),
        ];
        for (explicit, line, expected) in table {
            let settings =
                resolve(explicit, &variables(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(told(&settings), expected);
        }
        #[cfg(feature = "yaml")]
        {
            let profile = Fake::default()
                .file(CLOUDS, r#"{"clouds": {"one": {"auth": {"ak": "a", "sk": "s"}, "profile": "otc"}}}"#);
            let expected = "ak=a sk=s auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de";
            assert_eq!(told(&profile.find().unwrap()), expected);
        }
    }

    #[test]
    fn a_region_does_not_stand_in_for_a_project_that_another_set_names() {
        for (line, other) in [
            ("OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_REGION=r HW_PROJECT_ID=q", "HW_PROJECT_ID"),
            ("HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_REGION_NAME=r OS_PROJECT_NAME=x", "OS_PROJECT_NAME"),
        ] {
            let error = variables(line).find().map(|found| told(&found)).unwrap_err().to_string();
            assert!(error.contains(&format!("; {other} is set, but sets of")), "{error}");
        }
    }

    #[test]
    fn a_token_with_its_project_and_region_reads_no_file() {
        let token = || Overrides {
            token: Some(Secret::new("t9")),
            project_id: Some("p9".into()),
            ..Overrides::default()
        };
        let endpoint = Overrides { endpoint: Some(Sourced::new("e".into(), "endpoint given")), ..token() };
        let broken = Fake::default().file(CLOUDS, "{").file(USUAL, "[");
        assert_eq!(told(&resolve(&endpoint, &broken).unwrap()), "token=t9 project_id=p9");
        let env = variables("OS_REGION_NAME=r").file(CLOUDS, "{").file(USUAL, "[");
        assert_eq!(told(&resolve(&token(), &env).unwrap()), "token=t9 region=r project_id=p9");
        assert!(resolve(&token(), &broken).is_err());
    }

    #[test]
    fn names_for_one_thing_that_differ_are_an_error_that_names_both() {
        let table = [
            ("OS_TOKEN=1 OS_AUTH_TOKEN=2 OS_PROJECT_ID=p", "OS_TOKEN", "OS_AUTH_TOKEN"),
            ("OS_AUTH_TOKEN=1 OS_TOKEN_ID=2 OS_PROJECT_ID=p", "OS_AUTH_TOKEN", "OS_TOKEN_ID"),
            ("OS_TOKEN=t OS_PROJECT_ID=1 OS_TENANT_ID=2", "OS_PROJECT_ID", "OS_TENANT_ID"),
            ("OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=1 OS_REGION=2", "OS_REGION_NAME", "OS_REGION"),
            ("OS_TOKEN=t OS_PROJECT_ID=p OS_CACERT=1 OS_CA_CERT=2", "OS_CACERT", "OS_CA_CERT"),
            ("OS_ACCESS_KEY=1 OS_AK=2", "OS_ACCESS_KEY", "OS_AK"),
            ("OS_USER_ID=1 OS_USERID=2", "OS_USER_ID", "OS_USERID"),
            ("OTC_SDK_PROJECT_ID=1 OTC_SDK_PROJECTID=2", "OTC_SDK_PROJECT_ID", "OTC_SDK_PROJECTID"),
            ("OS_TOKEN=1 HW_AUTH_TOKEN=2 OS_PROJECT_ID=p HW_PROJECT_ID=p", "OS_TOKEN", "HW_AUTH_TOKEN"),
            ("OS_TOKEN=1 HW_AUTH_TOKEN=1 OS_PROJECT_ID=p HW_PROJECT_ID=q", "OS_PROJECT_ID", "HW_PROJECT_ID"),
            (
                "HW_ACCESS_KEY=1 HW_SECRET_KEY=s HW_PROJECT_ID=p OTC_SDK_AK=2 OTC_SDK_SK=s OTC_SDK_PROJECT_ID=p",
                "HW_ACCESS_KEY",
                "OTC_SDK_AK",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=p OS_USER_DOMAIN_NAME=d OS_PROJECT_ID=q OS_AUTH_URL=1 HW_USER_NAME=u HW_USER_PASSWORD=p HW_DOMAIN_NAME=d HW_PROJECT_ID=q HW_AUTH_URL=2",
                "OS_AUTH_URL",
                "HW_AUTH_URL",
            ),
        ];
        for (line, one, other) in table {
            let expected = SettingsError::Contradiction { one: one.into(), other: other.into() };
            assert_eq!(variables(line).find().map(|found| told(&found)), Err(expected), "{line}");
        }
        let token = Overrides { token: Some(Secret::new("t")), ..Overrides::default() };
        let text = resolve(&token, &variables("OS_PROJECT_ID=1 HW_PROJECT_ID=2")).unwrap_err().to_string();
        assert_eq!(text, "OS_PROJECT_ID and HW_PROJECT_ID mean the same thing and differ; unset one of them");
    }

    #[test]
    fn unsupported_logins_are_errors() {
        for line in [
            "HUAWEICLOUD_SDK_IDP_ID=i HUAWEICLOUD_SDK_ID_TOKEN_FILE=/f",
            "HUAWEICLOUD_SDK_ID_TOKEN_FILE=/f",
            "OS_IDENTITY_PROVIDER=i",
            "OS_AUTH_TYPE=v3oidcpassword OS_USERNAME=u OS_PASSWORD=p",
            "OS_AUTH_TYPE=v3applicationcredential",
            "OS_TOKEN=t OS_PROJECT_ID=p OS_AGENCY_NAME=n OS_AGENCY_DOMAIN_NAME=m",
            "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_ID=p OS_AGENCY_NAME=n OS_AGENCY_DOMAIN_NAME=m",
        ] {
            let error = variables(line).file(CLOUDS, ONE).find().map(|found| told(&found)).unwrap_err();
            assert!(matches!(error, SettingsError::Unsupported { .. }), "{line}: {error}");
            assert!(error.to_string().contains("is not supported: "), "{error}");
        }
        // Beside credentials that are whole they do not matter.
        let env = variables(&format!("{KEY} HUAWEICLOUD_SDK_IDP_ID=i OS_AUTH_TYPE=v3kerberos"));
        assert_eq!(told(&env.find().unwrap()), "ak=a sk=s project_id=q");
    }

    #[test]
    fn a_token_without_a_project_names_the_missing_variable() {
        let token = Overrides { token: Some(Secret::new("t")), ..Overrides::default() };
        let text = resolve(&token, &Fake::default()).unwrap_err().to_string();
        let expected = "the token given is incomplete; set OS_PROJECT_ID";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_given_domain_completes_a_login_of_a_region() {
        const USER: &str = "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_NAME=d HW_PROJECT_NAME=x";
        for (line, expected) in [
            (
                "HW_CLOUD=hcso.customer.test HW_REGION_NAME=la-south-6001",
                Ok("https://iam.la-south-6001.hcso.customer.test/v3"),
            ),
            ("HW_CLOUD=hcso.test OS_REGION_NAME=r", Ok("https://iam.r.hcso.test/v3")),
            ("HW_CLOUD=hcso.test HW_REGION_NAME=r HW_AUTH_URL=https://iam.test", Ok("https://iam.test")),
            ("HW_CLOUD=hcso.test", Err("is incomplete; set HW_AUTH_URL")),
            ("HW_REGION_NAME=cn-north-4", Err("is incomplete; set HW_AUTH_URL")),
            (
                "HW_CLOUD=myhuaweicloud.com HW_REGION_NAME=cn-nort-4",
                Err("did you mean cn-north-4? (HW_REGION_NAME)"),
            ),
        ] {
            match (variables(&format!("{USER} {line}")).find(), expected) {
                (Ok(found), Ok(url)) => assert_eq!(found.auth_url.unwrap().value, url, "{line}"),
                (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{line}: {error}"),
                (found, _) => panic!("{line}: {found:?}"),
            }
        }
        for domain in ["https://hcso.test", "hcso.test/", "a b", "..", "me@hcso.test"] {
            let line =
                [("OS_TOKEN", "t"), ("OS_PROJECT_ID", "p"), ("OS_REGION_NAME", "r"), ("HW_CLOUD", domain)];
            let error = Fake::new(&line).find().unwrap().credentials().unwrap_err().to_string();
            assert!(error.contains("is not a domain") && error.ends_with("(HW_CLOUD)"), "{error}");
        }
    }

    #[test]
    fn a_carriage_return_or_another_control_character_is_named_and_never_sent() {
        let login = [
            ("OS_USERNAME", "u"),
            ("OS_PASSWORD", "w"),
            ("OS_USER_DOMAIN_NAME", "d"),
            ("OS_PROJECT_NAME", "x"),
            ("OS_PROJECT_DOMAIN_NAME", "d"),
            ("OS_PROJECT_ID", "p"),
            ("OS_REGION_NAME", "r"),
            ("OS_AUTH_URL", "https://iam"),
        ];
        assert!(Fake::new(&login).find().is_ok());
        for (name, value) in login {
            for (odd, problem) in [("\r", "ends with a carriage return"), ("\n", "ends with a line break")] {
                let odd_value = format!("{value}{odd}");
                let variables =
                    login.map(|(other, value)| (other, if other == name { &odd_value } else { value }));
                let error = Fake::new(&variables).find().map(|found| told(&found)).unwrap_err().to_string();
                assert!(error.starts_with(&format!("{name} {problem}; ")), "{error}");
            }
            let odd_value = format!("{value}\u{1b}[31m");
            let variables =
                login.map(|(other, value)| (other, if other == name { &odd_value } else { value }));
            let found = Fake::new(&variables).find();
            match name {
                // Whatever it is made of.
                "OS_PASSWORD" => assert!(found.is_ok()),
                _ => assert!(
                    found.unwrap_err().to_string().starts_with(&format!("{name} has a control character"))
                ),
            }
        }
        let region = Overrides { region: Some("eu-de\r".into()), ..Overrides::default() };
        let error = resolve(&region, &variables(TOKEN)).unwrap_err().to_string();
        assert!(error.starts_with("region given has a control character"), "{error}");
        // Tokens and keys are trimmed, as everywhere.
        let trimmed = Fake::new(&[("OS_AK", "a\r"), ("OS_SK", "s\r"), ("OS_PROJECT_ID", "p")]);
        assert!(trimmed.find().is_ok());
    }

    #[test]
    fn a_value_that_cannot_be_used_is_reported_with_its_place() {
        for (line, expected) in [
            ("OS_TOKEN=t OS_PROJECT_ID=../x", "(OS_PROJECT_ID)"),
            ("HW_AUTH_TOKEN=t HW_PROJECT_ID=a/b", "(HW_PROJECT_ID)"),
            (
                "OS_USER_ID=u OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=ftp://iam",
                "does not begin with https:// (OS_AUTH_URL)",
            ),
            ("OS_USER_ID=u OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=https://iam/v2.0", "(OS_AUTH_URL)"),
            ("OS_USER_ID=u OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=http://iam.test", "(OS_AUTH_URL)"),
            #[cfg(feature = "signing")]
            ("OS_AK=a,b OS_SK=s OS_PROJECT_ID=p", "(OS_AK)"),
            #[cfg(feature = "signing")]
            ("OS_AK=a OS_SK=\u{7f} OS_PROJECT_ID=p", "(OS_SK)"),
            #[cfg(feature = "signing")]
            ("OS_AK=a OS_SK=s OS_ST=\u{e9} OS_PROJECT_ID=p", "(OS_ST)"),
            ("OS_TOKEN=\u{e9} OS_PROJECT_ID=p", "(OS_TOKEN)"),
        ] {
            let error = variables(line).find().unwrap().credentials().map(|_| ()).unwrap_err().to_string();
            assert!(error.ends_with(expected), "{line}: {error}");
        }
        let given = Overrides { project_id: Some("a b".into()), ..Overrides::default() };
        let error = resolve(&given, &variables("OS_TOKEN=t")).unwrap().credentials().unwrap_err().to_string();
        assert!(
            error.starts_with("`a b` is not a project id") && error.ends_with("(project id given)"),
            "{error}"
        );
    }

    #[test]
    fn a_token_needs_no_project_where_iam_can_be_asked_for_it() {
        for (line, expected) in [
            ("OS_TOKEN=t OS_AUTH_URL=https://iam", Ok("token=t auth_url=https://iam")),
            ("OS_TOKEN=t OS_REGION_NAME=eu-de", Ok("token=t region=eu-de")),
            ("HW_AUTH_TOKEN=t OS_REGION_NAME=eu-de", Ok("token=t region=eu-de")),
            ("OS_TOKEN=t", Err("set OS_PROJECT_ID or OS_PROJECT_NAME")),
            (
                "HW_AUTH_TOKEN=t OS_REGION_NAME=eu-de OS_PROJECT_ID=p",
                Err("OS_PROJECT_ID is set, but sets of"),
            ),
        ] {
            match (variables(line).find(), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(told(&found), expected),
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
                (found, _) => panic!("{line}: {found:?}"),
            }
        }
    }
}
