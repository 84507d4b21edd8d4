//! tinyproxy: a forward proxy.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{end, script, servers, start};

/// A running tinyproxy. Dropped, it ends.
pub(crate) struct Tinyproxy {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Tinyproxy {
    /// One that opens the way to these ports, for everyone or for those who know user and password.
    pub(crate) fn start(ports: &[u16], user: Option<(&str, &str)>) -> Self {
        let folder = servers().folder("tinyproxy");
        let ports: Vec<String> = ports.iter().map(|port| format!("ConnectPort {port}")).collect();
        let user = user.map(|(name, password)| format!("BasicAuth {name} {password}")).unwrap_or_default();
        let template = fs::read_to_string(script("tinyproxy.conf.in")).unwrap();
        let (comment, template) = template.split_once('\n').unwrap();
        assert!(comment.starts_with('#'));
        let template = template
            .replace("@DIR@", &folder.display().to_string())
            .replace("@PORTS@", &ports.join("\n"))
            .replace("@MORE@", &user);
        let (child, port) = start(None, |port| {
            let configuration = folder.join("tinyproxy.conf");
            fs::write(&configuration, template.replace("@PORT@", &port.to_string())).unwrap();
            let mut command = Command::new(&servers().tinyproxy);
            command.arg("-d").arg("-c").arg(configuration);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        });
        Self { child, folder, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn url_for(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@127.0.0.1:{}", self.port)
    }

    /// The first lines of the requests that it got.
    pub(crate) fn asked(&self) -> Vec<String> {
        thread::sleep(Duration::from_millis(100));
        let log = fs::read_to_string(self.folder.join("tinyproxy.log")).unwrap_or_default();
        let request = |line: &str| {
            line.split_once("Request (file descriptor ")?.1.split_once("): ").map(|it| it.1.to_owned())
        };
        log.lines().filter_map(request).collect()
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
