//! One line about a job.

use std::fmt;

use super::Job;
use crate::util::duration::format_duration;
use crate::util::sanitize::{label, message};

/// One line: type, id, status, how long the job took or since when it runs, how many of its sub-jobs have ended, and the
/// code and reason of a failure. What is unknown is left out.
impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [self.job_type(), self.id_text()].into_iter().flatten() {
            write!(f, "{} ", label(part))?;
        }
        match self.status_text() {
            "" => f.write_str("without a status")?,
            _ => f.write_str(&label(self.status.as_str()))?,
        }
        if let Some(duration) = self.duration() {
            write!(f, " in {}", format_duration(duration))?;
        } else if let Some(begin) = self.begin_time().filter(|_| !self.status.is_terminal()) {
            write!(f, " since {}", label(begin.as_str()))?;
        }
        let listed = u64::try_from(self.sub_jobs.len()).unwrap_or(u64::MAX);
        match self.sub_jobs_total().map_or(listed, |total| total.max(listed)) {
            0 => {}
            total => write!(f, " ({} of {total} sub-jobs done)", self.sub_jobs_done())?,
        }
        let Some(failure) = self.failure() else { return Ok(()) };
        let (code, reason) = (failure.code().map(label), failure.reason().as_deref().map(message));
        for part in [code, reason].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::job::tests::job;

    #[test]
    fn a_job_in_one_line_leaves_out_what_is_missing() {
        for (body, line) in [
            (
                json!({"job_type": "createServer", "job_id": "2c9e", "status": "SUCCESS", "entities": {"sub_jobs_total": 1,
                    "sub_jobs": [{"status": "SUCCESS"}]}, "begin_time": "2016-04-25T20:04:34.604Z",
                    "end_time": "2016-04-25T20:08:41.593Z"}),
                "createServer 2c9e SUCCESS in 4m 7s (1 of 1 sub-jobs done)",
            ),
            (
                json!({"job_type": "createServer", "job_id": "2c9e", "status": "RUNNING", "entities": {"sub_jobs_total": 3,
                    "sub_jobs": [{"status": "INIT"}]}, "begin_time": "2016-04-25T20:04:34.604Z", "end_time": ""}),
                "createServer 2c9e RUNNING since 2016-04-25T20:04:34.604Z (0 of 3 sub-jobs done)",
            ),
            (json!({"status": "success"}), "SUCCESS"),
            (json!({"status": "INIT", "job_id": "a"}), "a INIT"),
            (
                json!({"status": "FAIL", "job_id": "a", "error_code": "Common.0021", "fail_reason": "Subjob fails",
                    "sub_jobs": [{"status": "FAIL", "error_code": "Ecs.0204", "fail_reason": "no\nhost"}]}),
                "a FAIL (1 of 1 sub-jobs done): Ecs.0204: no host",
            ),
            (json!({"status": "FAIL", "job_id": "a", "begin_time": "odd", "end_time": "odder"}), "a FAIL"),
            (json!({"status": "odd\u{1b}[2J", "job_type": "two\nlines"}), "two lines odd [2J"),
        ] {
            assert_eq!(job(body).to_string(), line);
        }
        let outer = job(json!({"status": "INIT", "sub_jobs": [{"job_id": "s"}]}));
        assert_eq!(outer.sub_jobs()[0].to_string(), "s without a status");
        for (end, shown) in [
            ("01.950Z", "2s"),
            ("41.000Z", "41s"),
            ("00.000Z", "0s"),
            ("00.999Z", "999ms"),
            ("10.000Z", "10s"),
        ] {
            let end = format!("2016-01-01T00:00:{end}");
            let job = job(json!({"status": "FAIL", "begin_time": "2016-01-01T00:00:00Z", "end_time": end}));
            assert_eq!(job.to_string(), format!("FAIL in {shown}"));
        }
        for (end, shown) in [("01T01:02:59Z", "1h 3m"), ("04T04:59:00Z", "3d 5h")] {
            let end = format!("2016-01-{end}");
            let job = job(json!({"status": "FAIL", "begin_time": "2016-01-01T00:00:00Z", "end_time": end}));
            assert_eq!(job.to_string(), format!("FAIL in {shown}"));
        }
    }
}
