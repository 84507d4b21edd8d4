//! Standard output, where a failure to write counts, and standard error, where nobody is left to be told of one.

use std::io::{self, Write};

use crate::cli::exit_code::{Code, Exit};

/// Why nothing more can be written.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Whoever read has gone: no reason to say anything.
    Closed,
    /// A full disk, for one.
    Failed(String),
}

/// Writes a whole text and its last line break to standard output, and makes sure that it is out.
pub(crate) fn write(text: &str) -> Result<(), Broken> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let mut out = io::stdout().lock();
    let written = out.write_all(format!("{text}{end}").as_bytes()).and_then(|()| out.flush());
    written.map_err(Broken::from)
}

/// The same for commands that print one thing.
pub(crate) fn print(text: &str) -> Result<(), Exit> {
    write(text).map_err(|broken| match broken {
        Broken::Closed => Exit { code: Code::Good, message: String::new() },
        Broken::Failed(problem) => Exit { code: Code::NoAnswer, message: problem },
    })
}

/// What a help text that could not be written ends with.
pub(crate) fn unwritten(error: io::Error) -> Code {
    match Broken::from(error) {
        Broken::Closed => Code::Good,
        Broken::Failed(problem) => {
            complain(&problem);
            Code::NoAnswer
        }
    }
}

/// An error, on standard error.
pub(crate) fn complain(message: &str) {
    say(&format!("cloudjob: {message}"));
}

/// A line on standard error.
pub(crate) fn say(line: &str) {
    // At once, so that no other writer gets in between.
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Failed(format!("the result could not be written to standard output: {error}")),
        }
    }
}
