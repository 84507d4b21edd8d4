//! `~/.huaweicloud/credentials`, the file of Huawei's SDKs: an INI file whose section `[basic]` holds an access key.

use std::path::{Path, PathBuf};

use super::environment::{Environment, variable};
use super::set::Set;
use super::settings_error::{SettingsError, shown, shown_path};
use super::words::{Found, Key, Row};
use crate::credentials::Secret;

/// What the file at that path says; nothing if there is no file.
///
/// # Errors
/// If it cannot be read, is no INI file, or has no section `[basic]`.
pub(crate) fn read(env: &dyn Environment, path: &Path) -> Result<Option<Set>, SettingsError> {
    let file = shown_path(path, env.home().as_deref(), env.current_dir().as_deref());
    let text = match env.read(path) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error) => return Err(SettingsError::Unreadable { file, problem: error.kind().to_string() }),
    };
    let members = match basic(&text) {
        Ok(Some(members)) => members,
        Ok(None) => {
            return Err(SettingsError::Malformed {
                file,
                line: None,
                problem: "it has no section [basic] with ak and sk",
            });
        }
        Err((line, problem)) => return Err(SettingsError::Malformed { file, line: Some(line), problem }),
    };
    let prefix = format!("{file}:basic:");
    let lookup = |name: &str| {
        let (_, value) = members.iter().find(|(key, _)| key == name)?;
        Some(Found::new(value.clone(), format!("{prefix}{name}")))
    };
    Set::collect(file.clone(), prefix.clone(), ROWS, lookup).map(Some)
}

/// The file named by `HUAWEICLOUD_SDK_CREDENTIALS_FILE`, which then has to be there.
///
/// # Errors
/// As [`read`], and if there is no such file.
pub(crate) fn named(env: &dyn Environment) -> Result<Option<Set>, SettingsError> {
    let Some(path) = variable(env, "HUAWEICLOUD_SDK_CREDENTIALS_FILE") else {
        return Ok(None);
    };
    let set = read(env, Path::new(&path.value))?;
    if set.is_none() {
        let problem = format!("there is no such file, but {} names it", path.source);
        return Err(SettingsError::Unreadable { file: shown(&path.value), problem });
    }
    Ok(set)
}

/// The file in its usual place.
///
/// # Errors
/// As [`read`].
pub(crate) fn usual(env: &dyn Environment) -> Result<Option<Set>, SettingsError> {
    let path = env.home().map(|home| home.join(PathBuf::from_iter([".huaweicloud", "credentials"])));
    path.map_or(Ok(None), |path| read(env, &path))
}

type Members = Vec<(String, Secret)>;

/// The members of the section `[basic]`, or the line that is wrong and why.
fn basic(text: &str) -> Result<Option<Members>, (u64, &'static str)> {
    let mut members: Option<Members> = None;
    let mut within = false;
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let name = header.strip_suffix(']').ok_or((number, "a section ends with ]"))?;
            within = name.trim() == "basic";
            if within && members.replace(Members::new()).is_some() {
                return Err((number, "the section [basic] is there twice"));
            }
            continue;
        }
        let Some(members) = members.as_mut().filter(|_| within) else {
            continue;
        };
        let (key, value) =
            line.split_once(['=', ':']).ok_or((number, "a member is written as key = value"))?;
        let key = key.trim().to_ascii_lowercase();
        if members.iter().any(|(other, _)| *other == key) {
            return Err((number, "this member is there twice"));
        }
        members.push((key, Secret::new(value.trim())));
    }
    Ok(members)
}

const ROWS: &[Row] = &[
    (Key::AccessKey, &["ak"]),
    (Key::SecretKey, &["sk"]),
    (Key::SecurityToken, &["security_token"]),
    (Key::ProjectId, &["project_id"]),
    (Key::DomainId, &["domain_id"]),
    (Key::AuthUrl, &["iam_endpoint"]),
    (Key::IdentityProvider, &["idp_id"]),
    (Key::IdentityProvider, &["id_token_file"]),
];
