//! The JSON object of a job. Scripts depend on its members and their order.

use std::fmt::Write;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::job_report::JobReport;
use crate::endpoint::service::Service;
use crate::job::Job;
use crate::job::json::{seconds, write_members};
use crate::util::sanitize::is_invisible;

/// One line of JSON, without its end.
pub(crate) fn line(report: &JobReport<'_>) -> String {
    // Nothing in it can fail: all names are texts, all numbers are finite.
    escaped(serde_json::to_string(&Report(report)).unwrap_or_default())
}

/// The same JSON with escapes for characters that a terminal obeys or does not show. They can only be in strings.
fn escaped(json: String) -> String {
    let is_special = |c: char| c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}');
    if !json.contains(is_special) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_special(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The members of a job, between those of the wait for it.
struct Report<'a>(&'a JobReport<'a>);

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("job_id", &report.target.map(|target| target.id.as_str()))?;
        map.serialize_entry("outcome", &report.outcome)?;
        map.serialize_entry("status", &report.status)?;
        write_members(&mut map, report.job)?;
        map.serialize_entry("service", &report.service.map(Service::as_str))?;
        map.serialize_entry("progress_percent", &report.job.and_then(Job::progress_percent))?;
        map.serialize_entry("polls", &report.polls)?;
        map.serialize_entry("waited_seconds", &seconds(report.waited))?;
        map.serialize_entry("lag_seconds", &report.lag.map(seconds))?;
        map.serialize_entry("error", &report.problem)?;
        if let Some(resource) = &report.resource {
            map.serialize_entry("resource", resource.path)?;
            map.serialize_entry("value", &resource.value)?;
        }
        map.end()
    }
}
