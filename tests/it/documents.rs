//! The documents and the code that they describe stay in step.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

const PAGES: [&str; 11] = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/coming-from.md",
    "docs/benchmarks.md",
    "docs/decisions.md",
    "docs/fields.md",
    "docs/recipes.md",
    "docs/services.md",
    "docs/settings.md",
];

#[test]
fn each_field_and_job_type_of_the_services_documents_has_a_row() {
    let fields = page("docs/fields.md");
    let job = "status entities job_id job_type begin_time end_time error_code fail_reason message code";
    let entities = "server_id nic_id sub_jobs_total sub_jobs errorcode_message replication_pair_id volume_ids \
                    server_group_id protected_instance_id native_server_id";
    let statuses = "SUCCESS RUNNING FAIL INIT PENDING_PAYMENT";
    let request = "project_id X-Auth-Token error";
    let job_types = "createProtectionGroupNoCG deleteProtectionGroupNoCG startProtectionGroupNoCG \
                     reprotectProtectionGroupNoCG stopProtectionGroupNoCG failoverProtectionGroupNoCG \
                     reverseProtectionGroupNoCG createProtectedInstanceNoCG deleteProtectedInstanceNoCG \
                     attachReplicationPairNew detachReplicationPairNew addNicNew deleteNicNew \
                     resizeProtectedInstanceNew createReplicationPairNoCG deleteReplicationPairNoCG \
                     expandReplicationPairNew createDisasterRecoveryDrill deleteDisasterRecoveryDrill";
    assert_eq!(job_types.split_whitespace().count(), 19);
    for field in [job, entities, statuses, request, job_types].join(" ").split_whitespace() {
        // The first cell of a row names it, alone or among others.
        let named =
            |line: &str| line.split(" | ").next().is_some_and(|cell| cell.contains(&format!("`{field}`")));
        assert!(fields.lines().any(|line| line.starts_with("| ") && named(line)), "no row for `{field}`");
    }
    for status in [200, 300, 400, 401, 403, 404, 405, 406, 407, 408, 409, 429, 500, 501, 502, 503, 504] {
        let named =
            |line: &str| line.split(" | ").next().is_some_and(|cell| cell.contains(&status.to_string()));
        assert!(fields.lines().any(|line| line.starts_with("| ") && named(line)), "no row for {status}");
    }
}

#[test]
fn each_service_has_a_row() {
    let services = page("docs/services.md");
    for service in cloudjob::Service::ALL {
        assert!(services.contains(&format!("\n| `{service}` | ")), "no row for `{service}`");
    }
}

#[test]
fn links_between_files_lead_somewhere() {
    for name in PAGES {
        let text = page(name);
        let inline = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let definitions = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
        let definitions = definitions.filter(|(_, target)| !target.contains(' '));
        for target in inline.map(|(target, _)| target).chain(definitions.map(|(_, target)| target)) {
            if target.starts_with("http") {
                continue;
            }
            assert!(!target.contains("::"), "{name}: {target} is dead on a code host");
            let (file, heading) =
                target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
            let path = if file.is_empty() {
                PathBuf::from(name)
            } else {
                Path::new(name).parent().unwrap().join(file)
            };
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path));
            let text = text.unwrap_or_else(|error| panic!("{name}: {target}: {error}"));
            if let Some(heading) = heading {
                assert!(headings(&text).any(|other| other == heading), "{name}: {target}: no such heading");
            }
        }
    }
}

/// The headings of a page, as the code hosts name them in links.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    })
}

#[test]
fn pages_show_all_of_their_code() {
    for name in PAGES {
        // The language of the code block that is open.
        let mut language: Option<String> = None;
        for line in page(name).lines() {
            match (line.strip_prefix("```"), &language) {
                (Some(opened), None) => language = Some(opened.to_owned()),
                (Some(_), Some(_)) => language = None,
                (None, Some(open)) if open.is_empty() || open.starts_with("rust") => {
                    assert!(line != "#" && !line.starts_with("# "), "{name} hides `{line}`");
                }
                (None, _) => {}
            }
        }
    }
}

#[test]
fn the_changelog_has_this_version() {
    assert!(page("CHANGELOG.md").contains(&format!("## [{}]", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn the_readme_names_each_feature_and_the_commands_to_run() {
    let (readme, manifest) = (page("README.md"), page("Cargo.toml"));
    let features = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    let names = features.lines().filter_map(|line| line.split_once(" = [")).map(|(name, _)| name);
    for feature in names.filter(|name| *name != "default") {
        assert!(readme.contains(&format!("| `{feature}`")), "{feature}");
        assert!(page("src/lib.rs").contains(&format!("//! | `{feature}`")), "{feature}");
    }
    for command in ["cargo run --features cli -- demo", "cargo test --features cli"] {
        assert!(readme.contains(command), "{command}");
    }
}

#[test]
fn files_that_the_documents_name_are_there() {
    for name in PAGES {
        let text = page(name);
        for path in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "tests/", "docs/", "fuzz/", "benches/", ".ci/"]
                .iter()
                .any(|top| path.starts_with(top));
            if is_path && !path.contains(['*', ' ']) {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
                assert!(file.exists(), "{name}: `{path}` is not there");
            }
        }
    }
}
