//! The JSON object of an outcome, which the command prints too.

use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::outcome::Outcome;
use crate::endpoint::service::Service;
use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::json::{seconds, write_members};
use crate::job::status::Status;

/// The members of the object; what is unknown is null.
#[derive(Debug)]
pub(crate) struct OutcomeMembers<'a> {
    pub(crate) job_id: Option<&'a str>,
    pub(crate) outcome: &'static str,
    pub(crate) status: Option<&'a str>,
    pub(crate) job: Option<&'a Job>,
    pub(crate) service: Option<Service>,
    pub(crate) polls: u32,
    pub(crate) waited: Duration,
    pub(crate) lag: Option<Duration>,
    pub(crate) error: Option<&'a ErrorMembers>,
}

/// Why polling itself failed, as an object.
#[derive(Clone, Debug)]
pub(crate) struct ErrorMembers {
    pub(crate) kind: &'static str,
    pub(crate) http_status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
}

impl OutcomeMembers<'_> {
    /// Writes them in their order.
    pub(crate) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("job_id", &self.job_id)?;
        map.serialize_entry("outcome", self.outcome)?;
        map.serialize_entry("status", &self.status)?;
        write_members(map, self.job)?;
        map.serialize_entry("service", &self.service.map(Service::as_str))?;
        map.serialize_entry("progress_percent", &self.job.and_then(Job::progress_percent))?;
        map.serialize_entry("polls", &self.polls)?;
        map.serialize_entry("waited_seconds", &seconds(self.waited))?;
        map.serialize_entry("lag_seconds", &self.lag.map(seconds))?;
        map.serialize_entry("error", &self.error)
    }
}

/// The JSON object of the command: the members of the job between those of the wait, null where something is unknown.
impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (job, error) = (self.job(), self.result.as_ref().err());
        let error_members = error.and_then(ErrorMembers::of_error);
        let members = OutcomeMembers {
            job_id: Some(self.job_id.as_str()),
            outcome: outcome_name(error.map(Error::kind)),
            status: job.map(Job::status_text).or_else(|| error.and_then(Error::status).map(Status::as_str)),
            job,
            service: Some(self.service()),
            polls: self.polls,
            waited: self.waited,
            lag: self.lag,
            error: error_members.as_ref(),
        };
        let mut map = serializer.serialize_map(None)?;
        members.write(&mut map)?;
        map.end()
    }
}

/// The outcome in one word, by the kind of its error.
pub(crate) const fn outcome_name(kind: Option<ErrorKind>) -> &'static str {
    match kind {
        None => "succeeded",
        Some(ErrorKind::Failed | ErrorKind::PaymentPending) => "failed",
        Some(ErrorKind::TimedOut) => "timed_out",
        Some(ErrorKind::Cancelled) => "cancelled",
        Some(ErrorKind::Refused | ErrorKind::Config) => "refused",
        Some(ErrorKind::NoAnswer) => "no_answer",
    }
}

impl ErrorMembers {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, http_status: None, code: None, message: message.into(), request_id: None }
    }

    /// Those of an error; `None` if the job itself failed.
    pub(crate) fn of_error(error: &Error) -> Option<Self> {
        let last = error.last_error();
        let kind = match (error.kind(), last) {
            (ErrorKind::Failed | ErrorKind::PaymentPending, _) => return None,
            (ErrorKind::TimedOut, _) | (ErrorKind::NoAnswer, None) => "timeout",
            (ErrorKind::Cancelled, _) => "cancelled",
            (_, Some(PollError::Decode(_))) => "decode",
            (_, Some(PollError::Transport(_))) => "transport",
            // What sends a redirect or wants a proxy password is not the service.
            (ErrorKind::NoAnswer, Some(PollError::Api(api)))
                if api.is_redirect() || api.http_status() == 407 =>
            {
                "transport"
            }
            _ => "api",
        };
        Some(match last {
            Some(last) => Self::of_poll(kind, last),
            None => Self::new(kind, error.to_string()),
        })
    }

    /// Those of the error of a poll. The message is that of the service alone: code and status have members of their own.
    pub(crate) fn of_poll(kind: &'static str, error: &PollError) -> Self {
        match error {
            PollError::Api(api) if api.message().is_empty() => Self::new(kind, error.to_string()).with(api),
            PollError::Api(api) => Self::new(kind, api.message()).with(api),
            PollError::Transport(lost) => {
                Self { http_status: lost.http_status(), ..Self::new(kind, error.to_string()) }
            }
            PollError::Decode(_) => Self::new(kind, error.to_string()),
        }
    }

    /// With what a response of the service says beside its message.
    pub(crate) fn with(self, api: &ApiError) -> Self {
        Self {
            http_status: Some(api.http_status()).filter(|status| *status != 0),
            code: api.code().map(str::to_owned),
            request_id: api.request_id().map(str::to_owned),
            ..self
        }
    }
}

impl Serialize for ErrorMembers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("kind", self.kind)?;
        map.serialize_entry("http_status", &self.http_status)?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("request_id", &self.request_id)?;
        map.end()
    }
}
