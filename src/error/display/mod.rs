//! The text of an error: what happened, what is known of the job, and what to do.

mod next_step;

use std::fmt;

#[cfg(feature = "cli")]
pub(crate) use self::next_step::RAISE_THREAD_LIMIT;
use self::next_step::{after_no_response, after_rejection};
use super::poll::PollError;
use super::{Error, ErrorKind, LastPoll};
use crate::job::failure::Failure;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::util::duration::format_duration;
use crate::util::sanitize::label;

/// The text of an error in its three parts, each on one line but for that of a failed job.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Parts {
    /// What happened.
    pub(crate) what: String,
    /// What else is known: whether the job is still running.
    pub(crate) note: Option<String>,
    /// What to do; it begins with a verb.
    pub(crate) hint: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { what, note, hint } = self.parts();
        f.write_str(&what)?;
        for part in [note, hint].into_iter().flatten() {
            write!(f, "; {part}")?;
        }
        Ok(())
    }
}

impl Parts {
    /// What is wrong with a setting; what to do about it; what else is known.
    fn of_setting(message: &str) -> Self {
        let mut clauses = message.splitn(3, "; ").map(str::to_owned);
        Self { what: clauses.next().unwrap_or_default(), hint: clauses.next(), note: clauses.next() }
    }
}

impl Error {
    /// The parts of the text.
    pub(crate) fn parts(&self) -> Parts {
        if self.resource().is_some() {
            let hint = self.hint().filter(|_| self.kind() == ErrorKind::NoAnswer);
            return Parts { what: self.0.message.clone(), note: None, hint };
        }
        match self.job_id() {
            Some(id) => Parts { what: self.what(id), note: self.note(), hint: self.hint() },
            None => self.parts_without_job(),
        }
    }

    fn parts_without_job(&self) -> Parts {
        if self.kind() == ErrorKind::Config {
            return Parts::of_setting(&self.0.message);
        }
        let what = match (self.kind(), self.last_error()) {
            (_, None) => self.0.message.clone(),
            (ErrorKind::Refused, Some(error)) if self.is_login() => {
                format!("login rejected: {}", clause(error))
            }
            (ErrorKind::Refused, Some(error)) => format!("request rejected: {}", clause(error)),
            (_, Some(error)) => format!("no usable response: {}", clause(error)),
        };
        Parts { what, note: None, hint: self.hint() }
    }

    fn what(&self, id: &JobId) -> String {
        let (effort, seen) = (self.effort(), self.seen());
        match self.kind() {
            ErrorKind::Cancelled => {
                format!(
                    "the wait for job {id} was cancelled {effort}{seen}{}",
                    self.error_text(", last error: ")
                )
            }
            ErrorKind::Config => self.0.message.clone(),
            ErrorKind::Failed => self.failure(id),
            ErrorKind::NoAnswer => {
                format!("no usable response for job {id} {effort}{seen}{}", self.error_text(": "))
            }
            ErrorKind::PaymentPending => {
                format!("job {id} waits for payment {effort}{seen}{}", self.error_text(", last error: "))
            }
            ErrorKind::Refused => {
                let who = if self.is_login() {
                    format!("login for job {id} rejected")
                } else if !self.is_not_found() {
                    format!("request for job {id} rejected")
                } else if self.status().is_some() {
                    format!("job {id} disappeared")
                } else {
                    format!("job {id} is not known to the service")
                };
                format!("{who} {effort}{seen}{}", self.error_text(": "))
            }
            ErrorKind::TimedOut => {
                format!("timed out waiting for job {id} {effort}{seen}{}", self.error_text(", last error: "))
            }
        }
    }

