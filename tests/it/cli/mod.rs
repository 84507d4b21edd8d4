//! The command, as a script sees it: arguments, streams, JSON and exit codes, against the simulator.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(unix)]
mod completions;
mod connection;
mod demo;
mod ends;
mod input;
#[cfg(unix)]
mod interrupts;
mod json;
mod progress;
mod run;
mod simulate;
mod streams;
#[cfg(unix)]
mod terminal;
#[cfg(target_os = "linux")]
mod threads;
mod unprintable;
mod until;
mod usage;
