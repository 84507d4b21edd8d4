//! Where the jobs of one project are polled.

mod known_regions;
pub(crate) mod region;
pub(crate) mod service;
pub(crate) mod url;

use self::service::Service;
use self::url::{BaseUrl, EndpointError, PlainHttp, Url};
use crate::job::id::JobId;
use crate::util::sanitize::escaped;
use std::fmt;

/// Where the jobs of one project are polled: a host, the project id in the path, and the service.
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
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Endpoint {
    root: BaseUrl,
    project_id: Box<str>,
    service: Service,
    scope: Option<Box<str>>,
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
    /// If the region has another character than `a-z 0-9 -` or looks like a misspelling of a known one (`eu-dee`), or the
    /// project id is none.
    pub fn region(service: Service, region: &str, project_id: &str) -> Result<Self, EndpointError> {
        let url = region::Cloud::default().service_url(service, region)?;
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
            scope: None,
        })
    }

    /// Whose jobs these are, [`Service::Ecs`] by default. It decides the path and how responses are read; the host stays.
    ///
    /// ```
    /// use cloudjob::{Endpoint, JobId, Service};
    ///
    /// let databases = Endpoint::new("https://rds.eu-de.otc.t-systems.com", "demo")?.service(Service::Rds);
    /// let url = databases.job_url(&JobId::new("7d2f6c1e")?);
    /// assert_eq!(url, "https://rds.eu-de.otc.t-systems.com/v3/demo/jobs?id=7d2f6c1e");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn service(mut self, service: Service) -> Self {
        self.service = service;
        self
    }

    /// The second id in the path, which two services need: the instance of [`Service::Dms`], the graph of
    /// [`Service::Ges`]. All others have no use for it.
    ///
    /// ```
    /// use cloudjob::{Endpoint, JobId, Service};
    ///
    /// let kafka = Endpoint::region(Service::Dms, "eu-de", "demo")?.scope("5e3b")?;
    /// let url = kafka.job_url(&JobId::new("8abfa7b2")?);
    /// assert_eq!(url, "https://dms.eu-de.otc.t-systems.com/v2/demo/instances/5e3b/tasks/8abfa7b2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// It is not 1 to 128 of `A-Z a-z 0-9 - _ .`, or `.` or `..`.
    pub fn scope(mut self, id: &str) -> Result<Self, EndpointError> {
        let what = self.service.scope().unwrap_or("scope");
        let id = JobId::new(id).map_err(|error| EndpointError::new(error.of(&format!("{what} id"))))?;
        self.scope = Some(id.as_str().into());
        Ok(self)
    }

    /// Whether the service needs an id that [`scope`](Self::scope) has not been given.
    ///
    /// # Errors
    /// It does; the error says what the id is of.
    pub(crate) fn check_scope(&self) -> Result<(), EndpointError> {
        match (self.service.scope(), &self.scope) {
            (Some(what), None) => Err(EndpointError::new(format!(
                "the path of a job of {} has the id of its {what} in it, and none is given",
                self.service
            ))),
            _ => Ok(()),
        }
    }

    /// The root as a text: scheme, host, port if it is not the usual one, path if there is one; no slash at the end.
    pub fn url(&self) -> String {
        self.root.to_string()
    }

    /// Scheme, host and port, as `https://ecs.eu-de.otc.t-systems.com`.
    pub fn origin(&self) -> String {
        self.root.origin().to_string()
    }

    /// The host in lower case, an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        self.root.origin().host()
    }

    /// The project id as it was given.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The URL at which this job is polled.
    ///
    /// Where a [scope](Self::scope) is needed and missing, `-` stands in its place.
    pub fn job_url(&self, id: &JobId) -> String {
        self.url_of_job(id).to_string()
    }

    pub(crate) fn url_of_job(&self, id: &JobId) -> Url {
        self.root.join(|target| {
            for part in self.service.path().split('{') {
                match part.split_once('}') {
                    Some((name, rest)) => {
                        target.push_str(match name {
                            "project" => &self.project_id,
                            "scope" => self.scope.as_deref().unwrap_or("-"),
                            _ => id.as_str(),
                        });
                        target.push_str(rest);
                    }
                    None => target.push_str(part),
                }
            }
        })
    }

    pub(crate) const fn base_url(&self) -> &BaseUrl {
        &self.root
    }

    pub(crate) const fn asked_service(&self) -> Service {
        self.service
    }
}

/// The root as [`Endpoint::url`] returns it.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.url())
    }
}

