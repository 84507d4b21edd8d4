//! Where everything that is told meets: results, progress, errors, and the code at the end.

mod dedup;
mod failure_tree;
pub(crate) mod job_report;
mod json;
pub(crate) mod stdio;
pub(crate) mod style;
pub(crate) mod text;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::job::id::JobId;
use crate::poll::outcome::Outcome;
use crate::poll::progress::Progress;
use crate::session::SessionInfo;
use crate::util::cancel::CancelToken;
use crate::util::duration::format_duration;

use self::dedup::ErrorDedup;
use self::job_report::{JobOutcome, JobReport};
use self::stdio::Broken;
use self::style::Styles;
use super::args::{Common, Format};
use super::exit_code::{Code, ExitStatus};
use super::progress::ProgressDisplay;
use super::progress::tracked_jobs::{TrackedJob, TrackedJobs};

/// Shared by the thread that reads ids and the one that waits.
#[derive(Clone, Debug)]
pub(crate) struct Reporter(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    json: bool,
    quiet: bool,
    /// Of standard output.
    paint: Styles,
    display: ProgressDisplay,
    open: TrackedJobs,
    tally: ExitStatus,
    complaints: ErrorDedup,
    /// How many jobs had which end.
    ends: BTreeMap<JobOutcome, usize>,
    polls: u64,
    begun: Instant,
    /// Jobs that go on in the cloud although the wait is over.
    left: Vec<JobId>,
    /// Jobs end with the command.
    is_demo: bool,
    /// The endpoint and the project, for answers that do not name who gave them.
    asked_at: Option<String>,
    /// Why standard output takes no more.
    broken: Option<Broken>,
    /// Ends the wait when nothing can be told any more.
    cancel: CancelToken,
}

impl Reporter {
    pub(crate) fn new(
        common: &Common,
        display: ProgressDisplay,
        tally: ExitStatus,
        cancel: &CancelToken,
    ) -> Self {
        Self(Arc::new(Mutex::new(State {
            json: common.output == Format::Json,
            quiet: common.quiet,
            paint: Styles::for_output(),
            display,
            open: TrackedJobs::default(),
            tally,
            complaints: ErrorDedup::default(),
            ends: BTreeMap::new(),
            polls: 0,
            begun: Instant::now(),
            left: Vec::new(),
            is_demo: false,
            asked_at: None,
            broken: None,
            cancel: cancel.clone(),
        })))
    }

    /// No job outlives the command, so that there is none to be waited for again.
    pub(crate) fn for_demo(self) -> Self {
        self.lock().is_demo = true;
        self
    }

    /// Who is asked from now on.
    pub(crate) fn asks(&self, info: &SessionInfo) {
        let (url, project) = (info.endpoint_url(), info.project_id());
        self.lock().asked_at = Some(format!("asked at {url}, project {project}"));
    }

    /// An id is about to be waited for.
    pub(crate) fn take(&self, id: &JobId) {
        let state = &mut *self.lock();
        if state.open.add(id) {
            state.display.take(id);
        }
    }

    /// A poll that did not end its job.
    pub(crate) fn progress(&self, progress: &Progress) {
        let state = &mut *self.lock();
        state.display.polled(progress, &mut state.open);
    }

    /// The end of a wait for one job. What was last seen of it stands in where the outcome has no body.
    pub(crate) fn ended(&self, outcome: &Outcome) {
        let state = &mut *self.lock();
        let open = state.open.remove(outcome.job_id());
        let last = open.as_ref().and_then(|open| open.job.as_deref());
        state.tell(&JobReport::ended(outcome, last), open.as_ref());
    }

    /// What became of something else: a single poll, or what was no id.
    pub(crate) fn found(&self, finding: &JobReport<'_>) {
        self.lock().tell(finding, None);
    }

    /// Something beside results and errors, which quiet leaves out.
    pub(crate) fn remark(&self, line: &str) {
        let state = self.lock();
        if !state.quiet {
            state.display.above(|| stdio::say(line));
        }
    }

    /// All is told. The code to end with.
    pub(crate) fn finish(&self, interrupted: bool) -> Code {
        let state = &mut *self.lock();
        state.tally.interrupted |= interrupted;
        for (id, open) in state.open.drain() {
            let finding = JobReport::cancelled(&id, open.job.as_deref(), open.since.elapsed());
            state.tell(&finding, Some(&open));
        }
        state.display.close();
        if !matches!(state.broken, Some(Broken::Closed)) {
            state.conclude();
        }
        state.tally.code()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, finding: &JobReport<'_>, open: Option<&TrackedJob>) {
        self.tally.note(finding.verdict);
        *self.ends.entry(finding.verdict).or_default() += 1;
        self.polls += u64::from(finding.polls);
        self.display.ended(finding, open);
        if finding.verdict == JobOutcome::Cancelled {
            self.left.extend(finding.job_id.cloned());
        }
        let line = if self.json { Some(json::line(finding)) } else { text::result(finding, self.paint) };
        let is_error = finding.problem.is_some() && finding.verdict != JobOutcome::Cancelled;
        let complaint = is_error && self.complaints.is_new(finding.shared.as_deref());
        let line = line.filter(|_| self.broken.is_none());
        if line.is_none() && !complaint {
            return;
        }
        let broken = self.display.above(|| {
            if complaint {
                let asked_at = self.asked_at.as_ref().filter(|_| finding.is_from_nowhere());
                let asked_at = asked_at.map(|at| format!(" ({at})")).unwrap_or_default();
                stdio::complain(&format!("{}{asked_at}", finding.words));
            }
            line.and_then(|line| stdio::write(&line).err())
        });
        if let Some(broken) = broken {
            if let Broken::Failed(problem) = &broken {
                self.tally.unwritten();
                self.display.above(|| stdio::complain(problem));
            }
            self.broken = Some(broken);
            self.cancel.cancel();
        }
    }

    fn conclude(&self) {
        if let Some(rest) = self.complaints.rest() {
            stdio::complain(&rest);
        }
        let total: usize = self.ends.values().sum();
        if total > 1 && !self.quiet {
            let ends: Vec<_> =
                self.ends.iter().map(|(verdict, count)| format!("{count} {}", verdict.word())).collect();
            let (time, polls) = (format_duration(self.begun.elapsed()), text::polls(self.polls));
            stdio::say(&format!("{}: {}; {time}, {polls}", text::jobs(total), ends.join(", ")));
        }
        if self.left.is_empty() || self.is_demo {
            return;
        }
        // Quiet leaves the ids alone, so that they can be piped back.
        if !self.quiet {
            let why = if self.tally.interrupted { "interrupted" } else { "stopped" };
            stdio::complain(&format!(
                "{why}; what follows goes on in the cloud, and can be waited for again by `cloudjob wait`:"
            ));
        }
        let ids: Vec<_> = self.left.iter().map(JobId::as_str).collect();
        stdio::say(&ids.join("\n"));
    }
}
