//! The arguments, as a person types them.
#![allow(rustdoc::bare_urls, reason = "the comments are texts of --help")]

pub(crate) mod common;
mod duration;
pub(crate) mod help;
pub(crate) mod parse;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::poll::PollPolicy;
use crate::poll::backoff::Backoff;

use self::common::{Color, Connection, ListFormat, Printing, Scope, Verbosity};

/// Wait for asynchronous jobs of Huawei Cloud and Open Telekom Cloud
#[derive(Debug, Parser)]
#[command(name = "cloudjob", version, after_help = help::TOP_EXAMPLES, after_long_help = help::long(help::TOP_EXAMPLES, "cloudjob"))]
pub(crate) struct Cli {
    /// Options given before the subcommand; each subcommand takes some of them.
    #[command(flatten)]
    pub(crate) before: Common,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try it without an account: start a simulated job service and wait for three servers
    #[command(after_help = "Example: cloudjob demo --fail")]
    Demo(DemoArgs),

    /// Poll each job once and print its state
    #[command(after_help = help::SHOW_EXAMPLES, after_long_help = help::long(help::SHOW_EXAMPLES, "show"))]
    Show(ShowArgs),

    /// Wait until all jobs have ended
    #[command(after_help = help::WAIT_EXAMPLES, after_long_help = help::long(help::WAIT_EXAMPLES, "wait"))]
    Wait(WaitArgs),

    /// Poll a resource until it is in the wanted state
    #[command(after_help = help::UNTIL_EXAMPLES, after_long_help = help::long(help::UNTIL_EXAMPLES, "until"))]
    Until(UntilArgs),

    /// Run a simulated job service on this computer until interrupted
    #[command(after_help = help::SIMULATE_EXAMPLES)]
    Simulate(SimulateArgs),

    /// Check the credentials and show their source and the endpoint that would be used
    #[command(visible_alias = "login", after_help = help::WHOAMI_EXAMPLES, after_long_help = help::long(help::WHOAMI_EXAMPLES, "whoami"))]
    Whoami(WhoamiArgs),

    /// Print the completion script for a shell
    #[command(after_help = help::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),

    /// Print the manual page of cloudjob or of one subcommand
    #[command(after_help = "Example: cloudjob man wait | man -l -")]
    Man(ManArgs),
}

/// What may stand before the subcommand.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) scope: Scope,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Let one of the three servers fail
    #[arg(long)]
    pub(crate) fail: bool,

    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// A job id, the JSON response that contains it, or @FILE with either
    #[arg(required = true, value_name = "JOB_ID")]
    pub(crate) ids: Vec<OsString>,

    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) scope: Scope,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Args, Debug)]
pub(crate) struct WaitArgs {
    /// A job id, the JSON response that contains it, @FILE with either, or - for standard input
    #[arg(required = true, value_name = "JOB_ID")]
    pub(crate) ids: Vec<OsString>,

    #[command(flatten)]
    pub(crate) timing: Timing,

    /// Stop at the first job that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Treat a job that is pending payment as failed
    #[arg(long)]
    pub(crate) fail_on_pending_payment: bool,

    /// Treat a job that disappears after it was seen as succeeded: some services delete a job with its resource
    #[arg(long)]
    pub(crate) gone_is_success: bool,

    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) scope: Scope,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Args, Debug)]
pub(crate) struct UntilArgs {
    /// The path of the resource, such as /v2/{project_id}/cloudvolumes/ID; {project_id} is filled in
    #[arg(value_name = "PATH")]
    pub(crate) path: String,

    /// The wanted value at a JSON pointer, such as /volume/status=available; repeat it for other accepted values
    #[arg(long, value_name = "POINTER=VALUE", value_parser = condition)]
    pub(crate) is: Vec<(String, String)>,

    /// A value that ends the wait as failed, such as /volume/status=error; a * at its end stands for any rest
    #[arg(long, value_name = "POINTER=VALUE", value_parser = condition)]
    pub(crate) fail: Vec<(String, String)>,

    /// Wait until the resource does not exist any more
    #[arg(long, conflicts_with = "is")]
    pub(crate) gone: bool,

    /// How the result is printed (default: text)
    #[arg(long, short, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<ListFormat>,

    #[command(flatten)]
    pub(crate) timing: Timing,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
    #[command(flatten)]
    pub(crate) color: Color,
}

impl Timing {
    /// The policy of a wait of which so much time is left.
    pub(crate) const fn policy(self, left: Duration) -> PollPolicy {
        let backoff = Backoff::new();
        let backoff = match self.expect {
            Some(expected) => backoff.expected_duration(expected),
            None => backoff,
        };
        PollPolicy::new().timeout(left).backoff(backoff)
    }
}

/// How long a wait takes at most, and how often it polls.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// How long to wait for each job, from the moment its id is known, such as 90s, 30m, 1h30m; 0s polls once
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration::parse, allow_hyphen_values = true)]
    pub(crate) timeout: Duration,

    /// Maximum number of polls per second, for all jobs together
    #[arg(long, value_name = "NUMBER", default_value = "5", value_parser = rate, allow_hyphen_values = true)]
    pub(crate) rate: f64,

    /// How long a job is expected to take: a hint for when to poll
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    pub(crate) expect: Option<Duration>,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// The loopback address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = address)]
    pub(crate) listen: SocketAddr,

    /// Delay each response by this long
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(crate) latency: Option<Duration>,

    /// Respond with 429 to more requests per second than this
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) throttle: Option<u32>,

    /// Let the token expire after this long
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(crate) expire_token: Option<Duration>,

    /// Let every n-th job fail: 1 for all of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) fail: Option<u32>,

    /// Accept password logins of this user; any name and password will do
    #[arg(long, value_name = "NAME:PASSWORD", value_parser = pair)]
    pub(crate) user: Vec<(String, String)>,

    /// Accept requests signed with this access key
    #[arg(long, value_name = "KEY:SECRET", value_parser = pair)]
    pub(crate) access_key: Vec<(String, String)>,

    /// Print nothing on standard error
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Args, Debug)]
pub(crate) struct WhoamiArgs {
    /// How the result is printed
    #[arg(long, short, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<ListFormat>,

    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) color: Color,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The subcommand; without it the page of cloudjob itself
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "it must be a number above 0, such as 5 or 0.5".to_owned())
}

fn condition(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((pointer, value)) if pointer.is_empty() || pointer.starts_with('/') => {
            Ok((pointer.to_owned(), value.to_owned()))
        }
        _ => Err("it must be a JSON pointer and a value, such as /server/status=ACTIVE".to_owned()),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, secret)) if !name.is_empty() && !secret.is_empty() => {
            Ok((name.to_owned(), secret.to_owned()))
        }
        _ => Err("it must be two words with a colon between them".to_owned()),
    }
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
