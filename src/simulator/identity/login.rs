//! `/v3/auth/tokens` of the identity service: logins by password, TOTP, token and agency.

use serde_json::Value;

use super::authorize;
use super::tokens::{Grant, Scope, TokenState};
use crate::simulator::clock::later;
use crate::simulator::http::request::Request;
use crate::simulator::http::response::Response;
use crate::simulator::lock;
use crate::simulator::settings::User;
use crate::simulator::state::State;

/// `POST /v3/auth/tokens`: issues a token, or an error.
pub(crate) fn log_in(shared: &State, request: &Request) -> Response {
    match grant(shared, request) {
        Ok(grant) => {
            let catalog = request.query_value("nocatalog").is_none_or(|value| value.is_empty());
            let body = super::catalog::token_body(shared, &grant, catalog);
            let length = shared.settings.token_length;
            let token = lock(&shared.tokens).issue(grant, length, shared.clock.now());
            Response::json(201, &body).header("X-Subject-Token", token)
        }
        Err(error) => error,
    }
}

fn grant(shared: &State, request: &Request) -> Result<Grant, Response> {
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|error| Response::identity(400, &format!("The request body is not JSON: {error}")))?;
    let identity = &body["auth"]["identity"];
    let Some(methods) = identity["methods"].as_array().filter(|methods| !methods.is_empty()) else {
        return Err(Response::identity(400, "Expecting to find methods in auth.identity."));
    };
    let (now, wall) = (shared.clock.now(), shared.clock.wall());
    let life = shared.settings.token_life;
    let mut grant = Grant {
        methods: Vec::new(),
        user: Default::default(),
        agency: None,
        scope: Scope::None,
        issued_at: wall,
        expires_at: later(wall, life),
        expires: now.saturating_add(life),
    };
    for method in methods {
        let method = method.as_str().unwrap_or_default();
        match method {
            "password" => {
                let requested = &identity["password"]["user"];
                let user = user(shared, requested)?;
                if requested["password"].as_str() != Some(user.password.expose()) {
                    return Err(unauthorized());
                }
                grant.user = (user.id.clone(), user.name.clone());
            }
            "totp" => {
                let requested = &identity["totp"]["user"];
                let user = user(shared, requested)?;
                let right = shared.settings.passcode.as_ref().map(|passcode| passcode.expose());
                if right.is_none() || requested["passcode"].as_str() != right {
                    return Err(unauthorized());
                }
                if grant.user.0 != user.id {
                    return Err(unauthorized());
                }
            }
            "token" => {
                let earlier = in_force(shared, identity["token"]["id"].as_str())?;
                // A token obtained with a token never outlives it.
                (grant.expires, grant.expires_at) = (earlier.expires, earlier.expires_at);
                (grant.user, grant.agency) = (earlier.user, earlier.agency);
            }
            "assume_role" => {
                let earlier = in_force(shared, request.header("x-auth-token"))?;
                grant.agency = Some(agency(shared, &identity["assume_role"])?);
                grant.user = earlier.user;
            }
            _ => {
                return Err(Response::identity(401, "Attempted to authenticate with an unsupported method."));
            }
        }
        grant.methods.push(method.to_owned());
    }
    let has = |name: &str| grant.methods.iter().any(|method| method == name);
    if shared.settings.passcode.is_some() && has("password") && !has("totp") {
        return Err(Response::identity(401, "Additional authentications steps required."));
    }
    grant.scope = scope(shared, &body["auth"]["scope"], &grant)?;
    Ok(grant)
}

/// The user, by id, or by name and domain.
fn user<'a>(shared: &'a State, requested: &Value) -> Result<&'a User, Response> {
    let settings = &shared.settings;
    let found = if let Some(id) = requested["id"].as_str() {
        settings.users.iter().find(|user| user.id == id)
    } else if let Some(name) = requested["name"].as_str() {
        if !same_domain(&requested["domain"], &settings.domain_id, &settings.domain_name, "user")? {
            return Err(unauthorized());
        }
        settings.users.iter().find(|user| user.name == name)
    } else {
        return Err(Response::identity(400, "Expecting to find id or name in user."));
    };
    found.ok_or_else(unauthorized)
}

fn same_domain(requested: &Value, id: &str, name: &str, of: &str) -> Result<bool, Response> {
    match (requested["id"].as_str(), requested["name"].as_str()) {
        (None, None) => Err(Response::identity(400, &format!("Expecting to find domain in {of}."))),
        (Some(requested), _) => Ok(requested == id),
        (None, Some(requested)) => Ok(requested == name),
    }
}

fn in_force(shared: &State, token: Option<&str>) -> Result<Grant, Response> {
    match lock(&shared.tokens).state(token.unwrap_or_default(), shared.clock.now()) {
        TokenState::Valid(grant) => Ok(grant.clone()),
        TokenState::Expired | TokenState::Unknown => Err(unauthorized()),
    }
}

/// Domain and name of the agency. The id of a domain is its name here.
fn agency(shared: &State, requested: &Value) -> Result<(String, String), Response> {
    let domain = requested["domain_name"].as_str().or_else(|| requested["domain_id"].as_str());
    let (Some(domain), Some(name)) = (domain, requested["xrole_name"].as_str()) else {
        return Err(Response::identity(
            400,
            "Expecting to find domain_name or domain_id, and xrole_name in assume_role.",
        ));
    };
    let known = shared
        .settings
        .agencies
        .iter()
        .find(|agency| (agency.0.as_str(), agency.1.as_str()) == (domain, name));
    known.cloned().ok_or_else(|| Response::identity(403, "You have no permission to assume this agency."))
}

fn scope(shared: &State, requested: &Value, grant: &Grant) -> Result<Scope, Response> {
    let settings = &shared.settings;
    let (domain_id, domain_name) = match &grant.agency {
        Some((domain, _)) => (domain.as_str(), domain.as_str()),
        None => (settings.domain_id.as_str(), settings.domain_name.as_str()),
    };
    let (project, domain) = (&requested["project"], &requested["domain"]);
    let right = if let Some(id) = project["id"].as_str() {
        id == settings.project_id
    } else if let Some(name) = project["name"].as_str() {
        name == settings.project_name && same_domain(&project["domain"], domain_id, domain_name, "project")?
    } else if !domain.is_null() {
        return if same_domain(domain, domain_id, domain_name, "scope")? {
            Ok(Scope::Domain)
        } else {
            Err(unauthorized())
        };
    } else {
        return Ok(Scope::None);
    };
    if right { Ok(Scope::Project) } else { Err(unauthorized()) }
}

fn unauthorized() -> Response {
    Response::identity(401, "The request you have made requires authentication.")
        .header("WWW-Authenticate", "Keystone uri=\"/v3\"")
}

/// `GET` and `DELETE` of `/v3/auth/tokens`: describes or revokes the token in `X-Subject-Token`.
pub(crate) fn other_token(shared: &State, request: &Request) -> Response {
    if let Err(error) = authorize::check(shared, request) {
        return error;
    }
    let subject = request.header("x-subject-token");
    let Ok(grant) = in_force(shared, subject) else {
        return Response::identity(404, "This is not a recognized token.");
    };
    if request.method == "DELETE" {
        lock(&shared.tokens).revoke(subject.unwrap_or_default());
        return Response::new(204, "");
    }
    let catalog = request.query_value("nocatalog").is_none_or(|value| value.is_empty());
    Response::json(200, &super::catalog::token_body(shared, &grant, catalog))
        .header("X-Subject-Token", subject.unwrap_or_default())
}
