//! The databases: RDS, TaurusDB, GaussDB, DDS, GeminiDB, DDM.

use serde_json::{Map, Value, json};

use super::Dialect;
use super::view::{JobView, to_seconds};

pub(super) fn body(dialect: Dialect, job: &JobView<'_>) -> Value {
    let member = member(dialect, job);
    match dialect {
        Dialect::Geminidb => json!({ "total_count": 1, "jobs": [member] }),
        _ => json!({ "job": member }),
    }
}

fn member(dialect: Dialect, job: &JobView<'_>) -> Value {
    let pending = if dialect == Dialect::Taurusdb { "Pending" } else { "Running" };
    let status = job.word([pending, "Running", "Completed", "Failed"]);
    let time = |time| to_seconds(time, "+0000");
    let (begin_name, end_name) = match dialect {
        Dialect::Geminidb => ("start_time", "end_time"),
        Dialect::Ddm => ("created_time", "end_time"),
        _ => ("created", "ended"),
    };
    let mut member = Map::new();
    let mut set = |name: &str, value: Value| member.insert(name.to_owned(), value);
    set("id", json!(job.id));
    set("name", json!(job.job_type));
    set("instance", json!({ "id": instance_id(dialect, job.resource), "name": "simulated-db" }));
    set("status", json!(status));
    set(begin_name, json!(time(job.begin)));
    match (job.end, dialect) {
        (Some(end), _) => drop(set(end_name, json!(time(end)))),
        // They fill it while the job is running.
        (None, Dialect::Dds | Dialect::Geminidb) => drop(set(end_name, json!(time(job.now)))),
        (None, Dialect::Taurusdb | Dialect::Gaussdb) => drop(set(end_name, json!(""))),
        (None, _) => {}
    }
    let percent = if job.end.is_some() { String::new() } else { format!("{}%", job.percent) };
    let progress = if matches!(dialect, Dialect::Rds | Dialect::Taurusdb | Dialect::Ddm) {
        "process"
    } else {
        "progress"
    };
    set(progress, json!(percent));
    let (_, reason) = job.reported_cause();
    match dialect {
        Dialect::Ddm => {}
        Dialect::Rds if !job.has_failed() => {}
        Dialect::Dds | Dialect::Gaussdb if !job.has_failed() => drop(set("fail_reason", Value::Null)),
        _ => drop(set("fail_reason", json!(reason))),
    }
    if matches!(dialect, Dialect::Rds | Dialect::Taurusdb) {
        set("entities", entities(dialect, job));
    }
    Value::Object(member)
}

fn entities(dialect: Dialect, job: &JobView<'_>) -> Value {
    let mut entities = job.entities.clone();
    if entities.is_empty() && dialect == Dialect::Rds {
        let mut instance = json!({ "type": "Single", "datastore": { "type": "mysql", "version": "8.0" } });
        if job.end.is_some() && !job.has_failed() {
            instance["endpoint"] = json!("10.20.0.14:3306");
            let id = instance_id(dialect, job.resource);
            entities.insert("resource_ids".into(), json!([format!("{id}.vm"), format!("{id}.volume")]));
        }
        entities.insert("instance".into(), instance);
    }
    Value::Object(entities)
}

/// The id of an instance ends in a number of its kind.
pub(super) fn instance_id(dialect: Dialect, resource: &str) -> String {
    let kind = match dialect {
        Dialect::Dds => "in02",
        Dialect::Geminidb => "in06",
        Dialect::Taurusdb => "in07",
        Dialect::Ddm => "in09",
        Dialect::Gaussdb => "in14",
        _ => "in01",
    };
    format!("{}{kind}", resource.replace('-', ""))
}
