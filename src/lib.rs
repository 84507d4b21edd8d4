//! Poll and wait for the asynchronous jobs of Huawei Cloud and Open Telekom Cloud.
//!
//! Calls that change something in these clouds (create a server, attach a volume, fail over a protection group) usually
//! return only a job id. Whether the job succeeded is at `GET /v1/{project_id}/jobs/{job_id}`. This crate polls it: it
//! returns by its deadline, retries transient errors, stops at once on permanent ones, and reports the real cause of a
//! failure. It is blocking, for programs without an async runtime: deployment tools, `build.rs` scripts, pipelines. The
//! command of the same name (feature `cli`) does the same for shells.
//!
//! * [`Client`] sends polls: [`Client::job`] one, [`Client::wait`] and [`Client::wait_all`] until jobs have ended,
//!   [`Client::wait_for`] until a resource is in a wanted state.
//!   [`Client::from_env`] makes one from the settings of the other tools for these clouds.
//! * [`JobId`] is the id of a job; it can be read from the response that started the job.
//! * [`Job`] is what a poll returns: status, sub-jobs, times, the ids of what was created, the reason of a failure.
//! * [`Error`] is every failure, a failed job included. [`Error::kind`] tells the cases apart, [`Error::job`] returns the
//!   failed job, and the text includes all that is known.
//!
//! ```no_run
//! use std::time::Duration;
//! use cloudjob::{Client, JobId};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let client = Client::from_env()?; // OS_*, HW_*, HUAWEICLOUD_SDK_*, clouds.yaml
//!
//!     // The body of the response to the call that started the job.
//!     let id = JobId::from_submit_response(br#"{"job_id": "ff8080829585af7f0195c1e776d9475c"}"#)?;
//!     let job = client
//!         .wait(&id)
//!         .timeout(Duration::from_secs(20 * 60))
//!         .on_progress(|progress| eprintln!("{progress}"))
//!         .run()?; // a failed job is an error that has the whole job
//!     for server in job.ids("server_id") {
//!         println!("{server}");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! A **poll** is one GET. A **wait** is a series of polls that stops when the job ends, the deadline passes, or an error is
//! permanent. **Lag** is the time between the end of a job and the poll that notices it. **Job**, **sub-job**, **status**
//! and **entities** are the services' words.
//!
//! # Pages
//!
//! * [Recipes](docs::recipes): a deployment tool, many jobs, cleaning up, Ctrl-C, async code, `build.rs`, shell, CI, tests.
//! * [How a wait decides](docs::decisions): every rule with its numbers.
//! * [Every field of a job](docs::fields), and the method that returns it.
//! * [Services](docs::services) whose jobs can be polled, and [settings](docs::settings) that are read.
//! * [Coming from](docs::coming_from) gophertelekomcloud, the Python SDK, or a shell loop.
//!
//! # Layers
//!
//! ```text
//!              pure: no clock, no socket, no sleep                     |  I/O
//!                                                                      |
//!  Endpoint, Credentials, JobId --> api: Request {URL, headers} -------|--> http (the only user of ureq)
//!                                                                      |          |
//!  Job or ApiError <------------- api: Response {status, headers, body} <---------+
//!    |                                                                 |
//!    v                                                                 |
//!  Poller::handle(result, now) --> PollAt(instant) | Done(end) --------|--> wait: sleeps, then polls again
//! ```
//!
//! All difficult logic is pure functions over plain values, tested without sockets. A folder of `src/` uses only folders
//! of lower layers (`tests/it/layers.rs`):
//!
//! 1. `util`: time, text, secrets. It knows nothing of jobs.
//! 2. `job`, `endpoint`: the services' data model, and where a service is.
//! 3. `error`, `api`: what can go wrong; requests and responses as values.
//! 4. `poll` (when to poll next), `scheduler` (many jobs under one rate limit), `auth` (credentials to headers), `config`
//!    (environment and files to settings).
//! 5. `http`: connections, TLS, proxies, DNS.
//! 6. `client`, `session` (a client from the environment), `wait` (the blocking loops).
//! 7. `simulator`, `cli`: behind features.
//!
//! The current time is always passed in, as a duration since a fixed origin; only the clock module reads it. Text is parsed once,
//! into a type (`JobId`, `Endpoint`, `Credentials`), and trusted from there. What a service sends is kept as it was sent.
//! Secrets have a type that cannot be printed.
//!
//! # Features
//!
//! | feature | adds | crates |
//! |-|-|-|
//! | `rustls` (default) | TLS with built-in Mozilla roots. Without it only plain HTTP to loopback works | ring, rustls, webpki-roots |
//! | `rustls-no-provider` | the same without ring: the program installs a crypto provider for the process | rustls, webpki-roots |
//! | `native-tls` | TLS through the operating system's library and root certificates: a choice in [`ClientConfig`], or the default without rustls | native-tls |
//! | `platform-verifier` | optional: trust the operating system's root certificates, set in [`ClientConfig`] | rustls-platform-verifier |
//! | `signing` | `Credentials::access_key`: requests signed with an access key (SDK-HMAC-SHA256) | hmac-sha256 |
//! | `yaml` | `clouds.yaml` and `clouds.json` | serde-saphyr |
//! | `log` | one line for each poll through the `log` facade: debug for polls, warn for errors, never a secret | log |
//! | `simulator` | `cloudjob::simulator`: a job service on loopback, for tests | httparse |
//! | `cli` | the command `cloudjob`, with `signing`, `simulator` and `yaml` | clap, clap_complete, clap_mangen, console, ctor, humantime, rustix, signal-hook (elsewhere than on Unix: ctrlc) |
//!
//! No feature changes what another part does. The default build has four direct dependencies: `ureq`, `serde`,
//! `serde_json` and `time`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod util;
mod job;
mod endpoint;
pub mod error;
mod api;
pub mod poll;
mod scheduler;
mod auth;
mod config;
#[expect(clippy::disallowed_methods, reason = "requests need sockets, deadlines and DNS threads")]
mod http;
mod client;
pub mod session;
pub mod wait;

#[cfg(feature = "simulator")]
#[expect(clippy::disallowed_methods, reason = "a server with sockets, threads and a clock of its own")]
pub mod simulator;

#[cfg(feature = "cli")]
#[expect(clippy::disallowed_methods, reason = "a program with files, threads and a terminal")]
#[doc(hidden)]
pub mod cli;

#[cfg(test)]
mod testing;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

#[cfg(any(doc, doctest))]
pub mod docs;

pub use crate::auth::Credentials;
pub use crate::auth::login::Login;
pub use crate::client::Client;
pub use crate::client::config::ClientConfig;
pub use crate::endpoint::Endpoint;
pub use crate::endpoint::service::Service;
pub use crate::error::{Error, ErrorKind};
pub use crate::job::Job;
pub use crate::job::entities::Entities;
pub use crate::job::id::JobId;
pub use crate::job::status::Status;
pub use crate::job::timestamp::Timestamp;
pub use crate::poll::backoff::Backoff;
pub use crate::poll::outcome::Outcome;
pub use crate::poll::progress::Progress;
pub use crate::session::{Session, SessionBuilder};
pub use crate::util::cancel::CancelToken;
pub use crate::wait::Wait;
pub use crate::wait::all::WaitAll;
pub use crate::wait::resource::Resource;

/// The crates whose types are in this API: `serde_json::Value` in [`Entities`], `time::OffsetDateTime` in [`Timestamp`].
#[doc(no_inline)]
pub use {serde_json, time};

/// The README, so that its code is run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
