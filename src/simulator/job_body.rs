//! The body of a job at an age, in the format of its service. Pure: the same job at the same age has the same body.

use std::time::Duration;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::clock::{job_time, later};
use super::dialect::{Dialect, JobEnd, PARENT_CAUSE};
use super::job_script::{JobPhase, JobScript};

/// A job that was started: its script, its start time and its ids.
#[derive(Debug)]
pub(super) struct SimulatedJob {
    pub(super) id: String,
    pub(super) dialect: Dialect,
    pub(super) project_id: String,
    pub(super) script: JobScript,
    pub(super) begin: OffsetDateTime,
    /// The id of the resource that the job itself creates.
    pub(super) resource: String,
    /// The id of each sub-job, and of the resource it creates.
    pub(super) sub_jobs: Vec<(String, String)>,
}

impl SimulatedJob {
    /// The whole job at this age.
    pub(super) fn body(&self, age: Duration) -> Value {
        if self.dialect.is_common() { self.common_body(age) } else { self.dialect.body(&self.view(age)) }
    }

    fn common_body(&self, age: Duration) -> Value {
        let script = &self.script;
        let phase = script.phase(age);
        let failed = script.failing > 0;
        let status = match phase {
            JobPhase::Waiting(word) => word,
            JobPhase::NotFound | JobPhase::Running(_) => "RUNNING",
            JobPhase::Ended if failed => "FAIL",
            JobPhase::Ended => "SUCCESS",
        };
        let own_cause = if self.sub_jobs.is_empty() { self.cause() } else { own(PARENT_CAUSE) };
        let end = matches!(phase, JobPhase::Ended).then(|| script.age_at_end()).flatten();
        let mut body = self.frame(&self.id, &script.job_type, status, Duration::ZERO, end, own_cause);
        let mut entities = self.own_entities(phase);
        let began = self.sub_jobs_started(phase);
        let listed = if began { 0..self.sub_jobs.len() } else { 0..0 };
        let sub_jobs: Vec<Value> = listed.map(|place| self.sub_body(place, phase)).collect();
        if let (Value::Object(members), false) = (&mut entities, self.sub_jobs.is_empty()) {
            match self.dialect {
                Dialect::Ecs if matches!(phase, JobPhase::Waiting(_)) => {}
                Dialect::Ecs => {
                    members.insert("sub_jobs_total".into(), json!(self.sub_jobs.len()));
                    members.insert("sub_jobs".into(), json!(sub_jobs));
                }
                Dialect::Sdrs | Dialect::Evs => {
                    members.insert("sub_jobs".into(), json!(sub_jobs));
                }
                Dialect::Ims => {
                    let ids: Vec<&Value> =
                        sub_jobs.iter().filter_map(|sub_job| sub_job.get("job_id")).collect();
                    members.insert("sub_jobs_list".into(), json!(ids));
                    members.insert("sub_jobs_result".into(), json!(sub_jobs));
                }
                _ => {
                    body.insert("sub_jobs".into(), json!(sub_jobs));
                }
            }
        }
        body.insert("entities".into(), entities);
        Value::Object(body)
    }

    /// One sub-job, as a poll of its own id returns it; none before it has started.
    pub(super) fn sub_job_body(&self, place: usize, age: Duration) -> Option<Value> {
        if !self.dialect.is_common() {
            return self.dialect.sub_job_body(&self.sub_job_view(place, age)?);
        }
        let phase = self.script.phase(age);
        (self.sub_jobs_started(phase) && place < self.sub_jobs.len()).then(|| self.sub_body(place, phase))
    }

    /// Its progress, 0 to 100.
    pub(super) fn percent(&self, age: Duration) -> u8 {
        match self.script.phase(age) {
            JobPhase::Ended => 100,
            JobPhase::Running(running) if self.script.ends => {
                let whole = self.script.duration.as_millis().max(1);
                u8::try_from((running.as_millis() * 100 / whole).min(99)).unwrap_or(99)
            }
            _ => 0,
        }
    }

