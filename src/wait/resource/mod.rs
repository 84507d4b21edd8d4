//! The wait for the state of a resource: a server that is ACTIVE, a volume that is gone.

mod condition;
mod progress;
mod recipes;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use self::condition::{Conditions, pointer_text};
pub use self::progress::ResourceProgress;
use super::run::{JobSource, Pause, WaitLoop};
use crate::api::error_body::read_error;
use crate::api::response::Response;
use crate::client::Client;
use crate::error::poll::PollError;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::error::DecodeError;
use crate::job::id::JobId;
use crate::poll::backoff::Backoff;
use crate::poll::outcome::Outcome;
use crate::poll::result::PollResult;
use crate::poll::{PollPolicy, Poller};
use crate::util::cancel::CancelToken;
use crate::util::json::json_value;

/// A resource and the state to wait for: a path, a pointer into its JSON, and the values that are wanted.
///
/// ```
/// use cloudjob::Resource;
///
/// let server = Resource::server("bae51750-0ed9-4bcf-9c3e-2d7ea0c2a9c1");
/// let volume = Resource::get("/v2/{project_id}/cloudvolumes/b1")
///     .until("/volume/status", ["available", "in-use"])
///     .fail_on("/volume/status", ["error*"])
///     .settled(2);
/// let deleted = Resource::volume("b1").gone();
/// # let _ = (server, volume, deleted);
/// ```
///
/// Pass it to [`Client::wait_for`]. The path is polled at the endpoint of the client, so the token stays with its host.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Resource {
    path: String,
    wanted: Conditions,
    failed: Conditions,
    /// The values of a resource that is gone, beside "not found".
    gone: Conditions,
    /// A list that is empty when the resource is gone.
    list: Option<&'static str>,
    wants_gone: bool,
    settled: u32,
}

impl Resource {
    /// The resource at this path, which begins with `/` and may have a query; `{project_id}` in it is filled in. Without
    /// a condition any response with a JSON body is the wanted state.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            wanted: Conditions::default(),
            failed: Conditions::default(),
            gone: Conditions::default(),
            list: None,
            wants_gone: false,
            settled: 1,
        }
    }

    /// Waits until the value at this JSON pointer is one of `values`. A text is compared exactly, and with a `*` at the
    /// end of the wanted value by its beginning; a number, a boolean or null by its JSON text. A value that is not there is
    /// waited for: [`ResourceProgress::missing`].
    ///
    /// Called again for the same pointer it adds values; conditions on several pointers must all hold.
    pub fn until<V: Into<String>>(mut self, pointer: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.wanted.add(pointer, values);
        self
    }

    /// Ends the wait with an error if the value at this pointer is one of `values`. One such pointer is enough.
    pub fn fail_on<V: Into<String>>(mut self, pointer: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.failed.add(pointer, values);
        self
    }

    /// Waits until the resource is gone: the service responds with 404 or says that it does not exist. What
    /// [`until`](Self::until) wants does not count then, and one poll that shows it is enough.
    pub const fn gone(mut self) -> Self {
        self.wants_gone = true;
        self.settled = 1;
        self
    }

    /// How many polls in a row must show the wanted state. Default: 1.
    pub const fn settled(mut self, polls: u32) -> Self {
        self.settled = if polls == 0 { 1 } else { polls };
        self
    }

    /// The path as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// # Errors
    /// If the path is not one, or a pointer.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let path = &self.path;
        let problem = if path.contains("://") {
            "it is a URL, and the token stays with its host"
        } else if !path.starts_with('/') || path.starts_with("//") {
            "it does not begin with one `/`"
        } else if path.chars().any(|c| c.is_control() || c.is_whitespace() || c == '#' || c == '\\') {
            "it has a blank, a control character, `#` or a backslash"
        } else if path.replace("{project_id}", "").contains(['{', '}']) {
            "only {project_id} in it is filled in"
        } else if !path.is_ascii() {
            "what is not ASCII in it must be percent-encoded"
        } else if path.split(['/', '?']).any(|part| part == "." || part == "..") {
            "it has `.` or `..` in it"
        } else {
            let conditions = [&self.wanted, &self.failed, &self.gone];
            return match conditions.iter().find_map(|conditions| conditions.bad_pointer()) {
                None => Ok(()),
                Some(pointer) => Err(Error::config(format_args!(
                    "`{}` is not a JSON pointer: it must begin with `/`, and have `~` only in ~0 and ~1, such as /server/status",
                    crate::util::sanitize::escaped(pointer, 80)
                ))),
            };
        };
        let shown = crate::util::sanitize::escaped(path, 80);
        Err(Error::config(format_args!(
            "`{shown}` is not a path: {problem}; give one such as /v1/{{project_id}}/x"
        )))
    }

    fn state(&self, body: &Value) -> State {
        let is_gone = || {
            self.gone.any_holds(body)
                || self.list.is_some_and(|list| {
                    body.pointer(list).and_then(Value::as_array).is_some_and(Vec::is_empty)
                })
        };
        if self.wants_gone && is_gone() {
            State::Wanted
        } else if self.failed.any_holds(body) {
            State::Failed
        } else if !self.wants_gone && self.wanted.all_hold(body) {
            State::Wanted
        } else {
            State::Pending
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Failed,
    Pending,
    Wanted,
}

/// A wait for a resource, to be configured and run. Made by [`Client::wait_for`].
///
/// # Default
/// That of [`PollPolicy`]: 30 minutes, exponential backoff.
#[must_use = "nothing is sent before `run`"]
pub struct ResourceWait<'a> {
    client: &'a Client,
    resource: Resource,
    policy: PollPolicy,
    cancel: CancelToken,
    on_progress: Box<dyn FnMut(&ResourceProgress) + Send + 'a>,
}

