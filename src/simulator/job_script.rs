//! What a simulated job does: how long it takes, what it is made of, and how it ends.

use std::time::Duration;

use serde_json::{Map, Value};

use super::dialect::Dialect;

/// What a job of the [`Simulator`](super::Simulator) does, from the moment it is given to it.
///
/// The defaults: an ECS job without sub-jobs that runs for one second and ends in SUCCESS. The job first goes through
/// the phases that are asked for (PENDING_PAYMENT, INIT, other words), then it is RUNNING, then it ends. Its sub-jobs
/// end one after the other, and the job a little after the last of them, as it is with the real service.
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
    pub(super) dialect: Dialect,
    pub(super) takes: Duration,
    pub(super) ends: bool,
    pub(super) sub_jobs: usize,
    pub(super) failing: usize,
    pub(super) error: Option<(String, String)>,
    pub(super) entities: Option<Value>,
    pub(super) added: Map<String, Value>,
    pub(super) pending_payment_for: Duration,
    pub(super) init_for: Duration,
    pub(super) odd_words: Vec<(String, Duration)>,
    pub(super) not_found_for: Duration,
    pub(super) order_id: Option<String>,
    pub(super) body: Option<Vec<u8>>,
}

impl JobScript {
    /// A job of this `job_type` (`createServer`, `attachVolume`, ...) that takes one second and succeeds.
    pub fn new(job_type: impl Into<String>) -> Self {
        Self {
            job_type: job_type.into(),
            sub_job_type: None,
            dialect: Dialect::Ecs,
            takes: Duration::from_secs(1),
            ends: true,
            sub_jobs: 0,
            failing: 0,
            error: None,
            entities: None,
            added: Map::new(),
            pending_payment_for: Duration::ZERO,
            init_for: Duration::ZERO,
            odd_words: Vec::new(),
            not_found_for: Duration::ZERO,
            order_id: None,
            body: None,
        }
    }

    /// The service whose manner of writing a job it has. Default: [`Dialect::Ecs`].
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// How long it is RUNNING, after the phases before. Default: one second. Zero: it has ended at the first poll.
    pub fn duration(mut self, span: Duration) -> Self {
        self.takes = span;
        self
    }

    /// It and its sub-jobs stay RUNNING for ever.
    pub fn never_ends(mut self) -> Self {
        self.ends = false;
        self
    }

    /// How many sub-jobs it has. Default: none; more than 10,000 are 10,000.
    pub fn sub_jobs(mut self, count: usize) -> Self {
        self.sub_jobs = count.min(MOST_SUB_JOBS);
        self
    }

    /// The `job_type` of its sub-jobs. Default: what the service gives (`createSingleServer` for `createServer`), else
    /// that of the job.
    pub fn sub_job_type(mut self, job_type: impl Into<String>) -> Self {
        self.sub_job_type = Some(job_type.into());
        self
    }

    /// It ends in FAIL: because of its last sub-job, or by itself if it has none.
    pub fn failing(self) -> Self {
        self.failing_sub_jobs(1)
    }

    /// The last `count` of its sub-jobs end in FAIL, and the job with them. Each of them carries a cause in the manner
    /// of the service: with ECS the code `Ecs.0204` and the OpenStack error as JSON inside the string
    /// `errorcode_message`; the job itself only says `Common.0021`. Zero: none fails. Without sub-jobs the job fails
    /// by itself.
    pub fn failing_sub_jobs(mut self, count: usize) -> Self {
        self.failing = count;
        self
    }

    /// It ends in FAIL for this reason: of its failing sub-jobs (one, if nothing else was said), or of itself if it
    /// has none.
    pub fn error(mut self, code: impl Into<String>, reason: impl Into<String>) -> Self {
        self.error = Some((code.into(), reason.into()));
        self.failing = self.failing.max(1);
        self
    }

    /// The `entities` of the job in place of those the service would give. Sub-jobs still go into them if they are an
    /// object; anything else is sent as it is.
    pub fn entities(mut self, entities: Value) -> Self {
        self.entities = Some(entities);
        self
    }

    /// One more value in the `entities` of the job.
    pub fn entity(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.added.insert(name.into(), value.into());
        self
    }

