//! Megabytes that are not JSON, or almost, or not a job: what is made of them takes hardly longer than their transfer.

use std::time::{Duration, Instant};

use cloudjob::ErrorKind;

use super::peer::Peer;
use super::{Scene, id};

#[test]
fn a_large_body_that_is_not_a_job_holds_up_no_deadline() {
    let members: String = (0..SIZE / 20).map(|n| format!("\"member{n}\":1.50,")).collect();
    for (name, body) in [
        ("invalid from the beginning", filled("{", "some words ")),
        ("a string that does not end", filled("{\"status\":\"", "x")),
        ("cut off", format!("{{\"status\":\"RUNNING\",{members}")),
        ("invalid at the end", format!("{{{members}\"a\":truE}}")),
        ("repaired at the beginning", format!("{{\"a\":NaN,{members}\"a\":truE}}")),
        ("backslashes", filled("{\"status\":\"", "\\")),
        ("escapes", filled("{\"status\":\"", "\\u005c")),
        ("percent signs", filled("{\"status\":\"", "%25")),
        ("entities", filled("{\"status\":\"", "&amp;amp;")),
        ("lists", filled("", "[")),
        ("objects", filled("", "{\"a\":")),
        ("digits", filled("{\"a\":", "9")),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        let peer = Peer::answering(head + &body);
        let timeout = Duration::from_millis(400);
        let client = Scene::at(&peer.url()).client(timeout);
        let begun = Instant::now();
        let error = client.wait(&id()).timeout(timeout).run().unwrap_err();
        let over = begun.elapsed().saturating_sub(timeout);
        assert_eq!(error.kind(), ErrorKind::NoAnswer, "{name}: {error}");
        let text = error.to_string();
        assert!(text.len() < 700, "{name}: {text}");
        eprintln!("{:>4} ms over: {name}", over.as_millis());
        assert!(over < Duration::from_millis(800), "{name}: {over:?} over");
    }
}

/// `start`, and the rest full of `piece`.
fn filled(start: &str, piece: &str) -> String {
    start.to_owned() + &piece.repeat(SIZE / piece.len())
}

const SIZE: usize = 2 << 20;
