//! A job in words: one line of it, and what to say when it failed.

use std::fmt;
use std::time::Duration;

use super::Job;
use super::status::Status;

impl Job {
    /// What to say of a job that failed, as the text of an [`Error`](crate::Error) says it: its code and reason, then
    /// a line for each sub-job in which the failure began, then what was made nevertheless. `None` if it has not failed.
    ///
    /// ```
    /// use cloudjob::Job;
    ///
    /// let job = Job::from_slice(br#"{"status":"FAIL", "job_id":"7f", "error_code":"Ecs.0204", "fail_reason":"no host"}"#)?;
    /// assert_eq!(job.failure().as_deref(), Some("job 7f failed: Ecs.0204: no host"));
    /// # Ok::<(), cloudjob::error::DecodeError>(())
    /// ```
    pub fn failure(&self) -> Option<String> {
        (self.status == Status::Fail).then(|| failure_text(self).to_string())
    }
}

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::job::tests::job;

    #[test]
    fn a_job_in_one_line_leaves_out_what_is_missing() {
        for (body, line) in [
            (
                json!({"job_type": "createServer", "job_id": "2c9e", "status": "SUCCESS", "entities": {"sub_jobs_total": 1,
                    "sub_jobs": [{"status": "SUCCESS"}]}, "begin_time": "2016-04-25T20:04:34.604Z",
                    "end_time": "2016-04-25T20:08:41.593Z"}),
                "createServer 2c9e SUCCESS in 4m 6s (1 of 1 sub-jobs done)",
            ),
            (
                json!({"job_type": "createServer", "job_id": "2c9e", "status": "RUNNING", "entities": {"sub_jobs_total": 3,
                    "sub_jobs": [{"status": "INIT"}]}, "begin_time": "2016-04-25T20:04:34.604Z", "end_time": ""}),
                "createServer 2c9e RUNNING since 2016-04-25T20:04:34.604Z (0 of 3 sub-jobs done)",
            ),
            (json!({"status": "success"}), "SUCCESS"),
            (json!({"status": "INIT", "job_id": "a"}), "a INIT"),
            (json!({"status": "FAIL", "job_id": "a", "begin_time": "odd", "end_time": "odder"}), "a FAIL"),
            (json!({"status": "odd\u{1b}[2J", "job_type": "two\nlines"}), "two lines odd?[2J"),
        ] {
            assert_eq!(job(body).to_string(), line);
        }
        let outer = job(json!({"status": "INIT", "sub_jobs": [{"job_id": "s"}]}));
        assert_eq!(outer.sub_jobs()[0].to_string(), "s without a status");
        for (end, shown) in [
            ("01.950Z", "1.9s"),
            ("41.000Z", "41s"),
            ("00.000Z", "0.0s"),
            ("00.999Z", "0.9s"),
            ("10.000Z", "10s"),
        ] {
            let end = format!("2016-01-01T00:00:{end}");
            let job = job(json!({"status": "FAIL", "begin_time": "2016-01-01T00:00:00Z", "end_time": end}));
            assert_eq!(job.to_string(), format!("FAIL in {shown}"));
        }
        for (end, shown) in [("01T01:02:59Z", "1h 2m"), ("04T04:59:00Z", "3d 4h")] {
            let end = format!("2016-01-{end}");
            let job = job(json!({"status": "FAIL", "begin_time": "2016-01-01T00:00:00Z", "end_time": end}));
            assert_eq!(job.to_string(), format!("FAIL in {shown}"));
        }
    }

    #[test]
    fn the_text_of_a_failure_has_the_cause_and_what_to_clean_up() {
        let quota = json!({"forbidden": {"code": 403, "message": "Quota\n exceeded"}}).to_string();
        let failed = job(json!({
            "status": "FAIL", "job_id": "p", "job_type": "createServer", "error_code": "Common.0021",
            "fail_reason": "Subjob fails", "entities": {"sub_jobs_total": 3, "sub_jobs": [
                {"status": "SUCCESS", "job_id": "s1", "entities": {"server_id": "a"}},
                {"status": "FAIL", "job_id": "s2", "job_type": "createSingleServer", "error_code": "Ecs.0204",
                 "fail_reason": "Task-fail: ...", "entities": {"errorcode_message": quota, "server_id": "b"}},
                {"status": "FAIL", "job_id": "s3", "error_code": "Ecs.0001", "entities": {"nic_id": "n", "tenant_id": "t"}},
            ]},
        }));
        assert_eq!(
            failure_text(&failed).to_string(),
            "job p (createServer) failed: Common.0021: Subjob fails\n  \
             sub-job s2 (createSingleServer) failed: Ecs.0204: Quota exceeded\n  \
             sub-job s3 failed: Ecs.0001\n  \
             made nevertheless: nic_id n; server_id a, b"
        );
        for (body, text) in [
            (json!({"status": "FAIL"}), "job failed"),
            (json!({"status": "FAIL", "job_id": "p", "fail_reason": "why"}), "job p failed: why"),
            (
                json!({"status": "FAIL", "job_id": "p", "job_type": "deleteServer", "entities": {"server_id": "a"}}),
                "job p (deleteServer) failed\n  concerned: server_id a",
            ),
            (
                json!({"status": "FAIL", "error_code": "EVS.2024", "entities": {"volume_id": "v"}}),
                "job failed: EVS.2024\n  made nevertheless: volume_id v",
            ),
        ] {
            assert_eq!(failure_text(&job(body)).to_string(), text);
        }
    }
}
