//! `cloudjob simulate`: a job service on this computer, for scripts to be tried with.

use cloudjob::simulator::Simulator;

use super::args::{Common, SimulateArgs};
use super::exit::{Code, Stop};
use super::interrupt::Interrupt;
use super::{printer, usage};

pub(super) fn run(args: &SimulateArgs, common: &Common) -> Result<Code, Stop> {
    usage::no_connection("simulate", common)?;
    let simulator = Simulator::builder().listen(args.listen).start().map_err(|error| {
        Stop::usage(format!("{} cannot be listened at: {error}; port 0 takes a free one", args.listen))
    })?;
    let interrupt = Interrupt::listen();
    printer::print(&format!(
        "endpoint={}\nproject_id={}\ntoken={}\n",
        simulator.endpoint_url(),
        simulator.project_id(),
        simulator.token()
    ))?;
    if !common.quiet {
        printer::say("a job service is simulated here until Ctrl-C; it is asked with the three lines above");
    }
    interrupt.wait();
    Ok(Code::Interrupted)
}
