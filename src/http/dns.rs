//! From a host name to addresses: remembered for a minute, looked up in a thread of its own, never twice at a time.
//!
//! The system's look-up cannot be interrupted, so it runs in a helper thread and the request waits for it no longer
//! than its own deadline. A look-up that hangs keeps its thread; whoever asks for the same name meanwhile waits for
//! that thread and starts none. A name is looked up when a connection is made, so a kept connection costs nothing.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::deadline;

/// Looks a name up; the test of a program can bring its own.
pub(crate) type LookUp = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// The names that are known, and those that are being looked up.
#[derive(Clone)]
pub(super) struct DnsCache {
    look_up: LookUp,
    known: Arc<Mutex<HashMap<Name, Slot>>>,
    preferred: Arc<Mutex<HashMap<Name, SocketAddr>>>,
}

impl DnsCache {
    pub(super) fn new(look_up: Option<LookUp>) -> Self {
        let look_up = look_up.unwrap_or_else(|| Arc::new(ask_the_system));
        Self { look_up, known: Arc::default(), preferred: Arc::default() }
    }

    /// The addresses of a host, at least one of them; the one that worked the last time comes first.
    pub(super) fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, LookUpError> {
        let mut addresses = match without_asking(host, port) {
            Some(addresses) => addresses,
            None => match self.known_or_asked(&name(host, port))? {
                Slot::Known { addresses, .. } => addresses,
                Slot::Asked(question) => question.wait()?,
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

    /// None of the addresses could be reached: the next request looks the name up again.
    pub(super) fn forget(&self, host: &str, port: u16) {
        let name = name(host, port);
        let mut known = lock(&self.known);
        if matches!(known.get(&name), Some(Slot::Known { .. })) {
            known.remove(&name);
        }
        lock(&self.preferred).remove(&name);
    }

    fn known_or_asked(&self, name: &Name) -> Result<Slot, LookUpError> {
        let mut known = lock(&self.known);
        match known.get(name) {
            Some(Slot::Known { until, .. }) if *until <= Instant::now() => {}
            Some(slot) => return Ok(slot.clone()),
            None => {}
        }
        let question = Arc::new(Question::default());
        let asker = Asker { names: self.clone(), name: name.clone(), question: Arc::clone(&question) };
        let slot = Slot::Asked(question);
        known.insert(name.clone(), slot.clone());
        // A thread that cannot be started drops the asker, which then takes the question back under this lock.
        drop(known);
        // Boxed as those of `wait_all` are: what starts a thread is compiled anew for each type of closure.
        let task: Box<dyn FnOnce() + Send> = Box::new(move || asker.ask());
        thread::Builder::new()
            .name("cloudjob-look-up".into())
            .spawn(task)
            .map_err(|error| LookUpError::Failed(format!("no thread could be started for it: {error}")))?;
        Ok(slot)
    }
}

impl fmt::Debug for DnsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

/// Why a name has no addresses.
#[derive(Clone, Debug)]
pub(super) enum LookUpError {
    TimedOut,
    Failed(String),
}

type Name = (String, u16);

fn name(host: &str, port: u16) -> Name {
    (host.to_ascii_lowercase(), port)
}

#[derive(Clone)]
enum Slot {
    Known { addresses: Vec<SocketAddr>, until: Instant },
    Asked(Arc<Question>),
}

/// A look-up under way, and those who wait for it.
#[derive(Default)]
struct Question {
    answer: Mutex<Option<Result<Vec<SocketAddr>, LookUpError>>>,
    answered: Condvar,
}

impl Question {
    fn wait(&self) -> Result<Vec<SocketAddr>, LookUpError> {
        let mut answer = lock(&self.answer);
        loop {
            if let Some(answer) = &*answer {
                return answer.clone();
            }
            let left = deadline::left().ok_or(LookUpError::TimedOut)?;
            let waited = self.answered.wait_timeout(answer, left);
            answer = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The work of the helper thread. Dropping it answers the question, also when the look-up panicked.
struct Asker {
    names: DnsCache,
    name: Name,
    question: Arc<Question>,
}

impl Asker {
    fn ask(self) {
        let (host, port) = &self.name;
        let answer = match (self.names.look_up)(host, *port) {
            Ok(addresses) if addresses.is_empty() => Err(LookUpError::Failed("it has no address".into())),
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(LookUpError::Failed(error.to_string())),
        };
        self.answer(answer);
    }

    fn answer(&self, answer: Result<Vec<SocketAddr>, LookUpError>) {
        let mut known = lock(&self.names.known);
        match &answer {
            Ok(addresses) => {
                let slot = Slot::Known { addresses: addresses.clone(), until: Instant::now() + KNOWN_FOR };
                known.insert(self.name.clone(), slot);
            }
            Err(_) => {
                known.remove(&self.name);
            }
        }
        drop(known);
        *lock(&self.question.answer) = Some(answer);
        self.question.answered.notify_all();
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        if lock(&self.question.answer).is_none() {
            self.answer(Err(LookUpError::Failed("the look-up broke off".into())));
        }
    }
}

/// A literal address needs no look-up, and `localhost` is this machine whatever a resolver says: plain HTTP is allowed
/// to it.
fn without_asking(host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        return Some(vec![v4, v6]);
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().ok().map(|ip| vec![SocketAddr::from((ip, port))])
}

fn ask_the_system(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.take(MOST_ADDRESSES).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const KNOWN_FOR: Duration = Duration::from_secs(60);
const MOST_ADDRESSES: usize = 16;
