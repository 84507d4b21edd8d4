//! ureq alone, as a program would use it that bounds nothing.

use std::thread::sleep;
use std::time::Duration;

use cloudjob_peers::{JOB_ID, args, job_url, median, peak_memory};

fn main() {
    let (url, task, numbers) = args();
    let token = "t".repeat(numbers.first().copied().unwrap_or(100));
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let url = job_url(&url, JOB_ID);
    let polled = || {
        let mut response = agent.get(&url).header("x-auth-token", &token).call().unwrap();
        let body = response.body_mut().read_to_vec().unwrap();
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()
    };
    if task == "poll" {
        return println!("{}", median(|| drop(polled())));
    }
    while polled()["status"] != "SUCCESS" {
        sleep(Duration::from_millis(100));
    }
    println!("{}", peak_memory());
}
