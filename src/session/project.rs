//! The id of the project, where only a name of it is known: asked of IAM.

use super::iam::IamClient;
use crate::auth::Credentials;
use crate::auth::keystone::{projects_request, read_projects};
use crate::config::Settings;
use crate::endpoint::region;
use crate::error::Error;

/// The id and the name of the project: by its name, or by that of the region, which every account has a project of.
///
/// # Errors
/// If there is no name to look for or no IAM to ask, if IAM says no or nothing, and unless exactly one project has
/// the name.
pub(super) fn look_up(
    iam: &IamClient,
    settings: &Settings,
    credentials: &Credentials,
) -> Result<(String, String), Error> {
    let Some(name) = settings.project_name.as_ref().or(settings.region.as_ref()) else {
        return Err(Error::config("the project is not known: set its id (OS_PROJECT_ID, --project-id)"));
    };
    let iam_url = match (&settings.auth_url, &settings.region) {
        (Some(url), _) => url.value.clone(),
        (None, Some(region)) => region::iam_url(&region.value).map_err(Error::config)?,
        (None, None) => {
            return Err(Error::config(
                "the project is known by its name only, and not where to look for its id: set the id \
                 (OS_PROJECT_ID, --project-id), the region (OS_REGION_NAME, --region) or OS_AUTH_URL",
            ));
        }
    };
    let request = projects_request(&iam_url, &name.value).map_err(Error::config)?;
    iam.http.check(request.url.origin()).map_err(Error::config)?;
    let deadline = iam.deadline();
    let attempt = || read_projects(&iam.send(&request, credentials, deadline)?, &name.value);
    let ids = iam.retry(deadline, attempt).map_err(Error::poll)?;
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
