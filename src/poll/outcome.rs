//! The outcome of a wait.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::WaitEnd;
use crate::endpoint::Endpoint;
use crate::endpoint::service::Service;
use crate::error::{Error, ErrorKind};
use crate::job::Job;
use crate::job::id::JobId;
use crate::job::timestamp::Timestamp;

/// The result of a wait for one job, with the number of polls and the time it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub(crate) job_id: JobId,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) result: Result<Job, Error>,
    pub(crate) polls: u32,
    pub(crate) waited: Duration,
    pub(crate) lag: Option<Duration>,
}

impl Outcome {
    /// The job that was waited for, whatever id the body has.
    pub const fn job_id(&self) -> &JobId {
        &self.job_id
    }

    /// Where the job was polled. An id is unique within one service: in a wait over several clients, endpoint and id
    /// together tell the jobs apart.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The service that was polled.
    pub fn service(&self) -> Service {
        self.endpoint.asked_service()
    }

    /// The job that ended with SUCCESS, or why there is none.
    pub const fn result(&self) -> Result<&Job, &Error> {
        self.result.as_ref()
    }

    /// The result, by value.
    ///
    /// # Errors
    /// As [`Wait::run`](crate::Wait::run).
    pub fn into_result(self) -> Result<Job, Error> {
        self.result
    }

    /// The job as it was last seen, whether it succeeded or not.
    pub fn job(&self) -> Option<&Job> {
        match &self.result {
            Ok(job) => Some(job),
            Err(error) => error.job(),
        }
    }

    /// The number of polls.
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// How long the wait took.
    pub const fn waited(&self) -> Duration {
        self.waited
    }

    /// The time between the end of the job and the poll that showed it, by the service's clock: `Date` less `end_time`.
    ///
    /// `None` unless a poll had shown the job pending and both times are the service's. `Date` has whole seconds.
    pub const fn lag(&self) -> Option<Duration> {
        self.lag
    }
}

/// The lag; zero if `Date` is in the same second as the end.
pub(crate) fn lag(job: &Job, date: Option<OffsetDateTime>) -> Option<Duration> {
    let ended = job.end_time().and_then(Timestamp::instant)?;
    let late = date? - ended;
    (late > -time::Duration::SECOND).then(|| Duration::try_from(late).unwrap_or_default())
}

/// The kind of error for an end; `None` is a cancelled wait.
pub(crate) const fn error_kind(wait_end: Option<WaitEnd>) -> ErrorKind {
    match wait_end {
        None => ErrorKind::Cancelled,
        Some(WaitEnd::Failed) => ErrorKind::Failed,
        Some(WaitEnd::NoAnswer | WaitEnd::Succeeded) => ErrorKind::NoAnswer,
        Some(WaitEnd::Refused) => ErrorKind::Refused,
        Some(WaitEnd::TimedOut { .. }) => ErrorKind::TimedOut,
        Some(WaitEnd::PaymentPending) => ErrorKind::PaymentPending,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::response::Response;
    use crate::poll::result::PollResult;
    use crate::poll::tracker::JobTracker;
    use crate::poll::{PollPolicy, Poller};
    use crate::testing;

    fn outcome(responses: &[Response], wait_end: Option<WaitEnd>) -> serde_json::Value {
        let mut tracker = JobTracker::new(Poller::new(PollPolicy::new(), Duration::ZERO));
        for response in responses {
            tracker.handle(PollResult::from(response.clone()), Duration::from_secs(1));
        }
        let endpoint = testing::endpoint().service(Service::Rds);
        let (id, now) = (JobId::new("ff80").unwrap(), Duration::from_millis(2500));
        let outcome = tracker.conclude(id, Arc::new(endpoint), wait_end, now);
        assert_eq!(outcome, outcome.clone());
        serde_json::to_value(&outcome).unwrap()
    }

    #[test]
    fn the_json_is_that_of_the_command() {
        let running = Response::new(200, r#"{"status":"RUNNING","job_type":"createServer"}"#);
        let success = Response::new(200, r#"{"status":"SUCCESS","entities":{"server_id":"s1"}}"#);
        let value = outcome(&[success], Some(WaitEnd::Succeeded));
        assert_eq!(
            (&value["job_id"], &value["outcome"], &value["status"]),
            (&json!("ff80"), &json!("succeeded"), &json!("SUCCESS"))
        );
        assert_eq!((&value["ids"], &value["service"]), (&json!({"server_id": ["s1"]}), &json!("rds")));
        assert_eq!(
            (&value["polls"], &value["waited_seconds"], &value["error"]),
            (&json!(1), &json!(2.5), &json!(null))
        );

        let refused = Response::new(403, r#"{"error":{"code":"Pdp.0001","message":"no permission"}}"#);
        let value = outcome(&[running.clone(), refused], Some(WaitEnd::Refused));
        assert_eq!(
            (&value["outcome"], &value["status"], &value["job_type"]),
            (&json!("refused"), &json!("RUNNING"), &json!("createServer"))
        );
        assert_eq!((&value["error"]["kind"], &value["error"]["http_status"]), (&json!("api"), &json!(403)));

        let value = outcome(&[running], None);
        assert_eq!((&value["outcome"], &value["error"]["kind"]), (&json!("cancelled"), &json!("cancelled")));
        let value = outcome(&[], Some(WaitEnd::TimedOut { retry_after: None }));
        assert_eq!(
            (&value["outcome"], &value["error"]["kind"], &value["entities"]),
            (&json!("timed_out"), &json!("timeout"), &json!(null))
        );
        let value = outcome(&[Response::new(200, r#"{"status":"FAIL"}"#)], Some(WaitEnd::Failed));
        assert_eq!((&value["outcome"], &value["error"]), (&json!("failed"), &json!(null)));
    }
}
