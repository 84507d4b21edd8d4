//! The right to send one request with the credentials, and the report of what came of it.

use super::Authenticator;
use crate::api::request::Request;
use crate::endpoint::Endpoint;
use crate::error::poll::PollError;
use crate::util::clock::{Clock, SystemClock};
use crate::util::secret::Secret;

/// The right to send one request with these credentials. Dropped without a report, as after a panic, it lets the next
/// request find out whether they are valid.
#[derive(Debug)]
pub(crate) struct Permit<'a, C: Clock = SystemClock> {
    pub(super) authenticator: &'a Authenticator<C>,
    pub(super) token: Option<Secret>,
    pub(super) generation: u64,
    pub(super) probing: bool,
}

impl<C: Clock> Permit<'_, C> {
    /// Adds the credentials to a request.
    pub(crate) fn authorize(&self, request: Request, endpoint: &Endpoint) -> Request {
        let Authenticator { credentials, clock, .. } = self.authenticator;
        credentials.authorize(request, self.token.as_ref(), Some(endpoint.project_id()), clock.wall())
    }

    /// Says what came of the request. Returns whether the credentials can be renewed, so that a retry makes sense.
    pub(crate) fn report(self, error: Option<&PollError>) -> bool {
        let Authenticator { credentials, shared, .. } = self.authenticator;
        let mut state = shared.lock();
        let can_be_retried = state.take_report(self.generation, error, credentials.is_renewable());
        // Waking is a system call even where nobody waits.
        let is_awaited = state.waiting > 0;
        drop(state);
        if is_awaited {
            shared.changed.notify_all();
        }
        can_be_retried
    }
}

impl<C: Clock> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        if self.probing {
            self.authenticator.set_idle();
        }
    }
}
