//! Ctrl-C, SIGTERM and SIGHUP: the first ends the wait in order, the second at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::util::cancel::CancelToken;

use super::exit_code::Code;
use super::progress::terminal;

/// Whether the process was interrupted, and the token that ends its wait.
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
        on_signal(move || own.signal());
        interrupt
    }

    fn signal(&self) {
        if self.hit.swap(true, Ordering::SeqCst) {
            end();
        }
        let heard = Arc::clone(&self.heard);
        let watch = move || {
            thread::sleep(GRACE);
            // The process hangs somewhere, for example in a pipe that nobody reads.
            if !heard.load(Ordering::SeqCst) {
                end();
            }
        };
        // Without a thread a second signal has to do it.
        let _ = thread::Builder::new().spawn(watch);
        self.cancel.cancel();
    }

    /// Ends the wait, by itself or by a signal.
    pub(super) const fn cancel(&self) -> &CancelToken {
        &self.cancel
    }

    /// Whether a signal has come. The caller is expected to end soon if so.
    pub(super) fn is_hit(&self) -> bool {
        let hit = self.hit.load(Ordering::SeqCst);
        if hit {
            self.heard.store(true, Ordering::SeqCst);
        }
        hit
    }

    /// Does something that can take long in a thread of its own; `None` if a signal comes first, or the end of standard
    /// output.
    pub(super) fn unless<T: Send + 'static>(&self, act: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (send, receive) = sync_channel(1);
        let shared = Arc::new(Mutex::new(Some(act)));
        let take = |shared: &Mutex<Option<_>>| shared.lock().unwrap_or_else(PoisonError::into_inner).take();
        let own = Arc::clone(&shared);
        let task = move || take(&own).map(|act| send.send(act()));
        if thread::Builder::new().spawn(task).is_err() {
            // Where no thread can be had, nothing can happen at the same time.
            return take(&shared).map(|act| act());
        }
        loop {
            match receive.recv_timeout(CHECK_INTERVAL) {
                Ok(done) => return Some(done),
                Err(_) if self.is_hit() || self.cancel.is_cancelled() => return None,
                Err(RecvTimeoutError::Timeout) => {}
                // The thread has panicked, and said so.
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// Blocks until a signal comes.
    pub(super) fn wait(&self) {
        while !self.is_hit() {
            thread::sleep(CHECK_INTERVAL);
        }
    }
}

/// Calls `act` for each signal, but not for one that was ignored when the process started: `nohup` does that for SIGHUP,
/// and a shell for SIGINT of a command in the background.
#[cfg(unix)]
fn on_signal(act: impl Fn() + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let ignored = ignored_signals();
    let heard = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // Where no handler can be had, the signal ends the process as it does by itself.
    let Ok(mut signals) = signal_hook::iterator::Signals::new(heard) else { return };
    let ends = signals.handle();
    let listen = move || signals.forever().for_each(|_| act());
    if thread::Builder::new().name("signals".into()).spawn(listen).is_err() {
        ends.close();
        // The handlers stay. Without a thread they end the process themselves.
        for signal in [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0)
        {
            let always = Arc::new(AtomicBool::new(true));
            let _ =
                signal_hook::flag::register_conditional_shutdown(signal, Code::Interrupted as i32, always);
        }
    }
}

#[cfg(not(unix))]
fn on_signal(act: impl FnMut() + Send + 'static) {
    let _ = ctrlc::set_handler(act);
}

/// The signals that the process ignores, as a set of bits. Only Linux says so without `unsafe`; elsewhere none is known.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let digits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}

/// Ends the process as it stands.
fn end() -> ! {
    terminal::leave();
    process::exit(Code::Interrupted as i32)
}

/// How long the process may take to end in order.
const GRACE: Duration = Duration::from_millis(900);

const CHECK_INTERVAL: Duration = Duration::from_millis(50);
