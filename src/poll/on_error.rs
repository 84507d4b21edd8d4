//! What a look that gave no job leads to.

use std::time::Duration;

use super::failure_budget::{FirstContact, is_exhausted, throttled_delay, transient_delay};
use super::result::Look;
use super::{Ending, Next, Poller};
use crate::error::poll::{TransportKind, Trouble};
use crate::util::rng;

impl Poller {
    pub(super) fn handle_trouble(
        &mut self,
        look: &Look,
        trouble: &Trouble,
        now: Duration,
        contact: &mut FirstContact,
    ) -> Next {
        match trouble {
            Trouble::Api(error) if error.is_throttled() => {
                self.answer_came(look, contact);
                self.throttled = self.throttled.saturating_add(1);
                let random = rng::next(&mut self.random);
                let delay = match look.retry_after {
                    // Even where that is nought seconds.
                    Some(_) => self.rules.backoff.unhinted().delay(self.age.for_pace(now), random),
                    None => throttled_delay(self.throttled, random),
                };
                self.schedule(delay, look.retry_after, now)
            }
            Trouble::Api(error) if error.is_credentials_refused() => {
                if !look.renewable || self.renewed || !self.has_time(now) {
                    return Next::Done(Ending::Refused);
                }
                self.renewed = true;
                self.answer_came(look, contact);
                self.again(look, now)
            }
            Trouble::Api(error) if error.is_not_found() && self.may_still_appear(now) => {
                self.answer_came(look, contact);
                self.schedule(NOT_FOUND_DELAY, look.retry_after, now)
            }
            _ if trouble.is_transient() => self.endure(look, trouble, now, contact),
            Trouble::Api(error) if !(error.is_redirect() || error.http_status() == 407) => {
                Next::Done(Ending::Refused)
            }
            _ => Next::Done(Ending::NoAnswer),
        }
    }

    /// The service answered in its own words, but not with a job.
    fn answer_came(&mut self, look: &Look, contact: &mut FirstContact) {
        self.trips.add(look.took);
        self.answered = true;
        self.row.end();
        contact.answered();
    }

    /// An id can be handed out before the service that is asked knows it.
    fn may_still_appear(&self, now: Duration) -> bool {
        !self.seen && !self.rules.timeout.is_zero() && now.saturating_sub(self.started) < NOT_FOUND_GRACE
    }

    fn endure(&mut self, look: &Look, trouble: &Trouble, now: Duration, contact: &mut FirstContact) -> Next {
        self.row.add(now);
        contact.trouble(now);
        if contact.is_hopeless(now) || is_exhausted(&self.row, now) {
            return Next::Done(Ending::NoAnswer);
        }
        let lost = matches!(trouble, Trouble::Transport(error) if error.kind() == TransportKind::Lost);
        if lost && self.seen && !self.asked_again && self.has_time(now) {
            // Usually a kept connection that the server had closed: this look has not been made yet.
            self.asked_again = true;
            return self.again(look, now);
        }
        let random = rng::next(&mut self.random);
        self.schedule(transient_delay(self.row.length(), random), look.retry_after, now)
    }
}

/// How long an id that the service does not know yet is looked for.
const NOT_FOUND_GRACE: Duration = Duration::from_secs(10);

/// And how often.
const NOT_FOUND_DELAY: Duration = Duration::from_secs(2);
