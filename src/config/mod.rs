//! Credentials, project, region and endpoints from what people already have: what a program gives, a cloud chosen by
//! its name, the environment, the only cloud of a clouds file, `~/.huaweicloud/credentials`.
//!
//! The first source that is present is used, and never mixed with another. Within it a token comes before an access
//! key, and that before a password. What is present in part is an error and never a reason to search further.

mod build;
pub(crate) mod choose;
pub(crate) mod clouds_yaml;
pub(crate) mod credentials_file;
pub(crate) mod endpoints;
pub(crate) mod env;
pub(crate) mod error;
pub(crate) mod key;
pub(crate) mod overrides;
pub(crate) mod settings;
pub(crate) mod source;
#[cfg(test)]
mod tests;

use self::build::build;
use self::choose::{Known, choose, same_project};
use self::clouds_yaml::Clouds;
use self::env::{Environment, families, refused, variable};
use self::error::SettingsError;
use self::key::{AuthType, Key, Sourced};
#[cfg(feature = "cli")]
pub(crate) use self::overrides::OverrideNames;
pub(crate) use self::overrides::Overrides;
pub(crate) use self::settings::{AuthMethod, Settings};
use self::source::{ConfigSource, SourceKind};

/// Finds the settings. With no source at all, [`AuthMethod::None`].
///
/// # Errors
/// If what is present is incomplete, contradictory, unreadable or not supported.
pub(crate) fn resolve(explicit: &Overrides, env: &dyn Environment) -> Result<Settings, SettingsError> {
    refused::insecure(env)?;
    let by_name = match &explicit.cloud {
        Some(name) => Some(name.clone()),
        None => variable(env, "OS_CLOUD")?.map(check_name).transpose()?,
    };
    let region = region_of_cloud(explicit, env)?;
    if let Some(name) = by_name {
        let clouds = Clouds::read(env)?.ok_or_else(|| clouds_yaml::no_file(env, &name))?;
        let set = clouds.named(&name, region.as_ref())?;
        // As with openstacksdk, variables are not compared with it.
        return from_file(explicit, env, &set, &[]);
    }
    refused::client_certificate(env)?;
    if explicit.token.is_some() {
        return place_of_token(explicit, env, region.as_ref());
    }
    let sets = families::sets(env, |_| true)?;
    refused::other_principal(env)?;
    if let Some((set, method)) = choose(&sets, &[], known(explicit, env)?)? {
        return build(explicit, env, Some(set), Some(method), &sets);
    }
    match file(env, region.as_ref())? {
        Some(set) => from_file(explicit, env, &set, &sets),
        None => build(explicit, env, place(&sets), None, &sets),
    }
}

/// # Errors
/// If no name can end like that.
fn check_name(found: Sourced<String>) -> Result<String, SettingsError> {
    match source::problem_of(&found.value) {
        Some(problem) => Err(SettingsError::Invalid { source: found.source, problem: problem.to_owned() }),
        None => Ok(found.value),
    }
}

/// The settings around a token that a program gives. Credentials are not even read.
fn place_of_token(
    explicit: &Overrides,
    env: &dyn Environment,
    region: Option<&Sourced<String>>,
) -> Result<Settings, SettingsError> {
    let sets = families::sets(env, |key| !AuthType::ALL.iter().any(|method| method.keys().contains(&key)))?;
    let known = known(explicit, env)?;
    if !known.project {
        same_project(&sets)?;
    }
    let place = place(&sets);
    let is_enough = known.project && (known.region || explicit.endpoint.is_some());
    if place.is_some() || is_enough {
        return build(explicit, env, place, None, &sets);
    }
    match file(env, region)? {
        Some(set) => build(explicit, env, Some(&set), None, &sets),
        None => build(explicit, env, None, None, &sets),
    }
}

/// The family that names the project, else the one that names IAM.
fn place(sets: &[ConfigSource]) -> Option<&ConfigSource> {
    let with = |keys: &[Key]| sets.iter().find(|set| keys.iter().any(|key| set.has(*key)));
    with(&[Key::ProjectId, Key::ProjectName]).or_else(|| with(&[Key::AuthUrl]))
}

/// What no source needs to say. If the environment contradicts itself about the region, that is reported where the
/// region is used.
fn known(explicit: &Overrides, env: &dyn Environment) -> Result<Known, SettingsError> {
    Ok(Known {
        project: explicit.project_id.is_some(),
        region: explicit.region.is_some() || !matches!(families::region(env), Ok(None)),
        region_given: explicit.region.is_some(),
        domain: families::domain(env)?.is_some(),
    })
}

/// What chooses among the regions of a cloud in a clouds file.
fn region_of_cloud(
    explicit: &Overrides,
    env: &dyn Environment,
) -> Result<Option<Sourced<String>>, SettingsError> {
    explicit.region().map_or_else(|| variable(env, "OS_REGION_NAME"), |region| Ok(Some(region)))
}

/// The source to use if none was chosen.
fn file(
    env: &dyn Environment,
    region: Option<&Sourced<String>>,
) -> Result<Option<ConfigSource>, SettingsError> {
    if let Some(set) = credentials_file::named(env)? {
        return Ok(Some(set));
    }
    let only = Clouds::read(env)?.map_or(Ok(None), |clouds| clouds.only(region));
    match only {
        Ok(Some(set)) => return Ok(Some(set)),
        Ok(None) => {}
        #[cfg(feature = "yaml")]
        Err(SettingsError::ManyClouds { .. }) => {}
        Err(error) => return Err(error),
    }
    match (credentials_file::usual(env)?, only) {
        (Some(set), _) => Ok(Some(set)),
        // Several clouds, none of which was chosen.
        (None, Err(error)) => Err(error),
        (None, Ok(_)) => Ok(None),
    }
}

/// The settings of a file, beside variables that have no credentials.
fn from_file(
    explicit: &Overrides,
    env: &dyn Environment,
    set: &ConfigSource,
    beside: &[ConfigSource],
) -> Result<Settings, SettingsError> {
    if explicit.token.is_some() {
        return build(explicit, env, Some(set), None, beside);
    }
    match choose(std::slice::from_ref(set), beside, known(explicit, env)?)? {
        Some((set, method)) => build(explicit, env, Some(set), Some(method), beside),
        None => Err(SettingsError::NoCredentials {
            label: set.label.clone(),
            options: match set.kind {
                SourceKind::CredentialsFile => "give ak and sk in its section [basic]",
                _ => "give auth.token, auth.ak and auth.sk, or auth.username and auth.password",
            },
        }),
    }
}
