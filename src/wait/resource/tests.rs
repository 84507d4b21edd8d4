//! Waits for resources, over sockets.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use super::*;
use crate::auth::Credentials;
use crate::client::config::ClientConfig;
use crate::endpoint::Endpoint;

/// A service that sends these responses, the last one again and again, and the paths that it was asked for.
fn service(responses: &[(u16, &str)]) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut responses: VecDeque<(u16, String)> =
        responses.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
    let paths = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&paths);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let Some(first) = lines.next() else { continue };
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            seen.lock().unwrap().push(first.split(' ').nth(1).unwrap_or_default().to_owned());
            let next = if responses.len() > 1 { responses.pop_front() } else { responses.front().cloned() };
            let (status, body) = next.unwrap();
            let head =
                format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(body.as_bytes()));
        }
    });
    (url, paths)
}

fn client(url: &str) -> Client {
    let config = ClientConfig::new().max_polls_per_second(f64::INFINITY).no_proxy();
    Client::with_config(Endpoint::new(url, "demo").unwrap(), Credentials::token("t").unwrap(), config)
        .unwrap()
}

fn wait(resource: Resource, responses: &[(u16, &str)]) -> (ResourceOutcome, Vec<String>, Vec<String>) {
    let (url, paths) = service(responses);
    let mut lines = Vec::new();
    let client = client(&url);
    let outcome = client
        .wait_for(resource)
        .timeout(Duration::from_secs(1))
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .on_progress(|progress| lines.push(progress.to_string()))
        .outcome();
    let paths = paths.lock().unwrap().clone();
    (outcome, paths, lines)
}

