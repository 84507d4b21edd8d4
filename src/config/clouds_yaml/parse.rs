//! The text of a clouds file, YAML or JSON (which is YAML), read into the members that are known.
//!
//! Scalars are kept as they are written, so that a password of `012345` stays one: serde's `flatten` and `untagged`
//! would read it as a number, which is why two of the types are not derived. The parser's own messages quote the text
//! around an error, so only the line is taken from them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::cloud::is_known;
use crate::util::secret::Secret;

/// A file with a member `clouds` or `public-clouds`.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct CloudsFile {
    /// `None` if the file has no such member.
    #[serde(default, deserialize_with = "some_clouds")]
    pub(crate) clouds: Option<BTreeMap<String, Cloud>>,
    /// In `clouds-public.yaml`: what all clouds of a provider have in common, by the name of its profile.
    #[serde(default, deserialize_with = "some_clouds", rename = "public-clouds")]
    pub(crate) profiles: Option<BTreeMap<String, Cloud>>,
}

/// One cloud, or the values of one region of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cloud {
    /// By name, and with `auth.` before the name for those in `auth`.
    pub(crate) members: BTreeMap<String, Secret>,
    pub(crate) regions: Option<Vec<Region>>,
}

/// A region of a cloud, with the members that are other than those of the cloud.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(crate) name: String,
    pub(crate) values: Cloud,
}

/// A file that is not in its format: the line, if it is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Malformed {
    pub(crate) line: Option<u64>,
}

/// Reads the text of a clouds file.
pub(crate) fn parse(text: &str) -> Result<CloudsFile, Malformed> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options::<Option<CloudsFile>>(text, options)
        .map(Option::unwrap_or_default)
        .map_err(|error| Malformed { line: error.location().map(|at| at.line()).filter(|line| *line > 0) })
}

/// A member that is there and null is a file without clouds.
fn some_clouds<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<BTreeMap<String, Cloud>>, D::Error> {
    let clouds = Option::<BTreeMap<String, Option<Cloud>>>::deserialize(reader)?.unwrap_or_default();
    Ok(Some(clouds.into_iter().map(|(name, cloud)| (name, cloud.unwrap_or_default())).collect()))
}

impl<'de> Deserialize<'de> for Cloud {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Members { prefix: "" })
    }
}

/// The members of `auth`.
struct Auth(Cloud);

impl<'de> Deserialize<'de> for Auth {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Members { prefix: "auth." }).map(Self)
    }
}

/// Reads the members whose names are known and skips the others, whatever they hold.
struct Members {
    prefix: &'static str,
}

impl<'de> Visitor<'de> for Members {
    type Value = Cloud;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("members by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cloud, A::Error> {
        let mut cloud = Cloud::default();
        while let Some(name) = map.next_key::<String>()? {
            // openstacksdk takes `auth-url` for `auth_url`.
            let path = format!("{}{}", self.prefix, name.replace('-', "_"));
            match path.as_str() {
                "auth" => {
                    let auth = map.next_value::<Option<Auth>>()?;
                    cloud.members.extend(auth.into_iter().flat_map(|auth| auth.0.members));
                }
                "regions" => cloud.regions = map.next_value()?,
                // A list of regions is the older form of `regions`.
                "region_name" => match map.next_value()? {
                    None => {}
                    Some(OneOrMore::One(name)) => {
                        cloud.members.insert(path, Secret::new(name));
                    }
                    Some(OneOrMore::More(regions)) => cloud.regions = cloud.regions.or(Some(regions)),
                },
                path if is_known(path) => {
                    if let Some(text) = map.next_value::<Option<String>>()? {
                        cloud.members.insert(path.to_owned(), Secret::new(text));
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(cloud)
    }
}

/// The value of `region_name`.
enum OneOrMore {
    One(String),
    More(Vec<Region>),
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = OneOrMore;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a region, or a list of names")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMore, E> {
                if !text.contains(',') {
                    return Ok(OneOrMore::One(text.to_owned()));
                }
                Ok(OneOrMore::More(text.split(',').map(|name| Region::named(name.trim())).collect()))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMore, A::Error> {
                let mut regions = Vec::new();
                while let Some(region) = items.next_element()? {
                    regions.push(region);
                }
                Ok(OneOrMore::More(regions))
            }
        }

        reader.deserialize_any(Names)
    }
}

impl Region {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), values: Cloud::default() }
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct NameOrMembers;

        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            name: String,
            #[serde(default)]
            values: Option<Cloud>,
        }

        impl<'de> Visitor<'de> for NameOrMembers {
            type Value = Region;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a region, or its name and values")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Region, E> {
                Ok(Region::named(name))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Region, A::Error> {
                let Named { name, values } =
                    Named::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Region { name, values: values.unwrap_or_default() })
            }
        }

        reader.deserialize_any(NameOrMembers)
    }
}
