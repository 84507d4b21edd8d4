//! What to do after an error.

use crate::error::api::ApiError;
use crate::error::poll::{NextStep, PollError, TransportErrorKind};
use crate::util::duration::format_duration;

/// After the service, or a login, rejected a request.
pub(super) fn after_rejection(api: &ApiError) -> String {
    if let Some(offset) = api.clock_offset().filter(|_| api.is_unauthorized()) {
        let direction = if offset.is_negative() { "behind" } else { "ahead of" };
        let amount = format_duration(offset.unsigned_abs());
        return format!("set the clock of this machine: it is {amount} {direction} that of the service");
    }
    let hint = if api.login {
        after_rejected_login(api)
    } else if api.is_not_found() {
        "check the id, the project, the region and the service"
    } else if api.is_unknown_endpoint() {
        "check the endpoint, the region and the service: there is no such API at this address"
    } else if api.is_unauthorized() {
        "check that the credentials are valid for this region and project: they are not tried again"
    } else if api.is_forbidden() {
        "check the permissions of the user in this project"
    } else {
        "check the id, the project and the service"
    };
    hint.to_owned()
}

fn after_rejected_login(api: &ApiError) -> &'static str {
    if api.is_unauthorized() {
        "check the user, its domain, the password and the project: the login is not tried again"
    } else if api.http_status() == 404 {
        "check the auth URL: there is no such API at this address"
    } else if api.is_forbidden() {
        "check that the user may log in to this project, or assume this agency"
    } else {
        "check the auth URL, the user, its domain and the project"
    }
}

/// Where nobody rejected the request, and nobody gave a job. Empty where the error says it itself.
pub(super) fn after_no_response(error: &PollError) -> &'static str {
    match error {
        PollError::Api(api) if api.is_redirect() => {
            "check the address: redirects are not followed because they would forward the token"
        }
        PollError::Api(api) if api.is_throttled() => "try again later and less often",
        PollError::Api(api) if api.is_transient() => "try again later",
        PollError::Api(_) => "",
        PollError::Decode(_) => {
            "check the address, and whether a proxy or a login page responded in place of the service"
        }
        PollError::Transport(error) if error.next_step == NextStep::InMessage => "",
        PollError::Transport(error) if error.next_step == NextStep::RaiseThreadLimit => RAISE_THREAD_LIMIT,
        PollError::Transport(error) if error.next_step == NextStep::CheckProxy && error.is_transient() => {
            "check the proxy setting and the network"
        }
        PollError::Transport(error) => match error.kind() {
            TransportErrorKind::Dns => "check the host name with its region and service, and the network",
            TransportErrorKind::Connect | TransportErrorKind::Timeout => {
                "check the address, the network and the proxy"
            }
            TransportErrorKind::Protocol | TransportErrorKind::Tls => {
                "check the scheme and the port of the address"
            }
            TransportErrorKind::ConnectionLost => "try again, and check the proxy if there is one",
            _ => "",
        },
    }
}

/// Where the system starts no more threads.
pub(crate) const RAISE_THREAD_LIMIT: &str = "raise the limit of processes and threads (`ulimit -u`) or of memory \
                                             (`ulimit -v`), or end other processes of this user";
