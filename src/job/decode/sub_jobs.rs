//! Entities, and the lists of sub-jobs wherever they are.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::context::Context;
use super::{JobVisitor, empty};
use crate::job::Job;
use crate::job::entities::{Entities, Member};
use crate::util::json::find_message_in;

/// Both lists, and each sub-job once.
///
/// What a list repeats word for word, and what the second one has under an id of the first, is the same sub-job. Two that
/// differ are two, even where a service gives both one id: one of them can be the one that failed.
pub(super) fn one_list(jobs: Vec<Job>, more: Vec<Job>) -> Vec<Job> {
    if jobs.len() <= 1 && more.is_empty() {
        return jobs;
    }
    let (mut jobs, more) = (without_repeats(jobs), without_repeats(more));
    if jobs.is_empty() || more.is_empty() {
        jobs.extend(more);
        return jobs;
    }
    let known: HashSet<Box<str>> = jobs.iter().filter_map(Job::id_text).map(Into::into).collect();
    jobs.extend(more.into_iter().filter(|job| job.id_text().is_none_or(|id| !known.contains(id))));
    jobs
}

fn without_repeats(mut jobs: Vec<Job>) -> Vec<Job> {
    // Ids differ in their last characters: comparing these is faster than hashing ids, and mostly enough.
    let mut tails: Vec<u64> = jobs.iter().filter_map(Job::id_text).map(tail).collect();
    tails.sort_unstable();
    if tails.windows(2).all(|pair| pair[0] != pair[1]) {
        return jobs;
    }
    let mut first = HashMap::with_capacity(jobs.len());
    let new: Vec<bool> = jobs
        .iter()
        .map(|job| job.id_text().is_none_or(|id| first.insert(id, job).is_none_or(|before| before != job)))
        .collect();
    let mut new = new.into_iter();
    jobs.retain(|_| new.next().unwrap_or(true));
    jobs
}

/// The last eight bytes, or 0 of fewer.
fn tail(id: &str) -> u64 {
    id.as_bytes().last_chunk().map_or(0, |tail| u64::from_ne_bytes(*tail))
}

/// What is made of a value, whatever its type.
pub(super) trait Branches<'de> {
    type Read;
    fn map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Read, A::Error>;
    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Read, A::Error>;
    fn plain(self, value: Value) -> Self::Read;
}

/// The entities, and the sub-jobs that were in them.
pub(super) struct EntitiesOf<'a>(pub(super) &'a Context);

impl<'de> Branches<'de> for EntitiesOf<'_> {
    type Read = (Entities, Vec<Job>);

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Read, A::Error> {
        let mut members: Vec<Member> = Vec::new();
        let (mut jobs, mut results) = (Vec::new(), Vec::new());
        while let Some(name) = map.next_key()? {
            let (name, list) = match name {
                Name::Member(name) => {
                    members.push((name, map.next_value()?));
                    continue;
                }
                Name::SubJobs => ("sub_jobs", &mut jobs),
                Name::SubJobsResult => ("sub_jobs_result", &mut results),
            };
            // Of two with one name the last one counts, be it a list of sub-jobs or not.
            members.retain(|(known, _)| known != name);
            list.clear();
            let total = members.iter().find(|(name, _)| name == "sub_jobs_total");
            let length = total.and_then(|(_, total)| usize::try_from(total.as_u64()?).ok()).unwrap_or(0);
            match map.next_value_seed(Any(ListOf(self.0, length)))? {
                Ok(read) => *list = read,
                Err(Value::Null) => {}
                Err(value) => members.push((name.into(), value)),
            }
        }
        let mut entities = Entities::object(members);
        self.0.settle(&mut entities);
        Ok((entities, one_list(jobs, results)))
    }

    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Read, A::Error> {
        let is_job = |job: &Job| job.id_text().is_some() || !job.status_text().is_empty();
        Ok(match self.0.list(seq, 0, is_job)? {
            Ok(jobs) if jobs.is_empty() => (Entities::other(Value::Array(Vec::new())), jobs),
            Ok(jobs) => (Entities::default(), jobs),
            Err(value) => (other(self.0, value), Vec::new()),
        })
    }

    fn plain(self, value: Value) -> Self::Read {
        (other(self.0, value), Vec::new())
    }
}

fn other(context: &Context, value: Value) -> Entities {
    let mut entities = Entities::other(value);
    context.settle(&mut entities);
    entities
}

/// A list of sub-jobs, or the value that is none; and how many it is said to have.
pub(super) struct ListOf<'a>(pub(super) &'a Context, pub(super) usize);

impl<'de> Branches<'de> for ListOf<'_> {
    type Read = Result<Vec<Job>, Value>;

    fn map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Read, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(Err)
    }

    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Read, A::Error> {
        self.0.list(seq, self.1, |_| true)
    }

    fn plain(self, value: Value) -> Self::Read {
        Err(value)
    }
}

/// The message of an `error` beside the job, as EVS documents it.
pub(super) struct ErrorOf;

impl<'de> Branches<'de> for ErrorOf {
    type Read = Option<Box<str>>;

    fn map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Read, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(|value| self.plain(value))
    }

    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Read, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(seq)).map(|value| self.plain(value))
    }

    fn plain(self, value: Value) -> Self::Read {
        find_message_in(&value).map(String::into_boxed_str)
    }
}

/// An element of a list: whether it is a job, which goes to the end of `jobs`, or null, which is nothing at all.
pub(super) struct ElementOf<'a> {
    pub(super) context: &'a Context,
    pub(super) jobs: &'a mut Vec<Job>,
    pub(super) is_job: fn(&Job) -> bool,
}

impl<'de> Branches<'de> for ElementOf<'_> {
    type Read = bool;

    fn map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        self.jobs.push(empty());
        let Some(job) = self.jobs.last_mut() else { return Ok(false) };
        JobVisitor(self.context, job).visit_map(map)?;
        Ok((self.is_job)(job))
    }

    fn seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn plain(self, value: Value) -> bool {
        value.is_null()
    }
}

pub(super) struct Any<B>(pub(super) B);

impl<'de, B: Branches<'de>> DeserializeSeed<'de> for Any<B> {
    type Value = B::Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<B::Read, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, B: Branches<'de>> Visitor<'de> for Any<B> {
    type Value = B::Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<B::Read, A::Error> {
        self.0.map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<B::Read, A::Error> {
        self.0.seq(seq)
    }

    fn visit_unit<E: Error>(self) -> Result<B::Read, E> {
        Ok(self.0.plain(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<B::Read, E> {
        Ok(self.0.plain(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<B::Read, E> {
        Ok(self.0.plain(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<B::Read, E> {
        Ok(self.0.plain(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<B::Read, E> {
        Ok(self.0.plain(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<B::Read, E> {
        Ok(self.0.plain(value.into()))
    }
}

/// The name of a member of the entities.
enum Name {
    SubJobs,
    SubJobsResult,
    Member(Cow<'static, str>),
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(match name {
            "sub_jobs" => Name::SubJobs,
            "sub_jobs_result" => Name::SubJobsResult,
            _ => Name::Member(documented(name).map_or_else(|| name.to_owned().into(), Cow::Borrowed)),
        })
    }
}

/// The names that most entities have.
fn documented(name: &str) -> Option<&'static str> {
    Some(match name {
        "errorcode_message" => "errorcode_message",
        "image_id" => "image_id",
        "nic_id" => "nic_id",
        "server_id" => "server_id",
        "sub_jobs_total" => "sub_jobs_total",
        "volume_id" => "volume_id",
        _ => return None,
    })
}
