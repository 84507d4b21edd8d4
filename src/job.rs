//! A job as the service tells it: where it stands, what it is about, and the sub-jobs it is made of.

mod decode;
mod show;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use serde_json::Value;

use crate::entities::{self, Entities};
use crate::reason;
use crate::status::Status;
use crate::timestamp::Timestamp;
use crate::trouble::DecodeError;

pub(crate) use show::failure_text;

/// A job or a sub-job, as the answer of `GET /v1/{project_id}/jobs/{job_id}` has it.
///
/// Only its status is certain. Every other member may be missing, null, empty or of another type, and is `None` then;
/// members that are not known are passed over, those of the entities are kept. Sub-jobs are one list, wherever the
/// service put them, and have the same shape as the job, to any depth.
///
/// See "Querying Task Execution Status" of the service's documents.
///
/// ```
/// use cloudjob::{Job, Status};
///
/// let job = Job::from_slice(br#"{
///     "status": "SUCCESS",
///     "entities": {"sub_jobs_total": 1, "sub_jobs": [
///         {"status": "SUCCESS", "job_id": "2c9eb2c5", "entities": {"server_id": "bae51750"}}
///     ]},
///     "job_id": "2c9eb2c6",
///     "job_type": "createServer",
///     "begin_time": "2016-04-25T20:04:34.604Z",
///     "end_time": "2016-04-25T20:08:41.593Z"
/// }"#)?;
/// assert_eq!(job.status(), &Status::Success);
/// assert_eq!(job.ids("server_id"), ["bae51750"]);
/// assert_eq!(job.to_string(), "createServer 2c9eb2c6 SUCCESS in 4m 6s (1 of 1 sub-jobs done)");
/// # Ok::<(), cloudjob::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    id: Option<Box<str>>,
    status: Status,
    /// The status as it was sent, where the canonical word is another one.
    spelling: Option<Box<str>>,
    job_type: Option<Box<str>>,
    begin_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    error_code: Option<Box<str>>,
    fail_reason: Option<Box<str>>,
    message: Option<Box<str>>,
    code: Option<Box<str>>,
    entities: Entities,
    sub_jobs: Vec<Self>,
}

impl Job {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// If it is not JSON, not an object, nested deeper than 128 levels, or has no `status` (missing, null or empty).
    /// Nothing else is an error.
    pub fn from_slice(body: &[u8]) -> Result<Self, DecodeError> {
        decode::from_slice(body)
    }

    /// `job_id`. It is not always the one asked for.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// `status`: where it stands. [`Status::Unknown`] with an empty word for a sub-job that has none.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// `status` exactly as it was sent.
    pub fn status_text(&self) -> &str {
        self.spelling.as_deref().unwrap_or_else(|| self.status.as_str())
    }

    /// `job_type`: what kind of job it is. The set is open, and each service has its own.
    ///
    /// | service | documented |
    /// |-|-|
    /// | ECS | `createServer`, and `createSingleServer` for its sub-jobs; more are not listed |
    /// | SDRS, protection group | `createProtectionGroupNoCG`, `deleteProtectionGroupNoCG`, `startProtectionGroupNoCG`, `stopProtectionGroupNoCG`, `reprotectProtectionGroupNoCG`, `failoverProtectionGroupNoCG`, `reverseProtectionGroupNoCG` |
    /// | SDRS, protected instance | `createProtectedInstanceNoCG`, `deleteProtectedInstanceNoCG`, `resizeProtectedInstanceNew`, `attachReplicationPairNew`, `detachReplicationPairNew`, `addNicNew`, `deleteNicNew` |
    /// | SDRS, replication pair | `createReplicationPairNoCG`, `deleteReplicationPairNoCG`, `expandReplicationPairNew` |
    /// | SDRS, drill | `createDisasterRecoveryDrill`, `deleteDisasterRecoveryDrill` |
    pub fn job_type(&self) -> Option<&str> {
        self.job_type.as_deref()
    }

    /// `begin_time`: when it began.
    pub const fn begin_time(&self) -> Option<&Timestamp> {
        self.begin_time.as_ref()
    }

    /// `end_time`: when it ended. Missing before the end, and sometimes after it.
    pub const fn end_time(&self) -> Option<&Timestamp> {
        self.end_time.as_ref()
    }

