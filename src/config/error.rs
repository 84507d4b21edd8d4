//! Why the environment and the files do not make a client: names of variables, files and members, never a value.

use std::fmt;
use std::path::{MAIN_SEPARATOR, Path};

use crate::error::{Error, Setting};
use crate::util::sanitize::escaped;

/// What is wrong with the settings that were found, and what to do about it.
///
/// It holds names only (of variables, files, clouds and members), and what other parsers say of a value that is not a
/// secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum SettingsError {
    /// A method is present in part.
    Incomplete {
        method: &'static str,
        /// Where the present part came from; empty if it has no place.
        held: Vec<String>,
        /// The names that would complete it: each is one thing, or alternatives joined by "or".
        missing: Vec<String>,
        /// The same things under the names of another set, which is not mixed in.
        elsewhere: Vec<String>,
        /// Another source that is complete.
        instead: Option<String>,
    },
    /// Two names for one thing have different values.
    Contradiction { one: String, other: String },
    /// The value at that place cannot be used: the problem follows the name of the place.
    Invalid { source: String, problem: String },
    /// The value at that place cannot be used: the message stands on its own.
    Unusable { source: String, message: String },
    /// No source has credentials.
    Nothing,
    /// The variable is not UTF-8.
    NotUtf8 { name: String },
    /// The region is not one of those that the cloud of the clouds file has.
    #[cfg(feature = "yaml")]
    UnknownRegion { source: String, place: String, names: Vec<String> },
    /// The check of the server's certificate is switched off there.
    Insecure { source: String },
    /// A setting that this crate does not support.
    Unsupported { source: String, what: &'static str },
    /// There is no clouds file, though one was asked for.
    NoCloudsFile { wanted: String, searched: Vec<String> },
    /// The clouds file has no member `clouds`.
    #[cfg(feature = "yaml")]
    NoClouds { file: String },
    /// The clouds file has no cloud of this name.
    #[cfg(feature = "yaml")]
    UnknownCloud { name: String, file: String, names: Vec<String> },
    /// The clouds file has several clouds, and none was chosen.
    #[cfg(feature = "yaml")]
    ManyClouds { file: String, names: Vec<String> },
    /// The chosen source has no credentials at all.
    NoCredentials { label: String, options: &'static str },
    /// The file cannot be read.
    Unreadable { file: String, problem: String },
    /// The file is not in its format.
    Malformed { file: String, line: Option<u64>, problem: &'static str },
    /// There is a clouds file, and this build reads none.
    #[cfg(not(feature = "yaml"))]
    NoYaml { file: String },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { method, held, missing, elsewhere, instead } => {
                write!(f, "the {method}")?;
                if !held.is_empty() {
                    write!(f, " from {}", held.join(", "))?;
                }
                // The comma shows which alternatives belong together.
                let and = if missing.iter().any(|names| names.contains(" or ")) { ", and " } else { " and " };
                write!(f, " is incomplete; set {}", missing.join(and))?;
                if let Some(other) = instead {
                    let them = if held.len() == 1 { "it" } else { "them" };
                    write!(f, ", or unset {them} to use the {other}")?;
                }
                if elsewhere.is_empty() {
                    return Ok(());
                }
                write!(f, "; {} is set, but sets of different names are never mixed", elsewhere.join(", "))
            }
            Self::Contradiction { one, other } => {
                write!(f, "{one} and {other} mean the same thing and differ; unset one of them")
            }
            Self::Invalid { source, problem } => write!(f, "{source} {problem}"),
            Self::Unusable { source, message } => write!(f, "{message} ({source})"),
            Self::Nothing => f.write_str(NOTHING),
            Self::NotUtf8 { name } => write!(f, "{name} is not UTF-8; set it again or unset it"),
            #[cfg(feature = "yaml")]
            Self::UnknownRegion { source, place, names } => {
                write!(f, "the region from {source} is not in {place}; choose one of {}", names.join(", "))
            }
            Self::Insecure { source } => write!(
                f,
                "{source} switches off the check of the server's certificate, which is not supported; unset it and give the CA file of the server (OS_CACERT, `cacert`)"
            ),
            Self::Unsupported { source, what } => write!(f, "{source} is not supported: {what}"),
            Self::NoCloudsFile { wanted, searched } => {
                write!(f, "there is no clouds file for {wanted}: searched were {}", searched.join(", "))
            }
            #[cfg(feature = "yaml")]
            Self::NoClouds { file } => {
                write!(f, "{file} has no member `clouds`; write the clouds under it, each by its name")
            }
            #[cfg(feature = "yaml")]
            Self::UnknownCloud { name, file, names } if names.is_empty() => {
                write!(f, "{file} has no cloud `{name}`, and no other")
            }
            #[cfg(feature = "yaml")]
            Self::UnknownCloud { name, file, names } => {
                write!(f, "{file} has no cloud `{name}`; choose one of {}", names.join(", "))
            }
            #[cfg(feature = "yaml")]
            Self::ManyClouds { file, names } => {
                write!(f, "{file} has several clouds; choose one of {} with OS_CLOUD", names.join(", "))
            }
            Self::NoCredentials { label, options } => write!(f, "{label} has no credentials; {options}"),
            Self::Unreadable { file, problem } => write!(f, "{file} cannot be read: {problem}"),
            Self::Malformed { file, line: Some(line), problem } => {
                write!(f, "{file} is invalid at line {line}: {problem}")
            }
            Self::Malformed { file, line: None, problem } => write!(f, "{file} is invalid: {problem}"),
            #[cfg(not(feature = "yaml"))]
            Self::NoYaml { file } => write!(
                f,
                "{file} cannot be read by this build; use variables instead, or enable the feature `yaml`"
            ),
        }
    }
}

