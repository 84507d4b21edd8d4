//! Authorizes requests, by a token or by a signature.

use super::tokens::{Scope, TokenState};
use crate::simulator::http::request::Request;
use crate::simulator::http::response::Response;
use crate::simulator::lock;
use crate::simulator::state::State;

/// The scope of the request's token or signature.
///
/// # Errors
/// The gateway's error response for missing, unknown or expired credentials.
pub(crate) fn check(shared: &State, request: &Request) -> Result<Scope, Response> {
    let Some(token) = request.header("x-auth-token") else {
        #[cfg(feature = "signing")]
        if request.header("authorization").is_some() {
            return super::signature::check(
                &shared.settings.access_keys,
                request,
                shared.clock.signing_wall(),
            )
            .map(|()| Scope::Project)
            .map_err(|problem| incorrect(&problem));
        }
        return Err(incorrect("x-auth-token not found"));
    };
    match lock(&shared.tokens).state(token, shared.clock.now()) {
        TokenState::Valid(grant) => Ok(grant.scope),
        TokenState::Expired => Err(Response::gateway(401, "APIGW.0307", "The token must be updated")),
        TokenState::Unknown => Err(incorrect("decrypt token fail")),
    }
}

/// As [`check`], for a request with a project id: it must be the project of the token.
pub(crate) fn check_project(
    shared: &State,
    request: &Request,
    project_id: Option<&str>,
) -> Result<(), Response> {
    let scope = check(shared, request)?;
    let own = shared.settings.project_id.as_str();
    let requested = project_id.unwrap_or(own);
    let named = request.header("x-project-id").unwrap_or(own);
    if scope != Scope::Project || requested != own || named != own {
        let message = "the project id in the URL is not that of the token";
        return Err(Response::service(400, "Common.0018", message));
    }
    Ok(())
}

fn incorrect(problem: &str) -> Response {
    let message = format!("Incorrect IAM authentication information: {problem}");
    Response::gateway(401, "APIGW.0301", &message)
}
