//! The environment: the variables that the tools of these clouds already read, one set for each family of names.
//!
//! A family is complete in itself or it is an error; `OS_ACCESS_KEY` is never combined with `HW_SECRET_KEY`. Only the
//! region, the domain of the cloud and the CA file, which do not authenticate, are taken from any of them.
//!
//! Left out on purpose: `AWS_ACCESS_KEY_ID`, `AWS_ACCESS_SECRET_KEY` and `S3_*`, which some tools for these clouds
//! also read. They usually hold the key of another cloud, which must not be sent to this one.
#![expect(clippy::disallowed_methods, reason = "the only reader of variables and settings files")]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::error::SettingsError;
use super::key::{Key, KeyNames, Sourced};
use super::source::ConfigSource;
use crate::util::sanitize::escaped;
use crate::util::secret::Secret;

/// All that is read from the machine: variables, and small files.
pub(crate) trait Environment {
    /// The value of a variable, also an empty one.
    fn variable(&self, name: &str) -> Option<OsString>;

    /// The names of all variables.
    fn names(&self) -> Vec<String>;

    /// The bytes of a file; nothing if there is none.
    ///
    /// # Errors
    /// If there is one that cannot be read.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// The user's folder.
    fn home(&self) -> Option<PathBuf>;

    /// The folder that relative paths are based on.
    fn current_dir(&self) -> Option<PathBuf>;
}

/// The variables and files of this process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Process;

impl Environment for Process {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let length = match fs::metadata(path) {
            Ok(about) => about.len(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if length > MAX_FILE_SIZE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read(path).map(Some)
    }

    fn home(&self) -> Option<PathBuf> {
        std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
    }

