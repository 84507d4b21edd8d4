//! One job that is waited for: its poller, what its polls have shown, and the outcome made of them.

use std::sync::Arc;
use std::time::Duration;

use super::failure_budget::ServiceContact;
use super::outcome::{Outcome, error_kind, lag};
use super::progress::{Announced, Progress};
use super::result::PollResult;
use super::{Decision, Poller, WaitEnd};
use crate::endpoint::Endpoint;
use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::error::{Error, ErrorKind, LastPoll, State};
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;

/// Used by the wait for one job and, once for each job, by the scheduler.
#[derive(Debug)]
pub(crate) struct JobTracker {
    pub(crate) poller: Poller,
    /// As it was last seen, unless it has been moved out by [`forget_job`](Self::forget_job).
    job: Option<Box<Job>>,
    status: Option<Status>,
    sub_jobs: (u32, u32),
    last_poll: LastPoll,
    last_error: Option<Box<PollError>>,
    last_round_trip: Duration,
    was_pending: bool,
    lag: Option<Duration>,
    announced: Announced,
}

impl JobTracker {
    pub(crate) const fn new(poller: Poller) -> Self {
        Self {
            poller,
            job: None,
            status: None,
            sub_jobs: (0, 0),
            last_poll: LastPoll::NotSent,
            last_error: None,
            last_round_trip: Duration::ZERO,
            was_pending: false,
            lag: None,
            announced: Announced { status: false, not_found: false },
        }
    }

    /// Takes a poll in and decides. `now` is the moment at which it was complete.
    pub(crate) fn handle(&mut self, polled: PollResult, now: Duration) -> Decision {
        let decision = self.poller.handle(&polled, now);
        self.keep(polled, decision);
        decision
    }

    /// The same for one of many jobs of a service, which share their first contact with it.
    pub(crate) fn handle_among(
        &mut self,
        polled: PollResult,
        now: Duration,
        contact: &mut ServiceContact,
    ) -> Decision {
        let decision = self.poller.handle_among(&polled, now, contact);
        self.keep(polled, decision);
        decision
    }

    fn keep(&mut self, polled: PollResult, decision: Decision) {
        self.last_round_trip = polled.round_trip;
        match polled.result {
            Ok(job) => {
                if matches!(decision, Decision::Done(WaitEnd::Succeeded | WaitEnd::Failed))
                    && self.was_pending
                {
                    self.lag = lag(&job, polled.date);
                }
                self.announced.status &= self.status.as_ref() == Some(job.status());
                self.was_pending |= !job.status().is_terminal();
                self.status = Some(job.status().clone());
                self.sub_jobs = count_sub_jobs(&job);
                self.job = Some(job);
                self.last_poll = LastPoll::Job;
            }
            Err(error) => {
                self.last_poll = LastPoll::of(&error);
                self.last_error = Some(Box::new(error));
            }
        }
    }

    /// Whether the next poll waits for nothing but the backoff.
    pub(crate) fn can_be_polled_early(&self, now: Duration) -> bool {
        self.last_poll == LastPoll::Job && self.poller.waits_for_backoff(now)
    }

    /// The last known status.
    pub(crate) const fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// Why the last poll did not give the job; `None` if it did.
    fn error(&self) -> Option<&PollError> {
        self.last_error.as_deref().filter(|_| self.last_poll != LastPoll::Job)
    }

    /// The state after the last poll. The job is moved into it: see [`keep_job`](Self::keep_job).
    pub(crate) fn progress(&mut self, id: &JobId, endpoint: &Arc<Endpoint>, now: Duration) -> Progress {
        let progress = Progress {
            job_id: id.clone(),
            endpoint: Arc::clone(endpoint),
            status: self.status.clone(),
            sub_jobs: self.sub_jobs,
            error: self.error().cloned(),
            announced: self.announced,
            polls: self.poller.polls(),
            round_trip: self.last_round_trip,
            elapsed: now.saturating_sub(self.poller.started()),
            next_poll: self.poller.next_poll_in(now),
            batch: None,
            job: if self.poller.needs_last_job() { self.job.clone() } else { self.job.take() },
        };
        self.announced.status |= self.status.is_some();
        self.announced.not_found |=
            self.error().and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
        progress
    }

    /// Takes back the job of a progress that has been reported.
    pub(crate) fn keep_job(&mut self, progress: Progress) {
        self.job = progress.job;
    }

    /// Keeps only the status of the job, where there are too many jobs to keep them all.
    pub(crate) fn forget_job(&mut self) {
        if !self.poller.needs_last_job() {
            self.job = None;
        }
    }

    /// Another error that is the reason for the end: that of another job of the same service.
    pub(crate) fn set_last_error(&mut self, error: &PollError) {
        self.last_error = Some(Box::new(error.clone()));
    }

    /// A wait that ended before its first poll.
    pub(crate) fn outcome_without_poll(
        id: JobId,
        endpoint: Arc<Endpoint>,
        wait_end: Option<WaitEnd>,
        error: Option<PollError>,
        waited: Duration,
    ) -> Outcome {
        let retry_after = retry_after(wait_end);
        let state = State { waited, retry_after, ..State::default() };
        let result = Err(Error::new(error_kind(wait_end), &id, state, error));
        Outcome { job_id: id, endpoint, result, polls: 0, waited, lag: None }
    }

    /// The outcome of the wait. `None` for the end is a cancelled wait.
    pub(crate) fn conclude(
        self,
        id: JobId,
        endpoint: Arc<Endpoint>,
        wait_end: Option<WaitEnd>,
        now: Duration,
    ) -> Outcome {
        let (polls, waited) = (self.poller.polls(), now.saturating_sub(self.poller.started()));
        let result = match (wait_end, self.job) {
            (Some(WaitEnd::Succeeded), Some(job)) => Ok(*job),
            (wait_end, job) => {
                let kind = error_kind(wait_end);
                let state = State {
                    age: self.status.is_some().then(|| self.poller.job_age(now)),
                    job: job.map(|job| *job),
                    status: self.status,
                    polls,
                    waited,
                    retry_after: retry_after(wait_end),
                    last_poll: self.last_poll,
                };
                let error = self.last_error.filter(|_| kind != ErrorKind::Failed);
                Err(Error::new(kind, &id, state, error.map(|error| *error)))
            }
        };
        Outcome { job_id: id, endpoint, result, polls, waited, lag: self.lag }
    }
}

const fn retry_after(wait_end: Option<WaitEnd>) -> Option<Duration> {
    match wait_end {
        Some(WaitEnd::TimedOut { retry_after }) => retry_after,
        _ => None,
    }
}

/// How many have ended, and how many there are.
fn count_sub_jobs(job: &Job) -> (u32, u32) {
    let count = |jobs: usize| u32::try_from(jobs).unwrap_or(u32::MAX);
    let total = job.sub_jobs_total().map_or(0, |total| u32::try_from(total).unwrap_or(u32::MAX));
    (count(job.sub_jobs_done()), total.max(count(job.sub_jobs().len())))
}
