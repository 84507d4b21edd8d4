//! The service catalog that comes with a token.

use serde_json::Value;

use crate::endpoint::region;
use crate::endpoint::service::Service;
use crate::endpoint::split_version;
use crate::endpoint::url::{BaseUrl, PlainHttp};

/// The public URLs of a Keystone catalog. What cannot be read is skipped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalog {
    entries: Vec<Entry>,
    project_id: Option<String>,
    /// The region that the project is named after: used if no region is asked for.
    home: Option<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    kind: String,
    /// `None`: every region.
    region: Option<String>,
    url: BaseUrl,
}

impl Catalog {
    /// Reads the `catalog` member of a token or of `GET /v3/auth/catalog`. What has another shape is skipped.
    pub(crate) fn read(catalog: &Value, project_id: Option<&str>, project_name: Option<&str>) -> Self {
        let entries = list(catalog)
            .iter()
            .filter_map(|service| Some((service.get("type")?.as_str()?, service.get("endpoints")?)))
            .flat_map(|(kind, endpoints)| list(endpoints).iter().map(move |endpoint| (kind, endpoint)))
            .filter_map(|(kind, endpoint)| Entry::read(kind, endpoint))
            .collect();
        Self {
            entries,
            project_id: project_id.map(str::to_owned),
            home: project_name.and_then(region::of_project).map(str::to_owned),
        }
    }

    /// The root of a service in a region, to be given to [`Endpoint::new`](crate::Endpoint::new), which checks whether
    /// secrets may go there.
    ///
    /// Without a region it is that of the project's name, else that of the first entry.
    pub(crate) fn endpoint(&self, service: Service, region: Option<&str>) -> Option<String> {
        service
            .catalog_types()
            .iter()
            .find_map(|kind| self.find(kind, region))
            .map(|url| self.root(service, url))
    }

    /// The regions in which the catalog has the service, each once.
    pub(crate) fn regions(&self, service: Service) -> Vec<&str> {
        let is_of = |entry: &&Entry| service.catalog_types().contains(&entry.kind.as_str());
        let mut regions: Vec<_> =
            self.entries.iter().filter(is_of).filter_map(|entry| entry.region.as_deref()).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }

    fn find(&self, kind: &str, region: Option<&str>) -> Option<&BaseUrl> {
        let of_kind = || self.entries.iter().filter(|entry| entry.kind == kind);
        let everywhere = || of_kind().find(|entry| entry.region.is_none());
        let within = |region: &str| of_kind().find(|entry| entry.region.as_deref() == Some(region));
        let entry = match region.or(self.home.as_deref()) {
            Some(region) => within(region).or_else(everywhere),
            None => None,
        };
        // A requested region is never replaced by another.
        let entry = if region.is_none() { entry.or_else(|| of_kind().next()) } else { entry };
        entry.map(|entry| &entry.url)
    }

    fn root(&self, service: Service, url: &BaseUrl) -> String {
        if service.is_at_origin() {
            return url.origin().to_string();
        }
        let ours = self.project_id.as_deref().unwrap_or_default();
        let (prefix, _) = split_version(url.path(), ours);
        format!("{}{prefix}", url.origin())
    }
}

