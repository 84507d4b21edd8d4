//! Waits for several jobs and prints each as it ends. A failed job does not stop the others.
//!
//! `cargo run --example wait_many -- JOB_ID...`

use std::error::Error;
use std::time::Duration;

use cloudjob::{Client, JobId};

fn main() -> Result<(), Box<dyn Error>> {
    let ids = std::env::args().skip(1).map(JobId::new).collect::<Result<Vec<_>, _>>()?;
    let client = Client::from_env()?;
    let mut failed = 0;
    for (id, result) in client.wait_all(ids).timeout(Duration::from_secs(600)) {
        match result {
            Ok(job) => println!("{job}"),
            Err(error) => {
                eprintln!("{id}: {error}");
                failed += 1;
            }
        }
    }
    if failed > 0 { Err(format!("{failed} jobs did not succeed").into()) } else { Ok(()) }
}
