//! What the live display shows: a few lines for each of few jobs, or a few for all where they are many.

use std::time::{Duration, Instant};

use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::status::Status;

use super::summary::SummaryView;
use super::terminal::Line;
use crate::cli::output::job_report::JobOutcome;
use crate::cli::output::style::Style;
use crate::cli::output::text::{code_and_reason, percent, sub_jobs, tally, whole_seconds};
use crate::util::duration::format_duration;
use crate::util::sanitize::{label, message};

/// All that is shown.
#[derive(Debug)]
pub(crate) struct LiveView {
    /// In the order in which they came.
    few: Vec<JobView>,
    crowd: SummaryView,
}

/// One poll that did not end its job.
#[derive(Debug)]
pub(crate) struct JobUpdate<'a> {
    pub(crate) job_id: &'a JobId,
    pub(crate) status: Option<&'a Status>,
    pub(crate) sub_jobs: (u32, u32),
    pub(crate) error: Option<&'a PollError>,
    pub(crate) next_poll: Option<Duration>,
    /// As it was last seen, by this poll or before.
    pub(crate) job: Option<&'a Job>,
}

/// A job that has not ended.
#[derive(Debug)]
struct JobView {
    id: JobId,
    since: Instant,
    status: Option<Status>,
    job_type: String,
    percent: Option<String>,
    sub_jobs: (u32, u32),
    next_poll: Option<Instant>,
    error: Option<String>,
    is_unknown: bool,
    /// Under the head: all sub-jobs, or how many there are of each status where they are many.
    all: Vec<Line>,
    /// The failed ones among them.
    failed: Vec<Line>,
    failures: usize,
}

/// How much is said of each job.
#[derive(Clone, Copy)]
enum Detail {
    All,
    Failures,
    Head,
}

impl LiveView {
    pub(crate) fn new() -> Self {
        Self { few: Vec::new(), crowd: SummaryView::new() }
    }

    /// A job is known from now on.
    pub(crate) fn take(&mut self, id: &JobId) {
        self.crowd.take();
        if self.crowd.known() <= FEW {
            self.few.push(JobView::new(id));
        } else {
            self.few.clear();
        }
    }

    pub(crate) fn polled(&mut self, glance: &JobUpdate<'_>, now: Instant) {
        if let Some(one) = self.few.iter_mut().find(|one| one.id == *glance.job_id) {
            one.polled(glance, now);
        }
    }

    pub(crate) fn ended(&mut self, id: &JobId, verdict: JobOutcome, was: Option<&Status>) {
        self.crowd.ended(id, verdict, was);
        self.few.retain(|one| one.id != *id);
    }

    /// Where they are too many for lines of their own.
    pub(crate) fn crowd(&mut self) -> Option<&mut SummaryView> {
        (self.crowd.known() > FEW).then_some(&mut self.crowd)
    }

    /// As many as there are rows: with less detail if it takes that.
    pub(crate) fn lines(&self, now: Instant, rows: usize) -> Vec<Line> {
        if self.crowd.known() > FEW {
            return self.crowd.lines(now);
        }
        let of = |detail| self.few.iter().flat_map(|one| one.lines(now, detail)).collect::<Vec<_>>();
        let rows = rows.min(CALM);
        let details = [Detail::All, Detail::Failures].into_iter().map(of);
        details.into_iter().find(|lines| lines.len() <= rows).unwrap_or_else(|| of(Detail::Head))
    }
}

impl JobView {
    fn new(id: &JobId) -> Self {
        Self {
            id: id.clone(),
            since: Instant::now(),
            status: None,
            job_type: String::new(),
            percent: None,
            sub_jobs: (0, 0),
            next_poll: None,
            error: None,
            is_unknown: false,
            all: Vec::new(),
            failed: Vec::new(),
            failures: 0,
        }
    }

    fn polled(&mut self, glance: &JobUpdate<'_>, now: Instant) {
        self.status = glance.status.cloned();
        self.sub_jobs = glance.sub_jobs;
        self.next_poll = glance.next_poll.map(|delay| now + delay);
        self.is_unknown = self.status.is_none()
            && glance.error.and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
        self.error = glance.error.filter(|_| !self.is_unknown).map(|error| message(&error.to_string()));
        if let Some(job) = glance.job {
            self.job_type = job.job_type().map(label).unwrap_or_default();
            self.percent = percent(job);
            let failed: Vec<_> = job.failed_sub_jobs().collect();
            self.failures = failed.len();
            self.failed = failed.iter().take(MOST_FAILED).map(|job| sub_job(job)).collect();
            if failed.len() > MOST_FAILED {
                let more = format!("  … {} more failed", failed.len() - MOST_FAILED);
                self.failed.push(Line::default().add(Style::Bad, more));
            }
            self.all = match job.sub_jobs() {
                few if few.len() <= MOST_SUB_JOBS => few.iter().map(sub_job).collect(),
                many => {
                    let counts = Line::default().add(Style::LineProgress, format!("  {}", tally(many)));
                    std::iter::once(counts).chain(self.failed.clone()).collect()
                }
            };
        }
    }

