//! Values that cannot be used.

use super::*;

#[test]
fn synonyms_with_different_values_are_an_error() {
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
    // Also beside complete credentials.
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
    // A type without credentials is not a source.
    assert!(variables(&format!("{KEY} OS_AUTH_TYPE=password")).find().is_ok());
}

#[test]
fn control_characters_are_rejected_with_the_name_of_the_variable() {
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
            // A password may contain anything.
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
