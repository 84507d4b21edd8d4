//! The loop of a wait, over any clock and any way to ask.

use std::time::Duration;

use super::progress::{Progress, Told};
use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::error::{Error, ErrorKind, State};
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::outcome::{Outcome, error_kind, lag};
use crate::poll::result::{PollResult, Polled};
use crate::poll::{Decision, Poller, WaitEnd};
use crate::util::cancel::CancelToken;
use crate::util::clock::{Clock, Wake};

/// A way to ask for one job.
pub(crate) trait JobSource {
    /// Takes the right to look now, or says when to ask again.
    fn turn(&self, now: Duration) -> Result<(), Duration>;

    /// One poll within `limit`.
    fn polled(&self, limit: Duration) -> PollResult;
}

/// All that one wait needs.
pub(crate) struct WaitLoop<'a> {
    pub(crate) id: &'a JobId,
    pub(crate) ask: &'a dyn JobSource,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) cancel: &'a CancelToken,
    pub(crate) on_progress: &'a mut dyn FnMut(&Progress<'_>),
}

/// What came of the sleep before a poll.
enum Ready {
    Cancelled,
    Go,
    TooLate,
}

/// What has been seen so far.
#[derive(Default)]
struct JobTracker {
    job: Option<Job>,
    /// What stood in the way of this poll.
    error: Option<PollError>,
    /// What stood in the way last, now or earlier.
    last_error: Option<PollError>,
    was_pending: bool,
    lag: Option<Duration>,
    told: Told,
}

impl WaitLoop<'_> {
    pub(crate) fn run(mut self, start: impl FnOnce(Duration) -> Poller) -> Outcome {
        let started = self.clock.now();
        let mut poller = start(started);
        let mut sight = JobTracker::default();
        let wait_end = loop {
            match self.until_ready(&poller) {
                Ready::Cancelled => break None,
                Ready::TooLate => break Some(poller.deadline_end()),
                Ready::Go => {}
            }
            let Some(limit) = poller.request_timeout(self.clock.now()) else {
                break Some(poller.deadline_end());
            };
            let polled = self.ask.polled(limit);
            let next = poller.handle(&polled, self.clock.now());
            sight.take(polled, next);
            self.tell(&poller, &mut sight, started, next);
            if let Decision::Done(wait_end) = next {
                break Some(wait_end);
            }
        };
        self.conclude(wait_end, &poller, sight, started)
    }

    /// Sleeps until the poll is due and there is room for it under the rate.
    fn until_ready(&self, poller: &Poller) -> Ready {
        // A poll is due at once after a suspend.
        if self.clock.sleep_until(poller.next_poll(), self.cancel) == Wake::Cancelled {
            return Ready::Cancelled;
        }
        let end = poller.last_send();
        while let Err(room) = self.ask.turn(self.clock.now()) {
            if self.clock.sleep_until(room.min(end), self.cancel) == Wake::Cancelled {
                return Ready::Cancelled;
            }
            if self.clock.now() >= end {
                return Ready::TooLate;
            }
        }
        Ready::Go
    }

    fn tell(&mut self, poller: &Poller, sight: &mut JobTracker, started: Duration, next: Decision) {
        let now = self.clock.now();
        (self.on_progress)(&Progress {
            job_id: self.id,
            job: sight.job.as_ref(),
            error: sight.error.as_ref(),
            told: sight.told,
            polls: poller.polls(),
            elapsed: now.saturating_sub(started),
            next_poll: match next {
                Decision::PollAt(moment) => Some(moment.saturating_sub(now)),
                Decision::Done(_) => None,
            },
        });
        sight.was_told();
    }

    fn conclude(
        &self,
        wait_end: Option<WaitEnd>,
        poller: &Poller,
        sight: JobTracker,
        started: Duration,
    ) -> Outcome {
        let now = self.clock.now();
        let (polls, waited) = (poller.polls(), now.saturating_sub(started));
        let outcome = |result| Outcome { job_id: self.id.clone(), result, polls, waited, lag: sight.lag };
        let (kind, job) = match (wait_end, sight.job) {
            (Some(WaitEnd::Succeeded), Some(job)) => return outcome(Ok(job)),
            (wait_end, job) => (error_kind(wait_end), job),
        };
        let state = State {
            status: None,
            age: job.as_ref().map(|_| poller.job_age(now)),
            job,
            polls,
            waited,
            retry_after: match wait_end {
                Some(WaitEnd::TimedOut { retry_after }) => retry_after,
                _ => None,
            },
        };
        let error = if kind == ErrorKind::Failed { None } else { sight.last_error };
        outcome(Err(Error::new(kind, self.id, state, error)))
    }
}

impl JobTracker {
    fn take(&mut self, polled: PollResult, next: Decision) {
        match polled.seen {
            Polled::Job(job) => {
                if matches!(next, Decision::Done(WaitEnd::Succeeded | WaitEnd::Failed)) && self.was_pending {
                    self.lag = lag(&job, polled.date);
                }
                if self.job.as_ref().is_some_and(|before| before.status() != job.status()) {
                    self.told.status = false;
                }
                self.was_pending |= !job.status().is_terminal();
                self.job = Some(*job);
                self.error = None;
            }
            Polled::PollError(error) => {
                self.error = Some(error.clone());
                self.last_error = Some(error);
            }
        }
    }

    fn was_told(&mut self) {
        self.told.status |= self.job.is_some();
        self.told.not_found |=
            self.error.as_ref().and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
    }
}

#[cfg(test)]
mod tests;
