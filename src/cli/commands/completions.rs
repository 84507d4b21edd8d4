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
    clap_complete::generate(shell, &mut with_values(parse::grammar(), &clouds), "cloudjob", &mut script);
    String::from_utf8_lossy(&script).into_owned()
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
