//! The loop of a wait, over any clock and any source of polls.

use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::error::poll::PollError;
use crate::job::id::JobId;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::poll::result::PollResult;
use crate::poll::tracker::JobTracker;
use crate::poll::{Decision, Poller, WaitEnd};
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, Wake};

/// What polls one job.
pub(crate) trait JobSource {
    /// Takes the right to poll now, or says when to try again.
    fn try_acquire(&self, now: Duration) -> Result<(), Duration>;

    /// The pause that the service has asked for, if it is not over.
    fn pause(&self, now: Duration) -> Option<Pause>;

    /// One poll, with this timeout for the whole of it; `None` if it was cancelled before it was sent.
    fn poll(&self, timeout: Duration) -> Option<PollResult>;
}

/// No poll is sent before `until`, because of this response.
pub(crate) struct Pause {
    pub(crate) until: Duration,
    pub(crate) error: Option<PollError>,
}

/// All that one wait needs.
pub(crate) struct WaitLoop<'a> {
    pub(crate) id: &'a JobId,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) source: &'a dyn JobSource,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) cancel: &'a CancelToken,
    pub(crate) on_progress: &'a mut dyn FnMut(&Progress),
}

/// The result of the sleep before a poll.
enum Ready {
    Cancelled,
    Go,
    /// The pause reaches past the last poll.
    Paused(Pause),
    TooLate,
}

impl WaitLoop<'_> {
    pub(crate) fn run(self, start: impl FnOnce(Duration) -> Poller) -> Outcome {
        let mut tracker = JobTracker::new(start(self.clock.now()));
        let wait_end = loop {
            match self.until_ready(&tracker.poller) {
                Ready::Cancelled => break None,
                Ready::Paused(pause) => {
                    let retry_after = Some(pause.until.saturating_sub(self.clock.now()));
                    pause.error.iter().for_each(|error| tracker.set_last_error(error));
                    break Some(WaitEnd::TimedOut { retry_after });
                }
                Ready::TooLate => break Some(tracker.poller.deadline_end()),
                Ready::Go => {}
            }
            let Some(timeout) = tracker.poller.poll_timeout(self.clock.now()) else {
                break Some(tracker.poller.deadline_end());
            };
            let Some(polled) = self.source.poll(timeout) else { break None };
            let now = self.clock.now();
            let decision = tracker.handle(polled, now);
            let progress = tracker.progress(self.id, &self.endpoint, now);
            (self.on_progress)(&progress);
            tracker.keep_job(progress);
            if let Decision::Done(wait_end) = decision {
                break Some(wait_end);
            }
        };
        tracker.conclude(self.id.clone(), self.endpoint, wait_end, self.clock.now())
    }

    /// Sleeps until the poll is due and the rate limit allows it.
    fn until_ready(&self, poller: &Poller) -> Ready {
        // After a suspend of the machine the poll is due at once.
        if self.clock.sleep_until(poller.next_poll(), self.cancel) == Wake::Cancelled {
            return Ready::Cancelled;
        }
        let end = poller.last_send();
        while let Err(then) = self.source.try_acquire(self.clock.now()) {
            if let Some(pause) =
                self.source.pause(self.clock.now()).filter(|pause| pause.until > poller.last_poll())
            {
                return Ready::Paused(pause);
            }
            if self.clock.sleep_until(then.min(end), self.cancel) == Wake::Cancelled {
                return Ready::Cancelled;
            }
            if self.clock.now() >= end {
                return Ready::TooLate;
            }
        }
        Ready::Go
    }
}

#[cfg(test)]
mod tests;
