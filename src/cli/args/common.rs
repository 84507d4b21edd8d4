//! The options that several subcommands take.
#![allow(rustdoc::bare_urls, reason = "the comments are texts of --help")]

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum, ValueHint};

use crate::cli::output::message::Message;
use crate::endpoint::service::Service;

use super::help::CONNECTION;

/// The endpoint to poll, and the credentials.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Connection {
    /// The service that started the job (default: ecs); an id may carry another one as a prefix, such as evs:ID
    #[arg(long, help_heading = CONNECTION, value_name = "NAME", ignore_case = true, value_parser = service())]
    pub(crate) service: Option<Service>,

    /// The root URL of the service, such as https://ecs.eu-de.otc.t-systems.com
    #[arg(long, help_heading = CONNECTION, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) endpoint: Option<String>,

    /// The region, such as eu-de
    #[arg(long, help_heading = CONNECTION, value_name = "NAME")]
    pub(crate) region: Option<String>,

    /// The id of the project that the job belongs to
    #[arg(long, help_heading = CONNECTION, value_name = "ID")]
    pub(crate) project_id: Option<String>,

    /// The name of a cloud in clouds.yaml
    #[arg(long, help_heading = CONNECTION, value_name = "NAME")]
    pub(crate) cloud: Option<String>,

    /// A file that contains a token and nothing else
    #[arg(long, help_heading = CONNECTION, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) token_file: Option<PathBuf>,

    /// CA certificates (PEM) to trust instead of the built-in ones
    #[arg(long, help_heading = CONNECTION, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_cert: Option<PathBuf>,
}

/// The second id in the path of a job.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Scope {
    /// The second id that the jobs of some services need: the instance of dms, the graph of ges
    #[arg(long = "scope", help_heading = CONNECTION, value_name = "ID")]
    pub(crate) scope: Option<String>,
}

/// What is printed about jobs, and how.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Printing {
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
    #[command(flatten)]
    pub(crate) color: Color,
}

/// The form of results.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Output {
    /// How results are printed (default: text)
    #[arg(long, short, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
}

/// How much standard error says on the way.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Verbosity {
    /// Print no progress, only results and errors
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print a line for each poll: time, status, next poll
    #[arg(long, short, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Whether colors are used.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Color {
    /// When to use colors (default: auto, which is on a terminal unless NO_COLOR is set)
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<ColorChoice>,
}

/// The form of results about jobs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object per line
    Json,
    /// The ids of created resources, one per line
    Ids,
}

/// The form of everything else.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// When colors are used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Connection {
    /// What is given here, else what `other` gives.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            service: self.service.or(other.service),
            endpoint: self.endpoint.or(other.endpoint),
            region: self.region.or(other.region),
            project_id: self.project_id.or(other.project_id),
            cloud: self.cloud.or(other.cloud),
            token_file: self.token_file.or(other.token_file),
            ca_cert: self.ca_cert.or(other.ca_cert),
        }
    }
}

impl Printing {
    /// # Errors
    /// As [`Verbosity::or`].
    pub(super) fn or(self, other: Self) -> Result<Self, Message> {
        Ok(Self {
            output: self.output.or(other.output),
            verbosity: self.verbosity.or(other.verbosity)?,
            color: self.color.or(other.color),
        })
    }
}

impl Scope {
    pub(super) fn or(self, other: Self) -> Self {
        Self { scope: self.scope.or(other.scope) }
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.scope.as_deref()
    }
}

impl From<Option<ListFormat>> for Output {
    fn from(format: Option<ListFormat>) -> Self {
        let output = format.map(|format| match format {
            ListFormat::Text => Format::Text,
            ListFormat::Json => Format::Json,
        });
        Self { output }
    }
}

impl Output {
    pub(super) fn or(self, other: Self) -> Self {
        Self { output: self.output.or(other.output) }
    }

    /// The form of something else than jobs: what is given after the subcommand, else this.
    ///
    /// # Errors
    /// Only jobs have such a form.
    pub(super) fn of_one(self, after: Option<ListFormat>) -> Result<Option<ListFormat>, Message> {
        Ok(Some(match (after, self.output) {
            (Some(format), _) => format,
            (None, None) => return Ok(None),
            (None, Some(Format::Text)) => ListFormat::Text,
            (None, Some(Format::Json)) => ListFormat::Json,
            (None, Some(Format::Ids)) => {
                let message = Message::new("invalid value 'ids' for '--output <FORMAT>'");
                return Err(message.note("possible values: text, json"));
            }
        }))
    }

    pub(crate) fn format(self) -> Format {
        self.output.unwrap_or_default()
    }
}

impl Verbosity {
    /// # Errors
    /// One asks for less, the other for more.
    pub(super) fn or(self, other: Self) -> Result<Self, Message> {
        let both =
            Self { quiet: self.quiet || other.quiet, verbose: self.verbose.saturating_add(other.verbose) };
        if both.quiet && both.verbose > 0 {
            return Err(Message::new("the argument --quiet cannot be used with --verbose"));
        }
        Ok(both)
    }
}

impl Color {
    pub(super) fn or(self, other: Self) -> Self {
        Self { color: self.color.or(other.color) }
    }

    pub(crate) fn choice(self) -> ColorChoice {
        self.color.unwrap_or_default()
    }
}

/// A service by its name. Its names are shown as possible values, and completed.
fn service() -> impl clap::builder::TypedValueParser<Value = Service> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    let names = Service::ALL.iter().map(|service| service.as_str());
    PossibleValuesParser::new(names)
        .try_map(|name| name.parse::<Service>().map_err(|error| error.to_string()))
}
