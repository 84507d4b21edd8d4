//! Where a service of a region is: a template of the host name.

pub(crate) use super::known_regions::{KNOWN, OTC, OTC_SWISS};
use super::known_regions::{PUBLIC_DOMAINS, correction, domain_of};
use super::service::Service;
use super::url::{BaseUrl, EndpointError, PlainHttp};
use crate::util::sanitize::escaped;

/// What the user said about the cloud. It decides the domain of every host name that is made from a region.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cloud<'a> {
    /// The URL of IAM, as given.
    pub(crate) iam_url: Option<&'a str>,
    /// The domain of the cloud, as `HW_CLOUD` gives it: `myhuaweicloud.com`.
    pub(crate) domain: Option<&'a str>,
}

impl Cloud<'_> {
    /// The root of a service in a region. Its domain is that of the IAM URL, else the one given, else that of the
    /// region.
    ///
    /// # Errors
    /// If the region is not one, is misspelled, or is not in the cloud of the IAM URL.
    pub(crate) fn service_url(self, service: Service, region: &str) -> Result<String, EndpointError> {
        let rest = self.rest_of_host(region)?;
        Ok(format!("https://{}.{rest}", service.host_label(rest.ends_with(OTC))))
    }

    /// The URL of IAM in a region, `/v3` included, for a cloud whose IAM URL was not given.
    ///
    /// # Errors
    /// If the region is not one, or is misspelled.
    pub(crate) fn iam_url_of(self, region: &str) -> Result<String, EndpointError> {
        let rest = Cloud { iam_url: None, ..self }.rest_of_host(region)?;
        let label = if rest.ends_with(OTC_SWISS) { "iam-pub" } else { "iam" };
        Ok(format!("https://{label}.{rest}/v3"))
    }

    /// What follows the first label of every host of the region: `eu-de.otc.t-systems.com`.
    ///
    /// # Errors
    /// As [`service_url`](Self::service_url).
    pub(crate) fn rest_of_host(self, region: &str) -> Result<String, EndpointError> {
        match self.hosts(region)? {
            HostNames::RegionAndDomain(domain) => {
                self.check_spelling(region)?;
                Ok(format!("{region}.{domain}"))
            }
            HostNames::SuffixOfIam(suffix) => Ok(suffix),
        }
    }

    /// Whether the region is one, as far as its name tells. A private cloud may name its regions as it likes.
    ///
    /// # Errors
    /// If it is misspelled.
    pub(crate) fn check_spelling(self, region: &str) -> Result<(), EndpointError> {
        match correction(region) {
            Some(meant) if !self.is_private() => Err(EndpointError::new(format!(
                "`{}` is not a known region: did you mean {meant}?",
                escaped(region, 40)
            ))),
            _ => Ok(()),
        }
    }

    /// Whether a domain that is not public was given, by itself or as that of IAM. An address of IAM without a domain
    /// (127.0.0.1, localhost) does not tell.
    fn is_private(self) -> bool {
        let is_public = |host: &str| {
            PUBLIC_DOMAINS.iter().any(|domain| {
                host.strip_suffix(domain).is_some_and(|head| head.is_empty() || head.ends_with('.'))
            })
        };
        let of_iam = self.iam_url.and_then(|url| BaseUrl::parse(url.trim(), PlainHttp::Anywhere).ok());
        let of_iam = of_iam.as_ref().map(|url| url.origin().host()).filter(|host| has_domain(host));
        let given = self.domain.map(str::to_ascii_lowercase);
        [of_iam, given.as_deref()].into_iter().flatten().any(|host| !is_public(host))
    }

    fn hosts(self, region: &str) -> Result<HostNames, EndpointError> {
        check(region)?;
        let given = self.domain.map(check_domain).transpose()?;
        match (self.iam_url, given) {
            (Some(url), given) => hosts_of_iam(url, region, given.as_deref()),
            (None, Some(given)) => Ok(HostNames::RegionAndDomain(given)),
            (None, None) => Ok(HostNames::RegionAndDomain(domain_of(region).to_owned())),
        }
    }
}

/// What the hosts of a region are called.
enum HostNames {
    /// `{service}.{region}.{domain}`
    RegionAndDomain(String),
    /// `{service}.{suffix}`: the IAM URL has shown the suffix, which begins with the region.
    SuffixOfIam(String),
}

