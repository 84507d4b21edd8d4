//! A job id with the service that runs the job.

use std::fmt;

use crate::endpoint::service::Service;
use crate::job::id::JobId;

/// `evs:ff80…`: what is polled. An id is unique within one service, so both together are a job.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Target {
    /// `None` for the service of the command line.
    pub(crate) service: Option<Service>,
    pub(crate) id: JobId,
}

impl Target {
    /// The same without its prefix if that is the service of the command line, so that one job is one target.
    pub(crate) fn normalized(self, default_service: Service) -> Self {
        Self { service: self.service.filter(|service| *service != default_service), ..self }
    }
}

impl From<JobId> for Target {
    fn from(id: JobId) -> Self {
        Self { service: None, id }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.service {
            Some(service) => write!(f, "{service}:{}", self.id),
            None => self.id.fmt(f),
        }
    }
}
