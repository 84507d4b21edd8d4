//! clouds.yaml, as openstacksdk reads it: both log in at a recorder, and have to send the same.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::child::Task;
use crate::peers::{script, servers};

/// An IAM that accepts everybody, and keeps what it was sent. Its thread ends with the process.
struct Recorder {
    root: String,
    logins: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Recorder {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let logins = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&logins);
        thread::spawn(move || {
            for stream in listener.incoming() {
                respond(stream.unwrap(), &kept);
            }
        });
        Self { root, logins }
    }

    /// The path and the body of the only login since the last call.
    fn login(&self) -> Option<(String, Value)> {
        let mut logins = self.logins.lock().unwrap();
        assert!(logins.len() <= 1, "more than one login: {logins:?}");
        logins.pop()
    }
}

fn respond(stream: TcpStream, logins: &Mutex<Vec<(String, Value)>>) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = if first.starts_with("POST ") {
        logins.lock().unwrap().push((path, serde_json::from_slice(&body).unwrap()));
        let token = json!({"token": {"methods": ["password"], "issued_at": "2026-11-21T17:35:00.000000Z",
            "expires_at": "2126-11-22T17:35:00.000000Z", "catalog": [], "user": {"id": "u", "name": "u",
            "domain": {"id": "d", "name": "d"}}, "project": {"id": "p", "name": "x",
            "domain": {"id": "d", "name": "d"}}}});
        ("201 Created", token.to_string())
    } else {
        ("200 OK", r#"{"status": "SUCCESS"}"#.to_owned())
    };
    let _ = write!(
        reader.into_inner(),
        "HTTP/1.1 {status}\r\nX-Subject-Token: t0ken\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
}

/// Clouds files with one cloud `otc`, and the region asked for. After `---` on a line of its own follows `secure.yaml`, and
/// after another one `clouds-public.yaml`. The URL of the recorder replaces ROOT.
///
/// Left out is what differs on purpose: a password of `012345` without quotes is an octal number to PyYAML and stays as
/// it is written here; a token is used as it is and not exchanged for another; `default_domain_id` counts for every
/// `auth_type`; a file that cannot be read is an error and not skipped.
const CLOUDS: &[(&str, &str)] = &[
    (
        "auth: {auth_url: ROOT/v3, username: u, password: w, user_domain_name: d, project_name: x, project_domain_name: d}",
        "",
    ),
    ("auth: {auth_url: ROOT/v3, username: u, password: w, domain_name: d, project_name: x}", ""),
    ("auth: {auth_url: ROOT/v3, username: u, password: w, domain_id: d, tenant_name: x}", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p, tenant_id: q}", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: '012345', project_id: '0123'}", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: 'true', project_id: p}", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: \"w\\u00e4 \\\\\", project_id: p}", ""),
    // Beside `auth`.
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}\n    project_id: q", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}\n    tenant_id: q", ""),
    (
        "auth: {auth_url: ROOT/v3, username: u, password: w, project_name: x}\n    user_domain_name: d\n    project_domain_name: e",
        "",
    ),
    ("auth: {auth_url: ROOT/v3}\n    user_id: u\n    password: w\n    project_id: p", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w}\n    password: v\n    project_id: p", ""),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w, project-id: p}", ""),
    // Regions.
    (
        "auth: {auth_url: 'ROOT/{region_name}/v3', user_id: u, password: w, project_id: p}\n    region_name: r1",
        "",
    ),
    (
        "auth: {auth_url: 'ROOT/{region_name}/v3', user_id: u, password: w, project_id: p}\n    regions: [r1, r2]",
        "",
    ),
    (
        "auth: {auth_url: 'ROOT/{region_name}/v3', user_id: u, password: w, project_id: p}\n    regions: [r1, r2]",
        "r2",
    ),
    (
        "auth: {auth_url: 'ROOT/{region_name}/v3', user_id: u, password: w, project_id: p}\n    regions: [r1, r2]",
        "r3",
    ),
    (
        "auth: {auth_url: 'ROOT/{region_name}/v3', user_id: u, password: w, project_id: p}\n    region_name: 'r1,r2'",
        "r2",
    ),
    (
        "auth: {auth_url: ROOT/v3, username: u, password: w, domain_name: d, project_name: x}\n    regions:\n    - name: r1\n      values:\n        auth: {project_name: r1_x, auth_url: 'ROOT/one/{region_name}/v3'}\n    - name: r2\n      values:\n        auth: {project_name: r2_x}",
        "",
    ),
    (
        "auth: {auth_url: ROOT/v3, username: u, password: w, domain_name: d, project_name: x}\n    regions:\n    - name: r1\n    - name: r2\n      values:\n        auth: {project_name: r2_x, password: v}\n        project_domain_name: e",
        "r2",
    ),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}\n    regions: [{values: {}}]", ""),
    (
        "auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}\n    regions: [{name: r1, other: 1}]",
        "",
    ),
    // Laid over.
    ("auth: {auth_url: ROOT/v3, user_id: u, project_id: p}\n---\nclouds: {otc: {auth: {password: s}}}", ""),
    (
        "auth: {auth_url: ROOT/v3, user_id: u, project_id: p, password: w}\n---\nclouds: {otc: {auth: {password: s, project_id: q}}, b: {}}",
        "",
    ),
    ("auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}\n    region_name: r1", "r2"),
    // Laid over a profile.
    (
        "profile: mine\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: ROOT/v3}}}",
        "",
    ),
    (
        "cloud: mine\n    auth: {user_id: u, project_id: p}\n---\nclouds: {otc: {auth: {password: s}}}\n---\npublic-clouds: {mine: {auth: {auth_url: ROOT/v3, password: w, project_id: q}}}",
        "",
    ),
    (
        "profile: mine\n    auth: {user_id: u, password: w, project_id: p, auth_url: ROOT/own/v3}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: ROOT/v3}, region_name: r7}}",
        "",
    ),
    (
        "profile: mine\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: 'ROOT/{region_name}/v3'}, regions: [r1, r2]}}",
        "",
    ),
    (
        "profile: mine\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: 'ROOT/{region_name}/v3'}, regions: [r1, r2]}}",
        "r2",
    ),
    (
        "profile: mine\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: 'ROOT/{region_name}/v3'}, regions: [r1, r2]}}",
        "r3",
    ),
    (
        "profile: mine\n    region_name: r4\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: 'ROOT/{region_name}/v3'}, regions: [r1, r2]}}",
        "",
    ),
    (
        "profile: mine\n    regions: [r5]\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: 'ROOT/{region_name}/v3'}, regions: [{name: r5, values: {auth: {project_id: q}}}]}}",
        "",
    ),
    (
        "profile: mine\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {auth: {auth_url: 'ROOT/{region_name}/v3'}, regions: [{name: r5, values: {auth: {project_id: q}}}]}}",
        "r5",
    ),
    (
        "profile: otc\n    auth: {user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {otc: {auth: {auth_url: ROOT/v3}}}",
        "",
    ),
    (
        "profile: other\n    auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}\n---\nclouds: {}\n---\npublic-clouds: {mine: {region_name: r1}}",
        "r9",
    ),
    (
        "profile: mine\n    project_id: p\n    auth: {user_id: u, password: w}\n---\nclouds: {}\n---\npublic-clouds: {mine: {project_id: q, auth: {auth_url: ROOT/v3}}}",
        "",
    ),
    // What is missing or not known.
    ("profile: no-such-vendor\n    auth: {auth_url: ROOT/v3, user_id: u, password: w, project_id: p}", ""),
    ("auth: {user_id: u, password: w, project_id: p}", ""),
    ("auth: {auth_url: ROOT/v3, username: u, project_id: p}", ""),
];

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn both_send_the_same_login_or_none() {
    let recorder = Recorder::start();
    let folder = servers().folder("clouds");
    let (clouds_file, secure_file) = (folder.join("clouds.yaml"), folder.join("secure.yaml"));
    let public_file = folder.join("openstack").join("clouds-public.yaml");
    std::fs::create_dir_all(public_file.parent().unwrap()).unwrap();
    let (mut logins, mut differences) = (0, Vec::new());
    for (cloud, region) in CLOUDS {
        let (cloud, secure) = cloud.split_once("\n---\n").unwrap_or((cloud, "clouds: {}"));
        let (secure, public) = secure.split_once("\n---\n").unwrap_or((secure, "public-clouds: {}"));
        let password = if cloud.contains("auth_type") { "" } else { "auth_type: v3password" };
        let text = format!(
            "clouds:\n  otc:\n    {cloud}\n    {password}\n    ecs_endpoint_override: ROOT/{{region_name}}\n"
        );
        // Without a region nothing can be filled in.
        let text = if region.is_empty() && !text.contains("region") && !public.contains("region")
            || !text.contains("region_name: ") && !text.contains("regions:") && !public.contains("region")
        {
            text.replace("/{region_name}\n", "\n")
        } else {
            text
        };
        std::fs::write(&clouds_file, text.replace("ROOT", &recorder.root)).unwrap();
        std::fs::write(&secure_file, secure).unwrap();
        std::fs::write(&public_file, public.replace("ROOT", &recorder.root)).unwrap();
        let variables = [
            ("OS_CLOUD", Path::new("otc")),
            ("OS_CLIENT_CONFIG_FILE", &clouds_file),
            ("OS_CLIENT_SECURE_FILE", &secure_file),
            // Where both search `openstack/clouds-public.yaml`.
            ("XDG_CONFIG_HOME", &folder),
            ("OS_REGION_NAME", Path::new(region)),
        ];
        let variables = variables.map(|(name, value)| (name, value.to_str().unwrap()));

        let output = Command::new(&servers().openstack)
            .arg(script("openstack_login.py"))
            .envs(variables.into_iter().filter(|(_, value)| !value.is_empty()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
        let theirs = recorder.login();

        let task = Task { connect: "ecs".into(), job_id: "j1".into(), ..Task::default() };
        let report = task.run(&[], &variables).remove(0);
        let ours = recorder.login();
        let is_login = theirs.is_some() && seen["error"].is_null();
        let word = if is_login { "SUCCESS" } else { "Config" };
        let endpoint = seen["endpoint"].as_str().unwrap_or_default();
        if ours != theirs || report.word != word || report.endpoint != endpoint {
            differences.push(format!(
                "{cloud}\nregion `{region}`\n  ours: {ours:?} {report:?}\ntheirs: {theirs:?} {seen}"
            ));
        }
        logins += usize::from(is_login);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    println!("{logins} of {} clouds log in alike, and the others are refused by both", CLOUDS.len());
}
