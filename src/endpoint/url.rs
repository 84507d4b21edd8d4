//! URLs, parsed once where they enter: scheme, host, port and a path, and nothing else.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::util::sanitize::escaped;

/// `https://host[:port]`, in one spelling: the host in lower case, no default port.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Origin {
    https: bool,
    host: Box<str>,
    /// `None` for the default one.
    port: Option<u16>,
}

impl Origin {
    pub(crate) const fn is_https(&self) -> bool {
        self.https
    }

    /// The host as it is written in a URL: an IPv6 address has its brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) const fn port(&self) -> u16 {
        match self.port {
            Some(port) => port,
            None => default_port(self.https),
        }
    }

    /// `host`, or `host:port` if the port is not the default one: the value of a `Host` header.
    #[cfg(feature = "signing")]
    pub(crate) fn authority(&self) -> impl fmt::Display {
        Authority(self)
    }

    /// The host is this computer, by a name or an address that no name server can change.
    pub(crate) fn is_loopback(&self) -> bool {
        &*self.host == "localhost"
            || &*self.host == "[::1]"
            || self.host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.https { "https://" } else { "http://" })?;
        Authority(self).fmt(f)
    }
}

struct Authority<'a>(&'a Origin);

impl fmt::Display for Authority<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.host)?;
        self.0.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// An origin and the beginning of a path: empty, or with a slash first and none last.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct BaseUrl {
    origin: Arc<Origin>,
    path: Box<str>,
}

/// Whether plain HTTP may leave this computer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PlainHttp {
    LoopbackOnly,
    Anywhere,
}

impl BaseUrl {
    /// Parses a URL. `https://` is added where no scheme is given; slashes at the end are dropped.
    pub(crate) fn parse(url: &str, plain_http: PlainHttp) -> Result<Self, EndpointError> {
        let shown = || shown(url);
        let refuse = |problem: &str| Err(EndpointError::new(format!("`{}` {problem}", shown())));
        if url.is_empty() {
            return Err(EndpointError::new(
                "the URL is empty: write one like https://ecs.eu-de.otc.t-systems.com",
            ));
        }
        if url.len() > 2000 {
            return refuse("is too long for a URL");
        }
        if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return refuse("has a blank or a control character in it: take it out");
        }
        let (https, rest) = match url.split_once("://") {
            None => (true, url),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some(_) => return refuse("does not begin with https://"),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        // Checked before any error that shows the URL: what precedes the @ may be a password.
        if rest.contains('@') {
            return refuse(
                "has a user name or an @ in it: credentials are given on their own, not in the URL",
            );
        }
        if path.contains(['?', '#']) {
            return refuse("has a query or a fragment: end it after the host or the path");
        }
        let (host, port) = split_port(authority)
            .ok_or_else(|| EndpointError::new(format!("`{}` has a port that is not 1 to 65535", shown())))?;
        let host = match checked_host(host) {
            Ok(host) => host,
            Err(problem) => return refuse(problem),
        };
        if let Err(problem) = check_path(path) {
            return refuse(problem);
        }
        let origin = Origin { https, host, port: port.filter(|port| *port != default_port(https)) };
        if !https && plain_http == PlainHttp::LoopbackOnly && !origin.is_loopback() {
            return refuse(
                "would send secrets in the clear: write https:// (plain HTTP goes to loopback only)",
            );
        }
        Ok(Self { origin: Arc::new(origin), path: path.trim_end_matches('/').into() })
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path before any path of the service.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The same host with another path, which has to be one that was checked before.
    pub(crate) fn with_path(mut self, path: &str) -> Self {
        self.path = path.trim_end_matches('/').into();
        self
    }

    /// A URL below this one. What is written begins with a slash, and all but plain characters in it are
    /// percent-encoded.
    pub(crate) fn join(&self, write: impl FnOnce(&mut String)) -> Url {
        // Made for every poll, so allocate once.
        let mut target = String::with_capacity(self.path.len() + 160);
        target.push_str(&self.path);
        write(&mut target);
        Url { origin: Arc::clone(&self.origin), target }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// The URL of a request: an origin, a path, and perhaps a query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Url {
    origin: Arc<Origin>,
    target: String,
}

impl Url {
    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path, and the query behind a question mark.
    #[cfg(feature = "signing")]
    pub(crate) fn target(&self) -> &str {
        &self.target
    }
}

impl Url {
    /// The whole URL, allocated once.
    pub(crate) fn to_text(&self) -> String {
        use fmt::Write as _;

        let mut text = String::with_capacity(self.origin.host.len() + self.target.len() + 16);
        // Writing to a String cannot fail.
        let _ = write!(text, "{self}");
        text
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.target)
    }
}

/// For tests: any host, and a path with a query as it is.
#[cfg(test)]
impl<T: AsRef<str>> From<T> for Url {
    fn from(url: T) -> Self {
        let url = url.as_ref();
        let host = url.find("://").map_or(0, |at| at + 3);
        let path = url[host..].find('/').map_or(url.len(), |at| host + at);
        let base =
            BaseUrl::parse(&url[..path], PlainHttp::Anywhere).unwrap_or_else(|error| panic!("{error}"));
        base.join(|target| target.push_str(if path == url.len() { "/" } else { &url[path..] }))
    }
}

const fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// An address, a project id or a region with which no job can be asked: what was wrong, and what to do.
#[derive(Clone, Eq, PartialEq)]
pub struct EndpointError {
    message: String,
}

impl EndpointError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Debug for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EndpointError {}

/// The URL for a message: short, on one line, without whatever may be a password or a token.
fn shown(url: &str) -> String {
    // A password may hold a ? or a #, and a query an @: nothing of such a URL is safe to show.
    if url.contains('@') {
        return "***@***".to_owned();
    }
    let end = url.find(['?', '#']).unwrap_or(url.len());
    escaped(&url[..end], 100)
}

/// The host and the port, if there is one; `None` for a port that is none.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = if authority.starts_with('[') {
        authority.find(']').map_or(authority.len(), |end| end + 1)
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(host_end);
    if rest.is_empty() {
        return Some((host, None));
    }
    let digits = rest.strip_prefix(':')?;
    let port = digits.parse::<u16>().ok().filter(|port| *port > 0)?;
    // `parse` would take "+443" too.
    digits.bytes().all(|b| b.is_ascii_digit()).then_some((host, Some(port)))
}

