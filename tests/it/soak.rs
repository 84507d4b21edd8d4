//! A client under faults without end: its memory, sockets and threads stay flat. The service runs in a process of its
//! own, so that only the client is measured.
//!
//! `cargo test --all-features --test it soak -- --ignored --nocapture` runs for two minutes;
//! `CLOUDJOB_SOAK_SECONDS=3600` makes it an hour.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cloudjob::simulator::{Fault, JobScript, Simulator};
use cloudjob::{Backoff, CancelToken, Client, ClientConfig, Credentials, Endpoint, ErrorKind, JobId};

use crate::faults::mixed::Dice;

/// Set for the process that is the service.
const SERVICE: &str = "CLOUDJOB_SOAK_SERVICE";

/// Makes glibc return large blocks to the system. By default it raises this threshold after the first large body, and
/// keeps up to some megabytes of freed memory for each thread: 48 MB after half a minute, where the client uses 4.
const MMAP_THRESHOLD: &str = "MALLOC_MMAP_THRESHOLD_";

/// The size of a body that is no job. An unoptimized build takes half a second to read one of 2 MiB on a busy machine.
const GARBAGE: usize = if cfg!(debug_assertions) { 256 * 1024 } else { 2 * 1024 * 1024 };

/// How much the memory of the client may grow, in KiB.
const MAX_GROWTH_KIB: u64 = 1024;

/// What the process uses at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    /// Without the pages of files, which are read as code runs for the first time.
    anonymous_kib: u64,
    resident_kib: u64,
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
        Self {
            anonymous_kib: number("RssAnon:"),
            resident_kib: number("VmRSS:"),
            sockets: sockets as u64,
            threads: number("Threads:"),
        }
    }
}

#[derive(Debug, Default)]
struct Tally {
    jobs: u64,
    succeeded: u64,
    failed: u64,
    cancelled: u64,
    timed_out: u64,
    polls: u64,
    worst_of_wait: Duration,
    worst_of_wait_all: Duration,
}

impl Tally {
    fn add(&mut self, kind: Option<ErrorKind>) {
        self.jobs += 1;
        match kind {
            None => self.succeeded += 1,
            Some(ErrorKind::Failed) => self.failed += 1,
            Some(ErrorKind::Cancelled) => self.cancelled += 1,
            Some(ErrorKind::TimedOut | ErrorKind::NoAnswer) => self.timed_out += 1,
            Some(other) => panic!("{other:?}"),
        }
    }
}

/// A thread that sleeps for 10 ms again and again: how late it wakes at worst is how long the machine did not run this
/// process, and no client can be faster.
#[derive(Clone, Default)]
struct Stalls(Arc<AtomicU64>);

impl Stalls {
    fn watch() -> Self {
        let stalls = Self::default();
        let shared = Arc::downgrade(&stalls.0);
        std::thread::spawn(move || {
            while let Some(worst) = shared.upgrade() {
                let (begun, pause) = (Instant::now(), Duration::from_millis(10));
                std::thread::sleep(pause);
                let late = begun.elapsed().saturating_sub(pause).as_millis();
                worst.fetch_max(u64::try_from(late).unwrap(), Ordering::Relaxed);
            }
        });
        stalls
    }

