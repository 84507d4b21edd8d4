//! What became of one job, ready to be told in either form.

use std::time::Duration;

use crate::error::api::ApiError;
use crate::error::poll::Trouble;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::poll::outcome::Outcome;
use serde::Serialize;

use crate::cli::input::error::BadItem;

/// The word for what became of a job.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Succeeded,
    Failed,
    TimedOut,
    Refused,
    NoAnswer,
    Cancelled,
    Pending,
}

impl Verdict {
    /// For people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Refused => "refused",
            Self::NoAnswer => "without an answer",
            Self::Cancelled => "cancelled",
            Self::Pending => "pending",
        }
    }
}

/// What became of one job.
#[derive(Debug)]
pub(crate) struct Finding<'a> {
    /// `None` for what was no id.
    pub(crate) job_id: Option<&'a JobId>,
    pub(crate) verdict: Verdict,
    /// The job as it was last seen.
    pub(crate) job: Option<&'a Job>,
    /// Its last known status, as it was sent.
    pub(crate) status: Option<&'a str>,
    pub(crate) looks: u32,
    pub(crate) waited: Duration,
    pub(crate) lag: Option<Duration>,
    /// Why the asking itself failed, if it did.
    pub(crate) problem: Option<Problem>,
    /// The same for people, with the next step; empty where the job itself says it all.
    pub(crate) words: String,
    /// The same words would be said of every other job: that of a refused credential, for one.
    pub(crate) shared: Option<String>,
}

/// Why the asking itself failed; a member of the JSON object.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    kind: Kind,
    http_status: Option<u16>,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Api,
    Transport,
    Decode,
    Input,
    Timeout,
    Cancelled,
}

impl<'a> Finding<'a> {
    /// The end of a wait. `last` is the job as it was seen before that.
    pub(crate) fn ended(outcome: &'a Outcome, last: Option<&'a Job>) -> Self {
        let mut finding = match outcome.result() {
            Ok(job) => Self::plain(outcome.job_id(), Verdict::Succeeded, Some(job)),
            Err(error) => Self::error(outcome.job_id(), error, last),
        };
        (finding.looks, finding.waited) = (outcome.looks(), outcome.waited());
        finding.lag = outcome.lag();
        finding
    }

    /// One look.
    pub(crate) fn seen(id: &'a JobId, result: &'a Result<Job, Error>, waited: Duration) -> Self {
        let mut finding = match result {
            Ok(job) => {
                let verdict = match job.status() {
                    Status::Success => Verdict::Succeeded,
                    Status::Fail => Verdict::Failed,
                    _ => Verdict::Pending,
                };
                Self { looks: 1, ..Self::plain(id, verdict, Some(job)) }
            }
            Err(error) => Self::error(id, error, None),
        };
        finding.waited = waited;
        finding
    }

    /// A job that was not asked for any more: the wait was stopped.
    pub(crate) fn cancelled(id: &'a JobId, last: Option<&'a Job>, waited: Duration) -> Self {
        Self {
            problem: Some(Problem::new(
                Kind::Cancelled,
                "the wait was cancelled; the job goes on in the cloud",
            )),
            waited,
            ..Self::plain(id, Verdict::Cancelled, last)
        }
    }

    /// A job that was not asked for, because the login failed: one reason for all.
    pub(crate) fn unconnected(id: &'a JobId, error: &'a Error, waited: Duration) -> Self {
        Self { shared: Some(error.to_string()), waited, ..Self::error(id, error, None) }
    }

    /// What was no id.
    pub(crate) fn bad(item: &BadItem) -> Self {
        let problem = Problem::new(Kind::Input, item.to_string());
        let problem = match item.api() {
            Some(api) => Problem { message: api.message().to_owned(), ..problem.of(api) },
            None => problem,
        };
        Self {
            job_id: None,
            verdict: Verdict::Refused,
            job: None,
            status: None,
            looks: 0,
            waited: Duration::ZERO,
            lag: None,
            problem: Some(problem),
            words: item.to_string(),
            shared: None,
        }
    }

