//! Which of the sources has the credentials. Each is judged by itself: what it has in part is an error that says what is
//! missing, whatever another source has. Sources that are complete have to agree.
//!
//! Region, project, domain and IAM URL are no credentials: a family that has nothing else does not count as a source. But
//! where it names another project, it contradicts.

use super::env::refused::APPLICATION_CREDENTIAL;
use super::error::{SettingsError, contradiction};
use super::key::{AuthType, Key, Sourced};
use super::source::{AGENCY, ConfigSource, PROJECT, USER_DOMAIN};
use crate::endpoint::url::{BaseUrl, PlainHttp};
use crate::util::secret::Secret;

/// What is known without the source, so that it need not say it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The id of the project was given.
    pub(crate) project: bool,
    pub(crate) region: bool,
    /// The region was given, and whatever else is said about it does not count.
    pub(crate) region_given: bool,
    /// The domain of the cloud (`HW_CLOUD`).
    pub(crate) domain: bool,
}

/// How much of the credentials a source has.
#[derive(Debug)]
enum Credentials {
    Absent,
    /// The method, and the keys that it lacks, each with the names to show for it.
    Partial(AuthType, Vec<(Key, String)>),
    Complete(AuthType),
}

/// The source and the method to authenticate with: of the sources that are complete the one with the strongest method.
/// `None` if no source has credentials. `beside` may have more sources, which are not to be chosen and have no credentials.
///
/// # Errors
/// If a source has credentials in part, if sources contradict each other, or if one of them asks for what is not supported.
pub(crate) fn choose<'a>(
    sources: &'a [ConfigSource],
    beside: &[ConfigSource],
    known: Known,
) -> Result<Option<(&'a ConfigSource, AuthType)>, SettingsError> {
    let all: Vec<_> = sources.iter().chain(beside).collect();
    for source in &all {
        refuse_unsupported(source)?;
    }
    let judged: Vec<_> = sources.iter().map(|source| (source, credentials(source, known, &all))).collect();
    let complete = judged.iter().filter_map(|(source, found)| match found {
        Credentials::Complete(method) => Some((*source, *method)),
        _ => None,
    });
    // The first of equals.
    let chosen = complete.clone().min_by_key(|(_, method)| *method);
    for (source, found) in &judged {
        if let Credentials::Partial(method, gaps) = found {
            let other = chosen.map(|(other, _)| other).filter(|other| other.label != source.label);
            return Err(incomplete(source, *method, gaps, &all, other));
        }
    }
    let Some((source, method)) = chosen else { return Ok(None) };
    refuse_agency(source, method)?;
    for (other, its_method) in complete.filter(|(other, _)| other.label != source.label) {
        agree_on_user(source, other, (method == its_method).then_some(method), known)?;
    }
    for other in all.into_iter().filter(|other| other.label != source.label) {
        agree_on_place(source, other, method, known)?;
        if let Some(role) = AGENCY.iter().find_map(|key| other.get(*key)) {
            let what = "an agency is assumed with credentials of the same family only; set those or unset it";
            return Err(SettingsError::Unsupported { source: role.source.clone(), what });
        }
    }
    Ok(Some((source, method)))
}

/// With a token given by the program the families only name the project, and have to name the same.
pub(crate) fn same_project(sources: &[ConfigSource]) -> Result<(), SettingsError> {
    let mut rest = sources;
    while let Some((source, others)) = rest.split_first() {
        others.iter().try_for_each(|other| agree(source, other, &PROJECT))?;
        rest = others;
    }
    Ok(())
}

fn credentials(source: &ConfigSource, known: Known, all: &[&ConfigSource]) -> Credentials {
    let judge = |method| match gaps(source, method, known, all) {
        gaps if gaps.is_empty() => Credentials::Complete(method),
        gaps => Credentials::Partial(method, gaps),
    };
    let mut present = AuthType::ALL.into_iter().filter(|method| source.has_method(*method));
    let Some(strongest) = present.next() else { return Credentials::Absent };
    if let Some(name) = source.text(Key::AuthType) {
        return judge(AuthType::from_name(&name.value).unwrap_or(strongest));
    }
    // A user name without a password is not part of a weaker method: it is what remains after the password was unset.
    let half = present.map(|weaker| (weaker, secret_gaps(source, weaker))).find(|(_, gaps)| !gaps.is_empty());
    match (judge(strongest), half) {
        (Credentials::Complete(_), Some((weaker, gaps))) => Credentials::Partial(weaker, gaps),
        (found, _) => found,
    }
}

