//! Every body of a job that was found in public documents, recordings and issues.
//!
//! The bodies are not part of this project; they are read where they lie beside it. What they taught is tested with
//! the project's own bodies too (`job_bodies`).

mod services;
mod table;

use std::fs;
use std::path::PathBuf;

use cloudjob::Job;
use serde_json::Value;

use self::table::JOBS;

#[test]
fn every_found_body_says_what_its_table_says() {
    let Some(folder) = folder() else { return };
    for expected in JOBS {
        let path = folder.join(expected.body).with_extension("json");
        let body = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let job = expected.check(&body);
        let sent: Value = serde_json::from_slice(&body).unwrap();
        same_entities(&job, &sent);
    }
}

/// What is neither an error, an answer to a submit, nor the list of another API, is a job, and has its row.
#[test]
fn no_found_body_is_left_out() {
    let Some(folder) = folder() else { return };
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .filter(|name| !name.starts_with("err_") && !name.contains("_submit_") && !name.ends_with("_list"))
        .collect();
    names.sort();
    let rows: Vec<_> = JOBS.iter().map(|row| row.body).collect();
    assert_eq!(names, rows);
    assert_eq!(rows.len(), 35);
}

#[test]
fn no_found_error_and_no_answer_to_a_submit_is_taken_for_a_job() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("err_") || name.contains("_submit_") {
            assert!(Job::from_slice(&fs::read(&path).unwrap()).is_err(), "{name}");
            count += 1;
        }
    }
    assert!(count >= 28, "{count}");
}

/// The tasks of that list have their status under another name; else they are like jobs.
#[test]
fn the_reasons_of_the_failed_tasks_can_be_read() {
    let Some(folder) = folder() else { return };
    let body = fs::read_to_string(folder.join("sdrs_failure_jobs_list.json")).unwrap();
    let list: Value = serde_json::from_str(&body.replace("\"job_status\"", "\"status\"")).unwrap();
    let tasks = list["failure_jobs"].as_array().unwrap();
    assert_eq!(tasks.len(), 2);
    for task in tasks {
        let job = Job::from_slice(task.to_string().as_bytes()).unwrap();
        assert_eq!(job.error_code(), Some("EVS.2024"));
        assert_eq!(job.job_type(), Some("createProtectedInstance"));
        assert_eq!(job.reason().as_deref(), Some("SdrsGenerateNativeServerParamsTask-fail:volume is error!"));
        assert_eq!(job.duration(), None);
    }
}

/// Its author wrapped the lines, which breaks a text in two; and left out all that has a status.
#[test]
fn the_cause_is_found_in_the_piece_of_a_real_log() {
    let Some(folder) = folder() else { return };
    let piece = fs::read_to_string(folder.join("ecs_subjob_fail_errorcode_message_fragment.txt")).unwrap();
    let piece: Vec<_> = piece.lines().map(str::trim).collect();
    let body = format!("{{\"status\":\"FAIL\",\"entities\":{}}}", piece.join(" "));
    let job = Job::from_slice(body.as_bytes()).unwrap();
    let quota = "Quota exceeded for instances: Requested 1, but already used 200 of 200 instances";
    assert_eq!(job.reason().as_deref(), Some(quota));
    let failed: Vec<_> = job.failed_sub_jobs().map(Job::error_code).collect();
    assert_eq!(failed, [Some("Ecs.0204")]);
    assert!(job.sub_jobs()[0].entities().errorcode_message().unwrap().starts_with("{\"forbidden\""));
}

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("NOT TESTED: the found bodies, because {} is not there", folder.display());
    None
}

/// The entities are as sent, less the sub-jobs.
fn same_entities(job: &Job, sent: &Value) {
    let mut entities = sent.get("entities").cloned().unwrap_or_default();
    if let Some(members) = entities.as_object_mut() {
        members.remove("sub_jobs");
        members.remove("sub_jobs_result");
    }
    assert_eq!(job.entities().to_value(), entities);
    assert_eq!(serde_json::to_value(job.entities()).ok(), Some(entities));
}
