//! A job at an age as a [`JobView`], from which the services without the common job API write their bodies.

use std::time::Duration;

use serde_json::{Map, Value};

use super::clock::later;
use super::dialect::{JobView, ViewStatus};
use super::job_body::SimulatedJob;
use super::job_script::JobPhase;

impl SimulatedJob {
    /// The whole job at this age.
    pub(super) fn view(&self, age: Duration) -> JobView<'_> {
        let script = &self.script;
        let phase = script.phase(age);
        let status = match phase {
            JobPhase::Waiting(status) => ViewStatus::Waiting(status),
            JobPhase::NotFound | JobPhase::Running(_) => ViewStatus::Running,
            JobPhase::Ended if script.failing > 0 => ViewStatus::Failed,
            JobPhase::Ended => ViewStatus::Succeeded,
        };
        let end = matches!(phase, JobPhase::Ended).then(|| script.age_at_end()).flatten();
        let started = if self.sub_jobs_started(phase) { self.sub_jobs.len() } else { 0 };
        let own_cause = self.view_cause();
        JobView {
            id: &self.id,
            parent_id: None,
            project_id: &self.project_id,
            job_type: &script.job_type,
            status,
            begin: self.begin,
            end: end.map(|end| later(self.begin, end)),
            now: later(self.begin, age),
            percent: self.percent(age),
            cause: if self.sub_jobs.is_empty() { own_cause } else { (own_cause.0, "a sub-job failed") },
            resource: &self.resource,
            entities: self.view_entities(),
            sub_jobs_total: self.sub_jobs.len(),
            sub_jobs: (0..started).filter_map(|index| self.sub_job_view(index, age)).collect(),
        }
    }

    /// One sub-job at this age of the job; none before it has started.
    pub(super) fn sub_job_view(&self, index: usize, age: Duration) -> Option<JobView<'_>> {
        let script = &self.script;
        let phase = script.phase(age);
        let (id, resource) = self.sub_jobs.get(index).filter(|_| self.sub_jobs_started(phase))?;
        let end = script.before_running().saturating_add(self.sub_job_end(index));
        let ended = script.ends && age >= end;
        let fails = index.saturating_add(script.failing) >= self.sub_jobs.len();
        let begin = later(self.begin, script.before_running().saturating_add(self.sub_job_delay()));
        Some(JobView {
            id,
            parent_id: Some(&self.id),
            project_id: &self.project_id,
            job_type: self.sub_job_type(index),
            status: match (ended, fails) {
                (false, _) => ViewStatus::Running,
                (true, true) => ViewStatus::Failed,
                (true, false) => ViewStatus::Succeeded,
            },
            begin,
            end: ended.then(|| later(self.begin, end)),
            now: later(self.begin, age),
            percent: if ended { 100 } else { self.percent(age) },
            cause: self.view_cause(),
            resource,
            entities: Map::new(),
            sub_jobs_total: 0,
            sub_jobs: Vec::new(),
        })
    }

    fn view_cause(&self) -> (&str, &str) {
        match &self.script.error {
            Some((code, reason)) => (code, reason),
            None => self.dialect.cause(),
        }
    }

    fn view_entities(&self) -> Map<String, Value> {
        let mut entities = match &self.script.entities {
            Some(Value::Object(members)) => members.clone(),
            _ => Map::new(),
        };
        entities.extend(self.script.added.clone());
        entities
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;
    use crate::simulator::dialect::Dialect;
    use crate::simulator::job_script::JobScript;

    fn started(dialect: Dialect, sub_jobs: usize, script: JobScript) -> SimulatedJob {
        let sub_jobs = (0..sub_jobs).map(|index| (format!("sub{index}"), format!("made{index}"))).collect();
        let begin = OffsetDateTime::from_unix_timestamp(1_742_715_526).unwrap();
        SimulatedJob {
            id: "a1".into(),
            dialect,
            project_id: "p".into(),
            script: script.duration(Duration::from_secs(10)),
            begin,
            resource: "bae51750-0089-41a1-9b18-5c777978ff6d".into(),
            sub_jobs,
        }
    }

    fn at(job: &SimulatedJob, seconds: u64) -> Value {
        job.dialect.body(&job.view(Duration::from_secs(seconds)))
    }

    /// Where each service has the status, its word while running, at the end and after a failure, and the place of the
    /// reason (empty if it reports none).
    const TABLE: [(Dialect, &str, [&str; 3], &str); 18] = [
        (Dialect::Rds, "/job/status", ["Running", "Completed", "Failed"], "/job/fail_reason"),
        (Dialect::Taurusdb, "/job/status", ["Running", "Completed", "Failed"], "/job/fail_reason"),
        (Dialect::Gaussdb, "/job/status", ["Running", "Completed", "Failed"], "/job/fail_reason"),
        (Dialect::Dds, "/job/status", ["Running", "Completed", "Failed"], "/job/fail_reason"),
        (Dialect::Geminidb, "/jobs/0/status", ["Running", "Completed", "Failed"], "/jobs/0/fail_reason"),
        (Dialect::Ddm, "/job/status", ["Running", "Completed", "Failed"], ""),
        (Dialect::Cce, "/status/phase", ["Running", "Success", "Failed"], "/status/reason"),
        (
            Dialect::Cbr,
            "/operation_log/status",
            ["running", "success", "failed"],
            "/operation_log/error_info/message",
        ),
        (Dialect::Dcs, "/status", ["RUNNING", "SUCCESS", "FAIL"], "/fail_reason"),
        (Dialect::SfsTurbo, "/status", ["running", "success", "failed"], "/fail_reason"),
        (Dialect::Dws, "/status", ["RUNNING", "SUCCESS", "FAIL"], "/failed_detail"),
        (Dialect::Elb, "/job/status", ["RUNNING", "SUCCESS", "FAIL"], "/job/error_msg"),
        (Dialect::Swr, "/status", ["Running", "Success", "Failed"], "/reason"),
        (Dialect::Ges, "/status", ["running", "success", "failed"], "/fail_reason"),
        (Dialect::Dms, "/tasks/0/status", ["EXECUTING", "SUCCESS", "FAILED"], ""),
        (Dialect::Workspace, "/status", ["RUNNING", "SUCCESS", "FAIL"], "/fail_reason"),
        (Dialect::WorkspaceApp, "/status", ["RUNNING", "SUCCESS", "FAILED"], "/error_message"),
        (Dialect::Cph, "/status", ["1", "2", "-1"], "/error_msg"),
    ];

    #[test]
    fn each_service_has_its_status_words_and_its_place_of_the_reason() {
        for (dialect, status, words, reason) in TABLE {
            let job = started(dialect, 0, JobScript::new("x"));
            let failing = started(dialect, 0, JobScript::new("x").error("C.1", "no room"));
            let bodies = [at(&job, 5), at(&job, 10), at(&failing, 10)];
            for (body, word) in bodies.iter().zip(words) {
                let value = body.pointer(status).unwrap();
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                assert_eq!(value, word, "{dialect:?}: {body}");
            }
            if !reason.is_empty() {
                assert_eq!(bodies[2].pointer(reason), Some(&json!("no room")), "{dialect:?}: {}", bodies[2]);
                let before = bodies[1].pointer(reason).and_then(Value::as_str);
                assert!(before.is_none_or(str::is_empty), "{dialect:?}: {}", bodies[1]);
            }
        }
    }

    #[test]
    fn sub_jobs_are_where_the_service_has_them() {
        let table = [
            (Dialect::Cce, "/spec/subJobs", "/metadata/uid", "/status/phase"),
            (Dialect::SfsTurbo, "/sub_jobs", "/job_id", "/status"),
            (Dialect::Elb, "/job/sub_jobs", "/job_id", "/status"),
            (Dialect::Workspace, "/sub_jobs", "/id", "/status"),
            (Dialect::WorkspaceApp, "/sub_jobs", "/id", "/status"),
        ];
        for (dialect, list, id, status) in table {
            let job = started(dialect, 2, JobScript::new("x").failing_sub_jobs(1));
            let body = at(&job, 10);
            let sub_jobs = body.pointer(list).and_then(Value::as_array).unwrap();
            assert_eq!(sub_jobs[1].pointer(id), Some(&json!("sub1")), "{dialect:?}: {body}");
            let words = [0, 1].map(|index| sub_jobs[index].pointer(status).and_then(Value::as_str).unwrap());
            assert_eq!(
                words.map(|word| word.to_lowercase().starts_with("fail")),
                [false, true],
                "{dialect:?}"
            );
        }
    }

    #[test]
    fn the_script_can_use_the_words_of_the_service_before_it_runs() {
        let second = Duration::from_secs(1);
        let job = started(
            Dialect::Elb,
            0,
            JobScript::new("x").init_for(second).status_sequence([("ROLLBACKING", second)]),
        );
        assert_eq!(at(&job, 0)["job"]["status"], "INIT");
        assert_eq!(at(&job, 1)["job"]["status"], "ROLLBACKING");
        assert_eq!(at(&job, 2)["job"]["status"], "RUNNING");
        let phone = started(Dialect::Cph, 0, JobScript::new("x").init_for(second));
        assert_eq!(at(&phone, 0)["status"], 1);
    }

    #[test]
    fn dds_and_geminidb_fill_the_end_while_the_job_is_running() {
        assert_eq!(
            at(&started(Dialect::Dds, 0, JobScript::new("x")), 5)["job"]["ended"],
            "2025-03-23T07:38:51+0000"
        );
        let gemini = at(&started(Dialect::Geminidb, 0, JobScript::new("x")), 5);
        assert_eq!(gemini["jobs"][0]["end_time"], "2025-03-23T07:38:51+0000");
        assert!(at(&started(Dialect::Rds, 0, JobScript::new("x")), 5)["job"].get("ended").is_none());
    }
}
