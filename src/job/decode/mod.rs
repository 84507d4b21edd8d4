//! From the bytes of a response to a job, in one pass and without a tree in between.

mod context;
mod scalar;
mod sub_jobs;

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use self::context::{Context, Numbers};
use self::scalar::{Text, Word};
use self::sub_jobs::{Any, EntitiesOf, ErrorOf, ListOf, one_list};
use super::dialect::not_common;
use super::entities::Entities;
use super::error::DecodeError;
use super::status::Status;
use super::{Extra, Job};
use crate::util::json::{body_text, lossy, read_leniently, repair};

pub(super) fn from_slice(body: &[u8]) -> Result<Job, DecodeError> {
    // Checked as a whole it need not be checked text by text.
    let text = body_text(body);
    let job = match read(&text, Numbers::Parsed) {
        Ok((job, Kept(true))) => job,
        Ok((job, Kept(false))) => read(&repair(&text), Numbers::Marked).map_or(job, |(exact, _)| exact),
        Err(error) => {
            let repaired = |text: &str| read(&repair(text), Numbers::Marked).ok().map(|(job, _)| job);
            read_leniently(&text, &error, lossy(body, &text), repaired)
                .ok_or_else(|| not_json(&error, body))?
        }
    };
    if job.status_text().is_empty() {
        let what = "the response is a JSON object without a `status` text";
        return Err(match Some(body).filter(|body| body.len() <= MAX_FOREIGN).and_then(not_common) {
            Some(services) => {
                let shape = format!("{what}, but has the shape of a job of {services}: check the service");
                DecodeError::new(shape, body)
            }
            None => DecodeError::new(what, body),
        });
    }
    Ok(job)
}

/// Whether all numbers are kept as they were sent.
struct Kept(bool);

fn read(text: &str, numbers: Numbers) -> serde_json::Result<(Job, Kept)> {
    let mut context = Context::new(numbers);
    let mut job = read_once(text, &context)?;
    if let Some(second) = context.for_a_second_time() {
        job = read_once(text, &second)?;
        context = second;
    }
    Ok((job, Kept(!context.has_floats())))
}

fn read_once(text: &str, context: &Context) -> serde_json::Result<Job> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut job = empty();
    deserializer.deserialize_map(JobVisitor(context, &mut job))?;
    deserializer.end()?;
    Ok(job)
}

pub(super) fn not_json(error: &serde_json::Error, body: &[u8]) -> DecodeError {
    if error.is_data() {
        // The text of this error would show the whole value.
        let (line, column) = (error.line(), error.column());
        let what = format!("the response is JSON but not an object (line {line} column {column})");
        return DecodeError::new(what, body);
    }
    DecodeError::not_json(error, body)
}

fn empty() -> Job {
    Job {
        id: None,
        status: Status::Unknown(Box::default()),
        spelling: None,
        job_type: None,
        begin_time: None,
        end_time: None,
        error_code: None,
        fail_reason: None,
        entities: Entities::default(),
        sub_jobs: Vec::new(),
        extra: None,
    }
}

/// Fills an empty job where it is to stay: a job is large, and a list of them is long.
struct JobVisitor<'a>(&'a Context, &'a mut Job);

/// A larger job of another service is not recognized.
const MAX_FOREIGN: usize = 1024 * 1024;

impl<'de> Visitor<'de> for JobVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a job")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(context, job) = self;
        let (mut inner, mut outer) = (Vec::new(), Vec::new());
        let (mut error, mut message, mut code) = (None, None, None);
        // Of two members with one name the last one counts.
        while let Some(member) = map.next_key()? {
            match member {
                Member::Status => {
                    Word { status: job.status, spelling: job.spelling } =
                        map.next_value_seed(Text::seed(context))?;
                }
                Member::Entities => {
                    (job.entities, inner) = map.next_value_seed(Any(EntitiesOf(context)))?;
                }
                Member::JobId => job.id = map.next_value_seed(Text::seed(context))?,
                Member::JobType => job.job_type = map.next_value_seed(Text::seed(context))?,
                Member::BeginTime => job.begin_time = map.next_value_seed(Text::seed(context))?,
                Member::EndTime => job.end_time = map.next_value_seed(Text::seed(context))?,
                Member::ErrorCode => job.error_code = map.next_value_seed(Text::seed(context))?,
                Member::FailReason => job.fail_reason = map.next_value_seed(Text::seed(context))?,
                Member::Error => error = map.next_value_seed(Any(ErrorOf))?,
                Member::Message => message = map.next_value_seed(Text::seed(context))?,
                Member::Code => code = map.next_value_seed(Text::seed(context))?,
                Member::SubJobs => {
                    outer = map.next_value_seed(Any(ListOf(context, 0)))?.unwrap_or_default();
                }
                Member::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        job.sub_jobs = one_list(inner, outer);
        if code.is_some() || message.is_some() || error.is_some() {
            job.extra = Extra { code, message: message.or(error), ..Extra::default() }.boxed();
        }
        Ok(())
    }
}

/// By hand: a derive for this alone would have every user build the crates of the derive.
enum Member {
    Status,
    Entities,
    JobId,
    JobType,
    BeginTime,
    EndTime,
    ErrorCode,
    FailReason,
    Error,
    Message,
    Code,
    SubJobs,
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(MemberVisitor)
    }
}

struct MemberVisitor;

impl Visitor<'_> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Member, E> {
        Ok(match name {
            "status" => Member::Status,
            "entities" => Member::Entities,
            "job_id" => Member::JobId,
            "job_type" => Member::JobType,
            "begin_time" => Member::BeginTime,
            "end_time" => Member::EndTime,
            "error_code" => Member::ErrorCode,
            "fail_reason" => Member::FailReason,
            "error" => Member::Error,
            "message" => Member::Message,
            "code" => Member::Code,
            "sub_jobs" => Member::SubJobs,
            _ => Member::Other,
        })
    }
}

#[cfg(test)]
mod tests;
