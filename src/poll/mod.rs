//! How it decides: the poller, a state machine without clock, socket or sleep.
//!
//! ```text
//!                    +------------- PollAt(moment) <-----------------------------+
//!                    v                                                           |
//!   new --> polled when it is time --> handle(polled, now)                           |
//!             |                        |                                         |
//!             | too late               +-- SUCCESS ------------> Done(Succeeded) |
//!             v                        +-- FAIL ---------------> Done(Failed)    |
//!        Done(TimedOut | NoAnswer)     +-- PENDING_PAYMENT ----> Done(Unpaid) if that is asked for
//!                                      +-- any other status -- the backoff ------+
//!                                      +-- throttled --------- Retry-After, or 5 s doubled up to 60 s
//!                                      +-- transient --------- 1 s doubled up to 30 s, until patience ends
//!                                      |                       -> Done(NoAnswer) |
//!                                      +-- not found at first  2 s, for 10 s ----+
//!                                      +-- token refused ----- at once, after one renewal
//!                                      +-- a service's no ----> Done(Refused)
//!                                      +-- TLS, proxy, redirect -> Done(NoAnswer)
//! ```
//! Whatever the next moment is, one that would lie at the deadline or behind it becomes the last poll: so early that
//! its answer lands before the deadline. After the last poll comes `Done(TimedOut)`.

pub(crate) mod backoff;
mod decision;
pub(crate) mod failure_budget;
mod job_age;
mod on_error;
pub(crate) mod outcome;
mod policy;
pub(crate) mod result;
mod round_trips;

use std::sync::Arc;
use std::time::Duration;

pub use self::decision::{Decision, WaitEnd};
pub use self::policy::PollPolicy;
pub use self::result::PollResult;
pub use crate::api::response::Response;

use self::failure_budget::{FailureStreak, FirstContact};
use self::job_age::Age;
use self::result::Polled;
use self::round_trips::Trips;
use crate::job::Job;
use crate::job::status::Status;
use crate::util::rng;

