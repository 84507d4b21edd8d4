//! The words that all sources of settings are read into: what a value means, where it came from, how to authenticate.

use std::fmt;

use crate::endpoint::region;

/// A value, and the name of the place it came from.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    /// A variable (`OS_PROJECT_ID`), `file:cloud:member`, or what was given (`--region`, `SessionBuilder::region`).
    pub(crate) source: String,
}

impl<T> Sourced<T> {
    pub(crate) fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: source.into() }
    }
}

/// Shows only the source: any variable may hold a secret.
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

/// What a value means, whatever its name in the source.
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
    AgencyDomainId,
    AgencyDomainName,
    DelegatedProject,
    CaCert,
    Vendor,
    IdentityProvider,
    ApplicationCredential,
    /// A certificate that shows who the client is.
    ClientCertificate,
    /// Something that makes other tools act as somebody else, or for something else, than the login says.
    Trust,
}

impl Key {
    /// The value is sent as the secret it is, so that nothing about its characters is assumed.
    pub(crate) const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Passcode)
    }

    /// The value is a token or a key: white space around it is dropped, and what else may not be in it is checked when
    /// credentials are made of it.
    pub(crate) const fn is_trimmed(self) -> bool {
        matches!(self, Self::Token | Self::AccessId | Self::AccessSecret | Self::SecurityToken)
    }
}

/// The names of a key in a source. Names in one row mean the same and have to agree; a later row with the same key is
/// read only if the earlier ones have no value.
pub(crate) type KeyNames = (Key, &'static [&'static str]);

/// The ways to authenticate, the strongest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
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

    /// The method that an `auth_type` of OpenStack's tools asks for; `None` if it is not known here.
    pub(crate) fn from_name(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "token" | "v3token" => Some(Self::Token),
            "aksk" | "ak_sk" | "v3aksk" => Some(Self::AccessKey),
            "password" | "v3password" | "v3totp" | "v3multifactor" => Some(Self::Password),
            _ => None,
        }
    }
}

/// A cloud whose URLs follow from its name (`profile:` in a clouds file). openstacksdk has the same two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Vendor {
    Otc,
    OtcSwiss,
}

impl Vendor {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "otc" => Some(Self::Otc),
            "otc-swiss" => Some(Self::OtcSwiss),
            _ => None,
        }
    }

    /// The region if nothing else names one.
    pub(crate) const fn region(self) -> &'static str {
        match self {
            Self::Otc => "eu-de",
            Self::OtcSwiss => "eu-ch2",
        }
    }

    /// The domain of its hosts, without the region.
    pub(crate) const fn domain(self) -> &'static str {
        match self {
            Self::Otc => region::OTC,
            Self::OtcSwiss => region::OTC_SWISS,
        }
    }
}
