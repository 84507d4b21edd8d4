//! Where the jobs of one project are asked.

pub(crate) mod region;
pub(crate) mod service;
pub(crate) mod url;

use std::fmt::Write as _;

use self::service::Service;
use self::url::{BaseUrl, PlainHttp};
use crate::job::id::JobId;
use crate::util::sanitize::escaped;

use self::url::EndpointError;

/// Where the jobs of one project are asked: a host, and the project id that stands in the path.
///
/// ```
/// use cloudjob::{Endpoint, JobId};
///
/// let endpoint = Endpoint::new("https://ecs.eu-de.otc.t-systems.com", "0391e4486e864c26be5654c522f440f2")?;
/// assert_eq!(
///     endpoint.job_url(&JobId::new("ff80808288d41e1b018990260955686a")?),
///     "https://ecs.eu-de.otc.t-systems.com/v1/0391e4486e864c26be5654c522f440f2/jobs/ff80808288d41e1b018990260955686a",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Endpoint {
    root: BaseUrl,
    project_id: Box<str>,
    service: Service,
    path: JobPath,
}

/// The path at which a job is asked. The services agree on one; two neighbours have their own.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum JobPath {
    /// `/v1/{project_id}/jobs/{job_id}`: "Querying Task Execution Status" of ECS, and its like of EVS, SDRS, IMS, BMS,
    /// EIP, VBS and DeH. It stays `v1` whatever version the service's other calls have.
    #[default]
    Jobs,
    /// `/v1/cloudimages/job/{job_id}`, without a project id: "Querying the Progress of an Asynchronous Job" of
    /// [IMS](https://support.huaweicloud.com/intl/en-us/api-ims/ims_03_0911.html), which adds how far the job is and takes
    /// the place of the common path there.
    CloudImages,
    /// `/v1.0/{project_id}/jobs/{job_id}`: "Querying the Status of a Job" of the classic load balancer.
    ClassicLoadBalancer,
}

impl Endpoint {
    /// An endpoint by its URL: the root of the host, such as `https://ecs.eu-de.otc.t-systems.com`.
    ///
    /// `https://` is added where no scheme is given. A path before the service's own is kept, as for a reverse proxy.
    /// A URL as it stands in a catalog is understood: `/v1/{project_id}` or `/v2.1` at its end is dropped.
    /// Plain HTTP goes to `localhost`, `127.0.0.0/8` and `[::1]` only.
    ///
    /// The project id is 1 to 64 of `A-Z a-z 0-9 - _`, usually 32 hexadecimal digits.
    ///
    /// # Errors
    /// If the URL has another scheme, a user, a query, a fragment, a blank, a bad host or port, or is plain HTTP to
    /// another computer; if the project id has other characters, or the URL names another project.
    pub fn new(url: &str, project_id: &str) -> Result<Self, EndpointError> {
        Self::build(url, project_id, PlainHttp::LoopbackOnly)
    }

    /// As [`new`](Self::new), and plain HTTP may go to any host.
    ///
    /// Everyone on the way can then read the token and use it. For a test network with a server that has no certificate.
    ///
    /// # Errors
    /// As those of [`new`](Self::new), but for plain HTTP.
    pub fn insecure_http(url: &str, project_id: &str) -> Result<Self, EndpointError> {
        Self::build(url, project_id, PlainHttp::Anywhere)
    }

    /// The endpoint of a service in a region, by the naming rules of Open Telekom Cloud (eu-de, eu-nl, eu-ch2) and of
    /// Huawei Cloud (all others). Other clouds of the family need their URL: see [`new`](Self::new).
    ///
    /// ```
    /// use cloudjob::{Endpoint, Service};
    ///
    /// let endpoint = Endpoint::region(Service::Evs, "cn-north-4", "0391e4486e864c26be5654c522f440f2")?;
    /// assert_eq!(endpoint.url(), "https://evs.cn-north-4.myhuaweicloud.com");
    /// # Ok::<(), cloudjob::error::EndpointError>(())
    /// ```
    ///
    /// # Errors
    /// If the region has another character than `a-z 0-9 -`, or the project id is none.
    pub fn region(service: Service, region: &str, project_id: &str) -> Result<Self, EndpointError> {
        let url = region::service_url(service, region, None)?;
        Ok(Self::new(&url, project_id)?.service(service))
    }

