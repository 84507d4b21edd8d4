//! A job service on loopback, in the caller's own process: for anyone's tests.
//!
//! Over real HTTP it does what the real one does, odd manners included: jobs go through their statuses, in each
//! service's way of writing them; tokens are asked for, issued, and expire; signatures are checked. And it does on
//! demand what the real one does at the worst moment.
//!
//! * [`Simulator`]: the service. [`SimulatorBuilder`]: one that is not the usual one.
//! * [`JobScript`]: what a job does. [`Dialect`]: whose manner of writing it has.
//! * [`Fault`]: error on demand.
//! * [`RecordedRequest`]: what was asked.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET .../v1/{project_id}/jobs/{job_id}` | the job, or one of its sub-jobs by its own id |
//! | `GET .../v1/cloudimages/job/{job_id}` | the same with `process_percent`, as the image service has it |
//! | `POST`, `PUT`, `DELETE` of `.../v*/{project_id}/...` | starts a job, answers `{"job_id": ...}` |
//! | `POST .../v3/auth/tokens` | a login: `password`, `totp`, `token`, `assume_role` |
//! | `GET`, `DELETE .../v3/auth/tokens` | what a token says; its end |
//! | `GET .../v3/auth/catalog`, `.../v3/projects` | where the services are; the project by its name |
//!
//! A job started over HTTP takes four seconds and has one sub-job, unless the request's JSON has a member `simulate`:
//! `{"simulate":{"seconds":4,"sub_jobs":3,"fail":1,"job_type":"createServer"}}`; also `sub_job_type`,
//! `pending_payment_seconds`, `init_seconds`, `not_found_seconds` and `dialect`.

mod clock;
mod dialect;
mod faults;
mod http;
mod identity;
mod job_body;
mod job_script;
mod jobs;
mod builder;
mod request_log;
mod rng;
mod routes;
mod settings;
mod state;
mod submit;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use self::builder::SimulatorBuilder;
pub use self::dialect::Dialect;
pub use self::faults::Fault;
pub use self::job_script::JobScript;
pub use self::request_log::RecordedRequest;

use self::http::server::Server;
use self::settings::Settings;
use self::state::State;
use crate::job::id::JobId;
use crate::util::secret::Secret;

/// A job service on loopback. Dropped, it stops: its port is free again and its threads have ended.
///
/// ```
/// use std::io::{Read, Write};
/// use std::time::Duration;
/// use cloudjob::simulator::{JobScript, Simulator};
///
/// let simulator = Simulator::start()?;
/// let id = simulator.start_job(JobScript::new("createServer").sub_jobs(3).duration(Duration::from_secs(240)));
/// simulator.advance(Duration::from_secs(300)); // no test should wait for it
///
/// let mut stream = std::net::TcpStream::connect(simulator.address())?;
/// write!(
///     stream,
///     "GET /v1/{}/jobs/{id} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {}\r\nConnection: close\r\n\r\n",
///     simulator.project_id(),
///     simulator.token(),
/// )?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer)?;
/// assert!(answer.contains(r#""status":"SUCCESS""#));
/// assert_eq!(simulator.poll_count(&id), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<State>,
    /// Held for its end: the server stops when it is dropped.
    _server: Server,
}

impl Simulator {
    /// Starts one at 127.0.0.1 and a free port, with a token and a project id of its own.
    ///
    /// # Errors
    /// If no port or thread is to be had.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// For one that is not the usual one.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::new()
    }

    fn run(listen: SocketAddr, settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(State::new(settings, format!("http://{address}")));
        let server = Server::start(listener, Arc::clone(&shared))?;
        Ok(Self { address, shared, _server: server })
    }

    /// Starts a job now. Its id is how to look at it.
    pub fn start_job(&self, script: JobScript) -> JobId {
        lock(&self.shared.jobs).start(script, self.shared.clock.now(), self.shared.clock.wall())
    }

    /// `http://127.0.0.1:PORT`: the host root of the job service, and with `/v3` the identity service.
    pub fn endpoint_url(&self) -> &str {
        &self.shared.endpoint_url
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the project whose jobs these are.
    pub fn project_id(&self) -> &str {
        &self.shared.settings.project_id
    }

    /// The name of that project, for logins that name it.
    pub fn project_name(&self) -> &str {
        &self.shared.settings.project_name
    }

    /// The name of the domain of project and users, for logins that name it.
    pub fn domain_name(&self) -> &str {
        &self.shared.settings.domain_name
    }

    /// The id of a user of the builder, for logins that give it.
    pub fn user_id(&self, name: &str) -> Option<&str> {
        self.shared.settings.users.iter().find(|user| user.name == name).map(|user| user.id.as_str())
    }

    /// The token the job service takes without a login, as it was at the start.
    pub fn token(&self) -> &str {
        self.shared.settings.token.expose()
    }

    /// The next requests are answered with these faults, one each, in this order; the ones after that properly.
    pub fn inject_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.shared.faults).add(faults);
    }

    /// Every answer from now on comes that much later. Zero: at once.
    pub fn latency(&self, latency: Duration) {
        lock(&self.shared.faults).latency = latency;
    }

    /// In any second only so many requests are let through from now on; the others are answered 429 `APIGW.0308`.
    /// Zero: no limit.
    pub fn rate_limit(&self, per_second: u32) {
        lock(&self.shared.faults).limit(per_second);
    }

    /// Takes this token from now on, in place of the one of the start.
    pub fn set_token(&self, token: impl Into<String>) {
        lock(&self.shared.tokens).give(Secret::new(token.into()));
    }

    /// The token of the start (or of [`set_token`](Self::set_token)) is answered 401 `APIGW.0307` from now on: it must
    /// be renewed.
    pub fn expire_token(&self) {
        lock(&self.shared.tokens).expire();
    }

    /// All tokens that were got by logins are answered 401 `APIGW.0307` from now on. New logins get new ones.
    pub fn revoke_tokens(&self) {
        lock(&self.shared.tokens).revoke_issued();
    }

    /// Puts the simulator's clock forward: jobs grow older by that much, tokens come nearer to their end, and `Date`
    /// tells so.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.put_forward(by);
    }

    /// The requests it got, oldest first; the last 10,000 of them. What was no HTTP request has the method `?`.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.records).all()
    }

    /// How often this job was looked at, whatever was answered.
    pub fn poll_count(&self, id: &JobId) -> usize {
        lock(&self.shared.jobs).polls(id.as_str())
    }

    /// How many logins succeeded.
    pub fn login_count(&self) -> usize {
        lock(&self.shared.tokens).logins
    }
}

/// What a lock holds, also after a thread that held it has panicked: there is nothing in it that could be half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
