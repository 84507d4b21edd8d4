//! A body of each job API, and what a job read from it says.
//!
//! The values are made up; members, nesting, words and forms of times are those of the documents. To add a service, add a
//! body in `bodies/services` and a line here.

use std::fs;
use std::path::{Path, PathBuf};

use cloudjob::poll::{PollResult, Response};
use cloudjob::{Job, Service, Status};

/// The body (its name begins with the service), and the job: see [`summary`].
const BODIES: &[(&str, &str)] = &[
    (
        "cbr_running",
        "log-1 restore RUNNING(running) 1739254801.. 35% {backup_id=b-1 checkpoint_id=cp-1 provider_id=prov-1 resource_id=srv-1 target_resource_id=srv-2 vault_id=v-1}",
    ),
    (
        "cbr_skipped",
        "log-1 restore FAIL(skipped) 1739254801..1739254801 0.5s 0% {backup_id=b-1 checkpoint_id=cp-1 provider_id=prov-1 resource_id=srv-1 target_resource_id=srv-2 vault_id=v-1}",
    ),
    (
        "cbr_timeout",
        "log-1 restore FAIL(timeout) 1739254801..1739258401 3600s 35% BackupService.9999: the agent did not respond {backup_id=b-1 checkpoint_id=cp-1 provider_id=prov-1 resource_id=srv-1 target_resource_id=srv-2 vault_id=v-1}",
    ),
    (
        "cce_failed",
        "j-1 CreateCluster FAIL(Failed) 1739254800..1739255050 250s QuotaExceeded {cluster_id=c-1} [j-2 InstallMaster FAIL(Failed) 1739254800..1739255050 250s QuotaExceeded {cluster_id=c-1}]",
    ),
    ("cce_initializing", "j-1 DeleteNode INIT(Initializing) 1739254800.. {cluster_id=c-1}"),
    (
        "cce_success",
        "j-1 CreateNode SUCCESS(Success) 1739254800..1739255050 250s {cluster_id=c-1 resource_id=n-0+n-1 server_id=srv-1} [j-2 CreateNodeGroup SUCCESS(Success) 1739254800..1739255050 250s {cluster_id=c-1 resource_id=n-1 server_id=srv-1} [j-3 CreateNodeVM SUCCESS(Success) 1739254800..1739255050 250s {cluster_id=c-1 resource_id=n-1 server_id=srv-1}]]",
    ),
    (
        "cph_failed",
        "6837 FAIL(-1) 1739254800..1739254806 6s CPS.0005: the phone is off {phone_id=ph-1 server_id=srv-1}",
    ),
    ("cph_running", "6837 RUNNING(1) 1739254800.. {phone_id=ph-1 server_id=srv-1}"),
    ("cph_success", "6837 SUCCESS(2) 1739254800..1739254806 6s {phone_id=ph-1 server_id=srv-1}"),
    ("dcs_fail", "ff80c1 modifyClientIpTransJob FAIL 1739254800..1739254805 5.25s the proxy is not ready"),
    ("dcs_success_number", "ff80c1 masterStandbySwapJob SUCCESS 1739254800..1739254805 5.25s"),
    ("ddm_failed", "0f3c CreateNodeGroup FAIL(Failed) 1739254800..1739255400 600s {instance_id=d1in09}"),
    ("ddm_unknown", "unknown"),
    (
        "dds_running",
        "31ab5fca-7c62-4c04-9a0f-d1f7e3a0b1c2 EnlargeVolume RUNNING(Running) 1739254800.. 7% {instance_id=c2b1a0in01}",
    ),
    ("deh_success", "ff80a1 createDedicatedHost SUCCESS 1739254800..1739254805 5s {dedicated_host_id=h-1}"),
    ("dms_cancelled", "8abf bindInstancePublicIp FAIL(CANCELLED) 1739254800..1739254803 3.5s"),
    ("dms_executing", "8abf bindInstancePublicIp RUNNING(EXECUTING) 1739254800.."),
    ("dms_unknown", "unknown"),
    ("dws_delayed", "2c90 restartCluster INIT(DELAY_SCHEDULED) 2025-02-11T06:20:00.. 0%"),
    (
        "dws_stop",
        "2c90 restartCluster FAIL(STOP) 2025-02-11T06:20:00..2025-02-11T06:25:00 300s 9% DWS.0047: stopped by an operator",
    ),
    ("elb-classic_success", "ff80e1 createELB SUCCESS 1739254800..1739254809 9s {vpc_id=vpc-1}"),
    (
        "elb_complete",
        "9c6e cloneLoadbalancer SUCCESS(COMPLETE) 1739254800..1739254812 12s {resource_id=lb-1}",
    ),
    (
        "elb_rollback_fail",
        "9c6e cloneLoadbalancer FAIL(ROLLBACK_FAIL) 1739254800..1739254812 12s ELB.8904: the port is taken {resource_id=lb-1+l-2} [s-1 cloneListener FAIL 1739254802..1739254803 1s ELB.8905: the port is taken {resource_id=l-2}]",
    ),
    ("elb_rollbacking", "9c6e cloneLoadbalancer RUNNING(ROLLBACKING) 1739254800.. {resource_id=lb-1}"),
    (
        "gaussdb_failed",
        "31ab5fca-7c62-4c04-9a0f-d1f7e3a0b1c2 EnlargeVolume FAIL(Failed) 1739254800..1739254805 5s no license {instance_id=c2b1a0in01}",
    ),
    (
        "geminidb_completed",
        "77ab RestoreInstance SUCCESS(Completed) 1739254800..1739254830 30s {instance_id=e1in06}",
    ),
    ("geminidb_running", "77ab RestoreInstance RUNNING(Running) 1739254800.. 14% {instance_id=e1in06}"),
    ("geminidb_unknown", "unknown"),
    ("ges_failed", "ff80f1 GraphManagement FAIL(failed) 1739254800..1739254980 180s an edge has no vertex"),
    ("ges_running_v1", "ff80f1 GraphManagement RUNNING(running) 1739254800.."),
    ("ims-progress_running", "edc8 imsCreateImageByInstance RUNNING 1739254800.. 20%"),
    (
        "rds_completed",
        "31ab5fca-7c62-4c04-9a0f-d1f7e3a0b1c2 EnlargeVolume SUCCESS(Completed) 1739254800..1739255500 700s {instance_id=c2b1a0in01 resource_id=c2b1a0in01.volume}",
    ),
    (
        "rds_failed",
        "31ab5fca-7c62-4c04-9a0f-d1f7e3a0b1c2 EnlargeVolume FAIL(Failed) 1739254800..1739254865 65s the zone has no more space {instance_id=c2b1a0in01}",
    ),
    (
        "rds_running",
        "31ab5fca-7c62-4c04-9a0f-d1f7e3a0b1c2 EnlargeVolume RUNNING(Running) 1739254800.. 60% {instance_id=c2b1a0in01}",
    ),
    (
        "sfs-turbo_failed",
        "26f6 extend_share FAIL(failed) 1739254800..1739254860 60s SFS.TURBO.0120: no capacity in the pool [s-1 extend_volume FAIL(failed) 1739254801.. EVS.5400: no capacity in the pool]",
    ),
    ("sfs-turbo_waiting", "26f6 extend_share INIT(waiting) 1739254800.."),
    (
        "swr_failed",
        "a-1 CreateInstance FAIL(Failed) 1739254800..1739254920 120s no quota {instance_id=i-1 resource_id=i-1}",
    ),
    ("swr_running", "a-1 CreateInstance RUNNING(Running) 1739254800.. {instance_id=i-1 resource_id=i-1}"),
    (
        "taurusdb_pending",
        "31ab5fca-7c62-4c04-9a0f-d1f7e3a0b1c2 EnlargeVolume INIT(Pending) 1739254800.. {instance_id=c2b1a0in01}",
    ),
    (
        "workspace-app_fail",
        "1f2e CREATE_SERVER FAIL 1739254800..1739255340 540s the image does not start {resource_id=srv-1} [1 CREATE_SERVER FAIL(ABNORMAL) 1739254801.. WKS.0002: the image does not start {resource_id=srv-1}]",
    ),
    (
        "workspace_complete_badly",
        "8a7e createDesktops FAIL(COMPLETE) 1739254800..1739255400 600s 100% the domain cannot be joined {desktop_id=d-1+d-2} [s-1 createDesktop SUCCESS 1739254801.. 100% {desktop_id=d-1}; s-2 createDesktop FAIL(FAILED) 1739254801.. 100% WKS.0001: the domain cannot be joined {desktop_id=d-2}]",
    ),
    (
        "workspace_complete_well",
        "8a7e createDesktops SUCCESS(COMPLETE) 1739254800..1739255400 600s 100% {desktop_id=d-1+d-2} [s-1 createDesktop SUCCESS 1739254801.. 100% {desktop_id=d-1}; s-2 createDesktop SUCCESS 1739254801.. 100% {desktop_id=d-2}]",
    ),
    (
        "workspace_running",
        "8a7e createDesktops RUNNING 1739254800.. 60% {desktop_id=d-1+d-2} [s-1 createDesktop RUNNING 1739254801.. 20% {desktop_id=d-1}; s-2 createDesktop SUCCESS 1739254801.. 100% {desktop_id=d-2}]",
    ),
];

