//! `cloudjob completions`: made from the grammar of the arguments, with the values that are known on this computer.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

use crate::cli::args::parse;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::stdio;
use crate::config::clouds_yaml::Clouds;
use crate::config::env::Process;
use crate::endpoint::region;

pub(crate) fn run(shell: Shell) -> Result<Code, Exit> {
    let clouds = Clouds::read(&Process).ok().flatten();
    let clouds = clouds.iter().flat_map(Clouds::all_names).map(str::to_owned).collect();
    stdio::print(&script(shell, clouds))?;
    Ok(Code::Good)
}

fn script(shell: Shell, clouds: Vec<String>) -> String {
    let mut script = Vec::new();
    let mut grammar = with_values(parse::grammar(), &clouds);
    clap_complete::generate(shell, &mut grammar, "cloudjob", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Fish => script + &fish_values(&grammar),
        // Two colons would make all that follows the first id another id.
        Shell::Zsh => script.replace("'*::ids ", "'*:ids "),
        _ => script,
    }
}

/// The values of arguments without a flag, which the generator leaves out for fish.
fn fish_values(grammar: &Command) -> String {
    let mut lines = String::new();
    for command in grammar.get_subcommands().filter(|command| command.get_name() != "help") {
        for arg in command.get_positionals() {
            let values: Vec<_> =
                arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
            if !values.is_empty() {
                lines.push_str(&format!(
                    "complete -c cloudjob -n \"__fish_cloudjob_using_subcommand {}\" -f -a \"{}\"\n",
                    command.get_name(),
                    values.join(" ")
                ));
            }
        }
    }
    lines
}

/// The grammar with the values of regions and clouds, and without the file names that shells suggest for all else.
fn with_values(grammar: Command, clouds: &[String]) -> Command {
    let regions: Vec<_> = region::KNOWN.iter().map(|region| (*region).to_owned()).collect();
    let arg = |arg: Arg| match arg.get_id().as_str() {
        "cloud" if !clouds.is_empty() => arg.value_parser(PossibleValuesParser::new(clouds.to_vec())),
        "region" => arg.value_parser(PossibleValuesParser::new(regions.clone())),
        "command" => {
            let names: Vec<_> = parse::grammar().get_subcommands().map(|c| c.get_name().to_owned()).collect();
            arg.value_parser(PossibleValuesParser::new(names))
        }
        _ if arg.get_value_hint() == ValueHint::Unknown && arg.get_action().takes_values() => {
            arg.value_hint(ValueHint::Other)
        }
        _ => arg,
    };
    grammar.mut_subcommands(|subcommand| subcommand.mut_args(&arg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_completed_in_every_shell() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let script = script(shell, vec!["my-cloud".to_owned()]);
            assert!(script.contains("whoami") && script.contains("fail-fast"), "{shell}");
            if matches!(shell, Shell::Bash | Shell::Zsh | Shell::Fish) {
                for value in ["my-cloud", "eu-de", "sdrs", "json", "always"] {
                    assert!(script.contains(value), "{shell}: {value}");
                }
            }
        }
    }
}
