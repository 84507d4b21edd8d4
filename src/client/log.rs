//! One line for each poll, through the `log` facade where the feature is on. Never a secret.

use crate::poll::result::PollResult;

/// A poll at debug, an error at warn.
#[cfg(feature = "log")]
pub(crate) fn polled(what: &str, polled: &PollResult) {
    let millis = polled.round_trip.as_millis();
    match &polled.result {
        Ok(job) => log::debug!("{what}: {} in {millis} ms", job.status()),
        Err(error) => log::warn!("{what}: {error} after {millis} ms"),
    }
}

#[cfg(not(feature = "log"))]
pub(crate) const fn polled(_what: &str, _poll: &PollResult) {}
