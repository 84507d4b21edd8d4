//! `clouds.yaml` and its like, the files of OpenStack's tools: several clouds, one of which is chosen by its name.
//!
//! The first file of the current folder, the user's configuration folders and those of the system is used, and before all
//! the one that `OS_CLIENT_CONFIG_FILE` names. A `secure.yaml`, found in the same way, overrides its members. As with
//! openstacksdk, the variables `OS_*` are not merged into a chosen cloud; only `OS_REGION_NAME` chooses among its
//! regions. A `profile` is one of `clouds-public.yaml`, or one of the two that are built in. Unlike openstacksdk, a file
//! that cannot be read is an error, never a reason to take the next one.

#[cfg(feature = "yaml")]
mod cloud;
#[cfg(feature = "yaml")]
mod parse;
#[cfg(all(test, feature = "yaml"))]
mod tests;

use std::path::PathBuf;

#[cfg(feature = "yaml")]
pub(crate) use self::cloud::Clouds;
use super::env::{Environment, named_file, path, shown_file};
use super::error::{SettingsError, shown_path};
#[cfg(not(feature = "yaml"))]
use super::{key::Sourced, source::ConfigSource};
use crate::util::sanitize::escaped;

/// The clouds of a clouds file: in this build there can be none.
#[cfg(not(feature = "yaml"))]
#[derive(Debug)]
pub(crate) enum Clouds {}

#[cfg(not(feature = "yaml"))]
impl Clouds {
    /// Nothing if there is no clouds file.
    ///
    /// # Errors
    /// If there is one.
    pub(crate) fn read(env: &dyn Environment) -> Result<Option<Self>, SettingsError> {
        match first(env, Some("OS_CLIENT_CONFIG_FILE"), "clouds")? {
            Some((file, _)) => Err(SettingsError::NoYaml { file }),
            None => Ok(None),
        }
    }

    pub(crate) fn only(&self, _: Option<&Sourced<String>>) -> Result<Option<ConfigSource>, SettingsError> {
        match *self {}
    }

    pub(crate) fn named(&self, _: &str, _: Option<&Sourced<String>>) -> Result<ConfigSource, SettingsError> {
        match *self {}
    }
}

/// Why there is no clouds file for that cloud: where it was searched.
pub(crate) fn no_file(env: &dyn Environment, wanted: &str) -> SettingsError {
    let current = env.current_dir();
    let searched = folders(env)
        .iter()
        .map(|folder| shown_path(&folder.join("clouds.yaml"), env.home().as_deref(), current.as_deref()))
        .collect();
    SettingsError::NoCloudsFile { wanted: format!("the cloud `{}`", escaped(wanted, 200)), searched }
}

/// The first file of that name: its name as it is shown, and its text. It is the one that the variable names, or else
/// the one in the usual places.
fn first(
    env: &dyn Environment,
    by: Option<&str>,
    stem: &str,
) -> Result<Option<(String, String)>, SettingsError> {
    if let Some(path) = by.and_then(|by| path(env, by)) {
        return named_file(env, &path).map(Some);
    }
    for folder in folders(env) {
        for ending in ["yaml", "yml", "json"] {
            if let Some(found) = shown_file(env, &folder.join(format!("{stem}.{ending}")))? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// The folders of clouds files, the first of which counts.
fn folders(env: &dyn Environment) -> Vec<PathBuf> {
    let below = |variable: &str, names: &[&str]| {
        let folder = path(env, variable)?.value;
        folder.is_absolute().then(|| names.iter().fold(folder, |folder, name| folder.join(name)))
    };
    let mut folders = Vec::from_iter(env.current_dir());
    folders.extend(below("XDG_CONFIG_HOME", &["openstack"]));
    // Where openstacksdk searches on Windows.
    folders.extend(below("LOCALAPPDATA", &["openstack", "openstack"]));
    folders.extend(below("APPDATA", &["openstack"]));
    folders.extend(env.home().map(|home| home.join(".config").join("openstack")));
    folders.extend(below("PROGRAMDATA", &["openstack", "openstack"]));
    // On Windows this would be on the current drive, where any user may create folders.
    if !cfg!(windows) {
        folders.push(PathBuf::from("/etc/openstack"));
    }
    folders
}

#[cfg(all(test, not(feature = "yaml")))]
mod tests {
    use crate::config::env::fake::{Fake, told};

    #[test]
    fn without_the_feature_a_clouds_file_is_an_error_that_names_it() {
        for file in ["clouds.yaml", "clouds.yml", "clouds.json"] {
            for variables in [&[][..], &[("OS_CLOUD", "otc")]] {
                let env = Fake::new(variables).file(&format!("/srv/here/{file}"), "{\"clouds\": {}}");
                let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
                let expected = format!(
                    "{file} cannot be read by this build; use variables instead, or enable the feature `yaml`"
                );
                assert_eq!(error, expected);
            }
        }
        // Not where another source comes first.
        let env = Fake::new(&[("OS_TOKEN", "t"), ("OS_PROJECT_ID", "p")])
            .file("/srv/here/clouds.yaml", "clouds: {}");
        assert_eq!(told(&env.find().unwrap()), "token=t project_id=p");
    }
}
