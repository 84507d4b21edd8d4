//! How late and how often: the poller in virtual time against the rules of 47 public waiters, on the durations of
//! real jobs that are documented in public.
//!
//! It is the crate's own [`Poller`](cloudjob::poll::Poller) that is driven, with whole responses: nothing here knows its
//! formula. A waiter starts 0 to 1 s after its job, and a poll takes 150 ms.

#[path = "pacing/bound.rs"]
mod bound;
mod common;
#[path = "pacing/data.rs"]
mod data;
#[path = "pacing/hints.rs"]
mod hints;
#[path = "pacing/plot.rs"]
mod plot;
#[path = "pacing/replay.rs"]
mod replay;
#[path = "pacing/settling.rs"]
mod settling;

use cloudjob::Backoff;
use common::mode::Mode;
use common::report::{Reach, Report};
use data::{Duration, Rule, durations, policy};
use replay::{Cost, replay_backoff, replay_rule};

fn main() {
    let Some(mode) = Mode::from_args() else { return };
    let mut report = Report::new("pacing", &mode);
    let durations = durations();
    let policy = policy();
    let times = mode.pick(20, 100);
    let ours = replay_backoff(Backoff::new(), &durations, times);
    let public: Vec<(Rule, Cost)> =
        policy.into_iter().map(|rule| (rule.clone(), replay_rule(&rule, &durations, times))).collect();

    if mode.wants("table") {
        table(ours, &public, &durations, times);
        verdict(&mut report, ours, &public, &durations);
    }
    if mode.wants("plot") {
        plot::draw(&mode, &public, &durations);
    }
    if mode.wants("sub-jobs") {
        settling::compare(&mut report, times);
    }
    if mode.wants("hints") {
        hints::compare(&mut report, &durations, times);
    }
    if mode.wants("batches") {
        report.rows_of_test(BATCHES);
    }
    report.finish();
}

fn table(ours: Cost, public: &[(Rule, Cost)], durations: &[Duration], times: usize) {
    println!("{} durations, each {times} times\n", durations.len());
    println!("| policy | polls | mean lag s | mean relative lag | polls x lag |\n|-|-|-|-|-|");
    println!("| **cloudjob, the default** {ours}");
    for (name, backoff) in [
        ("exponential 1 s x1.2, cap 15", Backoff::new().initial(seconds(1.0)).factor(1.2).max(seconds(15.0))),
        ("exponential 1 s x1.5, cap 15", Backoff::new().initial(seconds(1.0)).factor(1.5).max(seconds(15.0))),
        ("exponential 1 s x2, cap 30", Backoff::new().initial(seconds(1.0)).factor(2.0).max(seconds(30.0))),
    ] {
        println!("| cloudjob, {name} {}", replay_backoff(backoff, durations, times));
    }
    for rule in Rule::of_theory() {
        println!("| {} {}", rule.name, replay_rule(&rule, durations, times));
    }
    for (rule, cost) in public {
        println!("| {} {cost}", rule.name);
    }
    println!();
}

fn verdict(report: &mut Report, ours: Cost, public: &[(Rule, Cost)], durations: &[Duration]) {
    let note = format!("{:.1} polls and {:.2} s per job", ours.polls, ours.lag);
    let what = "replay of recorded durations: polls x mean lag";
    report.row(what, ours.polls * ours.lag, "s", Reach::None, &note);
    report.row("- mean relative lag", ours.relative * 100.0, "%", Reach::AtMost(16.0), "");
    let better: Vec<&str> = public
        .iter()
        .filter(|(_, cost)| cost.polls < ours.polls && cost.lag < ours.lag)
        .map(|(rule, _)| rule.name.as_str())
        .collect();
    let note = if better.is_empty() { format!("of {}", public.len()) } else { better.join(", ") };
    let what = "- published rules with fewer polls and less lag";
    report.row(what, better.len() as f64, "", Reach::AtMost(0.0), &note);
    let blurred = replay_backoff(Backoff::new(), &bound::blurred(durations, 100), 1);
    let least = bound::least_product(durations);
    let note = format!(
        "{least:.0} s (Cauchy-Schwarz), {:.0} s for the default; durations varied by a third",
        blurred.polls * blurred.lag
    );
    let what = "- the lower bound for any rule, against the default";
    report.row(what, least / (blurred.polls * blurred.lag), "x", Reach::None, &note);
}

const fn seconds(seconds: f64) -> std::time::Duration {
    std::time::Duration::from_micros((seconds * 1e6) as u64)
}

/// What the jobs of one wait learn of each other: the scheduler is not public.
const BATCHES: &str =
    "scheduler::simulation::the_end_of_a_job_tells_when_its_siblings_end_and_a_wrong_guess_costs_little";
