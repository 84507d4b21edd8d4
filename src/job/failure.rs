//! Which sub-jobs failed, and why.

use super::Job;
use super::status::Status;
use crate::util::json_message;

impl Job {
    /// The sub-jobs in which a failure began, at any depth: they failed, and none of their own sub-jobs did.
    ///
    /// A sub-job without a status counts as failed if it has an error code or a reason.
    pub fn failed_sub_jobs(&self) -> impl Iterator<Item = &Self> {
        let mut failed = Vec::new();
        for job in &self.sub_jobs {
            job.collect_failed(&mut failed);
        }
        failed.into_iter()
    }

    /// The sub-jobs that succeeded, at any depth, of those that have no sub-jobs of their own.
    pub fn succeeded_sub_jobs(&self) -> impl Iterator<Item = &Self> {
        let mut succeeded = Vec::new();
        for job in &self.sub_jobs {
            job.collect_succeeded(&mut succeeded);
        }
        succeeded.into_iter()
    }

    /// The innermost reason a person can read: that of its first failed sub-job, at any depth, else that of the job
    /// itself unless it has succeeded.
    ///
    /// It is taken from `entities.errorcode_message`, `entities.addition_error_msg` or `entities.error` (IMS),
    /// `fail_reason` or `message`, whichever is there first. Of JSON in such a text, the message inside counts.
    ///
    /// ```
    /// use cloudjob::Job;
    ///
    /// let job = Job::from_slice(br#"{"status":"FAIL", "error_code":"Common.0021", "entities":{"sub_jobs":[
    ///     {"status":"FAIL", "error_code":"Ecs.0204", "fail_reason":"CreateServerTask-fail: ...", "entities":{
    ///         "errorcode_message":"{\"forbidden\": {\"code\": 403, \"message\": \"Quota exceeded\"}}"}}]}}"#)?;
    /// assert_eq!(job.reason().as_deref(), Some("Quota exceeded"));
    /// # Ok::<(), cloudjob::error::DecodeError>(())
    /// ```
    pub fn reason(&self) -> Option<String> {
        let own = || self.own_reason().filter(|_| self.status != Status::Success);
        self.reason_below().or_else(own)
    }

    fn reason_below(&self) -> Option<String> {
        self.sub_jobs.iter().find_map(|job| if job.has_failed() { job.reason() } else { job.reason_below() })
    }

    pub(super) fn own_reason(&self) -> Option<String> {
        let inside = || REASONS.iter().find_map(|name| json_message::in_value(self.entities.get(name)?));
        let beside =
            || [self.fail_reason(), self.message()].into_iter().flatten().find_map(json_message::in_text);
        inside().or_else(beside)
    }

    fn has_failed(&self) -> bool {
        match &self.status {
            Status::Fail => true,
            Status::Unknown(word) => {
                word.is_empty() && (self.error_code.is_some() || self.fail_reason.is_some())
            }
            _ => false,
        }
    }

    fn collect_failed<'a>(&'a self, failed: &mut Vec<&'a Self>) {
        let before = failed.len();
        for job in &self.sub_jobs {
            job.collect_failed(failed);
        }
        if failed.len() == before && self.has_failed() {
            failed.push(self);
        }
    }

    fn collect_succeeded<'a>(&'a self, succeeded: &mut Vec<&'a Self>) {
        if self.sub_jobs.is_empty() && self.status == Status::Success {
            succeeded.push(self);
        }
        for job in &self.sub_jobs {
            job.collect_succeeded(succeeded);
        }
    }
}

