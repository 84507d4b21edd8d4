//! How it decides: the poller, a state machine without clock, socket or sleep.
//!
//! ```text
//!                    +------------- LookAt(moment) <-----------------------------+
//!                    v                                                           |
//!   new --> look when it is time --> handle(look, now)                           |
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
//! Whatever the next moment is, one that would lie at the deadline or behind it becomes the last look: so early that
//! its answer lands before the deadline. After the last look comes `Done(TimedOut)`.

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

pub use self::decision::{Ending, Next};
pub use self::policy::Rules;

use self::failure_budget::{FirstContact, Row};
use self::job_age::Age;
use self::result::{Look, Seen};
use self::round_trips::Trips;
use crate::job::Job;
use crate::job::status::Status;
use crate::util::rng;

/// Decides after each look whether to look again and when.
///
/// It knows no clock and no socket: `now` is the time since any fixed moment, for instance since the start of the
/// program. Whoever wants another loop than [`Client::wait`](crate::Client::wait) (async code, a window, an HTTP
/// client of one's own) writes the loop and keeps every rule:
///
/// ```
/// use std::time::{Duration, Instant};
/// use cloudjob::{Answer, Ending, Look, Next, Poller, Rules};
///
/// # let mut answers = vec![Answer::new(200, r#"{"status":"SUCCESS"}"#)];
/// # let mut ask = move |_limit: Duration| answers.pop().unwrap();
/// let clock = Instant::now();
/// let mut poller = Poller::new(Rules::new().timeout(Duration::from_secs(60)), clock.elapsed());
/// let ending = loop {
///     // Sleep until `poller.next_look()`, in whatever way.
///     let Some(limit) = poller.look_limit(clock.elapsed()) else {
///         break poller.too_late();
///     };
///     let sent = clock.elapsed();
///     let answer = ask(limit); // any HTTP client, with this bound on the whole request
///     let look = Look::from(answer).took(clock.elapsed() - sent);
///     match poller.handle(&look, clock.elapsed()) {
///         Next::LookAt(_moment) => continue,
///         Next::Done(ending) => break ending,
///     }
/// };
/// assert_eq!(ending, Ending::Succeeded);
/// ```
#[derive(Clone, Debug)]
pub struct Poller {
    rules: Arc<Rules>,
    started: Duration,
    next: Duration,
    looks: u32,
    random: u64,
    contact: FirstContact,
    /// A job has been seen.
    seen: bool,
    /// The service has answered in its own words, be it with a no that may pass.
    answered: bool,
    /// The next look is the last one.
    last: bool,
    /// The credentials have been renewed since the last good answer.
    renewed: bool,
    /// A lost connection has been asked again at once since the last good answer.
    asked_again: bool,
    row: Row,
    throttled: u32,
    trips: Trips,
    age: Age,
}

impl Poller {
    /// A wait that starts now. The first look is due at once.
    pub fn new(rules: Rules, now: Duration) -> Self {
        Self::seeded(rules, now, rng::seed())
    }

    /// The same with a chosen seed for the jitter: equal seeds give equal waits.
    pub fn seeded(rules: Rules, now: Duration, seed: u64) -> Self {
        Self::sharing(Arc::new(rules), now, seed)
    }

    /// The same for one of many jobs under the same rules.
    pub(crate) fn sharing(rules: Arc<Rules>, now: Duration, seed: u64) -> Self {
        Self {
            rules,
            started: now,
            next: now,
            looks: 0,
            random: rng::stream(seed),
            contact: FirstContact::default(),
            seen: false,
            answered: false,
            last: false,
            renewed: false,
            asked_again: false,
            row: Row::default(),
            throttled: 0,
            trips: Trips::default(),
            age: Age::new(now),
        }
    }

    /// When the next look is due.
    pub const fn next_look(&self) -> Duration {
        self.next
    }

    /// How many looks have been handled.
    pub const fn looks(&self) -> u32 {
        self.looks
    }

    /// The moment at which the wait ends, whatever has come by then.
    pub fn deadline(&self) -> Duration {
        self.started.saturating_add(self.rules.timeout)
    }

    /// How long the look that is sent now may take in all, from the name look-up to the last byte; `None` if it is too
    /// late to send one.
    ///
    /// The first look is always sent. From the second on, with less than 50 ms left, none is. It is never under 1 ms,
    /// because many an HTTP client takes zero for no limit.
    pub fn look_limit(&self, now: Duration) -> Option<Duration> {
        if self.rules.timeout.is_zero() {
            return (self.looks == 0).then_some(self.rules.look_limit.max(LEAST_LIMIT));
        }
        let left = self.deadline().saturating_sub(now);
        if self.looks > 0 && left < TOO_SHORT {
            return None;
        }
        Some(left.min(self.rules.look_limit).max(LEAST_LIMIT))
    }

    /// The latest moment at which a look makes sense.
    pub(crate) fn last_send(&self) -> Duration {
        if self.rules.timeout.is_zero() {
            return self.started.saturating_add(self.rules.look_limit);
        }
        self.deadline()
    }