    fn lines(&self, now: Instant, detail: Detail) -> Vec<Line> {
        let mut lines = vec![self.head(now)];
        if !matches!(detail, Detail::Head) {
            let error = self.error.as_ref();
            lines.extend(error.map(|error| Line::default().add(Style::Odd, format!("  error: {error}"))));
            lines.extend_from_slice(if matches!(detail, Detail::All) { &self.all } else { &self.failed });
        }
        lines
    }

    /// The most telling first: a narrow window cuts the end off.
    fn head(&self, now: Instant) -> Line {
        let mut line = match &self.status {
            Some(status) => Line::default().add(Style::of(status), label(status.as_str())),
            None if self.is_unknown => Line::default().add(Style::Odd, "not known to the service yet"),
            None if self.next_poll.is_none() => Line::default().add(Style::Going, "asking"),
            None => Line::default().add(Style::Odd, "not seen yet"),
        };
        line = line.add(
            Style::LineProgress,
            format!(" {}", whole_seconds(now.saturating_duration_since(self.since))),
        );
        if let Some(next) = self.next_poll {
            line = line.add(
                Style::LineProgress,
                match next.saturating_duration_since(now) {
                    Duration::ZERO => ", looking".to_owned(),
                    // A count that ends with one, not with zero.
                    left => format!(", next poll in {}", whole_seconds(left + ALMOST_A_SECOND)),
                },
            );
        }
        let (done, total) = self.sub_jobs;
        if total > 0 {
            line = line.add(Style::LineProgress, format!(", {done} of {total} done"));
        }
        if self.failures > 0 {
            line = line.add(Style::Bad, format!(", {} failed", self.failures));
        }
        if let Some(percent) = &self.percent {
            line = line.add(Style::LineProgress, format!(", {percent}"));
        }
        line.add(Style::Faint, format!(", {} {}", self.id, self.job_type).trim_end())
    }
}

/// `  SUCCESS 3.1s createSingleServer ff80…`, `  FAIL    Ecs.0204: Quota exceeded, createSingleServer ff80…`.
fn sub_job(job: &Job) -> Line {
    let mut facts = Vec::new();
    let (done, total) = sub_jobs(job);
    if *job.status() == Status::Fail || !job.status().is_terminal() {
        facts.extend(code_and_reason(job));
    }
    if total > 0 && !job.status().is_terminal() {
        facts.push(format!("{done} of {total} sub-jobs done"));
    }
    if let (true, Some(took)) = (facts.is_empty(), job.duration()) {
        facts.push(format!("in {}", format_duration(took)));
    }
    let word = if job.status_text().is_empty() { "-" } else { job.status_text() };
    let name = [job.job_type(), job.id()].into_iter().flatten().map(label).collect::<Vec<_>>().join(" ");
    let gap = if facts.is_empty() || name.is_empty() { "" } else { ", " };
    Line::default()
        .add(Style::LineProgress, "  ")
        .add(Style::of(job.status()), format!("{:<7}", label(word)))
        .add(Style::LineProgress, format!(" {}", facts.join(", ")))
        .add(Style::Faint, format!("{gap}{name}"))
}

/// So many jobs have lines of their own.
const FEW: usize = 8;

/// So many sub-jobs have a line each.
const MOST_SUB_JOBS: usize = 6;

/// Of more than these so many failed ones are told.
const MOST_FAILED: usize = 3;

/// More lines than that are no glance any more.
const CALM: usize = 20;

const ALMOST_A_SECOND: Duration = Duration::from_millis(999);

#[cfg(test)]
mod tests {
    use crate::error::poll::{TransportError, TransportErrorKind};
    use serde_json::{Value, json};

    use super::*;

    fn id(text: &str) -> JobId {
        JobId::new(text).unwrap()
    }

    fn job(body: &Value) -> Job {
        Job::from_slice(body.to_string().as_bytes()).unwrap()
    }

