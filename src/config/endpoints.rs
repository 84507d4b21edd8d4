//! Endpoints of single services in a region: the variables `HUAWEICLOUD_SDK_REGION_*`, and `~/.huaweicloud/regions.yaml`
//! as Huawei's SDKs read it.

use super::env::{self, Environment, variable};
use super::error::SettingsError;
use super::key::Sourced;

/// Endpoints by the names of services.
pub(crate) type Endpoints = Vec<(String, Sourced<String>)>;

/// All endpoints of a region: those of variables, those of the chosen cloud, and those of the regions file.
///
/// # Errors
/// If a variable is not UTF-8, or the regions file cannot be read.
pub(crate) fn of_region(
    env: &dyn Environment,
    region: &str,
    of_cloud: Endpoints,
) -> Result<Endpoints, SettingsError> {
    let mut endpoints = of_variables(env, region)?;
    endpoints.extend(of_cloud);
    endpoints.extend(regions_file::read(env, region)?);
    Ok(endpoints)
}

/// Whether a service is meant: its name may be written without the hyphen (`sfsturbo`), as the SDKs do.
pub(crate) fn is_name_of(name: &str, service: &str) -> bool {
    let bare = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    bare(name) == bare(service)
}

/// The endpoints given for single services of a region: `HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}`, whose value is
/// one URL or several with commas between them. The first one is used.
///
/// # Errors
/// If one of them is not UTF-8.
fn of_variables(
    env: &dyn Environment,
    region: &str,
) -> Result<Vec<(String, Sourced<String>)>, SettingsError> {
    let ending = format!("_{}", region.replace('-', "_").to_ascii_uppercase());
    let mut names = env.names();
    names.sort_unstable();
    let mut endpoints = Vec::new();
    for name in names {
        let service =
            name.strip_prefix("HUAWEICLOUD_SDK_REGION_").and_then(|rest| rest.strip_suffix(&ending));
        let Some(service) = service.filter(|service| !service.is_empty()) else { continue };
        let Some(found) = variable(env, &name)? else { continue };
        if let Some(url) = found.value.split(',').map(str::trim).find(|url| !url.is_empty()) {
            endpoints.push((service.to_owned(), Sourced::new(url.to_owned(), found.source)));
        }
    }
    Ok(endpoints)
}

#[cfg(feature = "yaml")]
mod regions_file {
    use std::collections::BTreeMap;

    use super::{Endpoints, file};
    use crate::config::env::Environment;
    use crate::config::error::SettingsError;
    use crate::config::key::Sourced;
    use crate::util::sanitize::escaped;

    /// The regions of a service.
    type Regions = Option<Vec<Region>>;

    #[derive(serde::Deserialize)]
    struct Region {
        id: String,
        endpoint: Option<String>,
        #[serde(default)]
        endpoints: Option<Vec<String>>,
    }

    /// The endpoints that the regions file has for a region.
    ///
    /// # Errors
    /// If it cannot be read, or is not in its format.
    pub(super) fn read(env: &dyn Environment, region: &str) -> Result<Endpoints, SettingsError> {
        let Some((file, text)) = file(env)? else { return Ok(Vec::new()) };
        let options = serde_saphyr::options! { with_snippet: false };
        let services: Option<BTreeMap<String, Regions>> = serde_saphyr::from_str_with_options(&text, options)
            .map_err(|error| SettingsError::Malformed {
                file: file.clone(),
                line: error.location().map(|at| at.line()).filter(|line| *line > 0),
                problem: "it does not have the form of a regions file: SERVICE: [{id, endpoint}]",
            })?;
        let mut found = Vec::new();
        for (service, regions) in services.unwrap_or_default() {
            for entry in regions.unwrap_or_default() {
                // The same order as in the SDK.
                let url = entry.endpoints.into_iter().flatten().chain(entry.endpoint).next();
                let source = format!("{file}:{}:{}", escaped(&service, 60), escaped(&entry.id, 60));
                let Some(url) = url.filter(|url| !url.trim().is_empty()) else {
                    let problem = "has no endpoint".to_owned();
                    return Err(SettingsError::Invalid { source, problem });
                };
                if entry.id == region {
                    found.push((service.clone(), Sourced::new(url.trim().to_owned(), source)));
                }
            }
        }
        Ok(found)
    }
}

#[cfg(not(feature = "yaml"))]
mod regions_file {
    use super::{Endpoints, file};
    use crate::config::env::Environment;
    use crate::config::error::SettingsError;

    /// # Errors
    /// If there is a regions file.
    pub(super) fn read(env: &dyn Environment, _: &str) -> Result<Endpoints, SettingsError> {
        match file(env)? {
            Some((file, _)) => Err(SettingsError::NoYaml { file }),
            None => Ok(Vec::new()),
        }
    }
}

