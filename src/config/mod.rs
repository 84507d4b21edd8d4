//! Who asks and where, from what people already have: flags before a cloud chosen by its name, before the
//! environment, before the only cloud of a clouds file, before `~/.huaweicloud/credentials`.
//!
//! One source is taken whole. Within it a token comes before an access key before a password; what is there in half is
//! an error and never a reason to look further.

pub(crate) mod clouds_file;
pub(crate) mod clouds_yaml;
pub(crate) mod credentials_file;
pub(crate) mod env;
pub(crate) mod error;
pub(crate) mod key;
pub(crate) mod source;

use std::path::PathBuf;

use self::clouds_yaml::Clouds;
use self::env::{Environment, variable};
use self::error::SettingsError;
use self::key::{AuthType, Domain, Key, Sourced};
use self::source::{ConfigSource, Known, PROJECT_DOMAIN, USER_DOMAIN, choose, same_project};
use crate::util::secret::Secret;

/// What was found: enough to make a client of, once the service is known.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) who: AuthMethod,
    /// The IAM, as written in the source. Always there for a password.
    pub(crate) auth_url: Option<Sourced<String>>,
    pub(crate) region: Option<Sourced<String>>,
    /// There with a token and an access key, unless the project's name is, or for an access key the region.
    pub(crate) project_id: Option<Sourced<String>>,
    /// There where the id is not, but for an access key that has the region; sometimes beside it.
    pub(crate) project_name: Option<Sourced<String>>,
    pub(crate) project_domain: Option<Domain>,
    pub(crate) ca_cert: Option<Sourced<PathBuf>>,
    /// For people: `environment (OS_*)`, `clouds.yaml, cloud otc`, `~/.huaweicloud/credentials`.
    pub(crate) source: String,
    endpoints: Vec<(String, Sourced<String>)>,
}

