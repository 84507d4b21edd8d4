//! The wait for one job: polls and sleeps, as the poller decides.

pub(crate) mod all;
pub(crate) mod resource;
mod run;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::all::{Outcomes, Results};
pub use self::resource::{ResourceOutcome, ResourceProgress, ResourceWait};

use self::run::{JobSource, Pause, WaitLoop};
use crate::client::Client;
use crate::error::Error;
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::backoff::Backoff;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::poll::result::PollResult;
use crate::poll::{PollPolicy, Poller};
use crate::util::cancel::CancelToken;
use crate::util::clock::Clock;
use crate::wait::resource::Resource;

/// A wait for one job, to be configured and run. Made by [`Client::wait`].
///
/// # Default
/// That of [`PollPolicy`]: 30 minutes, exponential backoff.
///
/// ```no_run
/// # fn example(client: &cloudjob::Client, id: &cloudjob::JobId) -> Result<(), cloudjob::Error> {
/// use std::time::Duration;
///
/// let job = client
///     .wait(id)
///     .timeout(Duration::from_secs(20 * 60))
///     .on_progress(|progress| eprintln!("{progress}"))
///     .run()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent before `run`"]
pub struct Wait<'a> {
    client: &'a Client,
    id: JobId,
    policy: PollPolicy,
    cancel: CancelToken,
    on_progress: Box<dyn FnMut(&Progress) + Send + 'a>,
}

impl Client {
    /// Waits until a job has ended, by default for 30 minutes at most. Configure the wait, then call [`Wait::run`].
    pub fn wait(&self, id: &JobId) -> Wait<'_> {
        Wait::new(self, id)
    }
}

impl<'a> Wait<'a> {
    pub(crate) fn new(client: &'a Client, id: &JobId) -> Self {
        Self {
            client,
            id: id.clone(),
            policy: PollPolicy::new().request_timeout(client.request_timeout()),
            cancel: CancelToken::new(),
            on_progress: Box::new(|_| {}),
        }
    }

    /// The whole policy at once: timeout, delays, payment. Its
    /// [`request_timeout`](PollPolicy::request_timeout) counts instead of that of the client.
    pub const fn policy(mut self, policy: PollPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The longest that the wait may take: [`run`](Self::run) returns by then. Zero makes one poll, of 30 s at most;
    /// [`Duration::MAX`] is no limit. Default: 30 minutes.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// The delay between polls. Default: [`Backoff::new`].
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.policy = self.policy.backoff(backoff);
        self
    }

    /// How long the job is expected to take, from its start: fewer polls long before that, more around it. A wrong
    /// hint costs little. Default: none.
    pub const fn expected_duration(mut self, duration: Duration) -> Self {
        self.policy.backoff = self.policy.backoff.expected_duration(duration);
        self
    }

    /// Whether a job that waits for a payment (PENDING_PAYMENT) ends the wait. By default it does not.
    pub const fn fail_on_pending_payment(mut self, fail: bool) -> Self {
        self.policy = self.policy.fail_on_pending_payment(fail);
        self
    }

    /// Whether a job that the service no longer knows, after it was seen pending, has succeeded: some services drop the
    /// job that deletes a resource together with it. The job is then as it was last seen. By default that is an error.
    pub const fn gone_is_success(mut self, success: bool) -> Self {
        self.policy = self.policy.gone_is_success(success);
        self
    }

    /// Calls `call` after every poll, before the sleep, on the thread that waits. Its time counts. Default: none.
    pub fn on_progress(mut self, call: impl FnMut(&Progress) + Send + 'a) -> Self {
        self.on_progress = Box::new(call);
        self
    }

    /// Ends the wait when this token is cancelled: at once during a sleep, else after the poll in flight. Default:
    /// none.
    pub fn cancel(mut self, cancel: &CancelToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Waits.
    ///
    /// SUCCESS does not mean that the created resource has settled: a volume, for example, can still change its state
    /// for a moment.
    ///
    /// # Errors
    /// | kind | when |
    /// |-|-|
    /// | [`Failed`](crate::ErrorKind::Failed) | the job ended with FAIL; the error carries the whole job |
    /// | [`TimedOut`](crate::ErrorKind::TimedOut) | the deadline came first, after at least one response; the job may still be running |
    /// | [`Refused`](crate::ErrorKind::Refused) | the service rejected the request: credentials, permission, an unknown job |
    /// | [`NoAnswer`](crate::ErrorKind::NoAnswer) | no usable response, for too long or until the deadline |
    /// | [`PaymentPending`](crate::ErrorKind::PaymentPending) | PENDING_PAYMENT, and [`fail_on_pending_payment`](Self::fail_on_pending_payment) |
    /// | [`Cancelled`](crate::ErrorKind::Cancelled) | the token of [`cancel`](Self::cancel) was cancelled |
    ///
    /// A poll that fails with a transient error is retried and is none of these.
    pub fn run(self) -> Result<Job, Error> {
        self.outcome().into_result()
    }

    /// Waits, and then until each resource that the job created has settled: the ids under `key` of the job, each with
    /// the resource that `resource` makes of it, at the endpoint of this client. All within the timeout of this wait.
    ///
    /// ```no_run
    /// # fn example(client: &cloudjob::Client, id: &cloudjob::JobId) -> Result<(), cloudjob::Error> {
    /// let job = client.wait(id).run_and_settle("server_id", |id| cloudjob::Resource::server(id))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run) and [`ResourceWait::run`].
    pub fn run_and_settle(self, key: &str, resource: impl Fn(&str) -> Resource) -> Result<Job, Error> {
        let (client, policy, cancel) = (self.client, self.policy, self.cancel.clone());
        let clock = client.clock();
        let end = clock.now().saturating_add(policy.timeout);
        let job = self.run()?;
        for id in job.ids(key) {
            let left = end.saturating_sub(clock.now()).max(Duration::from_millis(1));
            let timeout = if policy.timeout.is_zero() { policy.timeout } else { left };
            client.wait_for(resource(&id)).policy(policy.timeout(timeout)).cancel(&cancel).run()?;
        }
        Ok(job)
    }

    /// Waits as [`run`](Self::run) does, and returns the number of polls and the lag with the result.
    pub fn outcome(self) -> Outcome {
        let clock = self.client.clock();
        let source = ClientSource { client: self.client, id: &self.id, cancel: &self.cancel };
        let mut on_progress = self.on_progress;
        WaitLoop {
            id: &self.id,
            endpoint: Arc::new(self.client.endpoint().clone()),
            source: &source,
            clock: &clock,
            cancel: &self.cancel,
            on_progress: &mut *on_progress,
        }
        .run(|now| Poller::new(self.policy, now))
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("id", &self.id).field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// A client that polls one job.
struct ClientSource<'a> {
    client: &'a Client,
    id: &'a JobId,
    cancel: &'a CancelToken,
}

impl JobSource for ClientSource<'_> {
    fn try_acquire(&self, now: Duration) -> Result<(), Duration> {
        self.client.try_acquire(now)
    }

    fn pause(&self, now: Duration) -> Option<Pause> {
        let until = self.client.paused_until(now)?;
        Some(Pause { until, error: self.client.throttling_error() })
    }

    fn poll(&self, timeout: Duration) -> Option<PollResult> {
        self.client.poll(self.id, timeout, self.cancel)
    }
}
