//! The decision after a poll that did not give the job.

use std::time::Duration;

use super::failure_budget::{ServiceContact, is_exhausted, throttled_delay, transient_delay};
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
        contact: &mut ServiceContact,
    ) -> Decision {
        match error {
            PollError::Api(error) if error.is_throttled() => {
                self.service_responded(polled, contact);
                self.throttled = self.throttled.saturating_add(1);
                let random = rng::next(&mut self.random);
                let delay = match polled.retry_after {
                    // Even if that is 0 seconds.
                    Some(_) => self.policy.backoff.unhinted().delay(self.age.for_backoff(now), random),
                    None => throttled_delay(self.throttled, random),
                };
                self.schedule(delay, polled.retry_after, now)
            }
            PollError::Api(error) if error.is_unauthorized() => {
                if !polled.credentials_renewable || self.renewed || !self.has_time(now) {
                    return Decision::Done(WaitEnd::Refused);
                }
                self.renewed = true;
                self.service_responded(polled, contact);
                self.repeat(polled, now)
            }
            PollError::Api(error) if error.is_not_found() && self.may_still_appear(polled, now) => {
                self.service_responded(polled, contact);
                self.schedule(NOT_FOUND_DELAY, polled.retry_after, now)
            }
            PollError::Api(error) if error.is_not_found() && self.seen && self.policy.gone_is_success => {
                Decision::Done(WaitEnd::Succeeded)
            }
            _ if error.is_transient() => self.retry(polled, error, now, contact),
            PollError::Api(error) if !(error.is_redirect() || error.http_status() == 407) => {
                Decision::Done(WaitEnd::Refused)
            }
            _ => Decision::Done(WaitEnd::NoAnswer),
        }
    }

    /// The service itself responded, but not with the job.
    fn service_responded(&mut self, polled: &PollResult, contact: &mut ServiceContact) {
        self.round_trips.add(polled.round_trip);
        self.responded = true;
        self.failures.end();
        contact.responded();
    }

    /// A job id can be handed out before the API that is polled knows it.
    fn may_still_appear(&self, polled: &PollResult, now: Duration) -> bool {
        !self.seen && !self.policy.timeout.is_zero() && now.saturating_sub(self.started) < polled.grace
    }

    fn retry(
        &mut self,
        polled: &PollResult,
        error: &PollError,
        now: Duration,
        contact: &mut ServiceContact,
    ) -> Decision {
        self.failures.add(now);
        contact.error(now);
        if contact.is_hopeless(now) || is_exhausted(&self.failures, now) {
            return Decision::Done(WaitEnd::NoAnswer);
        }
        let lost = matches!(error, PollError::Transport(error) if error.kind() == TransportErrorKind::ConnectionLost);
        if lost && self.seen && !self.reconnected && self.has_time(now) {
            // Usually a kept connection that the server had closed, so that it never saw the request.
            self.reconnected = true;
            return self.repeat(polled, now);
        }
        let random = rng::next(&mut self.random);
        self.schedule(transient_delay(self.failures.length(), random), polled.retry_after, now)
    }
}

/// The delay between polls for a job that the service does not know yet.
const NOT_FOUND_DELAY: Duration = Duration::from_secs(2);
