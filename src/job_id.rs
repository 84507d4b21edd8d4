//! The id of a job, checked where it enters.

use std::fmt;
use std::str::FromStr;

/// The id of a job: 1 to 128 of `A-Z a-z 0-9 - _ .`, and not `.` or `..`, so that no id can alter a URL or a header.
///
/// Usually 32 hexadecimal digits (`ff8080829585af7f0195c1e776d9475c`), sometimes a UUID with dashes.
///
/// ```
/// use cloudjob::JobId;
///
/// let id = JobId::new("ff8080829585af7f0195c1e776d9475c")?;
/// assert_eq!(id.as_str(), "ff8080829585af7f0195c1e776d9475c");
/// assert!(JobId::new("../admin").is_err());
/// # Ok::<(), cloudjob::JobIdError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct JobId(Box<str>);

impl JobId {
    /// Takes a text that is an id.
    ///
    /// # Errors
    /// If it is empty, longer than 128 characters, `.` or `..`, or has another character than `A-Z a-z 0-9 - _ .`.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, JobIdError> {
        let text = text.into();
        let problem = if text.is_empty() {
            "it is empty"
        } else if text.len() > 128 {
            "it is longer than 128 characters"
        } else if &*text == "." || &*text == ".." {
            "it is a path"
        } else if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            "only A-Z a-z 0-9 - _ . may stand in it"
        } else {
            return Ok(Self(text));
        };
        Err(JobIdError { shown: text.chars().take(40).flat_map(char::escape_debug).collect(), problem })
    }

    /// The id as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, JobIdError> {
        Self::new(text)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for JobId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A text that is not the id of a job.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JobIdError {
    shown: String,
    problem: &'static str,
}

impl fmt::Display for JobIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a job id: {}", self.shown, self.problem)
    }
}

impl std::error::Error for JobIdError {}
