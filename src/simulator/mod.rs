//! A job service on loopback in your own process, for tests.
//!
//! It speaks real HTTP and behaves like the real services: jobs pass through their statuses in the format of each
//! service, tokens are issued and expire, signatures are verified. Faults can be injected.
//!
//! * [`Simulator`]: the service. [`SimulatorBuilder`]: its configuration.
//! * [`JobScript`]: what a job does. [`Dialect`]: the service whose format it has.
//! * [`Fault`]: a fault to inject.
//! * [`RecordedRequest`]: a request that was received.
//! * [`Simulator::put_resource`]: a resource with a scripted state.
//!
//! | request | response |
//! | --- | --- |
//! | `GET .../v1/{project_id}/jobs/{job_id}` | the job, or one of its sub-jobs by its own id |
//! | `GET .../v1/cloudimages/job/{job_id}` | the same with `process_percent`, as the image service has it |
//! | `GET .../v3/{project_id}/jobs?id={job_id}` and the paths of the other services | the job in the service's format |
//! | `POST`, `PUT`, `DELETE` of `.../v*/{project_id}/...` | starts a job, responds with `{"job_id": ...}` or as the service does |
//! | `GET` of a path of [`Simulator::put_resource`] | the resource |
//! | `POST .../v3/auth/tokens` | a login: `password`, `totp`, `token`, `assume_role` |
//! | `GET`, `DELETE .../v3/auth/tokens` | describes or revokes a token |
//! | `GET .../v3/auth/catalog`, `.../v3/projects` | the catalog; the project, also by its name |
//!
//! At the root, [`Simulator::endpoint_url`], are all services: a job is known at each path that its service has. Below
//! `/ecs`, `/rds` and so on ([`Simulator::service_endpoint`], and the URLs in the catalog) is one service each, to which
//! the jobs of other services are unknown. A request that starts a job is for the service that has the path, else for ECS.
//!
//! A job started over HTTP takes four seconds and has one sub-job, or as many as the request asks for (`"count": 2`),
//! unless [`Simulator::next_job`] or a member `simulate` in the request's JSON says otherwise:
//! `{"simulate":{"seconds":4,"sub_jobs":3,"fail":1,"job_type":"createServer"}}`; also `sub_job_type`,
//! `pending_payment_seconds`, `init_seconds`, `not_found_seconds` and `dialect`.
//!
//! Tests need not wait for the time to pass: [`Simulator::advance`], [`SimulatorBuilder::advance_on_poll`] and
//! [`SimulatorBuilder::time_scale`].

mod builder;
mod clock;
mod dialect;
mod faults;
mod http;
mod identity;
mod job_body;
mod job_script;
mod job_view;
mod jobs;
mod masked_body;
mod request_log;
mod resources;
mod rng;
mod routes;
mod settings;
mod state;
mod submit;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

pub use self::builder::SimulatorBuilder;
pub use self::dialect::Dialect;
pub use self::faults::Fault;
pub use self::job_script::JobScript;
pub use self::request_log::RecordedRequest;

use self::http::server::Server;
use self::settings::Settings;
use self::state::State;
use crate::auth::Credentials;
use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::endpoint::service::Service;
use crate::endpoint::url::EndpointError;
use crate::error::Error;
use crate::job::id::JobId;
use crate::util::secret::Secret;

/// A job service on loopback. Dropping it stops it, joins its threads and frees its port.
///
/// ```
/// use std::io::{Read, Write};
/// use std::time::Duration;
/// use cloudjob::simulator::{JobScript, Simulator};
///
/// let simulator = Simulator::start()?;
/// let id = simulator.start_job(JobScript::new("createServer").sub_jobs(3).duration(Duration::from_secs(240)));
/// simulator.advance(Duration::from_secs(300)); // tests need not wait for it
///
/// let mut stream = std::net::TcpStream::connect(simulator.address())?;
/// write!(
///     stream,
///     "GET /v1/{}/jobs/{id} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {}\r\nConnection: close\r\n\r\n",
///     simulator.project_id(),
///     simulator.token(),
/// )?;
/// let mut response = String::new();
/// stream.read_to_string(&mut response)?;
/// assert!(response.contains(r#""status":"SUCCESS""#));
/// assert_eq!(simulator.poll_count(&id), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    endpoint: Endpoint,
    credentials: Credentials,
    shared: Arc<State>,
    /// Stops when it is dropped.
    _server: Server,
}

