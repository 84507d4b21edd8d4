//! Which sub-jobs failed, and why.

use super::Job;
use crate::reason;
use crate::status::Status;

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

    /// The innermost reason a person can read, of a job that has not succeeded: that of its first failed sub-job, else
    /// its own.
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
    /// # Ok::<(), cloudjob::DecodeError>(())
    /// ```
    pub fn reason(&self) -> Option<String> {
        if self.status == Status::Success {
            return None;
        }
        let failed = self.sub_jobs.iter().filter(|job| job.has_failed());
        failed.map(Self::reason).find(Option::is_some).flatten().or_else(|| self.own_reason())
    }

    pub(super) fn own_reason(&self) -> Option<String> {
        let inside = || REASONS.iter().find_map(|name| reason::in_value(self.entities.get(name)?));
        let beside = || [self.fail_reason(), self.message()].into_iter().flatten().find_map(reason::in_text);
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
