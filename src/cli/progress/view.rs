//! What the live display shows: a few lines for each of few jobs, or a few for all where they are many.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::error::api::ApiError;
use crate::error::poll::PollError;
use crate::job::Job;
use crate::job::status::Status;

use super::resource::ResourceView;
use super::summary::SummaryView;
use super::terminal::Line;
use crate::cli::input::target::Target;
use crate::cli::output::job_report::JobOutcome;
use crate::cli::output::style::Style;
use crate::cli::output::text::{code_and_reason, count_by_status, percent, sub_jobs, whole_seconds};
use crate::util::duration::format_duration;
use crate::util::sanitize::{label, message};
use crate::wait::resource::ResourceProgress;

/// All that is shown.
#[derive(Debug)]
pub(crate) struct LiveView {
    /// In the order in which they came.
    few: Vec<JobView>,
    summary: SummaryView,
    timeout: Duration,
    /// What is waited for instead of jobs.
    resource: Option<ResourceView>,
}

/// One poll that did not end its job.
#[derive(Debug)]
pub(crate) struct JobUpdate<'a> {
    pub(crate) id: &'a Target,
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
    id: Target,
    since: Instant,
    status: Option<Status>,
    job_type: String,
    percent: Option<f64>,
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
    /// For jobs that are waited for at most this long each.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { few: Vec::new(), summary: SummaryView::new(timeout), timeout, resource: None }
    }

    /// A job is known from now on.
    pub(crate) fn take(&mut self, id: &Target) {
        self.summary.take();
        if self.summary.known() <= FEW {
            self.few.push(JobView::new(id));
        } else {
            self.few.clear();
        }
    }

    /// A resource is about to be waited for.
    pub(crate) fn take_resource(&mut self, path: &str) {
        self.resource = Some(ResourceView::new(path));
    }

    pub(crate) fn resource_polled(&mut self, progress: &ResourceProgress, now: Instant) {
        if let Some(view) = &mut self.resource {
            view.polled(progress, now);
        }
    }

    pub(crate) fn polled(&mut self, update: &JobUpdate<'_>, now: Instant) {
        if let Some(one) = self.few.iter_mut().find(|one| one.id == *update.id) {
            one.polled(update, now);
        }
    }

    pub(crate) fn ended(&mut self, id: &Target, outcome: JobOutcome, was: Option<&Status>) {
        self.summary.ended(id, outcome, was);
        self.few.retain(|one| one.id != *id);
    }

    /// Where they are too many for lines of their own.
    pub(crate) fn summary(&mut self) -> Option<&mut SummaryView> {
        (self.summary.known() > FEW).then_some(&mut self.summary)
    }

    /// At most as many as there are rows: with less detail if it takes that.
    pub(crate) fn lines(&self, now: Instant, rows: usize, columns: usize) -> Vec<Line> {
        if let Some(view) = &self.resource {
            return view.lines(now, self.timeout);
        }
        if self.summary.known() > FEW {
            return self.summary.lines(now);
        }
        let frame = Frame { now, columns, timeout: self.timeout, id_end: self.id_end() };
        let of = |detail| self.few.iter().flat_map(|one| one.lines(&frame, detail)).collect::<Vec<_>>();
        let rows = rows.min(MOST_ROWS);
        let details = [Detail::All, Detail::Failures].into_iter().map(of);
        details.into_iter().find(|lines| lines.len() <= rows).unwrap_or_else(|| of(Detail::Head))
    }

    /// So many characters at the end of the ids tell the jobs apart.
    fn id_end(&self) -> usize {
        let ids: Vec<_> = self.few.iter().map(|one| (one.id.service, one.id.id.as_str())).collect();
        let longest = ids.iter().map(|(_, id)| id.len()).max().unwrap_or_default();
        let is_distinct = |length: &usize| {
            let end = |id: &'_ str| id.len().saturating_sub(*length);
            let ends: HashSet<_> = ids.iter().map(|(service, id)| (service, &id[end(id)..])).collect();
            ends.len() == ids.len()
        };
        (SHORTEST_ID..longest).find(is_distinct).unwrap_or(longest)
    }
}

