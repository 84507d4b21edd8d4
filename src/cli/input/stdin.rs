//! Standard input, read by a thread of its own, so that it blocks nothing else.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::error::InputError;
use super::stream::Items;
use super::target::Target;
use crate::cli::exit_code::{Code, Exit};
use crate::cli::output::message::Message;
use crate::error::RAISE_THREAD_LIMIT;

/// The ids on standard input, as they come. Only so many are read ahead.
///
/// # Errors
/// If no thread can be started.
pub(crate) fn items() -> Result<Receiver<Result<Target, InputError>>, Exit> {
    let (send, receive) = sync_channel(AHEAD);
    let read = move || {
        for item in Items::new(io::stdin().lock()) {
            if send.send(item).is_err() {
                break;
            }
        }
    };
    match thread::Builder::new().name("input".into()).spawn(read) {
        Ok(_) => Ok(receive),
        Err(error) => {
            let problem = format!("no thread can be started to read standard input: {error}");
            Err(Exit::new(Code::NoAnswer, Message::new(problem).hint(RAISE_THREAD_LIMIT)))
        }
    }
}

const AHEAD: usize = 64;
