//! Which proxy a request goes through: the one chosen, or the one that the environment names for its host.
//!
//! The environment is read as curl reads it: `https_proxy` or `HTTPS_PROXY` for HTTPS, `http_proxy` for plain HTTP
//! (`HTTP_PROXY` too, unless `REQUEST_METHOD` shows a CGI program, whose clients can set that one), `all_proxy` or
//! `ALL_PROXY` for both, lower case first, and `no_proxy` or `NO_PROXY` for the hosts to be excluded. ureq reads it
//! differently (`ALL_PROXY` first, one proxy for both schemes, an unusable one silently skipped), so that its reader is
//! not used. A loopback address goes only through a proxy that was given explicitly.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ureq::http::Uri;
use ureq::http::uri::Authority;
use ureq::unversioned::transport::ConnectionDetails;
use ureq::{Proxy, ProxyProtocol};

use crate::util::secret::Secret;

/// Where the proxy comes from.
#[derive(Clone, Debug, Default)]
pub(crate) enum ProxyChoice {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    #[default]
    FromEnvironment,
    /// No proxy, whatever the environment says.
    None,
    /// This one, for all hosts. The URL can contain a user and a password.
    Url(Secret),
}

/// The proxies for both schemes, and the hosts that are excluded.
pub(super) struct Proxies {
    pub(super) https: Found,
    pub(super) http: Found,
    pub(super) except: Exceptions,
}

/// What a setting for a proxy contains. An unusable value is kept, to be reported when a request needs it: a SOCKS
/// proxy in the environment must not stop a program that only talks to loopback.
#[derive(Clone)]
pub(super) enum Found {
    Nothing,
    Usable(Arc<ProxyServer>),
    Unusable(String),
}

impl Proxies {
    /// `Err` is one clause about a URL that was given and cannot be used.
    pub(super) fn new(
        choice: &ProxyChoice,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        match choice {
            ProxyChoice::None => {
                Ok(Self { https: Found::Nothing, http: Found::Nothing, except: Exceptions::default() })
            }
            ProxyChoice::Url(url) => {
                let proxy =
                    ProxyServer::parse(url.expose(), None).map_err(|why| format!("the proxy URL {why}"))?;
                let found = Found::Usable(Arc::new(proxy));
                Ok(Self { https: found.clone(), http: found, except: Exceptions::default() })
            }
            ProxyChoice::FromEnvironment => {
                let is_cgi = variable("REQUEST_METHOD").is_some();
                let http = if is_cgi { "http_proxy" } else { "HTTP_PROXY" };
                let except = ["no_proxy", "NO_PROXY"].iter().find_map(|name| Some((name, variable(name)?)));
                if let Some((name, text)) = &except
                    && is_lossy(text)
                {
                    let unusable = Found::Unusable(format!("{name} is not UTF-8: set it again or unset it"));
                    let except = Exceptions::default();
                    return Ok(Self { https: unusable.clone(), http: unusable, except });
                }
                let except = except.map(|(_, text)| text);
                Ok(Self {
                    https: find(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"], &variable),
                    http: find(&["http_proxy", http, "all_proxy", "ALL_PROXY"], &variable),
                    except: Exceptions::parse(except.as_deref().unwrap_or_default()),
                })
            }
        }
    }
}

fn find(names: &[&'static str], variable: impl Fn(&str) -> Option<String>) -> Found {
    for name in names {
        // An empty variable is the usual way to unset one.
        let Some(text) = variable(name).filter(|text| !text.trim().is_empty()) else { continue };
        if is_lossy(&text) {
            return Found::Unusable(format!("the proxy in {name} is not UTF-8: set it again or unset it"));
        }
        return match ProxyServer::parse(text.trim(), Some(name)) {
            Ok(proxy) => Found::Usable(Arc::new(proxy)),
            Err(why) => Found::Unusable(format!("the proxy in {name} {why}")),
        };
    }
    Found::Nothing
}

/// Whether the text of a variable was not UTF-8.
fn is_lossy(text: &str) -> bool {
    text.contains(char::REPLACEMENT_CHARACTER)
}

/// A proxy that can be used. Shown as `host:port (HTTPS_PROXY)`, without its credentials.
pub(super) struct ProxyServer {
    /// Without the credentials.
    pub(super) uri: Uri,
    credentials: Option<Secret>,
    host: String,
    port: u16,
    variable: Option<&'static str>,
}

impl ProxyServer {
    /// The text is never shown: what is wrong with it may be the password.
    fn parse(text: &str, variable: Option<&'static str>) -> Result<Self, String> {
        if let Some((scheme, _)) = text.split_once("://")
            && !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        {
            let is_shown = scheme.len() <= 10 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let scheme = if is_shown { scheme } else { "unknown" };
            return Err(format!("is of the type {scheme}, which is not supported: give an http:// URL"));
        }
        let unusable = "is not a usable URL: write http://host:port or http://user:password@host:port, and percent-encode all but letters and digits in the user and the password";
        let proxy = Proxy::new(text).map_err(|_| unusable.to_string())?;
        if proxy.host().is_empty() || proxy.uri().authority().is_none_or(has_bad_port) {
            return Err(unusable.into());
        }
        let is_https = proxy.protocol() == ProxyProtocol::Https;
        let (host, port) = (proxy.host().to_owned(), proxy.port());
        let scheme = if is_https { "https" } else { "http" };
        let credentials = (proxy.username().is_some() || proxy.password().is_some()).then(|| {
            let (user, password) =
                (proxy.username().unwrap_or_default(), proxy.password().unwrap_or_default());
            Secret::new(format!("{user}:{password}"))
        });
        let uri = format!("{scheme}://{host}:{port}/").parse().map_err(|_| unusable.to_string())?;
        Ok(Self { uri, credentials, host, port, variable })
    }

    /// `user:password`, if the URL has them.
    pub(super) fn credentials(&self) -> Option<&str> {
        self.credentials.as_ref().map(Secret::expose)
    }

    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// The connection to be made is the one to this proxy, rather than one through it.
    pub(super) fn is_destination(&self, details: &ConnectionDetails<'_>) -> bool {
        std::ptr::eq(&raw const self.uri, details.uri)
    }
}

impl fmt::Debug for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)?;
        self.variable.map_or(Ok(()), |variable| write!(f, " ({variable})"))
    }
}

