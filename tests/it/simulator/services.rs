//! The services as a test of a tool uses them: next jobs, bodies, batches, separate services, resources, faster time.

use std::time::{Duration, Instant};

use cloudjob::Service;
use cloudjob::simulator::{Dialect, Fault, JobScript, Simulator};
use serde_json::{Value, json};

use super::{Connection, Received, job_path};

const MINUTE: Duration = Duration::from_secs(60);

fn post(connection: &mut Connection, simulator: &Simulator, path: &str, body: &Value) -> Received {
    let path = path.replace("{p}", simulator.project_id());
    let token = [("X-Auth-Token", simulator.token())];
    connection.request("POST", &path, &token, &body.to_string()).unwrap()
}

fn get(connection: &mut Connection, simulator: &Simulator, path: &str) -> Received {
    connection.get(&path.replace("{p}", simulator.project_id()), simulator.token()).unwrap()
}

#[test]
fn the_next_jobs_of_the_tool_have_the_given_scripts() {
    let simulator = Simulator::builder().advance_on_poll(MINUTE).start().unwrap();
    let mut connection = Connection::new(&simulator);
    simulator.next_job(JobScript::new("createServer").error("Ecs.0319", "no host left").duration(MINUTE));
    let create = json!({"server": {"count": 2, "adminPass": "hush-hush", "name": "web"}});
    let started = post(&mut connection, &simulator, "/v1.1/{p}/cloudservers", &create).json();
    assert_eq!(started["serverIds"].as_array().unwrap().len(), 2);
    let path = job_path(&simulator, started["job_id"].as_str().unwrap());
    let job = connection.get(&path, simulator.token()).unwrap().json();
    assert_eq!((&job["status"], &job["entities"]["sub_jobs_total"]), (&json!("FAIL"), &json!(2)));
    assert_eq!(job["entities"]["sub_jobs"][1]["fail_reason"], "no host left");
    assert_eq!(job["entities"]["sub_jobs"][0]["entities"]["server_id"], started["serverIds"][0]);

    let request = &simulator.requests()[0];
    assert_eq!(request.json().unwrap()["server"], json!({"count": 2, "adminPass": "***", "name": "web"}));
    assert!(!format!("{:?}", simulator.requests()).contains("hush"));

    let again = post(&mut connection, &simulator, "/v1.1/{p}/cloudservers", &create).json();
    let path = job_path(&simulator, again["job_id"].as_str().unwrap());
    assert_eq!(connection.get(&path, simulator.token()).unwrap().json()["status"], "SUCCESS");
}

#[test]
fn jobs_are_known_to_their_own_service_only() {
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    let ecs = simulator.start_job(JobScript::new("createServer"));
    let rds = simulator.start_job(JobScript::new("x").dialect(Dialect::Rds));
    let table = [
        (format!("/v1/{{p}}/jobs/{ecs}"), 200),
        (format!("/ecs/v1/{{p}}/jobs/{ecs}"), 200),
        (format!("/sdrs/v1/{{p}}/jobs/{ecs}"), 400),
        (format!("/v3/{{p}}/jobs?id={rds}"), 200),
        (format!("/rds/v3/{{p}}/jobs?id={rds}"), 200),
        (format!("/dds/v3/{{p}}/jobs?id={rds}"), 400),
        (format!("/v1/{{p}}/jobs/{rds}"), 400),
        (format!("/v3/{{p}}/jobs?id={ecs}"), 400),
    ];
    for (path, status) in table {
        assert_eq!(get(&mut connection, &simulator, &path).status, status, "{path}");
    }
    let own = simulator.service_endpoint(Service::Sdrs).unwrap();
    assert_eq!(own.url(), format!("{}/sdrs", simulator.endpoint_url()));
    assert_eq!(simulator.endpoint().url(), simulator.endpoint_url());
}

