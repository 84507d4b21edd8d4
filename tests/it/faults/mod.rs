//! Every fault of a peer, over real sockets: the result of one poll, of a wait for one job and of one for several, and
//! that all of them return in time.

mod garbage;
#[cfg(target_os = "linux")]
mod memory;
pub(crate) mod mixed;
mod odd_timeouts;
pub(crate) mod peer;
mod table;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub(crate) mod tls;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cloudjob::error::{ApiError, PollError, TransportErrorKind};
use cloudjob::{Client, ClientConfig, Credentials, Endpoint, Error, ErrorKind, JobId};

/// A peer and a client that polls it.
pub(crate) struct Scene {
    endpoint: Endpoint,
    config: ClientConfig,
    /// Done before the time is taken.
    before: Box<dyn FnOnce(&Client)>,
    /// Checked at the end.
    after: Box<dyn FnOnce()>,
    /// What must live until then.
    _held: Vec<Box<dyn Any>>,
}

impl Scene {
    /// No rate limit, so that only the fault delays; no proxy from the environment of the tests.
    pub(crate) fn at(url: &str) -> Self {
        let endpoint = Endpoint::new(url, "p").unwrap();
        Self {
            endpoint,
            config: ClientConfig::new().no_proxy().max_polls_per_second(f64::INFINITY),
            before: Box::new(|_| {}),
            after: Box::new(|| {}),
            _held: Vec::new(),
        }
    }

    fn with(mut self, set: impl FnOnce(ClientConfig) -> ClientConfig) -> Self {
        self.config = set(self.config);
        self
    }

    fn client(&self, timeout: Duration) -> Client {
        let config = self.config.clone().request_timeout(timeout);
        Client::with_config(self.endpoint.clone(), Credentials::token(TOKEN).unwrap(), config).unwrap()
    }

    fn before(mut self, act: impl FnOnce(&Client) + 'static) -> Self {
        self.before = Box::new(act);
        self
    }

    fn after(mut self, act: impl FnOnce() + 'static) -> Self {
        self.after = Box::new(act);
        self
    }

    fn holding(mut self, thing: impl Any) -> Self {
        self._held.push(Box::new(thing));
        self
    }
}