impl Entry {
    fn read(kind: &str, endpoint: &Value) -> Option<Self> {
        let member = |name: &str| endpoint.get(name).and_then(Value::as_str);
        if member("interface") != Some("public") {
            return None;
        }
        let region = member("region").or_else(|| member("region_id"));
        Some(Self {
            kind: kind.to_owned(),
            region: region.filter(|region| !matches!(*region, "*" | "")).map(str::to_owned),
            url: BaseUrl::parse(member("url")?, PlainHttp::Anywhere).ok()?,
        })
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const PROJECT: &str = "0391e4486e864c26be5654c522f440f2";

    fn entry(kind: &str, urls: &[(Value, &str)]) -> Value {
        let endpoints: Vec<Value> = urls
            .iter()
            .map(|(region, url)| {
                let url = url.replace("{project_id}", PROJECT);
                json!({"id": "e1", "interface": "public", "region": region, "region_id": region, "url": url})
            })
            .collect();
        json!({"endpoints": endpoints, "id": "s1", "type": kind, "name": kind})
    }

    /// The shapes of a catalog of Open Telekom Cloud as it was in 2019.
    fn otc() -> Value {
        let de = || json!("eu-de");
        json!([
            entry("ecs", &[(de(), "https://ecs.eu-de.otc.t-systems.com/v1/{project_id}")]),
            entry("compute", &[(de(), "https://ecs.eu-de.otc.t-systems.com/v2/{project_id}")]),
            entry(
                "sdrs",
                &[
                    (de(), "https://sdrs.eu-de.otc.t-systems.com/v1/{project_id}"),
                    (de(), "https://sdrs.eu-de.otc.t-systems.com/v1/{project_id}"),
                ]
            ),
            entry("bms", &[(de(), "https://bms.eu-de.otc.t-systems.com/v1/{project_id}")]),
            entry("volume", &[(de(), "https://evs.eu-de.otc.t-systems.com/v2/{project_id}")]),
            entry("volumev3", &[(de(), "https://evs.eu-de.otc.t-systems.com/v3/{project_id}")]),
            entry("image", &[(de(), "https://ims.eu-de.otc.t-systems.com/")]),
            entry("vpc", &[(de(), "https://vpc.eu-de.otc.t-systems.com/v1/{project_id}")]),
            entry("vbs", &[(json!("*"), "https://vbs.eu-de.otc.t-systems.com/V1.0/")]),
            entry("deh", &[(Value::Null, "https://deh.eu-de.otc.t-systems.com/v1.0/{project_id}/")]),
        ])
    }

    #[test]
    fn every_service_has_a_root_in_the_catalog() {
        let catalog = Catalog::read(&otc(), Some(PROJECT), Some("eu-de_demo"));
        for (service, expected) in [
            (Service::Ecs, "https://ecs.eu-de.otc.t-systems.com"),
            (Service::Sdrs, "https://sdrs.eu-de.otc.t-systems.com"),
            (Service::Bms, "https://bms.eu-de.otc.t-systems.com"),
            (Service::Evs, "https://evs.eu-de.otc.t-systems.com"),
            (Service::Ims, "https://ims.eu-de.otc.t-systems.com"),
            (Service::Eip, "https://vpc.eu-de.otc.t-systems.com"),
            (Service::Vbs, "https://vbs.eu-de.otc.t-systems.com"),
            (Service::Deh, "https://deh.eu-de.otc.t-systems.com"),
        ] {
            for region in [None, Some("eu-de")] {
                assert_eq!(catalog.endpoint(service, region).as_deref(), Some(expected));
            }
        }
    }

    #[test]
    fn a_requested_region_is_never_replaced() {
        let catalog = Catalog::read(&otc(), Some(PROJECT), Some("eu-de_demo"));
        assert_eq!(catalog.endpoint(Service::Ecs, Some("eu-nl")), None);
        // This one is for every region.
        assert!(catalog.endpoint(Service::Vbs, Some("eu-nl")).is_some());
    }

    #[test]
    fn without_a_region_that_of_the_project_or_the_first_is_used() {
        let body = json!([entry(
            "ecs",
            &[
                (json!("*"), "https://ecs.example.com/v1/{project_id}"),
                (json!("eu-de"), "https://ecs.eu-de.example.com/v1/{project_id}"),
                (json!("eu-nl"), "https://ecs.eu-nl.example.com/v1/{project_id}"),
            ]
        )]);
        for (name, region, expected) in [
            (None, Some("eu-nl"), "https://ecs.eu-nl.example.com"),
            (Some("eu-nl_demo"), None, "https://ecs.eu-nl.example.com"),
            (Some("eu-nl_demo"), Some("eu-de"), "https://ecs.eu-de.example.com"),
            (Some("demo"), None, "https://ecs.example.com"),
            (Some("eu-ch2"), None, "https://ecs.example.com"),
            (None, None, "https://ecs.example.com"),
        ] {
            let catalog = Catalog::read(&body, Some(PROJECT), name);
            assert_eq!(
                catalog.endpoint(Service::Ecs, region).as_deref(),
                Some(expected),
                "{name:?} {region:?}"
            );
        }
    }

    #[test]
    fn a_path_prefix_is_kept_except_for_volumes_and_images() {
        let body = json!([
            entry("ecs", &[(json!("eu-de"), "http://127.0.0.1:18080/ecs/v1/{project_id}")]),
            entry("evs", &[(json!("eu-de"), "http://127.0.0.1:18080/evs/v2/{project_id}")]),
            entry("ims", &[(json!("eu-de"), "http://127.0.0.1:18080/ims/v2")]),
            entry("sdrs", &[(json!("eu-de"), "http://127.0.0.1:18080/sdrs/v1/demo")]),
        ]);
        let catalog = Catalog::read(&body, Some("demo"), None);
        for (service, expected) in [
            (Service::Ecs, "http://127.0.0.1:18080/ecs"),
            (Service::Evs, "http://127.0.0.1:18080"),
            (Service::Ims, "http://127.0.0.1:18080"),
            (Service::Sdrs, "http://127.0.0.1:18080/sdrs"),
        ] {
            assert_eq!(catalog.endpoint(service, None).as_deref(), Some(expected));
        }
    }

    #[test]
    fn unreadable_entries_are_skipped() {
        let body = json!([
            7,
            {"type": "ecs"},
            {"type": 7, "endpoints": []},
            {"type": "ecs", "endpoints": {"interface": "public"}},
            {"type": "ecs", "endpoints": [
                null,
                {"interface": "internal", "region": "eu-de", "url": "https://internal.example.com"},
                {"interface": "public", "region": "eu-de"},
                {"interface": "public", "region": "eu-de", "url": "not a url"},
                {"interface": "public", "region": 7, "region_id": "eu-de", "url": "https://good.example.com/v2.1"},
            ]},
        ]);
        let catalog = Catalog::read(&body, None, None);
        assert_eq!(
            catalog.endpoint(Service::Ecs, Some("eu-de")).as_deref(),
            Some("https://good.example.com")
        );
        assert_eq!(catalog.endpoint(Service::Evs, None), None);
        assert_eq!(Catalog::read(&Value::Null, None, None).endpoint(Service::Ecs, None), None);
    }

    proptest! {
        #[test]
        fn no_url_in_a_catalog_is_too_odd(url in ".*", region in ".*", name in ".*") {
            let body = json!([entry("ecs", &[(json!(region), &url)]), entry("evs", &[(json!(region), &url)])]);
            let catalog = Catalog::read(&body, Some(&name), Some(&name));
            for service in Service::ALL {
                if let Some(root) = catalog.endpoint(service, None) {
                    prop_assert!(BaseUrl::parse(&root, PlainHttp::Anywhere).is_ok());
                    prop_assert!(!root.ends_with('/'));
                }
            }
        }
    }
}
