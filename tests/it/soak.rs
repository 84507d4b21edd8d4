//! One process, jobs and faults without end: memory, sockets and threads stay flat.
//!
//! Twenty minutes, run by hand:
//! `MALLOC_ARENA_MAX=1 cargo test --all-features --test it soak -- --ignored --nocapture`;
//! `CLOUDJOB_SOAK_SECONDS` makes it shorter or longer. With the default of glibc, an arena for each of many threads, the
//! resident memory rose by a third in twenty minutes; with one arena it stayed flat over the eight that were tried.

use std::fs;
use std::time::{Duration, Instant};

use cloudjob::simulator::{Fault, JobScript, Simulator};
use cloudjob::{Backoff, CancelToken, Client, ClientConfig, Credentials, Endpoint, ErrorKind, JobId};

use crate::faults::mixed::Dice;

/// What the process holds at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    kib: u64,
    sockets: u64,
    threads: u64,
}

impl Sample {
    fn take() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let number = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        let sockets = fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count();
        Self { kib: number("VmRSS:"), sockets: sockets as u64, threads: number("Threads:") }
    }
}

#[derive(Debug, Default)]
struct Tally {
    jobs: u64,
    well: u64,
    failed: u64,
    cancelled: u64,
    by_the_deadline: u64,
    faults: u64,
    polls: u64,
    worst_of_wait: Duration,
    worst_of_wait_all: Duration,
}

impl Tally {
    fn add(&mut self, kind: Option<ErrorKind>) {
        self.jobs += 1;
        match kind {
            None => self.well += 1,
            Some(ErrorKind::Failed) => self.failed += 1,
            Some(ErrorKind::Cancelled) => self.cancelled += 1,
            Some(ErrorKind::TimedOut | ErrorKind::NoAnswer) => self.by_the_deadline += 1,
            Some(other) => panic!("{other:?}"),
        }
    }
}

fn fault(dice: &Dice) -> Fault {
    match dice.below(40) {
        0 => Fault::Status(503),
        1 => Fault::Html502,
        2 => Fault::CloseConnection,
        3 => Fault::Hang(Duration::from_millis(dice.below(400))),
        4 => Fault::Garbage,
        5 => Fault::TruncatedBody,
        6 => Fault::SlowBody(Duration::from_millis(dice.below(400))),
        // It slows the client down for all that follows, so it is rare.
        7 if dice.below(50) == 0 => Fault::Throttle { retry_after: Some(0) },
        8 => Fault::Response(302, vec![("Location".into(), "http://127.0.0.2/".into())], Vec::new()),
        9 => Fault::Response(200, Vec::new(), vec![b'x'; 2 * 1024 * 1024]),
        _ => Fault::Pass,
    }
}

fn job(simulator: &Simulator, dice: &Dice) -> JobId {
    let script = JobScript::new("createServer").sub_jobs(3).duration(Duration::from_millis(dice.below(600)));
    simulator.start_job(if dice.below(5) == 0 { script.failing() } else { script })
}

/// One wait, and one for many jobs, while the service misbehaves. A redirect ends a wait, so none is among these.
fn round(client: &Client, simulator: &Simulator, dice: &Dice, tally: &mut Tally) {
    let faults: Vec<Fault> = (0..40).map(|_| fault(dice)).filter(|fault| !is_final(fault)).collect();
    tally.faults += faults.iter().filter(|fault| !matches!(fault, Fault::Pass)).count() as u64;
    simulator.inject_faults(faults);

    let timeout = Duration::from_millis(1500);
    let begun = Instant::now();
    let wait = client.wait(&job(simulator, dice)).timeout(timeout);
    let outcome = wait.backoff(Backoff::fixed(Duration::from_millis(100))).outcome();
    tally.worst_of_wait = tally.worst_of_wait.max(begun.elapsed().saturating_sub(timeout));
    tally.polls += u64::from(outcome.polls());
    tally.add(outcome.result().err().map(cloudjob::Error::kind));

    let ids: Vec<JobId> = (0..30).map(|_| job(simulator, dice)).collect();
    let cancel = CancelToken::new();
    let (switch, stop) = (cancel.clone(), dice.below(4) == 0);
    let begun = Instant::now();
    let all = client
        .wait_all(ids)
        .timeout(timeout)
        .backoff(Backoff::fixed(Duration::from_millis(200)))
        .cancel(&cancel)
        .on_progress(move |progress| {
            if stop && progress.elapsed() > Duration::from_millis(300) {
                switch.cancel();
            }
        });
    for outcome in all.outcomes() {
        tally.polls += u64::from(outcome.polls());
        tally.add(outcome.result().err().map(cloudjob::Error::kind));
    }
    tally.worst_of_wait_all = tally.worst_of_wait_all.max(begun.elapsed().saturating_sub(timeout));

    // And single polls, whatever comes.
    simulator.inject_faults([fault(dice), fault(dice), Fault::Pass]);
    for _ in 0..3 {
        let _ = client.job(&job(simulator, dice));
    }
}

fn is_final(fault: &Fault) -> bool {
    matches!(fault, Fault::Response(302, ..))
}

#[test]
#[ignore = "20 minutes: run by hand"]
fn memory_sockets_and_threads_stay_flat() {
    let seconds =
        std::env::var("CLOUDJOB_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1200);
    let (dice, mut tally) = (Dice::new(seconds), Tally::default());
    let builder = || Simulator::builder().token("soak-token").project_id("p");
    let endpoint = |simulator: &Simulator| Endpoint::new(simulator.endpoint_url(), "p").unwrap();
    let mut simulator = builder().start().unwrap();
    let config = ClientConfig::new()
        .max_polls_per_second(f64::INFINITY)
        .request_timeout(Duration::from_millis(300))
        .no_proxy();
    let credentials = Credentials::token("soak-token").unwrap();
    let client = Client::with_config(endpoint(&simulator), credentials, config).unwrap();

    let begun = Instant::now();
    let mut samples = vec![Sample::take()];
    let every = Duration::from_secs(seconds) / 60;
    while begun.elapsed() < Duration::from_secs(seconds) {
        // The service remembers its jobs; a new one does not.
        simulator = builder().start().unwrap();
        let at = client.with_endpoint(endpoint(&simulator));
        let until = Instant::now() + every;
        while Instant::now() < until {
            round(&at, &simulator, &dice, &mut tally);
        }
        let sample = Sample::take();
        eprintln!("{:>5} s: {sample:?}", begun.elapsed().as_secs());
        samples.push(sample);
    }
    drop(simulator);
    eprintln!("{tally:?}");

    // After the first quarter nothing grows.
    let (early, late) = (&samples[samples.len() / 4..samples.len() / 2], &samples[samples.len() * 3 / 4..]);
    let most = |samples: &[Sample], of: fn(&Sample) -> u64| samples.iter().map(of).max().unwrap_or_default();
    for (what, of, slack) in [
        ("KiB of memory", (|sample| sample.kib) as fn(&Sample) -> u64, 8 * 1024),
        ("sockets", |sample| sample.sockets, 24),
        ("threads", |sample| sample.threads, 24),
    ] {
        let (before, after) = (most(early, of), most(late, of));
        eprintln!("{what}: at most {before} in the second quarter, {after} in the last");
        assert!(after <= before + slack, "{what} grow: {before}, then {after}");
    }
    let worst = tally.worst_of_wait.max(tally.worst_of_wait_all);
    assert!(tally.well > 0 && worst < Duration::from_secs(1), "{tally:?}");
}
