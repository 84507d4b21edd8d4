//! Why the environment and the files do not say who asks: names of variables, files and members, never a value.

use std::fmt;
use std::path::Path;

/// What is wrong with the settings that were found, and what to do about it.
///
/// It holds names only: of variables, files, clouds and members. A value, secret or not, never gets in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum SettingsError {
    /// A method is there in part.
    Incomplete {
        method: &'static str,
        /// Where the half that is there came from.
        held: Vec<String>,
        /// The names that would complete it: each is one thing, or alternatives with "or" between them.
        missing: Vec<String>,
        /// The same things under the names of another set, which is not mixed in.
        elsewhere: Vec<String>,
    },
    /// Two names for one thing have different values.
    Contradiction { one: String, other: String },
    /// Checking the server's certificate is switched off there.
    Insecure { source: String },
    /// A way of logging in that this crate does not know.
    Unsupported { source: String, what: &'static str },
    /// No clouds file is there, though one was asked for.
    NoCloudsFile { wanted: String, looked: Vec<String> },
    /// The clouds file has no member `clouds`.
    NoClouds { file: String },
    /// The clouds file has no cloud of this name.
    UnknownCloud { name: String, file: String, names: Vec<String> },
    /// The clouds file has several clouds, and nobody chose.
    ManyClouds { file: String, names: Vec<String> },
    /// The chosen source holds no credentials at all.
    NoOne { label: String, options: &'static str },
    /// The file cannot be read.
    Unreadable { file: String, problem: String },
    /// The file is not in its format.
    Malformed { file: String, line: Option<u64>, problem: &'static str },
    /// The clouds file is YAML, and this build reads JSON only.
    NoYaml { file: String },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { method, held, missing, elsewhere } => {
                write!(
                    f,
                    "the {method} from {} is incomplete: set {}",
                    held.join(", "),
                    missing.join(" and ")
                )?;
                if elsewhere.is_empty() {
                    return Ok(());
                }
                write!(f, " ({} is set, but sets of different names are never mixed)", elsewhere.join(", "))
            }
            Self::Contradiction { one, other } => {
                write!(f, "{one} and {other} mean the same thing and differ: unset one of them")
            }
            Self::Insecure { source } => write!(
                f,
                "{source} asks not to check the server's certificate, which is not offered: unset it, and give the authority's certificate with --ca-cert, OS_CACERT or `cacert`"
            ),
            Self::Unsupported { source, what } => write!(f, "{source} is not supported: {what}"),
            Self::NoCloudsFile { wanted, looked } => {
                write!(f, "there is no clouds file for {wanted}: looked for {}", looked.join(", "))
            }
            Self::NoClouds { file } => {
                write!(f, "{file} has no member `clouds`: put the clouds under it, each by its name")
            }
            Self::UnknownCloud { name, file, names } if names.is_empty() => {
                write!(f, "{file} has no cloud `{name}`: it has none at all")
            }
            Self::UnknownCloud { name, file, names } => {
                write!(f, "{file} has no cloud `{name}`: choose one of {}", names.join(", "))
            }
            Self::ManyClouds { file, names } => {
                write!(
                    f,
                    "{file} has several clouds: choose one of {} with --cloud or OS_CLOUD",
                    names.join(", ")
                )
            }
            Self::NoOne { label, options } => write!(f, "{label} has no credentials: {options}"),
            Self::Unreadable { file, problem } => write!(f, "{file} cannot be read: {problem}"),
            Self::Malformed { file, line: Some(line), problem } => {
                write!(f, "{file} is wrong at line {line}: {problem}")
            }
            Self::Malformed { file, line: None, problem } => write!(f, "{file} is wrong: {problem}"),
            Self::NoYaml { file } => write!(
                f,
                "{file} is YAML, which this build cannot read: build with the feature `yaml`, or write it as clouds.json"
            ),
        }
    }
}

impl std::error::Error for SettingsError {}

/// A name as it may be shown: without control characters.
pub(super) fn shown(name: &str) -> String {
    name.chars().flat_map(char::escape_debug).collect()
}

/// A path as it may be shown: below the home folder it begins with `~`, in the current one it is the bare name.
pub(super) fn shown_path(path: &Path, home: Option<&Path>, current: Option<&Path>) -> String {
    let within = |folder: Option<&Path>| path.strip_prefix(folder?).ok();
    match (within(current), within(home)) {
        (Some(rest), _) => shown(&rest.to_string_lossy()),
        (None, Some(rest)) => format!("~/{}", shown(&rest.to_string_lossy())),
        (None, None) => shown(&path.to_string_lossy()),
    }
}