/// The region that a project is named after: `eu-de` of `eu-de_demo` and of `eu-de`; none of `demo`.
pub(crate) fn of_project(name: &str) -> Option<&str> {
    let region = name.split('_').next().unwrap_or_default();
    let (country, rest) = region.split_once('-')?;
    // Without the two letters of the country (eu, cn, my) any project name would be taken for a region.
    let is_region = country.len() == 2
        && country.bytes().all(|b| b.is_ascii_lowercase())
        && rest.split('-').all(|part| !part.is_empty())
        && check(region).is_ok();
    is_region.then_some(region)
}

/// The domain of the region, if the region is a known one.
pub(crate) fn known_domain(region: &str) -> Option<&'static str> {
    KNOWN.contains(&region).then(|| domain_of(region))
}

/// Whether a word is a region, as far as it looks like one: a known one or a misspelling of one, or a word with a number.
pub(crate) fn is_likely(word: &str) -> bool {
    let number = word.rsplit('-').next().unwrap_or_default();
    let has_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    has_number || KNOWN.contains(&word) || correction(word).is_some()
}

fn check(region: &str) -> Result<(), EndpointError> {
    let fits = (1..=63).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if fits {
        return Ok(());
    }
    let advice = match correction(region) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "write one like eu-de or cn-north-4, of a-z 0-9 -".to_owned(),
    };
    Err(EndpointError::new(format!("`{}` is not a region: {advice}", escaped(region, 40))))
}

fn hosts_of_iam(iam_url: &str, region: &str, given: Option<&str>) -> Result<HostNames, EndpointError> {
    let address = BaseUrl::parse(iam_url.trim(), PlainHttp::Anywhere)?;
    let host = address.origin().host();
    let Some(rest) = host.strip_prefix("iam.").or_else(|| host.strip_prefix("iam-pub.")) else {
        // The region alone does not decide: a token of one cloud must not be sent to another.
        return given.map(|given| HostNames::RegionAndDomain(given.to_owned())).ok_or_else(|| {
            EndpointError::new(format!("the host of a service cannot be told from the IAM host {host}"))
        });
    };
    // In a known domain the host may have a region or none (the global iam.myhuaweicloud.com).
    let is_in = |domain: &&str| {
        rest.strip_suffix(domain)
            .is_some_and(|head| head.is_empty() || head.find('.') == Some(head.len() - 1))
    };
    if let Some(domain) = given.into_iter().chain(PUBLIC_DOMAINS).find(is_in) {
        return Ok(HostNames::RegionAndDomain(domain.to_owned()));
    }
    if rest.split('.').next() == Some(region) {
        return Ok(HostNames::SuffixOfIam(rest.to_owned()));
    }
    Err(EndpointError::new(format!(
        "the IAM host {host} is not that of the region {region}, and its domain is not a known one"
    )))
}

/// Whether a host is a name with a domain, and not an address or a bare name.
fn has_domain(host: &str) -> bool {
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    host.contains('.') && !is_address
}

