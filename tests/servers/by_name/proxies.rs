//! tinyproxy as a forward proxy.

use cloudjob::simulator::{JobScript, Simulator};
use cloudjob::{Client, ClientConfig, Credentials, Endpoint, JobId, Login, Status};

use crate::child::{Task, kind};
use crate::peers::{
    Front, Gateway, Keystone, Nginx, Tinyproxy, every, free_port, millis, seconds, servers, unlimited,
};

const HOST: &str = "ecs.eu-de.test";

fn simulator_and_job() -> (Simulator, JobId) {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").duration(millis(0)));
    (simulator, id)
}

fn client(front: &Nginx, simulator: &Simulator, proxy: &str) -> Client {
    let endpoint = Endpoint::new(&front.url_of(HOST), simulator.project_id()).unwrap();
    let credentials = Credentials::token(simulator.token()).unwrap();
    let config = unlimited().ca_file(servers().ca()).proxy(proxy);
    Client::with_config(endpoint, credentials, config).unwrap()
}

fn connect(host: &str, port: u16) -> String {
    format!("CONNECT {host}:{port} HTTP/1.1")
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_way_is_opened_once_and_used_for_the_whole_wait() {
    let simulator = Simulator::start().unwrap();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let proxy = Tinyproxy::start(&[front.port()], None);
    let id = simulator.start_job(JobScript::new("createServer").duration(seconds(3)));
    let client = client(&front, &simulator, &proxy.url());
    let outcome = client.wait(&id).timeout(seconds(20)).backoff(every(millis(200))).outcome();
    assert_eq!(outcome.result().unwrap().status(), &Status::Success);
    assert!(outcome.polls() > 5);
    assert_eq!(proxy.asked(), [connect(HOST, front.port())]);
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_proxy_that_wants_credentials_gets_them_or_is_told_of() {
    let (simulator, id) = simulator_and_job();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let proxy = Tinyproxy::start(&[front.port()], Some(("squirrel", "nuts4ever")));
    let good = client(&front, &simulator, &proxy.url_for("squirrel", "nuts4ever"));
    assert_eq!(good.job(&id).unwrap().status(), &Status::Success);
    assert_eq!(good.wait(&id).run().unwrap().status(), &Status::Success);

    for url in [proxy.url(), proxy.url_for("squirrel", "w4lnuts")] {
        let client = client(&front, &simulator, &url);
        let error = client.wait(&id).timeout(seconds(30)).run().unwrap_err();
        println!("the proxy wants credentials: {error}");
        assert_eq!(kind(&error), "Proxy", "{error}");
        assert_eq!(error.polls(), 1);
        for secret in ["squirrel", "nuts", simulator.token()] {
            assert!(!error.to_string().contains(secret), "{error}");
            assert!(!format!("{client:?}").contains(secret), "{client:?}");
        }
    }
    assert_eq!(simulator.poll_count(&id), 2);
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_port_that_the_proxy_does_not_allow_ends_the_wait_at_once() {
    let (simulator, id) = simulator_and_job();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let proxy = Tinyproxy::start(&[443], None);
    let client = client(&front, &simulator, &proxy.url());
    let error = client.wait(&id).timeout(seconds(30)).run().unwrap_err();
    println!("the proxy refuses the port: {error}");
    assert_eq!((kind(&error).as_str(), error.polls()), ("Proxy", 1));
    assert!(front.served().is_empty());
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_proxy_that_is_not_there_is_no_answer_and_named() {
    let (simulator, id) = simulator_and_job();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let port = free_port();
    let client = client(&front, &simulator, &format!("http://127.0.0.1:{port}"));
    let error = client.job(&id).unwrap_err();
    assert_eq!(kind(&error), "Connect");
    assert!(error.to_string().contains(&format!("the proxy 127.0.0.1:{port}")), "{error}");
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn loopback_never_goes_through_a_proxy_of_the_environment_and_other_hosts_do() {
    let (simulator, id) = simulator_and_job();
    let front = Front::tls(simulator.endpoint_url(), "good").start();
    let proxy = Tinyproxy::start(&[front.port(), simulator.address().port()], None);
    let of_proxy = proxy.url();
    let variables =
        ["http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, of_proxy.as_str()));
    let polled = |url: &str, more: &[(&str, &str)]| {
        let task = Task {
            url: url.into(),
            project_id: simulator.project_id().into(),
            token: simulator.token().into(),
            job_id: id.to_string(),
            ca: servers().ca().display().to_string(),
            request_timeout: 5_000,
            ..Task::default()
        };
        let variables: Vec<_> = variables.iter().chain(more).copied().collect();
        let reports = task.run(&[], &variables);
        assert_eq!(reports[0].word, "SUCCESS", "{url}: {}", reports[0].text);
    };
    let plain = simulator.address().port();
    for url in [
        format!("http://127.0.0.1:{plain}"),
        format!("http://127.1.2.3:{plain}"),
        format!("http://LOCALHOST:{plain}"),
        front.url(),
    ] {
        if !url.contains("127.1.2.3") {
            polled(&url, &[]);
        }
    }
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());

    polled(&front.url_of(HOST), &[("NO_PROXY", ".test")]);
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
    polled(&front.url_of(HOST), &[]);
    polled(&format!("http://{HOST}:{plain}"), &[]);
    assert_eq!(proxy.asked(), [connect(HOST, front.port()), connect(HOST, plain)]);
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn login_and_polls_go_through_the_proxy_and_tls_together() {
    let ids = &servers().ids;
    let keystone = Keystone::short();
    let gateway = Gateway::of_project(keystone, &ids.project_id, Some("good"), None);
    let behind = format!("http://127.0.0.1:{}", keystone.port());
    let iam = Front::tls(&behind, "good").start();
    let proxy = Tinyproxy::start(&[iam.port(), gateway.nginx.port()], Some(("user", "pass")));
    let id = gateway.jobs.start_job(JobScript::new("createServer").duration(seconds(5)));
    let login = Login::new(format!("{}/for/through-everything", iam.url_of("iam.eu-de.test")))
        .user_name(&ids.user_name)
        .user_domain_name(&ids.domain_name)
        .password(&ids.password)
        .project_name(&ids.project_name);
    let endpoint = Endpoint::new(&gateway.nginx.url_of(HOST), &ids.project_id).unwrap();
    let config = ClientConfig::new().ca_file(servers().ca()).proxy(&proxy.url_for("user", "pass"));
    let client = Client::with_config(endpoint, Credentials::login(login).unwrap(), config).unwrap();
    let outcome = client.wait(&id).timeout(seconds(30)).backoff(every(millis(400))).outcome();
    assert_eq!(outcome.result().unwrap().status(), &Status::Success);
    let logins = keystone.logins("through-everything");
    println!("through proxy and TLS with tokens of 3 s: {} polls, {} logins", outcome.polls(), logins.len());
    assert!(logins.len() >= 2 && logins.iter().all(|status| *status == 201), "{logins:?}");
    let asked = proxy.asked();
    assert_eq!(asked[..2], [connect("iam.eu-de.test", iam.port()), connect(HOST, gateway.nginx.port())]);
    assert_eq!(asked.len(), 2, "each way is opened once: {asked:?}");
}
