//! The job ids in the response to the call that started a job.

use std::fmt;

use serde_json::{Map, Value};

use super::error_body::{error_in_success, error_without_status, is_named};
use super::response::Response;
use crate::error::api::ApiError;
use crate::job::id::{JobId, JobIdError};
use crate::util::json::{NUMBER_MARK, body_text, marked_json_value};
use crate::util::sanitize::{label, preview};

impl JobId {
    /// Takes the job id from the body of the response to the call that started the job.
    ///
    /// It is read wherever these services put it: `job_id`, `jobId` or `jobid`, `workflow_id` or `workflowId` (databases),
    /// `status.jobID` or `status.jobId` (CCE), `member_check.job_id` (ELB), `restore_result[].job_id` and
    /// `update_result[].workflow_id` (TaurusDB), `jobs[].job_id` (CPH) and `job_ids[]`. The first of these counts.
    ///
    /// ```
    /// use cloudjob::JobId;
    ///
    /// let id = JobId::from_submit_response(br#"{"job_id": "ff808081787e9f100179693fd6f92e39"}"#)?;
    /// assert_eq!(id.as_str(), "ff808081787e9f100179693fd6f92e39");
    ///
    /// let rejected = br#"{"error": {"code": "Ecs.0019", "message": "Flavor s3.xlarge.1 is abandoned"}}"#;
    /// let error = JobId::from_submit_response(rejected).unwrap_err();
    /// assert_eq!(error.api_error().and_then(|api| api.code()), Some("Ecs.0019"));
    /// # Ok::<(), cloudjob::error::SubmitError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none: an error of the service, an order without a job, the response of a batch operation, an empty body,
    /// something else, or an invalid id. If there are several: see
    /// [`all_from_submit_response`](Self::all_from_submit_response).
    pub fn from_submit_response(body: &[u8]) -> Result<Self, SubmitError> {
        let mut ids = Self::all_from_submit_response(body)?.into_iter();
        match (ids.next(), ids.len()) {
            (Some(id), 0) => Ok(id),
            (_, more) => Err(SubmitError(Kind::Several { ids: more + 1 })),
        }
    }

