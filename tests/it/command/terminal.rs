//! The live display, on a terminal of the test's own.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;

use cloudjob::simulator::Simulator;
use nix::pty::{Winsize, openpty};

use super::run::{asking, takes};

/// Runs it with all three streams on a terminal that wide, and gives the code and what the terminal got.
fn on_terminal(mut command: Command, columns: u16) -> (Option<i32>, String) {
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(&size, None).unwrap();
    let slave = || Stdio::from(terminal.slave.try_clone().unwrap());
    if command.get_envs().all(|(name, _)| name != "TERM") {
        command.env("TERM", "xterm");
    }
    let mut child = command.stdin(slave()).stdout(slave()).stderr(slave()).spawn().unwrap();
    // The terminal must not be held open by this side.
    drop(command);
    drop(terminal.slave);
    let mut master = File::from(terminal.master);
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut part = [0; 4096];
        // At the end of the other side it is an error.
        while let Ok(count @ 1..) = master.read(&mut part) {
            bytes.extend_from_slice(&part[..count]);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let code = child.wait().unwrap().code();
    (code, reader.join().unwrap())
}

/// The frames of the display: its lines, as they stood on the screen after a clearing. They are padded to the width of
/// the terminal, so that one begins where the one before it ends.
fn frames(screen: &str, columns: u16) -> Vec<String> {
    let parts = screen.split("\u{1b}[2K").flat_map(|part| part.split(['\r', '\n']));
    let parts = parts.map(without_escapes).filter(|part| is_frame(part));
    parts
        .flat_map(|part| {
            let chars: Vec<_> = part.chars().collect();
            chars.chunks(usize::from(columns)).map(String::from_iter).collect::<Vec<_>>()
        })
        .collect()
}

fn is_frame(text: &str) -> bool {
    text.starts_with(['|', '/', '-', '\\']) && text[1..].starts_with(' ')
}

fn without_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    first
        + &parts
            .map(|part| part.trim_start_matches(|c: char| !c.is_alphabetic()).get(1..).unwrap_or_default())
            .collect::<String>()
}

#[test]
fn the_display_fits_a_narrow_window_and_leaves_the_results_whole() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = [300, 900].map(|millis| simulator.job(takes(millis).sub_jobs(2)).to_string()).into();
    for columns in [40, 80] {
        let mut command = asking(&simulator, &["wait"]);
        command.args(&ids).env("NO_COLOR", "1");
        let (code, screen) = on_terminal(command, columns);
        assert_eq!(code, Some(0), "{screen}");
        for frame in frames(&screen, columns) {
            assert!(is_frame(&frame), "a line that is wider than the window: {frame:?}");
        }
        for id in &ids {
            let result = format!("createServer {id} SUCCESS");
            let (before, _) = screen.split_once(&result).expect(&result);
            assert!(before.ends_with("\u{1b}[2K") || before.ends_with(['\r', '\n']), "{before:?}");
        }
        // No colour, only the cursor is moved.
        assert!(!screen.contains("m\u{1b}") && !has_colour(&screen), "{screen:?}");
    }
}

#[test]
fn a_running_job_has_a_line_that_moves() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.job(takes(4000).sub_jobs(2)).to_string();
    let (code, screen) = on_terminal(asking(&simulator, &["wait", &id]), 80);
    assert_eq!(code, Some(0));
    let mut frames = frames(&screen, 80);
    frames.retain(|frame| frame.contains("RUNNING ") && frame.contains(&format!(" of 2 createServer {id}")));
    frames.dedup();
    assert!(frames.len() > 1, "{screen:?}");
}

#[test]
fn many_jobs_share_one_line() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..30).map(|_| simulator.job(takes(0).never_ends()).to_string()).collect();
    let mut command = asking(&simulator, &["wait", "--timeout", "3s", "--rate", "100"]);
    command.args(&ids);
    let (code, screen) = on_terminal(command, 120);
    assert_eq!(code, Some(3));
    assert!(
        frames(&screen, 120)
            .iter()
            .any(|frame| frame.contains("0 of 30 ended, ") && frame.contains("RUNNING")),
        "{screen:?}"
    );
    assert!(frames(&screen, 120).iter().any(|frame| frame.contains("looks/s, slowest ")), "{screen:?}");
}

#[test]
fn quiet_draws_nothing() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.job(takes(600)).to_string();
    let (code, screen) = on_terminal(asking(&simulator, &["wait", "-q", &id]), 80);
    assert_eq!(code, Some(0));
    assert!(!screen.contains('\u{1b}'), "{screen:?}");
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.job(takes(600)).to_string();
    for (term, flag) in [("dumb", "--output=text"), ("xterm", "-v")] {
        let mut command = asking(&simulator, &["wait", flag, &id]);
        command.env("TERM", term);
        let (code, screen) = on_terminal(command, 80);
        assert_eq!(code, Some(0));
        assert!(!screen.contains('\u{1b}') && screen.contains(&format!("{id} SUCCESS, ")), "{screen:?}");
    }
}

/// Whether a colour or another style is switched on.
fn has_colour(screen: &str) -> bool {
    screen.split("\u{1b}[").skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        end.is_some_and(|end| rest[end..].starts_with('m'))
    })
}