    /// It begins with an unpaid order: PENDING_PAYMENT for that long. `Duration::MAX`: it is never paid.
    pub fn pending_payment_for(mut self, span: Duration) -> Self {
        self.pending_payment_for = span;
        self
    }

    /// It is INIT for that long, after the payment and before the work.
    pub fn init_for(mut self, span: Duration) -> Self {
        self.init_for = span;
        self
    }

    /// Other words for its `status`, each for a while, in this order, after INIT and before RUNNING.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cloudjob::simulator::JobScript;
    ///
    /// let second = Duration::from_secs(1);
    /// let script = JobScript::new("createVolume").status_sequence([("WAITING_EXECUTE", second), ("FROZEN", second)]);
    /// # let _ = script;
    /// ```
    pub fn status_sequence<W: Into<String>>(
        mut self,
        words: impl IntoIterator<Item = (W, Duration)>,
    ) -> Self {
        self.odd_words = words.into_iter().map(|(word, span)| (word.into(), span)).collect();
        self
    }

    /// Looks in the first while are answered 400 `Common.0011`, as if the job was not known everywhere yet. The job
    /// itself goes on meanwhile.
    pub fn not_found_for(mut self, span: Duration) -> Self {
        self.not_found_for = span;
        self
    }

    /// The id of the order it belongs to. It can be asked for by that too, as the jobs of EVS for yearly and monthly
    /// disks. Default: none.
    pub fn order_id(mut self, id: impl Into<String>) -> Self {
        self.order_id = Some(id.into());
        self
    }

    /// Every poll is answered 200 with these bytes, whatever else was asked for.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// What it does at this age.
    pub(super) fn stage(&self, age: Duration) -> JobPhase<'_> {
        if age < self.not_found_for {
            return JobPhase::NotFound;
        }
        let mut end_of_phase = Duration::ZERO;
        for (word, span) in self.phases() {
            end_of_phase = end_of_phase.saturating_add(span);
            if age < end_of_phase {
                return JobPhase::Waiting(word);
            }
        }
        let work = age.saturating_sub(end_of_phase);
        if self.ends && work >= self.takes { JobPhase::Ended } else { JobPhase::Running(work) }
    }

    /// Its age when the work begins.
    pub(super) fn before_work(&self) -> Duration {
        self.phases().fold(Duration::ZERO, |sum, (_, span)| sum.saturating_add(span))
    }

    /// Its age at its end; none if it never ends.
    pub(super) fn age_at_end(&self) -> Option<Duration> {
        self.ends.then(|| self.before_work().saturating_add(self.takes))
    }

    fn phases(&self) -> impl Iterator<Item = (&str, Duration)> {
        [("PENDING_PAYMENT", self.pending_payment_for), ("INIT", self.init_for)]
            .into_iter()
            .chain(self.odd_words.iter().map(|(word, span)| (word.as_str(), *span)))
    }
}

/// Where a job is at an age.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum JobPhase<'a> {
    NotFound,
    /// In a phase before the work, with this status.
    Waiting(&'a str),
    /// At work for that long.
    Running(Duration),
    Ended,
}

/// So that a slip of a digit does not fill the memory.
const MOST_SUB_JOBS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_job_goes_through_its_phases_in_order() {
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
            assert_eq!(script.stage(seconds(age)), expected, "at {age} s");
        }
        assert_eq!(script.age_at_end(), Some(seconds(20)));
    }

    #[test]
    fn spans_without_end_neither_end_nor_overflow() {
        let unpaid =
            JobScript::new("createServer").pending_payment_for(Duration::MAX).init_for(Duration::MAX);
        assert_eq!(unpaid.stage(seconds(1 << 40)), JobPhase::Waiting("PENDING_PAYMENT"));
        let endless = JobScript::new("createServer").never_ends().duration(seconds(1));
        assert_eq!(endless.stage(seconds(1000)), JobPhase::Running(seconds(1000)));
        assert_eq!(endless.age_at_end(), None);
        assert_eq!(JobScript::new("x").duration(Duration::ZERO).stage(Duration::ZERO), JobPhase::Ended);
    }
}
