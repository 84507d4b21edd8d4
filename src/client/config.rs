//! The settings of a client.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;
#[cfg(feature = "native-tls")]
use crate::http::TlsLibrary;
use crate::http::{HttpOptions, ProxyChoice, RootStore};
use crate::util::secret::Secret;

/// Settings of a [`Client`](crate::Client), as one value: taken by
/// [`Client::with_config`](crate::Client::with_config) and [`SessionBuilder::config`](crate::SessionBuilder::config).
///
/// # Default
/// | | |
/// |-|-|
/// | `max_polls_per_second` | 5, for all waits and threads of the client together |
/// | `request_timeout` | 30 s for one poll, from the DNS query to the last byte |
/// | proxy | from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; never for a loopback address |
/// | TLS | rustls with Mozilla's roots, built in; in a build with `native-tls` alone, the operating system's |
///
/// ```
/// use std::time::Duration;
/// use cloudjob::{Client, ClientConfig, Credentials, Endpoint};
///
/// let config = ClientConfig::new().max_polls_per_second(10.0).request_timeout(Duration::from_secs(10));
/// let endpoint = Endpoint::new("https://ecs.eu-de.otc.t-systems.com", "0391e4486e864c26be5654c522f440f2")?;
/// # let _ = || -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::with_config(endpoint, Credentials::token("gAAAA...")?, config)?;
/// # let _ = client; Ok(()) };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientConfig {
    pub(crate) http: HttpOptions,
    pub(crate) request_timeout: Duration,
    max_polls_per_second: f64,
}

impl ClientConfig {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            http: HttpOptions::default(),
            request_timeout: Duration::from_secs(30),
            max_polls_per_second: 5.0,
        }
    }

    /// The rate limit of the client, for all of its waits together. A small burst is allowed. [`f64::INFINITY`] is no
    /// limit; zero and less are one poll a minute; NaN is an error when the client is made. Default: 5.
    pub const fn max_polls_per_second(mut self, rate: f64) -> Self {
        self.max_polls_per_second = rate;
        self
    }

    /// The longest that one poll may take, including a login that is due before it. Default: 30 s.
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Uses this proxy (`http://host:port`, with `user:password@` before the host if it needs them) instead of the one
    /// that the environment names, for loopback addresses too. SOCKS proxies are not supported.
    pub fn proxy(mut self, url: &str) -> Self {
        self.http.proxy = ProxyChoice::Url(Secret::new(url));
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = ProxyChoice::None;
        self
    }

    /// Trusts the certificates of this PEM file in place of the built-in roots.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.http.roots = RootStore::CaFile(path.into());
        self
    }

    /// Trusts the roots of the operating system in place of the built-in ones.
    #[cfg(feature = "platform-verifier")]
    pub fn platform_roots(mut self) -> Self {
        self.http.roots = RootStore::Platform;
        self
    }

    /// Uses the TLS library of the operating system (OpenSSL, Schannel, Secure Transport) and its roots, in place of
    /// rustls. In a build without rustls this is the default.
    #[cfg(feature = "native-tls")]
    pub const fn native_tls(mut self) -> Self {
        self.http.tls = TlsLibrary::Native;
        self
    }

    /// The rate limit.
    ///
    /// # Errors
    /// If it is NaN.
    pub(crate) fn rate(&self) -> Result<f64, Error> {
        if self.max_polls_per_second.is_nan() {
            return Err(Error::config(
                "the rate limit is not a number (NaN): give max_polls_per_second a number of polls, or f64::INFINITY \
                 for no limit",
            ));
        }
        Ok(self.max_polls_per_second)
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Credentials;
    use crate::client::Client;
    use crate::endpoint::Endpoint;
    use crate::error::ErrorKind;

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let config = ClientConfig::default();
        assert_eq!((config.max_polls_per_second, config.request_timeout), (5.0, Duration::from_secs(30)));
    }

    #[test]
    fn a_rate_that_is_not_a_number_is_rejected() {
        for (rate, good) in
            [(f64::NAN, false), (-f64::NAN, false), (0.0, true), (-1.0, true), (f64::INFINITY, true)]
        {
            let endpoint = Endpoint::new("http://127.0.0.1:1", "p").unwrap();
            let config = ClientConfig::new().max_polls_per_second(rate);
            let client = Client::with_config(endpoint, Credentials::token("t").unwrap(), config);
            assert_eq!(client.is_ok(), good, "{rate}");
            if let Err(error) = client {
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.to_string().contains("f64::INFINITY for no limit"), "{error}");
            }
        }
    }
}
