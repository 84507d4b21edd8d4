//! Colors: on a terminal that has them, unless the user decides otherwise.

use std::env;
use std::io::{self, IsTerminal};
use std::sync::OnceLock;

use crate::job::status::Status;
use console::Term;

use crate::cli::args::common::{Color, ColorChoice};

/// What a piece of text means, as far as a color can say it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Plain,
    Good,
    Bad,
    /// Under way.
    Going,
    /// Worth attention: an error, an unpaid order, an unknown status.
    Odd,
    /// Of less weight than what stands beside it.
    Faint,
}

/// Whether a stream gets colors.
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
            Self::Plain => "",
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
        Self { on: wants_colors(io::stdout().is_terminal(), &Term::stdout()) }
    }

    pub(crate) fn for_errors() -> Self {
        Self { on: wants_colors(io::stderr().is_terminal(), &Term::stderr()) }
    }

    /// The text as it goes to the stream.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        match style.code() {
            code if self.on && !code.is_empty() && !text.is_empty() => format!("{code}{text}{OFF}"),
            _ => text.to_owned(),
        }
    }
}

/// Whether the terminal understands more than plain lines.
pub(crate) fn is_able(term: &Term) -> bool {
    let word = env::var_os("TERM");
    // A console of Windows does not set it, and understands escapes only if that is switched on, which asking for its
    // features does; but not with NO_COLOR.
    let is_on = if cfg!(windows) { term.features().colors_supported() } else { word.is_some() };
    is_on && !word.is_some_and(|word| word.is_empty() || word == "dumb")
}

/// Takes over what `--color` says, for the whole process.
pub(crate) fn choose(color: Color) {
    // Only the first counts, and there is one.
    let _ = CHOICE.set(color.choice());
}

static CHOICE: OnceLock<ColorChoice> = OnceLock::new();

fn wants_colors(is_terminal: bool, term: &Term) -> bool {
    match CHOICE.get() {
        Some(ColorChoice::Always) => true,
        Some(ColorChoice::Never) => false,
        _ if no_color() => false,
        _ if env::var_os("CLICOLOR_FORCE").is_some_and(|word| !word.is_empty() && word != "0") => true,
        _ => is_terminal && is_able(term),
    }
}

/// An empty value does not count, by the convention of NO_COLOR.
fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|word| !word.is_empty())
}

const OFF: &str = "\u{1b}[0m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stream_that_wants_colors_gets_them() {
        assert_eq!(Styles { on: true }.paint(Style::Bad, "FAIL"), "\u{1b}[31mFAIL\u{1b}[0m");
        assert_eq!(Styles { on: true }.paint(Style::Plain, "a"), "a");
        assert_eq!(Styles { on: true }.paint(Style::Bad, ""), "");
        assert_eq!(Styles::default().paint(Style::Bad, "FAIL"), "FAIL");
    }
}
