//! Sources that contradict each other.

use super::*;

#[test]
fn complete_sets_have_to_agree() {
    const KEY: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s";
    const LOGIN: &str = "OS_USERNAME=u OS_PASSWORD=w OS_USER_DOMAIN_NAME=d OS_AUTH_URL=https://iam.test/v3";
    const HW_LOGIN: &str = "HW_USER_NAME=u HW_USER_PASSWORD=w HW_AUTH_URL=https://iam.test HW_PROJECT_ID=p";
    for (line, one, other) in [
        // The project, even without credentials of its family.
        (format!("{KEY} HW_PROJECT_ID=q OS_PROJECT_ID=p"), "HW_PROJECT_ID", "OS_PROJECT_ID"),
        (format!("{KEY} HW_PROJECT_ID=q OS_TENANT_ID=p"), "HW_PROJECT_ID", "OS_TENANT_ID"),
        (format!("{KEY} HW_PROJECT_NAME=a OS_PROJECT_NAME=b"), "HW_PROJECT_NAME", "OS_PROJECT_NAME"),
        (format!("{KEY} HW_PROJECT_ID=q OTC_SDK_PROJECT_ID=p"), "HW_PROJECT_ID", "OTC_SDK_PROJECT_ID"),
        (
            format!("{KEY} HW_PROJECT_ID=q HUAWEICLOUD_SDK_PROJECT_ID=p"),
            "HW_PROJECT_ID",
            "HUAWEICLOUD_SDK_PROJECT_ID",
        ),
        ("OS_TOKEN=t OS_PROJECT_ID=p HW_PROJECT_ID=q".to_owned(), "OS_PROJECT_ID", "HW_PROJECT_ID"),
        (format!("{KEY} HW_PROJECT_ID=q OS_TOKEN=t OS_PROJECT_ID=p"), "OS_PROJECT_ID", "HW_PROJECT_ID"),
        // The region.
        (
            format!("{KEY} HW_PROJECT_ID=q HW_REGION_NAME=a OS_REGION_NAME=b"),
            "OS_REGION_NAME",
            "HW_REGION_NAME",
        ),
        (
            "OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_REGION=a HW_REGION_NAME=b".to_owned(),
            "HW_REGION_NAME",
            "OTC_SDK_REGION",
        ),
        (
            format!("{KEY} HW_PROJECT_ID=p HW_REGION_NAME=a OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=b"),
            "OS_REGION_NAME",
            "HW_REGION_NAME",
        ),
        // The domain.
        (
            format!("{LOGIN} OS_PROJECT_ID=p {HW_LOGIN} HW_DOMAIN_NAME=e"),
            "OS_USER_DOMAIN_NAME",
            "HW_DOMAIN_NAME",
        ),
        (format!("{LOGIN} OS_PROJECT_ID=p HW_DOMAIN_NAME=e"), "OS_USER_DOMAIN_NAME", "HW_DOMAIN_NAME"),
        (format!("OS_DOMAIN_NAME=e {HW_LOGIN} HW_DOMAIN_NAME=d"), "HW_DOMAIN_NAME", "OS_DOMAIN_NAME"),
        (
            format!("{HW_LOGIN} HW_DOMAIN_ID=d HUAWEICLOUD_SDK_DOMAIN_ID=e"),
            "HW_DOMAIN_ID",
            "HUAWEICLOUD_SDK_DOMAIN_ID",
        ),
        (
            format!("{LOGIN} OS_PROJECT_ID=p {KEY} HW_PROJECT_ID=p HW_DOMAIN_NAME=e"),
            "HW_DOMAIN_NAME",
            "OS_USER_DOMAIN_NAME",
        ),
        // IAM.
        (
            format!("{LOGIN} OS_PROJECT_ID=p {KEY} HW_PROJECT_ID=p HW_AUTH_URL=https://other.test"),
            "HW_AUTH_URL",
            "OS_AUTH_URL",
        ),
    ] {
        let found = variables(&line).find().map(|found| told(&found));
        assert_eq!(found, Err(contradiction(one, other)), "{line}");
    }
    for line in [
        // The same IAM in two spellings.
        format!("{LOGIN} OS_PROJECT_ID=p {HW_LOGIN} HW_DOMAIN_NAME=d"),
        // An id and a name cannot be compared.
        format!("{KEY} HW_PROJECT_ID=q OS_PROJECT_NAME=x"),
        // An access key does not use the domain.
        format!("{KEY} HW_PROJECT_ID=q OS_USER_DOMAIN_NAME=d HW_DOMAIN_NAME=e"),
        "OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=a HW_REGION_NAME=b".to_owned(),
        format!("{KEY} HW_PROJECT_ID=q OS_REGION_NAME=b"),
        format!("{KEY} HW_PROJECT_ID=q OS_DEFAULT_DOMAIN=default OS_AUTH_TYPE=password"),
    ] {
        assert!(variables(&line).find().is_ok(), "{line}");
    }
    // An explicit project or region overrides them.
    let given =
        Overrides { project_id: Some("p9".into()), region: Some("r9".into()), ..Overrides::default() };
    for line in [
        format!("{KEY} HW_PROJECT_ID=q OS_PROJECT_ID=p"),
        format!("{KEY} HW_PROJECT_ID=p HW_REGION_NAME=a OS_TOKEN=t OS_PROJECT_ID=q OS_REGION_NAME=b"),
    ] {
        assert!(resolve(&given, &variables(&line)).is_ok(), "{line}");
    }
}