/// One fault and the expected results.
pub(crate) struct Row {
    name: &'static str,
    scene: Box<dyn Fn() -> Scene + Sync + Send>,
    job: Expected,
    wait: Expected,
    what: What,
    says: &'static str,
    /// Only the timeout ends a poll.
    hangs: bool,
    /// A wait makes one poll and no more.
    at_once: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expected {
    Job,
    No(ErrorKind),
}

/// The expected error of a poll.
#[derive(Clone, Copy)]
enum What {
    Nothing,
    Transport(&'static [TransportErrorKind]),
    Api(u16, fn(&ApiError) -> bool),
    Decode,
}

/// The result of a call and how long it took.
struct Measured {
    over: Duration,
    line: String,
}

#[test]
fn the_wall_holds_against_every_fault() {
    let rows = table::rows();
    let next = AtomicUsize::new(0);
    let (told, failures) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let result = catch_unwind(AssertUnwindSafe(|| [one_poll(row), one_wait(row), many(row)]));
                    match result {
                        Ok(measured) => told.lock().unwrap().extend(measured),
                        Err(_) => failures.lock().unwrap().push(row.name),
                    }
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap();
    told.sort_by_key(|measured| measured.over);
    for measured in &told {
        eprintln!("{}", measured.line);
    }
    let worst = told.last().map(|measured| measured.over).unwrap_or_default();
    eprintln!(
        "{} faults, a poll, a wait and a wait for five jobs each, in {:.1} s; worst overrun of a limit: {} ms (target: 50 ms)",
        rows.len(),
        begun.elapsed().as_secs_f64(),
        worst.as_millis()
    );
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{failures:?}");
    assert!(worst < Duration::from_secs(1), "a limit was overrun by {worst:?}");
}

fn one_poll(row: &Row) -> Measured {
    let scene = (row.scene)();
    let limit = if row.hangs { SHORT } else { LONG };
    let client = scene.client(limit);
    (scene.before)(&client);
    let begun = Instant::now();
    let result = client.job(&id());
    let took = begun.elapsed();
    (scene.after)();
    match (&result, row.job) {
        (Ok(_), Expected::Job) => {}
        (Err(error), Expected::No(kind)) => {
            assert_eq!(error.kind(), kind, "{}: {error}", row.name);
            check(row, error);
        }
        (result, expected) => panic!("{}: {result:?} is not {expected:?}", row.name),
    }
    let told = result.map_or_else(|error| error.to_string(), |job| job.status_text().to_string());
    measured(row.name, "job()", limit, took, &told)
}

fn one_wait(row: &Row) -> Measured {
    let scene = (row.scene)();
    let timeout = timeout(row);
    let client = scene.client(LONG);
    let begun = Instant::now();
    let outcome = client
        .wait(&id())
        .timeout(timeout)
        .backoff(cloudjob::Backoff::fixed(Duration::from_millis(300)))
        .outcome();
    let took = begun.elapsed();
    (scene.after)();
    let told = match (outcome.result(), row.wait) {
        (Ok(job), Expected::Job) => job.status_text().to_string(),
        (Err(error), Expected::No(kind)) => {
            assert_eq!(error.kind(), kind, "{}: {error}", row.name);
            if row.at_once {
                assert_eq!(outcome.polls(), 1, "{}: {error}", row.name);
                check(row, error);
            }
            error.to_string()
        }
        (result, expected) => panic!("{}: {result:?} is not {expected:?}", row.name),
    };
    measured(row.name, "wait", timeout, took, &told)
}

/// The same for several jobs at once: all of them end as the one, and by the deadline.
fn many(row: &Row) -> Measured {
    let scene = (row.scene)();
    let timeout = timeout(row);
    let client = scene.client(LONG);
    let ids = (0..5).map(|number| JobId::new(format!("job-{number}")).unwrap());
    let begun = Instant::now();
    let all = client.wait_all(ids.collect::<Vec<_>>()).timeout(timeout);
    let results: Vec<_> =
        all.backoff(cloudjob::Backoff::fixed(Duration::from_millis(300))).into_iter().collect();
    let took = begun.elapsed();
    (scene.after)();
    assert_eq!(results.len(), 5, "{}", row.name);
    for (_, result) in &results {
        match (result, row.wait) {
            (Ok(_), Expected::Job) => {}
            (Err(error), Expected::No(kind)) => assert_eq!(error.kind(), kind, "{}: {error}", row.name),
            (result, expected) => panic!("{}: {result:?} is not {expected:?}", row.name),
        }
    }
    measured(row.name, "wait_all", timeout, took, "")
}

/// Short where the wait ends by its deadline.
fn timeout(row: &Row) -> Duration {
    match row.wait {
        Expected::No(ErrorKind::TimedOut) => Duration::from_secs(1),
        Expected::No(ErrorKind::NoAnswer) if !row.at_once => SHORT,
        _ => LONG,
    }
}

fn check(row: &Row, error: &Error) {
    let text = error.to_string();
    assert!(text.contains(row.says), "{}: `{}` is not in: {text}", row.name, row.says);
    assert!(!text.contains(TOKEN) && !format!("{error:?}").contains(TOKEN), "{}: {text}", row.name);
    let fits = match (row.what, error.last_error()) {
        (What::Transport(kinds), Some(PollError::Transport(error))) => kinds.contains(&error.kind()),
        (What::Api(status, is), Some(PollError::Api(error))) => error.http_status() == status && is(error),
        (What::Decode, Some(PollError::Decode(_))) => true,
        _ => false,
    };
    assert!(fits, "{}: {:?}", row.name, error.last_error());
}

fn measured(name: &str, call: &str, limit: Duration, took: Duration, told: &str) -> Measured {
    let over = took.saturating_sub(limit);
    let told: String = told.chars().take(110).collect();
    let line = format!(
        "{:>4} ms over {:>5} ms, took {:>5} ms  {name}, {call}: {told}",
        over.as_millis(),
        limit.as_millis(),
        took.as_millis()
    );
    Measured { over, line }
}

pub(crate) fn id() -> JobId {
    JobId::new("ff8080829585af7f0195c1e776d9475c").unwrap()
}

pub(crate) const TOKEN: &str = "marker-of-the-token-Zk2VtWx9";
const SHORT: Duration = Duration::from_millis(500);
/// For what must not depend on a fast machine.
const LONG: Duration = Duration::from_secs(10);
const AT_A_TIME: usize = 12;
