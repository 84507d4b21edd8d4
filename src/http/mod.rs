//! One request and its response: the only folder that uses ureq.
//!
//! What it adds to ureq: a request ends by its deadline, whatever the peer, a proxy or a resolver does (`deadline`,
//! `tcp`), no thread is started for a request (`dns`), a loopback address never goes through a proxy from the environment
//! (`proxy`), no secret of a request reaches ureq's log (`secret_headers`), every byte of a response counts towards a
//! bound (`deadline`), and each error says what was tried (`error`).

mod connect;
mod deadline;
mod dns;
mod error;
mod proxy;
mod request;
mod response;
mod scrub;
mod secret_headers;
mod tcp;
mod tls;
mod tls_error;
mod tunnel;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector, NextTimeout};

use self::deadline::RequestDeadline;
use self::dns::DnsCache;
use self::error::{Attempt, Target};
use self::proxy::{Exceptions, Found, Proxies, ProxyServer};
use self::response::receive;
use self::tcp::{Opened, SocketConnector};
use self::tunnel::TunnelConnector;
use crate::api::request::{Method, Request};
use crate::api::response::Response;
use crate::endpoint::url::Origin;
use crate::error::poll::{TransportError, TransportErrorKind};

pub(crate) use self::dns::LookUp;
pub(crate) use self::proxy::ProxyChoice;
pub(crate) use self::tls::{RootStore, TlsLibrary};

/// The time of this computer, for messages.
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// How connections are made.
#[derive(Clone)]
pub(crate) struct HttpOptions {
    pub(crate) proxy: ProxyChoice,
    pub(crate) roots: RootStore,
    pub(crate) tls: TlsLibrary,
    /// Connections kept for later requests, per host. Default: 16.
    pub(crate) idle_connections: usize,
    /// In place of the system's resolver, for tests.
    pub(crate) resolve: Option<LookUp>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            proxy: ProxyChoice::default(),
            roots: RootStore::default(),
            tls: TlsLibrary::default(),
            idle_connections: IDLE_CONNECTIONS,
            resolve: None,
        }
    }
}

/// Sends requests and keeps the connections. Clones share them.
#[derive(Clone)]
pub(crate) struct HttpClient {
    routes: Arc<Routes>,
}

struct Routes {
    direct: Agent,
    https: Route,
    http: Route,
    except: Exceptions,
    tls: TlsLibrary,
    /// No loopback address goes through a proxy, unless that was given explicitly.
    spare_loopback: bool,
}

/// How hosts that are not excluded are reached.
enum Route {
    Direct,
    Through { agent: Agent, proxy: Arc<ProxyServer> },
    Unusable(String),
}

