//! Configures a simulator before its start.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Simulator;
use super::rng;
use super::settings::{Settings, User};
use crate::util::secret::Secret;

/// Configures a [`Simulator`]; created by [`Simulator::builder`].
///
/// ```
/// use std::time::Duration;
/// use cloudjob::simulator::Simulator;
///
/// let simulator = Simulator::builder()
///     .user("demo", "s3cret")
///     .token_life(Duration::from_secs(600))
///     .start()?;
/// assert_eq!(simulator.login_count(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SimulatorBuilder {
    listen: SocketAddr,
    settings: Settings,
}

impl SimulatorBuilder {
    pub(super) fn new() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), settings: Settings::default() }
    }

    /// The loopback address and port to listen on. Default: 127.0.0.1 and port 0, which selects a free port.
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// A token that is valid without a login. Default: a random one.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.settings.token = Secret::new(token.into());
        self
    }

    /// The project id. Default: 32 random hexadecimal digits.
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.settings.project_id = id.into();
        self
    }

    /// The project name; the part before `_` is the region in the catalog. Default: `eu-de_simulated`.
    pub fn project_name(mut self, name: impl Into<String>) -> Self {
        self.settings.project_name = name.into();
        self
    }

    /// The name of the domain that owns the project and the users. Default: `OTC-EU-DE-00000000001000000001`.
    pub fn domain(mut self, name: impl Into<String>) -> Self {
        self.settings.domain_name = name.into();
        self
    }

    /// Adds a user, who can log in by name and domain or by [`Simulator::user_id`]. Default: none.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        let user = User { id: rng::hex(32), name: name.into(), password: Secret::new(password.into()) };
        self.settings.users.push(user);
        self
    }

    /// The passcode that every user needs in addition to the password (method `totp`). Default: none.
    pub fn totp(mut self, passcode: impl Into<String>) -> Self {
        self.settings.passcode = Some(Secret::new(passcode.into()));
        self
    }

    /// Adds an agency of another domain that a user can assume (method `assume_role`). The id of that domain is its
    /// name. Default: none.
    pub fn agency(mut self, domain: impl Into<String>, name: impl Into<String>) -> Self {
        self.settings.agencies.push((domain.into(), name.into()));
        self
    }

    /// The lifetime of tokens issued by logins. Default: 24 hours.
    pub const fn token_life(mut self, life: Duration) -> Self {
        self.settings.token_life = life;
        self
    }

    /// The length of tokens issued by logins, 35 to 100,000 characters. Default: 183; real ones have a few thousand.
    pub const fn token_length(mut self, characters: usize) -> Self {
        self.settings.token_length = characters;
        self
    }

    /// Adds an access key. Requests signed with it (SDK-HMAC-SHA256) need no token. Default: none.
    #[cfg(feature = "signing")]
    pub fn access_key(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.key(id.into(), Secret::new(secret.into()), None)
    }

    /// Adds a temporary access key. Requests signed with it need this security token. Default: none.
    #[cfg(feature = "signing")]
    pub fn temporary_access_key(
        self,
        id: impl Into<String>,
        secret: impl Into<String>,
        security_token: impl Into<String>,
    ) -> Self {
        self.key(id.into(), Secret::new(secret.into()), Some(Secret::new(security_token.into())))
    }

    #[cfg(feature = "signing")]
    fn key(mut self, id: String, secret: Secret, security_token: Option<Secret>) -> Self {
        self.settings.access_keys.push(super::settings::AccessKey { id, secret, security_token });
        self
    }

    /// Starts the simulator.
    ///
    /// # Errors
    /// If the address is not a loopback address (tokens are sent over plain HTTP) or cannot be listened on, if the token
    /// or the project id contains characters that cannot be sent, or if no thread can be started.
    pub fn start(self) -> io::Result<Simulator> {
        if !self.listen.ip().is_loopback() {
            let problem = format!(
                "{} is not a loopback address; the simulator only listens on loopback",
                self.listen.ip()
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        if let Some(problem) = self.settings.problem() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        Simulator::run(self.listen, self.settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_configuration_is_rejected_at_the_start() {
        let open_to_all = SimulatorBuilder::new().listen(SocketAddr::from(([0, 0, 0, 0], 0)));
        let table = [
            (open_to_all, "loopback"),
            (SimulatorBuilder::new().token(""), "token"),
            (SimulatorBuilder::new().token("a\nb"), "token"),
            (SimulatorBuilder::new().project_id("a/b"), "project id"),
        ];
        for (builder, expected) in table {
            let error = builder.start().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_secrets() {
        let builder = SimulatorBuilder::new().token("hush-1").user("demo", "hush-2").totp("hush-3");
        #[cfg(feature = "signing")]
        let builder = builder.temporary_access_key("ak", "hush-4", "hush-5");
        assert!(!format!("{builder:?}").contains("hush"));
        assert!(!format!("{:?}", builder.start().unwrap()).contains("hush"));
    }
}
