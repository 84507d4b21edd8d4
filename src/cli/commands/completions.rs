//! `cloudjob completions`: made from the grammar of the arguments.

use clap_complete::Shell;

use crate::cli::args::parse;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::stdio;

pub(crate) fn run(shell: Shell) -> Result<Code, Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut parse::grammar(), "cloudjob", &mut script);
    stdio::print(&String::from_utf8_lossy(&script))?;
    Ok(Code::Good)
}
