//! The ids among the arguments, all checked before anything is asked.

pub(crate) mod error;
mod json_scanner;
pub(crate) mod stdin;
mod stream;

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;

use crate::job::id::JobId;

use self::stream::Items;
use super::exit_code::Exit;

/// The jobs that were named.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Each once, in the order in which they were given.
    pub(crate) ids: Vec<JobId>,
    /// Whether more come on standard input.
    pub(crate) more_on_input: bool,
}

/// Reads the arguments: ids, JSON answers, `@file`, and `-` where `input` allows it.
pub(crate) fn from_arguments(arguments: &[String], input: bool) -> Result<Named, Exit> {
    let mut named = Named::default();
    for argument in arguments {
        match argument.strip_prefix('@') {
            Some("-") => return Err(Exit::usage("`@-` is no file: write `-` for standard input")),
            Some(path) => named.ids.extend(from_file(path)?),
            None if argument == "-" && input => named.more_on_input = true,
            None if argument == "-" => {
                return Err(Exit::usage(
                    "`-` (standard input) is for `cloudjob wait`; give the ids as arguments",
                ));
            }
            None => named.ids.push(error::read(argument.as_bytes()).map_err(|bad| {
                let hint = if argument.is_empty() {
                    "; the command that should have given it has probably failed"
                } else {
                    ""
                };
                Exit::usage(format!("{bad}{hint}; nothing was asked"))
            })?),
        }
    }
    let mut seen = HashSet::new();
    named.ids.retain(|id| seen.insert(id.clone()));
    Ok(named)
}

fn from_file(path: &str) -> Result<Vec<JobId>, Exit> {
    let file = File::open(path).map_err(|error| Exit::usage(format!("@{path} cannot be read: {error}")))?;
    let ids = Items::new(BufReader::new(file))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|bad| Exit::usage(format!("@{path}, {bad}; nothing was asked")))?;
    if ids.is_empty() {
        return Err(Exit::usage(format!(
            "@{path} is empty: the call whose answer it should hold has probably failed"
        )));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(arguments: &[&str], input: bool) -> Result<(Vec<String>, bool), String> {
        let arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let named = from_arguments(&arguments, input).map_err(|stop| stop.message)?;
        Ok((named.ids.iter().map(JobId::to_string).collect(), named.more_on_input))
    }

    #[test]
    fn each_id_is_taken_once_in_its_order() {
        let (ids, more) = named(&["b", r#"{"job_id":"a"}"#, "-", "b", "\"a\"", "c"], true).unwrap();
        assert_eq!((ids, more), (vec!["b".to_owned(), "a".into(), "c".into()], true));
    }

    #[test]
    fn one_bad_argument_is_enough() {
        for (arguments, input, expected) in [
            (["a", ""], true, "it is empty; the command that should have given it has probably failed"),
            (["a", "b/c"], true, "`b/c` is not a job id"),
            (["a", "-"], false, "is for `cloudjob wait`"),
            (["a", "@-"], true, "write `-`"),
            (["a", "@/nowhere/at/all"], true, "@/nowhere/at/all cannot be read"),
            (["a", "null"], true, "the call before has probably failed"),
            (["a", r#"{"error_code":"Ecs.1","error_msg":"no"}"#], true, "Ecs.1: no"),
        ] {
            let problem = named(&arguments, input).unwrap_err();
            assert!(problem.contains(expected), "{problem}");
        }
    }
}
