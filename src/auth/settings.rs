//! Who asks and where, from what people already have: flags before a cloud chosen by its name, before the
//! environment, before the only cloud of a clouds file, before `~/.huaweicloud/credentials`.
//!
//! One source is taken whole. Within it a token comes before an access key before a password; what is there in half is
//! an error and never a reason to look further.

use std::path::PathBuf;

use super::clouds::{self, Clouds};
use super::environment::{self, Environment, variable};
use super::profile;
use super::set::{PROJECT_DOMAIN, Set, USER_DOMAIN, choose, same_project};
use super::settings_error::SettingsError;
use super::words::{Domain, Found, Key, Method};
use crate::credentials::Secret;

/// What was found: enough to make a client of, once the service is known.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) who: Who,
    /// The IAM, as written in the source. Always there for a password.
    pub(crate) auth_url: Option<Found<String>>,
    pub(crate) region: Option<Found<String>>,
    /// Always there for a token and for an access key.
    pub(crate) project_id: Option<Found<String>>,
    /// There with a password where the id is not, and sometimes beside it.
    pub(crate) project_name: Option<Found<String>>,
    pub(crate) project_domain: Option<Domain>,
    pub(crate) ca_cert: Option<Found<PathBuf>>,
    /// For people: `environment (OS_*)`, `clouds.yaml, cloud otc`, `~/.huaweicloud/credentials`.
    pub(crate) source: String,
    endpoints: Vec<(String, Found<String>)>,
}

impl Settings {
    /// The endpoint that was given for this service, in lower case as in `ecs`: the environment's, or else the file's.
    pub(crate) fn endpoint(&self, service: &str) -> Option<&Found<String>> {
        self.endpoints.iter().find(|(name, _)| name == service).map(|(_, found)| found)
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// No source says anything.
    Nobody,
    Token(Found<Secret>),
    AccessKey {
        access_key: Found<String>,
        secret_key: Found<Secret>,
        security_token: Option<Found<Secret>>,
    },
    Password(Box<PasswordLogin>),
}

/// A login by password.
#[derive(Clone, Debug)]
pub(crate) struct PasswordLogin {
    pub(crate) user: User,
    pub(crate) password: Found<Secret>,
    /// The number of a second factor.
    pub(crate) passcode: Option<Found<Secret>>,
    pub(crate) agency: Option<Agency>,
}

/// A user, by the id if it is given.
#[derive(Clone, Debug)]
pub(crate) enum User {
    Id(Found<String>),
    Name { name: Found<String>, domain: Domain },
}

/// An agency to be taken on after the login. The project of the settings is then the one it is taken on for.
#[derive(Clone, Debug)]
pub(crate) struct Agency {
    pub(crate) name: Found<String>,
    /// The name of the domain that delegated.
    pub(crate) domain_name: Found<String>,
}

/// What was said outright, by flags or by a program; it beats all sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Explicit {
    pub(crate) cloud: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) token: Option<Secret>,
    pub(crate) ca_cert: Option<PathBuf>,
}

/// Finds out who asks and where. With no source at all, [`Who::Nobody`].
///
/// # Errors
/// If what is there is incomplete, contradictory, unreadable or not supported.
pub(crate) fn find(explicit: &Explicit, env: &dyn Environment) -> Result<Settings, SettingsError> {
    environment::refuse_insecure(env)?;
    let by_name = explicit.cloud.clone().or_else(|| variable(env, "OS_CLOUD").map(|found| found.value));
    let knows_project = explicit.project_id.is_some();
    if let Some(name) = by_name {
        let clouds = Clouds::read(env)?.ok_or_else(|| clouds::no_file(env, &name))?;
        return from_file(explicit, env, clouds.named(&name)?, true);
    }
    let sets = environment::sets(env)?;
    if explicit.token.is_none()
        && let Some((set, method)) = choose(&sets, knows_project)?
    {
        return build(explicit, env, Some(set), Some(method), false);
    }
    let places = [Key::ProjectId, Key::ProjectName, Key::AuthUrl];
    let place = sets.iter().find(|set| places.iter().any(|key| set.has(*key)));
    let enough = knows_project && explicit.region.is_some();
    if explicit.token.is_some() && !knows_project {
        same_project(&sets)?;
    }
    if explicit.token.is_some() && (place.is_some() || enough) {
        return build(explicit, env, place, None, false);
    }
    match file(env)? {
        Some((set, is_cloud)) => from_file(explicit, env, set, is_cloud),
        None => build(explicit, env, place, None, false),
    }
}

/// The source to take when nobody chose one, and whether it is a cloud of a clouds file.
fn file(env: &dyn Environment) -> Result<Option<(Set, bool)>, SettingsError> {
    if let Some(set) = profile::named(env)? {
        return Ok(Some((set, false)));
    }
    let only = Clouds::read(env)?.map_or(Ok(None), |clouds| clouds.only());
    if let Ok(Some(set)) = only {
        return Ok(Some((set, true)));
    }
    if !matches!(only, Ok(None) | Err(SettingsError::ManyClouds { .. })) {
        return only.map(|set| set.map(|set| (set, true)));
    }
    match (profile::usual(env)?, only) {
        (Some(set), _) => Ok(Some((set, false))),
        (None, Err(many)) => Err(many),
        (None, Ok(_)) => Ok(None),
    }
}

