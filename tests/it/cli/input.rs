//! Ids on standard input and in files.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::Stdio;

use cloudjob::simulator::Simulator;
use serde_json::{Value, json};

use super::run::{finish, polling, run, run_with, takes};

#[test]
fn plain_ids_and_responses_can_be_mixed_on_standard_input() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..5).map(|_| simulator.start_job(takes(0)).to_string()).collect();
    let pretty =
        serde_json::to_string_pretty(&json!({"order_id": null, "job_id": ids[1], "x": [{"y": "}"}]}))
            .unwrap();
    let input = format!(
        "{}\n\n  \r\n{pretty}\n{{\"jobId\":\"{}\"}}{{\"job_id\": \"{}\"}}\n\"{}\"\n{}",
        ids[0], ids[2], ids[3], ids[4], ids[0]
    );
    let ended = run_with(polling(&simulator, &["wait", "-", "--output", "json", "-q"]), &input);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let mut seen: Vec<_> =
        ended.objects().iter().map(|object| object["job_id"].as_str().unwrap().to_owned()).collect();
    let mut expected = ids;
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
}

#[test]
fn an_invalid_line_does_not_affect_the_others() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let secret = "gAAAAABhush".repeat(20);
    let refusal = r#"{"error": {"code": "Ecs.0019", "message": "Flavor is abandoned"}}"#;
    let input = format!("no id\n{secret}\n{refusal}\nnull\n{id}\n");
    let ended = run_with(polling(&simulator, &["wait", "-", "--output", "json"]), &input);
    assert_eq!(ended.code, Some(4));
    let objects = ended.objects();
    assert_eq!(objects.len(), 5, "{}", ended.out);
    let bad: Vec<_> = objects.iter().filter(|object| object["outcome"] == "refused").collect();
    assert_eq!(bad.len(), 4);
    for object in &bad {
        assert_eq!((&object["job_id"], &object["error"]["kind"]), (&Value::Null, &json!("input")));
        assert_eq!((&object["polls"], &object["ids"]), (&json!(0), &Value::Null));
    }
    assert_eq!(bad[2]["error"]["code"], "Ecs.0019");
    assert_eq!(bad[2]["error"]["message"], "Flavor is abandoned");
    assert!(ended.err.contains("error: line 1: `no id` is not a job id"), "{}", ended.err);
    assert!(ended.err.contains("Ecs.0019: Flavor is abandoned"), "{}", ended.err);
    assert!(!ended.out.contains(&secret[..40]) && !ended.err.contains(&secret[..40]));
    assert!(objects.iter().any(|object| object["job_id"] == json!(id) && object["outcome"] == "succeeded"));
}

#[test]
fn no_request_is_sent_without_an_id() {
    let simulator = Simulator::start().unwrap();
    for input in ["", "\n \n\r\n"] {
        let ended = run_with(polling(&simulator, &["wait", "-"]), input);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{input:?}");
        assert!(ended.err.contains("hint: check the program before the pipe"), "{}", ended.err);
    }
    let ended = run_with(polling(&simulator, &["wait", "-"]), "not an id\n");
    assert_eq!(ended.code, Some(4));
    assert!(simulator.requests().is_empty());
}

