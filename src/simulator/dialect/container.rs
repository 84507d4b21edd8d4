//! Containers: CCE, and SWR's enterprise edition.

use serde_json::{Map, Value, json};

use super::view::{JobView, go_time, to_seconds};

pub(super) fn cce(job: &JobView<'_>) -> Value {
    let mut metadata = Map::new();
    metadata.insert("uid".into(), json!(job.id));
    metadata.insert("creationTimestamp".into(), json!(go_time(job.begin)));
    metadata.insert("updateTimestamp".into(), json!(go_time(job.updated())));
    let mut spec = Map::new();
    spec.insert("type".into(), json!(job.job_type));
    spec.insert("clusterUID".into(), json!("4d1ecb2c-229a-11ee-9c75-0255ac100ceb"));
    spec.insert("resourceID".into(), json!(job.resource));
    if let Some(parent) = job.parent_id {
        spec.insert("ownerJob".into(), json!(parent));
    } else {
        spec.insert("resourceName".into(), json!("simulated"));
        let mut extend_param = job.entities.clone();
        if extend_param.is_empty() && job.job_type.contains("Node") {
            extend_param.insert("serverID".into(), json!(job.related_resource()));
        }
        spec.insert("extendParam".into(), json!(extend_param));
    }
    // They are missing at first.
    if !job.sub_jobs.is_empty() {
        spec.insert("subJobs".into(), job.sub_jobs.iter().map(cce).collect());
    }
    let mut status = Map::new();
    status.insert("phase".into(), json!(job.word(["Initializing", "Running", "Success", "Failed"])));
    let (_, reason) = job.reported_cause();
    if !reason.is_empty() {
        status.insert("reason".into(), json!(reason));
    }
    json!({ "kind": "Job", "apiVersion": "v3", "metadata": metadata, "spec": spec, "status": status })
}

pub(super) fn swr(job: &JobView<'_>) -> Value {
    json!({
        "id": job.id,
        "instance_id": job.resource,
        "resource_id": job.resource,
        "resource_name": "simulated",
        "type": job.job_type,
        "status": job.word(["Initializing", "Running", "Success", "Failed"]),
        "reason": job.reported_cause().1,
        "created_at": to_seconds(job.begin, "Z"),
        "updated_at": to_seconds(job.updated(), "Z"),
    })
}
