//! Routes requests to their responses.

use serde_json::json;

use super::dialect::Dialect;
use super::http::request::Request;
use super::http::response::Response;
use super::identity::authorize;
use super::identity::catalog;
use super::identity::login;
use super::lock;
use super::state::State;
use super::submit;

/// The target of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Route<'a> {
    Login,
    Token,
    Catalog,
    Projects,
    /// A poll of a job of this service.
    Job {
        service: &'a str,
        project_id: &'a str,
        id: &'a str,
    },
    /// A poll of an image job, by the path without a project.
    ImageJob {
        id: &'a str,
    },
    /// A request that starts a job.
    Submit {
        service: &'a str,
        project_id: &'a str,
    },
    Unknown,
}

impl<'a> Route<'a> {
    pub(super) fn of(method: &str, path: &'a str) -> Self {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            return Self::Unknown;
        }
        // The URLs in the catalog have the name of the service before the version.
        let service = segments.first().copied().filter(|first| !is_version(first)).unwrap_or("ecs");
        match (method, segments.as_slice()) {
            ("POST", [.., "v3", "auth", "tokens"]) => return Self::Login,
            ("GET" | "DELETE", [.., "v3", "auth", "tokens"]) => return Self::Token,
            ("GET", [.., "v3", "auth", "catalog"]) => return Self::Catalog,
            ("GET", [.., "v3", "projects"]) => return Self::Projects,
            ("GET", [.., "v1", "cloudimages", "job", id]) => return Self::ImageJob { id },
            ("GET", [.., version, project_id, "jobs", id]) if is_version(version) => {
                return Self::Job { service, project_id, id };
            }
            _ => {}
        }
        let version = segments.iter().position(|segment| is_version(segment));
        match (method, version.and_then(|at| segments.get(at + 1..))) {
            ("POST" | "PUT" | "DELETE", Some([project_id, _, ..])) => Self::Submit { service, project_id },
            _ => Self::Unknown,
        }
    }

    /// The id of the polled job, if this is a poll.
    pub(super) const fn polled_id(&self) -> Option<&'a str> {
        match self {
            Self::Job { id, .. } | Self::ImageJob { id } => Some(id),
            _ => None,
        }
    }

    pub(super) fn respond(self, shared: &State, request: &Request) -> Response {
        match self {
            Self::Login => login::log_in(shared, request),
            Self::Token => login::other_token(shared, request),
            Self::Catalog => catalog::catalog_response(shared, request),
            Self::Projects => catalog::projects_response(shared, request),
            Self::Job { service, project_id, id } => {
                match authorize::check_project(shared, request, Some(project_id)) {
                    Ok(()) => polled(shared, id, false).unwrap_or_else(|| not_found(service)),
                    Err(error) => error,
                }
            }
            Self::ImageJob { id } => match authorize::check_project(shared, request, None) {
                Ok(()) => polled(shared, id, true).unwrap_or_else(|| not_found("cloudimages")),
                Err(error) => error,
            },
            Self::Submit { service, project_id } => {
                match authorize::check_project(shared, request, Some(project_id)) {
                    Ok(()) => start(shared, request, service),
                    Err(error) => error,
                }
            }
            Self::Unknown => Response::gateway(
                404,
                "APIGW.0101",
                "The API does not exist or has not been published in the environment",
            ),
        }
    }
}

fn polled(shared: &State, id: &str, with_progress: bool) -> Option<Response> {
    let body = lock(&shared.jobs).polled(id, shared.clock.now(), with_progress)?;
    Some(Response::new(200, body))
}

/// These services respond to an unknown job with 400, not 404.
fn not_found(service: &str) -> Response {
    match service {
        "cloudimages" => Response::json(
            400,
            &json!({ "error_code": "IMG.0023", "error_msg": "An exception occurred during the task query." }),
        ),
        "evs" => Response::service(400, "Common.0011", "query job fail."),
        _ => Response::service(400, "Common.0011", "Failed to query system tasks: invalid job ID"),
    }
}

fn start(shared: &State, request: &Request, service: &str) -> Response {
    let dialect = Dialect::from_name(service).unwrap_or_default();
    match submit::script(&request.body, dialect, &request.method) {
        Ok(script) => {
            let id = lock(&shared.jobs).start(script, shared.clock.now(), shared.clock.wall());
            Response::json(200, &json!({ "job_id": id.as_str() }))
        }
        Err(problem) => Response::service(400, "Common.0002", &problem),
    }
}

/// `v1`, `v2.1`, `v1.0`
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or_default();
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_routed_as_by_the_real_services() {
        let job = |service| Route::Job { service, project_id: "p", id: "j" };
        let submit = |service| Route::Submit { service, project_id: "p" };
        let table = [
            ("GET", "/v1/p/jobs/j", job("ecs")),
            ("GET", "/v1.0/p/jobs/j", job("ecs")),
            ("GET", "/evs/v1/p/jobs/j", job("evs")),
            ("GET", "/a/b/V2.1/p/jobs/j", job("a")),
            ("GET", "/v1/cloudimages/job/j", Route::ImageJob { id: "j" }),
            ("GET", "/ims/v1/cloudimages/job/j", Route::ImageJob { id: "j" }),
            ("POST", "/v1/p/cloudservers", submit("ecs")),
            ("DELETE", "/evs/v2/p/volumes/x", submit("evs")),
            ("PUT", "/v1.1/p/x/y/z", submit("ecs")),
            ("POST", "/v1/p/jobs/j", submit("ecs")),
            ("POST", "/v3/auth/tokens", Route::Login),
            ("POST", "/iam/v3/auth/tokens", Route::Login),
            ("GET", "/v3/auth/tokens", Route::Token),
            ("GET", "/v3/auth/catalog", Route::Catalog),
            ("GET", "/v3/projects", Route::Projects),
            ("GET", "/v1/p/jobs/", Route::Unknown),
            ("GET", "/v1/p//jobs/j", Route::Unknown),
            ("GET", "/v1/p/jobs", Route::Unknown),
            ("GET", "/v1/p/job/j", Route::Unknown),
            ("GET", "/p/jobs/j", Route::Unknown),
            ("HEAD", "/v1/p/jobs/j", Route::Unknown),
            ("POST", "/v1/p", Route::Unknown),
            ("POST", "/p/x/y", Route::Unknown),
            ("GET", "/", Route::Unknown),
            ("GET", "", Route::Unknown),
            ("OPTIONS", "*", Route::Unknown),
        ];
        for (method, path, expected) in table {
            assert_eq!(Route::of(method, path), expected, "{method} {path}");
        }
    }
}
