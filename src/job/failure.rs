//! Why a job failed, and what it created before that.

use std::fmt;

use super::Job;
use super::status::Status;
use crate::util::json::{find_message, find_message_in};
use crate::util::sanitize::{label, message};

/// Why a job failed: its cause, the sub-jobs in which the failure began, and the ids it created before it failed.
///
/// Made by [`Job::failure`]. `Display` writes all of it, without a line break at the end: job id, type, code and reason
/// in the first line, then a line for each failed sub-job, then what was created. Texts of the service are written on
/// one line each, without control characters.
///
/// ```
/// use cloudjob::Job;
///
/// let job = Job::from_slice(br#"{"status":"FAIL", "job_id":"7f", "job_type":"createServer", "error_code":"Common.0021",
///     "fail_reason":"Subjob fails", "entities":{"sub_jobs":[
///         {"status":"SUCCESS", "job_id":"a1", "entities":{"server_id":"bae5"}},
///         {"status":"FAIL", "job_id":"a2", "error_code":"Ecs.0204", "fail_reason":"no host"}]}}"#)?;
/// let failure = job.failure().expect("it failed");
/// assert_eq!((failure.code(), failure.reason().as_deref()), (Some("Ecs.0204"), Some("no host")));
/// assert_eq!(failure.sub_jobs().count(), 1);
/// assert_eq!(failure.created_ids(), [("server_id".to_owned(), vec!["bae5".to_owned()])]);
/// assert_eq!(
///     failure.to_string(),
///     "job 7f (createServer) failed: Common.0021: Subjob fails\n  \
///      sub-job a2 failed: Ecs.0204: no host\n  \
///      created before the failure: server_id bae5",
/// );
/// # Ok::<(), cloudjob::error::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    job: &'a Job,
}

impl<'a> Failure<'a> {
    pub(crate) const fn of(job: &'a Job) -> Self {
        Self { job }
    }

    /// The job that failed.
    pub const fn job(&self) -> &'a Job {
        self.job
    }

    /// The code for a program to act on: that of the first sub-job in which the failure began, else that of the job.
    ///
    /// `Ecs.0204` where [`Job::error_code`] only says `Common.0021`: "Subjob fails".
    pub fn code(&self) -> Option<&'a str> {
        let code = |job: &'a Job| job.error_code().or_else(|| job.code());
        self.sub_jobs().find_map(code).or_else(|| code(self.job))
    }

    /// The innermost readable reason, as [`Job::reason`] returns it.
    pub fn reason(&self) -> Option<String> {
        self.job.reason()
    }

    /// The sub-jobs in which the failure began, as [`Job::failed_sub_jobs`] returns them.
    pub fn sub_jobs(&self) -> impl Iterator<Item = &'a Job> + use<'a> {
        self.job.failed_sub_jobs()
    }

    /// The ids of the resources that exist because of this job and may need to be cleaned up, as [`Job::all_ids`] returns
    /// them, without those of their owner (`project_id`, `tenant_id`, ...).
    ///
    /// Empty for a job whose type does not create anything: a server that could not be deleted was not created by it.
    /// A job without a type counts as one that creates something.
    pub fn created_ids(&self) -> Vec<(String, Vec<String>)> {
        if self.creates_something() { self.resource_ids() } else { Vec::new() }
    }

    /// Every id the job names, whether it created the resource or not.
    pub(crate) fn resource_ids(&self) -> Vec<(String, Vec<String>)> {
        let mut ids = self.job.all_ids();
        ids.retain(|(name, _)| !OWNERS.contains(&name.as_str()));
        ids
    }

    /// What [`resource_ids`](Self::resource_ids) are to the job.
    pub(crate) fn ids_label(&self) -> &'static str {
        if self.creates_something() { "created before the failure" } else { "affected" }
    }

    fn creates_something(&self) -> bool {
        let Some(job_type) = self.job.job_type() else { return true };
        let job_type = job_type.to_ascii_lowercase();
        CREATORS.iter().any(|word| job_type.contains(word))
    }

    /// The first line: the job without its sub-jobs.
    pub(crate) fn headline(&self) -> String {
        // The reasons of the sub-jobs have lines of their own.
        let has_line = self.sub_jobs().next().is_some();
        let reason = if has_line { self.job.own_reason() } else { self.job.reason() };
        line("job", self.job, reason)
    }
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        for sub_job in self.sub_jobs() {
            write!(f, "\n  {}", line("sub-job", sub_job, sub_job.reason()))?;
        }
        if let Some(text) = self.job.entities().as_text() {
            write!(f, "\n  entities: {}", message(text))?;
        }
        for (count, (name, ids)) in self.resource_ids().iter().enumerate() {
            match count {
                0 => write!(f, "\n  {}: ", self.ids_label())?,
                _ => f.write_str("; ")?,
            }
            write!(f, "{} ", label(name))?;
            for (count, id) in ids.iter().enumerate() {
                write!(f, "{}{}", if count > 0 { ", " } else { "" }, label(id))?;
            }
        }
        Ok(())
    }
}

