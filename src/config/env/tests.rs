use super::fake::{Fake, told, variables};
use super::families::{FAMILIES, sets};
use super::*;
use crate::config::{Overrides, resolve};

#[test]
fn every_documented_variable_is_read() {
    let table = [
        ("OS_TOKEN=t OS_PROJECT_ID=p", "token=t project_id=p"),
        ("OS_AUTH_TOKEN=t OS_TENANT_ID=p", "token=t project_id=p"),
        ("OS_TOKEN_ID=t OS_PROJECT_ID=p OS_REGION_NAME=r", "token=t region=r project_id=p"),
        ("OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_PROJECT_ID=p", "ak=a sk=s project_id=p"),
        ("OS_ACCESS_KEY_ID=a OS_ACCESS_KEY_SECRET=s OS_PROJECT_ID=p", "ak=a sk=s project_id=p"),
        ("OS_AK=a OS_SK=s OS_ST=t OS_PROJECT_ID=p", "ak=a sk=s st=t project_id=p"),
        (
            "OS_ACCESS_KEY=a OS_SECRET_KEY=s OS_SECURITY_TOKEN=t OS_PROJECT_ID=p",
            "ak=a sk=s st=t project_id=p",
        ),
        ("OS_AK=a OS_SK=s OS_AKSK_SECURITY_TOKEN=t OS_PROJECT_ID=p", "ak=a sk=s st=t project_id=p"),
        (
            "OS_USERNAME=u OS_PASSWORD=w OS_USER_DOMAIN_NAME=d OS_PROJECT_NAME=eu-de_x OS_AUTH_URL=a",
            "user=u user_domain=d password=w auth_url=a region=eu-de project=eu-de_x project_domain=d",
        ),
        // The example of OTC's own documentation.
        (
            "OS_USERNAME=u OS_PASSWORD=w OS_USER_DOMAIN_NAME=d OS_TENANT_NAME=eu-de OS_PROJECT_NAME=eu-de_x OS_AUTH_URL=a",
            "user=u user_domain=d password=w auth_url=a region=eu-de project=eu-de_x project_domain=d",
        ),
        (
            "OS_USERNAME=u OS_PASSWORD=w OS_DOMAIN_NAME=d OS_TENANT_NAME=x OS_AUTH_URL=a OS_REGION=r",
            "user=u user_domain=d password=w auth_url=a region=r project=x project_domain=d",
        ),
        (
            "OS_USERNAME=u OS_PASSWORD=w OS_USER_DOMAIN_ID=d OS_PROJECT_DOMAIN_NAME=e OS_PROJECT_NAME=x OS_AUTH_URL=a OS_REGION_ID=r",
            "user=u user_domain=id:d password=w auth_url=a region=r project=x project_domain=e",
        ),
        (
            "OS_USERNAME=u OS_PASSWORD=w OS_PROJECT_DOMAIN_ID=e OS_PROJECT_NAME=x OS_AUTH_URL=a",
            "user=u user_domain=id:e password=w auth_url=a project=x project_domain=id:e",
        ),
        (
            "OS_USERNAME=u OS_PASSWORD=w OS_DOMAIN_ID=d OS_PROJECT_ID=p OS_AUTH_URL=a",
            "user=u user_domain=id:d password=w auth_url=a project_id=p",
        ),
        (
            "OS_USERNAME=u OS_PASSWORD=w OS_DEFAULT_DOMAIN=d OS_PROJECT_ID=p OS_AUTH_URL=a",
            "user=u user_domain=d password=w auth_url=a project_id=p",
        ),
        (
            "OS_USER_ID=i OS_PASSWORD=w OS_PASSCODE=123456 OS_PROJECT_ID=p OS_AUTH_URL=a",
            "user_id=i password=w passcode=123456 auth_url=a project_id=p",
        ),
        (
            "OS_USERID=i OS_PASSWORD=w OS_PROJECT_ID=p OS_AUTH_URL=a",
            "user_id=i password=w auth_url=a project_id=p",
        ),
        (
            "OS_USER_ID=i OS_PASSWORD=w OS_PROJECT_NAME=eu-nl_own OS_AUTH_URL=a OS_AGENCY_NAME=n OS_AGENCY_DOMAIN_NAME=m OS_DELEGATED_PROJECT=eu-de_theirs",
            "user_id=i password=w agency=n agency_domain=m auth_url=a region=eu-de project=eu-de_theirs project_domain=m",
        ),
        ("OS_TOKEN=t OS_PROJECT_ID=p OS_CACERT=/ca.pem", "token=t project_id=p ca=/ca.pem"),
        ("OS_TOKEN=t OS_PROJECT_ID=p OS_CA_CERT=~/ca.pem", "token=t project_id=p ca=/home/me/ca.pem"),
        ("OS_TOKEN=t OS_PROJECT_ID=p OS_INSECURE=false", "token=t project_id=p"),
        ("HW_AUTH_TOKEN=t HW_PROJECT_ID=p HW_REGION_NAME=r", "token=t region=r project_id=p"),
        (
            "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_SECURITY_TOKEN=t HW_PROJECT_ID=p OS_CACERT=c",
            "ak=a sk=s st=t project_id=p ca=c",
        ),
        (
            "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_NAME=d HW_PROJECT_NAME=cn-north-4 HW_AUTH_URL=a",
            "user=u user_domain=d password=w auth_url=a region=cn-north-4 project=cn-north-4 project_domain=d",
        ),
        (
            "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_ID=d HW_PROJECT_ID=p HW_AUTH_URL=a",
            "user=u user_domain=id:d password=w auth_url=a project_id=p",
        ),
        (
            "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HUAWEICLOUD_SDK_SECURITY_TOKEN=t HUAWEICLOUD_SDK_PROJECT_ID=p HUAWEICLOUD_SDK_IAM_ENDPOINT=i",
            "ak=a sk=s st=t auth_url=i project_id=p",
        ),
        (
            "HUAWEICLOUD_SDK_AK=a HUAWEICLOUD_SDK_SK=s HUAWEICLOUD_SDK_DOMAIN_ID=d HUAWEICLOUD_SDK_PROJECT_ID=p HUAWEICLOUD_SDK_REGION=no",
            "ak=a sk=s project_id=p",
        ),
        (
            "OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_SECURITY_TOKEN=t OTC_SDK_PROJECT_ID=p OTC_SDK_REGION=r",
            "ak=a sk=s st=t region=r project_id=p",
        ),
        ("OTC_SDK_AK=a OTC_SDK_SK=s OTC_SDK_PROJECTID=p", "ak=a sk=s project_id=p"),
        // Keys of other clouds are never sent to this one.
        ("AWS_ACCESS_KEY_ID=a AWS_ACCESS_SECRET_KEY=s AWS_SECRET_ACCESS_KEY=s", "nobody="),
        ("S3_ACCESS_KEY_ID=a S3_SECRET_ACCESS_KEY=s", "nobody="),
        // No credentials among these.
        (
            "OS_REGION_NAME=r OS_AUTH_URL=a OS_PROJECT_ID=p HW_CLOUD=c",
            "nobody= auth_url=a region=r project_id=p",
        ),
    ];
    for (line, expected) in table {
        assert_eq!(variables(line).find().map(|found| told(&found)), Ok(expected.to_owned()), "{line}");
    }
}

