//! `cloudjob show`: one poll at each job.

use std::time::Instant;

use super::wait;
use crate::cli::args::{Common, ShowArgs};
use crate::cli::exit_code::{Code, Exit, ExitStatus};
use crate::cli::output::Reporter;
use crate::cli::output::job_report::JobReport;
use crate::cli::progress::ProgressDisplay;
use crate::cli::signal::Interrupt;
use crate::cli::{input, session};
use crate::client::config::ClientConfig;

pub(crate) fn run(args: &ShowArgs, common: &Common) -> Result<Code, Exit> {
    let ids = input::from_arguments(&args.ids, false)?.ids;
    let connect = session::connect(&common.connection, ClientConfig::new())?;
    let interrupt = Interrupt::listen();
    let stage =
        Reporter::new(common, ProgressDisplay::for_polls(common), ExitStatus::of_polls(), interrupt.cancel());
    let begun = Instant::now();
    let client = match interrupt.unless(move || connect.connect()) {
        Some(Ok(connected)) => {
            stage.asks(connected.info());
            connected.into_client()
        }
        Some(Err(error)) => return wait::unconnected(&stage, &ids, error, begun),
        None => {
            ids.iter().for_each(|id| stage.take(id));
            return Ok(stage.finish(true));
        }
    };
    for (place, id) in ids.iter().enumerate() {
        let begun = Instant::now();
        let (asker, asked) = (client.clone(), id.clone());
        match interrupt.unless(move || asker.job(&asked)) {
            Some(result) => stage.found(&JobReport::seen(id, &result, begun.elapsed())),
            None => {
                ids[place..].iter().for_each(|id| stage.take(id));
                return Ok(stage.finish(true));
            }
        }
        // Nobody reads the answers any more.
        if interrupt.cancel().is_cancelled() {
            break;
        }
    }
    Ok(stage.finish(interrupt.is_hit()))
}
