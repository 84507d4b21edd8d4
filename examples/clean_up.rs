//! Waits for a job that creates several servers. If it fails in part, deletes the servers that it created.
//!
//! `cargo run --example clean_up -- JOB_ID`

use std::error::Error;

use cloudjob::{Client, JobId};

fn main() -> Result<(), Box<dyn Error>> {
    let id = JobId::new(std::env::args().nth(1).ok_or("usage: clean_up JOB_ID")?)?;
    let client = Client::from_env()?;
    match client.wait(&id).run() {
        Ok(job) => println!("created {} servers", job.ids("server_id").len()),
        Err(error) => {
            // The text has the failed sub-jobs with their reasons, and what was created before the failure.
            eprintln!("{error}");
            // Only a failed job has ended. After a timeout it may still be running, and must not be cleaned up.
            let failed_job = error.job().filter(|_| error.is_failed());
            for server in failed_job.map(|job| job.ids("server_id")).unwrap_or_default() {
                delete_server(&server);
            }
            return Err("the job did not succeed".into());
        }
    }
    Ok(())
}

/// Stands for the request of your own program that deletes a server.
fn delete_server(server: &str) {
    println!("delete {server}");
}
