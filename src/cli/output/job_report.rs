//! The outcome of one job, ready to be printed in each form.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::endpoint::service::Service;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::status::Status;
use crate::poll::outcome::Outcome;
use crate::poll::outcome_json::{ErrorMembers, outcome_name};
use crate::wait::resource::ResourceOutcome;
use serde_json::Value;

use crate::cli::input::error::InputError;
use crate::cli::input::target::Target;
use crate::cli::output::message::Message;
use crate::cli::progress::tracked_jobs::TrackedJob;

/// The outcome of a job in one word.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum JobOutcome {
    Succeeded,
    Failed,
    TimedOut,
    Refused,
    NoAnswer,
    Cancelled,
    Pending,
}

impl JobOutcome {
    /// In JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => outcome_name(None),
            Self::Failed => outcome_name(Some(ErrorKind::Failed)),
            Self::TimedOut => outcome_name(Some(ErrorKind::TimedOut)),
            Self::Refused => outcome_name(Some(ErrorKind::Refused)),
            Self::NoAnswer => outcome_name(Some(ErrorKind::NoAnswer)),
            Self::Cancelled => outcome_name(Some(ErrorKind::Cancelled)),
            Self::Pending => "pending",
        }
    }

    /// For people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Refused => "refused",
            Self::NoAnswer => "without a usable response",
            Self::Cancelled => "cancelled",
            Self::Pending => "pending",
        }
    }
}

/// The outcome of one job.
#[derive(Debug)]
pub(crate) struct JobReport<'a> {
    /// `None` for an invalid id.
    pub(crate) target: Option<&'a Target>,
    /// The resource that was polled instead of a job.
    pub(crate) resource: Option<ResourceState<'a>>,
    /// The service that was polled; `None` for that of the target.
    pub(crate) service: Option<Service>,
    /// Where it was polled.
    pub(crate) endpoint: Option<&'a Endpoint>,
    pub(crate) outcome: JobOutcome,
    /// The job as it was last seen.
    pub(crate) job: Option<&'a Job>,
    /// Its last known status, as it was sent.
    pub(crate) status: Option<&'a str>,
    pub(crate) polls: u32,
    pub(crate) waited: Duration,
    pub(crate) lag: Option<Duration>,
    /// Why polling itself failed, if it did.
    pub(crate) problem: Option<ErrorMembers>,
    /// The same for people, with the next step; empty where the job itself says it all.
    pub(crate) message: Message,
    /// What makes the message the same for other jobs: for example a rejected credential.
    pub(crate) shared: Option<String>,
}

/// A resource and the last value at the pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceState<'a> {
    pub(crate) path: &'a str,
    /// `None` if it was not seen.
    pub(crate) value: Option<&'a Value>,
    /// Whether the wait is for its end.
    pub(crate) is_gone: bool,
}

impl<'a> JobReport<'a> {
    /// The end of a wait. `last` is the job as it was seen before that.
    pub(crate) fn ended(target: &'a Target, outcome: &'a Outcome, last: Option<&'a Job>) -> Self {
        let mut report = match outcome.result() {
            Ok(job) => Self::plain(Some(target), JobOutcome::Succeeded, Some(job)),
            Err(error) => Self::error(Some(target), error, last),
        };
        report.endpoint = Some(outcome.endpoint());
        (report.polls, report.waited) = (outcome.polls(), outcome.waited());
        report.lag = outcome.lag();
        report
    }

    /// One poll.
    pub(crate) fn seen(
        target: &'a Target,
        endpoint: &'a Endpoint,
        result: &'a Result<Job, Error>,
        waited: Duration,
    ) -> Self {
        let mut report = match result {
            Ok(job) => {
                let outcome = match job.status() {
                    Status::Success => JobOutcome::Succeeded,
                    Status::Fail => JobOutcome::Failed,
                    _ => JobOutcome::Pending,
                };
                Self { polls: 1, ..Self::plain(Some(target), outcome, Some(job)) }
            }
            Err(error) => Self::error(Some(target), error, None),
        };
        (report.waited, report.endpoint) = (waited, Some(endpoint));
        report
    }

    /// A job that is not polled any more: the wait was stopped.
    pub(crate) fn cancelled(target: &'a Target, open: &'a TrackedJob) -> Self {
        let status = open.printed().status.as_ref().map(Status::as_str);
        let problem = match open.error.as_deref() {
            Some(error) => ErrorMembers::of_poll("cancelled", error),
            None => ErrorMembers::new(
                "cancelled",
                match status {
                    Some(_) => "the wait was stopped; the job may still be running",
                    None => "the wait was stopped; the state of the job is unknown",
                },
            ),
        };
        let report = Self::plain(Some(target), JobOutcome::Cancelled, open.job.as_deref());
        Self {
            status: report.status.or(status),
            problem: Some(problem),
            polls: open.polls,
            waited: open.since.elapsed(),
            ..report
        }
    }

