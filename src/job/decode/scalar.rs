//! Members that should be a text and may be anything.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::context::Context;
use crate::job::status::Status;
use crate::job::timestamp::Timestamp;
use crate::job::{SentId, is_blank};
use crate::util::json::NUMBER_MARK;

/// What is made of the text of a member. Nothing (`default`) where it is null, an object or an array.
pub(super) trait FromText: Default {
    fn from_text(text: &str, context: &Context) -> Self;

    /// What is made of a number or a boolean.
    fn from_other(text: &str, context: &Context) -> Self {
        Self::from_text(text, context)
    }
}

/// A blank text is none.
impl FromText for Option<Box<str>> {
    fn from_text(text: &str, _: &Context) -> Self {
        (!is_blank(text)).then(|| text.into())
    }
}

impl FromText for Option<Arc<str>> {
    fn from_text(text: &str, context: &Context) -> Self {
        (!is_blank(text)).then(|| context.shared(text))
    }
}

impl FromText for Option<SentId> {
    fn from_text(text: &str, _: &Context) -> Self {
        SentId::new(text)
    }
}

impl FromText for Option<Timestamp> {
    fn from_text(text: &str, _: &Context) -> Self {
        Timestamp::new(text)
    }
}

/// A status, and how it was spelled where the canonical word is another one.
pub(super) struct Word {
    pub(super) status: Status,
    pub(super) spelling: Option<Box<str>>,
}

impl Default for Word {
    fn default() -> Self {
        Self { status: Status::Unknown(Box::default()), spelling: None }
    }
}

impl FromText for Word {
    fn from_text(text: &str, _: &Context) -> Self {
        if is_blank(text) {
            return Self::default();
        }
        let status = Status::from(text);
        let spelling = (status.as_str() != text).then(|| text.into());
        Self { status, spelling }
    }

    /// A number is not a status: it means something else in each service that has one.
    fn from_other(_: &str, _: &Context) -> Self {
        Self::default()
    }
}

/// Reads a text; numbers and booleans as their text.
pub(super) struct Text<'a, T>(&'a Context, PhantomData<T>);

impl<'a, T: FromText> Text<'a, T> {
    pub(super) const fn seed(context: &'a Context) -> Self {
        Self(context, PhantomData)
    }
}

impl<'de, T: FromText> DeserializeSeed<'de> for Text<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: FromText> Visitor<'de> for Text<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(text
            .strip_prefix(NUMBER_MARK)
            .map_or_else(|| T::from_text(text, self.0), |digits| T::from_other(digits, self.0)))
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        Ok(T::from_other(if value { "true" } else { "false" }, self.0))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok(T::from_other(&number.to_string(), self.0))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok(T::from_other(&number.to_string(), self.0))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.0.note_float();
        Ok(Number::from_f64(number)
            .map_or_else(T::default, |number| T::from_other(&number.to_string(), self.0)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }
}
