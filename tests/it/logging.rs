//! What is written to the log: one line for each poll, one for each error.

use std::time::Duration;

use cloudjob::{Backoff, Client, ClientConfig, Credentials, Endpoint, Login};
use log::Level;

use crate::faults::id;
use crate::faults::peer::{HTML, Peer, answer, job};
use crate::leaks::alone;
use crate::leaks::log::{WRITTEN, listen};

/// The lines of this crate since the last call.
fn ours() -> Vec<(Level, String)> {
    let written = std::mem::take(&mut *WRITTEN.lock().unwrap());
    written
        .into_iter()
        .filter(|(_, target, _)| target.starts_with("cloudjob"))
        .map(|(level, _, text)| (level, text))
        .collect()
}

fn client(peer: &Peer, credentials: Credentials) -> Client {
    let endpoint = Endpoint::new(&peer.url(), "p").unwrap();
    let config = ClientConfig::new().no_proxy().max_polls_per_second(f64::INFINITY);
    Client::with_config(endpoint, credentials, config).unwrap()
}

#[test]
fn each_poll_is_a_line_at_debug_and_each_error_one_at_warn() {
    if !alone("logging::each_look_is_a_line_at_debug_and_each_trouble_one_at_warn") {
        return;
    }
    listen();
    let token = || Credentials::token("t").unwrap();
    let quick = |client: &Client| {
        client
            .wait(&id())
            .timeout(Duration::from_secs(20))
            .backoff(Backoff::fixed(Duration::from_millis(10)))
            .outcome()
    };

    let peer = Peer::start(|line, number| {
        for status in ["RUNNING", "RUNNING", "INIT", "SUCCESS"].iter().skip(number) {
            line.request();
            line.send(job(status));
        }
    });
    let outcome = quick(&client(&peer, token()));
    let lines = ours();
    assert_eq!(outcome.polls(), 4);
    assert_eq!(lines.len(), 4, "{lines:?}");
    for ((level, text), word) in lines.iter().zip(["RUNNING", "unchanged", "INIT", "SUCCESS"]) {
        assert_eq!(*level, Level::Debug);
        assert!(text.starts_with(&format!("job {}: {word} in ", id())), "{text}");
    }

    let peer = Peer::start(|line, _| {
        line.request();
        line.send(answer("503 Busy", "", HTML));
        line.request();
        line.send(job("SUCCESS"));
    });
    quick(&client(&peer, token()));
    let lines = ours();
    assert_eq!(lines.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::Warn, Level::Debug]);
    assert!(lines[0].1.contains("HTTP 503"), "{lines:?}");

    // A login that fails is a poll that failed.
    let peer = Peer::answering(answer("401 No", "", r#"{"error":{"code":401,"message":"not you"}}"#));
    let login = Login::new(format!("{}/v3", peer.url())).user_id("u").password("p");
    quick(&client(&peer, Credentials::login(login).unwrap()));
    let lines = ours();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].0 == Level::Warn && lines[0].1.contains("not you"), "{lines:?}");

    // What a service writes cannot forge a line.
    let body =
        r#"{"status":"RUNNING\n[ERROR] all is lost\u001b[31m", "job_type":"a\nb", "job_id":"\u001b[2J"}"#;
    let peer = Peer::answering(answer("200 OK", "", body));
    let mut shown = String::new();
    let client = client(&peer, token());
    let wait = client.wait(&id()).timeout(Duration::from_millis(300));
    let error = wait.on_progress(|progress| shown += &progress.to_string()).run().unwrap_err();
    for text in ours().into_iter().map(|(_, text)| text).chain([shown, error.to_string()]) {
        assert!(text.contains("all is lost") || text.contains("unchanged"), "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    eprintln!("all have been logged");
}
