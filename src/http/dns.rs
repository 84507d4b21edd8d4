//! Host names to addresses: cached for a minute, resolved in a helper thread, one query per name at a time.
//!
//! The system's resolver cannot be interrupted, so it runs in a helper thread and a request waits for it no longer than
//! its own deadline. A query that hangs keeps its thread; other requests for the same name wait for that thread and
//! start none. A name is resolved when a connection is made, so a kept connection costs nothing.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::deadline;

/// Resolves a name; tests bring their own.
pub(crate) type LookUp = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// The names that are resolved, and those that are being resolved.
#[derive(Clone)]
pub(super) struct DnsCache {
    look_up: LookUp,
    known: Arc<Mutex<HashMap<Name, Slot>>>,
    preferred: Arc<Mutex<HashMap<Name, SocketAddr>>>,
}

impl DnsCache {
    pub(super) fn new(look_up: Option<LookUp>) -> Self {
        let look_up = look_up.unwrap_or_else(|| Arc::new(system_resolver));
        Self { look_up, known: Arc::default(), preferred: Arc::default() }
    }

    /// The addresses of a host, at least one; the one that worked the last time comes first.
    pub(super) fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        let mut addresses = match without_query(host, port) {
            Some(addresses) => addresses,
            None => match self.cached_or_queried(&name(host, port))? {
                Slot::Known { addresses, .. } => addresses,
                Slot::Running(query) => query.wait()?,
            },
        };
        if addresses.len() > 1
            && let Some(preferred) = lock(&self.preferred).get(&name(host, port))
            && let Some(place) = addresses.iter().position(|address| address == preferred)
        {
            addresses[..=place].rotate_right(1);
        }
        Ok(addresses)
    }

    /// This address of a host works.
    pub(super) fn prefer(&self, host: &str, port: u16, address: SocketAddr) {
        lock(&self.preferred).insert(name(host, port), address);
    }

    /// None of the addresses could be reached: the next request resolves the name again.
    pub(super) fn forget(&self, host: &str, port: u16) {
        let name = name(host, port);
        let mut known = lock(&self.known);
        if matches!(known.get(&name), Some(Slot::Known { .. })) {
            known.remove(&name);
        }
        lock(&self.preferred).remove(&name);
    }

    fn cached_or_queried(&self, name: &Name) -> Result<Slot, ResolveError> {
        let mut known = lock(&self.known);
        match known.get(name) {
            Some(Slot::Known { until, .. }) if *until <= Instant::now() => {}
            Some(slot) => return Ok(slot.clone()),
            None => {}
        }
        let query = Arc::new(Query::default());
        let resolver = Resolver { names: self.clone(), name: name.clone(), query: Arc::clone(&query) };
        let slot = Slot::Running(query);
        known.insert(name.clone(), slot.clone());
        // If the thread cannot be started, dropping the resolver removes the query again, which takes this lock.
        drop(known);
        // Boxed: the code that starts a thread is compiled for each type of closure.
        let task: Box<dyn FnOnce() + Send> = Box::new(move || resolver.run());
        thread::Builder::new()
            .name("cloudjob-dns".into())
            .spawn(task)
            .map_err(|error| ResolveError::NoThread(error.to_string()))?;
        Ok(slot)
    }
}

impl fmt::Debug for DnsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsCache").finish_non_exhaustive()
    }
}

/// Why a name has no addresses.
#[derive(Clone, Debug)]
pub(super) enum ResolveError {
    TimedOut,
    Failed(String),
    /// No thread can be started that asks for them.
    NoThread(String),
}

type Name = (String, u16);

fn name(host: &str, port: u16) -> Name {
    (host.to_ascii_lowercase(), port)
}

#[derive(Clone)]
enum Slot {
    Known { addresses: Vec<SocketAddr>, until: Instant },
    Running(Arc<Query>),
}

/// A query in progress, and the requests that wait for it.
#[derive(Default)]
struct Query {
    result: Mutex<Option<Result<Vec<SocketAddr>, ResolveError>>>,
    finished: Condvar,
}

impl Query {
    fn wait(&self) -> Result<Vec<SocketAddr>, ResolveError> {
        let mut result = lock(&self.result);
        loop {
            if let Some(result) = &*result {
                return result.clone();
            }
            let left = deadline::left().ok_or(ResolveError::TimedOut)?;
            let waited = self.finished.wait_timeout(result, left);
            result = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The work of the helper thread. Dropping it ends the query, also after a panic.
struct Resolver {
    names: DnsCache,
    name: Name,
    query: Arc<Query>,
}

impl Resolver {
    fn run(self) {
        let (host, port) = &self.name;
        let result = match (self.names.look_up)(host, *port) {
            Ok(addresses) if addresses.is_empty() => Err(ResolveError::Failed("it has no address".into())),
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(ResolveError::Failed(error.to_string())),
        };
        self.finish(result);
    }

    fn finish(&self, result: Result<Vec<SocketAddr>, ResolveError>) {
        let mut known = lock(&self.names.known);
        match &result {
            Ok(addresses) => {
                let slot = Slot::Known { addresses: addresses.clone(), until: Instant::now() + TIME_TO_LIVE };
                known.insert(self.name.clone(), slot);
            }
            Err(_) => {
                known.remove(&self.name);
            }
        }
        drop(known);
        *lock(&self.query.result) = Some(result);
        self.query.finished.notify_all();
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        if lock(&self.query.result).is_none() {
            self.finish(Err(ResolveError::Failed("the resolver panicked".into())));
        }
    }
}

/// A literal address needs no query, and `localhost` is this computer whatever a resolver says: plain HTTP is allowed
/// there.
fn without_query(host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        return Some(vec![v4, v6]);
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().ok().map(|ip| vec![SocketAddr::from((ip, port))])
}

fn system_resolver(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.take(MAX_ADDRESSES).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const TIME_TO_LIVE: Duration = Duration::from_secs(60);
const MAX_ADDRESSES: usize = 16;
