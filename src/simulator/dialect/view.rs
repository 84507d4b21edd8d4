//! A job at one moment, before it is written in the format of a service.

use std::time::Duration;

use serde_json::{Map, Value};
use time::OffsetDateTime;

/// What a job or sub-job looks like at one moment.
#[derive(Debug)]
pub(in crate::simulator) struct JobView<'a> {
    pub(in crate::simulator) id: &'a str,
    /// The id of the job that it is a sub-job of.
    pub(in crate::simulator) parent_id: Option<&'a str>,
    pub(in crate::simulator) project_id: &'a str,
    pub(in crate::simulator) job_type: &'a str,
    pub(in crate::simulator) status: ViewStatus<'a>,
    pub(in crate::simulator) begin: OffsetDateTime,
    pub(in crate::simulator) end: Option<OffsetDateTime>,
    pub(in crate::simulator) now: OffsetDateTime,
    /// 0 to 100.
    pub(in crate::simulator) percent: u8,
    /// The code and the reason that this job itself reports if it failed; empty ones are not reported.
    pub(in crate::simulator) cause: (&'a str, &'a str),
    /// The id of what the job creates or changes, as a UUID.
    pub(in crate::simulator) resource: &'a str,
    /// What the script wants in the entities.
    pub(in crate::simulator) entities: Map<String, Value>,
    /// The number of sub-jobs that the job is going to have.
    pub(in crate::simulator) sub_jobs_total: usize,
    /// Those that have started.
    pub(in crate::simulator) sub_jobs: Vec<Self>,
}

/// The status of a job or sub-job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::simulator) enum ViewStatus<'a> {
    /// Before it runs: INIT, PENDING_PAYMENT or what the script says.
    Waiting(&'a str),
    Running,
    Succeeded,
    Failed,
}

impl<'a> JobView<'a> {
    /// The status in the words of a service: initial, running, succeeded, failed. A status of the script other than
    /// INIT and PENDING_PAYMENT is sent unchanged.
    pub(super) const fn word(&self, words: [&'a str; 4]) -> &'a str {
        let [initial, running, succeeded, failed] = words;
        match self.status {
            ViewStatus::Waiting(status) => match status.as_bytes() {
                b"INIT" | b"PENDING_PAYMENT" => initial,
                _ => status,
            },
            ViewStatus::Running => running,
            ViewStatus::Succeeded => succeeded,
            ViewStatus::Failed => failed,
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.status == ViewStatus::Failed
    }

    /// The code and the reason; empty unless it failed.
    pub(super) fn reported_cause(&self) -> (&'a str, &'a str) {
        if self.has_failed() { self.cause } else { ("", "") }
    }

    /// The resource as 32 hexadecimal digits.
    pub(super) fn resource_digits(&self) -> String {
        self.resource.replace('-', "")
    }

    /// The id of another resource, which belongs to this one.
    pub(super) fn related_resource(&self) -> String {
        super::common::with_last_digit(self.resource, '1')
    }

    /// The time of the last change: the end, or now.
    pub(super) fn updated(&self) -> OffsetDateTime {
        self.end.unwrap_or(self.now)
    }
}

/// `text`, or null if it is empty.
pub(super) fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

/// `2018-08-06T10:41:14`, followed by `offset`.
pub(super) fn to_seconds(time: OffsetDateTime, offset: &str) -> String {
    let millis = crate::simulator::clock::job_time(time);
    format!("{}{offset}", millis.get(..19).unwrap_or_default())
}

/// `2019-05-23T14:35:23.511`, followed by `offset`.
pub(super) fn to_millis(time: OffsetDateTime, offset: &str) -> String {
    crate::simulator::clock::job_time(time).replace('Z', offset)
}

/// `2016-01-02 15:04:05`.
pub(super) fn with_space(time: OffsetDateTime) -> String {
    to_seconds(time, "").replace('T', " ")
}

/// Milliseconds since the epoch.
pub(super) fn epoch_millis(time: OffsetDateTime) -> String {
    let since = time - OffsetDateTime::UNIX_EPOCH;
    Duration::try_from(since).unwrap_or_default().as_millis().to_string()
}

/// The text of a Go time: `2020-02-02 08:12:40.672772389 +0000 UTC`.
pub(super) fn go_time(time: OffsetDateTime) -> String {
    format!("{}.{:09} +0000 UTC", with_space(time), time.nanosecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_format_is_that_of_the_documents() {
        let time = OffsetDateTime::from_unix_timestamp_nanos(1_742_715_526_807_063_001).unwrap();
        assert_eq!(to_seconds(time, "+0000"), "2025-03-23T07:38:46+0000");
        assert_eq!(to_millis(time, "+00:00"), "2025-03-23T07:38:46.807+00:00");
        assert_eq!(with_space(time), "2025-03-23 07:38:46");
        assert_eq!(epoch_millis(time), "1742715526807");
        assert_eq!(go_time(time), "2025-03-23 07:38:46.807063001 +0000 UTC");
    }
}
