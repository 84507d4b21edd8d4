//! The wait for many jobs: one budget of polls, few threads, results in the order in which the jobs end.

pub(crate) mod progress;
mod worker_pool;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::progress::AllProgress;

use self::worker_pool::{Event, WorkerPool};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::PollPolicy;
use crate::poll::backoff::Backoff;
use crate::poll::outcome::Outcome;
use crate::util::cancel::CancelToken;

/// What is called after each poll.
type Listener<'a> = Box<dyn FnMut(&AllProgress<'_>) + 'a>;

/// A wait for many jobs that can still be set up. Made by [`Client::wait_all`].
///
/// Nothing is asked before it is iterated. Each job has the timeout from the moment its id is known; an id given
/// twice is asked once. All jobs share the client's budget of polls: where they want more, all delays stretch alike.
///
/// # Default
/// That of [`PollPolicy`] for each job; all jobs are waited for, whatever becomes of the others.
///
/// ```no_run
/// # fn example(client: &cloudjob::Client, ids: Vec<cloudjob::JobId>) {
/// use std::time::Duration;
///
/// for (id, result) in client.wait_all(ids).timeout(Duration::from_secs(20 * 60)) {
///     match result {
///         Ok(job) => println!("{id}: {:?}", job.ids("server_id")),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # }
/// ```
#[must_use = "nothing is asked before it is iterated"]
pub struct WaitAll<'a> {
    clients: Vec<Client>,
    sources: Vec<Box<dyn Iterator<Item = JobId> + Send>>,
    policy: PollPolicy,
    rate: Option<f64>,
    fail_fast: bool,
    cancel: CancelToken,
    on_progress: Option<Listener<'a>>,
}

impl Client {
    /// Waits until many jobs have ended, under one budget of polls. Settings follow; iterating does it.
    ///
    /// The ids may come slowly, from standard input for one: they are read by a thread of their own.
    pub fn wait_all<'a, I>(&self, ids: I) -> WaitAll<'a>
    where
        I: IntoIterator<Item = JobId>,
        I::IntoIter: Send + 'static,
    {
        WaitAll::new(self, ids)
    }
}

impl<'a> WaitAll<'a> {
    pub(crate) fn new<I>(client: &Client, ids: I) -> Self
    where
        I: IntoIterator<Item = JobId>,
        I::IntoIter: Send + 'static,
    {
        Self {
            clients: vec![client.clone()],
            sources: vec![Box::new(ids.into_iter())],
            policy: PollPolicy::new().request_timeout(client.request_timeout()),
            rate: None,
            fail_fast: false,
            cancel: CancelToken::new(),
            on_progress: None,
        }
    }

    /// More jobs, of another service or project: those of `client`, which may be made by [`Client::with_endpoint`].
    pub fn add<I>(mut self, client: &Client, ids: I) -> Self
    where
        I: IntoIterator<Item = JobId>,
        I::IntoIter: Send + 'static,
    {
        self.clients.push(client.clone());
        self.sources.push(Box::new(ids.into_iter()));
        self
    }

    /// The longest that each job is waited for, from the moment its id is known. Zero is one poll at each;
    /// [`Duration::MAX`] is no limit. Default: 30 minutes.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// The delay between the looks at one job. Default: [`Backoff::new`].
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.policy = self.policy.backoff(backoff);
        self
    }

    /// How long each job is expected to take: fewer polls long before that, more around it.
    pub const fn expected_duration(mut self, duration: Duration) -> Self {
        self.policy.backoff = self.policy.backoff.expected_duration(duration);
        self
    }

    /// Whether a job that waits for a payment is ended there. By default it is not.
    pub const fn fail_on_pending_payment(mut self, fail: bool) -> Self {
        self.policy = self.policy.fail_on_pending_payment(fail);
        self
    }

    /// How many polls per second the client may make from now on, for all of its waits together.
    /// [`f64::INFINITY`] is no limit. The default is that of the client: 5.
    pub const fn rate(mut self, polls_a_second: f64) -> Self {
        self.rate = Some(polls_a_second);
        self
    }

    /// Whether the first job that fails ends the wait: all others are then cancelled. By default all are waited for.
    pub const fn fail_fast(mut self, fail_fast: bool) -> Self {
        self.fail_fast = fail_fast;
        self
    }

    /// Called after every poll that did not end a job, from the thread that iterates. Default: nothing is.
    pub fn on_progress(mut self, call: impl FnMut(&AllProgress<'_>) + 'a) -> Self {
        self.on_progress = Some(Box::new(call));
        self
    }

    /// Ends the wait when this switch is turned on: every job that is open is then cancelled, at once.
    pub fn cancel(mut self, cancel: &CancelToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// The outcomes in the order in which the jobs end, each with what its wait cost.
    pub fn outcomes(self) -> Outcomes<'a> {
        if let Some(rate) = self.rate {
            for client in &self.clients {
                client.budget(|budget| budget.set_rate(rate));
            }
        }
        let listens = self.on_progress.is_some();
        let pool = WorkerPool::start(self.clients, self.sources, self.policy, self.cancel, listens);
        Outcomes { pool, on_progress: self.on_progress, fail_fast: self.fail_fast }
    }
}

impl<'a> IntoIterator for WaitAll<'a> {
    type Item = (JobId, Result<Job, Error>);
    type IntoIter = Results<'a>;

    fn into_iter(self) -> Results<'a> {
        Results(self.outcomes())
    }
}

impl fmt::Debug for WaitAll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitAll")
            .field("rules", &self.policy)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

/// The outcomes of many jobs, in the order in which they end. Made by [`WaitAll::outcomes`].
///
/// Dropping it ends the wait; polls in flight end by their own bound, in the background.
pub struct Outcomes<'a> {
    pool: Arc<WorkerPool>,
    on_progress: Option<Listener<'a>>,
    fail_fast: bool,
}

impl Iterator for Outcomes<'_> {
    type Item = Outcome;

    fn next(&mut self) -> Option<Outcome> {
        loop {
            match self.pool.next_news()? {
                Event::PollResult(note) => {
                    if let Some(call) = &mut self.on_progress {
                        note.tell(call);
                    }
                }
                Event::Ended(outcome) => {
                    let kind = outcome.result.as_ref().err().map(Error::kind);
                    if self.fail_fast && matches!(kind, Some(ErrorKind::Failed | ErrorKind::PaymentPending)) {
                        self.pool.cancel();
                    }
                    return Some(*outcome);
                }
            }
        }
    }
}

impl Drop for Outcomes<'_> {
    fn drop(&mut self) {
        self.pool.stop();
    }
}

impl fmt::Debug for Outcomes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes").field("fail_fast", &self.fail_fast).finish_non_exhaustive()
    }
}

/// The results of many jobs, in the order in which they end. Made by iterating a [`WaitAll`].
///
/// Each is the id that was asked for, with what [`Wait::run`](crate::Wait::run) would give. Dropping it ends the wait.
#[derive(Debug)]
pub struct Results<'a>(Outcomes<'a>);

impl Iterator for Results<'_> {
    type Item = (JobId, Result<Job, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        let outcome = self.0.next()?;
        Some((outcome.job_id.clone(), outcome.into_result()))
    }
}
