//! What a poll that gave no job leads to.

use std::time::Duration;

use super::failure_budget::{FirstContact, is_exhausted, throttled_delay, transient_delay};
use super::result::PollResult;
use super::{Decision, Poller, WaitEnd};
use crate::error::poll::{PollError, TransportErrorKind};
use crate::util::rng;

impl Poller {
    pub(super) fn handle_error(
        &mut self,
        polled: &PollResult,
        error: &PollError,
        now: Duration,
        contact: &mut FirstContact,
    ) -> Decision {
        match error {
            PollError::Api(error) if error.is_throttled() => {
                self.answer_came(polled, contact);
                self.throttled = self.throttled.saturating_add(1);
                let random = rng::next(&mut self.random);
                let delay = match polled.retry_after {
                    // Even where that is nought seconds.
                    Some(_) => self.policy.backoff.unhinted().delay(self.age.for_pace(now), random),
                    None => throttled_delay(self.throttled, random),
                };
                self.schedule(delay, polled.retry_after, now)
            }
            PollError::Api(error) if error.is_unauthorized() => {
                if !polled.credentials_renewable || self.renewed || !self.has_time(now) {
                    return Decision::Done(WaitEnd::Refused);
                }
                self.renewed = true;
                self.answer_came(polled, contact);
                self.again(polled, now)
            }
            PollError::Api(error) if error.is_not_found() && self.may_still_appear(now) => {
                self.answer_came(polled, contact);
                self.schedule(NOT_FOUND_DELAY, polled.retry_after, now)
            }
            _ if error.is_transient() => self.endure(polled, error, now, contact),
            PollError::Api(error) if !(error.is_redirect() || error.http_status() == 407) => {
                Decision::Done(WaitEnd::Refused)
            }
            _ => Decision::Done(WaitEnd::NoAnswer),
        }
    }

    /// The service answered in its own words, but not with a job.
    fn answer_came(&mut self, polled: &PollResult, contact: &mut FirstContact) {
        self.trips.add(polled.took);
        self.answered = true;
        self.row.end();
        contact.answered();
    }

    /// An id can be handed out before the service that is asked knows it.
    fn may_still_appear(&self, now: Duration) -> bool {
        !self.seen && !self.policy.timeout.is_zero() && now.saturating_sub(self.started) < NOT_FOUND_GRACE
    }

    fn endure(
        &mut self,
        polled: &PollResult,
        error: &PollError,
        now: Duration,
        contact: &mut FirstContact,
    ) -> Decision {
        self.row.add(now);
        contact.error(now);
        if contact.is_hopeless(now) || is_exhausted(&self.row, now) {
            return Decision::Done(WaitEnd::NoAnswer);
        }
        let lost = matches!(error, PollError::Transport(error) if error.kind() == TransportErrorKind::ConnectionLost);
        if lost && self.seen && !self.asked_again && self.has_time(now) {
            // Usually a kept connection that the server had closed: this poll has not been made yet.
            self.asked_again = true;
            return self.again(polled, now);
        }
        let random = rng::next(&mut self.random);
        self.schedule(transient_delay(self.row.length(), random), polled.retry_after, now)
    }
}

/// How long an id that the service does not know yet is looked for.
const NOT_FOUND_GRACE: Duration = Duration::from_secs(10);

/// And how often.
const NOT_FOUND_DELAY: Duration = Duration::from_secs(2);
