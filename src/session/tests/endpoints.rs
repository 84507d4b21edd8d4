//! Where the service is.

use super::*;
use crate::api::response::Response;
use crate::auth::keystone::read_login;
use crate::session::endpoint::find;

fn place(settings: &[(&str, &str)], service: Service, catalog: serde_json::Value) -> Result<String, Error> {
    let mut env = Fake::new(&[("OS_TOKEN", "t"), ("OS_PROJECT_ID", "p")]);
    for (name, value) in settings {
        env = set(env, name, value);
    }
    let settings = env.find().unwrap();
    let body =
        serde_json::json!({"token": {"catalog": catalog, "project": {"id": "p", "name": "eu-de_demo"}}});
    let session =
        read_login(&Response::new(201, body.to_string()).with_header("X-Subject-Token", "t")).unwrap();
    let session = (!catalog.is_null()).then_some(&session);
    find(service, settings.region.as_ref(), session, &settings)
        .map(|found| format!("{}: {}", found.source, found.value))
}

#[test]
fn a_catalog_comes_before_the_naming_rule() {
    let catalog = serde_json::json!([{"type": "ecs", "endpoints": [
        {"interface": "public", "region": "eu-de", "url": "https://ecs.eu-de.cloud.example/v1/p"}]}]);
    let iam = ("OS_AUTH_URL", "https://iam.eu-de.cloud.example:31943/v3");
    let (none, global) = (serde_json::Value::Null, ("OS_AUTH_URL", "https://iam.myhuaweicloud.com"));
    for (settings, service, catalog, expected) in [
        (&[][..], Service::Ecs, &catalog, "service catalog: https://ecs.eu-de.cloud.example"),
        (
            &[("OS_REGION_NAME", "eu-de"), iam],
            Service::Ecs,
            &catalog,
            "service catalog: https://ecs.eu-de.cloud.example",
        ),
        // Not a region, although it looks like one.
        (
            &[("OS_PROJECT_NAME", "my-shop"), iam],
            Service::Ecs,
            &catalog,
            "service catalog: https://ecs.eu-de.cloud.example",
        ),
        (
            &[("OS_REGION_NAME", "eu-de"), iam],
            Service::Evs,
            &catalog,
            "region template: https://evs.eu-de.cloud.example",
        ),
        (
            &[("OS_REGION_NAME", "eu-nl")],
            Service::Ecs,
            &catalog,
            "region template: https://ecs.eu-nl.otc.t-systems.com",
        ),
        (
            &[("OS_REGION_NAME", "eu-de")],
            Service::Ims,
            &none,
            "region template: https://ims.eu-de.otc.t-systems.com",
        ),
        (
            &[("OS_REGION_NAME", "cn-north-4"), global],
            Service::Eip,
            &none,
            "region template: https://vpc.cn-north-4.myhuaweicloud.com",
        ),
    ] {
        assert_eq!(place(settings, service, catalog.clone()).unwrap(), expected, "{settings:?}");
    }
}

#[test]
fn an_unknown_endpoint_is_an_error_that_says_what_to_set() {
    let none = serde_json::Value::Null;
    let error = place(&[], Service::Evs, none.clone()).unwrap_err();
    let text = "the endpoint of evs is unknown; set the region (OS_REGION_NAME) or the endpoint";
    assert_error(&error, ErrorKind::Config, text);
    let keystone = [("OS_REGION_NAME", "cn-north-4"), ("OS_AUTH_URL", "https://keystone.example.com")];
    let error = place(&keystone, Service::Evs, none.clone()).unwrap_err();
    assert_error(&error, ErrorKind::Config, "HUAWEICLOUD_SDK_REGION_EVS_CN_NORTH_4");
    let error = place(&[("OS_REGION_NAME", "EU DE")], Service::Evs, none).unwrap_err();
    assert_error(&error, ErrorKind::Config, "`EU DE` is not a region");
}

#[test]
fn the_catalog_is_used_for_every_service() {
    let simulator = start(|builder| builder);
    let root = simulator.endpoint_url();
    for (service, path) in [
        (Service::Ecs, "/ecs"),
        (Service::Sdrs, "/sdrs"),
        (Service::Bms, "/bms"),
        (Service::Eip, "/vpc"),
        (Service::Vbs, "/vbs"),
        (Service::Evs, ""),
        (Service::Ims, ""),
    ] {
        let session = SessionBuilder::new().service(service).connect_in(&login(&simulator)).unwrap();
        assert_eq!(session.info().endpoint_url(), format!("{root}{path}"));
        assert_eq!(
            (session.info().endpoint_source(), session.info().service()),
            ("service catalog", service)
        );
        asks_for_a_job(&session, &simulator);
    }
    let elsewhere = SessionBuilder::new().service(Service::Deh).region("eu-nl");
    let error = elsewhere.connect_in(&login(&simulator)).unwrap_err();
    assert_error(&error, ErrorKind::Config, "HUAWEICLOUD_SDK_REGION_DEH_EU_NL");
}

