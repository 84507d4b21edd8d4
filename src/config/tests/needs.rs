//! What a source needs to be complete, and what can be found without it.

use super::*;

#[test]
fn incomplete_sources_name_what_is_present_and_what_is_missing() {
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
        // A partial stronger method is not skipped.
        (
            "OS_ACCESS_KEY=V OS_USER_ID=V OS_PASSWORD=V OS_AUTH_URL=V OS_PROJECT_ID=V",
            "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY",
        ),
    ];
    for (line, expected) in table {
        // Files do not complete it.
        let env = variables(line).file(CLOUDS, ONE).file(USUAL, INI);
        assert_eq!(env.find().map(|found| told(&found)).unwrap_err().to_string(), expected, "{line}");
    }
}

#[test]
fn access_keys_and_tokens_do_not_need_a_project_id() {
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
fn a_region_does_not_replace_a_project_of_another_family() {
    for (line, other) in [
        ("OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_REGION=r HW_PROJECT_ID=q", "HW_PROJECT_ID"),
        ("HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_REGION_NAME=r OS_PROJECT_NAME=x", "OS_PROJECT_NAME"),
    ] {
        let error = variables(line).find().map(|found| told(&found)).unwrap_err().to_string();
        assert!(error.contains(&format!("; {other} is set, but sets of")), "{error}");
    }
}

#[test]
fn a_token_without_a_project_names_the_missing_variable() {
    let token = Overrides { token: Some(Secret::new("t")), ..Overrides::default() };
    let text = resolve(&token, &Fake::default()).unwrap_err().to_string();
    let expected = "the token from SessionBuilder::token is incomplete; set OS_PROJECT_ID";
    assert_eq!(text, expected);
}

#[test]
fn a_login_finds_iam_from_domain_and_region() {
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
fn a_token_needs_no_project_if_iam_is_known() {
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
