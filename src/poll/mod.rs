//! When to poll next: the poller, a state machine without clock, socket or sleep.
//!
//! ```text
//!                    +------------- PollAt(moment) <------------------------------------+
//!                    v                                                                  |
//!   new --> poll when it is due --> handle(polled, now)                                 |
//!             |                        |                                                |
//!             | too late               +-- SUCCESS ------------> Done(Succeeded)        |
//!             v                        +-- FAIL ---------------> Done(Failed)           |
//!        Done(TimedOut | NoAnswer)     +-- PENDING_PAYMENT ----> Done(PaymentPending) if the policy says so
//!                                      +-- any other status ---- the backoff -----------+
//!                                      +-- throttled ----------- Retry-After, or 5 s doubled up to 60 s
//!                                      +-- transient ----------- 1 s doubled up to 30 s, until the failure
//!                                      |                         budget is used up: Done(NoAnswer)
//!                                      +-- not found at first -- every 2 s, for 10 s ---+
//!                                      +-- token rejected ------ at once, after one renewal
//!                                      +-- a permanent error --> Done(Refused)
//!                                      +-- TLS, proxy, redirect -> Done(NoAnswer)
//! ```
//! Whatever the next moment is, one that would lie at the deadline or behind it becomes the last poll: so early that
//! its response lands before the deadline. After the last poll comes `Done(TimedOut)`.

pub(crate) mod backoff;
mod decision;
pub(crate) mod failure_budget;
mod job_age;
mod on_error;
pub(crate) mod outcome;
pub(crate) mod outcome_json;
mod policy;
pub(crate) mod progress;
pub(crate) mod result;
pub(crate) mod round_trips;
pub(crate) mod tracker;

use std::sync::Arc;
use std::time::Duration;

pub use self::decision::{Decision, WaitEnd};
pub use self::policy::PollPolicy;
pub use self::progress::BatchStats;
pub use self::result::PollResult;
pub use crate::api::response::Response;

use self::failure_budget::{FailureStreak, ServiceContact};
use self::job_age::JobAge;
use self::round_trips::RoundTrips;
use crate::job::Job;
use crate::job::status::Status;
use crate::util::rng;

/// Decides after each poll whether to poll again and when.
///
/// It has no clock and no socket: `now` is the time since any fixed moment, for instance since the start of the
/// program. For a loop other than that of [`Client::wait`](crate::Client::wait) (async code, a user interface, another
/// HTTP client) write the loop and let the poller decide:
///
/// ```
/// use std::time::{Duration, Instant};
/// use cloudjob::poll::{Decision, PollPolicy, PollResult, Poller, Response, WaitEnd};
///
/// # let mut responses = vec![Response::new(200, r#"{"status":"SUCCESS"}"#)];
/// # let mut send = move |_timeout: Duration| responses.pop().unwrap();
/// let clock = Instant::now();
/// let mut poller = Poller::new(PollPolicy::new().timeout(Duration::from_secs(60)), clock.elapsed());
/// let wait_end = loop {
///     // Sleep until `poller.next_poll()`, in whatever way.
///     let Some(timeout) = poller.poll_timeout(clock.elapsed()) else {
///         break poller.deadline_end();
///     };
///     let sent = clock.elapsed();
///     let response = send(timeout); // any HTTP client, with this timeout for the whole request
///     let polled = PollResult::from(response).round_trip(clock.elapsed() - sent);
///     match poller.handle(&polled, clock.elapsed()) {
///         Decision::PollAt(_moment) => continue,
///         Decision::Done(wait_end) => break wait_end,
///     }
/// };
/// assert_eq!(wait_end, WaitEnd::Succeeded);
/// ```
#[derive(Clone, Debug)]
pub struct Poller {
    policy: Arc<PollPolicy>,
    started: Duration,
    next: Duration,
    polls: u32,
    random: u64,
    contact: ServiceContact,
    /// The job has been seen.
    seen: bool,
    /// The service itself has responded, be it with an error that can pass.
    responded: bool,
    /// The next poll is the last one.
    last: bool,
    /// The wait has ended.
    done: bool,
    /// The next poll waits for a Retry-After.
    is_held: bool,
    /// The credentials have been renewed since the last good response.
    renewed: bool,
    /// A lost connection has been retried at once since the last good response.
    reconnected: bool,
    failures: FailureStreak,
    throttled: u32,
    round_trips: RoundTrips,
    age: JobAge,
}

