//! Clouds with several regions.

use super::*;

#[test]
fn the_values_of_the_chosen_region_are_used() {
    const REGIONS: &str = r#""auth": {"username": "u", "password": "w", "user_domain_name": "d",
            "project_name": "none", "auth_url": "https://iam.{region_name}.cloud.test/v3"},
        "regions": ["eu-nl", {"name": "eu-de", "values": {"auth": {"project_name": "eu-de_x", "token": null},
            "cacert": "/{region_name}.pem", "evs_endpoint_override": "https://evs.{region_name}.test"}},
            {"name": "far", "values": {"auth_url": "https://far.test", "auth": {"auth_url": "https://iam.far.test"}}}]"#;
    let first = ("https://iam.eu-nl.cloud.test/v3", "eu-nl", "none", "clouds.yaml:otc:regions");
    let second = |source| ("https://iam.eu-de.cloud.test/v3", "eu-de", "eu-de_x", source);
    for (flag, variable, expected) in [
        (None, None, first),
        (Some("eu-de"), None, second("SessionBuilder::region")),
        (None, Some("eu-de"), second("OS_REGION_NAME")),
        (Some("eu-de"), Some("eu-nl"), second("SessionBuilder::region")),
        (None, Some("far"), ("https://iam.far.test", "far", "none", "OS_REGION_NAME")),
    ] {
        for by_name in [true, false] {
            let mut env = Fake::default().file("/srv/here/clouds.yaml", &cloud(REGIONS));
            env.variables.extend(variable.map(|value| ("OS_REGION_NAME".to_owned(), value.into())));
            // Only OS_REGION_NAME chooses.
            env.variables.insert("HW_REGION_NAME".into(), "other".into());
            let explicit = Overrides {
                cloud: by_name.then(|| "otc".to_owned()),
                region: flag.map(str::to_owned),
                ..Overrides::default()
            };
            let found = resolve(&explicit, &env).unwrap();
            let region = found.region.clone().unwrap();
            let url = found.auth_url.clone().unwrap().value;
            let project = found.project_name.clone().unwrap().value;
            assert_eq!(
                (url.as_str(), region.value.as_str(), project.as_str(), region.source.as_str()),
                expected
            );
            if region.value == "eu-de" {
                assert_eq!(found.endpoint("evs").unwrap().value, "https://evs.eu-de.test");
                assert_eq!(found.ca_cert.unwrap().value, std::path::Path::new("/eu-de.pem"));
            }
        }
    }
}

#[test]
fn an_unknown_region_of_a_cloud_is_an_error_that_lists_the_known_ones() {
    for (regions, region) in [
        (r#""regions": ["a", "b"]"#, "c"),
        (r#""regions": [{"name": "a"}, "b"]"#, "A"),
        (r#""region_name": ["a", "b"]"#, "c"),
        (r#""region_name": "a, b""#, "c"),
    ] {
        let env = || Fake::default().file("/srv/here/clouds.yaml", &cloud(&format!("{PLAIN}, {regions}")));
        let explicit = Overrides { region: Some(region.into()), ..Overrides::default() };
        let error = resolve(&explicit, &env()).unwrap_err().to_string();
        assert_eq!(
            error,
            "the region from SessionBuilder::region is not in clouds.yaml:otc:regions; choose one of a, b"
        );
        let mut env = env();
        env.variables.insert("OS_REGION_NAME".into(), region.into());
        let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
        assert_eq!(
            error,
            "the region from OS_REGION_NAME is not in clouds.yaml:otc:regions; choose one of a, b"
        );
    }
    // An explicit region overrides a single name.
    let env =
        Fake::default().file("/srv/here/clouds.yaml", &cloud(&format!(r#"{PLAIN}, "region_name": "a""#)));
    let explicit = Overrides { region: Some("b".into()), ..Overrides::default() };
    assert_eq!(told(&resolve(&explicit, &env).unwrap()), "token=t region=b project_id=p");
}
