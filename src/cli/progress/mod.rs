//! How the progress is shown: not at all, as lines, or live.

mod lines;
mod live;
mod summary;
pub(crate) mod terminal;
pub(crate) mod tracked_jobs;
mod view;

use std::io::{self, IsTerminal};

use crate::job::id::JobId;
use crate::poll::progress::Progress;
use console::Term;

use self::lines::LineProgress;
use self::live::LiveProgress;
use self::tracked_jobs::{TrackedJob, TrackedJobs};
use super::args::Common;
use super::output::job_report::JobReport;
use super::output::style;

/// One of the three.
#[derive(Debug)]
pub(crate) enum ProgressDisplay {
    Off,
    LineProgress(LineProgress),
    LiveProgress(Box<LiveProgress>),
}

impl ProgressDisplay {
    /// For a wait.
    pub(crate) fn for_wait(common: &Common) -> Self {
        if common.quiet {
            Self::Off
        } else if common.verbose == 0 && is_live_terminal() {
            Self::LiveProgress(Box::new(LiveProgress::new()))
        } else {
            Self::LineProgress(LineProgress::new(common.verbose > 0))
        }
    }

    /// For single polls, which are over before there is progress.
    pub(crate) fn for_polls(common: &Common) -> Self {
        if common.verbose > 0 { Self::LineProgress(LineProgress::new(true)) } else { Self::Off }
    }

    pub(crate) fn take(&mut self, id: &JobId) {
        if let Self::LiveProgress(live) = self {
            live.take(id);
        }
    }

    pub(crate) fn polled(&mut self, progress: &Progress, open: &mut TrackedJobs) {
        let Some(job) = open.keep(progress) else { return };
        match self {
            Self::Off => {}
            Self::LineProgress(plain) => plain.polled(progress, job),
            Self::LiveProgress(live) => live.polled(progress, open),
        }
    }

    pub(crate) fn ended(&mut self, finding: &JobReport<'_>, open: Option<&TrackedJob>) {
        match (self, finding.job_id) {
            (Self::LineProgress(plain), _) => plain.ended(finding, open.map(|open| &open.told)),
            (Self::LiveProgress(live), Some(id)) => live.ended(id, finding.verdict, open),
            _ => {}
        }
    }

    /// Does something that writes, with the display out of the way.
    pub(crate) fn above<T>(&self, act: impl FnOnce() -> T) -> T {
        match self {
            Self::LiveProgress(live) => live.above(act),
            _ => act(),
        }
    }

    pub(crate) fn close(&mut self) {
        if let Self::LiveProgress(live) = self {
            live.close();
        }
    }
}

fn is_live_terminal() -> bool {
    io::stderr().is_terminal() && style::is_able(&Term::stderr())
}
