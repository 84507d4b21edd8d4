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
