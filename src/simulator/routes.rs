//! Routes requests to their responses.

use std::time::Duration;

use serde_json::json;

use super::dialect::Dialect;
use super::dialect::paths::{Target, poll_targets, submit_target};
use super::dialect::{submit_response, unknown_job};
use super::http::request::Request;
use super::http::response::Response;
use super::identity::authorize;
use super::identity::catalog;
use super::identity::login;
use super::lock;
use super::resources::ResourceState;
use super::state::State;
use super::submit;

/// The target of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Route {
    Login,
    Token,
    Catalog,
    Projects,
    /// A poll of a job.
    Job {
        id: String,
    },
    /// A request that starts a job.
    Submit,
    /// Anything else: a scripted resource or an unknown path.
    Other,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let segments: Vec<&str> = request.path.split('/').skip(1).collect();
        match (request.method.as_str(), segments.as_slice()) {
            ("POST", [.., "v3", "auth", "tokens"]) => return Self::Login,
            ("GET" | "DELETE", [.., "v3", "auth", "tokens"]) => return Self::Token,
            ("GET", [.., "v3", "auth", "catalog"]) => return Self::Catalog,
            ("GET", [.., "v3", "projects"]) => return Self::Projects,
            _ => {}
        }
        match request.method.as_str() {
            "GET" => {
                let query_id = request.query_value("id");
                let target = poll_targets(&request.path, query_id.as_deref()).next();
                target.map_or(Self::Other, |(_, id)| Self::Job { id: id.to_owned() })
            }
            "POST" | "PUT" | "DELETE" if submit_target(&request.path).is_some() => Self::Submit,
            _ => Self::Other,
        }
    }

    /// Counts a poll, and lets time pass if the simulator advances its clock on polls.
    pub(super) fn note_poll(&self, shared: &State, request: &Request) {
        let now = shared.clock.now();
        let is_pending = match self {
            Self::Job { id } => {
                let mut jobs = lock(&shared.jobs);
                jobs.count_poll(id);
                jobs.is_pending(id, now)
            }
            Self::Other if request.method == "GET" => {
                lock(&shared.resources).is_pending(&request.target(), now)
            }
            _ => false,
        };
        if is_pending && shared.settings.advance_on_poll > Duration::ZERO {
            shared.clock.advance_on_poll(shared.settings.advance_on_poll);
        }
    }

    pub(super) fn respond(&self, shared: &State, request: &Request) -> Response {
        let response = match self {
            Self::Login => return login::log_in(shared, request),
            Self::Token => return login::other_token(shared, request),
            Self::Catalog => return catalog::catalog_response(shared, request),
            Self::Projects => return catalog::projects_response(shared, request),
            Self::Job { .. } => poll(shared, request),
            Self::Submit => start(shared, request),
            Self::Other => resource(shared, request),
        };
        response.unwrap_or_else(|error| error)
    }
}

fn poll(shared: &State, request: &Request) -> Result<Response, Response> {
    // A list of jobs by `?id=` can be a scripted resource too.
    if lock(&shared.resources).state(&request.target(), shared.clock.now()).is_some() {
        return resource(shared, request);
    }
    let query_id = request.query_value("id");
    let targets: Vec<(Target<'_>, &str)> = poll_targets(&request.path, query_id.as_deref()).collect();
    let Some((first, _)) = targets.first() else { return Err(unknown_path()) };
    authorize::check_project(shared, request, first.project_id)?;
    let jobs = lock(&shared.jobs);
    for (target, id) in &targets {
        let with_progress = target.project_id.is_none();
        let known = |dialect: Dialect| match target.service {
            // A job is known to its own service only. The classic load balancer has the common job API.
            Some(Dialect::Elb) if target.dialects.contains(&Dialect::Ecs) => dialect == Dialect::Ecs,
            Some(service) => dialect == service,
            None => target.dialects.contains(&dialect),
        };
        if let Some(body) = jobs.body(id, shared.clock.now(), with_progress, known) {
            return Ok(Response::new(200, body));
        }
    }
    let dialect = first.service.or_else(|| first.dialects.first().copied()).unwrap_or_default();
    Ok(unknown_job(dialect))
}

fn start(shared: &State, request: &Request) -> Result<Response, Response> {
    let Some((project_id, dialect)) = submit_target(&request.path) else { return Err(unknown_path()) };
    authorize::check_project(shared, request, project_id)?;
    let (next, fails) = {
        let mut next_jobs = lock(&shared.next_jobs);
        (next_jobs.pop(), next_jobs.fails())
    };
    let mut script = submit::script(&request.body, dialect, &request.method, next)
        .map_err(|problem| Response::service(400, "Common.0002", &problem))?;
    script.failing = script.failing.max(usize::from(fails));
    let job = lock(&shared.jobs).start(script, &shared.settings, shared.clock.now(), shared.clock.wall());
    Ok(Response::json(200, &submit_response(&job, &request.method, &request.path)))
}

fn resource(shared: &State, request: &Request) -> Result<Response, Response> {
    let state = match request.method.as_str() {
        "GET" => lock(&shared.resources).state(&request.target(), shared.clock.now()),
        _ => None,
    };
    let Some(state) = state else { return Err(unknown_path()) };
    authorize::check_project(shared, request, None)?;
    Ok(match state {
        ResourceState::Present(value) => Response::json(200, &value),
        // DDS does not use 404 for it.
        ResourceState::Gone if request.path.starts_with("/dds/") => Response::json(
            400,
            &json!({ "error_code": "DBS.280110", "error_msg": "The instance does not exist." }),
        ),
        ResourceState::Gone => Response::service(404, "Common.0404", "The resource does not exist."),
    })
}

fn unknown_path() -> Response {
    Response::gateway(
        404,
        "APIGW.0101",
        "The API does not exist or has not been published in the environment",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_routed_as_by_the_real_services() {
        let job = || Route::Job { id: "j".into() };
        let table = [
            ("GET", "/v1/p/jobs/j", job()),
            ("GET", "/v3/p/jobs?id=j", job()),
            ("GET", "/rds/v3/p/jobs?limit=1&id=j", job()),
            ("GET", "/v3/p/jobs", Route::Other),
            ("POST", "/v1/p/cloudservers", Route::Submit),
            ("DELETE", "/evs/v2/p/volumes/x", Route::Submit),
            ("PUT", "/v1.1/p/x/y/z", Route::Submit),
            ("POST", "/v1/p/jobs/j", Route::Submit),
            ("POST", "/v3/auth/tokens", Route::Login),
            ("POST", "/iam/v3/auth/tokens", Route::Login),
            ("GET", "/v3/auth/tokens", Route::Token),
            ("GET", "/v3/auth/catalog", Route::Catalog),
            ("GET", "/v3/projects", Route::Projects),
            ("GET", "/v1/p/jobs/", Route::Other),
            ("HEAD", "/v1/p/jobs/j", Route::Other),
            ("POST", "/v1/p", Route::Other),
            ("GET", "/", Route::Other),
            ("GET", "", Route::Other),
            ("OPTIONS", "*", Route::Other),
        ];
        for (method, target, expected) in table {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let request = Request {
                method: method.into(),
                path: path.into(),
                query: query.into(),
                headers: Vec::new(),
                body: Vec::new(),
                keep_alive: true,
            };
            assert_eq!(Route::of(&request), expected, "{method} {target}");
        }
    }
}
