//! `openssl s_server` in the settings that this client cannot agree on, and certificates that it rejects.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cloudjob::error::{PollError, TransportErrorKind};
use cloudjob::{Client, ClientConfig, Credentials, Endpoint, JobId};

/// Certificates in a folder of their own.
struct Certificates(PathBuf);

impl Certificates {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("cloudjob-openssl-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = Self(folder);
        std::fs::write(made.path("host"), "subjectAltName=IP:127.0.0.1\n").unwrap();
        std::fs::write(made.path("name"), "subjectAltName=DNS:elsewhere.test\n").unwrap();
        made.run("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=authority");
        made.run("req -x509 -newkey rsa:2048 -nodes -keyout own.key -out own.pem -days 30 -subj /CN=own -addext subjectAltName=IP:127.0.0.1");
        made.run("req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server");
        let sign = "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial";
        made.run(&format!("{sign} -days 30 -extfile host -out good.pem"));
        made.run(&format!("{sign} -days 30 -extfile name -out name.pem"));
        made.run(&format!("{sign} -days 30 -extfile host -sha1 -out sha1.pem"));
        made.run(&format!("{sign} -days -1 -extfile host -out expired.pem"));
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn run(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        let output = command.args(arguments.split(' ')).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server, stopped when it is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path, certificate: &str, settings: &str) -> Self {
        let key = if certificate == "own" { "own.key" } else { "server.key" };
        let arguments =
            format!("s_server -accept 127.0.0.1:0 -www -cert {certificate}.pem -key {key} {settings}");
        let mut process = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // ACCEPT 127.0.0.1:41234
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.by_ref().map(Result::unwrap).find(|line| line.starts_with("ACCEPT")).unwrap();
        let port = line.rsplit_once(':').unwrap().1.trim().parse().unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Each TLS implementation of this build.
fn configs() -> Vec<(&'static str, ClientConfig)> {
    vec![
        #[cfg(feature = "rustls")]
        ("rustls", ClientConfig::new()),
        #[cfg(feature = "native-tls")]
        ("native-tls", ClientConfig::new().native_tls()),
    ]
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn incompatible_openssl_servers_end_a_wait_at_once() {
    use TransportErrorKind::{Certificate, TlsUnsupported};

    let certificates = Certificates::new();
    let legacy = "-cipher DEFAULT@SECLEVEL=0";
    for (settings, certificate, kind, part) in [
        ("", "good", None, ""),
        ("-tls1_2", "good", None, ""),
        ("-tls1_3", "good", None, ""),
        ("-Verify 1 -verify_return_error -tls1_3", "good", Some(TlsUnsupported), "client certificate"),
        ("-Verify 1 -verify_return_error -tls1_2", "good", Some(TlsUnsupported), "client certificate"),
        (&format!("-tls1_1 {legacy}"), "good", Some(TlsUnsupported), "neither TLS 1.2 nor TLS 1.3"),
        (&format!("-tls1 {legacy}"), "good", Some(TlsUnsupported), "neither TLS 1.2 nor TLS 1.3"),
        ("-tls1_2 -cipher AES128-GCM-SHA256", "good", Some(TlsUnsupported), "cipher suite or key exchange"),
        ("-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256", "good", Some(TlsUnsupported), "cipher suite"),
        ("", "own", Some(Certificate), "not"),
        ("", "name", Some(Certificate), "it is not for"),
        ("", "expired", Some(Certificate), "expired"),
        (legacy, "sha1", Some(Certificate), ""),
    ] {
        let server = Server::start(&certificates.0, certificate, settings);
        for (name, config) in configs() {
            // OpenSSL has these key exchanges.
            if name == "native-tls" && ["AES128", "DHE"].iter().any(|part| settings.contains(part)) {
                continue;
            }
            let endpoint = Endpoint::new(&format!("https://127.0.0.1:{}", server.port), "p").unwrap();
            let config = config.no_proxy().ca_file(certificates.path("ca.pem"));
            let client = Client::with_config(endpoint, Credentials::token("t").unwrap(), config).unwrap();
            let begun = Instant::now();
            let wait = client.wait(&JobId::new("j").unwrap()).timeout(Duration::from_secs(20));
            let error = match kind {
                Some(_) => wait.run().unwrap_err(),
                None => client.job(&JobId::new("j").unwrap()).unwrap_err(),
            };
            println!("{name}, {certificate} {settings}: {error}");
            match (kind, error.last_error()) {
                (Some(kind), Some(PollError::Transport(cause))) => {
                    assert_eq!(cause.kind(), kind, "{name}, {certificate} {settings}: {error}");
                    assert!(cause.message().contains(part), "{name}, {certificate} {settings}: {error}");
                    assert_eq!(error.polls(), 1);
                    assert!(begun.elapsed() < Duration::from_secs(5));
                }
                // What it answers is a page.
                (None, Some(PollError::Decode(_))) => {}
                _ => panic!("{name}, {certificate} {settings}: {error}"),
            }
        }
    }
}
