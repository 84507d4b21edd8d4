//! Tokens: the static one that exists from the start, and those issued by logins.

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

use crate::simulator::clock::later;
use crate::simulator::rng;
use crate::util::secret::Secret;

#[derive(Debug)]
pub(crate) struct Tokens {
    static_token: Secret,
    static_expires: Duration,
    static_grant: Grant,
    issued: HashMap<String, Issued>,
    pub(crate) logins: usize,
}

/// What a token grants, and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) methods: Vec<String>,
    /// Id and name.
    pub(crate) user: (String, String),
    /// Domain and name of the assumed agency, if any.
    pub(crate) agency: Option<(String, String)>,
    pub(crate) scope: Scope,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    /// When it expires by the simulator's clock.
    pub(crate) expires: Duration,
}

/// The scope of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// The simulator's project.
    Project,
    Domain,
    None,
}

#[derive(Debug)]
struct Issued {
    grant: Grant,
    revoked: bool,
}

/// The state of a token.
#[derive(Debug)]
pub(crate) enum TokenState<'a> {
    Valid(&'a Grant),
    Expired,
    Unknown,
}

impl Tokens {
    /// With the static token. Its body says that it expires after a day, or at `expires` if that is sooner; it stays valid
    /// until `expires`.
    pub(crate) fn new(
        static_token: Secret,
        user: (String, String),
        wall: OffsetDateTime,
        expires: Duration,
    ) -> Self {
        let static_grant = Grant {
            methods: vec!["password".into()],
            user,
            agency: None,
            scope: Scope::Project,
            issued_at: wall,
            expires_at: later(wall, ONE_DAY.min(expires)),
            expires: Duration::MAX,
        };
        Self { static_token, static_expires: expires, static_grant, issued: HashMap::new(), logins: 0 }
    }

    pub(crate) fn replace_static(&mut self, token: Secret) {
        self.static_token = token;
        self.static_expires = Duration::MAX;
    }

    pub(crate) const fn expire(&mut self) {
        self.static_expires = Duration::ZERO;
    }

    /// Issues a token with this number of characters.
    pub(crate) fn issue(&mut self, grant: Grant, length: usize, now: Duration) -> String {
        if self.issued.len() >= PRUNE_AT {
            self.issued.retain(|_, issued| !issued.revoked && issued.grant.expires > now);
        }
        let token = format!("MII{}", rng::hex(length.saturating_sub(3).clamp(32, 100_000)));
        self.issued.insert(token.clone(), Issued { grant, revoked: false });
        self.logins += 1;
        token
    }

    pub(crate) fn state(&self, token: &str, now: Duration) -> TokenState<'_> {
        if token == self.static_token.expose() {
            return if self.static_expires <= now {
                TokenState::Expired
            } else {
                TokenState::Valid(&self.static_grant)
            };
        }
        match self.issued.get(token) {
            None => TokenState::Unknown,
            Some(issued) if issued.revoked || issued.grant.expires <= now => TokenState::Expired,
            Some(issued) => TokenState::Valid(&issued.grant),
        }
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(issued) = self.issued.get_mut(token) {
            issued.revoked = true;
        } else if token == self.static_token.expose() {
            self.expire();
        }
    }

    pub(crate) fn revoke_issued(&mut self) {
        self.issued.values_mut().for_each(|issued| issued.revoked = true);
    }
}

const ONE_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The number of tokens at which expired ones are removed.
const PRUNE_AT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(
            Secret::new("given"),
            ("u1".into(), "demo".into()),
            OffsetDateTime::UNIX_EPOCH,
            Duration::MAX,
        )
    }

    fn grant(expires: u64) -> Grant {
        Grant { expires: Duration::from_secs(expires), ..tokens().static_grant }
    }

    fn state_name(tokens: &Tokens, token: &str, now: u64) -> &'static str {
        match tokens.state(token, Duration::from_secs(now)) {
            TokenState::Valid(_) => "valid",
            TokenState::Expired => "expired",
            TokenState::Unknown => "unknown",
        }
    }

    #[test]
    fn an_issued_token_is_valid_until_it_expires_or_is_revoked() {
        let mut tokens = tokens();
        let first = tokens.issue(grant(10), 64, Duration::ZERO);
        let second = tokens.issue(grant(10), 5_000, Duration::ZERO);
        assert_eq!((first.len(), second.len(), tokens.logins), (64, 5_000, 2));
        assert_eq!(state_name(&tokens, &first, 9), "valid");
        assert_eq!(state_name(&tokens, &first, 10), "expired");
        tokens.revoke(&first);
        assert_eq!((state_name(&tokens, &first, 0), state_name(&tokens, &second, 0)), ("expired", "valid"));
        tokens.revoke_issued();
        assert_eq!(state_name(&tokens, &second, 0), "expired");
        assert_eq!(state_name(&tokens, "given", 0), "valid");
    }

    #[test]
    fn the_static_token_can_expire_and_be_replaced() {
        let mut tokens = tokens();
        tokens.expire();
        assert_eq!(state_name(&tokens, "given", 0), "expired");
        tokens.replace_static(Secret::new("other"));
        assert_eq!((state_name(&tokens, "other", 0), state_name(&tokens, "given", 0)), ("valid", "unknown"));
    }

    #[test]
    fn expired_tokens_are_removed() {
        let mut tokens = tokens();
        for _ in 0..PRUNE_AT {
            tokens.issue(grant(1), 64, Duration::ZERO);
        }
        tokens.issue(grant(100), 64, Duration::from_secs(2));
        assert_eq!(tokens.issued.len(), 1);
    }
}