/// Where each service gets its jobs started, its response, its path of polls, the status in it, and the response to an
/// unknown id.
#[test]
fn each_service_has_its_own_paths_and_errors() {
    let table: [(&str, &str, &str, &str, &str, u16, &str); 16] = [
        ("/rds/v3/{p}/instances", "/job_id", "/rds/v3/{p}/jobs?id=", "", "/job/status", 400, "DBS.200543"),
        (
            "/taurusdb/v3/{p}/instances",
            "/job_id",
            "/taurusdb/v3/{p}/jobs?id=",
            "",
            "/job/status",
            400,
            "DBS.200543",
        ),
        (
            "/gaussdb/v3/{p}/instances",
            "/job_id",
            "/gaussdb/v3/{p}/jobs?id=",
            "",
            "/job/status",
            400,
            "DBS.200543",
        ),
        ("/dds/v3/{p}/instances", "/job_id", "/dds/v3/{p}/jobs?id=", "", "/job/status", 400, "DBS.200543"),
        ("/ddm/v1/{p}/instances", "/job_id", "/ddm/v3/{p}/jobs/", "", "/job/status", 200, ""),
        (
            "/cce/api/v3/projects/{p}/clusters",
            "/status/jobID",
            "/cce/api/v3/projects/{p}/jobs/",
            "",
            "/status/phase",
            404,
            "CCE.01404001",
        ),
        (
            "/cbr/v3/{p}/backups/b/restore",
            "/job_id",
            "/cbr/v3/{p}/operation-logs/",
            "",
            "/operation_log/status",
            404,
            "BackupService.6500",
        ),
        ("/dcs/v2/{p}/instances/i/swap", "/job_id", "/dcs/v2/{p}/jobs/", "", "/status", 404, "DCS.4133"),
        (
            "/sfs-turbo/v1/{p}/sfs-turbo/shares",
            "/jobId",
            "/sfs-turbo/v1/{p}/sfs-turbo/jobs/",
            "",
            "/status",
            404,
            "SFS.TURBO.0001",
        ),
        ("/dws/v1.0/{p}/clusters", "/job_id", "/dws/v1.0/{p}/job/", "", "/status", 404, "DWS.0404"),
        (
            "/elb/v3/{p}/elb/loadbalancers",
            "/job_id",
            "/elb/v3/{p}/elb/jobs/",
            "",
            "/job/status",
            404,
            "ELB.8904",
        ),
        (
            "/ges/v2/{p}/graphs",
            "/job_id",
            "/ges/v2/{p}/graphs/g/jobs/",
            "/status",
            "/status",
            404,
            "GES.0404",
        ),
        (
            "/dms/v2/{p}/kafka/instances",
            "/job_id",
            "/dms/v2/{p}/instances/i/tasks/",
            "",
            "/tasks/0/status",
            404,
            "DMS.00404029",
        ),
        (
            "/workspace/v2/{p}/desktops",
            "/job_id",
            "/workspace/v2/{p}/workspace-jobs/",
            "",
            "/status",
            404,
            "WKS.00110404",
        ),
        (
            "/workspace-app/v1/{p}/app-servers",
            "/job_id",
            "/workspace-app/v2/{p}/job/",
            "",
            "/status",
            404,
            "WKS.00110404",
        ),
        (
            "/cph/v1/{p}/cloud-phone/phones/restart",
            "/jobs/0/job_id",
            "/cph/v1/{p}/cloud-phone/jobs/",
            "",
            "/status",
            404,
            "CPS.0404",
        ),
    ];
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    for (submit, job_id, before, after, status, unknown, code) in table {
        let started = post(&mut connection, &simulator, submit, &json!({"name": "x"})).json();
        let id =
            started.pointer(job_id).and_then(Value::as_str).unwrap_or_else(|| panic!("{submit}: {started}"));
        let job = get(&mut connection, &simulator, &format!("{before}{id}{after}"));
        assert_eq!(job.status, 200, "{submit}");
        assert!(
            job.json().pointer(status).is_some_and(|status| !status.is_null()),
            "{submit}: {}",
            job.json()
        );
        let received = get(&mut connection, &simulator, &format!("{before}0123456789abcdef{after}"));
        assert_eq!(received.status, unknown, "{submit}");
        assert!(received.json().to_string().contains(code), "{submit}: {}", received.json());
    }
    let geminidb = get(&mut connection, &simulator, "/geminidb/v3/{p}/jobs?id=0123").json();
    assert_eq!(geminidb["jobs"], json!([]));
    let failover = post(&mut connection, &simulator, "/rds/v3/{p}/instances/i/failover", &json!({})).json();
    assert!(failover["workflowId"].is_string(), "{failover}");
}

#[test]
fn a_sub_job_of_cce_can_be_polled_by_its_own_id() {
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    let script = JobScript::new("CreateNode").dialect(Dialect::Cce).sub_jobs(2).duration(Duration::ZERO);
    let id = simulator.start_job(script);
    let job = get(&mut connection, &simulator, &format!("/api/v3/projects/{{p}}/jobs/{id}")).json();
    let sub_job = &job["spec"]["subJobs"][0];
    assert_eq!(sub_job["spec"]["type"], "CreateNodeVM");
    let path = format!("/api/v3/projects/{{p}}/jobs/{}", sub_job["metadata"]["uid"].as_str().unwrap());
    assert_eq!(get(&mut connection, &simulator, &path).json()["spec"], sub_job["spec"]);
}

