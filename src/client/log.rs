//! One line for each poll, through the `log` facade where the feature is on. Never a secret.

use crate::job::id::JobId;
use crate::poll::result::PollResult;
#[cfg(feature = "log")]
use crate::poll::result::Polled;

/// A poll at debug, an error at warn.
#[cfg(feature = "log")]
pub(crate) fn polled(id: &JobId, polled: &PollResult) {
    let took = polled.took.as_millis();
    match &polled.seen {
        Polled::Job(job) => log::debug!("job {id}: {} in {took} ms", job.status()),
        Polled::PollError(error) => log::warn!("job {id}: {error} after {took} ms"),
    }
}

#[cfg(not(feature = "log"))]
pub(crate) const fn polled(_id: &JobId, _poll: &PollResult) {}
