//! Standard output and standard error, written in order by a thread of their own, so that a reader who has stopped
//! reading holds up nothing but the writing.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::github::inert;
use super::message::Message;
use super::style::Styles;
use crate::cli::exit_code::{Code, Exit};
use crate::util::cancel::CancelToken;

/// Why standard output takes no more.
#[derive(Clone, Debug)]
pub(crate) enum Broken {
    /// The reader went away: no reason to say anything.
    Closed,
    /// A full disk, for example.
    Failed(String),
}

/// What waits to be written. There is one of it, as there is one standard output.
struct Queue {
    chunks: VecDeque<Chunk>,
    bytes: usize,
    has_thread: bool,
    is_writing: bool,
    /// It was given up: nothing more is written.
    is_stuck: bool,
    broken: Option<Broken>,
    /// Cancelled when standard output takes no more.
    cancel: Option<CancelToken>,
}

enum Chunk {
    Out(String),
    Err(String),
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue {
    chunks: VecDeque::new(),
    bytes: 0,
    has_thread: false,
    is_writing: false,
    is_stuck: false,
    broken: None,
    cancel: None,
});
static CHANGED: Condvar = Condvar::new();

/// Ends this wait as soon as standard output takes no more.
pub(crate) fn cancel_when_broken(cancel: &CancelToken) {
    lock().cancel = Some(cancel.clone());
}

/// Writes a result and its last line break to standard output. Blocks while too much waits to be written, until
/// `deadline` at the most.
pub(crate) fn write(text: &str, deadline: Option<Instant>) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let text = format!("{text}{end}");
    let mut queue = lock();
    while queue.bytes > MOST_WAITING && queue.broken.is_none() {
        match wait(queue, deadline) {
            Ok(changed) => queue = changed,
            Err(late) => {
                queue = late;
                queue.give_up();
            }
        }
    }
    if queue.broken.is_none() {
        queue.push(Chunk::Out(text));
    }
}

/// Waits until all is written; `false` if it is not by `deadline`. Then nothing more is written.
pub(crate) fn drain(deadline: Option<Instant>) -> bool {
    let mut queue = lock();
    while queue.is_writing || !queue.chunks.is_empty() {
        if queue.is_stuck {
            return false;
        }
        match wait(queue, deadline) {
            Ok(changed) => queue = changed,
            Err(mut late) => {
                late.give_up();
                return false;
            }
        }
    }
    true
}

/// Why standard output takes no more, if so.
pub(crate) fn broken() -> Option<Broken> {
    lock().broken.clone()
}

/// Writes the one result of a command to standard output.
pub(crate) fn print(text: &str) -> Result<(), Exit> {
    write(text, None);
    drain(None);
    match broken() {
        None => Ok(()),
        Some(Broken::Closed) => Err(Exit::silent(Code::Closed)),
        Some(Broken::Failed(problem)) => Err(Exit::new(Code::NoAnswer, Message::new(problem))),
    }
}

/// The code for a help text that could not be written.
pub(crate) fn unwritten(error: io::Error) -> Code {
    match Broken::from(error) {
        Broken::Closed => Code::Closed,
        Broken::Failed(problem) => {
            complain(&Message::new(problem));
            drain(soon());
            Code::NoAnswer
        }
    }
}

/// An error, on standard error.
pub(crate) fn complain(message: &Message) {
    say(&message.to_text(Styles::for_errors()));
}

/// A line on standard error.
pub(crate) fn say(line: &str) {
    lock().push(Chunk::Err(inert(format!("{line}\n"))));
}

/// A text on standard error without a line break at its end.
pub(crate) fn say_as_is(text: &str) {
    lock().push(Chunk::Err(text.to_owned()));
}

/// A line of progress on standard error, left out if the lines before it still wait to be written.
pub(crate) fn say_if_read(line: &str) {
    let mut queue = lock();
    if queue.bytes < MOST_PROGRESS {
        queue.push(Chunk::Err(inert(format!("{line}\n"))));
    }
}

/// A picture of the live display, left out if the one before it still waits to be written.
pub(crate) fn draw(text: &str) -> bool {
    let mut queue = lock();
    let is_read = queue.chunks.is_empty() && !queue.is_writing;
    if is_read {
        queue.push(Chunk::Err(text.to_owned()));
    }
    is_read
}

/// What must reach standard error before the process ends, even if the thread is stuck.
pub(crate) fn last_words(text: &str) {
    let (send, receive) = sync_channel(1);
    let text = text.to_owned();
    let spawned = thread::Builder::new().spawn(move || {
        let _ = io::stderr().write_all(text.as_bytes());
        send.send(())
    });
    if spawned.is_ok() {
        let _ = receive.recv_timeout(Duration::from_millis(100));
    }
}