/// The outcome of a wait for a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceOutcome {
    result: Result<Value, Error>,
    body: Option<Value>,
    polls: u32,
    waited: Duration,
}

impl ResourceOutcome {
    /// The value at the first pointer of [`Resource::until`] (the whole body if there is none, null if the resource is
    /// gone), or why the wanted state was not reached.
    pub const fn result(&self) -> Result<&Value, &Error> {
        self.result.as_ref()
    }

    /// The result, by value.
    ///
    /// # Errors
    /// As [`ResourceWait::run`].
    pub fn into_result(self) -> Result<Value, Error> {
        self.result
    }

    /// The last body that was read.
    pub const fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// The number of polls.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// How long the wait took.
    pub const fn waited(&self) -> Duration {
        self.waited
    }
}

impl Client {
    /// Waits until a resource has reached a state, with the rate limit, deadline, retries and errors of a wait for a job.
    ///
    /// ```no_run
    /// # fn example(client: &cloudjob::Client, id: &cloudjob::JobId) -> Result<(), cloudjob::Error> {
    /// use std::time::Duration;
    /// use cloudjob::Resource;
    ///
    /// // SUCCESS of the job does not mean that the server has settled.
    /// let job = client.wait(id).run()?;
    /// for server in job.ids("server_id") {
    ///     client.wait_for(Resource::server(&server)).timeout(Duration::from_secs(300)).run()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for(&self, resource: Resource) -> ResourceWait<'_> {
        ResourceWait {
            client: self,
            resource,
            policy: PollPolicy::new().request_timeout(self.request_timeout()),
            cancel: CancelToken::new(),
            on_progress: Box::new(|_| {}),
        }
    }
}

impl<'a> ResourceWait<'a> {
    /// The whole policy at once: timeout and delays.
    pub const fn policy(mut self, policy: PollPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// As [`Wait::timeout`](crate::Wait::timeout). Default: 30 minutes.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// The delay between polls. Default: [`Backoff::new`].
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.policy = self.policy.backoff(backoff);
        self
    }

    /// Calls `call` after every poll, before the sleep, on the thread that waits. Default: none.
    pub fn on_progress(mut self, call: impl FnMut(&ResourceProgress) + Send + 'a) -> Self {
        self.on_progress = Box::new(call);
        self
    }

