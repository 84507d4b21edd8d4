//! The JSON object of a job. Scripts depend on its members and their order.

use std::fmt::Write;
use std::time::Duration;

use crate::cli::output::text;
use crate::endpoint::service::Service;
use crate::job::Job;
use crate::job::entities::Entities;
use crate::job::id::JobId;
use crate::job::timestamp::Timestamp;
use crate::util::sanitize::is_invisible;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::job_report::{JobOutcome, JobReport, ReportError};

/// One line of JSON, without its end.
pub(crate) fn line(report: &JobReport<'_>) -> String {
    // Nothing in it can fail: all names are texts, all numbers are finite.
    escaped(serde_json::to_string(&Report::from(report)).unwrap_or_default())
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

#[derive(Serialize)]
struct Report<'a> {
    job_id: Option<&'a str>,
    outcome: JobOutcome,
    status: Option<&'a str>,
    job_type: Option<&'a str>,
    begin_time: Option<&'a str>,
    end_time: Option<&'a str>,
    duration_seconds: Option<f64>,
    error_code: Option<&'a str>,
    fail_reason: Option<&'a str>,
    reason: Option<String>,
    ids: Option<Ids>,
    entities: Option<&'a Entities>,
    sub_jobs: Option<Vec<SubJob<'a>>>,
    service: Option<&'a str>,
    progress_percent: Option<f64>,
    polls: u32,
    waited_seconds: f64,
    lag_seconds: Option<f64>,
    error: Option<&'a ReportError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a Value>,
}

#[derive(Serialize)]
struct SubJob<'a> {
    job_id: Option<&'a str>,
    status: Option<&'a str>,
    job_type: Option<&'a str>,
    begin_time: Option<&'a str>,
    end_time: Option<&'a str>,
    duration_seconds: Option<f64>,
    error_code: Option<&'a str>,
    fail_reason: Option<&'a str>,
    reason: Option<String>,
    entities: &'a Entities,
    sub_jobs: Vec<Self>,
}

/// Names with their ids, as an object.
struct Ids(Vec<(String, Vec<String>)>);

impl<'a> From<&'a JobReport<'_>> for Report<'a> {
    fn from(report: &'a JobReport<'_>) -> Self {
        let job = report.job;
        Self {
            job_id: report.job_id.map(JobId::as_str),
            outcome: report.outcome,
            status: report.status,
            job_type: job.and_then(Job::job_type),
            begin_time: job.and_then(Job::begin_time).map(Timestamp::as_str),
            end_time: job.and_then(Job::end_time).map(Timestamp::as_str),
            duration_seconds: job.and_then(Job::duration).map(seconds),
            error_code: job.and_then(Job::error_code),
            fail_reason: job.and_then(Job::fail_reason),
            reason: job.and_then(Job::reason),
            ids: job.map(|job| Ids(job.all_ids())),
            entities: job.map(Job::entities),
            sub_jobs: job.map(sub_jobs),
            service: report.service.map(Service::as_str),
            progress_percent: job.and_then(text::percent),
            polls: report.polls,
            waited_seconds: seconds(report.waited),
            lag_seconds: report.lag.map(seconds),
            error: report.problem.as_ref(),
            resource: report.resource.map(|resource| resource.path),
            value: report.resource.map(|resource| resource.value.unwrap_or(&Value::Null)),
        }
    }
}

impl<'a> From<&'a Job> for SubJob<'a> {
    fn from(job: &'a Job) -> Self {
        Self {
            job_id: job.id(),
            // One without a status has an empty word.
            status: Some(job.status_text()).filter(|word| !word.is_empty()),
            job_type: job.job_type(),
            begin_time: job.begin_time().map(Timestamp::as_str),
            end_time: job.end_time().map(Timestamp::as_str),
            duration_seconds: job.duration().map(seconds),
            error_code: job.error_code(),
            fail_reason: job.fail_reason(),
            reason: job.reason(),
            entities: job.entities(),
            sub_jobs: sub_jobs(job),
        }
    }
}

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, ids) in &self.0 {
            map.serialize_entry(name, ids)?;
        }
        map.end()
    }
}

fn sub_jobs(job: &Job) -> Vec<SubJob<'_>> {
    job.sub_jobs().iter().map(SubJob::from).collect()
}

/// Seconds with three digits after the point.
fn seconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}
