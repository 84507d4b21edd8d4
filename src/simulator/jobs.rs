//! The jobs, by their ids and by the ids of their sub-jobs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::dialect::Dialect;
use super::job_body::SimulatedJob;
use super::job_script::{JobPhase, JobScript};
use super::rng;
use super::settings::Settings;

#[derive(Debug, Default)]
pub(super) struct Jobs {
    by_id: HashMap<String, Entry>,
    polls: HashMap<String, usize>,
    /// The number of entries at which to remove old ones next.
    prune_at: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    job: Arc<SimulatedJob>,
    started: Duration,
    /// The index of the sub-job with this id; none: the job itself.
    sub_job: Option<usize>,
}

impl Jobs {
    /// Starts a job. Its age counts from `now`; `wall` is its begin time.
    pub(super) fn start(
        &mut self,
        script: JobScript,
        settings: &Settings,
        now: Duration,
        wall: OffsetDateTime,
    ) -> Arc<SimulatedJob> {
        self.prune(now);
        let dialect = script.dialect.unwrap_or_default();
        let new_id = || if dialect.has_uuid_ids() { rng::uuid() } else { rng::hex(32) };
        let count = if dialect.has_sub_jobs() { script.sub_jobs.unwrap_or_default() } else { 0 };
        let mut resources = script.resources.clone().into_iter();
        let mut resource = || resources.next().unwrap_or_else(rng::uuid);
        let job = Arc::new(SimulatedJob {
            id: new_id(),
            dialect,
            project_id: settings.project_id.clone(),
            begin: wall,
            sub_jobs: (0..count).map(|_| (new_id(), resource())).collect(),
            resource: resource(),
            script,
        });
        for (place, (sub_id, _)) in job.sub_jobs.iter().enumerate() {
            let entry = Entry { job: Arc::clone(&job), started: now, sub_job: Some(place) };
            self.by_id.insert(sub_id.clone(), entry);
        }
        let entry = Entry { job: Arc::clone(&job), started: now, sub_job: None };
        if let Some(order) = &entry.job.script.order_id {
            self.by_id.insert(order.clone(), entry.clone());
        }
        self.by_id.insert(job.id.clone(), entry);
        job
    }

    /// Counts a poll of this id, if there is such a job.
    pub(super) fn count_poll(&mut self, id: &str) {
        if self.by_id.contains_key(id) {
            *self.polls.entry(id.to_owned()).or_default() += 1;
        }
    }

    pub(super) fn poll_count(&self, id: &str) -> usize {
        self.polls.get(id).copied().unwrap_or_default()
    }

    /// Whether there is such a job and it has not ended.
    pub(super) fn is_pending(&self, id: &str, now: Duration) -> bool {
        self.by_id
            .get(id)
            .is_some_and(|entry| entry.job.script.phase(now.saturating_sub(entry.started)) != JobPhase::Ended)
    }

    /// The body of a poll of this id by a service that knows jobs of these dialects; none if the job is unknown, not
    /// known yet, or deleted.
    pub(super) fn body(
        &self,
        id: &str,
        now: Duration,
        with_progress: bool,
        known: impl Fn(Dialect) -> bool,
    ) -> Option<Vec<u8>> {
        let entry = self.by_id.get(id).filter(|entry| known(entry.job.dialect))?;
        let (job, age) = (&entry.job, now.saturating_sub(entry.started));
        let phase = job.script.phase(age);
        let has_disappeared = job.script.disappears && phase == JobPhase::Ended;
        if phase == JobPhase::NotFound || has_disappeared || entry.is_deleted(now) {
            return None;
        }
        if let (Some(body), None) = (&job.script.body, entry.sub_job) {
            return Some(body.clone());
        }
        let mut body = match entry.sub_job {
            Some(place) => job.sub_job_body(place, age)?,
            None => job.body(age),
        };
        if let (true, Some(Value::Object(entities))) = (with_progress, body.get_mut("entities")) {
            // A fraction of 1, as in the service's own examples.
            entities.insert("process_percent".into(), json!(f64::from(job.percent(age)) / 100.0));
        }
        Some(body.to_string().into_bytes())
    }

