//! `wait_all` in a process that can start no more threads, or only a few: see `cli/threads.rs`.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use cloudjob::simulator::{JobScript, Simulator};
use cloudjob::{Client, Credentials, Endpoint, ErrorKind, JobId};

/// What the child needs to know.
const SERVICE: &str = "CLOUDJOB_TEST_SERVICE";

#[test]
fn a_wait_goes_on_with_the_threads_there_are() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..3)
        .map(|_| simulator.start_job(JobScript::new("createServer").duration(Duration::from_millis(100))))
        .collect();
    let service = [simulator.endpoint_url(), simulator.project_id(), simulator.token()]
        .into_iter()
        .chain(ids.iter().map(JobId::as_str))
        .collect::<Vec<_>>()
        .join(" ");
    for threads in [1, 2, 3, 10] {
        let mut shell = Command::new("/bin/sh");
        let room = (threads * 1024 + 512) * 1024;
        shell
            .args(["-c", &format!("ulimit -v {room} && exec \"$@\""), "sh"])
            .arg(env::current_exe().unwrap());
        shell.args(["--exact", "threads::with_few_threads", "--ignored", "--test-threads=1", "--nocapture"]);
        let output =
            shell.env(SERVICE, &service).env("RUST_MIN_STACK", (1_u64 << 30).to_string()).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{threads} threads: {text}");
        // One of them is that of the test itself.
        let expected = if threads < 2 { "0 of 3 succeeded" } else { "3 of 3 succeeded" };
        assert!(text.contains(expected), "{threads} threads: {text}");
    }
}

#[test]
#[ignore = "a part of another test, in a process of its own"]
fn with_few_threads() {
    let Ok(service) = env::var(SERVICE) else { return };
    let words: Vec<_> = service.split(' ').collect();
    let client =
        Client::new(Endpoint::new(words[0], words[1]).unwrap(), Credentials::token(words[2]).unwrap())
            .unwrap();
    let ids: Vec<_> = words[3..].iter().map(|id| JobId::new(*id).unwrap()).collect();
    let timeout = Duration::from_secs(3);
    let begun = Instant::now();
    let outcomes: Vec<_> = client.wait_all(ids).timeout(timeout).outcomes().collect();
    assert!(begun.elapsed() < timeout + Duration::from_secs(1), "{:?}", begun.elapsed());
    for error in outcomes.iter().filter_map(|outcome| outcome.result().err()) {
        assert_eq!(error.kind(), ErrorKind::NoAnswer);
        assert!(error.to_string().contains("no thread can be started"), "{error}");
        assert!(
            error.to_string().contains("raise the limit of processes and threads (`ulimit -u`)"),
            "{error}"
        );
    }
    let succeeded = outcomes.iter().filter(|outcome| outcome.result().is_ok()).count();
    if succeeded == 0 {
        let endpoint = Endpoint::new("https://jobs.test", words[1]).unwrap();
        let client = Client::new(endpoint, Credentials::token(words[2]).unwrap()).unwrap();
        let error = client.job(&JobId::new("ff80").unwrap()).unwrap_err().to_string();
        assert!(error.contains("no thread can be started to resolve the name of jobs.test:443"), "{error}");
        assert!(error.contains("raise the limit of processes and threads (`ulimit -u`)"), "{error}");
    }
    println!("{succeeded} of {} succeeded", outcomes.len());
}
