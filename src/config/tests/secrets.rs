//! No value is ever shown, whatever is wrong with it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::config::env::fake::Fake;
use crate::config::{Overrides, resolve};
use crate::util::secret::Secret;

const MARK: &str = "S3CRET";

const VARIABLES: &[&str] = &[
    "OS_TOKEN",
    "OS_AUTH_TOKEN",
    "OS_TOKEN_ID",
    "OS_ACCESS_KEY",
    "OS_ACCESS_KEY_ID",
    "OS_AK",
    "OS_SECRET_KEY",
    "OS_ACCESS_KEY_SECRET",
    "OS_SK",
    "OS_SECURITY_TOKEN",
    "OS_AKSK_SECURITY_TOKEN",
    "OS_ST",
    "OS_USERNAME",
    "OS_USER_ID",
    "OS_USERID",
    "OS_PASSWORD",
    "OS_PASSCODE",
    "OS_AUTH_URL",
    "OS_AUTH_TYPE",
    "OS_REGION_NAME",
    "OS_REGION",
    "OS_PROJECT_ID",
    "OS_TENANT_ID",
    "OS_PROJECT_NAME",
    "OS_TENANT_NAME",
    "OS_USER_DOMAIN_ID",
    "OS_USER_DOMAIN_NAME",
    "OS_PROJECT_DOMAIN_NAME",
    "OS_DOMAIN_NAME",
    "OS_DEFAULT_DOMAIN",
    "OS_AGENCY_NAME",
    "OS_AGENCY_DOMAIN_NAME",
    "OS_DELEGATED_PROJECT",
    "OS_CACERT",
    "OS_CA_CERT",
    "OS_INSECURE",
    "OS_IDENTITY_PROVIDER",
    "HW_AUTH_TOKEN",
    "HW_ACCESS_KEY",
    "HW_SECRET_KEY",
    "HW_SECURITY_TOKEN",
    "HW_USER_NAME",
    "HW_USER_PASSWORD",
    "HW_AUTH_URL",
    "HW_REGION_NAME",
    "HW_PROJECT_ID",
    "HW_PROJECT_NAME",
    "HW_DOMAIN_NAME",
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    "HUAWEICLOUD_SDK_IAM_ENDPOINT",
    "HUAWEICLOUD_SDK_PROJECT_ID",
    "HUAWEICLOUD_SDK_IDP_ID",
    "HUAWEICLOUD_SDK_ID_TOKEN_FILE",
    "OTC_SDK_AK",
    "OTC_SDK_SK",
    "OTC_SDK_SECURITY_TOKEN",
    "OTC_SDK_PROJECT_ID",
    "OTC_SDK_PROJECTID",
    "OTC_SDK_REGION",
];

const CLOUDS: &str = r#"{
    "clouds": {
        "otc": {
            "profile": "S3CRET-01",
            "auth_type": "S3CRET-02",
            "region_name": "S3CRET-03",
            "regions": ["S3CRET-04", {"name": "S3CRET-05"}],
            "cacert": "S3CRET-06",
            "verify": "S3CRET-07",
            "ak": "S3CRET-08",
            "secret_key": "S3CRET-09",
            "ecs_endpoint_override": "S3CRET-10",
            "S3CRET-11": "S3CRET-12",
            "auth": {
                "S3CRET-13": {"S3CRET-14": ["S3CRET-15"]},
                "token": "S3CRET-16",
                "ak": "S3CRET-17",
                "access_key": "S3CRET-18",
                "sk": "S3CRET-19",
                "username": "S3CRET-20",
                "password": "S3CRET-21",
                "passcode": "S3CRET-22",
                "auth_url": "S3CRET-23",
                "project_id": "S3CRET-24",
                "user_domain_name": "S3CRET-25",
                "agency_name": "S3CRET-26"
            }
        }
    }
}"#;

const CREDENTIALS: &str = "[S3CRET-1]\nS3CRET-2 = S3CRET-3\n[basic]\n# S3CRET-4\nak = S3CRET-5\nsk = S3CRET-6\nsecurity_token = S3CRET-7\nproject_id = S3CRET-8\niam_endpoint = S3CRET-9\nS3CRET-10 = S3CRET-11\n";

const CLOUD_FILES: [&str; 2] = ["/srv/here/clouds.json", "/srv/here/clouds.yaml"];
const INI_FILE: &str = "/home/me/.huaweicloud/credentials";

/// What comes of it, as anybody could print it; and how often that was an error of which kind.
fn check(env: &Fake, kinds: &mut BTreeMap<String, usize>) {
    for explicit in
        [Overrides::default(), Overrides { token: Some(Secret::new(MARK)), ..Overrides::default() }]
    {
        let (shown, kind) = match resolve(&explicit, env) {
            Ok(settings) => (format!("{explicit:?} {settings:?} {}", settings.source), "Ok".to_owned()),
            Err(error) => {
                let debug = format!("{error:?}");
                let kind = debug.split([' ', '{', '(']).next().unwrap_or_default().to_owned();
                (format!("{error} {debug}"), kind)
            }
        };
        assert!(!shown.contains(MARK), "{shown}");
        *kinds.entry(kind).or_default() += 1;
    }
}

