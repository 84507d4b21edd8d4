//! Where results, progress, errors and the exit code come together.

mod created_ids;
mod dedup;
mod failure_tree;
mod github;
pub(crate) mod job_report;
mod json;
pub(crate) mod message;
pub(crate) mod stdio;
pub(crate) mod style;
pub(crate) mod text;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::endpoint::service::Service;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::util::cancel::CancelToken;
use crate::util::duration::format_duration;

use serde_json::Value;

use crate::wait::resource::ResourceProgress;

use self::created_ids::CreatedIds;
use self::dedup::ErrorDedup;
use self::job_report::{JobOutcome, JobReport};
use self::message::Message;
use self::stdio::Broken;
use self::style::Styles;
use super::args::common::{Format, Printing};
use super::exit_code::{Code, ExitStatus};
use super::input::target::Target;
use super::progress::ProgressDisplay;
use super::progress::tracked_jobs::{TrackedJob, TrackedJobs};

/// Shared by the thread that reads ids and the one that waits.
#[derive(Clone, Debug)]
pub(crate) struct Reporter(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    format: Format,
    quiet: bool,
    /// Of standard output.
    styles: Styles,
    display: ProgressDisplay,
    open: TrackedJobs,
    status: ExitStatus,
    dedup: ErrorDedup,
    created: CreatedIds,
    /// How many jobs had which outcome.
    outcomes: BTreeMap<JobOutcome, usize>,
    polls: u64,
    begun: Instant,
    /// The longest that each job is waited for; `None` where nothing bounds the command.
    timeout: Option<Duration>,
    /// When the last job will have ended or timed out.
    deadline: Option<Instant>,
    /// Jobs that may still be running although the wait is over.
    left: Vec<Target>,
    /// Jobs end with the command.
    is_demo: bool,
    /// The last value of the resource, and the number of polls.
    resource: Option<(Option<Value>, u32)>,
    is_finished: bool,
    /// Results that are written together, while very many jobs are reported at once.
    held: Option<String>,
}

impl Reporter {
    /// For a wait of at most this long for each job.
    pub(crate) fn for_wait(printing: Printing, timeout: Duration, cancel: &CancelToken) -> Self {
        let display = ProgressDisplay::for_wait(printing.verbosity, timeout);
        let reporter = Self::new(printing, display, ExitStatus::default(), cancel);
        reporter.lock().timeout = Some(timeout);
        reporter.print_pending_regularly();
        reporter
    }

    /// For single polls.
    pub(crate) fn for_polls(printing: Printing, cancel: &CancelToken) -> Self {
        let display = ProgressDisplay::for_polls(printing.verbosity);
        Self::new(printing, display, ExitStatus::of_polls(), cancel)
    }

    fn new(printing: Printing, display: ProgressDisplay, status: ExitStatus, cancel: &CancelToken) -> Self {
        stdio::cancel_when_broken(cancel);
        Self(Arc::new(Mutex::new(State {
            format: printing.output.format(),
            quiet: printing.verbosity.quiet,
            styles: Styles::for_output(),
            display,
            open: TrackedJobs::default(),
            status,
            dedup: ErrorDedup::default(),
            created: CreatedIds::default(),
            outcomes: BTreeMap::new(),
            polls: 0,
            begun: Instant::now(),
            timeout: None,
            deadline: None,
            left: Vec::new(),
            is_demo: false,
            resource: None,
            is_finished: false,
            held: None,
        })))
    }

    /// No job outlives the command, so that there is none to be waited for again.
    pub(crate) fn for_demo(self) -> Self {
        self.lock().is_demo = true;
        self
    }

    /// The service of ids without a prefix.
    pub(crate) fn for_service(self, default_service: Service) -> Self {
        self.lock().open.default_service = default_service;
        self
    }

    /// Takes in a job that is about to be waited for; `false` if it has been there before.
    pub(crate) fn take(&self, id: &Target) -> bool {
        let state = &mut *self.lock();
        let is_new = !state.is_finished && state.open.add(id);
        if is_new {
            state.deadline = state.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
            state.display.take(id);
        }
        is_new
    }

    /// How many jobs have not ended.
    pub(crate) fn open(&self) -> usize {
        self.lock().open.len()
    }

    /// A poll that did not end its job.
    pub(crate) fn progress(&self, progress: &Progress) {
        let state = &mut *self.lock();
        if !state.is_finished {
            state.display.polled(progress, &mut state.open);
        }
    }

