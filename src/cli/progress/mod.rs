//! How progress is shown: not at all, as lines, or live.

mod lines;
mod live;
mod resource;
mod summary;
pub(crate) mod terminal;
pub(crate) mod tracked_jobs;
mod view;

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use crate::poll::progress::Progress;
use crate::wait::resource::ResourceProgress;
use console::Term;

use self::lines::LineProgress;
use self::live::LiveProgress;
use self::tracked_jobs::{TrackedJob, TrackedJobs};
use super::args::common::Verbosity;
use super::input::target::Target;
use super::output::job_report::JobReport;
use super::output::style;

/// One of the three.
#[derive(Debug)]
pub(crate) enum ProgressDisplay {
    Off,
    Lines(Box<LineProgress>),
    Live(Box<LiveProgress>),
}

impl ProgressDisplay {
    /// For a wait of at most this long for each job.
    pub(crate) fn for_wait(verbosity: Verbosity, timeout: Duration) -> Self {
        if verbosity.quiet {
            Self::Off
        } else if verbosity.verbose == 0 && is_live_terminal() {
            Self::Live(Box::new(LiveProgress::new(timeout)))
        } else {
            Self::Lines(Box::new(LineProgress::new(verbosity.verbose > 0, Some(timeout))))
        }
    }

    /// For single polls, which are over before there is progress.
    pub(crate) fn for_polls(verbosity: Verbosity) -> Self {
        if verbosity.verbose > 0 { Self::Lines(Box::new(LineProgress::new(true, None))) } else { Self::Off }
    }

    pub(crate) const fn is_lines(&self) -> bool {
        matches!(self, Self::Lines(_))
    }

    pub(crate) fn take(&mut self, id: &Target) {
        if let Self::Live(live) = self {
            live.take(id);
        }
    }

    pub(crate) fn polled(&mut self, progress: &Progress, open: &mut TrackedJobs) {
        let target = open.target(progress.service(), progress.job_id());
        let Some(job) = open.keep(&target, progress) else { return };
        match self {
            Self::Off => {}
            Self::Lines(lines) => lines.polled(&target, progress, job),
            Self::Live(live) => live.polled(&target, progress, open),
        }
    }

    pub(crate) fn take_resource(&mut self, path: &str) {
        match self {
            Self::Off => {}
            Self::Lines(lines) => lines.take_resource(path),
            Self::Live(live) => live.take_resource(path),
        }
    }

    pub(crate) fn resource_polled(&mut self, progress: &ResourceProgress) {
        match self {
            Self::Off => {}
            Self::Lines(lines) => lines.resource_polled(progress),
            Self::Live(live) => live.resource_polled(progress),
        }
    }

    /// Says that jobs are still pending, if nothing was said for a while.
    pub(crate) fn print_pending(&mut self, open: &TrackedJobs) {
        if let Self::Lines(lines) = self {
            lines.print_pending(open, Instant::now());
        }
    }

    pub(crate) fn ended(&mut self, report: &JobReport<'_>, open: Option<&TrackedJob>) {
        match (self, report.target) {
            (Self::Lines(lines), _) => lines.ended(report, open.map(TrackedJob::printed)),
            (Self::Live(live), Some(id)) => live.ended(id, report.outcome, open),
            _ => {}
        }
    }

    /// Does something that writes, with the display out of the way.
    pub(crate) fn above<T>(&self, act: impl FnOnce() -> T) -> T {
        match self {
            Self::Live(live) => live.above(act),
            _ => act(),
        }
    }

    pub(crate) fn close(&mut self) {
        if let Self::Live(live) = self {
            live.close();
        }
    }
}

fn is_live_terminal() -> bool {
    io::stderr().is_terminal() && style::is_able(&Term::stderr())
}
