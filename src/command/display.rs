//! How the progress is shown: not at all, as lines, or live.

use std::io::{self, IsTerminal};

use cloudjob::{AllProgress, JobId};
use console::Term;

use super::args::Common;
use super::finding::Finding;
use super::live::Live;
use super::open_jobs::{OpenJob, OpenJobs};
use super::paint;
use super::plain::Plain;

/// One of the three.
#[derive(Debug)]
pub(super) enum Display {
    Off,
    Plain(Plain),
    Live(Box<Live>),
}

impl Display {
    /// For a wait.
    pub(super) fn for_wait(common: &Common) -> Self {
        if common.quiet {
            Self::Off
        } else if common.verbose == 0 && is_live_terminal() {
            Self::Live(Box::new(Live::new()))
        } else {
            Self::Plain(Plain::new(common.verbose > 0))
        }
    }

    /// For single looks, which are over before there is progress.
    pub(super) fn for_looks(common: &Common) -> Self {
        if common.verbose > 0 { Self::Plain(Plain::new(true)) } else { Self::Off }
    }

    pub(super) fn take(&mut self, id: &JobId) {
        if let Self::Live(live) = self {
            live.take(id);
        }
    }

    pub(super) fn look(&mut self, progress: &AllProgress<'_>, open: &mut OpenJobs) {
        let Some(job) = open.keep(progress) else { return };
        match self {
            Self::Off => {}
            Self::Plain(plain) => plain.look(progress, job),
            Self::Live(live) => live.look(progress, open),
        }
    }

    pub(super) fn ended(&mut self, finding: &Finding<'_>, open: Option<&OpenJob>) {
        match (self, finding.job_id) {
            (Self::Plain(plain), _) => plain.ended(finding, open.map(|open| &open.told)),
            (Self::Live(live), Some(id)) => live.ended(id, finding.verdict, open),
            _ => {}
        }
    }

    /// Does something that writes, with the display out of the way.
    pub(super) fn above<T>(&self, act: impl FnOnce() -> T) -> T {
        match self {
            Self::Live(live) => live.above(act),
            _ => act(),
        }
    }

    pub(super) fn close(&mut self) {
        if let Self::Live(live) = self {
            live.close();
        }
    }
}

fn is_live_terminal() -> bool {
    io::stderr().is_terminal() && paint::is_able(&Term::stderr())
}
