//! Starting threads, where that can fail.

#![expect(clippy::disallowed_methods, reason = "owns the threads of a wait for many jobs")]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::error::poll::{NextStep, PollError, TransportError, TransportErrorKind};
use crate::job::id::JobId;

/// Job ids, each with the index of its client. Read by a thread of its own.
pub(super) type Source = Box<dyn Iterator<Item = (u16, JobId)> + Send>;

/// Starts a thread. Boxed, because `thread::spawn` is compiled anew for each type of closure.
///
/// # Errors
/// If the system starts no more threads.
pub(super) fn spawn(task: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().spawn(task).map(drop)
}

/// Starts a thread that reads a source of ids.
///
/// # Errors
/// With the source, if no thread can be started, or too many are blocked in sources of waits that have been dropped.
pub(super) fn spawn_reader(source: Source, read: impl FnOnce(Source) + Send + 'static) -> Result<(), Source> {
    let reader = Reader::new();
    if READERS.load(Ordering::Relaxed) > MAX_READERS {
        return Err(source);
    }
    let shared = Arc::new(Mutex::new(Some(source)));
    let take = |shared: &Mutex<Option<Source>>| shared.lock().unwrap_or_else(PoisonError::into_inner).take();
    let own = Arc::clone(&shared);
    let task = Box::new(move || {
        let _reader = reader;
        if let Some(source) = take(&own) {
            read(source);
        }
    });
    match spawn(task) {
        Ok(()) => Ok(()),
        Err(_) => take(&shared).map_or(Ok(()), Err),
    }
}

/// The error of a wait that cannot start a single worker.
pub(super) fn error(error: &io::Error) -> PollError {
    let message = format!("no thread can be started: {error}");
    let error = TransportError::new(TransportErrorKind::Connect, message);
    PollError::Transport(error.next_step(NextStep::RaiseThreadLimit))
}

/// Counts the threads that read ids. One that is blocked in its source when the wait is dropped stays until the source
/// returns: there is no way to interrupt it.
struct Reader;

impl Reader {
    fn new() -> Self {
        READERS.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        READERS.fetch_sub(1, Ordering::Relaxed);
    }
}

static READERS: AtomicUsize = AtomicUsize::new(0);

/// Beyond that the thread that iterates reads the ids itself, before it waits.
const MAX_READERS: usize = 128;