#[test]
fn each_variable_is_reported_under_its_own_name() {
    for (prefix, rows) in FAMILIES {
        for name in rows.iter().flat_map(|(_, names)| *names) {
            assert!(name.starts_with(prefix), "{name}");
            let found = Fake::new(&[(name, "value")]);
            let set =
                &sets(&found, |_| true).unwrap().into_iter().find(|set| set.label.contains(prefix)).unwrap();
            let (key, _) = rows.iter().find(|(_, names)| names.contains(name)).unwrap();
            assert_eq!(set.text(*key), Some(Sourced::new("value".to_owned(), *name)));
        }
    }
}

#[test]
fn empty_variables_count_as_unset() {
    let found =
        variables("OS_TOKEN= OS_AUTH_TOKEN=t OS_PROJECT_ID= OS_TENANT_ID=p OS_CLOUD= OS_PASSWORD=").find();
    assert_eq!(told(&found.unwrap()), "token=t project_id=p");
}

#[test]
fn disabling_certificate_checks_is_rejected_with_a_hint() {
    for value in ["1", "true", "True", "YES", "on", "t", "y"] {
        for name in ["OS_INSECURE", "HW_INSECURE"] {
            let text = Fake::new(&[(name, value), ("OS_TOKEN", "t")]).find().unwrap_err().to_string();
            assert!(text.starts_with(name) && text.contains("OS_CACERT"), "{text}");
        }
    }
    for value in ["0", "false", "no", "off", ""] {
        assert!(Fake::new(&[("OS_INSECURE", value)]).find().is_ok(), "{value}");
    }
}

