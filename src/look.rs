//! What one look gave, ready to be decided on.

use std::time::Duration;

use time::OffsetDateTime;

use crate::job::Job;
use crate::trouble::{TransportError, Trouble};

/// One look at a job and what came of it: the job, or a trouble.
///
/// Made from an [`Answer`](crate::Answer), or from the failure to get one, and handed to
/// [`Poller::handle`](crate::Poller::handle).
///
/// ```
/// use cloudjob::{Answer, Look};
///
/// let look = Look::from(Answer::new(200, r#"{"status":"RUNNING"}"#));
/// assert!(look.job().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Look {
    pub(crate) seen: Seen,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) date: Option<OffsetDateTime>,
    pub(crate) took: Duration,
    pub(crate) renewable: bool,
}

/// The three things a look can see.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    Job(Box<Job>),
    /// The very bytes of the last look: the job as it was.
    Same,
    Trouble(Trouble),
}

impl Look {
    pub(crate) const fn new(seen: Seen) -> Self {
        Self { seen, retry_after: None, date: None, took: Duration::ZERO, renewable: false }
    }

    /// How long the look took, from sending to the last byte. The last look before a deadline is placed by it.
    #[must_use]
    pub const fn took(mut self, round_trip: Duration) -> Self {
        self.took = round_trip;
        self
    }

    /// Says that the credentials can be renewed, so that a refusal of them is asked again once.
    #[must_use]
    pub const fn renewable(mut self, renewable: bool) -> Self {
        self.renewable = renewable;
        self
    }

    /// The job, if one came.
    pub fn job(&self) -> Option<&Job> {
        match &self.seen {
            Seen::Job(job) => Some(job),
            _ => None,
        }
    }

    /// The trouble, if no job came.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match &self.seen {
            Seen::Trouble(trouble) => Some(trouble),
            _ => None,
        }
    }
}

impl From<Trouble> for Look {
    fn from(trouble: Trouble) -> Self {
        Self::new(Seen::Trouble(trouble))
    }
}

impl From<TransportError> for Look {
    fn from(error: TransportError) -> Self {
        Trouble::Transport(error).into()
    }
}
