//! The command: what the arguments ask for, and the code it ends with.

mod args;
mod bad_item;
mod complaints;
mod completions;
mod connect;
mod crowd;
mod demo;
mod display;
mod exit;
mod finding;
mod ids;
mod interrupt;
mod live;
mod login;
mod open_jobs;
mod paint;
mod plain;
mod post;
mod printer;
mod report;
mod scan;
mod scene;
mod screen;
mod show;
mod simulate;
mod span_arg;
mod stage;
mod standard_input;
mod stream;
mod text;
mod tree;
mod usage;
mod wait;

use std::process::ExitCode;

use self::args::Command;
use self::exit::Stop;

/// Runs what the arguments of the process ask for.
pub(crate) fn main() -> ExitCode {
    let cli = match usage::parse() {
        Ok(cli) => cli,
        Err(code) => return code.into(),
    };
    let common = &cli.common;
    let ended = match &cli.command {
        Command::Demo(demo) => demo::run(demo, common),
        Command::Show(show) => show::run(show, common),
        Command::Wait(wait) => wait::run(wait, common),
        Command::Simulate(simulate) => simulate::run(simulate, common),
        Command::Login => login::run(common),
        Command::Completions(shell) => completions::run(shell.shell),
        Command::Man => completions::manual(),
    };
    match ended {
        Ok(code) => code.into(),
        Err(Stop { code, message }) => {
            if !message.is_empty() {
                printer::complain(&message);
            }
            code.into()
        }
    }
}
