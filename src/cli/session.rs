//! From the options to the clients that poll.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use crate::client::Client;
use crate::client::config::ClientConfig;
use crate::endpoint::service::Service;
use crate::error::Error;
use crate::job::id::JobId;
use crate::session::{Session, SessionBuilder};
use crate::util::sanitize::escaped;

use super::args::common::Connection;
use super::exit_code::Exit;
use super::input::target::Target;

/// The options as a builder; all else is found when it connects.
pub(super) fn builder(
    options: &Connection,
    service: Service,
    mut config: ClientConfig,
) -> Result<SessionBuilder, Exit> {
    let mut builder = SessionBuilder::new().service(service).for_command();
    if let Some(url) = &options.endpoint {
        builder = builder.endpoint(url);
    }
    if let Some(region) = &options.region {
        builder = builder.region(region);
    }
    if let Some(id) = &options.project_id {
        builder = builder.project_id(id);
    }
    if let Some(name) = &options.cloud {
        builder = builder.cloud(name);
    }
    if let Some(path) = &options.ca_cert {
        config = config.ca_file(path);
    }
    if let Some(path) = &options.token_file {
        builder = builder.token(&token(path)?);
    }
    Ok(builder.config(config))
}

/// The service of ids without a prefix.
pub(super) fn default_service(options: &Connection) -> Service {
    options.service.unwrap_or_default()
}

/// The service to connect to first. One that no id needs must not be searched for in vain.
pub(super) fn first_service(options: &Connection, ids: &[Target]) -> Service {
    let named = ids.iter().map(|id| id.service).reduce(|all, service| all.and(service)).flatten();
    options.service.or(named).unwrap_or_default()
}

/// Checks that the jobs of these services have the second id that their paths need, and that it has a use.
pub(super) fn check_scope(scope: Option<&str>, services: &[Service]) -> Result<(), Exit> {
    let what = services.iter().find_map(|service| Some((service, service.scope()?)));
    match (scope, what) {
        (None, Some((service, what))) => {
            Err(Exit::usage(format!("the path of a job of {service} has the id of its {what} in it"))
                .hint(SCOPE))
        }
        (Some(id), Some((_, what))) => match JobId::new(id) {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(Exit::usage(format!("invalid value for --scope: {}", error.of(&format!("{what} id")))))
            }
        },
        (Some(_), None) if !services.is_empty() => {
            Err(Exit::usage("--scope has no meaning for the jobs of these services")
                .hint("use it with --service dms or --service ges"))
        }
        _ => Ok(()),
    }
}

/// A client for each service that jobs are of. They share the credentials, the rate limit and the connections.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    default_service: Service,
    by_service: BTreeMap<Service, Result<Client, Error>>,
}

impl Clients {
    /// For the service of the session and these others. `default_service` is that of ids without a prefix.
    pub(super) fn new(
        session: &Session,
        default_service: Service,
        others: impl IntoIterator<Item = Service>,
        scope: Option<&str>,
    ) -> Self {
        let main = session.info().service();
        let client = |service| {
            let endpoint = match service == main {
                true => session.client().endpoint().clone(),
                false => session.endpoint(service)?,
            };
            let endpoint = match scope.filter(|_| service.scope().is_some()) {
                Some(scope) => endpoint.scope(scope).map_err(Error::config)?,
                None => endpoint,
            };
            endpoint.check_scope().map_err(|error| Error::config(format!("{error}; {SCOPE}")))?;
            Ok(session.client().with_endpoint(endpoint))
        };
        let services = others.into_iter().chain([main]);
        let by_service = services.map(|service| (service, client(service))).collect();
        Self { default_service, by_service }
    }

    /// Checks that there is a client for each of these jobs.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn check(&self, ids: &[Target]) -> Result<(), Exit> {
        for id in ids {
            self.get(self.service(id))?;
        }
        Ok(())
    }

    /// The only client there is.
    pub(super) fn one(client: Client) -> Self {
        let service = Service::default();
        Self { default_service: service, by_service: BTreeMap::from([(service, Ok(client))]) }
    }

    pub(super) fn service(&self, target: &Target) -> Service {
        target.service.unwrap_or(self.default_service)
    }

    /// The client for the jobs of a service.
    ///
    /// # Errors
    /// If its endpoint is not known.
    pub(super) fn get(&self, service: Service) -> Result<&Client, Error> {
        match self.by_service.get(&service) {
            Some(client) => client.as_ref().map_err(Clone::clone),
            None => Err(Error::config(format!("the endpoint of {service} is not known"))),
        }
    }

    /// Why there is no client for some services.
    pub(super) fn problems(&self) -> BTreeMap<Service, String> {
        let failed =
            self.by_service.iter().filter_map(|(service, client)| Some((*service, client.as_ref().err()?)));
        failed.map(|(service, error)| (service, error.to_string())).collect()
    }

    /// All of them, with their services, in a fixed order.
    pub(super) fn known(&self) -> impl Iterator<Item = (Service, &Client)> {
        self.by_service.iter().filter_map(|(service, client)| Some((*service, client.as_ref().ok()?)))
    }
}

/// The token of a file that holds nothing else.
fn token(path: &Path) -> Result<String, Exit> {
    let shown = escaped(&path.display().to_string(), 200);
    let fail = |problem: &str| Exit::usage(format!("--token-file {shown} {problem}"));
    let plain = "write the token into it and nothing else, as UTF-8 text without quotes";
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
        .map_err(|error| fail(&format!("cannot be read: {error}")))?;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return Err(fail("is UTF-16, or not text at all").hint(plain));
    }
    let text = String::from_utf8(bytes).map_err(|_| fail("is not UTF-8 text").hint(plain))?;
    // Some editors put a byte order mark in front.
    match text.trim_start_matches('\u{feff}').trim() {
        "" => Err(fail("is empty").hint(plain)),
        token if token.starts_with(['{', '[']) => Err(fail("contains JSON, not a token").hint(plain)),
        token if token.starts_with(['"', '\'']) => Err(fail("contains a token in quotes").hint(plain)),
        token if token.contains(char::is_whitespace) => Err(fail("contains more than one word").hint(plain)),
        token => Ok(token.to_owned()),
    }
}

const SCOPE: &str = "pass the id as --scope";

/// No token is as long as that.
const LONGEST: u64 = 1 << 20;

/// How long one request of a login may take at the most.
pub(super) const LOGIN: Duration = Duration::from_secs(30);

/// What is left of a timeout that the login has used up.
pub(super) const LEAST: Duration = Duration::from_millis(1);
