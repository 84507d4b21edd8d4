//! The simulated identity service and the verification of signatures.

use std::time::Duration;

use cloudjob::simulator::{JobScript, Simulator};
use serde_json::{Value, json};

use super::{Connection, Received, job_path};

/// The body of a login with a password.
fn login(simulator: &Simulator, password: &str) -> Value {
    json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": "demo", "password": password, "domain": {"name": simulator.domain_name()}}}},
        "scope": {"project": {"id": simulator.project_id()}}}})
}

fn log_in(connection: &mut Connection, body: &Value) -> Received {
    connection
        .request("POST", "/v3/auth/tokens", &[("Content-Type", "application/json")], &body.to_string())
        .unwrap()
}

#[test]
fn a_login_issues_a_token_with_a_lifetime() {
    let life = Duration::from_secs(600);
    let simulator = Simulator::builder()
        .user("demo", "s3cret pässword")
        .token_life(life)
        .token_length(5000)
        .start()
        .unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let path = job_path(&simulator, id.as_str());
    let mut connection = Connection::new(&simulator);
    let received = log_in(&mut connection, &login(&simulator, "s3cret pässword"));
    assert_eq!(received.status, 201);
    let token = received.header("x-subject-token").unwrap().to_owned();
    assert_eq!(token.len(), 5000);
    let body = &received.json()["token"];
    assert_eq!(body["project"]["id"], simulator.project_id());
    assert_eq!(body["user"]["id"].as_str(), simulator.user_id("demo"));
    let expires = body["expires_at"].as_str().unwrap();
    assert!(expires.len() == 27 && expires.ends_with('Z'), "{expires}");
    let entries = body["catalog"].as_array().unwrap();
    let ecs = entries.iter().find(|entry| entry["type"] == "ecs").unwrap();
    let url = format!("{}/ecs/v1/{}", simulator.endpoint_url(), simulator.project_id());
    assert_eq!(ecs["endpoints"][0]["url"], json!(url));

    assert_eq!(connection.get(&format!("/ecs{path}"), &token).unwrap().status, 200);
    simulator.advance(life);
    let over = connection.get(&path, &token).unwrap();
    assert_eq!((over.status, &over.json()["error_code"]), (401, &json!("APIGW.0307")));

    let second = log_in(&mut connection, &login(&simulator, "s3cret pässword"));
    let second = second.header("x-subject-token").unwrap().to_owned();
    assert_eq!(connection.get(&path, &second).unwrap().status, 200);
    simulator.revoke_tokens();
    assert_eq!(connection.get(&path, &second).unwrap().status, 401);
    assert_eq!(connection.get(&path, simulator.token()).unwrap().status, 200);
    assert_eq!(simulator.login_count(), 2);
    assert!(!format!("{:?} {simulator:?}", simulator.requests()).contains("pässword"));
}

#[test]
fn logins_are_refused_as_by_the_identity_service() {
    let simulator = Simulator::builder().user("demo", "right").start().unwrap();
    let good = login(&simulator, "right");
    let with = |place: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(place).unwrap() = value;
        body
    };
    let user = "/auth/identity/password/user";
    let table = [
        (login(&simulator, "wrong"), 401),
        (with(&format!("{user}/name"), json!("nobody")), 401),
        (with(&format!("{user}/domain"), json!({"name": "other"})), 401),
        (with(&format!("{user}/domain"), Value::Null), 400),
        (with(user, json!({"password": "right"})), 400),
        (with("/auth/identity/methods", json!(["password", "oauth1"])), 401),
        (with("/auth/identity/methods", json!([])), 400),
        (with("/auth/identity/methods", json!(["totp"])), 400),
        (with("/auth/identity", Value::Null), 400),
        (with("/auth/scope", json!({"project": {"id": "other"}})), 401),
        (with("/auth/scope", json!({"project": {"name": simulator.project_name()}})), 400),
        (json!([]), 400),
    ];
    let mut connection = Connection::new(&simulator);
    for (body, status) in table {
        let received = log_in(&mut connection, &body);
        assert_eq!((received.status, &received.json()["error"]["code"]), (status, &json!(status)), "{body}");
        assert!(received.header("x-subject-token").is_none());
    }
    assert_eq!(connection.request("POST", "/v3/auth/tokens", &[], "{").unwrap().status, 400);
    assert_eq!(simulator.login_count(), 0);
}

