//! Logins at a real Keystone: every form of them, a wrong password, one-time codes, the catalog.

use std::thread;

use cloudjob::simulator::JobScript;
use cloudjob::{Login, Status};

use crate::peers::{Gateway, Keystone, millis, seconds, servers};

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn every_form_of_login_gives_a_token_of_the_right_user_and_project() {
    let ids = &servers().ids;
    let keystone = Keystone::long();
    let by_id = |label: &str| Login::new(keystone.url(label)).user_id(&ids.user_id).password(&ids.password);
    let by_name = |label: &str| keystone.login(label);
    let in_domain_id = |label: &str| {
        Login::new(keystone.url(label))
            .user_name(&ids.user_name)
            .user_domain_id(&ids.domain_id)
            .password(&ids.password)
    };
    let (demo, other) = (&ids.project_id, &ids.other_project_id);
    let first = keystone.token(demo);
    let forms: Vec<(&str, Login, &String)> = vec![
        ("name-and-domain-name", by_name("name-and-domain-name"), demo),
        ("name-and-domain-id", in_domain_id("name-and-domain-id"), demo),
        ("user-id", by_id("user-id"), demo),
        ("the-endpoint-decides", by_id("the-endpoint-decides"), other),
        ("project-id", by_name("project-id").project_id(other), other),
        ("project-name", by_name("project-name").project_name(&ids.other_project_name), other),
        (
            "project-and-domain-name",
            by_id("project-and-domain-name")
                .project_name(&ids.project_name)
                .project_domain_name(&ids.domain_name),
            demo,
        ),
        (
            "project-and-domain-id",
            by_id("project-and-domain-id")
                .project_name(&ids.other_project_name)
                .project_domain_id(&ids.domain_id),
            other,
        ),
        ("token", Login::new(keystone.url("token")).token(&first), demo),
        (
            "token-for-another",
            Login::new(keystone.url("token-for-another")).token(&first).project_id(other),
            other,
        ),
        (
            "address-without-version",
            Login::new(keystone.url("address-without-version").trim_end_matches("/v3"))
                .user_id(&ids.user_id)
                .password(&ids.password),
            demo,
        ),
    ];
    let gateways = [demo, other].map(|project| Gateway::of_project(keystone, project, None, None));
    for (label, login, project) in forms {
        let gateway = &gateways[usize::from(project == other)];
        let id = gateway.jobs.start_job(JobScript::new("createServer").duration(millis(0)));
        let job = gateway.client(login).job(&id).unwrap_or_else(|error| panic!("{label}: {error}"));
        assert_eq!(job.status(), &Status::Success, "{label}");
        assert_eq!(keystone.logins(label), [201], "{label}");
        let token = keystone.describe(&gateway.last_token()).unwrap();
        let token = &token["token"];
        assert_eq!(token["project"]["id"], project.as_str(), "{label}");
        assert_eq!(token["user"]["id"], ids.user_id.as_str(), "{label}");
        let method = if label.starts_with("token") { "token" } else { "password" };
        assert!(token["methods"].as_array().unwrap().iter().any(|it| it == method), "{label}: {token}");
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_wrong_password_reaches_keystone_once_however_many_threads_ask() {
    let keystone = Keystone::long();
    let gateway = Gateway::start(keystone);
    let id = gateway.jobs.start_job(JobScript::new("createServer").duration(millis(0)));
    let client = gateway.client(keystone.login("wrong-password").password("not the passw0rd"));
    let ask = || {
        for error in [client.job(&id).unwrap_err(), client.wait(&id).timeout(seconds(5)).run().unwrap_err()] {
            assert!(error.is_unauthorized(), "{error}");
            assert!(!error.to_string().contains("passw0rd"), "{error}");
        }
    };
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(ask);
        }
    });
    assert_eq!(keystone.logins("wrong-password"), [401]);
    assert_eq!(gateway.nginx.served().len(), 0, "a poll was sent without a login");
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_user_of_another_project_is_refused_once() {
    let keystone = Keystone::long();
    let gateway = Gateway::start(keystone);
    let id = gateway.jobs.start_job(JobScript::new("createServer"));
    let login = keystone.login("no-such-project").project_id("0123456789abcdef0123456789abcdef");
    let error = gateway.client(login).wait(&id).timeout(seconds(20)).run().unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(keystone.logins("no-such-project"), [401]);
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_one_time_code_logs_in_where_the_password_alone_does_not() {
    let ids = &servers().ids;
    let keystone = Keystone::long();
    let gateway = Gateway::start(keystone);
    let id = gateway.jobs.start_job(JobScript::new("createServer").duration(millis(0)));
    let by_id =
        |label: &str| Login::new(keystone.url(label)).user_id(&ids.coded_user_id).password(&ids.password);
    let by_name = keystone
        .login("code-and-name")
        .user_name(&ids.coded_user_name)
        .totp_passcode(servers().totp_passcode());
    for (label, login) in [
        ("code-and-id", by_id("code-and-id").totp_passcode(servers().totp_passcode())),
        ("code-and-name", by_name),
    ] {
        let job = gateway.client(login).job(&id).unwrap_or_else(|error| panic!("{label}: {error}"));
        assert_eq!(job.status(), &Status::Success);
        let token = keystone.describe(&gateway.last_token()).unwrap();
        let methods = token["token"]["methods"].as_array().unwrap();
        for method in ["password", "totp"] {
            assert!(methods.iter().any(|it| it == method), "{label}: {methods:?}");
        }
    }

    let error = gateway.client(by_id("no-code")).job(&id).unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert!(error.to_string().contains("one-time code"), "{error}");
    assert_eq!(keystone.logins("no-code"), [401]);
    let wrong = if servers().totp_passcode().trim() == "000000" { "000001" } else { "000000" };
    let error = gateway.client(by_id("wrong-code").totp_passcode(wrong)).job(&id).unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(keystone.logins("wrong-code"), [401]);
}
