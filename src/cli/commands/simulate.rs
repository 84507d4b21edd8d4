//! `cloudjob simulate`: a job service on this computer, to try scripts with.

use std::io;

use crate::simulator::{Simulator, SimulatorBuilder};

use crate::cli::args::SimulateArgs;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::message::Message;
use crate::cli::output::stdio;
use crate::cli::signal::Interrupt;
use crate::error::RAISE_THREAD_LIMIT;

pub(crate) fn run(args: &SimulateArgs) -> Result<Code, Exit> {
    let simulator = builder(args).start().map_err(|error| {
        let problem = format!("cannot listen on {}: {error}", args.listen);
        if lacks_thread(&error) {
            return Exit::new(Code::NoAnswer, Message::new(problem)).hint(RAISE_THREAD_LIMIT);
        }
        Exit::usage(problem).hint("use port 0 for a free one")
    })?;
    let interrupt = Interrupt::listen();
    let mut lines = format!(
        "endpoint={}\nproject_id={}\ntoken={}\n",
        simulator.endpoint_url(),
        simulator.project_id(),
        simulator.token()
    );
    if !args.user.is_empty() {
        lines.push_str(&format!(
            "auth_url={}/v3\nproject_name={}\ndomain_name={}\n",
            simulator.endpoint_url(),
            simulator.project_name(),
            simulator.domain_name()
        ));
    }
    stdio::print(&lines)?;
    if !args.quiet {
        stdio::say(
            "a job service is simulated until Ctrl-C; the three lines above are its endpoint and credentials",
        );
    }
    interrupt.wait();
    Ok(Code::Interrupted)
}

/// The simulator with the faults, users and keys of the options.
/// Whether the service did not start because the system starts no more threads.
pub(super) fn lacks_thread(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory)
}

fn builder(args: &SimulateArgs) -> SimulatorBuilder {
    let mut builder = Simulator::builder().listen(args.listen);
    if let Some(latency) = args.latency {
        builder = builder.latency(latency);
    }
    if let Some(per_second) = args.throttle {
        builder = builder.rate_limit(per_second);
    }
    if let Some(after) = args.expire_token {
        builder = builder.expire_token_after(after).token_life(after);
    }
    if let Some(n) = args.fail {
        builder = builder.fail_every(n);
    }
    for (name, password) in &args.user {
        builder = builder.user(name, password);
    }
    for (key, secret) in &args.access_key {
        builder = builder.access_key(key, secret);
    }
    builder
}
