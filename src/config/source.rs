//! What one source says, in one vocabulary, and the choice of the method in it that authenticates.

use super::error::SettingsError;
use super::key::{AuthType, Domain, Key, KeyNames, Sourced, Vendor};
use crate::util::secret::Secret;

/// What one source says: one family of variables, one cloud of a clouds file, or one credentials file.
#[derive(Clone, Debug)]
pub(crate) struct ConfigSource {
    /// For people: `environment (OS_*)`, `clouds.yaml, cloud otc`.
    pub(crate) label: String,
    /// Endpoints given for single services, by the service's name.
    pub(crate) endpoints: Vec<(String, Sourced<String>)>,
    prefix: String,
    rows: &'static [KeyNames],
    /// Each key once.
    values: Vec<(Key, Sourced<Secret>)>,
}

/// The value of a name in the source, if it has one.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Result<Option<Sourced<Secret>>, SettingsError> + 'a;

impl ConfigSource {
    /// Reads every row through `lookup`; an empty value counts as not given.
    ///
    /// # Errors
    /// If names of one row differ, or a value has a control character where none can be meant.
    pub(crate) fn collect(
        label: impl Into<String>,
        prefix: impl Into<String>,
        rows: &'static [KeyNames],
        lookup: &Lookup<'_>,
    ) -> Result<Self, SettingsError> {
        let (label, prefix) = (label.into(), prefix.into());
        let mut set = Self { label, endpoints: Vec::new(), prefix, rows, values: Vec::new() };
        set.add(rows, lookup)?;
        Ok(set)
    }

