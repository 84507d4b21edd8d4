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
    let session = read_login(&Response::new(201, body.to_string()).header("X-Subject-Token", "t")).unwrap();
    let region = settings.region.as_ref().map(|region| region.value.as_str());
    let session = (!catalog.is_null()).then_some(&session);
    find(service, region, session, &settings).map(|found| format!("{}: {}", found.source, found.value))
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
        // No region, however much like one it polls.
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
fn where_nothing_is_known_it_is_said_what_to_set() {
    let none = serde_json::Value::Null;
    let error = place(&[], Service::Evs, none.clone()).unwrap_err();
    let text = "it is not known where evs is: set the region (OS_REGION_NAME, --region) or the endpoint (--endpoint)";
    assert_error(&error, ErrorKind::Config, text);
    let keystone = [("OS_REGION_NAME", "cn-north-4"), ("OS_AUTH_URL", "https://keystone.example.com")];
    let error = place(&keystone, Service::Evs, none.clone()).unwrap_err();
    assert_error(&error, ErrorKind::Config, "HUAWEICLOUD_SDK_REGION_EVS_CN_NORTH_4, --endpoint");
    let error = place(&[("OS_REGION_NAME", "EU DE")], Service::Evs, none).unwrap_err();
    assert_error(&error, ErrorKind::Config, "`EU DE` is not a region");
}

#[test]
fn the_catalog_of_a_login_is_asked_for_each_service() {
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
    let error = SessionBuilder::new().service(Service::Deh).connect_in(&login(&simulator)).unwrap_err();
    assert_error(&error, ErrorKind::Config, "HUAWEICLOUD_SDK_REGION_DEH_EU_DE");
}

#[test]
fn an_endpoint_that_is_given_comes_before_the_catalog() {
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
    // Here only the login tells the region.
    let env = set(unset(env, &["OS_PROJECT_NAME"]), "OS_PROJECT_ID", simulator.project_id());
    let session = SessionBuilder::new().connect_in(&env).unwrap();
    assert_eq!(
        (session.info().endpoint_url(), session.info().endpoint_source()),
        (by_variable.as_str(), variable)
    );

    let session = SessionBuilder::new().endpoint(format!("{root}/given")).connect_in(&env).unwrap();
    assert_eq!(session.info().endpoint_url(), format!("{root}/given"));
    assert_eq!(session.info().endpoint_source(), "endpoint given");
    let error = SessionBuilder::new().connect_in(&set(env, variable, "http://ecs.example.com")).unwrap_err();
    assert_error(&error, ErrorKind::Config, &format!("({variable})"));
}