    fn current_dir(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }
}

/// A variable that is set and not empty.
///
/// # Errors
/// If it is not UTF-8.
pub(crate) fn variable(env: &dyn Environment, name: &str) -> Result<Option<Sourced<String>>, SettingsError> {
    let Some(value) = env.variable(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    match value.into_string() {
        Ok(value) => Ok(Some(Sourced::new(value, name))),
        Err(_) => Err(SettingsError::NotUtf8 { name: escaped(name, 200) }),
    }
}

/// A variable that names a file or a folder, as the system has it.
pub(crate) fn path(env: &dyn Environment, name: &str) -> Option<Sourced<PathBuf>> {
    let value = env.variable(name).filter(|value| !value.is_empty())?;
    Some(Sourced::new(below_home(env, &value), name))
}

/// A path, with `~/` at its start replaced by the home folder.
pub(crate) fn below_home(env: &dyn Environment, path: &OsStr) -> PathBuf {
    let path = Path::new(path);
    let rest = path.strip_prefix("~").ok().filter(|rest| !rest.as_os_str().is_empty());
    rest.and_then(|rest| Some(env.home()?.join(rest))).unwrap_or_else(|| path.to_owned())
}

/// The text of a file; nothing if there is none. `file` is its name in the error.
///
/// # Errors
/// If it cannot be read or is not UTF-8.
pub(crate) fn text_file(
    env: &dyn Environment,
    path: &Path,
    file: &str,
) -> Result<Option<String>, SettingsError> {
    let unreadable = |problem: String| SettingsError::Unreadable { file: file.to_owned(), problem };
    let Some(bytes) = env.read(path).map_err(|error| unreadable(error.kind().to_string()))? else {
        return Ok(None);
    };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(unreadable("it is UTF-16; write it as UTF-8".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

/// What the variables say, one set for each family.
///
/// # Errors
/// If two names of one family that mean the same thing differ, or a value cannot be one.
pub(crate) fn sets(env: &dyn Environment) -> Result<Vec<ConfigSource>, SettingsError> {
    FAMILIES
        .iter()
        .map(|(prefix, rows)| {
            ConfigSource::collect(format!("environment ({prefix}*)"), "", rows, &|name| secret(env, name))
        })
        .collect()
}

/// The region of the environment: that of the first family that has one.
///
/// # Errors
/// If two names of one family differ.
pub(crate) fn region(env: &dyn Environment) -> Result<Option<Sourced<String>>, SettingsError> {
    Ok(ConfigSource::collect("", "", REGION, &|name| secret(env, name))?.text(Key::Region))
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

/// # Errors
/// If a variable switches off the check of certificates.
pub(crate) fn refuse_insecure(env: &dyn Environment) -> Result<(), SettingsError> {
    for name in ["OS_INSECURE", "HW_INSECURE"] {
        if let Some(found) = variable(env, name)?.filter(|found| is_true(&found.value)) {
            return Err(SettingsError::Insecure { source: found.source });
        }
    }
    Ok(())
}

/// # Errors
/// If a variable names a client certificate.
pub(crate) fn refuse_client_certificate(env: &dyn Environment) -> Result<(), SettingsError> {
    let set = |name: &&&str| env.variable(name).is_some_and(|value| !value.is_empty());
    match ["OS_CERT", "OS_KEY"].iter().find(set) {
        Some(name) => {
            let what = "there are no client certificates here; unset it";
            Err(SettingsError::Unsupported { source: (*name).to_owned(), what })
        }
        None => Ok(()),
    }
}

/// The variables `HW_ASSUME_ROLE_*` count for `OS_*` too in the tool that has them.
///
/// # Errors
/// If they name a role, and the credentials are of `OS_*`.
pub(crate) fn refuse_role_of_another(
    sets: &[ConfigSource],
    chosen: &ConfigSource,
) -> Result<(), SettingsError> {
    let label = |prefix: &str| format!("environment ({prefix}*)");
    let role = sets.iter().find(|set| set.label == label("HW_")).and_then(|set| set.text(Key::AgencyName));
    match role {
        Some(role) if chosen.label == label("OS_") => Err(SettingsError::Unsupported {
            source: role.source,
            what: "the role is assumed with credentials of HW_* only; set those or unset it",
        }),
        _ => Ok(()),
    }
}

/// # Errors
/// If a variable is set that makes other tools authenticate as somebody else than this crate would.
pub(crate) fn refuse_unsupported(env: &dyn Environment) -> Result<(), SettingsError> {
    let mut names = env.names();
    names.sort_unstable();
    for name in names {
        let refused = REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, what)| *what);
        let is_unknown_role = name.starts_with(ROLE) && !KNOWN_ROLE.contains(&name.as_str());
        let what = refused
            .or_else(|| is_unknown_role.then_some("this part of an assumed role is not known; unset it"));
        if let (Some(what), Some(_)) = (what, env.variable(&name).filter(|value| !value.is_empty())) {
            return Err(SettingsError::Unsupported { source: escaped(&name, 200), what });
        }
    }
    Ok(())
}

/// The endpoints given for single services of a region: `HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}`, whose value is
/// one URL or several with commas between them. The first one is used.
///
/// # Errors
/// If one of them is not UTF-8.
pub(crate) fn endpoints(
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
            endpoints.push((
                service.to_ascii_lowercase().replace('_', "-"),
                Sourced::new(url.to_owned(), found.source),
            ));
        }
    }
    Ok(endpoints)
}

/// Whether the text means yes, in one of the spellings that the tools of these clouds take.
pub(crate) fn is_true(text: &str) -> bool {
    ["1", "t", "true", "y", "yes", "on"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

fn secret(env: &dyn Environment, name: &str) -> Result<Option<Sourced<Secret>>, SettingsError> {
    Ok(variable(env, name)?.map(|found| Sourced::new(Secret::new(found.value), found.source)))
}

/// A settings file has a page or two; a larger one is something else.
const MAX_FILE_SIZE: u64 = 1 << 20;

/// The order of the regions does not depend on whose credentials are used.
const REGION: &[KeyNames] = &[
    (Key::Region, &["OS_REGION_NAME", "OS_REGION", "OS_REGION_ID"]),
    (Key::Region, &["HW_REGION_NAME"]),
    (Key::Region, &["OTC_SDK_REGION"]),
];

/// Variables of other tools that change whose credentials those tools use.
const REFUSED: &[(&str, &str)] = &[("HW_PROFILE", KOO_CLI), ("HW_SHARED_CONFIG_FILE", KOO_CLI)];

const KOO_CLI: &str =
    "the configuration of KooCLI is not read; unset it and set HW_ACCESS_KEY and HW_SECRET_KEY";

const ROLE: &str = "HW_ASSUME_ROLE_";

/// How long the role lasts (`_DURATION`) is the service's to say for a login.
const KNOWN_ROLE: [&str; 4] = [
    "HW_ASSUME_ROLE_AGENCY_NAME",
    "HW_ASSUME_ROLE_DOMAIN_NAME",
    "HW_ASSUME_ROLE_DOMAIN_ID",
    "HW_ASSUME_ROLE_DURATION",
];

/// The families. Where several say the same, the first one is used.
const FAMILIES: [(&str, &[KeyNames]); 4] = [
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

/// An environment made of tables, for the tests of everything that reads one.
#[cfg(test)]
pub(crate) mod fake {
    use std::collections::BTreeMap;
    use std::path::MAIN_SEPARATOR;

    use super::*;
    use crate::auth::{LoginMethod, NameOrId, Scope, User};
    use crate::config::error::SettingsError;
    use crate::config::{AuthMethod, Overrides, Settings, resolve};

    /// Variables and files. The home is `/home/me`, the current folder `/srv/here`.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Fake {
        pub(crate) variables: BTreeMap<String, OsString>,
        pub(crate) files: BTreeMap<PathBuf, String>,
    }

    impl Fake {
        pub(crate) fn new(variables: &[(&str, &str)]) -> Self {
            let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            Self { variables, files: BTreeMap::new() }
        }

        #[cfg(unix)]
        pub(crate) fn bytes(mut self, name: &str, value: &[u8]) -> Self {
            use std::os::unix::ffi::OsStrExt;

            self.variables.insert(name.into(), OsStr::from_bytes(value).to_owned());
            self
        }

        pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
            self.files.insert(path.into(), text.into());
            self
        }

        pub(crate) fn find(&self) -> Result<Settings, SettingsError> {
            resolve(&Overrides::default(), self)
        }
    }

    impl Environment for Fake {
        fn variable(&self, name: &str) -> Option<OsString> {
            self.variables.get(name).cloned()
        }

        fn names(&self) -> Vec<String> {
            self.variables.keys().cloned().collect()
        }

        fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
            match self.files.get(path) {
                Some(text) if text == FORBIDDEN => Err(io::ErrorKind::PermissionDenied.into()),
                text => Ok(text.map(|text| text.clone().into_bytes())),
            }
        }

        fn home(&self) -> Option<PathBuf> {
            Some("/home/me".into())
        }

        fn current_dir(&self) -> Option<PathBuf> {
            Some("/srv/here".into())
        }
    }

    /// The text with `/` between the parts of paths, whatever the system has there.
    pub(crate) fn slashes(text: &str) -> String {
        text.replace(MAIN_SEPARATOR, "/")
    }

    /// The text of a file that cannot be read.
    pub(crate) const FORBIDDEN: &str = "<forbidden>";

    /// All that was found on one line, secrets too, in a fixed order: `name=value` for what is there.
    pub(crate) fn told(settings: &Settings) -> String {
        let mut told = Vec::new();
        let mut tell =
            |name: &str, value: Option<&str>| told.extend(value.map(|value| format!("{name}={value}")));
        let domain = |domain: &NameOrId| match domain {
            NameOrId::Id(id) => format!("id:{id}"),
            NameOrId::Name(name) => name.clone(),
        };
        let mut project_domain = None;
        match &settings.auth {
            AuthMethod::None => tell("nobody", Some("")),
            AuthMethod::Token(token) => tell("token", Some(token.value.expose())),
            AuthMethod::AccessKey { access_key, secret_key, security_token } => {
                tell("ak", Some(access_key.value.expose()));
                tell("sk", Some(secret_key.value.expose()));
                tell("st", security_token.as_ref().map(|token| token.value.expose()));
            }
            AuthMethod::Login(login) => {
                let login = login.value.clone().check().unwrap();
                let LoginMethod::Password { user, password, passcode } = &login.proof else {
                    panic!("no source has a login by token")
                };
                match user {
                    User::Id(id) => tell("user_id", Some(id)),
                    User::Name { name, domain: of } => {
                        tell("user", Some(name));
                        tell("user_domain", Some(&domain(of)));
                    }
                }
                tell("password", Some(password.expose()));
                tell("passcode", passcode.as_ref().map(Secret::expose));
                tell("agency", login.agency.as_ref().map(|agency| agency.name.as_str()));
                tell("agency_domain", login.agency.as_ref().map(|agency| domain(&agency.domain)).as_deref());
                if let Some(Scope::ProjectName { domain: of, .. }) = &login.scope {
                    project_domain = Some(domain(of));
                }
            }
        }
        tell("auth_url", settings.auth_url.as_ref().map(|url| url.value.as_str()));
        tell("region", settings.region.as_ref().map(|region| region.value.as_str()));
        tell("project_id", settings.project_id.as_ref().map(|id| id.value.as_str()));
        tell("project", settings.project_name.as_ref().map(|name| name.value.as_str()));
        tell("project_domain", project_domain.as_deref());
        tell("ca", settings.ca_cert.as_ref().map(|ca| slashes(&ca.value.to_string_lossy())).as_deref());
        told.join(" ")
    }

    /// Splits `A=1 B=2` into variables.
    pub(crate) fn variables(line: &str) -> Fake {
        Fake::new(&line.split_whitespace().map(|pair| pair.split_once('=').unwrap()).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::fake::{Fake, told, variables};
    use super::*;
    use crate::config::{Overrides, resolve};

    #[test]
    fn every_variable_that_users_have_is_understood() {
        let table = [
            ("OS_TOKEN=t OS_PROJECT_ID=p", "token=t project_id=p"),
            ("OS_AUTH_TOKEN=t OS_TENANT_ID=p", "token=t project_id=p"),
            ("OS_TOKEN_ID=t OS_PROJECT_ID=p OS_REGION_NAME=r", "token=t region=r project_id=p"),
            ("OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_ID=p", "ak=a sk=s project_id=p"),
            ("OS_ACCESS_KEY_ID=a OS_ACCESS_KEY_SECRET=s OS_PROJECT_ID=p", "ak=a sk=s project_id=p"),
            ("OS_AK=a OS_SK=s OS_ST=t OS_PROJECT_ID=p", "ak=a sk=s st=t project_id=p"),
            (
                "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_SECURITY_TOKEN=t OS_PROJECT_ID=p",
                "ak=a sk=s st=t project_id=p",
            ),
            ("OS_AK=a OS_SK=s OS_AKSK_SECURITY_TOKEN=t OS_PROJECT_ID=p", "ak=a sk=s st=t project_id=p"),
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_USER_DOMAIN_NAME=d OS_PROJECT_NAME=eu-de_x OS_AUTH_URL=a",
                "user=u user_domain=d password=w auth_url=a region=eu-de project=eu-de_x project_domain=d",
            ),
            // The example of OTC's own documentation.
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_USER_DOMAIN_NAME=d OS_TENANT_NAME=eu-de OS_PROJECT_NAME=eu-de_x OS_AUTH_URL=a",
                "user=u user_domain=d password=w auth_url=a region=eu-de project=eu-de_x project_domain=d",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_DOMAIN_NAME=d OS_TENANT_NAME=x OS_AUTH_URL=a OS_REGION=r",
                "user=u user_domain=d password=w auth_url=a region=r project=x project_domain=d",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_USER_DOMAIN_ID=d OS_PROJECT_DOMAIN_NAME=e OS_PROJECT_NAME=x OS_AUTH_URL=a OS_REGION_ID=r",
                "user=u user_domain=id:d password=w auth_url=a region=r project=x project_domain=e",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_PROJECT_DOMAIN_ID=e OS_PROJECT_NAME=x OS_AUTH_URL=a",
                "user=u user_domain=id:e password=w auth_url=a project=x project_domain=id:e",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_DOMAIN_ID=d OS_PROJECT_ID=p OS_AUTH_URL=a",
                "user=u user_domain=id:d password=w auth_url=a project_id=p",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_DEFAULT_DOMAIN=d OS_PROJECT_ID=p OS_AUTH_URL=a",
                "user=u user_domain=d password=w auth_url=a project_id=p",
            ),
            (
                "OS_USER_ID=i OS_PASSWORD=w OS_PASSCODE=123456 OS_PROJECT_ID=p OS_AUTH_URL=a",
                "user_id=i password=w passcode=123456 auth_url=a project_id=p",
            ),
            (
                "OS_USERID=i OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=a",
                "user_id=i password=w auth_url=a project_id=p",
            ),
            (
                "OS_USER_ID=i OS_PASSWORD=w OS_PROJECT_NAME=eu-nl_own OS_AUTH_URL=a OS_AGENCY_NAME=n OS_AGENCY_DOMAIN_NAME=m OS_DELEGATED_PROJECT=eu-de_theirs",
                "user_id=i password=w agency=n agency_domain=m auth_url=a region=eu-de project=eu-de_theirs project_domain=m",
            ),
            ("OS_TOKEN=t OS_PROJECT_ID=p OS_CACERT=/ca.pem", "token=t project_id=p ca=/ca.pem"),
            ("OS_TOKEN=t OS_PROJECT_ID=p OS_CA_CERT=~/ca.pem", "token=t project_id=p ca=/home/me/ca.pem"),
            ("OS_TOKEN=t OS_PROJECT_ID=p OS_INSECURE=false", "token=t project_id=p"),
            ("HW_AUTH_TOKEN=t HW_PROJECT_ID=p HW_REGION_NAME=r", "token=t region=r project_id=p"),
            (
                "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_SECURITY_TOKEN=t HW_PROJECT_ID=p OS_CACERT=c",
                "ak=a sk=s st=t project_id=p ca=c",
            ),
            (
                "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_NAME=d HW_PROJECT_NAME=cn-north-4 HW_AUTH_URL=a",
                "user=u user_domain=d password=w auth_url=a region=cn-north-4 project=cn-north-4 project_domain=d",
            ),
            (
                "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_ID=d HW_PROJECT_ID=p HW_AUTH_URL=a",
                "user=u user_domain=id:d password=w auth_url=a project_id=p",
            ),
            (
                "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HUAWEICLOUD_SDK_SECURITY_TOKEN=t HUAWEICLOUD_SDK_PROJECT_ID=p HUAWEICLOUD_SDK_IAM_ENDPOINT=i",
                "ak=a sk=s st=t auth_url=i project_id=p",
            ),
            (
                "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HUAWEICLOUD_SDK_DOMAIN_ID=d HUAWEICLOUD_SDK_PROJECT_ID=p HUAWEICLOUD_SDK_REGION=no",
                "ak=a sk=s project_id=p",
            ),
            (
                "OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_SECURITY_TOKEN=t OTC_SDK_PROJECT_ID=p OTC_SDK_REGION=r",
                "ak=a sk=s st=t region=r project_id=p",
            ),
            ("OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_PROJECTID=p", "ak=a sk=s project_id=p"),
            // Of other clouds, and so never sent to this one.
            ("AWS_ACCESS_KEY_ID=a AWS_ACCESS_SECRET_KEY=s AWS_SECRET_ACCESS_KEY=s", "nobody="),
            ("S3_ACCESS_KEY_ID=a S3_SECRET_ACCESS_KEY=s", "nobody="),
            // These alone do not say who asks.
            (
                "OS_REGION_NAME=r OS_AUTH_URL=a OS_PROJECT_ID=p HW_CLOUD=c",
                "nobody= auth_url=a region=r project_id=p",
            ),
        ];
        for (line, expected) in table {
            assert_eq!(variables(line).find().map(|found| told(&found)), Ok(expected.to_owned()), "{line}");
        }
    }

    #[test]
    fn every_variable_of_every_family_is_read_under_its_own_name() {
        for (prefix, rows) in FAMILIES {
            for name in rows.iter().flat_map(|(_, names)| *names) {
                assert!(name.starts_with(prefix), "{name}");
                let found = Fake::new(&[(name, "value")]);
                let set = &sets(&found).unwrap().into_iter().find(|set| set.label.contains(prefix)).unwrap();
                let (key, _) = rows.iter().find(|(_, names)| names.contains(name)).unwrap();
                assert_eq!(set.text(*key), Some(Sourced::new("value".to_owned(), *name)));
            }
        }
    }

    #[test]
    fn a_variable_that_is_empty_is_not_set() {
        let found =
            variables("OS_TOKEN= OS_AUTH_TOKEN=t OS_PROJECT_ID= OS_TENANT_ID=p OS_CLOUD= OS_PASSWORD=")
                .find();
        assert_eq!(told(&found.unwrap()), "token=t project_id=p");
    }

    #[test]
    fn switching_off_certificate_checks_is_refused_with_a_hint() {
        for value in ["1", "true", "True", "YES", "on", "t", "y"] {
            for name in ["OS_INSECURE", "HW_INSECURE"] {
                let text = Fake::new(&[(name, value), ("OS_TOKEN", "t")]).find().unwrap_err().to_string();
                assert!(text.starts_with(name) && text.contains("OS_CACERT"), "{text}");
            }
        }
        for value in ["0", "false", "no", "off", ""] {
            assert!(Fake::new(&[("OS_INSECURE", value)]).find().is_ok(), "{value}");
        }
    }

    #[test]
    fn endpoints_of_the_region_are_found_by_service() {
        let env = Fake::new(&[
            ("OS_TOKEN", "t"),
            ("OS_PROJECT_ID", "p"),
            ("OS_REGION_NAME", "cn-north-4"),
            ("HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4", " https://one.example , https://two.example"),
            ("HUAWEICLOUD_SDK_REGION_EVS_CN_NORTH_4", ","),
            ("HUAWEICLOUD_SDK_REGION_SFS_TURBO_CN_NORTH_4", "https://turbo.example"),
            ("HUAWEICLOUD_SDK_REGION_WORKSPACEAPP_CN_NORTH_4", "https://app.example"),
            ("HUAWEICLOUD_SDK_REGION_IMS_EU_DE", "https://elsewhere.example"),
            ("HUAWEICLOUD_SDK_REGION__CN_NORTH_4", "https://no.example"),
            ("HUAWEICLOUD_SDK_REGION_CN_NORTH_4", "https://no.example"),
        ]);
        let settings = env.find().unwrap();
        let ecs = settings.endpoint("ecs").unwrap();
        assert_eq!(ecs.value, "https://one.example");
        assert_eq!(ecs.source, "HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4");
        assert_eq!(settings.endpoint("sfs-turbo").unwrap().value, "https://turbo.example");
        assert_eq!(settings.endpoint("workspace-app").unwrap().value, "https://app.example");
        assert_eq!(settings.endpoint("workspace"), None);
        assert_eq!([settings.endpoint("evs"), settings.endpoint("ims"), settings.endpoint("")], [None; 3]);
    }

    #[test]
    fn this_process_is_read_without_an_error() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(Process.read(Path::new(file)).unwrap().is_some_and(|text| text.starts_with(b"[package]")));
        assert_eq!(Process.read(Path::new("/no/such/file")).unwrap(), None);
        assert_eq!(Process.read(&Path::new(file).join("below")).unwrap(), None);
        assert!(Process.read(Path::new(env!("CARGO_MANIFEST_DIR"))).is_err());
        assert!(Process.names().iter().all(|name| !name.is_empty()));
        assert_eq!(Process.variable("CLOUDJOB_NO_SUCH_VARIABLE"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf8_is_an_error_that_names_it() {
        let token = || variables("OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=eu-de");
        let families = FAMILIES.iter().flat_map(|(_, rows)| *rows).flat_map(|(_, names)| *names).copied();
        let others =
            ["OS_CLOUD", "HW_CLOUD", "OS_INSECURE", "HW_INSECURE", "HUAWEICLOUD_SDK_REGION_EVS_EU_DE"];
        for name in families.chain(others) {
            let error = token().bytes(name, b"m\xfcller").find().map(|found| told(&found)).unwrap_err();
            assert_eq!(error, SettingsError::NotUtf8 { name: name.into() }, "{name}");
        }
        // Unrelated ones are not read.
        assert!(token().bytes("LANG", b"\xfc").find().is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_used_as_the_system_has_it() {
        use std::os::unix::ffi::OsStrExt;

        let token = || variables("OS_TOKEN=t OS_PROJECT_ID=p");
        let found = token().bytes("OS_CACERT", b"/m\xfcller/ca.pem").find().unwrap();
        assert_eq!(found.ca_cert.unwrap().value, Path::new(OsStr::from_bytes(b"/m\xfcller/ca.pem")));
        let found = token().bytes("OS_CA_CERT", b"~/m\xfcller.pem").find().unwrap();
        assert_eq!(found.ca_cert.unwrap().value, Path::new(OsStr::from_bytes(b"/home/me/m\xfcller.pem")));

        let mut env = Fake::default().bytes("HUAWEICLOUD_SDK_CREDENTIALS_FILE", b"/m\xfcller");
        let path = PathBuf::from(OsStr::from_bytes(b"/m\xfcller"));
        env.files.insert(path, "[basic]\nak=a\nsk=s\nproject_id=p".into());
        assert_eq!(told(&env.find().unwrap()), "ak=a sk=s project_id=p");
    }

    #[test]
    fn what_changes_whom_other_tools_act_as_is_refused() {
        const KEY: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p";
        const TOKEN: &str = "OS_TOKEN=t OS_PROJECT_ID=p";
        for (credentials, variable) in [
            (KEY, "HW_PROFILE"),
            (TOKEN, "HW_SHARED_CONFIG_FILE"),
            ("", "HW_PROFILE"),
            (TOKEN, "OS_CERT"),
            (TOKEN, "OS_KEY"),
            (TOKEN, "OS_TRUST_ID"),
            (TOKEN, "OS_SYSTEM_SCOPE"),
            (KEY, "HW_ASSUME_ROLE_AGENCY_NAME"),
            (KEY, "HW_ASSUME_ROLE_DOMAIN_NAME"),
            (KEY, "HW_ASSUME_ROLE_DOMAIN_ID"),
            (KEY, "HW_ASSUME_ROLE_AGENCY_URN"),
            (TOKEN, "HW_ASSUME_ROLE_AGENCY_NAME"),
            (TOKEN, "OS_AGENCY_NAME"),
            (TOKEN, "OS_AGENCY_DOMAIN_NAME"),
            (TOKEN, "OS_DELEGATED_PROJECT"),
        ] {
            let error = variables(&format!("{credentials} {variable}=V")).find().map(|found| told(&found));
            match error.unwrap_err() {
                SettingsError::Unsupported { source, .. } => assert_eq!(source, variable),
                error => panic!("{variable}: {error}"),
            }
            assert!(variables(&format!("{TOKEN} {variable}=")).find().is_ok(), "{variable}");
        }
        assert!(variables(&format!("{KEY} HW_ASSUME_ROLE_DURATION=3600")).find().is_ok());
        // What is given by a program, or chosen by its name, has nothing to do with them.
        let token = Overrides {
            token: Some(Secret::new("t")),
            project_id: Some("p".into()),
            region: Some("eu-de".into()),
            ..Overrides::default()
        };
        assert!(resolve(&token, &variables("HW_PROFILE=V HW_ASSUME_ROLE_AGENCY_NAME=V")).is_ok());
        assert!(resolve(&token, &variables("OS_CERT=V")).is_err());
    }

    #[test]
    fn a_role_is_assumed_by_a_login() {
        let found = variables(
            "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_NAME=d HW_PROJECT_NAME=eu-de_x HW_AUTH_URL=a HW_ASSUME_ROLE_AGENCY_NAME=n HW_ASSUME_ROLE_DOMAIN_NAME=m",
        );
        assert_eq!(
            told(&found.find().unwrap()),
            "user=u user_domain=d password=w agency=n agency_domain=m auth_url=a region=eu-de project=eu-de_x project_domain=m"
        );
    }

    #[test]
    fn a_file_in_another_encoding_is_named_as_such() {
        for (bytes, problem) in [
            (&b"\xff\xfe{\0}\0"[..], "it is UTF-16; write it as UTF-8"),
            (b"\xfe\xff\0{\0}", "it is UTF-16; write it as UTF-8"),
            (b"m\xfcller", "it is not UTF-8"),
        ] {
            struct Bytes(Vec<u8>);

            impl Environment for Bytes {
                fn variable(&self, _: &str) -> Option<OsString> {
                    None
                }

                fn names(&self) -> Vec<String> {
                    Vec::new()
                }

                fn read(&self, _: &Path) -> io::Result<Option<Vec<u8>>> {
                    Ok(Some(self.0.clone()))
                }

                fn home(&self) -> Option<PathBuf> {
                    None
                }

                fn current_dir(&self) -> Option<PathBuf> {
                    None
                }
            }

            let error = text_file(&Bytes(bytes.to_vec()), Path::new("f"), "f").unwrap_err();
            assert_eq!(error.to_string(), format!("f cannot be read: {problem}"));
        }
    }
}
