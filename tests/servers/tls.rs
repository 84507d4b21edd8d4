//! nginx as a TLS front: handshakes, certificates, workers that go, long tokens.

use std::collections::BTreeMap;
use std::thread;
use std::time::Instant;

use cloudjob::simulator::{JobScript, Simulator};
use cloudjob::{Client, Credentials, Endpoint, Login, Outcome, Status};

use crate::child::kind;
use crate::peers::{Front, Nginx, client_at, every, millis, seconds, servers, unlimited};

/// Waits for a job of so many seconds through this front; how, and what stood in the way on the way.
fn wait(front: &Nginx, simulator: &Simulator, takes: u64, pause: u64) -> (Outcome, Vec<String>) {
    let id = simulator.start_job(JobScript::new("createServer").duration(seconds(takes)));
    let client = client_at(&front.url(), simulator, unlimited().ca_file(servers().ca()));
    let mut errors = Vec::new();
    let outcome = client
        .wait(&id)
        .timeout(seconds(takes + 20))
        .backoff(every(millis(pause)))
        .on_progress(|progress| errors.extend(progress.error().map(ToString::to_string)))
        .outcome();
    (outcome, errors)
}

/// The polls of each connection, and whether its session was that of an earlier one.
fn connections(front: &Nginx) -> BTreeMap<String, (usize, bool)> {
    let mut connections = BTreeMap::new();
    for polled in front.served() {
        let entry = connections.entry(polled.connection).or_insert((0, polled.resumed));
        entry.0 += 1;
    }
    connections
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_whole_wait_needs_one_handshake() {
    let simulator = Simulator::start().unwrap();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let (outcome, errors) = wait(&front, &simulator, 5, 250);
    assert_eq!(outcome.result().unwrap().status(), &Status::Success);
    assert!(errors.is_empty(), "{errors:?}");
    let connections = connections(&front);
    assert!(outcome.polls() > 10);
    assert_eq!(connections.len(), 1, "{connections:?}");
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_server_that_closes_idle_connections_early_costs_resumed_handshakes_and_no_poll() {
    for (protocol, name) in [("TLSv1.3", "TLS 1.3"), ("TLSv1.2", "TLS 1.2")] {
        let simulator = Simulator::start().unwrap();
        let server = format!("keepalive_timeout 1s; ssl_protocols {protocol};");
        let front = Front { server: &server, ..Front::tls(simulator.endpoint_url(), "good") }.start();
        let (outcome, errors) = wait(&front, &simulator, 8, 1600);
        assert_eq!(outcome.result().unwrap().status(), &Status::Success);
        let connections = connections(&front);
        let polls = outcome.polls();
        println!("{name}, idle connections closed after 1 s: {polls} polls, {connections:?}, {errors:?}");
        assert!(connections.len() >= 4, "{connections:?}");
        let fresh = connections.values().filter(|(_, resumed)| !resumed).count();
        assert_eq!(fresh, 1, "only the first session is a new one");
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_wait_outlives_workers_that_are_replaced_and_killed() {
    let simulator = Simulator::start().unwrap();
    let front = Front { workers: true, ..Front::tls(simulator.endpoint_url(), "good") }.start();
    let (outcome, errors) = thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(&front, &simulator, 7, 250));
        thread::sleep(seconds(2));
        front.reload();
        thread::sleep(seconds(2));
        front.kill_worker();
        waiting.join().unwrap()
    });
    println!("workers replaced and killed: {} polls, {errors:?}", outcome.polls());
    assert_eq!(outcome.result().unwrap().status(), &Status::Success);
    assert!(connections(&front).len() >= 3);
    assert!(errors.len() <= 3, "{errors:?}");
    assert!(outcome.waited() < seconds(10), "{:?}", outcome.waited());
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn both_versions_of_tls_will_do() {
    for version in ["TLSv1.2", "TLSv1.3"] {
        let simulator = Simulator::start().unwrap();
        let server = format!("ssl_protocols {version};");
        let front = Front { server: &server, ..Front::tls(simulator.endpoint_url(), "good") }.start();
        let (outcome, _) = wait(&front, &simulator, 0, 100);
        assert_eq!(outcome.result().unwrap().status(), &Status::Success);
        assert!(front.served().iter().all(|polled| polled.protocol == version));
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_certificate_that_is_not_right_is_refused_at_once_and_no_token_is_sent() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").never_ends());
    let url = simulator.endpoint_url();
    for (certificate, with_ca, expected) in [
        ("good", false, "not issued by a known authority"),
        ("expired", true, "xpired"),
        ("other", true, "it is not for "),
    ] {
        let front = Front::tls(url, certificate).start();
        let config = if with_ca { unlimited().ca_file(servers().ca()) } else { unlimited() };
        let client = client_at(&front.url(), &simulator, config);
        let began = Instant::now();
        let error = client.wait(&id).timeout(seconds(30)).run().unwrap_err();
        println!("{certificate} certificate: {error}");
        assert_eq!(kind(&error), "Certificate", "{error}");
        assert_eq!(error.polls(), 1);
        assert!(began.elapsed() < seconds(5));
        assert!(error.to_string().contains(expected), "{error}");
        assert!(front.served().is_empty());
    }
    assert!(simulator.requests().is_empty());
}

#[test]
#[cfg(feature = "platform-verifier")]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn the_roots_of_the_operating_system_are_trusted_when_asked_to() {
    use crate::child::Task;

    let simulator = Simulator::start().unwrap();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let id = simulator.start_job(JobScript::new("createServer").duration(millis(0)));
    let ca = servers().ca().display().to_string();
    let nothing = servers().folder("no-roots");
    let nothing = nothing.display().to_string();
    for (platform_roots, file, expected) in
        [(true, ca.as_str(), "SUCCESS"), (true, "", "Certificate"), (false, ca.as_str(), "Certificate")]
    {
        let task = Task {
            url: front.url(),
            project_id: simulator.project_id().into(),
            token: simulator.token().into(),
            job_id: id.to_string(),
            platform_roots,
            request_timeout: 5_000,
            ..Task::default()
        };
        // Without a file: those of the machine, where this authority is not.
        let variables: &[(&str, &str)] =
            if file.is_empty() { &[] } else { &[("SSL_CERT_FILE", file), ("SSL_CERT_DIR", &nothing)] };
        let reports = task.run(&[], variables);
        assert_eq!(reports[0].word, expected, "platform_roots {platform_roots}, {file}: {}", reports[0].text);
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn tokens_of_sixty_thousand_characters_pass_both_ways() {
    let simulator = Simulator::builder().user("demo", "s3cret").token_length(60_000).start().unwrap();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let id = simulator.start_job(JobScript::new("createServer").duration(millis(0)));
    let login = Login::new(front.url())
        .user_name("demo")
        .user_domain_name(simulator.domain_name())
        .password("s3cret");
    let endpoint = Endpoint::new(&front.url(), simulator.project_id()).unwrap();
    let credentials = Credentials::login(login).unwrap();
    let client = Client::with_config(endpoint, credentials, unlimited().ca_file(servers().ca())).unwrap();
    assert_eq!(client.job(&id).unwrap().status(), &Status::Success);
    let served = front.served();
    assert_eq!(served.len(), 2);
    assert_eq!((served[0].method.as_str(), served[0].status), ("POST", 201));
    assert_eq!((served[1].token.len(), served[1].status), (60_000, 200));
    assert!(served[1].path.ends_with(id.as_str()));
}
