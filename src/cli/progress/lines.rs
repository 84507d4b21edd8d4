//! Progress as plain lines: one for each change, or with `-v` one for each poll.

use std::collections::HashSet;
use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::status::Status;
use crate::poll::progress::Progress;
use time::OffsetDateTime;

use super::resource::ResourceView;
use super::tracked_jobs::{Printed, TrackedJob, TrackedJobs};
use crate::cli::input::target::Target;
use crate::cli::output::job_report::JobReport;
use crate::cli::output::stdio::say_if_read;
use crate::cli::output::text::{code_and_reason, jobs, percent, polls, sub_jobs, whole_seconds};
use crate::util::duration::format_duration;
use crate::util::sanitize::{label, message};
use crate::wait::resource::ResourceProgress;

/// Lines on standard error.
#[derive(Debug)]
pub(crate) struct LineProgress {
    /// A line for each poll.
    verbose: bool,
    timeout: Option<Duration>,
    resource: Option<ResourceView>,
    /// When the last line was written.
    last: Instant,
    /// The words for a status that were named as unknown.
    named: HashSet<String>,
}

impl LineProgress {
    pub(crate) fn new(verbose: bool, timeout: Option<Duration>) -> Self {
        Self { verbose, timeout, resource: None, last: Instant::now(), named: HashSet::new() }
    }

    /// Says of each of few jobs, or of many together, that they are still pending, if nothing was said for a while: systems
    /// for continuous integration end a step that is silent for too long.
    pub(crate) fn print_pending(&mut self, open: &TrackedJobs, now: Instant) {
        for line in self.pending_lines(open, now) {
            self.say(&line);
        }
    }

    /// The lines that are due now.
    fn pending_lines(&self, open: &TrackedJobs, now: Instant) -> Vec<String> {
        if now.saturating_duration_since(self.last) < LONGEST_SILENCE {
            return Vec::new();
        }
        if let Some(view) = &self.resource {
            return vec![format!("{}, {}", view.begin("still "), self.elapsed(view.elapsed(now)))];
        }
        let elapsed = |since: Instant| self.elapsed(now.saturating_duration_since(since));
        if open.len() <= FEW {
            let line = |(id, job): (&Target, &TrackedJob)| {
                let word = match &job.printed().status {
                    Some(status) => format!("still {}", label(status.as_str())),
                    None => "not seen yet".to_owned(),
                };
                let begin = begin(id, job.job.as_deref(), &word, job.printed().sub_jobs);
                format!("{begin}, {}", elapsed(job.since))
            };
            return open.in_order().into_iter().map(line).collect();
        }
        let of = |status: Option<&Status>| {
            status.map_or_else(|| "not seen yet".to_owned(), |status| label(status.as_str()))
        };
        let counts: Vec<_> =
            open.statuses().iter().map(|(status, count)| format!("{count} {}", of(*status))).collect();
        let elapsed = elapsed(open.slowest().map_or(now, |(_, open)| open.since));
        vec![format!("still pending: {}: {}, {elapsed}", jobs(open.len()), counts.join(", "))]
    }

    /// A resource is about to be waited for.
    pub(crate) fn take_resource(&mut self, path: &str) {
        self.resource = Some(ResourceView::new(path));
    }

    /// A poll of the resource.
    pub(crate) fn resource_polled(&mut self, progress: &ResourceProgress) {
        let Some(view) = &mut self.resource else { return };
        if !view.polled(progress, Instant::now()) && !self.verbose {
            return;
        }
        let (begin, error) = (view.begin(""), view.error().map(str::to_owned));
        let missing = view.missing().map(str::to_owned);
        let mut line = format!("{begin}, {}", self.elapsed(progress.elapsed()));
        if self.verbose {
            let _ =
                write!(line, ", poll {} took {}", progress.polls(), format_duration(progress.round_trip()));
        }
        for text in [&missing, &error].into_iter().flatten() {
            let _ = write!(line, ", {text}");
        }
        if let (Some(next), true) = (progress.next_poll(), self.verbose || error.is_some()) {
            let _ = write!(line, ", next poll in {}", format_duration(next));
        }
        self.say(&line);
    }

    /// A poll that did not end the job.
    pub(crate) fn polled(&mut self, id: &Target, progress: &Progress, open: &mut TrackedJob) {
        let now = Printed {
            status: progress.status().cloned(),
            sub_jobs: progress.sub_jobs(),
            error: progress.error().is_some(),
        };
        let news = (now.status != open.printed().status)
            || now.sub_jobs.0 != open.printed().sub_jobs.0
            || now.error && !open.printed().error;
        open.set_printed(now);
        if !news && !self.verbose {
            return;
        }
        // Right after the call that started it, that is usual.
        let unknown = progress.status().is_none()
            && progress.next_poll().is_some()
            && progress.error().and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
        let unseen = if unknown { "not known to the service yet" } else { "not seen yet" };
        let status = progress.status().map_or(unseen, Status::as_str);
        let mut line = begin(id, open.job.as_deref(), status, progress.sub_jobs());
        let _ = write!(line, ", {}", self.elapsed(progress.elapsed()));
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
        self.say(&line);
    }

