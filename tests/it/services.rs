//! A wait for a job of each service, over real sockets against the simulator, whose formats are written independently of
//! the decoders.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use cloudjob::simulator::{Fault, JobScript, Simulator};
use cloudjob::{Client, Credentials, ErrorKind, JobId, Service, Status};

const MINUTE: Duration = Duration::from_secs(60);

/// What a service reports of a job.
struct Expected {
    service: Service,
    job_type: &'static str,
    /// The status words of the service at the end.
    words: [&'static str; 2],
    /// An id that the job has, by its name.
    id: &'static str,
    reports_reason: bool,
    sub_jobs: usize,
}

const fn expected(
    service: Service,
    job_type: &'static str,
    words: [&'static str; 2],
    id: &'static str,
    sub_jobs: usize,
) -> Expected {
    let reports_reason = !matches!(service, Service::Ddm | Service::Dms);
    Expected { service, job_type, words, id, reports_reason, sub_jobs }
}

const COMMON: [&str; 2] = ["SUCCESS", "FAIL"];
const DATABASE: [&str; 2] = ["Completed", "Failed"];
const LOWER: [&str; 2] = ["success", "failed"];

const SERVICES: [Expected; 28] = [
    expected(Service::Bms, "baremetalBatchCreate", COMMON, "server_id", 2),
    expected(Service::Cbr, "restore", LOWER, "backup_id", 0),
    expected(Service::Cce, "CreateNode", ["Success", "Failed"], "server_id", 2),
    expected(Service::Cph, "restartPhone", ["2", "-1"], "phone_id", 0),
    expected(Service::Dcs, "masterStandbySwapJob", COMMON, "", 0),
    expected(Service::Ddm, "CreateNodeGroup", DATABASE, "instance_id", 0),
    expected(Service::Dds, "Create_MongoDB", DATABASE, "instance_id", 0),
    expected(Service::Deh, "createDedicatedHost", COMMON, "server_id", 0),
    expected(Service::Dms, "bindInstancePublicIp", ["SUCCESS", "FAILED"], "", 0),
    expected(Service::Dws, "ecfClusterElbCreateJob", COMMON, "", 0),
    expected(Service::Ecs, "createServer", COMMON, "server_id", 2),
    expected(Service::Eip, "createBatchPublicip", COMMON, "server_id", 0),
    expected(Service::Elb, "cloneLoadbalancer", COMMON, "resource_id", 2),
    expected(Service::ElbClassic, "createELB", COMMON, "server_id", 0),
    expected(Service::Evs, "createVolume", COMMON, "volume_id", 0),
    expected(Service::Gaussdb, "CreateGaussDBV5Instance", DATABASE, "instance_id", 0),
    expected(Service::Geminidb, "CreateInstance", DATABASE, "instance_id", 0),
    expected(Service::Ges, "GraphManagement", LOWER, "", 0),
    expected(Service::Ims, "imsImportImageJob", COMMON, "image_id", 0),
    expected(Service::ImsProgress, "imsImportImageJob", COMMON, "image_id", 0),
    expected(Service::Rds, "CreateMysqlSingleHAInstance", DATABASE, "instance_id", 0),
    expected(Service::Sdrs, "createProtectionGroupNoCG", COMMON, "server_group_id", 0),
    expected(Service::SfsTurbo, "extend_share", LOWER, "", 2),
    expected(Service::Swr, "CreateInstance", ["Success", "Failed"], "instance_id", 0),
    expected(Service::Taurusdb, "CreateMysqlInstance", DATABASE, "instance_id", 0),
    expected(Service::Vbs, "bksCreateBackup", COMMON, "backup_id", 0),
    expected(Service::Workspace, "createDesktops", COMMON, "desktop_id", 2),
    expected(Service::WorkspaceApp, "CREATE_SERVER", ["SUCCESS", "FAILED"], "resource_id", 2),
];

/// A simulator whose jobs end at the first poll after a minute, and a client of this service.
fn simulator(service: Service) -> (Simulator, Client) {
    let simulator = Simulator::builder().advance_on_poll(MINUTE).start().unwrap();
    let mut endpoint = simulator.service_endpoint(service).unwrap();
    if matches!(service, Service::Dms | Service::Ges) {
        endpoint = endpoint.scope("8ab1f2").unwrap();
    }
    let client = simulator.client().unwrap().with_endpoint(endpoint);
    (simulator, client)
}

fn start(simulator: &Simulator, expected: &Expected, change: impl FnOnce(JobScript) -> JobScript) -> JobId {
    let script = JobScript::new(expected.job_type).dialect(expected.service).sub_jobs(expected.sub_jobs);
    simulator.start_job(change(script.duration(MINUTE)))
}

/// Runs a check for each service, all at the same time, because some of them have to sleep.
fn for_each_service(check: impl Fn(&Expected) + Sync) {
    std::thread::scope(|scope| {
        for expected in &SERVICES {
            scope.spawn(|| check(expected));
        }
    });
}

#[test]
fn every_service_has_a_row() {
    assert_eq!(SERVICES.map(|expected| expected.service), Service::ALL);
}

#[test]
fn a_job_of_each_service_succeeds() {
    for_each_service(|expected| {
        let (simulator, client) = simulator(expected.service);
        let id = start(&simulator, expected, |script| script);
        let service = expected.service;
        let job = client.wait(&id).run().unwrap_or_else(|error| panic!("{service}: {error}"));
        assert_eq!((job.status(), job.status_text()), (&Status::Success, expected.words[0]), "{service}");
        // CPH does not report it.
        let job_type = Some(expected.job_type).filter(|_| service != Service::Cph);
        assert_eq!(job.job_type(), job_type, "{service}");
        assert_eq!(job.sub_jobs().len(), expected.sub_jobs, "{service}");
        if !expected.id.is_empty() {
            assert!(!job.ids(expected.id).is_empty(), "{service}: {:?}", job.all_ids());
        }
        assert_eq!(job.duration().map(|duration| duration.as_secs()), Some(60), "{service}");
    });
}

#[test]
fn a_job_of_each_service_is_pending_first() {
    for_each_service(|expected| {
        let (simulator, client) = simulator(expected.service);
        let id = start(&simulator, expected, |script| script.duration(MINUTE * 2));
        let job = client.job(&id).unwrap_or_else(|error| panic!("{}: {error}", expected.service));
        assert!(!job.status().is_terminal(), "{}: {job}", expected.service);
        // DDS and GeminiDB fill the end while the job is running.
        assert_eq!(job.duration(), None, "{}", expected.service);
    });
}

#[test]
fn a_failed_job_of_each_service_has_its_reason() {
    for_each_service(|expected| {
        let (simulator, client) = simulator(expected.service);
        let id = start(&simulator, expected, |script| script.error("Code.0815", "no room for it"));
        let service = expected.service;
        let error = client.wait(&id).run().unwrap_err();
        assert!(error.is_failed(), "{service}: {error}");
        let job = error.job().unwrap();
        assert_eq!(job.status_text(), expected.words[1], "{service}");
        let has_reason = error.to_string().contains("no room for it");
        assert_eq!(has_reason, expected.reports_reason, "{service}: {error}");
    });
}

#[test]
fn an_unknown_job_of_each_service_is_not_found() {
    for_each_service(|expected| {
        let (_simulator, client) = simulator(expected.service);
        let id = JobId::new("0123456789abcdef0123456789abcdef").unwrap();
        let error = client.job(&id).unwrap_err();
        assert!(error.is_not_found(), "{}: {:?} {error}", expected.service, error.kind());
    });
}

#[test]
fn a_job_that_each_service_does_not_know_yet_is_waited_for() {
    for_each_service(|expected| {
        let (simulator, client) = simulator(expected.service);
        let id = start(&simulator, expected, |script| {
            script.not_found_for(MINUTE + MINUTE / 2).duration(MINUTE * 2)
        });
        let job = client.wait(&id).run().unwrap_or_else(|error| panic!("{}: {error}", expected.service));
        assert_eq!(job.status(), &Status::Success, "{}: {job}", expected.service);
        assert_eq!(simulator.poll_count(&id), 2, "{}", expected.service);
    });
}

#[test]
fn each_service_can_throttle() {
    for_each_service(|expected| {
        let (simulator, client) = simulator(expected.service);
        let id = start(&simulator, expected, |script| script);
        simulator.inject_faults([Fault::Throttle { retry_after: Some(1) }]);
        let job = client.wait(&id).run().unwrap_or_else(|error| panic!("{}: {error}", expected.service));
        assert_eq!(job.status(), &Status::Success, "{}: {job}", expected.service);
        assert_eq!(simulator.poll_count(&id), 2, "{}", expected.service);
    });
}

#[test]
fn an_endpoint_without_the_scope_it_needs_is_never_polled() {
    let simulator = Simulator::start().unwrap();
    let endpoint = simulator.service_endpoint(Service::Dms).unwrap();
    let error = Client::new(endpoint.clone(), Credentials::token("t").unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("the id of its instance"), "{error}");
    let error =
        simulator.client().unwrap().with_endpoint(endpoint).job(&JobId::new("j").unwrap()).unwrap_err();
    assert!(error.to_string().contains("the id of its instance"), "{error}");
    assert!(simulator.requests().is_empty());
}

#[test]
fn a_job_of_another_service_is_named_as_one() {
    let simulator = Simulator::start().unwrap();
    let body = r#"{"job":{"id":"7d2f","name":"CreateInstance","status":"Running"}}"#;
    let id = simulator.start_job(JobScript::new("x").body(body));
    let error = simulator.client().unwrap().job(&id).unwrap_err();
    assert!(
        error.to_string().contains("a job of rds, taurusdb, gaussdb or dds: check the service"),
        "{error}"
    );
}
