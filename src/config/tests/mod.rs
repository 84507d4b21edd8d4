//! The order of the sources, and what is an error.

use super::env::fake::{Fake, slashes, told, variables};
mod agreement;
mod needs;
mod partial;
mod secrets;
mod values;

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

/// The text of the error.
fn error(env: &Fake) -> String {
    slashes(&env.find().map(|found| told(&found)).unwrap_err().to_string())
}

#[cfg(feature = "yaml")]
#[test]
fn sources_are_used_in_a_fixed_order_and_never_mixed() {
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
        // A chosen cloud is not mixed with the environment, which only adds a missing region.
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
        // Variables without credentials are not a source.
        (
            &none,
            with("OS_REGION_NAME=r1 OS_PROJECT_ID=p1 OS_USER_DOMAIN_NAME=d", ONE, INI),
            "token=t1 region=r1 project_id=p1",
            "clouds.json, cloud one",
        ),
        // Explicit values override every source.
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
        // A user name without a password is ignored.
        (&none, with(&format!("{TOKEN} OS_USERNAME=y"), "", ""), "token=t project_id=p", environment),
        // Two families that agree.
        (
            &none,
            with(&format!("{KEY} OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_ID=q"), "", ""),
            "ak=a sk=s project_id=q",
            environment,
        ),
        // The login method can be chosen.
        (
            &none,
            with(&format!("{LOGIN} OS_TOKEN=t OS_AUTH_TYPE=v3password"), "", ""),
            "user=u user_domain=d password=w auth_url=https://iam region=eu-de project=eu-de_x project_domain=d",
            environment,
        ),
        // A credentials file that a variable names comes before a clouds file in a default place.
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
    // Either region could be meant.
    let both = format!("{KEY} OS_REGION_NAME=os HW_REGION_NAME=hw");
    let error = variables(&both).find().map(|found| told(&found)).unwrap_err();
    assert_eq!(error, contradiction("OS_REGION_NAME", "HW_REGION_NAME"));
    assert_eq!(resolve(&flag, &variables(&both)).unwrap().region.unwrap().value, "flag");
}

#[test]
fn no_file_is_read_if_token_project_and_region_are_given() {
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