    /// Its words are those of an answer, and do not say whose: a login's name its URL, a connection's its host.
    pub(crate) fn is_from_nowhere(&self) -> bool {
        let is_answer = self.problem.as_ref().is_some_and(|problem| match problem.kind {
            Kind::Api | Kind::Decode => true,
            Kind::Timeout => problem.http_status.is_some(),
            // A proxy is named; who sends a redirect is not.
            Kind::Transport => problem.http_status.is_some_and(|status| (300..400).contains(&status)),
            _ => false,
        });
        is_answer && self.job_id.is_some() && self.looks > 0 && !self.words.contains("://")
    }

    fn plain(id: &'a JobId, verdict: Verdict, job: Option<&'a Job>) -> Self {
        Self {
            job_id: Some(id),
            verdict,
            job,
            status: job.map(Job::status_text),
            looks: 0,
            waited: Duration::ZERO,
            lag: None,
            problem: None,
            words: String::new(),
            shared: None,
        }
    }

    /// Why there is no job that ended well.
    fn error(id: &'a JobId, error: &'a Error, last: Option<&'a Job>) -> Self {
        let verdict = match error.kind() {
            ErrorKind::Cancelled => Verdict::Cancelled,
            ErrorKind::Failed | ErrorKind::Unpaid => Verdict::Failed,
            ErrorKind::Refused => Verdict::Refused,
            ErrorKind::TimedOut => Verdict::TimedOut,
            _ => Verdict::NoAnswer,
        };
        let finding = Self::plain(id, verdict, error.job().or(last));
        Self {
            status: finding.status.or_else(|| error.status().map(Status::as_str)),
            looks: error.looks(),
            waited: error.elapsed(),
            problem: (verdict != Verdict::Failed).then(|| Problem::of_error(verdict, error)),
            words: error.to_string(),
            shared: shared(verdict, error),
            ..finding
        }
    }
}

impl Problem {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, http_status: None, code: None, message: message.into(), request_id: None }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    fn of_error(verdict: Verdict, error: &Error) -> Self {
        let trouble = error.last_trouble();
        let message = trouble.map_or_else(|| error.to_string(), message);
        let kind = match (verdict, trouble) {
            (Verdict::TimedOut, _) | (Verdict::NoAnswer, None) => Kind::Timeout,
            (Verdict::Cancelled, _) => Kind::Cancelled,
            (_, Some(Trouble::Decode(_))) => Kind::Decode,
            (_, Some(Trouble::Transport(_))) => Kind::Transport,
            // Whoever sent a redirect or asks for a proxy's password is not the service.
            (Verdict::NoAnswer, Some(Trouble::Api(api))) if api.is_redirect() || api.http_status() == 407 => {
                Kind::Transport
            }
            _ => Kind::Api,
        };
        let problem = Self::new(kind, message);
        match trouble {
            Some(Trouble::Api(api)) => problem.of(api),
            Some(Trouble::Transport(error)) => Self { http_status: error.http_status(), ..problem },
            _ => problem,
        }
    }

    /// With what an answer of the service says beside its message.
    fn of(self, api: &ApiError) -> Self {
        Self {
            http_status: Some(api.http_status()).filter(|status| *status != 0),
            code: api.code().map(str::to_owned),
            request_id: api.request_id().map(str::to_owned),
            ..self
        }
    }
}

/// The message of the service alone: its code and status have members of their own.
fn message(trouble: &Trouble) -> String {
    match trouble.api() {
        Some(api) if !api.message().is_empty() => api.message().to_owned(),
        _ => trouble.to_string(),
    }
}

/// What makes this error the same as that of another job, if anything does.
fn shared(verdict: Verdict, error: &Error) -> Option<String> {
    if verdict != Verdict::NoAnswer && !error.is_credentials_refused() {
        return None;
    }
    let trouble = error.last_trouble()?;
    Some(match trouble.api() {
        // The request id differs each time.
        Some(api) => format!("{} {:?} {}", api.http_status(), api.code(), api.message()),
        None => trouble.to_string(),
    })
}
