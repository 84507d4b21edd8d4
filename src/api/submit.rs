//! The id of the job out of the answer to the call that started it.

use std::fmt;

use serde_json::{Map, Value};

use super::error_body::{error_in_success, error_without_status};
use super::response::Response;
use crate::error::api::ApiError;
use crate::job::id::{JobId, JobIdError};
use crate::util::json::json_value;
use crate::util::sanitize::{preview, single_line};

impl JobId {
    /// Takes the id out of the body of a submit answer: `{"job_id": ..}` or `{"jobId": ..}`, with whatever stands beside it
    /// (`order_id`, `serverIds`, `volume_ids`, `snapshot_id`, `uri`).
    ///
    /// See "Responses (Task)" of ECS.
    ///
    /// ```
    /// use cloudjob::JobId;
    ///
    /// let id = JobId::from_submit_response(br#"{"job_id": "ff808081787e9f100179693fd6f92e39"}"#)?;
    /// assert_eq!(id.as_str(), "ff808081787e9f100179693fd6f92e39");
    ///
    /// let refusal = br#"{"error": {"code": "Ecs.0019", "message": "Flavor s3.xlarge.1 is abandoned"}}"#;
    /// let error = JobId::from_submit_response(refusal).unwrap_err();
    /// assert_eq!(error.api_error().and_then(|api| api.code()), Some("Ecs.0019"));
    /// # Ok::<(), cloudjob::error::SubmitError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none: an error of the service, an order that is not paid yet, the answer of a batch operation, an empty
    /// body, something else, or an id that is none.
    pub fn from_submit_response(body: &[u8]) -> Result<Self, SubmitError> {
        if body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii().is_empty() {
            return Err(SubmitError(Kind::Empty));
        }
        let Ok(Value::Object(map)) = json_value(body) else {
            return Err(SubmitError(Kind::Other { began: preview(body) }));
        };
        if let Some(id) = text_member(&map, &["job_id", "jobId"]) {
            return Self::new(id).map_err(|error| SubmitError(Kind::BadId(error)));
        }
        Err(SubmitError(without_id(&map, body)))
    }
}

/// The answer to a submit call has no job id; the text says what it has instead, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubmitError(Kind);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    Api(Box<ApiError>),
    BadId(JobIdError),
    Batch { items: usize },
    Empty,
    Order(String),
    Other { began: String },
}

impl SubmitError {
    /// The error of the service, if that is what the answer is. Its [`http_status`](ApiError::http_status) is what the body
    /// says of it, or 0.
    pub const fn api_error(&self) -> Option<&ApiError> {
        match &self.0 {
            Kind::Api(error) => Some(error),
            _ => None,
        }
    }

    pub(crate) fn into_api_error(self) -> Option<ApiError> {
        match self.0 {
            Kind::Api(error) => Some(*error),
            _ => None,
        }
    }

