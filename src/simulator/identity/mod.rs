//! The simulated IAM: logins, tokens, the catalog, request signatures.

pub(crate) mod authorize;
pub(crate) mod catalog;
pub(crate) mod login;
#[cfg(feature = "signing")]
pub(crate) mod signature;
pub(crate) mod tokens;
