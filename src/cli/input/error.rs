//! Ids on standard input, in files and among the arguments, and what is wrong with those that are invalid.

use std::fmt;

use serde_json::Value;

use super::stream::Items;
use super::target::Target;
use crate::api::submit::SubmitError;
use crate::endpoint::service::Service;
use crate::error::api::ApiError;
use crate::job::id::{JobId, JobIdError};
use crate::util::sanitize::single_line;

/// What is not a job id, and why.
#[derive(Debug)]
pub(crate) struct InputError {
    /// Where it stands, if it stands on a line.
    pub(crate) line: Option<u64>,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Response(SubmitError),
    Id(JobIdError),
    Text(String),
}

impl InputError {
    pub(crate) fn text(message: impl Into<String>) -> Self {
        Self { line: None, problem: Problem::Text(message.into()) }
    }

    pub(crate) fn at(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The error of the service, if that is what stands in the place of an id.
    pub(crate) const fn api_error(&self) -> Option<&ApiError> {
        match &self.problem {
            Problem::Response(error) => error.api_error(),
            _ => None,
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match &self.problem {
            Problem::Response(error) => error.fmt(f),
            Problem::Id(error) => error.fmt(f),
            Problem::Text(text) => f.write_str(text),
        }
    }
}

/// The ids that an argument stands for: one plain or in quotes, or those of a JSON response.
pub(crate) fn read(text: &[u8]) -> Vec<Result<Target, InputError>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    if !matches!(text.first(), Some(b'{' | b'[' | b'"')) {
        return vec![read_plain(text)];
    }
    let items: Vec<_> = Items::new(text).collect();
    // An argument has no lines.
    let items = items.into_iter().map(|item| item.map_err(|error| InputError { line: None, ..error }));
    items.collect()
}

/// The id that a line is.
pub(crate) fn read_plain(line: &[u8]) -> Result<Target, InputError> {
    id(String::from_utf8_lossy(line).trim())
}

/// The ids that a JSON value has, which was read from these bytes: a response, an id in quotes, or an array of such.
pub(crate) fn read_json(value: &Value, bytes: &[u8]) -> Vec<Result<Target, InputError>> {
    match value {
        Value::String(text) => vec![id(text.trim())],
        Value::Array(values) if values.is_empty() => {
            vec![Err(InputError::text("an empty list has no job id"))]
        }
        Value::Array(values) => {
            values.iter().flat_map(|value| read_json(value, value.to_string().as_bytes())).collect()
        }
        Value::Object(_) => match JobId::all_from_submit_response(bytes) {
            Ok(ids) => ids.into_iter().map(|id| Ok(Target::from(id))).collect(),
            Err(error) => vec![Err(InputError { line: None, problem: Problem::Response(error) })],
        },
        other => vec![Err(InputError::text(format!("{other} is not a job id")))],
    }
}

/// An id, with or without its service before it.
fn id(text: &str) -> Result<Target, InputError> {
    if text == "null" {
        return Err(InputError::text(
            "`null` is not a job id: what was read had no job_id, so the call before has probably failed",
        ));
    }
    if text.contains("://") {
        let text = single_line(text, 80);
        return Err(InputError::text(format!("`{text}` is a URL, not a job id; give the id alone")));
    }
    let (service, id) = match text.split_once(':') {
        Some((name, id))
            if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !name.is_empty() =>
        {
            let service = name.parse::<Service>().map_err(|error| InputError::text(error.to_string()))?;
            (Some(service), id)
        }
        _ => (None, text),
    };
    let id = JobId::new(id).map_err(|error| InputError { line: None, problem: Problem::Id(error) })?;
    Ok(Target { service, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_be_plain_or_quoted_or_in_an_answer() {
        for text in
            ["ab-1", " ab-1\r\n", "\"ab-1\"", r#"{"job_id":"ab-1"}"#, "\u{feff}{ \"jobId\": \"ab-1\" }"]
        {
            let ids: Vec<_> = read(text.as_bytes()).into_iter().map(|id| id.unwrap().to_string()).collect();
            assert_eq!(ids, ["ab-1"], "{text}");
        }
    }

    #[test]
    fn what_is_none_says_why() {
        for (text, expected) in [
            ("", "it is empty"),
            ("null", "the call before has probably failed"),
            ("\"null\"", "the call before has probably failed"),
            ("a b", "only A-Z"),
            ("https://ecs.example/v1/p/jobs/x?token=hush", "is a URL, not a job id; give the id alone"),
            ("\"a", "ends too early"),
            (r#"{"order_id":"CS1"}"#, "order `CS1`"),
            (r#"{"error":{"code":"Ecs.0019","message":"no"}}"#, "Ecs.0019: no"),
            ("\u{fffd}", "only A-Z"),
        ] {
            let problem = read(text.as_bytes()).remove(0).unwrap_err().at(3).to_string();
            assert!(problem.starts_with("line 3: ") && problem.contains(expected), "{text}: {problem}");
        }
    }
}
