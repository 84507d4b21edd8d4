//! Reads the arguments, or says what is wrong with them.

use std::io::{self, Write};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use super::common::Printing;
use super::{Cli, Command, Common};
use crate::cli::exit_code::Code;
use crate::cli::output::message::Message;
use crate::cli::output::stdio;

/// The arguments of the process; else the code to end with, after the help or the error has been printed.
pub(crate) fn parse() -> Result<Cli, Code> {
    let parsed = grammar().try_get_matches().map_err(|error| print(&error))?;
    if let Some(problem) = misplaced(&parsed) {
        stdio::complain(&problem);
        return Err(Code::Usage);
    }
    let mut cli = Cli::from_arg_matches(&parsed).map_err(|error| print(&error))?;
    cli.command.inherit(&cli.before).map_err(|problem| {
        stdio::complain(&problem);
        Code::Usage
    })?;
    Ok(cli)
}

/// The grammar of the command line. What may stand before the subcommand is listed by the subcommands that take it.
pub(crate) fn grammar() -> clap::Command {
    Cli::command()
        .mut_args(|arg| {
            let is_own = matches!(arg.get_id().as_str(), "help" | "version");
            arg.hide(!is_own)
        })
        .mut_subcommand("until", |until| {
            until
                .mut_arg("service", |arg| arg.help("The service of the resource (default: ecs)"))
                .mut_arg("project_id", |arg| arg.help("The id of the project that the resource belongs to"))
                .mut_arg("timeout", |arg| {
                    arg.help("How long to wait, such as 90s, 30m, 1h30m; 0s polls once")
                })
                .mut_arg("rate", |arg| arg.help("Maximum number of polls per second"))
                .mut_arg("expect", |arg| arg.help("How long it is expected to take: a hint for when to poll"))
        })
        .mut_subcommand("whoami", |whoami| {
            whoami
                .mut_arg("service", |arg| arg.help("The service whose endpoint is shown (default: ecs)"))
                .mut_arg("project_id", |arg| arg.help("The id of the project"))
        })
        .subcommand_value_name("COMMAND")
}

/// An option before a subcommand that does not take it.
fn misplaced(matches: &ArgMatches) -> Option<Message> {
    let (name, taken) = matches.subcommand()?;
    let given = matches.ids().find(|id| {
        matches.try_contains_id(id.as_str()).is_ok()
            && matches.value_source(id.as_str()) == Some(ValueSource::CommandLine)
            && taken.try_contains_id(id.as_str()).is_err()
            // A group of options counts as given with each of them.
            && !id.as_str().starts_with(|c: char| c.is_ascii_uppercase())
    })?;
    let flag = given.as_str().replace('_', "-");
    Some(
        Message::new(format!("the option --{flag} has no meaning for `cloudjob {name}`"))
            .hint(format!("`cloudjob help {name}` lists its options")),
    )
}

/// Prints what clap has to say.
fn print(error: &clap::Error) -> Code {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match error.print().and_then(|()| io::stdout().flush()) {
                Err(error) => stdio::unwritten(error),
                Ok(()) if stdio::is_closed() => stdio::unwritten(io::ErrorKind::NotConnected.into()),
                Ok(()) => Code::Good,
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // If this cannot be written, nothing else can be either.
            let _ = error.print();
            Code::Usage
        }
        _ => {
            stdio::complain(&from_clap(&error.render().to_string()));
            Code::Usage
        }
    }
}

/// The parts of an error of clap: what is wrong, a tip, and how the subcommand is used.
fn from_clap(text: &str) -> Message {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut error = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let (mut hints, mut notes) = (Vec::new(), Vec::new());
    let mut in_usage = false;
    for line in lines {
        if let Some(tip) = line.strip_prefix("tip: ") {
            // No value begins with a hyphen.
            if !tip.starts_with("to pass ") {
                hints.push(tip.to_owned());
            }
        } else if line.starts_with("For more information") {
            in_usage = false;
        } else if line.starts_with("Usage:") || line.starts_with('[') {
            in_usage = line.starts_with("Usage:");
            let values = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
            notes.push(values.unwrap_or(line).to_owned());
        } else if in_usage {
            notes.push(line.to_owned());
        } else {
            // The names of missing arguments.
            error.push_str(if error.ends_with(':') { " " } else { ", " });
            error.push_str(line);
        }
    }
    let message = Message::new(error);
    let message = if hints.is_empty() { message } else { message.hint(hints.join("; ")) };
    if notes.is_empty() { message } else { message.note(notes.join("; ")) }
}

