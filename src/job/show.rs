//! A job in words: one line of it, and what to say when it failed.

use std::fmt;
use std::time::Duration;

use super::Job;

/// One line: type, id, status, how long it took or since when it runs, and how many of its sub-jobs have ended.
/// What is not known is left out.
impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [self.job_type(), self.id()].into_iter().flatten() {
            write!(f, "{} ", OneLine(part))?;
        }
        match self.status_text() {
            "" => f.write_str("without a status")?,
            _ => OneLine(self.status.as_str()).fmt(f)?,
        }
        if let Some(duration) = self.duration() {
            write!(f, " in {}", Span(duration))?;
        } else if let Some(begin) = self.begin_time().filter(|_| !self.status.is_terminal()) {
            write!(f, " since {}", OneLine(begin.as_str()))?;
        }
        let listed = u64::try_from(self.sub_jobs.len()).unwrap_or(u64::MAX);
        match self.sub_jobs_total().map_or(listed, |total| total.max(listed)) {
            0 => Ok(()),
            total => write!(f, " ({} of {total} sub-jobs done)", self.sub_jobs_done()),
        }
    }
}

/// What to say of a job that failed: its code and reason, those of the sub-jobs in which the failure began, and the
/// ids it names all the same, so that what was made can be cleaned up. No line break at the end.
pub(crate) fn failure_text(job: &Job) -> impl fmt::Display {
    Failure(job)
}

struct Failure<'a>(&'a Job);

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let job = self.0;
        let mut failed = job.failed_sub_jobs().peekable();
        // The reasons of the sub-jobs have lines of their own.
        let reason = if failed.peek().is_some() { job.own_reason() } else { job.reason() };
        line(f, "job", job, reason)?;
        for sub_job in failed {
            f.write_str("\n  ")?;
            line(f, "sub-job", sub_job, sub_job.reason())?;
        }
        let ids = job.all_ids();
        let mut made = ids.iter().filter(|(name, _)| !OWNERS.contains(&name.as_str())).peekable();
        if made.peek().is_some() {
            write!(f, "\n  {}: ", if makes_something(job) { "made nevertheless" } else { "concerned" })?;
        }
        for (count, (name, ids)) in made.enumerate() {
            write!(f, "{}{}", if count > 0 { "; " } else { "" }, OneLine(name))?;
            for (count, id) in ids.iter().enumerate() {
                write!(f, "{}{}", if count > 0 { ", " } else { " " }, OneLine(id))?;
            }
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, what: &str, job: &Job, reason: Option<String>) -> fmt::Result {
    f.write_str(what)?;
    if let Some(id) = job.id() {
        write!(f, " {}", OneLine(id))?;
    }
    if let Some(job_type) = job.job_type() {
        write!(f, " ({})", OneLine(job_type))?;
    }
    f.write_str(" failed")?;
    for part in [job.error_code(), reason.as_deref()].into_iter().flatten() {
        write!(f, ": {}", OneLine(part))?;
    }
    Ok(())
}

/// A server that a job should have stopped was not made by it. A job of no type is taken for one that makes something,
/// because what is not named is not cleaned up.
fn makes_something(job: &Job) -> bool {
    let Some(job_type) = job.job_type() else { return true };
    let job_type = job_type.to_ascii_lowercase();
    MAKERS.iter().any(|word| job_type.contains(word))
}

/// A text of the service on one line, with nothing in it that moves a cursor.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, word) in self.0.split_whitespace().enumerate() {
            if count > 0 {
                f.write_str(" ")?;
            }
            if !word.contains(char::is_control) {
                f.write_str(word)?;
                continue;
            }
            for c in word.chars() {
                write!(f, "{}", if c.is_control() { '?' } else { c })?;
            }
        }
        Ok(())
    }
}

/// A span in its two greatest units: `0.4s`, `41s`, `4m 6s`, `1h 2m`, `3d 4h`.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..10 => write!(f, "{seconds}.{}s", self.0.subsec_millis() / 100),
            10..60 => write!(f, "{seconds}s"),
            60..3600 => write!(f, "{}m {}s", seconds / 60, seconds % 60),
            3600..86400 => write!(f, "{}h {}m", seconds / 3600, seconds / 60 % 60),
            _ => write!(f, "{}d {}h", seconds / 86400, seconds / 3600 % 24),
        }
    }
}

/// Ids of whose job it was, not of what it made.
const OWNERS: [&str; 4] = ["domain_id", "project_id", "sub_job_id", "tenant_id"];

/// Words in the types of jobs that make something.
const MAKERS: [&str; 6] = ["addnic", "copy", "create", "import", "toimage", "tosysdataimage"];
