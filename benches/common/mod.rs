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
