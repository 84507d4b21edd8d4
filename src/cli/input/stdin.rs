//! Standard input, read by a thread of its own, so that it blocks nothing else.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::error::InputError;
use super::stream::Items;
use super::target::Target;

/// The ids on standard input, as they come. Only so many are read ahead.
pub(crate) fn items() -> Receiver<Result<Target, InputError>> {
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