    /// Ends the wait when this token is cancelled. Default: none.
    pub fn cancel(mut self, cancel: &CancelToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Waits, and returns the last value: see [`ResourceOutcome::result`].
    ///
    /// # Errors
    /// | kind | when |
    /// |-|-|
    /// | [`Failed`](ErrorKind::Failed) | the value is one of [`Resource::fail_on`]; [`Error::value`] has it |
    /// | [`TimedOut`](ErrorKind::TimedOut) | the deadline came first, after at least one response |
    /// | [`Refused`](ErrorKind::Refused) | the service rejected the request: credentials, permission, an unknown resource |
    /// | [`NoAnswer`](ErrorKind::NoAnswer) | no usable response, for too long or until the deadline |
    /// | [`Config`](ErrorKind::Config) | the path or a pointer is not one; nothing is sent |
    /// | [`Cancelled`](ErrorKind::Cancelled) | the token of [`cancel`](Self::cancel) was cancelled |
    pub fn run(self) -> Result<Value, Error> {
        self.outcome().into_result()
    }

    /// Waits as [`run`](Self::run) does, and returns the last body and the number of polls with the result.
    pub fn outcome(self) -> ResourceOutcome {
        let failed =
            |error| ResourceOutcome { result: Err(error), body: None, polls: 0, waited: Duration::ZERO };
        if let Err(error) = self.resource.check() {
            return failed(error);
        }
        let id = match JobId::new("resource") {
            Ok(id) => id,
            Err(error) => return failed(Error::config(error)),
        };
        let source = ResourceSource {
            client: self.client,
            resource: &self.resource,
            cancel: &self.cancel,
            seen: RefCell::default(),
        };
        let mut on_progress = self.on_progress;
        let path = self.resource.path.as_str();
        let outcome = WaitLoop {
            id: &id,
            endpoint: Arc::new(self.client.endpoint().clone()),
            source: &source,
            clock: &self.client.clock(),
            cancel: &self.cancel,
            on_progress: &mut |progress| {
                let (value, missing) = (source.value(), source.missing());
                on_progress(&ResourceProgress::new(path, value, missing, progress));
            },
        }
        .run(|now| Poller::new(self.policy, now));
        source.conclude(outcome)
    }
}

impl fmt::Debug for ResourceWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceWait")
            .field("resource", &self.resource)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// A client that polls one resource. To the poller it is a job that is RUNNING until the wanted state is reached.
struct ResourceSource<'a> {
    client: &'a Client,
    resource: &'a Resource,
    cancel: &'a CancelToken,
    seen: RefCell<Seen>,
}

/// What the polls have shown.
#[derive(Default)]
struct Seen {
    body: Option<Value>,
    is_gone: bool,
    wanted_in_a_row: u32,
}

impl JobSource for ResourceSource<'_> {
    fn try_acquire(&self, now: Duration) -> Result<(), Duration> {
        self.client.try_acquire(now)
    }

    fn pause(&self, now: Duration) -> Option<Pause> {
        let until = self.client.paused_until(now)?;
        Some(Pause { until, error: self.client.throttling_error() })
    }

    fn poll(&self, timeout: Duration) -> Option<PollResult> {
        self.client.poll_path(&self.resource.path, timeout, self.cancel, &mut |response| self.read(response))
    }
}

