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
        builds(&mode, &mut report);
    }
    if mode.wants("memory") {
        memory(&mut report);
    }
    if mode.wants("show") {
        show::measure(&mut report);
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

/// Each from an empty target folder, doing the same work: the example program.
fn builds(mode: &Mode, report: &mut Report) {
    let (time, size) =
        ("cold release build, processor time", "stripped release binary of the example program");
    if mode.quick {
        report.skip(time, "it takes minutes: only in a full run");
        return report.skip(size, "only in a full run");
    }
    let (ours, native) = (cold_build("ours"), cold_build("ours-native-tls"));
    let (ureq, theirs) = (cold_build("plain-ureq"), cold_build("blocking"));
    let theirs_native = cold_build("blocking-native-tls");
    let mut row =
        |what: &str, ours: &Build, theirs: &Build, of: fn(&Build) -> f64, reach: Reach, note: &str| match (
            ours, theirs,
        ) {
            (Ok(_), Ok(_)) => report.row(what, of(ours) / of(theirs), "x", reach, note),
            (ours, theirs) => report.skip(what, &format!("{ours:?}, {theirs:?}")),
        };
    let seconds: fn(&Build) -> f64 = |build| build.as_ref().map_or(f64::NAN, |build| build.0);
    let megabytes: fn(&Build) -> f64 = |build| build.as_ref().map_or(f64::NAN, |build| build.1);
    for (what, of, unit, reach, reach_native) in [
        (time, seconds, "s", Reach::AtMost(0.36), Reach::AtMost(0.30)),
        (size, megabytes, "MB", Reach::AtMost(0.44), Reach::AtMost(0.24)),
    ] {
        let note = |one: &Build, other: &Build, peer: &str| {
            format!("{:.2} {unit} against {:.2} {unit} for {peer}", of(one), of(other))
        };
        let peer = "reqwest::blocking (rustls), backon, serde and chrono";
        row(what, &ours, &theirs, of, reach, &note(&ours, &theirs, peer));
        row("- with native-tls", &native, &theirs, of, reach_native, &note(&native, &theirs, "the same"));
        let peer = "reqwest::blocking with native-tls";
        row(
            "- both with native-tls",
            &native,
            &theirs_native,
            of,
            Reach::None,
            &note(&native, &theirs_native, peer),
        );
        let peer = "reqwest::blocking (rustls)";
        row(
            "- ureq with rustls and serde_json alone",
            &ureq,
            &theirs,
            of,
            Reach::None,
            &note(&ureq, &theirs, peer),
        );
    }
}

/// Processor time in seconds, and the size of the binary in megabytes.
type Build = Result<(f64, f64), String>;

fn cold_build(peer: &str) -> Build {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cold");
    let _ = std::fs::remove_dir_all(&target);
    let before = children_cpu();
    let mut command = cargo("build", &peers());
    command
        .args(["--release", "--quiet", "--features", peer, "--bin", peer])
        .env("CARGO_TARGET_DIR", &target);
    let status = command.stderr(Stdio::null()).status().map_err(|error| error.to_string())?;
    let spent = (children_cpu() - before).as_secs_f64();
    let length =
        std::fs::metadata(target.join("release").join(peer)).map_or(f64::NAN, |data| data.len() as f64);
    let _ = std::fs::remove_dir_all(&target);
    println!("{peer}: {spent:.1} s, {length} bytes");
    if status.success() {
        Ok((spent, length / 1e6))
    } else {
        Err(format!("the build of `{peer}` failed: {status}"))
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
            report.row(what, ours / theirs, "x", Reach::None, &note);
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
