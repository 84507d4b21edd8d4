//! Clouds with a profile: what all clouds of a provider have in common.

use super::*;

#[test]
fn the_region_selects_the_iam_url_of_a_vendor() {
    let text = cloud(r#""profile": "otc", "auth": {"user_id": "u", "password": "w", "project_id": "p"}"#);
    let explicit = Overrides { region: Some("eu-nl".into()), ..Overrides::default() };
    let found = resolve(&explicit, &Fake::default().file(PLACES[0], &text)).unwrap();
    assert_eq!(found.auth_url.as_ref().unwrap().value, "https://iam.eu-nl.otc.t-systems.com/v3");
    assert_eq!(found.auth_url.unwrap().source, "clouds.json:otc:profile");
}

#[test]
fn a_region_of_another_vendor_is_rejected() {
    let login = |more: &str| {
        cloud(&format!(r#"{more}, "auth": {{"user_id": "u", "password": "w", "project_id": "p"}}"#))
    };
    for (members, place) in [
        (r#""profile": "otc", "region_name": "eu-ch2""#, "clouds.yaml:otc:region_name"),
        (r#""profile": "otc", "region_name": "cn-north-4""#, "clouds.yaml:otc:region_name"),
        (r#""cloud": "otc-swiss", "region_name": "eu-de""#, "clouds.yaml:otc:region_name"),
        (r#""profile": "otc-swiss", "regions": ["eu-nl"]"#, "clouds.yaml:otc:regions"),
    ] {
        let env = Fake::default().file("/srv/here/clouds.yaml", &login(members));
        let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
        let expected = format!("the region from {place} is not one of the cloud that clouds.yaml:otc:");
        assert!(error.starts_with(&expected), "{error}");
    }
    let env =
        Fake::default().file("/srv/here/clouds.yaml", &login(r#""profile": "otc", "region_name": "eu-dee""#));
    let error = env.find().map(|found| told(&found)).unwrap_err().to_string();
    assert_eq!(error, "`eu-dee` is not a known region: did you mean eu-de? (clouds.yaml:otc:region_name)");
    // A new region stays within the cloud of the profile.
    let env =
        Fake::default().file("/srv/here/clouds.yaml", &login(r#""profile": "otc", "region_name": "eu-fr""#));
    assert_eq!(env.find().unwrap().auth_url.unwrap().value, "https://iam.eu-fr.otc.t-systems.com/v3");
}

/// A clouds file with a cloud of these members, and `clouds-public.yaml` with these profiles beside it.
fn with_profiles(members: &str, profiles: &str) -> Fake {
    Fake::default()
        .file("/srv/here/clouds.yaml", &cloud(members))
        .file("/home/me/.config/openstack/clouds-public.yaml", &format!("public-clouds: {profiles}"))
}

#[test]
fn a_cloud_overrides_its_profile_from_clouds_public() {
    const LOGIN: &str = r#""auth": {"user_id": "u", "password": "w", "project_id": "p"}"#;
    for (members, profiles, expected) in [
        (
            format!(r#""profile": "mine", {LOGIN}"#),
            "{mine: {auth: {auth_url: https://iam.test, project_id: q}, region_name: r}}",
            "user_id=u password=w auth_url=https://iam.test region=r project_id=p",
        ),
        // The older name of the member.
        (
            format!(r#""cloud": "mine", {LOGIN}"#),
            "{mine: {auth: {auth_url: https://iam.test}, cacert: /ca.pem}}",
            "user_id=u password=w auth_url=https://iam.test project_id=p ca=/ca.pem",
        ),
        (
            format!(r#""profile": "mine", {LOGIN}"#),
            "{mine: {auth: {auth_url: 'https://iam.{region_name}.test'}, regions: [a, b]}}",
            "user_id=u password=w auth_url=https://iam.a.test region=a project_id=p",
        ),
        (
            format!(r#""profile": "mine", "region_name": "c", {LOGIN}"#),
            "{mine: {auth: {auth_url: 'https://iam.{region_name}.test'}, regions: [a, b]}}",
            "user_id=u password=w auth_url=https://iam.c.test region=c project_id=p",
        ),
        // It replaces the built-in profile.
        (
            format!(r#""profile": "otc", {LOGIN}"#),
            "{otc: {auth: {auth_url: https://iam.test}}}",
            "user_id=u password=w auth_url=https://iam.test project_id=p",
        ),
        (
            format!(r#""profile": "otc", {LOGIN}"#),
            "{mine: {auth: {auth_url: https://iam.test}}}",
            "user_id=u password=w auth_url=https://iam.eu-de.otc.t-systems.com/v3 region=eu-de project_id=p",
        ),
    ] {
        let found = with_profiles(&members, profiles).find();
        assert_eq!(found.map(|found| told(&found)), Ok(expected.to_owned()), "{members} {profiles}");
    }
    let settings = with_profiles(
        &format!(r#""profile": "mine", {LOGIN}"#),
        "{mine: {auth: {auth_url: https://iam.test}}}",
    );
    let source = settings.find().unwrap().auth_url.unwrap().source;
    assert_eq!(slashes(&source), "~/.config/openstack/clouds-public.yaml:mine:auth.auth_url");
}

#[test]
fn an_unreadable_profile_is_an_error() {
    let error = |members: &str, profiles: &str| {
        let error = with_profiles(members, profiles).find().map(|found| told(&found)).unwrap_err();
        slashes(&error.to_string())
    };
    for more in ["", r#", "region_name": "r""#] {
        let url = format!(r#""profile": "https://vendor.example"{more}, {PLAIN}"#);
        assert_eq!(
            error(&url, "{}"),
            "clouds.yaml:otc:profile is not supported: profiles are not fetched; write it into clouds-public.yaml under a name"
        );
    }
    let mine = format!(r#""profile": "mine", {PLAIN}"#);
    let expected = "clouds.yaml:otc:profile is not supported: the known ones are otc, otc-swiss and those of clouds-public.yaml; ";
    assert!(error(&mine, "{other: {}}").starts_with(expected));
    assert!(error(&mine, "[").starts_with("~/.config/openstack/clouds-public.yaml is invalid at line "));
    let insecure = error(&mine, "{mine: {verify: false}}");
    assert!(
        insecure.starts_with("~/.config/openstack/clouds-public.yaml:mine:verify switches off"),
        "{insecure}"
    );
    // Without a profile the file is not read.
    assert!(with_profiles(PLAIN, "[").find().is_ok());
}
