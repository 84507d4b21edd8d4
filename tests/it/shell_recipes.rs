//! The shell scripts of the documents, run by `sh` against the simulator.
//!
//! `openstack` and `hcloud` are stubs that print what the real ones print. `curl` and `jq` are the real ones; a test that
//! needs one that is not installed says so and passes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudjob::simulator::{JobScript, Simulator};
use serde_json::Value;

/// The only script of a page that contains this text.
fn script(page: &str, contains: &str) -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let scripts = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let found: Vec<&str> =
        scripts.map(|(script, _)| script).filter(|script| script.contains(contains)).collect();
    assert_eq!(found.len(), 1, "{page} has {} scripts with `{contains}`", found.len());
    found[0].to_owned()
}

/// A folder with `cloudjob` and the stubs, in which scripts run; deleted at the end.
struct Sandbox {
    folder: PathBuf,
    simulator: Simulator,
}

impl Sandbox {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cloudjob-recipes-{}-{number}", std::process::id()));
        std::fs::create_dir_all(folder.join("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_cloudjob"), folder.join("bin/cloudjob")).unwrap();
        Self { folder, simulator: Simulator::start().unwrap() }
    }

    /// Adds a program to the PATH of the script.
    fn program(&self, name: &str, script: &str) {
        let path = self.folder.join("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).unwrap();
    }

    /// Runs a script with an environment of these variables only.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let usual = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .args(["-c", script])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", format!("{}:{usual}", self.folder.join("bin").display()))
            .env("HOME", &self.folder)
            .env("ENDPOINT", self.simulator.endpoint_url())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// As `run`, with a token and a project id.
    fn run_with_token(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let mut all =
            vec![("OS_TOKEN", self.simulator.token()), ("OS_PROJECT_ID", self.simulator.project_id())];
        all.extend(variables);
        self.run(script, &all)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_here(programs: &[&str]) -> bool {
    let missing: Vec<&&str> =
        programs.iter().filter(|name| Command::new(**name).arg("--version").output().is_err()).collect();
    if !missing.is_empty() {
        eprintln!("NOT RUN: {missing:?} is not installed here");
    }
    missing.is_empty()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_response_of_curl_is_piped() {
    if !is_here(&["curl"]) {
        return;
    }
    for page in ["docs/recipes.md", "README.md"] {
        let sandbox = Sandbox::new();
        sandbox.file("servers.json", r#"{"simulate":{"seconds":0.2,"sub_jobs":2}}"#);
        let output = sandbox.run_with_token(&script(page, "-d @servers.json |"), &[]);
        assert_eq!(output.status.code(), Some(0));
        let result = std::fs::read_to_string(sandbox.folder.join("result.json")).unwrap();
        let result: Value = serde_json::from_str(&result).unwrap();
        assert_eq!(result["outcome"], "succeeded");
        assert_eq!(result["ids"]["server_id"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn the_response_of_hcloud_is_a_file_and_each_exit_code_has_its_branch() {
    let script = script("docs/recipes.md", "hcloud ECS CreateServers");
    let ended = || JobScript::new("createServer").sub_jobs(2).duration(Duration::ZERO);
    for (job, more, code, says) in [
        (ended(), "", 0, "the servers are there"),
        (ended().failing_sub_jobs(1), "", 1, "the job failed"),
        (ended().never_ends(), "0s", 3, "not finished in time"),
    ] {
        let sandbox = Sandbox::new();
        let id = sandbox.simulator.start_job(job);
        sandbox.program(
            "hcloud",
            &format!("printf '{{\\n  \"serverIds\": [],\\n  \"job_id\": \"{id}\"\\n}}\\n'"),
        );
        let script = if more.is_empty() { script.clone() } else { script.replace("20m", more) };
        let output = sandbox.run_with_token(&script, &[]);
        assert_eq!(output.status.code(), Some(code));
        assert!(printed(&output).contains(says), "{}", printed(&output));
    }
}

#[test]
fn a_token_of_openstack_is_enough() {
    let sandbox = Sandbox::new();
    let (token, project) = (sandbox.simulator.token(), sandbox.simulator.project_id());
    let stub = format!("case \"$*\" in *project_id) echo {project} ;; *) echo {token} ;; esac");
    sandbox.program("openstack", &stub);
    let id = sandbox.simulator.start_job(JobScript::new("createServer").duration(Duration::ZERO));
    let variables = [("JOB_ID", id.as_str()), ("OS_CLOUD", "otc")];
    let output = sandbox.run(&script("docs/recipes.md", "openstack token issue"), &variables);
    assert_eq!(output.status.code(), Some(0));
    assert!(printed(&output).contains("SUCCESS"), "{}", printed(&output));
}

#[test]
fn both_loops_of_the_page_for_shell_users_succeed() {
    let sandbox = Sandbox::new();
    let id = sandbox.simulator.start_job(JobScript::new("createServer").duration(Duration::ZERO));
    let variables = [("JOB_ID", id.as_str())];
    let ours = sandbox.run_with_token(&script("docs/coming-from.md", "cloudjob wait"), &variables);
    assert_eq!(ours.status.code(), Some(0));
    if is_here(&["curl", "jq"]) {
        let theirs = sandbox.run_with_token(&script("docs/coming-from.md", "while true"), &variables);
        assert_eq!((theirs.status.code(), printed(&theirs).trim()), (Some(0), "SUCCESS"));
    }
}

/// The commands of a CI recipe: of a block scalar or a list in YAML, or the `sh` steps of a Jenkinsfile.
fn ci_commands(holds: &str) -> String {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes.md")).unwrap();
    let section = text.split("\n## In CI\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let recipe = section.split("```").find(|block| block.contains(holds)).unwrap();
    let is_shell = |line: &&str| line.contains("cloudjob wait") || line.contains("jq -");
    recipe.lines().filter(is_shell).fold("set -e\n".to_owned(), |script, line| {
        let line = line.trim().trim_start_matches("- ");
        // Jenkins: the text in quotes; the quotes inside of it are escaped.
        let jenkins = line.strip_prefix("sh '").and_then(|rest| rest.strip_suffix('\''));
        let assigned = line.split_once("script: \"").and_then(|(_, rest)| rest.rsplit_once("\", "));
        let command = match (jenkins, assigned) {
            (Some(command), _) => command.to_owned(),
            (None, Some((command, _))) => command.replace("\\\"", "\""),
            (None, None) => line.to_owned(),
        };
        script + &command + "\n"
    })
}

#[test]
fn the_commands_of_the_ci_recipes_pass_the_ids_on() {
    if !is_here(&["jq"]) {
        return;
    }
    for (recipe, passes_on) in [("GITHUB_OUTPUT", "github"), ("dotenv", "servers.env"), ("Jenkins", "")] {
        let recipe = if recipe == "Jenkins" { "SERVER_IDS = sh" } else { recipe };
        let sandbox = Sandbox::new();
        let script = JobScript::new("createServer").sub_jobs(2).duration(Duration::ZERO);
        let id = sandbox.simulator.start_job(script);
        sandbox.file("response.json", &format!("{{\"job_id\": \"{id}\"}}"));
        let endpoint = sandbox.simulator.endpoint_url().to_owned();
        let output = sandbox.run_with_token(
            &ci_commands(recipe),
            &[
                ("OS_REGION_NAME", "eu-de"),
                ("HUAWEICLOUD_SDK_REGION_ECS_EU_DE", &endpoint),
                ("GITHUB_OUTPUT", "github"),
            ],
        );
        assert_eq!(output.status.code(), Some(0), "{recipe}");
        let told = match passes_on {
            "" => printed(&output),
            file => std::fs::read_to_string(sandbox.folder.join(file)).unwrap(),
        };
        let ids = told.trim().rsplit('=').next().unwrap();
        assert_eq!(ids.split(',').count(), 2, "{recipe}: {told}");
        assert!(std::fs::metadata(sandbox.folder.join("result.json")).unwrap().len() > 100, "{recipe}");
    }
}
