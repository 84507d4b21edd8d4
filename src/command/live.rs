//! The live display on a terminal: a line for each job, or one for all of them where they are many.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use cloudjob::{AllProgress, Job, JobId, Status};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::open_jobs::OpenJobs;
use super::text::{clean, span};

/// What moves on the terminal.
#[derive(Debug)]
pub(super) struct Live {
    display: MultiProgress,
    /// While the jobs are few.
    lines: HashMap<JobId, ProgressBar>,
    /// Once they are many.
    all: Option<ProgressBar>,
    drawn: Option<Instant>,
}

impl Live {
    pub(super) fn new() -> Self {
        let display = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self { display, lines: HashMap::new(), all: None, drawn: None }
    }

    /// A job is known from now on.
    pub(super) fn take(&mut self, id: &JobId, open: &OpenJobs) {
        if open.known() <= FEW {
            let line = self.line();
            line.set_message(format!("asking for {id}"));
            self.lines.insert(id.clone(), line);
        } else if self.all.is_none() {
            for (_, line) in self.lines.drain() {
                line.finish_and_clear();
            }
            let all = self.line();
            all.set_message(format!("asking for {} jobs", open.known()));
            self.all = Some(all);
        }
    }

    /// A look that did not end the job.
    pub(super) fn look(&mut self, progress: &AllProgress<'_>, open: &OpenJobs) {
        if let Some(line) = self.lines.get(progress.job_id()) {
            let job = open.get(progress.job_id()).and_then(|open| open.job.as_deref());
            line.set_message(one(progress, job));
        } else if let Some(all) = &self.all
            && self.drawn.is_none_or(|drawn| drawn.elapsed() >= FRAME)
        {
            all.set_message(many(progress, open));
            self.drawn = Some(Instant::now());
        }
    }

    pub(super) fn ended(&mut self, id: &JobId) {
        if let Some(line) = self.lines.remove(id) {
            line.finish_and_clear();
            self.display.remove(&line);
        }
    }

    /// Does something with the display out of the way.
    pub(super) fn above<T>(&self, act: impl FnOnce() -> T) -> T {
        self.display.suspend(act)
    }

    pub(super) fn close(&mut self) {
        for line in self.lines.drain().map(|(_, line)| line).chain(self.all.take()) {
            line.finish_and_clear();
        }
        // A display that cannot be cleared is on a terminal that is gone.
        let _ = self.display.clear();
    }

    fn line(&self) -> ProgressBar {
        let line = self.display.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed:>4}");
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()).tick_chars("|/-\\ "));
        line.enable_steady_tick(TICK);
        line
    }
}

/// The most telling first: a narrow window cuts the end off.
fn one(progress: &AllProgress<'_>, job: Option<&Job>) -> String {
    let mut text = clean(progress.status().map_or("not seen yet", Status::as_str));
    let (done, total) = progress.sub_jobs();
    if total > 0 {
        let _ = write!(text, " {done} of {total}");
    }
    let failed = job.map_or(0, |job| job.failed_sub_jobs().count());
    if failed > 0 {
        let _ = write!(text, ", {failed} failed");
    }
    if let Some(trouble) = progress.trouble() {
        let _ = write!(text, ", {}", clean(&trouble.to_string()));
    }
    if let Some(job_type) = job.and_then(Job::job_type) {
        let _ = write!(text, " {}", clean(job_type));
    }
    let _ = write!(text, " {}", progress.job_id());
    text
}

fn many(progress: &AllProgress<'_>, open: &OpenJobs) -> String {
    let mut text = format!("{} of {} ended", progress.ended(), open.known());
    let mut counts: Vec<_> = progress.counts().iter().filter(|(_, number)| *number > 0).collect();
    counts.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    for (status, number) in counts {
        let word = status.as_ref().map_or("not seen", Status::as_str);
        let _ = write!(text, ", {number} {}", clean(word));
    }
    if let Some(trouble) = progress.trouble() {
        let _ = write!(text, ", {}", clean(&trouble.to_string()));
    }
    let _ = write!(text, ", {:.1} looks/s", progress.rate());
    if let Some((id, slowest)) = open.slowest() {
        let _ = write!(text, ", slowest {id} {}", span(slowest.since.elapsed()));
    }
    text
}

/// So many jobs have a line each.
const FEW: usize = 8;

/// How often the line of many jobs is written anew.
const FRAME: Duration = Duration::from_millis(100);

const TICK: Duration = Duration::from_millis(125);
