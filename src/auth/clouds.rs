//! `clouds.yaml` and its like, the files of OpenStack's tools: several clouds, one of which is chosen by its name.
//!
//! Looked for in the current folder, the user's configuration folder and `/etc/openstack`; the first one counts, after
//! the one that `OS_CLIENT_CONFIG_FILE` names. A `secure.yaml`, found in the same way, is laid over it. The variables
//! `OS_*` are not mixed into a chosen cloud, as with OpenStack's own SDK.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::clouds_file::{Fault, Node, json};
use super::environment::{Environment, is_true, variable};
use super::set::Set;
use super::settings_error::{SettingsError, shown, shown_path};
use super::words::{Found, Key, Method, Row, Vendor};

/// The clouds of the first clouds file there is.
#[derive(Debug)]
pub(crate) struct Clouds {
    file: Rc<str>,
    clouds: BTreeMap<String, Node>,
}

impl Clouds {
    /// Reads the file and what is laid over it; nothing if there is no file.
    ///
    /// # Errors
    /// If one of the two cannot be read or is not in its format, or a file named by a variable is not there.
    pub(crate) fn read(env: &dyn Environment) -> Result<Option<Self>, SettingsError> {
        let Some((file, mut tree)) = first(env, "OS_CLIENT_CONFIG_FILE", "clouds")? else {
            return Ok(None);
        };
        if !tree.names().any(|name| name == "clouds") {
            return Err(SettingsError::NoClouds { file: file.to_string() });
        }
        if let Some((_, secure)) = first(env, "OS_CLIENT_SECURE_FILE", "secure")? {
            tree.overlay(secure);
        }
        Ok(Some(Self { file, clouds: tree.into_member("clouds").unwrap_or_default() }))
    }

    /// The only cloud of the file; nothing if it has none.
    ///
    /// # Errors
    /// If it has several, or as [`Clouds::named`].
    pub(crate) fn only(&self) -> Result<Option<Set>, SettingsError> {
        match self.clouds.keys().collect::<Vec<_>>()[..] {
            [] => Ok(None),
            [name] => self.named(name).map(Some),
            _ => Err(SettingsError::ManyClouds { file: self.file.to_string(), names: self.names() }),
        }
    }

    /// The cloud of this name.
    ///
    /// # Errors
    /// If there is none, it switches the check of certificates off, or names in it that mean the same thing differ.
    pub(crate) fn named(&self, name: &str) -> Result<Set, SettingsError> {
        let Some(cloud) = self.clouds.get(name) else {
            let (name, file) = (shown(name), self.file.to_string());
            return Err(SettingsError::UnknownCloud { name, file, names: self.names() });
        };
        let name = shown(name);
        let text = |path: &str| cloud.text(path, &name);
        for (path, refused) in [("verify", false), ("insecure", true)] {
            if let Some(found) = text(path)
                && (if refused { is_true(found.value.expose()) } else { is_false(found.value.expose()) })
            {
                return Err(SettingsError::Insecure { source: found.source });
            }
        }
        let prefix = format!("{}:{name}:", self.file);
        let mut set = Set::collect(format!("{}, cloud {name}", self.file), prefix, ROWS, text)?;
        // Keys beside `auth` usually are those of the object store: they ask for jobs only where nobody else does.
        let by_key = set.text(Key::AuthType).and_then(|kind| Method::of_auth_type(&kind.value));
        if by_key == Some(Method::AccessKey) || !Method::ALL.iter().any(|method| set.has_method(*method)) {
            set.add(KEYS_BESIDE, text)?;
        }
        set.endpoints = cloud
            .names()
            .filter_map(|name| Some((name, name.strip_suffix(ENDPOINT)?)))
            .filter_map(|(name, service)| Some((service.to_owned(), text(name)?)))
            .map(|(service, found)| (service, Found::new(found.value.expose().to_owned(), found.source)))
            .collect();
        if let Some(vendor) = set.text(Key::Vendor)
            && Vendor::named(&vendor.value).is_none()
            && !set.has(Key::AuthUrl)
        {
            let what = "the known ones are otc and otc-swiss, so give auth.auth_url instead";
            return Err(SettingsError::Unsupported { source: vendor.source, what });
        }
        Ok(set)
    }

    fn names(&self) -> Vec<String> {
        self.clouds.keys().map(|name| shown(name)).collect()
    }
}

/// Why there is no clouds file for that cloud: where it would be.
pub(crate) fn no_file(env: &dyn Environment, wanted: &str) -> SettingsError {
    let current = env.current_dir();
    let looked = folders(env)
        .iter()
        .map(|folder| shown_path(&folder.join("clouds.yaml"), env.home().as_deref(), current.as_deref()))
        .collect();
    SettingsError::NoCloudsFile { wanted: format!("the cloud `{}`", shown(wanted)), looked }
}

