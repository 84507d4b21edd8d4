//! Secrets that must not leak: through an error, a log line, a `Debug`, a panic, a record, or to a second host.
//!
//! Each secret is a marker. A peer sends back everything it receives, in every place of a response.

mod asked;
mod encoded;
pub(crate) mod log;

use std::fmt::Write as _;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use cloudjob::error::EndpointError;
use cloudjob::{Backoff, Client, ClientConfig, Credentials, Endpoint, Login};

use self::asked::{ECHOES, Echo, Echoing, Place};
use crate::faults::id;
use crate::faults::peer::{Peer, answer};

/// In every marker, so that a part of one is found too.
const MARK: &str = "L3akMark";
const TOKEN: &str = "token-L3akMark-Zk2VtWx9";
const PASSWORD: &str = "password-L3akMark-\"'\\/-Lm4Rc8";
const PASSCODE: &str = "71L3akMark46";
/// Names the key and is not a secret; it is not masked in the texts of a service.
#[cfg(feature = "signing")]
const ACCESS_KEY: &str = "AKQTWAOYTTINDUT2QVKYUC";
#[cfg(feature = "signing")]
const SECRET_KEY: &str = "secret-L3akMark-Jh6Tq7";
#[cfg(feature = "signing")]
const SECURITY_TOKEN: &str = "security-L3akMark-Bn5Yp2";
const PROXY_PASSWORD: &str = "proxy-L3akMark-Dg4Sz1";
/// The tokens of a login, for the user and for the agency.
const LOGIN_TOKEN: &str = "login-L3akMark-Xc3Fv8";
const AGENCY_TOKEN: &str = "agency-L3akMark-Mw9Ke5";

/// Parts of what is sent as a secret, as it is written to the socket.
const SENT: &[&str] = &[
    TOKEN,
    "password-L3akMark",
    PASSCODE,
    #[cfg(feature = "signing")]
    SECRET_KEY,
    #[cfg(feature = "signing")]
    SECURITY_TOKEN,
    #[cfg(feature = "signing")]
    "Signature=",
];

/// Everything that was shown.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn text(&mut self, what: &str, text: &str) {
        assert!(!text.contains(MARK), "{what} shows a secret: {text}");
        self.0.push_str(text);
    }

    fn debug(&mut self, what: &str, thing: &impl std::fmt::Debug) {
        self.text(what, &format!("{thing:?}"));
        self.text(what, &format!("{thing:#?}"));
    }

    fn error(&mut self, what: &str, error: &(impl std::error::Error + 'static)) {
        self.text(what, &error.to_string());
        self.debug(what, error);
        let mut source = error.source();
        while let Some(inner) = source {
            self.text(what, &format!("{inner} {inner:?}"));
            source = inner.source();
        }
    }
}

/// Every kind of credentials, with its secrets.
fn credentials(peer: &Peer) -> Vec<(&'static str, Credentials)> {
    let login =
        || Login::new(format!("{}/v3", peer.url())).user_name("u").user_domain_name("d").password(PASSWORD);
    let password = |login| Credentials::login(login).unwrap();
    vec![
        ("a token", Credentials::token(TOKEN).unwrap()),
        ("a password", password(login())),
        ("a password and a passcode", password(login().user_id("u").totp_passcode(PASSCODE))),
        ("an agency", password(login().project_name("eu-de_x").agency("a", "d"))),
        ("an older token", password(Login::new(format!("{}/v3", peer.url())).token(TOKEN))),
        #[cfg(feature = "signing")]
        ("an access key", Credentials::access_key(ACCESS_KEY, SECRET_KEY).unwrap()),
        #[cfg(feature = "signing")]
        (
            "a temporary access key",
            Credentials::temporary_access_key(ACCESS_KEY, SECRET_KEY, SECURITY_TOKEN).unwrap(),
        ),
    ]
}

fn endpoint(peer: &Peer) -> Endpoint {
    Endpoint::new(&peer.url(), "0391e4486e864c26be5654c522f440f2").unwrap()
}

