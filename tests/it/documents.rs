//! The documents and what they speak of stay together.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

const PAGES: [&str; 9] = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/coming-from.md",
    "docs/benchmarks.md",
    "docs/decisions.md",
    "docs/fields.md",
    "docs/recipes.md",
];

#[test]
fn each_field_of_the_documents_of_the_service_is_found() {
    let fields = page("docs/fields.md");
    let job = "status entities job_id job_type begin_time end_time error_code fail_reason message code";
    let entities = "server_id nic_id sub_jobs_total sub_jobs errorcode_message replication_pair_id volume_ids \
                    server_group_id protected_instance_id native_server_id";
    let statuses = "SUCCESS RUNNING FAIL INIT PENDING_PAYMENT";
    let question = "project_id X-Auth-Token error";
    for field in [job, entities, statuses, question].join(" ").split_whitespace() {
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
fn links_between_files_lead_somewhere() {
    for name in PAGES {
        let text = page(name);
        for target in
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
        {
            if target.starts_with("http") || target.contains("::") || target.starts_with('#') {
                continue;
            }
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            assert!(folder.parent().unwrap().join(target).exists(), "{name}: {target} is not there");
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
