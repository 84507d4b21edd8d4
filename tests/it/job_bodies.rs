//! Bodies in each documented shape: the examples of the documents the project began with, and some of our own.

use cloudjob::{Job, Status};
use serde_json::json;

use crate::expected::{Expected, NOTHING};

const CREATE_SERVER: &[u8] = include_bytes!("bodies/ecs_create_server.json");
const CREATE_PROTECTION_GROUP: &[u8] = include_bytes!("bodies/sdrs_create_protection_group.json");

#[test]
fn the_example_of_the_server_documents_is_read() {
    let job = Expected {
        body: "ecs_create_server",
        id: "2c9eb2c5544cbf6101544f0602af2b4f",
        status: "SUCCESS",
        job_type: "createServer",
        times: ["2016-04-25T20:04:34.604Z", "2016-04-25T20:08:41.593Z"],
        duration_ms: Some(246_989),
        ids: "server_id=bae51750-0089-41a1-9b18-5c777978ff6d",
        sub_jobs: "2c9eb2c5544cbf6101544f0635672b60:SUCCESS",
        total: Some(1),
        ..NOTHING
    }
    .check(CREATE_SERVER);
    assert_eq!(
        job.to_string(),
        "createServer 2c9eb2c5544cbf6101544f0602af2b4f SUCCESS in 4m 7s (1 of 1 sub-jobs done)"
    );
    let sub_job = &job.sub_jobs()[0];
    assert_eq!(sub_job.job_type(), Some("createSingleServer"));
    assert_eq!(sub_job.duration().map(|span| span.as_millis()), Some(213_737));
    assert_eq!(sub_job.entities().server_id(), Some("bae51750-0089-41a1-9b18-5c777978ff6d"));
    assert_eq!(job.succeeded_sub_jobs().collect::<Vec<_>>(), [sub_job]);
    assert_eq!(job.failed_sub_jobs().count(), 0);
}

#[test]
fn the_example_of_the_disaster_recovery_documents_is_read() {
    let job = Expected {
        body: "sdrs_create_protection_group",
        id: "0000000062db92d70162db9d200f000a",
        status: "SUCCESS",
        job_type: "createProtectionGroupNoCG",
        times: ["2018-04-19T01:55:30.443Z", "2018-04-19T01:55:45.493Z"],
        duration_ms: Some(15_050),
        ids: "server_group_id=a59d008e-4bad-4bf3-9b17-6cc25e7da483",
        ..NOTHING
    }
    .check(CREATE_PROTECTION_GROUP);
    assert_eq!(job.entities().server_group_id(), Some("a59d008e-4bad-4bf3-9b17-6cc25e7da483"));
    assert_eq!(job.to_string(), "createProtectionGroupNoCG 0000000062db92d70162db9d200f000a SUCCESS in 15s");
}

