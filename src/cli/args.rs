//! The arguments, as a person types them.
#![allow(rustdoc::bare_urls, reason = "the comments are texts of --help")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::endpoint::service::Service;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::duration_arg;

/// Waits for the jobs of Huawei Cloud and Open Telekom Cloud, and says what became of them.
#[derive(Debug, Parser)]
#[command(name = "cloudjob", version, after_help = TOP_EXAMPLES, after_long_help = TOP_LONG)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows how it works, without an account: a job service on this computer, and a wait for three servers.
    #[command(after_help = "Example: cloudjob demo --fail")]
    Demo(DemoArgs),

    /// One poll at each job.
    #[command(after_help = SHOW_EXAMPLES, after_long_help = SHOW_LONG)]
    Show(ShowArgs),

    /// Waits until all jobs have ended.
    #[command(after_help = WAIT_EXAMPLES, after_long_help = WAIT_LONG)]
    Wait(WaitArgs),

    /// Runs a job service on this computer, to try scripts with, until it is interrupted.
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(SimulateArgs),

    /// Checks the credentials, and says where they came from and where jobs would be asked for.
    #[command(after_help = "Example: cloudjob login --cloud otc", after_long_help = LOGIN_LONG)]
    Login,

    /// Prints the completions for a shell.
    #[command(after_help = "Example: cloudjob completions bash > /etc/bash_completion.d/cloudjob")]
    Completions(CompletionsArgs),

    /// Prints the manual page.
    #[command(hide = true)]
    Man,
}

/// What every command takes, before its name or after it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) connection: Connection,

    /// How results are written to standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) output: Format,

    /// No progress, only results and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// A line for each poll: time, status, next poll
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Where jobs are asked for, and who asks.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Connection {
    /// The service that started the job: ecs, sdrs, evs, ims, bms, eip, vbs or deh
    #[arg(long, global = true, help_heading = CONNECTION, value_name = "NAME", default_value_t, hide_possible_values = true)]
    pub(crate) service: Service,

    /// The root of the job service, such as https://ecs.eu-de.otc.t-systems.com
    #[arg(long, global = true, help_heading = CONNECTION, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// The region, such as eu-de
    #[arg(long, global = true, help_heading = CONNECTION, value_name = "NAME")]
    pub(crate) region: Option<String>,

    /// The project of the job, by its id
    #[arg(long, global = true, help_heading = CONNECTION, value_name = "ID")]
    pub(crate) project_id: Option<String>,

    /// A cloud of clouds.yaml
    #[arg(long, global = true, help_heading = CONNECTION, value_name = "NAME")]
    pub(crate) cloud: Option<String>,

    /// A file that holds a token and nothing else
    #[arg(long, global = true, help_heading = CONNECTION, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Certificates (PEM) to trust in place of the built-in ones
    #[arg(long, global = true, help_heading = CONNECTION, value_name = "FILE")]
    pub(crate) ca_cert: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Lets one of the three servers fail
    #[arg(long)]
    pub(crate) fail: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// A job id, the JSON answer that has it, or @FILE with either
    #[arg(required = true, value_name = "JOB_ID")]
    pub(crate) ids: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct WaitArgs {
    /// A job id, the JSON answer that has it, @FILE with either, or - for standard input
    #[arg(required = true, value_name = "JOB_ID")]
    pub(crate) ids: Vec<String>,

    /// The longest that each job is waited for, from the moment its id is known
    #[arg(long, value_name = "SPAN", default_value = "30m", value_parser = duration_arg::parse)]
    pub(crate) timeout: Duration,

    /// Stop at the first job that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Stop at a job that waits for a payment, as if it had failed
    #[arg(long)]
    pub(crate) fail_on_pending_payment: bool,

    /// How many polls per second may be made, for all jobs together
    #[arg(long, value_name = "NUMBER", default_value = "5", value_parser = rate)]
    pub(crate) rate: f64,

    /// How long a job is expected to take: a hint for when to look
    #[arg(long, value_name = "SPAN", value_parser = duration_arg::parse)]
    pub(crate) expect: Option<Duration>,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// The loopback address and port to listen at; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = address)]
    pub(crate) listen: SocketAddr,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// The heading of the flags that say where jobs are asked for, and who asks.
pub(super) const CONNECTION: &str = "Where and who";

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "it must be a number above 0, such as 5 or 0.5".to_owned())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    let address: Option<SocketAddr> = numeric.parse().ok();
    address
        .filter(|address| address.ip().is_loopback())
        .ok_or_else(|| "it must be a loopback address with a port, such as 127.0.0.1:8080".to_owned())
}

const TOP_EXAMPLES: &str = "\
Examples:
  cloudjob demo
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  create-servers | cloudjob wait - --output json";

const TOP_LONG: &str = concat!(
    "\
Examples:
  cloudjob demo
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  create-servers | cloudjob wait - --output json

",
    environment!(),
    "

",
    exit_codes!()
);

const SHOW_EXAMPLES: &str = "Example: cloudjob show ff8080829585af7f0195c1e776d9475c --output json";

const SHOW_LONG: &str =
    concat!("Example: cloudjob show ff8080829585af7f0195c1e776d9475c --output json\n\n", environment!());

const WAIT_EXAMPLES: &str = "\
Examples:
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  cloudjob wait @answer.json --output json | jq -r '.ids.server_id[]'
  create-servers | cloudjob wait - --fail-fast";

const WAIT_LONG: &str = concat!(
    "\
Examples:
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  cloudjob wait @answer.json --output json | jq -r '.ids.server_id[]'
  create-servers | cloudjob wait - --fail-fast

A span is a number with its unit: 90s, 30m, 1h30m. A span of 0s is one polled.

",
    environment!(),
    "

",
    exit_codes!()
);

const LOGIN_LONG: &str = concat!("Example: cloudjob login --cloud otc\n\n", environment!());

const SIMULATE_EXAMPLES: &str = "\
Any POST, PUT or DELETE under /v*/{project_id}/ starts a job. A JSON member `simulate` shapes it:
  {\"simulate\": {\"seconds\": 4, \"sub_jobs\": 3, \"fail\": 1, \"job_type\": \"createServer\"}}

Example: cloudjob simulate --listen 127.0.0.1:8080";

macro_rules! environment {
    () => {
        "\
AuthMethod asks, and where, is also taken from the environment and from files (a flag beats them):
  OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME, OS_PROJECT_NAME or OS_PROJECT_ID
  OS_TOKEN, or OS_ACCESS_KEY and OS_SECRET_KEY, with OS_PROJECT_ID
  HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, HUAWEICLOUD_SDK_PROJECT_ID; HW_ACCESS_KEY, HW_SECRET_KEY, ...
  OS_REGION_NAME, HW_REGION_NAME; HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}: the endpoint itself
  OS_CLOUD: a cloud of clouds.yaml; ~/.huaweicloud/credentials
  HTTPS_PROXY, NO_PROXY, NO_COLOR: as everywhere"
    };
}
use environment;

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    every job succeeded
  1    a job failed
  2    bad usage or configuration: nothing was asked
  3    the deadline came first: a job goes on in the cloud
  4    the service said no, or an id is none
  5    no usable answer, or the result could not be written
  130  interrupted"
    };
}
use exit_codes;
