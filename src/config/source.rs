//! What one source says, in one vocabulary.

use super::error::{SettingsError, contradiction};
use super::key::{AuthType, Domain, Key, KeyNames, Sourced, Vendor};
use crate::util::secret::Secret;

/// What one source says: one family of variables, one cloud of a clouds file, or one credentials file.
#[derive(Clone, Debug)]
pub(crate) struct ConfigSource {
    pub(crate) kind: SourceKind,
    /// For people: `environment (OS_*)`, `clouds.yaml, cloud otc`.
    pub(crate) label: String,
    /// Endpoints given for single services, by the service's name.
    pub(crate) endpoints: Vec<(String, Sourced<String>)>,
    prefix: String,
    rows: &'static [KeyNames],
    /// Each key once.
    values: Vec<(Key, Sourced<Secret>)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SourceKind {
    Variables,
    /// A cloud of a clouds file.
    Cloud,
    CredentialsFile,
}

/// The value of a name in the source, if it has one.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Result<Option<Sourced<Secret>>, SettingsError> + 'a;

impl ConfigSource {
    /// A source that has nothing yet. `rows` are all names that it can have, each with `prefix` before it in errors.
    pub(crate) fn new(
        kind: SourceKind,
        label: impl Into<String>,
        prefix: impl Into<String>,
        rows: &'static [KeyNames],
    ) -> Self {
        let (label, prefix) = (label.into(), prefix.into());
        Self { kind, label, endpoints: Vec::new(), prefix, rows, values: Vec::new() }
    }

    /// Reads these rows through `lookup`, for the keys that have no value yet. An empty value counts as not given.
    ///
    /// # Errors
    /// If names of one row differ, or a value has a control character where none can be meant.
    pub(crate) fn add<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a KeyNames>,
        lookup: &Lookup<'_>,
    ) -> Result<(), SettingsError> {
        for (key, names) in rows {
            if self.has(*key) {
                continue;
            }
            let mut agreed: Option<Sourced<Secret>> = None;
            for name in *names {
                let Some(found) = lookup(name)?.filter(|found| !found.value.is_empty()) else { continue };
                match &agreed {
                    Some(first) if first.value != found.value => {
                        return Err(contradiction(&first.source, &found.source));
                    }
                    Some(_) => {}
                    None => agreed = Some(found),
                }
            }
            if let Some(found) = agreed {
                check_characters(*key, &found)?;
                self.values.push((*key, found));
            }
        }
        Ok(())
    }

    pub(crate) fn secret(&self, key: Key) -> Option<Sourced<Secret>> {
        self.get(key).cloned()
    }

    pub(super) fn get(&self, key: Key) -> Option<&Sourced<Secret>> {
        self.values.iter().find(|(known, _)| *known == key).map(|(_, found)| found)
    }

    pub(crate) fn text(&self, key: Key) -> Option<Sourced<String>> {
        self.get(key).map(|found| Sourced::new(found.value.expose().to_owned(), found.source.clone()))
    }

    pub(crate) fn has(&self, key: Key) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn vendor(&self) -> Option<Vendor> {
        self.get(Key::Vendor).and_then(|found| Vendor::from_name(found.value.expose()))
    }

    /// Whether it has any of these.
    pub(super) fn has_any(&self, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.has(*key))
    }

    /// Whether it has any part of a method.
    pub(crate) fn has_method(&self, method: AuthType) -> bool {
        self.has_any(method.keys())
    }

    /// The first of the places, id and name, at which a domain is given.
    pub(crate) fn domain(&self, places: &[[Key; 2]]) -> Option<Domain> {
        places.iter().find_map(|[id, name]| match (self.text(*id), self.text(*name)) {
            (Some(id), _) => Some(Domain::Id(id)),
            (None, Some(name)) => Some(Domain::Name(name)),
            (None, None) => None,
        })
    }

    /// The first name of a key, as it is shown in errors.
    pub(super) fn name_of(&self, key: Key) -> Option<String> {
        let (_, names) = self.rows.iter().find(|(other, _)| *other == key)?;
        Some(format!("{}{}", self.prefix, names.first()?))
    }
}

/// A file with Windows line ends that is sourced by a shell leaves a carriage return at the end of each value. Sent as
/// part of a user name or a password it would count as a failed login.
fn check_characters(key: Key, found: &Sourced<Secret>) -> Result<(), SettingsError> {
    let text = found.value.expose();
    let problem = match problem_of(text) {
        Some(BLANK) => Some(BLANK),
        _ if key.is_trimmed() => None,
        // Any other character may be in a password.
        Some(CONTROL) if key.is_secret() => None,
        problem => problem,
    };
    match problem {
        Some(problem) => {
            Err(SettingsError::Invalid { source: found.source.clone(), problem: problem.to_owned() })
        }
        None => Ok(()),
    }
}

/// What is wrong with the characters of a name.
pub(super) fn problem_of(text: &str) -> Option<&'static str> {
    if text.chars().all(char::is_whitespace) {
        Some(BLANK)
    } else if text.ends_with('\r') {
        Some("ends with a carriage return; write the file that sets it with Unix line ends")
    } else if text.ends_with('\n') {
        Some("ends with a line break; remove it")
    } else if text.chars().any(char::is_control) {
        Some(CONTROL)
    } else {
        None
    }
}

const BLANK: &str = "is blank; set it or unset it";
const CONTROL: &str = "has a control character in it; remove it";

/// The keys of an agency that is to be acted for.
pub(super) const AGENCY: [Key; 4] =
    [Key::AgencyName, Key::AgencyDomainName, Key::AgencyDomainId, Key::DelegatedProject];

/// The keys of the project.
pub(super) const PROJECT: [Key; 2] = [Key::ProjectId, Key::ProjectName];

/// The keys of the user's domain, the first that is given.
pub(crate) const USER_DOMAIN: [[Key; 2]; 4] = [
    [Key::UserDomainId, Key::UserDomainName],
    [Key::DomainId, Key::DomainName],
    [Key::ProjectDomainId, Key::ProjectDomainName],
    [Key::DefaultDomainId, Key::DefaultDomainName],
];

/// The keys of the project's domain, the first that is given.
pub(crate) const PROJECT_DOMAIN: [[Key; 2]; 4] = [
    [Key::ProjectDomainId, Key::ProjectDomainName],
    [Key::DomainId, Key::DomainName],
    [Key::UserDomainId, Key::UserDomainName],
    [Key::DefaultDomainId, Key::DefaultDomainName],
];
