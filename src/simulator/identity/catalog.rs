//! Responses of the identity service: the body of a token, the catalog, the projects.

use serde_json::{Value, json};

use super::authorize;
use super::tokens::{Grant, Scope};
use crate::simulator::clock::token_time;
use crate::simulator::http::request::Request;
use crate::simulator::http::response::Response;
use crate::simulator::state::State;

/// The body that describes a token.
pub(crate) fn token_body(shared: &State, grant: &Grant, with_catalog: bool) -> Value {
    let settings = &shared.settings;
    let own_domain = json!({ "id": settings.domain_id, "name": settings.domain_name });
    let domain = match &grant.agency {
        Some((domain, _)) => json!({ "id": domain, "name": domain }),
        None => own_domain.clone(),
    };
    let user = json!({ "id": grant.user.0, "name": grant.user.1, "domain": own_domain, "password_expires_at": null });
    let mut token = json!({
        "methods": grant.methods,
        "issued_at": token_time(grant.issued_at),
        "expires_at": token_time(grant.expires_at),
    });
    match &grant.agency {
        Some((domain_name, name)) => {
            token["user"] = json!({ "id": name, "name": format!("{domain_name}/{name}"), "domain": domain });
            token["assumed_by"] = json!({ "user": user });
        }
        None => token["user"] = user,
    }
    match grant.scope {
        Scope::Project => {
            token["project"] =
                json!({ "id": settings.project_id, "name": settings.project_name, "domain": domain });
        }
        Scope::Domain => token["domain"] = domain,
        Scope::None => {}
    }
    if grant.scope != Scope::None {
        token["roles"] = json!([{ "id": "0", "name": "te_admin" }]);
        if with_catalog {
            token["catalog"] = catalog(shared, grant.scope);
        }
    }
    json!({ "token": token })
}

/// `GET /v3/auth/catalog`
pub(crate) fn catalog_response(shared: &State, request: &Request) -> Response {
    match authorize::check(shared, request) {
        Ok(scope) => Response::json(200, &json!({ "catalog": catalog(shared, scope), "links": {} })),
        Err(error) => error,
    }
}

/// `GET /v3/projects`, filtered by `name` if the query has it.
pub(crate) fn projects_response(shared: &State, request: &Request) -> Response {
    if let Err(error) = authorize::check(shared, request) {
        return error;
    }
    let settings = &shared.settings;
    let wanted = request.query_value("name").is_none_or(|name| name == settings.project_name);
    let project = json!({
        "id": settings.project_id,
        "name": settings.project_name,
        "domain_id": settings.domain_id,
        "parent_id": settings.domain_id,
        "description": "",
        "enabled": true,
        "is_domain": false,
    });
    let projects = if wanted { vec![project] } else { Vec::new() };
    Response::json(200, &json!({ "projects": projects, "links": { "next": null, "previous": null } }))
}

/// The services, with the oddities of real catalogs: a service listed twice, one for all regions (`*`), a URL with a
/// trailing slash.
fn catalog(shared: &State, scope: Scope) -> Value {
    let (root, project_id) = (&shared.endpoint_url, &shared.settings.project_id);
    let region = shared.settings.project_name.split('_').next().unwrap_or_default();
    let endpoint = |region: &str, url: String| json!({ "id": crate::simulator::rng::hex(32), "interface": "public", "region": region, "region_id": region, "url": url });
    let mut entries = vec![
        ("identity", "keystone", vec![endpoint(region, format!("{root}/v3"))]),
        ("identity", "keystone", vec![endpoint("*", format!("{root}/v3"))]),
        ("image", "glance", vec![endpoint(region, format!("{root}/ims/"))]),
    ];
    if scope == Scope::Project {
        let of_project = |path: &str| vec![endpoint(region, format!("{root}/{path}/{project_id}"))];
        entries.extend([
            ("ecs", "ecs", of_project("ecs/v1")),
            ("compute", "nova", of_project("ecs/v2.1")),
            ("sdrs", "sdrs", of_project("sdrs/v1")),
            ("sdrs", "sdrs", of_project("sdrs/v1")),
            ("evs", "evs", of_project("evs/v2")),
            ("volumev3", "cinderv3", of_project("evs/v3")),
            ("bms", "bms", of_project("bms/v1")),
            ("vbs", "vbs", of_project("vbs/v2")),
            ("vpc", "vpc", of_project("vpc/v1")),
            ("cbr", "cbr", of_project("cbr/v3")),
            ("ccev2.0", "cce", vec![endpoint(region, format!("{root}/cce/api/v2/projects/{project_id}"))]),
            ("cph", "cph", of_project("cph/v1")),
            ("dcs", "dcs", of_project("dcs/v1.0")),
            ("ddm", "ddm", of_project("ddm/v1")),
            ("ddsv3", "dds", of_project("dds/v3")),
            ("deh", "deh", of_project("deh/v1.0")),
            ("dmsv2", "dms", of_project("dms/v2")),
            ("dws", "dws", of_project("dws/v1.0")),
            ("elbv3", "elb", of_project("elb/v3")),
            ("gaussdb-mysql", "gaussdb-mysql", of_project("taurusdb/v3")),
            ("gaussdb-nosql", "gaussdb-nosql", of_project("geminidb/v3")),
            ("gaussdb-opengauss", "gaussdb-opengauss", of_project("gaussdb/v3")),
            ("ges", "ges", of_project("ges/v1.0")),
            ("rdsv3", "rds", of_project("rds/v3")),
            ("sfsturbo", "sfsturbo", of_project("sfs-turbo/v1")),
            ("swr", "swr", of_project("swr/v2")),
            ("workspace", "workspace", of_project("workspace/v2")),
            ("appstream", "appstream", of_project("workspace-app/v1")),
        ]);
    }
    let entry = |(kind, name, endpoints): (&str, &str, Vec<Value>)| json!({ "type": kind, "name": name, "id": crate::simulator::rng::hex(32), "endpoints": endpoints });
    entries.into_iter().map(entry).collect()
}
