//! The text of a clouds file, YAML or JSON, read into its named members; what nobody asks for is skipped.
//!
//! Scalars are taken as they are written, so a password of `012345` stays one. The parsers' own messages quote the
//! text around a fault, so only the line is taken from them.

use std::fmt;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::key::Sourced;
use crate::util::secret::Secret;

/// A member: a text with the file it stands in, a list of such, or members by name.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Text(Secret, Rc<str>),
    List(Vec<Self>),
    Map(Members),
}

/// Members by name, sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, Node)>);

impl Members {
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.place(name).ok().map(|place| &self.0[place].1)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Node> {
        self.place(name).ok().map(|place| self.0.remove(place).1)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Of two with one name the last one counts.
    fn insert(&mut self, name: String, node: Node) {
        match self.place(&name) {
            Ok(place) => self.0[place].1 = node,
            Err(place) => self.0.insert(place, (name, node)),
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl Node {
    /// The text at a path like `auth.password`; of a list its first one.
    pub(crate) fn text(&self, path: &str, cloud: &str) -> Option<Sourced<Secret>> {
        let node = path.split('.').try_fold(self, |node, name| match node {
            Self::Map(members) => members.get(name),
            _ => None,
        })?;
        let node = match node {
            Self::List(items) => items.first()?,
            node => node,
        };
        match node {
            Self::Text(text, file) => Some(Sourced::new(text.clone(), format!("{file}:{cloud}:{path}"))),
            _ => None,
        }
    }

    /// The names of its members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let members = if let Self::Map(members) = self { &*members.0 } else { &[] };
        members.iter().map(|(name, _)| name.as_str())
    }

    /// The members of the member of that name.
    pub(crate) fn into_member(self, name: &str) -> Option<Members> {
        let Self::Map(mut members) = self else {
            return None;
        };
        match members.remove(name)? {
            Self::Map(members) => Some(members),
            _ => None,
        }
    }

    /// Lays another node over this one, member by member.
    pub(crate) fn overlay(&mut self, over: Self) {
        match (self, over) {
            (Self::Map(members), Self::Map(over)) => {
                for (name, node) in over.0 {
                    match members.place(&name) {
                        Ok(place) => members.0[place].1.overlay(node),
                        Err(place) => members.0.insert(place, (name, node)),
                    }
                }
            }
            (this, over) => *this = over,
        }
    }
}

/// Says of a path (`profile`, `auth.username`) whether it is wanted.
pub(crate) type Wanted = fn(&str) -> bool;

/// A file that is not in its format: the line, where the parser knows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    pub(crate) line: Option<u64>,
}

/// Reads JSON.
pub(crate) fn json(text: &str, file: &Rc<str>, wanted: Wanted) -> Result<Node, Fault> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Part { shape: Shape::File, wanted, file, as_written: false }
        .deserialize(&mut reader)
        .and_then(|node| reader.end().map(|()| node))
        .map(|node| node.unwrap_or_else(|| Node::Map(Members::default())))
        .map_err(|error| Fault { line: u64::try_from(error.line()).ok().filter(|line| *line > 0) })
}

/// Reads YAML.
#[cfg(feature = "yaml")]
pub(crate) fn yaml(text: &str, file: &Rc<str>, wanted: Wanted) -> Result<Node, Fault> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |reader| {
        Part { shape: Shape::File, wanted, file, as_written: true }.deserialize(reader)
    })
    .map(|node| node.unwrap_or_else(|| Node::Map(Members::default())))
    .map_err(|error| Fault { line: error.location().map(|place| place.line()).filter(|line| *line > 0) })
}

/// Which part of the file is being read, and so what may stand there.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Shape {
    File,
    Clouds,
    Cloud,
    Auth,
    Regions,
    Region,
    Text,
}

impl Shape {
    const fn is_map(self) -> bool {
        matches!(self, Self::File | Self::Clouds | Self::Cloud | Self::Auth)
    }
}

/// One part of the file, as a reader of it.
#[derive(Clone, Copy)]
struct Part<'a> {
    shape: Shape,
    wanted: Wanted,
    file: &'a Rc<str>,
    /// The reader gives any scalar as it is written when asked for a text. That of JSON does not: it gives numbers as
    /// numbers.
    as_written: bool,
}

impl Part<'_> {
    fn member(self, name: &str) -> Option<Self> {
        let shape = match self.shape {
            Shape::File if name == "clouds" => Shape::Clouds,
            Shape::Clouds => Shape::Cloud,
            Shape::Cloud if name == "auth" => Shape::Auth,
            Shape::Cloud if name == "regions" => Shape::Regions,
            Shape::Cloud if (self.wanted)(name) => Shape::Text,
            Shape::Auth if (self.wanted)(&format!("auth.{name}")) => Shape::Text,
            _ => return None,
        };
        Some(Self { shape, ..self })
    }
}

/// Nothing, for a member without a value.
impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Option<Node>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Option<Node>, D::Error> {
        reader.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Option<Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.shape {
            Shape::Regions => "a list",
            Shape::Region | Shape::Text => "a text",
            _ => "members by name",
        })
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Option<Node>, D::Error> {
        match self.shape {
            Shape::File | Shape::Clouds | Shape::Cloud | Shape::Auth => reader.deserialize_map(self),
            Shape::Regions => reader.deserialize_seq(self),
            Shape::Text if self.as_written => reader.deserialize_string(self),
            Shape::Region | Shape::Text => reader.deserialize_any(self),
        }
    }

    fn visit_none<E: Error>(self) -> Result<Option<Node>, E> {
        Ok((self.shape.is_map() && self.shape != Shape::File).then(|| Node::Map(Members::default())))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Node>, E> {
        self.visit_none()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Node>, E> {
        match self.shape {
            Shape::Region | Shape::Text => Ok(Some(Node::Text(Secret::new(text), Rc::clone(self.file)))),
            _ => Err(E::custom("a text stands where it may not")),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<Node>, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Option<Node>, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Option<Node>, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Option<Node>, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Option<Node>, A::Error> {
        if self.shape != Shape::Regions {
            return Err(A::Error::custom("a list stands where it may not"));
        }
        let mut nodes = Vec::new();
        while let Some(node) = items.next_element_seed(Part { shape: Shape::Region, ..self })? {
            nodes.extend(node);
        }
        Ok(Some(Node::List(nodes)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Option<Node>, A::Error> {
        let mut nodes = Members::default();
        while let Some(name) = members.next_key::<String>()? {
            // A region is its name, or members one of which is its name.
            let member = match self.shape {
                Shape::Region => (name == "name").then_some(Part { shape: Shape::Text, ..self }),
                _ => self.member(&name),
            };
            match member {
                Some(part) => {
                    if let Some(node) = members.next_value_seed(part)? {
                        nodes.insert(name, node);
                    }
                }
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(match self.shape {
            Shape::Region => nodes.remove("name"),
            Shape::Text | Shape::Regions => return Err(A::Error::custom("members stand where they may not")),
            _ => Some(Node::Map(nodes)),
        })
    }
}
