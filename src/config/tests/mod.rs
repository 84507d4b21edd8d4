//! The order of the sources, and what is an error.

use super::env::fake::{Fake, slashes, told, variables};
mod partial;

use super::error::contradiction;
use super::*;
use crate::util::secret::Secret;

const TOKEN: &str = "OS_TOKEN=t OS_PROJECT_ID=p";
const KEY: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=q";
#[cfg(feature = "yaml")]
const LOGIN: &str =
    "OS_USERNAME=u OS_PASSWORD=w OS_DOMAIN_NAME=d OS_PROJECT_NAME=eu-de_x OS_AUTH_URL=https://iam";
const CLOUDS: &str = "/srv/here/clouds.json";
const ONE: &str =
    r#"{"clouds": {"one": {"auth": {"token": "t1", "project_id": "p1"}, "region_name": "r1"}}}"#;
#[cfg(feature = "yaml")]
const TWO: &str = r#"{"clouds": {"one": {"auth": {"token": "t1", "project_id": "p1"}, "region_name": "r1"},
                      "two": {"auth": {"token": "t2", "project_id": "p2"}, "cacert": "~/two.pem"}}}"#;
const USUAL: &str = "/home/me/.huaweicloud/credentials";
const INI: &str = "[basic]\nak = a0\nsk = s0\nproject_id = p0\n";

#[cfg(feature = "yaml")]
#[test]
fn sources_have_a_fixed_order_and_are_never_mixed() {
    let named = Overrides { cloud: Some("one".into()), ..Overrides::default() };
    let flags = Overrides {
        region: Some("r9".into()),
        project_id: Some("p9".into()),
        token: Some(Secret::new("t9")),
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
                "OS_CLOUD=one OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=r1 OS_CACERT=c OS_AUTH_URL=u",
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
            with("OS_REGION_NAME=r1 OS_PROJECT_ID=p1 OS_USER_DOMAIN_NAME=d", ONE, INI),
            "token=t1 region=r1 project_id=p1",
            "clouds.json, cloud one",
        ),
        // A flag beats every source.
        (
            &flags,
            with(LOGIN, ONE, INI),
            "token=t9 auth_url=https://iam region=r9 project_id=p9",
            "SessionBuilder::token, and environment (OS_*)",
        ),
        (&flags, with("", "{", INI), "token=t9 region=r9 project_id=p9", "SessionBuilder::token"),
        (
            &flags,
            with("OS_CLOUD=two", TWO, ""),
            "token=t9 region=r9 project_id=p9 ca=/home/me/two.pem",
            "SessionBuilder::token, and clouds.json, cloud two",
        ),
        (
            &token,
            with("", ONE, INI),
            "token=t9 region=r1 project_id=p1",
            "SessionBuilder::token, and clouds.json, cloud one",
        ),
        (
            &token,
            with("HW_PROJECT_ID=q HW_ACCESS_KEY=a", ONE, INI),
            "token=t9 project_id=q",
            "SessionBuilder::token, and environment (HW_*)",
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
            with(&format!("{TOKEN} {} {LOGIN}", KEY.replace("=q", "=p")), "", ""),
            "token=t auth_url=https://iam region=eu-de project_id=p project=eu-de_x",
            environment,
        ),
        (&none, with(&format!("{KEY} {LOGIN}"), "", ""), "ak=a sk=s project_id=q", "environment (HW_*)"),
        (
            &none,
            with(LOGIN, "", ""),
            "user=u user_domain=d password=w auth_url=https://iam region=eu-de project=eu-de_x project_domain=d",
            environment,
        ),
        // What is left of a login that has no password is none.
        (&none, with(&format!("{TOKEN} OS_USERNAME=y"), "", ""), "token=t project_id=p", environment),
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
        let settings = resolve(explicit, &env).unwrap_or_else(|error| panic!("{error}: {env:?}"));
        assert_eq!((&*told(&settings), &*slashes(&settings.source)), (expected, source), "{env:?}");
    }
}

