//! Wait for the jobs of Huawei Cloud and Open Telekom Cloud.
//!
//! Almost every call that changes something in these clouds (create a server, attach a volume, fail over a protection
//! group) answers with a `job_id` only. What became of it is at `GET /v1/{project_id}/jobs/{job_id}`. This library asks
//! there and waits for the answer: back by its deadline, through what passes by itself, stopped at once by what does
//! not, and with the real reason when a job fails. It is blocking, for programs without an async runtime: deployment
//! tools, `build.rs` scripts, pipelines. A small command of the same name (feature `cli`) does it for shells.
//!
//! ```
//! use std::time::Duration;
//! use cloudjob::{Client, Credentials, Endpoint, JobId};
//!
//! # #[cfg(feature = "simulator")]
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #   let simulator = cloudjob::simulator::Simulator::start()?;
//! #   let script = cloudjob::simulator::JobScript::new("createServer").sub_jobs(2);
//! #   let answer = format!(r#"{{"job_id": "{}"}}"#, simulator.start_job(script.duration(Duration::from_millis(200))));
//! #   let (url, project_id, token) = (simulator.endpoint_url(), simulator.project_id(), simulator.token());
//!     // `url` is the host root, such as https://ecs.eu-de.otc.t-systems.com
//!     let client = Client::new(Endpoint::new(url, project_id)?, Credentials::token(token)?)?;
//!
//!     // `answer` is the body of the call that started the job.
//!     let id = JobId::from_submit_response(answer.as_bytes())?;
//!     let job = client
//!         .wait(&id)
//!         .timeout(Duration::from_secs(20 * 60))
//!         .on_progress(|progress| eprintln!("{progress}"))
//!         .run()?; // FAIL is an error that carries the whole job
//!     for server in job.ids("server_id") {
//!         println!("{server}");
//!     }
//! #   assert_eq!(job.ids("server_id").len(), 2);
//!     Ok(())
//! }
//! # #[cfg(not(feature = "simulator"))]
//! # fn main() {}
//! ```
//!
//! Words: **job**, **sub-job**, **status** and **entities** are the service's. A **look** is one GET. A **wait** is polls
//! until the job has ended, the deadline comes, or there is a reason to stop. **Lag** is the time between the end of a
//! job and our seeing it.
//!
//! # Pages
//!
//! * [Each field of the service's documents](docs::fields), and the method that gives it.
//! * [How it decides](docs::decisions): every rule with its numbers. The state graph is drawn once, at the top of
//!   `src/poll/mod.rs`.
//! * [Recipes](docs::recipes) that run: `build.rs`, shell scripts, many jobs, cleaning up, Ctrl-C, async code, tests.
//! * [Coming from](docs::coming_from) gophertelekomcloud, the Python SDK, or a loop in the shell.
//!
//! # Features
//!
//! | feature | brings | crates |
//! |-|-|-|
//! | `rustls` (default) | TLS, with Mozilla's roots built in. Without it only plain HTTP to loopback works | ring, rustls, webpki-roots |
//! | `platform-verifier` | `ClientConfig::platform_roots`: the roots of the operating system, if chosen | rustls-platform-verifier |
//! | `signing` | `Credentials::access_key`: requests signed with an access key (SDK-HMAC-SHA256) | hmac-sha256 |
//! | `yaml` | `clouds.yaml` beside `clouds.json` | serde-saphyr |
//! | `log` | a line for each poll, through the `log` facade: debug for polls, warn for errors. Never a secret | log |
//! | `simulator` | `cloudjob::simulator`: a job service on loopback, for tests | httparse |
//! | `cli` | the command `cloudjob`; `signing`, `simulator` and `yaml` with it | clap, clap_complete, clap_mangen, console, ctrlc, humantime |
//!
//! No feature changes what another part does. The default build has four direct dependencies: `ureq`, `serde`,
//! `serde_json` and `time`.
//!
//! # How it is built
//!
//! ```text
//!             pure: no clock, no socket, no sleep                 |   does things
//!  Endpoint ----+                                                 |
//!  Credentials -+--> wire: request (URL, headers, signature) ---> | http ----+  (the one module that names ureq)
//!  JobId -------+                                                 |          v
//!  Job <------- wire: answer -> Job | ApiError <----------------- | Response {status, headers, body}
//!   |                                                             |
//!   v                                                             |
//!  Poller::handle(polled, now) --> PollAt(moment) | Done(wait_end) -> | wait: Clock::sleep_until, polled again
//! ```
//!
//! Everything hard is a value or a function of values and is tested without a socket; the code that does I/O is small.
//! A folder of `src/` uses folders of lower layers only (`tests/it/layers.rs` holds this):
//!
//! 1. `util`: time, texts, secrets. Knows nothing of jobs.
//! 2. `job`, `endpoint`: the service's data model, and where a service is.
//! 3. `error`, `api`: what can go wrong; requests and responses as values.
//! 4. `poll` (when to poll next), `scheduler` (many jobs under one rate), `auth` (credentials to headers), `config`
//!    (environment and files to settings). Pure.
//! 5. `http`: the only folder that names `ureq`.
//! 6. `client`, `session` (a client out of the environment), `wait` (the blocking loops).
//! 7. `simulator`, `cli`: behind features.
//!
//! Time is an argument everywhere above the clock: a moment is a duration since an origin that never moves. Text is
//! parsed once, into a type (`JobId`, `Endpoint`, `Credentials`), and trusted from there. What the service sends is kept
//! as it was sent. Secrets have a type that cannot be printed.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod util;
mod job;
mod endpoint;
pub mod error;
mod api;
pub mod poll;
mod scheduler;
mod auth;
mod config;
mod http;
mod client;
pub mod session;
pub mod wait;

#[cfg(feature = "simulator")]
pub mod simulator;

#[cfg(feature = "cli")]
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
pub use crate::endpoint::service::Service;
pub use crate::endpoint::{Endpoint, JobPath};
pub use crate::error::{Error, ErrorKind};
pub use crate::job::Job;
pub use crate::job::entities::Entities;
pub use crate::job::id::JobId;
pub use crate::job::status::Status;
pub use crate::job::timestamp::Timestamp;
pub use crate::poll::backoff::Backoff;
pub use crate::poll::outcome::Outcome;
pub use crate::session::{Session, SessionBuilder};
pub use crate::util::cancel::CancelToken;
pub use crate::wait::Wait;
pub use crate::wait::all::WaitAll;
pub use crate::wait::progress::Progress;

/// The README, so that its code is run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