    /// The ending when [`look_limit`](Self::look_limit) says that it is too late.
    pub fn too_late(&self) -> Ending {
        if self.answered || self.looks == 0 {
            Ending::TimedOut { retry_after: None }
        } else {
            Ending::NoAnswer
        }
    }

    /// Takes a look in and decides. `now` is the moment at which it was complete.
    ///
    /// After [`Next::Done`] the poller is spent.
    pub fn handle(&mut self, look: &Look, now: Duration) -> Next {
        let mut contact = self.contact;
        let next = self.handle_among(look, now, &mut contact);
        self.contact = contact;
        next
    }

    /// The same for one of many jobs of a service, which share their first contact with it.
    pub(crate) fn handle_among(&mut self, look: &Look, now: Duration, contact: &mut FirstContact) -> Next {
        self.looks = self.looks.saturating_add(1);
        // A look that came before its moment, after a suspend, was not the last one.
        self.last &= now >= self.next;
        let next = match &look.seen {
            Seen::Trouble(trouble) => self.handle_trouble(look, trouble, now, contact),
            Seen::Job(job) => {
                self.take_good(look, contact);
                self.handle_job(job, look, now)
            }
        };
        if let Next::LookAt(moment) = next {
            self.next = moment;
        }
        next
    }

    /// Makes the look that is due now or next the last one, at this moment.
    pub(crate) const fn make_last(&mut self, moment: Duration) {
        self.last = true;
        self.next = moment;
    }

    pub(crate) const fn is_last(&self) -> bool {
        self.last
    }

    /// Where the last look belongs: so long before the deadline that its answer lands before it.
    pub(crate) fn last_look(&self) -> Duration {
        let most = Duration::from_secs(5).min(self.rules.timeout / 4);
        let reserve = (self.trips.slowest() * 3).max(Duration::from_millis(250)).min(most);
        self.deadline().saturating_sub(reserve.max(LEAST_RESERVE))
    }

    /// How old the job is, by the service's own clock where that can be told.
    pub(crate) fn job_age(&self, now: Duration) -> Duration {
        self.age.of_job(now)
    }

    fn take_good(&mut self, look: &Look, contact: &mut FirstContact) {
        self.trips.add(look.took);
        contact.good();
        (self.seen, self.answered) = (true, true);
        (self.renewed, self.asked_again, self.throttled) = (false, false, 0);
        self.row.end();
    }

    fn handle_job(&mut self, job: &Job, look: &Look, now: Duration) -> Next {
        self.age.take(job, look.date, now);
        match job.status() {
            Status::Success => Next::Done(Ending::Succeeded),
            Status::Fail => Next::Done(Ending::Failed),
            Status::PendingPayment if self.rules.fail_on_pending_payment => Next::Done(Ending::Unpaid),
            _ => self.pend(look, now),
        }
    }

    /// A job that has not ended: the backoff.
    fn pend(&mut self, look: &Look, now: Duration) -> Next {
        let random = rng::next(&mut self.random);
        let age = self.age.for_pace(now);
        // The expected duration counts from the begin of the job, not from the end of its sub-jobs.
        let hinted = &self.rules.backoff;
        let backoff = if self.age.is_settling() { hinted.unhinted() } else { *hinted };
        let delay =
            if self.looks == 1 { backoff.first_delay(age, random) } else { backoff.delay(age, random) };
        self.schedule(delay, look.retry_after, now)
    }

    /// The same look once more, without a delay but for the one that the service asks for.
    fn again(&mut self, look: &Look, now: Duration) -> Next {
        match look.retry_after {
            None => Next::LookAt(now),
            Some(_) => self.schedule(Duration::ZERO, look.retry_after, now),
        }
    }

    /// There is time for one more look.
    fn has_time(&self, now: Duration) -> bool {
        !self.rules.timeout.is_zero() && self.deadline().saturating_sub(now) >= TOO_SHORT
    }

    /// The next look after this delay, never before `retry_after`, and never later than the last look.
    fn schedule(&mut self, delay: Duration, retry_after: Option<Duration>, now: Duration) -> Next {
        let last = self.last_look();
        if self.last || self.rules.timeout.is_zero() || now >= last {
            return self.time_out(None);
        }
        if retry_after.is_some_and(|least| now.saturating_add(least) > last) {
            return self.time_out(retry_after);
        }
        let moment = now.saturating_add(delay.max(retry_after.unwrap_or_default()));
        // Nor is there room for a look before it whose answer would come after it.
        let near = (self.rules.backoff.shortest() / 2).max(self.trips.slowest());
        if moment.saturating_add(near) > last {
            self.last = true;
            return Next::LookAt(last);
        }
        Next::LookAt(moment)
    }

    const fn time_out(&self, retry_after: Option<Duration>) -> Next {
        // Who asks for patience has answered.
        let answered = self.answered || retry_after.is_some();
        Next::Done(if answered { Ending::TimedOut { retry_after } } else { Ending::NoAnswer })
    }
}

/// With less than this left no look is sent.
const TOO_SHORT: Duration = Duration::from_millis(50);

/// And the last one is placed before that, even if the sleep before it is somewhat too long.
const LEAST_RESERVE: Duration = Duration::from_millis(60);

/// No look has a limit below this.
const LEAST_LIMIT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
