//! The completion scripts, in the shells they are for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::run::{bare, run};

/// A directory with a clouds file and the script of a shell.
fn prepared(shell: &str, file: &str) -> PathBuf {
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("completions-{}-{shell}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let clouds = "clouds:\n  my-cloud:\n    auth_type: token\n    auth: {token: t, project_id: p}\n";
    fs::write(directory.join("clouds.yaml"), clouds).unwrap();
    let mut command = bare(&["completions", shell]);
    command.current_dir(&directory);
    let ended = run(command);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    fs::write(directory.join(file), ended.out).unwrap();
    fs::write(directory.join("a-file"), "").unwrap();
    directory
}

/// What a shell prints for this script; `None`, loudly, where there is no such shell.
fn output(shell: &str, arguments: &[&str], directory: &Path) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(shell)).find(|file| file.exists());
    let Some(program) = found else {
        eprintln!("!!! there is no {shell} here: its completions are not tried");
        return None;
    };
    let binary = Path::new(env!("CARGO_BIN_EXE_cloudjob")).parent().unwrap();
    let folders = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
    let mut command = Command::new(program);
    command.args(arguments).env_clear().current_dir(directory).env("HOME", directory).env("TERM", "dumb");
    command.env("PATH", std::env::join_paths(folders).unwrap());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text + &String::from_utf8_lossy(&output.stderr))
}

/// A line up to the cursor, and what is suggested there.
const CASES: [(&str, &[&str]); 8] = [
    ("cloudjob who", &["whoami"]),
    ("cloudjob wait a -o ", &["text", "json", "ids"]),
    ("cloudjob whoami --output ", &["text", "json"]),
    ("cloudjob wait a --service e", &["ecs", "evs", "eip"]),
    ("cloudjob show a --cloud ", &["my-cloud"]),
    ("cloudjob until /a --region eu-", &["eu-de", "eu-nl"]),
    ("cloudjob wait a --fail-", &["--fail-fast", "--fail-on-pending-payment"]),
    ("cloudjob man unt", &["until"]),
];

fn check(shell: &str, line: &str, expected: &[&str], suggested: &str) {
    for word in expected {
        assert!(suggested.contains(word), "{shell}: {line}: {word} is not in {suggested}");
    }
    assert!(!suggested.contains("a-file"), "{shell}: {line}: {suggested}");
}

#[test]
fn fish_completes_values() {
    let directory = prepared("fish", "cloudjob.fish");
    for (line, expected) in CASES {
        let script = format!("source cloudjob.fish; complete -C '{line}'");
        let Some(suggested) = output("fish", &["--no-config", "-c", &script], &directory) else { return };
        check("fish", line, expected, &suggested);
    }
}

#[test]
fn bash_completes_values() {
    let directory = prepared("bash", "cloudjob.bash");
    for (line, expected) in CASES {
        let script = format!(
            "source ./cloudjob.bash; line='{line}'; COMP_WORDS=($line); [[ $line == *' ' ]] && COMP_WORDS+=(''); \
             COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE=$line; COMP_POINT=${{#line}}; \
             _cloudjob cloudjob \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let Some(suggested) = output("bash", &["--norc", "-c", &script], &directory) else { return };
        check("bash", line, expected, &suggested);
    }
}

/// It needs a terminal of its own, which its module zpty has.
const IN_ZSH: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT=">>"; stty cols 400; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D
LISTMAX=0; bindkey "^I" list-choices; print REA""DY'
zpty -r -m shell begin '*READY*>>*'
for line; do
  zpty -w -n shell $line$'\t'
  zpty -w -n shell $'\C-u'
  zpty -w shell "print E''ND"
  zpty -r -m shell shown '*END*'
  print -r -- ${(V)shown}
done
zpty -d shell
"#;

#[test]
fn zsh_completes_values() {
    let directory = prepared("zsh", "_cloudjob");
    for (line, expected) in CASES {
        let Some(suggested) = output("zsh", &["-f", "-c", IN_ZSH, "zsh", line], &directory) else { return };
        check("zsh", line, expected, &suggested);
    }
}