fn checked_host(host: &str) -> Result<Box<str>, &'static str> {
    if host.is_empty() {
        return Err("has no host");
    }
    if let Some(inner) = host.strip_prefix('[') {
        let ip = inner.strip_suffix(']').and_then(|text| text.parse::<Ipv6Addr>().ok());
        return ip.map(|ip| format!("[{ip}]").into()).ok_or("has brackets without an IPv6 address in them");
    }
    if !host.is_ascii() {
        return Err("has a host that is not plain ASCII: write the name in its xn-- form");
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err("has a host that is not a name: letters, digits, - and _, with single dots between them");
    }
    // Most resolvers read a name that ends in a number as an IPv4 address, in forms like 127.1 and 0x7f.1 too.
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|b| b.is_ascii_digit())
        || last.get(..2).is_some_and(|zero_x| zero_x.eq_ignore_ascii_case("0x"))
            && last.bytes().skip(2).all(|b| b.is_ascii_hexdigit());
    if number && host.parse::<Ipv4Addr>().is_err() {
        return Err("has a host that ends in a number and is not an IPv4 address of four numbers");
    }
    Ok(host.to_ascii_lowercase().into())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn check_path(path: &str) -> Result<(), &'static str> {
    if path.contains('%') {
        return Err("has a % in its path: only plain characters may stand there");
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("has `.` or `..` in its path: write the path out");
    }
    if !path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:".contains(&b)) {
        return Err("has a character in its path that may not stand in a URL");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(url: &str) -> Result<BaseUrl, EndpointError> {
        BaseUrl::parse(url, PlainHttp::LoopbackOnly)
    }

    #[test]
    fn a_url_has_one_spelling() {
        for (url, expected) in [
            ("https://ecs.eu-de.otc.t-systems.com", "https://ecs.eu-de.otc.t-systems.com"),
            ("ecs.eu-de.otc.t-systems.com", "https://ecs.eu-de.otc.t-systems.com"),
            ("HTTPS://ECS.eu-de.OTC.t-systems.com:443//", "https://ecs.eu-de.otc.t-systems.com"),
            ("https://cloud.example.com:8443/Ecs/", "https://cloud.example.com:8443/Ecs"),
            ("https://host_1:80", "https://host_1:80"),
            ("http://localhost:80/", "http://localhost"),
            ("http://LOCALHOST:443", "http://localhost:443"),
            ("http://127.0.0.1:18080", "http://127.0.0.1:18080"),
            ("http://127.255.3.4", "http://127.255.3.4"),
            ("http://[::1]:5000/v3", "http://[::1]:5000/v3"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
            ("localhost:8080", "https://localhost:8080"),
        ] {
            assert_eq!(parse(url).map(|address| address.to_string()).as_deref(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn an_invalid_url_is_rejected_with_the_reason() {
        for (url, problem) in [
            ("", "the URL is empty"),
            ("ftp://host", "`ftp://host` does not begin with https://"),
            ("://host", "`://host` does not begin with https://"),
            ("https://", "`https://` has no host"),
            ("https:///path", "`https:///path` has no host"),
            ("https://:443", "`https://:443` has no host"),
            (" https://host", "` https://host` has a blank or a control character"),
            ("https://host\r\nx: y", r"`https://host\r\nx: y` has a blank or a control character"),
            ("https://ho\0st", r"`https://ho\u{0}st` has a blank or a control character"),
            ("https://host:0", "`https://host:0` has a port that is not 1 to 65535"),
            ("https://host:65536", "`https://host:65536` has a port"),
            ("https://host:+443", "`https://host:+443` has a port"),
            ("https://host:", "`https://host:` has a port"),
            ("https://::1", "`https://::1` has a port"),
            ("https://[::1", "`https://[::1` has brackets without"),
            ("https://[::1]x", "`https://[::1]x` has a port"),
            ("https://[fe80::1%eth0]", "`https://[fe80::1%eth0]` has brackets without"),
            ("https://a..b", "`https://a..b` has a host that is not a name"),
            ("https://host.", "`https://host.` has a host that is not a name"),
            ("https://-host", "`https://-host` has a host that is not a name"),
            ("https://ho$t", "`https://ho$t` has a host that is not a name"),
            ("https://höst", "`https://höst` has a host that is not plain ASCII"),
            ("https://127.1", "`https://127.1` has a host that ends in a number"),
            ("https://1.2.3.256", "`https://1.2.3.256` has a host that ends in a number"),
            ("https://0x7f.0x1", "`https://0x7f.0x1` has a host that ends in a number"),
            ("https://2130706433", "`https://2130706433` has a host that ends in a number"),
            ("https://host?x=s3cret", "`https://host` has a query or a fragment"),
            ("https://host/#s3cret", "`https://host/` has a query or a fragment"),
            ("https://host/a/../b", "`https://host/a/../b` has `.` or `..` in its path"),
            ("https://host/%2e", "`https://host/%2e` has a % in its path"),
            ("https://host/{project_id}", "`https://host/{project_id}` has a character in its path"),
            (r"https://host\path", r"`https://host\path` has a character in its path"),
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        for url in [
            "https://me:s3cret@host",
            "https://me:s3?cret@host",
            "https://me:s3#cret@host/path",
            "https://me:s3/cret@host",
            "https://me:s3 cret@host",
            "ftp://me:s3cret@host",
            "me:s3cret@host",
            "https://host/?next=me:s3cret@host",
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(!error.contains("s3") && error.starts_with("`***@***` "), "{error}");
        }
    }

    #[test]
    fn plain_http_goes_to_loopback_only() {
        for url in [
            "http://ecs.example.com",
            "http://127.evil.com",
            "http://localhost.evil.com",
            "http://127.0.0.1.evil.com",
            "http://128.0.0.1",
            "http://0.0.0.0",
            "http://[::2]",
            "http://[::ffff:10.0.0.1]",
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.ends_with("write https:// (plain HTTP goes to loopback only)"), "{error}");
            assert!(BaseUrl::parse(url, PlainHttp::Anywhere).is_ok(), "{url}");
        }
    }

    fn near_misses() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![
            "https",
            "http",
            "://",
            ":",
            "/",
            "//",
            "@",
            "?",
            "#",
            "[",
            "]",
            "::1",
            "localhost",
            "127.0.0.1",
            ".",
            "..",
            "v1",
            "%2f",
            "\\",
            "443",
            "0",
            "65536",
            "ecs",
            "-",
            "_",
            " ",
            "\n",
            "ü",
            "0x7f",
        ]);
        prop::collection::vec(part, 0..10).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn a_url_is_parsed_back_from_its_text(url in prop_oneof![near_misses(), ".*".boxed()]) {
            for plain_http in [PlainHttp::LoopbackOnly, PlainHttp::Anywhere] {
                if let Ok(address) = BaseUrl::parse(&url, plain_http) {
                    let text = address.to_string();
                    prop_assert!(!text.ends_with('/'));
                    prop_assert!(text.bytes().all(|b| b.is_ascii_graphic()) && !text.contains(['@', '?', '#', '\\', '%']));
                    prop_assert_eq!(BaseUrl::parse(&text, plain_http), Ok(address));
                }
            }
        }
    }
}
