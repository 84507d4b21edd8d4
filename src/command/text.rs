//! Words for people: results, spans of time, and texts of the service made harmless.

use std::fmt::Write;
use std::time::Duration;

use cloudjob::{Job, JobId, Status};

use super::finding::{Finding, Verdict};

/// What standard output says of a job; `None` where it is an error, which is told elsewhere.
pub(super) fn result(finding: &Finding<'_>) -> Option<String> {
    let id = finding.job_id?;
    match (finding.verdict, finding.job) {
        (Verdict::Succeeded | Verdict::Pending, Some(job)) => Some(good(id, job, finding)),
        (Verdict::Failed, Some(job)) => Some(failed(id, job, finding)),
        (Verdict::Failed, None) => Some(finding.words.clone()),
        _ => None,
    }
}

fn good(id: &JobId, job: &Job, finding: &Finding<'_>) -> String {
    let job_type = job.job_type().map(|job_type| format!("{} ", clean(job_type))).unwrap_or_default();
    let mut text = format!("{job_type}{id} {}", clean(job.status_text()));
    if let Some(duration) = job.duration() {
        let _ = write!(text, " in {}", span(duration));
    }
    if let Some(begin) = job.begin_time().filter(|_| !job.status().is_terminal()) {
        let _ = write!(text, " since {}", clean(begin.as_str()));
    }
    text.push_str(&cost(job, finding));
    for (name, ids) in job.all_ids() {
        let _ = write!(text, "\n  {}: {}", clean(&name), clean(&ids.join(", ")));
    }
    if let Some(reason) = job.reason() {
        let _ = write!(text, "\n  reason: {}", clean(&reason));
    }
    text
}

fn failed(id: &JobId, job: &Job, finding: &Finding<'_>) -> String {
    let mut text = job.failure().unwrap_or_else(|| finding.words.clone());
    if job.id() != Some(id.as_str()) && *job.status() == Status::Fail {
        let _ = write!(text, "\n  asked for as: {id}");
    }
    if let Some(duration) = job.duration() {
        let _ = write!(text, "\n  it took {}{}", span(duration), cost(job, finding));
    }
    text
}

/// ` (3 of 3 sub-jobs done); waited 4m 12s, 39 looks, its end was seen 5.1s late`, as far as it applies.
fn cost(job: &Job, finding: &Finding<'_>) -> String {
    let (done, total) = sub_jobs(job);
    let mut text = if total > 0 { format!(" ({done} of {total} sub-jobs done)") } else { String::new() };
    if finding.looks > 1 {
        let _ = write!(text, "; waited {}, {}", span(finding.waited), looks(u64::from(finding.looks)));
    }
    match finding.lag {
        // The clock it is taken from has whole seconds.
        Some(lag) if lag.as_secs() == 0 => text.push_str(", its end was seen within a second"),
        Some(lag) => {
            let _ = write!(text, ", its end was seen {} late", span(lag));
        }
        None => {}
    }
    text
}

/// How many sub-jobs have ended, and how many there are or will be.
pub(super) fn sub_jobs(job: &Job) -> (u32, u32) {
    let count = |jobs: usize| u32::try_from(jobs).unwrap_or(u32::MAX);
    let announced = job.sub_jobs_total().map_or(0, |total| u32::try_from(total).unwrap_or(u32::MAX));
    (count(job.sub_jobs_done()), announced.max(count(job.sub_jobs().len())))
}

/// `1 look`, `39 looks`.
pub(super) fn looks(looks: u64) -> String {
    format!("{looks} look{}", if looks == 1 { "" } else { "s" })
}

/// `1 job`, `39 jobs`.
pub(super) fn jobs(jobs: usize) -> String {
    format!("{jobs} job{}", if jobs == 1 { "" } else { "s" })
}

/// `35ms`, `4.2s`, `47s`, `4m 7s`, `1h 5m`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let whole = match seconds {
        0 => return format!("{}ms", span.as_millis()),
        1..10 => return format!("{:.1}s", (span.as_millis() / 100) as f64 / 10.0),
        10..3600 => seconds,
        3600..86_400 => seconds / 60 * 60,
        _ => seconds / 3600 * 3600,
    };
    humantime::format_duration(Duration::from_secs(whole)).to_string()
}

/// A text of the service on one line, with nothing in it that moves a cursor.
pub(super) fn clean(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_short() {
        for (millis, text) in [
            (35, "35ms"),
            (4_290, "4.2s"),
            (9_999, "9.9s"),
            (47_900, "47s"),
            (247_000, "4m 7s"),
            (3_961_000, "1h 6m"),
            (90_061_000, "1day 1h"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn a_text_of_the_service_moves_no_cursor() {
        assert_eq!(clean("a\n\tb\u{1b}[2Jc\u{7}"), "a b?[2Jc?");
    }
}
