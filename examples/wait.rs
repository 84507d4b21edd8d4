//! Waits for one job and prints the ids of the created servers.
//!
//! `cargo run --example wait -- JOB_ID`; the credentials come from the environment, as for the other tools of these
//! clouds (docs/settings.md).

use std::error::Error;
use std::time::Duration;

use cloudjob::{Client, JobId};

fn main() -> Result<(), Box<dyn Error>> {
    let id = JobId::new(std::env::args().nth(1).ok_or("usage: wait JOB_ID")?)?;
    let client = Client::from_env()?;
    let job = client
        .wait(&id)
        .timeout(Duration::from_secs(20 * 60))
        .on_progress(|progress| eprintln!("{progress}"))
        .run()?;
    for server in job.ids("server_id") {
        println!("{server}");
    }
    Ok(())
}
