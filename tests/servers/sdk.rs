//! The official Python SDK polls the simulator, and checks our signatures.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::thread;

use cloudjob::simulator::{Dialect, JobScript, Simulator};
use cloudjob::{Client, ClientConfig, Credentials, Endpoint, Job, JobId, Service};
use serde_json::{Value, json};

use crate::peers::{millis, script, seconds, servers, unlimited};

const ACCESS_KEY: &str = "QTWAOYTTINDUT2QVKYUC";
const SECRET_KEY: &str = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc";

/// The result of a command of `sdk_client.py`.
fn sdk(command: &Value) -> Value {
    let mut child = Command::new(&servers().sdk)
        .arg(script("sdk_client.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(command.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn show(simulator: &Simulator, service: &str, id: &JobId, secret_key: &str) -> Value {
    sdk(&json!({
        "do": "show", "service": service, "endpoint": simulator.endpoint_url(), "project_id": simulator.project_id(),
        "access_key": ACCESS_KEY, "secret_key": secret_key, "job_id": id.as_str(),
    }))
}

/// A job as this crate reads it, with the names of the SDK.
fn as_sdk_has_it(job: &Job) -> Value {
    let time = |time: Option<&cloudjob::Timestamp>| time.map(|time| time.as_str().to_owned());
    json!({
        "job_id": job.id_text(), "status": job.status_text(), "job_type": job.job_type(),
        "begin_time": time(job.begin_time()), "end_time": time(job.end_time()),
        "error_code": job.error_code(), "fail_reason": job.fail_reason(),
    })
}

/// The same members as the SDK reads them.
fn of_sdk(seen: &Value) -> Value {
    let names = ["job_id", "status", "job_type", "begin_time", "end_time", "error_code", "fail_reason"];
    // The service writes the end of a running job as an empty string, which this crate reads as none.
    let seen = |name: &str| Some(&seen[name]).filter(|value| *value != "").cloned().unwrap_or_default();
    names.into_iter().map(|name| (name.to_owned(), seen(name))).collect::<serde_json::Map<_, _>>().into()
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn the_sdk_reads_the_same_from_the_simulators_jobs() {
    let simulator = Simulator::builder().access_key(ACCESS_KEY, SECRET_KEY).start().unwrap();
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id()).unwrap();
    let key = Credentials::access_key(ACCESS_KEY, SECRET_KEY).unwrap();
    let client = Client::new(endpoint, key).unwrap();
    let ended = |script: JobScript| simulator.start_job(script.duration(millis(0)));
    let jobs = [
        ("ecs", ended(JobScript::new("createServer").sub_jobs(3)), 3),
        ("ecs", ended(JobScript::new("createServer").sub_jobs(3).failing_sub_jobs(2)), 3),
        ("ecs", ended(JobScript::new("attachVolume").failing()), 0),
        ("ecs", simulator.start_job(JobScript::new("createServer").sub_jobs(2).never_ends()), 2),
        ("sdrs", ended(JobScript::new("createProtectionGroup").dialect(Dialect::Sdrs)), 0),
        (
            "sdrs",
            ended(
                JobScript::new("createProtectedInstance")
                    .dialect(Dialect::Sdrs)
                    .sub_jobs(2)
                    .failing_sub_jobs(1),
            ),
            2,
        ),
    ];
    for (service, id, sub_jobs) in jobs {
        let theirs = show(&simulator, service, &id, SECRET_KEY);
        assert_eq!(theirs["status"], 200, "{theirs}");
        let ours = client.job(&id).unwrap();
        let read = Job::from_slice(theirs["body"].to_string().as_bytes()).unwrap();
        assert_eq!(as_sdk_has_it(&read), as_sdk_has_it(&ours), "two polls of one job");

        let seen = &theirs["seen"];
        let same = |ours: &Job, seen: &Value| {
            assert_eq!(as_sdk_has_it(ours), of_sdk(seen), "{service} {id}");
            for (name, value) in ours.entities().iter().filter(|(_, value)| value.is_string()) {
                // The SDK drops what is not in its model.
                if let Some(theirs) = seen["entities"].get(name).filter(|it| !it.is_null()) {
                    assert_eq!(theirs, value, "{service} {id}: {name}");
                }
            }
        };
        same(&ours, seen);
        let theirs = seen["entities"]["sub_jobs"].as_array().cloned().unwrap_or_default();
        assert_eq!((ours.sub_jobs().len(), theirs.len()), (sub_jobs, sub_jobs), "{service} {id}");
        for (ours, theirs) in ours.sub_jobs().iter().zip(&theirs) {
            same(ours, theirs);
        }
        if service == "ecs" && ours.job_type() == Some("createServer") {
            let servers: Vec<_> =
                theirs.iter().filter_map(|job| job["entities"]["server_id"].as_str()).collect();
            assert_eq!(ours.ids("server_id"), servers);
        }
    }
}

/// A job of RDS, CCE or DCS as the SDK's models read it: id, type, status, begin, end (none if it is empty), and reason.
fn members(service: &str, seen: &Value) -> Vec<Value> {
    let places = match service {
        "rds" => ["/job/id", "/job/name", "/job/status", "/job/created", "/job/ended", "/job/fail_reason"],
        "cce" => [
            "/metadata/uid",
            "/spec/type",
            "/status/phase",
            "/metadata/creation_timestamp",
            "/metadata/update_timestamp",
            "/status/reason",
        ],
        _ => ["/job_id", "/job_type", "/status", "/begin_time", "/end_time", "/fail_reason"],
    };
    places
        .map(|place| seen.pointer(place).filter(|value| **value != "").cloned().unwrap_or_default())
        .to_vec()
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn the_sdk_reads_the_same_from_jobs_of_rds_cce_and_dcs() {
    let simulator = Simulator::builder().access_key(ACCESS_KEY, SECRET_KEY).start().unwrap();
    let key = Credentials::access_key(ACCESS_KEY, SECRET_KEY).unwrap();
    let client = Client::new(simulator.endpoint(), key).unwrap();
    for service in [Service::Rds, Service::Cce, Service::Dcs] {
        let client = client.with_endpoint(simulator.endpoint().service(service));
        let script = |job_type: &str| JobScript::new(job_type).dialect(service);
        let job_type = if service == Service::Cce { "CreateNode" } else { "anyJob" };
        let jobs = [
            script(job_type).sub_jobs(2).duration(millis(0)),
            script(job_type).error("C.1", "no room for it").duration(millis(0)),
            script(job_type).never_ends(),
        ];
        for job in jobs {
            let id = simulator.start_job(job);
            let theirs = show(&simulator, service.as_str(), &id, SECRET_KEY);
            assert_eq!(theirs["status"], 200, "{theirs}");
            // CCE and RDS change with the time while the job is running: the same body is read twice.
            let ours = Job::from_response(service, theirs["body"].to_string().as_bytes()).unwrap();
            let time = |time: Option<&cloudjob::Timestamp>| json!(time.map(|time| time.as_str()));
            let mut read = vec![
                json!(ours.id()),
                json!(ours.job_type()),
                json!(ours.status_text()),
                time(ours.begin_time()),
                time(ours.end_time()),
                json!(ours.fail_reason()),
            ];
            let mut seen = members(service.as_str(), &theirs["seen"]);
            if service == Service::Cce && !ours.status().is_terminal() {
                // The time of the last update is the end of an ended job only.
                (read[4], seen[4]) = (Value::Null, Value::Null);
            }
            assert_eq!(read, seen, "{service}: {theirs}");
            assert_eq!(client.job(&id).unwrap().status_text(), ours.status_text(), "{service}");

            let theirs = theirs.pointer("/seen/spec/sub_jobs").and_then(Value::as_array).cloned();
            for (ours, theirs) in ours.sub_jobs().iter().zip(theirs.unwrap_or_default()) {
                let theirs = members("cce", &theirs);
                assert_eq!(
                    [json!(ours.id()), json!(ours.job_type()), json!(ours.status_text())],
                    theirs[..3]
                );
            }
        }
        let unknown = JobId::new("0123456789abcdef0123456789abcdef").unwrap();
        let theirs = show(&simulator, service.as_str(), &unknown, SECRET_KEY);
        let ours = client.job(&unknown).unwrap_err();
        assert!(ours.is_not_found(), "{service}: {ours}");
        let ours = ours.api_error().and_then(|error| error.code().map(str::to_owned));
        assert_eq!(json!(ours), theirs["code"], "{service}: {theirs}");
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_wrong_secret_and_an_unknown_job_are_rejected_as_by_the_real_gateway() {
    let simulator = Simulator::builder().access_key(ACCESS_KEY, SECRET_KEY).start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let rejected = show(&simulator, "ecs", &id, "another secret");
    assert_eq!((&rejected["status"], &rejected["code"]), (&json!(401), &json!("APIGW.0301")), "{rejected}");
    let unknown = JobId::new("0123456789abcdef0123456789abcdef").unwrap();
    let rejected = show(&simulator, "ecs", &unknown, SECRET_KEY);
    assert_eq!((&rejected["status"], &rejected["code"]), (&json!(400), &json!("Common.0011")), "{rejected}");
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn the_official_signer_signs_our_requests_as_we_do() {
    let secrets = [SECRET_KEY, "a", "with/slash+plus=equals", "sécret"];
    let projects = ["0391e4486e864c26be5654c522f440f2", "p_1-2"];
    for (secret, project, security_token) in
        secrets.iter().flat_map(|secret| projects.map(|project| (*secret, project))).flat_map(
            |(secret, project)| [None, Some("ggpjbi1ub3J0aC0x/+==")].map(|token| (secret, project, token)),
        )
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/behind/a~proxy.here", listener.local_addr().unwrap());
        let got = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let mut lines = Vec::new();
            while lines.last().is_none_or(|line: &String| !line.is_empty()) {
                let mut line = String::new();
                assert_ne!(reader.read_line(&mut line).unwrap(), 0);
                lines.push(line.trim_end().to_owned());
            }
            let mut stream = reader.into_inner();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n{\"status\":\"SUCCESS\"}").unwrap();
            lines
        });
        let key = match security_token {
            Some(token) => Credentials::temporary_access_key(ACCESS_KEY, secret, token),
            None => Credentials::access_key(ACCESS_KEY, secret),
        };
        let endpoint = Endpoint::new(&url, project).unwrap();
        let config = ClientConfig::new().request_timeout(seconds(10));
        let client = Client::with_config(endpoint, key.unwrap(), config).unwrap();
        client.job(&JobId::new("ff80808288d41e1b018990260955686a").unwrap()).unwrap();

        let lines = got.join().unwrap();
        let path = lines[0].split(' ').nth(1).unwrap();
        let header = |name: &str| {
            let named =
                |line: &&String| line.split_once(':').is_some_and(|it| it.0.eq_ignore_ascii_case(name));
            lines.iter().find(named).unwrap().split_once(':').unwrap().1.trim().to_owned()
        };
        let ours = header("authorization");
        let signed = ours.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
        assert_eq!(signed.contains("x-security-token"), security_token.is_some());
        let headers: serde_json::Map<_, _> =
            signed.split(';').map(|name| (name.to_owned(), json!(header(name)))).collect();
        let theirs = sdk(&json!({
            "do": "sign", "method": "GET", "host": header("host"), "path": path, "headers": headers,
            "access_key": ACCESS_KEY, "secret_key": secret,
        }));
        assert_eq!(theirs["authorization"], ours, "{secret} {project} {security_token:?}");
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn the_duration_of_a_poll_is_compared_with_the_sdk() {
    const TIMES: usize = 200;
    let simulator = Simulator::builder().access_key(ACCESS_KEY, SECRET_KEY).start().unwrap();
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id()).unwrap();
    let key = Credentials::access_key(ACCESS_KEY, SECRET_KEY).unwrap();
    let client = Client::with_config(endpoint, key, unlimited()).unwrap();
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(1).never_ends());
    let theirs = sdk(&json!({
        "do": "show", "service": "ecs", "endpoint": simulator.endpoint_url(), "project_id": simulator.project_id(),
        "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "job_id": id.as_str(), "times": TIMES,
    }));
    let mut ours: Vec<f64> = (0..TIMES)
        .map(|_| {
            let begun = std::time::Instant::now();
            client.job(&id).unwrap();
            begun.elapsed().as_secs_f64()
        })
        .collect();
    ours.sort_by(f64::total_cmp);
    let (ours, theirs) = (ours[TIMES / 2], theirs["seconds"].as_f64().unwrap());
    // Printed only: it depends on the machine, and this build is not optimized.
    println!(
        "a signed poll, compared with the Python SDK: {:.2} x ({:.2} ms against {:.2} ms)",
        ours / theirs,
        ours * 1e3,
        theirs * 1e3
    );
    assert_eq!(simulator.poll_count(&id), 2 * TIMES + 1);
}
