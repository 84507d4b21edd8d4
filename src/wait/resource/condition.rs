//! Conditions on values in a JSON body.

use std::fmt;

use serde_json::Value;

use crate::util::sanitize::single_line;

/// Pointers, each with the values that are accepted there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Conditions(Vec<(String, Vec<String>)>);

impl Conditions {
    pub(super) fn add<V: Into<String>>(&mut self, pointer: &str, values: impl IntoIterator<Item = V>) {
        let values = values.into_iter().map(Into::into);
        match self.0.iter_mut().find(|(known, _)| known == pointer) {
            Some((_, accepted)) => accepted.extend(values),
            None => self.0.push((pointer.to_owned(), values.collect())),
        }
    }

    pub(super) fn all_hold(&self, body: &Value) -> bool {
        self.0.iter().all(|condition| holds(condition, body))
    }

    pub(super) fn any_holds(&self, body: &Value) -> bool {
        self.holding_pointer(body).is_some()
    }

    /// The first pointer whose condition holds.
    pub(super) fn holding_pointer(&self, body: &Value) -> Option<&str> {
        self.0.iter().find(|condition| holds(condition, body)).map(|(pointer, _)| pointer.as_str())
    }

    pub(super) fn first_pointer(&self) -> Option<&str> {
        self.0.first().map(|(pointer, _)| pointer.as_str())
    }

    /// A pointer that is not one: the empty pointer is the whole body, every other one begins with `/`.
    pub(super) fn bad_pointer(&self) -> Option<&str> {
        let pointers = self.0.iter().map(|(pointer, _)| pointer.as_str());
        pointers.into_iter().find(|pointer| !pointer.is_empty() && !pointer.starts_with('/'))
    }
}

impl fmt::Display for Conditions {
    /// `/volume/status available or in-use`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (pointer, values)) in self.0.iter().enumerate() {
            let gap = if number == 0 { "" } else { ", " };
            write!(f, "{gap}{} {}", single_line(pointer, 80), single_line(&values.join(" or "), 120))?;
        }
        Ok(())
    }
}

fn holds((pointer, accepted): &(String, Vec<String>), body: &Value) -> bool {
    let value = body.pointer(pointer).unwrap_or(&Value::Null);
    accepted.iter().any(|accepted| is_accepted(accepted, value))
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
            ("/missing", "null", true),
            ("/missing", "x", false),
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
    }
}
