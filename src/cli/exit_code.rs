//! The code that the command ends with, and the order in which the reasons for it count.

use std::process::ExitCode;

use crate::error::{Error, ErrorKind};

use super::output::job_report::JobOutcome;
use super::output::message::Message;

/// The codes that scripts depend on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Code {
    Good = 0,
    Failed = 1,
    Usage = 2,
    Deadline = 3,
    Refused = 4,
    NoAnswer = 5,
    Interrupted = 130,
    /// The reader of standard output went away.
    Closed = 141,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// The command cannot go on: the code, and what to say.
#[derive(Debug)]
pub(super) struct Exit {
    pub(super) code: Code,
    /// `None` if there is nothing to say.
    pub(super) message: Option<Message>,
}

impl Exit {
    pub(super) const fn new(code: Code, message: Message) -> Self {
        Self { code, message: Some(message) }
    }

    /// Usage or configuration: nothing was sent.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, Message::new(message))
    }

    pub(super) const fn silent(code: Code) -> Self {
        Self { code, message: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { message: self.message.map(|message| message.hint(hint)), ..self }
    }
}

impl From<Error> for Exit {
    fn from(error: Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Config => Code::Usage,
            ErrorKind::Cancelled => Code::Interrupted,
            ErrorKind::Failed | ErrorKind::PaymentPending => Code::Failed,
            ErrorKind::Refused => Code::Refused,
            ErrorKind::TimedOut => Code::Deadline,
            _ => Code::NoAnswer,
        };
        Self::new(code, Message::from(&error))
    }
}

/// What has happened so far, as far as the code depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ExitStatus {
    pub(super) interrupted: bool,
    closed: bool,
    /// Jobs are only read: a failed one is no failure of the command.
    only_read: bool,
    failed: bool,
    refused: bool,
    no_answer: bool,
    timed_out: bool,
}

impl ExitStatus {
    /// For single polls.
    pub(super) fn of_polls() -> Self {
        Self { only_read: true, ..Self::default() }
    }

    pub(super) const fn note(&mut self, outcome: JobOutcome) {
        match outcome {
            JobOutcome::Failed => self.failed = !self.only_read,
            JobOutcome::Refused => self.refused = true,
            JobOutcome::NoAnswer => self.no_answer = true,
            JobOutcome::TimedOut => self.timed_out = true,
            JobOutcome::Succeeded | JobOutcome::Pending | JobOutcome::Cancelled => {}
        }
    }

    /// A result could not be written.
    pub(super) const fn unwritten(&mut self) {
        self.no_answer = true;
    }

    /// The reader of standard output went away.
    pub(super) const fn closed(&mut self) {
        self.closed = true;
    }

    /// The first that applies.
    pub(super) const fn code(self) -> Code {
        if self.closed {
            Code::Closed
        } else if self.interrupted {
            Code::Interrupted
        } else if self.failed {
            Code::Failed
        } else if self.refused {
            Code::Refused
        } else if self.no_answer {
            Code::NoAnswer
        } else if self.timed_out {
            Code::Deadline
        } else {
            Code::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_that_happened_counts() {
        let mut status = ExitStatus::default();
        let steps = [
            (JobOutcome::Succeeded, Code::Good),
            (JobOutcome::Pending, Code::Good),
            (JobOutcome::Cancelled, Code::Good),
            (JobOutcome::TimedOut, Code::Deadline),
            (JobOutcome::NoAnswer, Code::NoAnswer),
            (JobOutcome::Refused, Code::Refused),
            (JobOutcome::Failed, Code::Failed),
            (JobOutcome::Succeeded, Code::Failed),
        ];
        for (outcome, code) in steps {
            status.note(outcome);
            assert_eq!(status.code(), code, "{outcome:?}");
        }
        status.interrupted = true;
        assert_eq!(status.code() as u8, 130);
        status.closed();
        assert_eq!(status.code() as u8, 141);
    }
}
