//! `cloudjob completions` and the manual page: made from the grammar of the arguments.

use clap_complete::Shell;

use super::exit::{Code, Stop};
use super::{printer, usage};

pub(super) fn run(shell: Shell) -> Result<Code, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut usage::grammar(), "cloudjob", &mut script);
    printer::print(&String::from_utf8_lossy(&script))?;
    Ok(Code::Good)
}

/// In the language of `man`.
pub(super) fn manual() -> Result<Code, Stop> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(usage::grammar()).render(&mut page);
    rendered.map_err(|error| Stop { code: Code::NoAnswer, message: error.to_string() })?;
    printer::print(&String::from_utf8_lossy(&page))?;
    Ok(Code::Good)
}