impl Poller {
    /// A wait that starts now. The first poll is due at once.
    pub fn new(policy: PollPolicy, now: Duration) -> Self {
        Self::with_seed(policy, now, rng::seed())
    }

    /// The same with a chosen seed for the jitter: equal seeds give equal waits.
    pub fn with_seed(policy: PollPolicy, now: Duration, seed: u64) -> Self {
        Self::sharing(Arc::new(policy), now, seed)
    }

    /// The same for one of many jobs under the same policy.
    pub(crate) fn sharing(policy: Arc<PollPolicy>, now: Duration, seed: u64) -> Self {
        Self {
            policy,
            started: now,
            next: now,
            polls: 0,
            random: rng::stream(seed),
            contact: ServiceContact::default(),
            seen: false,
            responded: false,
            last: false,
            done: false,
            is_held: false,
            renewed: false,
            reconnected: false,
            failures: FailureStreak::default(),
            throttled: 0,
            round_trips: RoundTrips::default(),
            age: JobAge::new(now),
        }
    }

    /// When the next poll is due.
    pub const fn next_poll(&self) -> Duration {
        self.next
    }

    /// When the wait started.
    pub(crate) const fn started(&self) -> Duration {
        self.started
    }

    /// How long it is until the next poll is due; `None` if the wait has ended.
    pub(crate) fn next_poll_in(&self, now: Duration) -> Option<Duration> {
        (!self.done).then(|| self.next.saturating_sub(now))
    }

    /// How many polls have been handled.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// The moment at which the wait ends, whatever has been received by then.
    pub fn deadline(&self) -> Duration {
        self.started.saturating_add(self.policy.timeout)
    }

    /// The timeout of a poll that is sent now, from the DNS query to the last byte; `None` if it is too late to send
    /// one.
    ///
    /// The first poll is always sent. From the second on none is with less than 50 ms left. The timeout is never below
    /// 1 ms, because many HTTP clients take zero for no limit.
    pub fn poll_timeout(&self, now: Duration) -> Option<Duration> {
        if self.policy.timeout.is_zero() {
            return (self.polls == 0).then_some(self.policy.request_timeout.max(MIN_TIMEOUT));
        }
        let min_left = if self.polls > 0 { MIN_TIME_LEFT } else { Duration::ZERO };
        self.policy.poll_timeout(self.started, now, min_left)
    }

    /// The latest moment at which a poll makes sense.
    pub(crate) fn last_send(&self) -> Duration {
        self.policy.last_send(self.started)
    }

    /// The end of the wait when [`poll_timeout`](Self::poll_timeout) says that it is too late.
    pub fn deadline_end(&self) -> WaitEnd {
        if self.responded || self.polls == 0 {
            WaitEnd::TimedOut { retry_after: None }
        } else {
            WaitEnd::NoAnswer
        }
    }

    /// Takes a poll in and decides. `now` is the moment at which it was complete.
    ///
    /// After [`Decision::Done`] the poller must not be used again.
    pub fn handle(&mut self, polled: &PollResult, now: Duration) -> Decision {
        let mut contact = self.contact;
        let decision = self.handle_among(polled, now, &mut contact);
        self.contact = contact;
        decision
    }

    /// The same for one of many jobs of a service, which share their first contact with it.
    pub(crate) fn handle_among(
        &mut self,
        polled: &PollResult,
        now: Duration,
        contact: &mut ServiceContact,
    ) -> Decision {
        self.polls = self.polls.saturating_add(1);
        // A poll that came before its moment, after a suspend, was not the last one.
        self.last &= now >= self.next;
        let decision = match &polled.result {
            Err(error) => self.handle_error(polled, error, now, contact),
            Ok(job) => {
                self.job_received(polled, contact);
                self.handle_job(job, polled, now)
            }
        };
        match decision {
            Decision::PollAt(moment) => self.next = moment,
            Decision::Done(_) => self.done = true,
        }
        decision
    }

    /// Whether the wait can succeed with the job as it was last seen.
    pub(crate) fn needs_last_job(&self) -> bool {
        self.policy.gone_is_success
    }

    /// Whether the next poll is due later, is not the last one, and waits for no Retry-After.
    pub(crate) fn waits_for_backoff(&self, now: Duration) -> bool {
        self.next > now && !self.last && !self.is_held
    }

