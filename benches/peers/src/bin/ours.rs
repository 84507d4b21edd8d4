//! The library: the example of its README, and a poll in a loop.

use std::hint::black_box;
use std::time::Duration;

use cloudjob::{Backoff, Client, ClientConfig, Credentials, Endpoint, JobId};
use cloudjob_peers::{JOB_ID, args, median, peak_memory};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (url, task, numbers) = args();
    let token = "t".repeat(numbers.first().copied().unwrap_or(100));
    let config = ClientConfig::new().max_polls_per_second(f64::INFINITY);
    let client = Client::with_config(Endpoint::new(&url, "demo")?, Credentials::token(&token)?, config)?;
    let id = JobId::new(JOB_ID)?;
    if task == "poll" {
        println!("{}", median(|| drop(black_box(client.job(&id).unwrap()))));
        return Ok(());
    }
    let job = client
        .wait(&id)
        .timeout(Duration::from_secs(20 * 60))
        .backoff(Backoff::new().initial(Duration::from_millis(100)))
        .on_progress(|progress| eprintln!("{progress}"))
        .run()?;
    for server in job.ids("server_id") {
        eprintln!("{server}");
    }
    println!("{}", peak_memory());
    Ok(())
}
