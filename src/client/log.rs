//! One line for each look, through the `log` facade where the feature is on. Never a secret.

use crate::job::id::JobId;
use crate::poll::result::Look;
#[cfg(feature = "log")]
use crate::poll::result::Seen;

/// A look at debug, a trouble at warn.
#[cfg(feature = "log")]
pub(crate) fn look(id: &JobId, look: &Look) {
    let took = look.took.as_millis();
    match &look.seen {
        Seen::Job(job) => log::debug!("job {id}: {} in {took} ms", job.status()),
        Seen::Trouble(trouble) => log::warn!("job {id}: {trouble} after {took} ms"),
    }
}

#[cfg(not(feature = "log"))]
pub(crate) const fn look(_id: &JobId, _look: &Look) {}