impl ResourceSource<'_> {
    fn read(&self, response: &Response) -> PollResult {
        let mut seen = self.seen.borrow_mut();
        let state = if matches!(response.status, 200..=299) {
            let body = match &response.not_json {
                Some(problem) => Err(problem.to_string()),
                None => json_value(&response.body).map_err(|error| error.to_string()),
            };
            match body {
                Ok(body) => {
                    let state = self.resource.state(&body);
                    (seen.body, seen.is_gone) =
                        (Some(body), state == State::Wanted && self.resource.wants_gone);
                    Ok(state)
                }
                Err(error) => Err(PollError::Decode(DecodeError::not_json(error, &response.body))),
            }
        } else {
            let error = read_error(response);
            let is_gone = self.resource.wants_gone && (error.is_not_found() || is_gone(&error));
            seen.is_gone = is_gone;
            if is_gone { Ok(State::Wanted) } else { Err(PollError::Api(error)) }
        };
        seen.wanted_in_a_row = if matches!(state, Ok(State::Wanted)) { seen.wanted_in_a_row + 1 } else { 0 };
        let as_job: Result<&[u8], PollError> = state.map(|state| match state {
            State::Failed => br#"{"status":"FAIL"}"#.as_slice(),
            State::Pending => br#"{"status":"RUNNING"}"#.as_slice(),
            State::Wanted if seen.wanted_in_a_row >= self.resource.settled => {
                br#"{"status":"SUCCESS"}"#.as_slice()
            }
            // With a sub-job that has ended the delays are short again.
            State::Wanted => br#"{"status":"RUNNING","sub_jobs":[{"status":"SUCCESS"}]}"#.as_slice(),
        });
        PollResult::with_headers(
            response,
            as_job.and_then(|body| Job::from_slice(body).map(Box::new).map_err(PollError::Decode)),
        )
    }

    /// The value that decides: at the first pointer of the conditions, or the whole body.
    fn value(&self) -> Option<Value> {
        let seen = self.seen.borrow();
        if seen.is_gone {
            return Some(Value::Null);
        }
        let body = seen.body.as_ref()?;
        let conditions = [&self.resource.wanted, &self.resource.gone, &self.resource.failed];
        let failed = self.resource.failed.holding_pointer(body);
        let pointer = failed.or_else(|| conditions.iter().find_map(|conditions| conditions.first_pointer()));
        Some(
            pointer.map_or_else(
                || body.clone(),
                |pointer| body.pointer(pointer).cloned().unwrap_or(Value::Null),
            ),
        )
    }

    /// The value that is wanted and not in the last body.
    fn missing(&self) -> Option<String> {
        let seen = self.seen.borrow();
        let body = seen.body.as_ref().filter(|_| !self.resource.wants_gone)?;
        self.resource.wanted.missing(body)
    }

    fn conclude(self, outcome: Outcome) -> ResourceOutcome {
        let value = self.value();
        let (polls, waited) = (outcome.polls(), outcome.waited());
        let result = match outcome.into_result() {
            Ok(_) => Ok(value.unwrap_or(Value::Null)),
            Err(error) => {
                let message = self.message(&error, value.as_ref());
                Err(error.about_resource(self.resource.path.clone(), value, message))
            }
        };
        ResourceOutcome { result, body: self.seen.into_inner().body, polls, waited }
    }

    fn message(&self, error: &Error, value: Option<&Value>) -> String {
        let effort = error.effort();
        let pointer = {
            let seen = self.seen.borrow();
            let failed = seen.body.as_ref().and_then(|body| self.resource.failed.holding_pointer(body));
            failed.or_else(|| self.resource.wanted.first_pointer()).unwrap_or("the value").to_owned()
        };
        let shown = value.map(|value| format!("{pointer} is {}", pointer_text(value)));
        let path = crate::util::sanitize::single_line(&self.resource.path, 200);
        let mut text = match error.kind() {
            ErrorKind::Failed => format!("{path}: {} {effort}", shown.clone().unwrap_or_default()),
            ErrorKind::Refused => format!("{path}: the service rejected the request {effort}"),
            ErrorKind::TimedOut if error.polls() == 0 => format!("{path} was not polled in time"),
            ErrorKind::TimedOut if self.resource.wants_gone => format!("{path} is not gone {effort}"),
            ErrorKind::TimedOut => {
                format!("{path} has not reached the wanted state ({}) {effort}", self.resource.wanted)
            }
            ErrorKind::Cancelled => format!("{path}: cancelled {effort}"),
            _ => format!("{path}: no usable response {effort}"),
        };
        if let Some(last) = error.last_error().filter(|_| error.kind() != ErrorKind::Failed) {
            let label = if error.kind() == ErrorKind::TimedOut { "; last error: " } else { ": " };
            text = format!("{text}{label}{last}");
        }
        match (shown, self.missing()) {
            _ if error.kind() == ErrorKind::Failed => text,
            (_, Some(missing)) => format!("{text}; {missing}"),
            (Some(shown), None) => format!("{text}; when last seen {shown}"),
            (None, None) => text,
        }
    }
}

/// Codes other than those for jobs with which a service says that a resource does not exist.
fn is_gone(error: &crate::error::api::ApiError) -> bool {
    matches!(error.http_status(), 410)
        || error.http_status() == 404 && !error.is_unknown_endpoint()
        || error.has_code(GONE)
}

const GONE: &[&str] = &["DBS.280110", "DBS.200011", "itemNotFound"];
