//! Numbers as they were sent: no digit is lost, neither in a value nor in the JSON.

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

use super::{Entities, Shape};
use crate::util::json::{NUMBER_MARK, has_float, replace_marks};

impl Entities {
    /// A number in it has a fraction, an exponent, or more than 64 bits.
    pub(crate) fn has_floats(&self) -> bool {
        self.shape.values().any(has_float)
    }

    /// The texts that are marked as numbers become numbers, or texts of their digits where no number has them all; the
    /// JSON of it keeps the digits as they were sent.
    pub(crate) fn drop_marks(&mut self) {
        if self.shape.values().any(has_mark) {
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
                Shape::Members(members) => {
                    members.iter_mut().for_each(|(_, value)| replace_marks(value, number));
                }
                Shape::Other(value) => replace_marks(value, number),
            }
        }
    }
}

/// JSON text. Equal if the texts are. One word long, because nearly all entities have none.
#[derive(Clone, Debug)]
pub(super) struct ExactJson(Box<Box<RawValue>>);

impl PartialEq for ExactJson {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for ExactJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
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

/// The number with these digits, or a text of them where no number has them all.
fn number(digits: &str) -> Value {
    // The parser of the standard library is exact, that of serde_json is not.
    let number = digits.parse().ok().and_then(Number::from_f64);
    let number = number.filter(|number| same_number(digits, &number.to_string()));
    number.map_or_else(|| digits.into(), Value::Number)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_where_it_has_all_digits() {
        for (digits, expected) in [
            ("0.20", Value::from(0.2)),
            ("1.50e3", Value::from(1500.0)),
            ("0.0e9", Value::from(0.0)),
            ("-12.25", Value::from(-12.25)),
            ("1e400", Value::from("1e400")),
            ("0.1234567890123456789", Value::from("0.1234567890123456789")),
            ("123456789012345678901", Value::from("123456789012345678901")),
        ] {
            assert_eq!(number(digits), expected, "{digits}");
            let mut entities = Entities::other(format!("{NUMBER_MARK}{digits}").into());
            entities.drop_marks();
            assert_eq!(entities.to_value(), expected, "{digits}");
            assert_eq!(serde_json::to_string(&entities).unwrap(), digits);
        }
    }
}