/// Whether standard output was closed when the process started. The standard library opens `/dev/null` in its place, so
/// that a result would be lost without an error.
pub(crate) fn is_closed() -> bool {
    #[cfg(unix)]
    return crate::cli::startup::stdout_was_closed();
    #[cfg(not(unix))]
    return false;
}

/// The time that is left for writing once a wait is over.
pub(crate) fn soon() -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs(1))
}

impl Queue {
    fn push(&mut self, chunk: Chunk) {
        if self.is_stuck {
            return;
        }
        self.bytes += chunk.text().len();
        // One write for many lines.
        match (self.chunks.back_mut(), chunk) {
            (Some(Chunk::Out(last)), Chunk::Out(text)) if last.len() < MOST_AT_ONCE => last.push_str(&text),
            (Some(Chunk::Err(last)), Chunk::Err(text)) if last.len() < MOST_AT_ONCE => last.push_str(&text),
            (_, chunk) => self.chunks.push_back(chunk),
        }
        if self.has_thread {
            if !self.is_writing {
                CHANGED.notify_all();
            }
        } else {
            self.has_thread = thread::Builder::new().name("output".into()).spawn(write_on).is_ok();
            if !self.has_thread {
                self.write_here();
            }
        }
    }

    /// Where no thread can be had, nothing else than the writing can go on either.
    fn write_here(&mut self) {
        while let Some(chunk) = self.chunks.pop_front() {
            self.bytes -= chunk.text().len();
            let result = chunk.write();
            self.written(result);
        }
    }

    fn written(&mut self, result: io::Result<()>) {
        if let Err(error) = result
            && self.broken.is_none()
        {
            self.fail(Broken::from(error));
        }
    }

    fn fail(&mut self, broken: Broken) {
        self.broken = Some(broken);
        self.chunks.retain(|chunk| matches!(chunk, Chunk::Err(_)));
        self.bytes = self.chunks.iter().map(|chunk| chunk.text().len()).sum();
        if let Some(cancel) = self.cancel.take() {
            // It may call back.
            let _ = thread::Builder::new().spawn(move || cancel.cancel());
        }
        CHANGED.notify_all();
    }

    fn give_up(&mut self) {
        self.chunks.clear();
        self.bytes = 0;
        self.is_stuck = true;
        if self.broken.is_none() {
            self.fail(Broken::Failed(
                "the output could not be written: its reader has stopped reading".to_owned(),
            ));
        }
    }
}

impl Chunk {
    const fn text(&self) -> &String {
        match self {
            Self::Out(text) | Self::Err(text) => text,
        }
    }

    /// Only an error of standard output counts: one of standard error cannot be reported anywhere.
    fn write(&self) -> io::Result<()> {
        match self {
            Self::Out(_) if is_closed() => Err(io::ErrorKind::NotConnected.into()),
            Self::Out(text) => {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            }
            Self::Err(text) => {
                let _ = io::stderr().lock().write_all(text.as_bytes());
                Ok(())
            }
        }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            io::ErrorKind::NotConnected => {
                Self::Failed("the result could not be written to standard output: it is closed".to_owned())
            }
            _ => Self::Failed(format!("the result could not be written to standard output: {error}")),
        }
    }
}

fn write_on() {
    let mut queue = lock();
    loop {
        while let Some(chunk) = queue.chunks.pop_front() {
            queue.is_writing = true;
            drop(queue);
            let result = chunk.write();
            queue = lock();
            queue.is_writing = false;
            queue.bytes = queue.bytes.saturating_sub(chunk.text().len());
            queue.written(result);
            CHANGED.notify_all();
        }
        queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Waits for a change; the queue comes back as an error once `deadline` has passed.
fn wait(
    queue: MutexGuard<'static, Queue>,
    deadline: Option<Instant>,
) -> Result<MutexGuard<'static, Queue>, MutexGuard<'static, Queue>> {
    let Some(deadline) = deadline else {
        return Ok(CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner));
    };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(queue);
    }
    Ok(CHANGED.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0)
}

fn lock() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many bytes of results may wait to be written before the wait is held up.
const MOST_WAITING: usize = 4 << 20;

/// Of waiting lines for one stream so many bytes are put together.
const MOST_AT_ONCE: usize = 32 << 10;

/// So many bytes may wait to be written before progress is left out.
const MOST_PROGRESS: usize = 64 << 10;
