//! From the flags to what a client is made of.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::client::config::ClientConfig;
use crate::session::SessionBuilder;

use super::args::Connection;
use super::exit_code::Exit;

/// What the flags say; all else is found when it is connected.
pub(super) fn connect(flags: &Connection, mut config: ClientConfig) -> Result<SessionBuilder, Exit> {
    let mut connect = SessionBuilder::new().service(flags.service);
    if let Some(url) = &flags.endpoint {
        connect = connect.endpoint(url);
    }
    if let Some(region) = &flags.region {
        connect = connect.region(region);
    }
    if let Some(id) = &flags.project_id {
        connect = connect.project_id(id);
    }
    if let Some(name) = &flags.cloud {
        connect = connect.cloud(name);
    }
    if let Some(path) = &flags.ca_cert {
        config = config.ca_file(path);
    }
    if let Some(path) = &flags.token_file {
        connect = connect.token(&token(path)?);
    }
    Ok(connect.config(config))
}

/// The token of a file that holds nothing else.
fn token(path: &Path) -> Result<String, Exit> {
    let shown = path.display();
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        .map_err(|error| Exit::usage(format!("--token-file {shown} cannot be read: {error}")))?;
    // Some editors put a byte order mark in front.
    match text.trim_start_matches('\u{feff}').trim() {
        "" => Err(Exit::usage(format!("--token-file {shown} is empty: it must hold a token"))),
        token if token.contains(char::is_whitespace) => Err(Exit::usage(format!(
            "--token-file {shown} holds more than one word: it must hold a token and nothing else"
        ))),
        token => Ok(token.to_owned()),
    }
}

/// No token is as long as that.
const LONGEST: u64 = 1 << 20;
