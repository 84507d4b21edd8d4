//! IAM as the simulator has it: logins, tokens, the catalog, signatures.

pub(crate) mod authorize;
pub(crate) mod catalog;
pub(crate) mod login;
#[cfg(feature = "signing")]
pub(crate) mod signature;
pub(crate) mod tokens;
