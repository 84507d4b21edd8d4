//! Something on standard input, in a file or among the arguments that is no job id.

use std::fmt;

use crate::api::submit::SubmitError;
use crate::error::api::ApiError;
use crate::job::id::{JobId, JobIdError};

/// What is no job id, and why.
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

/// The id that a text is: plain, in quotes, or inside a JSON answer.
pub(crate) fn read(text: &[u8]) -> Result<JobId, InputError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    let plain = match text.first() {
        Some(b'{' | b'[') => {
            return JobId::from_submit_response(text)
                .map_err(|error| InputError { line: None, problem: Problem::Response(error) });
        }
        Some(b'"') => serde_json::from_slice::<String>(text)
            .map_err(|_| InputError::text("a text in quotes that does not end: it must be one job id"))?,
        _ => String::from_utf8_lossy(text).into_owned(),
    };
    if plain == "null" {
        return Err(InputError::text(
            "`null` is no job id: what was read had no job_id, so the call before has probably failed",
        ));
    }
    JobId::new(plain).map_err(|error| InputError { line: None, problem: Problem::Id(error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_be_plain_or_quoted_or_in_an_answer() {
        for text in
            ["ab-1", " ab-1\r\n", "\"ab-1\"", r#"{"job_id":"ab-1"}"#, "\u{feff}{ \"jobId\": \"ab-1\" }"]
        {
            assert_eq!(read(text.as_bytes()).unwrap().as_str(), "ab-1", "{text}");
        }
    }

    #[test]
    fn what_is_none_says_why() {
        for (text, expected) in [
            ("", "it is empty"),
            ("null", "the call before has probably failed"),
            ("\"null\"", "the call before has probably failed"),
            ("a b", "only A-Z"),
            ("\"a", "does not end"),
            (r#"{"order_id":"CS1"}"#, "order `CS1`"),
            (r#"{"error":{"code":"Ecs.0019","message":"no"}}"#, "Ecs.0019: no"),
            ("\u{fffd}", "only A-Z"),
        ] {
            let problem = read(text.as_bytes()).unwrap_err().at(3).to_string();
            assert!(problem.starts_with("line 3: ") && problem.contains(expected), "{text}: {problem}");
        }
    }
}