impl Command {
    /// Takes over what was given before the subcommand, as if it stood after it.
    fn inherit(&mut self, before: &Common) -> Result<(), Message> {
        let Common { connection, scope, printing } = before.clone();
        let Printing { output, verbosity, color } = printing;
        match self {
            Self::Demo(args) => args.printing = args.printing.or(printing)?,
            Self::Show(args) => {
                args.connection = std::mem::take(&mut args.connection).or(connection);
                args.scope = std::mem::take(&mut args.scope).or(scope);
                args.printing = args.printing.or(printing)?;
            }
            Self::Wait(args) => {
                args.connection = std::mem::take(&mut args.connection).or(connection);
                args.scope = std::mem::take(&mut args.scope).or(scope);
                args.printing = args.printing.or(printing)?;
            }
            Self::Until(args) => {
                args.connection = std::mem::take(&mut args.connection).or(connection);
                args.output = output.of_one(args.output)?;
                args.verbosity = args.verbosity.or(verbosity)?;
                args.color = args.color.or(color);
            }
            Self::Simulate(args) => args.quiet |= verbosity.quiet,
            Self::Whoami(args) => {
                args.connection = std::mem::take(&mut args.connection).or(connection);
                args.color = args.color.or(color);
                args.output = output.of_one(args.output)?;
            }
            Self::Completions(_) | Self::Man(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_holds_together() {
        grammar().debug_assert();
    }

    #[test]
    fn options_before_the_subcommand_are_taken_over_by_those_that_take_them() {
        let parse = |line: &str| grammar().try_get_matches_from(line.split(' '));
        let wait = parse("cloudjob -o json --cloud otc -q wait a --cloud other").unwrap();
        assert_eq!(misplaced(&wait), None);
        let mut cli = Cli::from_arg_matches(&wait).unwrap();
        cli.command.inherit(&cli.before).unwrap();
        let Command::Wait(args) = cli.command else { panic!("{:?}", cli.command) };
        assert_eq!(args.connection.cloud.as_deref(), Some("other"));
        assert_eq!(args.printing.output.output, Some(super::super::common::Format::Json));
        assert!(args.printing.verbosity.quiet);
        for line in ["cloudjob --region eu-de demo", "cloudjob -o json simulate", "cloudjob -q man"] {
            let problem = misplaced(&parse(line).unwrap()).unwrap().to_string();
            assert!(problem.contains("has no meaning for"), "{line}: {problem}");
        }
        for (line, expected) in [
            ("cloudjob -q wait a -v", "--quiet cannot be used with --verbose"),
            ("cloudjob -v show a -q", "--quiet cannot be used with --verbose"),
            ("cloudjob -o ids whoami", "invalid value 'ids' for '--output"),
            ("cloudjob --output=ids until /a --gone", "invalid value 'ids' for '--output"),
        ] {
            let mut cli = Cli::from_arg_matches(&parse(line).unwrap()).unwrap();
            let problem = cli.command.inherit(&cli.before).unwrap_err().to_string();
            assert!(problem.contains(expected), "{line}: {problem}");
        }
        let mut cli = Cli::from_arg_matches(&parse("cloudjob -o ids whoami -o json").unwrap()).unwrap();
        cli.command.inherit(&cli.before).unwrap();
        for line in ["cloudjob demo --region eu-de", "cloudjob simulate -o json", "cloudjob man -q"] {
            parse(line).unwrap_err();
        }
    }

    #[test]
    fn an_error_of_clap_has_its_parts_on_lines_of_their_own() {
        for (line, expected) in [
            (
                "cloudjob whoami a",
                "error: unexpected argument 'a' found\nnote: Usage: cloudjob whoami [OPTIONS]",
            ),
            ("cloudjob wait a --timeout -5s", "error: invalid value '-5s' for '--timeout <DURATION>'"),
            (
                "cloudjob wait a --sinse",
                "error: unexpected argument '--sinse' found\nnote: Usage: cloudjob wait",
            ),
            (
                "cloudjob walt a",
                "error: unrecognized subcommand 'walt'\nhint: a similar subcommand exists: 'wait'",
            ),
            (
                "cloudjob wait",
                "error: the following required arguments were not provided: <JOB_ID>...\nnote: Usage:",
            ),
            (
                "cloudjob show a -o xml",
                "error: invalid value 'xml' for '--output <FORMAT>'\nnote: possible values: text, json, ids",
            ),
        ] {
            let error = grammar().try_get_matches_from(line.split(' ')).unwrap_err();
            let text = from_clap(&error.render().to_string()).to_string();
            assert!(text.starts_with(expected), "{line}: {text}");
            assert!(text.lines().count() <= 3 && !text.contains("For more information"), "{text}");
        }
    }
}