/// The first file of that name, and what it says: the one a variable names, or else the one in the usual places.
fn first(env: &dyn Environment, by: &str, stem: &str) -> Result<Option<(Rc<str>, Node)>, SettingsError> {
    if let Some(path) = variable(env, by) {
        let tree = read(env, Path::new(&path.value))?;
        return tree.map(Some).ok_or_else(|| SettingsError::Unreadable {
            file: shown(&path.value),
            problem: format!("there is no such file, but {by} names it"),
        });
    }
    for folder in folders(env) {
        for ending in ["yaml", "yml", "json"] {
            if let Some(found) = read(env, &folder.join(format!("{stem}.{ending}")))? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

fn read(env: &dyn Environment, path: &Path) -> Result<Option<(Rc<str>, Node)>, SettingsError> {
    let file: Rc<str> = shown_path(path, env.home().as_deref(), env.current_dir().as_deref()).into();
    let text = match env.read(path) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error) => {
            return Err(SettingsError::Unreadable {
                file: file.to_string(),
                problem: error.kind().to_string(),
            });
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let (tree, problem) = if is_json {
        (json(text, &file, wanted), "it is not the JSON of a clouds file")
    } else {
        (yaml(text, &file)?, "it is not the YAML of a clouds file")
    };
    match tree {
        Ok(tree) => Ok(Some((file, tree))),
        Err(Fault { line }) => Err(SettingsError::Malformed { file: file.to_string(), line, problem }),
    }
}

#[cfg(feature = "yaml")]
fn yaml(text: &str, file: &Rc<str>) -> Result<Result<Node, Fault>, SettingsError> {
    Ok(super::clouds_file::yaml(text, file, wanted))
}

#[cfg(not(feature = "yaml"))]
fn yaml(_: &str, file: &Rc<str>) -> Result<Result<Node, Fault>, SettingsError> {
    Err(SettingsError::NoYaml { file: file.to_string() })
}

fn folders(env: &dyn Environment) -> Vec<PathBuf> {
    let configured =
        variable(env, "XDG_CONFIG_HOME").map(|found| PathBuf::from(found.value).join("openstack"));
    let mut folders = Vec::from_iter(env.current_dir());
    folders.extend(configured.filter(|folder| folder.is_absolute()));
    folders.extend(env.home().map(|home| home.join(".config").join("openstack")));
    folders.push(PathBuf::from("/etc/openstack"));
    folders
}

fn is_false(text: &str) -> bool {
    ["0", "f", "false", "n", "no", "off"].iter().any(|no| text.trim().eq_ignore_ascii_case(no))
}

fn wanted(path: &str) -> bool {
    path.ends_with(ENDPOINT) && !path.contains('.')
        || matches!(path, "verify" | "insecure")
        || ROWS.iter().chain(KEYS_BESIDE).any(|(_, names)| names.contains(&path))
}

const ENDPOINT: &str = "_endpoint_override";

/// The members of a cloud. `tenant_*` are older names of `project_*`, which win.
const ROWS: &[Row] = &[
    (Key::Token, &["auth.token"]),
    (Key::AccessKey, &["auth.ak", "auth.access_key"]),
    (Key::SecretKey, &["auth.sk", "auth.secret_key"]),
    (Key::SecurityToken, &["auth.security_token"]),
    (Key::UserName, &["auth.username"]),
    (Key::UserName, &["auth.user_name"]),
    (Key::UserId, &["auth.user_id"]),
    (Key::Password, &["auth.password"]),
    (Key::Passcode, &["auth.passcode"]),
    (Key::AuthUrl, &["auth.auth_url"]),
    (Key::AuthType, &["auth_type"]),
    (Key::Region, &["region_name"]),
    (Key::Region, &["regions"]),
    (Key::ProjectId, &["auth.project_id"]),
    (Key::ProjectId, &["auth.tenant_id"]),
    (Key::ProjectName, &["auth.project_name"]),
    (Key::ProjectName, &["auth.tenant_name"]),
    (Key::UserDomainId, &["auth.user_domain_id"]),
    (Key::UserDomainName, &["auth.user_domain_name"]),
    (Key::ProjectDomainId, &["auth.project_domain_id"]),
    (Key::ProjectDomainName, &["auth.project_domain_name"]),
    (Key::DomainId, &["auth.domain_id"]),
    (Key::DomainName, &["auth.domain_name"]),
    (Key::DefaultDomainId, &["auth.default_domain_id"]),
    (Key::DefaultDomainName, &["auth.default_domain_name"]),
    (Key::DefaultDomainName, &["auth.default_domain"]),
    (Key::AgencyName, &["auth.agency_name"]),
    (Key::AgencyDomainName, &["auth.agency_domain_name"]),
    (Key::DelegatedProject, &["auth.delegated_project"]),
    (Key::CaCert, &["cacert"]),
    (Key::Vendor, &["profile"]),
    (Key::Vendor, &["cloud"]),
    (Key::IdentityProvider, &["auth.identity_provider"]),
    (Key::IdentityProvider, &["auth.idp_id"]),
    (Key::IdentityProvider, &["auth.id_token_file"]),
];

/// An access key beside `auth`.
const KEYS_BESIDE: &[Row] = &[
    (Key::AccessKey, &["ak", "access_key"]),
    (Key::SecretKey, &["sk", "secret_key"]),
    (Key::SecurityToken, &["security_token"]),
];
