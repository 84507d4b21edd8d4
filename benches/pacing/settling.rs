//! What the shorter delay after the last sub-job has ended gains: parents end soon after it.

use cloudjob::Backoff;

use crate::common::report::{Reach, Report};
use crate::data::{Duration, durations};
use crate::replay::{Cost, Dice, Job, wait};

/// The same jobs, once with their sub-jobs in the responses and once without.
pub(crate) fn compare(report: &mut Report, times: usize) {
    println!("sub-jobs: the same job without and with its sub-jobs in the responses (polls, lag)");
    let (mut hidden, mut shown) = (Vec::new(), Vec::new());
    for (name, mut job) in parents(&durations()) {
        let mut cost = |shown: bool| {
            job.shown = shown;
            let mut dice = Dice(7);
            Cost::mean((0..times * 10).map(|_| {
                let (polls, lag) = wait(Backoff::new(), &job, &mut dice);
                (job.seconds, polls, lag)
            }))
        };
        let (without, with) = (cost(false), cost(true));
        println!(
            "  {name} ({:.0} s): {:.1}, {:.2} s -> {:.1}, {:.2} s",
            job.seconds, without.polls, without.lag, with.polls, with.lag
        );
        hidden.push(without);
        shown.push(with);
    }
    let sum = |costs: &[Cost], of: fn(&Cost) -> f64| costs.iter().map(of).sum::<f64>() / costs.len() as f64;
    let (polls, lag) = (|cost: &Cost| cost.polls, |cost: &Cost| cost.lag);
    let note = format!(
        "{:.1} s instead of {:.1} s, {:.0} polls instead of {:.0}, {} jobs",
        sum(&shown, lag),
        sum(&hidden, lag),
        sum(&shown, polls),
        sum(&hidden, polls),
        shown.len()
    );
    let what = "lag of jobs with visible sub-jobs, against the same jobs without";
    report.row(what, sum(&shown, lag) / sum(&hidden, lag), "x", Reach::None, &note);
}

/// The documented jobs with their documented sub-jobs, and a large batch.
fn parents(durations: &[Duration]) -> Vec<(String, Job)> {
    let mut jobs = Vec::new();
    for parent in durations.iter().filter(|one| !one.is_sub_job) {
        let Some((begin, end)) = parent.span else { continue };
        let within = |one: &&Duration| {
            let inside = one.span.is_some_and(|(from, to)| from >= begin && to <= end);
            one.is_sub_job && one.source == parent.source && inside
        };
        let sub_jobs: Vec<(f64, f64)> = durations
            .iter()
            .filter(within)
            .filter_map(|one| one.span.map(|(from, to)| (from - begin, to - begin)))
            .collect();
        if !sub_jobs.is_empty() {
            jobs.push((parent.job_type.clone(), Job { seconds: parent.seconds, sub_jobs, shown: true }));
        }
    }
    let sub_jobs = (1..=100).map(|number| (0.5, f64::from(number) * 6.0)).collect();
    jobs.push(("a made-up batch of 100".into(), Job { seconds: 608.0, sub_jobs, shown: true }));
    jobs
}
