//! The wait for one job: polls and sleeps, as the poller decides.

pub(crate) mod all;
pub(crate) mod progress;
mod run;

use std::fmt;
use std::time::Duration;

pub(crate) use self::run::{JobSource, WaitLoop};

pub use self::all::progress::AllProgress;
pub use self::all::{Outcomes, Results};
use self::progress::Progress;
use crate::client::Client;
use crate::error::Error;
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::backoff::Backoff;
use crate::poll::outcome::Outcome;
use crate::poll::result::PollResult;
use crate::poll::{PollPolicy, Poller};
use crate::util::cancel::CancelToken;

/// A wait for one job that can still be set up. Made by [`Client::wait`].
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
#[must_use = "nothing is asked before `run`"]
pub struct Wait<'a> {
    client: &'a Client,
    id: JobId,
    policy: PollPolicy,
    cancel: CancelToken,
    on_progress: Box<dyn FnMut(&Progress<'_>) + 'a>,
}

impl Client {
    /// Waits until a job has ended. Settings follow; [`Wait::run`] does it. By default for 30 minutes at the most.
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

    /// The longest that the wait may take: it is back by then. Zero is one poll, of 30 s at the most; [`Duration::MAX`] is no
    /// limit. Default: 30 minutes.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// The delay between polls. Default: [`Backoff::new`].
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.policy = self.policy.backoff(backoff);
        self
    }

    /// How long the job is expected to take, from its beginning: fewer polls long before that, more around it. A hint
    /// that is wrong costs little. Default: none.
    pub const fn expected_duration(mut self, duration: Duration) -> Self {
        self.policy.backoff = self.policy.backoff.expected_duration(duration);
        self
    }

    /// Whether a job that waits for a payment ends the wait. By default it does not.
    pub const fn fail_on_pending_payment(mut self, fail: bool) -> Self {
        self.policy = self.policy.fail_on_pending_payment(fail);
        self
    }

    /// Called after every poll, before the sleep, from the thread that waits. Its time counts. Default: nothing is.
    pub fn on_progress(mut self, call: impl FnMut(&Progress<'_>) + 'a) -> Self {
        self.on_progress = Box::new(call);
        self
    }

    /// Ends the wait when this switch is turned on: at once while it sleeps, else when the poll that is under way has
    /// ended. Default: none.
    pub fn cancel(mut self, cancel: &CancelToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Waits.
    ///
    /// SUCCESS does not promise that what the job made has settled: a volume, for one, can still change its state for
    /// a moment.
    ///
    /// # Errors
    /// | kind | when |
    /// |-|-|
    /// | [`Failed`](crate::ErrorKind::Failed) | the job ended with FAIL; the error carries the whole job |
    /// | [`TimedOut`](crate::ErrorKind::TimedOut) | the deadline came first, after at least one answer; the job goes on |
    /// | [`Refused`](crate::ErrorKind::Refused) | the service said no: credentials, permission, an unknown job |
    /// | [`NoAnswer`](crate::ErrorKind::NoAnswer) | nothing usable came, for too long or until the deadline |
    /// | [`Unpaid`](crate::ErrorKind::PaymentPending) | PENDING_PAYMENT, and [`fail_on_pending_payment`](Self::fail_on_pending_payment) |
    /// | [`Cancelled`](crate::ErrorKind::Cancelled) | somebody turned [`cancel`](Self::cancel) on |
    ///
    /// A poll that fails for a reason that passes is none of these.
    pub fn run(self) -> Result<Job, Error> {
        self.outcome().into_result()
    }

    /// Waits as [`run`](Self::run) does, and says with the result how often was asked and how late the end was seen.
    pub fn outcome(self) -> Outcome {
        let clock = self.client.clock();
        let asker = ClientSource { client: self.client, id: &self.id };
        let mut on_progress = self.on_progress;
        WaitLoop {
            id: &self.id,
            ask: &asker,
            clock: &clock,
            cancel: &self.cancel,
            on_progress: &mut *on_progress,
        }
        .run(|now| Poller::new(self.policy, now))
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("id", &self.id).field("rules", &self.policy).finish_non_exhaustive()
    }
}

/// A client that asks for one job.
struct ClientSource<'a> {
    client: &'a Client,
    id: &'a JobId,
}

impl JobSource for ClientSource<'_> {
    fn turn(&self, now: Duration) -> Result<(), Duration> {
        self.client.turn(now)
    }

    fn polled(&self, limit: Duration) -> PollResult {
        self.client.polled(self.id, limit)
    }
}