    /// Deletes old jobs as the service does, so that a simulator can run for weeks. Occasionally, not at every start.
    fn prune(&mut self, now: Duration) {
        if self.by_id.len() < self.prune_at.max(MIN_PRUNE) {
            return;
        }
        self.by_id.retain(|_, entry| !entry.is_deleted(now));
        let by_id = &self.by_id;
        self.polls.retain(|id, _| by_id.contains_key(id));
        self.prune_at = self.by_id.len().saturating_mul(2);
    }
}

impl Entry {
    /// A job is deleted one day after its end.
    fn is_deleted(&self, now: Duration) -> bool {
        let end = self.job.script.age_at_end().map(|age| self.started.saturating_add(age));
        end.is_some_and(|end| now > end.saturating_add(ONE_DAY))
    }
}

const ONE_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Below this number of entries pruning is not worthwhile.
const MIN_PRUNE: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn start(jobs: &mut Jobs, script: JobScript, now: Duration, wall: OffsetDateTime) -> String {
        jobs.start(script, &Settings::default(), now, wall).id.clone()
    }

    fn status(jobs: &Jobs, id: &str, now: Duration) -> Option<String> {
        let body: Value = serde_json::from_slice(&jobs.body(id, now, false, |_| true)?).unwrap();
        Some(body["status"].as_str().unwrap().to_owned())
    }

    #[test]
    fn a_job_is_known_until_a_day_after_its_end() {
        let mut jobs = Jobs::default();
        let id = start(
            &mut jobs,
            JobScript::new("createServer").duration(seconds(5)),
            seconds(100),
            OffsetDateTime::UNIX_EPOCH,
        );
        let table = [
            (100, Some("RUNNING")),
            (105, Some("SUCCESS")),
            (105 + 86_400, Some("SUCCESS")),
            (106 + 86_400, None),
        ];
        for (now, expected) in table {
            assert_eq!(status(&jobs, &id, seconds(now)).as_deref(), expected, "at {now} s");
        }
        assert!(jobs.body("ff80", seconds(100), false, |_| true).is_none());
    }

    #[test]
    fn a_job_can_be_unknown_at_first() {
        let mut jobs = Jobs::default();
        let script =
            JobScript::new("createServer").not_found_for(seconds(2)).duration(seconds(5)).sub_jobs(1);
        let id = start(&mut jobs, script, Duration::ZERO, OffsetDateTime::UNIX_EPOCH);
        assert_eq!(status(&jobs, &id, seconds(1)), None);
        assert_eq!(status(&jobs, &id, seconds(2)).as_deref(), Some("RUNNING"));
    }

    #[test]
    fn a_raw_body_is_sent_unchanged() {
        let mut jobs = Jobs::default();
        let id =
            start(&mut jobs, JobScript::new("x").body(*b"\xff<"), Duration::ZERO, OffsetDateTime::UNIX_EPOCH);
        assert_eq!(jobs.body(&id, Duration::ZERO, true, |_| true).unwrap(), b"\xff<");
    }

    #[test]
    fn the_path_of_image_jobs_has_their_progress() {
        let mut jobs = Jobs::default();
        let id = start(
            &mut jobs,
            JobScript::new("x").duration(seconds(10)),
            Duration::ZERO,
            OffsetDateTime::UNIX_EPOCH,
        );
        let body: Value =
            serde_json::from_slice(&jobs.body(&id, seconds(5), true, |_| true).unwrap()).unwrap();
        assert_eq!(body["entities"]["process_percent"], 0.5);
    }

    #[test]
    fn old_jobs_are_removed() {
        let mut jobs = Jobs::default();
        let script = JobScript::new("x").duration(Duration::ZERO);
        for _ in 0..MIN_PRUNE {
            start(&mut jobs, script.clone(), Duration::ZERO, OffsetDateTime::UNIX_EPOCH);
        }
        start(&mut jobs, script, seconds(86_401), OffsetDateTime::UNIX_EPOCH);
        assert_eq!(jobs.by_id.len(), 1);
    }
}
