//! A wait in virtual time.

use std::fmt;
use std::time::Duration as Span;

use cloudjob::Backoff;
use cloudjob::poll::{Decision, PollPolicy, PollResult, Poller, Response};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

use crate::data::{Duration, Rule};

/// What the waits cost on average.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) polls: f64,
    pub(crate) lag: f64,
    pub(crate) relative: f64,
}

impl Cost {
    /// The mean of many waits: of each the duration of the job, the polls, and the lag.
    pub(crate) fn mean(waits: impl Iterator<Item = (f64, u32, f64)>) -> Self {
        let (mut sum, mut count) = (Self::default(), 0.0);
        for (duration, polls, lag) in waits {
            sum.polls += f64::from(polls);
            sum.lag += lag;
            sum.relative += lag / duration;
            count += 1.0;
        }
        Self { polls: sum.polls / count, lag: sum.lag / count, relative: sum.relative / count }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { polls, lag, relative } = self;
        write!(f, "| {polls:.1} | {lag:.2} | {:.1} % | {:.0} |", relative * 100.0, polls * lag)
    }
}

/// The poller on all durations, each so many times.
pub(crate) fn replay_backoff(backoff: Backoff, durations: &[Duration], times: usize) -> Cost {
    replay_hinted(|_, _| backoff, durations, times)
}

/// The same with a backoff for each duration and each time.
pub(crate) fn replay_hinted(
    backoff: impl Fn(f64, &mut Dice) -> Backoff,
    durations: &[Duration],
    times: usize,
) -> Cost {
    let mut dice = Dice(1);
    Cost::mean(durations.iter().flat_map(|one| std::iter::repeat_n(one.seconds, times)).map(|seconds| {
        let backoff = backoff(seconds, &mut dice);
        let (polls, lag) = wait(backoff, &Job::plain(seconds), &mut dice);
        (seconds, polls, lag)
    }))
}

pub(crate) fn replay_rule(rule: &Rule, durations: &[Duration], times: usize) -> Cost {
    let mut dice = Dice(1);
    Cost::mean(durations.iter().flat_map(|one| std::iter::repeat_n(one.seconds, times)).map(|seconds| {
        let start = dice.roll();
        let mut sent = start + rule.first;
        for number in 0.. {
            let known = sent + ROUND_TRIP + rule.after;
            if sent + SEEN_AFTER >= seconds {
                return (seconds, number + 1, known - seconds);
            }
            sent = known + rule.delay(number, known - start);
        }
        unreachable!("a number for each poll")
    }))
}

/// A job with its sub-jobs, in seconds since its begin.
pub(crate) struct Job {
    pub(crate) seconds: f64,
    pub(crate) sub_jobs: Vec<(f64, f64)>,
    /// The responses name its sub-jobs.
    pub(crate) shown: bool,
}

impl Job {
    pub(crate) const fn plain(seconds: f64) -> Self {
        Self { seconds, sub_jobs: Vec::new(), shown: false }
    }

    /// The response to a poll, as of `at` seconds after `begun`; `Date` counts whole seconds.
    fn response(&self, begun: OffsetDateTime, at: f64) -> Response {
        let time = |at: f64| (begun + Span::from_secs_f64(at)).format(&Rfc3339).expect("a time");
        let state = |from: f64, to: f64| {
            let end = if at >= to { time(to) } else { String::new() };
            let status = if at >= to { "SUCCESS" } else { "RUNNING" };
            format!(r#""status":"{status}","begin_time":"{}","end_time":"{end}""#, time(from))
        };
        let entities = if self.shown {
            let begun_by_now = self.sub_jobs.iter().enumerate().filter(|(_, (from, _))| *from <= at);
            let list: Vec<String> = begun_by_now
                .map(|(number, (from, to))| format!(r#"{{"job_id":"s{number}",{}}}"#, state(*from, *to)))
                .collect();
            format!(
                r#","entities":{{"sub_jobs_total":{},"sub_jobs":[{}]}}"#,
                self.sub_jobs.len(),
                list.join(",")
            )
        } else {
            String::new()
        };
        let date = (begun + Span::from_secs_f64(at)).format(&Rfc2822).expect("a date");
        Response::new(200, format!("{{{}{entities}}}", state(0.0, self.seconds))).with_header("Date", &date)
    }
}

/// One wait: its polls and its lag.
pub(crate) fn wait(backoff: Backoff, job: &Job, dice: &mut Dice) -> (u32, f64) {
    let begun = OffsetDateTime::UNIX_EPOCH + Span::from_secs_f64(1.7e9 + dice.roll());
    let start = dice.roll();
    let policy = PollPolicy::new().timeout(Span::MAX).backoff(backoff);
    let mut poller = Poller::with_seed(policy, Span::from_secs_f64(start), dice.0);
    loop {
        let sent = poller.next_poll().as_secs_f64();
        let known = sent + ROUND_TRIP;
        let polled = PollResult::from(job.response(begun, sent + SEEN_AFTER))
            .round_trip(Span::from_secs_f64(ROUND_TRIP));
        match poller.handle(&polled, Span::from_secs_f64(known)) {
            Decision::PollAt(_) => {}
            Decision::Done(_) => return (poller.polls(), known - job.seconds),
        }
    }
}

/// Random numbers from a seed, so that every run has the same.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// From 0 to 1.
    pub(crate) fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

const ROUND_TRIP: f64 = 0.15;
/// A response shows the state when the poll was sent: the worse of the two choices.
const SEEN_AFTER: f64 = 0.0;
