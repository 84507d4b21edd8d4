//! Keystone: the two that the script has started, which share their users and keys.

use std::fs;
use std::path::PathBuf;

use cloudjob::Login;
use serde_json::{Value, json};

use super::{exchange, servers};

#[derive(Clone, Copy)]
pub(crate) struct Keystone {
    port: u16,
    folder: &'static str,
}

impl Keystone {
    /// The usual one: its tokens live for a day.
    pub(crate) fn long() -> Self {
        Self { port: servers().keystone, folder: "keystone" }
    }

    /// The tokens of this one live for three seconds.
    pub(crate) fn short() -> Self {
        Self { port: servers().keystone_short, folder: "keystone-short" }
    }

    pub(crate) const fn port(self) -> u16 {
        self.port
    }

    /// Its address, with which a test can tell its own requests.
    pub(crate) fn url(self, label: &str) -> String {
        format!("http://127.0.0.1:{}/for/{label}/v3", self.port)
    }

    /// The usual login of the usual user.
    pub(crate) fn login(self, label: &str) -> Login {
        let ids = &servers().ids;
        Login::new(self.url(label))
            .user_name(&ids.user_name)
            .user_domain_name(&ids.domain_name)
            .password(&ids.password)
    }

    /// The answers to the logins that came with this label.
    pub(crate) fn logins(self, label: &str) -> Vec<u16> {
        let log: PathBuf = servers().run.join(self.folder).join("access.log");
        let start = format!("{label} POST /v3/auth/tokens ");
        let log = fs::read_to_string(log).unwrap();
        log.lines()
            .filter_map(|line| line.strip_prefix(&start))
            .map(|status| status.parse().unwrap())
            .collect()
    }

    /// A token for a project, got by hand.
    pub(crate) fn token(self, project_id: &str) -> String {
        let ids = &servers().ids;
        let user = json!({ "id": ids.user_id, "password": ids.password });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let auth = json!({ "auth": { "identity": identity, "scope": { "project": { "id": project_id } } } });
        let (status, head, _) = exchange(self.port, "POST", "/v3/auth/tokens", "", &auth.to_string());
        assert_eq!(status, 201);
        let line = |line: &&str| line.to_ascii_lowercase().starts_with("x-subject-token:");
        head.lines().find(line).unwrap().split_once(": ").unwrap().1.to_owned()
    }

    /// What Keystone says of a token; nothing if it is not in force.
    pub(crate) fn describe(self, token: &str) -> Option<Value> {
        let headers = format!("X-Auth-Token: {token}\r\nX-Subject-Token: {token}\r\n");
        let (status, _, body) = exchange(self.port, "GET", "/v3/auth/tokens", &headers, "");
        (status == 200).then(|| serde_json::from_str(&body).unwrap())
    }

    pub(crate) fn revoke(self, token: &str) {
        let headers = format!("X-Auth-Token: {token}\r\nX-Subject-Token: {token}\r\n");
        let (status, ..) = exchange(self.port, "DELETE", "/v3/auth/tokens", &headers, "");
        assert_eq!(status, 204);
    }
}
