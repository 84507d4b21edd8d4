//! The ids and values a job names: what it works on, and what it made.

mod documented;
mod numbers;

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use self::numbers::ExactJson;

/// The `entities` of a job or sub-job, without the lists of sub-jobs.
///
/// Their members depend on the type of the job, and new ones appear; all are kept in the order in which they were
/// sent. Usually it is an object; an array or a plain value (seen in documents only) is kept as it is and has no
/// members. Serialised it is as it was sent, `null` where there was nothing.
///
/// The accessors are those of the documented members: "entities field description" of ECS, `JobEntities` of SDRS, and a
/// few of other services. One that is missing, empty or of another type is `None`.
/// To collect an id from the whole job use [`Job::ids`](crate::Job::ids).
///
/// ```
/// use cloudjob::Job;
///
/// let job = Job::from_slice(br#"{"status":"RUNNING", "entities":{"server_id":"bae51750", "size":40}}"#)?;
/// assert_eq!(job.entities().server_id(), Some("bae51750"));
/// assert_eq!(job.entities().get("size").and_then(|size| size.as_u64()), Some(40));
/// # Ok::<(), cloudjob::error::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entities {
    shape: Shape,
    /// The JSON of it all, where a number in it would not be written as it was sent.
    exact: Option<ExactJson>,
}

impl Entities {
    /// An object. Of two members with one name the last one counts, in the place of the first.
    pub(crate) fn object(members: Vec<Member>) -> Self {
        Self { shape: Shape::Members(without_doubles(members)), exact: None }
    }

    /// Anything but an object.
    pub(crate) fn other(value: Value) -> Self {
        let shape = if value.is_null() { Shape::Nothing } else { Shape::Other(value) };
        Self { shape, exact: None }
    }

    /// Nothing is in it: absent, null, an object without members, an empty array or text.
    pub fn is_empty(&self) -> bool {
        match &self.shape {
            Shape::Nothing => true,
            Shape::Members(members) => members.is_empty(),
            Shape::Other(Value::Array(values)) => values.is_empty(),
            Shape::Other(value) => value.as_str().is_some_and(str::is_empty),
        }
    }

    /// The text that the entities are in place of an object, if it is not blank.
    pub fn as_text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Other(Value::String(text)) => Some(text.as_str()).filter(|text| !text.trim().is_empty()),
            _ => None,
        }
    }

    /// The member with this name, whatever its type.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The members in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let members = match &self.shape {
            Shape::Members(members) => members.as_slice(),
            Shape::Nothing | Shape::Other(_) => &[],
        };
        members.iter().map(|(name, value)| (&**name, value))
    }

    /// A copy as one JSON value. It may sort the members; to keep their order, serialise the entities themselves.
    pub fn to_value(&self) -> Value {
        match &self.shape {
            Shape::Nothing => Value::Null,
            Shape::Members(members) => {
                members.iter().map(|(name, value)| (String::from(&**name), value.clone())).collect()
            }
            Shape::Other(value) => value.clone(),
        }
    }

    /// Calls `found` with the name and the text of every text or number in here, at any depth, blank ones left out.
    /// A name in `_ids` is given as `_id`, and its text once for each part between commas.
    pub(crate) fn each_text(&self, found: &mut dyn FnMut(&str, &str)) {
        match &self.shape {
            Shape::Nothing => {}
            Shape::Members(members) => {
                for (name, value) in members {
                    each_text(name, value, found);
                }
            }
            Shape::Other(value) => each_text("", value, found),
        }
    }
}

