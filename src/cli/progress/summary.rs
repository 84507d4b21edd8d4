//! Many jobs in a few lines: how many ended, how many of each status are open, the pace, and the slowest.

use std::time::{Duration, Instant};

use crate::job::status::Status;
use crate::poll::progress::Progress;

use super::terminal::Line;
use super::tracked_jobs::TrackedJobs;
use super::view::of_timeout;
use crate::cli::input::target::Target;
use crate::cli::output::job_report::JobOutcome;
use crate::cli::output::style::Style;
use crate::cli::output::text::{polls, whole_seconds};
use crate::util::sanitize::{label, message};

/// All jobs together.
#[derive(Debug)]
pub(crate) struct SummaryView {
    begun: Instant,
    timeout: Duration,
    known: usize,
    ended: usize,
    failed: usize,
    polls: u64,
    counts: Vec<(Option<Status>, usize)>,
    /// Polls per second that are allowed.
    allowed: f64,
    pace: Pace,
    slowest: Option<(Target, Instant)>,
    error: Option<(String, Instant)>,
    /// When the slowest was last searched for, which takes longer the more there are.
    searched: Option<Instant>,
}

/// Polls per second, over the last whole window.
#[derive(Debug)]
struct Pace {
    begun: Instant,
    polls: u32,
    last: Option<f64>,
}

impl SummaryView {
    pub(crate) fn new(timeout: Duration) -> Self {
        let now = Instant::now();
        Self {
            begun: now,
            timeout,
            known: 0,
            ended: 0,
            failed: 0,
            polls: 0,
            counts: Vec::new(),
            allowed: 0.0,
            pace: Pace { begun: now, polls: 0, last: None },
            slowest: None,
            error: None,
            searched: None,
        }
    }

    pub(crate) const fn known(&self) -> usize {
        self.known
    }

    pub(crate) fn take(&mut self) {
        if self.known == 0 {
            self.begun = Instant::now();
        }
        self.known += 1;
    }

    /// `was` is its last status before the end; what stands until the next poll must not count it any more.
    pub(crate) fn ended(&mut self, id: &Target, outcome: JobOutcome, was: Option<&Status>) {
        self.ended += 1;
        self.failed += usize::from(outcome == JobOutcome::Failed);
        if let Some((_, number)) = self.counts.iter_mut().find(|(status, _)| status.as_ref() == was) {
            *number = number.saturating_sub(1);
        }
        self.slowest.take_if(|(slowest, _)| slowest == id);
    }

    pub(crate) fn polled(&mut self, progress: &Progress, open: &TrackedJobs) {
        let now = Instant::now();
        self.polls += 1;
        self.pace.polled(now);
        if let Some(batch) = progress.batch() {
            self.allowed = batch.rate();
            self.counts = batch.counts().to_vec();
        }
        if let Some(error) = progress.error() {
            self.error = Some((message(&error.to_string()), now));
        }
        let is_stale = self.slowest.as_ref().is_none_or(|(id, _)| open.get(id).is_none());
        let is_due = self.searched.is_none_or(|at| now.saturating_duration_since(at) >= FRAME);
        if is_stale && is_due {
            self.slowest = open.slowest().map(|(id, open)| (id.clone(), open.since));
            self.searched = Some(now);
        }
    }

