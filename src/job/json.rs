//! Jobs, ids, statuses and times as JSON, without the derive, which the default build does not have.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use super::Job;
use super::decode;
use super::id::JobId;
use super::status::Status;
use super::timestamp::Timestamp;

/// The members of the command's JSON: `job_id`, `status`, `job_type`, `begin_time`, `end_time`, `duration_seconds`,
/// `error_code`, `fail_reason`, `reason`, `ids`, `entities`, `sub_jobs` and `progress_percent`. What is unknown is null.
/// `code` and `message` are there only where the body has them.
///
/// A sub-job has neither `ids` nor `progress_percent`.
impl Serialize for Job {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("job_id", &self.id_text())?;
        map.serialize_entry("status", &self.sent_status())?;
        write_members(&mut map, Some(self))?;
        map.serialize_entry("progress_percent", &self.progress_percent())?;
        map.end()
    }
}

/// Reads the body of a response of the common job API, as [`Job::from_slice`] does, and what its `Serialize` wrote.
impl<'de> Deserialize<'de> for Job {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Value::deserialize(deserializer)?.to_string();
        decode::from_slice(body.as_bytes()).map_err(D::Error::custom)
    }
}

impl Job {
    /// The status as it was sent. `None` for a sub-job that has none.
    fn sent_status(&self) -> Option<&str> {
        Some(self.status_text()).filter(|word| !word.is_empty())
    }
}

/// Writes the members of a job from `job_type` to `sub_jobs`; all of them null if there is none.
pub(crate) fn write_members<M: SerializeMap>(map: &mut M, job: Option<&Job>) -> Result<(), M::Error> {
    write_own_members(map, job)?;
    map.serialize_entry("ids", &job.map(|job| Ids(job.all_ids())))?;
    write_inner_members(map, job)
}

/// Seconds with three digits after the point.
pub(crate) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}

fn write_own_members<M: SerializeMap>(map: &mut M, job: Option<&Job>) -> Result<(), M::Error> {
    map.serialize_entry("job_type", &job.and_then(Job::job_type))?;
    map.serialize_entry("begin_time", &job.and_then(Job::begin_time))?;
    map.serialize_entry("end_time", &job.and_then(Job::end_time))?;
    map.serialize_entry("duration_seconds", &job.and_then(Job::duration).map(seconds))?;
    map.serialize_entry("error_code", &job.and_then(Job::error_code))?;
    map.serialize_entry("fail_reason", &job.and_then(Job::fail_reason))?;
    for (name, text) in [("code", job.and_then(Job::code)), ("message", job.and_then(Job::message))] {
        if let Some(text) = text {
            map.serialize_entry(name, text)?;
        }
    }
    map.serialize_entry("reason", &job.and_then(Job::reason))
}

fn write_inner_members<M: SerializeMap>(map: &mut M, job: Option<&Job>) -> Result<(), M::Error> {
    map.serialize_entry("entities", &job.map(Job::entities))?;
    map.serialize_entry("sub_jobs", &job.map(|job| SubJobs(job.sub_jobs())))
}

struct SubJobs<'a>(&'a [Job]);

impl Serialize for SubJobs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for job in self.0 {
            list.serialize_element(&SubJob(job))?;
        }
        list.end()
    }
}

struct SubJob<'a>(&'a Job);

impl Serialize for SubJob<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("job_id", &self.0.id_text())?;
        map.serialize_entry("status", &self.0.sent_status())?;
        write_own_members(&mut map, Some(self.0))?;
        write_inner_members(&mut map, Some(self.0))?;
        map.end()
    }
}

/// Names with their ids, as an object.
struct Ids(Vec<(String, Vec<String>)>);

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, ids)| (name, ids)))
    }
}

impl Serialize for JobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = |text: &str| Self::new(text).map_err(|error| error.to_string());
        deserializer.deserialize_str(TextVisitor { what: "a job id", read: id })
    }
}

