//! The loop of a wait, over any clock and any source of polls.

use std::time::Duration;

use crate::job::id::JobId;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::poll::result::PollResult;
use crate::poll::tracker::JobTracker;
use crate::poll::{Decision, Poller};
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, Wake};

/// What polls one job.
pub(crate) trait JobSource {
    /// Takes the right to poll now, or says when to try again.
    fn try_acquire(&self, now: Duration) -> Result<(), Duration>;

    /// One poll, with this timeout for the whole of it.
    fn poll(&self, timeout: Duration) -> PollResult;
}

/// All that one wait needs.
pub(crate) struct WaitLoop<'a> {
    pub(crate) id: &'a JobId,
    pub(crate) source: &'a dyn JobSource,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) cancel: &'a CancelToken,
    pub(crate) on_progress: &'a mut dyn FnMut(&Progress),
}

/// The result of the sleep before a poll.
enum Ready {
    Cancelled,
    Go,
    TooLate,
}

impl WaitLoop<'_> {
    pub(crate) fn run(self, start: impl FnOnce(Duration) -> Poller) -> Outcome {
        let mut tracker = JobTracker::new(start(self.clock.now()));
        let wait_end = loop {
            match self.until_ready(&tracker.poller) {
                Ready::Cancelled => break None,
                Ready::TooLate => break Some(tracker.poller.deadline_end()),
                Ready::Go => {}
            }
            let Some(timeout) = tracker.poller.poll_timeout(self.clock.now()) else {
                break Some(tracker.poller.deadline_end());
            };
            let polled = self.source.poll(timeout);
            let now = self.clock.now();
            let decision = tracker.handle(polled, now);
            let progress = tracker.progress(self.id, now);
            (self.on_progress)(&progress);
            tracker.keep_job(progress);
            if let Decision::Done(wait_end) = decision {
                break Some(wait_end);
            }
        };
        tracker.conclude(self.id.clone(), wait_end, self.clock.now())
    }

    /// Sleeps until the poll is due and the rate limit allows it.
    fn until_ready(&self, poller: &Poller) -> Ready {
        // After a suspend of the machine the poll is due at once.
        if self.clock.sleep_until(poller.next_poll(), self.cancel) == Wake::Cancelled {
            return Ready::Cancelled;
        }
        let end = poller.last_send();
        while let Err(then) = self.source.try_acquire(self.clock.now()) {
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
