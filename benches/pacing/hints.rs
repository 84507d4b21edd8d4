//! What an expected duration gains, and what a wrong one costs.

use std::time::Duration as Span;

use cloudjob::Backoff;

use crate::common::report::{Reach, Report};
use crate::data::Duration;
use crate::replay::{Cost, Dice, replay_hinted};

pub(crate) fn compare(report: &mut Report, durations: &[Duration], times: usize) {
    let hinted = |hint: &dyn Fn(f64, &mut Dice) -> Option<f64>| {
        let backoff = |seconds: f64, dice: &mut Dice| match hint(seconds, dice) {
            Some(expected) => Backoff::new().expected_duration(Span::from_secs_f64(expected)),
            None => Backoff::new(),
        };
        replay_hinted(backoff, durations, times)
    };
    let none = hinted(&|_, _| None);
    println!("| hint | polls | mean lag s | mean relative lag | polls x lag |\n|-|-|-|-|-|\n| none {none}");
    let mut row = |name: &str, hint: &dyn Fn(f64, &mut Dice) -> Option<f64>, reach: Reach| {
        let cost = hinted(hint);
        println!("| {name} {cost}");
        let note = format!(
            "{:.1} polls instead of {:.1}, {:.2} s instead of {:.2} s",
            cost.polls, none.polls, cost.lag, none.lag
        );
        let product = |cost: Cost| cost.polls * cost.lag;
        report.row(&format!("hint, {name}: polls x lag"), product(cost) / product(none), "x", reach, &note);
    };
    row("right", &|seconds, _| Some(seconds), Reach::AtMost(0.7));
    row("within 20 %", &|seconds, dice| Some(seconds * (0.8 + 0.4 * dice.roll())), Reach::AtMost(0.8));
    row("within 40 %", &|seconds, dice| Some(seconds * (0.6 + 0.8 * dice.roll())), Reach::None);
    row("wrong, 0.3 of it", &|seconds, _| Some(seconds * 0.3), Reach::AtMost(1.2));
    row("wrong, 3 times it", &|seconds, _| Some(seconds * 3.0), Reach::AtMost(1.2));
}
