//! Credentials and endpoints.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cloudjob::simulator::{JobScript, Simulator};
use serde_json::json;

use super::run::{UNKNOWN, bare, polling, run, run_with, takes};

#[test]
fn a_token_can_be_read_from_a_file() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let flags = ["--endpoint", simulator.endpoint_url(), "--project-id", simulator.project_id()];
    for text in [format!("{}\n", simulator.token()), format!("\u{feff}{}\r\n", simulator.token())] {
        let path = file("token", &text);
        let mut command = bare(&["show", &id, "--token-file", path.to_str().unwrap()]);
        command.args(flags);
        let ended = run(command);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
    }

    for (name, text, expected) in [
        ("none", "\n", "is empty"),
        ("two", "a b", "more than one word"),
        ("json", "{\"token\": \"hush\"}", "contains JSON"),
        ("quoted", "\"hush\"", "in quotes"),
        ("wide", "h\0u\0", "UTF-16"),
    ] {
        let mut command = bare(&["show", &id, "--token-file", file(name, text).to_str().unwrap()]);
        command.args(flags);
        let ended = run(command);
        assert_eq!(ended.code, Some(2));
        assert!(ended.err.contains(expected) && !ended.err.contains("hush"), "{}", ended.err);
    }
    let ended = run(bare(&["show", &id, "--token-file", "/nowhere"]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--token-file /nowhere cannot be read"), "{}", ended.err);
}

#[test]
fn whoami_prints_the_sources_and_no_secret() {
    let simulator = Simulator::builder().user("demo", "hush-hush").start().unwrap();
    let user = |arguments: &[&str]| {
        let mut command = bare(arguments);
        command
            .env("OS_AUTH_URL", format!("{}/v3", simulator.endpoint_url()))
            .env("OS_USERNAME", "demo")
            .env("OS_PASSWORD", "hush-hush")
            .env("OS_USER_DOMAIN_NAME", simulator.domain_name())
            .env("OS_PROJECT_NAME", simulator.project_name());
        command
    };
    let ended = run(user(&["login", "--output", "json"]));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let object = ended.objects().remove(0);
    assert_eq!(
        (&object["method"], &object["user"], &object["project_id"], &object["service"]),
        (&json!("password"), &json!("demo"), &json!(simulator.project_id()), &json!("ecs"))
    );
    assert!(object["expires_at"].is_string() && object["source"].is_string(), "{object}");
    assert!(object["endpoint"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{object}");
    assert!(object["endpoint_source"].is_string(), "{object}");

    let ended = run(user(&["login"]));
    assert!(ended.out.contains("the credentials work") && ended.out.contains("demo"), "{}", ended.out);
    assert!(!ended.out.contains("hush"));

    let mut wrong = user(&["login"]);
    wrong.env("OS_PASSWORD", "wrong-secret");
    let ended = run(wrong);
    assert_eq!((ended.code, ended.out.as_str()), (Some(4), ""), "{}", ended.err);
    assert!(ended.err.starts_with("error: ") && !ended.err.contains("wrong-secret"), "{}", ended.err);
}

#[test]
fn a_rejected_login_has_a_line_for_every_job_and_one_message() {
    let simulator = Simulator::builder().user("demo", "right").start().unwrap();
    let mut command = bare(&["wait", "a1", "b2", "c3", "--output", "json"]);
    command
        .env("OS_AUTH_URL", format!("{}/v3", simulator.endpoint_url()))
        .env("OS_USERNAME", "demo")
        .env("OS_PASSWORD", "wrong")
        .env("OS_USER_DOMAIN_NAME", simulator.domain_name())
        .env("OS_PROJECT_NAME", simulator.project_name());
    let ended = run(command);
    assert_eq!((ended.code, ended.objects().len()), (Some(4), 3), "{}", ended.err);
    assert!(
        ended.objects().iter().all(|object| object["error"]["http_status"] == 401 && object["polls"] == 0)
    );
    assert_eq!(ended.err.matches("login rejected").count(), 1, "{}", ended.err);
}

#[test]
fn a_bad_configuration_is_exit_2_and_nothing_is_sent() {
    let simulator = Simulator::start().unwrap();
    let ended = run(bare(&["wait", UNKNOWN]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("no credentials were found"), "{}", ended.err);

    let mut insecure = polling(&simulator, &["wait", UNKNOWN]);
    insecure.env("OS_INSECURE", "true");
    let ended = run(insecure);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--ca-cert"), "{}", ended.err);

    let mut plain = bare(&["wait", UNKNOWN, "--endpoint", "http://192.0.2.1"]);
    plain.env("OS_TOKEN", "t").env("OS_PROJECT_ID", "p");
    assert_eq!(run(plain).code, Some(2));
    assert_eq!(run(polling(&simulator, &["wait", UNKNOWN, "--ca-cert", "/nowhere"])).code, Some(2));
    assert!(simulator.requests().is_empty());
}

fn file(name: &str, text: &str) -> PathBuf {
    let path =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-connection-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_login_counts_toward_the_timeout() {
    // It accepts, as the system does that for it, and never answers.
    let iam = TcpListener::bind("127.0.0.1:0").unwrap();
    for arguments in [["wait", UNKNOWN, "--timeout", "300ms"], ["wait", "-", "--timeout", "300ms"]] {
        let mut command = bare(&arguments);
        command
            .args(["--output", "json"])
            .env("OS_AUTH_URL", format!("http://{}/v3", iam.local_addr().unwrap()))
            .env("OS_USERNAME", "demo")
            .env("OS_PASSWORD", "hush-hush")
            .env("OS_USER_DOMAIN_NAME", "domain")
            .env("OS_PROJECT_NAME", "eu-de");
        let begun = Instant::now();
        let ended = run_with(command, UNKNOWN);
        // A login by itself may take 30 seconds.
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        assert_eq!(ended.code, Some(5), "{}", ended.err);
        let object = ended.objects().remove(0);
        assert_eq!((&object["job_id"], &object["outcome"]), (&json!(UNKNOWN), &json!("no_answer")));
        assert!(object["waited_seconds"].as_f64().unwrap() >= 0.3, "{object}");
    }
}

#[test]
fn one_wait_may_have_jobs_of_several_services() {
    let simulator = Simulator::start().unwrap();
    let servers = simulator.start_job(takes(0)).to_string();
    let post = |path: &str| {
        let url = simulator.endpoint_url().trim_start_matches("http://").to_owned();
        let mut stream = std::net::TcpStream::connect(&url).unwrap();
        let (project, token) = (simulator.project_id(), simulator.token());
        let body = r#"{"simulate": {"seconds": 1}}"#;
        let path = path.replace("{p}", project);
        std::io::Write::write_all(
            &mut stream,
            format!(
                "POST {path} HTTP/1.1\r\nHost: {url}\r\nX-Auth-Token: {token}\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
        .unwrap();
        let mut response = String::new();
        std::io::Read::read_to_string(&mut stream, &mut response).unwrap();
        response
    };
    let response = post("/v3/{p}/instances");
    let body: serde_json::Value = serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap();
    let database = body["job_id"].as_str().unwrap().to_owned();
    let input = format!("rds:{database}\n");
    for (arguments, input) in [
        (vec!["wait".to_owned(), servers.clone(), format!("rds:{database}")], ""),
        (vec!["wait".to_owned(), servers.clone(), "-".to_owned()], input.as_str()),
    ] {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).chain(["-o", "json", "-q"]).collect();
        let ended = run_with(polling(&simulator, &arguments), input);
        assert_eq!(ended.code, Some(0), "{} {}", ended.out, ended.err);
        let mut services: Vec<_> = ended.objects().iter().map(|object| object["service"].clone()).collect();
        services.sort_by_key(ToString::to_string);
        assert_eq!(services, [json!("ecs"), json!("rds")]);
    }
    // The second id that some services need.
    let ended = run(polling(&simulator, &["wait", "dms:a"]));
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    let ended = run(polling(&simulator, &["show", &servers, "--scope", "a"]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--scope has no meaning"), "{}", ended.err);
}

#[test]
fn one_id_under_two_services_is_two_jobs() {
    let simulator = Simulator::start().unwrap();
    let both = simulator.start_job(takes(300)).to_string();
    let volume = format!("evs:{both}");
    // Each way to give the pair, some of them more than once.
    for (arguments, input) in [
        (vec!["wait", &both, &volume], String::new()),
        (vec!["wait", &volume, &both, &volume, &format!("ecs:{both}")], String::new()),
        (vec!["wait", "--service", "evs", &both, &format!("ecs:{both}"), &volume], String::new()),
        (vec!["wait", "-"], format!("{both}\n{volume}\n{both}\n{volume}\necs:{both}\n")),
        (vec!["wait", "-"], format!("{volume}\n{both}\n")),
        (vec!["wait", &volume, "-"], format!("{both}\n{volume}\n")),
        (vec!["show", &both, &volume, &format!("ecs:{both}")], String::new()),
    ] {
        let arguments: Vec<_> = arguments.into_iter().chain(["-o", "json", "-q"]).collect();
        let ended = run_with(polling(&simulator, &arguments), &input);
        assert_eq!(ended.code, Some(0), "{} {}", ended.out, ended.err);
        let mut jobs: Vec<_> = ended.objects().iter().map(|object| object["service"].to_string()).collect();
        jobs.sort();
        assert_eq!(jobs, ["\"ecs\"", "\"evs\""], "{arguments:?} {input} {}", ended.out);
        assert!(ended.objects().iter().all(|object| object["job_id"] == both.as_str()), "{}", ended.out);
    }
    // Each has its own outcome, its own progress and a name of its own.
    let ended = run(polling(&simulator, &["wait", &both, &format!("rds:{both}"), "--timeout", "1s", "-v"]));
    assert_eq!(ended.code, Some(3), "{} {}", ended.out, ended.err);
    assert!(ended.out.contains(&format!("createServer {both} SUCCESS")), "{}", ended.out);
    assert!(ended.err.contains(&format!(" rds:{both} not known to the service yet")), "{}", ended.err);
}

#[test]
fn jobs_that_are_left_are_named_so_that_they_can_be_waited_for_again() {
    let simulator = Simulator::start().unwrap();
    let left = simulator.start_job(JobScript::new("createServer").never_ends()).to_string();
    let fails = simulator.start_job(takes(0).failing()).to_string();
    let volume = format!("evs:{left}");
    for (arguments, names) in [
        (vec!["wait", &fails, &left, &volume], [left.as_str(), &volume]),
        (
            vec!["wait", "--service", "evs", &fails, &left, &format!("ecs:{left}")],
            [&volume, &format!("ecs:{left}")],
        ),
    ] {
        let arguments: Vec<_> = arguments.into_iter().chain(["--fail-fast", "-o", "json"]).collect();
        let ended = run(polling(&simulator, &arguments));
        assert_eq!(ended.code, Some(1), "{} {}", ended.out, ended.err);
        assert!(ended.err.ends_with(&format!(":\n{}\n", names.join("\n"))), "{}", ended.err);
    }
}
