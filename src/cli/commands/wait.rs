//! `cloudjob wait`: until all jobs have ended.

use std::io::{self, IsTerminal};
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use super::show;
use crate::client::config::ClientConfig;
use crate::endpoint::service::Service;
use crate::error::Error;
use crate::wait::all::WaitAll;

use crate::cli::args::WaitArgs;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::input;
use crate::cli::input::Named;
use crate::cli::input::error::InputError;
use crate::cli::input::stdin;
use crate::cli::input::target::Target;
use crate::cli::output::job_report::JobReport;
use crate::cli::output::{Reporter, style};
use crate::cli::session;
use crate::cli::session::Clients;
use crate::cli::signal::Interrupt;

/// How jobs are waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitOptions {
    pub(crate) timeout: Duration,
    pub(crate) expect: Option<Duration>,
    pub(crate) fail_fast: bool,
    pub(crate) fail_on_pending_payment: bool,
    pub(crate) gone_is_success: bool,
}

pub(crate) fn run(args: &WaitArgs) -> Result<Code, Exit> {
    style::choose(args.printing.color);
    let default_service = session::default_service(&args.connection);
    let Named { mut ids, more_on_input } = input::from_arguments(&args.ids, true, default_service)?;
    let (timeout, scope) = (args.timing.timeout, args.scope.id());
    let mut config = ClientConfig::new().max_polls_per_second(args.timing.rate);
    if !timeout.is_zero() {
        config = config.request_timeout(timeout.min(session::LOGIN));
    }
    // One that comes on standard input may need it.
    let asked = args.connection.service.filter(|_| more_on_input);
    if !more_on_input || asked.is_some_and(|service| service.scope().is_some()) {
        session::check_scope(
            scope,
            &services(&ids, default_service).into_iter().chain(asked).collect::<Vec<_>>(),
        )?;
    }
    // What can be wrong with the options is said before anything is read.
    let builder = session::builder(&args.connection, Service::default(), config)?;
    let interrupt = Interrupt::listen();
    let reporter =
        Reporter::for_wait(args.printing, timeout, interrupt.cancel()).for_service(default_service);
    // What is known by now; the login counts.
    let mut known = Instant::now();
    let lines = more_on_input.then(stdin::items).transpose()?;
    let mut input = More { lines, default_service, reporter: reporter.clone(), bad: 0 };
    if ids.is_empty() {
        if io::stdin().is_terminal() {
            reporter.remark("reading job ids from the terminal, one per line, until Ctrl-D");
        }
        // Nothing is sent before there is an id.
        let Some((first, rest)) = interrupt.unless(move || (input.next(), input)) else {
            return Ok(reporter.finish(true));
        };
        input = rest;
        match first {
            Some(id) => {
                ids.push(id);
                known = Instant::now();
            }
            None if input.bad > 0 => return Ok(reporter.finish(false)),
            None => {
                return Err(Exit::usage("there is no job id on standard input")
                    .hint("check the program before the pipe: it has probably failed"));
            }
        }
    }
    let builder = builder.service(session::first_service(&args.connection, &ids));
    let Some(session) = interrupt.unless(move || builder.connect()) else {
        show::take(&reporter, &ids);
        return Ok(reporter.finish(true));
    };
    let clients = match session {
        Ok(session) => {
            // The services of the ids on standard input are not known yet.
            let others = if more_on_input { Service::ALL.to_vec() } else { services(&ids, default_service) };
            Clients::new(&session, default_service, others, scope)
        }
        Err(error) => return unconnected(&reporter, &ids, error, known),
    };
    if !more_on_input {
        clients.check(&ids)?;
    }
    // Ids that are still to come have all of it.
    let spent = if more_on_input || timeout.is_zero() { Duration::ZERO } else { known.elapsed() };
    let options = WaitOptions {
        // Zero would be a poll without a deadline.
        timeout: timeout.saturating_sub(spent).max(session::LEAST.min(timeout)),
        expect: args.timing.expect,
        fail_fast: args.fail_fast,
        fail_on_pending_payment: args.fail_on_pending_payment,
        gone_is_success: args.gone_is_success,
    };
    Ok(watch(&clients, ids, input, options, &reporter, &interrupt))
}

