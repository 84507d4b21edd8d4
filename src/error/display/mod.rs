//! An error in words: which job, what it was when last seen, how it was asked, what stood in the way, whether it goes
//! on, and what to do.

use std::fmt;

use super::api::ApiError;
use super::poll::{NextStep, PollError, TransportErrorKind};
use super::{Error, ErrorKind};
use crate::job::failure::Failure;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::util::duration::format_duration;
use crate::util::sanitize::single_line;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(id) = self.job_id() else {
            return match (self.kind(), self.last_error()) {
                (ErrorKind::Refused, Some(error)) => {
                    write!(f, "{}: {}{}", self.no(), clause(error), error.api_error().map_or("", hint))
                }
                (_, Some(error)) => {
                    write!(f, "no usable answer: {}{}", clause(error), next_step(error))
                }
                _ => f.write_str(&self.0.message),
            };
        };
        match self.kind() {
            ErrorKind::Cancelled => self.write_cancelled(f, id),
            ErrorKind::Failed => self.write_failed(f, id),
            ErrorKind::Config => f.write_str(&self.0.message),
            ErrorKind::NoAnswer => {
                write!(f, "job {id}: no usable answer {}", self.effort())?;
                self.write_error(f, ": ")?;
                f.write_str(self.last_error().map_or("", next_step))?;
                self.write_whether_it_goes_on(f)
            }
            ErrorKind::Refused => {
                write!(f, "job {id}: {} {}", self.no(), self.effort())?;
                self.write_error(f, ": ")?;
                let api = self.api_error();
                f.write_str(api.map_or("", hint))?;
                // Who does not know a job does not know that either.
                if self.status().is_some() || api.is_none_or(|api| !api.is_not_found()) {
                    self.write_whether_it_goes_on(f)?;
                }
                Ok(())
            }
            ErrorKind::TimedOut => self.write_timeout(f, id),
            ErrorKind::PaymentPending => {
                write!(f, "job {id} waits for its payment {}", self.effort())?;
                self.write_error(f, "; last error: ")?;
                f.write_str("; pay the order and wait again, or give the job up: ")?;
                f.write_str("if the order is cancelled, its status (PENDING_PAYMENT) never changes")
            }
        }
    }
}

impl Error {
    /// Who refused what.
    fn no(&self) -> &'static str {
        let login = self.api_error().is_some_and(|api| api.login);
        if login { "the login was refused" } else { "the service said no" }
    }

    /// `after 31 polls in 4m`.
    fn effort(&self) -> String {
        let polls = self.polls();
        format!(
            "after {polls} poll{} in {}",
            if polls == 1 { "" } else { "s" },
            format_duration(self.elapsed())
        )
    }

    /// `RUNNING, 4m 6s old`; `None` if the job has not been seen.
    fn last_seen(&self) -> Option<String> {
        let status = single_line(self.status()?.as_str(), 40);
        Some(match self.job_age() {
            Some(age) => format!("{status}, {} old", format_duration(age)),
            None => status,
        })
    }

    fn write_error(&self, f: &mut fmt::Formatter<'_>, before: &str) -> fmt::Result {
        match self.last_error() {
            Some(error) => write!(f, "{before}{}", clause(error)),
            None => Ok(()),
        }
    }

    fn write_whether_it_goes_on(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last_seen() {
            Some(seen) => write!(f, "; when last seen it was {seen}, and it goes on in the cloud"),
            None => f.write_str("; whether the job goes on in the cloud is not known"),
        }
    }

    fn write_unended(&self, f: &mut fmt::Formatter<'_>, id: &JobId) -> fmt::Result {
        let (effort, waited) = (self.effort(), format_duration(self.elapsed()));
        match self.last_seen() {
            Some(seen) => write!(f, "job {id} has not ended ({seen}) {effort}"),
            None if self.polls() == 0 => write!(f, "job {id} was never asked for in {waited}"),
            None => write!(f, "job {id} was not seen {effort}"),
        }?;
        self.write_error(f, "; last error: ")
    }

    fn write_cancelled(&self, f: &mut fmt::Formatter<'_>, id: &JobId) -> fmt::Result {
        self.write_unended(f, id)?;
        f.write_str("; the wait was cancelled, not the job")?;
        f.write_str(if self.status().is_some() { ": it goes on in the cloud" } else { "" })
    }

    /// The job tells its own id, which is not always the one that was asked for.
    fn write_failed(&self, f: &mut fmt::Formatter<'_>, id: &JobId) -> fmt::Result {
        let Some(job) = self.job() else { return write!(f, "job {id} failed") };
        let text = Failure::of(job);
        match job.id() {
            Some(own) if own == id.as_str() => write!(f, "{text}"),
            Some(_) => write!(f, "job {id}: {text}"),
            None => {
                let text = text.to_string();
                write!(f, "job {id}{}", text.strip_prefix("job").unwrap_or(&text))
            }
        }
    }

    fn write_timeout(&self, f: &mut fmt::Formatter<'_>, id: &JobId) -> fmt::Result {
        self.write_unended(f, id)?;
        if let Some(pause) = self.0.state.retry_after {
            write!(
                f,
                "; the service asks for a pause of {}, which reaches past the deadline",
                format_duration(pause)
            )?;
        }
        if let Some(note) = self.status().and_then(Status::note) {
            write!(f, "; its status is {note}")?;
        }
        f.write_str(match self.status() {
            Some(Status::PendingPayment) => {
                "; its order is not paid: pay it and wait again, or give the job up, \
                 for after a cancelled order its status never changes"
            }
            Some(_) => "; it goes on in the cloud, and can be waited for again by its id",
            None if self.polls() == 0 => {
                "; there was no turn for it: the rate of polls is used up by others, or too low for this timeout"
            }
            None => "; whether the job goes on in the cloud is not known: check its id, or wait longer",
        })
    }
}

