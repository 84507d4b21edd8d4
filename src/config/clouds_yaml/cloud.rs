//! The clouds of a clouds file: one is chosen, with its region, and read into a source.

use std::collections::{BTreeMap, BTreeSet};

use super::first;
use super::parse::{Cloud, CloudsFile, Malformed, Region, parse};
use crate::config::env::{Environment, is_false, is_true};
use crate::config::error::SettingsError;
use crate::config::key::{AuthType, Key, KeyNames, Sourced, Vendor};
use crate::config::source::{ConfigSource, SourceKind};
use crate::util::sanitize::escaped;
use crate::util::secret::Secret;

/// The clouds of the first clouds file there is, and of the first secure file.
#[derive(Debug)]
pub(crate) struct Clouds {
    /// The name of the clouds file, or of the secure file if there is no other.
    file: String,
    /// The names of the files and their clouds. Each is laid over the one before it.
    layers: Vec<Layer>,
    /// What a cloud with a `profile` is laid over.
    profiles: Option<Layer>,
}

type Layer = (String, BTreeMap<String, Cloud>);

impl Clouds {
    /// Reads the file, the secure file, and the file of profiles if there is use for it; nothing if there is neither of
    /// the first two.
    ///
    /// # Errors
    /// If one of them cannot be read or is not in its format, or a file named by a variable does not exist.
    pub(crate) fn read(env: &dyn Environment) -> Result<Option<Self>, SettingsError> {
        let mut layers = Vec::new();
        if let Some((file, text)) = first(env, Some("OS_CLIENT_CONFIG_FILE"), "clouds")? {
            match read(&file, &text)?.clouds {
                Some(clouds) => layers.push((file, clouds)),
                None => return Err(SettingsError::NoClouds { file }),
            }
        }
        if let Some((file, text)) = first(env, Some("OS_CLIENT_SECURE_FILE"), "secure")? {
            layers.extend(read(&file, &text)?.clouds.map(|clouds| (file, clouds)));
        }
        let Some((file, _)) = layers.first() else { return Ok(None) };
        let mut clouds = layers.iter().flat_map(|(_, clouds)| clouds.values());
        let has_profile = clouds.any(|cloud| PROFILE.iter().any(|name| cloud.members.contains_key(*name)));
        let public = if has_profile { first(env, None, "clouds-public")? } else { None };
        let profiles = match public {
            Some((file, text)) => read(&file, &text)?.profiles.map(|profiles| (file, profiles)),
            None => None,
        };
        Ok(Some(Self { file: file.clone(), layers, profiles }))
    }

    /// The names of all clouds.
    pub(crate) fn all_names(&self) -> BTreeSet<&str> {
        self.layers.iter().flat_map(|(_, clouds)| clouds.keys().map(String::as_str)).collect()
    }

    /// The only cloud of the file; nothing if it has none.
    ///
    /// # Errors
    /// If it has several, or as [`Clouds::named`].
    pub(crate) fn only(
        &self,
        region: Option<&Sourced<String>>,
    ) -> Result<Option<ConfigSource>, SettingsError> {
        match self.all_names().into_iter().collect::<Vec<_>>()[..] {
            [] => Ok(None),
            [name] => self.named(name, region).map(Some),
            _ => Err(SettingsError::ManyClouds { file: self.file.clone(), names: self.names() }),
        }
    }

    /// The cloud of this name, in this region if it has several.
    ///
    /// # Errors
    /// If there is none, it does not have the region, a setting of it is not supported, or names in it that mean the
    /// same thing differ.
    pub(crate) fn named(
        &self,
        name: &str,
        region: Option<&Sourced<String>>,
    ) -> Result<ConfigSource, SettingsError> {
        let mut merged = Merged::default();
        let id = escaped(name, 200);
        if !self.all_names().contains(name) {
            return Err(SettingsError::UnknownCloud {
                name: id,
                file: self.file.clone(),
                names: self.names(),
            });
        }
        for (file, clouds) in &self.layers {
            if let Some(cloud) = clouds.get(name) {
                merged.overlay(cloud, &format!("{file}:{id}:"));
            }
        }
        self.lay_over_profile(&mut merged)?;
        merged.choose_region(region)?;
        merged.move_into_auth();
        self.source(&id, &merged)
    }

