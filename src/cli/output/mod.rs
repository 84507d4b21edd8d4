//! Where results, progress, errors and the exit code come together.

mod created_ids;
mod dedup;
mod failure_tree;
mod github;
pub(crate) mod job_report;
mod json;
pub(crate) mod message;
mod state;
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
use crate::wait::resource::ResourceProgress;

use self::created_ids::CreatedIds;
use self::dedup::ErrorDedup;
use self::job_report::{JobOutcome, JobReport};
use self::message::Message;
use self::state::State;
use self::stdio::Broken;
use self::style::Styles;
use super::args::common::Printing;
use super::exit_code::{Code, ExitStatus};
use super::input::target::Target;
use super::progress::ProgressDisplay;
use super::progress::tracked_jobs::TrackedJobs;

/// Shared by the thread that reads ids and the one that waits.
#[derive(Clone, Debug)]
pub(crate) struct Reporter(Arc<Mutex<State>>);

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