    pub(crate) fn lines(&self, now: Instant) -> Vec<Line> {
        let age = |since: Instant| whole_seconds(now.saturating_duration_since(since));
        let mut head = Line::default().add(Style::Plain, format!("{} of {} ended", self.ended, self.known));
        if self.failed > 0 {
            head = head.add(Style::Bad, format!(", {} failed", self.failed));
        }
        let open = self.known.saturating_sub(self.ended);
        let limit = of_timeout(self.timeout);
        let mut lines = vec![head.add(Style::Plain, format!(", {open} pending, {}{limit}", age(self.begun)))];
        let mut counts: Vec<_> = self.counts.iter().filter(|(_, number)| *number > 0).collect();
        counts.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        if !counts.is_empty() {
            let line = counts.iter().enumerate().fold(Line::default(), |line, (place, (status, number))| {
                let gap = if place == 0 { "  " } else { ", " };
                let (style, word) = match status {
                    Some(status) => (Style::of(status), label(status.as_str())),
                    None => (Style::Plain, "not seen yet".to_owned()),
                };
                line.add(Style::Plain, format!("{gap}{number} ")).add(style, word)
            });
            lines.push(line);
        }
        if let Some((id, since)) = &self.slowest {
            lines.push(Line::default().add(Style::Plain, format!("  slowest {}: {id}", age(*since))));
        }
        if let Some(pace) = self.pace.last {
            let mut text = format!("  {pace:.1} polls/s");
            if self.allowed.is_finite() {
                text.push_str(&format!(" of {:.1} allowed", self.allowed));
            }
            text.push_str(&format!(", {}", polls(self.polls)));
            lines.push(Line::default().add(Style::Faint, text));
        }
        if let Some((error, at)) = &self.error
            && now.saturating_duration_since(*at) < RECENT
        {
            lines.push(Line::default().add(Style::Odd, format!("  error: {error}")));
        }
        lines
    }
}

impl Pace {
    fn polled(&mut self, now: Instant) {
        self.polls = self.polls.saturating_add(1);
        let span = now.saturating_duration_since(self.begun);
        if span >= WINDOW {
            self.last = Some(f64::from(self.polls) / span.as_secs_f64());
            (self.begun, self.polls) = (now, 0);
        }
    }
}

const FRAME: Duration = Duration::from_millis(100);

/// Over which the pace is taken.
const WINDOW: Duration = Duration::from_secs(2);

/// So long an error is shown, if others do not have it.
const RECENT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::id::JobId;

    #[test]
    fn the_lines_say_how_many_stand_where() {
        let mut summary = SummaryView::new(Duration::from_secs(1800));
        (0..30).for_each(|_| summary.take());
        let begun = summary.begun;
        let text = |summary: &SummaryView| {
            let lines = summary.lines(begun + Duration::from_secs(80));
            lines.iter().map(Line::text).collect::<Vec<_>>()
        };
        assert_eq!(text(&summary), ["0 of 30 ended, 30 pending, 1m 20s of 30m"]);
        let [id, other] = ["ff80", "ff81"].map(|id| Target::from(JobId::new(id).unwrap()));
        summary.counts = vec![(None, 3), (Some(Status::Init), 1), (Some(Status::Running), 26)];
        summary.slowest = Some((id.clone(), begun));
        summary.ended(&id, JobOutcome::Succeeded, Some(&Status::Running));
        assert!(summary.slowest.is_none());
        summary.slowest = Some((id, begun));
        summary.ended(&other, JobOutcome::Failed, Some(&Status::Init));
        (summary.allowed, summary.polls) = (5.0, 123);
        summary.pace.last = Some(4.84);
        summary.error = Some(("HTTP 503".into(), begun + Duration::from_secs(78)));
        assert_eq!(
            text(&summary),
            [
                "2 of 30 ended, 1 failed, 28 pending, 1m 20s of 30m",
                "  25 RUNNING, 3 not seen yet",
                "  slowest 1m 20s: ff80",
                "  4.8 polls/s of 5.0 allowed, 123 polls",
                "  error: HTTP 503",
            ]
        );
    }

    #[test]
    fn the_pace_is_that_of_the_last_seconds() {
        let begun = Instant::now();
        let mut pace = Pace { begun, polls: 0, last: None };
        for tick in 1..=40_u32 {
            pace.polled(begun + Duration::from_millis(100) * tick);
        }
        assert!(pace.last.is_some_and(|last| (last - 10.0).abs() < 0.5), "{pace:?}");
    }
}
