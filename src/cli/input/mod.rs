//! The ids among the arguments, all checked before anything is sent.

pub(crate) mod error;
mod frame;
pub(crate) mod stdin;
mod stream;
pub(crate) mod target;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::endpoint::service::Service;
use crate::util::sanitize::escaped;

use self::stream::Items;
use self::target::Target;
use super::exit_code::Exit;

/// The jobs that were named.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Each once, in the order in which they were given.
    pub(crate) ids: Vec<Target>,
    /// Whether more come on standard input.
    pub(crate) more_on_input: bool,
}

/// Reads the arguments: ids, JSON responses, `@file`, and `-` where `input` allows it. `default_service` is that of an id
/// without a prefix.
pub(crate) fn from_arguments(
    arguments: &[OsString],
    input: bool,
    default_service: Service,
) -> Result<Named, Exit> {
    let mut named = Named::default();
    for argument in arguments {
        match argument.as_encoded_bytes() {
            b"@-" => {
                return Err(Exit::usage("`@-` is not a file").hint("write `-` for standard input"));
            }
            [b'@', ..] => named.ids.extend(from_file(&path(argument)?)?),
            b"-" if input => named.more_on_input = true,
            b"-" => {
                return Err(Exit::usage("`-` (standard input) is for `cloudjob wait`")
                    .hint("give the ids as arguments"));
            }
            text if text.trim_ascii().is_empty() => {
                return Err(Exit::usage("an empty argument is not a job id")
                    .hint("check the command that should have printed it: it has probably failed"));
            }
            // What is not UTF-8 is read as in a body.
            text => {
                for id in error::read(text) {
                    named.ids.push(id.map_err(|bad| Exit::usage(bad.to_string()))?);
                }
            }
        }
    }
    named.ids = named.ids.into_iter().map(|id| id.normalized(default_service)).collect();
    let mut seen = HashSet::new();
    named.ids.retain(|id| seen.insert(id.clone()));
    Ok(named)
}

/// The path after an `@`, as the system has it.
fn path(argument: &OsStr) -> Result<PathBuf, Exit> {
    #[cfg(unix)]
    if let Some(path) = std::os::unix::ffi::OsStrExt::as_bytes(argument).strip_prefix(b"@") {
        return Ok(PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(path)));
    }
    let path = argument.to_str().and_then(|argument| argument.strip_prefix('@'));
    path.map(PathBuf::from).ok_or_else(|| Exit::usage("the path after `@` is not Unicode"))
}

fn from_file(path: &Path) -> Result<Vec<Target>, Exit> {
    let shown = escaped(&path.display().to_string(), 200);
    let file = File::open(path).map_err(|error| Exit::usage(format!("@{shown} cannot be read: {error}")))?;
    let ids = Items::new(BufReader::new(file))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|bad| Exit::usage(format!("@{shown}, {bad}")))?;
    if ids.is_empty() {
        return Err(Exit::usage(format!("@{shown} is empty"))
            .hint("check the call whose response it should contain: it has probably failed"));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(arguments: &[&str], input: bool) -> Result<(Vec<String>, bool), String> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        let named = from_arguments(&arguments, input, Service::Ecs)
            .map_err(|stop| stop.message.unwrap().to_string())?;
        Ok((named.ids.iter().map(Target::to_string).collect(), named.more_on_input))
    }

    #[test]
    fn each_id_is_taken_once_in_its_order() {
        let given = ["b", r#"{"job_id":"a"}"#, "-", "b", "\"a\"", "rds:a", "ecs:a", "c", "rds:a"];
        let (ids, more) = named(&given, true).unwrap();
        assert_eq!(ids, ["b", "a", "rds:a", "c"]);
        assert!(more);
    }

    #[test]
    fn one_bad_argument_is_enough() {
        for (arguments, input, expected) in [
            (["a", " \n"], true, "the command that should have printed it"),
            (["a", ""], true, "the command that should have printed it"),
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
