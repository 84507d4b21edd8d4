//! Results for people.

use std::fmt::{Display, Write};
use std::time::Duration;

use crate::job::Job;
use crate::job::status::Status;
use crate::util::duration::format_duration;
use crate::util::sanitize::{label, message, single_line};

use super::failure_tree;
use super::job_report::{JobOutcome, JobReport, ResourceState};
use super::style::{Style, Styles};
use crate::cli::input::target::Target;
use serde_json::Value;

/// The result of a job for standard output; `None` for an error, which goes to standard error.
pub(crate) fn result(report: &JobReport<'_>, styles: Styles) -> Option<String> {
    if let Some(resource) = report.resource {
        return resource_result(resource, report, styles);
    }
    let id = report.target?;
    match (report.outcome, report.job) {
        (JobOutcome::Succeeded | JobOutcome::Pending, Some(job)) => Some(good(id, job, report, styles)),
        (JobOutcome::Failed, Some(job)) => Some(failed(id, job, report, styles)),
        (JobOutcome::Failed, None) => Some(report.message.to_line()),
        (JobOutcome::Succeeded, None) => Some(format!("{id} is gone")),
        _ => None,
    }
}

/// `/v2/…/cloudvolumes/b1 available`, with the value in the color of the outcome.
fn resource_result(resource: ResourceState<'_>, report: &JobReport<'_>, styles: Styles) -> Option<String> {
    let mut text = match report.outcome {
        JobOutcome::Succeeded => {
            let value = match resource.value.filter(|_| !resource.is_gone) {
                None => "is gone".to_owned(),
                Some(value) => value_text(value),
            };
            format!("{} {}", single_line(resource.path, 300), styles.paint(Style::Good, &value))
        }
        JobOutcome::Failed => report.message.to_line(),
        _ => return None,
    };
    if let Some(cost) = cost(report) {
        let _ = write!(text, "\n  {cost}");
    }
    Some(text)
}

/// A JSON value on one line, a text without its quotes.
pub(crate) fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => label(text),
        other => label(&other.to_string()),
    }
}

fn good(id: &Target, job: &Job, report: &JobReport<'_>, styles: Styles) -> String {
    let job_type = job.job_type().map(|job_type| format!("{} ", label(job_type))).unwrap_or_default();
    let status = styles.paint(Style::of(job.status()), &label(job.status_text()));
    let is_gone = report.outcome == JobOutcome::Succeeded && !job.status().is_terminal();
    let gone = if is_gone { ", then gone" } else { "" };
    let mut text = format!("{job_type}{id} {status}{gone}{}", parts(job));
    if let Some(duration) = job.duration() {
        let _ = write!(text, ", {}", format_duration(duration));
    }
    if let Some(percent) = percent(job).filter(|_| !job.status().is_terminal()) {
        let _ = write!(text, ", {percent:.0} %");
    }
    if let Some(begin) = job.begin_time().filter(|_| !job.status().is_terminal()) {
        let _ = write!(text, ", since {}", label(begin.as_str()));
    }
    if let Some(entities) = job.entities().as_text() {
        let _ = write!(text, "\n  entities: {}", message(entities));
    }
    for (name, ids) in job.all_ids() {
        let _ = write!(text, "\n  {}:", label(&name));
        match ids.as_slice() {
            [id] => {
                let _ = write!(text, " {}", label(id));
            }
            ids => ids.iter().for_each(|id| {
                let _ = write!(text, "\n    {}", label(id));
            }),
        }
    }
    if let Some(reason) = job.reason() {
        let _ = write!(text, "\n  reason: {}", message(&reason));
    }
    if let Some(cost) = cost(report) {
        let _ = write!(text, "\n  {cost}");
    }
    text
}

/// What failed, then the tree of sub-jobs, then what there is to clean up.
fn failed(id: &Target, job: &Job, report: &JobReport<'_>, styles: Styles) -> String {
    let Some(failure) = job.failure() else { return report.message.to_line() };
    let mut text = failure.headline().replacen("failed", &styles.paint(Style::Bad, "failed"), 1);
    text.push_str(&failure_tree::sub_jobs(job, styles));
    if let Some(ids) = failure_tree::resource_ids(&failure) {
        let _ = write!(text, "\n  {ids}");
    }
    if job.id_text() != Some(id.id.as_str()) && *job.status() == Status::Fail {
        let _ = write!(text, "\n  polled as: {id}");
    }
    let took = job.duration().map(|took| format!("failed after {}{}", format_duration(took), parts(job)));
    let facts: Vec<_> = [took, cost(report)].into_iter().flatten().collect();
    if !facts.is_empty() {
        let _ = write!(text, "\n  {}", facts.join("; "));
    }
    text
}

/// `, 3 of 3 sub-jobs done`, if it has any.
fn parts(job: &Job) -> String {
    match sub_jobs(job) {
        (_, 0) => String::new(),
        (done, total) => format!(", {done} of {total} sub-jobs done"),
    }
}

/// `waited 4m 12s, 39 polls, noticed 5.1s after its end`; `None` of a single poll.
fn cost(report: &JobReport<'_>) -> Option<String> {
    if report.polls < 2 {
        return None;
    }
    let late = match report.lag {
        // The clock it is taken from has whole seconds.
        Some(lag) if lag.as_secs() == 0 => ", noticed within a second".to_owned(),
        Some(lag) => format!(", noticed {} after its end", format_duration(lag)),
        None => String::new(),
    };
    Some(format!("waited {}, {}{late}", format_duration(report.waited), polls(u64::from(report.polls))))
}

/// How many sub-jobs have ended, and how many there are or will be.
pub(crate) fn sub_jobs(job: &Job) -> (u32, u32) {
    let count = |jobs: usize| u32::try_from(jobs).unwrap_or(u32::MAX);
    let announced = job.sub_jobs_total().map_or(0, |total| u32::try_from(total).unwrap_or(u32::MAX));
    (count(job.sub_jobs_done()), announced.max(count(job.sub_jobs().len())))
}

/// `1 poll`, `39 polls`.
pub(crate) fn polls(polls: u64) -> String {
    format!("{polls} poll{}", if polls == 1 { "" } else { "s" })
}

/// `1 job`, `39 jobs`.
pub(crate) fn jobs(jobs: usize) -> String {
    format!("{jobs} job{}", if jobs == 1 { "" } else { "s" })
}

/// A duration that counts up or down on the display, in whole seconds: `0s`, `4s`, `4m 7s`.
pub(crate) fn whole_seconds(duration: Duration) -> impl Display {
    format_duration(Duration::from_secs(duration.as_secs()))
}

/// `45 RUNNING, 5 FAIL`: how many there are of each status, the most first.
pub(crate) fn count_by_status(jobs: &[Job]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for job in jobs {
        let word = job.status().as_str();
        match counts.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let word = |word: &str| if word.is_empty() { "without a status".to_owned() } else { label(word) };
    counts
        .into_iter()
        .map(|(status, count)| format!("{count} {}", word(status)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `Ecs.0204: Quota exceeded`, or what there is of it.
pub(crate) fn code_and_reason(job: &Job) -> Option<String> {
    let parts: Vec<_> = [job.error_code().map(label), job.reason().as_deref().map(message)]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| parts.join(": "))
}

/// How far it is in percent, where the service says so.
pub(crate) fn percent(job: &Job) -> Option<f64> {
    job.progress_percent()
}
