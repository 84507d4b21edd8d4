//! How often a poll allocates, this library's against that of ureq alone.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use cloudjob::{Backoff, CancelToken, Client, ClientConfig, Credentials, Endpoint, JobId};
use cloudjob_peers::{JOB_ID, args, job_url};

/// Counts what this thread allocates.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let (url, ..) = args();
    println!("{} {}", ours(&url), ureq_alone(&url));
}

/// Between one poll of a wait and the next, where nothing has changed.
fn ours(url: &str) -> u64 {
    let config = ClientConfig::new().max_polls_per_second(f64::INFINITY);
    let endpoint = Endpoint::new(url, "demo").unwrap();
    let client = Client::with_config(endpoint, Credentials::token("t").unwrap(), config).unwrap();
    let cancel = CancelToken::new();
    let (mut counts, mut last) = (Vec::with_capacity(POLLS), 0);
    let _ = client
        .wait(&JobId::new(JOB_ID).unwrap())
        .backoff(Backoff::fixed(Duration::from_millis(1)))
        .cancel(&cancel)
        .on_progress(|_| {
            counts.push(COUNT.get() - last);
            last = COUNT.get();
            if counts.len() == POLLS {
                cancel.cancel();
            }
        })
        .run();
    median(counts)
}

fn ureq_alone(url: &str) -> u64 {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let url = job_url(url, JOB_ID);
    let polled = || {
        let before = COUNT.get();
        let mut response = agent.get(&url).header("x-auth-token", "t").call().unwrap();
        drop(response.body_mut().read_to_vec().unwrap());
        COUNT.get() - before
    };
    median((0..POLLS).map(|_| polled()).collect())
}

fn median(mut counts: Vec<u64>) -> u64 {
    counts.sort_unstable();
    counts[counts.len() / 2]
}

const POLLS: usize = 200;
