//! How many instructions a poll and its decode take, counted by valgrind, so other load does not matter.
//!
//! The figures of the last recorded run are in `benches/callgrind.json`. `--record` writes them, `--check` fails
//! if one has grown by more than 5 %.

mod common;

use std::hint::black_box;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use cloudjob::{Backoff, CancelToken, Client, ClientConfig, Credentials, Endpoint, Job, JobId};
use common::mode::Mode;
use common::report::{Reach, Report};
use common::server::{BareSocket, Server};
use common::{JOB_ID, RUNNING, SUCCESS, child, with_sub_jobs};
use serde_json::{Map, Value};

fn main() -> ExitCode {
    if let Some(role) = child::role() {
        if role == "server" {
            common::server::serve();
        } else {
            work(&role);
        }
        return ExitCode::SUCCESS;
    }
    let Some(mode) = Mode::from_args() else { return ExitCode::SUCCESS };
    let mut report = Report::new("callgrind", &mode);
    let has_valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !has_valgrind.is_ok_and(|status| status.success()) {
        report.skip("instructions of a poll and of decoding", "valgrind is not installed");
        report.finish();
        return ExitCode::SUCCESS;
    }
    let server = Server::start(0);
    let recorded = recorded();
    let (mut counts, mut grown) = (Map::new(), false);
    for name in WORKS {
        // What is only compared with takes its time too.
        if !mode.wants(name) || mode.quick && (name.contains("ureq") || name.contains("socket")) {
            continue;
        }
        let count = match instructions(name, &server) {
            Ok(count) => count,
            Err(why) => {
                report.skip(&format!("instructions: {name}"), &why);
                continue;
            }
        };
        let before = recorded.get(name).and_then(Value::as_f64);
        let note = before.map_or_else(
            || "not recorded yet".to_owned(),
            |before| format!("{before:.0} when last recorded: {:+.1} %", (count / before - 1.0) * 100.0),
        );
        grown |= before.is_some_and(|before| count > before * 1.05);
        report.row(&format!("instructions: {name}"), count, "", Reach::None, &note);
        counts.insert(name.to_owned(), (count.round() as u64).into());
    }
    let share = |one: &str, other: &str| Some(counts.get(one)?.as_f64()? / counts.get(other)?.as_f64()?);
    for (one, other) in [
        ("decode a running job", "decode a running job as serde_json::Value"),
        ("decode a job of 100 sub-jobs", "decode a job of 100 sub-jobs as serde_json::Value"),
        ("poll", "poll by ureq alone"),
    ] {
        if let Some(ratio) = share(one, other) {
            report.row(&format!("- {one}, against {other}"), ratio, "x", Reach::None, "");
        }
    }
    report.finish();
    let args: Vec<String> = std::env::args().collect();
    if !mode.quick && args.iter().any(|arg| arg == "--record") {
        let text = serde_json::to_string_pretty(&counts).expect("a text") + "\n";
        std::fs::write(path(), text).expect("the figures can be written");
    }
    if grown && args.iter().any(|arg| arg == "--check") {
        println!("more instructions than a twentieth above the recorded figures");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// For one round: of two runs the difference, so that neither start nor end count.
fn instructions(name: &str, server: &Server) -> Result<f64, String> {
    let run = |rounds: u32| {
        let this = std::env::current_exe().map_err(|error| error.to_string())?;
        let child = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(this)
            .envs([("CLOUDJOB_BENCH_ROLE", name), ("CLOUDJOB_BENCH_URL", &server.url())])
            .env("CLOUDJOB_BENCH_ROUNDS", rounds.to_string())
            .output()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&child.stderr).into_owned();
        let count =
            text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse::<f64>().ok());
        count.filter(|_| child.status.success()).ok_or(text)
    };
    Ok((run(300)? - run(100)?) / 200.0)
}

/// The part of a process under valgrind.
fn work(name: &str) {
    let rounds: u32 =
        std::env::var("CLOUDJOB_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).expect("rounds");
    let url = std::env::var("CLOUDJOB_BENCH_URL").expect("a URL");
    let mut round: Box<dyn FnMut()> = match name {
        "decode a running job" => Box::new(|| drop(black_box(Job::from_slice(RUNNING.as_bytes())))),
        "decode a job that has ended" => Box::new(|| drop(black_box(Job::from_slice(SUCCESS.as_bytes())))),
        "decode a job of 100 sub-jobs" => {
            let body = with_sub_jobs(100);
            Box::new(move || drop(black_box(Job::from_slice(body.as_bytes()))))
        }
        "decode a job of 100 sub-jobs as serde_json::Value" => {
            let body = with_sub_jobs(100);
            Box::new(move || drop(black_box(serde_json::from_slice::<Value>(body.as_bytes()))))
        }
        "decode a running job as serde_json::Value" => {
            Box::new(|| drop(black_box(serde_json::from_slice::<Value>(RUNNING.as_bytes()))))
        }
        "poll" => {
            let client = client(&url);
            let id = JobId::new(JOB_ID).expect("an id");
            Box::new(move || drop(black_box(client.job(&id).expect("a job"))))
        }
        "poll of a wait, nothing changed" => return wait(&url, rounds),
        "poll by ureq alone" => {
            let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
            let (url, token) = (format!("{url}/v1/demo/jobs/{JOB_ID}"), "t".repeat(1000));
            Box::new(move || {
                let mut response = agent.get(&url).header("x-auth-token", &token).call().expect("a response");
                let body = response.body_mut().read_to_vec().expect("a body");
                drop(black_box(Job::from_slice(&body)));
            })
        }
        _ => {
            let address = url.trim_start_matches("http://").parse().expect("an address");
            let mut bare = BareSocket::new(address, &"t".repeat(1000));
            Box::new(move || assert_eq!(bare.polled(), RUNNING.len()))
        }
    };
    (0..rounds).for_each(|_| round());
}

/// A wait of this many polls at a job that does not change.
fn wait(url: &str, rounds: u32) {
    let cancel = CancelToken::new();
    let outcome = client(url)
        .wait(&JobId::new(JOB_ID).expect("an id"))
        .backoff(Backoff::fixed(Duration::from_millis(1)))
        .cancel(&cancel)
        .on_progress(|progress| {
            if progress.polls() == rounds {
                cancel.cancel();
            }
        })
        .outcome();
    assert_eq!(outcome.polls(), rounds);
}

fn client(url: &str) -> Client {
    let endpoint = Endpoint::new(url, "demo").expect("an endpoint");
    let credentials = Credentials::token(&"t".repeat(1000)).expect("a token");
    Client::with_config(endpoint, credentials, ClientConfig::new().max_polls_per_second(f64::INFINITY))
        .expect("a client")
}

fn recorded() -> Value {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/callgrind.json")
}

const WORKS: [&str; 9] = [
    "decode a running job",
    "decode a job that has ended",
    "decode a running job as serde_json::Value",
    "decode a job of 100 sub-jobs",
    "decode a job of 100 sub-jobs as serde_json::Value",
    "poll",
    "poll of a wait, nothing changed",
    "poll by ureq alone",
    "poll by a bare socket",
];
