//! Sets of variables that are there in part, beside others that are complete.

use proptest::prelude::*;

use super::*;

/// The variables of one set, by family and method, complete. They all are for one project of one IAM.
const SETS: [(&str, &[&str]); 8] = [
    ("OS_", &["OS_TOKEN", "OS_PROJECT_ID"]),
    ("OS_", &["OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_PROJECT_ID"]),
    ("OS_", &["OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME", "OS_AUTH_URL", "OS_PROJECT_ID"]),
    ("HW_", &["HW_AUTH_TOKEN", "HW_PROJECT_ID"]),
    ("HW_", &["HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_PROJECT_ID"]),
    ("HW_", &["HW_USER_NAME", "HW_USER_PASSWORD", "HW_DOMAIN_NAME", "HW_AUTH_URL", "HW_PROJECT_ID"]),
    ("HUAWEICLOUD_SDK_", &["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID"]),
    ("OTC_SDK_", &["OTC_SDK_AK", "OTC_SDK_SK", "OTC_SDK_PROJECT_ID"]),
];

/// What does not authenticate, and so makes no set of its own.
const SHARED: [&str; 14] = [
    "OS_PROJECT_NAME",
    "OS_REGION_NAME",
    "HW_REGION_NAME",
    "OTC_SDK_REGION",
    "HUAWEICLOUD_SDK_DOMAIN_ID",
    "OS_PROJECT_ID",
    "OS_USER_DOMAIN_NAME",
    "OS_AUTH_URL",
    "OS_AUTH_TYPE",
    "HW_PROJECT_ID",
    "HW_DOMAIN_NAME",
    "HW_AUTH_URL",
    "HUAWEICLOUD_SDK_PROJECT_ID",
    "OTC_SDK_PROJECT_ID",
];

fn value(name: &str) -> &'static str {
    match name {
        "OS_AUTH_URL" => "https://iam.eu-de.otc.t-systems.com/v3",
        "HW_AUTH_URL" => "iam.eu-de.otc.t-systems.com:443",
        _ => "v",
    }
}

fn variables_of(names: &[&str]) -> Fake {
    Fake::new(&names.iter().map(|name| (*name, value(name))).collect::<Vec<_>>())
}

fn error(env: &Fake) -> String {
    slashes(&env.find().map(|found| told(&found)).unwrap_err().to_string())
}

#[test]
fn a_partial_set_is_an_error_beside_any_complete_set() {
    let mut errors = 0;
    for (family, names) in SETS {
        // Every proper, non-empty subset of the members.
        for chosen in 1..(1_usize << names.len()) - 1 {
            let (held, missing): (Vec<_>, Vec<_>) =
                (0..names.len()).partition(|index| chosen & (1 << index) != 0);
            let held: Vec<_> = held.into_iter().map(|index| names[index]).collect();
            let missing: Vec<_> = missing.into_iter().map(|index| names[index]).collect();
            for (_, others) in SETS.iter().filter(|(other, _)| *other != family) {
                let env = variables_of(&[&held, *others].concat());
                // Empty variables count as unset.
                let mut empty = env.clone();
                empty.variables.extend(missing.iter().map(|name| ((*name).to_owned(), "".into())));
                for env in [env, empty] {
                    if held.iter().all(|name| SHARED.contains(name)) {
                        let found = env.find().unwrap_or_else(|error| panic!("{env:?}: {error}"));
                        let source = found.source;
                        assert!(source.contains(&others[0][..3]), "{env:?}: {source}");
                        continue;
                    }
                    let text = error(&env);
                    let first = held.iter().find(|name| !SHARED.contains(name)).unwrap();
                    assert!(text.contains(&format!("from {first}")), "{env:?}: {text}");
                    assert!(text.contains(" is incomplete; set "), "{env:?}: {text}");
                    for name in &missing {
                        assert!(text.contains(name), "{name} of {env:?}: {text}");
                    }
                    assert!(text.contains(" to use the environment ("), "{text}");
                    errors += 1;
                }
            }
        }
    }
    assert!(errors > 500, "{errors}");
}