    /// Reads more rows, for the keys that have no value yet.
    pub(crate) fn add(&mut self, rows: &[KeyNames], lookup: &Lookup<'_>) -> Result<(), SettingsError> {
        for (key, names) in rows {
            if self.has(*key) {
                continue;
            }
            let mut agreed: Option<Sourced<Secret>> = None;
            for name in *names {
                let Some(found) = lookup(name)?.filter(|found| !found.value.is_empty()) else { continue };
                match &agreed {
                    Some(first) if first.value != found.value => return Err(contradiction(first, &found)),
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

    fn get(&self, key: Key) -> Option<&Sourced<Secret>> {
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

    /// Whether it has any part of a method.
    pub(crate) fn has_method(&self, method: AuthType) -> bool {
        method.keys().iter().any(|key| self.has(*key))
    }

    /// Whether the method is to be used if it is complete, and is an error if it is not.
    fn wants(&self, method: AuthType) -> bool {
        match self.get(Key::AuthType) {
            None => self.has_method(method),
            Some(auth_type) => {
                AuthType::from_name(auth_type.value.expose()) == Some(method)
                    && AuthType::ALL.iter().any(|any| self.has_method(*any))
            }
        }
    }

    /// The keys that the method still lacks, each shown by its first name. A project can also be named.
    fn gaps(&self, method: AuthType, known: Known, sets: &[Self]) -> Vec<(Key, String)> {
        let mut gaps = Vec::new();
        let mut need = |any_of: &[Key], show: &[Key]| {
            if !any_of.iter().any(|key| self.has(*key)) {
                let names: Vec<_> = show.iter().filter_map(|key| self.name_of(*key)).collect();
                gaps.push((show[0], names.join(" or ")));
            }
        };
        match method {
            AuthType::Token => need(&[Key::Token], &[Key::Token]),
            AuthType::AccessKey => {
                need(&[Key::AccessId], &[Key::AccessId]);
                need(&[Key::AccessSecret], &[Key::AccessSecret]);
            }
            AuthType::Password => {
                need(&[Key::UserName, Key::UserId], &[Key::UserName]);
                need(&[Key::Password], &[Key::Password]);
                if !self.has(Key::UserId) {
                    need(USER_DOMAIN.as_flattened(), &[Key::UserDomainName]);
                }
                // A password goes where its owner says. A region alone does not say that.
                let from_domain = known.domain && (known.region || self.has(Key::Region));
                if self.vendor().is_none() && !from_domain {
                    need(&[Key::AuthUrl], &[Key::AuthUrl]);
                }
                if AGENCY.iter().any(|key| self.has(*key)) {
                    need(&[Key::AgencyName], &[Key::AgencyName]);
                    need(&[Key::AgencyDomainName, Key::AgencyDomainId], &[Key::AgencyDomainName]);
                }
            }
        }
        if !known.project {
            match method {
                AuthType::Password => need(
                    &[Key::ProjectId, Key::ProjectName, Key::DelegatedProject],
                    &[Key::ProjectName, Key::ProjectId],
                ),
                // IAM tells the project of a token.
                AuthType::Token if self.has_iam(known) && !names_project(sets) => {}
                AuthType::Token => need(&PROJECT, &PROJECT),
                // The project of an access key may be the one named after the region.
                AuthType::AccessKey if self.has_region(known) && !names_project(sets) => {}
                AuthType::AccessKey => {
                    need(&PROJECT, &[Key::ProjectId, Key::Region]);
                    if let Some((Key::ProjectId, names)) = gaps.last_mut()
                        && self.name_of(Key::Region).is_none()
                    {
                        names.push_str(" or OS_REGION_NAME");
                    }
                }
            }
        }
        gaps
    }

    fn has_region(&self, known: Known) -> bool {
        known.region || self.has(Key::Region) || self.vendor().is_some()
    }

    /// Whether the URL of IAM is given or follows from the region.
    fn has_iam(&self, known: Known) -> bool {
        self.has(Key::AuthUrl) || self.has_region(known)
    }

    /// The first of the places, id and name, at which a domain is given.
    pub(crate) fn domain(&self, places: &[[Key; 2]]) -> Option<Domain> {
        places.iter().find_map(|[id, name]| match (self.text(*id), self.text(*name)) {
            (Some(id), _) => Some(Domain::Id(id)),
            (None, Some(name)) => Some(Domain::Name(name)),
            (None, None) => None,
        })
    }

    fn name_of(&self, key: Key) -> Option<String> {
        let (_, names) = self.rows.iter().find(|(other, _)| *other == key)?;
        Some(format!("{}{}", self.prefix, names.first()?))
    }

    /// The key is missing here, so a set that has it is another one.
    fn incomplete(&self, method: AuthType, gaps: Vec<(Key, String)>, sets: &[Self]) -> SettingsError {
        let in_others = |key: Key| sets.iter().filter_map(move |set| Some(set.get(key)?.source.clone()));
        let mut held: Vec<_> = method.keys().iter().filter_map(|key| self.get(*key)).collect();
        if held.is_empty() {
            held.extend(self.get(Key::AuthType));
        }
        let alike = |key: Key| if key == Key::ProjectId { PROJECT.to_vec() } else { vec![key] };
        SettingsError::Incomplete {
            method: method.name(),
            held: held.into_iter().map(|found| found.source.clone()).collect(),
            elsewhere: gaps.iter().flat_map(|(key, _)| alike(*key)).flat_map(in_others).collect(),
            missing: gaps.into_iter().map(|(_, names)| names).collect(),
        }
    }

    /// # Errors
    /// If it holds something that would make other tools act as somebody else than this crate does.
    fn refuse_unsupported(&self, method: AuthType) -> Result<(), SettingsError> {
        let is_login = method == AuthType::Password;
        let refused = [
            (Key::ClientCertificate, "there are no client certificates here; unset it"),
            (Key::Trust, "a login is for a project only; unset it"),
        ];
        let agency = "an agency is assumed by a password login only; unset it or the stronger credentials";
        let agencies = AGENCY.iter().filter(|_| !is_login).map(|key| (*key, agency));
        match refused.into_iter().chain(agencies).find_map(|(key, what)| Some((self.text(key)?, what))) {
            Some((found, what)) => Err(SettingsError::Unsupported { source: found.source, what }),
            None => Ok(()),
        }
    }
}

/// Whether any set names a project: using another one would pass that over without a word.
fn names_project(sets: &[ConfigSource]) -> bool {
    sets.iter().any(|set| PROJECT.iter().any(|key| set.has(*key)))
}

/// What is known without the set, so that it need not say it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The id of the project was given.
    pub(crate) project: bool,
    pub(crate) region: bool,
    /// The domain of the cloud (`HW_CLOUD`).
    pub(crate) domain: bool,
}

/// A file with Windows line ends that is sourced by a shell leaves a carriage return at the end of each value. Sent as
/// part of a user name or a password it would count as a failed login.
fn check_characters(key: Key, found: &Sourced<Secret>) -> Result<(), SettingsError> {
    let text = found.value.expose();
    let problem = if key.is_trimmed() {
        return Ok(());
    } else if text.ends_with('\r') {
        "ends with a carriage return; write the file that sets it with Unix line ends"
    } else if text.ends_with('\n') {
        "ends with a line break; remove it"
    } else if !key.is_secret() && text.chars().any(char::is_control) {
        "has a control character in it; remove it"
    } else {
        return Ok(());
    };
    Err(SettingsError::Invalid { source: found.source.clone(), problem: problem.to_owned() })
}

/// The set and the method to authenticate with: the first method that any set holds in full. `None` if no set holds
/// even a part.
///
/// # Errors
/// If a stronger method is there in part, or two sets hold the method and differ.
pub(crate) fn choose(
    sets: &[ConfigSource],
    known: Known,
) -> Result<Option<(&ConfigSource, AuthType)>, SettingsError> {
    for method in AuthType::ALL {
        let wanted: Vec<_> = sets
            .iter()
            .filter(|set| set.wants(method))
            .map(|set| (set, set.gaps(method, known, sets)))
            .collect();
        let mut complete = wanted.iter().filter(|(_, gaps)| gaps.is_empty()).map(|(set, _)| *set);
        if let Some(set) = complete.next() {
            for other in complete {
                agree(set, other, method, known)?;
            }
            set.refuse_unsupported(method)?;
            return Ok(Some((set, method)));
        }
        if let Some((set, gaps)) = wanted.into_iter().next() {
            return Err(set.incomplete(method, gaps, sets));
        }
    }
    for set in sets {
        if let Some(auth_type) = set.text(Key::AuthType)
            && AuthType::from_name(&auth_type.value).is_none()
        {
            return Err(SettingsError::Unsupported {
                source: auth_type.source,
                what: "the known ones are password, v3password, v3totp, v3multifactor, token, v3token and aksk",
            });
        }
        if let Some(provider) = set.text(Key::IdentityProvider) {
            return Err(SettingsError::Unsupported {
                source: provider.source,
                what: "there is no login through an identity provider; give a token, an access key or a password",
            });
        }
    }
    Ok(None)
}

/// Two complete sets for one method have to agree, else the choice between them would be a guess.
fn agree(
    one: &ConfigSource,
    other: &ConfigSource,
    method: AuthType,
    known: Known,
) -> Result<(), SettingsError> {
    let project: &[Key] = if known.project { &[] } else { &PROJECT };
    let place: &[Key] = if method == AuthType::Password { &[Key::AuthUrl] } else { &[] };
    for key in method.keys().iter().chain(project).chain(place) {
        if let (Some(one), Some(other)) = (one.get(*key), other.get(*key))
            && one.value != other.value
        {
            return Err(contradiction(one, other));
        }
    }
    Ok(())
}

/// With a token given by the program the families only name the project, and have to name the same.
pub(crate) fn same_project(sets: &[ConfigSource]) -> Result<(), SettingsError> {
    let mut ids = sets.iter().filter_map(|set| set.get(Key::ProjectId));
    let Some(first) = ids.next() else {
        return Ok(());
    };
    ids.find(|other| other.value != first.value).map_or(Ok(()), |other| Err(contradiction(first, other)))
}

fn contradiction(one: &Sourced<Secret>, other: &Sourced<Secret>) -> SettingsError {
    SettingsError::Contradiction { one: one.source.clone(), other: other.source.clone() }
}

const AGENCY: [Key; 4] = [Key::AgencyName, Key::AgencyDomainName, Key::AgencyDomainId, Key::DelegatedProject];

const PROJECT: [Key; 2] = [Key::ProjectId, Key::ProjectName];

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
