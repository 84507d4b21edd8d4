//! May this request ask? By a token, or by a signature.

use super::tokens::{Scope, Standing};
use crate::simulator::http::request::Request;
use crate::simulator::http::response::Response;
use crate::simulator::lock;
use crate::simulator::state::State;

/// Lets a request through whose token or signature is good, with what it is good for; answers the others as the
/// gateway does.
pub(crate) fn check(shared: &State, request: &Request) -> Result<Scope, Response> {
    let Some(token) = request.header("x-auth-token") else {
        #[cfg(feature = "signing")]
        if request.header("authorization").is_some() {
            return super::signature::check(&shared.settings.access_keys, request, shared.clock.wall())
                .map(|()| Scope::Project)
                .map_err(|problem| incorrect(&problem));
        }
        return Err(incorrect("x-auth-token not found"));
    };
    match lock(&shared.tokens).standing(token, shared.clock.now()) {
        Standing::InForce(grant) => Ok(grant.scope),
        Standing::Over => Err(Response::gateway(401, "APIGW.0307", "The token must be updated")),
        Standing::Unknown => Err(incorrect("decrypt token fail")),
    }
}

/// As [`check`], for the jobs of a project: the project must be that of the token.
pub(crate) fn check_project(
    shared: &State,
    request: &Request,
    project_id: Option<&str>,
) -> Result<(), Response> {
    let scope = check(shared, request)?;
    let own = shared.settings.project_id.as_str();
    let asked = project_id.unwrap_or(own);
    let named = request.header("x-project-id").unwrap_or(own);
    if scope != Scope::Project || asked != own || named != own {
        let message = "the project id in the URL is not that of the token";
        return Err(Response::service(400, "Common.0018", message));
    }
    Ok(())
}

fn incorrect(problem: &str) -> Response {
    let message = format!("Incorrect IAM authentication information: {problem}");
    Response::gateway(401, "APIGW.0301", &message)
}