fn config() -> ClientConfig {
    ClientConfig::new()
        .no_proxy()
        .max_polls_per_second(f64::INFINITY)
        .request_timeout(Duration::from_millis(if cfg!(windows) { 10_000 } else { 300 }))
}

/// Everything that can be shown of a client that polls.
fn ask(what: &str, endpoint: Endpoint, credentials: Credentials, config: ClientConfig, shown: &mut Shown) {
    shown.debug(what, &config);
    let client = match Client::with_config(endpoint, credentials, config) {
        Ok(client) => client,
        Err(error) => return shown.error(what, &error),
    };
    shown.debug(what, &client);
    let polled = client.job(&id());
    shown.debug(what, &polled);
    if let Err(error) = &polled {
        shown.error(what, error);
        shown.error(what, error.last_error().unwrap());
        if let Some(api) = error.api_error() {
            shown.error(what, api);
            shown.text(what, &format!("{} {:?} {:?}", api.message(), api.code(), api.request_id()));
        }
    }
    if let Ok(job) = &polled {
        // The texts of a job belong to the caller. They are not shown without being asked for.
        shown.text(what, &job.to_string());
    }
    let told = Mutex::new(String::new());
    let wait = client.wait(&id()).timeout(Duration::from_millis(120)).backoff(Backoff::fixed(Duration::ZERO));
    shown.debug(what, &wait);
    let outcome = wait
        .on_progress(|progress| {
            write!(told.lock().unwrap(), "{progress} {:?}", progress.error()).unwrap();
        })
        .outcome();
    shown.debug(what, &outcome);
    if let Err(error) = outcome.result() {
        shown.error(what, error);
    }
    let all = client.wait_all([id()]).timeout(Duration::from_millis(120)).on_progress(|progress| {
        write!(told.lock().unwrap(), "{progress:?}").unwrap();
    });
    shown.debug(what, &all);
    for outcome in all.outcomes() {
        shown.debug(what, &outcome);
    }
    shown.debug(what, &client);
    shown.text(what, &told.into_inner().unwrap());
}

