//! How fast the body of a response is decoded, against `serde_json::Value`.

mod common;

use std::hint::black_box;
use std::time::Duration;

use cloudjob::Job;
use common::child;
use common::mode::Mode;
use common::report::{Reach, Report};
use common::timing::{Work, medians};
use common::{RUNNING, SUCCESS, with_sub_jobs};
use criterion::{Criterion, Throughput};
use serde_json::Value;

fn main() {
    let Some(mode) = Mode::from_args() else { return };
    let mut report = Report::new("decode", &mode);
    ratios(&mode, &mut report);
    report.finish();
    times(&mode);
}

fn ratios(mode: &Mode, report: &mut Report) {
    let many = with_sub_jobs(100);
    let turns = mode.pick(60, 400);
    if mode.wants("decode") {
        let cases = [
            ("decode a running job (478 bytes)", RUNNING, Reach::None),
            ("decode a job that has ended", SUCCESS, Reach::None),
            ("decode a job of 100 sub-jobs", &many, Reach::AtMost(0.45)),
        ];
        for (what, body, reach) in cases {
            let batch = if body.len() > 1000 { 20 } else { 1_000 };
            let times =
                medians(batch, turns, &mut [Box::new(|| job(body)) as Work<'_>, Box::new(|| value(body))]);
            let note = format!("{:.0} ns against {:.0} ns for serde_json::Value", times[0], times[1]);
            report.row(what, times[0] / times[1], "x", reach, &note);
        }
        typed(mode, report, &many);
    }
}

/// Decoders with a fixed type, in one process with this library.
fn typed(mode: &Mode, report: &mut Report, body: &str) {
    let what = "- the same against typed decoders";
    if mode.quick {
        return report.skip(what, "only in a full run");
    }
    let Some(program) = child::peer("decoders") else {
        return report.skip(what, "benches/peers has not been built with its feature `decoders`");
    };
    let said = child::last_line_given(std::process::Command::new(program), body.as_bytes());
    let times: Vec<f64> = said
        .as_ref()
        .map_or(Vec::new(), |line| line.split(' ').filter_map(|time| time.parse().ok()).collect());
    let [ours, theirs @ ..] = &times[..] else {
        return report.skip(what, &format!("the peer failed: {said:?}"));
    };
    for (name, time) in ["serde_json", "simd-json", "sonic-rs"].into_iter().zip(theirs) {
        let note =
            format!("{ours:.0} ns against {time:.0} ns; it rejects a job with a member of another type");
        report.row(&format!("- against {name}, typed"), ours / time, "x", Reach::None, &note);
    }
}

/// The times themselves, to compare with an earlier run on the same quiet machine.
fn times(mode: &Mode) {
    let (long, short) = (Duration::from_secs(3), Duration::from_millis(300));
    let mut criterion = Criterion::default()
        .sample_size(if mode.quick { 10 } else { 100 })
        .warm_up_time(if mode.quick { short / 3 } else { long / 3 })
        .measurement_time(if mode.quick { short } else { long })
        .configure_from_args();
    let many = with_sub_jobs(100);
    let mut group = criterion.benchmark_group("decode");
    for (name, body) in [("running", RUNNING), ("ended", SUCCESS), ("100 sub-jobs", &many)] {
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| Job::from_slice(black_box(body.as_bytes())));
        });
    }
    group.finish();
    criterion.final_summary();
}

fn job(body: &str) {
    black_box(Job::from_slice(black_box(body.as_bytes())).expect("a job"));
}

fn value(body: &str) {
    black_box(serde_json::from_slice::<Value>(black_box(body.as_bytes())).expect("a value"));
}
