//! An environment made of tables, for the tests of everything that reads one.

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
