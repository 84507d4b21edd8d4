//! Requests to IAM, which is Keystone v3, and its responses: logins, tokens, projects.

use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::catalog::Catalog;
use super::{
    Agency, CredentialsError, LoginMethod, LoginRequest, NameOrId, Scope, User, auth_url, header_secret,
};
use crate::api::error_body::read_error;
use crate::api::request::{HeaderValue, Request};
use crate::api::response::Response;
use crate::endpoint::check_project_id;
use crate::endpoint::url::BaseUrl;
use crate::error::poll::PollError;
use crate::job::error::DecodeError;
use crate::job::timestamp::Timestamp;
use crate::util::json::json_value;
use crate::util::percent;
use crate::util::secret::Secret;

/// The login of the user: for the project, or for the user's own domain if an agency is assumed afterwards.
///
/// See IAM's "Obtaining a User Token Through Password Authentication", and its like for virtual MFA.
pub(crate) fn login_request(login: &LoginRequest) -> Request {
    let mut auth = json!({ "identity": identity(&login.proof) });
    let scope = match &login.agency {
        // The project is one of the agency's domain, where the user has no role of its own.
        Some(_) => login.user_domain.as_ref().map(|domain| json!({ "domain": name_or_id(domain) })),
        None => login.scope.as_ref().map(scope),
    };
    if let Some(scope) = scope {
        auth["scope"] = scope;
    }
    let request = post(&login.auth_url, &auth);
    match &login.proof {
        LoginMethod::Token(token) => request.hiding(token),
        LoginMethod::Password { password, passcode, .. } => {
            passcode.iter().fold(request.hiding(password), Request::hiding)
        }
    }
}

/// The second step with an agency: assumes it for the project, with the user's own token.
///
/// See IAM's "Obtaining an Agency Token".
pub(crate) fn agency_request(login: &LoginRequest, agency: &Agency, user_token: &Secret) -> Request {
    let mut role = json!({ "xrole_name": agency.name });
    match &agency.domain {
        NameOrId::Name(name) => role["domain_name"] = json!(name),
        NameOrId::Id(id) => role["domain_id"] = json!(id),
    }
    let scope = login.scope.as_ref().map_or_else(|| json!({ "domain": name_or_id(&agency.domain) }), scope);
    let auth = json!({ "identity": { "methods": ["assume_role"], "assume_role": role }, "scope": scope });
    post(&login.auth_url, &auth).header("x-auth-token", HeaderValue::Secret(user_token.clone()))
}

/// A token, and what IAM says about it.
#[derive(Clone, Debug)]
pub(crate) struct IssuedToken {
    pub(crate) token: Secret,
    /// From its issue to its expiry, both by IAM's clock; `None` if the response does not say.
    pub(crate) life: Option<Duration>,
    pub(crate) expires_at: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) project_name: Option<String>,
    pub(crate) user_name: Option<String>,
    pub(crate) domain_name: Option<String>,
    pub(crate) catalog: Catalog,
}

/// Reads the response to a login.
///
/// # Errors
/// [`PollError::Api`] if IAM rejects it, [`PollError::Decode`] if the response has no token.
pub(crate) fn read_login(response: &Response) -> Result<IssuedToken, PollError> {
    if !matches!(response.status, 200 | 201) {
        return Err(login_refusal(response));
    }
    // Nothing of the body is shown: the older API puts the token there.
    let token = response.subject_token.as_ref().ok_or_else(|| {
        unreadable(
            "the response to the login has no X-Subject-Token header: is the auth URL that of Keystone v3?",
        )
    })?;
    let token = header_secret("the token of the login", token.expose())
        .map_err(|error| unreadable(&error.to_string()))?;
    let body = json_value(&response.body).map_err(|_| {
        unreadable("the response to the login is not JSON: is the auth URL that of Keystone v3?")
    })?;
    describe(token, &body["token"], response).ok_or_else(|| {
        unreadable("the response to the login describes no token: is the auth URL that of Keystone v3?")
    })
}

/// Asks what a token is for and when it expires. The token is both the one that asks and the one in question.
///
/// See IAM's "Verifying a Token".
///
/// # Errors
/// If the IAM URL cannot be one.
pub(crate) fn token_request(iam_url: &str, token: &Secret) -> Result<Request, CredentialsError> {
    let request = Request::get(auth_url(iam_url)?.join(|target| target.push_str("/auth/tokens")));
    Ok(request
        .header("x-auth-token", HeaderValue::Secret(token.clone()))
        .header("x-subject-token", HeaderValue::Secret(token.clone())))
}