/// The keys that the method still lacks, each with the names to show for it.
fn gaps(source: &ConfigSource, method: AuthType, known: Known, all: &[&ConfigSource]) -> Vec<(Key, String)> {
    let mut gaps = match method {
        AuthType::Password if source.has_any(&[Key::UserName, Key::UserId]) || source.has(Key::Password) => {
            let mut gaps = Gaps::of(source);
            gaps.need(&[Key::UserName, Key::UserId], &[Key::UserName]);
            gaps.need(&[Key::Password], &[Key::Password]);
            gaps
        }
        _ => Gaps { source, found: secret_gaps(source, method) },
    };
    let has_region = known.region || source.has(Key::Region) || source.vendor().is_some();
    if method == AuthType::Password {
        if !source.has(Key::UserId) {
            gaps.need(USER_DOMAIN.as_flattened(), &[Key::UserDomainName]);
        }
        // A password is sent only to an IAM that was named, and a region alone does not name one.
        if source.vendor().is_none() && !(known.domain && has_region) {
            gaps.need(&[Key::AuthUrl], &[Key::AuthUrl]);
        }
        if source.has_any(&AGENCY) {
            gaps.need(&[Key::AgencyName], &[Key::AgencyName]);
            gaps.need(&[Key::AgencyDomainName, Key::AgencyDomainId], &[Key::AgencyDomainName]);
        }
    }
    // A project that is named anywhere must not be ignored silently.
    let is_named = all.iter().any(|source| source.has_any(&PROJECT));
    match method {
        _ if known.project => {}
        AuthType::Password => gaps.need(
            &[Key::ProjectId, Key::ProjectName, Key::DelegatedProject],
            &[Key::ProjectName, Key::ProjectId],
        ),
        // IAM can be asked for the project of a token.
        AuthType::Token if (source.has(Key::AuthUrl) || has_region) && !is_named => {}
        AuthType::Token => gaps.need(&PROJECT, &PROJECT),
        // The project of an access key may be the one named after the region.
        AuthType::AccessKey if has_region && !is_named => {}
        AuthType::AccessKey if has_region => gaps.need(&PROJECT, &[Key::ProjectId]),
        AuthType::AccessKey => {
            gaps.need(&PROJECT, &[Key::ProjectId, Key::Region]);
            if let Some((Key::ProjectId, names)) = gaps.found.last_mut()
                && source.name_of(Key::Region).is_none()
            {
                names.push_str(" or OS_REGION_NAME");
            }
        }
    }
    gaps.found
}

/// What is missing of the credentials themselves. A user's name alone is none.
fn secret_gaps(source: &ConfigSource, method: AuthType) -> Vec<(Key, String)> {
    let mut gaps = Gaps::of(source);
    match method {
        AuthType::Token => gaps.need(&[Key::Token], &[Key::Token]),
        AuthType::AccessKey => {
            gaps.need(&[Key::AccessId], &[Key::AccessId]);
            gaps.need(&[Key::AccessSecret], &[Key::AccessSecret]);
        }
        AuthType::Password => {
            if source.has_any(&[Key::Password, Key::Passcode]) {
                gaps.need(&[Key::UserName, Key::UserId], &[Key::UserName]);
                gaps.need(&[Key::Password], &[Key::Password]);
            }
        }
    }
    gaps.found
}

struct Gaps<'a> {
    source: &'a ConfigSource,
    found: Vec<(Key, String)>,
}

impl<'a> Gaps<'a> {
    const fn of(source: &'a ConfigSource) -> Self {
        Self { source, found: Vec::new() }
    }

    fn need(&mut self, any_of: &[Key], show: &[Key]) {
        if !self.source.has_any(any_of) {
            let names: Vec<_> = show.iter().filter_map(|key| self.source.name_of(*key)).collect();
            self.found.push((show[0], names.join(" or ")));
        }
    }
}

/// The error for a source that has a method in part. `instead` is another one that is complete.
fn incomplete(
    source: &ConfigSource,
    method: AuthType,
    gaps: &[(Key, String)],
    all: &[&ConfigSource],
    instead: Option<&ConfigSource>,
) -> SettingsError {
    let mut held: Vec<_> = method.keys().iter().filter_map(|key| source.get(*key)).collect();
    if held.is_empty() {
        held.extend(source.get(Key::AuthType));
    }
    let alike = |key: Key| if key == Key::ProjectId { PROJECT.to_vec() } else { vec![key] };
    // This source lacks the key, so those that have it are other ones.
    let in_others = |key: Key| all.iter().filter_map(move |other| Some(other.get(key)?.source.clone()));
    SettingsError::Incomplete {
        method: method.name(),
        held: held.into_iter().map(|found| found.source.clone()).collect(),
        elsewhere: match instead {
            Some(_) => Vec::new(),
            None => gaps.iter().flat_map(|(key, _)| alike(*key)).flat_map(in_others).collect(),
        },
        missing: gaps.iter().map(|(_, names)| names.clone()).collect(),
        instead: instead.map(|other| other.label.clone()),
    }
}

