//! The project: from the settings, from the login, or looked up at IAM.

use super::iam::IamClient;
use crate::auth::keystone::{self, IssuedToken};
use crate::auth::{Credentials, Kind};
use crate::client::authenticator::login::log_in;
use crate::config::Settings;
use crate::config::key::Sourced;
use crate::endpoint::region;
use crate::endpoint::url::{BaseUrl, PlainHttp};
use crate::error::{Error, Setting};
use crate::util::cancel::CancelToken;
use crate::util::secret::Secret;

/// The project whose jobs are polled.
pub(super) struct Project {
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// The token of a login, or what IAM said about a given token.
    pub(super) issued: Option<IssuedToken>,
}

impl Project {
    /// Logs in with a password; asks IAM for the project of a token or an access key, if its id is not known.
    ///
    /// # Errors
    /// If the project is not known, or IAM rejects the request or does not respond.
    pub(super) fn find(
        iam: &IamClient,
        settings: &Settings,
        credentials: &Credentials,
        endpoint: Option<&Sourced<String>>,
    ) -> Result<Self, Error> {
        let name = settings.project_name.as_ref().map(|name| name.value.clone());
        let issued = match (credentials.kind(), &settings.project_id) {
            (Kind::Login(login), _) => {
                iam.http.check(login.auth_url.origin()).map_err(Error::config)?;
                let deadline = iam.deadline();
                let attempt = || log_in(&iam.http, login, deadline, &iam.clock, &CancelToken::new());
                iam.retry(deadline, attempt).map_err(Error::poll)?
            }
            (_, Some(id)) => return Ok(Self { id: id.value.clone(), name, issued: None }),
            (Kind::Token(token), None) if name.is_none() => {
                of_token(iam, iam_url(settings, endpoint)?.as_ref(), token)?
            }
            (_, None) => {
                let url = iam_url(settings, endpoint)?;
                let (id, name) = look_up(iam, url.as_ref(), settings, credentials)?;
                return Ok(Self { id, name: Some(name), issued: None });
            }
        };
        let id =
            issued.project_id.clone().or_else(|| settings.project_id.as_ref().map(|id| id.value.clone()));
        let id = id.ok_or_else(no_project)?;
        Ok(Self { id, name: issued.project_name.clone(), issued: Some(issued) })
    }

    /// The region that it is named after.
    pub(super) fn region(&self) -> Option<Sourced<String>> {
        let region = region::of_project(self.name.as_deref()?)?;
        Some(Sourced::new(region.to_owned(), "project name"))
    }
}

fn no_project() -> Error {
    Error::config("the token is not for a project; set the id of the project (OS_PROJECT_ID)")
        .for_settings(&[Setting::Project])
}

/// The id and the name of the project: by its name, or by that of the region, which every account has a project of.
///
/// # Errors
/// If there is no name to look up or IAM is not known, if IAM rejects the request or does not respond, and unless
/// exactly one project has the name.
pub(super) fn look_up(
    iam: &IamClient,
    iam_url: Option<&Sourced<String>>,
    settings: &Settings,
    credentials: &Credentials,
) -> Result<(String, String), Error> {
    let Some(name) = settings.project_name.as_ref().or(settings.region.as_ref()) else {
        let message = "the project is not known; set its id (OS_PROJECT_ID)";
        return Err(Error::config(message).for_settings(&[Setting::Project]));
    };
    let Some(iam_url) = iam_url else {
        return Err(Error::config(
            "only the name of the project is known, and not the IAM to look its id up at; set the id (OS_PROJECT_ID), \
             the region (OS_REGION_NAME) or OS_AUTH_URL",
        )
        .for_settings(&[Setting::Project, Setting::Region]));
    };
    let request = keystone::projects_request(&iam_url.value, &name.value)
        .map_err(|error| Error::config(format!("{error} ({})", iam_url.source)))?;
    iam.http.check(request.url.origin()).map_err(Error::config)?;
    let deadline = iam.deadline();
    // Signed for each attempt, because a signature is valid for minutes only.
    let attempt = || {
        let request = iam.authorize(request.clone(), credentials);
        iam.send(&request, deadline, |response| keystone::read_projects(response, &name.value))
    };
    let ids = iam.retry(deadline, attempt).map_err(Error::poll)?;
    match <[String; 1]>::try_from(ids) {
        Ok([id]) => Ok((id, name.value.clone())),
        Err(ids) => {
            let count = if ids.is_empty() { "no project" } else { "several projects" };
            Err(Error::config(format!(
                "IAM lists {count} named {:?} ({}); set the id of the project (OS_PROJECT_ID)",
                name.value, name.source
            ))
            .for_settings(&[Setting::Project]))
        }
    }
}

/// What IAM says about a given token: its project, its expiry, the catalog.
///
/// # Errors
/// If IAM is not known, rejects the token or does not respond.
pub(super) fn of_token(
    iam: &IamClient,
    iam_url: Option<&Sourced<String>>,
    token: &Secret,
) -> Result<IssuedToken, Error> {
    let Some(iam_url) = iam_url else {
        return Err(Error::config(
            "the project of the token is not known, and neither is the IAM to ask for it; set the id of the project \
             (OS_PROJECT_ID) or OS_AUTH_URL",
        )
        .for_settings(&[Setting::Project]));
    };
    let request = keystone::token_request(&iam_url.value, token)
        .map_err(|error| Error::config(format!("{error} ({})", iam_url.source)))?;
    iam.http.check(request.url.origin()).map_err(Error::config)?;
    let deadline = iam.deadline();
    let attempt = || iam.send(&request, deadline, |response| keystone::read_token(response, token));
    iam.retry(deadline, attempt).map_err(Error::poll)
}

/// The IAM of the credentials: the URL that was given, or that of the region's template. With an endpoint that was
/// given, the template is used only if it leads to the same cloud: credentials are not sent to a cloud that nobody
/// named.
///
/// # Errors
/// If the region is not one, or is misspelled.
pub(super) fn iam_url(
    settings: &Settings,
    endpoint: Option<&Sourced<String>>,
) -> Result<Option<Sourced<String>>, Error> {
    if let Some(url) = &settings.auth_url {
        return Ok(Some(url.clone()));
    }
    let Some(region) = &settings.region else { return Ok(None) };
    let wrong = |error| Error::config(format!("{error} ({})", region.source));
    let cloud = settings.cloud_of(region)?;
    let rest = cloud.rest_of_host(&region.value);
    if let Some(endpoint) = endpoint {
        let host = BaseUrl::parse(&endpoint.value, PlainHttp::LoopbackOnly)
            .map(|url| url.origin().host().to_owned());
        let is_same = matches!((&host, &rest), (Ok(host), Ok(rest)) if host.ends_with(&format!(".{rest}")));
        if !is_same {
            return Ok(None);
        }
    }
    let url = cloud.iam_url_of(&region.value).map_err(wrong)?;
    Ok(Some(Sourced::new(url, super::endpoint::TEMPLATE)))
}