/// What all lines of one drawing depend on.
struct Frame {
    now: Instant,
    columns: usize,
    timeout: Duration,
    id_end: usize,
}

impl JobView {
    fn new(id: &Target) -> Self {
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

    fn polled(&mut self, update: &JobUpdate<'_>, now: Instant) {
        self.status = update.status.cloned();
        self.sub_jobs = update.sub_jobs;
        self.next_poll = update.next_poll.map(|delay| now + delay);
        self.is_unknown = self.status.is_none()
            && update.error.and_then(PollError::api_error).is_some_and(ApiError::is_not_found);
        self.error = update.error.filter(|_| !self.is_unknown).map(|error| message(&error.to_string()));
        if let Some(job) = update.job {
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
                    let counts = Line::default().add(Style::Plain, format!("  {}", count_by_status(many)));
                    std::iter::once(counts).chain(self.failed.clone()).collect()
                }
            };
        }
    }

    fn lines(&self, frame: &Frame, detail: Detail) -> Vec<Line> {
        let mut lines = vec![self.head(frame)];
        if !matches!(detail, Detail::Head) {
            let error = self.error.as_ref();
            lines.extend(error.map(|error| Line::default().add(Style::Odd, format!("  error: {error}"))));
            lines.extend_from_slice(if matches!(detail, Detail::All) { &self.all } else { &self.failed });
        }
        lines
    }

    /// The fullest one that fits: what is needed most stays in a narrow window.
    fn head(&self, frame: &Frame) -> Line {
        let mut heads = HEADS.iter().map(|form| self.head_as(frame, form));
        heads
            .clone()
            .find(|line| line.width() <= frame.columns)
            .or_else(|| heads.next_back())
            .unwrap_or_default()
    }

    /// `createServer ff80… RUNNING, 2 of 4 done, 1m 20s of 30m, next poll in 2s`
    fn head_as(&self, frame: &Frame, form: &Head) -> Line {
        let mut line = Line::default();
        if form.job_type && !self.job_type.is_empty() {
            line = line.add(Style::Plain, format!("{} ", self.job_type));
        }
        let id = self.id.id.as_str();
        let id = match id.len().checked_sub(frame.id_end + 1) {
            Some(cut @ 1..) if !form.whole_id => format!("…{}", &id[cut + 1..]),
            _ => id.to_owned(),
        };
        let service = self.id.service.map(|service| format!("{service}:")).unwrap_or_default();
        line = line.add(Style::Plain, format!("{service}{id} "));
        line = match &self.status {
            Some(status) => line.add(Style::of(status), label(status.as_str())),
            None if self.is_unknown => line.add(Style::Odd, "not known to the service yet"),
            None if self.next_poll.is_none() => line.add(Style::Going, "polling"),
            None => line.add(Style::Odd, "not seen yet"),
        };
        let (done, total) = self.sub_jobs;
        if total > 0 {
            line = line
                .add(Style::Plain, format!(", {done} of {total}{}", if form.words { " done" } else { "" }));
        }
        if self.failures > 0 {
            line = line.add(Style::Bad, format!(", {} failed", self.failures));
        }
        if let Some(percent) = self.percent {
            line = line.add(Style::Plain, format!(", {percent:.0} %"));
        }
        let elapsed = whole_seconds(frame.now.saturating_duration_since(self.since));
        line = line.add(Style::Plain, format!(", {elapsed}{}", of_timeout(frame.timeout)));
        match self.next_poll.filter(|_| form.next_poll) {
            Some(next) => line.add(
                Style::Plain,
                match next.saturating_duration_since(frame.now) {
                    Duration::ZERO => ", polling".to_owned(),
                    // A count that ends with one, not with zero.
                    left => format!(", next poll in {}", whole_seconds(left + ALMOST_A_SECOND)),
                },
            ),
            None => line,
        }
    }
}

/// ` of 30m`; nothing for a wait without a limit.
pub(super) fn of_timeout(timeout: Duration) -> String {
    if timeout.is_zero() || timeout == Duration::MAX {
        return String::new();
    }
    format!(" of {}", format_duration(timeout))
}

