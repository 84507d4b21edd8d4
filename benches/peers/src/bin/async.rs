//! Many jobs with reqwest under tokio: a task for each job, a fixed number of requests in flight, and no delay between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cloudjob_peers::{args, id, job_url, peak_memory};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoded as a program would")]
struct Job<'a> {
    status: &'a str,
    job_id: &'a str,
    job_type: &'a str,
    begin_time: Option<&'a str>,
    end_time: Option<&'a str>,
    fail_reason: Option<&'a str>,
    entities: serde_json::Value,
}

#[tokio::main]
async fn main() {
    let (url, _, numbers) = args();
    let &[jobs, at_once] = &numbers[..] else { panic!("URL many JOBS AT_ONCE") };
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap();
    let polls = Arc::new(AtomicUsize::new(0));
    let room = Arc::new(Semaphore::new(at_once));
    let start = Instant::now();
    let mut waits = JoinSet::new();
    for number in 0..jobs {
        let (client, polls, room) = (client.clone(), Arc::clone(&polls), Arc::clone(&room));
        let url = job_url(&url, &id(number));
        waits.spawn(async move {
            loop {
                let turn = room.acquire().await.unwrap();
                let response = client.get(&url).header("x-auth-token", "t").send().await.unwrap();
                let body = response.error_for_status().unwrap().bytes().await.unwrap();
                drop(turn);
                polls.fetch_add(1, Ordering::Relaxed);
                if serde_json::from_slice::<Job<'_>>(&body).unwrap().status == "SUCCESS" {
                    return;
                }
            }
        });
    }
    while let Some(wait) = waits.join_next().await {
        wait.unwrap();
    }
    println!("{} {} {}", polls.load(Ordering::Relaxed), start.elapsed().as_secs_f64(), peak_memory());
}
