//! The ids and values a job names: what it works on, and what it made.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

use crate::util::json::NUMBER_MARK;

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

#[derive(Clone, Debug, Default, PartialEq)]
enum Shape {
    #[default]
    Nothing,
    Members(Vec<Member>),
    Other(Value),
}

/// Documented names are not copied.
pub(crate) type Member = (Cow<'static, str>, Value);

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

    /// Any number in it has a fraction, an exponent, or more than 64 bits.
    pub(crate) fn has_floats(&self) -> bool {
        match &self.shape {
            Shape::Nothing => false,
            Shape::Members(members) => members.iter().any(|(_, value)| has_floats(value)),
            Shape::Other(value) => has_floats(value),
        }
    }

    /// The texts that are marked as numbers become numbers, or texts of their digits where no number has them all; the
    /// JSON of it keeps the digits as they were sent.
    pub(crate) fn drop_marks(&mut self) {
        let has_mark = match &self.shape {
            Shape::Nothing => false,
            Shape::Members(members) => members.iter().any(|(_, value)| has_mark(value)),
            Shape::Other(value) => has_mark(value),
        };
        if has_mark {
            let mut json = String::new();
            match &self.shape {
                Shape::Nothing => {}
                Shape::Members(members) => {
                    write_object(members.iter().map(|(name, value)| (&**name, value)), &mut json);
                }
                Shape::Other(value) => write_unmarked(value, &mut json),
            }
            self.exact = RawValue::from_string(json).ok().map(|json| ExactJson(Box::new(json)));
            match &mut self.shape {
                Shape::Nothing => {}
                Shape::Members(members) => members.iter_mut().for_each(|(_, value)| unmark(value)),
                Shape::Other(value) => unmark(value),
            }
        }
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

    /// `server_id`: the server (ECS, BMS).
    pub fn server_id(&self) -> Option<&str> {
        self.text("server_id")
    }

    /// `nic_id`: the network card (ECS, BMS, SDRS).
    pub fn nic_id(&self) -> Option<&str> {
        self.text("nic_id")
    }

    /// `errorcode_message`: the cause of a sub-job's failure (ECS), often JSON in a text.
    /// [`Job::reason`](crate::Job::reason) gives the readable message inside.
    pub fn errorcode_message(&self) -> Option<&str> {
        self.text("errorcode_message")
    }

    /// `replication_pair_id`: the replication pair (SDRS).
    pub fn replication_pair_id(&self) -> Option<&str> {
        self.text("replication_pair_id")
    }

    /// `volume_ids`: the disks of a replication pair (SDRS), from an array or from one text with commas.
    pub fn volume_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        if let Some(value) = self.get("volume_ids") {
            each_text("volume_ids", value, &mut |name, id| {
                if name == "volume_id" {
                    ids.push(id.to_owned());
                }
            });
        }
        ids
    }

    /// `server_group_id`: the protection group (SDRS).
    pub fn server_group_id(&self) -> Option<&str> {
        self.text("server_group_id")
    }

    /// `protected_instance_id`: the protected instance (SDRS).
    pub fn protected_instance_id(&self) -> Option<&str> {
        self.text("protected_instance_id")
    }

    /// `native_server_id`: the server at the disaster recovery site (SDRS).
    pub fn native_server_id(&self) -> Option<&str> {
        self.text("native_server_id")
    }

    /// `image_id`: the image (IMS).
    pub fn image_id(&self) -> Option<&str> {
        self.text("image_id")
    }

    /// `volume_id`: the disk (EVS, VBS).
    pub fn volume_id(&self) -> Option<&str> {
        self.text("volume_id")
    }

    /// `process_percent`: the share that is done (IMS), as it was sent: 0.2 for a fifth, in all documents.
    pub fn process_percent(&self) -> Option<f64> {
        match self.get("process_percent")? {
            Value::String(text) => text.trim().parse().ok().filter(|percent: &f64| percent.is_finite()),
            value => value.as_f64(),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.trim().is_empty())
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
        if let Some(ExactJson(json)) = &self.exact {
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

/// JSON text. Equal if the texts are. One word long, because nearly all entities have none.
#[derive(Clone, Debug)]
struct ExactJson(Box<Box<RawValue>>);

impl PartialEq for ExactJson {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// Any number in it has a fraction, an exponent, or more than 64 bits.
fn has_floats(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => false,
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_floats),
        Value::Object(members) => members.values().any(has_floats),
    }
}

fn has_mark(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.starts_with(NUMBER_MARK),
        Value::Array(values) => values.iter().any(has_mark),
        Value::Object(members) => members.values().any(has_mark),
    }
}

fn unmark(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            if let Some(digits) = text.strip_prefix(NUMBER_MARK) {
                // The parser of the standard library is exact, that of serde_json is not.
                let number = digits.parse().ok().and_then(Number::from_f64);
                let number = number.filter(|number| same_number(digits, &number.to_string()));
                *value = number.map_or_else(|| digits.into(), Value::Number);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(unmark),
        Value::Object(members) => members.values_mut().for_each(unmark),
    }
}

/// Writes JSON in which what is marked as a number is a number.
fn write_unmarked(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        Value::String(text) => match text.strip_prefix(NUMBER_MARK) {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) => {
                out.push_str(digits);
            }
            _ => out.push_str(&value.to_string()),
        },
        Value::Array(values) => {
            out.push('[');
            for (count, value) in values.iter().enumerate() {
                out.push_str(if count > 0 { "," } else { "" });
                write_unmarked(value, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            write_object(members.iter().map(|(name, value)| (name.as_str(), value)), out);
        }
    }
}

fn write_object<'a>(members: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut String) {
    out.push('{');
    for (count, (name, value)) in members.enumerate() {
        out.push_str(if count > 0 { "," } else { "" });
        out.push_str(&Value::from(name).to_string());
        out.push(':');
        write_unmarked(value, out);
    }
    out.push('}');
}

