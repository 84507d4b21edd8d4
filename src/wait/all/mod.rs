//! The wait for many jobs: one rate limit, few threads, results in the order in which the jobs end.

mod threads;
mod worker_pool;

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::threads::Source;
use self::worker_pool::{Event, WorkerPool};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::PollPolicy;
use crate::poll::backoff::Backoff;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::util::cancel::CancelToken;

/// What is called after each poll.
type OnProgress<'a> = Box<dyn FnMut(&Progress) + Send + 'a>;

/// A wait for many jobs, to be configured and iterated. Made by [`Client::wait_all`].
///
/// Nothing is sent before it is iterated. The timeout of each job starts when its id is known; an id given twice is one
/// job. All jobs share the rate limit of the client: when it is not enough, every job is polled proportionally less
/// often.
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
#[must_use = "nothing is sent before it is iterated"]
pub struct WaitAll<'a> {
    clients: Vec<Client>,
    sources: Vec<Source>,
    policy: PollPolicy,
    fail_fast: bool,
    cancel: CancelToken,
    on_progress: Option<OnProgress<'a>>,
}

impl Client {
    /// Waits until many jobs have ended, under one rate limit. Configure the wait, then iterate over it.
    ///
    /// All ids are read here. For ids that come slowly see [`wait_all_from`](Self::wait_all_from).
    ///
    /// ```no_run
    /// # fn example(client: &cloudjob::Client, ids: &[cloudjob::JobId]) {
    /// let servers = client.wait_all(ids).into_iter().filter(|(_, result)| result.is_ok()).count();
    /// # }
    /// ```
    pub fn wait_all<'a, I>(&self, ids: I) -> WaitAll<'a>
    where
        I: IntoIterator,
        I::Item: Borrow<JobId>,
    {
        WaitAll::of_clients(vec![self.clone()], known(0, ids))
    }

    /// Waits until all jobs of a source have ended whose ids come slowly, for example from a channel.
    ///
    /// A thread of its own reads the source, while the jobs known so far are polled. The wait ends when the source has
    /// ended and no job is left.
    ///
    /// ```no_run
    /// # fn example(client: &cloudjob::Client) {
    /// let (submitted, ids) = std::sync::mpsc::channel::<cloudjob::JobId>();
    /// std::thread::spawn(move || {
    ///     // The calls that start jobs: `submitted.send(id)` for each.
    ///     drop(submitted);
    /// });
    /// for (id, result) in client.wait_all_from(ids) {
    ///     println!("{id}: {}", result.is_ok());
    /// }
    /// # }
    /// ```
    pub fn wait_all_from<'a, I>(&self, source: I) -> WaitAll<'a>
    where
        I: IntoIterator<IntoIter: Send + 'static>,
        I::Item: Borrow<JobId> + 'static,
    {
        WaitAll::of_clients(vec![self.clone()], of_client(0, source.into_iter()))
    }
}

/// The ids of one client, each with the place of that client.
fn of_client<T: Borrow<JobId>>(
    place: u16,
    ids: impl Iterator<Item = T>,
) -> impl Iterator<Item = (u16, JobId)> {
    ids.map(move |id| (place, id.borrow().clone()))
}

/// The same, read at once.
fn known<T: Borrow<JobId>>(place: u16, ids: impl IntoIterator<Item = T>) -> std::vec::IntoIter<(u16, JobId)> {
    of_client(place, ids.into_iter()).collect::<Vec<_>>().into_iter()
}

impl<'a> WaitAll<'a> {
    /// For jobs of several clients: each id comes with the place of its client.
    pub(crate) fn of_clients(
        clients: Vec<Client>,
        ids: impl Iterator<Item = (u16, JobId)> + Send + 'static,
    ) -> Self {
        let policy = PollPolicy::new();
        let limit = clients.first().map(Client::request_timeout);
        Self {
            clients,
            sources: vec![Box::new(ids)],
            policy: limit.map_or(policy, |limit| policy.request_timeout(limit)),
            fail_fast: false,
            cancel: CancelToken::new(),
            on_progress: None,
        }
    }