fn line(what: &str, job: &Job, reason: Option<String>) -> String {
    let mut line = what.to_owned();
    if let Some(id) = job.id_text() {
        line.extend([" ", &label(id)]);
    }
    if let Some(job_type) = job.job_type() {
        line.extend([" (", &label(job_type), ")"]);
    }
    line.push_str(" failed");
    // A word such as CANCELLED or skipped says more than the failure itself.
    if !["FAIL", "FAILED", "-1", ""].iter().any(|word| word.eq_ignore_ascii_case(job.status_text().trim())) {
        line.extend([" with status ", &label(job.status_text())]);
    }
    for part in [job.error_code().map(label), reason.as_deref().map(message)].into_iter().flatten() {
        line.extend([": ", &part]);
    }
    // What stands beside the job, where it was not said yet.
    let said = |text: &&str| line.contains(&*message(text));
    let beside: Vec<_> =
        [job.code(), job.message()].into_iter().flatten().filter(|text| !said(text)).collect();
    if !beside.is_empty() {
        line.extend([" (", &message(&beside.join(": ")), ")"]);
    }
    line
}

impl Job {
    /// Why the job failed. `None` if its status is not [`Status::Fail`].
    ///
    /// | for | use |
    /// |-|-|
    /// | people | `Display` of [`Failure`]: the whole text. [`Failure::reason`]: its innermost reason |
    /// | programs | [`Failure::code`]: the code of the innermost failure, such as `Ecs.0204` |
    /// | cleaning up | [`Failure::created_ids`] |
    /// | the members as they were sent | [`error_code`](Self::error_code), [`fail_reason`](Self::fail_reason), [`code`](Self::code), [`message`](Self::message) |
    ///
    /// ```
    /// use cloudjob::Job;
    ///
    /// let job = Job::from_slice(br#"{"status":"FAIL", "job_id":"7f", "error_code":"Ecs.0204", "fail_reason":"no host"}"#)?;
    /// let failure = job.failure().expect("it failed");
    /// assert_eq!(failure.to_string(), "job 7f failed: Ecs.0204: no host");
    /// # Ok::<(), cloudjob::error::DecodeError>(())
    /// ```
    pub fn failure(&self) -> Option<Failure<'_>> {
        (self.status == Status::Fail).then_some(Failure { job: self })
    }

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
        let inside = || REASONS.iter().find_map(|name| find_message_in(self.entities.get(name)?));
        let beside = || [self.fail_reason(), self.message()].into_iter().flatten().find_map(find_message);
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

/// Ids of the owner of the job, not of what it created.
const OWNERS: [&str; 4] = ["domain_id", "project_id", "sub_job_id", "tenant_id"];

/// Words in the types of jobs that create something.
const CREATORS: [&str; 6] = ["addnic", "copy", "create", "import", "toimage", "tosysdataimage"];

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
        let ids = |jobs: Vec<&Job>| {
            jobs.iter().filter_map(|job| job.id_text().map(str::to_owned)).collect::<Vec<_>>()
        };
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
            Failure::of(&failed).to_string(),
            "job p (createServer) failed: Common.0021: Subjob fails\n  \
             sub-job s2 (createSingleServer) failed: Ecs.0204: Quota exceeded\n  \
             sub-job s3 failed: Ecs.0001\n  \
             created before the failure: nic_id n; server_id a, b"
        );
        for (body, text) in [
            (json!({"status": "FAIL"}), "job failed"),
            (
                json!({"status": "FAIL", "job_id": "p", "entities": "see the\nmanual"}),
                "job p failed\n  entities: see the manual",
            ),
            (
                json!({"status": "FAIL", "job_id": "p", "code": "Ecs.0001", "message": "odd question"}),
                "job p failed: odd question (Ecs.0001)",
            ),
            (
                json!({"status": "FAIL", "job_id": "p", "error_code": "Ecs.0204", "fail_reason": "no host",
                    "code": "Ecs.0001", "message": "odd question"}),
                "job p failed: Ecs.0204: no host (Ecs.0001: odd question)",
            ),
            (
                json!({"status": "FAIL", "job_id": "p", "error_code": "Ecs.1", "code": "Ecs.1", "message": "no host",
                    "fail_reason": "no host"}),
                "job p failed: Ecs.1: no host",
            ),
            (json!({"status": "FAIL", "job_id": "p", "fail_reason": "why"}), "job p failed: why"),
            (
                json!({"status": "FAIL", "job_id": "p", "job_type": "deleteServer", "entities": {"server_id": "a"}}),
                "job p (deleteServer) failed\n  affected: server_id a",
            ),
            (
                json!({"status": "FAIL", "error_code": "EVS.2024", "entities": {"volume_id": "v"}}),
                "job failed: EVS.2024\n  created before the failure: volume_id v",
            ),
        ] {
            assert_eq!(Failure::of(&job(body)).to_string(), text);
        }
    }
}
