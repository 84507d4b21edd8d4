//! The tokens that are in force: the one given from the start, and those issued to whom has logged in.

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;

use crate::simulator::clock::later;
use crate::simulator::rng;
use crate::util::secret::Secret;

#[derive(Debug)]
pub(crate) struct Tokens {
    given: Secret,
    given_expired: bool,
    given_grant: Grant,
    issued: HashMap<String, Issued>,
    pub(crate) logins: usize,
}

/// What a token says about its owner.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) methods: Vec<String>,
    /// Id and name.
    pub(crate) user: (String, String),
    /// The agency's user that took on the role, if one did: domain name.
    pub(crate) agency: Option<(String, String)>,
    pub(crate) scope: Scope,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    /// The end of it on the simulator's clock.
    pub(crate) expires: Duration,
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// The simulator's project, and with it its jobs.
    Project,
    Domain,
    None,
}

#[derive(Debug)]
struct Issued {
    grant: Grant,
    revoked: bool,
}

/// What became of a token.
#[derive(Debug)]
pub(crate) enum Standing<'a> {
    InForce(&'a Grant),
    Over,
    Unknown,
}

impl Tokens {
    /// With the token that is given from the start; it holds for a day in what it says of itself, and until
    /// [`expire`](Self::expire) in fact.
    pub(crate) fn new(given: Secret, user: (String, String), wall: OffsetDateTime) -> Self {
        let given_grant = Grant {
            methods: vec!["password".into()],
            user,
            agency: None,
            scope: Scope::Project,
            issued_at: wall,
            expires_at: later(wall, ONE_DAY),
            expires: Duration::MAX,
        };
        Self { given, given_expired: false, given_grant, issued: HashMap::new(), logins: 0 }
    }

    pub(crate) fn give(&mut self, token: Secret) {
        self.given = token;
        self.given_expired = false;
    }

    pub(crate) const fn expire(&mut self) {
        self.given_expired = true;
    }

    /// A new token of so many characters.
    pub(crate) fn issue(&mut self, grant: Grant, length: usize, now: Duration) -> String {
        if self.issued.len() >= MANY {
            self.issued.retain(|_, issued| !issued.revoked && issued.grant.expires > now);
        }
        let token = format!("MII{}", rng::hex(length.saturating_sub(3).clamp(32, 100_000)));
        self.issued.insert(token.clone(), Issued { grant, revoked: false });
        self.logins += 1;
        token
    }

    pub(crate) fn standing(&self, token: &str, now: Duration) -> Standing<'_> {
        if token == self.given.expose() {
            return if self.given_expired { Standing::Over } else { Standing::InForce(&self.given_grant) };
        }
        match self.issued.get(token) {
            None => Standing::Unknown,
            Some(issued) if issued.revoked || issued.grant.expires <= now => Standing::Over,
            Some(issued) => Standing::InForce(&issued.grant),
        }
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(issued) = self.issued.get_mut(token) {
            issued.revoked = true;
        } else if token == self.given.expose() {
            self.expire();
        }
    }

    pub(crate) fn revoke_issued(&mut self) {
        self.issued.values_mut().for_each(|issued| issued.revoked = true);
    }
}

const ONE_DAY: Duration = Duration::from_secs(24 * 60 * 60);

const MANY: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(Secret::new("given"), ("u1".into(), "demo".into()), OffsetDateTime::UNIX_EPOCH)
    }

    fn grant(expires: u64) -> Grant {
        Grant { expires: Duration::from_secs(expires), ..tokens().given_grant }
    }

    fn word(tokens: &Tokens, token: &str, now: u64) -> &'static str {
        match tokens.standing(token, Duration::from_secs(now)) {
            Standing::InForce(_) => "in force",
            Standing::Over => "over",
            Standing::Unknown => "unknown",
        }
    }

    #[test]
    fn an_issued_token_holds_until_its_end_or_its_revocation() {
        let mut tokens = tokens();
        let first = tokens.issue(grant(10), 64, Duration::ZERO);
        let second = tokens.issue(grant(10), 5_000, Duration::ZERO);
        assert_eq!((first.len(), second.len(), tokens.logins), (64, 5_000, 2));
        assert_eq!(word(&tokens, &first, 9), "in force");
        assert_eq!(word(&tokens, &first, 10), "over");
        tokens.revoke(&first);
        assert_eq!((word(&tokens, &first, 0), word(&tokens, &second, 0)), ("over", "in force"));
        tokens.revoke_issued();
        assert_eq!(word(&tokens, &second, 0), "over");
        assert_eq!(word(&tokens, "given", 0), "in force");
    }

    #[test]
    fn the_given_token_can_expire_and_be_replaced() {
        let mut tokens = tokens();
        tokens.expire();
        assert_eq!(word(&tokens, "given", 0), "over");
        tokens.give(Secret::new("other"));
        assert_eq!((word(&tokens, "other", 0), word(&tokens, "given", 0)), ("in force", "unknown"));
    }

    #[test]
    fn tokens_that_are_over_do_not_pile_up() {
        let mut tokens = tokens();
        for _ in 0..MANY {
            tokens.issue(grant(1), 64, Duration::ZERO);
        }
        tokens.issue(grant(100), 64, Duration::from_secs(2));
        assert_eq!(tokens.issued.len(), 1);
    }
}
