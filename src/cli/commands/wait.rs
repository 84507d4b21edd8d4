//! `cloudjob wait`: until all jobs have ended.

use std::io::{self, IsTerminal};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::client::config::ClientConfig;
use crate::error::Error;
use crate::job::id::JobId;

use crate::cli::args::{Common, WaitArgs};
use crate::cli::exit_code::{Code, Exit, ExitStatus};
use crate::cli::input;
use crate::cli::input::Named;
use crate::cli::input::error::InputError;
use crate::cli::input::stdin;
use crate::cli::output::Reporter;
use crate::cli::output::job_report::JobReport;
use crate::cli::progress::ProgressDisplay;
use crate::cli::session;
use crate::cli::signal::Interrupt;

/// How jobs are waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitOptions {
    pub(crate) timeout: Duration,
    pub(crate) expect: Option<Duration>,
    pub(crate) fail_fast: bool,
    pub(crate) fail_on_pending_payment: bool,
}

pub(crate) fn run(args: &WaitArgs, common: &Common) -> Result<Code, Exit> {
    let Named { mut ids, more_on_input } = input::from_arguments(&args.ids, true)?;
    let mut config = ClientConfig::new().max_polls_per_second(args.rate);
    if !args.timeout.is_zero() {
        config = config.request_timeout(args.timeout.min(LOGIN));
    }
    let connect = session::connect(&common.connection, config)?;
    let interrupt = Interrupt::listen();
    let stage =
        Reporter::new(common, ProgressDisplay::for_wait(common), ExitStatus::default(), interrupt.cancel());
    // What is known by now; the login counts.
    let mut known = Instant::now();
    let mut input = More { lines: more_on_input.then(stdin::items), stage: stage.clone(), bad: 0 };
    if ids.is_empty() {
        if io::stdin().is_terminal() {
            stage.remark("job ids are read from the terminal, one a line, until Ctrl-D");
        }
        // Nothing is asked before there is an id.
        let Some((first, rest)) = interrupt.unless(move || (input.next(), input)) else {
            return Ok(stage.finish(true));
        };
        input = rest;
        match first {
            Some(id) => {
                ids.push(id);
                known = Instant::now();
            }
            None if input.bad > 0 => return Ok(stage.finish(false)),
            None => {
                return Err(Exit::usage(
                    "there is no job id on standard input: the program before the pipe has probably failed; \
                     nothing was asked",
                ));
            }
        }
    }
    let Some(connected) = interrupt.unless(move || connect.connect()) else {
        ids.iter().for_each(|id| stage.take(id));
        return Ok(stage.finish(true));
    };
    let client = match connected {
        Ok(connected) => {
            stage.asks(connected.info());
            connected.into_client()
        }
        Err(error) => return unconnected(&stage, &ids, error, known),
    };
    // Ids that are still to come have all of it.
    let spent = if more_on_input || args.timeout.is_zero() { Duration::ZERO } else { known.elapsed() };
    let rules = WaitOptions {
        // Nought would be a poll without a deadline.
        timeout: args.timeout.saturating_sub(spent).max(LEAST.min(args.timeout)),
        expect: args.expect,
        fail_fast: args.fail_fast,
        fail_on_pending_payment: args.fail_on_pending_payment,
    };
    Ok(watch(&client, ids.into_iter().chain(input), rules, &stage, &interrupt))
}

/// Waits for all ids that come, and tells what becomes of them.
pub(crate) fn watch(
    client: &Client,
    ids: impl Iterator<Item = JobId> + Send + 'static,
    rules: WaitOptions,
    stage: &Reporter,
    interrupt: &Interrupt,
) -> Code {
    let taker = stage.clone();
    let mut wait = client
        .wait_all(ids.inspect(move |id| taker.take(id)))
        .timeout(rules.timeout)
        .fail_fast(rules.fail_fast)
        .fail_on_pending_payment(rules.fail_on_pending_payment)
        .cancel(interrupt.cancel())
        .on_progress(|progress| stage.progress(progress));
    if let Some(expected) = rules.expect {
        wait = wait.expected_duration(expected);
    }
    for outcome in wait.outcomes() {
        // Said now, so that the end is waited for.
        interrupt.is_hit();
        stage.ended(&outcome);
    }
    stage.finish(interrupt.is_hit())
}

/// No client could be made: with bad settings nothing is said of the jobs, else every job has its line.
pub(crate) fn unconnected(
    stage: &Reporter,
    ids: &[JobId],
    error: Error,
    known: Instant,
) -> Result<Code, Exit> {
    let stop = Exit::from(error.clone());
    if stop.code == Code::Usage {
        return Err(stop);
    }
    for id in ids {
        stage.found(&JobReport::unconnected(id, &error, known.elapsed()));
    }
    Ok(stage.finish(false))
}

/// The ids on standard input. What is none is told at once, and passed over.
struct More {
    lines: Option<Receiver<Result<JobId, InputError>>>,
    stage: Reporter,
    bad: usize,
}

impl Iterator for More {
    type Item = JobId;

    fn next(&mut self) -> Option<JobId> {
        loop {
            match self.lines.as_ref()?.recv().ok()? {
                Ok(id) => return Some(id),
                Err(bad) => {
                    self.bad += 1;
                    self.stage.found(&JobReport::bad(&bad));
                }
            }
        }
    }
}

/// How long one request of a login may take at the most.
const LOGIN: Duration = Duration::from_secs(30);

/// What is left of a timeout that the login has used up.
const LEAST: Duration = Duration::from_millis(1);
