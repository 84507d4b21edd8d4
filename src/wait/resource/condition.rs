//! Conditions on values in a JSON body.

use std::cmp::Reverse;
use std::fmt;

use serde_json::Value;

use crate::util::sanitize::single_line;

/// Pointers, each with the values that are accepted there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Conditions(Vec<Condition>);

#[derive(Clone, Debug, PartialEq)]
struct Condition {
    pointer: String,
    accepted: Vec<String>,
    /// Whether a body that does not have it is accepted too.
    is_optional: bool,
}

impl Conditions {
    pub(super) fn add<V: Into<String>>(&mut self, pointer: &str, values: impl IntoIterator<Item = V>) {
        let values = values.into_iter().map(Into::into);
        match self.0.iter_mut().find(|known| known.pointer == pointer) {
            Some(known) => known.accepted.extend(values),
            None => self.0.push(Condition {
                pointer: pointer.to_owned(),
                accepted: values.collect(),
                is_optional: false,
            }),
        }
    }

    /// Makes the condition that was added last hold where there is no such value.
    pub(super) fn or_missing(&mut self) {
        if let Some(last) = self.0.last_mut() {
            last.is_optional = true;
        }
    }

    pub(super) fn all_hold(&self, body: &Value) -> bool {
        self.0.iter().all(|condition| condition.holds(body))
    }

    pub(super) fn any_holds(&self, body: &Value) -> bool {
        self.holding_pointer(body).is_some()
    }

    /// The first pointer whose condition holds.
    pub(super) fn holding_pointer(&self, body: &Value) -> Option<&str> {
        self.0.iter().find(|condition| condition.holds(body)).map(|condition| condition.pointer.as_str())
    }

    pub(super) fn first_pointer(&self) -> Option<&str> {
        self.0.first().map(|condition| condition.pointer.as_str())
    }

    /// A pointer that is not one: the empty pointer is the whole body, every other one begins with `/`,
    /// and `~` stands only in `~0` and `~1` (RFC 6901).
    pub(super) fn bad_pointer(&self) -> Option<&str> {
        let mut pointers = self.0.iter().map(|condition| condition.pointer.as_str());
        pointers.find(|pointer| {
            let has_bad_escape = pointer.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']));
            !pointer.is_empty() && !pointer.starts_with('/') || has_bad_escape
        })
    }

    /// What the body lacks, and what stands there instead: `the response has no /volume/state: /volume has id, status`.
    pub(super) fn missing(&self, body: &Value) -> Option<String> {
        let mut required = self.0.iter().filter(|condition| !condition.is_optional);
        let pointer = &required.find(|condition| body.pointer(&condition.pointer).is_none())?.pointer;
        let places = pointer.match_indices('/').map(|(at, _)| at);
        let (place, inner) = places.rev().find_map(|at| Some((at, body.pointer(&pointer[..at])?)))?;
        let name = pointer[place + 1..].split('/').next().unwrap_or_default();
        let has = match inner {
            Value::Object(members) if !members.is_empty() => {
                let mut names: Vec<_> = members.keys().map(String::as_str).collect();
                names.sort_by_key(|other| Reverse(likeness(name, other)));
                let more = if names.len() > NEAR { ", …" } else { "" };
                names.truncate(NEAR);
                format!("has {}{more}", single_line(&names.join(", "), 200))
            }
            Value::Object(_) => "is empty".to_owned(),
            Value::Array(elements) => format!("is a list of {}", elements.len()),
            other => format!("is {}", pointer_text(other)),
        };
        let inner = if place == 0 { "it" } else { &pointer[..place] };
        Some(format!("the response has no {}: {} {has}", single_line(pointer, 80), single_line(inner, 80)))
    }
}

/// How many characters at the beginning are the same.
fn likeness(one: &str, other: &str) -> usize {
    let same = |(one, other): &(char, char)| one.eq_ignore_ascii_case(other);
    one.chars().zip(other.chars()).take_while(same).count()
}

/// So many names of members are shown.
const NEAR: usize = 6;

impl fmt::Display for Conditions {
    /// `/volume/status available or in-use`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Condition { pointer, accepted, .. }) in self.0.iter().enumerate() {
            let gap = if number == 0 { "" } else { ", " };
            write!(f, "{gap}{} {}", single_line(pointer, 80), single_line(&accepted.join(" or "), 120))?;
        }
        Ok(())
    }
}

