//! `cloudjob whoami`: whether the credentials work, where they came from, and which endpoint would be polled.

use std::fmt::Write;

use crate::client::config::ClientConfig;
use crate::session::SessionInfo;
use serde::Serialize;

use crate::cli::args::WhoamiArgs;
use crate::cli::args::common::ListFormat;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::{stdio, style};
use crate::cli::session;
use crate::cli::signal::Interrupt;
use crate::util::sanitize::label;

pub(crate) fn run(args: &WhoamiArgs) -> Result<Code, Exit> {
    style::choose(args.color);
    let service = args.connection.service.unwrap_or_default();
    let builder = session::builder(&args.connection, service, ClientConfig::new())?;
    let interrupt = Interrupt::listen();
    let work = move || {
        let mut session = builder.connect()?;
        session.verify().map(|()| session)
    };
    let session = interrupt.unless(work).ok_or_else(|| Exit::silent(Code::Interrupted))??;
    let facts = Facts::from(session.info());
    stdio::print(&match args.output.unwrap_or_default() {
        ListFormat::Text => facts.to_text(),
        ListFormat::Json => serde_json::to_string(&facts).unwrap_or_default(),
    })?;
    Ok(Code::Good)
}

/// What is printed; no secret is among it.
#[derive(Serialize)]
struct Facts<'a> {
    source: &'a str,
    method: &'a str,
    user: Option<&'a str>,
    domain: Option<&'a str>,
    project_id: &'a str,
    project_name: Option<&'a str>,
    region: Option<&'a str>,
    service: &'a str,
    endpoint: &'a str,
    endpoint_source: &'a str,
    expires_at: Option<&'a str>,
}

impl<'a> From<&'a SessionInfo> for Facts<'a> {
    fn from(info: &'a SessionInfo) -> Self {
        Self {
            source: info.source(),
            method: info.method(),
            user: info.user(),
            domain: info.domain(),
            project_id: info.project_id(),
            project_name: info.project_name(),
            region: info.region(),
            service: info.service().as_str(),
            endpoint: info.endpoint_url(),
            endpoint_source: info.endpoint_source(),
            expires_at: info.expires_at(),
        }
    }
}

impl Facts<'_> {
    fn to_text(&self) -> String {
        let mut out = String::from("the credentials work\n");
        let mut line = |name: &str, value: &str, more: Option<String>| {
            let more = more.map(|more| format!(" ({})", label(&more))).unwrap_or_default();
            let _ = writeln!(out, "{name:<12}{}{more}", label(value));
        };
        line("credentials", self.method, Some(format!("from {}", self.source)));
        if let Some(user) = self.user {
            line("user", user, self.domain.map(|domain| format!("domain {domain}")));
        }
        line("project", self.project_id, self.project_name.map(str::to_owned));
        if let Some(region) = self.region {
            line("region", region, None);
        }
        line("service", self.service, None);
        line("endpoint", self.endpoint, Some(format!("from {}", self.endpoint_source)));
        line("expires", self.expires_at.unwrap_or("unknown"), None);
        out
    }
}