/// Two spellings of one number: `0.20` and `0.2`.
fn same_number(one: &str, other: &str) -> bool {
    decimal(one).is_some_and(|one| Some(one) == decimal(other))
}

/// Sign, digits without zeros at either end, and the power of ten of the last one.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let without_tail = digits.trim_end_matches('0');
    let significant = without_tail.trim_start_matches('0');
    if significant.is_empty() {
        return Some((negative, String::new(), 0));
    }
    let length = |text: &str| i64::try_from(text.len()).ok();
    let tail = length(&digits)? - length(without_tail)?;
    let exponent = exponent.parse::<i64>().ok()?.checked_add(tail)?.checked_sub(length(fraction)?)?;
    Some((negative, significant.to_owned(), exponent))
}

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

    fn entities(members: &[(&str, Value)]) -> Entities {
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

    #[test]
    fn every_documented_member_has_an_accessor() {
        type Accessor = fn(&Entities) -> Option<&str>;
        let accessors: [(&str, Accessor); 9] = [
            ("server_id", Entities::server_id),
            ("nic_id", Entities::nic_id),
            ("errorcode_message", Entities::errorcode_message),
            ("replication_pair_id", Entities::replication_pair_id),
            ("server_group_id", Entities::server_group_id),
            ("protected_instance_id", Entities::protected_instance_id),
            ("native_server_id", Entities::native_server_id),
            ("image_id", Entities::image_id),
            ("volume_id", Entities::volume_id),
        ];
        for (name, accessor) in accessors {
            assert_eq!(accessor(&entities(&[(name, json!("x-1"))])), Some("x-1"), "{name}");
            for none in [json!(""), json!(" "), json!(null), json!(7), json!({}), json!(["x"])] {
                assert_eq!(accessor(&entities(&[(name, none)])), None, "{name}");
            }
            assert_eq!(accessor(&Entities::default()), None, "{name}");
        }
    }

    #[test]
    fn volume_ids_come_from_an_array_or_from_a_text_with_commas() {
        let of = |value| entities(&[("volume_ids", value)]).volume_ids();
        assert_eq!(of(json!("a, b,,c ")), ["a", "b", "c"]);
        assert_eq!(of(json!(["a", "", null, "b"])), ["a", "b"]);
        assert_eq!(of(json!("one")), ["one"]);
        assert!(of(json!(null)).is_empty() && of(json!({"x": "y"})).is_empty());
        assert!(Entities::default().volume_ids().is_empty());
    }

    #[test]
    fn the_percentage_is_a_number_or_a_numeric_text() {
        let of = |value| entities(&[("process_percent", value)]).process_percent();
        assert_eq!(of(json!(0.2)), Some(0.2));
        assert_eq!(of(json!(100)), Some(100.0));
        assert_eq!(of(json!("0.5")), Some(0.5));
        for none in [json!("half"), json!("NaN"), json!(null), json!([1])] {
            assert_eq!(of(none), None);
        }
    }
}
