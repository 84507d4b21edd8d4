//! Configures a simulator before its start.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Simulator;
use super::faults::Fault;
use super::rng;
use super::settings::{Settings, User};
use crate::util::secret::Secret;

/// Configures a [`Simulator`]; created by [`Simulator::builder`].
///
/// | what | functions |
/// | --- | --- |
/// | address, project | [`listen`](Self::listen), [`project_id`](Self::project_id), [`project_name`](Self::project_name), [`domain`](Self::domain) |
/// | credentials | [`token`](Self::token), [`user`](Self::user), [`totp`](Self::totp), [`agency`](Self::agency), `access_key`, `temporary_access_key` |
/// | tokens | [`token_life`](Self::token_life), [`token_length`](Self::token_length), [`expire_token_after`](Self::expire_token_after) |
/// | time | [`time_scale`](Self::time_scale), [`advance_on_poll`](Self::advance_on_poll) |
/// | faults | [`latency`](Self::latency), [`rate_limit`](Self::rate_limit), [`fail_every`](Self::fail_every), [`fault_every`](Self::fault_every), [`inject_faults`](Self::inject_faults) |
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

    /// Lets time pass faster by itself: the simulator's clock runs `scale` times as fast as real time. Default: 1.
    ///
    /// Jobs, tokens, the header `Date` and [`Fault::Throttle`]'s `Retry-After` follow this clock; signatures are verified
    /// by real time. A client that paces its polls by the age of a job polls an old job every 10 s of real time, so
    /// choose a scale at which the job ends within a second.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cloudjob::simulator::{JobScript, Simulator};
    ///
    /// let simulator = Simulator::builder().time_scale(10_000.0).start()?;
    /// let id = simulator.start_job(JobScript::new("createServer").duration(Duration::from_secs(240)));
    /// let job = simulator.client()?.wait(&id).run()?; // takes a second
    /// assert!(job.duration() >= Some(Duration::from_secs(240)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn time_scale(mut self, scale: f64) -> Self {
        self.settings.time_scale = scale;
        self
    }

    /// Lets time pass by itself with each poll: a poll of a pending job, or of a resource whose state is going to change,
    /// first advances the simulator's clock by `step`. Default: zero.
    ///
    /// With a step of at least the job's duration the first poll finds the job ended, so that the test of a tool that
    /// starts jobs and waits for them takes milliseconds. With a smaller step the client polls again at its own pace, up to
    /// 11 seconds later, since the job is as old as the simulator's clock says.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use cloudjob::simulator::{JobScript, Simulator};
    ///
    /// let simulator = Simulator::builder().advance_on_poll(Duration::from_secs(3600)).start()?;
    /// let id = simulator.start_job(JobScript::new("createServer").duration(Duration::from_secs(240)));
    /// let job = simulator.client()?.wait(&id).run()?;
    /// assert_eq!(job.duration(), Some(Duration::from_secs(240)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn advance_on_poll(mut self, step: Duration) -> Self {
        self.settings.advance_on_poll = step;
        self
    }

    /// As [`Simulator::latency`], from the start.
    pub const fn latency(mut self, latency: Duration) -> Self {
        self.settings.faults.latency = latency;
        self
    }

    /// As [`Simulator::rate_limit`], from the start.
    pub fn rate_limit(mut self, per_second: u32) -> Self {
        self.settings.faults.limit(per_second);
        self
    }

    /// Expires the token that is valid without a login ([`token`](Self::token)) this long after the start. Default:
    /// never. For tokens issued by logins see [`token_life`](Self::token_life).
    pub const fn expire_token_after(mut self, duration: Duration) -> Self {
        self.settings.token_expires_after = duration;
        self
    }

    /// Of the jobs that are started over HTTP every `n`th fails; 1: all. Default: 0, none.
    pub const fn fail_every(mut self, n: u32) -> Self {
        self.settings.fail_every = n;
        self
    }

    /// Applies this fault to every `n`th request; 1: to all. Zero, the default: to none.
    pub fn fault_every(mut self, n: u32, fault: Fault) -> Self {
        self.settings.faults.repeat(n, fault);
        self
    }

    /// As [`Simulator::inject_faults`], from the start.
    pub fn inject_faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.settings.faults.add(faults);
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
            (SimulatorBuilder::new().time_scale(0.5), "time scale"),
            (SimulatorBuilder::new().time_scale(f64::NAN), "time scale"),
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