#[test]
fn the_scope_says_what_a_token_is_good_for() {
    let simulator = Simulator::builder().user("demo", "right").project_name("eu-nl_test").start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let path = job_path(&simulator, id.as_str());
    let domain = json!({"name": simulator.domain_name()});
    let table = [
        (json!({"project": {"name": "eu-nl_test", "domain": domain}}), 200, true),
        (json!({"domain": domain}), 400, true),
        (Value::Null, 400, false),
    ];
    let mut connection = Connection::new(&simulator);
    for (scope, status, catalog) in table {
        let mut body = login(&simulator, "right");
        body["auth"]["scope"] = scope.clone();
        let received = log_in(&mut connection, &body);
        assert_eq!(received.json()["token"].get("catalog").is_some(), catalog, "{scope}");
        let token = received.header("x-subject-token").unwrap().to_owned();
        assert_eq!(connection.get(&path, &token).unwrap().status, status, "{scope}");
    }
    let plain = connection.request(
        "POST",
        "/v3/auth/tokens?nocatalog=true",
        &[],
        &login(&simulator, "right").to_string(),
    );
    assert!(plain.unwrap().json()["token"].get("catalog").is_none());
}

#[test]
fn a_second_factor_is_asked_for_where_there_is_one() {
    let simulator = Simulator::builder().user("demo", "right").totp("123456").start().unwrap();
    let mut connection = Connection::new(&simulator);
    let mut body = login(&simulator, "right");
    assert_eq!(log_in(&mut connection, &body).status, 401);
    body["auth"]["identity"]["methods"] = json!(["password", "totp"]);
    let table = [
        (json!({"id": simulator.user_id("demo"), "passcode": "123456"}), 201),
        (json!({"name": "demo", "domain": {"name": simulator.domain_name()}, "passcode": "123456"}), 201),
        (json!({"name": "demo", "passcode": "123456"}), 400),
        (json!({"id": simulator.user_id("demo"), "passcode": "000000"}), 401),
        (json!({"id": simulator.user_id("demo")}), 401),
    ];
    for (user, status) in table {
        body["auth"]["identity"]["totp"] = json!({"user": user});
        assert_eq!(log_in(&mut connection, &body).status, status, "{user}");
    }
}

#[test]
fn a_token_can_be_exchanged_and_can_assume_an_agency() {
    let life = Duration::from_secs(1000);
    let simulator =
        Simulator::builder().user("demo", "right").agency("PARTNER", "ops").token_life(life).start().unwrap();
    let mut connection = Connection::new(&simulator);
    let first = log_in(&mut connection, &login(&simulator, "right"));
    let token = first.header("x-subject-token").unwrap().to_owned();
    simulator.advance(Duration::from_secs(500));
    let scope = json!({"project": {"id": simulator.project_id()}});
    let body = json!({"auth": {"identity": {"methods": ["token"], "token": {"id": token}}, "scope": scope}});
    let again = log_in(&mut connection, &body);
    assert_eq!(again.status, 201);
    assert_eq!(again.json()["token"]["expires_at"], first.json()["token"]["expires_at"]);

    let mut assume = |name: &str, token: &str| {
        let role = json!({"domain_name": "PARTNER", "xrole_name": name});
        let body =
            json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}, "scope": scope}});
        connection.request("POST", "/v3/auth/tokens", &[("X-Auth-Token", token)], &body.to_string()).unwrap()
    };
    let agency = assume("ops", &token);
    assert_eq!(agency.status, 201);
    assert_eq!(agency.json()["token"]["assumed_by"]["user"]["name"], "demo");
    assert_eq!(assume("other", &token).status, 403);
    assert_eq!(assume("ops", "nobody's").status, 401);
    simulator.revoke_tokens();
    assert_eq!(assume("ops", &token).status, 401);
}