#[test]
fn every_documented_shape_is_read() {
    let bodies = [
        (
            // A running server job of the real service has no `error_code` and no `fail_reason`.
            json!({"begin_time": "2030-01-01T00:00:00.100Z", "end_time": "", "job_id": "p1", "job_type": "createServer",
                "status": "RUNNING", "entities": {"sub_jobs_total": 2, "sub_jobs": [
                    {"job_id": "s1", "status": "RUNNING", "job_type": "createSingleServer", "end_time": "",
                     "begin_time": "2030-01-01T00:00:00.200Z", "entities": {"server_id": "srv-1"}}]}}),
            Expected {
                body: "ECS, running",
                id: "p1",
                status: "RUNNING",
                job_type: "createServer",
                times: ["2030-01-01T00:00:00.100Z", ""],
                ids: "server_id=srv-1",
                sub_jobs: "s1:RUNNING",
                total: Some(2),
                ..NOTHING
            },
        ),
        (
            json!({"job_id": "p2", "job_type": "imsImportOvaImageJob", "status": "SUCCESS", "error_code": null,
                "begin_time": "2030-01-01T00:00:00Z", "end_time": "2030-01-01T08:00:30+0800", "fail_reason": null,
                "entities": {"sub_jobs_list": ["s1"], "sub_jobs_result": [
                    {"job_id": "s1", "status": "SUCCESS", "entities": {"image_id": "img", "image_name": "n"}}]}}),
            Expected {
                body: "IMS, results of sub-jobs",
                id: "p2",
                status: "SUCCESS",
                job_type: "imsImportOvaImageJob",
                times: ["2030-01-01T00:00:00Z", "2030-01-01T08:00:30+0800"],
                duration_ms: Some(30_000),
                ids: "image_id=img",
                sub_jobs: "s1:SUCCESS",
                total: Some(1),
                ..NOTHING
            },
        ),
        (
            json!({"status": "SUCCESS", "job_id": "p3", "job_type": "createImageByInstance", "end_time": "",
                "begin_time": "05-Jul-2015 18:11:06:586", "entities": {"image_id": "img-1", "process_percent": 0.20,
                    "results": [{"image_id": "img-2", "project_id": "pr", "status": "success"}, {"image_id": "img-1"}]}}),
            Expected {
                body: "IMS, old",
                id: "p3",
                status: "SUCCESS",
                job_type: "createImageByInstance",
                times: ["05-Jul-2015 18:11:06:586", ""],
                ids: "image_id=img-1+img-2 project_id=pr",
                ..NOTHING
            },
        ),
        (
            json!({"status": "FAIL", "job_id": "p4", "job_type": "bksCreateBackup", "error_code": "VolumeBackup.0064",
                "fail_reason": "CreateBackup Task-fail: broken", "begin_time": "2030-01-15T01:0807.476Z",
                "end_time": "2030-01-15T01:0807.476Z", "entities": {"backup_id": "", "volume_id": "v"},
                "sub_jobs": [{"job_id": "s1", "status": "FAIL"}, {"job_id": "s2", "status": "INIT"}]}),
            Expected {
                body: "VBS, failed, with a time nobody can read",
                id: "p4",
                status: "FAIL",
                job_type: "bksCreateBackup",
                times: ["2030-01-15T01:0807.476Z", "2030-01-15T01:0807.476Z"],
                ids: "volume_id=v",
                sub_jobs: "s1:FAIL s2:INIT",
                error_code: "VolumeBackup.0064",
                reason: "CreateBackup Task-fail: broken",
                ..NOTHING
            },
        ),
        (
            json!({"status": "FAIL", "job_id": "p5", "entities": {}, "error_code": "EVS.5400",
                "fail_reason": "EbsCreateVolumeTask-fail:badRequest: no such zone",
                "begin_time": "2030-01-07T06: 13: 25.509Z", "end_time": "2030-01-07T06: 13: 25.809Z"}),
            Expected {
                body: "EVS, failed, with blanks in the times",
                id: "p5",
                status: "FAIL",
                times: ["2030-01-07T06: 13: 25.509Z", "2030-01-07T06: 13: 25.809Z"],
                duration_ms: Some(300),
                error_code: "EVS.5400",
                reason: "EbsCreateVolumeTask-fail:badRequest: no such zone",
                ..NOTHING
            },
        ),
        (
            json!({"job_id": "p6", "status": "SUCCESS", "job_type": "createBatchPublicip", "entities": [
                {"job_id": "s1", "status": "SUCCESS", "entities": {"publicip_id": "ip-1"}},
                {"job_id": "s2", "status": "SUCCESS", "entities": {"publicip_id": "ip-2"}}]}),
            Expected {
                body: "EIP, entities are the sub-jobs",
                id: "p6",
                status: "SUCCESS",
                job_type: "createBatchPublicip",
                ids: "publicip_id=ip-1+ip-2",
                sub_jobs: "s1:SUCCESS s2:SUCCESS",
                ..NOTHING
            },
        ),
        (
            json!({"status": "SUCCESS", "job_id": "p7", "job_type": "createReplicationPairNoCG", "entities": {
                "replication_pair_id": "rp", "volume_ids": "v1,v2", "sub_jobs": []}}),
            Expected {
                body: "SDRS, two disks in one text",
                id: "p7",
                status: "SUCCESS",
                job_type: "createReplicationPairNoCG",
                ids: "replication_pair_id=rp volume_id=v1+v2",
                ..NOTHING
            },
        ),
        (
            json!({"status": "SUCCESS", "job_id": "p8", "job_type": "createELB", "entities": {"elb": {
                "id": "e", "bandwidth": 1, "admin_state_up": false, "vpc_id": "vpc"}}}),
            Expected {
                body: "classic ELB, a nested object",
                id: "p8",
                status: "SUCCESS",
                job_type: "createELB",
                ids: "vpc_id=vpc",
                ..NOTHING
            },
        ),
        (
            json!({"status": "pending_payment", "job_id": "p9", "entities": null, "error_code": 0}),
            Expected { body: "unpaid", id: "p9", status: "pending_payment", error_code: "0", ..NOTHING },
        ),
    ];
    for (body, expected) in bodies {
        expected.check(body.to_string().as_bytes());
    }
}

#[test]
fn a_failed_batch_tells_the_cause_its_parent_hides() {
    let cause = json!({"forbidden": {"code": 403, "message": "Quota exceeded for cores"}}).to_string();
    let body = json!({
        "status": "FAIL", "job_id": "p", "job_type": "createServer", "error_code": "Common.0021",
        "fail_reason": "Subjob fails",
        "entities": {"sub_jobs_total": 2, "sub_jobs": [
            {"job_id": "s1", "status": "SUCCESS", "entities": {"server_id": "srv-1"}},
            {"job_id": "s2", "status": "FAIL", "error_code": "Ecs.0204", "fail_reason": "XTask-fail: ...",
             "entities": {"errorcode_message": cause}},
        ]},
    });
    let job = Job::from_slice(body.to_string().as_bytes()).expect("a job");
    assert_eq!(job.status(), &Status::Fail);
    assert_eq!(job.reason().as_deref(), Some("Quota exceeded for cores"));
    assert_eq!(job.ids("server_id"), ["srv-1"]);
    let failed: Vec<_> = job.failed_sub_jobs().map(|sub| (sub.id_text(), sub.error_code())).collect();
    assert_eq!(failed, [(Some("s2"), Some("Ecs.0204"))]);
    assert_eq!(job.succeeded_sub_jobs().filter_map(Job::id_text).collect::<Vec<_>>(), ["s1"]);
}