#[test]
fn endpoint_variables_are_found_by_service_and_region() {
    let env = Fake::new(&[
        ("OS_TOKEN", "t"),
        ("OS_PROJECT_ID", "p"),
        ("OS_REGION_NAME", "cn-north-4"),
        ("HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4", " https://one.example , https://two.example"),
        ("HUAWEICLOUD_SDK_REGION_EVS_CN_NORTH_4", ","),
        ("HUAWEICLOUD_SDK_REGION_SFS_TURBO_CN_NORTH_4", "https://turbo.example"),
        ("HUAWEICLOUD_SDK_REGION_WORKSPACEAPP_CN_NORTH_4", "https://app.example"),
        ("HUAWEICLOUD_SDK_REGION_IMS_EU_DE", "https://elsewhere.example"),
        ("HUAWEICLOUD_SDK_REGION__CN_NORTH_4", "https://no.example"),
        ("HUAWEICLOUD_SDK_REGION_CN_NORTH_4", "https://no.example"),
    ]);
    let settings = env.find().unwrap();
    let ecs = settings.endpoint("ecs").unwrap();
    assert_eq!(ecs.value, "https://one.example");
    assert_eq!(ecs.source, "HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4");
    assert_eq!(settings.endpoint("sfs-turbo").unwrap().value, "https://turbo.example");
    assert_eq!(settings.endpoint("workspace-app").unwrap().value, "https://app.example");
    assert_eq!(settings.endpoint("workspace"), None);
    assert_eq!([settings.endpoint("evs"), settings.endpoint("ims"), settings.endpoint("")], [None; 3]);
}

#[test]
fn the_environment_of_this_process_can_be_read() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    assert!(Process.read(Path::new(file)).unwrap().is_some_and(|text| text.starts_with(b"[package]")));
    assert_eq!(Process.read(Path::new("/no/such/file")).unwrap(), None);
    assert_eq!(Process.read(&Path::new(file).join("below")).unwrap(), None);
    assert!(Process.read(Path::new(env!("CARGO_MANIFEST_DIR"))).is_err());
    assert!(Process.names().iter().all(|name| !name.is_empty()));
    assert_eq!(Process.variable("CLOUDJOB_NO_SUCH_VARIABLE"), None);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_an_error_that_names_it() {
    let token = || variables("OS_TOKEN=t OS_PROJECT_ID=p OS_REGION_NAME=eu-de");
    let families = FAMILIES.iter().flat_map(|(_, rows)| *rows).flat_map(|(_, names)| *names).copied();
    let others = ["OS_CLOUD", "HW_CLOUD", "OS_INSECURE", "HW_INSECURE", "HUAWEICLOUD_SDK_REGION_EVS_EU_DE"];
    for name in families.chain(others) {
        let error = token().bytes(name, b"m\xfcller").find().map(|found| told(&found)).unwrap_err();
        assert_eq!(error, SettingsError::NotUtf8 { name: name.into() }, "{name}");
    }
    // Unrelated ones are not read.
    assert!(token().bytes("LANG", b"\xfc").find().is_ok());
}

#[cfg(unix)]
#[test]
fn paths_do_not_have_to_be_utf8() {
    use std::os::unix::ffi::OsStrExt;

    let token = || variables("OS_TOKEN=t OS_PROJECT_ID=p");
    let found = token().bytes("OS_CACERT", b"/m\xfcller/ca.pem").find().unwrap();
    assert_eq!(found.ca_cert.unwrap().value, Path::new(OsStr::from_bytes(b"/m\xfcller/ca.pem")));
    let found = token().bytes("OS_CA_CERT", b"~/m\xfcller.pem").find().unwrap();
    assert_eq!(found.ca_cert.unwrap().value, Path::new(OsStr::from_bytes(b"/home/me/m\xfcller.pem")));

    let mut env = Fake::default().bytes("HUAWEICLOUD_SDK_CREDENTIALS_FILE", b"/m\xfcller");
    let path = PathBuf::from(OsStr::from_bytes(b"/m\xfcller"));
    env.files.insert(path, "[basic]\nak=a\nsk=s\nproject_id=p".into());
    assert_eq!(told(&env.find().unwrap()), "ak=a sk=s project_id=p");
}