    fn sub_body(&self, place: usize, phase: JobPhase<'_>) -> Value {
        let script = &self.script;
        let (id, resource) = self.sub_jobs.get(place).map_or(("", ""), |(id, made)| (id, made));
        let end = self.sub_job_end(place);
        let ended = match phase {
            JobPhase::Ended => true,
            JobPhase::Running(running) => script.ends && running >= end,
            _ => false,
        };
        let fails = place.saturating_add(script.failing) >= self.sub_jobs.len();
        let (status, ending) = match (ended, fails) {
            (false, _) => ("RUNNING", JobEnd::Pending),
            (true, true) => ("FAIL", JobEnd::Failed),
            (true, false) => ("SUCCESS", JobEnd::Succeeded),
        };
        let job_type = self.sub_job_type(place);
        let before = script.before_running();
        let begin = before.saturating_add(self.sub_job_delay());
        let end = ended.then(|| before.saturating_add(end));
        let mut body = self.frame(id, job_type, status, begin, end, self.cause());
        // A server that will fail on a quota is never created.
        let known = if fails && self.dialect == Dialect::Ecs { JobEnd::Failed } else { ending };
        let mut entities = self.dialect.entities(job_type, resource, known);
        self.add_inner_cause(&mut entities, ending);
        body.insert("entities".into(), Value::Object(entities));
        Value::Object(body)
    }

    /// The members that every job and sub-job has, without the entities.
    fn frame(
        &self,
        id: &str,
        job_type: &str,
        status: &str,
        begin: Duration,
        end: Option<Duration>,
        (code, reason): (String, String),
    ) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("job_id".into(), json!(id));
        body.insert("job_type".into(), json!(job_type));
        body.insert("begin_time".into(), json!(job_time(later(self.begin, begin))));
        body.insert(
            "end_time".into(),
            json!(end.map_or_else(String::new, |end| job_time(later(self.begin, end)))),
        );
        body.insert("status".into(), json!(status));
        if status == "FAIL" {
            body.insert("error_code".into(), json!(code));
            body.insert("fail_reason".into(), json!(reason));
        } else if end.is_some() || !self.dialect.omits_errors_while_running() {
            body.insert("error_code".into(), Value::Null);
            body.insert("fail_reason".into(), Value::Null);
        }
        body
    }

    fn own_entities(&self, phase: JobPhase<'_>) -> Value {
        let script = &self.script;
        let alone = self.sub_jobs.is_empty();
        let failed = script.failing > 0;
        let ending = match phase {
            JobPhase::Ended if failed => JobEnd::Failed,
            JobPhase::Ended => JobEnd::Succeeded,
            _ => JobEnd::Pending,
        };
        let mut entities = match &script.entities {
            Some(entities) => entities.clone(),
            None if matches!(phase, JobPhase::Waiting(_)) => json!({}),
            None if alone && failed && self.dialect == Dialect::Ecs => {
                let mut members = Map::new();
                self.add_inner_cause(&mut members, ending);
                Value::Object(members)
            }
            None if alone => {
                let mut members = self.dialect.entities(&script.job_type, &self.resource, ending);
                self.add_inner_cause(&mut members, ending);
                Value::Object(members)
            }
            // Jobs with sub-jobs have the created ids in the sub-jobs only, except for the one group or backup they are about.
            None if matches!(self.dialect, Dialect::Sdrs | Dialect::Vbs) => {
                Value::Object(self.dialect.entities(&script.job_type, &self.resource, JobEnd::Succeeded))
            }
            None => json!({}),
        };
        if let Value::Object(members) = &mut entities {
            for (name, value) in &script.added {
                members.insert(name.clone(), value.clone());
            }
        }
        entities
    }

    /// Adds the inner cause, for services that report one.
    fn add_inner_cause(&self, entities: &mut Map<String, Value>, ending: JobEnd) {
        if ending != JobEnd::Failed {
            return;
        }
        if let Some((code, reason)) = &self.script.error {
            if self.dialect == Dialect::Ims {
                entities.insert("addition_error_code".into(), json!(code));
                entities.insert("addition_error_msg".into(), json!(reason));
                entities.insert("error".into(), json!(reason));
            }
            return;
        }
        if let Some(message) = self.dialect.errorcode_message() {
            entities.insert("errorcode_message".into(), json!(message));
        }
    }

    fn cause(&self) -> (String, String) {
        self.script.error.clone().unwrap_or_else(|| own(self.dialect.cause()))
    }

    pub(super) fn sub_job_type(&self, index: usize) -> &str {
        let script = &self.script;
        script.sub_job_type.as_deref().unwrap_or_else(|| self.dialect.sub_job_type(&script.job_type, index))
    }

    /// The ids of the resources that its sub-jobs create, or the job itself if it has none.
    pub(super) fn resources(&self) -> impl Iterator<Item = &str> {
        let own = self.sub_jobs.is_empty().then_some(self.resource.as_str());
        self.sub_jobs.iter().map(|(_, resource)| resource.as_str()).chain(own)
    }

    pub(super) fn sub_jobs_started(&self, phase: JobPhase<'_>) -> bool {
        match phase {
            JobPhase::Ended => true,
            JobPhase::Running(running) => running >= self.sub_job_delay(),
            JobPhase::Waiting(_) | JobPhase::NotFound => false,
        }
    }

    /// All sub-jobs start at the same time, a little after the job.
    pub(super) fn sub_job_delay(&self) -> Duration {
        (self.script.duration / 50).min(Duration::from_secs(1))
    }

    /// When this sub-job ends, counted from the start of RUNNING: evenly, one after another.
    pub(super) fn sub_job_end(&self, place: usize) -> Duration {
        let begin = self.sub_job_delay();
        let tail = (self.script.duration / 10).min(MAX_TAIL);
        let span = self.script.duration.saturating_sub(tail).saturating_sub(begin);
        let share = span.as_nanos().saturating_mul(place as u128 + 1) / (self.sub_jobs.len().max(1) as u128);
        let seconds = u64::try_from(share / NANOS).unwrap_or(u64::MAX);
        let nanos = u32::try_from(share % NANOS).unwrap_or_default();
        begin.saturating_add(Duration::new(seconds, nanos))
    }
}

