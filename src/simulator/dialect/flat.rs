//! Services whose jobs have their members at the top level: DCS, DWS, GES, SFS Turbo, CPH.

use serde_json::{Map, Value, json};

use super::view::{JobView, ViewStatus, epoch_millis, or_null, to_seconds, with_space};

pub(super) fn dcs(job: &JobView<'_>) -> Value {
    json!({
        "job_id": job.id,
        "job_type": job.job_type,
        "status": job.word(["INIT", "RUNNING", "SUCCESS", "FAIL"]),
        "begin_time": epoch_millis(job.begin),
        "end_time": job.end.map(epoch_millis).unwrap_or_default(),
        "fail_reason": or_null(job.reported_cause().1),
    })
}

pub(super) fn dws(job: &JobView<'_>) -> Value {
    let mut body = Map::new();
    body.insert("job_id".into(), json!(job.id));
    body.insert("job_name".into(), json!(job.job_type));
    body.insert("status".into(), json!(job.word(["INIT", "RUNNING", "SUCCESS", "FAIL"])));
    body.insert("begin_time".into(), json!(to_seconds(job.begin, "")));
    body.insert("progress".into(), json!(format!("{}%", job.percent)));
    if let Some(end) = job.end {
        body.insert("end_time".into(), json!(to_seconds(end, "")));
    }
    if job.has_failed() {
        let (code, reason) = job.cause;
        body.insert("failed_code".into(), json!(code));
        body.insert("failed_detail".into(), json!(reason));
    }
    Value::Object(body)
}

pub(super) fn ges(job: &JobView<'_>) -> Value {
    let mut body = Map::new();
    body.insert("job_id".into(), json!(job.id));
    body.insert("status".into(), json!(job.word(["pending", "running", "success", "failed"])));
    body.insert("job_type".into(), json!(job.job_type));
    body.insert("job_name".into(), json!("CreateGraph"));
    body.insert("related_graph".into(), json!("simulated"));
    body.insert("begin_time".into(), json!(to_seconds(job.begin, "")));
    // The documents call it unused.
    body.insert("job_progress".into(), json!(0.0));
    if let Some(end) = job.end {
        body.insert("end_time".into(), json!(to_seconds(end, "")));
    }
    if job.has_failed() {
        body.insert("fail_reason".into(), json!(job.cause.1));
    }
    Value::Object(body)
}

pub(super) fn sfs_turbo(job: &JobView<'_>) -> Value {
    let mut body = Map::new();
    body.insert("job_id".into(), json!(job.id));
    body.insert("job_type".into(), json!(job.job_type));
    body.insert("status".into(), json!(job.word(["waiting", "running", "success", "failed"])));
    body.insert("begin_time".into(), json!(with_space(job.begin)));
    if let Some(end) = job.end {
        body.insert("end_time".into(), json!(with_space(end)));
    }
    if job.has_failed() {
        let (code, reason) = job.cause;
        body.insert("error_code".into(), json!(code));
        body.insert("fail_reason".into(), json!(reason));
    }
    if !job.sub_jobs.is_empty() {
        body.insert("sub_jobs".into(), job.sub_jobs.iter().map(sfs_turbo).collect());
    }
    Value::Object(body)
}

pub(super) fn cph(job: &JobView<'_>) -> Value {
    let status = match job.status {
        ViewStatus::Waiting(status) => status.parse().unwrap_or(1),
        ViewStatus::Running => 1,
        ViewStatus::Succeeded => 2,
        ViewStatus::Failed => -1,
    };
    let (code, reason) = job.reported_cause();
    json!({
        "request_id": job.resource_digits(),
        "job_id": job.id,
        "phone_id": job.resource_digits(),
        "begin_time": to_seconds(job.begin, "Z"),
        "end_time": job.end.map(|end| to_seconds(end, "Z")),
        "error_code": or_null(code),
        "error_msg": or_null(reason),
        "execute_msg": null,
        "status": status,
    })
}