#[test]
fn the_error_names_what_is_missing_and_the_alternative() {
    for (line, expected) in [
        (
            "OS_ACCESS_KEY=V OS_PROJECT_ID=p",
            "the access key from OS_ACCESS_KEY is incomplete; set OS_SECRET_KEY, or unset it to use the environment (HW_*)",
        ),
        (
            "OS_USERNAME=V OS_PASSWORD=V",
            "the password login from OS_USERNAME, OS_PASSWORD is incomplete; set OS_USER_DOMAIN_NAME, and OS_AUTH_URL, and OS_PROJECT_NAME or OS_PROJECT_ID, or unset them to use the environment (HW_*)",
        ),
        (
            "HUAWEICLOUD_SDK_AK=V",
            "the access key from HUAWEICLOUD_SDK_AK is incomplete; set HUAWEICLOUD_SDK_SK, and HUAWEICLOUD_SDK_PROJECT_ID or OS_REGION_NAME, or unset it to use the environment (HW_*)",
        ),
        (
            "OS_USERNAME=V",
            "the password login from OS_USERNAME is incomplete; set OS_PASSWORD, and OS_USER_DOMAIN_NAME, and OS_AUTH_URL, and OS_PROJECT_NAME or OS_PROJECT_ID, or unset it to use the environment (HW_*)",
        ),
    ] {
        let line = format!("{line} HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p");
        assert_eq!(error(&variables(&line)), expected, "{line}");
    }
}

#[test]
fn a_partial_weaker_method_is_an_error() {
    let table = [
        ("OS_TOKEN=t OS_PROJECT_ID=p", "OS_ACCESS_KEY", "OS_SECRET_KEY"),
        ("OS_TOKEN=t OS_PROJECT_ID=p", "OS_SK", "OS_ACCESS_KEY"),
        ("OS_TOKEN=t OS_PROJECT_ID=p", "OS_ST", "OS_ACCESS_KEY and OS_SECRET_KEY"),
        ("OS_TOKEN=t OS_PROJECT_ID=p", "OS_PASSWORD", "OS_USERNAME"),
        ("OS_AK=a OS_SK=s OS_PROJECT_ID=p", "OS_PASSWORD", "OS_USERNAME"),
        ("OS_AK=a OS_SK=s OS_PROJECT_ID=p", "OS_PASSCODE", "OS_USERNAME and OS_PASSWORD"),
        ("HW_AUTH_TOKEN=t HW_PROJECT_ID=p", "HW_ACCESS_KEY", "HW_SECRET_KEY"),
        ("HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p", "HW_USER_PASSWORD", "HW_USER_NAME"),
    ];
    for (complete, half, missing) in table {
        let text = error(&variables(&format!("{complete} {half}=V")));
        assert!(text.ends_with(&format!(" from {half} is incomplete; set {missing}")), "{text}");
    }
    for (line, expected) in [
        // A user name may remain after the password was unset.
        ("OS_TOKEN=t OS_PROJECT_ID=p OS_USERNAME=u", "token=t project_id=p"),
        ("HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p HW_USER_NAME=u", "ak=a sk=s project_id=p"),
        // As in the other tools, the token comes first.
        ("HW_AUTH_TOKEN=t HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p", "token=t project_id=p"),
        ("HW_AUTH_TOKEN=t HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_REGION_NAME=r", "token=t region=r"),
        // The method was named.
        ("OS_TOKEN=t OS_PROJECT_ID=p OS_AUTH_TYPE=v3token OS_AK=a", "token=t project_id=p"),
    ] {
        assert_eq!(variables(line).find().map(|found| told(&found)), Ok(expected.to_owned()), "{line}");
    }
    let text = error(&variables("HW_AUTH_TOKEN=t HW_ACCESS_KEY=a HW_SECRET_KEY=s"));
    assert_eq!(text, "the token from HW_AUTH_TOKEN is incomplete; set HW_PROJECT_ID or HW_PROJECT_NAME");
}

#[test]
fn explicit_values_override_partial_sets() {
    let half = "OS_USERNAME=u OS_PASSWORD=w OS_ACCESS_KEY=a HW_SECRET_KEY=s OTC_SDK_AK=a OS_REGION_NAME=r";
    let token =
        Overrides { token: Some(Secret::new("t9")), project_id: Some("p9".into()), ..Overrides::default() };
    assert_eq!(told(&resolve(&token, &variables(half)).unwrap()), "token=t9 region=r project_id=p9");
    // Invalid variables that the token replaces are not even read.
    let odd =
        Fake::new(&[("OS_TOKEN", "1"), ("OS_AUTH_TOKEN", "2"), ("OS_PASSWORD", "w\r"), ("OS_REGION", "r")]);
    assert_eq!(told(&resolve(&token, &odd).unwrap()), "token=t9 region=r project_id=p9");
    let project = Overrides { project_id: Some("p9".into()), ..Overrides::default() };
    let line = "OS_USER_ID=u OS_PASSWORD=w OS_AUTH_URL=a HW_PROJECT_ID=q";
    assert_eq!(
        told(&resolve(&project, &variables(line)).unwrap()),
        "user_id=u password=w auth_url=a project_id=p9"
    );
    #[cfg(feature = "yaml")]
    {
        let cloud = Overrides { cloud: Some("one".into()), ..Overrides::default() };
        let found = resolve(&cloud, &variables("OS_PASSWORD=w HW_SECRET_KEY=s").file(CLOUDS, ONE)).unwrap();
        assert_eq!(told(&found), "token=t1 region=r1 project_id=p1");
    }
}