#[test]
fn each_body_says_what_its_line_says() {
    for (name, expected) in BODIES {
        let body = fs::read(folder().join(name).with_extension("json")).unwrap();
        assert_eq!(read(service_of(name), &body), *expected, "{name}");
    }
}

#[test]
fn each_body_has_a_line_and_each_service_a_body() {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut lines: Vec<_> = BODIES.iter().map(|(name, _)| *name).collect();
    lines.sort_unstable();
    assert_eq!(files, lines);
    for service in Service::ALL {
        let common = ["bms", "ecs", "eip", "evs", "ims", "sdrs", "vbs"].contains(&service.as_str());
        assert!(common || lines.iter().any(|name| service_of(name) == service), "{service}");
    }
}

/// Every job body is either read as one by the service that is polled, or named as that of another one.
#[test]
fn a_body_of_another_service_is_an_error_that_names_it() {
    for (asked, body, names) in [
        (Service::Ecs, "rds_running", "a job of rds, taurusdb, gaussdb or dds: check the service"),
        (Service::Ecs, "geminidb_running", "a job of geminidb: check"),
        (Service::Ecs, "cce_failed", "a job of cce: check"),
        (Service::Ecs, "cbr_running", "a job of cbr: check"),
        (Service::Ecs, "dms_executing", "a job of dms: check"),
        (Service::Ecs, "elb_complete", "a job of elb: check"),
        (Service::Ecs, "cph_running", "a job of cph: check"),
        (Service::Rds, "elb_complete", "a job of elb: check"),
        (Service::Rds, "ddm_failed", ""),
        (Service::Rds, "deh_success", "a job of ecs, sdrs, evs, ims, bms, eip, vbs or deh: check"),
        (Service::Cce, "dcs_fail", "a job of ecs, sdrs, evs, ims, bms, eip, vbs or deh: check"),
        (Service::Elb, "rds_failed", "a job of rds, taurusdb, gaussdb or dds: check"),
        (Service::Cbr, "cce_success", "a job of cce: check"),
    ] {
        let body = fs::read(folder().join(body).with_extension("json")).unwrap();
        match Job::from_response(asked, &body) {
            Ok(_) => assert_eq!(names, ""),
            Err(error) => {
                let error = error.to_string();
                assert!(!names.is_empty() && error.contains(names), "{asked}: {error}");
            }
        }
    }
}

