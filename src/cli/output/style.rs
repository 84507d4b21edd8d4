//! Colours, where the terminal has them and nobody asked for none.

use std::env;
use std::io::{self, IsTerminal};

use crate::job::status::Status;
use console::Term;

/// What a piece of text means, as far as a colour can say it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    LineProgress,
    Good,
    Bad,
    /// Under way.
    Going,
    /// Worth a poll: an error, an unpaid order, an unknown status.
    Odd,
    /// Of less weight than what stands beside it.
    Faint,
}

/// Whether a stream takes colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Styles {
    on: bool,
}

impl Style {
    pub(crate) const fn of(status: &Status) -> Self {
        match status {
            Status::Success => Self::Good,
            Status::Fail => Self::Bad,
            Status::PendingPayment | Status::Unknown(_) => Self::Odd,
            _ => Self::Going,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::LineProgress => "",
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[31m",
            Self::Going => "\u{1b}[36m",
            Self::Odd => "\u{1b}[33m",
            Self::Faint => "\u{1b}[2m",
        }
    }
}

impl Styles {
    pub(crate) fn for_output() -> Self {
        Self { on: io::stdout().is_terminal() && takes_colours(&Term::stdout()) }
    }

    pub(crate) fn for_errors() -> Self {
        Self { on: io::stderr().is_terminal() && takes_colours(&Term::stderr()) }
    }

    /// The text as it goes to the stream.
    pub(crate) fn dye(self, ink: Style, text: &str) -> String {
        match ink.code() {
            code if self.on && !code.is_empty() && !text.is_empty() => format!("{code}{text}{OFF}"),
            _ => text.to_owned(),
        }
    }
}

/// Whether the terminal understands more than plain lines.
pub(crate) fn is_able(term: &Term) -> bool {
    match env::var_os("TERM") {
        Some(word) => !word.is_empty() && word != "dumb",
        // Windows does not set it. To ask its console is to switch the escapes on.
        None => cfg!(windows) && (term.features().colors_supported() || no_colour()),
    }
}

fn takes_colours(term: &Term) -> bool {
    is_able(term) && !no_colour()
}

/// By its convention an empty one does not count.
fn no_colour() -> bool {
    env::var_os("NO_COLOR").is_some_and(|word| !word.is_empty())
}

const OFF: &str = "\u{1b}[0m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stream_that_takes_colours_gets_them() {
        assert_eq!(Styles { on: true }.dye(Style::Bad, "FAIL"), "\u{1b}[31mFAIL\u{1b}[0m");
        assert_eq!(Styles { on: true }.dye(Style::LineProgress, "a"), "a");
        assert_eq!(Styles { on: true }.dye(Style::Bad, ""), "");
        assert_eq!(Styles::default().dye(Style::Bad, "FAIL"), "FAIL");
    }
}