/// Reads what IAM says about a token.
///
/// # Errors
/// [`PollError::Api`] if IAM rejects it, [`PollError::Decode`] if the response describes no token.
pub(crate) fn read_token(response: &Response, token: &Secret) -> Result<IssuedToken, PollError> {
    if response.status != 200 {
        return Err(PollError::Api(read_error(response)));
    }
    let body = json_value(&response.body).ok();
    body.and_then(|body| describe(token.clone(), &body["token"], response)).ok_or_else(|| {
        unreadable("the response of IAM describes no token: is the auth URL that of Keystone v3?")
    })
}

fn describe(token: Secret, body: &Value, response: &Response) -> Option<IssuedToken> {
    body.as_object()?;
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let (project_id, project_name) = (text("/project/id"), text("/project/name"));
    let expires_at = text("/expires_at");
    Some(IssuedToken {
        token,
        life: life(expires_at.as_deref(), text("/issued_at").as_deref(), response.date),
        expires_at,
        catalog: Catalog::read(&body["catalog"], project_id.as_deref(), project_name.as_deref()),
        project_id,
        project_name,
        user_name: text("/user/name"),
        domain_name: text("/user/domain/name"),
    })
}

fn unreadable(what: &str) -> PollError {
    PollError::Decode(DecodeError { message: what.to_owned() })
}

/// How long after its issue a token is renewed: when a tenth of its life is left, but at most five minutes.
pub(crate) fn renew_after(life: Duration) -> Duration {
    life.saturating_sub((life / 10).min(Duration::from_secs(300)))
}

/// Asks for the id of a project by its name. An access key does not tell which project it is for.
///
/// See IAM's "Querying Project Information Based on the Specified Criteria".
///
/// # Errors
/// If the IAM URL cannot be one.
pub(crate) fn projects_request(iam_url: &str, name: &str) -> Result<Request, CredentialsError> {
    let url = auth_url(iam_url)?.join(|target| {
        target.push_str("/projects?name=");
        percent::encode(name.as_bytes(), target);
    });
    Ok(Request::get(url))
}

/// Reads the ids of the projects that have this name: usually one.
///
/// # Errors
/// [`PollError::Api`] if IAM rejects the request, [`PollError::Decode`] if the response is not a list of projects.
pub(crate) fn read_projects(answer: &Response, name: &str) -> Result<Vec<String>, PollError> {
    if answer.status != 200 {
        return Err(PollError::Api(read_error(answer)));
    }
    let odd = |why: &str| {
        PollError::Decode(DecodeError::new(format!("not a list of projects: {why}"), &answer.body))
    };
    let body = json_value(&answer.body).map_err(|error| odd(&error.to_string()))?;
    let projects = body["projects"].as_array().ok_or_else(|| odd("it has no `projects`"))?;
    let mut ids = Vec::new();
    for project in projects {
        let id = project["id"].as_str().ok_or_else(|| odd("one of them has no `id`"))?;
        // A server that does not filter lists them all.
        let named = &project["name"];
        if !named.is_null() && named.as_str() != Some(name) {
            continue;
        }
        check_project_id(id).map_err(|error| {
            let message = format!("IAM lists the project {name:?} with an id that cannot be used: {error}");
            PollError::Decode(DecodeError { message })
        })?;
        ids.push(id.to_owned());
    }
    Ok(ids)
}

fn login_refusal(answer: &Response) -> PollError {
    let mut error = read_error(answer);
    error.login = true;
    let wants_code =
        answer.status == 401 && json_value(&answer.body).is_ok_and(|body| body["receipt"].is_object());
    if wants_code {
        error.message = "the password alone is not enough: IAM wants a one-time code too (passcode)".into();
    }
    PollError::Api(error)
}

fn post(auth_url: &BaseUrl, auth: &Value) -> Request {
    Request::post(
        auth_url.join(|target| target.push_str("/auth/tokens")),
        Secret::new(json!({ "auth": auth }).to_string()),
    )
}

fn identity(proof: &LoginMethod) -> Value {
    match proof {
        LoginMethod::Token(token) => json!({ "methods": ["token"], "token": { "id": token.expose() } }),
        LoginMethod::Password { user, password, passcode } => {
            let with = |member: &str, secret: &Secret| {
                let mut user = match user {
                    User::Id(id) => json!({ "id": id }),
                    User::Name { name, domain } => json!({ "name": name, "domain": name_or_id(domain) }),
                };
                user[member] = json!(secret.expose());
                json!({ "user": user })
            };
            let password = with("password", password);
            match passcode {
                None => json!({ "methods": ["password"], "password": password }),
                Some(code) => json!({
                    "methods": ["password", "totp"],
                    "password": password,
                    "totp": with("passcode", code),
                }),
            }
        }
    }
}

