//! The library as its users see it.

mod errors;
//! The integration tests, one binary.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "simulator")]
mod simulator;
