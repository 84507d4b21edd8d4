//! The body of a job, given on standard input, read by this library and by typed decoders: nanoseconds of each.

use std::hint::black_box;
use std::io::Read;
use std::time::Instant;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoded as a program would")]
struct Job {
    status: String,
    job_id: String,
    job_type: String,
    begin_time: Option<String>,
    end_time: Option<String>,
    error_code: Option<String>,
    fail_reason: Option<String>,
    entities: Entities,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoded as a program would")]
struct Entities {
    server_id: Option<String>,
    sub_jobs_total: Option<u32>,
    #[serde(default)]
    sub_jobs: Vec<Job>,
}

fn main() {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body).unwrap();
    // simd-json writes into what it reads.
    let mut works: [&mut dyn FnMut(); 4] = [
        &mut || drop(black_box(cloudjob::Job::from_slice(&body).unwrap())),
        &mut || drop(black_box(serde_json::from_slice::<Job>(&body).unwrap())),
        &mut || drop(black_box(simd_json::serde::from_slice::<Job>(&mut body.clone()).unwrap())),
        &mut || drop(black_box(sonic_rs::from_slice::<Job>(&body).unwrap())),
    ];
    let mut times = works.each_ref().map(|_| Vec::new());
    for _ in 0..400 {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            (0..20).for_each(|_| work());
            times.push(start.elapsed().as_nanos() / 20);
        }
    }
    let medians = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2].to_string()
    });
    println!("{}", medians.join(" "));
}
