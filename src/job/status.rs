//! Where a job stands, in the words of the service.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use super::dialect::{names, services_using};
use crate::util::sanitize::single_line;

/// The status of a job or sub-job.
///
/// The set is open: a word that is not documented is kept in [`Status::Unknown`] and waits like
/// [`Status::Running`]. Words are compared without case.
///
/// See `status` of "Querying Task Execution Status" of
/// [ECS](https://support.huaweicloud.com/intl/en-us/api-ecs/ecs_02_0901.html) and of
/// [EVS](https://support.huaweicloud.com/api-evs/evs_04_0054.html), whose two words are in no other.
///
/// ```
/// use cloudjob::Status;
///
/// assert_eq!(Status::from("success"), Status::Success);
/// assert!(Status::Success.is_terminal());
/// assert_eq!(Status::from("PAUSED").as_str(), "PAUSED");
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Status {
    /// `FAIL`: it ended and failed. What it had made by then may still exist.
    Fail,
    /// `INIT`: it is being prepared.
    Init,
    /// `LISTENING`: it is being listened to (EVS).
    Listening,
    /// `PENDING_PAYMENT`: a yearly or monthly order is not paid yet (ECS, BMS). If the order is cancelled the status
    /// never changes, and the job is deleted after 14 days.
    PendingPayment,
    /// `RUNNING`: it is under way.
    Running,
    /// `SUCCESS`: it ended well. What it made may need a moment more to settle.
    Success,
    /// A word that is not documented, as it was sent. Empty for a sub-job that has no status.
    Unknown(Box<str>),
    /// `WAITING_EXECUTE`: it waits for its turn (EVS).
    WaitingExecute,
}

impl Status {
    /// The word of the service in upper case, or an unknown word as it was sent.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Fail => "FAIL",
            Self::Init => "INIT",
            Self::Listening => "LISTENING",
            Self::PendingPayment => "PENDING_PAYMENT",
            Self::Running => "RUNNING",
            Self::Success => "SUCCESS",
            Self::Unknown(word) => word,
            Self::WaitingExecute => "WAITING_EXECUTE",
        }
    }

    /// The job has ended: [`Status::Success`] or [`Status::Fail`], and nothing else.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Success | Self::Fail)
    }

    /// What is odd about an unknown word, for people: other services use it, or it looks like a failure. `None` for a
    /// known status, and for a word about which nothing can be said.
    ///
    /// The job is still waited for: the set of statuses is open, and the word of a step can end as that of a failure does.
    pub(crate) fn note(&self) -> Option<String> {
        let Self::Unknown(word) = self else { return None };
        let services = services_using(word);
        if !services.is_empty() {
            return Some(format!("a status of {}, so check the service", names(&services)));
        }
        let word = word.trim().to_ascii_uppercase();
        let looks_failed = ["FAIL", "FAILED", "FAILURE", "ERROR"].iter().any(|ending| word.ends_with(ending));
        looks_failed.then(|| "a word that looks like a failure".to_owned())
    }
}

impl From<&str> for Status {
    fn from(text: &str) -> Self {
        if let Some(known) = KNOWN.iter().find(|known| known.as_str() == text) {
            return known.clone();
        }
        let word = text.trim();
        KNOWN
            .iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(word))
            .cloned()
            .unwrap_or_else(|| Self::Unknown(text.into()))
    }
}

impl From<String> for Status {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl FromStr for Status {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl AsRef<str> for Status {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Known words are compared without case.
impl PartialEq<str> for Status {
    fn eq(&self, other: &str) -> bool {
        match self {
            Self::Unknown(word) => **word == *other,
            known => known.as_str().eq_ignore_ascii_case(other.trim()),
        }
    }
}

/// Known words are compared without case.
impl PartialEq<&str> for Status {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Whatever was sent is shown as one line.
            Self::Unknown(word) => f.pad(&single_line(word, 80)),
            _ => f.pad(self.as_str()),
        }
    }
}

/// The most frequent first.
static KNOWN: [Status; 7] = [
    Status::Running,
    Status::Success,
    Status::Init,
    Status::Fail,
    Status::PendingPayment,
    Status::WaitingExecute,
    Status::Listening,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_word_is_known_in_any_case() {
        let words = [
            ("FAIL", Status::Fail),
            ("INIT", Status::Init),
            ("LISTENING", Status::Listening),
            ("PENDING_PAYMENT", Status::PendingPayment),
            ("RUNNING", Status::Running),
            ("SUCCESS", Status::Success),
            ("WAITING_EXECUTE", Status::WaitingExecute),
        ];
        for (word, status) in words {
            assert_eq!(Status::from(word), status);
            assert_eq!(Status::from(word.to_lowercase().as_str()), status);
            assert_eq!(Status::from(format!(" {word}\n").as_str()), status);
            assert_eq!(status.as_str(), word);
            assert_eq!(status.to_string(), word);
        }
    }

    #[test]
    fn a_strange_word_is_kept_as_sent() {
        for word in ["Paused", "FAILED", "ERROR", "SUCCESSFUL", "", "1"] {
            assert_eq!(Status::from(word), Status::Unknown(word.into()));
            assert_eq!(Status::from(word).as_str(), word);
        }
    }

    #[test]
    fn a_strange_word_is_shown_as_one_clean_line() {
        let status = Status::from("PAUSED\n[31m\u{1b}[2J");
        assert_eq!(status.to_string(), "PAUSED [31m [2J");
        assert_eq!(format!("{:>8}", Status::from("ODD")), "     ODD");
    }

    #[test]
    fn an_unknown_word_may_be_that_of_another_service_or_look_like_a_failure() {
        for (word, note) in [
            ("RUNNING", None),
            ("Paused", None),
            ("", None),
            (
                "completed",
                Some("a status of rds, taurusdb, gaussdb, dds, ddm or geminidb, so check the service"),
            ),
            ("STOP", Some("a status of dws, so check the service")),
            ("ABNORMAL", Some("a status of workspace or workspace-app, so check the service")),
            ("CREATE_FAIL", Some("a word that looks like a failure")),
            ("NodeError ", Some("a word that looks like a failure")),
            ("DEPLOY_FAILED", Some("a word that looks like a failure")),
            ("FAILOVER", None),
        ] {
            assert_eq!(Status::from(word).note().as_deref(), note, "{word}");
        }
    }

    #[test]
    fn a_status_can_be_compared_as_text() {
        assert!(Status::Success == "success" && Status::Success == *"SUCCESS" && Status::Success != "FAIL");
        let odd = Status::from("Odd");
        assert!(odd == "Odd" && odd != "odd" && odd != "FAIL");
        assert_eq!("INIT".parse(), Ok(Status::Init));
        assert_eq!(Status::from("FAIL".to_owned()).as_ref(), "FAIL");
    }

    #[test]
    fn only_success_and_fail_are_the_end() {
        let ended: Vec<_> = KNOWN.iter().filter(|status| status.is_terminal()).collect();
        assert_eq!(ended, [&Status::Success, &Status::Fail]);
        assert!(!Status::from("FAILED").is_terminal());
    }
}
