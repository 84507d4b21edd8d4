//! `cloudjob demo`: a wait for three servers that needs no account.

use std::io;
use std::time::Duration;

use crate::auth::Credentials;
use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::job::id::JobId;
use crate::simulator::Simulator;

use super::post::post;
use super::simulate::lacks_thread;
use super::wait;
use super::wait::WaitOptions;
use crate::cli::args::DemoArgs;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::input::target::Target;
use crate::cli::output::message::Message;
use crate::cli::output::{Reporter, style};
use crate::cli::session::Clients;
use crate::cli::signal::Interrupt;
use crate::error::RAISE_THREAD_LIMIT;

pub(crate) fn run(args: &DemoArgs) -> Result<Code, Exit> {
    style::choose(args.printing.color);
    let simulator = Simulator::start().map_err(|error| {
        let exit = broken(&error);
        if lacks_thread(&error) { exit.hint(RAISE_THREAD_LIMIT) } else { exit }
    })?;
    let interrupt = Interrupt::listen();
    let reporter = Reporter::for_wait(args.printing, LIMIT, interrupt.cancel()).for_demo();
    reporter.remark(&format!("A simulated job service runs at {}.", simulator.endpoint_url()));
    let id = create_servers(&simulator, args.fail).map_err(|error| broken(&error))?;
    reporter.remark(&format!(
        "POST /v1/.../cloudservers requests three servers; the response is only a job id: {id}"
    ));
    reporter.remark(&format!("`cloudjob wait {id}` shows this:"));

    let options = WaitOptions {
        timeout: LIMIT,
        expect: None,
        fail_fast: false,
        fail_on_pending_payment: false,
        gone_is_success: false,
    };
    let clients = Clients::one(client(&simulator)?);
    let code =
        wait::watch(&clients, vec![Target::from(id)], std::iter::empty(), options, &reporter, &interrupt);
    if !interrupt.is_hit() {
        reporter.remark(NEXT);
    }
    Ok(code)
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
    Exit::new(Code::NoAnswer, Message::new(format!("the simulated job service cannot be used: {error}")))
}

const NEXT: &str = "\
To try it with your own requests, run `cloudjob simulate` in another terminal. With the three lines that it prints:
  export OS_TOKEN=... OS_PROJECT_ID=...
  curl -X POST -H \"X-Auth-Token: $OS_TOKEN\" $ENDPOINT/v1/$OS_PROJECT_ID/cloudservers |
    cloudjob wait - --endpoint $ENDPOINT";

const SECONDS: u8 = 6;

/// A job of six seconds that has not ended by then never will.
const LIMIT: Duration = Duration::from_secs(14);