fn from_file(
    explicit: &Explicit,
    env: &dyn Environment,
    set: Set,
    is_cloud: bool,
) -> Result<Settings, SettingsError> {
    if explicit.token.is_some() {
        return build(explicit, env, Some(&set), None, is_cloud);
    }
    let sets = [set];
    match choose(&sets, explicit.project_id.is_some())? {
        Some((set, method)) => build(explicit, env, Some(set), Some(method), is_cloud),
        None => Err(SettingsError::NoOne {
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
    explicit: &Explicit,
    env: &dyn Environment,
    set: Option<&Set>,
    method: Option<Method>,
    is_cloud: bool,
) -> Result<Settings, SettingsError> {
    let text = |key| set.and_then(|set| set.text(key));
    let who = match (&explicit.token, set, method) {
        (Some(token), ..) => Who::Token(Found::new(token.clone(), "--token-file")),
        (None, Some(set), Some(method)) => who(set, method),
        _ => Who::Nobody,
    };
    let delegated = match &who {
        Who::Password(login) => {
            login.agency.as_ref().and_then(|agency| Some((agency, text(Key::DelegatedProject)?)))
        }
        _ => None,
    };
    let (id, name, domain) = match delegated {
        Some((agency, project)) => (None, Some(project), Some(Domain::Name(agency.domain_name.clone()))),
        None => {
            let domain = set.and_then(|set| set.domain(&PROJECT_DOMAIN));
            (text(Key::ProjectId), text(Key::ProjectName), domain)
        }
    };
    let vendor = set.and_then(Set::vendor);
    let region = match (&explicit.region, text(Key::Region)) {
        (Some(region), _) => Some(Found::new(region.clone(), "--region")),
        (None, Some(region)) => Some(region),
        (None, None) => {
            environment::region(env)?.or_else(|| name.as_ref().and_then(region_of_project)).or_else(|| {
                text(Key::Vendor)
                    .zip(vendor)
                    .map(|(found, vendor)| Found::new(vendor.region().into(), found.source))
            })
        }
    };
    let auth_url = text(Key::AuthUrl).or_else(|| {
        let url = vendor?.auth_url(region.as_ref().map(|region| region.value.as_str()));
        Some(Found::new(url.to_owned(), text(Key::Vendor)?.source))
    });
    let (project_id, project_name, project_domain) = match &explicit.project_id {
        Some(id) => (Some(Found::new(id.clone(), "--project-id")), None, None),
        None => (id, name, domain),
    };
    if let (Who::Token(token), None) = (&who, &project_id) {
        return Err(SettingsError::Incomplete {
            method: "token",
            held: vec![token.source.clone()],
            missing: vec!["the id of its project, with --project-id or OS_PROJECT_ID".to_owned()],
            elsewhere: Vec::new(),
        });
    }
    let ca_cert = match &explicit.ca_cert {
        Some(path) => Some(Found::new(path.clone(), "--ca-cert")),
        None if is_cloud => text(Key::CaCert).map(|found| path(env, found)),
        None => environment::ca_cert(env)?.map(|found| path(env, found)),
    };
    let mut endpoints =
        region.as_ref().map_or_else(Vec::new, |region| environment::endpoints(env, &region.value));
    endpoints.extend(set.iter().flat_map(|set| set.endpoints.iter().cloned()));
    let label = set.map(|set| set.label.clone());
    let source = match (&explicit.token, label) {
        (Some(_), Some(label)) => format!("--token-file, and {label}"),
        (Some(_), None) => "--token-file".to_owned(),
        (None, label) => label.unwrap_or_default(),
    };
    Ok(Settings {
        who,
        auth_url,
        region,
        project_id,
        project_name,
        project_domain,
        ca_cert,
        source,
        endpoints,
    })
}

/// Who asks by a method that the set holds in full.
fn who(set: &Set, method: Method) -> Who {
    let whole = || match method {
        Method::Token => Some(Who::Token(set.secret(Key::Token)?)),
        Method::AccessKey => Some(Who::AccessKey {
            access_key: set.text(Key::AccessKey)?,
            secret_key: set.secret(Key::SecretKey)?,
            security_token: set.secret(Key::SecurityToken),
        }),
        Method::Password => Some(Who::Password(Box::new(PasswordLogin {
            user: match set.text(Key::UserId) {
                Some(id) => User::Id(id),
                None => User::Name { name: set.text(Key::UserName)?, domain: set.domain(&USER_DOMAIN)? },
            },
            password: set.secret(Key::Password)?,
            passcode: set.secret(Key::Passcode),
            agency: set
                .text(Key::AgencyName)
                .zip(set.text(Key::AgencyDomainName))
                .map(|(name, domain_name)| Agency { name, domain_name }),
        }))),
    };
    whole().unwrap_or(Who::Nobody)
}

/// The beginning of a project's name up to its `_`, if it looks like a region: `eu-de` of `eu-de_shop`.
fn region_of_project(name: &Found<String>) -> Option<Found<String>> {
    let region = name.value.split('_').next()?;
    let (country, rest) = region.split_once('-')?;
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (country.len() == 2 && plain(country) && rest.split('-').all(plain))
        .then(|| Found::new(region.to_owned(), name.source.clone()))
}

fn path(env: &dyn Environment, found: Found<String>) -> Found<PathBuf> {
    let below_home = found.value.strip_prefix("~/").and_then(|rest| Some(env.home()?.join(rest)));
    Found::new(below_home.unwrap_or_else(|| PathBuf::from(&found.value)), found.source)
}
