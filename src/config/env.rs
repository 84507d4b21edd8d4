//! The environment: the variables that the tools of these clouds already read, one set for each family of names.
//!
//! A family is complete in itself or it is an error; `OS_ACCESS_KEY` never meets `HW_SECRET_KEY`. Only the region and
//! the CA file, which say nothing about who asks, are taken from any of them.
//!
//! Left out on purpose: `AWS_ACCESS_KEY_ID`, `AWS_ACCESS_SECRET_KEY` and `S3_*`, which some tools for these clouds
//! also read. They usually hold the key of another cloud, and it would be sent here without a word. `HW_CLOUD` is a
//! domain name and not the name of a cloud in a file.
#![expect(clippy::disallowed_methods, reason = "the only reader of variables and settings files")]

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::error::SettingsError;
use super::key::{Key, KeyNames, Sourced};
use super::source::ConfigSource;
use crate::util::secret::Secret;

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
pub(crate) fn variable(env: &dyn Environment, name: &str) -> Option<Sourced<String>> {
    env.variable(name).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, name))
}

/// What the variables say, one set for each family.
///
/// # Errors
/// If two names of one family that mean the same thing differ.
pub(crate) fn sets(env: &dyn Environment) -> Result<Vec<ConfigSource>, SettingsError> {
    FAMILIES
        .iter()
        .map(|(prefix, rows)| {
            ConfigSource::collect(format!("environment ({prefix}*)"), "", rows, |name| secret(env, name))
        })
        .collect()
}

/// The region of the environment, whichever family says it first.
///
/// # Errors
/// If two names of one family differ.
pub(crate) fn region(env: &dyn Environment) -> Result<Option<Sourced<String>>, SettingsError> {
    Ok(ConfigSource::collect("", "", REGION, |name| secret(env, name))?.text(Key::Region))
}