/// Decides after each poll whether to look again and when.
///
/// It knows no clock and no socket: `now` is the time since any fixed moment, for instance since the start of the
/// program. Whoever wants another loop than [`Client::wait`](crate::Client::wait) (async code, a window, an HTTP
/// client of one's own) writes the loop and keeps every rule:
///
/// ```
/// use std::time::{Duration, Instant};
/// use cloudjob::poll::{Decision, PollPolicy, PollResult, Poller, Response, WaitEnd};
///
/// # let mut answers = vec![Response::new(200, r#"{"status":"SUCCESS"}"#)];
/// # let mut ask = move |_limit: Duration| answers.pop().unwrap();
/// let clock = Instant::now();
/// let mut poller = Poller::new(PollPolicy::new().timeout(Duration::from_secs(60)), clock.elapsed());
/// let wait_end = loop {
///     // Sleep until `poller.next_poll()`, in whatever way.
///     let Some(limit) = poller.request_timeout(clock.elapsed()) else {
///         break poller.deadline_end();
///     };
///     let sent = clock.elapsed();
///     let answer = ask(limit); // any HTTP client, with this bound on the whole request
///     let polled = PollResult::from(answer).took(clock.elapsed() - sent);
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
    contact: FirstContact,
    /// A job has been seen.
    seen: bool,
    /// The service has answered in its own words, be it with a no that may pass.
    answered: bool,
    /// The next poll is the last one.
    last: bool,
    /// The credentials have been renewed since the last good answer.
    renewed: bool,
    /// A lost connection has been asked again at once since the last good answer.
    asked_again: bool,
    row: FailureStreak,
    throttled: u32,
    trips: Trips,
    age: Age,
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

    /// The same for one of many jobs under the same rules.
    pub(crate) fn sharing(policy: Arc<PollPolicy>, now: Duration, seed: u64) -> Self {
        Self {
            policy,
            started: now,
            next: now,
            polls: 0,
            random: rng::stream(seed),
            contact: FirstContact::default(),
            seen: false,
            answered: false,
            last: false,
            renewed: false,
            asked_again: false,
            row: FailureStreak::default(),
            throttled: 0,
            trips: Trips::default(),
            age: Age::new(now),
        }
    }

    /// When the next poll is due.
    pub const fn next_poll(&self) -> Duration {
        self.next
    }

    /// How many polls have been handled.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// The moment at which the wait ends, whatever has come by then.
    pub fn deadline(&self) -> Duration {
        self.started.saturating_add(self.policy.timeout)
    }

    /// How long the poll that is sent now may take in all, from the name look-up to the last byte; `None` if it is too
    /// late to send one.
    ///
    /// The first poll is always sent. From the second on, with less than 50 ms left, none is. It is never under 1 ms,
    /// because many an HTTP client takes zero for no limit.
    pub fn request_timeout(&self, now: Duration) -> Option<Duration> {
        if self.policy.timeout.is_zero() {
            return (self.polls == 0).then_some(self.policy.request_timeout.max(LEAST_LIMIT));
        }
        let left = self.deadline().saturating_sub(now);
        if self.polls > 0 && left < TOO_SHORT {
            return None;
        }
        Some(left.min(self.policy.request_timeout).max(LEAST_LIMIT))
    }

    /// The latest moment at which a poll makes sense.
    pub(crate) fn last_send(&self) -> Duration {
        if self.policy.timeout.is_zero() {
            return self.started.saturating_add(self.policy.request_timeout);
        }
        self.deadline()
    }

    /// The ending when [`request_timeout`](Self::request_timeout) says that it is too late.
    pub fn deadline_end(&self) -> WaitEnd {
        if self.answered || self.polls == 0 {
            WaitEnd::TimedOut { retry_after: None }
        } else {
            WaitEnd::NoAnswer
        }
    }

    /// Takes a poll in and decides. `now` is the moment at which it was complete.
    ///
    /// After [`Decision::Done`] the poller is spent.
    pub fn handle(&mut self, polled: &PollResult, now: Duration) -> Decision {
        let mut contact = self.contact;
        let next = self.handle_among(polled, now, &mut contact);
        self.contact = contact;
        next
    }

    /// The same for one of many jobs of a service, which share their first contact with it.
    pub(crate) fn handle_among(
        &mut self,
        polled: &PollResult,
        now: Duration,
        contact: &mut FirstContact,
    ) -> Decision {
        self.polls = self.polls.saturating_add(1);
        // A poll that came before its moment, after a suspend, was not the last one.
        self.last &= now >= self.next;
        let next = match &polled.seen {
            Polled::PollError(error) => self.handle_error(polled, error, now, contact),
            Polled::Job(job) => {
                self.take_good(polled, contact);
                self.handle_job(job, polled, now)
            }
        };
        if let Decision::PollAt(moment) = next {
            self.next = moment;
        }
        next
    }

    /// Makes the poll that is due now or next the last one, at this moment.
    pub(crate) const fn make_last(&mut self, moment: Duration) {
        self.last = true;
        self.next = moment;
    }

    pub(crate) const fn is_last(&self) -> bool {
        self.last
    }

    /// Where the last poll belongs: so long before the deadline that its answer lands before it.
    pub(crate) fn last_poll(&self) -> Duration {
        let most = Duration::from_secs(5).min(self.policy.timeout / 4);
        let reserve = (self.trips.slowest() * 3).max(Duration::from_millis(250)).min(most);
        self.deadline().saturating_sub(reserve.max(LEAST_RESERVE))
    }

    /// How old the job is, by the service's own clock where that can be told.
    pub(crate) fn job_age(&self, now: Duration) -> Duration {
        self.age.of_job(now)
    }

    fn take_good(&mut self, polled: &PollResult, contact: &mut FirstContact) {
        self.trips.add(polled.took);
        contact.good();
        (self.seen, self.answered) = (true, true);
        (self.renewed, self.asked_again, self.throttled) = (false, false, 0);
        self.row.end();
    }

    fn handle_job(&mut self, job: &Job, polled: &PollResult, now: Duration) -> Decision {
        self.age.take(job, polled.date, now);
        match job.status() {
            Status::Success => Decision::Done(WaitEnd::Succeeded),
            Status::Fail => Decision::Done(WaitEnd::Failed),
            Status::PendingPayment if self.policy.fail_on_pending_payment => {
                Decision::Done(WaitEnd::PaymentPending)
            }
            _ => self.pend(polled, now),
        }
    }

    /// A job that has not ended: the backoff.
    fn pend(&mut self, polled: &PollResult, now: Duration) -> Decision {
        let random = rng::next(&mut self.random);
        let age = self.age.for_pace(now);
        // The expected duration counts from the begin of the job, not from the end of its sub-jobs.
        let hinted = &self.policy.backoff;
        let backoff = if self.age.is_settling() { hinted.unhinted() } else { *hinted };
        let delay =
            if self.polls == 1 { backoff.first_delay(age, random) } else { backoff.delay(age, random) };
        self.schedule(delay, polled.retry_after, now)
    }

    /// The same look once more, without a delay but for the one that the service asks for.
    fn again(&mut self, polled: &PollResult, now: Duration) -> Decision {
        match polled.retry_after {
            None => Decision::PollAt(now),
            Some(_) => self.schedule(Duration::ZERO, polled.retry_after, now),
        }
    }

    /// There is time for one more look.
    fn has_time(&self, now: Duration) -> bool {
        !self.policy.timeout.is_zero() && self.deadline().saturating_sub(now) >= TOO_SHORT
    }

    /// The next poll after this delay, never before `retry_after`, and never later than the last poll.
    fn schedule(&mut self, delay: Duration, retry_after: Option<Duration>, now: Duration) -> Decision {
        let last = self.last_poll();
        if self.last || self.policy.timeout.is_zero() || now >= last {
            return self.time_out(None);
        }
        if retry_after.is_some_and(|least| now.saturating_add(least) > last) {
            return self.time_out(retry_after);
        }
        let moment = now.saturating_add(delay.max(retry_after.unwrap_or_default()));
        // Nor is there room for a poll before it whose answer would come after it.
        let near = (self.policy.backoff.shortest() / 2).max(self.trips.slowest());
        if moment.saturating_add(near) > last {
            self.last = true;
            return Decision::PollAt(last);
        }
        Decision::PollAt(moment)
    }

    const fn time_out(&self, retry_after: Option<Duration>) -> Decision {
        // Who asks for patience has answered.
        let answered = self.answered || retry_after.is_some();
        Decision::Done(if answered { WaitEnd::TimedOut { retry_after } } else { WaitEnd::NoAnswer })
    }
}

/// With less than this left no poll is sent.
const TOO_SHORT: Duration = Duration::from_millis(50);

/// And the last one is placed before that, even if the sleep before it is somewhat too long.
const LEAST_RESERVE: Duration = Duration::from_millis(60);

/// No poll has a limit below this.
const LEAST_LIMIT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
