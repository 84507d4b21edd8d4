//! The id of a job, checked where it enters.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::util::sanitize::escaped;

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
/// # Ok::<(), cloudjob::error::JobIdError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct JobId(Arc<str>);

impl JobId {
    /// Takes a text that is an id.
    ///
    /// # Errors
    /// If it is empty, longer than 128 characters, `.` or `..`, or has another character than `A-Z a-z 0-9 - _ .`.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, JobIdError> {
        let text = text.into();
        let problem = if text.is_empty() {
            "it is empty"
        } else if text.len() > 128 {
            "it is longer than 128 characters"
        } else if &*text == "." || &*text == ".." {
            "it is a path"
        } else if !is_allowed(&text) {
            "only A-Z a-z 0-9 - _ . are allowed in it"
        } else {
            return Ok(Self(text));
        };
        // What is far too long may be a token in the wrong place: of that, only enough to know it again.
        let limit = if text.len() > 128 { 12 } else { 40 };
        Err(JobIdError { shown: escaped(&text, limit), problem })
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
        f.pad(&self.0)
    }
}

impl TryFrom<&str> for JobId {
    type Error = JobIdError;

    fn try_from(text: &str) -> Result<Self, JobIdError> {
        Self::new(text)
    }
}

impl TryFrom<String> for JobId {
    type Error = JobIdError;

    fn try_from(text: String) -> Result<Self, JobIdError> {
        Self::new(text)
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.as_str().to_owned()
    }
}

impl Borrow<str> for JobId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for JobId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for JobId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<JobId> for str {
    fn eq(&self, other: &JobId) -> bool {
        self == other.as_str()
    }
}

impl AsRef<str> for JobId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Without a way out of the loop it is done on many bytes at once: each id of each response is checked.
fn is_allowed(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_') | (byte == b'.');
    text.bytes().fold(true, |all, byte| all & is_allowed(byte))
}

/// A text that is not the id of a job.
#[derive(Clone, Eq, PartialEq)]
pub struct JobIdError {
    shown: String,
    problem: &'static str,
}

impl JobIdError {
    /// The same said of another id that follows the rule of job ids.
    pub(crate) fn of(&self, what: &str) -> String {
        format!("`{}` is not a {what}: {}", self.shown, self.problem)
    }
}

impl fmt::Debug for JobIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for JobIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of("job id"))
    }
}

impl std::error::Error for JobIdError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_of_both_spellings_are_taken() {
        let longest = "x".repeat(128);
        for id in [
            "ff8080829585af7f0195c1e776d9475c",
            "70a599e0-31e7-49b7-b260-868f441e862b",
            "a",
            "...",
            "A_1.b",
            &longest,
        ] {
            assert_eq!(id.parse::<JobId>().unwrap().to_string(), id);
        }
    }

    #[test]
    fn what_could_alter_a_url_or_a_header_is_refused_and_shown() {
        for (text, expected) in [
            ("", "`` is not a job id: it is empty"),
            (".", "`.` is not a job id: it is a path"),
            ("..", "`..` is not a job id: it is a path"),
            ("a/b", "`a/b` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it"),
            ("a%2Fb", "`a%2Fb` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it"),
            ("a?b", "`a?b` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it"),
            ("a\r\nb: c", "`a\\r\\nb: c` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it"),
            ("ä", "`ä` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it"),
        ] {
            assert_eq!(JobId::new(text).unwrap_err().to_string(), expected);
        }
        let error = JobId::new(format!("{} ", "y".repeat(60))).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{}…` is not", "y".repeat(40))), "{error}");
    }

    #[test]
    fn a_token_in_the_place_of_an_id_is_not_shown() {
        let error = JobId::new("gAAAAABsecret".repeat(10)).unwrap_err().to_string();
        assert_eq!(error, "`gAAAAABsecre…` is not a job id: it is longer than 128 characters");
    }

    #[test]
    fn an_id_can_be_compared_and_found_as_text() {
        let id = JobId::new("ff80").unwrap();
        assert_eq!((id == "ff80", id == *"ff80", *"ff80" == id, id == "FF80"), (true, true, true, false));
        let known = std::collections::HashSet::from([id.clone()]);
        assert!(known.contains("ff80") && !known.contains("ff81"));
        assert_eq!(JobId::try_from("ff80".to_owned()), JobId::try_from("ff80"));
        assert_eq!((format!("{id:>6}"), String::from(id)), ("  ff80".to_owned(), "ff80".to_owned()));
        assert!(JobId::try_from("a b").is_err());
    }

    proptest! {
        #[test]
        fn an_id_that_is_taken_is_harmless(text in any::<String>()) {
            if let Ok(id) = JobId::new(text) {
                prop_assert!(id.as_str().bytes().all(|b| b.is_ascii_graphic() && !b"/?#%:@\"\\".contains(&b)));
            }
        }
    }
}
