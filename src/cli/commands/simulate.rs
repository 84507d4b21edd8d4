//! `cloudjob simulate`: a job service on this computer, to try scripts with.

use crate::simulator::Simulator;

use crate::cli::args::SimulateArgs;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::stdio;
use crate::cli::signal::Interrupt;

pub(crate) fn run(args: &SimulateArgs) -> Result<Code, Exit> {
    let simulator = Simulator::builder().listen(args.listen).start().map_err(|error| {
        Exit::usage(format!("cannot listen on {}: {error}", args.listen)).hint("use port 0 for a free one")
    })?;
    let interrupt = Interrupt::listen();
    stdio::print(&format!(
        "endpoint={}\nproject_id={}\ntoken={}\n",
        simulator.endpoint_url(),
        simulator.project_id(),
        simulator.token()
    ))?;
    if !args.quiet {
        stdio::say(
            "a job service is simulated until Ctrl-C; the three lines above are its endpoint and credentials",
        );
    }
    interrupt.wait();
    Ok(Code::Interrupted)
}