#[test]
fn the_first_region_in_the_order_is_used() {
    let flag = Overrides { region: Some("flag".into()), ..Overrides::default() };
    let none = Overrides::default();
    let table = [
        (
            &flag,
            "OS_REGION_NAME=os HW_REGION_NAME=hw OS_PROJECT_NAME=eu-de_x",
            Some(("flag", "SessionBuilder::region")),
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
        let region = resolve(explicit, &variables(&format!("{TOKEN} {line}"))).unwrap().region;
        let region = region.as_ref().map(|region| (region.value.as_str(), region.source.as_str()));
        assert_eq!(region, expected, "{line}");
    }
    // The region of other credentials would be passed over, or that of these.
    let both = format!("{KEY} OS_REGION_NAME=os HW_REGION_NAME=hw");
    let error = variables(&both).find().map(|found| told(&found)).unwrap_err();
    assert_eq!(error, contradiction("OS_REGION_NAME", "HW_REGION_NAME"));
    assert_eq!(resolve(&flag, &variables(&both)).unwrap().region.unwrap().value, "flag");
}

#[test]
fn an_incomplete_source_is_an_error_that_names_both_parts() {
    let table = [
        ("OS_TOKEN=V", "the token from OS_TOKEN is incomplete; set OS_PROJECT_ID or OS_PROJECT_NAME"),
        (
            "HW_AUTH_TOKEN=V OS_PROJECT_ID=V",
            "the token from HW_AUTH_TOKEN is incomplete; set HW_PROJECT_ID or HW_PROJECT_NAME; OS_PROJECT_ID is set, but sets of different names are never mixed",
        ),
        (
            "OS_ACCESS_KEY=V OS_PROJECT_ID=V",
            "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY",
        ),
        ("OS_SK=V OS_PROJECT_ID=V", "the access key from OS_SK is incomplete; set OS_ACCESS_KEY"),
        (
            "OS_SECURITY_TOKEN=V",
            "the access key from OS_SECURITY_TOKEN is incomplete; set OS_ACCESS_KEY, and OS_SECRET_KEY, and OS_PROJECT_ID or OS_REGION_NAME",
        ),
        (
            "OS_ACCESS_KEY=V HW_SECRET_KEY=V OS_PROJECT_ID=V",
            "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY; HW_SECRET_KEY is set, but sets of different names are never mixed",
        ),
        (
            "OTC_SDK_AK=V OTC_SDK_SK=V HW_PROJECT_ID=V",
            "the access key from OTC_SDK_AK, OTC_SDK_SK is incomplete; set OTC_SDK_PROJECT_ID or OTC_SDK_REGION; HW_PROJECT_ID is set, but sets of different names are never mixed",
        ),
        (
            "HUAWEICLOUD_SDK_SK=V",
            "the access key from HUAWEICLOUD_SDK_SK is incomplete; set HUAWEICLOUD_SDK_AK, and HUAWEICLOUD_SDK_PROJECT_ID or OS_REGION_NAME",
        ),
        (
            "OS_USERNAME=V OS_DOMAIN_NAME=V OS_PROJECT_NAME=V OS_AUTH_URL=V",
            "the password login from OS_USERNAME is incomplete; set OS_PASSWORD",
        ),
        (
            "OS_PASSWORD=V OS_DOMAIN_NAME=V OS_PROJECT_NAME=V OS_AUTH_URL=V",
            "the password login from OS_PASSWORD is incomplete; set OS_USERNAME",
        ),
        (
            "OS_USERNAME=V OS_PASSWORD=V OS_PROJECT_ID=V OS_AUTH_URL=V",
            "the password login from OS_USERNAME, OS_PASSWORD is incomplete; set OS_USER_DOMAIN_NAME",
        ),
        (
            "OS_USER_ID=V OS_PASSWORD=V OS_PROJECT_ID=V",
            "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_AUTH_URL",
        ),
        (
            "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V",
            "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_PROJECT_NAME or OS_PROJECT_ID",
        ),
        (
            "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_PROJECT_ID=V OS_AGENCY_NAME=V",
            "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_AGENCY_DOMAIN_NAME",
        ),
        (
            "OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_DELEGATED_PROJECT=V",
            "the password login from OS_USER_ID, OS_PASSWORD is incomplete; set OS_AGENCY_NAME and OS_AGENCY_DOMAIN_NAME",
        ),
        (
            "OS_PASSCODE=V OS_USER_ID=V OS_AUTH_URL=V OS_PROJECT_ID=V",
            "the password login from OS_USER_ID, OS_PASSCODE is incomplete; set OS_PASSWORD",
        ),
        (
            "HW_USER_NAME=V HW_USER_PASSWORD=V",
            "the password login from HW_USER_NAME, HW_USER_PASSWORD is incomplete; set HW_DOMAIN_NAME, and HW_AUTH_URL, and HW_PROJECT_NAME or HW_PROJECT_ID",
        ),
        (
            "OS_AUTH_TYPE=token OS_ACCESS_KEY=V OS_SECRET_KEY=V OS_PROJECT_ID=V",
            "the token from OS_AUTH_TYPE is incomplete; set OS_TOKEN",
        ),
        // A half above is not passed over for a whole below.
        (
            "OS_ACCESS_KEY=V OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_PROJECT_ID=V",
            "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY",
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
        let settings = resolve(explicit, &variables(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(told(&settings), expected);
    }
    #[cfg(feature = "yaml")]
    {
        let profile = Fake::default()
            .file(CLOUDS, r#"{"clouds": {"one": {"auth": {"ak": "a", "sk": "s"}, "profile": "otc"}}}"#);
        let expected = "ak=a sk=s auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de";
        assert_eq!(told(&profile.find().unwrap()), expected);
    }
}

#[test]
fn a_region_does_not_stand_in_for_a_project_that_another_set_names() {
    for (line, other) in [
        ("OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_REGION=r HW_PROJECT_ID=q", "HW_PROJECT_ID"),
        ("HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_REGION_NAME=r OS_PROJECT_NAME=x", "OS_PROJECT_NAME"),
    ] {
        let error = variables(line).find().map(|found| told(&found)).unwrap_err().to_string();
        assert!(error.contains(&format!("; {other} is set, but sets of")), "{error}");
    }
}

#[test]
fn a_token_with_its_project_and_region_reads_no_file() {
    let token = || Overrides {
        token: Some(Secret::new("t9")),
        project_id: Some("p9".into()),
        ..Overrides::default()
    };
    let endpoint = Overrides { endpoint: Some("e".into()), ..token() };
    let broken = Fake::default().file(CLOUDS, "{").file(USUAL, "[");
    assert_eq!(told(&resolve(&endpoint, &broken).unwrap()), "token=t9 project_id=p9");
    let env = variables("OS_REGION_NAME=r").file(CLOUDS, "{").file(USUAL, "[");
    assert_eq!(told(&resolve(&token(), &env).unwrap()), "token=t9 region=r project_id=p9");
    assert!(resolve(&token(), &broken).is_err());
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
    let text = resolve(&token, &variables("OS_PROJECT_ID=1 HW_PROJECT_ID=2")).unwrap_err().to_string();
    assert_eq!(text, "OS_PROJECT_ID and HW_PROJECT_ID mean the same thing and differ; unset one of them");
}

#[test]
fn unsupported_logins_are_errors() {
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
    // Credentials that are complete do not make up for it.
    for more in [
        "HUAWEICLOUD_SDK_IDP_ID=i",
        "HUAWEICLOUD_SDK_ID_TOKEN_FILE=/f",
        "HUAWEICLOUD_OIDC_PROVIDER_URN=u",
        "OS_AUTH_TYPE=v3kerberos",
        "OS_APPLICATION_CREDENTIAL_ID=i",
        "OS_APPLICATION_CREDENTIAL_SECRET=s",
        "OS_TRUST_ID=i",
        "OS_AGENCY_NAME=a",
    ] {
        let error = variables(&format!("{KEY} {more}")).find().map(|found| told(&found)).unwrap_err();
        assert!(matches!(error, SettingsError::Unsupported { .. }), "{more}: {error}");
    }
    // A type without credentials is only a setting.
    assert!(variables(&format!("{KEY} OS_AUTH_TYPE=password")).find().is_ok());
}

#[test]
fn a_token_without_a_project_names_the_missing_variable() {
    let token = Overrides { token: Some(Secret::new("t")), ..Overrides::default() };
    let text = resolve(&token, &Fake::default()).unwrap_err().to_string();
    let expected = "the token from SessionBuilder::token is incomplete; set OS_PROJECT_ID";
    assert_eq!(text, expected);
}

#[test]
fn a_given_domain_completes_a_login_of_a_region() {
    const USER: &str = "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_NAME=d HW_PROJECT_NAME=x";
    for (line, expected) in [
        (
            "HW_CLOUD=hcso.customer.test HW_REGION_NAME=la-south-6001",
            Ok("https://iam.la-south-6001.hcso.customer.test/v3"),
        ),
        ("HW_CLOUD=hcso.test OS_REGION_NAME=r", Ok("https://iam.r.hcso.test/v3")),
        ("HW_CLOUD=hcso.test HW_REGION_NAME=r HW_AUTH_URL=https://iam.test", Ok("https://iam.test")),
        ("HW_CLOUD=hcso.test", Err("is incomplete; set HW_AUTH_URL")),
        ("HW_REGION_NAME=cn-north-4", Err("is incomplete; set HW_AUTH_URL")),
        (
            "HW_CLOUD=myhuaweicloud.com HW_REGION_NAME=cn-nort-4",
            Err("did you mean cn-north-4? (HW_REGION_NAME)"),
        ),
    ] {
        match (variables(&format!("{USER} {line}")).find(), expected) {
            (Ok(found), Ok(url)) => assert_eq!(found.auth_url.unwrap().value, url, "{line}"),
            (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{line}: {error}"),
            (found, _) => panic!("{line}: {found:?}"),
        }
    }
    for domain in ["https://hcso.test", "hcso.test/", "a b", "..", "me@hcso.test"] {
        let line = [("OS_TOKEN", "t"), ("OS_PROJECT_ID", "p"), ("OS_REGION_NAME", "r"), ("HW_CLOUD", domain)];
        let error = Fake::new(&line).find().unwrap().credentials().unwrap_err().to_string();
        assert!(error.contains("is not a domain") && error.ends_with("(HW_CLOUD)"), "{error}");
    }
}

#[test]
fn a_carriage_return_or_another_control_character_is_named_and_never_sent() {
    let login = [
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "w"),
        ("OS_USER_DOMAIN_NAME", "d"),
        ("OS_PROJECT_NAME", "x"),
        ("OS_PROJECT_DOMAIN_NAME", "d"),
        ("OS_PROJECT_ID", "p"),
        ("OS_REGION_NAME", "r"),
        ("OS_AUTH_URL", "https://iam"),
    ];
    assert!(Fake::new(&login).find().is_ok());
    for (name, value) in login {
        for (odd, problem) in [("\r", "ends with a carriage return"), ("\n", "ends with a line break")] {
            let odd_value = format!("{value}{odd}");
            let variables =
                login.map(|(other, value)| (other, if other == name { &odd_value } else { value }));
            let error = Fake::new(&variables).find().map(|found| told(&found)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} {problem}; ")), "{error}");
        }
        let odd_value = format!("{value}\u{1b}[31m");
        let variables = login.map(|(other, value)| (other, if other == name { &odd_value } else { value }));
        let found = Fake::new(&variables).find();
        match name {
            // Whatever it is made of.
            "OS_PASSWORD" => assert!(found.is_ok()),
            _ => assert!(
                found.unwrap_err().to_string().starts_with(&format!("{name} has a control character"))
            ),
        }
    }
    let region = Overrides { region: Some("eu-de\r".into()), ..Overrides::default() };
    let error = resolve(&region, &variables(TOKEN)).unwrap_err().to_string();
    assert!(error.starts_with("SessionBuilder::region has a control character"), "{error}");
    // Tokens and keys are trimmed, as everywhere.
    let trimmed = Fake::new(&[("OS_AK", "a\r"), ("OS_SK", "s\r"), ("OS_PROJECT_ID", "p")]);
    assert!(trimmed.find().is_ok());
}

#[test]
fn a_value_that_cannot_be_used_is_reported_with_its_place() {
    for (line, expected) in [
        ("OS_TOKEN=t OS_PROJECT_ID=../x", "(OS_PROJECT_ID)"),
        ("HW_AUTH_TOKEN=t HW_PROJECT_ID=a/b", "(HW_PROJECT_ID)"),
        (
            "OS_USER_ID=u OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=ftp://iam",
            "does not begin with https:// (OS_AUTH_URL)",
        ),
        ("OS_USER_ID=u OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=https://iam/v2.0", "(OS_AUTH_URL)"),
        ("OS_USER_ID=u OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=http://iam.test", "(OS_AUTH_URL)"),
        #[cfg(feature = "signing")]
        ("OS_AK=a,b OS_SK=s OS_PROJECT_ID=p", "(OS_AK)"),
        #[cfg(feature = "signing")]
        ("OS_AK=a OS_SK=\u{7f} OS_PROJECT_ID=p", "(OS_SK)"),
        #[cfg(feature = "signing")]
        ("OS_AK=a OS_SK=s OS_ST=\u{e9} OS_PROJECT_ID=p", "(OS_ST)"),
        ("OS_TOKEN=\u{e9} OS_PROJECT_ID=p", "(OS_TOKEN)"),
    ] {
        let error = variables(line).find().unwrap().credentials().map(|_| ()).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{line}: {error}");
    }
    let given = Overrides { project_id: Some("a b".into()), ..Overrides::default() };
    let error = resolve(&given, &variables("OS_TOKEN=t")).unwrap().credentials().unwrap_err().to_string();
    assert!(
        error.starts_with("`a b` is not a project id") && error.ends_with("(SessionBuilder::project_id)"),
        "{error}"
    );
}

#[test]
fn a_token_needs_no_project_where_iam_can_be_asked_for_it() {
    for (line, expected) in [
        ("OS_TOKEN=t OS_AUTH_URL=https://iam", Ok("token=t auth_url=https://iam")),
        ("OS_TOKEN=t OS_REGION_NAME=eu-de", Ok("token=t region=eu-de")),
        ("HW_AUTH_TOKEN=t OS_REGION_NAME=eu-de", Ok("token=t region=eu-de")),
        ("OS_TOKEN=t", Err("set OS_PROJECT_ID or OS_PROJECT_NAME")),
        ("HW_AUTH_TOKEN=t OS_REGION_NAME=eu-de OS_PROJECT_ID=p", Err("OS_PROJECT_ID is set, but sets of")),
    ] {
        match (variables(line).find(), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(told(&found), expected),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (found, _) => panic!("{line}: {found:?}"),
        }
    }
}