/// Every kind of credentials against a service that sends nothing back, one after the other.
fn use_each_credential() {
    let peer = Peer::start(|line, _| {
        while let Some(request) = line.request() {
            let response = match request.starts_with("POST ") {
                true if request.contains("assume_role") => asked::session(AGENCY_TOKEN),
                true => asked::session(LOGIN_TOKEN),
                false => answer("200 OK", "", r#"{"status":"SUCCESS"}"#),
            };
            line.send(response);
        }
    });
    for (name, credentials) in credentials(&peer) {
        let polled = Client::with_config(endpoint(&peer), credentials, config()).unwrap().job(&id());
        assert!(polled.is_ok(), "{name}: {polled:?}");
    }
}

/// Every kind of credentials against every way to send secrets back.
fn try_everything() -> usize {
    let mut tried = 0;
    let shown = Mutex::new(Shown::default());
    std::thread::scope(|scope| {
        for login in [Echoing::Looks, Echoing::Logins, Echoing::Agencies] {
            for echo in ECHOES {
                let peer = Echo { login, echo: *echo }.start();
                for (name, credentials) in credentials(&peer) {
                    let makes_it = match login {
                        Echoing::Looks => true,
                        Echoing::Logins => format!("{credentials:?}").contains("login at"),
                        Echoing::Agencies => name == "an agency",
                    };
                    if !makes_it {
                        continue;
                    }
                    tried += 1;
                    let (shown, endpoint) = (&shown, endpoint(&peer));
                    scope.spawn(move || {
                        let what = format!("{name}, {login:?}, {echo:?}");
                        let mut own = Shown::default();
                        own.debug(&what, &credentials);
                        ask(&what, endpoint, credentials, config(), &mut own);
                        shown.lock().unwrap().0.push_str(&own.0);
                    });
                }
            }
        }
    });
    let shown = shown.into_inner().unwrap().0;
    // The peer was reached, and its responses were shown.
    for part in ["APIGW.0301", "no-secret-here", "***"] {
        assert!(shown.contains(part), "{part}");
    }
    tried
}

#[test]
fn no_error_shows_a_secret_that_the_peer_sent_back() {
    assert!(try_everything() > 200);
}

#[test]
fn no_panic_shows_a_secret() {
    if alone("leaks::no_panic_shows_a_secret") {
        let peer = Echo { login: Echoing::Looks, echo: ECHOES[0] }.start();
        let threads = credentials(&peer).into_iter().map(|(name, credentials)| {
            let client = Client::with_config(endpoint(&peer), credentials.clone(), config()).unwrap();
            std::thread::spawn(move || {
                let result = client.job(&id());
                panic!("{name}: {credentials:?} {client:?} {result:?} {}", result.as_ref().unwrap_err());
            })
        });
        for thread in threads.collect::<Vec<_>>() {
            assert!(thread.join().is_err());
        }
        eprintln!("all have panicked");
    }
}

/// Rejected values of `Login` and `Credentials` are not shown either.
#[test]
fn no_error_about_a_setting_shows_a_secret() {
    let mut shown = Shown::default();
    let bad = |text: &str| format!("{text} \n x");
    shown.error("token", &Credentials::token(&bad(TOKEN)).unwrap_err());
    #[cfg(feature = "signing")]
    {
        shown.error("key", &Credentials::access_key(&bad("AKL3akMark"), SECRET_KEY).unwrap_err());
        shown.error("key", &Credentials::access_key("AK", &bad(SECRET_KEY)).unwrap_err());
        let temporary = Credentials::temporary_access_key("AK", SECRET_KEY, &bad(SECURITY_TOKEN));
        shown.error("key", &temporary.unwrap_err());
    }
    for login in [
        Login::new("https://iam.example.com").password(PASSWORD).totp_passcode(PASSCODE),
        Login::new("https://iam.example.com").token(bad(TOKEN)),
        Login::new("ftp://iam.example.com").user_id("u").password(PASSWORD),
        Login::new(format!("https://u:{PASSWORD}@iam.example.com")).user_id("u").password(PASSWORD),
        Login::new("http://iam.example.com").user_id("u").password(PASSWORD),
        Login::new("https://iam.example.com").user_name("u").password(PASSWORD).token(TOKEN),
    ] {
        shown.debug("login", &login);
        shown.error("login", &Credentials::login(login).unwrap_err());
    }
    for url in [format!("https://u:{PASSWORD}@h"), format!("https://{TOKEN}@h/?x={TOKEN}")] {
        shown.error("endpoint", &Endpoint::new(&url, "p").unwrap_err());
    }
    for url in ["socks5://u:L3akMark@h", "http://u:L3akMark@", "http://u:L3ak Mark L3akMark@h"] {
        let peer = Peer::answering(answer("200 OK", "", ""));
        ask("proxy", endpoint(&peer), Credentials::token(TOKEN).unwrap(), config().proxy(url), &mut shown);
    }
}

#[test]
fn no_proxy_gets_a_secret_or_has_its_own_shown() {
    for status in [200, 301, 400, 401, 403, 404, 407, 500, 502] {
        let service = Peer::cutting("");
        let proxy = Peer::start(move |line, _| {
            let request = line.request().unwrap_or_default();
            line.send(format!(
                "HTTP/1.1 {status} {}\r\nx: {}\r\n",
                request.replace(['\r', '\n'], " "),
                PROXY_PASSWORD
            ));
            line.send(answer("", "", &request).split_once("\r\n").unwrap().1);
        });
        for (name, credentials) in credentials(&service) {
            let mut shown = Shown::default();
            let url = format!("http://uL3akMark:{PROXY_PASSWORD}@{}", proxy.address);
            ask(name, endpoint(&service), credentials, config().proxy(&url), &mut shown);
        }
        for request in proxy.heard() {
            let (head, lines) = request.split_once("\r\n").unwrap();
            assert!(head.starts_with("CONNECT 127.0.0.1:") && !head.contains(MARK), "{head}");
            // Only the proxy's own credentials are there, in base64.
            assert!(!lines.contains(MARK), "{lines}");
        }
    }
}

#[test]
fn no_secret_reaches_a_second_host() {
    for status in [300, 301, 302, 303, 305, 307, 308, 201, 401] {
        for login in [Echoing::Looks, Echoing::Logins, Echoing::Agencies] {
            let thief = Peer::answering(answer("200 OK", "", r#"{"status":"SUCCESS"}"#));
            let headers = format!(
                "location: {0}/v1\r\ncontent-location: {0}/v1\r\nrefresh: 0; url={0}\r\nlink: <{0}>; rel=next\r\n\
                 alt-svc: h2=\"{1}\"\r\n",
                thief.url(),
                thief.address
            );
            let peer = Echo { login, echo: (status, Place::Location) }.start_with(&headers);
            for (name, credentials) in credentials(&peer) {
                ask(name, endpoint(&peer), credentials, config(), &mut Shown::default());
            }
            assert_eq!(thief.accepted(), 0, "{status}, {login:?}: {:?}", thief.heard());
            assert!(peer.accepted() > 0);
        }
    }
}

#[test]
fn no_secret_goes_over_plain_http_off_loopback() {
    for host in [
        "example.com",
        "10.0.0.1",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "[2001:db8::1]",
        "0.0.0.0",
    ] {
        let refused: Result<Endpoint, EndpointError> = Endpoint::new(&format!("http://{host}"), "p");
        assert!(refused.unwrap_err().to_string().contains("in the clear"), "{host}");
        let login = Login::new(format!("http://{host}/v3")).user_id("u").password(PASSWORD);
        assert!(Credentials::login(login).unwrap_err().to_string().contains("in the clear"), "{host}");
    }
}

#[cfg(feature = "simulator")]
#[test]
fn the_records_of_the_simulator_show_no_secret() {
    use cloudjob::simulator::{JobScript, Simulator};

    let builder = Simulator::builder().token(TOKEN).user("u", PASSWORD).totp(PASSCODE);
    let builder = builder.domain("d").agency("d", "a");
    #[cfg(feature = "signing")]
    let builder = builder.temporary_access_key(ACCESS_KEY, SECRET_KEY, SECURITY_TOKEN);
    let mut shown = Shown::default();
    shown.debug("builder", &builder);
    let simulator = builder.start().unwrap();
    let url = format!("{}/v3", simulator.endpoint_url());
    let login = || Login::new(&url).user_name("u").user_domain_name("d").password(PASSWORD);
    let password = |login| Credentials::login(login).unwrap();
    let mut all = vec![
        Credentials::token(TOKEN).unwrap(),
        password(login()),
        password(
            Login::new(&url)
                .user_id(simulator.user_id("u").unwrap())
                .password(PASSWORD)
                .totp_passcode(PASSCODE),
        ),
        password(login().project_name(simulator.project_name()).agency("a", "d")),
    ];
    #[cfg(feature = "signing")]
    all.push(Credentials::temporary_access_key(ACCESS_KEY, SECRET_KEY, SECURITY_TOKEN).unwrap());
    let id = simulator.start_job(JobScript::new("createServer"));
    let mut good = 0;
    for credentials in all.drain(..) {
        let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id()).unwrap();
        let client = Client::with_config(endpoint, credentials, ClientConfig::new().no_proxy()).unwrap();
        let polled = client.job(&id);
        good += usize::from(polled.is_ok());
        shown.debug("poll", &polled);
        simulator.revoke_tokens();
        shown.debug("poll", &client.job(&id));
    }
    assert!(good >= 3, "only {good} could ask");
    shown.debug("records", &simulator.requests());
    for record in simulator.requests() {
        shown.text("path", record.path());
        record.headers().for_each(|(_, value)| shown.text("header", value));
    }
    shown.debug("simulator", &simulator);
    assert!(shown.0.contains("/v3/auth/tokens"), "{}", shown.0);
}

/// Whether this is the process that runs this test alone. The other process starts it, and checks that its output
/// contains no secret.
pub(crate) fn alone(name: &str) -> bool {
    const ALONE: &str = "CLOUDJOB_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let tests = std::env::current_exe().unwrap();
    let output = Command::new(tests)
        .args(["--exact", name, "--test-threads=1", "--nocapture"])
        .env(ALONE, "1")
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("all have"), "{text}");
    assert!(!text.contains(MARK), "{text}");
    false
}