impl Simulator {
    /// Starts a simulator on 127.0.0.1 and a free port, with a random token and project id.
    ///
    /// # Errors
    /// If no port or thread is available.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Configures a simulator before its start.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::new()
    }

    fn run(listen: SocketAddr, settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}");
        let endpoint = Endpoint::new(&url, &settings.project_id)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let credentials = Credentials::token(settings.token.expose())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let shared = Arc::new(State::new(settings, url));
        let server = Server::start(listener, Arc::clone(&shared))?;
        Ok(Self { address, endpoint, credentials, shared, _server: server })
    }

    /// Starts a job now and returns its id.
    pub fn start_job(&self, script: JobScript) -> JobId {
        let shared = &self.shared;
        let job = lock(&shared.jobs).start(script, &shared.settings, shared.clock.now(), shared.clock.wall());
        // Ids of the simulator are always valid; the random one only avoids an `unwrap`.
        JobId::new(job.id.as_str()).unwrap_or_else(|_| rng::job_id())
    }

    /// Sets the script of the next job that is started over HTTP, by the POST, PUT or DELETE of the tool under test.
    /// Several scripts are used in the order of the calls; after the last one jobs have the default script again.
    ///
    /// The service and the number of sub-jobs are those of the request, unless the script sets them.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cloudjob::JobId;
    /// use cloudjob::simulator::{JobScript, Simulator};
    /// # fn post(simulator: &Simulator, path: &str, body: &str) -> std::io::Result<Vec<u8>> {
    /// #     use std::io::{Read, Write};
    /// #     let mut stream = std::net::TcpStream::connect(simulator.address())?;
    /// #     let head = format!("Host: x\r\nX-Auth-Token: {}\r\nContent-Length: {}", simulator.token(), body.len());
    /// #     write!(stream, "POST {path} HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n{body}")?;
    /// #     let mut response = String::new();
    /// #     stream.read_to_string(&mut response)?;
    /// #     Ok(response.split_once("\r\n\r\n").unwrap().1.into())
    /// # }
    ///
    /// let simulator = Simulator::builder().advance_on_poll(Duration::from_secs(3600)).start()?;
    /// simulator.next_job(JobScript::new("createServer").error("Ecs.0319", "no host left"));
    ///
    /// // The tool under test creates two servers, with an HTTP client of its own, and waits for them.
    /// let path = format!("/v1.1/{}/cloudservers", simulator.project_id());
    /// let response = post(&simulator, &path, r#"{"server": {"name": "web", "count": 2}}"#)?;
    /// let id = JobId::from_submit_response(&response)?;
    /// let error = simulator.client()?.wait(&id).run().unwrap_err();
    ///
    /// assert!(error.to_string().contains("no host left"));
    /// assert_eq!(simulator.requests()[0].json().unwrap()["server"]["name"], "web");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_job(&self, script: JobScript) {
        lock(&self.shared.next_jobs).push(script);
    }

    /// Puts a resource at this path: each of the states is the response to `GET` for its duration, one after another.
    /// Afterwards the resource is gone: 404. A duration of `Duration::MAX` never ends.
    ///
    /// The path is the one that clients send, with its query if it has one; `{project_id}` in it is replaced by the
    /// project id. Putting another resource at the same path replaces it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cloudjob::simulator::Simulator;
    /// use serde_json::json;
    ///
    /// let simulator = Simulator::start()?;
    /// simulator.put_resource(
    ///     "/v1/{project_id}/cloudservers/bae51750",
    ///     [
    ///         (Duration::from_secs(60), json!({"server": {"status": "BUILD"}})),
    ///         (Duration::MAX, json!({"server": {"status": "ACTIVE"}})),
    ///     ],
    /// );
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn put_resource(&self, path: &str, states: impl IntoIterator<Item = (Duration, Value)>) {
        let path = path.replace("{project_id}", self.project_id());
        let states = states.into_iter().collect();
        lock(&self.shared.resources).put(&path, states, self.shared.clock.now());
    }

    /// The endpoint of all job services, by [`endpoint_url`](Self::endpoint_url) and [`project_id`](Self::project_id).
    /// With [`Endpoint::service`] it is that of one service, which knows the jobs of services with the same path too;
    /// see [`service_endpoint`](Self::service_endpoint).
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    /// The endpoint of one service, which only knows its own jobs: a job of ECS is unknown to SDRS.
    ///
    /// # Errors
    /// None in practice: the URL is valid.
    pub fn service_endpoint(&self, service: Service) -> Result<Endpoint, EndpointError> {
        let url = format!("{}/{service}", self.endpoint_url());
        Ok(Endpoint::new(&url, self.project_id())?.service(service))
    }

    /// A client of [`endpoint`](Self::endpoint) with the token of the start, without a proxy.
    ///
    /// ```
    /// use cloudjob::simulator::{JobScript, Simulator};
    ///
    /// let simulator = Simulator::start()?;
    /// let id = simulator.start_job(JobScript::new("createServer"));
    /// assert_eq!(simulator.client()?.job(&id)?.job_type(), Some("createServer"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As those of [`Client::new`].
    pub fn client(&self) -> Result<Client, Error> {
        Client::new(self.endpoint(), self.credentials.clone())
    }

    /// `http://127.0.0.1:PORT`: the root URL of the job services; with `/v3` appended, of the identity service.
    pub fn endpoint_url(&self) -> &str {
        &self.shared.endpoint_url
    }

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The project id.
    pub fn project_id(&self) -> &str {
        &self.shared.settings.project_id
    }

    /// The project name.
    pub fn project_name(&self) -> &str {
        &self.shared.settings.project_name
    }

    /// The name of the domain that owns the project and the users.
    pub fn domain_name(&self) -> &str {
        &self.shared.settings.domain_name
    }

    /// The id of a user that was added with [`SimulatorBuilder::user`].
    pub fn user_id(&self, name: &str) -> Option<&str> {
        self.shared.settings.users.iter().find(|user| user.name == name).map(|user| user.id.as_str())
    }

    /// The token that is valid without a login, as set at the start.
    pub fn token(&self) -> &str {
        self.shared.settings.token.expose()
    }

    /// Applies these faults to the next requests, one each, in this order. Later requests get normal responses.
    pub fn inject_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.shared.faults).add(faults);
    }

    /// Delays every response from now on by this much. Zero: no delay.
    pub fn latency(&self, latency: Duration) {
        lock(&self.shared.faults).latency = latency;
    }

    /// Accepts at most this many requests in any second from now on; others get 429 `APIGW.0308`. Zero: no limit.
    pub fn rate_limit(&self, per_second: u32) {
        lock(&self.shared.faults).limit(per_second);
    }

    /// Replaces the token of the start by this one.
    pub fn set_token(&self, token: impl Into<String>) {
        lock(&self.shared.tokens).replace_static(Secret::new(token.into()));
    }

    /// Expires the token of the start (or of [`set_token`](Self::set_token)): it gets 401 `APIGW.0307` from now on.
    pub fn expire_token(&self) {
        lock(&self.shared.tokens).expire();
    }

    /// Expires all tokens issued by logins: they get 401 `APIGW.0307` from now on. New logins get new ones.
    pub fn revoke_tokens(&self) {
        lock(&self.shared.tokens).revoke_issued();
    }

    /// Advances the simulator's clock: the age of jobs and tokens and the header `Date`.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// The latest 10,000 requests, oldest first. An invalid HTTP request has the method `?`.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.records).all()
    }

    /// The number of polls of this job, whatever the response.
    pub fn poll_count(&self, id: &JobId) -> usize {
        lock(&self.shared.jobs).poll_count(id.as_str())
    }

    /// The number of successful logins.
    pub fn login_count(&self) -> usize {
        lock(&self.shared.tokens).logins
    }
}

/// Locks a mutex, also after a thread panicked while holding it: the state is consistent at all times.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
