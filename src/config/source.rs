//! What one source says, under one vocabulary, and the choice of the method in it that says who asks.

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

impl ConfigSource {
    /// Reads every row through `lookup`; a value that is empty is none.
    pub(crate) fn collect(
        label: impl Into<String>,
        prefix: impl Into<String>,
        rows: &'static [KeyNames],
        lookup: impl Fn(&str) -> Option<Sourced<Secret>>,
    ) -> Result<Self, SettingsError> {
        let (label, prefix) = (label.into(), prefix.into());
        let mut set = Self { label, endpoints: Vec::new(), prefix, rows, values: Vec::new() };
        set.add(rows, &lookup)?;
        Ok(set)
    }

    /// Reads more rows, for the keys that are still without a value.
    pub(crate) fn add(
        &mut self,
        rows: &[KeyNames],
        lookup: &dyn Fn(&str) -> Option<Sourced<Secret>>,
    ) -> Result<(), SettingsError> {
        for (key, names) in rows {
            if self.has(*key) {
                continue;
            }
            let mut agreed: Option<Sourced<Secret>> = None;
            for found in names.iter().filter_map(|name| lookup(name)).filter(|found| !found.value.is_empty())
            {
                match &agreed {
                    Some(first) if first.value != found.value => {
                        return Err(contradiction(first, &found));
                    }
                    Some(_) => {}
                    None => agreed = Some(found),
                }
            }
            if let Some(found) = agreed {
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
        self.get(Key::Vendor).and_then(|found| Vendor::named(found.value.expose()))
    }

    /// It says something of a method, were it only half.
    pub(crate) fn has_method(&self, method: AuthType) -> bool {
        method.keys().iter().any(|key| self.has(*key))
    }

    /// The method is to be used if it is complete, and missed if it is not.
    fn wants(&self, method: AuthType) -> bool {
        match self.get(Key::AuthType) {
            None => self.has_method(method),
            Some(auth_type) => {
                AuthType::of_auth_type(auth_type.value.expose()) == Some(method)
                    && AuthType::ALL.iter().any(|any| self.has_method(*any))
            }
        }
    }

    /// The keys that the method still lacks. Each is shown by its first name; a project can also be named.
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
                if self.vendor().is_none() {
                    need(&[Key::AuthUrl], &[Key::AuthUrl]);
                }
                if self.has(Key::AgencyName)
                    || self.has(Key::AgencyDomainName)
                    || self.has(Key::DelegatedProject)
                {
                    need(&[Key::AgencyName], &[Key::AgencyName]);
                    need(&[Key::AgencyDomainName], &[Key::AgencyDomainName]);
                }
            }
        }
        if !known.project {
            match method {
                AuthType::Password => need(
                    &[Key::ProjectId, Key::ProjectName, Key::DelegatedProject],
                    &[Key::ProjectName, Key::ProjectId],
                ),
                AuthType::Token => need(&PROJECT, &PROJECT),
                AuthType::AccessKey if self.region_tells_project(known, sets) => {}
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

    /// The project of an access key may be the one named after the region, unless another set names one: that would be
    /// passed over without a word.
    fn region_tells_project(&self, known: Known, sets: &[Self]) -> bool {
        (known.region || self.has(Key::Region) || self.vendor().is_some())
            && !sets.iter().any(|set| PROJECT.iter().any(|key| set.has(*key)))
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
}

/// What is known without the set: it need not say it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The id of the project was given outright.
    pub(crate) project: bool,
    pub(crate) region: bool,
}

/// Which set and method say who asks: the first method that any set holds in full, if none before it is there in
/// half. Nothing, if no set holds even a part.
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
            if let (AuthType::Token | AuthType::AccessKey, Some(agency)) = (method, set.text(Key::AgencyName))
            {
                return Err(SettingsError::Unsupported {
                    source: agency.source,
                    what: "an agency is taken on by a password login only, so unset it or the stronger credentials",
                });
            }
            return Ok(Some((set, method)));
        }
        if let Some((set, gaps)) = wanted.into_iter().next() {
            return Err(set.incomplete(method, gaps, sets));
        }
    }
    for set in sets {
        if let Some(auth_type) = set.text(Key::AuthType)
            && AuthType::of_auth_type(&auth_type.value).is_none()
        {
            return Err(SettingsError::Unsupported {
                source: auth_type.source,
                what: "the known ones are password, v3password, v3totp, v3multifactor, token, v3token and aksk",
            });
        }
        if let Some(provider) = set.text(Key::IdentityProvider) {
            return Err(SettingsError::Unsupported {
                source: provider.source,
                what: "there is no login through an identity provider, so give a token, an access key or a password",
            });
        }
    }
    Ok(None)
}

/// Two complete sets for one method have to be the same, else it would be a guess who asks.
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

/// With a token from elsewhere the families only say which project, and have to say the same.
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

const PROJECT: [Key; 2] = [Key::ProjectId, Key::ProjectName];

/// Where the user's domain stands, the first that is given.
pub(crate) const USER_DOMAIN: [[Key; 2]; 4] = [
    [Key::UserDomainId, Key::UserDomainName],
    [Key::DomainId, Key::DomainName],
    [Key::ProjectDomainId, Key::ProjectDomainName],
    [Key::DefaultDomainId, Key::DefaultDomainName],
];

/// Where the project's domain stands, the first that is given.
pub(crate) const PROJECT_DOMAIN: [[Key; 2]; 4] = [
    [Key::ProjectDomainId, Key::ProjectDomainName],
    [Key::DomainId, Key::DomainName],
    [Key::UserDomainId, Key::UserDomainName],
    [Key::DefaultDomainId, Key::DefaultDomainName],
];