    fn build(url: &str, project_id: &str, plain_http: PlainHttp) -> Result<Self, EndpointError> {
        check_project_id(project_id)?;
        let address = BaseUrl::parse(url, plain_http)?;
        let (prefix, named) = split_version(address.path(), project_id);
        if let Some(named) = named.filter(|named| *named != project_id) {
            return Err(EndpointError::new(format!(
                "the URL is that of the project {named}, and the project id given is {project_id}: make them agree"
            )));
        }
        let prefix = prefix.to_owned();
        Ok(Self {
            root: address.with_path(&prefix),
            project_id: project_id.into(),
            service: Service::default(),
            path: JobPath::default(),
        })
    }

    /// Whose jobs these are, [`Service::Ecs`] by default. It decides what is looked for in a catalog and what messages
    /// say, never the URL.
    #[must_use]
    pub fn service(mut self, service: Service) -> Self {
        self.service = service;
        self
    }

    /// The path at which a job is asked, [`JobPath::Jobs`] by default.
    ///
    /// ```
    /// use cloudjob::{Endpoint, JobId, JobPath, Service};
    ///
    /// let images = Endpoint::region(Service::Ims, "eu-de", "demo")?.path(JobPath::CloudImages);
    /// let url = images.job_url(&JobId::new("8ab1f2")?);
    /// assert_eq!(url, "https://ims.eu-de.otc.t-systems.com/v1/cloudimages/job/8ab1f2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn path(mut self, path: JobPath) -> Self {
        self.path = path;
        self
    }

    /// The root as a text: scheme, host, port if it is not the usual one, path if there is one; no slash at the end.
    pub fn url(&self) -> String {
        self.root.to_string()
    }

    /// Scheme, host and port, as `https://ecs.eu-de.otc.t-systems.com`.
    pub fn origin(&self) -> String {
        self.root.origin()
    }

    /// The host in lower case, an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        self.root.host()
    }

    /// The project id as it was given.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The URL at which this job is asked.
    pub fn job_url(&self, id: &JobId) -> String {
        let (root, project) = (&self.root, &self.project_id);
        // Written for every poll: with room enough it is allocated once.
        let mut url = String::with_capacity(64 + root.host().len() + project.len() + id.as_str().len());
        let written = match self.path {
            JobPath::Jobs => write!(url, "{root}/v1/{project}/jobs/{id}"),
            JobPath::CloudImages => write!(url, "{root}/v1/cloudimages/job/{id}"),
            JobPath::ClassicLoadBalancer => write!(url, "{root}/v1.0/{project}/jobs/{id}"),
        };
        debug_assert!(written.is_ok(), "a String takes all that is written");
        url
    }

    pub(crate) const fn asked_service(&self) -> Service {
        self.service
    }
}

/// The project id stands in a path and in a header, so nothing but plain characters may be in it.
pub(crate) fn check_project_id(text: &str) -> Result<(), EndpointError> {
    let problem = if text.is_empty() {
        "it is empty"
    } else if text.len() > 64 {
        "it is longer than 64 characters"
    } else if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        "only A-Z a-z 0-9 - _ may stand in it"
    } else {
        return Ok(());
    };
    let shown = escaped(text, 40);
    Err(EndpointError::new(format!(
        "`{shown}` is not a project id: {problem} (it is the 32 digits from My Credentials, not the name)"
    )))
}

/// Takes `/v1` or `/v2.1/{project}` off the end of a path: what is left, and the project if one was there.
///
/// A project there is `ours`, or 32 letters and digits.
pub(crate) fn split_version<'a>(path: &'a str, ours: &str) -> (&'a str, Option<&'a str>) {
    let path = path.trim_end_matches('/');
    let Some((head, last)) = path.rsplit_once('/') else { return (path, None) };
    if is_version(last) {
        return (head, None);
    }
    let is_project = last == ours || last.len() == 32 && last.bytes().all(|b| b.is_ascii_alphanumeric());
    match head.rsplit_once('/') {
        Some((prefix, version)) if is_project && is_version(version) => (prefix, Some(last)),
        _ => (path, None),
    }
}