/// What the head of a job has.
struct Head {
    job_type: bool,
    whole_id: bool,
    words: bool,
    next_poll: bool,
}

/// From the fullest to the shortest.
const HEADS: [Head; 5] = [
    Head { job_type: true, whole_id: true, words: true, next_poll: true },
    Head { job_type: true, whole_id: false, words: true, next_poll: true },
    Head { job_type: true, whole_id: false, words: true, next_poll: false },
    Head { job_type: false, whole_id: false, words: true, next_poll: false },
    Head { job_type: false, whole_id: false, words: false, next_poll: false },
];

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
    let name = [job.job_type(), job.id_text()].into_iter().flatten().map(label).collect::<Vec<_>>().join(" ");
    let gap = if facts.is_empty() || name.is_empty() { "" } else { ", " };
    Line::default()
        .add(Style::Plain, "  ")
        .add(Style::of(job.status()), format!("{:<7}", label(word)))
        .add(Style::Plain, format!(" {}", facts.join(", ")))
        .add(Style::Faint, format!("{gap}{name}"))
}

/// So many jobs have lines of their own.
const FEW: usize = 8;

/// So many sub-jobs have a line each.
const MOST_SUB_JOBS: usize = 6;

/// Of more than these so many failed ones are shown.
const MOST_FAILED: usize = 3;

/// More lines than that are no update any more.
const MOST_ROWS: usize = 20;

/// So much of the end of an id is always shown.
const SHORTEST_ID: usize = 6;

const ALMOST_A_SECOND: Duration = Duration::from_millis(999);

#[cfg(test)]
mod tests {
    use crate::endpoint::service::Service;
    use crate::error::poll::{TransportError, TransportErrorKind};
    use serde_json::{Value, json};

    use super::*;
    use crate::job::id::JobId;

    fn id(text: &str) -> Target {
        JobId::new(text).unwrap().into()
    }

    fn job(body: &Value) -> Job {
        Job::from_slice(body.to_string().as_bytes()).unwrap()
    }

    fn seen<'a>(id: &'a Target, job: &'a Job) -> JobUpdate<'a> {
        JobUpdate {
            id,
            status: Some(job.status()),
            sub_jobs: sub_jobs(job),
            error: None,
            next_poll: Some(Duration::from_secs(3)),
            job: Some(job),
        }
    }

    const LIMIT: Duration = Duration::from_secs(1800);

    fn texts(view: &LiveView, now: Instant) -> Vec<String> {
        view.lines(now, 100, 200).iter().map(Line::text).collect()
    }

    #[test]
    fn a_job_has_a_head_and_a_line_for_each_sub_job() {
        let (p, mut view) = (id("p"), LiveView::new(LIMIT));
        view.take(&p);
        let now = Instant::now();
        assert_eq!(texts(&view, now), ["p polling, 0s of 30m"]);
        let job = job(&json!({"status": "RUNNING", "job_id": "p", "job_type": "createServer", "entities": {
            "sub_jobs_total": 4, "sub_jobs": [
                {"status": "SUCCESS", "job_id": "a", "job_type": "createSingleServer",
                 "begin_time": "2016-04-25T20:04:34.000Z", "end_time": "2016-04-25T20:04:37.200Z"},
                {"status": "FAIL", "job_id": "b", "job_type": "createSingleServer", "error_code": "Ecs.0204",
                 "fail_reason": "Task-fail:{\"m\":{\"message\":\"Quota exceeded\"}}"},
                {"status": "RUNNING", "job_id": "c", "entities": {"sub_jobs": [
                    {"status": "SUCCESS"}, {"status": "RUNNING"}]}},
        ]}}));
        view.polled(&seen(&p, &job), now);
        assert_eq!(
            texts(&view, now + Duration::from_millis(1200)),
            [
                "createServer p RUNNING, 2 of 4 done, 1 failed, 1s of 30m, next poll in 2s",
                "  SUCCESS in 3.2s, createSingleServer a",
                "  FAIL    Ecs.0204: Quota exceeded, createSingleServer b",
                "  RUNNING 1 of 2 sub-jobs done, c",
            ]
        );
        assert!(texts(&view, now + Duration::from_secs(70))[0].ends_with("1m 10s of 30m, polling"));
        let error =
            PollError::Transport(TransportError::new(TransportErrorKind::ConnectionLost, "it\nbroke off"));
        view.polled(&JobUpdate { error: Some(&error), job: None, ..seen(&p, &job) }, now);
        assert_eq!(texts(&view, now)[1], "  error: it broke off");
        view.ended(&p, JobOutcome::Failed, None);
        assert!(texts(&view, now).is_empty());
    }

