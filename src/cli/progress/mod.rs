//! How the progress is shown: not at all, as lines, or live.

mod lines;
mod live;
mod summary;
pub(crate) mod terminal;
pub(crate) mod tracked_jobs;
mod view;

use std::io::{self, IsTerminal};

use crate::job::id::JobId;
use crate::wait::all::progress::AllProgress;
use console::Term;

use self::lines::Plain;
use self::live::Live;
use self::tracked_jobs::{OpenJob, OpenJobs};
use super::args::Common;
use super::output::job_report::Finding;
use super::output::style;

/// One of the three.
#[derive(Debug)]
pub(crate) enum Display {
    Off,
    Plain(Plain),
    Live(Box<Live>),
}

impl Display {
    /// For a wait.
    pub(crate) fn for_wait(common: &Common) -> Self {
        if common.quiet {
            Self::Off
        } else if common.verbose == 0 && is_live_terminal() {
            Self::Live(Box::new(Live::new()))
        } else {
            Self::Plain(Plain::new(common.verbose > 0))
        }
    }

    /// For single looks, which are over before there is progress.
    pub(crate) fn for_looks(common: &Common) -> Self {
        if common.verbose > 0 { Self::Plain(Plain::new(true)) } else { Self::Off }
    }

    pub(crate) fn take(&mut self, id: &JobId) {
        if let Self::Live(live) = self {
            live.take(id);
        }
    }

    pub(crate) fn look(&mut self, progress: &AllProgress<'_>, open: &mut OpenJobs) {
        let Some(job) = open.keep(progress) else { return };
        match self {
            Self::Off => {}
            Self::Plain(plain) => plain.look(progress, job),
            Self::Live(live) => live.look(progress, open),
        }
    }

    pub(crate) fn ended(&mut self, finding: &Finding<'_>, open: Option<&OpenJob>) {
        match (self, finding.job_id) {
            (Self::Plain(plain), _) => plain.ended(finding, open.map(|open| &open.told)),
            (Self::Live(live), Some(id)) => live.ended(id, finding.verdict, open),
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
