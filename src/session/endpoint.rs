//! Where the service is: the first that is known. Pure, but for the check whether a URL can be asked.

use crate::auth::keystone::IssuedToken;
use crate::config::Settings;
use crate::config::env;
use crate::config::env::Environment;
use crate::config::key::Sourced;
use crate::endpoint::service::Service;
use crate::endpoint::url::{BaseUrl, PlainHttp};
use crate::endpoint::{Endpoint, region};
use crate::error::Error;
use crate::http::Http;

/// All that the endpoint of a service is found by.
#[derive(Clone, Debug)]
pub(super) struct Locator {
    /// The endpoint that was set, for every service.
    pub(super) given: Option<Sourced<String>>,
    pub(super) settings: Settings,
    pub(super) issued: Option<IssuedToken>,
    pub(super) region: Option<String>,
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
        let region = self.region.as_deref();
        // A region that only the login has told has its endpoints in the environment too.
        let found = match given.or_else(|| of_region(env, service, region?)) {
            Some(given) => given,
            None => find(service, region, self.issued.as_ref(), &self.settings)?,
        };
        let endpoint = Endpoint::new(&found.value, &self.project_id)
            .map_err(|error| Error::config(format!("{error} ({})", found.source)))?
            .service(service);
        Ok((endpoint, found.source))
    }
}

/// Whether a given endpoint can be asked: before a password is sent for nothing.
///
/// # Errors
/// If it cannot.
pub(super) fn check(http: &Http, given: &Sourced<String>) -> Result<(), Error> {
    let address = BaseUrl::parse(&given.value, PlainHttp::LoopbackOnly)
        .map_err(|error| Error::config(format!("{error} ({})", given.source)))?;
    http.check(address.origin()).map_err(Error::config)
}

/// The endpoint that the environment has for the service in this region.
fn of_region(env: &dyn Environment, service: Service, region: &str) -> Option<Sourced<String>> {
    let mut of_all = env::endpoints(env, region).into_iter();
    of_all.find(|(name, _)| name == service.as_str()).map(|(_, found)| found)
}

/// The endpoint by the catalog of a login, or by the naming rule of the region.
///
/// # Errors
/// If neither tells it: what to set.
pub(super) fn find(
    service: Service,
    region: Option<&str>,
    session: Option<&IssuedToken>,
    settings: &Settings,
) -> Result<Sourced<String>, Error> {
    let in_catalog = session.and_then(|session| session.catalog.endpoint(service, asked_region(settings)));
    if let Some(url) = in_catalog {
        return Ok(Sourced::new(url, "service catalog"));
    }
    let Some(region) = region else {
        return Err(Error::config(format!(
            "it is not known where {service} is: set the region (OS_REGION_NAME, --region) or the endpoint \
             (--endpoint)"
        )));
    };
    let iam = settings.auth_url.as_ref().map(|url| url.value.as_str());
    match region::service_url(service, region, iam) {
        Ok(url) => Ok(Sourced::new(url, "region template")),
        Err(error) => {
            let variable = format!("{service}_{}", region.replace('-', "_")).to_ascii_uppercase();
            Err(Error::config(format!(
                "it is not known where {service} is: {error} (HUAWEICLOUD_SDK_REGION_{variable}, --endpoint)"
            )))
        }
    }
}

/// The region, unless it is only the beginning of a project's name: any two words can look like one.
fn asked_region(settings: &Settings) -> Option<&str> {
    let region = settings.region.as_ref()?;
    let by_name = settings.project_name.as_ref().is_some_and(|name| name.source == region.source);
    (!by_name).then_some(region.value.as_str())
}
