//! `clouds.yaml` and its like, the files of OpenStack's tools: several clouds, one of which is chosen by its name.
//!
//! Looked for in the current folder, the user's configuration folder and `/etc/openstack`; the first one counts, after
//! the one that `OS_CLIENT_CONFIG_FILE` names. A `secure.yaml`, found in the same way, is laid over it. The variables
//! `OS_*` are not mixed into a chosen cloud, as with OpenStack's own SDK.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::clouds_file::{Fault, Members, Node, json};
use super::env::{Environment, is_true, variable};
use super::error::{SettingsError, shown_path};
use super::key::{AuthType, Key, KeyNames, Sourced, Vendor};
use super::source::ConfigSource;
use crate::util::sanitize::escaped;

/// The clouds of the first clouds file there is.
#[derive(Debug)]
pub(crate) struct Clouds {
    file: Rc<str>,
    clouds: Members,
}

impl Clouds {
    /// Reads the file and what is laid over it; nothing if there is no file.
    ///
    /// # Errors
    /// If one of the two cannot be read or is not in its format, or a file named by a variable is not there.
    pub(crate) fn read(env: &dyn Environment) -> Result<Option<Self>, SettingsError> {
        let Some((file, mut tree)) = first(env, "OS_CLIENT_CONFIG_FILE", "clouds")? else {
            return Ok(None);
        };
        if !tree.names().any(|name| name == "clouds") {
            return Err(SettingsError::NoClouds { file: file.to_string() });
        }
        if let Some((_, secure)) = first(env, "OS_CLIENT_SECURE_FILE", "secure")? {
            tree.overlay(secure);
        }
        Ok(Some(Self { file, clouds: tree.into_member("clouds").unwrap_or_default() }))
    }

    /// The only cloud of the file; nothing if it has none.
    ///
    /// # Errors
    /// If it has several, or as [`Clouds::named`].
    pub(crate) fn only(&self) -> Result<Option<ConfigSource>, SettingsError> {
        match self.clouds.names().collect::<Vec<_>>()[..] {
            [] => Ok(None),
            [name] => self.named(name).map(Some),
            _ => Err(SettingsError::ManyClouds { file: self.file.to_string(), names: self.names() }),
        }
    }

    /// The cloud of this name.
    ///
    /// # Errors
    /// If there is none, it switches the check of certificates off, or names in it that mean the same thing differ.
    pub(crate) fn named(&self, name: &str) -> Result<ConfigSource, SettingsError> {
        let Some(cloud) = self.clouds.get(name) else {
            let (name, file) = (escaped(name, 100), self.file.to_string());
            return Err(SettingsError::UnknownCloud { name, file, names: self.names() });
        };
        let name = escaped(name, 100);
        let text = |path: &str| cloud.text(path, &name);
        for (path, refused) in [("verify", false), ("insecure", true)] {
            if let Some(found) = text(path)
                && (if refused { is_true(found.value.expose()) } else { is_false(found.value.expose()) })
            {
                return Err(SettingsError::Insecure { source: found.source });
            }
        }
        let prefix = format!("{}:{name}:", self.file);
        let mut set = ConfigSource::collect(format!("{}, cloud {name}", self.file), prefix, ROWS, text)?;
        // Keys beside `auth` usually are those of the object store: they ask for jobs only where nobody else does.
        let by_key = set.text(Key::AuthType).and_then(|kind| AuthType::of_auth_type(&kind.value));
        if by_key == Some(AuthType::AccessKey) || !AuthType::ALL.iter().any(|method| set.has_method(*method))
        {
            set.add(KEYS_BESIDE, &text)?;
        }
        set.endpoints = cloud
            .names()
            .filter_map(|name| Some((name, name.strip_suffix(ENDPOINT)?)))
            .filter_map(|(name, service)| Some((service.to_owned(), text(name)?)))
            .map(|(service, found)| (service, Sourced::new(found.value.expose().to_owned(), found.source)))
            .collect();
        if let Some(vendor) = set.text(Key::Vendor)
            && Vendor::named(&vendor.value).is_none()
            && !set.has(Key::AuthUrl)
        {
            let what = "the known ones are otc and otc-swiss, so give auth.auth_url instead";
            return Err(SettingsError::Unsupported { source: vendor.source, what });
        }
        Ok(set)
    }