/// The project id stands in a path and in a header, so nothing but plain characters may be in it.
pub(crate) fn check_project_id(text: &str) -> Result<(), EndpointError> {
    let problem = if text.is_empty() {
        "it is empty"
    } else if text.len() > 64 {
        "it is longer than 64 characters"
    } else if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        "only A-Z a-z 0-9 - _ are allowed in it"
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
    fn catalog_urls_are_reduced_to_their_root() {
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
        // A short project id is recognised because it equals the given one.
        assert_eq!(
            Endpoint::new("http://localhost:8080/v1/demo", "demo").unwrap().url(),
            "http://localhost:8080"
        );
    }

    #[test]
    fn a_url_with_another_project_id_is_an_error() {
        let error =
            Endpoint::new("https://ecs.example.com/v1/0391e4486e864c26be5654c522f440f2", "demo").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the URL is that of the project 0391e4486e864c26be5654c522f440f2, and the project id given is demo: make them agree"
        );
    }

    #[test]
    fn every_service_has_its_path() {
        let id = JobId::new("ff80.-_1").unwrap();
        let endpoint = Endpoint::new("https://example.com/x", "demo").unwrap().scope("inst").unwrap();
        let paths = [
            ("bms", "/v1/demo/jobs/ff80.-_1"),
            ("cbr", "/v3/demo/operation-logs/ff80.-_1"),
            ("cce", "/api/v3/projects/demo/jobs/ff80.-_1"),
            ("cph", "/v1/demo/cloud-phone/jobs/ff80.-_1"),
            ("dcs", "/v2/demo/jobs/ff80.-_1"),
            ("ddm", "/v3/demo/jobs/ff80.-_1"),
            ("dds", "/v3/demo/jobs?id=ff80.-_1"),
            ("deh", "/v1/demo/jobs/ff80.-_1"),
            ("dms", "/v2/demo/instances/inst/tasks/ff80.-_1"),
            ("dws", "/v1.0/demo/job/ff80.-_1"),
            ("ecs", "/v1/demo/jobs/ff80.-_1"),
            ("eip", "/v1/demo/jobs/ff80.-_1"),
            ("elb", "/v3/demo/elb/jobs/ff80.-_1"),
            ("elb-classic", "/v1.0/demo/jobs/ff80.-_1"),
            ("evs", "/v1/demo/jobs/ff80.-_1"),
            ("gaussdb", "/v3/demo/jobs?id=ff80.-_1"),
            ("geminidb", "/v3/demo/jobs?id=ff80.-_1"),
            ("ges", "/v2/demo/graphs/inst/jobs/ff80.-_1/status"),
            ("ims", "/v1/demo/jobs/ff80.-_1"),
            ("ims-progress", "/v1/cloudimages/job/ff80.-_1"),
            ("rds", "/v3/demo/jobs?id=ff80.-_1"),
            ("sdrs", "/v1/demo/jobs/ff80.-_1"),
            ("sfs-turbo", "/v1/demo/sfs-turbo/jobs/ff80.-_1"),
            ("swr", "/v2/demo/jobs/ff80.-_1"),
            ("taurusdb", "/v3/demo/jobs?id=ff80.-_1"),
            ("vbs", "/v1/demo/jobs/ff80.-_1"),
            ("workspace", "/v2/demo/workspace-jobs/ff80.-_1"),
            ("workspace-app", "/v2/demo/job/ff80.-_1"),
        ];
        assert_eq!(paths.map(|(name, _)| name), Service::ALL.map(Service::as_str));
        for (name, path) in paths {
            let endpoint = endpoint.clone().service(name.parse().unwrap());
            assert_eq!(endpoint.job_url(&id), format!("https://example.com/x{path}"));
            endpoint.check_scope().unwrap();
        }
    }

    #[test]
    fn the_scope_is_required_where_the_path_has_one() {
        let of = |service| Endpoint::new("https://example.com", "demo").unwrap().service(service);
        let error = of(Service::Ges).scope("a/b").unwrap_err().to_string();
        assert!(error.starts_with("`a/b` is not a graph id: "), "{error}");
        assert!(of(Service::Ecs).check_scope().is_ok());
        let error = of(Service::Dms).check_scope().unwrap_err().to_string();
        assert_eq!(error, "the path of a job of dms has the id of its instance in it, and none is given");
        assert!(of(Service::Dms).job_url(&JobId::new("j").unwrap()).ends_with("/instances/-/tasks/j"));
    }

    #[test]
    fn invalid_project_ids_are_rejected() {
        let long = "a".repeat(65);
        for (text, problem) in [
            ("", "`` is not a project id: it is empty"),
            (".", "`.` is not a project id: only A-Z a-z 0-9 - _ are allowed in it"),
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
    fn plain_http_to_other_hosts_needs_an_opt_in() {
        assert!(Endpoint::new("http://10.0.0.1", "demo").is_err());
        let endpoint = Endpoint::insecure_http("http://10.0.0.1", "demo").unwrap();
        assert_eq!(endpoint.url(), "http://10.0.0.1");
        assert!(Endpoint::new("http://127.0.0.1:1", "demo").is_ok());
    }

    #[test]
    fn the_parts_have_getters() {
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
