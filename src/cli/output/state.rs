//! What has been reported so far, and how a result, an error or the end of the command is printed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::created_ids::CreatedIds;
use super::dedup::ErrorDedup;
use super::job_report::{JobOutcome, JobReport};
use super::message::Message;
use super::style::Styles;
use super::{github, json, stdio, text};
use crate::cli::args::common::Format;
use crate::cli::exit_code::ExitStatus;
use crate::cli::input::target::Target;
use crate::cli::progress::ProgressDisplay;
use crate::cli::progress::tracked_jobs::{TrackedJob, TrackedJobs};
use crate::util::duration::format_duration;

/// What has been reported, and what is left to be.
#[derive(Debug)]
pub(super) struct State {
    pub(super) format: Format,
    pub(super) quiet: bool,
    /// Of standard output.
    pub(super) styles: Styles,
    pub(super) display: ProgressDisplay,
    pub(super) open: TrackedJobs,
    pub(super) status: ExitStatus,
    pub(super) dedup: ErrorDedup,
    pub(super) created: CreatedIds,
    /// How many jobs had which outcome.
    pub(super) outcomes: BTreeMap<JobOutcome, usize>,
    pub(super) polls: u64,
    pub(super) begun: Instant,
    /// The longest that each job is waited for; `None` where nothing bounds the command.
    pub(super) timeout: Option<Duration>,
    /// When the last job will have ended or timed out.
    pub(super) deadline: Option<Instant>,
    /// Jobs that may still be running although the wait is over.
    pub(super) left: Vec<Target>,
    /// Jobs end with the command.
    pub(super) is_demo: bool,
    /// The last value of the resource, and the number of polls.
    pub(super) resource: Option<(Option<Value>, u32)>,
    pub(super) is_finished: bool,
    /// Results that are written together, while very many jobs are reported at once.
    pub(super) held: Option<String>,
}

impl State {
    pub(super) fn report(&mut self, mut report: JobReport<'_>, open: Option<&TrackedJob>) {
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

    pub(super) fn write_held(&mut self) {
        let deadline = self.write_deadline();
        if let Some(held) = self.held.take().filter(|held| !held.is_empty()) {
            self.display.above(|| stdio::write(&held, deadline));
        }
    }

    /// The job of a report as an argument that means it with and without `--service`.
    pub(super) fn target(&self, report: &JobReport<'_>) -> Option<Target> {
        let target = report.target?.clone();
        let service = target.service.unwrap_or(self.open.default_service);
        let needs_none = (service, self.open.default_service) == Default::default();
        Some(Target { service: (!needs_none).then_some(service), ..target })
    }

    /// When writing must be over: a second after the deadline of the last job.
    pub(super) fn write_deadline(&self) -> Option<Instant> {
        self.timeout?;
        if self.status.interrupted {
            return Instant::now().checked_add(Duration::from_millis(500));
        }
        let last = self.deadline.unwrap_or(self.begun);
        last.max(Instant::now()).checked_add(Duration::from_secs(1))
    }

    pub(super) fn conclude(&mut self, deadline: Option<Instant>) {
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
