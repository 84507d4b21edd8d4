//! The traits of the public types. A type that is added, or that gains a trait, gets its word here.

use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use cloudjob::error::{
    ApiError, CredentialsError, DecodeError, EndpointError, Failure, JobIdError, PollError, SubmitError,
    TransportError, TransportErrorKind,
};
use cloudjob::poll::{Decision, PollResult, Response, WaitEnd};
use cloudjob::{
    Backoff, CancelToken, Client, ClientConfig, Credentials, Endpoint, Entities, Error, ErrorKind, Job,
    JobId, Login, Outcome, Progress, Service, Status, Timestamp,
};

/// Holds at compile time: each type has each of these traits.
macro_rules! has {
    ($($type:ty),+ : $($bound:tt)+) => {{
        fn check<T: $($bound)+>() {}
        $(check::<$type>();)+
    }};
}

#[test]
fn all_public_types_can_be_sent_shared_and_debugged() {
    has!(
        ApiError, Backoff, CancelToken, Client, ClientConfig, Credentials, CredentialsError, Decision, DecodeError,
        Endpoint, EndpointError, Entities, Error, ErrorKind, Failure<'static>, Job, JobId, JobIdError, Login, Outcome,
        PollError, PollResult, Progress, Response, Service, Status, SubmitError, Timestamp, TransportError,
        TransportErrorKind, WaitEnd:
        Send + Sync + Unpin + Debug
    );
}

#[test]
fn values_can_be_cloned() {
    has!(
        ApiError, Backoff, CancelToken, Client, ClientConfig, Credentials, CredentialsError, DecodeError, Endpoint,
        EndpointError, Entities, Error, Failure<'static>, Job, JobId, JobIdError, Outcome, PollError, PollResult,
        Response, Status, SubmitError, Timestamp, TransportError:
        Clone
    );
    has!(Outcome, PollResult, Progress, Response: PartialEq);
    has!(Decision, ErrorKind, Service, TransportErrorKind, WaitEnd: Copy);
}

#[test]
fn errors_are_errors_that_can_be_compared_and_outlive_their_call() {
    has!(
        ApiError, CredentialsError, DecodeError, EndpointError, JobIdError, PollError, SubmitError, TransportError:
        StdError + Display + Clone + Eq + Send + Sync + 'static
    );
    has!(Error: StdError + Display + Clone + PartialEq + Send + Sync + 'static);
    has!(Error: From<JobIdError> + From<SubmitError> + From<EndpointError> + From<CredentialsError>);
    has!(PollError: From<ApiError> + From<DecodeError> + From<TransportError>);
    has!(Box<dyn StdError + Send + Sync>: From<Error> + From<SubmitError>);
}

#[test]
fn kinds_are_small_ordered_and_have_words() {
    has!(ErrorKind, TransportErrorKind: Copy + Eq + Ord + Hash + Display + Debug);
    has!(Decision, WaitEnd: Copy + Eq + Debug);
}

#[test]
fn names_and_ids_are_texts() {
    has!(JobId: Eq + Ord + Hash + Display + FromStr + AsRef<str>);
    has!(Service: Copy + Eq + Hash + Display + FromStr);
    has!(Status: Eq + Hash + Display + for<'a> From<&'a str>);
}

#[test]
fn debug_of_an_error_is_its_text() {
    fn check(error: &impl StdError) {
        assert_eq!(format!("{error:?}"), error.to_string());
    }
    let id = "a b".parse::<JobId>().unwrap_err();
    check(&id);
    check(&Error::from(id));
    check(&JobId::from_submit_response(b"{}").unwrap_err());
    check(&Endpoint::new("ftp://h", "p").unwrap_err());
    check(&Credentials::token("").unwrap_err());
    check(&Job::from_slice(b"").unwrap_err());
    let rejected = PollResult::from(Response::new(403, r#"{"error_code":"Ecs.0003","error_msg":"no"}"#));
    check(rejected.error().unwrap());
    check(rejected.error().unwrap().api_error().unwrap());
}

/// A `main` that returns its error shows a text and no structure.
#[test]
fn a_main_that_returns_its_error_shows_a_text() {
    let failing = || -> Result<(), Box<dyn StdError>> {
        let id: JobId = "../v2".parse()?;
        drop(id);
        Ok(())
    };
    let shown = format!("Error: {:?}", failing().unwrap_err());
    assert_eq!(shown, "Error: `../v2` is not a job id: only A-Z a-z 0-9 - _ . are allowed in it");
}
