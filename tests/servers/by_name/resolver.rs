//! A name server that never answers.

use std::time::{Duration, Instant};

use crate::child::{Report, Task};
use crate::peers::{script, servers};

const LIMIT: u64 = 2_000;

/// Has hosts asked for whose names nobody looks up.
fn ask(url: &str, threads: usize, wait: u64) -> Vec<Report> {
    let etc = servers().folder("etc").display().to_string();
    let script = script("silent_resolver.py").display().to_string();
    let python = servers().python.display().to_string();
    let task = Task {
        url: url.into(),
        project_id: "p1".into(),
        token: "t".into(),
        job_id: "j1".into(),
        request_timeout: LIMIT,
        wait,
        threads,
        ..Task::default()
    };
    task.run(&["unshare", "-mn", &python, &script, &etc], &[])
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_look_up_that_hangs_is_over_within_the_limit_of_the_poll() {
    let began = Instant::now();
    let reports = ask("https://ecs{n}.nowhere.test", 8, 0);
    let whole = began.elapsed();
    let limit = Duration::from_millis(LIMIT);
    let worst = reports.iter().map(|report| report.took).max().unwrap();
    println!(
        "silent name server: worst overrun {:?}, the process took {whole:.1?}",
        worst.saturating_sub(limit)
    );
    for report in &reports {
        assert_eq!(report.word, "Timeout", "{}", report.text);
        assert!(report.text.contains("being resolved"), "{}", report.text);
        assert!(report.took >= limit, "{:?}: nothing hung", report.took);
        assert!(report.took <= limit + Duration::from_secs(1), "{:?}", report.took);
    }
    assert!(
        whole < limit + Duration::from_secs(3),
        "the end of the program waited for the look-ups: {whole:?}"
    );
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_wait_is_back_by_its_deadline_though_every_look_up_hangs() {
    let limit = Duration::from_secs(5);
    let reports = ask("https://ecs.nowhere.test", 1, 5_000);
    let took = reports[0].took;
    println!(
        "silent name server, a wait of 5 s: overrun {:?}; {}",
        took.saturating_sub(limit),
        reports[0].text
    );
    assert!(took <= limit + Duration::from_secs(1), "{took:?}");
    assert!(took >= Duration::from_secs(4), "{took:?}: given up early");
    assert!(reports[0].text.contains("being resolved"), "{}", reports[0].text);
}
