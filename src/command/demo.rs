//! `cloudjob demo`: a wait for three servers that needs no account.

use std::io;
use std::time::Duration;

use cloudjob::simulator::Simulator;
use cloudjob::{Client, Credentials, Endpoint, JobId};

use super::args::{Common, DemoArgs};
use super::display::Display;
use super::exit::{Code, Stop, Tally};
use super::interrupt::Interrupt;
use super::post::post;
use super::stage::Stage;
use super::usage;
use super::wait::{self, Rules};

pub(super) fn run(args: &DemoArgs, common: &Common) -> Result<Code, Stop> {
    usage::no_connection("demo", common)?;
    let simulator = Simulator::start().map_err(|error| broken(&error))?;
    let interrupt = Interrupt::listen();
    let stage =
        Stage::new(common, Display::for_wait(common), Tally::default(), interrupt.cancel()).for_demo();
    stage.remark(&format!(
        "A job service is simulated at {}, on this computer alone.",
        simulator.endpoint_url()
    ));
    let id = create_servers(&simulator, args.fail).map_err(|error| broken(&error))?;
    stage
        .remark("POST /v1/.../cloudservers asked it for three servers. The answer is no more than a job id.");
    stage.remark(&format!("What became of it is what `cloudjob wait {id}` tells:"));

    let rules = Rules { timeout: LIMIT, expect: None, fail_fast: false, fail_on_pending_payment: false };
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
    JobId::from_submit_answer(&answer).map_err(io::Error::other)
}

fn client(simulator: &Simulator) -> Result<Client, Stop> {
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id());
    let endpoint = endpoint.map_err(|error| broken(&io::Error::other(error)))?;
    let credentials =
        Credentials::token(simulator.token()).map_err(|error| broken(&io::Error::other(error)))?;
    Ok(Client::new(endpoint, credentials)?)
}

fn broken(error: &io::Error) -> Stop {
    Stop { code: Code::NoAnswer, message: format!("the job service of the demo cannot be used: {error}") }
}

const SECONDS: u8 = 6;

/// A job of six seconds that has not ended by then never will.
const LIMIT: Duration = Duration::from_secs(14);