/// The CA file of the environment.
///
/// # Errors
/// If two names differ.
pub(crate) fn ca_cert(env: &dyn Environment) -> Result<Option<Sourced<String>>, SettingsError> {
    Ok(ConfigSource::collect("", "", CA_CERT, |name| secret(env, name))?.text(Key::CaCert))
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
pub(crate) fn endpoints(env: &dyn Environment, region: &str) -> Vec<(String, Sourced<String>)> {
    let wait_end = format!("_{}", region.replace('-', "_").to_ascii_uppercase());
    let mut names = env.names();
    names.sort_unstable();
    let service = |name: &str| {
        let service = name.strip_prefix("HUAWEICLOUD_SDK_REGION_")?.strip_suffix(&wait_end)?;
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

fn secret(env: &dyn Environment, name: &str) -> Option<Sourced<Secret>> {
    env.variable(name).map(|value| Sourced::new(Secret::new(value), name))
}

/// A settings file is a page or two; more than this is something else.
const LARGEST_FILE: u64 = 1 << 20;

/// The order of the regions does not depend on who asks.
const REGION: &[KeyNames] = &[
    (Key::Region, &["OS_REGION_NAME", "OS_REGION", "OS_REGION_ID"]),
    (Key::Region, &["HW_REGION_NAME"]),
    (Key::Region, &["OTC_SDK_REGION"]),
];

const CA_CERT: &[KeyNames] = &[(Key::CaCert, &["OS_CACERT", "OS_CA_CERT"])];

/// The families, the first of which counts where several say the same.
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

    use super::*;
    use crate::config::error::SettingsError;
    use crate::config::key::Domain;
    use crate::config::{AuthMethod, Overrides, Settings, User, find};

    /// Variables and files. The home is `/home/me`, the current folder `/srv/here`.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Fake {
        pub(crate) variables: BTreeMap<String, String>,
        pub(crate) files: BTreeMap<PathBuf, String>,
    }

    impl Fake {
        pub(crate) fn new(variables: &[(&str, &str)]) -> Self {
            let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            Self { variables, files: BTreeMap::new() }
        }

        pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
            self.files.insert(path.into(), text.into());
            self
        }

        pub(crate) fn find(&self) -> Result<Settings, SettingsError> {
            find(&Overrides::default(), self)
        }
    }

    impl Environment for Fake {
        fn variable(&self, name: &str) -> Option<String> {
            self.variables.get(name).cloned()
        }

        fn names(&self) -> Vec<String> {
            self.variables.keys().cloned().collect()
        }

        fn read(&self, path: &Path) -> io::Result<Option<String>> {
            match self.files.get(path) {
                Some(text) if text == FORBIDDEN => Err(io::ErrorKind::PermissionDenied.into()),
                text => Ok(text.cloned()),
            }
        }

        fn home(&self) -> Option<PathBuf> {
            Some("/home/me".into())
        }

        fn current_dir(&self) -> Option<PathBuf> {
            Some("/srv/here".into())
        }
    }

    /// The text of a file that cannot be read.
    pub(crate) const FORBIDDEN: &str = "<forbidden>";

    /// All that was found on one line, secrets too, in a fixed order: `name=value` for what is there.
    pub(crate) fn told(settings: &Settings) -> String {
        let mut told = Vec::new();
        let mut tell =
            |name: &str, value: Option<&str>| told.extend(value.map(|value| format!("{name}={value}")));
        let domain = |domain: &Domain| match domain {
            Domain::Id(id) => format!("id:{}", id.value),
            Domain::Name(name) => name.value.clone(),
        };
        match &settings.who {
            AuthMethod::Nobody => tell("nobody", Some("")),
            AuthMethod::Token(token) => tell("token", Some(token.value.expose())),
            AuthMethod::AccessKey { access_key, secret_key, security_token } => {
                tell("ak", Some(&access_key.value));
                tell("sk", Some(secret_key.value.expose()));
                tell("st", security_token.as_ref().map(|token| token.value.expose()));
            }
            AuthMethod::Password(login) => {
                match &login.user {
                    User::Id(id, _) => tell("user_id", Some(&id.value)),
                    User::Name { name, domain: of } => {
                        tell("user", Some(&name.value));
                        tell("user_domain", Some(&domain(of)));
                    }
                }
                tell("password", Some(login.password.value.expose()));
                tell("passcode", login.passcode.as_ref().map(|passcode| passcode.value.expose()));
                tell("agency", login.agency.as_ref().map(|agency| agency.name.value.as_str()));
                tell("agency_domain", login.agency.as_ref().map(|agency| agency.domain_name.value.as_str()));
            }
        }
        tell("auth_url", settings.auth_url.as_ref().map(|url| url.value.as_str()));
        tell("region", settings.region.as_ref().map(|region| region.value.as_str()));
        tell("project_id", settings.project_id.as_ref().map(|id| id.value.as_str()));
        tell("project", settings.project_name.as_ref().map(|name| name.value.as_str()));
        tell("project_domain", settings.project_domain.as_ref().map(domain).as_deref());
        tell("ca", settings.ca_cert.as_ref().map(|ca| ca.value.to_string_lossy()).as_deref());
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
                "user=u user_domain=id:d password=w auth_url=a project_id=p project_domain=id:d",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=w OS_DEFAULT_DOMAIN=d OS_PROJECT_ID=p OS_AUTH_URL=a",
                "user=u user_domain=d password=w auth_url=a project_id=p project_domain=d",
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
                "user=u user_domain=id:d password=w auth_url=a project_id=p project_domain=id:d",
            ),
            (
                "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HUAWEICLOUD_SDK_SECURITY_TOKEN=t HUAWEICLOUD_SDK_PROJECT_ID=p HUAWEICLOUD_SDK_IAM_ENDPOINT=i",
                "ak=a sk=s st=t auth_url=i project_id=p",
            ),
            (
                "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HUAWEICLOUD_SDK_DOMAIN_ID=d HUAWEICLOUD_SDK_PROJECT_ID=p HUAWEICLOUD_SDK_REGION=no",
                "ak=a sk=s project_id=p project_domain=id:d",
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
    fn switching_the_check_of_certificates_off_is_refused_with_the_way_out() {
        for value in ["1", "true", "True", "YES", "on", "t", "y"] {
            for name in ["OS_INSECURE", "HW_INSECURE"] {
                let text = Fake::new(&[(name, value), ("OS_TOKEN", "t")]).find().unwrap_err().to_string();
                assert!(text.starts_with(name) && text.contains("--ca-cert"), "{text}");
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
            ("HUAWEICLOUD_SDK_REGION_IMS_EU_DE", "https://elsewhere.example"),
            ("HUAWEICLOUD_SDK_REGION__CN_NORTH_4", "https://no.example"),
            ("HUAWEICLOUD_SDK_REGION_CN_NORTH_4", "https://no.example"),
        ]);
        let settings = env.find().unwrap();
        let ecs = settings.endpoint("ecs").unwrap();
        assert_eq!(ecs.value, "https://one.example");
        assert_eq!(ecs.source, "HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4");
        assert_eq!([settings.endpoint("evs"), settings.endpoint("ims"), settings.endpoint("")], [None; 3]);
    }

    #[test]
    fn this_process_is_read_without_an_error() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(Process.read(Path::new(file)).unwrap().unwrap().contains("cloudjob"));
        assert_eq!(Process.read(Path::new("/no/such/file")).unwrap(), None);
        assert_eq!(Process.read(&Path::new(file).join("below")).unwrap(), None);
        assert!(Process.read(Path::new(env!("CARGO_MANIFEST_DIR"))).is_err());
        assert!(Process.names().iter().all(|name| !name.is_empty()));
        assert_eq!(Process.variable("CLOUDJOB_NO_SUCH_VARIABLE"), None);
    }
}
