//! The configuration of a simulator, fixed at its start: project, users, keys and limits.

use std::time::Duration;

use super::faults::Faults;
use super::rng;
use crate::util::secret::Secret;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) token: Secret,
    pub(super) project_id: String,
    pub(super) project_name: String,
    pub(super) domain_id: String,
    pub(super) domain_name: String,
    pub(super) users: Vec<User>,
    /// The second factor; required of every user if set.
    pub(super) passcode: Option<Secret>,
    /// Domain and name of each agency.
    pub(super) agencies: Vec<(String, String)>,
    pub(super) token_life: Duration,
    pub(super) token_length: usize,
    pub(super) time_scale: f64,
    /// How far the clock is advanced by a poll of a pending job.
    pub(super) advance_on_poll: Duration,
    /// When the static token expires, by the simulator's clock.
    pub(super) token_expires_after: Duration,
    /// Of the jobs that are started over HTTP every how many fail; zero: none.
    pub(super) fail_every: u32,
    pub(super) faults: Faults,
    /// Each connection takes a thread; connections beyond this number get 503.
    pub(super) max_connections: usize,
    #[cfg(feature = "signing")]
    pub(super) access_keys: Vec<AccessKey>,
}

#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) password: Secret,
}

#[cfg(feature = "signing")]
#[derive(Clone, Debug)]
pub(super) struct AccessKey {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) security_token: Option<Secret>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token: Secret::new(format!("MII{}", rng::hex(61))),
            project_id: rng::hex(32),
            project_name: "eu-de_simulated".into(),
            domain_id: rng::hex(32),
            domain_name: "OTC-EU-DE-00000000001000000001".into(),
            users: Vec::new(),
            passcode: None,
            agencies: Vec::new(),
            token_life: Duration::from_secs(24 * 60 * 60),
            token_length: 183,
            time_scale: 1.0,
            advance_on_poll: Duration::ZERO,
            token_expires_after: Duration::MAX,
            fail_every: 0,
            faults: Faults::default(),
            // With client and server in one process this stays below the usual limit of 1,024 open files.
            max_connections: 400,
            #[cfg(feature = "signing")]
            access_keys: Vec::new(),
        }
    }
}

impl Settings {
    /// What is invalid because it could not be sent in a header or a path.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let token = self.token.expose();
        if token.is_empty() || token.len() > 100_000 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Some("the token must be 1 to 100000 visible ASCII characters without spaces");
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if self.project_id.is_empty() || self.project_id.len() > 64 || !self.project_id.bytes().all(plain) {
            return Some("the project id must be 1 to 64 of A-Z a-z 0-9 - _");
        }
        if !(1.0..=1e9).contains(&self.time_scale) {
            return Some("the time scale must be a number from 1 to 1e9");
        }
        None
    }
}
