//! The words all sources of settings are put into: what a value is for, where it came from, how one logs in.

use std::fmt;

/// A value, and the name of the place it came from.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    /// A variable (`OS_PROJECT_ID`), `file:cloud:member`, or in words what was given outright (`region given`).
    pub(crate) source: String,
}

impl<T> Sourced<T> {
    pub(crate) fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: source.into() }
    }
}

/// Only the source: a secret may have been put under any name.
impl<T> fmt::Debug for Sourced<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {}", self.source)
    }
}

/// The domain of a user or of a project: the account, in the words of the console.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Domain {
    Id(Sourced<String>),
    Name(Sourced<String>),
}

/// What a value is for, whatever its name in the source.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Key {
    Token,
    AccessId,
    AccessSecret,
    SecurityToken,
    UserName,
    UserId,
    Password,
    Passcode,
    AuthUrl,
    AuthType,
    Region,
    ProjectId,
    ProjectName,
    UserDomainId,
    UserDomainName,
    ProjectDomainId,
    ProjectDomainName,
    DomainId,
    DomainName,
    DefaultDomainId,
    DefaultDomainName,
    AgencyName,
    AgencyDomainName,
    DelegatedProject,
    CaCert,
    Vendor,
    IdentityProvider,
}

/// The names of a key in a source. Names in one row are one thing and have to agree; a later row with the same key
/// is read only where the earlier ones gave nothing.
pub(crate) type KeyNames = (Key, &'static [&'static str]);

/// The ways to say who asks, the strongest first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AuthType {
    Token,
    AccessKey,
    Password,
}

impl AuthType {
    pub(crate) const ALL: [Self; 3] = [Self::Token, Self::AccessKey, Self::Password];

    pub(crate) const fn keys(self) -> &'static [Key] {
        match self {
            Self::Token => &[Key::Token],
            Self::AccessKey => &[Key::AccessId, Key::AccessSecret, Key::SecurityToken],
            Self::Password => &[Key::UserName, Key::UserId, Key::Password, Key::Passcode],
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::AccessKey => "access key",
            Self::Password => "password login",
        }
    }

    /// The method an `auth_type` asks for; none for one that is not known here.
    pub(crate) fn of_auth_type(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "token" | "v3token" => Some(Self::Token),
            "aksk" | "ak_sk" | "v3aksk" => Some(Self::AccessKey),
            "password" | "v3password" | "v3totp" | "v3multifactor" => Some(Self::Password),
            _ => None,
        }
    }
}

/// A cloud whose addresses are known by its name alone (`profile:` in a clouds file).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Vendor {
    Otc,
    OtcSwiss,
}

impl Vendor {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "otc" => Some(Self::Otc),
            "otc-swiss" => Some(Self::OtcSwiss),
            _ => None,
        }
    }

    pub(crate) const fn region(self) -> &'static str {
        match self {
            Self::Otc => "eu-de",
            Self::OtcSwiss => "eu-ch2",
        }
    }

    pub(crate) fn auth_url(self, region: Option<&str>) -> &'static str {
        match (self, region) {
            (Self::Otc, Some("eu-nl")) => "https://iam.eu-nl.otc.t-systems.com/v3",
            (Self::Otc, _) => "https://iam.eu-de.otc.t-systems.com/v3",
            (Self::OtcSwiss, _) => "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3",
        }
    }
}