impl Condition {
    fn holds(&self, body: &Value) -> bool {
        match body.pointer(&self.pointer) {
            Some(value) => self.accepted.iter().any(|accepted| is_accepted(accepted, value)),
            None => self.is_optional,
        }
    }
}

fn is_accepted(accepted: &str, value: &Value) -> bool {
    let matches = |text: &str| match accepted.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => text == accepted,
    };
    match value {
        Value::String(text) => matches(text),
        Value::Array(_) | Value::Object(_) => false,
        other => matches(&other.to_string()),
    }
}

/// A value for people, in one line.
pub(super) fn pointer_text(value: &Value) -> String {
    match value {
        Value::String(text) => single_line(text, 80),
        other => single_line(&other.to_string(), 80),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_holds_for_texts_numbers_and_missing_values() {
        let body =
            json!({"status": "error_deleting", "code": 200, "ok": true, "list": [{"a~b": "x"}], "no": null});
        for (pointer, accepted, expected) in [
            ("/status", "error_deleting", true),
            ("/status", "error", false),
            ("/status", "error*", true),
            ("/status", "*", true),
            ("/status", "Error_Deleting", false),
            ("/code", "200", true),
            ("/code", "20", false),
            ("/ok", "true", true),
            ("/no", "null", true),
            ("/missing", "null", false),
            ("/missing", "*", false),
            ("/status/x", "null", false),
            ("/list/1", "null", false),
            ("/list", "*", false),
            ("/list/0/a~0b", "x", true),
            ("/list/1/a", "x", false),
        ] {
            let mut conditions = Conditions::default();
            conditions.add(pointer, [accepted]);
            assert_eq!(conditions.any_holds(&body), expected, "{pointer} {accepted}");
            assert_eq!(conditions.all_hold(&body), expected, "{pointer} {accepted}");
        }
        assert!(Conditions::default().all_hold(&body) && !Conditions::default().any_holds(&body));
    }

    #[test]
    fn a_value_that_is_not_there_is_named_with_what_is() {
        let body = json!({"volume": {"id": "b1", "size": 1, "status": "x", "a": 1, "b": 1, "c": 1, "d": 1}, "list": [1],
            "empty": {}});
        for (pointer, expected) in [
            ("/volume/status", None),
            ("/volume/State", Some("/volume/State: /volume has status, size, a, b, c, d, …")),
            ("/Volume/status/x", Some("/Volume/status/x: it has volume, empty, list")),
            ("/list/1", Some("/list/1: /list is a list of 1")),
            ("/empty/a", Some("/empty/a: /empty is empty")),
            ("/volume/id/x", Some("/volume/id/x: /volume/id is b1")),
        ] {
            let mut conditions = Conditions::default();
            conditions.add(pointer, ["null"]);
            let expected = expected.map(|text| format!("the response has no {text}"));
            assert_eq!(conditions.missing(&body), expected);
            assert!(!conditions.any_holds(&body));
            conditions.or_missing();
            assert_eq!(
                (conditions.missing(&body), conditions.all_hold(&body)),
                (None, pointer != "/volume/status")
            );
        }
    }

    #[test]
    fn conditions_on_one_pointer_are_alternatives_and_on_several_must_all_hold() {
        let mut conditions = Conditions::default();
        conditions.add("/a", ["1"]);
        conditions.add("/a", ["2", "3"]);
        conditions.add("/b", ["x"]);
        assert_eq!(conditions.to_string(), "/a 1 or 2 or 3, /b x");
        for (body, all, any) in [
            (json!({"a": 3, "b": "x"}), true, true),
            (json!({"a": 3, "b": "y"}), false, true),
            (json!({"a": 4, "b": "y"}), false, false),
        ] {
            assert_eq!((conditions.all_hold(&body), conditions.any_holds(&body)), (all, any), "{body}");
        }
        assert_eq!(conditions.bad_pointer(), None);
        conditions.add("b", ["x"]);
        assert_eq!(conditions.bad_pointer(), Some("b"));
        for (pointer, is_bad) in [
            ("", false),
            ("/a~0b/~1~01", false),
            ("/~", true),
            ("/a~", true),
            ("/a~2", true),
            ("/~0~~1", true),
            ("~0", true),
        ] {
            let mut conditions = Conditions::default();
            conditions.add(pointer, ["x"]);
            assert_eq!(conditions.bad_pointer().is_some(), is_bad, "{pointer}");
        }
    }
}