impl std::error::Error for SettingsError {}

impl From<SettingsError> for Error {
    fn from(error: SettingsError) -> Self {
        let settings: &[Setting] = match &error {
            SettingsError::Nothing => &[Setting::Token, Setting::Cloud],
            SettingsError::Insecure { .. } => &[Setting::CaFile],
            SettingsError::Incomplete { missing, .. }
                if missing.iter().any(|names| names.contains("PROJECT") || names.contains("project")) =>
            {
                &[Setting::Project]
            }
            #[cfg(feature = "yaml")]
            SettingsError::UnknownRegion { .. } => &[Setting::Region],
            #[cfg(feature = "yaml")]
            SettingsError::ManyClouds { .. } | SettingsError::UnknownCloud { .. } => &[Setting::Cloud],
            _ => &[],
        };
        Self::config(error).for_settings(settings)
    }
}

/// Two places that mean the same thing and differ.
pub(super) fn contradiction(one: &str, other: &str) -> SettingsError {
    SettingsError::Contradiction { one: one.to_owned(), other: other.to_owned() }
}

/// A value that another part of the crate does not take.
pub(super) fn unusable(source: &str, error: impl fmt::Display) -> SettingsError {
    SettingsError::Unusable { source: source.to_owned(), message: error.to_string() }
}

const NOTHING: &str = "no credentials were found; set OS_TOKEN and OS_PROJECT_ID, or OS_CLOUD, or an access key \
    (OS_ACCESS_KEY, OS_SECRET_KEY, OS_REGION_NAME), or a login (OS_USERNAME, OS_PASSWORD and more)";

/// A path as it may be shown: `~/...` below the home folder, the bare name in the current one.
pub(super) fn shown_path(path: &Path, home: Option<&Path>, current: Option<&Path>) -> String {
    let within = |folder: Option<&Path>| path.strip_prefix(folder?).ok();
    match (within(current), within(home)) {
        (Some(rest), _) => escaped(&rest.to_string_lossy(), 200),
        (None, Some(rest)) => format!("~{MAIN_SEPARATOR}{}", escaped(&rest.to_string_lossy(), 200)),
        (None, None) => escaped(&path.to_string_lossy(), 200),
    }
}
