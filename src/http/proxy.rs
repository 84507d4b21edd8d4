//! Which proxy a request goes through: the one chosen, or the one the environment names for its host.
//!
//! The environment is read as curl does: `https_proxy` or `HTTPS_PROXY` for HTTPS, `http_proxy` for plain HTTP
//! (`HTTP_PROXY` too, but not where `REQUEST_METHOD` tells of a CGI program, whose clients can set that one),
//! `all_proxy` or `ALL_PROXY` for both, small letters first, and `no_proxy` or `NO_PROXY` for the hosts to be left out.
//! ureq reads it in another way (`ALL_PROXY` first, one proxy for both schemes, an unusable one skipped in silence),
//! so it is not asked. A loopback address goes only through a proxy that was given outright.

use std::fmt;
use std::net::IpAddr;

use ureq::http::uri::Authority;
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
    /// This one, for all hosts. The URL can hold a user and a password.
    Url(Secret),
}

/// The proxies for both schemes, and the hosts that are left out.
pub(super) struct Proxies {
    pub(super) https: Found,
    pub(super) http: Found,
    pub(super) except: Exceptions,
}

/// What a place for a proxy holds. An unusable value is kept, to be told when a request would need it: a SOCKS proxy
/// in the environment must not stop a program that only talks to loopback.
#[derive(Clone)]
pub(super) enum Found {
    Nothing,
    Usable(Proxy),
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
                let proxy = parse(url.expose()).map_err(|why| format!("the proxy URL {why}"))?;
                let found = Found::Usable(proxy);
                Ok(Self { https: found.clone(), http: found, except: Exceptions::default() })
            }
            ProxyChoice::FromEnvironment => {
                let is_cgi = variable("REQUEST_METHOD").is_some();
                let http = if is_cgi { "http_proxy" } else { "HTTP_PROXY" };
                let except = ["no_proxy", "NO_PROXY"].iter().find_map(|name| variable(name));
                Ok(Self {
                    https: find(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"], &variable),
                    http: find(&["http_proxy", http, "all_proxy", "ALL_PROXY"], &variable),
                    except: Exceptions::parse(except.as_deref().unwrap_or_default()),
                })
            }
        }
    }
}

fn find(names: &[&str], variable: impl Fn(&str) -> Option<String>) -> Found {
    for name in names {
        // An empty variable is the usual way to unset one.
        let Some(text) = variable(name).filter(|text| !text.trim().is_empty()) else { continue };
        return match parse(text.trim()) {
            Ok(proxy) => Found::Usable(proxy),
            Err(why) => Found::Unusable(format!("the proxy in {name} {why}")),
        };
    }
    Found::Nothing
}

/// The text is never shown: what is wrong with it may be the password.
fn parse(text: &str) -> Result<Proxy, String> {
    if let Some((scheme, _)) = text.split_once("://")
        && !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
    {
        let is_shown = scheme.len() <= 10 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let scheme = if is_shown { scheme } else { "unknown" };
        return Err(format!("is of the kind {scheme}, which is not supported: give an http:// URL"));
    }
    let unusable = "is not a usable URL: write http://host:port or http://user:password@host:port, with other characters than letters and digits of user and password percent-encoded";
    let proxy = Proxy::new(text).map_err(|_| unusable.to_string())?;
    if proxy.host().is_empty() || proxy.uri().authority().is_none_or(has_bad_port) {
        return Err(unusable.into());
    }
    if proxy.protocol() == ProxyProtocol::Https && !cfg!(feature = "rustls") {
        return Err("is asked over HTTPS, and this is a build without TLS: enable the feature rustls".into());
    }
    Ok(proxy)
}

/// `http` takes any text for a port, and the standard one if it is no number.
pub(super) fn has_bad_port(authority: &Authority) -> bool {
    authority.port_u16().is_none_or(|port| port == 0) && !authority.as_str().ends_with(authority.host())
}

/// The proxy as it may be shown, without its credentials.
pub(super) fn name(proxy: &Proxy) -> String {
    format!("{}:{}", proxy.host(), proxy.port())
}

/// The hosts of `NO_PROXY`.
#[derive(Clone, Debug, Default)]
pub(super) struct Exceptions(Vec<Exception>);

#[derive(Clone, Debug)]
enum Exception {
    All,
    /// This host and all below it, without a dot in front, in small letters.
    Domain(String),
    Network(IpAddr, u32),
}

impl Exceptions {
    fn parse(text: &str) -> Self {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        Self(words.map(Exception::parse).collect())
    }

    /// Whether this host is to be asked without a proxy. The host is as in a URL: an IPv6 address is in brackets.
    pub(super) fn match_host(&self, host: &str) -> bool {
        let host = bare(host).trim_end_matches('.').to_ascii_lowercase();
        let ip = host.parse::<IpAddr>().ok();
        self.0.iter().any(|exception| match exception {
            Exception::All => true,
            Exception::Domain(domain) => {
                ip.is_none()
                    && host
                        .strip_suffix(domain.as_str())
                        .is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            Exception::Network(network, bits) => ip.is_some_and(|ip| is_within(ip, *network, *bits)),
        })
    }
}

impl Exception {
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

/// This machine itself: `localhost`, 127.0.0.0/8, `[::1]`.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = bare(host);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no proxy"),
            Self::Usable(proxy) => f.write_str(&name(proxy)),
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
    fn the_environment_is_read_as_curl_does() {
        for (variables, https, http) in [
            (&[][..], "no proxy", "no proxy"),
            (&[("HTTPS_PROXY", "http://a:1")], "a:1", "no proxy"),
            (&[("HTTP_PROXY", "http://a:1")], "no proxy", "a:1"),
            (&[("HTTP_PROXY", "http://a:1"), ("REQUEST_METHOD", "GET")], "no proxy", "no proxy"),
            (&[("ALL_PROXY", "http://a:1"), ("https_proxy", "http://b:2")], "b:2", "a:1"),
            (&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:2")], "b:2", "no proxy"),
            (&[("https_proxy", ""), ("HTTPS_PROXY", " a:1 ")], "a:1", "no proxy"),
            (&[("https_proxy", "http://user:pass@a")], "a:80", "no proxy"),
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
    fn an_unusable_proxy_is_told_by_its_variable_without_its_value() {
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
    fn hosts_are_excepted_by_name_by_domain_and_by_network() {
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
            assert_eq!(except.match_host(host), expected, "{host}");
        }
        assert!(Exceptions::parse(" * ").match_host("any.host"));
        assert!(!Exceptions::parse(" , ,").match_host("any.host"));
        assert!(!Exceptions::parse(".").match_host("any.host"));
        assert!(Exceptions::parse("0.0.0.0/0").match_host("9.9.9.9"));
    }

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("[::1]", true),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("128.0.0.1", false),
            ("[::2]", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
