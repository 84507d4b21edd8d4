//! The live display on a terminal: a thread draws the view as it stands, a few times a second.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::job::Job;
use crate::poll::progress::Progress;
use crate::wait::resource::ResourceProgress;

use super::terminal::Terminal;
use super::tracked_jobs::{TrackedJob, TrackedJobs};
use super::view::{JobUpdate, LiveView};
use crate::cli::input::target::Target;
use crate::cli::output::job_report::JobOutcome;

/// What moves on the terminal.
pub(crate) struct LiveProgress {
    shared: Arc<Shared>,
    drawer: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    closing: Condvar,
}

struct State {
    view: LiveView,
    terminal: Terminal,
    is_closed: bool,
}

impl LiveProgress {
    pub(crate) fn new(timeout: Duration) -> Self {
        let state = State { view: LiveView::new(timeout), terminal: Terminal::new(), is_closed: false };
        Self { shared: Arc::new(Shared { state: Mutex::new(state), closing: Condvar::new() }), drawer: None }
    }

    /// A job is known from now on.
    pub(crate) fn take(&mut self, id: &Target) {
        self.shared.lock().view.take(id);
        self.begin();
    }

    /// A resource is about to be waited for.
    pub(crate) fn take_resource(&mut self, path: &str) {
        self.shared.lock().view.take_resource(path);
        self.begin();
    }

    /// A poll of the resource.
    pub(crate) fn resource_polled(&mut self, progress: &ResourceProgress) {
        self.shared.lock().view.resource_polled(progress, Instant::now());
    }

    fn begin(&mut self) {
        if self.drawer.is_none() {
            let shared = Arc::clone(&self.shared);
            self.drawer = thread::Builder::new().name("display".into()).spawn(move || shared.draw_on()).ok();
        }
    }

    /// A poll that did not end the job.
    pub(crate) fn polled(&mut self, id: &Target, progress: &Progress, open: &TrackedJobs) {
        let job = open.get(id).and_then(|open| open.job.as_deref());
        let update = JobUpdate {
            id,
            status: progress.status(),
            sub_jobs: progress.sub_jobs(),
            error: progress.error(),
            next_poll: progress.next_poll(),
            job,
        };
        let state = &mut *self.shared.lock();
        state.view.polled(&update, Instant::now());
        if let Some(summary) = state.view.summary() {
            summary.polled(progress, open);
        }
    }

    /// The end of a job, which was so before.
    pub(crate) fn ended(&mut self, id: &Target, outcome: JobOutcome, open: Option<&TrackedJob>) {
        let was = open.and_then(|open| open.job.as_deref()).map(Job::status);
        self.shared.lock().view.ended(id, outcome, was);
    }

    /// Does something that writes, with the display out of the way.
    pub(crate) fn above<T>(&self, act: impl FnOnce() -> T) -> T {
        let state = &mut *self.shared.lock();
        let was_drawn = state.terminal.is_drawn();
        state.terminal.clear();
        let done = act();
        if was_drawn {
            state.draw();
        }
        done
    }

    pub(crate) fn close(&mut self) {
        {
            let state = &mut *self.shared.lock();
            state.is_closed = true;
            state.terminal.clear();
        }
        self.shared.closing.notify_all();
        if let Some(drawer) = self.drawer.take() {
            // It has nothing to say.
            let _ = drawer.join();
        }
    }
}

impl Drop for LiveProgress {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for LiveProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw_on(&self) {
        let mut state = self.lock();
        loop {
            let waited = self.closing.wait_timeout(state, TICK);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if state.is_closed {
                return;
            }
            state.draw();
        }
    }
}

impl State {
    fn draw(&mut self) {
        if !self.is_closed && self.terminal.is_ours() {
            let (rows, columns) = self.terminal.size();
            self.terminal.draw(&self.view.lines(Instant::now(), rows, columns));
        }
    }
}

/// Often enough for a count of seconds.
const TICK: Duration = Duration::from_millis(100);
