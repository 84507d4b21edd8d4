//! What one poll costs over a kept connection, and how often a wait shakes hands.
//!
//! Client and server share one core; otherwise wake-ups between cores dominate the times.

mod common;
#[path = "poll/tls.rs"]
mod tls;

use std::hint::black_box;
use std::time::Duration;

use cloudjob::{Client, ClientConfig, Credentials, Endpoint, JobId};
use common::mode::Mode;
use common::report::{Reach, Report};
use common::server::{BareSocket, Server};
use common::timing::{Work, median, medians};
use common::{JOB_ID, RUNNING, child};

fn main() {
    if child::role().is_some() {
        return common::server::serve();
    }
    let Some(mode) = Mode::from_args() else { return };
    child::pin_to_one_core();
    let mut report = Report::new("poll", &mode);
    if mode.wants("poll") {
        polls(&mode, &mut report);
    }
    if mode.wants("tls") {
        tls::polls(&mode, &mut report);
        tls::handshakes(&mode, &mut report);
    }
    report.finish();
}

fn polls(mode: &Mode, report: &mut Report) {
    let server = Server::start(0);
    let token = "t".repeat(TOKEN);
    let endpoint = Endpoint::new(&server.url(), "demo").expect("an endpoint");
    let credentials = Credentials::token(&token).expect("a token");
    let client =
        Client::with_config(endpoint, credentials, ClientConfig::new().max_polls_per_second(f64::INFINITY))
            .expect("a client");
    let id = JobId::new(JOB_ID).expect("an id");
    let mut bare = BareSocket::new(server.address, &token);
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let bounded: ureq::Agent = ureq::Agent::config_builder()
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let url = format!("{}/v1/demo/jobs/{JOB_ID}", server.url());
    let ask = |agent: &ureq::Agent| {
        let mut response = agent.get(&url).header("x-auth-token", &token).call().expect("a response");
        let body = response.body_mut().read_to_vec().expect("a body");
        black_box(cloudjob::Job::from_slice(&body).expect("a job"));
    };

    // All in one run and in turns, so that other load on the machine affects all of them alike.
    let times = medians(
        50,
        mode.pick(60, 600),
        &mut [
            Box::new(|| assert_eq!(bare.polled(), RUNNING.len())) as Work<'_>,
            Box::new(|| {
                black_box(client.job(&id).expect("a job"));
            }),
            Box::new(|| ask(&agent)),
        ],
    );
    let what = "one poll with its decode and all bounds, kept connection";
    let note = format!(
        "{:.1} us against {:.1} us for ureq alone with the same decode and no limit on time or size",
        times[1] / 1e3,
        times[2] / 1e3
    );
    report.row(what, times[1] / times[2], "x", Reach::AtMost(0.9), &note);
    let note =
        format!("{:.1} us for a bare socket, which reads no headers and decodes nothing", times[0] / 1e3);
    report.row("- against a bare socket", times[1] / times[0], "x", Reach::None, &note);

    let times = medians(
        20,
        mode.pick(20, 100),
        &mut [
            Box::new(|| {
                black_box(client.job(&id).expect("a job"));
            }) as Work<'_>,
            Box::new(|| ask(&bounded)),
        ],
    );
    let note = format!("{:.1} us for the same decode and a `timeout_global` of 30 s", times[1] / 1e3);
    report.row("- against ureq with a timeout", times[0] / times[1], "x", Reach::None, &note);

    peer(mode, report, &server, &client);
    allocations(mode, report, &server);
    report.rows_of_test("http::tests::dns::a_thousand_polls_over_many_connections_resolve_the_name_once");
}

/// reqwest in its own process, in turns with this library.
fn peer(mode: &Mode, report: &mut Report, server: &Server, client: &Client) {
    let what = "- against reqwest::blocking";
    let id = JobId::new(JOB_ID).expect("an id");
    if mode.quick {
        return report.skip(what, "only in a full run");
    }
    let Some(program) = child::peer("blocking") else {
        return report.skip(what, "benches/peers has not been built with its features `blocking`");
    };
    let mut ratios = Vec::new();
    for _ in 0..10 {
        let own = medians(50, 20, &mut [Box::new(|| drop(black_box(client.job(&id)))) as Work<'_>]);
        let mut command = common::server::command(&program, server);
        command.args(["poll", &TOKEN.to_string()]);
        match child::last_line(command).map(|line| line.parse::<f64>()) {
            Ok(Ok(time)) => ratios.push(own[0] / time),
            other => return report.skip(what, &format!("the peer failed: {other:?}")),
        }
    }
    report.row(what, median(ratios), "x", Reach::None, "typed decode with serde, `timeout` of 30 s");
}

/// Counted in another process, because a counting allocator needs `unsafe`, which this crate forbids.
fn allocations(mode: &Mode, report: &mut Report, server: &Server) {
    let what = "allocations of a poll, more than ureq alone";
    if mode.quick {
        return report.skip(what, "only in a full run");
    }
    let Some(program) = child::peer("allocations") else {
        return report.skip(what, "benches/peers has not been built with its features `ours,plain-ureq`");
    };
    let said = child::last_line(common::server::command(&program, server));
    let numbers: Vec<i32> =
        said.as_ref().map_or(Vec::new(), |line| line.split(' ').filter_map(|n| n.parse().ok()).collect());
    match numbers[..] {
        [ours, ureq] => {
            let note = format!("{ours} and {ureq}");
            report.row(what, f64::from(ours) - f64::from(ureq), "", Reach::AtMost(4.0), &note);
        }
        _ => report.skip(what, &format!("the peer failed: {said:?}")),
    }
}

/// The length of a token. Real ones have a few hundred to some thousand characters.
const TOKEN: usize = 1_000;
