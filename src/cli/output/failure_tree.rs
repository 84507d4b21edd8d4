//! The sub-jobs of a failed job as a tree, and the ids that it names.

use std::fmt::Write;

use crate::job::Job;
use crate::job::failure::Failure;
use crate::job::status::Status;
use crate::util::duration::format_duration;
use crate::util::sanitize::label;

use super::style::{Style, Styles};
use super::text::{code_and_reason, count_by_status};

/// A line for each sub-job, one level further in than its parent. Of many only the failed ones have lines.
pub(crate) fn sub_jobs(job: &Job, styles: Styles) -> String {
    let mut out = String::new();
    level(job, 1, styles, &mut out);
    out
}

/// The ids that the job names, with long lists cut short. `None` if there are none.
pub(crate) fn resource_ids(failure: &Failure<'_>) -> Option<String> {
    let ids = failure.resource_ids();
    if ids.is_empty() {
        return None;
    }
    let names: Vec<_> = ids
        .iter()
        .map(|(name, ids)| {
            let shown = ids.iter().take(MOST_IDS).map(|id| label(id)).collect::<Vec<_>>().join(", ");
            match ids.len().saturating_sub(MOST_IDS) {
                0 => format!("{} {shown}", label(name)),
                more => format!("{} {shown} … and {more} more", label(name)),
            }
        })
        .collect();
    let hint = if ids.iter().any(|(_, ids)| ids.len() > MOST_IDS) { " (all: --output json)" } else { "" };
    Some(format!("{}: {}{hint}", failure.ids_label(), names.join("; ")))
}

fn level(job: &Job, depth: usize, styles: Styles, out: &mut String) {
    let sub_jobs = job.sub_jobs();
    if sub_jobs.len() <= MOST {
        sub_jobs.iter().for_each(|job| line(job, depth, styles, out));
        return;
    }
    let failed: Vec<_> = sub_jobs.iter().filter(|job| is_relevant(job)).collect();
    failed.iter().take(MOST).for_each(|job| line(job, depth, styles, out));
    let skipped = failed.len().saturating_sub(MOST);
    let more = if skipped > 0 { format!("… and {skipped} more that failed; ") } else { String::new() };
    let _ = write!(out, "\n{:1$}{more}of {2}: {3}", "", 2 * depth, sub_jobs.len(), count_by_status(sub_jobs));
}

fn line(job: &Job, depth: usize, styles: Styles, out: &mut String) {
    let _ = write!(out, "\n{:1$}sub-job", "", 2 * depth);
    if let Some(id) = job.id_text() {
        let _ = write!(out, " {}", label(id));
    }
    if let Some(job_type) = job.job_type() {
        let _ = write!(out, " ({})", label(job_type));
    }
    let word = match job.status() {
        Status::Fail => "failed".to_owned(),
        _ if job.status_text().is_empty() => "has no status".to_owned(),
        _ => label(job.status_text()),
    };
    let _ = write!(out, " {}", styles.paint(Style::of(job.status()), &word));
    if let (Status::Success, Some(took)) = (job.status(), job.duration()) {
        let _ = write!(out, " in {}", format_duration(took));
    }
    // The reasons of the sub-jobs have lines of their own.
    let reason = if job.failed_sub_jobs().next().is_some() {
        job.error_code().map(label)
    } else if *job.status() == Status::Success {
        None
    } else {
        code_and_reason(job)
    };
    if let Some(reason) = reason {
        let _ = write!(out, ": {reason}");
    }
    if depth < DEEPEST {
        level(job, depth + 1, styles, out);
    }
}

fn is_relevant(job: &Job) -> bool {
    *job.status() == Status::Fail
        || job.status_text().is_empty() && (job.error_code().is_some() || job.fail_reason().is_some())
        || job.failed_sub_jobs().next().is_some()
}

/// So many sub-jobs of one job have a line each.
const MOST: usize = 6;

/// So many ids of one name are shown.
const MOST_IDS: usize = 6;

/// No service is known that nests them deeper than two.
const DEEPEST: usize = 6;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn job(sub_jobs: Value) -> Job {
        let body = json!({"status": "FAIL", "job_id": "p", "job_type": "createServer", "error_code": "Common.0021",
            "entities": {"sub_jobs": sub_jobs}});
        Job::from_slice(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn sub_jobs_stand_under_their_parents() {
        let job = job(json!([
            {"status": "SUCCESS", "job_id": "a", "begin_time": "2016-04-25T20:04:34Z", "end_time": "2016-04-25T20:05:04Z"},
            {"status": "FAIL", "job_id": "b", "job_type": "createSingleServer", "error_code": "Common.0021",
             "fail_reason": "Subjob fails", "entities": {"sub_jobs": [
                {"status": "SUCCESS", "job_id": "b1"},
                {"status": "FAIL", "job_id": "b2", "error_code": "Ecs.0204", "fail_reason": "Quota\u{7} exceeded"}]}},
            {"status": "RUNNING"},
        ]));
        assert_eq!(
            sub_jobs(&job, Styles::default()),
            "\n  sub-job a SUCCESS in 30s\n  sub-job b (createSingleServer) failed: Common.0021\n    \
             sub-job b1 SUCCESS\n    sub-job b2 failed: Ecs.0204: Quota exceeded\n  sub-job RUNNING"
        );
    }

    #[test]
    fn of_many_the_failed_ones_are_told_and_all_are_counted() {
        let of = |failed: usize| {
            let one = |n: usize| match n < failed {
                true => json!({"status": "FAIL", "job_id": format!("f{n}"), "error_code": "Ecs.1"}),
                false => json!({"status": "SUCCESS", "entities": {"server_id": format!("s{n}")}}),
            };
            job((0..50).map(one).collect())
        };
        assert_eq!(
            sub_jobs(&of(1), Styles::default()),
            "\n  sub-job f0 failed: Ecs.1\n  of 50: 49 SUCCESS, 1 FAIL"
        );
        let job = of(9);
        let text = sub_jobs(&job, Styles::default());
        assert_eq!(text.lines().count(), 8, "{text}");
        assert!(text.ends_with("\n  … and 3 more that failed; of 50: 41 SUCCESS, 9 FAIL"), "{text}");
        assert_eq!(
            resource_ids(&job.failure().unwrap()).unwrap(),
            "created before the failure: server_id s9, s10, s11, s12, s13, s14 … and 35 more (all: --output json)"
        );
        let none = Job::from_slice(br#"{"status":"FAIL"}"#).unwrap();
        assert_eq!(resource_ids(&none.failure().unwrap()), None);
    }
}
