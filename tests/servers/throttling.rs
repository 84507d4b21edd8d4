//! nginx as a server that throttles (`limit_req`): one job, and many.

use std::collections::HashSet;

use cloudjob::Status;
use cloudjob::simulator::{JobScript, Simulator};

use crate::peers::{Front, client_at, every, millis, seconds, unlimited};

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_wait_that_is_throttled_slows_down_and_ends_well() {
    let simulator = Simulator::start().unwrap();
    let front = Front {
        http: "limit_req_zone $server_port zone=all:1m rate=30r/m; limit_req_status 429;",
        location: "limit_req zone=all;",
        ..Front::plain(simulator.endpoint_url())
    }
    .start();
    let id = simulator.start_job(JobScript::new("createServer").duration(seconds(6)));
    let client = client_at(&front.url(), &simulator, unlimited());
    let outcome = client.wait(&id).timeout(seconds(60)).backoff(every(millis(300))).outcome();
    let served = front.served();
    let refused = served.iter().filter(|polled| polled.status == 429).count();
    println!(
        "one poll in two seconds allowed, asked every 300 ms: {} polls, {refused} refused, end seen {:.1?} late",
        served.len(),
        outcome.lag().unwrap_or_default()
    );
    assert_eq!(outcome.result().unwrap().status(), &Status::Success);
    assert!(refused >= 1);
    assert!(served.len() <= 10, "{}", served.len());
    assert!(outcome.waited() < seconds(25), "{:?}", outcome.waited());
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_throttled_wait_for_many_jobs_finds_the_rate_and_loses_none() {
    let simulator = Simulator::start().unwrap();
    let front = Front {
        http: "limit_req_zone $server_port zone=all:1m rate=20r/s; limit_req_status 429;",
        location: "limit_req zone=all burst=4 nodelay;",
        ..Front::plain(simulator.endpoint_url())
    }
    .start();
    let ids: Vec<_> = (0..120)
        .map(|n| simulator.start_job(JobScript::new("createServer").duration(millis(20_000 + 150 * n))))
        .collect();
    let client = client_at(&front.url(), &simulator, unlimited().max_polls_per_second(100.0));
    let mut ended = HashSet::new();
    let mut worst = seconds(0);
    for outcome in client.wait_all(ids.clone()).timeout(seconds(120)).outcomes() {
        assert_eq!(outcome.result().unwrap().status(), &Status::Success);
        worst = worst.max(outcome.lag().unwrap_or_default());
        assert!(ended.insert(outcome.job_id().clone()), "a job ended twice");
    }
    assert_eq!(ended, ids.into_iter().collect());

    let served = front.served();
    let begin = served[0].at;
    let refused = |from: f64, until: f64| {
        let polls = served.iter().filter(|polled| (from..until).contains(&(polled.at - begin)));
        let (all, no) =
            polls.fold((0, 0), |(all, no), polled| (all + 1, no + usize::from(polled.status == 429)));
        (all, no)
    };
    let (early, late) = (refused(0.0, 10.0), refused(10.0, f64::MAX));
    println!(
        "120 jobs, 20 polls per second allowed: refused {} of {} in the first 10 s, {} of {} after it; \
         the end of a job was seen {worst:.1?} late at worst",
        early.1, early.0, late.1, late.0
    );
    assert!(early.1 > 0, "nothing was throttled");
    assert!(late.0 > 150, "too few polls to tell: {}", late.0);
    assert!(late.1 * 50 < late.0, "{} of {} polls were refused after ten seconds", late.1, late.0);
}
