//! Where the service is: the first place that is known.

use crate::auth::keystone::IssuedToken;
use crate::config::Settings;
use crate::config::endpoints::{is_name_of, of_region};
use crate::config::env::Environment;
use crate::config::key::Sourced;
use crate::endpoint::Endpoint;
use crate::endpoint::service::Service;
use crate::endpoint::url::{BaseUrl, PlainHttp};
use crate::error::{Error, Setting};
use crate::http::HttpClient;
use crate::util::sanitize::escaped;

/// All that decides the endpoint of a service.
#[derive(Clone, Debug)]
pub(super) struct Locator {
    /// The endpoint that was set, for every service.
    pub(super) given: Option<Sourced<String>>,
    pub(super) settings: Settings,
    pub(super) issued: Option<IssuedToken>,
    pub(super) region: Option<Sourced<String>>,
    pub(super) project_id: String,
}

impl Locator {
    /// The endpoint of a service, and where it came from.
    ///
    /// # Errors
    /// If nothing tells it, or it is invalid.
    pub(super) fn endpoint(
        &self,
        env: &dyn Environment,
        service: Service,
    ) -> Result<(Endpoint, String), Error> {
        let given = self.given.as_ref().or_else(|| self.settings.endpoint(service.as_str())).cloned();
        let region = self.region.as_ref();
        // The region may be known from IAM only, after the variables were read.
        let given = match (given, region) {
            (None, Some(region)) if self.settings.region.is_none() => {
                let mut endpoints = of_region(env, &region.value, Vec::new())?.into_iter();
                endpoints.find(|(name, _)| is_name_of(name, service.as_str())).map(|(_, found)| found)
            }
            (given, _) => given,
        };
        let found = match given {
            Some(given) => given,
            None => find(service, region, self.issued.as_ref(), &self.settings)?,
        };
        let endpoint = Endpoint::new(&found.value, &self.project_id)
            .map_err(|error| Error::config(format!("{error} ({})", found.source)))?
            .service(service);
        Ok((endpoint, found.source))
    }
}

/// Checks whether requests can be sent to a given endpoint, before a password is sent for nothing.
///
/// # Errors
/// If they cannot.
pub(super) fn check(http: &HttpClient, given: &Sourced<String>) -> Result<(), Error> {
    let url = BaseUrl::parse(&given.value, PlainHttp::LoopbackOnly)
        .map_err(|error| Error::config(format!("{error} ({})", given.source)))?;
    http.check(url.origin()).map_err(Error::config)
}

/// The endpoint from the catalog of a token, or by the template of the region.
///
/// # Errors
/// If neither has it: what to set.
pub(super) fn find(
    service: Service,
    region: Option<&Sourced<String>>,
    issued: Option<&IssuedToken>,
    settings: &Settings,
) -> Result<Sourced<String>, Error> {
    let in_catalog = issued.and_then(|issued| issued.catalog.endpoint(service, asked_region(settings)));
    if let Some(url) = in_catalog {
        return Ok(Sourced::new(url, "service catalog"));
    }
    let Some(region) = region else {
        let message =
            format!("the endpoint of {service} is unknown; set the region (OS_REGION_NAME) or the endpoint");
        return Err(Error::config(message).for_settings(&[Setting::Region, Setting::Endpoint]));
    };
    match settings.cloud_of(region)?.service_url(service, &region.value) {
        Ok(url) => Ok(Sourced::new(url, TEMPLATE)),
        Err(error) => {
            let name = format!("{service}_{}", region.value).replace('-', "_").to_ascii_uppercase();
            // An invalid region does not make a valid variable name.
            let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let advice = if is_name {
                format!("set the endpoint (HUAWEICLOUD_SDK_REGION_{name})")
            } else {
                "set the endpoint".to_owned()
            };
            let elsewhere = issued.map(|issued| issued.catalog.regions(service)).unwrap_or_default();
            let message = if elsewhere.is_empty() {
                format!("the endpoint of {service} is unknown: {error} ({}); {advice}", region.source)
            } else {
                let names: Vec<_> = elsewhere.iter().map(|name| escaped(name, 60)).collect();
                format!(
                    "the service catalog has no {service} in the region `{}` ({}), but in {}; set one of these as the region, or {advice}",
                    escaped(&region.value, 60),
                    region.source,
                    names.join(", ")
                )
            };
            Err(Error::config(message).for_settings(&[Setting::Endpoint]))
        }
    }
}

/// The region, unless it is only the beginning of a project's name: any two words can look like one.
fn asked_region(settings: &Settings) -> Option<&str> {
    settings
        .region
        .as_ref()
        .filter(|region| !settings.is_of_project(region))
        .map(|region| region.value.as_str())
}

pub(super) const TEMPLATE: &str = "region template";
