//! `cloudjob show`: one poll for each job.

use std::time::Instant;

use super::wait;
use crate::cli::args::ShowArgs;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::input::target::Target;
use crate::cli::output::job_report::JobReport;
use crate::cli::output::{Reporter, style};
use crate::cli::session::Clients;
use crate::cli::signal::Interrupt;
use crate::cli::{input, session};
use crate::client::config::ClientConfig;
use crate::endpoint::service::Service;

pub(crate) fn run(args: &ShowArgs) -> Result<Code, Exit> {
    style::choose(args.color);
    let ids = input::from_arguments(&args.ids, false)?.ids;
    let main = session::main_service(&args.connection, &ids);
    let builder = session::builder(&args.connection, main, ClientConfig::new())?;
    let interrupt = Interrupt::listen();
    let reporter = Reporter::for_polls(args.output, args.verbosity, interrupt.cancel());
    let begun = Instant::now();
    let clients = match interrupt.unless(move || builder.connect()) {
        Some(Ok(session)) => {
            reporter.polls_at(session.info());
            Clients::new(&session, wait::services(&ids), args.connection.scope.as_deref())
        }
        Some(Err(error)) => return wait::unconnected(&reporter, &ids, main, error, begun),
        None => {
            take(&reporter, &ids, main);
            return Ok(reporter.finish(true));
        }
    };
    clients.check(&ids, args.connection.scope.as_deref())?;
    for (place, target) in ids.iter().enumerate() {
        let begun = Instant::now();
        let service = clients.service(target);
        let (client, id) = (clients.get(service)?.clone(), target.id.clone());
        match interrupt.unless(move || client.job(&id)) {
            Some(result) => {
                let mut report = JobReport::seen(&target.id, &result, begun.elapsed());
                report.service = Some(service);
                reporter.found(&report);
            }
            None => {
                take(&reporter, &ids[place..], main);
                return Ok(reporter.finish(true));
            }
        }
        // The reader of the results went away.
        if interrupt.cancel().is_cancelled() {
            break;
        }
    }
    Ok(reporter.finish(interrupt.is_hit()))
}

/// Takes in jobs that are not polled any more, so that they are reported as cancelled.
pub(super) fn take(reporter: &Reporter, ids: &[Target], main: Service) {
    for id in ids {
        reporter.take(&id.id, id.service.unwrap_or(main));
    }
}