    /// Takes all job ids from the body of the response to a call that started one job or several, in their order and each
    /// once.
    ///
    /// ```
    /// use cloudjob::JobId;
    ///
    /// let ids = JobId::all_from_submit_response(br#"{"jobs": [{"job_id": "1"}, {"job_id": "2"}]}"#)?;
    /// assert_eq!(ids.len(), 2);
    /// # Ok::<(), cloudjob::error::SubmitError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none or one is invalid, as for [`from_submit_response`](Self::from_submit_response).
    pub fn all_from_submit_response(body: &[u8]) -> Result<Vec<Self>, SubmitError> {
        if body_text(body).trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty() {
            return Err(SubmitError(Kind::Empty));
        }
        let Ok(Value::Object(map)) = marked_json_value(body) else {
            return Err(SubmitError(Kind::Other { began: preview(body) }));
        };
        let mut ids: Vec<Self> = Vec::new();
        for text in ids_in(&map) {
            let id = Self::new(text).map_err(|error| SubmitError(Kind::InvalidId(error)))?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.is_empty() { Err(SubmitError(without_id(&map, body))) } else { Ok(ids) }
    }
}

/// The ids at the first place that has some.
fn ids_in(map: &Map<String, Value>) -> Vec<String> {
    if let Some(id) = IDS.iter().find_map(|name| text_member(map, name)) {
        return vec![id];
    }
    let inside = |name: &&str| {
        let inner = member(map, name)?.as_object()?;
        IDS.iter().find_map(|name| text_member(inner, name))
    };
    if let Some(id) = OBJECTS.iter().find_map(inside) {
        return vec![id];
    }
    let of_element = |value: &Value| match value {
        Value::Object(inner) => IDS.iter().find_map(|name| text_member(inner, name)),
        _ => None,
    };
    for name in LISTS {
        let list = member(map, name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let ids: Vec<_> = match *name {
            "jobids" => list.iter().filter_map(text_of).collect(),
            _ => list.iter().filter_map(of_element).collect(),
        };
        if !ids.is_empty() {
            return ids;
        }
    }
    Vec::new()
}

/// Names without case and `_`: `job_id`, `jobId`, `jobID`, `jobid`.
const IDS: &[&str] = &["jobid", "workflowid"];
const OBJECTS: &[&str] = &["status", "membercheck"];
const LISTS: &[&str] = &["jobs", "jobids", "restoreresult", "updateresult"];

/// The response to a submit call has no job id that can be used; the text says what it has instead, and what to do.
///
/// `Debug` prints the same text as `Display`.
#[derive(Clone, Eq, PartialEq)]
pub struct SubmitError(Kind);

#[derive(Clone, Eq, PartialEq)]
enum Kind {
    Api(Box<ApiError>),
    InvalidId(JobIdError),
    Batch { items: usize },
    Empty,
    Order(String),
    Other { began: String },
    Several { ids: usize },
}

impl SubmitError {
    /// The error of the service, if that is what the response is. Its [`http_status`](ApiError::http_status) is what the
    /// body says of it, or 0.
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

    /// The id of the order, if the response is an order without a job: yearly and monthly resources, before they are paid.
    pub fn order_id(&self) -> Option<&str> {
        match &self.0 {
            Kind::Order(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Debug for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Api(error) => write!(f, "the service rejected the call, so there is no job: {error}"),
            Kind::InvalidId(error) => write!(f, "the response has an invalid job id: {error}"),
            Kind::Batch { items } => write!(
                f,
                "the response is that of a batch operation on {items} items and has no job id; \
                 check the items by their own ids"
            ),
            Kind::Empty => f.write_str(
                "the response has no body and so no job id; the call may still be carried out; \
                 check the resource itself before sending it again",
            ),
            Kind::Order(id) => write!(
                f,
                "the response is order `{id}` without a job id; \
                 pay or confirm the order, then look for its resources by the order id"
            ),
            Kind::Other { began } => write!(
                f,
                "the response has no job id, it begins with `{began}`; \
                 pass the body of the response to the call that started the job"
            ),
            Kind::Several { ids } => write!(
                f,
                "the response has {ids} job ids where one is expected; use JobId::all_from_submit_response"
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
    if let Some(id) = text_member(map, "orderid") {
        return Kind::Order(label(&id));
    }
    if let Some(Value::Array(items)) = map.get("response") {
        return Kind::Batch { items: items.len() };
    }
    // With nothing else in it, even half an error is the best reading.
    error_without_status(body)
        .map_or_else(|| Kind::Other { began: preview(body) }, |error| Kind::Api(error.into()))
}

fn text_member(map: &Map<String, Value>, name: &str) -> Option<String> {
    map.iter().filter(|(known, _)| is_named(known, name)).find_map(|(_, value)| text_of(value))
}

fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.iter().find(|(known, _)| is_named(known, name)).map(|(_, value)| value)
}

/// A text, or the digits of a whole number.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let digits = text.strip_prefix(NUMBER_MARK);
            let is_integer = digits.is_none_or(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            Some(digits.unwrap_or(text).to_owned()).filter(|text| is_integer && !text.is_empty())
        }
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
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
    fn the_ids_are_found_wherever_a_service_puts_them() {
        for (body, ids) in [
            (r#"{"jobid":"a"}"#, &["a"][..]),
            (r#"{"workflowId":"a"}"#, &["a"]),
            (r#"{"workflow_id":"a","order_id":"CS1"}"#, &["a"]),
            (r#"{"kind":"Cluster","status":{"phase":"Creating","jobID":"a"}}"#, &["a"]),
            (r#"{"status":{"jobId":"a"}}"#, &["a"]),
            (r#"{"member_check":{"job_id":"a"}}"#, &["a"]),
            (r#"{"restore_result":[{"job_id":"a","instance_id":"i"}]}"#, &["a"]),
            (r#"{"update_result":[{"workflow_id":"a"},{"workflow_id":"b"}]}"#, &["a", "b"]),
            (
                r#"{"request_id":"r","jobs":[{"phone_id":"p","job_id":"a"},{"job_id":"b"},{"job_id":"a"}]}"#,
                &["a", "b"],
            ),
            (r#"{"job_ids":["a","b"]}"#, &["a", "b"]),
            (r#"{"job_id":"a","jobs":[{"job_id":"b"}]}"#, &["a"]),
            (r#"{"job_id":"","jobId":"a"}"#, &["a"]),
            (r#"{"job_id":12345678901234567890123}"#, &["12345678901234567890123"]),
            ("{\"job_id\":\"a\",\"name\":\"line one\nline two\u{0}\"}\u{0}", &["a"]),
        ] {
            let found = JobId::all_from_submit_response(body.as_bytes())
                .unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!(found.iter().map(JobId::as_str).collect::<Vec<_>>(), ids, "{body}");
            assert_eq!(JobId::from_submit_response(body.as_bytes()).is_ok(), ids.len() == 1, "{body}");
        }
        for body in [
            r#"{"jobs":[{"job_id":"a"},{"job_id":"../b"}]}"#,
            r#"{"jobs":[]}"#,
            r#"{"jobs":[{"id":"a"}]}"#,
            "[]",
        ] {
            assert!(JobId::all_from_submit_response(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_damaged_error_in_place_of_a_job_keeps_its_code() {
        let error = JobId::from_submit_response(b"{\"error_code\":\"Ecs.0019\",\"error_msg\":\"a\nb\"}\0")
            .unwrap_err();
        assert_eq!(error.api_error().and_then(ApiError::code), Some("Ecs.0019"));
        assert_eq!(format!("{error:?}"), error.to_string());
    }

    #[test]
    fn a_response_without_an_id_says_what_it_is_instead() {
        for (body, expected) in [
            (
                "",
                "the response has no body and so no job id; the call may still be carried out; check the resource itself before sending it again",
            ),
            (
                " \n",
                "the response has no body and so no job id; the call may still be carried out; check the resource itself before sending it again",
            ),
            (
                r#"{"order_id":"CS2007281506","volume_ids":["a"]}"#,
                "the response is order `CS2007281506` without a job id; pay or confirm the order, then look for its resources by the order id",
            ),
            (
                r#"{"response":[{"id":"a"},{"id":"b"}]}"#,
                "the response is that of a batch operation on 2 items and has no job id; check the items by their own ids",
            ),
            (
                r#"{"error":{"code":"Ecs.0019","message":"Flavor s3.xlarge.1 is abandoned"}}"#,
                "the service rejected the call, so there is no job: Ecs.0019: Flavor s3.xlarge.1 is abandoned",
            ),
            (
                r#"{"order_id":"CS1","error_code":"EVS.1","error_msg":"no","request_id":"r1"}"#,
                "the service rejected the call, so there is no job: EVS.1: no (request id r1)",
            ),
            (
                r#"{"error":{"code":401,"message":"who are you","title":"Unauthorized"}}"#,
                "the service rejected the call, so there is no job: HTTP 401: who are you",
            ),
            (
                r#"{"message":"no healthy upstream"}"#,
                "the service rejected the call, so there is no job: no healthy upstream",
            ),
            (
                r#"{"job_id":"../v2"}"#,
                "the response has an invalid job id: `../v2` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it",
            ),
            (
                r#"{"job_id":1e40}"#,
                "the response has no job id, it begins with `{\"job_id\":1e40}`; pass the body of the response to the call that started the job",
            ),
            (
                r#"{"jobs":[{"job_id":"1"},{"job_id":"2"}]}"#,
                "the response has 2 job ids where one is expected; use JobId::all_from_submit_response",
            ),
            (
                r#"{"order_id":12345678901234567890123}"#,
                "the response is order `12345678901234567890123` without a job id; pay or confirm the order, then look for its resources by the order id",
            ),
            (
                r#"{"job_id":{"id":"a"}}"#,
                "the response has no job id, it begins with `{\"job_id\":{\"id\":\"a\"}}`; pass the body of the response to the call that started the job",
            ),
            (
                "[]",
                "the response has no job id, it begins with `[]`; pass the body of the response to the call that started the job",
            ),
            (
                "<html>\n<p>hi",
                "the response has no job id, it begins with `<html> <p>hi`; pass the body of the response to the call that started the job",
            ),
            (
                r#"{"job_id":"a"#,
                "the response has no job id, it begins with `{\"job_id\":\"a`; pass the body of the response to the call that started the job",
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
    fn only_an_order_has_an_order_id_and_only_an_error_an_api_error() {
        let of = |body: &str| JobId::from_submit_response(body.as_bytes()).unwrap_err();
        let order = of(r#"{"order_id":"CS1"}"#);
        assert_eq!((order.order_id(), order.api_error()), (Some("CS1"), None));
        let rejected = of(r#"{"error_code":"VPC.0501","error_msg":"no such subnet"}"#);
        assert_eq!(rejected.order_id(), None);
        let api = rejected.api_error().unwrap();
        assert_eq!((api.http_status(), api.code(), api.message()), (0, Some("VPC.0501"), "no such subnet"));
        let batch = of(r#"{"response":[]}"#);
        assert_eq!((batch.order_id(), batch.api_error()), (None, None));
    }
}
