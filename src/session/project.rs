//! The id of the project, where only a name of it is known: asked of IAM.

use std::time::Duration;

use super::Line;
use crate::api::request::{HeaderValue, Request};
use crate::auth::keystone::{projects_request, read_projects};
use crate::auth::{Credentials, Kind};
use crate::config::Settings;
use crate::endpoint::region;
use crate::error::Error;
use crate::error::poll::PollError;
use crate::util::clock::Clock;

/// The id and the name of the project: by its name, or by that of the region, which every account has a project of.
///
/// # Errors
/// If there is no name to look for or no IAM to ask, if IAM says no or nothing, and unless exactly one project has
/// the name.
pub(super) fn look_up(
    line: &Line,
    settings: &Settings,
    credentials: &Credentials,
) -> Result<(String, String), Error> {
    let Some(name) = settings.project_name.as_ref().or(settings.region.as_ref()) else {
        return Err(Error::config("the project is not known: set its id (OS_PROJECT_ID, --project-id)"));
    };
    let iam = match (&settings.auth_url, &settings.region) {
        (Some(url), _) => url.value.clone(),
        (None, Some(region)) => region::iam_url(&region.value).map_err(Error::config)?,
        (None, None) => {
            return Err(Error::config(
                "the project is known by its name only, and not where to look for its id: set the id \
                 (OS_PROJECT_ID, --project-id), the region (OS_REGION_NAME, --region) or OS_AUTH_URL",
            ));
        }
    };
    let request = projects_request(&iam, &name.value).map_err(Error::config)?;
    line.http.check(&request.url).map_err(Error::config)?;
    let until = line.clock.now().saturating_add(line.limit);
    let ask = || {
        let left = until.saturating_sub(line.clock.now()).max(Duration::from_millis(1));
        // Signed anew each time: a signature is of its moment.
        let request = authorise(request.clone(), credentials, line);
        read_projects(&line.http.send(&request, left).map_err(PollError::Transport)?, &name.value)
    };
    let ids = line.patiently(until, ask).map_err(Error::poll)?;
    match <[String; 1]>::try_from(ids) {
        Ok([id]) => Ok((id, name.value.clone())),
        Err(ids) => {
            let count = if ids.is_empty() { "no project" } else { "several projects" };
            Err(Error::config(format!(
                "IAM lists {count} named {:?} ({}): set the project's id (OS_PROJECT_ID, --project-id)",
                name.value, name.source
            )))
        }
    }
}

#[cfg_attr(not(feature = "signing"), expect(unused_variables))]
fn authorise(request: Request, credentials: &Credentials, line: &Line) -> Request {
    match credentials.kind() {
        Kind::Token(token) => request.header("x-auth-token", HeaderValue::Secret(token.clone())),
        // It knows its project once it is made.
        Kind::Login(_) => request,
        #[cfg(feature = "signing")]
        Kind::AccessKey(key) => {
            let mut request = request;
            let now = time::OffsetDateTime::UNIX_EPOCH + line.clock.wall();
            crate::auth::signing::sign_at(&mut request, key, None, now);
            request
        }
    }
}