    #[test]
    fn what_is_needed_most_stays_in_a_narrow_window() {
        let ids = ["ff8080829585af7f0195c1e776d9475c", "ff8080829585af7f0195c1e776d9475d"].map(id);
        let mut view = LiveView::new(LIMIT);
        let job = job(&json!({"status": "RUNNING", "job_type": "createServer", "entities": {
            "sub_jobs_total": 4, "sub_jobs": [{"status": "SUCCESS"}, {"status": "RUNNING"}]}}));
        let now = Instant::now();
        for id in &ids {
            view.take(id);
            view.polled(&seen(id, &job), now);
        }
        let later = Instant::now() + Duration::from_secs(80);
        for (columns, expected) in [
            (
                199,
                "createServer ff8080829585af7f0195c1e776d9475c RUNNING, 1 of 4 done, 1m 20s of 30m, polling",
            ),
            (79, "createServer …d9475c RUNNING, 1 of 4 done, 1m 20s of 30m, polling"),
            (39, "…d9475c RUNNING, 1 of 4, 1m 20s of 30m"),
        ] {
            let line = view.lines(later, 100, columns)[0].text();
            assert_eq!(line, expected);
            assert!(line.chars().count() <= columns);
        }
    }

    #[test]
    fn the_service_tells_two_jobs_with_one_id_apart() {
        let server = id("ff8080829585af7f0195c1e776d9475c");
        let volume = Target { service: Some(Service::Evs), ..server.clone() };
        let mut view = LiveView::new(LIMIT);
        view.take(&server);
        view.take(&volume);
        let lines: Vec<_> = view.lines(Instant::now(), 100, 39).iter().map(Line::text).collect();
        assert_eq!(lines, ["…d9475c polling, 0s of 30m", "evs:…d9475c polling, 0s of 30m"]);
    }

    #[test]
    fn many_sub_jobs_are_counted_and_the_failed_ones_named() {
        let (p, mut view) = (id("p"), LiveView::new(LIMIT));
        view.take(&p);
        let sub_jobs: Vec<_> = (0..50)
            .map(|n| {
                json!({"status": if n % 10 == 0 { "FAIL" } else { "RUNNING" }, "job_id": n.to_string(),
                "error_code": if n % 10 == 0 { json!("Ecs.1") } else { json!(null) }})
            })
            .collect();
        let job = job(&json!({"status": "RUNNING", "entities": {"sub_jobs": sub_jobs}}));
        let now = Instant::now();
        view.polled(&seen(&p, &job), now);
        assert_eq!(
            texts(&view, now)[1..],
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
        let mut view = LiveView::new(LIMIT);
        let job = job(&json!({"status": "RUNNING", "entities": {"sub_jobs": [
            {"status": "RUNNING"}, {"status": "FAIL", "error_code": "Ecs.1"}, {"status": "RUNNING"}]}}));
        let ids: Vec<_> = (0..8).map(|n| id(&format!("job-{n}"))).collect();
        let now = Instant::now();
        for (count, id) in ids.iter().enumerate() {
            view.take(id);
            view.polled(&seen(id, &job), now);
            let lines = view.lines(now, 100, 200).len();
            assert_eq!(lines, [4, 8, 12, 16, 20, 12, 14, 16][count]);
        }
        assert_eq!(view.lines(now, 15, 200).len(), 8);
        view.take(&id("one-more"));
        assert!(texts(&view, now)[0].starts_with("0 of 9 ended"), "{:?}", texts(&view, now));
    }
}
