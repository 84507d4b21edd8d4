//! Many jobs with reqwest under tokio: so many tasks, each looking at one job after the other until it has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cloudjob_peers::{args, id, job_url, peak_memory};
use serde::Deserialize;

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
    let (&[jobs, tasks], url) = (&numbers[..], Arc::new(url)) else { panic!("URL many JOBS TASKS") };
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap();
    let (next, looks) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let start = Instant::now();
    let workers = (0..tasks).map(|_| {
        let (url, client) = (Arc::clone(&url), client.clone());
        let (next, looks) = (Arc::clone(&next), Arc::clone(&looks));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= jobs {
                    return;
                }
                let url = job_url(&url, &id(number));
                loop {
                    let answer = client.get(&url).header("x-auth-token", "t").send().await.unwrap();
                    let body = answer.error_for_status().unwrap().bytes().await.unwrap();
                    looks.fetch_add(1, Ordering::Relaxed);
                    if serde_json::from_slice::<Job<'_>>(&body).unwrap().status == "SUCCESS" {
                        break;
                    }
                }
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    println!("{} {} {}", looks.load(Ordering::Relaxed), start.elapsed().as_secs_f64(), peak_memory());
}
