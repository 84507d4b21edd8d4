//! The command: what the arguments ask for, and the code it ends with.

mod args;
mod commands;
mod exit_code;
mod input;
mod output;
mod progress;
mod session;
mod signal;
#[cfg(unix)]
mod startup;

use std::process::ExitCode;

use self::args::{Command, parse};
use self::exit_code::Exit;
use self::output::stdio;

/// Runs what the arguments of the process ask for.
pub fn main() -> ExitCode {
    let ended = match parse::parse() {
        Ok(cli) => run(&cli.command),
        Err(code) => Err(Exit::silent(code)),
    };
    let code = ended.unwrap_or_else(|Exit { code, message }| {
        if let Some(message) = message {
            stdio::complain(&message);
        }
        code
    });
    stdio::drain(stdio::soon());
    code.into()
}

fn run(command: &Command) -> Result<exit_code::Code, Exit> {
    match command {
        Command::Demo(args) => commands::demo::run(args),
        Command::Show(args) => commands::show::run(args),
        Command::Wait(args) => commands::wait::run(args),
        Command::Until(args) => commands::until::run(args),
        Command::Simulate(args) => commands::simulate::run(args),
        Command::Whoami(args) => commands::whoami::run(args),
        Command::Completions(args) => commands::completions::run(args.shell),
        Command::Man(args) => commands::man::run(args.command.as_deref()),
    }
}
