//! The scheduler in virtual time, against a round robin that uses every poll the rate allows.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::rate_limiter::RateLimiter;
use super::{NextTask, Scheduler};
use crate::api::response::Response;
use crate::job::id::JobId;
use crate::poll::PollPolicy;
use crate::poll::result::PollResult;
use crate::testing;
use crate::util::rng;

/// What all waits together cost.
#[derive(Debug)]
struct Cost {
    polls: u32,
    mean_lag: f64,
    worst_lag: f64,
}

impl Cost {
    fn new(polls: u32, lags: &[f64]) -> Self {
        assert_eq!(lags.len(), JOBS);
        let mean_lag = lags.iter().sum::<f64>() / lags.len() as f64;
        Self { polls, mean_lag, worst_lag: lags.iter().copied().fold(0.0, f64::max) }
    }
}

/// When each job ends: 5 s to 10 minutes after the start of all, evenly spread.
fn ends() -> Vec<Duration> {
    let mut seed = 1;
    (0..JOBS).map(|_| Duration::from_secs_f64(5.0 + 595.0 * rng::next(&mut seed))).collect()
}

fn with_the_scheduler(ends: &[Duration]) -> Cost {
    let policy = PollPolicy::new().timeout(Duration::from_secs(3600));
    let mut scheduler = Scheduler::new(policy, vec![testing::endpoint()], 1);
    let mut limiter = RateLimiter::new(RATE);
    for number in 0..ends.len() {
        assert!(scheduler.add(0, JobId::new(format!("{number:08}")).unwrap(), Duration::ZERO));
    }
    let polled = |status| {
        PollResult::from(Response::new(200, format!(r#"{{"status":"{status}"}}"#))).round_trip(ROUND_TRIP)
    };
    let (running, ended) = (polled("RUNNING"), polled("SUCCESS"));
    let gap = Duration::from_secs_f64(1.0 / RATE);

    let (mut now, mut polls, mut lags) = (Duration::ZERO, 0, Vec::new());
    // Answers arrive in the order in which the polls were sent.
    let mut in_flight = VecDeque::new();
    while scheduler.pending() > 0 {
        let next = match scheduler.next_task(now, |_| limiter.try_acquire(now)) {
            NextTask::Poll(task) => {
                polls += 1;
                in_flight.push_back((now, task));
                continue;
            }
            NextTask::WaitUntil(until) => until,
            NextTask::Idle => break,
        };
        match in_flight.front() {
            Some((sent, _)) if *sent + ROUND_TRIP <= next => {
                let (sent, task) = in_flight.pop_front().unwrap();
                now = sent + ROUND_TRIP;
                let end = ends[task.id.as_str().parse::<usize>().unwrap()];
                let seen = if sent >= end { &ended } else { &running };
                if !scheduler.handle(&task, seen.clone(), gap, now).is_empty() {
                    lags.push((now - end).as_secs_f64());
                }
            }
            _ => now = next,
        }
    }
    Cost::new(polls, &lags)
}

fn with_a_round_robin(ends: &[Duration]) -> Cost {
    let gap = Duration::from_secs_f64(1.0 / RATE);
    let mut queue: BinaryHeap<Reverse<(Duration, usize)>> =
        (0..ends.len()).map(|number| Reverse((Duration::ZERO, number))).collect();
    let (mut now, mut polls, mut lags) = (Duration::ZERO, 0, Vec::new());
    // Whoever has waited longest is next, as soon as its last answer is there.
    while let Some(Reverse((free, number))) = queue.pop() {
        now = (now + gap).max(free);
        polls += 1;
        if now >= ends[number] {
            lags.push((now + ROUND_TRIP - ends[number]).as_secs_f64());
        } else {
            queue.push(Reverse((now + ROUND_TRIP, number)));
        }
    }
    Cost::new(polls, &lags)
}

#[test]
fn ten_thousand_jobs_at_200_polls_a_second_are_seen_about_as_soon_as_by_a_round_robin_with_fewer_polls() {
    let ends = ends();
    let (scheduler, robin) = (with_the_scheduler(&ends), with_a_round_robin(&ends));
    println!(
        "| {JOBS} jobs of 5 s to 10 min at {RATE} polls per second, simulated: mean lag, against a round robin | {:.2} x | \
         <= 1.15 x | {:.1} s and {} polls against {:.1} s and {}; no lag over {:.1} times the mean |",
        scheduler.mean_lag / robin.mean_lag,
        scheduler.mean_lag,
        scheduler.polls,
        robin.mean_lag,
        robin.polls,
        scheduler.worst_lag / scheduler.mean_lag
    );
    assert!(scheduler.mean_lag <= 1.15 * robin.mean_lag);
    assert!(scheduler.polls < robin.polls);
    assert!(scheduler.worst_lag <= 4.0 * scheduler.mean_lag);
}

const JOBS: usize = 10_000;
const RATE: f64 = 200.0;
const ROUND_TRIP: Duration = Duration::from_millis(150);

/// The waits for batches of jobs, each of one type: of each duration so many jobs that were started together, without a
/// rate limit. `ends` gives the duration of a job in the batch.
fn batches(probes: bool, mut ends: impl FnMut(f64, &mut u64) -> f64) -> Cost {
    let (mut polls, mut lags, mut seed) = (0, Vec::new(), 7);
    for (number, duration) in recorded_durations().into_iter().enumerate() {
        let ends: Vec<f64> = (0..BATCH).map(|_| ends(duration, &mut seed)).collect();
        let policy = PollPolicy::new().timeout(Duration::from_secs(1_000_000));
        let mut scheduler =
            Scheduler::new(policy, vec![testing::endpoint()], 100 + u64::try_from(number).unwrap());
        scheduler.probes = probes;
        for index in 0..BATCH {
            assert!(scheduler.add(0, JobId::new(index.to_string()).unwrap(), Duration::ZERO));
        }
        let (mut now, mut in_flight) = (Duration::ZERO, VecDeque::new());
        while scheduler.pending() > 0 {
            let next = match scheduler.next_task(now, |_| Ok(())) {
                NextTask::Poll(task) => {
                    polls += 1;
                    in_flight.push_back((now, task));
                    continue;
                }
                NextTask::WaitUntil(until) => until,
                NextTask::Idle => Duration::MAX,
            };
            match in_flight.front() {
                Some((sent, _)) if *sent + ROUND_TRIP <= next => {
                    let (sent, task) = in_flight.pop_front().unwrap();
                    now = sent + ROUND_TRIP;
                    let end = ends[task.id.as_str().parse::<usize>().unwrap()];
                    let status = if sent.as_secs_f64() >= end { "SUCCESS" } else { "RUNNING" };
                    let body = format!(r#"{{"status":"{status}","job_type":"createServer"}}"#);
                    let polled = PollResult::from(Response::new(200, body)).round_trip(ROUND_TRIP);
                    if !scheduler.handle(&task, polled, Duration::ZERO, now).is_empty() {
                        lags.push(now.as_secs_f64() - end);
                    }
                }
                _ => now = next,
            }
        }
    }
    let mean_lag = lags.iter().sum::<f64>() / lags.len() as f64;
    Cost { polls, mean_lag, worst_lag: lags.iter().copied().fold(0.0, f64::max) }
}

/// Polls times mean lag for each job.
fn product(cost: &Cost) -> f64 {
    polls(cost) * cost.mean_lag
}

/// Those that the bench `pacing` uses.
fn recorded_durations() -> Vec<f64> {
    let text = include_str!("../../benches/data/durations.json");
    let all: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    let trusted = all.iter().filter(|one| one["kind"] == "begin_end_pair" && one["trusted"] == true);
    trusted.filter_map(|one| one["seconds"].as_f64()).filter(|seconds| *seconds > 0.0).collect()
}

#[test]
fn the_end_of_a_job_tells_when_its_siblings_end_and_a_wrong_guess_costs_little() {
    let spread = |part: f64| {
        move |duration: f64, seed: &mut u64| duration * (1.0 + part * (2.0 * rng::next(seed) - 1.0))
    };
    // Rows of docs/benchmarks.md.
    let row = |what: &str, figure: String, reach: &str, with: &Cost, without: &Cost| {
        println!(
            "| {what} | {figure} | {reach} | {:.1} s without learning, {:.1} and {:.1} polls a job |",
            product(without),
            polls(with),
            polls(without)
        );
    };
    let compared = |part: f64| (batches(true, spread(part)), batches(false, spread(part)));
    let ratio = |(with, without): &(Cost, Cost)| product(with) / product(without);

    let alike = compared(0.1);
    let what = format!("batches of {BATCH} whose durations differ by up to 10 %: polls x mean lag");
    row(&what, format!("{:.1} s", product(&alike.0)), "<= 95.0 s", &alike.0, &alike.1);
    let same = compared(0.02);
    let what = "- by up to 2 %";
    row(what, format!("{:.1} s", product(&same.0)), "", &same.0, &same.1);
    let strangers = compared(0.9);
    let what = "- by up to 90 %, where the guess is wrong, against no guess";
    row(what, format!("{:.2} x", ratio(&strangers)), "<= 1.05 x", &strangers.0, &strangers.1);

    assert!(product(&alike.0) <= 95.0, "{alike:?}");
    assert!(ratio(&same) < 0.7, "{same:?}");
    assert!(ratio(&strangers) < 1.05, "{strangers:?}");
}

/// Polls for each job.
fn polls(cost: &Cost) -> f64 {
    f64::from(cost.polls) / (BATCH * recorded_durations().len()) as f64
}

const BATCH: usize = 20;
