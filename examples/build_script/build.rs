//! build.rs: waits for the job that creates the test servers, and compiles their ids in.
//!
//! The job id is in `JOB_ID`, the credentials are those of the other tools for these clouds. The result is stored in
//! OUT_DIR: until `cargo clean` a later build needs neither network nor credentials, and a new token rebuilds nothing.
//!
//! Cargo shows the output of a build script while it runs only with `cargo build -vv`; otherwise the build is silent
//! until the job has ended.

use std::error::Error;
use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use cloudjob::{Client, JobId};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=JOB_ID");
    let id = JobId::new(variable("JOB_ID")?)?;
    let out = variable("OUT_DIR")?;
    let stored = Path::new(&out).join(format!("job-{id}.txt"));
    let servers = match fs::read_to_string(&stored) {
        Ok(servers) => servers,
        Err(_) => {
            let servers = created_servers(&id)?.join("\n");
            fs::write(&stored, &servers)?;
            servers
        }
    };
    let servers: Vec<&str> = servers.lines().collect();
    let code = format!("/// The servers that the job created.\npub const SERVERS: &[&str] = &{servers:?};\n");
    fs::write(Path::new(&out).join("servers.rs"), code)?;
    Ok(())
}

fn created_servers(id: &JobId) -> Result<Vec<String>, cloudjob::Error> {
    let job = Client::from_env()?
        .wait(id)
        .timeout(Duration::from_secs(20 * 60))
        .on_progress(|progress| eprintln!("{progress}"))
        .run()?;
    Ok(job.ids("server_id"))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("the environment variable {name} is needed: {error}"))
}