#[test]
fn a_job_that_deletes_its_instance_disappears_at_its_end() {
    let simulator = Simulator::start().unwrap();
    let mut connection = Connection::new(&simulator);
    let id = simulator.start_job(JobScript::new("x").dialect(Dialect::Dds).duration(MINUTE).disappears());
    let path = format!("/v3/{{p}}/jobs?id={id}");
    assert_eq!(get(&mut connection, &simulator, &path).status, 200);
    simulator.advance(MINUTE);
    assert_eq!(get(&mut connection, &simulator, &path).status, 400);
}

#[test]
fn a_resource_passes_through_its_states_as_time_passes_with_its_polls() {
    let simulator = Simulator::builder().advance_on_poll(MINUTE).start().unwrap();
    let server = |status: &str| json!({"server": {"status": status}});
    let states = [(MINUTE * 2, server("BUILD")), (MINUTE, server("ACTIVE"))];
    simulator.put_resource("/v1/{project_id}/cloudservers/a", states);
    let states = [(Duration::ZERO, json!({})), (Duration::MAX, json!({"instances": []}))];
    simulator.put_resource("/v3/{project_id}/instances?id=a", states);
    let mut connection = Connection::new(&simulator);
    let mut status = |path: &str| {
        let received = get(&mut connection, &simulator, path);
        (received.status, received.json().pointer("/server/status").cloned().unwrap_or_default())
    };
    assert_eq!(status("/v1/{p}/cloudservers/a"), (200, json!("BUILD")));
    assert_eq!(status("/ecs/v1/{p}/cloudservers/a"), (200, json!("ACTIVE")));
    assert_eq!(status("/v1/{p}/cloudservers/a"), (404, Value::Null));
    assert_eq!(status("/v1/{p}/cloudservers/b"), (404, Value::Null));
    assert_eq!(status("/rds/v3/{p}/instances?id=a").0, 200);
    let path = format!("/v1/{}/cloudservers/a", simulator.project_id());
    assert_eq!(connection.get(&path, "wrong").unwrap().status, 401);
}

#[test]
fn scaled_time_is_the_same_for_jobs_date_and_retry_after() {
    let simulator = Simulator::builder().time_scale(10_000.0).start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").duration(MINUTE * 4));
    let path = job_path(&simulator, id.as_str());
    let mut connection = Connection::new(&simulator);
    simulator.inject_faults([Fault::Throttle { retry_after: Some(15_000) }]);
    let throttled = connection.get(&path, simulator.token()).unwrap();
    assert_eq!(throttled.header("retry-after"), Some("2"));
    let begun = Instant::now();
    let ended = loop {
        let received = connection.get(&path, simulator.token()).unwrap();
        if received.json()["status"] == "SUCCESS" {
            break received;
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
    };
    let (began, end) = (ended.json()["begin_time"].clone(), ended.json()["end_time"].clone());
    let begin_minute: u32 = began.as_str().unwrap()[14..16].parse().unwrap();
    let end_minute: u32 = end.as_str().unwrap()[14..16].parse().unwrap();
    assert_eq!((begin_minute + 4) % 60, end_minute, "{began} {end}");
}

#[test]
fn the_builder_can_set_all_faults() {
    let simulator = Simulator::builder()
        .token("static")
        .expire_token_after(MINUTE)
        .fail_every(2)
        .fault_every(4, Fault::Status(503))
        .latency(Duration::from_millis(1))
        .rate_limit(1_000)
        .start()
        .unwrap();
    let mut connection = Connection::new(&simulator);
    let mut start = || post(&mut connection, &simulator, "/v1/{p}/x", &json!({"simulate": {"seconds": 0}}));
    let statuses = [start(), start()].map(|started| {
        let path = job_path(&simulator, started.json()["job_id"].as_str().unwrap());
        Connection::new(&simulator).get(&path, "static").unwrap()
    });
    assert_eq!(statuses[0].json()["status"], "SUCCESS");
    assert_eq!(statuses[1].status, 503, "the fourth request");
    let path = statuses_path(&simulator);
    assert_eq!(connection.get(&path, "static").unwrap().json()["status"], "FAIL");
    simulator.advance(MINUTE);
    assert_eq!(connection.get(&path, "static").unwrap().status, 401);
}

/// The path of the last poll.
fn statuses_path(simulator: &Simulator) -> String {
    simulator.requests().last().unwrap().path().to_owned()
}

#[test]
fn the_client_of_the_simulator_waits_for_a_job_in_no_time() {
    let simulator = Simulator::builder().advance_on_poll(MINUTE * 60).start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(2).duration(MINUTE * 4));
    let begun = Instant::now();
    let job = simulator.client().unwrap().wait(&id).run().unwrap();
    assert_eq!((job.ids("server_id").len(), job.duration()), (2, Some(MINUTE * 4)));
    assert!(begun.elapsed() < Duration::from_secs(1));
}