#[test]
fn a_security_token_has_to_be_in_each_complete_set() {
    const HW: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p";
    const OTC: &str = "OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_PROJECT_ID=p";
    for (one, other) in [("HW_", "OTC_SDK_"), ("OTC_SDK_", "HW_")] {
        let text = error(&variables(&format!("{HW} {OTC} {one}SECURITY_TOKEN=V")));
        let expected =
            format!("{one}SECURITY_TOKEN is not set in the environment ({other}*), which has the same ");
        assert!(text.starts_with(&expected), "{text}");
    }
    let both = format!("{HW} HW_SECURITY_TOKEN=t {OTC} OTC_SDK_SECURITY_TOKEN=t");
    assert_eq!(told(&variables(&both).find().unwrap()), "ak=a sk=s st=t project_id=p");
}

#[test]
fn variables_must_not_contradict_a_default_file() {
    let ini = || Fake::default().file(USUAL, INI);
    for (name, place) in [
        ("OS_PROJECT_ID", "~/.huaweicloud/credentials:basic:project_id"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "~/.huaweicloud/credentials:basic:project_id"),
    ] {
        let mut env = ini();
        env.variables.insert(name.into(), "other".into());
        assert_eq!(error(&env), contradiction(place, name).to_string());
    }
    let mut env = Fake::default().file(USUAL, "[basic]\nak=a\nsk=s\n");
    env.variables.insert("OS_PROJECT_ID".into(), "p".into());
    env.variables.insert("OS_REGION_NAME".into(), "r".into());
    assert!(error(&env).contains("; OS_PROJECT_ID is set, but sets of different names are never mixed"));
    #[cfg(feature = "yaml")]
    for (name, place) in [
        ("OS_PROJECT_ID", "clouds.json:one:auth.project_id"),
        ("HW_PROJECT_ID", "clouds.json:one:auth.project_id"),
    ] {
        let mut env = Fake::new(&[(name, "other")]).file(CLOUDS, ONE);
        assert_eq!(error(&env), contradiction(place, name).to_string());
        env.variables.insert("OS_CLOUD".into(), "one".into());
        assert!(env.find().is_ok());
    }
    // As in openstacksdk.
    #[cfg(feature = "yaml")]
    for more in ["", " OS_CLOUD=one"] {
        let env = variables(&format!("OS_REGION_NAME=r9{more}")).file(CLOUDS, ONE);
        assert_eq!(error(&env), contradiction("OS_REGION_NAME", "clouds.json:one:region_name").to_string());
    }
}