    fn worst(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// The service in its process, which obeys one command per line.
struct Service {
    process: Child,
    commands: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Service {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "soak::service_in_a_process_of_its_own", "--nocapture"])
            .env(SERVICE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut service = Self { process, commands, lines, url: String::new() };
        service.url = service.reply();
        service
    }

    /// Starts this many jobs after injecting faults.
    fn jobs(&mut self, command: &str, count: usize) -> Vec<JobId> {
        writeln!(self.commands, "{command} {count}").unwrap();
        self.reply().split_whitespace().map(|id| JobId::new(id).unwrap()).collect()
    }

    /// The next line of the service; the lines of the test harness have another beginning.
    fn reply(&mut self) -> String {
        loop {
            let line = self.lines.next().expect("the service ended").unwrap();
            if let Some((_, reply)) = line.split_once("SOAK ") {
                return reply.to_owned();
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test by itself: the service that the soak starts. It ends with its standard input.
#[test]
fn service_in_a_process_of_its_own() {
    if std::env::var_os(SERVICE).is_none() {
        return;
    }
    let simulator = Simulator::builder().token("soak-token").project_id("p").start().unwrap();
    let dice = Dice::new(7);
    println!("SOAK {}", simulator.endpoint_url());
    for (number, command) in std::io::stdin().lines().map_while(Result::ok).enumerate() {
        let (command, count) = command.split_once(' ').unwrap();
        match command {
            // A redirect ends a wait, so there is none among these.
            "wait" => {
                let faults = (0..40).map(|_| fault(&dice));
                simulator.inject_faults(faults.filter(|fault| !matches!(fault, Fault::Response(302, ..))));
            }
            "poll" => simulator.inject_faults([fault(&dice), fault(&dice), Fault::Pass]),
            _ => {}
        }
        let ids: Vec<String> =
            (0..count.parse().unwrap()).map(|_| job(&simulator, &dice).to_string()).collect();
        println!("SOAK {}", ids.join(" "));
        // Old jobs are deleted a day after their end.
        if number % 100 == 99 {
            simulator.advance(Duration::from_secs(25 * 3600));
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
        9 => Fault::Response(200, Vec::new(), vec![b'x'; GARBAGE]),
        _ => Fault::Pass,
    }
}

fn job(simulator: &Simulator, dice: &Dice) -> JobId {
    let script = JobScript::new("createServer").sub_jobs(3).duration(Duration::from_millis(dice.below(600)));
    simulator.start_job(if dice.below(5) == 0 { script.failing() } else { script })
}

/// One wait, a wait for many jobs and single polls, while the service misbehaves.
fn round(client: &Client, service: &mut Service, dice: &Dice, tally: &mut Tally) {
    let timeout = Duration::from_millis(1500);
    let id = service.jobs("wait", 1).remove(0);
    let begun = Instant::now();
    let wait = client.wait(&id).timeout(timeout);
    let outcome = wait.backoff(Backoff::fixed(Duration::from_millis(100))).outcome();
    tally.worst_of_wait = tally.worst_of_wait.max(begun.elapsed().saturating_sub(timeout));
    tally.polls += u64::from(outcome.polls());
    tally.add(outcome.result().err().map(cloudjob::Error::kind));

    let ids = service.jobs("more", 30);
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

    // Single polls, whatever the result.
    for id in service.jobs("poll", 3) {
        let _ = client.job(&id);
    }
}

#[test]
#[ignore = "two minutes, or CLOUDJOB_SOAK_SECONDS: run by hand"]
fn memory_sockets_and_threads_of_a_client_stay_flat() {
    if std::env::var_os(MMAP_THRESHOLD).is_none() {
        let test = "soak::memory_sockets_and_threads_of_a_client_stay_flat";
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(MMAP_THRESHOLD, "131072")
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let seconds =
        std::env::var("CLOUDJOB_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    let (dice, mut tally) = (Dice::new(seconds), Tally::default());
    let mut service = Service::start();
    let config = ClientConfig::new()
        .max_polls_per_second(f64::INFINITY)
        .request_timeout(Duration::from_millis(300))
        .no_proxy();
    let endpoint = Endpoint::new(&service.url, "p").unwrap();
    let client = Client::with_config(endpoint, Credentials::token("soak-token").unwrap(), config).unwrap();

    let stalls = Stalls::watch();
    let begun = Instant::now();
    let mut samples = vec![Sample::take()];
    let every = Duration::from_secs(seconds) / 60;
    while begun.elapsed() < Duration::from_secs(seconds) {
        let until = Instant::now() + every;
        while Instant::now() < until {
            round(&client, &mut service, &dice, &mut tally);
        }
        let sample = Sample::take();
        let late = tally.worst_of_wait.max(tally.worst_of_wait_all);
        eprintln!("{:>5} s: {sample:?}, late by {late:?} at worst", begun.elapsed().as_secs());
        samples.push(sample);
    }
    eprintln!("{tally:?}; the machine stalled for at most {:?}", stalls.worst());

    // After the first quarter nothing grows. A cancelled poll may still be reading a large body when a sample is taken, so
    // that the memory in use is the smallest of several samples.
    let (early, late) = (&samples[samples.len() / 4..samples.len() / 2], &samples[samples.len() * 3 / 4..]);
    let least = |samples: &[Sample], of: fn(&Sample) -> u64| samples.iter().map(of).min().unwrap_or_default();
    let most = |samples: &[Sample], of: fn(&Sample) -> u64| samples.iter().map(of).max().unwrap_or_default();
    let memory: fn(&Sample) -> u64 = |sample| sample.anonymous_kib;
    let resident: fn(&Sample) -> u64 = |sample| sample.resident_kib;
    for (what, before, after, slack) in [
        ("KiB of memory", least(early, memory), least(late, memory), MAX_GROWTH_KIB),
        ("KiB of memory with files", least(early, resident), least(late, resident), MAX_GROWTH_KIB),
        ("sockets", most(early, |sample| sample.sockets), most(late, |sample| sample.sockets), 24),
        ("threads", most(early, |sample| sample.threads), most(late, |sample| sample.threads), 24),
    ] {
        eprintln!("{what}: {before} in the second quarter, {after} in the last");
        assert!(after <= before + slack, "{what} grew: {before}, then {after}");
    }
    let worst = tally.worst_of_wait.max(tally.worst_of_wait_all);
    assert!(tally.succeeded > 0 && worst < Duration::from_secs(1) + 2 * stalls.worst(), "{tally:?}");
}
