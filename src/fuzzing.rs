//! Doors to readers that no caller reaches directly, for the fuzz targets in `fuzz/` and for nobody else.
//!
//! Only compiled with `--cfg fuzzing`, which `cargo fuzz` sets.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::error_body::read_error;
use crate::api::request;
use crate::api::response::Response;
use crate::auth::catalog::Catalog;
use crate::auth::keystone;
use crate::config::env::Environment;
use crate::config::{Overrides, find};
use crate::endpoint::service::Service;
use crate::error::api::ApiError;
use crate::error::{Error, ErrorKind, State};
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::timestamp::Timestamp;

/// The error in an answer.
pub fn error_body(answer: &Response) -> ApiError {
    read_error(answer)
}

/// A time as a service sends it.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::new(text)
}

/// The span that an answer asks to be left alone for.
pub fn retry_after(answer: &Response) -> Option<Duration> {
    wire::retry_after(answer)
}

/// The text of the error for a job that failed.
pub fn failure(job: Job, id: &JobId) -> Error {
    Error::new(ErrorKind::Failed, id, State { job: Some(job), ..State::default() }, None)
}

/// Reads a catalog, and gives the root of every service in a region and without one.
pub fn catalog(body: &[u8], project: &str, region: &str) -> Vec<String> {
    let Ok(body) = serde_json::from_slice(body) else { return Vec::new() };
    let catalog = Catalog::read(&body, Some(project), Some(project));
    let find = |service: &Service| [None, Some(region)].map(|region| catalog.endpoint(*service, region));
    Service::ALL.iter().flat_map(find).flatten().collect()
}

/// Reads the answer to a login; whether there is a session, and all of its text that can be shown.
pub fn login(answer: &Response) -> (bool, String) {
    match keystone::read_login(answer) {
        Ok(session) => (true, format!("{session:?}")),
        Err(error) => (false, format!("{error} {error:?}")),
    }
}

/// Finds out who asks from files and variables; whether it was found, and all of its text that can be shown.
pub fn settings(files: &[(&str, &str)], variables: &[(&str, &str)]) -> (bool, String) {
    match find(&Overrides::default(), &Machine { files, variables }) {
        Ok(settings) => (true, format!("{settings:?}")),
        Err(error) => (false, format!("{error} {error:?}")),
    }
}

/// A machine with these files in its current folder.
struct Machine<'a> {
    files: &'a [(&'a str, &'a str)],
    variables: &'a [(&'a str, &'a str)],
}

impl Environment for Machine<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
    }

    fn names(&self) -> Vec<String> {
        self.variables.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Option<String>> {
        let is_it = |name: &str| path == Path::new("/here").join(name);
        Ok(self.files.iter().find(|(name, _)| is_it(name)).map(|(_, text)| (*text).to_owned()))
    }

    fn home(&self) -> Option<PathBuf> {
        None
    }

    fn current_dir(&self) -> Option<PathBuf> {
        Some("/here".into())
    }
}