/// `http` takes any text for a port, and the standard one if it is no number.
pub(super) fn has_bad_port(authority: &Authority) -> bool {
    authority.port_u16().is_none_or(|port| port == 0) && !authority.as_str().ends_with(authority.host())
}

/// The hosts of `NO_PROXY`.
#[derive(Clone, Debug, Default)]
pub(super) struct Exceptions(Vec<Exception>);

#[derive(Clone, Debug)]
struct Exception {
    hosts: Hosts,
    /// `None` for all ports.
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Hosts {
    All,
    /// This host and all below it, in lower case and without a dot in front.
    Domain(String),
    Network(IpAddr, u32),
}

impl Exceptions {
    fn parse(text: &str) -> Self {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        Self(words.map(Exception::parse).collect())
    }

    /// Whether this host is reached without a proxy. The host is as in a URL: an IPv6 address is in brackets.
    pub(super) fn match_host(&self, host: &str, port: u16) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let host = bare(host).trim_end_matches('.').to_ascii_lowercase();
        let ip = host.parse::<IpAddr>().ok();
        self.0.iter().filter(|exception| exception.port.is_none_or(|only| only == port)).any(|exception| {
            match &exception.hosts {
                Hosts::All => true,
                Hosts::Domain(domain) => {
                    ip.is_none()
                        && host
                            .strip_suffix(domain.as_str())
                            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
                }
                Hosts::Network(network, bits) => ip.is_some_and(|ip| is_within(ip, *network, *bits)),
            }
        })
    }
}

impl Exception {
    /// `host`, `host:443`, `[::1]:443`; an IPv6 address without brackets has no port.
    fn parse(word: &str) -> Self {
        if let Some((host, port)) = word.rsplit_once(':')
            && (host.ends_with(']') || !host.contains(':'))
            && let Ok(port) = port.parse()
        {
            return Self { hosts: Hosts::parse(host), port: Some(port) };
        }
        Self { hosts: Hosts::parse(word), port: None }
    }
}

impl Hosts {
    fn parse(word: &str) -> Self {
        if word == "*" {
            return Self::All;
        }
        let (address, bits) = match word.split_once('/') {
            Some((address, bits)) => (address, bits.parse().ok()),
            None => (word, Some(u32::MAX)),
        };
        if let (Ok(ip), Some(bits)) = (bare(address).parse(), bits) {
            return Self::Network(ip, bits);
        }
        // `.example.com`, `*.example.com` and `example.com` all mean the domain and what is below it.
        let word = word.strip_prefix('*').unwrap_or(word);
        Self::Domain(word.trim_matches('.').to_ascii_lowercase())
    }
}

