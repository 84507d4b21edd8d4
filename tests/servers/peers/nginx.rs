//! nginx: a TLS front, a gateway, a server that throttles.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{end, script, servers, signal, start};

/// How an nginx is set up.
#[derive(Clone, Copy)]
pub(crate) struct Front<'a> {
    /// The URL of the server behind it.
    pub(crate) backend: &'a str,
    /// The certificate: `good`, `expired`, `other`; none for plain HTTP.
    pub(crate) certificate: Option<&'a str>,
    pub(crate) port: Option<u16>,
    /// A master with a worker, as in real life, in place of one process.
    pub(crate) workers: bool,
    /// More lines for the sections of the configuration.
    pub(crate) http: &'a str,
    pub(crate) server: &'a str,
    pub(crate) location: &'a str,
}

impl<'a> Front<'a> {
    pub(crate) const fn plain(backend: &'a str) -> Self {
        Self { backend, certificate: None, port: None, workers: false, http: "", server: "", location: "" }
    }

    pub(crate) const fn tls(backend: &'a str, certificate: &'a str) -> Self {
        Self { certificate: Some(certificate), ..Self::plain(backend) }
    }

    pub(crate) fn start(self) -> Nginx {
        Nginx::start(self)
    }
}

/// A running nginx. Dropped, it ends.
pub(crate) struct Nginx {
    child: Child,
    folder: PathBuf,
    port: u16,
    scheme: &'static str,
}

/// A request that nginx has answered.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    /// In seconds since 1970.
    pub(crate) at: f64,
    worker: u32,
    /// Connections are counted from the start of nginx.
    pub(crate) connection: String,
    pub(crate) status: u16,
    pub(crate) protocol: String,
    /// The TLS session was that of an earlier connection.
    pub(crate) resumed: bool,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) token: String,
}

impl Nginx {
    fn start(front: Front<'_>) -> Self {
        let servers = servers();
        let folder = servers.folder("nginx");
        for name in ["logs", "tmp"] {
            fs::create_dir(folder.join(name)).unwrap();
        }
        let pki = servers.run.join("pki");
        let pki = pki.display();
        let (tls, certificate) = match front.certificate {
            Some(name) => {
                ("ssl", format!("ssl_certificate {pki}/{name}.pem;\nssl_certificate_key {pki}/{name}.key;"))
            }
            None => ("", String::new()),
        };
        // An nginx that is root gives its folders to another user, and has its workers run as that one.
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let template = fs::read_to_string(script("nginx.conf.in")).unwrap();
        let template = template
            .replace("@MASTER@", if front.workers { "on" } else { "off" })
            .replace("@USER@", if is_root { "user root root;" } else { "" })
            .replace("@TLS@", tls)
            .replace("@HTTP@", front.http)
            .replace("@SERVER@", &format!("{certificate}\n{}", front.server))
            .replace("@BACKEND@", front.backend)
            .replace("@LOCATION@", front.location)
            .replace("@DIR@", &folder.display().to_string());
        let (child, port) = start(front.port, |port| {
            let configuration = folder.join("nginx.conf");
            fs::write(&configuration, template.replace("@PORT@", &port.to_string())).unwrap();
            let mut command = Command::new(&servers.nginx);
            command.arg("-p").arg(&folder).arg("-e").arg(folder.join("logs/error.log"));
            command.arg("-c").arg(configuration).stdin(Stdio::null()).stderr(Stdio::null());
            command
        });
        let scheme = if front.certificate.is_some() { "https" } else { "http" };
        Self { child, folder, port, scheme }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        self.url_of("localhost")
    }

    pub(crate) fn url_of(&self, host: &str) -> String {
        format!("{}://{host}:{}", self.scheme, self.port)
    }

    /// What it has answered so far.
    pub(crate) fn served(&self) -> Vec<Served> {
        // A line is written after its answer.
        thread::sleep(Duration::from_millis(100));
        let log = fs::read_to_string(self.folder.join("logs/access.log")).unwrap_or_default();
        log.lines().map(Served::read).collect()
    }

    /// Takes on a new worker; the old one ends in good order.
    pub(crate) fn reload(&self) {
        signal("HUP", self.child.id());
    }

    /// Ends the worker that served last, as a crash would.
    pub(crate) fn kill_worker(&self) {
        let worker = self.served().last().expect("no worker has served yet").worker;
        assert_ne!(worker, self.child.id(), "this nginx has no workers");
        signal("KILL", worker);
    }
}

impl Served {
    fn read(line: &str) -> Self {
        let parts: Vec<&str> = line.split('|').collect();
        let &[at, worker, connection, status, protocol, resumed, method, path, token] = parts.as_slice()
        else {
            panic!("not a line of our log format: {line}");
        };
        Self {
            at: at.parse().unwrap(),
            worker: worker.parse().unwrap(),
            connection: connection.into(),
            status: status.parse().unwrap(),
            protocol: protocol.into(),
            resumed: resumed == "r",
            method: method.into(),
            path: path.into(),
            token: token.into(),
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
