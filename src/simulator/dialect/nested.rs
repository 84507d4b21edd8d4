//! Services with a member around the job, or with sub-jobs at the top level: CBR, DMS, ELB, Workspace.

use serde_json::{Value, json};

use super::view::{JobView, or_null, to_millis, to_seconds};

pub(super) fn cbr(job: &JobView<'_>) -> Value {
    let (code, message) = job.reported_cause();
    let time = |time| to_millis(time, "+00:00");
    let mut extra_info = json!({
        "resource": { "type": "OS::Nova::Server", "id": job.resource, "name": "simulated" },
        "common": { "progress": job.percent, "request_id": format!("req-{}", job.resource) },
    });
    let mut details = json!({ "backup_id": job.related_resource(), "backup_name": "simulated" });
    if job.job_type == "restore" {
        details["target_resource_id"] = json!(job.resource);
    }
    if matches!(job.job_type, "backup" | "restore") {
        extra_info[job.job_type] = details;
    }
    json!({ "operation_log": {
        "id": job.id,
        "status": job.word(["waiting", "running", "success", "failed"]),
        "operation_type": job.job_type,
        "project_id": job.project_id,
        "provider_id": "0daac4c5-6707-4851-97ba-169e36266b66",
        "checkpoint_id": "b432511f-d889-428f-8b0e-5f47c524c6b6",
        "created_at": time(job.begin),
        "started_at": time(job.begin),
        "updated_at": time(job.updated()),
        "ended_at": job.end.map(time),
        "error_info": { "code": code, "message": message },
        "extra_info": extra_info,
    } })
}

pub(super) fn dms(job: &JobView<'_>) -> Value {
    json!({ "task_count": "1", "tasks": [{
        "id": job.id,
        "name": job.job_type,
        "user_name": "simulated",
        "user_id": "3df5acbc24a54fadb62a043c9000a307",
        "params": json!({ "enable_public_ip": true }).to_string(),
        "status": job.word(["CREATED", "EXECUTING", "SUCCESS", "FAILED"]),
        "created_at": to_millis(job.begin, "Z"),
        "updated_at": to_millis(job.updated(), "Z"),
    }] })
}

pub(super) fn elb(job: &JobView<'_>) -> Value {
    let mut member = elb_member(job);
    member["sub_jobs"] = job
        .sub_jobs
        .iter()
        .map(|sub_job| {
            let mut member = elb_member(sub_job);
            member["entities"] = json!([{ "resource_id": sub_job.resource, "resource_type": "listener" }]);
            member
        })
        .collect();
    json!({ "job": member, "request_id": job.resource_digits() })
}

fn elb_member(job: &JobView<'_>) -> Value {
    let (code, message) = job.reported_cause();
    json!({
        "job_id": job.id,
        "job_type": job.job_type,
        "status": job.word(["INIT", "RUNNING", "SUCCESS", "FAIL"]),
        "begin_time": to_seconds(job.begin, "Z"),
        "end_time": job.end.map(|end| to_seconds(end, "Z")).unwrap_or_default(),
        "error_code": code,
        "error_msg": message,
        "project_id": job.project_id,
        "resource_id": job.resource,
    })
}

pub(super) fn workspace(job: &JobView<'_>) -> Value {
    let (code, reason) = job.reported_cause();
    let sub_job = |sub_job: &JobView<'_>| {
        let (code, reason) = sub_job.reported_cause();
        json!({
            "id": sub_job.id,
            // That of the parent.
            "job_id": job.id,
            "job_type": sub_job.job_type,
            "status": sub_job.word(["WAITING", "RUNNING", "SUCCESS", "FAILED"]),
            "begin_time": to_millis(sub_job.begin, "Z"),
            "end_time": sub_job.end.map(|end| to_millis(end, "Z")).unwrap_or_default(),
            "error_code": or_null(code),
            "fail_reason": or_null(reason),
            "process": sub_job.percent,
            "project_id": job.project_id,
            "entities": {
                "desktop_id": sub_job.resource,
                "product_id": "workspace.c2.large",
                "user_name": "simulated",
                "desktop_name": "simulated-1",
                "ip_address": "10.0.0.7",
            },
        })
    };
    json!({
        "id": job.id,
        "job_type": job.job_type,
        "status": job.word(["WAITING", "RUNNING", "SUCCESS", "FAIL"]),
        "begin_time": to_millis(job.begin, "Z"),
        "end_time": job.end.map(|end| to_millis(end, "Z")).unwrap_or_default(),
        "job_error_code": or_null(code),
        "fail_reason": or_null(reason),
        "sub_jobs_total": job.sub_jobs_total,
        "sub_jobs": job.sub_jobs.iter().map(sub_job).collect::<Value>(),
    })
}

pub(super) fn workspace_app(job: &JobView<'_>) -> Value {
    let (code, message) = job.reported_cause();
    let sub_job = |sub_job: &JobView<'_>| {
        let (code, message) = sub_job.reported_cause();
        json!({
            "id": sub_job.id,
            "job_id": job.id,
            "job_type": sub_job.job_type,
            "status": sub_job.word(["WAITING", "RUNNING", "SUCCESS", "FAILED"]),
            "begin_time": to_millis(sub_job.begin, "Z"),
            "end_time": sub_job.end.map(|end| to_millis(end, "Z")),
            "error_code": or_null(code),
            "error_message": or_null(message),
            "job_resource_info": {
                "resource_id": sub_job.resource,
                "resource_type": "hws.resource.type.workspace.appstream",
            },
        })
    };
    json!({
        "id": job.id,
        "job_type": job.job_type,
        "status": job.word(["WAITING", "RUNNING", "SUCCESS", "FAILED"]),
        "begin_time": to_millis(job.begin, "Z"),
        "end_time": job.end.map(|end| to_millis(end, "Z")),
        "job_error_code": or_null(code),
        "error_message": or_null(message),
        "sub_jobs_total": job.sub_jobs_total,
        "sub_jobs": job.sub_jobs.iter().map(sub_job).collect::<Value>(),
    })
}
