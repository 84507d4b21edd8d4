//! The token that cancels waits.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Cancels waits. Clones share one state; a token that is cancelled stays cancelled.
///
/// A poll in flight is not interrupted: it ends by its own timeout.
///
/// ```
/// use cloudjob::CancelToken;
///
/// let cancel = CancelToken::new();
/// let other = cancel.clone();
/// std::thread::spawn(move || other.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    turned: Condvar,
}

#[derive(Default)]
struct State {
    on: bool,
    listeners: Vec<Weak<dyn Fn() + Send + Sync>>,
}

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels all waits that use this token or a clone of it.
    pub fn cancel(&self) {
        let listeners = {
            let mut state = self.lock();
            state.on = true;
            std::mem::take(&mut state.listeners)
        };
        self.0.turned.notify_all();
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            listener();
        }
    }

    /// Whether it has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.lock().on
    }

    /// Calls `listener` on cancellation while the listener is alive; immediately if it is already cancelled.
    pub(crate) fn listen(&self, listener: &Arc<dyn Fn() + Send + Sync>) {
        let mut state = self.lock();
        if state.on {
            drop(state);
            return listener();
        }
        state.listeners.retain(|listener| listener.strong_count() > 0);
        state.listeners.push(Arc::downgrade(listener));
    }

    /// Sleeps for at most this long, or until cancellation.
    pub(super) fn sleep(&self, longest: Duration) {
        let state = self.lock();
        if !state.on {
            drop(self.0.turned.wait_timeout(state, longest));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelToken").field(&self.is_cancelled()).finish()
    }
}
