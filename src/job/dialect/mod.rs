//! How each family of job APIs writes a job: one row of a table per family, and one reader for all rows.
//!
//! Paths, hosts and catalog types are not here: they belong to [`Service`](crate::endpoint::service::Service), which
//! names its dialect. The common dialect has a decoder of its own ([`super::decode`]), which is several times as
//! fast and reads the same.

mod read;
mod table;

use std::time::Duration;

use serde_json::Value;

use super::Job;
use super::decode;
use super::error::DecodeError;
use super::status::Status;
use crate::util::json::marked_json_value;

pub(crate) use self::table::{
    CBR, CCE, COMMON, CPH, DB, DCS, DDM, DMS, DWS, ELB, GEMINIDB, GES, SFS_TURBO, SWR, WORKSPACE,
};

/// How one family of job APIs writes a job. Members are JSON pointers below the root, in the order in which they are
/// tried: the first one that is there and not blank counts.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The services that speak it, by their short names.
    services: &'static [&'static str],
    /// It has a decoder of its own.
    is_common: bool,
    /// Where the job is in the body. Below a list (`/jobs/0`) an empty list means that the job is unknown.
    root: &'static str,
    id: &'static [&'static str],
    job_type: &'static [&'static str],
    status: &'static str,
    /// The words of `status` and what they mean. Compared without case.
    words: &'static [(&'static str, Meaning)],
    /// The status is a number, as in no other dialect.
    status_is_number: bool,
    begin: &'static [&'static str],
    /// Counts only once the status is terminal: some services fill it before.
    end: &'static [&'static str],
    /// Times without an offset are UTC by the documents.
    is_utc: bool,
    error_code: &'static [&'static str],
    fail_reason: &'static [&'static str],
    message: &'static [&'static str],
    /// 0 to 100, with or without a percent sign.
    progress: &'static [&'static str],
    sub_jobs: &'static str,
    /// Ids whose member has another name than the id should have.
    ids: &'static [(&'static str, &'static str)],
    /// Top-level members that say nothing about the resource.
    hidden: &'static [&'static str],
    /// A job without a status is one that the service does not know.
    blank_is_unknown: bool,
    /// Codes with which the service says that it does not know a job, beside those of all services.
    unknown_codes: &'static [&'static str],
    /// How long after it was handed out an id may be unknown.
    grace: Duration,
}

/// What a word of a dialect means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// It ended: well if every sub-job ended well.
    Ended,
    Fail,
    Init,
    Listening,
    PendingPayment,
    Running,
    Success,
    WaitingExecute,
}

impl Dialect {
    /// Reads the body of a response. `None` if it says that the service does not know the job.
    ///
    /// # Errors
    /// If it is not a job of this dialect; the error names the services whose job it could be.
    pub(crate) fn read(&self, body: &[u8]) -> Result<Option<Job>, DecodeError> {
        if self.is_common {
            return decode::from_slice(body).map(Some);
        }
        let value = marked_json_value(body).map_err(|error| decode::not_json(&error, body))?;
        if self.says_unknown(&value) {
            return Ok(None);
        }
        let job = self.job(&value);
        match (job, self.other_services(&value)) {
            (Some(job), None) => Ok(Some(job)),
            (Some(job), _) if job.id.is_some() || !matches!(job.status, Status::Unknown(_)) => Ok(Some(job)),
            (_, other) => Err(self.not_a_job(other, body)),
        }
    }

    fn not_a_job(&self, other: Option<&[&str]>, body: &[u8]) -> DecodeError {
        let ours = names(self.services);
        DecodeError::new(
            match other {
                Some(other) => format!(
                    "the response is not a job of {ours}, but has the shape of a job of {}: check the service",
                    names(other)
                ),
                None => format!("the response is JSON without the status of a job of {ours}"),
            },
            body,
        )
    }

    /// The services of another dialect in which this body is a job with an id and a known status.
    pub(super) fn other_services(&self, body: &Value) -> Option<&'static [&'static str]> {
        let fits = |dialect: &&&Self| dialect.services != self.services && dialect.knows(body);
        table::ALL.iter().find(fits).map(|dialect| dialect.services)
    }

    /// The status that a word of this dialect means. Of [`Meaning::Ended`] the sub-jobs decide.
    fn meaning(&self, word: &str) -> Option<Meaning> {
        let word = word.trim();
        self.words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
    }

    /// Codes with which the service says that it does not know a job, beside those of all services.
    pub(crate) const fn unknown_codes(&self) -> &'static [&'static str] {
        self.unknown_codes
    }

    /// How long after it was handed out an id may be unknown to the service.
    pub(crate) const fn grace(&self) -> Duration {
        self.grace
    }

    fn says_unknown(&self, body: &Value) -> bool {
        let is_empty_list = self
            .root
            .strip_suffix("/0")
            .is_some_and(|list| body.pointer(list).and_then(Value::as_array).is_some_and(Vec::is_empty));
        let is_blank = self.blank_is_unknown
            && body.pointer(self.root).is_some_and(|root| {
                root.is_null() || root.as_object().is_some_and(|_| self.status_word(root).is_none())
            });
        is_empty_list || is_blank
    }
}

/// The services that use a word of a status which the service that was polled does not use.
pub(super) fn services_using(word: &str) -> Vec<&'static str> {
    let word = word.trim();
    let using = table::ALL.iter().filter(|dialect| dialect.meaning(word).is_some());
    using.flat_map(|dialect| dialect.services).copied().collect()
}

/// `rds, taurusdb or dds`
pub(super) fn names(services: &[&str]) -> String {
    match services {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => services.join(", "),
    }
}

/// The services of another dialect than the common one whose job this body is.
pub(super) fn not_common(body: &[u8]) -> Option<String> {
    COMMON.other_services(&marked_json_value(body).ok()?).map(names)
}

#[cfg(test)]
mod tests;
