//! A blocking wait as a future: it runs in a thread of its own, and dropping the future cancels it.
//!
//! Without the guard a program whose runtime waits for its blocking threads (tokio's `spawn_blocking`) could not exit
//! before the wait's deadline. No runtime is needed here; with one, `.await` takes the place of `block_on`.
//!
//! A loop of your own with awaited requests is the other way: see `own_loop.rs`, and replace `get` by, for example,
//!
//! ```text
//! let received = http // a reqwest::Client with .redirect(reqwest::redirect::Policy::none())
//!     .get(&url)
//!     .header("X-Auth-Token", &token)
//!     .timeout(timeout)
//!     .send()
//!     .await?;
//! let status = received.status().as_u16();
//! let headers = received.headers().clone(); // Date, Retry-After, X-Request-Id
//! let response = Response::new(status, received.bytes().await?.to_vec());
//! ```
//!
//! and `thread::sleep` by `tokio::time::sleep(..).await`.
//!
//! `cargo run --example async_guard -- JOB_ID [SECONDS]`: gives up, by dropping the future, after so many seconds.

use std::error::Error;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use cloudjob::{CancelToken, Client, Job, JobId};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let id = JobId::new(arguments.next().ok_or("usage: async_guard JOB_ID [SECONDS]")?)?;
    let limit = Duration::from_secs_f64(arguments.next().map_or(Ok(3600.0), |seconds| seconds.parse())?);
    let client = Client::from_env()?;
    match block_on(wait(client, id), limit) {
        Some(result) => println!("{}", result?),
        // The future is dropped and the wait cancelled. The job itself is not.
        None => println!("gave up"),
    }
    Ok(())
}

/// Waits for a job; can be awaited in any runtime. Dropping it cancels the wait.
fn wait(client: Client, id: JobId) -> WaitFuture {
    let state = Arc::new(Mutex::new(State { result: None, waker: None }));
    let cancel = CancelToken::new();
    let (shared, token) = (Arc::clone(&state), cancel.clone());
    thread::spawn(move || {
        let result = client.wait(&id).timeout(Duration::from_secs(3600)).cancel(&token).run();
        let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
        state.result = Some(result);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    });
    WaitFuture { state, cancel }
}

/// A wait in a thread.
struct WaitFuture {
    state: Arc<Mutex<State>>,
    cancel: CancelToken,
}

struct State {
    result: Option<Result<Job, cloudjob::Error>>,
    waker: Option<Waker>,
}

impl Future for WaitFuture {
    type Output = Result<Job, cloudjob::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for WaitFuture {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// A runtime for one future, with a time limit. Yours has better ones.
fn block_on<T>(future: impl Future<Output = T>, limit: Duration) -> Option<T> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let begun = Instant::now();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        let left = limit.checked_sub(begun.elapsed()).filter(|left| !left.is_zero())?;
        thread::park_timeout(left);
    }
}