    /// Puts the profile of the cloud beneath it. The profiles that need no file are left for [`Vendor`].
    fn lay_over_profile(&self, merged: &mut Merged) -> Result<(), SettingsError> {
        let profile = PROFILE.iter().find_map(|name| merged.members.get(*name)).cloned();
        let Some(profile) = profile else { return Ok(()) };
        let name = profile.value.expose();
        let found = self.profiles.as_ref().and_then(|(file, profiles)| Some((file, profiles.get(name)?)));
        let Some((file, beneath)) = found else {
            return match name.contains("//") {
                true => Err(SettingsError::Unsupported {
                    source: profile.source,
                    what: "profiles are not fetched; write it into clouds-public.yaml under a name",
                }),
                false => Ok(()),
            };
        };
        let mut below = Merged::default();
        below.overlay(beneath, &format!("{file}:{}:", escaped(name, 200)));
        merged.members.retain(|path, _| !PROFILE.contains(&path.as_str()));
        below.members.retain(|path, _| !PROFILE.contains(&path.as_str()));
        // A cloud with a region of its own does not have those of the profile.
        if merged.regions.is_none() && !merged.members.contains_key("region_name") {
            merged.regions = below.regions;
        }
        below.members.append(&mut merged.members);
        merged.members = below.members;
        Ok(())
    }

    fn source(&self, id: &str, merged: &Merged) -> Result<ConfigSource, SettingsError> {
        let text = |path: &str| merged.members.get(path).cloned();
        for (path, refused) in [("verify", false), ("insecure", true)] {
            if let Some(found) = text(path)
                && (if refused { is_true(found.value.expose()) } else { is_false(found.value.expose()) })
            {
                return Err(SettingsError::Insecure { source: found.source });
            }
        }
        let prefix = format!("{}:{id}:", self.file);
        let lookup = |path: &str| Ok(text(path));
        let label = format!("{}, cloud {id}", self.file);
        let mut set = ConfigSource::new(SourceKind::Cloud, label, prefix, ROWS);
        set.add(ROWS, &lookup)?;
        // Keys beside `auth` usually are those of the object store: they are used only if there is nothing else.
        let by_key = set.text(Key::AuthType).and_then(|kind| AuthType::from_name(&kind.value));
        if by_key == Some(AuthType::AccessKey) || !AuthType::ALL.iter().any(|method| set.has_method(*method))
        {
            set.add(KEYS_BESIDE, &lookup)?;
        }
        set.endpoints = merged
            .members
            .iter()
            .filter_map(|(name, found)| Some((name.strip_suffix(ENDPOINT)?, found)))
            .map(|(service, found)| {
                let url = Sourced::new(found.value.expose().to_owned(), found.source.clone());
                (service.replace('_', "-"), url)
            })
            .collect();
        if let Some(vendor) = set.text(Key::Vendor)
            && Vendor::from_name(&vendor.value).is_none()
            && !set.has(Key::AuthUrl)
        {
            let what = "the known ones are otc, otc-swiss and those of clouds-public.yaml; give auth.auth_url instead";
            return Err(SettingsError::Unsupported { source: vendor.source, what });
        }
        Ok(set)
    }

    fn names(&self) -> Vec<String> {
        self.all_names().into_iter().map(|name| escaped(name, 200)).collect()
    }
}

/// A cloud with what is laid over it, by the paths of the members.
#[derive(Default)]
struct Merged {
    members: BTreeMap<String, Sourced<Secret>>,
    /// Those of the last file that has any, and the place of the cloud in it.
    regions: Option<(Vec<Region>, String)>,
}

impl Merged {
    fn overlay(&mut self, cloud: &Cloud, prefix: &str) {
        for (path, value) in &cloud.members {
            self.members.insert(path.clone(), Sourced::new(value.clone(), format!("{prefix}{path}")));
        }
        if let Some(regions) = &cloud.regions {
            self.regions = Some((regions.clone(), prefix.to_owned()));
        }
    }

    fn move_into_auth(&mut self) {
        for (names, wins) in [(BESIDE_AND_FIRST, true), (BESIDE, false)] {
            for name in names {
                let path = format!("auth.{name}");
                if let Some(found) = self.members.remove(*name)
                    && (wins || !self.members.contains_key(&path))
                {
                    self.members.insert(path, found);
                }
            }
        }
    }

