//! build.rs: waits for the job that makes the test server, and compiles its id in.

use std::time::Duration;
use std::{env, fs};

use cloudjob::{Client, Credentials, Endpoint, JobId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for name in ["JOB_URL", "JOB_PROJECT_ID", "JOB_TOKEN", "JOB_ID"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    let endpoint = Endpoint::new(&env::var("JOB_URL")?, &env::var("JOB_PROJECT_ID")?)?;
    let client = Client::new(endpoint, Credentials::token(&env::var("JOB_TOKEN")?)?)?;
    let job = client
        .wait(&JobId::new(env::var("JOB_ID")?)?)
        .timeout(Duration::from_secs(120))
        .on_progress(|progress| println!("cargo:warning={progress}"))
        .run()?;
    let servers = job.ids("server_id");
    let code = format!("/// The servers that the job made.\npub const SERVERS: &[&str] = &{servers:?};\n");
    fs::write(format!("{}/servers.rs", env::var("OUT_DIR")?), code)?;
    Ok(())
}
