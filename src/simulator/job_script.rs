//! The script of a simulated job: its duration, its sub-jobs and how it ends.

use std::time::Duration;

use serde_json::{Map, Value};

use super::dialect::Dialect;

/// What a job of the [`Simulator`](super::Simulator) does from its start.
///
/// Default: an ECS job without sub-jobs that runs for one second and ends in SUCCESS. A job first passes through its
/// scripted phases (PENDING_PAYMENT, INIT, other statuses), then it is RUNNING, then it ends. Sub-jobs end one after
/// another, and the job shortly after the last of them, as in the real service.
///
/// ```
/// use std::time::Duration;
/// use cloudjob::simulator::{Dialect, JobScript, Simulator};
///
/// let simulator = Simulator::start()?;
/// let three_servers = JobScript::new("createServer").sub_jobs(3).duration(Duration::from_secs(4)).failing_sub_jobs(1);
/// let backup = JobScript::new("bksCreateBackup").dialect(Dialect::Vbs).init_for(Duration::from_secs(1));
/// let ids = [simulator.start_job(three_servers), simulator.start_job(backup)];
/// assert_ne!(ids[0], ids[1]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct JobScript {
    pub(super) job_type: String,
    pub(super) sub_job_type: Option<String>,
    pub(super) dialect: Option<Dialect>,
    pub(super) duration: Duration,
    pub(super) ends: bool,
    pub(super) sub_jobs: Option<usize>,
    pub(super) failing: usize,
    pub(super) error: Option<(String, String)>,
    pub(super) entities: Option<Value>,
    pub(super) added: Map<String, Value>,
    pub(super) pending_payment_for: Duration,
    pub(super) init_for: Duration,
    pub(super) statuses: Vec<(String, Duration)>,
    pub(super) not_found_for: Duration,
    pub(super) order_id: Option<String>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) disappears: bool,
    /// The ids of the resources of the sub-jobs, from the request that started the job.
    pub(super) resources: Vec<String>,
}

impl JobScript {
    /// A job of this `job_type` (`createServer`, `attachVolume`, ...) that duration one second and succeeds.
    pub fn new(job_type: impl Into<String>) -> Self {
        Self {
            job_type: job_type.into(),
            sub_job_type: None,
            dialect: None,
            duration: Duration::from_secs(1),
            ends: true,
            sub_jobs: None,
            failing: 0,
            error: None,
            entities: None,
            added: Map::new(),
            pending_payment_for: Duration::ZERO,
            init_for: Duration::ZERO,
            statuses: Vec::new(),
            not_found_for: Duration::ZERO,
            order_id: None,
            body: None,
            disappears: false,
            resources: Vec::new(),
        }
    }

    /// The service whose job it is: a [`Dialect`] or a [`Service`](crate::Service). Default: [`Dialect::Ecs`]; for [`next_job`](super::Simulator::next_job) the service
    /// that received the request.
    pub fn dialect(mut self, dialect: impl Into<Dialect>) -> Self {
        self.dialect = Some(dialect.into());
        self
    }

    /// How long it is RUNNING, after the phases before. Default: one second. Zero: it has ended at the first poll, unless
    /// it has other phases.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// The job and its sub-jobs stay RUNNING forever.
    pub fn never_ends(mut self) -> Self {
        self.ends = false;
        self
    }

    /// The number of sub-jobs. Default: 0; for [`next_job`](super::Simulator::next_job) what the request asks for
    /// (`count: 2` in the body that creates servers). Values above 10,000 are reduced to 10,000. Services without
    /// sub-jobs ignore it.
    pub fn sub_jobs(mut self, count: usize) -> Self {
        self.sub_jobs = Some(count.min(MAX_SUB_JOBS));
        self
    }

    /// The `job_type` of the sub-jobs. Default: the service's own (`createSingleServer` for `createServer`), else that of
    /// the job.
    pub fn sub_job_type(mut self, job_type: impl Into<String>) -> Self {
        self.sub_job_type = Some(job_type.into());
        self
    }

    /// It ends in FAIL, because of its last sub-job if it has any.
    pub fn failing(self) -> Self {
        self.failing_sub_jobs(1)
    }

    /// The last `count` sub-jobs end in FAIL, and so does the job. The failed sub-jobs report the cause as the service
    /// does: with ECS the code `Ecs.0204` and the OpenStack error as JSON in the string `errorcode_message`, while the
    /// job itself only has `Common.0021`. Zero: none fails. Without sub-jobs the job itself fails.
    pub fn failing_sub_jobs(mut self, count: usize) -> Self {
        self.failing = count;
        self
    }

    /// It ends in FAIL with this code and reason, reported by its failing sub-jobs (one, unless set otherwise), or by the
    /// job itself if it has none.
    pub fn error(mut self, code: impl Into<String>, reason: impl Into<String>) -> Self {
        self.error = Some((code.into(), reason.into()));
        self.failing = self.failing.max(1);
        self
    }

    /// The `entities` of the job, instead of the service's usual ones. Sub-jobs are added if it is an object; any other
    /// value is sent unchanged.
    pub fn entities(mut self, entities: Value) -> Self {
        self.entities = Some(entities);
        self
    }