/// # Errors
/// If the source has something that would make other tools act as somebody else than this crate does.
fn refuse_unsupported(source: &ConfigSource) -> Result<(), SettingsError> {
    let refused = [
        (Key::ClientCertificate, "there are no client certificates here; unset it"),
        (Key::Trust, "a login is for a project only; unset it"),
        (Key::IdentityProvider, IDENTITY_PROVIDER),
        (Key::ApplicationCredential, APPLICATION_CREDENTIAL),
    ];
    let unknown = source.get(Key::AuthType).filter(|name| AuthType::from_name(name.value.expose()).is_none());
    let unknown = unknown.map(|found| (found, AUTH_TYPES));
    let refused = refused.into_iter().find_map(|(key, what)| Some((source.get(key)?, what)));
    match refused.or(unknown) {
        Some((found, what)) => Err(SettingsError::Unsupported { source: found.source.clone(), what }),
        None => Ok(()),
    }
}

/// # Errors
/// If an agency is named, and the method cannot assume one.
fn refuse_agency(source: &ConfigSource, method: AuthType) -> Result<(), SettingsError> {
    match AGENCY.iter().find_map(|key| source.get(*key)) {
        Some(found) if method != AuthType::Password => Err(SettingsError::Unsupported {
            source: found.source.clone(),
            what: "an agency is assumed by a password login only; unset it or the stronger credentials",
        }),
        _ => Ok(()),
    }
}

/// Two sources that are complete have to be for the same user, as far as that can be seen, else the choice between them
/// would be a guess.
fn agree_on_user(
    one: &ConfigSource,
    other: &ConfigSource,
    same_method: Option<AuthType>,
    known: Known,
) -> Result<(), SettingsError> {
    agree(one, other, same_method.map_or(&[], AuthType::keys))?;
    if same_method == Some(AuthType::AccessKey) {
        refuse_lone_security_token(one, other)?;
        refuse_lone_security_token(other, one)?;
    }
    agree_on_domain(one, other)?;
    if !known.region_given {
        agree(one, other, &[Key::Region])?;
    }
    match (one.get(Key::AuthUrl), other.get(Key::AuthUrl)) {
        (Some(one), Some(other)) if !is_same_host(one, other) => {
            Err(contradiction(&one.source, &other.source))
        }
        _ => Ok(()),
    }
}

/// # Errors
/// If one key has a security token, and the same key of the other source has none.
fn refuse_lone_security_token(one: &ConfigSource, other: &ConfigSource) -> Result<(), SettingsError> {
    match one.get(Key::SecurityToken) {
        Some(token) if !other.has(Key::SecurityToken) => Err(SettingsError::Invalid {
            source: token.source.clone(),
            problem: format!(
                "is not set in the {}, which has the same access key; set it there or unset one of the keys",
                other.label
            ),
        }),
        _ => Ok(()),
    }
}

/// The project of the chosen source, and the domain if it logs in there, must not be another one for somebody else.
fn agree_on_place(
    chosen: &ConfigSource,
    other: &ConfigSource,
    method: AuthType,
    known: Known,
) -> Result<(), SettingsError> {
    if !known.project {
        agree(chosen, other, &PROJECT)?;
    }
    if method == AuthType::Password {
        agree_on_domain(chosen, other)?;
    }
    Ok(())
}

fn agree_on_domain(one: &ConfigSource, other: &ConfigSource) -> Result<(), SettingsError> {
    let domain =
        |source: &ConfigSource, keys: [Key; 2]| keys.iter().find_map(|key| source.get(*key).cloned());
    for keys in [[Key::UserDomainId, Key::DomainId], [Key::UserDomainName, Key::DomainName]] {
        if let (Some(one), Some(other)) = (domain(one, keys), domain(other, keys))
            && one.value != other.value
        {
            return Err(contradiction(&one.source, &other.source));
        }
    }
    Ok(())
}

fn agree(one: &ConfigSource, other: &ConfigSource, keys: &[Key]) -> Result<(), SettingsError> {
    for key in keys {
        if let (Some(one), Some(other)) = (one.get(*key), other.get(*key))
            && one.value != other.value
        {
            return Err(contradiction(&one.source, &other.source));
        }
    }
    Ok(())
}

/// Whether two IAM URLs differ in their paths at most, `/v3` or none.
fn is_same_host(one: &Sourced<Secret>, other: &Sourced<Secret>) -> bool {
    let url = |found: &Sourced<Secret>| BaseUrl::parse(found.value.expose().trim(), PlainHttp::Anywhere);
    match (url(one), url(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => one.value == other.value,
    }
}

pub(crate) const IDENTITY_PROVIDER: &str =
    "there is no login through an identity provider; give a token, an access key or a password";

const AUTH_TYPES: &str =
    "the known ones are password, v3password, v3totp, v3multifactor, token, v3token and aksk";