    /// The end of a wait for one job. What was last seen of it stands in where the outcome has no body.
    pub(crate) fn ended(&self, outcome: &Outcome) {
        let state = &mut *self.lock();
        // It comes too late: the wait was stopped, and the job is reported as cancelled.
        if state.is_finished {
            return;
        }
        let target = state.open.target(outcome.service(), outcome.job_id());
        let open = state.open.remove(&target);
        let last = open.as_ref().and_then(|open| open.job.as_deref());
        state.report(JobReport::ended(&target, outcome, last), open.as_ref());
    }

    /// The outcome of something else: a single poll, or an invalid id.
    pub(crate) fn found(&self, report: JobReport<'_>) {
        self.lock().report(report, None);
    }

    /// A resource is about to be waited for.
    pub(crate) fn take_resource(&self, path: &str) {
        let state = &mut *self.lock();
        state.deadline = state.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        state.display.take_resource(path);
    }

    /// A poll of the resource.
    pub(crate) fn resource_polled(&self, progress: &ResourceProgress) {
        let state = &mut *self.lock();
        if !state.is_finished {
            state.resource = Some((progress.value().cloned(), progress.polls()));
            state.display.resource_polled(progress);
        }
    }

    /// The wait for the resource was stopped.
    pub(crate) fn resource_stopped(&self, path: &str, service: Service) {
        let state = &mut *self.lock();
        let (value, polls) = state.resource.take().unwrap_or_default();
        let waited = state.begun.elapsed();
        let report = JobReport::resource_cancelled(path, value.as_ref(), polls, waited);
        state.report(JobReport { service: Some(service), ..report }, None);
    }

    /// Something beside results and errors, which `--quiet` leaves out.
    pub(crate) fn remark(&self, line: &str) {
        let state = self.lock();
        if !state.quiet {
            state.display.above(|| stdio::say(line));
        }
    }

    /// The wait ended without a reason, by a panic that has been printed.
    pub(crate) fn panicked(&self) {
        self.lock().status.unwritten();
    }

    /// Reports the jobs that are still open, and writes all that waits to be written. The code to end with.
    pub(crate) fn finish(&self, interrupted: bool) -> Code {
        let state = &mut *self.lock();
        state.is_finished = true;
        state.status.interrupted |= interrupted;
        state.held = Some(String::new());
        for id in state.open.ids() {
            // It is of no use to make what nobody reads: there can be very many.
            if stdio::broken().is_some() {
                state.status.note(JobOutcome::Cancelled);
                break;
            }
            if let Some(open) = state.open.remove(&id) {
                state.report(JobReport::cancelled(&id, &open), Some(&open));
            }
        }
        state.write_held();
        state.display.close();
        let deadline = state.write_deadline();
        stdio::drain(deadline);
        match stdio::broken() {
            Some(Broken::Closed) => state.status.closed(),
            Some(Broken::Failed(problem)) => {
                state.status.unwritten();
                let message = Message::new(problem).to_text(Styles::for_errors());
                stdio::last_words(&format!("{message}\n"));
            }
            None => state.conclude(deadline),
        }
        state.status.code()
    }