/// Waits for these ids and all that come, and reports how each job ends.
pub(crate) fn watch(
    clients: &Clients,
    ids: Vec<Target>,
    more: impl Iterator<Item = Target> + Send + 'static,
    options: WaitOptions,
    reporter: &Reporter,
    interrupt: &Interrupt,
) -> Code {
    let (services, known): (Vec<_>, Vec<_>) =
        clients.known().map(|(service, client)| (service, client.clone())).unzip();
    let problems = clients.problems();
    let id_reporter = reporter.clone();
    let of_target = clients.clone();
    let mut take = move |target: Target| {
        let service = of_target.service(&target);
        let Some(place) = services.iter().position(|known| *known == service) else {
            let problem = problems.get(&service).cloned().unwrap_or_default();
            id_reporter
                .found(JobReport::bad(&InputError::text(format!("{service}:{}: {problem}", target.id))));
            return None;
        };
        id_reporter.take(&target).then(|| (u16::try_from(place).unwrap_or_default(), target.id))
    };
    // Those that are known have their line whenever a signal comes.
    let ids: Vec<_> = ids.into_iter().filter_map(&mut take).collect();
    let ids = ids.into_iter().chain(more.filter_map(take));
    let outcome_reporter = reporter.clone();
    // At an interrupt the reporter knows all jobs that are open. The wait would make an outcome for each of them first.
    let wait_for_all = move || {
        let mut wait = WaitAll::of_clients(known, ids)
            .timeout(options.timeout)
            .fail_fast(options.fail_fast)
            .fail_on_pending_payment(options.fail_on_pending_payment)
            .gone_is_success(options.gone_is_success)
            .on_progress(|progress| outcome_reporter.progress(progress));
        if let Some(expected) = options.expect {
            wait = wait.expected_duration(expected);
        }
        wait.outcomes().for_each(|outcome| outcome_reporter.ended(&outcome));
    };
    let ended = interrupt.unless(wait_for_all);
    if ended.is_none() && !interrupt.cancel().is_cancelled() {
        reporter.panicked();
    }
    reporter.finish(interrupt.is_hit())
}

/// No client could be made: with bad settings nothing is said of the jobs, else every job has its line.
pub(crate) fn unconnected(
    reporter: &Reporter,
    ids: &[Target],
    error: Error,
    known: Instant,
) -> Result<Code, Exit> {
    let exit = Exit::from(error.clone());
    if exit.code == Code::Usage {
        return Err(exit);
    }
    for id in ids {
        reporter.found(JobReport::unconnected(id, &error, known.elapsed()));
    }
    Ok(reporter.finish(false))
}

/// The services of jobs.
pub(crate) fn services(ids: &[Target], default_service: Service) -> Vec<Service> {
    ids.iter().map(|id| id.service.unwrap_or(default_service)).collect()
}

/// The ids on standard input. An invalid one is reported at once, and skipped.
struct More {
    lines: Option<Receiver<Result<Target, InputError>>>,
    default_service: Service,
    reporter: Reporter,
    bad: usize,
}

impl Iterator for More {
    type Item = Target;

    fn next(&mut self) -> Option<Target> {
        loop {
            // Endless input must not fill the memory.
            while self.lines.is_some() && self.reporter.open() >= MOST_OPEN {
                thread::sleep(Duration::from_millis(20));
            }
            match self.lines.as_ref()?.recv().ok()? {
                Ok(id) => return Some(id.normalized(self.default_service)),
                Err(bad) => {
                    self.bad += 1;
                    self.reporter.found(JobReport::bad(&bad));
                }
            }
        }
    }
}

/// So many jobs may be open before more ids are read.
const MOST_OPEN: usize = 100_000;