impl Settings {
    /// The endpoint that was given for this service, in lower case as in `ecs`: the environment's, or else the file's.
    pub(crate) fn endpoint(&self, service: &str) -> Option<&Sourced<String>> {
        self.endpoints.iter().find(|(name, _)| name == service).map(|(_, found)| found)
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum AuthMethod {
    /// No source says anything.
    Nobody,
    Token(Sourced<Secret>),
    AccessKey {
        access_key: Sourced<String>,
        secret_key: Sourced<Secret>,
        security_token: Option<Sourced<Secret>>,
    },
    Password(Box<PasswordLogin>),
}

/// A login by password.
#[derive(Clone, Debug)]
pub(crate) struct PasswordLogin {
    pub(crate) user: User,
    pub(crate) password: Sourced<Secret>,
    /// The number of a second factor.
    pub(crate) passcode: Option<Sourced<Secret>>,
    pub(crate) agency: Option<Agency>,
}

/// A user, by the id if it is given.
#[derive(Clone, Debug)]
pub(crate) enum User {
    /// The domain is only there if it was given.
    Id(Sourced<String>, Option<Domain>),
    Name {
        name: Sourced<String>,
        domain: Domain,
    },
}

/// An agency to be taken on after the login. The project of the settings is then the one it is taken on for.
#[derive(Clone, Debug)]
pub(crate) struct Agency {
    pub(crate) name: Sourced<String>,
    /// The name of the domain that delegated.
    pub(crate) domain_name: Sourced<String>,
}

/// What was said outright, by flags or by a program; it beats all sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) cloud: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) project_id: Option<String>,
    /// The endpoint is no part of the settings; but with it less is looked for.
    pub(crate) endpoint: Option<Sourced<String>>,
    pub(crate) token: Option<Secret>,
    pub(crate) ca_cert: Option<PathBuf>,
}

/// Finds out who asks and where. With no source at all, [`AuthMethod::Nobody`].
///
/// # Errors
/// If what is there is incomplete, contradictory, unreadable or not supported.
pub(crate) fn find(explicit: &Overrides, env: &dyn Environment) -> Result<Settings, SettingsError> {
    env::refuse_insecure(env)?;
    let by_name = explicit.cloud.clone().or_else(|| variable(env, "OS_CLOUD").map(|found| found.value));
    let known = known(explicit, env);
    if let Some(name) = by_name {
        let clouds = Clouds::read(env)?.ok_or_else(|| clouds_yaml::no_file(env, &name))?;
        return from_file(explicit, env, clouds.named(&name)?, true);
    }
    let sets = env::sets(env)?;
    if explicit.token.is_none()
        && let Some((set, method)) = choose(&sets, known)?
    {
        return build(explicit, env, Some(set), Some(method), false);
    }
    let places = [Key::ProjectId, Key::ProjectName, Key::AuthUrl];
    let place = sets.iter().find(|set| places.iter().any(|key| set.has(*key)));
    let enough = known.project && (known.region || explicit.endpoint.is_some());
    if explicit.token.is_some() && !known.project {
        same_project(&sets)?;
    }
    if explicit.token.is_some() && (place.is_some() || enough) {
        return build(explicit, env, place, None, false);
    }
    match file(env)? {
        Some((set, is_cloud)) => from_file(explicit, env, set, is_cloud),
        None => build(explicit, env, place, None, false),
    }
}

/// What no source needs to say. A region that the environment contradicts itself about is complained of where it is
/// used.
fn known(explicit: &Overrides, env: &dyn Environment) -> Known {
    Known {
        project: explicit.project_id.is_some(),
        region: explicit.region.is_some() || !matches!(env::region(env), Ok(None)),
    }
}

/// The source to take when nobody chose one, and whether it is a cloud of a clouds file.
fn file(env: &dyn Environment) -> Result<Option<(ConfigSource, bool)>, SettingsError> {
    if let Some(set) = credentials_file::named(env)? {
        return Ok(Some((set, false)));
    }
    let only = Clouds::read(env)?.map_or(Ok(None), |clouds| clouds.only());
    if let Ok(Some(set)) = only {
        return Ok(Some((set, true)));
    }
    if !matches!(only, Ok(None) | Err(SettingsError::ManyClouds { .. })) {
        return only.map(|set| set.map(|set| (set, true)));
    }
    match (credentials_file::usual(env)?, only) {
        (Some(set), _) => Ok(Some((set, false))),
        (None, Err(many)) => Err(many),
        (None, Ok(_)) => Ok(None),
    }
}

fn from_file(
    explicit: &Overrides,
    env: &dyn Environment,
    set: ConfigSource,
    is_cloud: bool,
) -> Result<Settings, SettingsError> {
    if explicit.token.is_some() {
        return build(explicit, env, Some(&set), None, is_cloud);
    }
    let sets = [set];
    match choose(&sets, known(explicit, env))? {
        Some((set, method)) => build(explicit, env, Some(set), Some(method), is_cloud),
        None => Err(SettingsError::NoOne {
            label: sets[0].label.clone(),
            options: if is_cloud {
                "give auth.token, auth.ak and auth.sk, or auth.username and auth.password"
            } else {
                "give ak and sk in its section [basic]"
            },
        }),
    }
}

fn build(
    explicit: &Overrides,
    env: &dyn Environment,
    set: Option<&ConfigSource>,
    method: Option<AuthType>,
    is_cloud: bool,
) -> Result<Settings, SettingsError> {
    let text = |key| set.and_then(|set| set.text(key));
    let who = match (&explicit.token, set, method) {
        (Some(token), ..) => AuthMethod::Token(Sourced::new(token.clone(), GIVEN_TOKEN)),
        (None, Some(set), Some(method)) => who(set, method),
        _ => AuthMethod::Nobody,
    };
    let delegated = match &who {
        AuthMethod::Password(login) => {
            login.agency.as_ref().and_then(|agency| Some((agency, text(Key::DelegatedProject)?)))
        }
        _ => None,
    };
    let (id, name, domain) = match delegated {
        Some((agency, project)) => (None, Some(project), Some(Domain::Name(agency.domain_name.clone()))),
        None => {
            let domain = set.and_then(|set| set.domain(&PROJECT_DOMAIN));
            (text(Key::ProjectId), text(Key::ProjectName), domain)
        }
    };
    let vendor = set.and_then(ConfigSource::vendor);
    let region = match (&explicit.region, text(Key::Region)) {
        (Some(region), _) => Some(Sourced::new(region.clone(), "region given")),
        (None, Some(region)) => Some(region),
        (None, None) => {
            env::region(env)?.or_else(|| name.as_ref().and_then(region_of_project)).or_else(|| {
                text(Key::Vendor)
                    .zip(vendor)
                    .map(|(found, vendor)| Sourced::new(vendor.region().into(), found.source))
            })
        }
    };
    let auth_url = text(Key::AuthUrl).or_else(|| {
        let url = vendor?.auth_url(region.as_ref().map(|region| region.value.as_str()));
        Some(Sourced::new(url.to_owned(), text(Key::Vendor)?.source))
    });
    let (project_id, project_name, project_domain) = match &explicit.project_id {
        Some(id) => (Some(Sourced::new(id.clone(), "project id given")), None, None),
        None => (id, name, domain),
    };
    if let (AuthMethod::Token(_), None, None) = (&who, &project_id, &project_name) {
        return Err(SettingsError::Incomplete {
            method: GIVEN_TOKEN,
            held: Vec::new(),
            missing: vec!["the id of its project, with --project-id or OS_PROJECT_ID".to_owned()],
            elsewhere: Vec::new(),
        });
    }
    let ca_cert = match &explicit.ca_cert {
        Some(path) => Some(Sourced::new(path.clone(), "CA file given")),
        None if is_cloud => text(Key::CaCert).map(|found| path(env, found)),
        None => env::ca_cert(env)?.map(|found| path(env, found)),
    };
    let mut endpoints = region.as_ref().map_or_else(Vec::new, |region| env::endpoints(env, &region.value));
    endpoints.extend(set.iter().flat_map(|set| set.endpoints.iter().cloned()));
    let label = set.map(|set| set.label.clone());
    let source = match (&explicit.token, label) {
        (Some(_), Some(label)) => format!("{GIVEN_TOKEN}, and {label}"),
        (Some(_), None) => GIVEN_TOKEN.to_owned(),
        (None, label) => label.unwrap_or_default(),
    };
    Ok(Settings {
        who,
        auth_url,
        region,
        project_id,
        project_name,
        project_domain,
        ca_cert,
        source,
        endpoints,
    })
}

/// Who asks by a method that the set holds in full.
fn who(set: &ConfigSource, method: AuthType) -> AuthMethod {
    let whole = || match method {
        AuthType::Token => Some(AuthMethod::Token(set.secret(Key::Token)?)),
        AuthType::AccessKey => Some(AuthMethod::AccessKey {
            access_key: set.text(Key::AccessId)?,
            secret_key: set.secret(Key::AccessSecret)?,
            security_token: set.secret(Key::SecurityToken),
        }),
        AuthType::Password => Some(AuthMethod::Password(Box::new(PasswordLogin {
            user: match set.text(Key::UserId) {
                Some(id) => User::Id(id, set.domain(&USER_DOMAIN)),
                None => User::Name { name: set.text(Key::UserName)?, domain: set.domain(&USER_DOMAIN)? },
            },
            password: set.secret(Key::Password)?,
            passcode: set.secret(Key::Passcode),
            agency: set
                .text(Key::AgencyName)
                .zip(set.text(Key::AgencyDomainName))
                .map(|(name, domain_name)| Agency { name, domain_name }),
        }))),
    };
    whole().unwrap_or(AuthMethod::Nobody)
}

/// The beginning of a project's name up to its `_`, if it looks like a region: `eu-de` of `eu-de_shop`.
fn region_of_project(name: &Sourced<String>) -> Option<Sourced<String>> {
    let region = name.value.split('_').next()?;
    let (country, rest) = region.split_once('-')?;
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (country.len() == 2 && plain(country) && rest.split('-').all(plain))
        .then(|| Sourced::new(region.to_owned(), name.source.clone()))
}

fn path(env: &dyn Environment, found: Sourced<String>) -> Sourced<PathBuf> {
    let below_home = found.value.strip_prefix("~/").and_then(|rest| Some(env.home()?.join(rest)));
    Sourced::new(below_home.unwrap_or_else(|| PathBuf::from(&found.value)), found.source)
}

/// Where a token came from that no source held.
const GIVEN_TOKEN: &str = "token given";

#[cfg(test)]
mod tests {
    use super::env::fake::{Fake, told, variables};
    use super::*;