    /// Lays the values of the chosen region over the cloud. Without a choice it is the first region.
    fn choose_region(&mut self, chosen: Option<&Sourced<String>>) -> Result<(), SettingsError> {
        let Some((regions, prefix)) = self.regions.take() else { return Ok(()) };
        let Some(first) = regions.first() else { return Ok(()) };
        let region = match chosen {
            None => first,
            Some(chosen) => regions.iter().find(|region| region.name == chosen.value).ok_or_else(|| {
                SettingsError::UnknownRegion {
                    source: chosen.source.clone(),
                    place: format!("{prefix}regions"),
                    names: regions.iter().map(|region| escaped(&region.name, 200)).collect(),
                }
            })?,
        };
        let source = chosen.map_or_else(|| format!("{prefix}regions"), |chosen| chosen.source.clone());
        self.overlay(&region.values, &format!("{prefix}regions.{}:", escaped(&region.name, 200)));
        self.members
            .insert("region_name".to_owned(), Sourced::new(Secret::new(region.name.as_str()), source));
        Ok(())
    }
}

fn read(file: &str, text: &str) -> Result<CloudsFile, SettingsError> {
    parse(text).map_err(|Malformed { line }| {
        let problem = "it does not have the form of a clouds file";
        SettingsError::Malformed { file: file.to_owned(), line, problem }
    })
}

/// Whether the member at this path (`profile`, `auth.username`) means something here.
pub(super) fn is_known(path: &str) -> bool {
    path.ends_with(ENDPOINT) && !path.contains('.')
        || matches!(path, "verify" | "insecure")
        || BESIDE_AND_FIRST.contains(&path)
        || BESIDE.contains(&path)
        || ROWS.iter().chain(KEYS_BESIDE).any(|(_, names)| names.contains(&path))
}

/// The names of the profile, of which the second is the older one.
const PROFILE: [&str; 2] = ["profile", "cloud"];

const ENDPOINT: &str = "_endpoint_override";

/// The members of a cloud. As in openstacksdk, `tenant_*` are older names of `project_*`, which win.
const ROWS: &[KeyNames] = &[
    (Key::Token, &["auth.token"]),
    (Key::Token, &["auth.auth_token"]),
    (Key::AccessId, &["auth.ak", "auth.access_key"]),
    (Key::AccessSecret, &["auth.sk", "auth.secret_key"]),
    (Key::SecurityToken, &["auth.security_token"]),
    (Key::UserName, &["auth.username"]),
    (Key::UserName, &["auth.user_name"]),
    (Key::UserId, &["auth.user_id"]),
    (Key::Password, &["auth.password"]),
    (Key::Passcode, &["auth.passcode"]),
    (Key::AuthUrl, &["auth.auth_url"]),
    (Key::AuthType, &["auth_type"]),
    (Key::AuthType, &["auth_plugin"]),
    (Key::Region, &["region_name"]),
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
    (Key::ApplicationCredential, &["auth.application_credential_id"]),
    (Key::ApplicationCredential, &["auth.application_credential_name"]),
    (Key::ApplicationCredential, &["auth.application_credential_secret"]),
    (Key::ClientCertificate, &["cert"]),
    (Key::ClientCertificate, &["key"]),
    (Key::Trust, &["auth.trust_id"]),
    (Key::Trust, &["auth.system_scope"]),
];

/// Members that may also stand beside `auth`. As in openstacksdk, these win over the ones in it.
const BESIDE_AND_FIRST: &[&str] = &[
    "token",
    "auth_token",
    "passcode",
    "project_id",
    "project_name",
    "tenant_id",
    "tenant_name",
    "domain_id",
    "domain_name",
    "user_domain_id",
    "user_domain_name",
    "project_domain_id",
    "project_domain_name",
];

/// Members that may also stand beside `auth`, and are used if it does not have them.
const BESIDE: &[&str] =
    &["username", "user_id", "password", "auth_url", "default_domain_id", "default_domain_name"];

/// An access key beside `auth`.
const KEYS_BESIDE: &[KeyNames] = &[
    (Key::AccessId, &["ak", "access_key"]),
    (Key::AccessSecret, &["sk", "secret_key"]),
    (Key::SecurityToken, &["security_token"]),
];