/// # Errors
/// If it is not a domain.
pub(crate) fn check_domain(domain: &str) -> Result<String, EndpointError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if domain.len() <= 200 && domain.split('.').all(label) {
        return Ok(domain.to_ascii_lowercase());
    }
    let shown = escaped(domain, 60);
    Err(EndpointError::new(format!("`{shown}` is not a domain: write one like myhuaweicloud.com")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_iam(url: &str) -> Cloud<'_> {
        Cloud { iam_url: Some(url), domain: None }
    }

    #[test]
    fn without_an_iam_url_the_region_decides_the_domain() {
        for (region, service, expected) in [
            ("eu-de", Service::Ecs, "https://ecs.eu-de.otc.t-systems.com"),
            ("eu-nl", Service::Evs, "https://evs.eu-nl.otc.t-systems.com"),
            ("eu-ch2", Service::Ims, "https://ims.eu-ch2.sc.otc.t-systems.com"),
            ("eu-west-101", Service::Sdrs, "https://sdrs.eu-west-101.myhuaweicloud.eu"),
            ("eu-west-199", Service::Ecs, "https://ecs.eu-west-199.myhuaweicloud.eu"),
            ("eu-west-1", Service::Ecs, "https://ecs.eu-west-1.myhuaweicloud.com"),
            ("cn-north-4", Service::Eip, "https://vpc.cn-north-4.myhuaweicloud.com"),
            ("my-kualalumpur-1", Service::Bms, "https://bms.my-kualalumpur-1.myhuaweicloud.com"),
            ("xx-new-region-77", Service::Deh, "https://deh.xx-new-region-77.myhuaweicloud.com"),
            ("ae-ad-1", Service::Vbs, "https://vbs.ae-ad-1.myhuaweicloud.com"),
        ] {
            assert_eq!(Cloud::default().service_url(service, region).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn the_iam_url_decides_the_domain() {
        for (iam, region, expected) in [
            ("https://iam.eu-de.otc.t-systems.com:443/v3", "eu-de", "https://ecs.eu-de.otc.t-systems.com"),
            ("https://iam.eu-de.otc.t-systems.com/v3", "eu-nl", "https://ecs.eu-nl.otc.t-systems.com"),
            ("iam-pub.eu-ch2.sc.otc.t-systems.com/v3", "eu-ch2", "https://ecs.eu-ch2.sc.otc.t-systems.com"),
            ("https://iam.myhuaweicloud.com", "cn-north-4", "https://ecs.cn-north-4.myhuaweicloud.com"),
            ("https://iam.myhuaweicloud.eu/v3", "eu-west-101", "https://ecs.eu-west-101.myhuaweicloud.eu"),
            (
                "https://iam.eu-west-101.myhuaweicloud.com",
                "eu-west-101",
                "https://ecs.eu-west-101.myhuaweicloud.com",
            ),
            (
                "https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3",
                "eu-west-0",
                "https://ecs.eu-west-0.prod-cloud-ocb.orange-business.com",
            ),
            ("https://IAM.sa-1.Cloud.example:31943/v3", "sa-1", "https://ecs.sa-1.cloud.example"),
        ] {
            assert_eq!(of_iam(iam).service_url(Service::Ecs, region).as_deref(), Ok(expected), "{iam}");
        }
    }

    #[test]
    fn an_iam_host_without_a_domain_is_an_error() {
        for iam in ["http://127.0.0.1:5000/v3", "https://keystone.example.com/v3", "https://iamb.example.com"]
        {
            let error = of_iam(iam).service_url(Service::Ecs, "eu-de").unwrap_err().to_string();
            assert!(error.starts_with("the host of a service cannot be told from the IAM host "), "{error}");
        }
    }

    #[test]
    fn each_region_has_an_iam_url() {
        for (region, expected) in [
            ("eu-de", "https://iam.eu-de.otc.t-systems.com/v3"),
            ("eu-ch2", "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3"),
            ("eu-west-101", "https://iam.eu-west-101.myhuaweicloud.eu/v3"),
            ("ap-southeast-3", "https://iam.ap-southeast-3.myhuaweicloud.com/v3"),
        ] {
            assert_eq!(Cloud::default().iam_url_of(region).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn no_region_can_alter_a_host() {
        for region in ["", "eu-de.evil.com/", "EU-DE", "eu de", "eu_de", "-eu", "eu-", "eu-de\n", "ü"] {
            assert!(Cloud::default().service_url(Service::Ecs, region).is_err(), "{region:?}");
            assert!(Cloud::default().iam_url_of(region).is_err(), "{region:?}");
        }
        assert_eq!(
            Cloud::default().service_url(Service::Ecs, "EU DE").unwrap_err().to_string(),
            "`EU DE` is not a region: did you mean eu-de?"
        );
        assert_eq!(
            Cloud::default().service_url(Service::Ecs, "Mars One").unwrap_err().to_string(),
            "`Mars One` is not a region: write one like eu-de or cn-north-4, of a-z 0-9 -"
        );
    }

    #[test]
    fn a_project_name_can_contain_the_region() {
        for (name, expected) in [
            ("eu-de", Some("eu-de")),
            ("eu-de_demo", Some("eu-de")),
            ("eu-de_a_b", Some("eu-de")),
            ("cn-north-4_x", Some("cn-north-4")),
            ("demo", None),
            ("MOS", None),
            ("EU-DE_x", None),
            ("my_project", None),
            ("eu-", None),
            ("_", None),
            ("", None),
            ("eu-de.evil_x", None),
        ] {
            assert_eq!(of_project(name), expected, "{name}");
        }
    }

    #[test]
    fn a_given_domain_is_used_for_services_and_iam() {
        let of = |domain| Cloud { iam_url: None, domain: Some(domain) };
        for (domain, region, service, iam) in [
            (
                "hcso.customer.test",
                "la-south-6001",
                "https://ecs.la-south-6001.hcso.customer.test",
                "https://iam.la-south-6001.hcso.customer.test/v3",
            ),
            // A private cloud may have any region names.
            ("Hcso.test", "eu-dee", "https://ecs.eu-dee.hcso.test", "https://iam.eu-dee.hcso.test/v3"),
            (
                "sc.otc.t-systems.com",
                "eu-ch2",
                "https://ecs.eu-ch2.sc.otc.t-systems.com",
                "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3",
            ),
            (
                "myhuaweicloud.com",
                "eu-west-101",
                "https://ecs.eu-west-101.myhuaweicloud.com",
                "https://iam.eu-west-101.myhuaweicloud.com/v3",
            ),
        ] {
            assert_eq!(of(domain).service_url(Service::Ecs, region).as_deref(), Ok(service));
            assert_eq!(of(domain).iam_url_of(region).as_deref(), Ok(iam));
        }
        for domain in
            ["", "https://hcso.test", "hcso.test/", "hcso..test", ".hcso", "a b", "hcso.test:443", "me@x"]
        {
            let error = of(domain).service_url(Service::Ecs, "eu-de").unwrap_err().to_string();
            assert!(error.contains("is not a domain"), "{error}");
        }
    }

    #[test]
    fn the_domain_of_the_iam_url_overrides_the_given_domain() {
        for (iam, domain, expected) in [
            ("https://iam.eu-de.otc.t-systems.com", "hcso.test", Ok("https://ecs.sa-1.otc.t-systems.com")),
            ("https://iam.hcso.test", "hcso.test", Ok("https://ecs.sa-1.hcso.test")),
            ("https://iam.sa-9.hcso.test", "hcso.test", Ok("https://ecs.sa-1.hcso.test")),
            ("https://iam-gateway.hcso.test", "hcso.test", Ok("https://ecs.sa-1.hcso.test")),
            ("https://iam.sa-9.other.test", "hcso.test", Err("is not that of the region sa-1")),
        ] {
            let cloud = Cloud { iam_url: Some(iam), domain: Some(domain) };
            match (cloud.service_url(Service::Ecs, "sa-1"), expected) {
                (Ok(url), Ok(expected)) => assert_eq!(url, expected),
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
                (got, _) => panic!("{iam}: {got:?}"),
            }
        }
    }

    #[test]
    fn a_region_that_contradicts_an_unknown_iam_host_is_an_error() {
        for (iam, region) in [
            ("https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3", "eu-west-1"),
            ("https://iam.cloud.example", "sa-1"),
            ("https://iam.sa-1.cloud.example", "sa-2"),
            ("https://iam.sa-1.otc.t-systems.com.evil.example", "eu-de"),
            ("https://iam.sa.eu-de.otc.t-systems.com", "eu-de"),
        ] {
            let error = of_iam(iam).service_url(Service::Ecs, region).unwrap_err().to_string();
            assert!(error.contains(&format!("is not that of the region {region}")), "{error}");
        }
    }

    #[test]
    fn a_misspelled_region_is_an_error_unless_the_cloud_is_private() {
        let domain = |domain| Cloud { iam_url: None, domain: Some(domain) };
        for cloud in [
            Cloud::default(),
            of_iam("https://iam.myhuaweicloud.com"),
            of_iam("https://iam.eu-de.otc.t-systems.com:443/v3"),
            of_iam("http://127.0.0.1:5000/v3"),
            of_iam("http://[::1]:5000"),
            of_iam("http://localhost:5000"),
            domain("myhuaweicloud.com"),
            domain("OTC.T-Systems.com"),
        ] {
            for (region, meant) in [("eu-dee", "eu-de"), ("cn-north4", "cn-north-4"), ("EU-DE", "eu-de")] {
                let error = cloud.check_spelling(region).unwrap_err().to_string();
                assert_eq!(error, format!("`{region}` is not a known region: did you mean {meant}?"));
                assert!(cloud.service_url(Service::Ecs, region).is_err());
                assert!(cloud.iam_url_of(region).is_err() || cloud.iam_url.is_some());
            }
            for region in ["cn-north-5", "la-south-6001", "eu-west-102"] {
                assert_eq!(cloud.check_spelling(region), Ok(()), "{region}");
            }
        }
        for cloud in [
            of_iam("https://iam.eu-de-1.cloud.example/v3"),
            of_iam("https://keystone.example.com"),
            of_iam("https://iam.eu-de.otc.t-systems.com.evil.example"),
            domain("hcso.test"),
            Cloud { iam_url: Some("http://127.0.0.1:5000"), domain: Some("hcso.test") },
            Cloud { iam_url: Some("https://iam.hcso.test"), domain: Some("myhuaweicloud.com") },
        ] {
            assert_eq!(cloud.check_spelling("eu-de-1"), Ok(()), "{cloud:?}");
        }
    }
}
