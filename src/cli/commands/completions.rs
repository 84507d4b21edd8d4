//! `cloudjob completions` and the manual page: made from the grammar of the arguments.

use clap_complete::Shell;

use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::stdio;
use crate::cli::parse;

pub(crate) fn run(shell: Shell) -> Result<Code, Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut parse::grammar(), "cloudjob", &mut script);
    stdio::print(&String::from_utf8_lossy(&script))?;
    Ok(Code::Good)
}

/// In the language of `man`.
pub(crate) fn manual() -> Result<Code, Exit> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(parse::grammar()).render(&mut page);
    rendered.map_err(|error| Exit { code: Code::NoAnswer, message: error.to_string() })?;
    stdio::print(&String::from_utf8_lossy(&page))?;
    Ok(Code::Good)
}
