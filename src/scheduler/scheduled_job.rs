//! One of many jobs, as small as can be while it waits.

use std::time::Duration;

use time::OffsetDateTime;

use super::Ticket;
use super::queue::Place;
use crate::error::poll::Trouble;
use crate::error::{Error, ErrorKind, State};
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::job::timestamp::Timestamp;
use crate::poll::outcome::{Outcome, error_kind, lag};
use crate::poll::result::{Look, Seen};
use crate::poll::{Ending, Next, Poller};

/// What is kept of a job that has not ended: no `Job`, which is built when it ends.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: JobId,
    pub(super) lane: u16,
    pub(super) serial: u32,
    pub(super) poller: Poller,
    pub(super) in_flight: bool,
    /// What stood in the way last.
    pub(super) trouble: Option<Box<Trouble>>,
    since: Duration,
    status: Option<Status>,
    began: Option<OffsetDateTime>,
    done: u32,
    total: u32,
}

/// What can be told of a job that has not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brief<'a> {
    pub(crate) id: &'a JobId,
    pub(crate) status: Option<&'a Status>,
    pub(crate) sub_jobs: (u32, u32),
    pub(crate) looks: u32,
    pub(crate) next_look: Duration,
    pub(crate) since: Duration,
}

impl Entry {
    pub(super) fn new(id: JobId, lane: u16, serial: u32, poller: Poller, now: Duration) -> Self {
        Self {
            id,
            lane,
            serial,
            poller,
            in_flight: false,
            trouble: None,
            since: now,
            status: None,
            began: None,
            done: 0,
            total: 0,
        }
    }

    pub(super) fn ticket(&mut self, slot: u32, limit: Duration) -> Ticket {
        self.in_flight = true;
        Ticket { place: Place { slot, serial: self.serial }, lane: self.lane, id: self.id.clone(), limit }
    }

    /// Keeps what matters of a look.
    pub(super) fn take(&mut self, look: &Look, next: Next) {
        self.in_flight = false;
        match &look.seen {
            Seen::Job(job) if !matches!(next, Next::Done(_)) => {
                let count = |jobs: usize| u32::try_from(jobs).unwrap_or(u32::MAX);
                self.status = Some(job.status().clone());
                self.began = job.begin_time().and_then(Timestamp::instant);
                self.done = count(job.sub_jobs_done());
                let total = job.sub_jobs_total().map_or(0, |total| u32::try_from(total).unwrap_or(u32::MAX));
                self.total = total.max(count(job.sub_jobs().len()));
            }
            Seen::Job(_) => {}
            Seen::Trouble(trouble) => self.trouble = Some(Box::new(trouble.clone())),
        }
    }

    pub(super) const fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    pub(super) fn brief(&self) -> Brief<'_> {
        Brief {
            id: &self.id,
            status: self.status.as_ref(),
            sub_jobs: (self.done, self.total),
            looks: self.poller.looks(),
            next_look: self.poller.next_look(),
            since: self.since,
        }
    }

    /// How it went. `look` is the one that ended it, if one did.
    pub(super) fn conclude(self, ending: Option<Ending>, look: Option<Look>, now: Duration) -> Outcome {
        let (looks, waited) = (self.poller.looks(), now.saturating_sub(self.since));
        let (date, job) = match look {
            Some(Look { seen: Seen::Job(job), date, .. }) => (date, Some(*job)),
            _ => (None, None),
        };
        let was_pending = self.status.is_some();
        let lag = job
            .as_ref()
            .filter(|job| was_pending && job.status().is_terminal())
            .and_then(|job| lag(job, date));
        let result = match (ending, job) {
            (Some(Ending::Succeeded), Some(job)) => Ok(job),
            (ending, job) => {
                let kind = error_kind(ending);
                let seen = job.is_some() || self.status.is_some();
                let state = State {
                    status: self.status,
                    age: seen.then(|| self.poller.job_age(now)),
                    job,
                    looks,
                    waited,
                    retry_after: match ending {
                        Some(Ending::TimedOut { retry_after }) => retry_after,
                        _ => None,
                    },
                };
                let trouble = self.trouble.filter(|_| kind != ErrorKind::Failed).map(|trouble| *trouble);
                Err(Error::new(kind, &self.id, state, trouble))
            }
        };
        Outcome { job_id: self.id, result, looks, waited, lag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_job_takes_at_most_400_bytes() {
        assert!(size_of::<Entry>() <= 360, "{} bytes", size_of::<Entry>());
    }
}
