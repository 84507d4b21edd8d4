//! Progress as plain lines: one for each change, or with `-v` one for each poll.

use std::collections::HashSet;
use std::fmt::Write;

use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;
use crate::poll::progress::Progress;
use time::OffsetDateTime;

use super::tracked_jobs::{Told, TrackedJob};
use crate::cli::output::job_report::JobReport;
use crate::cli::output::stdio::say;
use crate::cli::output::text::{code_and_reason, percent, polls, sub_jobs};
use crate::util::duration::format_duration;
use crate::util::sanitize::{label, message};

/// Lines on standard error.
#[derive(Debug)]
pub(crate) struct LineProgress {
    /// A line for each poll.
    verbose: bool,
    /// The words for a status that were named as unknown.
    named: HashSet<String>,
}

impl LineProgress {
    pub(crate) fn new(verbose: bool) -> Self {
        Self { verbose, named: HashSet::new() }
    }

    /// A poll that did not end the job.
    pub(crate) fn polled(&mut self, progress: &Progress, open: &mut TrackedJob) {
        let now = Told {
            status: progress.status().cloned(),
            sub_jobs: progress.sub_jobs(),
            error: progress.error().is_some(),
        };
        let news = (now.status != open.told.status)
            || now.sub_jobs.0 != open.told.sub_jobs.0
            || now.error && !open.told.error;
        open.told = now;
        if !news && !self.verbose {
            return;
        }
        // Right after the call that started it, that is usual.
        let unknown = progress.status().is_none()
            && progress.next_poll().is_some()
            && progress.error().and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
        let unseen = if unknown { "not known to the service yet" } else { "not seen yet" };
        let status = progress.status().map_or(unseen, Status::as_str);
        let mut line = self.begin(progress.job_id(), open.job.as_deref(), status, progress.sub_jobs());
        let _ = write!(line, ", {}", format_duration(progress.elapsed()));
        if self.verbose {
            let _ =
                write!(line, ", poll {} took {}", progress.polls(), format_duration(progress.round_trip()));
        }
        if let Some(error) = progress.error().filter(|_| self.verbose || !unknown) {
            let _ = write!(line, ", {}", message(&error.to_string()));
        }
        if let (Some(next), true) = (progress.next_poll(), self.verbose || progress.error().is_some()) {
            let _ = write!(line, ", next poll in {}", format_duration(next));
        }
        self.name_unknown(progress.status(), &mut line);
        say(&line);
    }

    /// The end of a job, as far as it was seen.
    pub(crate) fn ended(&self, finding: &JobReport<'_>, told: Option<&Told>) {
        let Some(id) = finding.job_id else { return };
        let changed =
            finding.job.is_some_and(|job| told.is_none_or(|told| Some(job.status()) != told.status.as_ref()));
        if !changed && !self.verbose {
            return;
        }
        let status = finding.status.unwrap_or("not seen");
        let mut line = self.begin(id, finding.job, status, finding.job.map(sub_jobs).unwrap_or_default());
        let _ = write!(line, ", {}", format_duration(finding.waited));
        if self.verbose {
            let _ = write!(line, ", ended after {}", polls(u64::from(finding.polls)));
            if let Some(problem) = &finding.problem {
                let _ = write!(line, ", {}", message(problem.message()));
            }
        }
        say(&line);
    }

    fn begin(&self, id: &JobId, job: Option<&Job>, status: &str, sub_jobs: (u32, u32)) -> String {
        let mut line = if self.verbose { format!("{} ", time_of_day()) } else { String::new() };
        if let Some(job_type) = job.and_then(Job::job_type) {
            let _ = write!(line, "{} ", label(job_type));
        }
        let _ = write!(line, "{id} {}", label(status));
        if sub_jobs.1 > 0 {
            let _ = write!(line, ", {} of {} sub-jobs done", sub_jobs.0, sub_jobs.1);
        }
        let failed = job.map_or(0, |job| job.failed_sub_jobs().count());
        if failed > 0 {
            let _ = write!(line, ", {failed} of them failed");
            let first = job.and_then(|job| job.failed_sub_jobs().find_map(code_and_reason));
            if let Some(first) = first.filter(|_| !job.is_some_and(|job| job.status().is_terminal())) {
                let _ = write!(line, " ({first})");
            }
        }
        if let Some(percent) = job.and_then(percent) {
            let _ = write!(line, ", {percent}");
        }
        line
    }

    fn name_unknown(&mut self, status: Option<&Status>, line: &mut String) {
        if let Some(Status::Unknown(word)) = status
            && self.named.insert(word.to_string())
        {
            let _ = write!(line, " (`{}` is no status this version knows; waiting on)", label(word));
        }
    }
}

/// Of the machine, in UTC.
fn time_of_day() -> String {
    let now = OffsetDateTime::now_utc();
    let (hour, minute, second, milli) = now.to_hms_milli();
    format!("{}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z", now.date())
}
