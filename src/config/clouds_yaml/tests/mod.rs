//! Clouds files, in all their forms.

mod profiles;
mod regions;

use crate::config::env::fake::{FORBIDDEN, Fake, slashes, told};
use crate::config::{Overrides, resolve};

/// The files in which a text may stand: JSON is YAML too.
const PLACES: [&str; 3] =
    ["/srv/here/clouds.json", "/srv/here/clouds.yaml", "/home/me/.config/openstack/clouds.yml"];

fn cloud(members: &str) -> String {
    format!("{{\"clouds\": {{\"otc\": {{{members}}}}}}}")
}

const PLAIN: &str = r#""auth": {"token": "t", "project_id": "p"}"#;

#[test]
fn every_documented_member_is_read() {
    let table = [
        (r#""auth": {"token": "t", "project_id": "p"}"#, "token=t project_id=p"),
        (r#""auth": {"token": "t", "tenant_id": "p"}, "auth_type": "v3token""#, "token=t project_id=p"),
        (r#""auth": {"token": "t", "project_id": "p", "tenant_id": "q"}"#, "token=t project_id=p"),
        (
            r#""auth": {"ak": "a", "sk": "s", "security_token": "t", "project_id": "p"}"#,
            "ak=a sk=s st=t project_id=p",
        ),
        (r#""auth": {"access_key": "a", "secret_key": "s", "project_id": "p"}"#, "ak=a sk=s project_id=p"),
        (r#""ak": "a", "sk": "s", "auth": {"project_id": "p"}"#, "ak=a sk=s project_id=p"),
        (
            r#""access_key": "a", "secret_key": "s", "security_token": "t", "auth_type": "aksk",
                   "auth": {"project_id": "p", "user_id": "u", "password": "w"}"#,
            "ak=a sk=s st=t project_id=p",
        ),
        // With a login, keys beside `auth` are those of the object store.
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
            r#""region_name": "r", "regions": ["q", "p"], "cacert": "~/ca.pem", "verify": true, "auth": {"token": "t", "project_id": "p"}"#,
            "token=t region=q project_id=p ca=/home/me/ca.pem",
        ),
        // Numbers and booleans in place of texts, null members, unknown members.
        (
            r#""auth": {"user_id": 42, "password": 12345, "passcode": -7, "project_id": true, "auth_url": true, "token": null, "odd": {"a": [null]}}, "networks": [{"name": "n"}], "interface": null"#,
            "user_id=42 password=12345 passcode=-7 auth_url=true project_id=true",
        ),
    ];
    for (members, expected) in table {
        for place in PLACES {
            let found = Fake::new(&[("OS_CLOUD", "otc")]).file(place, &cloud(members)).find();
            assert_eq!(found.map(|found| told(&found)), Ok(expected.to_owned()), "{place}: {members}");
        }
    }
}

#[test]
fn endpoint_variables_override_those_of_the_file() {
    let text = cloud(
        r#""ecs_endpoint_override": "https://file/ecs", "evs_endpoint_override": "https://file/evs",
               "ims_endpoint_override": null, "region_name": "eu-de", "auth": {"token": "t", "project_id": "p"}"#,
    );
    let env = Fake::new(&[("HUAWEICLOUD_SDK_REGION_EVS_EU_DE", "https://env/evs")]).file(PLACES[0], &text);
    let settings = env.find().unwrap();
    let endpoint = |service: &str| settings.endpoint(service).map(|found| (&*found.value, &*found.source));
    assert_eq!(endpoint("ecs"), Some(("https://file/ecs", "clouds.json:otc:ecs_endpoint_override")));
    assert_eq!(endpoint("evs"), Some(("https://env/evs", "HUAWEICLOUD_SDK_REGION_EVS_EU_DE")));
    assert_eq!(endpoint("ims"), None);
}

#[test]
fn errors_name_the_place() {
    let ready = r#""auth": {"token": "V", "project_id": "V"}"#;
    let table = [
        ("{}".to_owned(), "FILE has no member `clouds`; write the clouds under it, each by its name"),
        (
            r#"{"cloud": {"otc": 1}}"#.to_owned(),
            "FILE has no member `clouds`; write the clouds under it, each by its name",
        ),
        (r#"{"clouds": {}}"#.to_owned(), "FILE has no cloud `otc`, and no other"),
        (r#"{"clouds": null}"#.to_owned(), "FILE has no cloud `otc`, and no other"),
        (
            r#"{"clouds": {"b": {}, "a": null, "c": {}}}"#.to_owned(),
            "FILE has no cloud `otc`; choose one of a, b, c",
        ),
        (
            cloud(""),
            "FILE, cloud otc has no credentials; give auth.token, auth.ak and auth.sk, or auth.username and auth.password",
        ),
        (
            r#"{"clouds": {"otc": null}}"#.to_owned(),
            "FILE, cloud otc has no credentials; give auth.token, auth.ak and auth.sk, or auth.username and auth.password",
        ),
        (
            cloud(r#""auth": {"token": "V"}"#),
            "the token from FILE:otc:auth.token is incomplete; set FILE:otc:auth.project_id or FILE:otc:auth.project_name",
        ),
        (
            cloud(r#""auth": {"token": ""}, "sk": "V""#),
            "the access key from FILE:otc:sk is incomplete; set FILE:otc:auth.ak, and FILE:otc:auth.project_id or FILE:otc:region_name",
        ),
        (
            cloud(r#""auth": {"ak": "V", "access_key": "W"}"#),
            "FILE:otc:auth.ak and FILE:otc:auth.access_key mean the same thing and differ; unset one of them",
        ),
        (
            cloud(r#""auth": {"username": "V"}, "auth_type": "password""#),
            "the password login from FILE:otc:auth.username is incomplete; set FILE:otc:auth.password, and FILE:otc:auth.user_domain_name, and FILE:otc:auth.auth_url, and FILE:otc:auth.project_name or FILE:otc:auth.project_id",
        ),
        (
            cloud(&format!(r#"{ready}, "verify": false"#)),
            "FILE:otc:verify switches off the check of the server's certificate, which is not supported; unset it and give the CA file of the server (OS_CACERT, `cacert`)",
        ),
        (
            cloud(&format!(r#"{ready}, "verify": "no""#)),
            "FILE:otc:verify switches off the check of the server's certificate, which is not supported; unset it and give the CA file of the server (OS_CACERT, `cacert`)",
        ),
        (
            cloud(&format!(r#"{ready}, "insecure": true"#)),
            "FILE:otc:insecure switches off the check of the server's certificate, which is not supported; unset it and give the CA file of the server (OS_CACERT, `cacert`)",
        ),
        (
            cloud(&format!(r#"{ready}, "auth_type": "v3oidcpassword""#)),
            "FILE:otc:auth_type is not supported: the known ones are password, v3password, v3totp, v3multifactor, token, v3token and aksk",
        ),
        (
            cloud(r#""auth": {"identity_provider": "V"}"#),
            "FILE:otc:auth.identity_provider is not supported: there is no login through an identity provider; give a token, an access key or a password",
        ),
        (
            cloud(&format!(r#"{ready}, "profile": "rackspace""#)),
            "FILE:otc:profile is not supported: the known ones are otc, otc-swiss and those of clouds-public.yaml; give auth.auth_url instead",
        ),
        (FORBIDDEN.to_owned(), "FILE cannot be read: permission denied"),
    ];
    for (text, expected) in &table {
        for place in PLACES {
            let file = place.replace("/srv/here/", "").replace("/home/me/", "~/");
            let env = Fake::new(&[("OS_CLOUD", "otc")]).file(place, text);
            let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
            assert_eq!(slashes(&error), expected.replace("FILE", &file), "{text}");
        }
    }
}

#[test]
fn syntax_errors_name_the_line() {
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
        for place in PLACES {
            let env = Fake::new(&[("OS_CLOUD", "otc")]).file(place, text);
            let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
            assert!(
                error.contains(&format!(" is invalid at line {line}: it does not have the form ")),
                "{error}: {text}"
            );
        }
    }
}

#[test]
fn the_first_file_found_is_used() {
    let text = |token: &str| cloud(&format!(r#""auth": {{"token": "{token}", "project_id": "p"}}"#));
    let mut env = Fake::default();
    for (place, variable) in if cfg!(windows) { WINDOWS } else { UNIX } {
        env = env.file(place, &text(place));
        env.variables.extend(variable.map(|(name, value)| (name.into(), value.into())));
        assert_eq!(told(&env.find().unwrap()), format!("token={place} project_id=p"));
    }
    env.files.remove(std::path::Path::new("/mine.json"));
    let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
    assert_eq!(error, "/mine.json cannot be read: the file that OS_CLIENT_CONFIG_FILE names does not exist");
}

/// Where clouds files are searched, last place first, and the variable that names the place.
type Places = &'static [(&'static str, Option<(&'static str, &'static str)>)];

const UNIX: Places = &[
    ("/etc/openstack/clouds.json", None),
    ("/home/me/.config/openstack/clouds.json", None),
    ("/xdg/openstack/clouds.json", Some(("XDG_CONFIG_HOME", "/xdg"))),
    ("/srv/here/clouds.json", None),
    ("/mine.json", Some(("OS_CLIENT_CONFIG_FILE", "/mine.json"))),
];

const WINDOWS: Places = &[
    ("C:/all/openstack/openstack/clouds.json", Some(("PROGRAMDATA", "C:/all"))),
    ("/home/me/.config/openstack/clouds.json", None),
    ("C:/roaming/openstack/clouds.json", Some(("APPDATA", "C:/roaming"))),
    ("C:/local/openstack/openstack/clouds.json", Some(("LOCALAPPDATA", "C:/local"))),
    ("/srv/here/clouds.json", None),
    ("/mine.json", Some(("OS_CLIENT_CONFIG_FILE", "/mine.json"))),
];

#[test]
fn the_secure_file_overrides_the_clouds_file() {
    let clouds = r#"{"clouds": {"otc": {"profile": "otc", "auth": {"user_id": "u", "project_id": "p", "password": "old"}}}}"#;
    let secure = r#"{"clouds": {"otc": {"auth": {"password": "new"}}}, "other": 1}"#;
    let place = "/home/me/.config/openstack/secure.json";
    let env = Fake::default().file("/srv/here/clouds.json", clouds).file(place, secure);
    let expected =
        "user_id=u password=new auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de project_id=p";
    assert_eq!(told(&env.find().unwrap()), expected);
    let shown = slashes(&format!("{:?}", env.find().unwrap().auth).replace(r"\\", r"\"));
    assert!(shown.contains("~/.config/openstack/secure.json:otc:auth.password"), "{shown}");

    let mut env = env.file("/s.json", &secure.replace("new", "newest"));
    env.variables.insert("OS_CLIENT_SECURE_FILE".into(), "/s.json".into());
    assert_eq!(told(&env.find().unwrap()), expected.replace("new", "newest"));
}

#[test]
fn an_ambiguous_or_missing_cloud_is_an_error() {
    let many = r#"{"clouds": {"b": {}, "a\u001b": {}}}"#;
    let error = Fake::default().file(PLACES[0], many).find().map(|found| told(&found)).unwrap_err();
    assert_eq!(error.to_string(), "clouds.json has several clouds; choose one of a\\u{1b}, b with OS_CLOUD");
    let error = Fake::new(&[("OS_CLOUD", "otc")]).find().map(|found| told(&found)).unwrap_err();
    let site = if cfg!(windows) { "" } else { ", /etc/openstack/clouds.yaml" };
    assert_eq!(
        slashes(&error.to_string()),
        format!(
            "there is no clouds file for the cloud `otc`: searched were clouds.yaml, ~/.config/openstack/clouds.yaml{site}"
        )
    );
    let none = Fake::default().file(PLACES[0], r#"{"clouds": {}}"#).find().unwrap();
    assert_eq!(told(&none), "nobody=");
}

#[test]
fn scalars_are_kept_as_written() {
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
        assert!(error.starts_with(&format!("clouds.yaml is invalid at line {line}: ")), "{error}: {text}");
    }
    let empty = Fake::default().file("/srv/here/clouds.yaml", "").find().map(|found| told(&found));
    assert!(empty.unwrap_err().to_string().contains("has no member `clouds`"));
}

#[test]
fn members_beside_auth_and_with_hyphens_are_read() {
    for (members, expected) in [
        (r#""auth": {"token": "t", "project_id": "p"}, "project_id": "q""#, "token=t project_id=q"),
        (r#""auth": {"token": "t", "project-id": "p"}, "region-name": "r""#, "token=t region=r project_id=p"),
        (
            r#""auth-url": "https://iam", "username": "u", "password": "w", "user_domain_name": "d", "project_name": "x""#,
            "user=u user_domain=d password=w auth_url=https://iam project=x project_domain=d",
        ),
        (
            r#""username": "u0", "password": "w0", "project_name": "x", "auth": {"auth_url": "https://iam",
               "username": "u", "password": "w", "user_domain_name": "d", "project_name": "y"}"#,
            "user=u user_domain=d password=w auth_url=https://iam project=x project_domain=d",
        ),
        (r#""auth": {"auth_token": "t", "tenant_id": "p"}"#, "token=t project_id=p"),
        (r#""auth": {"auth_token": "s", "token": "t", "project_id": "p"}"#, "token=t project_id=p"),
    ] {
        let env = Fake::default().file("/srv/here/clouds.yaml", &cloud(members));
        assert_eq!(env.find().map(|found| told(&found)), Ok(expected.to_owned()), "{members}");
    }
}

#[test]
fn unsupported_members_are_named() {
    for (members, expected) in [
        (
            r#""cert": "/c.pem""#,
            "clouds.yaml:otc:cert is not supported: there are no client certificates here",
        ),
        (r#""key": "/k.pem""#, "clouds.yaml:otc:key is not supported: there are no client certificates here"),
        (r#""region_name": "eu\r""#, "clouds.yaml:otc:region_name ends with a carriage return"),
        (
            r#""ecs_endpoint_override": "https://ecs.{region_name}.test""#,
            "clouds.yaml:otc:ecs_endpoint_override has {region_name} in it, and no region is given",
        ),
        (r#""regions": [{"values": {}}]"#, "clouds.yaml is invalid at line "),
        (r#""regions": [{"name": "a", "other": {}}]"#, "clouds.yaml is invalid at line "),
        (r#""regions": "a""#, "clouds.yaml is invalid at line "),
    ] {
        let env = Fake::default().file("/srv/here/clouds.yaml", &cloud(&format!("{PLAIN}, {members}")));
        let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let trust = cloud(r#""auth": {"token": "t", "project_id": "p", "trust_id": "x"}"#);
    let error = Fake::default().file("/srv/here/clouds.yaml", &trust).find().map(|found| told(&found));
    assert!(error.unwrap_err().to_string().starts_with("clouds.yaml:otc:auth.trust_id is not supported"));
}

#[test]
fn a_cloud_can_be_defined_in_the_secure_file_only() {
    const SECURE: &str = "/srv/here/secure.yaml";
    let env = Fake::default().file(SECURE, &cloud(PLAIN));
    assert_eq!(told(&env.find().unwrap()), "token=t project_id=p");
    let clouds = Fake::new(&[("OS_CLOUD", "otc")]).file("/srv/here/clouds.yaml", r#"{"clouds": {"b": {}}}"#);
    assert_eq!(told(&clouds.clone().file(SECURE, &cloud(PLAIN)).find().unwrap()), "token=t project_id=p");
    let mut other = clouds.file(SECURE, &cloud(PLAIN));
    other.variables.insert("OS_CLOUD".into(), "c".into());
    let error = other.find().map(|found| told(&found)).unwrap_err().to_string();
    assert_eq!(error, "clouds.yaml has no cloud `c`; choose one of b, otc");
    other.variables.remove("OS_CLOUD");
    let error = other.find().map(|found| told(&found)).unwrap_err().to_string();
    assert_eq!(error, "clouds.yaml has several clouds; choose one of b, otc with OS_CLOUD");
}

#[test]
fn cloud_names_with_odd_characters_are_rejected() {
    for (name, problem) in [
        ("otc\r", "ends with a carriage return"),
        (" ", "is blank"),
        ("o\u{1b}tc", "has a control character"),
    ] {
        let env = Fake::new(&[("OS_CLOUD", name)]).file("/srv/here/clouds.yaml", &cloud(PLAIN));
        let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("OS_CLOUD {problem}")), "{error}");
    }
}
