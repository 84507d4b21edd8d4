//! Reads the arguments, or says what is wrong with them.

use std::io::{self, Write};

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::args;
use super::args::{Cli, Common};
use super::exit_code::{Code, Exit};
use super::output::stdio;

/// The arguments of the process; else the code to end with, after the help or the error has been printed.
pub(super) fn parse() -> Result<Cli, Code> {
    let parsed = grammar().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match error.print().and_then(|()| io::stdout().flush()) {
                Err(error) => stdio::unwritten(error),
                Ok(()) => Code::Good,
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Nobody is left to be told if this cannot be written.
            let _ = error.print();
            Code::Usage
        }
        _ => {
            let text = error.render().to_string();
            stdio::complain(text.strip_prefix("error: ").unwrap_or(&text).trim_end());
            Code::Usage
        }
    })
}

/// The grammar of the command line, with the flags hidden where they mean nothing.
pub(super) fn grammar() -> clap::Command {
    let mut grammar = Cli::command();
    grammar.build();
    for name in ["demo", "simulate", "completions", "man"] {
        grammar = grammar.mut_subcommand(name, |command| {
            command.mut_args(|arg| {
                let hidden = arg.get_help_heading() == Some(args::CONNECTION);
                arg.hide(hidden)
            })
        });
    }
    grammar
}

/// Refuses flags of the connection where nothing is connected to, rather than passing over them.
pub(super) fn no_connection(command: &str, common: &Common) -> Result<(), Exit> {
    let flags = &common.connection;
    let given = [
        ("--endpoint", flags.endpoint.is_some()),
        ("--region", flags.region.is_some()),
        ("--project-id", flags.project_id.is_some()),
        ("--cloud", flags.cloud.is_some()),
        ("--token-file", flags.token_file.is_some()),
        ("--ca-cert", flags.ca_cert.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Exit::usage(format!(
            "{flag} has no meaning for `cloudjob {command}`, which asks no cloud: leave it out"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_holds_together() {
        grammar().debug_assert();
    }
}