    fn seen<'a>(id: &'a JobId, job: &'a Job) -> JobUpdate<'a> {
        JobUpdate {
            job_id: id,
            status: Some(job.status()),
            sub_jobs: sub_jobs(job),
            error: None,
            next_poll: Some(Duration::from_secs(3)),
            job: Some(job),
        }
    }

    fn texts(scene: &LiveView, now: Instant) -> Vec<String> {
        scene.lines(now, 100).iter().map(Line::text).collect()
    }

    #[test]
    fn a_job_has_a_head_and_a_line_for_each_sub_job() {
        let (p, mut scene) = (id("p"), LiveView::new());
        scene.take(&p);
        let now = Instant::now();
        assert_eq!(texts(&scene, now), ["asking 0s, p"]);
        let job = job(&json!({"status": "RUNNING", "job_id": "p", "job_type": "createServer", "entities": {
            "sub_jobs_total": 4, "sub_jobs": [
                {"status": "SUCCESS", "job_id": "a", "job_type": "createSingleServer",
                 "begin_time": "2016-04-25T20:04:34.000Z", "end_time": "2016-04-25T20:04:37.200Z"},
                {"status": "FAIL", "job_id": "b", "job_type": "createSingleServer", "error_code": "Ecs.0204",
                 "fail_reason": "Task-fail:{\"m\":{\"message\":\"Quota exceeded\"}}"},
                {"status": "RUNNING", "job_id": "c", "entities": {"sub_jobs": [
                    {"status": "SUCCESS"}, {"status": "RUNNING"}]}},
        ]}}));
        scene.polled(&seen(&p, &job), now);
        assert_eq!(
            texts(&scene, now + Duration::from_millis(1200)),
            [
                "RUNNING 1s, next poll in 2s, 2 of 4 done, 1 failed, p createServer",
                "  SUCCESS in 3.2s, createSingleServer a",
                "  FAIL    Ecs.0204: Quota exceeded, createSingleServer b",
                "  RUNNING 1 of 2 sub-jobs done, c",
            ]
        );
        assert!(texts(&scene, now + Duration::from_secs(70))[0].starts_with("RUNNING 1m 10s, looking, "));
        let error =
            PollError::Transport(TransportError::new(TransportErrorKind::ConnectionLost, "it\nbroke off"));
        scene.polled(&JobUpdate { error: Some(&error), job: None, ..seen(&p, &job) }, now);
        assert_eq!(texts(&scene, now)[1], "  error: it broke off");
        scene.ended(&p, JobOutcome::Failed, None);
        assert!(texts(&scene, now).is_empty());
    }

    #[test]
    fn many_sub_jobs_are_counted_and_the_failed_ones_named() {
        let (p, mut scene) = (id("p"), LiveView::new());
        scene.take(&p);
        let sub_jobs: Vec<_> = (0..50)
            .map(|n| {
                json!({"status": if n % 10 == 0 { "FAIL" } else { "RUNNING" }, "job_id": n.to_string(),
                "error_code": if n % 10 == 0 { json!("Ecs.1") } else { json!(null) }})
            })
            .collect();
        let job = job(&json!({"status": "RUNNING", "entities": {"sub_jobs": sub_jobs}}));
        let now = Instant::now();
        scene.polled(&seen(&p, &job), now);
        assert_eq!(
            texts(&scene, now)[1..],
            [
                "  45 RUNNING, 5 FAIL",
                "  FAIL    Ecs.1, 0",
                "  FAIL    Ecs.1, 10",
                "  FAIL    Ecs.1, 20",
                "  … 2 more failed",
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_told_with_less_detail() {
        let mut scene = LiveView::new();
        let job = job(&json!({"status": "RUNNING", "entities": {"sub_jobs": [
            {"status": "RUNNING"}, {"status": "FAIL", "error_code": "Ecs.1"}, {"status": "RUNNING"}]}}));
        let ids: Vec<_> = (0..8).map(|n| id(&format!("job-{n}"))).collect();
        let now = Instant::now();
        for (count, id) in ids.iter().enumerate() {
            scene.take(id);
            scene.polled(&seen(id, &job), now);
            let lines = scene.lines(now, 100).len();
            assert_eq!(lines, [4, 8, 12, 16, 20, 12, 14, 16][count]);
        }
        assert_eq!(scene.lines(now, 15).len(), 8);
        scene.take(&id("one-more"));
        assert!(texts(&scene, now)[0].starts_with("0 of 9 ended"), "{:?}", texts(&scene, now));
    }
}
