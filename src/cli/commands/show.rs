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

pub(crate) fn run(args: &ShowArgs) -> Result<Code, Exit> {
    style::choose(args.printing.color);
    let default_service = session::default_service(&args.connection);
    let ids = input::from_arguments(&args.ids, false, default_service)?.ids;
    session::check_scope(args.scope.id(), &wait::services(&ids, default_service))?;
    let first = session::first_service(&args.connection, &ids);
    let builder = session::builder(&args.connection, first, ClientConfig::new())?;
    let interrupt = Interrupt::listen();
    let reporter = Reporter::for_polls(args.printing, interrupt.cancel()).for_service(default_service);
    let begun = Instant::now();
    let clients = match interrupt.unless(move || builder.connect()) {
        Some(Ok(session)) => {
            Clients::new(&session, default_service, wait::services(&ids, default_service), args.scope.id())
        }
        Some(Err(error)) => return wait::unconnected(&reporter, &ids, error, begun),
        None => {
            take(&reporter, &ids);
            return Ok(reporter.finish(true));
        }
    };
    clients.check(&ids)?;
    for (place, target) in ids.iter().enumerate() {
        let begun = Instant::now();
        let service = clients.service(target);
        let (client, id) = (clients.get(service)?.clone(), target.id.clone());
        let endpoint = client.endpoint().clone();
        match interrupt.unless(move || client.job(&id)) {
            Some(result) => {
                reporter.found(JobReport::seen(target, &endpoint, &result, begun.elapsed()));
            }
            None => {
                take(&reporter, &ids[place..]);
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
pub(super) fn take(reporter: &Reporter, ids: &[Target]) {
    for id in ids {
        reporter.take(id);
    }
}
