//! What the benches share: how they are called, how they measure and report, and a server to poll.
#![allow(dead_code, reason = "each bench uses a part")]

pub(crate) mod child;
pub(crate) mod mode;
pub(crate) mod report;
pub(crate) mod server;
pub(crate) mod timing;

/// A running job of one sub-job, as the services send it: 478 bytes.
pub(crate) const RUNNING: &str = include_str!("../data/running.json");

/// The same job when it has ended.
pub(crate) const SUCCESS: &str = include_str!("../data/success.json");

/// The id that stands in both.
pub(crate) const JOB_ID: &str = "ff8080827e7810fb017f06338a731328";

/// A batch as the services send it, with so many sub-jobs.
pub(crate) fn with_sub_jobs(count: usize) -> String {
    let mut value: serde_json::Value = serde_json::from_str(RUNNING).expect("a value");
    let one = value["entities"]["sub_jobs"][0].clone();
    let list = (0..count).map(|number| {
        let mut sub = one.clone();
        sub["job_id"] = format!("ff8080827e7810fb017f06338{number:07}").into();
        sub
    });
    value["entities"]["sub_jobs"] = list.collect();
    value["entities"]["sub_jobs_total"] = count.into();
    value.to_string()
}