    /// Adds a value to the `entities` of the job.
    pub fn entity(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.added.insert(name.into(), value.into());
        self
    }

    /// It starts with an unpaid order: PENDING_PAYMENT for this long. `Duration::MAX`: it is never paid.
    pub fn pending_payment_for(mut self, duration: Duration) -> Self {
        self.pending_payment_for = duration;
        self
    }

    /// It is INIT for this long, after the payment.
    pub fn init_for(mut self, duration: Duration) -> Self {
        self.init_for = duration;
        self
    }

    /// Other values of `status`, each for this long, in this order, after INIT and before RUNNING.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cloudjob::simulator::JobScript;
    ///
    /// let second = Duration::from_secs(1);
    /// let script = JobScript::new("createVolume").status_sequence([("WAITING_EXECUTE", second), ("FROZEN", second)]);
    /// # let _ = script;
    /// ```
    pub fn status_sequence<S: Into<String>>(
        mut self,
        statuses: impl IntoIterator<Item = (S, Duration)>,
    ) -> Self {
        self.statuses = statuses.into_iter().map(|(status, duration)| (status.into(), duration)).collect();
        self
    }

    /// For this long after its start polls get the service's "unknown job" error (400 `Common.0011`), as if the job was
    /// not known everywhere yet. The job itself runs meanwhile.
    pub fn not_found_for(mut self, duration: Duration) -> Self {
        self.not_found_for = duration;
        self
    }

    /// The id of its order, which can be polled in place of the job id, as in EVS for yearly and monthly disks.
    /// Default: none.
    pub fn order_id(mut self, id: impl Into<String>) -> Self {
        self.order_id = Some(id.into());
        self
    }

    /// At its end the job is unknown to the service, as a job of DDS that deletes an instance.
    pub fn disappears(mut self) -> Self {
        self.disappears = true;
        self
    }

    /// Every poll gets 200 and these bytes, whatever the rest of the script says.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Its phase at this age.
    pub(super) fn phase(&self, age: Duration) -> JobPhase<'_> {
        if age < self.not_found_for {
            return JobPhase::NotFound;
        }
        let mut end_of_phase = Duration::ZERO;
        for (status, duration) in self.phases() {
            end_of_phase = end_of_phase.saturating_add(duration);
            if age < end_of_phase {
                return JobPhase::Waiting(status);
            }
        }
        let running = age.saturating_sub(end_of_phase);
        if self.ends && running >= self.duration { JobPhase::Ended } else { JobPhase::Running(running) }
    }

    /// Its age when it starts to run.
    pub(super) fn before_running(&self) -> Duration {
        self.phases().fold(Duration::ZERO, |sum, (_, duration)| sum.saturating_add(duration))
    }

    /// Its age at its end; none if it never ends.
    pub(super) fn age_at_end(&self) -> Option<Duration> {
        self.ends.then(|| self.before_running().saturating_add(self.duration))
    }

    fn phases(&self) -> impl Iterator<Item = (&str, Duration)> {
        [("PENDING_PAYMENT", self.pending_payment_for), ("INIT", self.init_for)]
            .into_iter()
            .chain(self.statuses.iter().map(|(status, duration)| (status.as_str(), *duration)))
    }
}

/// The phase of a job at an age.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum JobPhase<'a> {
    NotFound,
    /// Before it runs, with this status.
    Waiting(&'a str),
    /// Running for this long.
    Running(Duration),
    Ended,
}

/// So that a typing error does not exhaust the memory.
const MAX_SUB_JOBS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_job_passes_through_its_phases_in_order() {
        let script = JobScript::new("createServer")
            .pending_payment_for(seconds(10))
            .init_for(seconds(2))
            .status_sequence([("FROZEN", seconds(3))])
            .not_found_for(seconds(1))
            .duration(seconds(5));
        let table = [
            (0, JobPhase::NotFound),
            (1, JobPhase::Waiting("PENDING_PAYMENT")),
            (9, JobPhase::Waiting("PENDING_PAYMENT")),
            (10, JobPhase::Waiting("INIT")),
            (12, JobPhase::Waiting("FROZEN")),
            (15, JobPhase::Running(seconds(0))),
            (19, JobPhase::Running(seconds(4))),
            (20, JobPhase::Ended),
            (u64::MAX, JobPhase::Ended),
        ];
        for (age, expected) in table {
            assert_eq!(script.phase(seconds(age)), expected, "at {age} s");
        }
        assert_eq!(script.age_at_end(), Some(seconds(20)));
    }

    #[test]
    fn endless_durations_neither_end_nor_overflow() {
        let unpaid =
            JobScript::new("createServer").pending_payment_for(Duration::MAX).init_for(Duration::MAX);
        assert_eq!(unpaid.phase(seconds(1 << 40)), JobPhase::Waiting("PENDING_PAYMENT"));
        let endless = JobScript::new("createServer").never_ends().duration(seconds(1));
        assert_eq!(endless.phase(seconds(1000)), JobPhase::Running(seconds(1000)));
        assert_eq!(endless.age_at_end(), None);
        assert_eq!(JobScript::new("x").duration(Duration::ZERO).phase(Duration::ZERO), JobPhase::Ended);
    }
}
