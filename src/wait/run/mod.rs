//! The loop of a wait, over any clock and any way to ask.

use std::time::Duration;

use super::progress::{Progress, Told};
use crate::error::api::ApiError;
use crate::error::poll::Trouble;
use crate::error::{Error, ErrorKind, State};
use crate::job::Job;
use crate::job::id::JobId;
use crate::poll::outcome::{Outcome, error_kind, lag};
use crate::poll::result::{Look, Seen};
use crate::poll::{Ending, Next, Poller};
use crate::util::cancel::Cancel;
use crate::util::clock::{Clock, Wake};

/// A way to ask for one job.
pub(crate) trait Ask {
    /// Takes the right to look now, or says when to ask again.
    fn turn(&self, now: Duration) -> Result<(), Duration>;

    /// One look within `limit`.
    fn look(&self, limit: Duration) -> Look;
}

/// All that one wait needs.
pub(crate) struct Drive<'a> {
    pub(crate) id: &'a JobId,
    pub(crate) ask: &'a dyn Ask,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) cancel: &'a Cancel,
    pub(crate) on_progress: &'a mut dyn FnMut(&Progress<'_>),
}

/// What came of the sleep before a look.
enum Ready {
    Cancelled,
    Go,
    TooLate,
}

/// What has been seen so far.
#[derive(Default)]
struct Sight {
    job: Option<Job>,
    /// What stood in the way of this look.
    trouble: Option<Trouble>,
    /// What stood in the way last, now or earlier.
    last_trouble: Option<Trouble>,
    was_pending: bool,
    lag: Option<Duration>,
    told: Told,
}

impl Drive<'_> {
    pub(crate) fn run(mut self, start: impl FnOnce(Duration) -> Poller) -> Outcome {
        let started = self.clock.now();
        let mut poller = start(started);
        let mut sight = Sight::default();
        let ending = loop {
            match self.until_ready(&poller) {
                Ready::Cancelled => break None,
                Ready::TooLate => break Some(poller.too_late()),
                Ready::Go => {}
            }
            let Some(limit) = poller.look_limit(self.clock.now()) else {
                break Some(poller.too_late());
            };
            let look = self.ask.look(limit);
            let next = poller.handle(&look, self.clock.now());
            sight.take(look, next);
            self.tell(&poller, &mut sight, started, next);
            if let Next::Done(ending) = next {
                break Some(ending);
            }
        };
        self.conclude(ending, &poller, sight, started)
    }

    /// Sleeps until the look is due and there is room for it under the rate.
    fn until_ready(&self, poller: &Poller) -> Ready {
        // A look is due at once after a suspend.
        if self.clock.sleep_until(poller.next_look(), self.cancel) == Wake::Cancelled {
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

    fn tell(&mut self, poller: &Poller, sight: &mut Sight, started: Duration, next: Next) {
        let now = self.clock.now();
        (self.on_progress)(&Progress {
            job_id: self.id,
            job: sight.job.as_ref(),
            trouble: sight.trouble.as_ref(),
            told: sight.told,
            looks: poller.looks(),
            elapsed: now.saturating_sub(started),
            next_look: match next {
                Next::LookAt(moment) => Some(moment.saturating_sub(now)),
                Next::Done(_) => None,
            },
        });
        sight.was_told();
    }

    fn conclude(&self, ending: Option<Ending>, poller: &Poller, sight: Sight, started: Duration) -> Outcome {
        let now = self.clock.now();
        let (looks, waited) = (poller.looks(), now.saturating_sub(started));
        let outcome = |result| Outcome { job_id: self.id.clone(), result, looks, waited, lag: sight.lag };
        let (kind, job) = match (ending, sight.job) {
            (Some(Ending::Succeeded), Some(job)) => return outcome(Ok(job)),
            (ending, job) => (error_kind(ending), job),
        };
        let state = State {
            status: None,
            age: job.as_ref().map(|_| poller.job_age(now)),
            job,
            looks,
            waited,
            retry_after: match ending {
                Some(Ending::TimedOut { retry_after }) => retry_after,
                _ => None,
            },
        };
        let trouble = if kind == ErrorKind::Failed { None } else { sight.last_trouble };
        outcome(Err(Error::new(kind, self.id, state, trouble)))
    }
}

impl Sight {
    fn take(&mut self, look: Look, next: Next) {
        match look.seen {
            Seen::Job(job) => {
                if matches!(next, Next::Done(Ending::Succeeded | Ending::Failed)) && self.was_pending {
                    self.lag = lag(&job, look.date);
                }
                if self.job.as_ref().is_some_and(|before| before.status() != job.status()) {
                    self.told.status = false;
                }
                self.was_pending |= !job.status().is_terminal();
                self.job = Some(*job);
                self.trouble = None;
            }
            Seen::Trouble(trouble) => {
                self.trouble = Some(trouble.clone());
                self.last_trouble = Some(trouble);
            }
        }
    }

    fn was_told(&mut self) {
        self.told.status |= self.job.is_some();
        self.told.not_found |=
            self.trouble.as_ref().and_then(Trouble::api).is_some_and(ApiError::is_not_found);
    }
}

#[cfg(test)]
mod tests;
