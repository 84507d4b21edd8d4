//! A job as the service tells it: where it stands, what it is about, and the sub-jobs it is made of.

pub(crate) mod created_ids;
mod decode;
pub(crate) mod dialect;
mod display;
pub(crate) mod entities;
pub(crate) mod error;
pub(crate) mod failure;
pub(crate) mod id;
pub(crate) mod status;
pub(crate) mod timestamp;

use std::time::Duration;

use serde_json::Value;

use self::entities::Entities;
use self::error::DecodeError;
use self::status::Status;
use self::timestamp::Timestamp;

/// A job or a sub-job, as the answer of `GET /v1/{project_id}/jobs/{job_id}` has it.
///
/// Only its status is certain. Every other member may be missing, null, blank, an object or an array, and is `None` then;
/// a number is its text. Members that are not known are passed over, those of the entities are kept. Sub-jobs are one list, wherever the
/// service put them, and have the same shape as the job, to any depth.
///
/// See "Querying Task Execution Status" of
/// [ECS](https://support.huaweicloud.com/intl/en-us/api-ecs/ecs_02_0901.html) and its like of the other services. The page
/// [`fields`](crate::docs::fields) has each of its members.
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
/// assert_eq!(job.to_string(), "createServer 2c9eb2c6 SUCCESS in 4m 7s (1 of 1 sub-jobs done)");
/// # Ok::<(), cloudjob::error::DecodeError>(())
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
    extra: Option<Box<Extra>>,
}

/// What only other dialects than the common one have.
#[derive(Clone, Debug, PartialEq)]
struct Extra {
    /// 0 to 100.
    progress: Option<f64>,
    /// Ids that have another name in the body, under the name they have here.
    ids: Vec<(&'static str, Box<str>)>,
}

impl Job {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// If it is not JSON, not an object, nested deeper than 128 levels, or has no `status` (missing, null or empty).
    /// Nothing else is an error; bytes that are not UTF-8 become `\u{fffd}`.
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

    /// `message`, or that of `error`: what went wrong with the question, as documented; not seen in a real answer yet.
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

    /// How far it is, 0 to 100, where the service says so: `process` and `progress` of the databases, `progress` of CBR and
    /// DWS, `entities.process_percent` of IMS, and the mean of the sub-jobs' `process` of Workspace.
    ///
    /// ```
    /// use cloudjob::{Job, Service};
    ///
    /// let body = br#"{"job":{"id":"7d2f", "name":"CreateInstance", "status":"Running", "process":"45%"}}"#;
    /// assert_eq!(Job::from_response(Service::Rds, body)?.progress_percent(), Some(45.0));
    ///
    /// let image = Job::from_slice(br#"{"status":"RUNNING", "entities":{"process_percent":0.2}}"#)?;
    /// assert_eq!(image.progress_percent(), Some(20.0));
    /// # Ok::<(), cloudjob::error::DecodeError>(())
    /// ```
    pub fn progress_percent(&self) -> Option<f64> {
        if let Some(percent) = self.extra.as_ref().and_then(|extra| extra.progress) {
            return Some(percent);
        }
        if let Some(share) = self.entities.process_percent() {
            // A fifth is 0.2 in all documents. Above 1 it can only be a percentage.
            let percent = if share <= 1.0 { share * 100.0 } else { share };
            return Some(percent.clamp(0.0, 100.0));
        }
        let known: Vec<f64> = self.sub_jobs.iter().filter_map(Self::progress_percent).collect();
        let all = self.sub_jobs.len() as u64;
        let all = self.sub_jobs_total().map_or(all, |total| total.max(all));
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / all as f64)
    }

    /// How many of its direct sub-jobs have ended, well or not.
    pub fn sub_jobs_done(&self) -> usize {
        self.sub_jobs.iter().filter(|job| job.status.is_terminal()).count()
    }
}

#[cfg(test)]
mod tests;
