//! The cost of the dependency: build time, crates, size, memory, and the start of the command.

mod common;
#[path = "cost/show.rs"]
mod show;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::child;
use common::mode::Mode;
use common::report::{Reach, Report};
use common::server::Server;
use common::timing::{children_cpu, median};

fn main() {
    if child::role().is_some() {
        return common::server::serve();
    }
    let Some(mode) = Mode::from_args() else { return };
    let mut report = Report::new("cost", &mode);
    if mode.wants("crates") {
        crates(&mut report);
    }
    if mode.wants("build") {
        build(&mode, &mut report);
    }
    if mode.wants("size") {
        size(&mut report);
    }
    if mode.wants("memory") {
        memory(&mut report);
    }
    if mode.wants("show") {
        show::measure(&mode, &mut report);
    }
    report.finish();
}

fn crates(report: &mut Report) {
    for (what, args, reach) in [
        ("crates in the default build, this one included", &[][..], Reach::AtMost(42.0)),
        ("- without TLS", &["--no-default-features"], Reach::AtMost(27.0)),
    ] {
        let mut command = cargo("tree", root());
        command.args(["--edges", "normal,build", "--prefix", "none", "--offline"]).args(args);
        match tree(command) {
            Ok(crates) => report.row(what, crates as f64, "", reach, ""),
            Err(why) => report.skip(what, &why),
        }
    }
    let mut command = cargo("tree", &peers());
    command.args(["--edges", "normal,build", "--prefix", "none", "--offline", "--features", "blocking"]);
    let what = "- reqwest::blocking with backon, serde and chrono";
    match tree(command) {
        Ok(crates) => report.row(
            what,
            crates as f64 - 1.0,
            "",
            Reach::None,
            "with the features that `cargo add` enables",
        ),
        Err(why) => report.skip(what, &why),
    }
}

/// The crates in what `cargo tree` says, each once.
fn tree(mut command: Command) -> Result<usize, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(text.lines().next().unwrap_or("cargo tree failed").to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?))
    });
    Ok(names.collect::<BTreeSet<_>>().len())
}

/// Both from an empty target folder, doing the same work: the example program.
fn build(mode: &Mode, report: &mut Report) {
    let what = "cold release build, processor time";
    if mode.quick {
        return report.skip(what, "it takes minutes: only in a full run");
    }
    match (cold_build("ours"), cold_build("blocking")) {
        (Ok(ours), Ok(theirs)) => {
            let note =
                format!("{ours:.0} s against {theirs:.0} s for reqwest::blocking, backon, serde and chrono");
            report.row(what, ours / theirs, "x", Reach::AtMost(0.4), &note);
        }
        (ours, theirs) => report.skip(what, &format!("{ours:?}, {theirs:?}")),
    }
}

fn cold_build(peer: &str) -> Result<f64, String> {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cold");
    let _ = std::fs::remove_dir_all(&target);
    let before = children_cpu();
    let mut command = cargo("build", &peers());
    command
        .args(["--release", "--quiet", "--features", peer, "--bin", peer])
        .env("CARGO_TARGET_DIR", &target);
    let status = command.stderr(Stdio::null()).status().map_err(|error| error.to_string())?;
    let _ = std::fs::remove_dir_all(&target);
    let spent = (children_cpu() - before).as_secs_f64();
    if status.success() { Ok(spent) } else { Err(format!("the build of `{peer}` failed: {status}")) }
}

fn size(report: &mut Report) {
    let what = "stripped release binary of the example program";
    let length = |peer: &str| {
        let program =
            child::peer(peer).ok_or_else(|| format!("benches/peers has not been built with `{peer}`"))?;
        std::fs::metadata(program).map(|data| data.len() as f64 / 1e6).map_err(|error| error.to_string())
    };
    match (length("ours"), length("blocking")) {
        (Ok(ours), Ok(theirs)) => {
            let note = format!("{ours:.1} MB against {theirs:.1} MB with reqwest::blocking");
            report.row(what, ours / theirs, "x", Reach::AtMost(0.45), &note);
            if let Ok(ureq) = length("plain-ureq") {
                report.row("- ureq with rustls alone, for comparison", ureq, "MB", Reach::None, "");
            }
        }
        (Err(why), _) | (_, Err(why)) => report.skip(what, &why),
    }
}

/// One wait of three polls.
fn memory(report: &mut Report) {
    let what = "peak memory of one wait";
    let peak = |peer: &str| {
        let program =
            child::peer(peer).ok_or_else(|| format!("benches/peers has not been built with `{peer}`"))?;
        let mut peaks = Vec::new();
        for _ in 0..5 {
            let server = Server::start(2);
            let mut command = common::server::command(&program, &server);
            command.arg("wait");
            let line = child::last_line(command)?;
            peaks.push(line.parse::<f64>().map_err(|_| format!("it said `{line}`"))? / 1e6);
        }
        Ok::<f64, String>(median(peaks))
    };
    match (peak("ours"), peak("blocking")) {
        (Ok(ours), Ok(theirs)) => {
            let note = format!("{ours:.1} MB against {theirs:.1} MB with reqwest::blocking");
            report.row(what, ours / theirs, "x", Reach::AtMost(0.5), &note);
        }
        (Err(why), _) | (_, Err(why)) => return report.skip(what, &why),
    }
    if let (Ok(bare), Ok(ureq)) = (peak("bare"), peak("plain-ureq")) {
        report.row("- a bare socket, for comparison", bare, "MB", Reach::None, "");
        report.row("- ureq alone, for comparison", ureq, "MB", Reach::None, "");
    }
}

fn cargo(task: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(task).current_dir(folder);
    command
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn peers() -> PathBuf {
    root().join("benches/peers")
}
