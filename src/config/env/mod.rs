//! What is read from the machine: variables, and small files.
#![expect(clippy::disallowed_methods, reason = "the only reader of variables and settings files")]

pub(crate) mod families;
pub(crate) mod refused;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::error::{SettingsError, shown_path};
use super::key::Sourced;
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

/// The file at that path: its name as it is shown, and its text. Nothing if there is none.
///
/// # Errors
/// As [`text_file`].
pub(crate) fn shown_file(
    env: &dyn Environment,
    path: &Path,
) -> Result<Option<(String, String)>, SettingsError> {
    let file = shown_path(path, env.home().as_deref(), env.current_dir().as_deref());
    Ok(text_file(env, path, &file)?.map(|text| (file, text)))
}

/// As [`shown_file`], for a file that a variable names.
///
/// # Errors
/// As [`text_file`], and if there is none.
pub(crate) fn named_file(
    env: &dyn Environment,
    named: &Sourced<PathBuf>,
) -> Result<(String, String), SettingsError> {
    shown_file(env, &named.value)?.ok_or_else(|| SettingsError::Unreadable {
        file: escaped(&named.value.to_string_lossy(), 200),
        problem: format!("the file that {} names does not exist", named.source),
    })
}

/// Whether the text means yes, in one of the spellings that the tools of these clouds take.
pub(crate) fn is_true(text: &str) -> bool {
    ["1", "t", "true", "y", "yes", "on"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

/// Whether the text means no.
pub(crate) fn is_false(text: &str) -> bool {
    ["0", "f", "false", "n", "no", "off"].iter().any(|no| text.trim().eq_ignore_ascii_case(no))
}

pub(super) fn secret(env: &dyn Environment, name: &str) -> Result<Option<Sourced<Secret>>, SettingsError> {
    Ok(variable(env, name)?.map(|found| Sourced::new(Secret::new(found.value), found.source)))
}

/// A settings file has a page or two; a larger one is something else.
const MAX_FILE_SIZE: u64 = 1 << 20;
