//! Many jobs at once: how many polls per second, in how much memory, and how soon the first one is made.

mod common;
#[path = "many/stdin.rs"]
mod stdin;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cloudjob::{Backoff, Client, ClientConfig, Credentials, Endpoint, JobId};
use common::child::{self, peak_memory};
use common::mode::Mode;
use common::report::{Reach, Report};
use common::server::Server;
use common::timing::median;

fn main() {
    match child::role().as_deref() {
        Some("server") => return common::server::serve(),
        Some("jobs") => return all_jobs(),
        Some("ids") => return many_ids(),
        _ => {}
    }
    let Some(mode) = Mode::from_args() else { return };
    let mut report = Report::new("many", &mode);
    if mode.wants("jobs") {
        jobs(&mode, &mut report);
    }
    if mode.wants("ids") {
        ids(&mut report);
    }
    if mode.wants("stdin") {
        stdin::ids(&mut report);
        stdin::million(&mut report);
    }
    if mode.wants("lag") {
        report.rows_of_test(LAG);
    }
    report.finish();
}

/// A run of all jobs: polls per second, and the most memory.
struct Run {
    pace: f64,
    memory: f64,
}

fn jobs(mode: &Mode, report: &mut Report) {
    let server = Server::start(POLLS_PENDING);
    let ours = || run(child::again("jobs"), &[&server.url(), &JOBS.to_string()]);
    let theirs = |tasks: usize| match child::peer("async") {
        None => Err("benches/peers has not been built with its features `async`".to_owned()),
        Some(_) if mode.quick => Err("only in a full run".to_owned()),
        Some(peer) => {
            let command = std::process::Command::new(peer);
            run(command, &[&server.url(), "many", &JOBS.to_string(), &tasks.to_string()])
        }
    };
    let what = format!("{JOBS} jobs of 1 to {} polls", 2 * POLLS_PENDING + 1);
    // The best of the peer's settings is found first.
    let tried = [16, 32, 64].map(|tasks| (tasks, theirs(tasks)));
    let best = tried.iter().filter_map(|(tasks, run)| Some((*tasks, run.as_ref().ok()?.pace)));
    let best = best.max_by(|one, other| one.1.total_cmp(&other.1)).map(|(tasks, _)| tasks);

    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..mode.pick(1, 5) {
        match ours() {
            Ok(run) => own.push(run),
            Err(why) => return report.skip(&what, &why),
        }
        other.extend(best.and_then(|tasks| theirs(tasks).ok()));
    }
    let middle = |runs: &[Run], of: fn(&Run) -> f64| median(runs.iter().map(of).collect());
    let (pace, memory) = (middle(&own, |run| run.pace), middle(&own, |run| run.memory));
    if let (Some(tasks), false) = (best, other.is_empty()) {
        let (their_pace, their_memory) = (middle(&other, |run| run.pace), middle(&other, |run| run.memory));
        let note = format!(
            "{pace:.0} a second against {their_pace:.0} for tokio + reqwest with {tasks} requests in flight"
        );
        report.row(&format!("{what}: polls per second"), pace / their_pace, "x", Reach::AtLeast(1.17), &note);
        let note = format!("{:.1} MB against {:.1} MB", memory / 1e6, their_memory / 1e6);
        report.row("- peak memory", memory / their_memory, "x", Reach::AtMost(0.45), &note);
    } else {
        report.row(&what, pace, "polls per second", Reach::None, &format!("{:.1} MB", memory / 1e6));
        let why = tried.into_iter().find_map(|(_, run)| run.err()).unwrap_or_default();
        report.skip("- against tokio + reqwest", &why);
    }
}

fn run(mut command: std::process::Command, args: &[&str]) -> Result<Run, String> {
    command.args(args);
    let line = child::last_line(command)?;
    let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    match numbers[..] {
        [polls, seconds, memory] => Ok(Run { pace: polls / seconds, memory }),
        _ => Err(format!("it said `{line}`")),
    }
}

/// The child process: waits for all jobs as fast as possible.
fn all_jobs() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let count: usize = args[1].parse().expect("a number of jobs");
    let client = client(&args[0], f64::INFINITY);
    let start = Instant::now();
    let (mut polls, mut ended) = (0, 0);
    for outcome in
        client.wait_all((0..count).map(id)).backoff(Backoff::fixed(Duration::from_millis(1))).outcomes()
    {
        outcome.result().expect("a job that ended well");
        polls += outcome.polls();
        ended += 1;
    }
    assert_eq!(ended, count);
    println!("{polls} {} {}", start.elapsed().as_secs_f64(), peak_memory());
}

fn ids(report: &mut Report) {
    let mut times = Vec::new();
    let mut memories = Vec::new();
    for _ in 0..3 {
        let line = child::last_line(child::again("ids")).expect("a child that runs");
        let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
        times.push(numbers[0]);
        memories.push(numbers[1]);
    }
    let note = "from the first id read to the first connection";
    report.row(
        &format!("{IDS} ids: time to the first poll"),
        median(times),
        "ms",
        Reach::AtMost(100.0),
        note,
    );
    report.row(
        &format!("{IDS} ids: peak memory with all ids known"),
        median(memories),
        "MB",
        Reach::AtMost(32.0),
        "",
    );
}

/// The child process: reads all ids, and prints when the first poll was sent.
fn many_ids() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let client = client(&format!("http://{}", listener.local_addr().expect("an address")), 5.0);
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let start = Instant::now();
    let counted = (0..IDS).map(id).inspect(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let outcomes = client.wait_all_from(counted).outcomes();
    // No poll gets a response, so no job ends while the ids are read.
    let polled = listener.accept();
    let first = start.elapsed();
    while given.load(Ordering::Relaxed) < IDS {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    println!("{} {}", first.as_secs_f64() * 1e3, peak_memory() as f64 / 1e6);
    drop((polled, outcomes));
}

fn client(url: &str, rate: f64) -> Client {
    let endpoint = Endpoint::new(url, "demo").expect("an endpoint");
    let config = ClientConfig::new().max_polls_per_second(rate);
    Client::with_config(endpoint, Credentials::token("t").expect("a token"), config).expect("a client")
}

fn id(number: usize) -> JobId {
    JobId::new(format!("ff8080829585af7f0195c1e7{number:08}")).expect("an id")
}

const JOBS: usize = 10_000;
/// How often a job is seen running before it is seen to have ended, on average.
const POLLS_PENDING: u16 = 9;
const IDS: usize = 100_000;
const LAG: &str = "scheduler::simulation::\
    ten_thousand_jobs_at_200_polls_a_second_are_seen_about_as_soon_as_by_a_round_robin_with_fewer_polls";