#[test]
fn files_do_not_complete_a_partial_set() {
    for line in
        ["OS_TOKEN=V", "HW_SECRET_KEY=V", "OTC_SDK_AK=V", "HUAWEICLOUD_SDK_SECURITY_TOKEN=V", "OS_PASSCODE=V"]
    {
        for env in [
            variables(line).file(CLOUDS, ONE),
            variables(line).file(USUAL, INI),
            variables(&format!("{line} HUAWEICLOUD_SDK_CREDENTIALS_FILE={USUAL}")).file(USUAL, INI),
        ] {
            assert!(error(&env).contains(" is incomplete; set "), "{env:?}");
        }
    }
}

#[test]
fn blank_values_are_rejected() {
    for name in ["OS_TOKEN", "OS_PROJECT_ID", "OS_USERNAME", "HW_SECRET_KEY", "OTC_SDK_REGION", "OS_PASSWORD"]
    {
        for blank in [" ", "\t", " \r", "\u{a0}"] {
            let text = error(&Fake::new(&[("OS_TOKEN", "t"), ("OS_PROJECT_ID", "p"), (name, blank)]));
            assert_eq!(text, format!("{name} is blank; set it or unset it"));
        }
    }
}

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

proptest! {
    /// Whatever the variables are: if credentials are found, then every family that has any credentials has them in full.
    #[test]
    fn credentials_are_found_only_if_no_family_is_partial(
        chosen in proptest::collection::vec((0..MEMBERS.len(), 0..2_usize), 1..9),
    ) {
        let env = Fake::new(&chosen.iter().map(|(name, value)| (MEMBERS[*name], ["v", "w"][*value])).collect::<Vec<_>>());
        let Ok(found) = env.find() else { return Ok(()) };
        if matches!(found.auth, AuthMethod::None) {
            return Ok(());
        }
        for family in ["OS_", "HW_", "HUAWEICLOUD_SDK_", "OTC_SDK_"] {
            let of_family = |name: &str| name.starts_with(family);
            let is_source = env.variables.keys().any(|name| of_family(name) && !SHARED.contains(&name.as_str()));
            let mut alone = env.clone();
            // The region may be that of any family.
            alone.variables.retain(|name, _| of_family(name) || name.contains("REGION"));
            let auth = alone.find().map(|found| found.auth);
            prop_assert!(!is_source || matches!(auth, Ok(ref auth) if !matches!(auth, AuthMethod::None)), "{env:?}: {auth:?}");
        }
    }
}

/// All that makes up a set.
const MEMBERS: [&str; 30] = [
    "OS_TOKEN",
    "OS_ACCESS_KEY",
    "OS_SECRET_KEY",
    "OS_SECURITY_TOKEN",
    "OS_USERNAME",
    "OS_USER_ID",
    "OS_PASSWORD",
    "OS_USER_DOMAIN_NAME",
    "OS_AUTH_URL",
    "OS_PROJECT_ID",
    "OS_PROJECT_NAME",
    "OS_REGION_NAME",
    "HW_AUTH_TOKEN",
    "HW_ACCESS_KEY",
    "HW_SECRET_KEY",
    "HW_USER_NAME",
    "HW_USER_PASSWORD",
    "HW_DOMAIN_NAME",
    "HW_AUTH_URL",
    "HW_PROJECT_ID",
    "HW_REGION_NAME",
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    "HUAWEICLOUD_SDK_PROJECT_ID",
    "HUAWEICLOUD_SDK_DOMAIN_ID",
    "OTC_SDK_AK",
    "OTC_SDK_SK",
    "OTC_SDK_PROJECT_ID",
    "OTC_SDK_REGION",
];