impl HttpClient {
    /// # Errors
    /// A CA file that cannot be used, or a proxy URL that was given and cannot be used. An unusable proxy in the
    /// environment is reported by [`check`](Self::check) and [`send`](Self::send), once a URL needs it.
    pub(crate) fn new(options: &HttpOptions) -> Result<Self, TransportError> {
        // What is not UTF-8 is not unset: it is reported by `proxy`.
        Self::in_environment(options, |name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        })
    }

    fn in_environment(
        options: &HttpOptions,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, TransportError> {
        let proxies = Proxies::new(&options.proxy, variable)
            .map_err(|why| TransportError::new(TransportErrorKind::InvalidUrl, why))?;
        let names = DnsCache::new(options.resolve.clone());
        #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
        let tls = options.tls.to_ureq(&options.roots)?;
        #[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
        options.roots.check()?;

        let agent = |proxy: Option<Arc<ProxyServer>>| {
            let config = config(options.idle_connections);
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
            let config = config.tls_config(tls.clone());
            agent(config.build(), names.clone(), proxy)
        };
        let route = |found: Found| match found {
            Found::Nothing => Route::Direct,
            Found::Usable(proxy) => Route::Through { agent: agent(Some(Arc::clone(&proxy))), proxy },
            Found::Unusable(why) => Route::Unusable(why),
        };
        let routes = Routes {
            direct: agent(None),
            https: route(proxies.https),
            http: route(proxies.http),
            except: proxies.except,
            tls: options.tls,
            spare_loopback: !matches!(options.proxy, ProxyChoice::Url(_)),
        };
        Ok(Self { routes: Arc::new(routes) })
    }

    /// Whether requests to this host can be sent, as far as that is known without sending one.
    ///
    /// # Errors
    /// This build has no TLS, or the environment names a proxy for the host that cannot be used.
    pub(crate) fn check(&self, origin: &Origin) -> Result<(), TransportError> {
        self.route(origin).map(|_| ())
    }

    /// Sends a request and reads the whole response, whatever its status; redirects are not followed. All of it, from
    /// resolving the name to the last byte, ends within `timeout`.
    ///
    /// # Errors
    /// There is no complete response: see [`TransportErrorKind`]. A 407 is an error too, since no service sends it.
    pub(crate) fn send(&self, request: &Request, timeout: Duration) -> Result<Response, TransportError> {
        let (agent, proxy) = self.route(request.url.origin())?;
        let (message, secret_lines) = request::message(request)?;

        let current = RequestDeadline::begin(timeout, secret_lines);
        let attempt = Attempt { target: Target(request.url.origin()), proxy, timeout, request: &current };
        if deadline::left().is_none() {
            return Err(attempt.explain(ureq::Error::Timeout(ureq::Timeout::Global)));
        }
        let response = match request.method {
            Method::Get => agent.run(message.map(|_| ())),
            Method::Post => agent.run(message),
        };
        receive(response.map_err(|error| attempt.explain(error))?, request, &attempt)
    }

    /// The agent for this host, and the proxy it goes through.
    fn route(&self, origin: &Origin) -> Result<(&Agent, Option<&ProxyServer>), TransportError> {
        let unusable = |why: &str| Err(TransportError::new(TransportErrorKind::InvalidUrl, why));
        let routes = &*self.routes;
        if origin.is_https()
            && let Err(why) = routes.tls.check()
        {
            return unusable(why);
        }
        let route = if origin.is_https() { &routes.https } else { &routes.http };
        if routes.spare_loopback && origin.is_loopback()
            || routes.except.match_host(origin.host(), origin.port())
        {
            return Ok((&routes.direct, None));
        }
        match route {
            Route::Direct => Ok((&routes.direct, None)),
            Route::Through { agent, proxy } => match routes.tls.check() {
                Err(why) if proxy.is_https() => unusable(why),
                _ => Ok((agent, Some(proxy))),
            },
            Route::Unusable(why) => unusable(why),
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("https", &self.routes.https)
            .field("http", &self.routes.http)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            Self::Through { proxy, .. } => write!(f, "through {proxy}"),
            Self::Unusable(why) => f.write_str(why),
        }
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("proxy", &self.proxy)
            .field("tls", &self.tls)
            .field("roots", &self.roots)
            .field("idle_connections", &self.idle_connections)
            .finish_non_exhaustive()
    }
}

/// The settings of ureq, except for TLS. None of its timeouts are set: `deadline` covers everything.
fn config(idle_connections: usize) -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    Config::builder()
        // ureq would read it from the environment.
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(USER_AGENT)
        .accept("application/json")
        // Without it a server may use any coding, and another crate of the program can enable those of ureq.
        .accept_encoding("identity")
        .max_response_header_size(MAX_HEADERS)
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .max_idle_age(IDLE_AGE)
        .max_idle_connections_per_host(idle_connections)
        .max_idle_connections(idle_connections.saturating_mul(4))
}

fn agent(config: Config, names: DnsCache, proxy: Option<Arc<ProxyServer>>) -> Agent {
    let chain = ().chain(TunnelConnector { proxy: proxy.clone() });
    let chain = chain.chain(SocketConnector { names, proxy: proxy.clone() });
    // Each one does nothing unless the config names its library.
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    let chain = chain.chain(ureq::unversioned::transport::RustlsConnector::default());
    #[cfg(feature = "native-tls")]
    let chain = chain.chain(ureq::unversioned::transport::NativeTlsConnector::default());
    Agent::with_parts(config, chain.chain(Opened { proxy }), NoResolver)
}

/// ureq resolves before it looks for a kept connection. `tcp` asks `dns` when it needs addresses.
#[derive(Debug)]
struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

const USER_AGENT: &str = concat!("cloudjob/", env!("CARGO_PKG_VERSION"));
const IDLE_CONNECTIONS: usize = 16;
/// Longer than the longest delay between two polls.
const IDLE_AGE: Duration = Duration::from_secs(5 * 60);
const MAX_HEADERS: usize = 128 * 1024;
/// No real batch job reaches it: 1,000 sub-jobs with long reasons are 1.1 MB.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// A little more than the largest TLS record. Larger heads are buffered by `secret_headers`.
const BUFFER: usize = 17 * 1024;

#[cfg(test)]
mod tests;
