//! The library as its users see it.

mod errors;
//! The integration tests, one binary.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "simulator")]
mod simulator;
//! What a user of the library sees, through its public face alone.

mod expected;
mod fixtures_jobs;
mod job_bodies;
