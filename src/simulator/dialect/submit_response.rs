//! The response of each service to a request that starts a job.

use serde_json::{Map, Value, json};

use super::Dialect;
use crate::simulator::job_body::SimulatedJob;

/// The body of the response to the request with this path that started the job.
pub(in crate::simulator) fn submit_response(job: &SimulatedJob, method: &str, path: &str) -> Value {
    let id = &job.id;
    let last = path.rsplit('/').next().unwrap_or_default();
    let creates_instance = method == "POST" && last == "instances";
    match job.dialect {
        Dialect::Ecs if method == "POST" && last == "cloudservers" => {
            json!({ "job_id": id, "serverIds": job.resources().collect::<Vec<_>>() })
        }
        Dialect::Evs if method == "POST" && last == "cloudvolumes" => {
            json!({ "job_id": id, "volume_ids": job.resources().collect::<Vec<_>>() })
        }
        // A manual switchover has another name for it.
        Dialect::Rds if last == "failover" => {
            json!({ "instanceId": job.resource, "nodeId": job.resource, "workflowId": id })
        }
        Dialect::Rds
        | Dialect::Taurusdb
        | Dialect::Gaussdb
        | Dialect::Dds
        | Dialect::Geminidb
        | Dialect::Ddm
            if creates_instance =>
        {
            let instance = json!({ "id": super::database::instance_id(job.dialect, &job.resource), "name": "simulated-db", "status": "BUILD" });
            json!({ "instance": instance, "job_id": id })
        }
        Dialect::Cce if matches!(last, "clusters" | "nodes" | "nodepools") || method == "DELETE" => {
            cce(id, &job.resource, last)
        }
        Dialect::Cce => json!({ "jobid": id }),
        Dialect::SfsTurbo => json!({ "jobId": id }),
        Dialect::Elb => {
            json!({ "job_id": id, "loadbalancer_id": job.resource, "request_id": id.replace('-', "") })
        }
        Dialect::Cph => {
            let phone = job.resource.replace('-', "");
            json!({ "request_id": phone, "jobs": [{ "phone_id": phone, "job_id": id }] })
        }
        _ => json!({ "job_id": id }),
    }
}

fn cce(id: &str, resource: &str, last: &str) -> Value {
    let (kind, member) = match last {
        "nodes" => ("Node", "jobID"),
        "nodepools" => ("NodePool", "jobId"),
        _ => ("Cluster", "jobID"),
    };
    let mut status = Map::new();
    status.insert("phase".into(), json!("Creating"));
    status.insert(member.into(), json!(id));
    json!({
        "kind": kind,
        "apiVersion": "v3",
        "metadata": { "name": "simulated", "uid": resource },
        "spec": {},
        "status": status,
    })
}