fn is_within(ip: IpAddr, network: IpAddr, bits: u32) -> bool {
    let differ = |a: u128, b: u128, width: u32| {
        let ignored = width.saturating_sub(bits);
        (a ^ b).checked_shr(ignored).unwrap_or(0) != 0
    };
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => !differ(u32::from(ip).into(), u32::from(network).into(), 32),
        (IpAddr::V6(ip), IpAddr::V6(network)) => !differ(ip.into(), network.into(), 128),
        _ => false,
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no proxy"),
            Self::Usable(proxy) => write!(f, "{proxy}"),
            Self::Unusable(why) => f.write_str(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_string())
        };
        Proxies::new(&ProxyChoice::FromEnvironment, variable).unwrap()
    }

    #[test]
    fn a_variable_that_is_not_utf8_is_reported_by_its_name() {
        for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
            let Found::Unusable(why) = proxies(&[(name, "http://m\u{fffd}:1")]).https else {
                panic!("{name}")
            };
            assert!(why.contains(name) && why.contains("is not UTF-8") && !why.contains("http://"), "{why}");
        }
        // The one before it counts.
        let found = proxies(&[("https_proxy", "http://a:1"), ("HTTPS_PROXY", "\u{fffd}")]);
        assert!(matches!(found.https, Found::Usable(_)));
    }

    #[test]
    fn the_environment_is_read_as_curl_does() {
        for (variables, https, http) in [
            (&[][..], "no proxy", "no proxy"),
            (&[("HTTPS_PROXY", "http://a:1")], "a:1 (HTTPS_PROXY)", "no proxy"),
            (&[("HTTP_PROXY", "http://a:1")], "no proxy", "a:1 (HTTP_PROXY)"),
            (&[("HTTP_PROXY", "http://a:1"), ("REQUEST_METHOD", "GET")], "no proxy", "no proxy"),
            (
                &[("ALL_PROXY", "http://a:1"), ("https_proxy", "http://b:2")],
                "b:2 (https_proxy)",
                "a:1 (ALL_PROXY)",
            ),
            (
                &[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:2")],
                "b:2 (https_proxy)",
                "no proxy",
            ),
            (&[("https_proxy", ""), ("HTTPS_PROXY", " a:1 ")], "a:1 (HTTPS_PROXY)", "no proxy"),
            (&[("https_proxy", "http://user:pass@a")], "a:80 (https_proxy)", "no proxy"),
        ] {
            let found = proxies(variables);
            assert_eq!(
                format!("{:?} {:?}", found.https, found.http),
                format!("{https} {http}"),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn an_unusable_proxy_is_reported_by_its_variable_without_its_value() {
        for value in [
            "socks5://user:secret@h:1",
            "http://secret@",
            "://secret",
            "http://h:secret",
            "http://h:99999",
            "http://sec ret@h",
        ] {
            let found = proxies(&[("HTTPS_PROXY", value)]);
            let Found::Unusable(why) = found.https else { panic!("{value}: {:?}", found.https) };
            assert!(
                why.starts_with("the proxy in HTTPS_PROXY is ") && !why.contains("sec"),
                "{value}: {why}"
            );
        }
    }

    #[test]
    fn hosts_are_excluded_by_name_domain_and_network() {
        let except = Exceptions::parse(
            "example.com, .internal  *.cloud,10.0.0.0/8,fd00::/8,192.168.1.7,[::2],1.2.3.4/x",
        );
        for (host, expected) in [
            ("example.com", true),
            ("EXAMPLE.com.", true),
            ("api.example.com", true),
            ("badexample.com", false),
            ("internal", true),
            ("ecs.internal", true),
            ("a.cloud", true),
            ("10.1.2.3", true),
            ("11.1.2.3", false),
            ("192.168.1.7", true),
            ("192.168.1.8", false),
            ("[fd12::1]", true),
            ("[fe80::1]", false),
            ("[::2]", true),
            ("1.2.3.4", false),
            ("", false),
        ] {
            assert_eq!(except.match_host(host, 443), expected, "{host}");
        }
        assert!(Exceptions::parse(" * ").match_host("any.host", 443));
        assert!(!Exceptions::parse(" , ,").match_host("any.host", 443));
        assert!(!Exceptions::parse(".").match_host("any.host", 443));
        assert!(Exceptions::parse("0.0.0.0/0").match_host("9.9.9.9", 443));
    }

    #[test]
    fn an_exclusion_can_have_a_port() {
        let except = Exceptions::parse("a.test:443,[::1]:8443,10.0.0.1:443,fe80::1,*:99,.b.test:x");
        for (host, port, expected) in [
            ("a.test", 443, true),
            ("x.a.test", 443, true),
            ("a.test", 8443, false),
            ("[::1]", 8443, true),
            ("[::1]", 443, false),
            ("10.0.0.1", 443, true),
            ("10.0.0.1", 80, false),
            ("[fe80::1]", 1, true),
            ("any.test", 99, true),
            ("b.test", 443, false),
        ] {
            assert_eq!(except.match_host(host, port), expected, "{host}:{port}");
        }
    }
}
