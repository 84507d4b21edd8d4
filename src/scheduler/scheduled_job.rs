//! One of many jobs, as small as can be while it waits.

use std::time::Duration;

use time::OffsetDateTime;

use super::PollTask;
use super::queue::Slot;
use crate::error::poll::PollError;
use crate::error::{Error, ErrorKind, State};
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::job::timestamp::Timestamp;
use crate::poll::outcome::{Outcome, error_kind, lag};
use crate::poll::result::{PollResult, Polled};
use crate::poll::{Decision, Poller, WaitEnd};

/// What is kept of a job that has not ended: no `Job`, which is built when it ends.
#[derive(Debug)]
pub(super) struct ScheduledJob {
    pub(super) id: JobId,
    pub(super) service: u16,
    pub(super) serial: u32,
    pub(super) poller: Poller,
    pub(super) in_flight: bool,
    /// What stood in the way last.
    pub(super) error: Option<Box<PollError>>,
    since: Duration,
    status: Option<Status>,
    began: Option<OffsetDateTime>,
    done: u32,
    total: u32,
}

/// What can be told of a job that has not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobSummary<'a> {
    pub(crate) id: &'a JobId,
    pub(crate) status: Option<&'a Status>,
    pub(crate) sub_jobs: (u32, u32),
    pub(crate) polls: u32,
    pub(crate) next_poll: Duration,
    pub(crate) since: Duration,
}

impl ScheduledJob {
    pub(super) fn new(id: JobId, service: u16, serial: u32, poller: Poller, now: Duration) -> Self {
        Self {
            id,
            service,
            serial,
            poller,
            in_flight: false,
            error: None,
            since: now,
            status: None,
            began: None,
            done: 0,
            total: 0,
        }
    }

    pub(super) fn task(&mut self, slot: u32, limit: Duration) -> PollTask {
        self.in_flight = true;
        PollTask {
            place: Slot { slot, serial: self.serial },
            service: self.service,
            id: self.id.clone(),
            limit,
        }
    }

    /// Keeps what matters of a poll.
    pub(super) fn take(&mut self, polled: &PollResult, next: Decision) {
        self.in_flight = false;
        match &polled.seen {
            Polled::Job(job) if !matches!(next, Decision::Done(_)) => {
                let count = |jobs: usize| u32::try_from(jobs).unwrap_or(u32::MAX);
                self.status = Some(job.status().clone());
                self.began = job.begin_time().and_then(Timestamp::instant);
                self.done = count(job.sub_jobs_done());
                let total = job.sub_jobs_total().map_or(0, |total| u32::try_from(total).unwrap_or(u32::MAX));
                self.total = total.max(count(job.sub_jobs().len()));
            }
            Polled::Job(_) => {}
            Polled::PollError(error) => self.error = Some(Box::new(error.clone())),
        }
    }

    pub(super) const fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    pub(super) fn brief(&self) -> JobSummary<'_> {
        JobSummary {
            id: &self.id,
            status: self.status.as_ref(),
            sub_jobs: (self.done, self.total),
            polls: self.poller.polls(),
            next_poll: self.poller.next_poll(),
            since: self.since,
        }
    }

    /// How it went. `polled` is the one that ended it, if one did.
    pub(super) fn conclude(
        self,
        wait_end: Option<WaitEnd>,
        polled: Option<PollResult>,
        now: Duration,
    ) -> Outcome {
        let (polls, waited) = (self.poller.polls(), now.saturating_sub(self.since));
        let (date, job) = match polled {
            Some(PollResult { seen: Polled::Job(job), date, .. }) => (date, Some(*job)),
            _ => (None, None),
        };
        let was_pending = self.status.is_some();
        let lag = job
            .as_ref()
            .filter(|job| was_pending && job.status().is_terminal())
            .and_then(|job| lag(job, date));
        let result = match (wait_end, job) {
            (Some(WaitEnd::Succeeded), Some(job)) => Ok(job),
            (wait_end, job) => {
                let kind = error_kind(wait_end);
                let seen = job.is_some() || self.status.is_some();
                let state = State {
                    status: self.status,
                    age: seen.then(|| self.poller.job_age(now)),
                    job,
                    polls,
                    waited,
                    retry_after: match wait_end {
                        Some(WaitEnd::TimedOut { retry_after }) => retry_after,
                        _ => None,
                    },
                };
                let error = self.error.filter(|_| kind != ErrorKind::Failed).map(|error| *error);
                Err(Error::new(kind, &self.id, state, error))
            }
        };
        Outcome { job_id: self.id, result, polls, waited, lag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_job_takes_at_most_400_bytes() {
        assert!(size_of::<ScheduledJob>() <= 360, "{} bytes", size_of::<ScheduledJob>());
    }
}
