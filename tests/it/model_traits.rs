//! The traits that programs expect of the types of the data model.

use std::borrow::Borrow;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use cloudjob::error::{DecodeError, EndpointError, Failure, JobIdError};
use cloudjob::{Endpoint, Entities, Job, JobId, Service, Status, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

const fn shared<T: Send + Sync + Debug + Clone + Unpin + 'static>() {}
const fn key<T: Eq + Ord + Hash + Display>() {}
const fn text<T: FromStr + AsRef<str> + PartialEq<str> + for<'a> PartialEq<&'a str>>() {}
const fn written<T: Serialize>() {}
const fn read_back<T: DeserializeOwned>() {}
const fn error<T: std::error::Error + PartialEq>() {}

const fn converted<T, U: TryFrom<T>>() {}

#[test]
fn every_type_of_the_model_has_its_traits() {
    shared::<DecodeError>();
    shared::<Endpoint>();
    shared::<EndpointError>();
    shared::<Entities>();
    shared::<Failure<'static>>();
    shared::<Job>();
    shared::<JobId>();
    shared::<JobIdError>();
    shared::<Service>();
    shared::<Status>();
    shared::<Timestamp>();
    key::<Endpoint>();
    key::<JobId>();
    key::<Service>();
    key::<Status>();
    text::<JobId>();
    text::<Status>();
    text::<Timestamp>();
    written::<Entities>();
    written::<Job>();
    written::<JobId>();
    written::<Status>();
    written::<Timestamp>();
    read_back::<Job>();
    read_back::<JobId>();
    read_back::<Status>();
    read_back::<Timestamp>();
    error::<DecodeError>();
    error::<EndpointError>();
    error::<JobIdError>();
    let _: fn(&JobId) -> &str = Borrow::borrow;
    converted::<&str, JobId>();
    converted::<String, JobId>();
    converted::<&str, Service>();
}

#[test]
fn the_crates_of_the_api_are_there() {
    use cloudjob::{serde_json as json, time as moment};

    let job =
        Job::from_slice(br#"{"status":"INIT","begin_time":"1970-01-01T00:00:01Z","entities":{"size":40}}"#)
            .unwrap();
    let size: Option<&json::Value> = job.entities().get("size");
    assert_eq!(size, Some(&json::json!(40)));
    let begin: Option<moment::OffsetDateTime> = job.begin_time().and_then(Timestamp::instant);
    assert_eq!(begin.unwrap().unix_timestamp(), 1);
}