    /// Makes the poll that is due now or next the last one, at this moment.
    pub(crate) const fn make_last(&mut self, moment: Duration) {
        self.last = true;
        self.next = moment;
    }

    pub(crate) const fn is_last(&self) -> bool {
        self.last
    }

    /// When the last poll is due: so long before the deadline that its response lands before it.
    pub(crate) fn last_poll(&self) -> Duration {
        let most = Duration::from_secs(5).min(self.policy.timeout / 4);
        let reserve = (self.round_trips.slowest() * 3).max(Duration::from_millis(250)).min(most);
        self.deadline().saturating_sub(reserve.max(MIN_RESERVE))
    }

    /// How old the job is, by the service's own clock where that can be told.
    pub(crate) fn job_age(&self, now: Duration) -> Duration {
        self.age.of_job(now)
    }

    fn job_received(&mut self, polled: &PollResult, contact: &mut ServiceContact) {
        self.round_trips.add(polled.round_trip);
        contact.good();
        (self.seen, self.responded) = (true, true);
        (self.renewed, self.reconnected, self.throttled) = (false, false, 0);
        self.failures.end();
    }

    fn handle_job(&mut self, job: &Job, polled: &PollResult, now: Duration) -> Decision {
        self.age.take(job, polled.date, now);
        match job.status() {
            Status::Success => Decision::Done(WaitEnd::Succeeded),
            Status::Fail => Decision::Done(WaitEnd::Failed),
            Status::PendingPayment if self.policy.fail_on_pending_payment => {
                Decision::Done(WaitEnd::PaymentPending)
            }
            _ => self.back_off(polled, now),
        }
    }

    /// The backoff after a job that has not ended.
    fn back_off(&mut self, polled: &PollResult, now: Duration) -> Decision {
        let random = rng::next(&mut self.random);
        let age = self.age.for_backoff(now);
        // The expected duration counts from the start of the job, not from the end of its sub-jobs.
        let hinted = &self.policy.backoff;
        let backoff = if self.age.is_settling() { hinted.unhinted() } else { *hinted };
        let delay =
            if self.polls == 1 { backoff.first_delay(age, random) } else { backoff.delay(age, random) };
        self.schedule(delay, polled.retry_after, now)
    }

    /// The same poll again, without a delay other than the one that the service asks for.
    fn repeat(&mut self, polled: &PollResult, now: Duration) -> Decision {
        match polled.retry_after {
            None => Decision::PollAt(now),
            Some(_) => self.schedule(Duration::ZERO, polled.retry_after, now),
        }
    }

    /// There is time for one more poll.
    fn has_time(&self, now: Duration) -> bool {
        !self.policy.timeout.is_zero() && self.deadline().saturating_sub(now) >= MIN_TIME_LEFT
    }

    /// The next poll after this delay, never before `retry_after`, and never later than the last poll.
    fn schedule(&mut self, delay: Duration, retry_after: Option<Duration>, now: Duration) -> Decision {
        let last = self.last_poll();
        self.is_held = retry_after.is_some();
        if self.last || self.policy.timeout.is_zero() || now >= last {
            return self.time_out(None);
        }
        if retry_after.is_some_and(|least| now.saturating_add(least) > last) {
            return self.time_out(retry_after);
        }
        let moment = now.saturating_add(delay.max(retry_after.unwrap_or_default()));
        // Nor is there time for a poll before the last one whose response would arrive after it is due.
        let near = (self.policy.backoff.shortest() / 2).max(self.round_trips.slowest());
        if moment.saturating_add(near) > last {
            self.last = true;
            return Decision::PollAt(last);
        }
        Decision::PollAt(moment)
    }

    const fn time_out(&self, retry_after: Option<Duration>) -> Decision {
        // A Retry-After is a response of the service.
        let responded = self.responded || retry_after.is_some();
        Decision::Done(if responded { WaitEnd::TimedOut { retry_after } } else { WaitEnd::NoAnswer })
    }
}

/// With less time left no poll is sent.
pub(crate) const MIN_TIME_LEFT: Duration = Duration::from_millis(50);

/// The last poll is due before that, even if the sleep before it lasts a little too long.
const MIN_RESERVE: Duration = Duration::from_millis(60);

/// No poll has a shorter timeout.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