    /// Prints from time to time that jobs are still pending, if nothing else is printed.
    fn print_pending_regularly(&self) {
        if !self.lock().display.is_lines() {
            return;
        }
        let state = Arc::downgrade(&self.0);
        let print = move || {
            while let Some(state) = state.upgrade() {
                {
                    let state = &mut *state.lock().unwrap_or_else(PoisonError::into_inner);
                    if state.is_finished {
                        break;
                    }
                    state.display.print_pending(&state.open);
                }
                drop(state);
                thread::sleep(Duration::from_secs(1));
            }
        };
        // Without a thread there are only the lines for changes.
        let _ = thread::Builder::new().name("progress".into()).spawn(print);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn report(&mut self, mut report: JobReport<'_>, open: Option<&TrackedJob>) {
        let of_target = report.target.map(|target| target.service.unwrap_or(self.open.default_service));
        report.service = report.service.or(of_target);
        let report = &report;
        self.status.note(report.outcome);
        *self.outcomes.entry(report.outcome).or_default() += 1;
        self.polls += u64::from(report.polls);
        self.display.ended(report, open);
        if report.outcome == JobOutcome::Cancelled {
            self.left.extend(self.target(report));
        }
        let result = match self.format {
            Format::Json => Some(json::line(report)),
            Format::Text => text::result(report, self.styles).map(github::grouped),
            Format::Ids => report.job.and_then(|job| self.created.new_ids(job)).map(github::inert),
        };
        // The ids alone do not say why a job failed.
        let failure = (self.format == Format::Ids && report.outcome == JobOutcome::Failed)
            .then(|| text::result(report, Styles::for_errors()))
            .flatten();
        let is_error = report.problem.is_some() && report.outcome != JobOutcome::Cancelled;
        let is_new_error = is_error && self.dedup.is_new(report.shared.as_deref());
        let annotation = github::annotation(report);
        if result.is_none() && failure.is_none() && annotation.is_none() && !is_new_error {
            return;
        }
        let result = match (result, &mut self.held) {
            (Some(result), Some(held)) => {
                held.extend([result.trim_end_matches('\n'), "\n"]);
                None
            }
            (result, _) => result,
        };
        let deadline = self.write_deadline();
        self.display.above(|| {
            if is_new_error {
                let mut message = report.message.clone();
                if let Some(endpoint) = report.endpoint.filter(|_| report.is_from_nowhere()) {
                    let (url, project) = (endpoint.url(), endpoint.project_id());
                    message = message.and_note(&format!("polled at {url}, project {project}"));
                }
                if let Some(target) = self.target(report).filter(|_| report.outcome == JobOutcome::TimedOut) {
                    message = message.and_hint(&format!("run `cloudjob wait {target}`"));
                }
                stdio::complain(&message);
            }
            failure.into_iter().for_each(|text| stdio::say(&text));
            annotation.into_iter().for_each(|command| stdio::say_as_is(&format!("{command}\n")));
            if let Some(result) = result {
                stdio::write(&result, deadline);
            }
        });
        if self.held.as_ref().is_some_and(|held| held.len() >= MOST_HELD) {
            self.write_held();
            self.held = Some(String::new());
        }
    }

    fn write_held(&mut self) {
        let deadline = self.write_deadline();
        if let Some(held) = self.held.take().filter(|held| !held.is_empty()) {
            self.display.above(|| stdio::write(&held, deadline));
        }
    }

    /// The job of a report as an argument that means it with and without `--service`.
    fn target(&self, report: &JobReport<'_>) -> Option<Target> {
        let target = report.target?.clone();
        let service = target.service.unwrap_or(self.open.default_service);
        let needs_none = (service, self.open.default_service) == Default::default();
        Some(Target { service: (!needs_none).then_some(service), ..target })
    }

    /// When writing must be over: a second after the deadline of the last job.
    fn write_deadline(&self) -> Option<Instant> {
        self.timeout?;
        if self.status.interrupted {
            return Instant::now().checked_add(Duration::from_millis(500));
        }
        let last = self.deadline.unwrap_or(self.begun);
        last.max(Instant::now()).checked_add(Duration::from_secs(1))
    }

    fn conclude(&mut self, deadline: Option<Instant>) {
        if let Some(rest) = self.dedup.rest() {
            stdio::say(&format!("note: {rest}"));
        }
        let total: usize = self.outcomes.values().sum();
        if total > 1 && !self.quiet {
            let outcomes: Vec<_> =
                self.outcomes.iter().map(|(outcome, count)| format!("{count} {}", outcome.word())).collect();
            let (time, polls) = (format_duration(self.begun.elapsed()), text::polls(self.polls));
            stdio::say(&format!("{}: {}; {time}, {polls}", text::jobs(total), outcomes.join(", ")));
        }
        if !self.left.is_empty() && !self.is_demo {
            let why = if self.status.interrupted { "interrupted" } else { "stopped" };
            let message = Message::new(format!("{why} with {} not ended", text::jobs(self.left.len())));
            if self.quiet {
                let hint = if self.left.len() <= MOST_IN_A_HINT {
                    let ids: Vec<_> = self.left.iter().map(Target::to_string).collect();
                    format!("to wait again, run `cloudjob wait {}`", ids.join(" "))
                } else {
                    "to wait again, write the ids of the cancelled jobs to `cloudjob wait -`".to_owned()
                };
                stdio::complain(&message.hint(hint));
            } else {
                stdio::complain(&message.hint("pass these ids to `cloudjob wait` to wait for them again:"));
                for some in self.left.chunks(1000) {
                    let ids: Vec<_> = some.iter().map(Target::to_string).collect();
                    stdio::say(&ids.join("\n"));
                }
            }
        }
        if !stdio::drain(deadline) {
            self.status.unwritten();
        }
    }
}

/// More ids than that are no command line, and are printed already.
const MOST_IN_A_HINT: usize = 1_000;

/// So many bytes of results are written together.
const MOST_HELD: usize = 64 << 10;