/// `v1`, `v2.1`, `V1.0`.
fn is_version(segment: &str) -> bool {
    let Some(number) = segment.strip_prefix(['v', 'V']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match number.split_once('.') {
        Some((major, minor)) => digits(major) && digits(minor),
        None => digits(number),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROJECT: &str = "0391e4486e864c26be5654c522f440f2";

    #[test]
    fn a_url_as_a_catalog_has_it_is_cut_to_its_root() {
        for (url, root) in [
            ("https://ecs.example.com", "https://ecs.example.com"),
            ("https://ecs.example.com/v1", "https://ecs.example.com"),
            ("https://ces.example.com/V1.0/", "https://ces.example.com"),
            ("https://ecs.example.com/v2.1/0391e4486e864c26be5654c522f440f2/", "https://ecs.example.com"),
            ("https://example.com/ecs/v1/0391e4486e864c26be5654c522f440f2", "https://example.com/ecs"),
            ("https://example.com/cloud/ecs/", "https://example.com/cloud/ecs"),
            // No versions, so they stay.
            ("https://example.com/v", "https://example.com/v"),
            ("https://example.com/v1x", "https://example.com/v1x"),
            ("https://example.com/v1.", "https://example.com/v1."),
            ("https://example.com/v1/short", "https://example.com/v1/short"),
            (
                "https://example.com/0391e4486e864c26be5654c522f440f2",
                "https://example.com/0391e4486e864c26be5654c522f440f2",
            ),
        ] {
            assert_eq!(Endpoint::new(url, PROJECT).unwrap().url(), root, "{url}");
        }
        // A short project id is known by being the one that is given.
        assert_eq!(
            Endpoint::new("http://localhost:8080/v1/demo", "demo").unwrap().url(),
            "http://localhost:8080"
        );
    }

    #[test]
    fn a_url_of_another_project_is_a_contradiction() {
        let error =
            Endpoint::new("https://ecs.example.com/v1/0391e4486e864c26be5654c522f440f2", "demo").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the URL is that of the project 0391e4486e864c26be5654c522f440f2, and the project id given is demo: make them agree"
        );
    }

    #[test]
    fn every_path_has_the_job_in_its_place() {
        let id = JobId::new("ff80.-_1").unwrap();
        let endpoint = Endpoint::new("https://example.com/ecs", "demo").unwrap();
        for (path, url) in [
            (JobPath::Jobs, "https://example.com/ecs/v1/demo/jobs/ff80.-_1"),
            (JobPath::CloudImages, "https://example.com/ecs/v1/cloudimages/job/ff80.-_1"),
            (JobPath::ClassicLoadBalancer, "https://example.com/ecs/v1.0/demo/jobs/ff80.-_1"),
        ] {
            assert_eq!(endpoint.clone().path(path).job_url(&id), url);
        }
    }

    #[test]
    fn a_text_that_is_no_project_id_is_refused() {
        let long = "a".repeat(65);
        for (text, problem) in [
            ("", "`` is not a project id: it is empty"),
            (".", "`.` is not a project id: only A-Z a-z 0-9 - _ may stand in it"),
            ("..", "`..` is not a project id: only"),
            ("a/b", "`a/b` is not a project id: only"),
            ("a\r\nb", r"`a\r\nb` is not a project id: only"),
            (&long, "`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` is not a project id: it is longer than 64"),
        ] {
            let error = Endpoint::new("https://ecs.example.com", text).unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
        assert!(Endpoint::new("https://ecs.example.com", &long[1..]).is_ok());
        assert!(Endpoint::new("https://ecs.example.com", "eu-de_demo").is_ok());
    }

    #[test]
    fn plain_http_leaves_this_computer_by_name_only() {
        assert!(Endpoint::new("http://10.0.0.1", "demo").is_err());
        let endpoint = Endpoint::insecure_http("http://10.0.0.1", "demo").unwrap();
        assert_eq!(endpoint.url(), "http://10.0.0.1");
        assert!(Endpoint::new("http://127.0.0.1:1", "demo").is_ok());
    }

    #[test]
    fn the_parts_can_be_asked_for() {
        let endpoint = Endpoint::new("https://EXAMPLE.com:8443/ecs", "demo").unwrap().service(Service::Evs);
        assert_eq!(endpoint.origin(), "https://example.com:8443");
        assert_eq!(endpoint.host(), "example.com");
        assert_eq!(endpoint.project_id(), "demo");
        assert_eq!(endpoint.asked_service(), Service::Evs);
    }

    proptest! {
        #[test]
        fn the_root_of_an_endpoint_makes_the_same_endpoint(
            url in "(https?://)?[a-z0-9.:\\[\\]-]{0,12}(/(v[0-9](\\.[0-9])?|[a-z]{1,3}|demo)){0,4}/?",
            project in "demo|[a-z0-9._/-]{0,4}",
        ) {
            if let Ok(endpoint) = Endpoint::new(&url, &project) {
                let job = endpoint.job_url(&JobId::new("j").unwrap());
                prop_assert_eq!(job, format!("{}/v1/{project}/jobs/j", endpoint.url()));
                prop_assert!(endpoint.url().starts_with(&endpoint.origin()));
            }
        }
    }
}
