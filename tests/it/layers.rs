//! The layers of `src/`: a folder uses folders of lower layers only, by module path.

use std::path::{Path, PathBuf};

/// Lowest first. CONTRIBUTING.md says what each folder is for.
const LAYERS: [&str; 15] = [
    "util",
    "job",
    "endpoint",
    "error",
    "api",
    "poll",
    "scheduler",
    "auth",
    "config",
    "http",
    "client",
    "session",
    "wait",
    "simulator",
    "cli",
];

/// The public modules re-export names of other layers, as `src/lib.rs` does.
const PUBLIC_MODULES: [&str; 4] = ["error/mod.rs", "poll/mod.rs", "session/mod.rs", "wait/mod.rs"];

#[test]
fn each_folder_uses_lower_layers_only() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(layer) = layer_of(&path) else { continue };
        let is_public_module = PUBLIC_MODULES.iter().any(|name| Path::new(name) == path);
        for (number, line) in code_lines(&text) {
            if is_public_module && line.trim_start().starts_with("pub use ") {
                continue;
            }
            for used in names_after(line, "crate::") {
                match LAYERS.iter().position(|name| *name == used) {
                    Some(of_used) if of_used <= layer => {}
                    Some(_) => {
                        wrong.push(format!("src/{}:{number} uses the higher layer {used}", path.display()));
                    }
                    None => wrong.push(format!(
                        "src/{}:{number} uses crate::{used}, which is not a folder: name the module path",
                        path.display()
                    )),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_folder_has_a_layer_and_each_layer_a_folder() {
    let folders: Vec<String> = std::fs::read_dir(source_root())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    for folder in &folders {
        assert!(LAYERS.contains(&folder.as_str()), "src/{folder} has no layer");
    }
    for layer in LAYERS {
        assert!(folders.iter().any(|folder| folder == layer), "src/{layer} is not there");
    }
}

#[test]
fn ureq_is_named_in_one_folder() {
    for (path, text) in sources() {
        if path.starts_with("http") {
            continue;
        }
        // In examples of the documentation too.
        for (index, line) in text.lines().enumerate() {
            assert_eq!(names_after(line, "ureq::").next(), None, "src/{}:{}", path.display(), index + 1);
        }
    }
}

#[test]
fn a_planted_import_is_found() {
    let planted = "use crate::client::Client;\n#[cfg(test)]\nmod tests {\n    use crate::cli::main;\n}\n";
    let lines: Vec<_> = code_lines(planted).collect();
    assert_eq!(lines, [(1, "use crate::client::Client;")]);
    assert_eq!(names_after(lines[0].1, "crate::").collect::<Vec<_>>(), ["client"]);
    assert!(
        LAYERS.iter().position(|name| *name == "client") > LAYERS.iter().position(|name| *name == "poll")
    );
}

/// The files of the folders in `src/` that are not tests, by their path below `src/`.
fn sources() -> Vec<(PathBuf, String)> {
    let root = source_root();
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.starts_with("tests") || name == "simulation.rs" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if folder != root && name.ends_with(".rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(files.len() > 50, "the sources were not found");
    files
}

/// The lines before the tests of a file that are no comments.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .take_while(|(_, line)| *line != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The first segment of each path in the line that begins with `root`.
fn names_after<'a>(line: &'a str, root: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(root).map(move |(at, _)| {
        let rest = &line[at + root.len()..];
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    })
}

fn layer_of(path: &Path) -> Option<usize> {
    let folder = path.components().next()?.as_os_str();
    LAYERS.iter().position(|name| folder == *name)
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
