//! Access to internal parsers, only for the fuzz targets in `fuzz/`.
//!
//! Only compiled with `--cfg fuzzing`, which `cargo fuzz` sets.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::error_body::read_error;
use crate::api::response::{self, Response};
use crate::auth::catalog::Catalog;
use crate::auth::keystone;
use crate::config::env::Environment;
use crate::config::{Overrides, resolve};
use crate::endpoint::service::Service;
use crate::error::api::ApiError;
use crate::error::{Error, ErrorKind, State};
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::timestamp::Timestamp;

/// The error in a response.
pub fn error_body(response: &Response) -> ApiError {
    read_error(response)
}

/// A time as a service sends it.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::new(text)
}

/// The delay that a response asks for.
pub fn retry_after(response: &Response) -> Option<Duration> {
    response::retry_after(response)
}

/// The text of the error for a job that failed.
pub fn failure(job: Job, id: &JobId) -> Error {
    Error::new(ErrorKind::Failed, id, State { job: Some(job), ..State::default() }, None)
}

/// Reads a catalog, and returns the root of every service with and without a region.
pub fn catalog(body: &[u8], project: &str, region: &str) -> Vec<String> {
    let Ok(body) = serde_json::from_slice(body) else { return Vec::new() };
    let catalog = Catalog::read(&body, Some(project), Some(project));
    let find = |service: &Service| [None, Some(region)].map(|region| catalog.endpoint(*service, region));
    Service::ALL.iter().flat_map(find).flatten().collect()
}

/// Reads the response to a login: whether it has a session, and all text of it that can be shown.
pub fn login(response: &Response) -> (bool, String) {
    match keystone::read_login(response) {
        Ok(session) => (true, format!("{session:?}")),
        Err(error) => (false, format!("{error} {error:?}")),
    }
}

/// Resolves settings from files and variables: whether that succeeded, and all text of them that can be shown.
pub fn settings(files: &[(&str, &str)], variables: &[(&str, &str)]) -> (bool, String) {
    match resolve(&Overrides::default(), &Machine { files, variables }) {
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
    fn variable(&self, name: &str) -> Option<OsString> {
        self.variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).into())
    }

    fn names(&self) -> Vec<String> {
        self.variables.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let is_it = |name: &str| path == Path::new("/here").join(name);
        Ok(self.files.iter().find(|(name, _)| is_it(name)).map(|(_, text)| text.as_bytes().to_owned()))
    }

    fn home(&self) -> Option<PathBuf> {
        None
    }

    fn current_dir(&self) -> Option<PathBuf> {
        Some("/here".into())
    }
}