    const TOKEN: &str = "OS_TOKEN=t OS_PROJECT_ID=p";
    const KEY: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=q";
    const LOGIN: &str =
        "OS_USERNAME=u OS_PASSWORD=w OS_DOMAIN_NAME=d OS_PROJECT_NAME=eu-de_x OS_AUTH_URL=https://iam";
    const CLOUDS: &str = "/srv/here/clouds.json";
    const ONE: &str =
        r#"{"clouds": {"one": {"auth": {"token": "t1", "project_id": "p1"}, "region_name": "r1"}}}"#;
    const TWO: &str = r#"{"clouds": {"one": {"auth": {"token": "t1", "project_id": "p1"}, "region_name": "r1"},
                          "two": {"auth": {"token": "t2", "project_id": "p2"}, "cacert": "~/two.pem"}}}"#;
    const USUAL: &str = "/home/me/.huaweicloud/credentials";
    const INI: &str = "[basic]\nak = a0\nsk = s0\nproject_id = p0\n";

    #[test]
    fn sources_come_in_a_fixed_order_and_are_taken_whole() {
        let named = Overrides { cloud: Some("one".into()), ..Overrides::default() };
        let flags = Overrides {
            region: Some("r9".into()),
            project_id: Some("p9".into()),
            token: Some(Secret::new("t9")),
            ca_cert: Some("/9.pem".into()),
            ..Overrides::default()
        };
        let project = Overrides { project_id: Some("p9".into()), ..Overrides::default() };
        let token = Overrides { token: Some(Secret::new("t9")), ..Overrides::default() };
        let none = Overrides::default();
        let with = |line: &str, clouds: &str, ini: &str| {
            let mut env = variables(line);
            for (path, text) in [(CLOUDS, clouds), (USUAL, ini)] {
                if !text.is_empty() {
                    env = env.file(path, text);
                }
            }
            env
        };
        let environment = "environment (OS_*)";
        let table = [
            // Between sources.
            (&none, with("", "", ""), "nobody=", ""),
            (&none, with("", "", INI), "ak=a0 sk=s0 project_id=p0", "~/.huaweicloud/credentials"),
            (&none, with("", ONE, INI), "token=t1 region=r1 project_id=p1", "clouds.json, cloud one"),
            (&none, with("", TWO, INI), "ak=a0 sk=s0 project_id=p0", "~/.huaweicloud/credentials"),
            (&none, with(TOKEN, ONE, INI), "token=t project_id=p", environment),
            (
                &none,
                with("OS_CLOUD=two", TWO, INI),
                "token=t2 project_id=p2 ca=/home/me/two.pem",
                "clouds.json, cloud two",
            ),
            (
                &named,
                with("OS_CLOUD=two", TWO, INI),
                "token=t1 region=r1 project_id=p1",
                "clouds.json, cloud one",
            ),
            // A chosen cloud is not mixed with the environment; its region is only filled in.
            (
                &none,
                with(
                    "OS_CLOUD=one OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=r OS_CACERT=c OS_AUTH_URL=u",
                    TWO,
                    "",
                ),
                "token=t1 region=r1 project_id=p1",
                "clouds.json, cloud one",
            ),
            (
                &none,
                with("OS_CLOUD=two OS_PROJECT_ID=p OS_REGION_NAME=r OS_CACERT=c", TWO, ""),
                "token=t2 region=r project_id=p2 ca=/home/me/two.pem",
                "clouds.json, cloud two",
            ),
            // What is no credential does not make an environment.
            (
                &none,
                with("OS_REGION_NAME=r OS_PROJECT_ID=p OS_AUTH_URL=u", ONE, INI),
                "token=t1 region=r1 project_id=p1",
                "clouds.json, cloud one",
            ),
            // A flag beats every source.
            (
                &flags,
                with(LOGIN, ONE, INI),
                "token=t9 auth_url=https://iam region=r9 project_id=p9 ca=/9.pem",
                "token given, and environment (OS_*)",
            ),
            (&flags, with("", "{", INI), "token=t9 region=r9 project_id=p9 ca=/9.pem", "token given"),
            (
                &flags,
                with("OS_CLOUD=two", TWO, ""),
                "token=t9 region=r9 project_id=p9 ca=/9.pem",
                "token given, and clouds.json, cloud two",
            ),
            (
                &token,
                with("", ONE, INI),
                "token=t9 region=r1 project_id=p1",
                "token given, and clouds.json, cloud one",
            ),
            (
                &token,
                with("HW_PROJECT_ID=q HW_ACCESS_KEY=a", ONE, INI),
                "token=t9 project_id=q",
                "token given, and environment (HW_*)",
            ),
            (
                &project,
                with(LOGIN, ONE, ""),
                "user=u user_domain=d password=w auth_url=https://iam region=eu-de project_id=p9",
                environment,
            ),
            (&project, with("OS_TOKEN=t", "", ""), "token=t project_id=p9", environment),
            (
                &project,
                with("", TWO, "[basic]\nak=a\nsk=s"),
                "ak=a sk=s project_id=p9",
                "~/.huaweicloud/credentials",
            ),
            // Between methods.
            (
                &none,
                with(&format!("{TOKEN} {KEY} {LOGIN}"), "", ""),
                "token=t auth_url=https://iam region=eu-de project_id=p project=eu-de_x project_domain=d",
                environment,
            ),
            (&none, with(&format!("{KEY} {LOGIN}"), "", ""), "ak=a sk=s project_id=q", "environment (HW_*)"),
            (
                &none,
                with(LOGIN, "", ""),
                "user=u user_domain=d password=w auth_url=https://iam region=eu-de project=eu-de_x project_domain=d",
                environment,
            ),
            // A complete method is not disturbed by a half below it, or beside it in another family.
            (
                &none,
                with(&format!("{TOKEN} OS_ACCESS_KEY=x OS_USERNAME=y HW_SECRET_KEY=z"), "", ""),
                "token=t project_id=p",
                environment,
            ),
            (
                &none,
                with(&format!("{KEY} OS_USERNAME=y HW_USER_PASSWORD=z"), "", ""),
                "ak=a sk=s project_id=q",
                "environment (HW_*)",
            ),
            (
                &none,
                with(&format!("{KEY} OS_ACCESS_KEY=x"), "", ""),
                "ak=a sk=s project_id=q",
                "environment (HW_*)",
            ),
            // Two families that say the same.
            (
                &none,
                with(&format!("{KEY} OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_ID=q"), "", ""),
                "ak=a sk=s project_id=q",
                environment,
            ),
            // The kind of login can be asked for.
            (
                &none,
                with(&format!("{LOGIN} OS_TOKEN=t OS_AUTH_TYPE=v3password"), "", ""),
                "user=u user_domain=d password=w auth_url=https://iam region=eu-de project=eu-de_x project_domain=d",
                environment,
            ),
            // A credentials file named outright comes before a clouds file that merely lies there.
            (
                &none,
                with("HUAWEICLOUD_SDK_CREDENTIALS_FILE=/mine", ONE, INI)
                    .file("/mine", "[basic]\nak=am\nsk=sm\nproject_id=pm"),
                "ak=am sk=sm project_id=pm",
                "/mine",
            ),
        ];
        for (explicit, env, expected, source) in table {
            let settings = find(explicit, &env).unwrap_or_else(|error| panic!("{error}: {env:?}"));
            assert_eq!((told(&settings).as_str(), settings.source.as_str()), (expected, source), "{env:?}");
        }
    }

    #[test]
    fn the_region_is_the_first_that_is_said() {
        let flag = Overrides { region: Some("flag".into()), ..Overrides::default() };
        let none = Overrides::default();
        let table = [
            (
                &flag,
                "OS_REGION_NAME=os HW_REGION_NAME=hw OS_PROJECT_NAME=eu-de_x",
                Some(("flag", "region given")),
            ),
            (
                &none,
                "OS_REGION_NAME=os HW_REGION_NAME=hw OS_PROJECT_NAME=eu-de_x",
                Some(("os", "OS_REGION_NAME")),
            ),
            (
                &none,
                "HW_REGION_NAME=hw OTC_SDK_REGION=otc OS_PROJECT_NAME=eu-de_x",
                Some(("hw", "HW_REGION_NAME")),
            ),
            (&none, "OTC_SDK_REGION=otc OS_PROJECT_NAME=eu-de_x", Some(("otc", "OTC_SDK_REGION"))),
            (&none, "OS_PROJECT_NAME=eu-de_x", Some(("eu-de", "OS_PROJECT_NAME"))),
            (&none, "OS_PROJECT_NAME=eu-nl", Some(("eu-nl", "OS_PROJECT_NAME"))),
            (&none, "OS_PROJECT_NAME=my-kualalumpur-1_a_b", Some(("my-kualalumpur-1", "OS_PROJECT_NAME"))),
            (&none, "OS_PROJECT_NAME=shop", None),
            (&none, "OS_PROJECT_NAME=EU-DE_x", None),
            (&none, "OS_PROJECT_NAME=e-de", None),
            (&none, "OS_PROJECT_NAME=eu-_x", None),
        ];
        for (explicit, line, expected) in table {
            let region = find(explicit, &variables(&format!("{TOKEN} {line}"))).unwrap().region;
            let region = region.as_ref().map(|region| (region.value.as_str(), region.source.as_str()));
            assert_eq!(region, expected, "{line}");
        }
        // Each family's own region goes with its own credentials.
        let own = variables(&format!("{KEY} OS_REGION_NAME=os HW_REGION_NAME=hw")).find().unwrap();
        assert_eq!(own.region.unwrap().value, "hw");
    }

    #[test]
    fn what_is_there_in_half_is_an_error_that_names_both_halves() {
        let table = [
            ("OS_TOKEN=V", "the token from OS_TOKEN is incomplete: set OS_PROJECT_ID or OS_PROJECT_NAME"),
            (
                "HW_AUTH_TOKEN=V OS_PROJECT_ID=V",
                "the token from HW_AUTH_TOKEN is incomplete: set HW_PROJECT_ID or HW_PROJECT_NAME (OS_PROJECT_ID is set, but sets of different names are never mixed)",
            ),
            (
                "OS_ACCESS_KEY=V OS_PROJECT_ID=V",
                "the access key from OS_ACCESS_KEY is incomplete: set OS_SECRET_KEY",
            ),
            ("OS_SK=V OS_PROJECT_ID=V", "the access key from OS_SK is incomplete: set OS_ACCESS_KEY"),
            (
                "OS_SECURITY_TOKEN=V",
                "the access key from OS_SECURITY_TOKEN is incomplete: set OS_ACCESS_KEY and OS_SECRET_KEY and OS_PROJECT_ID or OS_REGION_NAME",
            ),
            (
                "OS_ACCESS_KEY=V HW_SECRET_KEY=V OS_PROJECT_ID=V",
                "the access key from OS_ACCESS_KEY is incomplete: set OS_SECRET_KEY (HW_SECRET_KEY is set, but sets of different names are never mixed)",
            ),
            (
                "OTC_SDK_AK=V OTC_SDK_SK=V HW_PROJECT_ID=V",
                "the access key from OTC_SDK_AK, OTC_SDK_SK is incomplete: set OTC_SDK_PROJECT_ID or OTC_SDK_REGION (HW_PROJECT_ID is set, but sets of different names are never mixed)",
            ),
            (
                "HUAWEICLOUD_SDK_SK=V",
                "the access key from HUAWEICLOUD_SDK_SK is incomplete: set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_PROJECT_ID or OS_REGION_NAME",
            ),
            (
                "OS_USERNAME=V OS_DOMAIN_NAME=V OS_PROJECT_NAME=V OS_AUTH_URL=V",
                "the password login from OS_USERNAME is incomplete: set OS_PASSWORD",
            ),
            (
                "OS_PASSWORD=V OS_DOMAIN_NAME=V OS_PROJECT_NAME=V OS_AUTH_URL=V",
                "the password login from OS_PASSWORD is incomplete: set OS_USERNAME",
            ),
            (
                "OS_USERNAME=V OS_PASSWORD=V OS_PROJECT_ID=V OS_AUTH_URL=V",
                "the password login from OS_USERNAME, OS_PASSWORD is incomplete: set OS_USER_DOMAIN_NAME",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_PROJECT_ID=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete: set OS_AUTH_URL",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete: set OS_PROJECT_NAME or OS_PROJECT_ID",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_PROJECT_ID=V OS_AGENCY_NAME=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete: set OS_AGENCY_DOMAIN_NAME",
            ),
            (
                "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_DELEGATED_PROJECT=V",
                "the password login from OS_USER_ID, OS_PASSWORD is incomplete: set OS_AGENCY_NAME and OS_AGENCY_DOMAIN_NAME",
            ),
            (
                "OS_PASSCODE=V OS_USER_ID=V OS_AUTH_URL=V OS_PROJECT_ID=V",
                "the password login from OS_USER_ID, OS_PASSCODE is incomplete: set OS_PASSWORD",
            ),
            (
                "HW_USER_NAME=V HW_USER_PASSWORD=V",
                "the password login from HW_USER_NAME, HW_USER_PASSWORD is incomplete: set HW_DOMAIN_NAME and HW_AUTH_URL and HW_PROJECT_NAME or HW_PROJECT_ID",
            ),
            (
                "OS_AUTH_TYPE=token OS_ACCESS_KEY=V OS_SECRET_KEY=V OS_PROJECT_ID=V",
                "the token from OS_AUTH_TYPE is incomplete: set OS_TOKEN",
            ),
            // A half above is not passed over for a whole below.
            (
                "OS_ACCESS_KEY=V OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_PROJECT_ID=V",
                "the access key from OS_ACCESS_KEY is incomplete: set OS_SECRET_KEY",
            ),
        ];
        for (line, expected) in table {
            // Files do not fill the gap.
            let env = variables(line).file(CLOUDS, ONE).file(USUAL, INI);
            assert_eq!(env.find().map(|found| told(&found)).unwrap_err().to_string(), expected, "{line}");
        }
    }

    #[test]
    fn an_access_key_or_a_token_may_do_without_the_id_of_its_project() {
        let none = Overrides::default();
        let region = Overrides { region: Some("r9".into()), ..Overrides::default() };
        let token = Overrides { token: Some(Secret::new("t9")), ..Overrides::default() };
        let table = [
            (&none, "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_REGION_NAME=r", "ak=a sk=s region=r"),
            (&none, "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_NAME=x", "ak=a sk=s project=x"),
            (&none, "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HW_REGION_NAME=r", "ak=a sk=s region=r"),
            (&region, "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s", "ak=a sk=s region=r9"),
            (&none, "OS_TOKEN=t OS_PROJECT_NAME=eu-de_x", "token=t region=eu-de project=eu-de_x"),
            (&token, "OS_PROJECT_NAME=eu-de_x", "token=t9 region=eu-de project=eu-de_x"),
        ];
        for (explicit, line, expected) in table {
            let settings = find(explicit, &variables(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(told(&settings), expected);
        }
        let profile = Fake::default()
            .file(CLOUDS, r#"{"clouds": {"one": {"auth": {"ak": "a", "sk": "s"}, "profile": "otc"}}}"#);
        let expected = "ak=a sk=s auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de";
        assert_eq!(told(&profile.find().unwrap()), expected);
    }

    #[test]
    fn a_region_does_not_stand_in_for_a_project_that_another_set_names() {
        for (line, other) in [
            ("OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_REGION=r HW_PROJECT_ID=q", "HW_PROJECT_ID"),
            ("HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_REGION_NAME=r OS_PROJECT_NAME=x", "OS_PROJECT_NAME"),
        ] {
            let error = variables(line).find().map(|found| told(&found)).unwrap_err().to_string();
            assert!(error.contains(&format!("({other} is set, but sets of")), "{error}");
        }
    }

    #[test]
    fn a_token_with_its_project_and_its_place_polls_into_no_file() {
        let token = || Overrides {
            token: Some(Secret::new("t9")),
            project_id: Some("p9".into()),
            ..Overrides::default()
        };
        let endpoint = Overrides { endpoint: Some(Sourced::new("e".into(), "endpoint given")), ..token() };
        let broken = Fake::default().file(CLOUDS, "{").file(USUAL, "[");
        assert_eq!(told(&find(&endpoint, &broken).unwrap()), "token=t9 project_id=p9");
        let env = variables("OS_REGION_NAME=r").file(CLOUDS, "{").file(USUAL, "[");
        assert_eq!(told(&find(&token(), &env).unwrap()), "token=t9 region=r project_id=p9");
        assert!(find(&token(), &broken).is_err());
    }

    #[test]
    fn names_for_one_thing_that_differ_are_an_error_that_names_both() {
        let table = [
            ("OS_TOKEN=1 OS_AUTH_TOKEN=2 OS_PROJECT_ID=p", "OS_TOKEN", "OS_AUTH_TOKEN"),
            ("OS_AUTH_TOKEN=1 OS_TOKEN_ID=2 OS_PROJECT_ID=p", "OS_AUTH_TOKEN", "OS_TOKEN_ID"),
            ("OS_TOKEN=t OS_PROJECT_ID=1 OS_TENANT_ID=2", "OS_PROJECT_ID", "OS_TENANT_ID"),
            ("OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=1 OS_REGION=2", "OS_REGION_NAME", "OS_REGION"),
            ("OS_TOKEN=t OS_PROJECT_ID=p OS_CACERT=1 OS_CA_CERT=2", "OS_CACERT", "OS_CA_CERT"),
            ("OS_ACCESS_KEY=1 OS_AK=2", "OS_ACCESS_KEY", "OS_AK"),
            ("OS_USER_ID=1 OS_USERID=2", "OS_USER_ID", "OS_USERID"),
            ("OTC_SDK_PROJECT_ID=1 OTC_SDK_PROJECTID=2", "OTC_SDK_PROJECT_ID", "OTC_SDK_PROJECTID"),
            ("OS_TOKEN=1 HW_AUTH_TOKEN=2 OS_PROJECT_ID=p HW_PROJECT_ID=p", "OS_TOKEN", "HW_AUTH_TOKEN"),
            ("OS_TOKEN=1 HW_AUTH_TOKEN=1 OS_PROJECT_ID=p HW_PROJECT_ID=q", "OS_PROJECT_ID", "HW_PROJECT_ID"),
            (
                "HW_ACCESS_KEY=1 HW_SECRET_KEY=s HW_PROJECT_ID=p OTC_SDK_AK=2 OTC_SDK_SK=s OTC_SDK_PROJECT_ID=p",
                "HW_ACCESS_KEY",
                "OTC_SDK_AK",
            ),
            (
                "OS_USERNAME=u OS_PASSWORD=p OS_USER_DOMAIN_NAME=d OS_PROJECT_ID=q OS_AUTH_URL=1 HW_USER_NAME=u HW_USER_PASSWORD=p HW_DOMAIN_NAME=d HW_PROJECT_ID=q HW_AUTH_URL=2",
                "OS_AUTH_URL",
                "HW_AUTH_URL",
            ),
        ];
        for (line, one, other) in table {
            let expected = SettingsError::Contradiction { one: one.into(), other: other.into() };
            assert_eq!(variables(line).find().map(|found| told(&found)), Err(expected), "{line}");
        }
        let token = Overrides { token: Some(Secret::new("t")), ..Overrides::default() };
        let text = find(&token, &variables("OS_PROJECT_ID=1 HW_PROJECT_ID=2")).unwrap_err().to_string();
        assert_eq!(text, "OS_PROJECT_ID and HW_PROJECT_ID mean the same thing and differ: unset one of them");
    }

    #[test]
    fn logins_that_are_not_known_are_said_to_be_so() {
        for line in [
            "HUAWEICLOUD_SDK_IDP_ID=i HUAWEICLOUD_SDK_ID_TOKEN_FILE=/f",
            "HUAWEICLOUD_SDK_ID_TOKEN_FILE=/f",
            "OS_IDENTITY_PROVIDER=i",
            "OS_AUTH_TYPE=v3oidcpassword OS_USERNAME=u OS_PASSWORD=p",
            "OS_AUTH_TYPE=v3applicationcredential",
            "OS_TOKEN=t OS_PROJECT_ID=p OS_AGENCY_NAME=n OS_AGENCY_DOMAIN_NAME=m",
            "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_ID=p OS_AGENCY_NAME=n OS_AGENCY_DOMAIN_NAME=m",
        ] {
            let error = variables(line).file(CLOUDS, ONE).find().map(|found| told(&found)).unwrap_err();
            assert!(matches!(error, SettingsError::Unsupported { .. }), "{line}: {error}");
            assert!(error.to_string().contains("is not supported: "), "{error}");
        }
        // Beside credentials that are whole they do not matter.
        let env = variables(&format!("{KEY} HUAWEICLOUD_SDK_IDP_ID=i OS_AUTH_TYPE=v3kerberos"));
        assert_eq!(told(&env.find().unwrap()), "ak=a sk=s project_id=q");
    }

    #[test]
    fn a_token_without_a_project_says_which_flag_is_missing() {
        let token = Overrides { token: Some(Secret::new("t")), ..Overrides::default() };
        let text = find(&token, &Fake::default()).unwrap_err().to_string();
        let expected =
            "the token given is incomplete: set the id of its project, with --project-id or OS_PROJECT_ID";
        assert_eq!(text, expected);
    }
}