#[test]
fn credentials_are_not_sent_to_a_cloud_that_contradicts_a_variable() {
    const KEY: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p";
    let host = |line: &str| {
        let settings = variables(line).find().unwrap();
        let region = settings.region.clone().unwrap();
        settings
            .cloud_of(&region)
            .and_then(|cloud| cloud.rest_of_host(&region.value).map_err(|error| error::unusable("", error)))
    };
    for (more, expected) in [
        (
            "HW_REGION_NAME=eu-de OS_AUTH_URL=https://iam.eu-de.otc.t-systems.com/v3",
            "eu-de.otc.t-systems.com",
        ),
        (
            "HW_REGION_NAME=eu-nl OS_AUTH_URL=https://iam.eu-de.otc.t-systems.com/v3",
            "eu-nl.otc.t-systems.com",
        ),
        (
            "HW_REGION_NAME=r HUAWEICLOUD_SDK_IAM_ENDPOINT=https://iam.myhuaweicloud.com",
            "r.myhuaweicloud.com",
        ),
        ("HW_REGION_NAME=r HW_CLOUD=hcso.test OS_AUTH_URL=https://iam.r.hcso.test", "r.hcso.test"),
        // The IAM URL of the same family is used.
        ("HW_REGION_NAME=r HW_AUTH_URL=https://iam.r.hcso.test OS_AUTH_URL=https://iam.test", "r.hcso.test"),
    ] {
        assert_eq!(host(&format!("{KEY} {more}")).as_deref(), Ok(expected), "{more}");
    }
    for more in [
        "HW_REGION_NAME=la-south-6001 OS_AUTH_URL=https://iam.la-south-6001.hcso.test/v3",
        "HW_REGION_NAME=cn-north-4 OS_AUTH_URL=https://iam.eu-de.otc.t-systems.com/v3",
        "HW_REGION_NAME=r OS_AUTH_URL=https://keystone.test",
        "HW_REGION_NAME=r HW_CLOUD=hcso.test OS_AUTH_URL=https://iam.r.other.test",
    ] {
        let error = host(&format!("{KEY} {more}")).unwrap_err().to_string();
        let expected = "OS_AUTH_URL is not known to be of the same cloud as the region from HW_REGION_NAME; ";
        assert!(error.starts_with(expected), "{more}: {error}");
    }
}

#[test]
fn a_project_name_alone_does_not_select_an_unknown_region() {
    let cloud = |line: &str| {
        let settings = variables(line).find().unwrap();
        let region = settings.region.clone().unwrap();
        settings.cloud_of(&region).map(|_| ())
    };
    for line in ["OS_PROJECT_NAME=my-shop_x", "OS_PROJECT_NAME=my-shop", "OS_PROJECT_NAME=eu-fr_x"] {
        let error = cloud(&format!("OS_TOKEN=t OS_PROJECT_ID=p {line}")).unwrap_err().to_string();
        assert!(
            error.starts_with("OS_PROJECT_NAME begins with a word that is not known as a region; "),
            "{error}"
        );
    }
    for line in [
        "OS_PROJECT_NAME=eu-de_x",
        "OS_PROJECT_NAME=la-south-6001_x",
        "OS_PROJECT_NAME=my-shop_x OS_AUTH_URL=https://iam.my-shop.hcso.test",
        "OS_PROJECT_NAME=my-shop_x HW_CLOUD=hcso.test",
        "OS_PROJECT_NAME=x OS_REGION_NAME=my-shop",
    ] {
        assert!(cloud(&format!("OS_TOKEN=t OS_PROJECT_ID=p {line}")).is_ok(), "{line}");
    }
}