/// The word: see [`Status::as_str`].
impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor { what: "a status", read: |text| Ok(text.into()) })
    }
}

/// The text as it was sent.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = |text: &str| text.parse().map_err(|error: super::error::DecodeError| error.to_string());
        deserializer.deserialize_str(TextVisitor { what: "a time", read: time })
    }
}

/// Reads a string by a function of it.
struct TextVisitor<T> {
    what: &'static str,
    read: fn(&str) -> Result<T, String>,
}

impl<T> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::job::tests::{job, sent};

    #[test]
    fn a_job_is_written_as_the_command_writes_it() {
        let job = job(json!({"status": "success", "job_id": "p", "job_type": "createServer", "new": 1,
            "begin_time": "2016-04-25T20:04:34.604Z", "end_time": "2016-04-25T20:08:41.593Z",
            "error_code": null, "entities": {"sub_jobs_total": 1, "sub_jobs": [
                {"status": "SUCCESS", "job_id": "s", "entities": {"server_id": "a"}}, {"job_id": "t"}]}}));
        let written = serde_json::to_string(&job).unwrap();
        let expected = concat!(
            r#"{"job_id":"p","status":"success","job_type":"createServer","begin_time":"2016-04-25T20:04:34.604Z","#,
            r#""end_time":"2016-04-25T20:08:41.593Z","duration_seconds":246.989,"error_code":null,"fail_reason":null,"#,
            r#""reason":null,"ids":{"server_id":["a"]},"entities":{"sub_jobs_total":1},"sub_jobs":["#,
            r#"{"job_id":"s","status":"SUCCESS","job_type":null,"begin_time":null,"end_time":null,"#,
            r#""duration_seconds":null,"error_code":null,"fail_reason":null,"reason":null,"#,
            r#""entities":{"server_id":"a"},"sub_jobs":[]},"#,
            r#"{"job_id":"t","status":null,"job_type":null,"begin_time":null,"end_time":null,"#,
            r#""duration_seconds":null,"error_code":null,"fail_reason":null,"reason":null,"#,
            r#""entities":null,"sub_jobs":[]}],"progress_percent":null}"#
        );
        assert_eq!(written, expected);
        assert_eq!(serde_json::from_str::<Job>(&written).unwrap(), job);
    }

    #[test]
    fn what_stands_beside_a_job_is_written_where_there_is_something() {
        let body = r#"{"status":"FAIL","job_id":"p","code":"Ecs.0001","message":"odd question","entities":{"n":0.20}}"#;
        let written = serde_json::to_string(&sent(body)).unwrap();
        assert!(
            written.contains(r#""code":"Ecs.0001","message":"odd question","reason":"odd question""#),
            "{written}"
        );
        assert!(written.contains(r#""entities":{"n":0.20}"#), "{written}");
    }

    #[test]
    fn a_job_is_read_out_of_a_body() {
        let job: Job = serde_json::from_value(json!({"status": "INIT", "job_id": "a"})).unwrap();
        assert_eq!((job.status(), job.id_text()), (&Status::Init, Some("a")));
        for body in [json!({"job_id": "a"}), json!([]), json!("INIT"), json!({"status": 7})] {
            assert!(serde_json::from_value::<Job>(body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn ids_statuses_and_times_are_strings() {
        let value = json!(["ff80", "Odd", "2016-04-25T20:04:34.604Z"]);
        let read: (JobId, Status, Timestamp) = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), value);
        assert_eq!(serde_json::from_value::<Status>(json!("success")).unwrap(), Status::Success);
        let error = serde_json::from_value::<JobId>(json!("a/b")).unwrap_err().to_string();
        assert!(error.contains("`a/b` is not a job id"), "{error}");
        assert!(serde_json::from_value::<JobId>(json!(7)).is_err());
        assert!(serde_json::from_value::<Timestamp>(json!(" ")).is_err());
    }
}