/// The regions file: its name as it is shown, and its text.
fn file(env: &dyn Environment) -> Result<Option<(String, String)>, SettingsError> {
    if let Some(path) = env::path(env, "HUAWEICLOUD_SDK_REGIONS_FILE") {
        return env::named_file(env, &path).map(Some);
    }
    let Some(home) = env.home() else { return Ok(None) };
    env::shown_file(env, &home.join(".huaweicloud").join("regions.yaml"))
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use crate::config::env::fake::{Fake, slashes, told, variables};
    use crate::config::{Overrides, resolve};

    const USUAL: &str = "/home/me/.huaweicloud/regions.yaml";
    const TOKEN: &str = "OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=cn-north-4";

    /// The endpoint that is found for a service, and its place.
    fn endpoint(env: &Fake, service: &str) -> Option<(String, String)> {
        let settings = env.find().unwrap_or_else(|error| panic!("{error}"));
        settings.endpoint(service).map(|found| (found.value.clone(), slashes(&found.source)))
    }

    #[test]
    fn the_regions_file_is_read_like_the_sdk_does() {
        let text = "
ECS:
- id: cn-north-4
  endpoint: https://ecs.example
- id: eu-de
  endpoint: https://elsewhere.example
Evs:
- {id: cn-north-4, endpoints: [https://one.example, https://two.example], endpoint: https://three.example}
SFSTurbo:
- id: cn-north-4
  endpoints: ['https://turbo.example']
  more: [1]
EIP:
RDS: []
";
        let env = variables(TOKEN).file(USUAL, text);
        let found = |service| endpoint(&env, service);
        let place = |service: &str| format!("~/.huaweicloud/regions.yaml:{service}:cn-north-4");
        assert_eq!(found("ecs"), Some(("https://ecs.example".into(), place("ECS"))));
        assert_eq!(found("evs"), Some(("https://one.example".into(), place("Evs"))));
        assert_eq!(found("sfs-turbo"), Some(("https://turbo.example".into(), place("SFSTurbo"))));
        assert_eq!([found("eip"), found("rds"), found("ims")], [const { None }; 3]);

        // A variable comes before it, and so does the cloud that was chosen.
        let line = format!("{TOKEN} HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4=https://variable.example");
        let env = variables(&line).file(USUAL, text);
        assert_eq!(endpoint(&env, "ecs").unwrap().0, "https://variable.example");
        let cloud = r#"{"clouds": {"one": {"ecs_endpoint_override": "https://cloud.example", "region_name": "cn-north-4",
            "auth": {"token": "t", "project_id": "p"}}}}"#;
        let env = Fake::default().file(USUAL, text).file("/srv/here/clouds.json", cloud);
        assert_eq!(endpoint(&env, "ecs").unwrap().0, "https://cloud.example");
        assert_eq!(endpoint(&env, "evs").unwrap().0, "https://one.example");
    }

    #[test]
    fn the_variable_overrides_the_default_regions_file() {
        let line = format!("{TOKEN} HUAWEICLOUD_SDK_REGIONS_FILE=~/mine.yaml");
        let usual = "ECS: [{id: cn-north-4, endpoint: https://usual.example}]";
        let env = variables(&line).file(USUAL, usual);
        let error = slashes(&env.find().map(|found| told(&found)).unwrap_err().to_string());
        let expected = "/home/me/mine.yaml cannot be read: the file that HUAWEICLOUD_SDK_REGIONS_FILE names does not exist";
        assert_eq!(error, expected);
        let env = env.file("/home/me/mine.yaml", "ECS: [{id: cn-north-4, endpoint: https://mine.example}]");
        assert_eq!(endpoint(&env, "ecs").unwrap().0, "https://mine.example");
    }

    #[test]
    fn an_invalid_regions_file_is_an_error_unless_the_endpoint_is_given() {
        for (text, expected) in [
            ("ECS: [{id: cn-north-4, endpoint: ", "is invalid at line 1: it does not have the form"),
            ("ECS:\n- endpoint: https://e.example", "is invalid at line 2: it does not have the form"),
            ("ECS: https://e.example", "is invalid at line 1: it does not have the form"),
            ("- ECS", "is invalid at line 1: it does not have the form"),
            ("ECS: [{id: cn-north-4}]", ":ECS:cn-north-4 has no endpoint"),
            ("ECS: [{id: cn-north-4, endpoint: ' '}]", ":ECS:cn-north-4 has no endpoint"),
        ] {
            let env = variables(TOKEN).file(USUAL, text);
            let error = slashes(&env.find().map(|found| told(&found)).unwrap_err().to_string());
            assert!(
                error.starts_with(&format!(
                    "~/.huaweicloud/regions.yaml{}",
                    if expected.starts_with(':') { "" } else { " " }
                )),
                "{error}"
            );
            assert!(error.contains(expected), "{text}: {error}");
            // It is not needed if the endpoint is given.
            let given = Overrides { endpoint: Some("https://given.example".into()), ..Overrides::default() };
            assert!(resolve(&given, &env).is_ok());
        }
        assert_eq!(endpoint(&variables(TOKEN).file(USUAL, ""), "ecs"), None);
    }
}

#[cfg(all(test, not(feature = "yaml")))]
mod tests {
    use crate::config::env::fake::{slashes, told, variables};

    #[test]
    fn without_the_feature_a_regions_file_is_an_error_that_names_it() {
        let env = variables("OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=eu-de")
            .file("/home/me/.huaweicloud/regions.yaml", "");
        let error = slashes(&env.find().map(|found| told(&found)).unwrap_err().to_string());
        assert!(error.starts_with("~/.huaweicloud/regions.yaml cannot be read by this build"), "{error}");
    }
}
