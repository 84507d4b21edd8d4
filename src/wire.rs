//! From values to a request, and from an answer to a look. Pure.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::error_body::{error_in_success, read_error};
use crate::job::Job;
use crate::job_id::JobId;
use crate::look::{Look, Seen};
use crate::message::{Answer, Request, RetryAfter};
use crate::trouble::{DecodeError, Trouble};

/// The question for one job, without credentials.
pub(crate) fn job_request(endpoint: &Endpoint, id: &JobId) -> Request {
    Request::get(endpoint.job_url(id))
}

/// Reads an answer: a job, an error of the service, or something else.
impl From<Answer> for Look {
    fn from(answer: Answer) -> Self {
        let seen = match answer.status {
            200..=299 => read_success(&answer),
            _ => Seen::Trouble(Trouble::Api(read_error(&answer))),
        };
        Self { retry_after: retry_after(&answer), date: answer.date, ..Self::new(seen) }
    }
}

fn read_success(answer: &Answer) -> Seen {
    match Job::from_slice(&answer.body) {
        Ok(job) => Seen::Job(Box::new(job)),
        Err(not_a_job) => Seen::Trouble(match error_in_success(answer) {
            Some(error) => Trouble::Api(error),
            None if answer.body.is_empty() => {
                Trouble::Decode(DecodeError::new(format_args!("HTTP {} without a job", answer.status), b""))
            }
            None => Trouble::Decode(not_a_job),
        }),
    }
}

/// The wait that the service asks for. A date counts against the answer's own `Date`, so that no skew of clocks comes
/// in; without one it says nothing.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    match answer.retry_after? {
        RetryAfter::Seconds(seconds) => Some(Duration::from_secs(seconds)),
        RetryAfter::At(moment) => Some(Duration::try_from(moment - answer.date?).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn retry_after_is_read_as_seconds_or_against_the_date_of_the_answer() {
        let cases = [
            (&[("Retry-After", "7")][..], Some(7)),
            (&[("retry-after", " 0 ")], Some(0)),
            (&[("Retry-After", "-7")], None),
            (&[("Retry-After", "soon")], None),
            (&[("Retry-After", "99999999999999999999999")], Some(u64::MAX)),
            (&[("Date", DATE), ("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT")], Some(60)),
            (&[("Date", DATE), ("Retry-After", "Sun, 06 Nov 1994 08:48:37 GMT")], Some(0)),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT")], None),
        ];
        for (headers, expected) in cases {
            let mut answer = Answer::new(503, "");
            for (name, value) in headers {
                answer = answer.header(name, value);
            }
            assert_eq!(retry_after(&answer), expected.map(Duration::from_secs), "{headers:?}");
        }
    }

    #[test]
    fn a_success_is_a_job_or_an_error_in_disguise_or_garbage() {
        assert!(Look::from(Answer::new(200, r#"{"status":"RUNNING"}"#)).job().is_some());
        let disguised = Look::from(Answer::new(202, r#"{"error":{"code":"Common.0024","message":"busy"}}"#));
        assert!(disguised.trouble().and_then(Trouble::api).is_some_and(crate::ApiError::is_throttled));
        for body in ["", "<html></html>", "{}", "[]", r#"{"status":"RUNN"#] {
            let look = Look::from(Answer::new(200, body));
            assert!(matches!(look.trouble(), Some(Trouble::Decode(_))), "{body}");
        }
    }
}