    /// The id of the order, if the answer is an order without a job: yearly and monthly resources, before they are paid.
    pub fn order_id(&self) -> Option<&str> {
        match &self.0 {
            Kind::Order(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Api(error) => write!(f, "the service refused the call, so there is no job: {error}"),
            Kind::BadId(error) => write!(f, "the answer has a job id that cannot be asked for: {error}"),
            Kind::Batch { items } => write!(
                f,
                "the answer is that of a batch operation on {items} items and has no job id: ask for the items by their own ids"
            ),
            Kind::Empty => f.write_str(
                "the answer has no body and so no job id: the call may still be carried out, look at the resource itself \
                 before sending it again",
            ),
            Kind::Order(id) => write!(
                f,
                "the answer is order `{id}` without a job id: pay or confirm the order, then ask for its resources by the order id"
            ),
            Kind::Other { began } => write!(
                f,
                "the answer has no job_id, it begins with `{began}`: pass the body of the call that started the job"
            ),
        }
    }
}

impl std::error::Error for SubmitError {}

fn without_id(map: &Map<String, Value>, body: &[u8]) -> Kind {
    if error_in_success(&Response::new(200, body)).is_some()
        && let Some(error) = error_without_status(body)
    {
        return Kind::Api(error.into());
    }
    if let Some(id) = text_member(map, &["order_id", "orderId"]) {
        return Kind::Order(single_line(&id, 128));
    }
    if let Some(Value::Array(items)) = map.get("response") {
        return Kind::Batch { items: items.len() };
    }
    // With nothing else in it, even half an error is the best reading.
    error_without_status(body)
        .map_or_else(|| Kind::Other { began: preview(body) }, |error| Kind::Api(error.into()))
}

/// The first of these members that is a text, or a whole number as a text.
fn text_member(map: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match map.get(*name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        // Others have been rounded, and would be the id of another job.
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_whatever_stands_beside_it() {
        for (body, id) in [
            (r#"{"job_id":"a1"}"#, "a1"),
            (r#"{"jobId":"a1"}"#, "a1"),
            (r#"{"job_id":null,"jobId":"a1"}"#, "a1"),
            (r#"{"job_id":"a1","order_id":"CS1","serverIds":["b"]}"#, "a1"),
            (r#"{"volume_ids":["b"],"job_id":"a1"}"#, "a1"),
            (r#"{"job_id":"a1","snapshot_id":"b"}"#, "a1"),
            (r#"{"uri":"/v1/jobs/a1","job_id":"a1"}"#, "a1"),
            (r#"{"job_id":9876543210}"#, "9876543210"),
            (r#"{"job_id":"a1","error_code":null,"error_msg":""}"#, "a1"),
            (
                "\u{feff} {\"job_id\":\"70a599e0-31e7-49b7-b260-868f441e862b\"} \n",
                "70a599e0-31e7-49b7-b260-868f441e862b",
            ),
        ] {
            assert_eq!(JobId::from_submit_response(body.as_bytes()).unwrap().as_str(), id, "{body}");
        }
    }

    #[test]
    fn an_answer_without_an_id_says_what_it_is_instead() {
        for (body, expected) in [
            (
                "",
                "the answer has no body and so no job id: the call may still be carried out, look at the resource itself before sending it again",
            ),
            (
                " \n",
                "the answer has no body and so no job id: the call may still be carried out, look at the resource itself before sending it again",
            ),
            (
                r#"{"order_id":"CS2007281506","volume_ids":["a"]}"#,
                "the answer is order `CS2007281506` without a job id: pay or confirm the order, then ask for its resources by the order id",
            ),
            (
                r#"{"response":[{"id":"a"},{"id":"b"}]}"#,
                "the answer is that of a batch operation on 2 items and has no job id: ask for the items by their own ids",
            ),
            (
                r#"{"error":{"code":"Ecs.0019","message":"Flavor s3.xlarge.1 is abandoned"}}"#,
                "the service refused the call, so there is no job: Ecs.0019: Flavor s3.xlarge.1 is abandoned",
            ),
            (
                r#"{"order_id":"CS1","error_code":"EVS.1","error_msg":"no","request_id":"r1"}"#,
                "the service refused the call, so there is no job: EVS.1: no (request id r1)",
            ),
            (
                r#"{"error":{"code":401,"message":"who are you","title":"Unauthorized"}}"#,
                "the service refused the call, so there is no job: HTTP 401: who are you",
            ),
            (
                r#"{"message":"no healthy upstream"}"#,
                "the service refused the call, so there is no job: no healthy upstream",
            ),
            (
                r#"{"job_id":"../v2"}"#,
                "the answer has a job id that cannot be asked for: `../v2` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it",
            ),
            (
                r#"{"job_id":{"id":"a"}}"#,
                "the answer has no job_id, it begins with `{\"job_id\":{\"id\":\"a\"}}`: pass the body of the call that started the job",
            ),
            (
                "[]",
                "the answer has no job_id, it begins with `[]`: pass the body of the call that started the job",
            ),
            (
                "<html>\n<p>hi",
                "the answer has no job_id, it begins with `<html> <p>hi`: pass the body of the call that started the job",
            ),
            (
                r#"{"job_id":"a"#,
                "the answer has no job_id, it begins with `{\"job_id\":\"a`: pass the body of the call that started the job",
            ),
        ] {
            assert_eq!(
                JobId::from_submit_response(body.as_bytes()).unwrap_err().to_string(),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn only_an_order_has_an_order_id_and_only_a_refusal_an_error() {
        let of = |body: &str| JobId::from_submit_response(body.as_bytes()).unwrap_err();
        let order = of(r#"{"order_id":"CS1"}"#);
        assert_eq!((order.order_id(), order.api_error()), (Some("CS1"), None));
        let refusal = of(r#"{"error_code":"VPC.0501","error_msg":"no such subnet"}"#);
        assert_eq!(refusal.order_id(), None);
        let api = refusal.api_error().unwrap();
        assert_eq!((api.http_status(), api.code(), api.message()), (0, Some("VPC.0501"), "no such subnet"));
        let batch = of(r#"{"response":[]}"#);
        assert_eq!((batch.order_id(), batch.api_error()), (None, None));
    }
}
