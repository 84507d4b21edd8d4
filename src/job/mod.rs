//! A job: its status, its times, the resources it names, its sub-jobs, and why it failed.

pub(crate) mod created_ids;
mod decode;
pub(crate) mod dialect;
mod display;
pub(crate) mod entities;
pub(crate) mod error;
pub(crate) mod failure;
pub(crate) mod id;
pub(crate) mod json;
pub(crate) mod status;
pub(crate) mod timestamp;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use self::entities::Entities;
use self::error::DecodeError;
use self::id::JobId;
use self::status::Status;
use self::timestamp::Timestamp;

/// A job or a sub-job, read from a response of `GET /v1/{project_id}/jobs/{job_id}` or of the job API of another
/// [`Service`](crate::Service).
///
/// Only the status is certain. Every other member may be missing, null, blank, an object or an array, and is `None` then;
/// a number is returned as its text. Unknown members are ignored, except those of the entities. Sub-jobs are one list,
/// wherever the service lists them, and have the same methods as the job, to any depth.
///
/// What a job failed of is best asked of [`failure`](Self::failure): its `Display` is for people, its
/// [`code`](failure::Failure::code) for programs. `Display` of a job is one line, `Serialize` the JSON of the command.
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
    id: Option<SentId>,
    status: Status,
    /// The status as it was sent, where the canonical word is another one.
    spelling: Option<Box<str>>,
    /// Sub-jobs of one type share it.
    job_type: Option<Arc<str>>,
    begin_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    error_code: Option<Box<str>>,
    fail_reason: Option<Box<str>>,
    entities: Entities,
    sub_jobs: Vec<Self>,
    extra: Option<Box<Extra>>,
}

/// An id as it was sent.
#[derive(Clone, Debug, PartialEq)]
enum SentId {
    Odd(Box<str>),
    Valid(JobId),
}

impl SentId {
    /// `None` of a blank text.
    fn new(text: &str) -> Option<Self> {
        if is_blank(text) {
            return None;
        }
        Some(JobId::new(text).map_or_else(|_| Self::Odd(text.into()), Self::Valid))
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Odd(text) => text,
            Self::Valid(id) => id.as_str(),
        }
    }
}

/// Nearly every text begins with a character that needs no closer look.
fn is_blank(text: &str) -> bool {
    !matches!(text.as_bytes().first(), Some(b'!'..=b'~')) && text.trim().is_empty()
}

/// What few jobs have: it would make all of them longer.
#[derive(Clone, Debug, Default, PartialEq)]
struct Extra {
    code: Option<Box<str>>,
    message: Option<Box<str>>,
    /// 0 to 100.
    progress: Option<f64>,
    /// Ids that have another name in the body, under the name they have here.
    ids: Vec<(&'static str, Box<str>)>,
}

impl Extra {
    /// `None` if there is nothing in it.
    fn boxed(self) -> Option<Box<Self>> {
        let is_empty =
            self.code.is_none() && self.message.is_none() && self.progress.is_none() && self.ids.is_empty();
        (!is_empty).then(|| Box::new(self))
    }
}

impl Job {
    /// Reads the body of a response of the common job API. For all others there is
    /// [`from_response`](Self::from_response).
    ///
    /// JSON that is almost valid is read too: raw control characters in texts, halves of surrogate pairs, numbers out of
    /// range, NUL characters at the end. Bytes that are not UTF-8 become `\u{fffd}`.
    ///
    /// # Errors
    /// If it is not JSON, not an object, nested deeper than 128 levels, or its `status` is missing, empty or not a string.
    /// Nothing else is an error. A job of another service is named as one.
    pub fn from_slice(body: &[u8]) -> Result<Self, DecodeError> {
        decode::from_slice(body)
    }

    /// The id. It is not always the one that was asked for. `None` where there is none, or one that is not allowed in a
    /// URL: [`id_text`](Self::id_text) returns that as well.
    pub fn id(&self) -> Option<&JobId> {
        match &self.id {
            Some(SentId::Valid(id)) => Some(id),
            _ => None,
        }
    }

    /// The id exactly as it was sent.
    pub fn id_text(&self) -> Option<&str> {
        self.id.as_ref().map(SentId::as_str)
    }

    /// The type, such as `createServer`. The set is open, and each service has its own.
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

    /// The status, the same word for all services. [`Status::Unknown`] with an empty word for a sub-job without a status.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// The status exactly as it was sent.
    pub fn status_text(&self) -> &str {
        self.spelling.as_deref().unwrap_or_else(|| self.status.as_str())
    }

    /// How far the job is, 0 to 100, where the service reports it: `process` and `progress` of the databases, `progress` of CBR and
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
        let listed = self.sub_jobs.len() as u64;
        let all = self.sub_jobs_total().map_or(listed, |total| total.max(listed));
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / all as f64)
    }

    /// When the job began.
    pub const fn begin_time(&self) -> Option<&Timestamp> {
        self.begin_time.as_ref()
    }

    /// When the job ended. Missing before the end, and sometimes after it.
    pub const fn end_time(&self) -> Option<&Timestamp> {
        self.end_time.as_ref()
    }

    /// How long the job took. `None` unless it has ended, both times can be read, and the end is not before the beginning.
    pub fn duration(&self) -> Option<Duration> {
        if !self.status.is_terminal() {
            return None;
        }
        self.end_time()?.since(self.begin_time()?)?.try_into().ok()
    }

    /// The ids and values that the job names, without its sub-jobs. A failed job has them too.
    ///
    /// The member `entities` as it was sent; for services without one, the members that have no method of their own.
    pub const fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The sub-jobs, wherever the service lists them: `entities.sub_jobs`, `entities.sub_jobs_result` (IMS), a top-level
    /// `sub_jobs` (VBS, classic ELB, and most other services), `spec.subJobs` (CCE), or `entities` that are an array (EIP).
    /// A sub-job that is listed twice is here once.
    ///
    /// They may be missing until some time after the job began.
    pub fn sub_jobs(&self) -> &[Self] {
        &self.sub_jobs
    }

    /// How many sub-jobs the job will have: `sub_jobs_total`, or the number of ids in `sub_jobs_list` (IMS).
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

    /// How many of the direct sub-jobs have succeeded or failed.
    pub fn sub_jobs_done(&self) -> usize {
        self.sub_jobs.iter().filter(|job| job.status.is_terminal()).count()
    }

    /// The code of the failure as it was sent, sometimes that of another service (`EVS.2024` in a job of SDRS).
    /// `Common.0021` only says that a sub-job failed; [`Failure::code`](failure::Failure::code) returns the code of that.
    pub fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    /// The reason of the failure as it was sent. [`reason`](Self::reason) returns the readable one.
    pub fn fail_reason(&self) -> Option<&str> {
        self.fail_reason.as_deref()
    }

    /// `code`: the code that belongs to [`message`](Self::message).
    pub fn code(&self) -> Option<&str> {
        self.extra.as_ref()?.code.as_deref()
    }

    /// `message`, or that of `error`, beside a job: what was wrong with the request. Documented for ECS, BMS, SDRS, VBS and
    /// EVS, but not seen in a real response with a job yet. For CCE, the text that belongs to the reason.
    pub fn message(&self) -> Option<&str> {
        self.extra.as_ref()?.message.as_deref()
    }
}

#[cfg(test)]
mod tests;
