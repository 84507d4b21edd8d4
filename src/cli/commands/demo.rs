//! `cloudjob demo`: a wait for three servers that needs no account.

use std::io;
use std::time::Duration;

use crate::auth::Credentials;
use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::job::id::JobId;
use crate::simulator::Simulator;

use super::post::post;
use super::wait;
use super::wait::WaitOptions;
use crate::cli::args::{Common, DemoArgs};
use crate::cli::exit_code::{Code, Exit, ExitStatus};
use crate::cli::output::Reporter;
use crate::cli::parse;
use crate::cli::progress::ProgressDisplay;
use crate::cli::signal::Interrupt;

pub(crate) fn run(args: &DemoArgs, common: &Common) -> Result<Code, Exit> {
    parse::no_connection("demo", common)?;
    let simulator = Simulator::start().map_err(|error| broken(&error))?;
    let interrupt = Interrupt::listen();
    let stage =
        Reporter::new(common, ProgressDisplay::for_wait(common), ExitStatus::default(), interrupt.cancel())
            .for_demo();
    stage.remark(&format!(
        "A job service is simulated at {}, on this computer alone.",
        simulator.endpoint_url()
    ));
    let id = create_servers(&simulator, args.fail).map_err(|error| broken(&error))?;
    stage
        .remark("POST /v1/.../cloudservers asked it for three servers. The answer is no more than a job id.");
    stage.remark(&format!("What became of it is what `cloudjob wait {id}` tells:"));

    let rules =
        WaitOptions { timeout: LIMIT, expect: None, fail_fast: false, fail_on_pending_payment: false };
    let client = client(&simulator)?;
    Ok(wait::watch(&client, std::iter::once(id), rules, &stage, &interrupt))
}

fn create_servers(simulator: &Simulator, fail: bool) -> io::Result<JobId> {
    let path = format!("/v1/{}/cloudservers", simulator.project_id());
    let body = format!(
        r#"{{"server": {{"name": "demo", "count": 3}}, "simulate": {{"seconds": {SECONDS}, "sub_jobs": 3, "fail": {}}}}}"#,
        u8::from(fail)
    );
    let answer = post(simulator.address(), &path, simulator.token(), &body)?;
    JobId::from_submit_response(&answer).map_err(io::Error::other)
}

fn client(simulator: &Simulator) -> Result<Client, Exit> {
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id());
    let endpoint = endpoint.map_err(|error| broken(&io::Error::other(error)))?;
    let credentials =
        Credentials::token(simulator.token()).map_err(|error| broken(&io::Error::other(error)))?;
    Ok(Client::new(endpoint, credentials)?)
}

fn broken(error: &io::Error) -> Exit {
    Exit { code: Code::NoAnswer, message: format!("the job service of the demo cannot be used: {error}") }
}

const SECONDS: u8 = 6;

/// A job of six seconds that has not ended by then never will.
const LIMIT: Duration = Duration::from_secs(14);