fn own((code, reason): (&str, &str)) -> (String, String) {
    (code.to_owned(), reason.to_owned())
}

/// Real jobs end 3 to 25 s after their last sub-job.
const MAX_TAIL: Duration = Duration::from_secs(10);

const NANOS: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn started(script: JobScript) -> SimulatedJob {
        let sub_jobs = (0..script.sub_jobs.unwrap_or_default())
            .map(|place| (format!("sub{place}"), format!("made{place}")))
            .collect();
        let begin = OffsetDateTime::from_unix_timestamp(1_742_715_526).unwrap();
        let dialect = script.dialect.unwrap_or_default();
        SimulatedJob {
            id: "a1".into(),
            dialect,
            project_id: "p".into(),
            script,
            begin,
            resource: "own".into(),
            sub_jobs,
        }
    }

    fn at(job: &SimulatedJob, milliseconds: u64) -> Value {
        job.body(Duration::from_millis(milliseconds))
    }

    fn ten_seconds(job_type: &str, dialect: Dialect) -> JobScript {
        JobScript::new(job_type).dialect(dialect).duration(Duration::from_secs(10))
    }

    #[test]
    fn sub_jobs_end_one_after_the_other_and_the_job_after_them() {
        let job = started(ten_seconds("createServer", Dialect::Ecs).sub_jobs(2));
        let statuses = |milliseconds| {
            let body = at(&job, milliseconds);
            let subs = body["entities"]["sub_jobs"].as_array().unwrap().clone();
            let mut words: Vec<String> =
                subs.iter().map(|sub| sub["status"].as_str().unwrap().into()).collect();
            words.push(body["status"].as_str().unwrap().into());
            words.join(" ")
        };
        let table = [
            (0, "RUNNING"),
            (200, "RUNNING RUNNING RUNNING"),
            (4_600, "SUCCESS RUNNING RUNNING"),
            (9_000, "SUCCESS SUCCESS RUNNING"),
            (9_999, "SUCCESS SUCCESS RUNNING"),
            (10_000, "SUCCESS SUCCESS SUCCESS"),
        ];
        for (age, expected) in table {
            assert_eq!(statuses(age), expected, "at {age} ms");
        }
    }

    #[test]
    fn a_running_ecs_job_has_no_error_members_and_an_empty_end() {
        let job = started(ten_seconds("createServer", Dialect::Ecs).sub_jobs(1));
        let body = at(&job, 1_000);
        for part in [&body, &body["entities"]["sub_jobs"][0]] {
            assert!(part.get("error_code").is_none() && part.get("fail_reason").is_none(), "{part}");
            assert_eq!(part["end_time"], "");
        }
        assert_eq!(body["begin_time"], "2025-03-23T07:38:46.000Z");
        let ended = at(&job, 10_000);
        assert_eq!(ended["end_time"], "2025-03-23T07:38:56.000Z");
        assert_eq!(ended["entities"]["sub_jobs"][0]["end_time"], "2025-03-23T07:38:55.000Z");
        assert!(ended.get("error_code").is_some_and(Value::is_null));
        let volume = at(&started(ten_seconds("createVolume", Dialect::Evs)), 1_000);
        assert!(volume.get("error_code").is_some_and(Value::is_null));
    }

    #[test]
    fn a_failed_sub_job_has_the_cause_and_the_job_has_only_common_0021() {
        let job = started(ten_seconds("createServer", Dialect::Ecs).sub_jobs(3).failing_sub_jobs(1));
        let body = at(&job, 10_000);
        assert_eq!(body["status"], "FAIL");
        assert_eq!(body["error_code"], "Common.0021");
        let subs = body["entities"]["sub_jobs"].as_array().unwrap();
        assert_eq!(subs[0]["status"], "SUCCESS");
        assert_eq!(subs[0]["entities"]["server_id"], "made0");
        assert_eq!(subs[2]["status"], "FAIL");
        assert_eq!(subs[2]["error_code"], "Ecs.0204");
        let inner: Value =
            serde_json::from_str(subs[2]["entities"]["errorcode_message"].as_str().unwrap()).unwrap();
        assert!(inner["forbidden"]["message"].as_str().unwrap().starts_with("Quota exceeded for instances"));
        assert!(subs[2]["entities"].get("server_id").is_none());
    }

    #[test]
    fn a_job_without_sub_jobs_has_its_own_cause() {
        let quota = at(&started(ten_seconds("createSingleServer", Dialect::Ecs).failing()), 10_000);
        assert_eq!(quota["error_code"], "Ecs.0204");
        assert!(quota["entities"]["errorcode_message"].is_string());
        let told =
            at(&started(ten_seconds("createServer", Dialect::Ecs).error("Ecs.0319", "no host left")), 10_000);
        assert_eq!((&told["error_code"], &told["fail_reason"]), (&json!("Ecs.0319"), &json!("no host left")));
        assert!(told["entities"].get("errorcode_message").is_none());
    }

    #[test]
    fn each_service_has_its_sub_jobs_in_its_own_member() {
        let ended = |job_type, dialect| at(&started(ten_seconds(job_type, dialect).sub_jobs(2)), 10_000);
        let ecs = ended("createServer", Dialect::Ecs);
        assert_eq!(ecs["entities"]["sub_jobs_total"], 2);
        let sdrs = ended("stopProtectionGroupNoCG", Dialect::Sdrs);
        assert_eq!(sdrs["entities"]["sub_jobs"][1]["entities"]["server_group_id"], "made1");
        assert!(sdrs["entities"].get("sub_jobs_total").is_none());
        let ims = ended("imsVolumesToSysDataImagesJob", Dialect::Ims);
        assert_eq!(ims["entities"]["sub_jobs_list"], json!(["sub0", "sub1"]));
        assert_eq!(ims["entities"]["sub_jobs_result"][0]["entities"]["image_id"], "made0");
        let vbs = ended("bksCreateBackup", Dialect::Vbs);
        assert_eq!(vbs["sub_jobs"].as_array().unwrap().len(), 2);
        assert!(vbs["entities"].as_object().unwrap().values().all(Value::is_string));
        let evs = ended("batchCreateVolume", Dialect::Evs);
        assert_eq!(evs["entities"]["sub_jobs"][0]["job_type"], "createVolume");
    }

    #[test]
    fn entities_can_be_extended_and_replaced() {
        let added = at(
            &started(ten_seconds("createServer", Dialect::Ecs).entity("nic_id", "n1").sub_jobs(1)),
            10_000,
        );
        assert_eq!(added["entities"]["nic_id"], "n1");
        assert_eq!(added["entities"]["sub_jobs_total"], 1);
        let list = ten_seconds("createServer", Dialect::Ecs).sub_jobs(1).entities(json!([1, 2]));
        assert_eq!(at(&started(list), 10_000)["entities"], json!([1, 2]));
    }

    #[test]
    fn a_sub_job_polled_by_its_own_id_is_flat() {
        let job = started(ten_seconds("createServer", Dialect::Ecs).sub_jobs(1));
        assert!(job.sub_job_body(0, Duration::ZERO).is_none());
        let sub = job.sub_job_body(0, Duration::from_secs(10)).unwrap();
        assert_eq!((&sub["job_id"], &sub["status"]), (&json!("sub0"), &json!("SUCCESS")));
        assert_eq!(sub["entities"], json!({"server_id": "made0"}));
        assert!(job.sub_job_body(1, Duration::from_secs(10)).is_none());
    }

    #[test]
    fn phases_before_running_have_empty_entities_and_no_duration_overflows() {
        let script = JobScript::new("createServer").sub_jobs(3).init_for(Duration::from_secs(1));
        let init = at(&started(script.clone()), 0);
        assert_eq!((&init["status"], &init["entities"]), (&json!("INIT"), &json!({})));
        let job = started(script.duration(Duration::MAX).init_for(Duration::MAX).failing_sub_jobs(2));
        for age in [Duration::ZERO, Duration::from_secs(5), Duration::MAX] {
            assert!(job.body(age)["status"].is_string());
            assert!(job.percent(age) <= 100);
        }
    }

    #[test]
    fn the_progress_reaches_100_percent_only_at_the_end() {
        let job = started(ten_seconds("imsImportImageJob", Dialect::Ims));
        let percents: Vec<u8> =
            [0, 5_000, 9_999, 10_000].map(|age| job.percent(Duration::from_millis(age))).to_vec();
        assert_eq!(percents, [0, 50, 99, 100]);
    }

    proptest::proptest! {
        #[test]
        fn every_script_ends_once_and_stays_ended(
            takes in 0_u64..100_000,
            init in 0_u64..1000,
            sub_jobs in 0_usize..20,
            failing in 0_usize..30,
            dialect in proptest::sample::select(vec![Dialect::Ecs, Dialect::Sdrs, Dialect::Evs, Dialect::Ims, Dialect::Vbs]),
        ) {
            let script = JobScript::new("createServer").dialect(dialect).sub_jobs(sub_jobs).failing_sub_jobs(failing)
                .duration(Duration::from_millis(takes)).init_for(Duration::from_millis(init));
            let job = started(script);
            let ended = |age: u64| matches!(at(&job, age)["status"].as_str(), Some("SUCCESS" | "FAIL"));
            let end = takes + init;
            proptest::prop_assert!(ended(end));
            proptest::prop_assert!(end == 0 || !ended(end - 1));
            proptest::prop_assert_eq!(at(&job, end), at(&job, end + 1_000_000));
            let body = at(&job, end);
            let subs = [&body["entities"]["sub_jobs"], &body["entities"]["sub_jobs_result"], &body["sub_jobs"]];
            let subs: Vec<&Value> = subs.iter().filter_map(|list| list.as_array()).flatten().collect();
            proptest::prop_assert_eq!(subs.len(), sub_jobs);
            proptest::prop_assert_eq!(
                subs.iter().filter(|sub| sub["status"] == "FAIL").count(), failing.min(sub_jobs));
            for sub in subs {
                let order = [&body["begin_time"], &sub["begin_time"], &sub["end_time"], &body["end_time"]];
                let order = order.map(|time| time.as_str().unwrap_or_default().to_owned());
                proptest::prop_assert!(order.is_sorted(), "{:?}", order);
            }
        }
    }
}
