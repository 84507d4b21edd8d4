//! The peers, as the script has started them or as a test starts them for itself.

mod gateway;
mod keystone;
mod nginx;
mod tinyproxy;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cloudjob::simulator::Simulator;
use cloudjob::{Backoff, Client, ClientConfig, Credentials, Endpoint};
use serde::Deserialize;

pub(crate) use self::gateway::Gateway;
pub(crate) use self::keystone::Keystone;
pub(crate) use self::nginx::{Front, Nginx};
pub(crate) use self::tinyproxy::Tinyproxy;

/// What the script has prepared.
#[derive(Debug, Deserialize)]
pub(crate) struct Servers {
    run: PathBuf,
    nginx: PathBuf,
    tinyproxy: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) sdk: PathBuf,
    /// The Python that has openstacksdk.
    pub(crate) openstack: PathBuf,
    keystone: u16,
    keystone_short: u16,
    pub(crate) api_port: u16,
    pub(crate) ids: Ids,
}

/// What is in Keystone.
#[derive(Debug, Deserialize)]
pub(crate) struct Ids {
    pub(crate) domain_name: String,
    pub(crate) domain_id: String,
    pub(crate) project_name: String,
    pub(crate) project_id: String,
    pub(crate) other_project_name: String,
    pub(crate) other_project_id: String,
    pub(crate) user_name: String,
    pub(crate) user_id: String,
    pub(crate) coded_user_name: String,
    pub(crate) coded_user_id: String,
    pub(crate) password: String,
    totp_secret: String,
}

pub(crate) fn servers() -> &'static Servers {
    static SERVERS: OnceLock<Servers> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let path =
            std::env::var("CLOUDJOB_SERVERS").expect("the servers must be running: use tests/servers/run.sh");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    })
}

impl Servers {
    /// The certificate of the authority that issued those of the fronts.
    pub(crate) fn ca(&self) -> PathBuf {
        self.run.join("pki/ca.pem")
    }

    /// A new folder for a peer.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let thread = thread::current();
        let test = thread.name().unwrap_or("test").replace("::", "-");
        let folder = self.run.join(format!("{test}-{name}-{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// The one-time code of this moment.
    pub(crate) fn totp_passcode(&self) -> String {
        let output =
            Command::new(&self.python).arg(script("totp.py")).arg(&self.ids.totp_secret).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A file beside this one.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers").join(name)
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Starts a program until it gets a free port: between the choice and the start another one can take it.
fn start(port: Option<u16>, mut program: impl FnMut(u16) -> Command) -> (Child, u16) {
    for _ in 0..5 {
        let port = port.unwrap_or_else(free_port);
        let mut child = program(port).spawn().unwrap();
        let began = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return (child, port);
            }
            if began.elapsed() > Duration::from_secs(10) {
                end(&mut child);
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
    panic!("a peer does not start; its log is in {}", servers().run.display());
}

/// Ends a program in good order, so that it ends its own children too.
fn end(child: &mut Child) {
    signal("TERM", child.id());
    let began = Instant::now();
    while child.try_wait().is_ok_and(|ended| ended.is_none()) {
        if began.elapsed() > Duration::from_secs(5) {
            let _ = child.kill();
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn signal(name: &str, pid: u32) {
    let _ = Command::new("sh").arg("-c").arg(format!("kill -{name} {pid}")).status();
}

/// One plain request, by no code of the library under test: status, head and body.
pub(crate) fn exchange(
    port: u16,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

/// A client for the jobs of this simulator, at this address and with its token.
pub(crate) fn client_at(url: &str, simulator: &Simulator, config: ClientConfig) -> Client {
    let endpoint = Endpoint::new(url, simulator.project_id()).unwrap();
    Client::with_config(endpoint, Credentials::token(simulator.token()).unwrap(), config).unwrap()
}

pub(crate) fn unlimited() -> ClientConfig {
    ClientConfig::new().max_polls_per_second(f64::INFINITY)
}

pub(crate) fn every(delay: Duration) -> Backoff {
    Backoff::fixed(delay)
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
