//! Where a service of a region is: a template of the host name, never a list of regions, because new ones come often.

use super::service::Service;
use super::url::{BaseUrl, EndpointError, PlainHttp};
use crate::util::sanitize::escaped;

/// The root of a service. The domain is that of the IAM address where one is known, else that of the region.
///
/// # Errors
/// If the region is not one by its letters, or the IAM address does not tell its domain.
pub(crate) fn service_url(
    service: Service,
    region: &str,
    iam_url: Option<&str>,
) -> Result<String, EndpointError> {
    check(region)?;
    let rest = match iam_url {
        None => format!("{region}.{}", domain_of(region)),
        Some(url) => rest_of_host(url, region)?,
    };
    Ok(format!("https://{}.{rest}", service.host_label(rest.ends_with(OTC))))
}

/// The Keystone address of a region, `/v3` included.
///
/// # Errors
/// If the region is not one by its letters.
pub(crate) fn iam_url(region: &str) -> Result<String, EndpointError> {
    check(region)?;
    let label = if region == "eu-ch2" { "iam-pub" } else { "iam" };
    Ok(format!("https://{label}.{region}.{}/v3", domain_of(region)))
}

/// The region that a project is named after: `eu-de` of `eu-de_demo` and of `eu-de`; none of `demo`.
pub(crate) fn of_project(name: &str) -> Option<&str> {
    let region = name.split('_').next().unwrap_or_default();
    let mut letters = region.bytes();
    // Every region begins like this (eu-, cn-, my-): without the test each project name would be a host name.
    let polls_like_one = letters.next().is_some_and(|b| b.is_ascii_lowercase())
        && letters.next().is_some_and(|b| b.is_ascii_lowercase())
        && letters.next() == Some(b'-');
    (polls_like_one && check(region).is_ok()).then_some(region)
}

fn check(region: &str) -> Result<(), EndpointError> {
    let fits = (1..=63).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if fits {
        return Ok(());
    }
    let shown = escaped(region, 40);
    Err(EndpointError::new(format!(
        "`{shown}` is not a region: write one like eu-de or cn-north-4, of a-z 0-9 -"
    )))
}

fn domain_of(region: &str) -> &'static str {
    match region {
        "eu-de" | "eu-nl" => OTC,
        "eu-ch2" => OTC_SWISS,
        _ if is_european_site(region) => HUAWEI_EUROPE,
        _ => HUAWEI,
    }
}

/// eu-west-101 and its neighbours to come; eu-west-0 is another provider's.
fn is_european_site(region: &str) -> bool {
    region
        .strip_prefix("eu-west-1")
        .is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// What follows `iam.` in the host of the IAM address, with the region that is asked in it.
fn rest_of_host(iam_url: &str, region: &str) -> Result<String, EndpointError> {
    let address = BaseUrl::parse(iam_url, PlainHttp::Anywhere)?;
    let host = address.origin().host();
    let Some(rest) = host.strip_prefix("iam.").or_else(|| host.strip_prefix("iam-pub.")) else {
        // A token of one cloud must not go to another, so the region alone does not decide here.
        return Err(EndpointError::new(format!(
            "the host of a service cannot be told from the IAM host {host}: give the endpoint itself"
        )));
    };
    // In the domains that are known a region is recognised, or seen to be missing (the global iam.myhuaweicloud.com).
    // Of any other domain nothing is known: it stays as it is.
    let known = [OTC_SWISS, OTC, HUAWEI, HUAWEI_EUROPE].into_iter().find(|domain| {
        rest.strip_suffix(domain)
            .is_some_and(|head| head.is_empty() || head.find('.') == Some(head.len() - 1))
    });
    Ok(known.map_or_else(|| rest.to_owned(), |domain| format!("{region}.{domain}")))
}

const OTC: &str = "otc.t-systems.com";
const OTC_SWISS: &str = "sc.otc.t-systems.com";
const HUAWEI: &str = "myhuaweicloud.com";
const HUAWEI_EUROPE: &str = "myhuaweicloud.eu";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_without_an_iam_address_decides_its_domain() {
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
            assert_eq!(service_url(service, region, None).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_known_iam_address_decides_the_domain() {
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
            assert_eq!(service_url(Service::Ecs, region, Some(iam)).as_deref(), Ok(expected), "{iam}");
        }
    }

    #[test]
    fn an_iam_host_that_tells_no_domain_is_not_replaced_by_a_guess() {
        for iam in ["http://127.0.0.1:5000/v3", "https://keystone.example.com/v3", "https://iamb.example.com"]
        {
            let error = service_url(Service::Ecs, "eu-de", Some(iam)).unwrap_err().to_string();
            assert!(error.ends_with("give the endpoint itself"), "{error}");
        }
    }

    #[test]
    fn the_iam_address_of_a_region() {
        for (region, expected) in [
            ("eu-de", "https://iam.eu-de.otc.t-systems.com/v3"),
            ("eu-ch2", "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3"),
            ("eu-west-101", "https://iam.eu-west-101.myhuaweicloud.eu/v3"),
            ("ap-southeast-3", "https://iam.ap-southeast-3.myhuaweicloud.com/v3"),
        ] {
            assert_eq!(iam_url(region).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn no_region_can_alter_a_host() {
        for region in ["", "eu-de.evil.com/", "EU-DE", "eu de", "eu_de", "-eu", "eu-", "eu-de\n", "ü"] {
            assert!(service_url(Service::Ecs, region, None).is_err(), "{region:?}");
            assert!(iam_url(region).is_err(), "{region:?}");
        }
        assert_eq!(
            service_url(Service::Ecs, "EU DE", None).unwrap_err().to_string(),
            "`EU DE` is not a region: write one like eu-de or cn-north-4, of a-z 0-9 -"
        );
    }

    #[test]
    fn a_project_tells_its_region_if_it_is_named_after_one() {
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
}