    /// More jobs, of another service or project: those of `client`, which may be made by [`Client::with_endpoint`].
    ///
    /// An id is unique within one service: the same id given for two clients is two jobs, which
    /// [`Outcome::service`] and [`Outcome::endpoint`] tell apart.
    pub fn add<I>(self, client: &Client, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Borrow<JobId>,
    {
        self.add_source(client, |place| Box::new(known(place, ids)))
    }

    /// More jobs, as in [`add`](Self::add), whose ids come slowly, as in [`Client::wait_all_from`].
    pub fn add_from<I>(self, client: &Client, source: I) -> Self
    where
        I: IntoIterator<IntoIter: Send + 'static>,
        I::Item: Borrow<JobId> + 'static,
    {
        self.add_source(client, |place| Box::new(of_client(place, source.into_iter())))
    }

    fn add_source(mut self, client: &Client, source: impl FnOnce(u16) -> Source) -> Self {
        // Given twice, it is one client, so that an id given twice is one job.
        let place = self.clients.iter().position(|known| known.is_same(client)).unwrap_or(self.clients.len());
        if place == self.clients.len() {
            self.clients.push(client.clone());
        }
        self.sources.push(source(u16::try_from(place).unwrap_or(u16::MAX)));
        self
    }

    /// The whole policy of each job at once: timeout, delays, payment. Its
    /// [`request_timeout`](PollPolicy::request_timeout) counts instead of that of the client.
    pub const fn policy(mut self, policy: PollPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The longest that each job is waited for, from the moment its id is known. Zero makes one poll for each;
    /// [`Duration::MAX`] is no limit. Default: 30 minutes.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// The delay between the polls of one job. Default: [`Backoff::new`].
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.policy = self.policy.backoff(backoff);
        self
    }

    /// How long each job is expected to take: fewer polls long before that, more around it.
    pub const fn expected_duration(mut self, duration: Duration) -> Self {
        self.policy.backoff = self.policy.backoff.expected_duration(duration);
        self
    }

    /// Whether a job that waits for a payment (PENDING_PAYMENT) counts as ended. By default it does not.
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

    /// Whether the first job that fails ends the wait: all others are then cancelled. By default all are waited for.
    pub const fn fail_fast(mut self, fail_fast: bool) -> Self {
        self.fail_fast = fail_fast;
        self
    }

    /// Calls `call` after every poll that did not end a job, on the thread that iterates. Default: none.
    pub fn on_progress(mut self, call: impl FnMut(&Progress) + Send + 'a) -> Self {
        self.on_progress = Some(Box::new(call));
        self
    }

    /// Ends the wait when this token is cancelled: every pending job is then cancelled, at once.
    pub fn cancel(mut self, cancel: &CancelToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Starts the wait and returns the outcomes in the order in which the jobs end, each with its number of polls and
    /// its lag.
    pub fn outcomes(self) -> Outcomes<'a> {
        let reports_progress = self.on_progress.is_some();
        let sources = self.sources.len();
        let pool = WorkerPool::new(self.clients, sources, self.policy, self.cancel, reports_progress);
        let unread = pool.start(self.sources);
        Outcomes { pool, unread, on_progress: self.on_progress, fail_fast: self.fail_fast }
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
        f.debug_struct("WaitAll").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// The outcomes of many jobs, in the order in which they end. Made by [`WaitAll::outcomes`].
///
/// Dropping it ends the wait. Polls in flight end by their own timeout, in the background. A thread that is blocked in the
/// iterator of ids ends when that returns; there are at most 128 of them in a process, and beyond that `next` reads the
/// ids itself.
///
/// If the iterator of ids panics, `next` panics with it. If the system starts no more threads, the wait goes on with those
/// that it has; if it has none, all jobs end with an error.
pub struct Outcomes<'a> {
    pool: Arc<WorkerPool>,
    /// Sources of ids that have no thread to read them.
    unread: VecDeque<Source>,
    on_progress: Option<OnProgress<'a>>,
    fail_fast: bool,
}

impl Iterator for Outcomes<'_> {
    type Item = Outcome;

    fn next(&mut self) -> Option<Outcome> {
        while let Some(mut ids) = self.unread.pop_front() {
            while ids.next().is_some_and(|(service, id)| self.pool.add(service, id)) {}
            self.pool.close_source();
        }
        loop {
            match self.pool.next_event()? {
                Event::Progress(progress) => {
                    if let Some(call) = &mut self.on_progress {
                        call(&progress);
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
/// Each is the id that was given, with the result that [`Wait::run`](crate::Wait::run) would return. Dropping it ends
/// the wait.
#[derive(Debug)]
pub struct Results<'a>(Outcomes<'a>);

impl Iterator for Results<'_> {
    type Item = (JobId, Result<Job, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        let outcome = self.0.next()?;
        Some((outcome.job_id.clone(), outcome.into_result()))
    }
}