    fn names(&self) -> Vec<String> {
        self.clouds.names().map(|name| escaped(name, 100)).collect()
    }
}

/// Why there is no clouds file for that cloud: where it would be.
pub(crate) fn no_file(env: &dyn Environment, wanted: &str) -> SettingsError {
    let current = env.current_dir();
    let looked = folders(env)
        .iter()
        .map(|folder| shown_path(&folder.join("clouds.yaml"), env.home().as_deref(), current.as_deref()))
        .collect();
    SettingsError::NoCloudsFile { wanted: format!("the cloud `{}`", escaped(wanted, 100)), looked }
}

/// The first file of that name, and what it says: the one a variable names, or else the one in the usual places.
fn first(env: &dyn Environment, by: &str, stem: &str) -> Result<Option<(Rc<str>, Node)>, SettingsError> {
    if let Some(path) = variable(env, by) {
        let tree = read(env, Path::new(&path.value))?;
        return tree.map(Some).ok_or_else(|| SettingsError::Unreadable {
            file: escaped(&path.value, 500),
            problem: format!("there is no such file, but {by} names it"),
        });
    }
    for folder in folders(env) {
        for wait_end in ["yaml", "yml", "json"] {
            if let Some(found) = read(env, &folder.join(format!("{stem}.{wait_end}")))? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

fn read(env: &dyn Environment, path: &Path) -> Result<Option<(Rc<str>, Node)>, SettingsError> {
    let file: Rc<str> = shown_path(path, env.home().as_deref(), env.current_dir().as_deref()).into();
    let text = match env.read(path) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error) => {
            return Err(SettingsError::Unreadable {
                file: file.to_string(),
                problem: error.kind().to_string(),
            });
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    let is_json = path.extension().is_some_and(|wait_end| wait_end.eq_ignore_ascii_case("json"));
    let (tree, problem) = if is_json {
        (json(text, &file, wanted), "it is not the JSON of a clouds file")
    } else {
        (yaml(text, &file)?, "it is not the YAML of a clouds file")
    };
    match tree {
        Ok(tree) => Ok(Some((file, tree))),
        Err(Fault { line }) => Err(SettingsError::Malformed { file: file.to_string(), line, problem }),
    }
}

#[cfg(feature = "yaml")]
fn yaml(text: &str, file: &Rc<str>) -> Result<Result<Node, Fault>, SettingsError> {
    Ok(super::clouds_file::yaml(text, file, wanted))
}

#[cfg(not(feature = "yaml"))]
fn yaml(_: &str, file: &Rc<str>) -> Result<Result<Node, Fault>, SettingsError> {
    Err(SettingsError::NoYaml { file: file.to_string() })
}

fn folders(env: &dyn Environment) -> Vec<PathBuf> {
    let configured =
        variable(env, "XDG_CONFIG_HOME").map(|found| PathBuf::from(found.value).join("openstack"));
    let mut folders = Vec::from_iter(env.current_dir());
    folders.extend(configured.filter(|folder| folder.is_absolute()));
    folders.extend(env.home().map(|home| home.join(".config").join("openstack")));
    folders.push(PathBuf::from("/etc/openstack"));
    folders
}

fn is_false(text: &str) -> bool {
    ["0", "f", "false", "n", "no", "off"].iter().any(|no| text.trim().eq_ignore_ascii_case(no))
}

fn wanted(path: &str) -> bool {
    path.ends_with(ENDPOINT) && !path.contains('.')
        || matches!(path, "verify" | "insecure")
        || ROWS.iter().chain(KEYS_BESIDE).any(|(_, names)| names.contains(&path))
}

const ENDPOINT: &str = "_endpoint_override";

/// The members of a cloud. `tenant_*` are older names of `project_*`, which win.
const ROWS: &[KeyNames] = &[
    (Key::Token, &["auth.token"]),
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
    (Key::Region, &["region_name"]),
    (Key::Region, &["regions"]),
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
];

/// An access key beside `auth`.
const KEYS_BESIDE: &[KeyNames] = &[
    (Key::AccessId, &["ak", "access_key"]),
    (Key::AccessSecret, &["sk", "secret_key"]),
    (Key::SecurityToken, &["security_token"]),
];

#[cfg(test)]
mod tests {
    use crate::config::env::fake::{FORBIDDEN, Fake, told};
    use crate::config::{Overrides, find};

    /// The files in which a text may stand: JSON is YAML too.
    fn places() -> &'static [&'static str] {
        if cfg!(feature = "yaml") {
            &["/srv/here/clouds.json", "/srv/here/clouds.yaml", "/home/me/.config/openstack/clouds.yml"]
        } else {
            &["/srv/here/clouds.json", "/home/me/.config/openstack/clouds.json", "/etc/openstack/clouds.json"]
        }
    }

    fn cloud(members: &str) -> String {
        format!("{{\"clouds\": {{\"otc\": {{{members}}}}}}}")
    }

    #[test]
    fn every_member_that_users_have_is_understood() {
        let table = [
            (r#""auth": {"token": "t", "project_id": "p"}"#, "token=t project_id=p"),
            (r#""auth": {"token": "t", "tenant_id": "p"}, "auth_type": "v3token""#, "token=t project_id=p"),
            (r#""auth": {"token": "t", "project_id": "p", "tenant_id": "q"}"#, "token=t project_id=p"),
            (
                r#""auth": {"ak": "a", "sk": "s", "security_token": "t", "project_id": "p"}"#,
                "ak=a sk=s st=t project_id=p",
            ),
            (
                r#""auth": {"access_key": "a", "secret_key": "s", "project_id": "p"}"#,
                "ak=a sk=s project_id=p",
            ),
            (r#""ak": "a", "sk": "s", "auth": {"project_id": "p"}"#, "ak=a sk=s project_id=p"),
            (
                r#""access_key": "a", "secret_key": "s", "security_token": "t", "auth_type": "aksk",
                   "auth": {"project_id": "p", "user_id": "u", "password": "w"}"#,
                "ak=a sk=s st=t project_id=p",
            ),
            // Keys beside `auth` are those of the object store where somebody logs in.
            (
                r#""ak": "a", "sk": "s", "auth": {"user_id": "u", "password": "w", "project_id": "p", "auth_url": "x"}"#,
                "user_id=u password=w auth_url=x project_id=p",
            ),
            (
                r#""profile": "otc", "auth": {"username": "u", "password": "w", "user_domain_name": "d", "project_name": "eu-de_x"}"#,
                "user=u user_domain=d password=w auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de project=eu-de_x project_domain=d",
            ),
            (
                r#""profile": "otc", "auth": {"username": "u", "password": "w", "domain_id": "d", "tenant_name": "eu-nl_x"}"#,
                "user=u user_domain=id:d password=w auth_url=https://iam.eu-nl.otc.t-systems.com/v3 region=eu-nl project=eu-nl_x project_domain=id:d",
            ),
            (
                r#""profile": "otc", "auth": {"user_id": "u", "password": "w", "project_id": "p"}"#,
                "user_id=u password=w auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de project_id=p",
            ),
            (
                r#""profile": "otc-swiss", "auth": {"user_id": "u", "password": "w", "project_id": "p"}"#,
                "user_id=u password=w auth_url=https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3 region=eu-ch2 project_id=p",
            ),
            (
                r#""profile": "otc", "region_name": "eu-nl", "auth": {"user_id": "u", "password": "w", "project_id": "p", "auth_url": "mine"}"#,
                "user_id=u password=w auth_url=mine region=eu-nl project_id=p",
            ),
            (
                r#""profile": "vexxhost", "auth": {"token": "t", "project_id": "p", "auth_url": "mine"}"#,
                "token=t auth_url=mine project_id=p",
            ),
            (
                r#""auth_type": "v3totp", "auth": {"username": "u", "password": "w", "passcode": "012345", "user_domain_id": "d", "project_domain_name": "e", "project_name": "x", "auth_url": "a"}"#,
                "user=u user_domain=id:d password=w passcode=012345 auth_url=a project=x project_domain=e",
            ),
            (
                r#""auth": {"user_id": "u", "password": "w", "auth_url": "a", "agency_name": "n", "agency_domain_name": "m", "delegated_project": "eu-de_y"}"#,
                "user_id=u password=w agency=n agency_domain=m auth_url=a region=eu-de project=eu-de_y project_domain=m",
            ),
            (
                r#""regions": ["eu-nl", "eu-de"], "auth": {"token": "t", "project_id": "p"}"#,
                "token=t region=eu-nl project_id=p",
            ),
            (
                r#""regions": [{"values": {"a": [1]}, "name": "eu-nl"}, "eu-de"], "auth": {"token": "t", "project_id": "p"}"#,
                "token=t region=eu-nl project_id=p",
            ),
            (r#""regions": [], "auth": {"token": "t", "project_id": "p"}"#, "token=t project_id=p"),
            (
                r#""region_name": "r", "regions": ["q"], "cacert": "~/ca.pem", "verify": true, "auth": {"token": "t", "project_id": "p"}"#,
                "token=t region=r project_id=p ca=/home/me/ca.pem",
            ),
            // Numbers and truth values where a text is meant, and members that have no value or no meaning here.
            (
                r#""auth": {"user_id": 42, "password": 12345, "passcode": -7, "project_id": true, "auth_url": 1.5, "token": null, "odd": {"a": [null]}}, "networks": [{"name": "n"}], "interface": null"#,
                "user_id=42 password=12345 passcode=-7 auth_url=1.5 project_id=true",
            ),
        ];
        for (members, expected) in table {
            for place in places() {
                let found = Fake::new(&[("OS_CLOUD", "otc")]).file(place, &cloud(members)).find();
                assert_eq!(found.map(|found| told(&found)), Ok(expected.to_owned()), "{place}: {members}");
            }
        }
    }

    #[test]
    fn a_chosen_region_chooses_the_address_of_the_vendor() {
        let text = cloud(r#""profile": "otc", "auth": {"user_id": "u", "password": "w", "project_id": "p"}"#);
        let explicit = Overrides { region: Some("eu-nl".into()), ..Overrides::default() };
        let found = find(&explicit, &Fake::default().file(places()[0], &text)).unwrap();
        assert_eq!(found.auth_url.as_ref().unwrap().value, "https://iam.eu-nl.otc.t-systems.com/v3");
        assert_eq!(found.auth_url.unwrap().source, "clouds.json:otc:profile");
    }

    #[test]
    fn endpoints_of_the_file_come_after_those_of_the_environment() {
        let text = cloud(
            r#""ecs_endpoint_override": "https://file/ecs", "evs_endpoint_override": "https://file/evs",
               "ims_endpoint_override": null, "region_name": "eu-de", "auth": {"token": "t", "project_id": "p"}"#,
        );
        let env =
            Fake::new(&[("HUAWEICLOUD_SDK_REGION_EVS_EU_DE", "https://env/evs")]).file(places()[0], &text);
        let settings = env.find().unwrap();
        let endpoint =
            |service: &str| settings.endpoint(service).map(|found| (&*found.value, &*found.source));
        assert_eq!(endpoint("ecs"), Some(("https://file/ecs", "clouds.json:otc:ecs_endpoint_override")));
        assert_eq!(endpoint("evs"), Some(("https://env/evs", "HUAWEICLOUD_SDK_REGION_EVS_EU_DE")));
        assert_eq!(endpoint("ims"), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_of_its_place() {
        let ready = r#""auth": {"token": "V", "project_id": "V"}"#;
        let table = [
            ("{}".to_owned(), "FILE has no member `clouds`: put the clouds under it, each by its name"),
            (
                r#"{"cloud": {"otc": 1}}"#.to_owned(),
                "FILE has no member `clouds`: put the clouds under it, each by its name",
            ),
            (r#"{"clouds": {}}"#.to_owned(), "FILE has no cloud `otc`: it has none at all"),
            (r#"{"clouds": null}"#.to_owned(), "FILE has no cloud `otc`: it has none at all"),
            (
                r#"{"clouds": {"b": {}, "a": null, "c": {}}}"#.to_owned(),
                "FILE has no cloud `otc`: choose one of a, b, c",
            ),
            (
                cloud(""),
                "FILE, cloud otc has no credentials: give auth.token, auth.ak and auth.sk, or auth.username and auth.password",
            ),
            (
                r#"{"clouds": {"otc": null}}"#.to_owned(),
                "FILE, cloud otc has no credentials: give auth.token, auth.ak and auth.sk, or auth.username and auth.password",
            ),
            (
                cloud(r#""auth": {"token": "V"}"#),
                "the token from FILE:otc:auth.token is incomplete: set FILE:otc:auth.project_id or FILE:otc:auth.project_name",
            ),
            (
                cloud(r#""auth": {"token": ""}, "sk": "V""#),
                "the access key from FILE:otc:sk is incomplete: set FILE:otc:auth.ak and FILE:otc:auth.project_id or FILE:otc:region_name",
            ),
            (
                cloud(r#""auth": {"ak": "V", "access_key": "W"}"#),
                "FILE:otc:auth.ak and FILE:otc:auth.access_key mean the same thing and differ: unset one of them",
            ),
            (
                cloud(r#""auth": {"username": "V"}, "auth_type": "password""#),
                "the password login from FILE:otc:auth.username is incomplete: set FILE:otc:auth.password and FILE:otc:auth.user_domain_name and FILE:otc:auth.auth_url and FILE:otc:auth.project_name or FILE:otc:auth.project_id",
            ),
            (
                cloud(&format!(r#"{ready}, "verify": false"#)),
                "FILE:otc:verify asks not to check the server's certificate, which is not offered: unset it, and give the authority's certificate with --ca-cert, OS_CACERT or `cacert`",
            ),
            (
                cloud(&format!(r#"{ready}, "verify": "no""#)),
                "FILE:otc:verify asks not to check the server's certificate, which is not offered: unset it, and give the authority's certificate with --ca-cert, OS_CACERT or `cacert`",
            ),
            (
                cloud(&format!(r#"{ready}, "insecure": true"#)),
                "FILE:otc:insecure asks not to check the server's certificate, which is not offered: unset it, and give the authority's certificate with --ca-cert, OS_CACERT or `cacert`",
            ),
            (
                cloud(&format!(r#"{ready}, "auth_type": "v3oidcpassword""#)),
                "FILE:otc:auth_type is not supported: the known ones are password, v3password, v3totp, v3multifactor, token, v3token and aksk",
            ),
            (
                cloud(r#""auth": {"identity_provider": "V"}"#),
                "FILE:otc:auth.identity_provider is not supported: there is no login through an identity provider, so give a token, an access key or a password",
            ),
            (
                cloud(&format!(r#"{ready}, "profile": "rackspace""#)),
                "FILE:otc:profile is not supported: the known ones are otc and otc-swiss, so give auth.auth_url instead",
            ),
            (FORBIDDEN.to_owned(), "FILE cannot be read: permission denied"),
        ];
        for (text, expected) in &table {
            for place in places() {
                let file = place.replace("/srv/here/", "").replace("/home/me/", "~/");
                let env = Fake::new(&[("OS_CLOUD", "otc")]).file(place, text);
                let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
                assert_eq!(error, expected.replace("FILE", &file), "{text}");
            }
        }
    }

    #[test]
    fn a_fault_of_form_is_said_with_its_line() {
        let table = [
            ("{\n\"clouds\": [1]}", 2),
            ("{\n\"clouds\": {\n\"otc\": \"V\"}}", 3),
            ("{\n\"clouds\": {\n\"otc\": {\n\"auth\": [\"V\"]}}}", 4),
            ("{\n\"clouds\": {\n\"otc\": {\n\"auth\": {\n\"password\": [\"V\"]}}}}", 5),
            ("{\n\"clouds\": {\n\"otc\": {\n\"auth\": {\n\"password\": {\"V\": 1}}}}}", 5),
            ("{\n\"clouds\": {\n\"otc\": {\n\"regions\": \"V\"}}}", 4),
            ("{\n\"clouds\": {\n\"otc\": {\n\"auth\": {\n\"password\": \"V", 5),
        ];
        for (text, line) in table {
            for place in places() {
                let env = Fake::new(&[("OS_CLOUD", "otc")]).file(place, text);
                let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
                assert!(
                    error.contains(&format!(" is wrong at line {line}: it is not the ")),
                    "{error}: {text}"
                );
            }
        }
    }

    #[test]
    fn the_first_file_counts_and_the_one_of_the_variable_before_all() {
        let text = |token: &str| cloud(&format!(r#""auth": {{"token": "{token}", "project_id": "p"}}"#));
        let mut env = Fake::default();
        for (place, token) in [
            ("/etc/openstack/clouds.json", "site"),
            ("/home/me/.config/openstack/clouds.json", "home"),
            ("/xdg/openstack/clouds.json", "xdg"),
            ("/srv/here/clouds.json", "here"),
            ("/mine.json", "mine"),
        ] {
            env = env.file(place, &text(token));
            for (name, value) in
                [("xdg", ("XDG_CONFIG_HOME", "/xdg")), ("mine", ("OS_CLIENT_CONFIG_FILE", "/mine.json"))]
            {
                if token == name {
                    env.variables.insert(value.0.into(), value.1.into());
                }
            }
            assert_eq!(told(&env.find().unwrap()), format!("token={token} project_id=p"));
        }
        env.files.remove(std::path::Path::new("/mine.json"));
        let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
        assert_eq!(
            error,
            "/mine.json cannot be read: there is no such file, but OS_CLIENT_CONFIG_FILE names it"
        );
    }

    #[test]
    fn a_secure_file_is_laid_over_the_clouds() {
        let clouds = r#"{"clouds": {"otc": {"profile": "otc", "auth": {"user_id": "u", "project_id": "p", "password": "old"}}}}"#;
        let secure = r#"{"clouds": {"otc": {"auth": {"password": "new"}}}, "other": 1}"#;
        let env =
            Fake::default().file("/srv/here/clouds.json", clouds).file("/etc/openstack/secure.json", secure);
        let expected = "user_id=u password=new auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de project_id=p";
        assert_eq!(told(&env.find().unwrap()), expected);
        let shown = format!("{:?}", env.find().unwrap().who);
        assert!(shown.contains("/etc/openstack/secure.json:otc:auth.password"), "{shown}");

        let mut env = env.file("/s.json", &secure.replace("new", "newest"));
        env.variables.insert("OS_CLIENT_SECURE_FILE".into(), "/s.json".into());
        assert_eq!(told(&env.find().unwrap()), expected.replace("new", "newest"));
    }

    #[test]
    fn a_choice_that_cannot_be_made_is_said_so() {
        let many = r#"{"clouds": {"b": {}, "a\u001b": {}}}"#;
        let error = Fake::default().file(places()[0], many).find().map(|found| told(&found)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "clouds.json has several clouds: choose one of a\\u{1b}, b with --cloud or OS_CLOUD"
        );
        let error = Fake::new(&[("OS_CLOUD", "otc")]).find().map(|found| told(&found)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no clouds file for the cloud `otc`: looked for clouds.yaml, ~/.config/openstack/clouds.yaml, /etc/openstack/clouds.yaml"
        );
        let none = Fake::default().file(places()[0], r#"{"clouds": {}}"#).find().unwrap();
        assert_eq!(told(&none), "nobody=");
    }

    #[cfg(not(feature = "yaml"))]
    #[test]
    fn without_the_feature_a_yaml_file_is_an_error_that_says_what_to_do() {
        let env = Fake::default().file("/srv/here/clouds.yaml", "clouds: {}");
        let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
        let expected = "clouds.yaml is YAML, which this build cannot read: build with the feature `yaml`, or write it as clouds.json";
        assert_eq!(error, expected);
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn yaml_is_taken_as_it_is_written() {
        let text = "
# mine
defaults: &login
  user_id: 007
  password: 012345 # with a zero
clouds:
  otc:
    profile: otc
    region_name: eu-nl
    verify: yes
    auth:
      <<: *login
      project_id: 1e5
      passcode: 'null'
      token: ~
      auth_url:
";
        let expected = "user_id=007 password=012345 passcode=null auth_url=https://iam.eu-nl.otc.t-systems.com/v3 region=eu-nl project_id=1e5";
        let found = Fake::default().file("/srv/here/clouds.yaml", text).find();
        assert_eq!(found.map(|found| told(&found)), Ok(expected.to_owned()));
        for (text, line) in [
            ("clouds:\n  otc:\n    auth:\n      password: a\n      password: b\n", 5),
            ("clouds:\n  otc:\n    auth: {\n", 3),
            ("clouds:\n\totc: 1\n", 2),
            ("clouds: {}\n---\nclouds: {}\n", 3),
        ] {
            let error = Fake::default().file("/srv/here/clouds.yaml", text).find().map(|found| told(&found));
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with(&format!("clouds.yaml is wrong at line {line}: ")), "{error}: {text}");
        }
        let empty = Fake::default().file("/srv/here/clouds.yaml", "").find().map(|found| told(&found));
        assert!(empty.unwrap_err().to_string().contains("has no member `clouds`"));
    }
}