#[test]
fn an_explicit_endpoint_overrides_the_catalog() {
    let simulator = start(|builder| builder);
    let root = simulator.endpoint_url();
    let variable = "HUAWEICLOUD_SDK_REGION_ECS_EU_DE";
    let env = set(login(&simulator), variable, &format!("{root}/by-variable/,https://example.com"));
    let by_variable = format!("{root}/by-variable");
    let session = SessionBuilder::new().connect_in(&env).unwrap();
    assert_eq!(
        (session.info().endpoint_url(), session.info().endpoint_source()),
        (by_variable.as_str(), variable)
    );
    // Only the login tells the region here.
    let env = set(unset(env, &["OS_PROJECT_NAME"]), "OS_PROJECT_ID", simulator.project_id());
    let session = SessionBuilder::new().connect_in(&env).unwrap();
    assert_eq!(
        (session.info().endpoint_url(), session.info().endpoint_source()),
        (by_variable.as_str(), variable)
    );

    let session = SessionBuilder::new().endpoint(format!("{root}/given")).connect_in(&env).unwrap();
    assert_eq!(session.info().endpoint_url(), format!("{root}/given"));
    assert_eq!(session.info().endpoint_source(), "SessionBuilder::endpoint");
    let error = SessionBuilder::new().connect_in(&set(env, variable, "http://ecs.example.com")).unwrap_err();
    assert_error(&error, ErrorKind::Config, &format!("({variable})"));
}

#[test]
fn a_misspelled_region_is_reported_before_anything_is_sent() {
    let simulator = start(|builder| builder);
    let token = Fake::new(&[("OS_TOKEN", "s3cret"), ("OS_PROJECT_ID", "p")]);
    let key = Fake::new(&[("OS_AK", "AKID"), ("OS_SK", "s3cret")]);
    for env in [token, key] {
        for (env, source) in [
            (set(env.clone(), "OS_REGION_NAME", "eu-dee"), "(OS_REGION_NAME)"),
            (set(env.clone(), "OTC_SDK_REGION", "eu-dee"), "(OTC_SDK_REGION)"),
        ] {
            let error = SessionBuilder::new().connect_in(&env).unwrap_err();
            let expected = format!("`eu-dee` is not a known region: did you mean eu-de? {source}");
            #[cfg(feature = "signing")]
            assert_error(&error, ErrorKind::Config, &expected);
            #[cfg(not(feature = "signing"))]
            let _ = (error, expected);
        }
    }
    // A login at a known cloud is not even sent.
    let otc = set(login(&simulator), "OS_AUTH_URL", "https://iam.eu-de.otc.t-systems.com/v3");
    let error = SessionBuilder::new().region("eu-dee").connect_in(&otc).unwrap_err();
    assert_error(&error, ErrorKind::Config, "did you mean eu-de? (SessionBuilder::region)");
    // Nor is a login at an address that does not tell the cloud.
    for region in ["eu-dee", "eu-de-1", "EU-DE", "eu_de", "eu-de "] {
        let error = SessionBuilder::new().region(region).connect_in(&login(&simulator)).unwrap_err();
        assert_error(&error, ErrorKind::Config, "did you mean eu-de? (SessionBuilder::region)");
    }
    assert_eq!(simulator.requests().len(), 0);
    // A private cloud may have any region names.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    {
        let private = set(login(&simulator), "HW_CLOUD", "hcso.test");
        let session = SessionBuilder::new().region("eu-dee").connect_in(&private).unwrap();
        assert_eq!(session.info().endpoint_url(), "https://ecs.eu-dee.hcso.test");
    }
    // Only the catalog shows that this region is missing.
    let error = SessionBuilder::new().region("eu-fr").connect_in(&login(&simulator)).unwrap_err();
    let expected = "the service catalog has no ecs in the region `eu-fr` (SessionBuilder::region), but in eu-de; set one of";
    assert_error(&error, ErrorKind::Config, expected);
}

#[test]
fn a_project_name_that_resembles_a_region_does_not_prevent_a_login() {
    let simulator = start(|builder| builder.project_name("eu-dev_shop"));
    let session = SessionBuilder::new().connect_in(&login(&simulator)).unwrap();
    assert_eq!(session.info().endpoint_source(), "service catalog");
}

#[test]
fn the_region_template_uses_hw_cloud() {
    let env = Fake::new(&[
        ("HW_AUTH_TOKEN", "t"),
        ("HW_PROJECT_ID", "p"),
        ("HW_REGION_NAME", "la-south-6001"),
        ("HW_CLOUD", "hcso.customer.test"),
    ]);
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    {
        let session = SessionBuilder::new().connect_in(&env).unwrap();
        assert_eq!(session.info().endpoint_url(), "https://ecs.la-south-6001.hcso.customer.test");
    }
    let error = SessionBuilder::new().connect_in(&set(env, "HW_CLOUD", "https://hcso.test")).unwrap_err();
    assert_error(&error, ErrorKind::Config, "(HW_CLOUD)");
}

#[test]
fn a_region_that_contradicts_a_private_iam_is_an_error() {
    let env = Fake::new(&[
        ("OS_TOKEN", "t"),
        ("OS_PROJECT_ID", "p"),
        ("OS_REGION_NAME", "eu-west-1"),
        ("OS_AUTH_URL", "https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3"),
    ]);
    let error = SessionBuilder::new().connect_in(&env).unwrap_err();
    assert_error(&error, ErrorKind::Config, "is not that of the region eu-west-1");
    let error = SessionBuilder::new().connect_in(&set(env, "OS_REGION_NAME", "eu\u{1b}[31m")).unwrap_err();
    assert_error(&error, ErrorKind::Config, "OS_REGION_NAME has a control character in it");
}