impl Serialize for Entities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(json) = &self.exact {
            return json.serialize(serializer);
        }
        match &self.shape {
            Shape::Nothing => serializer.serialize_unit(),
            Shape::Members(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Shape::Other(value) => value.serialize(serializer),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Shape {
    #[default]
    Nothing,
    Members(Vec<Member>),
    Other(Value),
}

impl Shape {
    /// Those of the members, or the one in place of an object.
    fn values(&self) -> impl Iterator<Item = &Value> {
        let (members, other) = match self {
            Self::Nothing => (&[][..], None),
            Self::Members(members) => (members.as_slice(), None),
            Self::Other(value) => (&[][..], Some(value)),
        };
        members.iter().map(|(_, value)| value).chain(other)
    }
}

/// Documented names are not copied.
pub(crate) type Member = (Cow<'static, str>, Value);

/// The values of an array have the name of the array.
fn each_text(name: &str, value: &Value, found: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => found(singular(name), &number.to_string()),
        Value::String(text) => {
            let many = singular(name) != name;
            for part in text.split(|c| many && c == ',').map(str::trim).filter(|part| !part.is_empty()) {
                found(singular(name), part);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| each_text(name, value, found)),
        Value::Object(members) => members.iter().for_each(|(name, value)| each_text(name, value, found)),
    }
}

/// `volume_ids` and `volume_id` name the same thing.
pub(crate) fn singular(name: &str) -> &str {
    if name.ends_with("_ids") { &name[..name.len() - 1] } else { name }
}

/// Of two members with one name the last one counts, in the place of the first.
fn without_doubles(members: Vec<Member>) -> Vec<Member> {
    let has_double = |(at, (name, _)): (usize, &Member)| members[..at].iter().any(|m| m.0 == *name);
    if members.len() <= FEW && !members.iter().enumerate().any(has_double) {
        return members;
    }
    let mut places = std::collections::HashMap::with_capacity(members.len());
    let mut kept: Vec<Member> = Vec::with_capacity(members.len());
    for (name, value) in members {
        match places.get(&name) {
            Some(&place) => {
                let (_, old): &mut Member = &mut kept[place];
                *old = value;
            }
            None => {
                places.insert(name.clone(), kept.len());
                kept.push((name, value));
            }
        }
    }
    kept
}

/// Up to so many members are compared one by one, which is faster than hashing them.
const FEW: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    pub(super) fn entities(members: &[(&str, Value)]) -> Entities {
        Entities::object(
            members.iter().map(|(name, value)| (Cow::from(name.to_string()), value.clone())).collect(),
        )
    }

    #[test]
    fn members_keep_their_order() {
        let sent = entities(&[("z", json!(1)), ("a", json!({"k": [1, 2]})), ("m", json!(null))]);
        assert_eq!(serde_json::to_string(&sent).unwrap(), r#"{"z":1,"a":{"k":[1,2]},"m":null}"#);
        assert_eq!(sent.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["z", "a", "m"]);
        assert_eq!(sent.to_value(), json!({"z": 1, "a": {"k": [1, 2]}, "m": null}));
    }

    #[test]
    fn the_last_of_two_members_with_one_name_counts_be_they_few_or_many() {
        for others in [1, 100] {
            let mut members = vec![(Cow::from("server_id"), json!("old"))];
            members.extend((0..others).map(|n| (Cow::from(format!("n{n}")), json!(n))));
            members.push((Cow::from("server_id"), json!("new")));
            let sent = Entities::object(members);
            assert_eq!(sent.server_id(), Some("new"));
            assert_eq!(sent.iter().count(), others + 1);
            assert_eq!(sent.iter().next().unwrap().0, "server_id");
        }
    }

    #[test]
    fn anything_but_an_object_has_no_members_and_is_kept() {
        for value in [json!([{"server_id": "a"}]), json!("text"), json!(5), json!(true)] {
            let sent = Entities::other(value.clone());
            assert_eq!(sent.iter().count(), 0);
            assert_eq!(sent.server_id(), None);
            assert!(!sent.is_empty(), "{value}");
            assert_eq!(sent.to_value(), value);
            assert_eq!(serde_json::to_value(&sent).unwrap(), value);
        }
        for value in [json!(null), json!([]), json!("")] {
            assert!(Entities::other(value.clone()).is_empty());
            assert_eq!(Entities::other(value.clone()).to_value(), value);
        }
        assert!(Entities::default().is_empty() && entities(&[]).is_empty());
        assert_eq!(serde_json::to_string(&Entities::default()).unwrap(), "null");
    }
}