#[test]
fn ids_are_waited_for_as_they_come() {
    let simulator = Simulator::start().unwrap();
    let mut child =
        polling(&simulator, &["wait", "-", "--output", "json"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut ids = Vec::new();
    for (before, after) in [("", "\n"), ("{\"job_id\":\n \"", "\"}"), ("{\"jobId\": \"", "\"}\n")] {
        let id = simulator.start_job(takes(0)).to_string();
        pipe.write_all(format!("{before}{id}{after}").as_bytes()).unwrap();
        // The result is there although the input has not ended.
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(object["job_id"], json!(id));
        ids.push(id);
    }
    // One that has been reported is not reported again.
    pipe.write_all(ids.join("\n").as_bytes()).unwrap();
    drop(pipe);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let ended = finish(child);
    assert_eq!((ended.code, rest.as_str()), (Some(0), ""), "{}", ended.err);
}

#[test]
fn fail_fast_does_not_wait_for_the_end_of_the_input() {
    let simulator = Simulator::start().unwrap();
    let (open, bad) = (simulator.start_job(takes(0).never_ends()), simulator.start_job(takes(0).failing()));
    let mut command = polling(&simulator, &["wait", "-", "--fail-fast", "--output", "json"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(format!("{open}\n{bad}\n").as_bytes()).unwrap();
    let ended = finish(child);
    assert_eq!((ended.code, ended.objects().len()), (Some(1), 2), "{}", ended.err);
    drop(pipe);
}

#[test]
fn ids_from_arguments_and_standard_input_are_combined() {
    let simulator = Simulator::start().unwrap();
    let (one, other) = (simulator.start_job(takes(0)).to_string(), simulator.start_job(takes(0)).to_string());
    let ended =
        run_with(polling(&simulator, &["wait", &one, "-", "--output", "json"]), &format!("{other}\n{one}\n"));
    assert_eq!((ended.code, ended.objects().len()), (Some(0), 2));
}

#[test]
fn a_response_may_be_an_argument_or_a_file() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let file = file("answer.json", &format!("{{\n  \"job_id\": \"{id}\"\n}}\n"));
    let at = format!("@{}", file.display());
    let answer = json!({"jobId": id}).to_string();
    let pasted = format!("\u{feff}{{\"note\": \"line one\r\nline two\t\",\r\n\"job_id\": \"{id}\"}}\r\n\0\0");
    let pasted_at = format!("@{}", self::file("pasted.json", &pasted).display());
    let ended = run_with(polling(&simulator, &["wait", "-"]), &format!("{pasted}{pasted}"));
    assert_eq!((ended.code, ended.out.matches(&id).count()), (Some(0), 1), "{}", ended.err);
    for argument in [&at, &answer, &pasted_at, &pasted.replace('\0', "")] {
        for verb in ["show", "wait"] {
            let ended = run(polling(&simulator, &[verb, argument]));
            assert_eq!(ended.code, Some(0), "{}", ended.err);
            assert!(ended.out.contains(&id), "{}", ended.out);
        }
    }
}

#[test]
fn one_invalid_argument_prevents_all_requests() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let empty = format!("@{}", file("empty.json", "\n").display());
    let refusal = r#"{"error":{"code":"Ecs.0019","message":"no"}}"#;
    for (bad, expected) in [
        ("a/b", "`a/b` is not a job id"),
        ("", "an empty argument is not a job id"),
        ("@/nowhere", "@/nowhere cannot be read"),
        (&empty, "is empty"),
        (refusal, "Ecs.0019: no"),
        ("null", "`null` is not a job id"),
    ] {
        for verb in ["show", "wait"] {
            let ended = run(polling(&simulator, &[verb, &id, bad]));
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{bad}");
            assert!(ended.err.starts_with("error: ") && ended.err.contains(expected), "{}", ended.err);
        }
    }
    assert_eq!(run(polling(&simulator, &["show", "-"])).code, Some(2));
    assert!(simulator.requests().is_empty());
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

#[cfg(unix)]
#[test]
fn arguments_are_used_as_the_system_has_them() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0)).to_string();
    let path = file("m", "");
    let path = [path.as_os_str().as_bytes(), b"\xfcller.json"].concat();
    fs::write(OsStr::from_bytes(&path), &id).unwrap();
    let response = [b"{\"note\": \"caf\xe9\", \"job_id\": \"".as_slice(), id.as_bytes(), b"\"}"].concat();
    for (argument, code) in [([b"@", path.as_slice()].concat(), 0), (response, 0), (b"a\xff".to_vec(), 2)] {
        let mut command = polling(&simulator, &["show", "-q"]);
        command.arg(OsStr::from_bytes(&argument));
        let ended = run(command);
        assert_eq!((ended.code, ended.out.contains(&id)), (Some(code), code == 0), "{}", ended.err);
    }
}
