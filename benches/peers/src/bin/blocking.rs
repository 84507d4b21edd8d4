//! The same wait by hand: reqwest::blocking, typed with serde, times by chrono, delays by backon.

use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder};
use chrono::{DateTime, Utc};
use cloudjob_peers::{JOB_ID, args, job_url, median, peak_memory};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoded as a program would")]
struct Job {
    status: String,
    job_id: String,
    job_type: String,
    begin_time: Option<DateTime<Utc>>,
    end_time: Option<String>,
    error_code: Option<String>,
    fail_reason: Option<String>,
    entities: Entities,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoded as a program would")]
struct Entities {
    sub_jobs_total: Option<u32>,
    #[serde(default)]
    sub_jobs: Vec<SubJob>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoded as a program would")]
struct SubJob {
    status: String,
    job_id: String,
    entities: serde_json::Map<String, serde_json::Value>,
    fail_reason: Option<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (url, task, numbers) = args();
    let token = "t".repeat(numbers.first().copied().unwrap_or(100));
    let client = reqwest::blocking::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build()?;
    let url = job_url(&url, JOB_ID);
    let polled = || -> Result<Job, Box<dyn std::error::Error>> {
        let response = client.get(&url).header("x-auth-token", &token).send()?.error_for_status()?;
        Ok(serde_json::from_slice(&response.bytes()?)?)
    };
    if task == "poll" {
        println!("{}", median(|| drop(polled().unwrap())));
        return Ok(());
    }
    let policy = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_factor(1.15)
        .with_max_delay(Duration::from_secs(10))
        .with_max_times(200);
    let ended = || match polled() {
        Ok(job) if job.status == "SUCCESS" || job.status == "FAIL" => Ok(job),
        Ok(job) => Err(format!("still {}", job.status).into()),
        Err(error) => Err(error),
    };
    let job: Job = ended.retry(policy).notify(|error, _| eprintln!("{error}")).call()?;
    for sub in job.entities.sub_jobs {
        eprintln!("{:?}", sub.entities.get("server_id"));
    }
    println!("{}", peak_memory());
    Ok(())
}