#[test]
fn tokens_catalog_and_projects_can_be_queried() {
    let simulator = Simulator::builder().user("demo", "right").start().unwrap();
    let mut connection = Connection::new(&simulator);
    let received = log_in(&mut connection, &login(&simulator, "right"));
    let token = received.header("x-subject-token").unwrap().to_owned();
    let named = format!("/v3/projects?name={}", simulator.project_name());
    let one = connection.get(&named, &token).unwrap().json();
    assert_eq!(one["projects"][0]["id"], simulator.project_id());
    let none = connection.get("/v3/projects?name=eu-nl", &token).unwrap().json();
    assert_eq!(none["projects"], json!([]));
    assert_eq!(connection.get("/v3/projects", "wrong").unwrap().status, 401);
    assert!(connection.get("/v3/auth/catalog", &token).unwrap().json()["catalog"].is_array());

    let headers = [("X-Auth-Token", token.as_str()), ("X-Subject-Token", token.as_str())];
    let described = connection.request("GET", "/v3/auth/tokens?nocatalog=1", &headers, "").unwrap();
    assert_eq!((described.status, &described.json()["token"]["user"]["name"]), (200, &json!("demo")));
    assert_eq!(connection.request("DELETE", "/v3/auth/tokens", &headers, "").unwrap().status, 204);
    assert_eq!(connection.get("/v3/projects", &token).unwrap().status, 401);
}

#[cfg(feature = "signing")]
#[test]
fn a_wrong_signature_is_rejected() {
    let simulator = Simulator::builder().access_key("AK", "SK").start().unwrap();
    let mut connection = Connection::new(&simulator);
    let path = job_path(&simulator, "ff80");
    let mut send = |access: &str| {
        let signature =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders=host;x-sdk-date, Signature={:064}", 0);

        let date = now();
        connection.request("GET", &path, &[("X-Sdk-Date", &date), ("Authorization", &signature)], "").unwrap()
    };
    let unknown = send("OTHER");
    assert_eq!(unknown.status, 401);
    let message = unknown.json()["error_msg"].as_str().unwrap().to_owned();
    assert_eq!(message, "Incorrect IAM authentication information: ak OTHER not exist");
    let wrong = send("AK");
    let message = wrong.json()["error_msg"].as_str().unwrap().to_owned();
    assert!(message.contains("verify aksk signature fail, canonicalRequest:GET|/v1/"), "{message}");
}

#[cfg(feature = "signing")]
#[test]
fn a_valid_signature_is_accepted() {
    use hmac_sha256::{HMAC, Hash};

    let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let simulator = Simulator::builder()
        .access_key("AK", "SK")
        .temporary_access_key("AK2", "SK2", "session")
        .start()
        .unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let path = job_path(&simulator, id.as_str());
    let mut connection = Connection::new(&simulator);
    let mut send = |access: &str, secret: &str, security_token: Option<&str>, path: &str, query: &str| {
        let date = now();
        let (signed, extra) = match security_token {
            Some(token) => ("host;x-sdk-date;x-security-token", format!("x-security-token:{token}\n")),
            None => ("host;x-sdk-date", String::new()),
        };
        let body = hex(Hash::hash(b""));
        let canonical =
            format!("GET\n{path}/\n{query}\nhost:x\nx-sdk-date:{date}\n{extra}\n{signed}\n{body}");
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(Hash::hash(canonical.as_bytes())));
        let signature = hex(HMAC::mac(text.as_bytes(), secret.as_bytes()));
        let authorization =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders={signed}, Signature={signature}");
        let mut headers = vec![("X-Sdk-Date", date.as_str()), ("Authorization", &authorization)];
        headers.extend(security_token.map(|token| ("X-Security-Token", token)));
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        connection.request("GET", &target, &headers, "").unwrap()
    };
    assert_eq!(send("AK", "SK", None, &path, "").status, 200);
    assert_eq!(send("AK2", "SK2", Some("session"), &path, "").status, 200);
    assert_eq!(send("AK2", "SK2", Some("other"), &path, "").status, 401);
    assert_eq!(send("AK2", "SK2", None, &path, "").status, 401);
    assert_eq!(send("AK", "SK2", None, &path, "").status, 401);
    let query = format!("name={}", simulator.project_name());
    let projects = send("AK", "SK", None, "/v3/projects", &query);
    assert_eq!(projects.json()["projects"][0]["id"], simulator.project_id());
    simulator.advance(Duration::from_secs(16 * 60));
    let late = send("AK", "SK", None, &path, "").json();
    assert!(late["error_msg"].as_str().unwrap().contains("signature expired"), "{late}");
    assert!(!format!("{:?}", simulator.requests()).contains("session"));
}

#[cfg(feature = "signing")]
fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    let (date, clock) = (now.date(), now.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}