fn scope(scope: &Scope) -> Value {
    match scope {
        Scope::ProjectId(id) => json!({ "project": { "id": id } }),
        Scope::ProjectName { name, domain } => {
            json!({ "project": { "name": name, "domain": name_or_id(domain) } })
        }
    }
}

fn name_or_id(of: &NameOrId) -> Value {
    match of {
        NameOrId::Name(name) => json!({ "name": name }),
        NameOrId::Id(id) => json!({ "id": id }),
    }
}

/// The date of the response replaces a missing `issued_at`; an expiry before the issue is a life of zero.
fn life(expires_at: Option<&str>, issued_at: Option<&str>, date: Option<OffsetDateTime>) -> Option<Duration> {
    let read = |text: &str| Timestamp::new(text)?.instant();
    let from = issued_at.and_then(read).or(date)?;
    let life = expires_at.and_then(read)? - from;
    Some(Duration::try_from(life).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::Method;
    use crate::auth::{Credentials, Kind, Login};
    use crate::endpoint::service::Service;

    fn checked(login: Login) -> LoginRequest {
        match Credentials::login(login).unwrap().kind() {
            Kind::Login(sign_in) => (**sign_in).clone(),
            other => panic!("a login makes {other:?}"),
        }
    }

    fn iam() -> Login {
        Login::new("https://iam.eu-de.otc.t-systems.com")
    }

    fn body_of(request: &Request) -> Value {
        serde_json::from_str(request.body.expose()).unwrap()
    }

    const TOKEN: &str = r#"{"token": {"methods": ["password"], "roles": [{"id": "0", "name": "te_admin"}],
        "expires_at": "2026-11-22T17:35:00.527363Z", "issued_at": "2026-11-21T17:35:00.527363Z",
        "user": {"domain": {"id": "d1", "name": "OTC1", "xdomain_id": "x", "xdomain_type": "TSI"}, "id": "u1",
                 "name": "demo", "password_expires_at": "2016-11-06T15:32:17.000000"},
        "project": {"domain": {"id": "d1", "name": "OTC1"}, "id": "0391e4486e864c26be5654c522f440f2", "name": "eu-de_demo"},
        "catalog": [{"type": "ecs", "name": "ecs", "id": "s1", "endpoints": [{"id": "e1", "interface": "public",
            "region": "eu-de", "region_id": "eu-de",
            "url": "https://ecs.eu-de.otc.t-systems.com/v1/0391e4486e864c26be5654c522f440f2"}]}]}}"#;

    #[test]
    fn the_body_of_each_kind_of_login() {
        let named = || iam().user_name("demo").user_domain_name("OTC1").password("s3 crét\"");
        for (login, expected) in [
            (
                named().project_name("eu-de_demo"),
                json!({
                    "identity": {"methods": ["password"], "password":
                        {"user": {"name": "demo", "domain": {"name": "OTC1"}, "password": "s3 crét\""}}},
                    "scope": {"project": {"name": "eu-de_demo", "domain": {"name": "OTC1"}}},
                }),
            ),
            (
                iam().user_id("u1").password("p").project_id("p1"),
                json!({
                    "identity": {"methods": ["password"], "password": {"user": {"id": "u1", "password": "p"}}},
                    "scope": {"project": {"id": "p1"}},
                }),
            ),
            (
                named().totp_passcode(" 123456\n").project_id("p1"),
                json!({
                    "identity": {"methods": ["password", "totp"],
                        "password": {"user": {"name": "demo", "domain": {"name": "OTC1"}, "password": "s3 crét\""}},
                        "totp": {"user": {"name": "demo", "domain": {"name": "OTC1"}, "passcode": "123456"}}},
                    "scope": {"project": {"id": "p1"}},
                }),
            ),
            (
                iam().user_id("u1").password("p").totp_passcode("123456"),
                json!({"identity": {"methods": ["password", "totp"],
                    "password": {"user": {"id": "u1", "password": "p"}},
                    "totp": {"user": {"id": "u1", "passcode": "123456"}}}}),
            ),
            (
                iam().token("t0ken").project_name("eu-nl").project_domain_id("d1"),
                json!({
                    "identity": {"methods": ["token"], "token": {"id": "t0ken"}},
                    "scope": {"project": {"name": "eu-nl", "domain": {"id": "d1"}}},
                }),
            ),
            (
                named().agency("admins", "OTC2").project_name("eu-de_theirs"),
                json!({
                    "identity": {"methods": ["password"], "password":
                        {"user": {"name": "demo", "domain": {"name": "OTC1"}, "password": "s3 crét\""}}},
                    "scope": {"domain": {"name": "OTC1"}},
                }),
            ),
        ] {
            let request = login_request(&checked(login));
            assert_eq!(request.method, Method::Post);
            assert_eq!(request.url.to_string(), "https://iam.eu-de.otc.t-systems.com/v3/auth/tokens");
            assert_eq!(body_of(&request), json!({ "auth": expected }));
            let shown = format!("{request:?}");
            assert!(
                !shown.contains("s3") && !shown.contains("123456") && !shown.contains("t0ken"),
                "{shown}"
            );
        }
    }

    #[test]
    fn an_agency_is_assumed_with_the_token_of_the_user() {
        let user = || iam().user_id("u1").password("p");
        for (login, role, scope) in [
            (
                user().agency("admins", "OTC2").project_name("eu-de"),
                json!({"xrole_name": "admins", "domain_name": "OTC2"}),
                json!({"project": {"name": "eu-de", "domain": {"name": "OTC2"}}}),
            ),
            (
                user().agency_in_domain_id("admins", "d2").project_id("p2"),
                json!({"xrole_name": "admins", "domain_id": "d2"}),
                json!({"project": {"id": "p2"}}),
            ),
        ] {
            let login = checked(login);
            let request = agency_request(&login, login.agency.as_ref().unwrap(), &Secret::new("t0ken"));
            assert_eq!(
                body_of(&request),
                json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}, "scope": scope}})
            );
            let (name, value) = request.headers.last().unwrap();
            assert_eq!((*name, value.expose(), value.is_secret()), ("x-auth-token", "t0ken", true));
        }
    }

    #[test]
    fn a_login_response_has_token_lifetime_and_catalog() {
        let answer = Response::new(201, TOKEN).with_header("X-Subject-Token", "MIIDkg");
        let session = read_login(&answer).unwrap();
        assert_eq!(session.token.expose(), "MIIDkg");
        assert_eq!(session.life, Some(Duration::from_secs(24 * 3600)));
        assert_eq!(session.expires_at.as_deref(), Some("2026-11-22T17:35:00.527363Z"));
        assert_eq!(session.project_id.as_deref(), Some("0391e4486e864c26be5654c522f440f2"));
        assert_eq!(session.project_name.as_deref(), Some("eu-de_demo"));
        assert_eq!(session.user_name.as_deref(), Some("demo"));
        assert_eq!(session.domain_name.as_deref(), Some("OTC1"));
        assert_eq!(
            session.catalog.endpoint(Service::Ecs, None).as_deref(),
            Some("https://ecs.eu-de.otc.t-systems.com")
        );
        assert!(!format!("{session:?}").contains("MIIDkg"));
    }

    #[test]
    fn a_token_with_few_details_is_accepted() {
        let answer =
            Response::new(201, r#"{"token": {"expires_at": "soon", "project": null, "catalog": 7}}"#)
                .with_header("x-subject-token", "t");
        let session = read_login(&answer).unwrap();
        assert_eq!((session.life, session.project_id), (None, None));
    }

    #[test]
    fn the_lifetime_is_measured_by_the_clock_of_the_server() {
        let date = Timestamp::new("2026-11-21T00:00:00Z").and_then(|date| date.instant());
        let (noon, one) = (Some("2026-11-21T12:00:00.000000Z"), Some("2026-11-21T15:00:00+02:00"));
        for (expires, issued, date, expected) in [
            (one, noon, None, Some(3600)),
            (one, None, date, Some(13 * 3600)),
            (one, Some(""), date, Some(13 * 3600)),
            (one, None, None, None),
            (None, noon, date, None),
            (noon, one, None, Some(0)),
            (Some("9999-12-31T23:59:59Z"), Some("0000-01-01T00:00:00Z"), None, Some(315_569_519_999)),
            // The time is beyond the calendar.
            (Some("9999-12-31T23:59:59-23:59"), noon, None, None),
        ] {
            assert_eq!(
                life(expires, issued, date),
                expected.map(Duration::from_secs),
                "{expires:?} {issued:?}"
            );
        }
    }

    #[test]
    fn a_success_without_a_token_is_an_error() {
        let v2 = r#"{"access":{"token":{"id":"s3cret"}}}"#;
        for (answer, problem) in [
            (Response::new(201, TOKEN), "the response to the login has no X-Subject-Token header"),
            (Response::new(200, v2), "the response to the login has no X-Subject-Token header"),
            (
                Response::new(200, v2).with_header("X-Subject-Token", "t"),
                "the response to the login describes no token",
            ),
            (
                Response::new(200, "<html>s3cret").with_header("X-Subject-Token", "t"),
                "the response to the login is not JSON",
            ),
            (Response::new(201, TOKEN).with_header("X-Subject-Token", ""), "the token of the login is empty"),
            (
                Response::new(201, TOKEN).with_header("X-Subject-Token", "s3c ret"),
                "the token of the login has a",
            ),
        ] {
            let error = read_login(&answer).unwrap_err();
            assert!(matches!(error, PollError::Decode(_)), "{error:?}");
            let text = error.to_string();
            assert!(text.starts_with(problem) && !text.contains("s3c"), "{text}");
        }
    }

    #[test]
    fn a_no_keeps_its_words() {
        let body = r#"{"error": {"code": 401, "message": "The request you have made requires authentication.",
            "title": "Unauthorized"}}"#;
        let error = read_login(&Response::new(401, body)).unwrap_err();
        let error = error.api_error().unwrap();
        assert!(error.is_unauthorized() && error.login);
        assert_eq!(error.message(), "The request you have made requires authentication.");

        let receipt =
            r#"{"receipt": {"methods": ["password"], "required_auth_methods": [["password", "totp"]]}}"#;
        let error = read_login(&Response::new(401, receipt)).unwrap_err();
        assert!(error.to_string().ends_with("IAM wants a one-time code too (passcode)"), "{error}");
        assert_eq!(read_login(&Response::new(302, "")).unwrap_err().api_error().unwrap().http_status(), 302);
    }

    #[test]
    fn a_token_is_renewed_before_it_expires() {
        for (life, expected) in [(86_400, 86_100), (3_000, 2_700), (1_000, 900), (10, 9), (0, 0)] {
            assert_eq!(renew_after(Duration::from_secs(life)), Duration::from_secs(expected));
        }
        assert_eq!(renew_after(Duration::MAX), Duration::MAX - Duration::from_secs(300));
    }

    #[test]
    fn projects_are_looked_up_by_name() {
        let request = projects_request("https://iam.eu-de.otc.t-systems.com", "eu-de a&b").unwrap();
        assert_eq!(
            request.url.to_string(),
            "https://iam.eu-de.otc.t-systems.com/v3/projects?name=eu-de%20a%26b"
        );
        assert_eq!(request.method, Method::Get);
        assert!(projects_request("http://iam.example.com", "eu-de").is_err());
    }

    #[test]
    fn the_ids_of_matching_projects_are_read() {
        for (body, expected) in [
            (
                r#"{"projects": [{"id": "p1", "name": "eu-de", "enabled": true}], "links": {}}"#,
                Ok(&["p1"][..]),
            ),
            (r#"{"projects": [{"id": "p0", "name": "MOS"}, {"id": "p1", "name": "eu-de"}]}"#, Ok(&["p1"])),
            (r#"{"projects": [{"id": "p1"}]}"#, Ok(&["p1"])),
            (r#"{"projects": []}"#, Ok(&[])),
            (
                r#"{"projects": [{"id": "p1", "name": "eu-de"}, {"id": "p2", "name": "eu-de"}]}"#,
                Ok(&["p1", "p2"]),
            ),
            (
                r#"{"projects": [{"id": "../x"}]}"#,
                Err("IAM lists the project \"eu-de\" with an id that cannot"),
            ),
            ("[]", Err("not a list of projects: ")),
            ("", Err("not a list of projects: ")),
        ] {
            match (read_projects(&Response::new(200, body), "eu-de"), expected) {
                (Ok(ids), Ok(expected)) => assert_eq!(ids, expected),
                (Err(PollError::Decode(error)), Err(expected)) => {
                    assert!(error.to_string().starts_with(expected), "{error}");
                }
                (got, _) => panic!("{body}: {got:?}"),
            }
        }
        let refused = read_projects(&Response::new(403, "{}"), "eu-de").unwrap_err();
        assert!(refused.api_error().is_some_and(|api| api.is_forbidden() && !api.login));
    }
}
