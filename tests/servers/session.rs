//! A client from the environment: the login, the catalog that it brings, and what is not in it.

use cloudjob::simulator::{Dialect, JobScript};

use crate::child::{Report, Task};
use crate::peers::{Gateway, Keystone, millis, servers};

/// A poll by a program that has only these variables.
fn polled(service: &str, job_id: &str, variables: &[(&str, &str)]) -> Report {
    let task = Task { connect: service.into(), job_id: job_id.into(), ..Task::default() };
    task.run(&[], variables).remove(0)
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn the_catalog_leads_to_the_jobs_of_each_service() {
    let ids = &servers().ids;
    let keystone = Keystone::long();
    let gateway = Gateway::of_project(keystone, &ids.project_id, None, Some(servers().api_port));
    let root = format!("http://127.0.0.1:{}", servers().api_port);
    for (service, expected) in [
        ("ecs", format!("{root}/ecs")),
        ("sdrs", format!("{root}/sdrs")),
        // These two have their jobs at the root, whatever path the catalog says.
        ("evs", root.clone()),
        ("ims", root),
    ] {
        let dialect = Dialect::from_name(service).unwrap();
        let script = JobScript::new("createServer").dialect(dialect).duration(millis(0));
        let id = gateway.jobs.start_job(script);
        let label = format!("catalog-{service}");
        let url = keystone.url(&label);
        let report = polled(
            service,
            id.as_str(),
            &[
                ("OS_AUTH_URL", &url),
                ("OS_USERNAME", &ids.user_name),
                ("OS_USER_DOMAIN_NAME", &ids.domain_name),
                ("OS_PASSWORD", &ids.password),
                ("OS_PROJECT_NAME", &ids.project_name),
            ],
        );
        assert_eq!(
            (report.word.as_str(), &report.endpoint),
            ("SUCCESS", &expected),
            "{service}: {}",
            report.text
        );
        assert_eq!(keystone.logins(&label), [201], "{service}: one login brings token and catalog");
        assert_eq!(gateway.jobs.poll_count(&id), 1, "{service}");
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn without_a_catalog_or_a_project_it_says_what_to_give() {
    let ids = &servers().ids;
    let keystone = Keystone::long();
    let url = keystone.url("no-catalog");
    let user = [
        ("OS_AUTH_URL", url.as_str()),
        ("OS_USERNAME", &ids.user_name),
        ("OS_USER_DOMAIN_NAME", &ids.domain_name),
        ("OS_PASSWORD", &ids.password),
    ];
    let report = polled("ecs", "j1", &user);
    println!("a login without a project: {}", report.text);
    assert!(report.text.contains("OS_PROJECT_NAME"), "{}", report.text);
    assert!(keystone.logins("no-catalog").is_empty(), "a password was sent for nothing");

    // The catalog has no such service, and 127.0.0.1 follows no naming rule.
    let with_project: Vec<_> = user.into_iter().chain([("OS_PROJECT_ID", ids.project_id.as_str())]).collect();
    let report = polled("bms", "j1", &with_project);
    println!("a service that is not in the catalog: {}", report.text);
    assert!(report.text.contains("endpoint"), "{}", report.text);
    for secret in [&ids.password, "gAAAA"] {
        assert!(!report.text.contains(secret), "{}", report.text);
    }
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_wrong_password_of_the_environment_is_sent_once() {
    let ids = &servers().ids;
    let keystone = Keystone::long();
    let url = keystone.url("wrong-in-environment");
    let report = polled(
        "ecs",
        "j1",
        &[
            ("OS_AUTH_URL", &url),
            ("OS_USERNAME", &ids.user_name),
            ("OS_USER_DOMAIN_NAME", &ids.domain_name),
            ("OS_PASSWORD", "not the passw0rd"),
            ("OS_PROJECT_ID", &ids.project_id),
        ],
    );
    assert_eq!(report.word, "401", "{}", report.text);
    assert!(!report.text.contains("passw0rd"), "{}", report.text);
    assert_eq!(keystone.logins("wrong-in-environment"), [401]);
}
