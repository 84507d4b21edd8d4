//! The command: what the arguments ask for, and the code it ends with.

pub(crate) mod args;
mod commands;
mod duration_arg;
mod exit_code;
mod input;
mod output;
mod parse;
mod progress;
mod session;
mod signal;

use std::process::ExitCode;

use self::args::Command;
use self::exit_code::Exit;

/// Runs what the arguments of the process ask for.
pub fn main() -> ExitCode {
    let cli = match parse::parse() {
        Ok(cli) => cli,
        Err(code) => return code.into(),
    };
    let common = &cli.common;
    let ended = match &cli.command {
        Command::Demo(demo) => commands::demo::run(demo, common),
        Command::Show(show) => commands::show::run(show, common),
        Command::Wait(wait) => commands::wait::run(wait, common),
        Command::Simulate(simulate) => commands::simulate::run(simulate, common),
        Command::Login => commands::login::run(common),
        Command::Completions(shell) => commands::completions::run(shell.shell),
        Command::Man => commands::completions::manual(),
    };
    match ended {
        Ok(code) => code.into(),
        Err(Exit { code, message }) => {
            if !message.is_empty() {
                output::stdio::complain(&message);
            }
            code.into()
        }
    }
}