    /// What is known of the job now.
    fn note(&self) -> Option<String> {
        let is_current = self.0.state.last_poll == LastPoll::Job;
        let odd = self.status().and_then(Status::note);
        let state = match self.status().filter(|_| is_current) {
            Some(Status::PendingPayment) => UNPAID.to_owned(),
            Some(Status::Unknown(word)) => {
                format!("the status {} is not recognized and counts as pending", label(word))
                    + &odd.map(|odd| format!(", but it is {odd}")).unwrap_or_default()
            }
            Some(_) => RUNNING.to_owned(),
            None => {
                let odd = odd.map(|odd| format!(", and the last status is {odd}")).unwrap_or_default();
                format!("the state of the job is unknown{odd}")
            }
        };
        match self.kind() {
            ErrorKind::Config | ErrorKind::Failed => None,
            ErrorKind::Cancelled if state == RUNNING => {
                Some("the job was not cancelled and is still running".into())
            }
            ErrorKind::Cancelled if is_current => Some(format!("the job was not cancelled: {state}")),
            ErrorKind::Cancelled => Some("the job was not cancelled, its state is unknown".to_owned()),
            ErrorKind::PaymentPending => Some(UNPAID.to_owned()),
            ErrorKind::Refused if self.is_not_found() => Some(DELETED.to_owned()),
            ErrorKind::TimedOut if self.polls() == 0 && self.last_error().is_none() => {
                Some(NO_SLOT.to_owned())
            }
            ErrorKind::TimedOut | ErrorKind::NoAnswer | ErrorKind::Refused => Some(state),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self.kind() {
            ErrorKind::Cancelled | ErrorKind::Config | ErrorKind::Failed => return None,
            ErrorKind::NoAnswer => after_no_response(self.last_error()?),
            ErrorKind::PaymentPending => "pay the order and wait again",
            ErrorKind::Refused => return self.api_error().map(after_rejection),
            ErrorKind::TimedOut => return self.hint_of_timeout(),
        };
        Some(hint.to_owned()).filter(|hint| !hint.is_empty())
    }

    fn hint_of_timeout(&self) -> Option<String> {
        if let Some(pause) = self.0.state.retry_after {
            let pause = format_duration(pause);
            return Some(format!(
                "wait longer than the {pause} for which the service asked not to be polled"
            ));
        }
        let hint = match self.status() {
            None if self.polls() == 0 => return None,
            None => "check the id, or wait longer",
            Some(Status::PendingPayment) => "pay the order and wait again",
            Some(_) => "wait for the same id again",
        };
        Some(hint.to_owned())
    }

    fn is_login(&self) -> bool {
        self.api_error().is_some_and(|api| api.login)
    }

    /// `after 31 polls in 4m`.
    pub(crate) fn effort(&self) -> String {
        let waited = format_duration(self.elapsed());
        match self.polls() {
            0 => format!("before its first poll in {waited}"),
            1 => format!("after 1 poll in {waited}"),
            polls => format!("after {polls} polls in {waited}"),
        }
    }

    /// ` (RUNNING, 4m 6s old)`; nothing if the job has not been seen.
    fn seen(&self) -> String {
        let Some(status) = self.status() else { return String::new() };
        let when = if self.0.state.last_poll == LastPoll::Job { "" } else { "last seen " };
        match self.job_age() {
            Some(age) => format!(" ({when}{}, {} old)", label(status.as_str()), format_duration(age)),
            None => format!(" ({when}{})", label(status.as_str())),
        }
    }

    fn error_text(&self, before: &str) -> String {
        self.last_error().map_or_else(String::new, |error| format!("{before}{}", clause(error)))
    }

    /// The job tells its own id, which is not always the one that was asked for.
    fn failure(&self, id: &JobId) -> String {
        let Some(job) = self.job() else { return format!("job {id} failed") };
        let text = Failure::of(job).to_string();
        match job.id_text() {
            Some(own) if own == id.as_str() => text,
            Some(_) => format!("job {id}: {text}"),
            None => format!("job {id}{}", text.strip_prefix("job").unwrap_or(&text)),
        }
    }
}

/// An error as a part of a sentence: the texts of some services end with a full stop.
fn clause(error: &PollError) -> String {
    let mut text = error.to_string();
    text.truncate(text.trim_end_matches('.').len());
    text
}

const RUNNING: &str = "the job is still running";
const UNPAID: &str = "the order is unpaid: if it is cancelled, the status never changes, and the job is deleted \
                      after 14 days";
const DELETED: &str = "a job is deleted one day after it ended, an unpaid one after 14 days";
const NO_SLOT: &str = "the rate limit was used up by other jobs or is too low for this timeout";

#[cfg(test)]
mod tests;
