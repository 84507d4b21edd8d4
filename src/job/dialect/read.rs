//! From a JSON value and a row of the table to a job.

use serde_json::{Map, Value};

use super::{Dialect, Meaning};
use crate::job::entities::Entities;
use crate::job::status::Status;
use crate::job::timestamp::Timestamp;
use crate::job::{Extra, Job, SentId};
use crate::util::json::NUMBER_MARK;

impl Dialect {
    /// The job in this body. `None` if there is no object at the root, or no status in it.
    pub(super) fn job(&self, body: &Value) -> Option<Job> {
        let root = body.pointer(self.root)?;
        self.status_word(root)?;
        self.at(root)
    }

    /// Whether this body is a job with an id and a known status.
    pub(super) fn knows(&self, body: &Value) -> bool {
        let Some(root) = body.pointer(self.root).filter(|root| root.is_object()) else { return false };
        self.status_word(root).is_some_and(|word| self.meaning(&word).is_some())
            && first(root, self.id).is_some_and(|id| SentId::new(&id).is_some())
    }

    /// The job or sub-job that this object is.
    fn at(&self, root: &Value) -> Option<Job> {
        let members = root.as_object()?;
        let text = |pointers: &[&str]| first(root, pointers).map(String::into_boxed_str);
        let listed =
            root.pointer(self.sub_jobs).and_then(Value::as_array).filter(|_| !self.sub_jobs.is_empty());
        let sub_jobs: Vec<Job> =
            listed.into_iter().flatten().filter_map(|sub_job| self.at(sub_job)).collect();
        let word = self.status_word(root).unwrap_or_default();
        let status = self.status(&word, &sub_jobs);
        let time = |pointers: &[&str]| {
            let time = Timestamp::new(first(root, pointers)?)?;
            Some(if self.is_utc { time.assume_utc() } else { time })
        };
        let mut entities = self.entities(members);
        entities.drop_marks();
        Some(Job {
            id: first(root, self.id).and_then(|id| SentId::new(&id)),
            spelling: (status.as_str() != word).then(|| word.into()),
            job_type: text(self.job_type).map(Into::into),
            begin_time: time(self.begin),
            end_time: time(self.end).filter(|_| status.is_terminal()),
            error_code: text(self.error_code),
            fail_reason: text(self.fail_reason),
            entities,
            extra: self.extra(root),
            status,
            sub_jobs,
        })
    }

    fn status(&self, word: &str, sub_jobs: &[Job]) -> Status {
        match self.meaning(word) {
            Some(Meaning::Ended) if sub_jobs.iter().any(|job| job.status != Status::Success) => Status::Fail,
            Some(Meaning::Ended | Meaning::Success) => Status::Success,
            Some(Meaning::Fail) => Status::Fail,
            Some(Meaning::Init) => Status::Init,
            Some(Meaning::Listening) => Status::Listening,
            Some(Meaning::PendingPayment) => Status::PendingPayment,
            Some(Meaning::Running) => Status::Running,
            Some(Meaning::WaitingExecute) => Status::WaitingExecute,
            None => Status::Unknown(word.into()),
        }
    }

    /// The status as it was sent. `None` if it is blank or of another type.
    pub(super) fn status_word(&self, root: &Value) -> Option<String> {
        match root.pointer(self.status)? {
            Value::String(text) if !text.trim().is_empty() && !text.starts_with(NUMBER_MARK) => {
                Some(text.clone())
            }
            Value::Number(number) if self.status_is_number => Some(number.to_string()),
            _ => None,
        }
    }

    /// The `entities` of the body as they were sent; where the API has none, the members that have no other place.
    fn entities(&self, members: &Map<String, Value>) -> Entities {
        match members.get("entities") {
            Some(Value::Object(entities)) => Entities::object(
                entities.iter().map(|(name, value)| (name.clone().into(), value.clone())).collect(),
            ),
            Some(other) => Entities::other(other.clone()),
            None => Entities::object(
                members
                    .iter()
                    .filter(|(name, value)| !value.is_null() && !self.is_used(name))
                    .map(|(name, value)| (name.clone().into(), value.clone()))
                    .collect(),
            ),
        }
    }

    /// The member has a place of its own in a job, or says nothing about the resource.
    fn is_used(&self, name: &str) -> bool {
        let lists =
            [self.id, self.job_type, self.begin, self.end, self.error_code, self.fail_reason, self.message];
        let pointers = lists.into_iter().flatten().chain(self.progress).copied();
        pointers.chain([self.status, self.sub_jobs]).any(|pointer| pointer.strip_prefix('/') == Some(name))
            || self.hidden.contains(&name)
            || ["job_id", "project_id", "request_id"].contains(&name)
    }

    fn extra(&self, root: &Value) -> Option<Box<Extra>> {
        let progress = first(root, self.progress).and_then(|text| percent(&text));
        let id = |(pointer, name): &(&str, &'static str)| Some((*name, first(root, &[pointer])?.into()));
        let ids: Vec<_> = self.ids.iter().filter_map(id).collect();
        let message = first(root, self.message).map(String::into_boxed_str);
        Extra { code: None, message, progress, ids }.boxed()
    }
}

/// The first of these members that is a text, a number or a boolean, and not blank.
fn first(root: &Value, pointers: &[&str]) -> Option<String> {
    let texts = pointers.iter().filter_map(|pointer| match root.pointer(pointer)? {
        Value::String(text) => Some(text.strip_prefix(NUMBER_MARK).unwrap_or(text).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    });
    texts.into_iter().find(|text| !text.trim().is_empty())
}

/// `60%`, `60% `, `60`.
fn percent(text: &str) -> Option<f64> {
    let number = text.trim().trim_end_matches('%').trim_end().parse::<f64>().ok()?;
    number.is_finite().then(|| number.clamp(0.0, 100.0))
}
