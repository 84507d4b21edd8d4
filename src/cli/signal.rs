//! Ctrl-C and SIGTERM: the first ends the wait in order, the second at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::util::cancel::CancelToken;

use super::exit_code::Code;
use super::progress::terminal;

/// Whether the process was interrupted, and the switch that ends its wait.
#[derive(Clone, Debug)]
pub(super) struct Interrupt {
    cancel: CancelToken,
    hit: Arc<AtomicBool>,
    heard: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on.
    pub(super) fn listen() -> Self {
        let interrupt = Self { cancel: CancelToken::new(), hit: Arc::default(), heard: Arc::default() };
        let own = interrupt.clone();
        // Where no handler can be had, the signal ends the process as it does by itself.
        let _ = ctrlc::set_handler(move || own.signal());
        interrupt
    }

    fn signal(&self) {
        if self.hit.swap(true, Ordering::SeqCst) {
            end();
        }
        let heard = Arc::clone(&self.heard);
        thread::spawn(move || {
            thread::sleep(PATIENCE);
            // Somewhere the process hangs, in a pipe nobody reads for one.
            if !heard.load(Ordering::SeqCst) {
                end();
            }
        });
        self.cancel.cancel();
    }

    /// Ends the wait, by itself or by a signal.
    pub(super) const fn cancel(&self) -> &CancelToken {
        &self.cancel
    }

    /// Whether a signal has come. Who asks takes it upon himself to end soon.
    pub(super) fn is_hit(&self) -> bool {
        let hit = self.hit.load(Ordering::SeqCst);
        if hit {
            self.heard.store(true, Ordering::SeqCst);
        }
        hit
    }

    /// Does something that can take long in a thread of its own; `None` if a signal comes first.
    pub(super) fn unless<T: Send + 'static>(&self, act: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (send, receive) = sync_channel(1);
        thread::spawn(move || send.send(act()));
        loop {
            match receive.recv_timeout(GLANCE) {
                Ok(done) => return Some(done),
                Err(_) if self.is_hit() => return None,
                Err(RecvTimeoutError::Timeout) => {}
                // The thread has panicked, and said so.
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// Blocks until a signal comes.
    pub(super) fn wait(&self) {
        while !self.is_hit() {
            thread::sleep(GLANCE);
        }
    }
}

/// Ends the process as it stands.
fn end() -> ! {
    terminal::leave();
    process::exit(Code::Interrupted as i32)
}

/// How long the process may take to end in order.
const PATIENCE: Duration = Duration::from_millis(900);

const GLANCE: Duration = Duration::from_millis(50);
