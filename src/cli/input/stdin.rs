//! Standard input, read by a thread of its own, so that nobody is blocked by it.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::job::id::JobId;

use super::error::InputError;
use super::stream::Items;

/// What stands on standard input, as it comes. Only so much is read ahead.
pub(crate) fn items() -> Receiver<Result<JobId, InputError>> {
    let (send, receive) = sync_channel(AHEAD);
    thread::spawn(move || {
        for item in Items::new(io::stdin().lock()) {
            if send.send(item).is_err() {
                break;
            }
        }
    });
    receive
}

const AHEAD: usize = 64;
