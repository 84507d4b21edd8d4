//! The token that ends waits early.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// A switch that ends waits early. Clones are the same switch; it stays on once it is on.
///
/// A poll that is in flight is not torn down: it ends by its own bound.
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
    /// A switch that is off.
    pub fn new() -> Self {
        Self::default()
    }

    /// Turns it on and wakes all that sleep on it.
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

    /// Whether it is on.
    pub fn is_cancelled(&self) -> bool {
        self.lock().on
    }

    /// Has `listener` called when it is turned on, for as long as the listener lives; at once if it is on already.
    pub(crate) fn listen(&self, listener: &Arc<dyn Fn() + Send + Sync>) {
        let mut state = self.lock();
        if state.on {
            drop(state);
            return listener();
        }
        state.listeners.retain(|listener| listener.strong_count() > 0);
        state.listeners.push(Arc::downgrade(listener));
    }

    /// Sleeps for this long at the most, or until it is turned on.
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
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}