/// The next step after a no.
fn hint(api: &ApiError) -> &'static str {
    if api.login {
        login_hint(api)
    } else if api.is_not_found() {
        "; it does not know this job: check the id, the project and the service; \
         an ended job is deleted after one day, an unpaid one after 14 days"
    } else if api.is_unknown_endpoint() {
        "; there is no such API at this address: check the endpoint, the region and the service"
    } else if api.is_unauthorized() {
        "; check the credentials, and that they are of this region and project; they are not tried again"
    } else if api.is_forbidden() {
        "; the user is not allowed to do this: check its permissions for this project"
    } else {
        "; check the id, the project and the service"
    }
}

/// The next step where nobody said no, and nobody gave a job.
fn next_step(error: &PollError) -> &'static str {
    match error {
        PollError::Api(api) if api.is_redirect() => {
            "; a redirect is not followed, for the token would go along: check the address that is asked"
        }
        PollError::Api(api) if api.is_throttled() => "; ask again later, and less often",
        PollError::Api(api) if api.is_transient() => "; it may pass: try again later",
        PollError::Api(_) => "",
        PollError::Decode(_) => {
            "; it was not the service that answered, or only in part: \
             check the address that is asked, and whether a proxy or a login page stands in between"
        }
        PollError::Transport(error) if error.next_step == NextStep::Told => "",
        PollError::Transport(error) if error.next_step == NextStep::CheckProxy && error.is_transient() => {
            "; check the proxy setting and the network"
        }
        PollError::Transport(error) => match error.kind() {
            TransportErrorKind::Dns => {
                "; check the name, in which the region and the service stand, and the network"
            }
            TransportErrorKind::Connect | TransportErrorKind::Timeout => {
                "; check the address, the network and the proxy"
            }
            TransportErrorKind::Protocol | TransportErrorKind::Tls => {
                "; check the scheme and the port of the address"
            }
            TransportErrorKind::ConnectionLost => "; try again, and check the proxy if there is one",
            // Their texts have it.
            _ => "",
        },
    }
}

/// An error as a part of a sentence: the texts of some services end with a full stop.
fn clause(error: &PollError) -> String {
    let mut text = error.to_string();
    text.truncate(text.trim_end_matches('.').len());
    text
}

/// The next step after a no to a login.
fn login_hint(api: &ApiError) -> &'static str {
    if api.is_unauthorized() {
        "; check the user and its domain, the password and the project; it was not tried again"
    } else if api.http_status() == 404 {
        "; there is no such API at this address: check the auth URL"
    } else if api.is_forbidden() {
        "; the user lacks the permission to log in to this project, or to take on this agency"
    } else {
        "; check the auth URL, the user and its domain, and the project"
    }
}

#[cfg(test)]
mod tests;
