//! `cloudjob man`: the manual page of the command or of a subcommand, in the language of `man`.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::args::{help, parse};
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::message::Message;
use crate::cli::output::stdio;
use crate::util::sanitize::escaped;

pub(crate) fn run(name: Option<&str>) -> Result<Code, Exit> {
    let page = page(name)?;
    stdio::print(&page)?;
    Ok(Code::Good)
}

fn page(name: Option<&str>) -> Result<String, Exit> {
    let mut grammar = parse::grammar();
    grammar.build();
    let command = match name {
        None => grammar.clone(),
        Some(name) => {
            let found = grammar.find_subcommand(name).filter(|found| found.get_name() != "help");
            let unknown = || {
                Exit::usage(format!("`{}` is not a subcommand", escaped(name, 40)))
                    .hint("`cloudjob help` lists them")
            };
            found.cloned().ok_or_else(unknown)?
        }
    };
    let mut page = Vec::new();
    render(&command, &grammar, &mut page)
        .map_err(|error| Exit::new(Code::NoAnswer, Message::new(error.to_string())))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn render(command: &Command, grammar: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let title = command.get_display_name().unwrap_or("cloudjob").to_owned();
    let man = Man::new(command.clone()).title(title.to_uppercase());
    let man = man.source(concat!("cloudjob ", env!("CARGO_PKG_VERSION"))).manual("cloudjob manual");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    if let Some(text) = command.get_after_help() {
        section("NOTES", &text.to_string(), page)?;
    }
    if polls(command) {
        section("ENVIRONMENT", help::ENVIRONMENT, page)?;
    }
    section("EXIT STATUS", &help::exit_codes(command.get_name()), page)?;
    let others: Vec<_> = std::iter::once(grammar)
        .chain(grammar.get_subcommands().filter(|other| other.get_name() != "help"))
        .map(|other| other.get_display_name().unwrap_or_else(|| other.get_name()))
        .filter(|other| *other != title)
        .map(|other| format!("{other}(1)"))
        .collect();
    section("SEE ALSO", &others.join(", "), page)
}

/// Whether the subcommand, or one of the command's, needs credentials.
fn polls(command: &Command) -> bool {
    command.has_subcommands() || command.get_arguments().any(|arg| arg.get_id() == "endpoint")
}

/// A section whose lines stand as they are written.
fn section(title: &str, text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::default();
    roff.control("SH", [title]);
    roff.control("nf", []);
    roff.text(text.lines().flat_map(|line| [roman(line), roman("\n")]).collect::<Vec<_>>());
    roff.control("fi", []);
    roff.to_writer(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_every_option_exit_code_and_variable() {
        let mut grammar = parse::grammar();
        grammar.build();
        for command in grammar.get_subcommands().filter(|command| command.get_name() != "help") {
            let page = page(Some(command.get_name())).unwrap();
            for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
                if let Some(long) = arg.get_long() {
                    let flag = format!("\\-\\-{}", long.replace('-', "\\-"));
                    assert!(page.contains(&flag), "{}: {flag}", command.get_name());
                }
            }
            let title = format!(".TH CLOUDJOB-{} 1  \"cloudjob ", command.get_name().to_uppercase());
            assert!(page.contains(&title), "{page}");
            let codes = help::exit_codes(command.get_name());
            assert!(
                codes.lines().all(|code| page.contains(&code.replace('-', "\\-"))),
                "{}: {page}",
                command.get_name()
            );
            assert_eq!(page.contains("OS_AUTH_URL"), polls(command), "{}", command.get_name());
        }
        let top = page(None).unwrap();
        assert!(top.contains(".TH CLOUDJOB 1") && top.contains("cloudjob\\-wait(1)"), "{top}");
        page(Some("walk")).unwrap_err();
    }
}