    /// How long it took: only of a job that has ended, has two times that can be read, and did not end before it
    /// began.
    pub fn duration(&self) -> Option<Duration> {
        if !self.status.is_terminal() {
            return None;
        }
        self.end_time()?.since(self.begin_time()?)?.try_into().ok()
    }

    /// `error_code`: the code of the failure, sometimes of another service (`EVS.2024` in a job of SDRS).
    /// `Common.0021` says no more than that a sub-job failed.
    pub fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    /// `fail_reason` as it was sent. [`reason`](Self::reason) is the readable one.
    pub fn fail_reason(&self) -> Option<&str> {
        self.fail_reason.as_deref()
    }

    /// `message`: what went wrong with the question, as documented; not seen in a real answer yet.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// `code`: the code that belongs to [`message`](Self::message).
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// `entities`: the ids and values it names, without the sub-jobs. A job that failed has them too.
    pub const fn entities(&self) -> &Entities {
        &self.entities
    }

    /// Its sub-jobs, from `entities.sub_jobs`, `entities.sub_jobs_result` (IMS), a top-level `sub_jobs` (VBS, classic
    /// ELB) or from `entities` that are an array (EIP). An id that is listed twice is here once, as it came first.
    ///
    /// They may appear only some time after the job began.
    pub fn sub_jobs(&self) -> &[Self] {
        &self.sub_jobs
    }

    /// How many sub-jobs it announced: `sub_jobs_total`, or as many ids as `sub_jobs_list` (IMS) has.
    pub fn sub_jobs_total(&self) -> Option<u64> {
        let total = self.entities.get("sub_jobs_total").and_then(|total| match total {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        });
        total.or_else(|| {
            let list = self.entities.get("sub_jobs_list")?.as_array()?;
            u64::try_from(list.len()).ok()
        })
    }

    /// How many of its direct sub-jobs have ended, well or not.
    pub fn sub_jobs_done(&self) -> usize {
        self.sub_jobs.iter().filter(|job| job.status.is_terminal()).count()
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

    /// The ids with this name in the entities of the job and of all its sub-jobs, at any depth, each once, in the
    /// order in which they appear.
    ///
    /// An `X_ids` (an array, or a text with commas) counts as `X_id`, so that `volume_id` and `volume_ids` give the
    /// same. Empty ids are left out.
    ///
    /// ```
    /// use cloudjob::Job;
    ///
    /// let job = Job::from_slice(br#"{"status":"SUCCESS", "entities":{"volume_id":"a", "volume_ids":"a,b"}}"#)?;
    /// assert_eq!(job.ids("volume_id"), ["a", "b"]);
    /// # Ok::<(), cloudjob::DecodeError>(())
    /// ```
    pub fn ids(&self, name: &str) -> Vec<String> {
        let mut found = Ids::default();
        self.each_text(&mut |known, id| {
            if known == entities::singular(name) {
                found.add(id);
            }
        });
        found.list
    }

    /// Every id in the entities of the job and of all its sub-jobs: the names in `_id`, sorted, each with its ids as
    /// [`ids`](Self::ids) gives them. `job_id` is left out.
    pub fn all_ids(&self) -> Vec<(String, Vec<String>)> {
        let mut found = BTreeMap::<String, Ids>::new();
        self.each_text(&mut |name, id| {
            if name.ends_with("_id") && name != "job_id" {
                match found.get_mut(name) {
                    Some(ids) => ids.add(id),
                    None => found.entry(name.to_owned()).or_default().add(id),
                }
            }
        });
        found.into_iter().map(|(name, ids)| (name, ids.list)).collect()
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

    fn own_reason(&self) -> Option<String> {
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

    fn each_text(&self, found: &mut dyn FnMut(&str, &str)) {
        self.entities.each_text(found);
        for job in &self.sub_jobs {
            job.each_text(found);
        }
    }
}

/// Ids in the order in which they were found, each once.
#[derive(Default)]
struct Ids {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl Ids {
    fn add(&mut self, id: &str) {
        if !self.seen.contains(id) {
            self.seen.insert(id.to_owned());
            self.list.push(id.to_owned());
        }
    }
}

/// The entities that hold a reason: ECS's, then those of IMS.
const REASONS: [&str; 3] = ["errorcode_message", "addition_error_msg", "error"];

#[cfg(test)]
mod tests;