    /// A job that was not polled because the login failed: one reason for all.
    pub(crate) fn unconnected(target: &'a Target, error: &'a Error, waited: Duration) -> Self {
        Self { shared: Some(error.to_string()), waited, ..Self::error(Some(target), error, None) }
    }

    /// The end of a wait for a resource.
    pub(crate) fn of_resource(path: &'a str, is_gone: bool, outcome: &'a ResourceOutcome) -> Self {
        let (mut report, value) = match outcome.result() {
            Ok(value) => (Self::plain(None, JobOutcome::Succeeded, None), Some(value)),
            Err(error) => (Self::error(None, error, None), error.value()),
        };
        report.resource = Some(ResourceState { path, value, is_gone });
        (report.polls, report.waited) = (outcome.polls(), outcome.waited());
        report
    }

    /// A resource that was not polled because the login failed.
    pub(crate) fn resource_unconnected(path: &'a str, error: &'a Error, waited: Duration) -> Self {
        Self {
            resource: Some(ResourceState { path, value: None, is_gone: false }),
            waited,
            ..Self::error(None, error, None)
        }
    }

    /// A resource whose wait was interrupted.
    pub(crate) fn resource_cancelled(
        path: &'a str,
        value: Option<&'a Value>,
        polls: u32,
        waited: Duration,
    ) -> Self {
        let problem = ErrorMembers::new("cancelled", "the wait was stopped");
        Self {
            resource: Some(ResourceState { path, value, is_gone: false }),
            problem: Some(problem),
            polls,
            waited,
            ..Self::plain(None, JobOutcome::Cancelled, None)
        }
    }

    /// An invalid id.
    pub(crate) fn bad(item: &InputError) -> Self {
        let problem = ErrorMembers::new("input", item.to_string());
        let problem = match item.api_error() {
            Some(api) => ErrorMembers { message: api.message().to_owned(), ..problem.with(api) },
            None => problem,
        };
        Self {
            target: None,
            resource: None,
            service: None,
            endpoint: None,
            outcome: JobOutcome::Refused,
            job: None,
            status: None,
            polls: 0,
            waited: Duration::ZERO,
            lag: None,
            problem: Some(problem),
            message: Message::new(item.to_string()),
            shared: None,
        }
    }

    /// Its text comes from a response and does not name the server: that of a login has its URL, that of a connection its host.
    pub(crate) fn is_from_nowhere(&self) -> bool {
        let is_answer = self.problem.as_ref().is_some_and(|problem| match problem.kind {
            "api" | "decode" => true,
            "timeout" => problem.http_status.is_some(),
            // The text names a proxy, but not the server that sent a redirect.
            "transport" => problem.http_status.is_some_and(|status| (300..400).contains(&status)),
            _ => false,
        });
        is_answer
            && (self.target.is_some() || self.resource.is_some())
            && self.polls > 0
            && !self.message.contains("://")
    }

    fn plain(target: Option<&'a Target>, outcome: JobOutcome, job: Option<&'a Job>) -> Self {
        Self {
            target,
            resource: None,
            service: None,
            endpoint: None,
            outcome,
            job,
            status: job.map(Job::status_text),
            polls: 0,
            waited: Duration::ZERO,
            lag: None,
            problem: None,
            message: Message::default(),
            shared: None,
        }
    }

    /// A job that did not succeed.
    fn error(target: Option<&'a Target>, error: &'a Error, last: Option<&'a Job>) -> Self {
        let outcome = match error.kind() {
            ErrorKind::Cancelled => JobOutcome::Cancelled,
            ErrorKind::Failed | ErrorKind::PaymentPending => JobOutcome::Failed,
            ErrorKind::Refused | ErrorKind::Config => JobOutcome::Refused,
            ErrorKind::TimedOut => JobOutcome::TimedOut,
            _ => JobOutcome::NoAnswer,
        };
        let report = Self::plain(target, outcome, error.job().or(last));
        Self {
            status: report.status.or_else(|| error.status().map(Status::as_str)),
            polls: error.polls(),
            waited: error.elapsed(),
            problem: ErrorMembers::of_error(error),
            message: Message::from(error),
            shared: shared(outcome, error),
            ..report
        }
    }
}

/// What makes this error the same as that of another job, if anything does.
fn shared(outcome: JobOutcome, error: &Error) -> Option<String> {
    if outcome != JobOutcome::NoAnswer && !error.is_unauthorized() {
        return None;
    }
    let error = error.last_error()?;
    Some(match error.api_error() {
        // The request id differs each time.
        Some(api) => format!("{} {:?} {}", api.http_status(), api.code(), api.message()),
        None => error.to_string(),
    })
}