#[test]
fn a_volume_is_waited_for_until_it_has_settled_twice() {
    let volume = |status: &str| format!(r#"{{"volume":{{"status":"{status}"}}}}"#);
    let (creating, available) = (volume("creating"), volume("available"));
    let responses = [(200, creating.as_str()), (200, &available), (200, &creating), (200, &available)];
    let (outcome, paths, lines) = wait(Resource::volume("b1"), &responses);
    assert_eq!(outcome.result().unwrap(), "available");
    assert_eq!(outcome.body(), Some(&json!({"volume": {"status": "available"}})));
    assert_eq!((outcome.polls(), paths.len()), (5, 5));
    assert!(paths.iter().all(|path| path == "/v2/demo/cloudvolumes/b1"), "{paths:?}");
    assert!(lines[0].starts_with("/v2/{project_id}/cloudvolumes/b1 creating, "), "{lines:?}");
    assert!(lines[0].contains("next poll in") && !lines[4].contains("next poll"), "{lines:?}");
}

#[test]
fn a_resource_that_has_failed_is_an_error_with_the_value() {
    let (outcome, ..) = wait(Resource::volume("b1"), &[(200, r#"{"volume":{"status":"error_extending"}}"#)]);
    let error = outcome.result().unwrap_err();
    assert!(error.is_failed() && error.job_id().is_none());
    assert_eq!(error.resource(), Some("/v2/{project_id}/cloudvolumes/b1"));
    assert_eq!(error.value(), Some(&json!("error_extending")));
    assert!(error.to_string().contains("/volume/status is error_extending after 1 poll"), "{error}");
}

#[test]
fn a_resource_is_gone_if_the_service_says_so() {
    for (resource, responses) in [
        (Resource::volume("b1"), &[(200, r#"{"volume":{"status":"deleting"}}"#), (404, "")][..]),
        (Resource::volume("b1"), &[(400, r#"{"error_code":"DBS.280110","error_msg":"does not exist"}"#)]),
        (
            Resource::server("s1"),
            &[(200, r#"{"server":{"status":"ACTIVE"}}"#), (200, r#"{"server":{"status":"DELETED"}}"#)],
        ),
        (
            Resource::database("d1"),
            &[(200, r#"{"instances":[{"status":"ACTIVE"}]}"#), (200, r#"{"instances":[]}"#)],
        ),
    ] {
        let (outcome, paths, _) = wait(resource.gone(), responses);
        assert!(outcome.result().is_ok_and(Value::is_null), "{outcome:?}");
        assert_eq!(paths.len(), responses.len());
    }
}

#[test]
fn what_is_not_the_resource_is_handled_as_for_a_job() {
    let json = r#"{"error":{"code":"Pdp.0001","message":"no permission"}}"#;
    let (refused, ..) = wait(Resource::server("s1"), &[(403, json)]);
    let error = refused.result().unwrap_err();
    assert_eq!((error.kind(), error.polls()), (ErrorKind::Refused, 1));
    assert!(error.to_string().contains("Pdp.0001"), "{error}");
    let (timed_out, ..) = wait(Resource::server("s1"), &[(200, r#"{"server":{"status":"BUILD"}}"#)]);
    let error = timed_out.result().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("/server/status ACTIVE or SHUTOFF") && text.contains("/server/status is BUILD"),
        "{text}"
    );
    let (no_answer, ..) = wait(Resource::server("s1"), &[(502, "<html>")]);
    assert_eq!(no_answer.result().unwrap_err().kind(), ErrorKind::NoAnswer);
}

#[test]
fn only_a_path_is_polled() {
    for path in [
        "https://evil.example.com/x",
        "//evil.example.com",
        "v1/x",
        "",
        "/a b",
        "/a/../b",
        "/..",
        "/a#b",
        "/a\r\nb",
    ] {
        let (outcome, paths, _) = wait(Resource::get(path), &[(200, "{}")]);
        let error = outcome.result().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{path}: {error}");
        assert_eq!(paths.len(), 0, "{path}");
    }
    let (outcome, paths, _) = wait(Resource::get("/x").until("status", ["1"]), &[(200, "{}")]);
    assert!(
        outcome.result().is_err_and(|error| error.to_string().contains("JSON pointer")) && paths.is_empty()
    );
    let (outcome, paths, _) = wait(Resource::image("i/1 ?"), &[(200, r#"{"images":[{"status":"active"}]}"#)]);
    assert_eq!(
        (outcome.result().unwrap(), paths[0].as_str()),
        (&json!("active"), "/v2/cloudimages?id=i%2F1%20%3F")
    );
}

#[test]
fn every_recipe_has_a_path_and_a_wanted_value() {
    for (resource, path, wanted) in [
        (
            Resource::server("1"),
            "/v1/{project_id}/cloudservers/1",
            r#"{"server":{"status":"ACTIVE","OS-EXT-STS:task_state":null}}"#,
        ),
        (Resource::volume("1"), "/v2/{project_id}/cloudvolumes/1", r#"{"volume":{"status":"in-use"}}"#),
        (Resource::image("1"), "/v2/cloudimages?id=1", r#"{"images":[{"status":"active"}]}"#),
        (
            Resource::database("1"),
            "/v3/{project_id}/instances?id=1",
            r#"{"instances":[{"status":"ACTIVE"}]}"#,
        ),
        (
            Resource::cluster("1"),
            "/api/v3/projects/{project_id}/clusters/1",
            r#"{"status":{"phase":"Available"}}"#,
        ),
        (
            Resource::cluster_node("1", "2"),
            "/api/v3/projects/{project_id}/clusters/1/nodes/2",
            r#"{"status":{"phase":"Active"}}"#,
        ),
        (Resource::share("1"), "/v1/{project_id}/sfs-turbo/shares/1", r#"{"status":"200"}"#),
        (
            Resource::balancer("1"),
            "/v3/{project_id}/elb/loadbalancers/1",
            r#"{"loadbalancer":{"provisioning_status":"ACTIVE"}}"#,
        ),
    ] {
        assert_eq!(resource.path(), path);
        assert!(resource.check().is_ok());
        assert_eq!(resource.state(&serde_json::from_str(wanted).unwrap()), State::Wanted, "{path}");
        assert_eq!(resource.state(&json!({})), State::Pending, "{path}");
    }
    let busy = json!({"server": {"status": "ACTIVE", "OS-EXT-STS:task_state": "powering-off"}});
    assert_eq!(Resource::server("1").state(&busy), State::Pending);
}
