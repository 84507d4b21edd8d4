//! `cloudjob until`: polls a resource until it is as wanted.

use std::time::Instant;

use crate::cli::args::UntilArgs;
use crate::cli::args::common::{Output, Printing};
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::job_report::JobReport;
use crate::cli::output::{Reporter, style};
use crate::cli::session;
use crate::cli::signal::Interrupt;
use crate::client::config::ClientConfig;
use crate::wait::resource::Resource;

pub(crate) fn run(args: &UntilArgs) -> Result<Code, Exit> {
    style::choose(args.color);
    let resource = resource(args)?;
    let timeout = args.timing.timeout;
    let mut config = ClientConfig::new().max_polls_per_second(args.timing.rate);
    if !timeout.is_zero() {
        config = config.request_timeout(timeout.min(session::LOGIN));
    }
    let service = args.connection.service.unwrap_or_default();
    let builder = session::builder(&args.connection, service, config)?;
    let interrupt = Interrupt::listen();
    let (output, verbosity, color) = (Output::from(args.output), args.verbosity, args.color);
    let printing = Printing { output, verbosity, color };
    let reporter = Reporter::for_wait(printing, timeout, interrupt.cancel());
    let begun = Instant::now();
    reporter.take_resource(resource.path());
    let client = match interrupt.unless(move || builder.connect()) {
        Some(Ok(session)) => session.into_client(),
        Some(Err(error)) => {
            let exit = Exit::from(error.clone());
            if exit.code == Code::Usage {
                return Err(exit);
            }
            let report = JobReport::resource_unconnected(resource.path(), &error, begun.elapsed());
            reporter.found(JobReport { service: Some(service), ..report });
            return Ok(reporter.finish(false));
        }
        None => {
            reporter.resource_stopped(resource.path(), service);
            return Ok(reporter.finish(true));
        }
    };
    let endpoint = client.endpoint().clone();
    let left = timeout.saturating_sub(begun.elapsed()).max(session::LEAST.min(timeout));
    let policy = args.timing.policy(left);
    let (progress_reporter, wanted) = (reporter.clone(), resource.clone());
    let ended = interrupt.unless(move || {
        let wait = client.wait_for(wanted).policy(policy.request_timeout(client.request_timeout()));
        wait.on_progress(|progress| progress_reporter.resource_polled(progress)).outcome()
    });
    match &ended {
        Some(outcome) => {
            let report = JobReport::of_resource(resource.path(), args.gone, outcome);
            reporter.found(JobReport { service: Some(service), endpoint: Some(&endpoint), ..report });
        }
        None => {
            if !interrupt.cancel().is_cancelled() {
                reporter.panicked();
            }
            reporter.resource_stopped(resource.path(), service);
        }
    }
    Ok(reporter.finish(interrupt.is_hit()))
}

/// The resource and its wanted state out of the options.
fn resource(args: &UntilArgs) -> Result<Resource, Exit> {
    if args.is.is_empty() && !args.gone {
        return Err(Exit::usage("no wanted state is given")
            .hint("add --is POINTER=VALUE, such as --is /server/status=ACTIVE, or --gone"));
    }
    let mut resource = Resource::get(&args.path);
    for (pointer, value) in &args.is {
        resource = resource.until(pointer, [value]);
    }
    for (pointer, value) in &args.fail {
        resource = resource.fail_on(pointer, [value]);
    }
    if args.gone {
        resource = resource.gone();
    }
    resource.check()?;
    Ok(resource)
}
