//! The code that the command ends with, and the order in which the reasons for it count.

use std::process::ExitCode;

use crate::error::{Error, ErrorKind};

use super::output::job_report::Verdict;

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
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// The command cannot go on: what to say, and the code.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) code: Code,
    /// Without the name of the command before it; empty if there is nothing to say.
    pub(super) message: String,
}

impl Stop {
    /// Usage or configuration: nothing was asked.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { code: Code::Usage, message: message.into() }
    }

    pub(super) const fn interrupted() -> Self {
        Self { code: Code::Interrupted, message: String::new() }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Input => Code::Usage,
            ErrorKind::Cancelled => Code::Interrupted,
            ErrorKind::Failed | ErrorKind::Unpaid => Code::Failed,
            ErrorKind::Refused => Code::Refused,
            ErrorKind::TimedOut => Code::Deadline,
            _ => Code::NoAnswer,
        };
        Self { code, message: error.to_string() }
    }
}

/// What has happened so far, as far as the code depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) interrupted: bool,
    /// Jobs are only read: a failed one is no failure of the command.
    only_read: bool,
    failed: bool,
    refused: bool,
    no_answer: bool,
    timed_out: bool,
}

impl Tally {
    /// For single looks.
    pub(super) fn of_looks() -> Self {
        Self { only_read: true, ..Self::default() }
    }

    pub(super) const fn note(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Failed => self.failed = !self.only_read,
            Verdict::Refused => self.refused = true,
            Verdict::NoAnswer => self.no_answer = true,
            Verdict::TimedOut => self.timed_out = true,
            Verdict::Succeeded | Verdict::Pending | Verdict::Cancelled => {}
        }
    }

    /// A result could not be written.
    pub(super) const fn unwritten(&mut self) {
        self.no_answer = true;
    }

    /// The first that applies.
    pub(super) const fn code(self) -> Code {
        if self.interrupted {
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
        let mut tally = Tally::default();
        let steps = [
            (Verdict::Succeeded, Code::Good),
            (Verdict::Pending, Code::Good),
            (Verdict::Cancelled, Code::Good),
            (Verdict::TimedOut, Code::Deadline),
            (Verdict::NoAnswer, Code::NoAnswer),
            (Verdict::Refused, Code::Refused),
            (Verdict::Failed, Code::Failed),
            (Verdict::Succeeded, Code::Failed),
        ];
        for (verdict, code) in steps {
            tally.note(verdict);
            assert_eq!(tally.code(), code, "{verdict:?}");
        }
        tally.interrupted = true;
        assert_eq!(tally.code() as u8, 130);
    }
}