#[test]
fn variables_that_change_the_principal_of_other_tools_are_rejected() {
    const KEY: &str = "HW_ACCESS_KEY=a HW_SECRET_KEY=s HW_PROJECT_ID=p";
    const TOKEN: &str = "OS_TOKEN=t OS_PROJECT_ID=p";
    for (credentials, variable) in [
        (KEY, "HW_PROFILE"),
        (TOKEN, "HW_SHARED_CONFIG_FILE"),
        ("", "HW_PROFILE"),
        (TOKEN, "OS_CERT"),
        (TOKEN, "OS_KEY"),
        (TOKEN, "OS_TRUST_ID"),
        (TOKEN, "OS_SYSTEM_SCOPE"),
        (KEY, "HW_ASSUME_ROLE_AGENCY_NAME"),
        (KEY, "HW_ASSUME_ROLE_DOMAIN_NAME"),
        (KEY, "HW_ASSUME_ROLE_DOMAIN_ID"),
        (KEY, "HW_ASSUME_ROLE_AGENCY_URN"),
        (TOKEN, "HW_ASSUME_ROLE_AGENCY_NAME"),
        (TOKEN, "OS_AGENCY_NAME"),
        (TOKEN, "OS_AGENCY_DOMAIN_NAME"),
        (TOKEN, "OS_DELEGATED_PROJECT"),
    ] {
        let error = variables(&format!("{credentials} {variable}=V")).find().map(|found| told(&found));
        match error.unwrap_err() {
            SettingsError::Unsupported { source, .. } => assert_eq!(source, variable),
            error => panic!("{variable}: {error}"),
        }
        assert!(variables(&format!("{TOKEN} {variable}=")).find().is_ok(), "{variable}");
    }
    assert!(variables(&format!("{KEY} HW_ASSUME_ROLE_DURATION=3600")).find().is_ok());
    // An explicit token makes them irrelevant.
    let token = Overrides {
        token: Some(Secret::new("t")),
        project_id: Some("p".into()),
        region: Some("eu-de".into()),
        ..Overrides::default()
    };
    assert!(resolve(&token, &variables("HW_PROFILE=V HW_ASSUME_ROLE_AGENCY_NAME=V")).is_ok());
    assert!(resolve(&token, &variables("OS_CERT=V")).is_err());
}

#[test]
fn a_password_login_can_assume_a_role() {
    let found = variables(
        "HW_USER_NAME=u HW_USER_PASSWORD=w HW_DOMAIN_NAME=d HW_PROJECT_NAME=eu-de_x HW_AUTH_URL=a HW_ASSUME_ROLE_AGENCY_NAME=n HW_ASSUME_ROLE_DOMAIN_NAME=m",
    );
    assert_eq!(
        told(&found.find().unwrap()),
        "user=u user_domain=d password=w agency=n agency_domain=m auth_url=a region=eu-de project=eu-de_x project_domain=m"
    );
}

#[test]
fn files_in_other_encodings_are_rejected() {
    for (bytes, problem) in [
        (&b"\xff\xfe{\0}\0"[..], "it is UTF-16; write it as UTF-8"),
        (b"\xfe\xff\0{\0}", "it is UTF-16; write it as UTF-8"),
        (b"m\xfcller", "it is not UTF-8"),
    ] {
        struct Bytes(Vec<u8>);

        impl Environment for Bytes {
            fn variable(&self, _: &str) -> Option<OsString> {
                None
            }

            fn names(&self) -> Vec<String> {
                Vec::new()
            }

            fn read(&self, _: &Path) -> io::Result<Option<Vec<u8>>> {
                Ok(Some(self.0.clone()))
            }

            fn home(&self) -> Option<PathBuf> {
                None
            }

            fn current_dir(&self) -> Option<PathBuf> {
                None
            }
        }

        let error = text_file(&Bytes(bytes.to_vec()), Path::new("f"), "f").unwrap_err();
        assert_eq!(error.to_string(), format!("f cannot be read: {problem}"));
    }
}