    /// The end of a job, as far as it was seen.
    pub(crate) fn ended(&mut self, report: &JobReport<'_>, printed: Option<&Printed>) {
        let Some(id) = report.target else { return };
        let changed = report
            .job
            .is_some_and(|job| printed.is_none_or(|printed| Some(job.status()) != printed.status.as_ref()));
        if !changed && !self.verbose {
            return;
        }
        let status = report.status.unwrap_or("not seen");
        let mut line = begin(id, report.job, status, report.job.map(sub_jobs).unwrap_or_default());
        let _ = write!(line, ", {}", self.elapsed(report.waited));
        if self.verbose {
            let _ = write!(line, ", ended after {}", polls(u64::from(report.polls)));
            if let Some(problem) = &report.problem {
                let _ = write!(line, ", {}", message(&problem.message));
            }
        }
        self.say(&line);
    }

    /// `42s of 30m`.
    fn elapsed(&self, elapsed: Duration) -> String {
        match self.timeout {
            Some(timeout) if !timeout.is_zero() && timeout < Duration::MAX => {
                format!("{} of {}", whole_seconds(elapsed), format_duration(timeout))
            }
            _ => format_duration(elapsed).to_string(),
        }
    }

    fn say(&mut self, line: &str) {
        self.last = Instant::now();
        say_if_read(&format!("{} {line}", timestamp(self.verbose)));
    }

    fn name_unknown(&mut self, status: Option<&Status>, line: &mut String) {
        if let Some(Status::Unknown(word)) = status
            && self.named.insert(word.to_string())
        {
            let _ = write!(line, " (unrecognized status `{}`, still waiting)", label(word));
        }
    }
}

/// `createServer ff80… RUNNING, 1 of 3 sub-jobs done`: the order of words is the same everywhere.
fn begin(id: &Target, job: Option<&Job>, status: &str, sub_jobs: (u32, u32)) -> String {
    let mut line = String::new();
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
        let _ = write!(line, ", {percent:.0} %");
    }
    line
}

/// The time of the machine, in UTC; with `-v` to the millisecond.
fn timestamp(verbose: bool) -> String {
    let now = OffsetDateTime::now_utc();
    let (hour, minute, second, milli) = now.to_hms_milli();
    let milli = if verbose { format!(".{milli:03}") } else { String::new() };
    format!("{}T{hour:02}:{minute:02}:{second:02}{milli}Z", now.date())
}

/// So many jobs have a line each when they are still pending.
const FEW: usize = 8;

/// A line comes at least each 30 seconds; the thread that sees to it comes round every second.
const LONGEST_SILENCE: Duration = Duration::from_secs(28);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::id::JobId;

    fn target(number: usize) -> Target {
        Target::from(JobId::new(format!("ff{number}")).unwrap())
    }

    #[test]
    fn it_is_never_silent_for_longer_than_30_seconds() {
        let mut progress = LineProgress::new(false, Some(Duration::from_secs(1800)));
        let mut open = TrackedJobs::default();
        let mut since = |open: &mut TrackedJobs, lines: usize| {
            // The thread comes round every second; each time it says something the silence begins anew.
            let (begun, mut told) = (Instant::now(), Vec::new());
            progress.last = begun;
            for second in 0..=150 {
                let now = begun + Duration::from_secs(second);
                let due = progress.pending_lines(open, now);
                if !due.is_empty() {
                    assert!(now.duration_since(progress.last) <= Duration::from_secs(30));
                    assert_eq!(due.len(), lines, "{due:?}");
                    progress.last = now;
                    told.push((second, due[0].clone()));
                }
            }
            told
        };
        assert!(since(&mut open, 0).is_empty());
        open.add(&target(0));
        let told = since(&mut open, 1);
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!(told[0], (28, "ff0 not seen yet, 28s of 30m".to_owned()));
        open.set_status(&target(0), Status::Running);
        let told = since(&mut open, 1);
        assert_eq!(told[4], (140, "ff0 still RUNNING, 2m 20s of 30m".to_owned()));
        for number in 1..FEW {
            open.add(&target(number));
        }
        since(&mut open, FEW);
        open.add(&target(FEW));
        let told = since(&mut open, 1);
        assert_eq!(told[0].1, "still pending: 9 jobs: 8 not seen yet, 1 RUNNING, 28s of 30m");
    }
}
