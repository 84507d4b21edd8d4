//! `cloudjob simulate`: a job service on this computer, for scripts to be tried with.

use crate::simulator::Simulator;

use crate::cli::args::{Common, SimulateArgs};
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::stdio;
use crate::cli::parse;
use crate::cli::signal::Interrupt;

pub(crate) fn run(args: &SimulateArgs, common: &Common) -> Result<Code, Exit> {
    parse::no_connection("simulate", common)?;
    let simulator = Simulator::builder().listen(args.listen).start().map_err(|error| {
        Exit::usage(format!("{} cannot be listened at: {error}; port 0 takes a free one", args.listen))
    })?;
    let interrupt = Interrupt::listen();
    stdio::print(&format!(
        "endpoint={}\nproject_id={}\ntoken={}\n",
        simulator.endpoint_url(),
        simulator.project_id(),
        simulator.token()
    ))?;
    if !common.quiet {
        stdio::say("a job service is simulated here until Ctrl-C; it is asked with the three lines above");
    }
    interrupt.wait();
    Ok(Code::Interrupted)
}