/// The entities that hold a reason: ECS's, then those of IMS.
const REASONS: [&str; 3] = ["errorcode_message", "addition_error_msg", "error"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::job::tests::job;

    #[test]
    fn the_failed_sub_jobs_are_those_in_which_the_failure_began() {
        let job = job(json!({"status": "FAIL", "entities": {"sub_jobs": [
            {"job_id": "ok", "status": "SUCCESS"},
            {"job_id": "outer", "status": "FAIL", "entities": {"sub_jobs": [
                {"job_id": "ok too", "status": "SUCCESS"},
                {"job_id": "inner", "status": "FAIL"},
            ]}},
            {"job_id": "itself", "status": "FAIL", "entities": {"sub_jobs": [{"job_id": "ok 3", "status": "SUCCESS"}]}},
            {"job_id": "running", "status": "RUNNING", "error_code": "no end"},
            {"job_id": "silent", "fail_reason": "without a status"},
            {"job_id": "nothing"},
        ]}}));
        let ids =
            |jobs: Vec<&Job>| jobs.iter().filter_map(|job| job.id().map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!(ids(job.failed_sub_jobs().collect()), ["inner", "itself", "silent"]);
        assert_eq!(ids(job.succeeded_sub_jobs().collect()), ["ok", "ok too", "ok 3"]);
        assert_eq!(job.sub_jobs_done(), 3);
    }

    #[test]
    fn the_reason_is_the_innermost_that_can_be_read() {
        let quota = json!({"forbidden": {"code": 403, "message": "Quota exceeded"}}).to_string();
        let cases = [
            (json!({"fail_reason": "volume is error!"}), Some("volume is error!")),
            (json!({"message": "odd question"}), Some("odd question")),
            (json!({"fail_reason": "first", "message": "second"}), Some("first")),
            (json!({"fail_reason": " ", "message": "second"}), Some("second")),
            (json!({"fail_reason": format!("XTask-fail:{quota}")}), Some("Quota exceeded")),
            (
                json!({"fail_reason": "Subjob fails", "entities": {"errorcode_message": quota}}),
                Some("Quota exceeded"),
            ),
            (json!({"fail_reason": "x", "entities": {"errorcode_message": "plain"}}), Some("plain")),
            (json!({"fail_reason": "x", "entities": {"errorcode_message": {"a": {"msg": "m"}}}}), Some("m")),
            (json!({"fail_reason": "x", "entities": {"errorcode_message": ""}}), Some("x")),
            (json!({"fail_reason": "x", "entities": {"errorcode_message": "{}"}}), Some("x")),
            (json!({"fail_reason": "{}", "entities": {"errorcode_message": " [] "}}), None),
            (json!({"fail_reason": "{\"code\": 5}"}), Some("{\"code\": 5}")),
            (json!({"fail_reason": "x", "entities": {"addition_error_msg": "ims"}}), Some("ims")),
            (
                json!({"fail_reason": "x", "entities": {"error": {"message": "ims", "code": "IMG.1"}}}),
                Some("ims"),
            ),
            (json!({"fail_reason": "x", "entities": {"error": "ims"}}), Some("ims")),
            (json!({"fail_reason": "x", "entities": {"error": 5}}), Some("x")),
            (json!({"error_code": "Common.0021"}), None),
            (json!({"status": "RUNNING", "fail_reason": "so far"}), Some("so far")),
            (json!({"status": "SUCCESS", "fail_reason": "not really"}), None),
        ];
        for (mut body, expected) in cases {
            if body.get("status").is_none() {
                body["status"] = json!("FAIL");
            }
            assert_eq!(job(body.clone()).reason().as_deref(), expected, "{body}");
            // The same, said of a sub-job, and of a sub-job's sub-job.
            if body["status"] == "FAIL" {
                let expected = expected.or(Some("parent"));
                let outer = json!({"status": "FAIL", "fail_reason": "parent", "entities": {"sub_jobs": [
                    {"status": "FAIL"}, {"status": "SUCCESS", "fail_reason": "no"}, body]}});
                assert_eq!(job(outer.clone()).reason().as_deref(), expected, "{outer}");
                let outermost = json!({"status": "FAIL", "message": "far", "sub_jobs": [outer]});
                assert_eq!(job(outermost).reason().as_deref(), expected);
            }
        }
    }
    #[test]
    fn a_sub_job_that_failed_has_its_say_whatever_is_above_it() {
        for (parent, between) in [("SUCCESS", "SUCCESS"), ("FAIL", "SUCCESS"), ("RUNNING", "RUNNING")] {
            let job = job(json!({"status": parent, "fail_reason": "parent", "entities": {"sub_jobs": [
                {"status": between, "fail_reason": "between", "sub_jobs": [
                    {"status": "FAIL"}, {"status": "FAIL", "fail_reason": "why"}]}]}}));
            assert_eq!(job.reason().as_deref(), Some("why"), "{parent} {between}");
        }
    }
}