#[test]
fn a_body_that_is_no_job_is_an_error_for_every_service() {
    for service in Service::ALL {
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "<html>",
            r#"{"job":7}"#,
            r#"{"jobs":{}}"#,
            r#"{"status":7}"#,
            r#"{"status":null}"#,
            r#"{"job":{"status":[]}}"#,
            r#"{"data":{"id":"j1","status":"Running"}}"#,
        ] {
            // A number is a status of CPH.
            if service != Service::Cph || !body.contains("\"status\":7") {
                assert!(Job::from_response(service, body.as_bytes()).is_err(), "{service}: {body}");
            }
        }
    }
}

#[test]
fn an_unknown_word_of_any_service_is_kept_and_waited_for() {
    for (service, body) in [
        (Service::Rds, r#"{"job":{"id":"1","status":"Odd"}}"#),
        (Service::Cce, r#"{"metadata":{"uid":"1"},"status":{"phase":"Odd"}}"#),
        (Service::Dcs, r#"{"job_id":"1","status":"Odd"}"#),
    ] {
        let job = Job::from_response(service, body.as_bytes()).unwrap();
        assert_eq!((job.status(), job.status_text()), (&Status::Unknown("Odd".into()), "Odd"));
    }
    // A job that is one of this service by its id stays one, whatever its word.
    let job = Job::from_response(Service::Dcs, br#"{"job_id":"1","status":"failed"}"#).unwrap();
    assert_eq!(job.status_text(), "failed");
}

#[test]
fn numbers_and_odd_bytes_are_kept_in_every_dialect() {
    let body = b"{\"job\":{\"id\":\"1\",\"status\":\"Failed\",\"fail_reason\":\"one\ntwo\",\"entities\":{\"n\":0.20,\"x\":1e400,\
        \"order_id\":12345678901234567890123}}}\0";
    let job = Job::from_response(Service::Rds, body).unwrap();
    assert_eq!(job.reason().as_deref(), Some("one\ntwo"));
    let entities = serde_json::to_string(job.entities()).unwrap();
    assert!(entities.contains(r#""n":0.20"#) && entities.contains(r#""x":1e400"#), "{entities}");
    assert!(entities.contains(r#""order_id":12345678901234567890123"#), "{entities}");
    assert_eq!(job.ids("order_id"), ["12345678901234567890123"]);
}

/// `ID TYPE STATUS(WORD) BEGIN..END DURATION PERCENT CODE: REASON {IDS} [SUB-JOBS]`; what is missing is left out.
fn summary(job: &Job) -> String {
    let mut parts = vec![job.id_text().unwrap_or("?").to_owned()];
    parts.extend(job.job_type().map(str::to_owned));
    parts.push(match job.status().as_str() {
        word if word == job.status_text() => word.to_owned(),
        word => format!("{word}({})", job.status_text()),
    });
    let time = |time: Option<&cloudjob::Timestamp>| match time.map(|time| (time.instant(), time.as_str())) {
        Some((Some(instant), _)) => instant.unix_timestamp().to_string(),
        Some((None, text)) => text.to_owned(),
        None => String::new(),
    };
    parts.push(format!("{}..{}", time(job.begin_time()), time(job.end_time())));
    parts.extend(job.duration().map(|duration| format!("{}s", duration.as_millis() as f64 / 1000.0)));
    parts.extend(job.progress_percent().map(|percent| format!("{percent:.0}%")));
    parts.extend(job.error_code().map(|code| format!("{code}:")));
    parts.extend(job.reason());
    let ids = job.all_ids();
    let ids: Vec<_> = ids.iter().map(|(name, ids)| format!("{name}={}", ids.join("+"))).collect();
    parts.extend((!ids.is_empty()).then(|| format!("{{{}}}", ids.join(" "))));
    let sub_jobs: Vec<_> = job.sub_jobs().iter().map(summary).collect();
    parts.extend((!sub_jobs.is_empty()).then(|| format!("[{}]", sub_jobs.join("; "))));
    parts.join(" ")
}

/// The summary of the job, or what there is in its place.
pub(crate) fn read(service: Service, body: &[u8]) -> String {
    let polled = PollResult::read(service, &Response::new(200, body));
    match (polled.job(), polled.error().and_then(|error| error.api_error())) {
        (Some(job), _) => summary(job),
        (_, Some(api)) if api.is_not_found() => "unknown".to_owned(),
        _ => format!("{}", polled.error().unwrap()),
    }
}

fn service_of(name: &str) -> Service {
    name.split('_').next().unwrap().parse().unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/bodies/services")
}
