//! What a user of the library sees, through its public face alone.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "simulator")]
mod build_script;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "simulator")]
mod resources;
#[cfg(feature = "simulator")]
mod services;
#[cfg(feature = "simulator")]
mod session;
mod service_bodies;
mod documents;
mod errors;
#[cfg(feature = "simulator")]
mod examples;
mod expected;
mod faults;
mod fixtures_jobs;
mod job_bodies;
mod layers;
mod leaks;
#[cfg(feature = "log")]
mod logging;
mod mixes;
mod model_traits;
#[cfg(all(feature = "cli", unix))]
mod shell_recipes;
#[cfg(feature = "simulator")]
mod simulator;
#[cfg(all(feature = "simulator", target_os = "linux"))]
mod soak;
#[cfg(all(feature = "simulator", target_os = "linux"))]
mod threads;
mod traits;
#[cfg(feature = "simulator")]
mod waiting;