#[test]
fn errors_never_show_the_value_of_a_variable() {
    let mut kinds = BTreeMap::new();
    let different = |names: &[&str]| {
        let values: Vec<_> = names.iter().map(|name| (*name, format!("{MARK} {name}"))).collect();
        Fake::new(&values.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
    };
    let same = |names: &[&str]| Fake::new(&names.iter().map(|name| (*name, MARK)).collect::<Vec<_>>());
    check(&different(VARIABLES), &mut kinds);
    check(&same(VARIABLES), &mut kinds);
    for (index, one) in VARIABLES.iter().enumerate() {
        check(&different(&[one]), &mut kinds);
        let rest: Vec<_> = VARIABLES.iter().copied().filter(|name| name != one).collect();
        check(&different(&rest), &mut kinds);
        check(&same(&rest), &mut kinds);
        for other in &VARIABLES[..index] {
            check(&different(&[one, other]), &mut kinds);
        }
    }
    for prefix in ["OS_", "HW_", "HUAWEICLOUD_SDK_", "OTC_SDK_"] {
        let family: Vec<_> = VARIABLES.iter().copied().filter(|name| name.starts_with(prefix)).collect();
        for length in 1..=family.len() {
            check(&same(&family[..length]), &mut kinds);
            check(&same(&family[family.len() - length..]), &mut kinds);
        }
    }
    assert_eq!(kinds.keys().collect::<Vec<_>>(), ["Contradiction", "Incomplete", "Ok", "Unsupported"]);
}

#[test]
fn errors_never_show_the_text_of_a_file() {
    let mut kinds = BTreeMap::new();
    let mut variants: Vec<String> = Vec::new();
    for text in [CLOUDS, CREDENTIALS] {
        variants.extend((0..=text.len()).map(|length| text[..length].to_owned()));
        let lines: Vec<_> = text.lines().collect();
        for skipped in 0..lines.len() {
            let kept = lines.iter().enumerate().filter(|(number, _)| *number != skipped);
            variants.push(kept.map(|(_, line)| format!("{line}\n")).collect());
        }
        for (old, new) in [
            ("\": \"", "\": [\""),
            ("\"", ""),
            ("\"", "'"),
            ("{", "["),
            ("{", ""),
            ("}", ""),
            (",", ""),
            (":", ""),
            ("=", ""),
            ("\": \"S3CRET-16", "\": \""),
            (" = ", " "),
            ("ak", "sk"),
            ("\n", "\n- "),
            ("\"auth\": {", ""),
            ("\"otc\": {", "\"otc\": \"S3CRET\", \"b\": {"),
            ("\": ", "\": !!int "),
            ("\": ", "\": *"),
            ("\"clouds\"", "\"S3CRET-0\""),
            ("\"S3CRET-07\"", "false"),
            ("\"otc\": {", "\"b\": null, \"otc\": {"),
        ] {
            variants.push(text.replace(old, new));
            variants.push(text.replacen(old, new, 1));
        }
    }
    // Each member alone.
    for number in 1..=26 {
        let mark = format!("\"S3CRET-{number:02}\"");
        let alone: String = (1..=26)
            .map(|other| format!("\"S3CRET-{other:02}\""))
            .filter(|other| *other != mark)
            .fold(CLOUDS.to_owned(), |text, other| text.replace(&format!(": {other}"), ": null"));
        variants.push(alone);
    }
    for text in &variants {
        for place in CLOUD_FILES.into_iter().chain([INI_FILE]) {
            check(&Fake::default().file(place, text), &mut kinds);
        }
    }
    if cfg!(not(feature = "yaml")) {
        return;
    }
    for kind in [
        "Contradiction",
        "Incomplete",
        "Insecure",
        "Malformed",
        "ManyClouds",
        "NoClouds",
        "NoCredentials",
        "Unsupported",
    ] {
        assert!(kinds.contains_key(kind), "{kind} did not come up: {kinds:?}");
    }
}

proptest! {
    #[test]
    fn no_file_causes_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        for place in CLOUD_FILES.into_iter().chain([INI_FILE]) {
            let _ = Fake::default().file(place, &text).find();
        }
    }

    #[test]
    fn no_altered_file_causes_a_panic(
        cut in 0..CLOUDS.len(),
        hole in 0..40_usize,
        patch in "[\\PC\n\t]{0,12}|[-{}\\[\\]:,&*!|>'\"%@`#?~<= \n]{0,12}",
    ) {
        for (text, places) in [(CLOUDS, &CLOUD_FILES[..]), (CREDENTIALS, &[INI_FILE])] {
            let cut = cut.min(text.len());
            let rest = text.get(cut + hole..).unwrap_or_default();
            let bent = format!("{}{patch}{rest}", &text[..cut]);
            for place in places {
                let _ = Fake::default().file(place, &bent).find();
            }
        }
    }
}
