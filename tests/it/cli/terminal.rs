//! The live display, on a terminal of the test's own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cloudjob::simulator::Simulator;
use nix::pty::{Winsize, openpty};

use super::run::{polling, takes};

/// What ran on a terminal: its code, what the terminal got, and what it showed.
struct Shown {
    code: Option<i32>,
    bytes: String,
    columns: usize,
}

/// A command on a terminal.
struct Running {
    child: Child,
    terminal: OwnedFd,
    keyboard: File,
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
    columns: u16,
}

/// Starts it with all three streams on a terminal that wide.
fn start(mut command: Command, columns: u16) -> Running {
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(&size, None).unwrap();
    let slave = || Stdio::from(terminal.slave.try_clone().unwrap());
    if command.get_envs().all(|(name, _)| name != "TERM") {
        command.env("TERM", "xterm");
    }
    let child = command.stdin(slave()).stdout(slave()).stderr(slave()).spawn().unwrap();
    // The terminal must not be held open by this side.
    drop(command);
    let mut master = File::from(terminal.master);
    let keyboard = master.try_clone().unwrap();
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let got = Arc::clone(&bytes);
    let reader = thread::spawn(move || {
        let mut part = [0; 4096];
        // At the end of the other side it is an error.
        while let Ok(count @ 1..) = master.read(&mut part) {
            got.lock().unwrap().extend_from_slice(&part[..count]);
        }
    });
    Running { child, terminal: terminal.slave, keyboard, bytes, reader, columns }
}

impl Running {
    /// Blocks until this text has been written.
    fn wait_for(&self, text: &str) {
        let begun = Instant::now();
        while !self.so_far().contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(60), "no {text} in {:?}", self.so_far());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn interrupt(&self) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    }

    /// As if it were typed.
    fn write(&self, keys: &str) {
        (&self.keyboard).write_all(keys.as_bytes()).unwrap();
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn end(mut self) -> Shown {
        let code = self.child.wait().unwrap().code();
        drop(self.terminal);
        self.reader.join().unwrap();
        let bytes = String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned();
        Shown { code, bytes, columns: usize::from(self.columns) }
    }
}

fn on_terminal(command: Command, columns: u16) -> Shown {
    start(command, columns).end()
}

impl Shown {
    /// The screen each time something had been drawn or cleared, and at the end.
    fn screens(&self) -> Vec<Vec<String>> {
        let mut screen = Screen { columns: self.columns, ..Screen::default() };
        let mut shown = Vec::new();
        let mut parts = self.bytes.split("\u{1b}[");
        screen.write(parts.next().unwrap());
        for part in parts {
            let end = part.find(|c: char| c.is_ascii_alphabetic()).expect("an escape without an end");
            let number = part[..end].parse().unwrap_or(1);
            match &part[end..=end] {
                "A" => screen.row = screen.row.checked_sub(number).expect("above the window"),
                "K" => screen.clear_line(),
                "J" => {
                    screen.clear_line();
                    screen.lines.truncate(screen.row + 1);
                    shown.push(screen.texts());
                }
                "m" => {}
                other => panic!("an escape that this terminal has not: {other} in {:?}", self.bytes),
            }
            screen.write(&part[end + 1..]);
        }
        shown.push(screen.texts());
        shown
    }

    /// What is left on the screen.
    fn last(&self) -> Vec<String> {
        self.screens().pop().unwrap()
    }

    /// Whether the display ever had such lines below each other.
    fn ever(&self, expected: &[&str]) -> bool {
        self.screens().iter().any(|screen| {
            screen.windows(expected.len()).any(|lines| {
                lines
                    .iter()
                    .zip(expected)
                    .all(|(line, words)| words.split('*').all(|word| line.contains(word)))
            })
        })
    }
}

/// A terminal that knows just enough: text that goes on in the next line at the edge, and four escapes.
#[derive(Default)]
struct Screen {
    columns: usize,
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    fn write(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\r' => self.column = 0,
                '\n' => self.row += 1,
                _ => {
                    if self.column == self.columns {
                        (self.row, self.column) = (self.row + 1, 0);
                    }
                    self.lines.resize_with(self.lines.len().max(self.row + 1), Vec::new);
                    let line = &mut self.lines[self.row];
                    line.resize(line.len().max(self.column + 1), ' ');
                    line[self.column] = c;
                    self.column += 1;
                }
            }
        }
    }

    fn clear_line(&mut self) {
        if let Some(line) = self.lines.get_mut(self.row) {
            line.truncate(self.column);
        }
    }

    fn texts(&self) -> Vec<String> {
        let lines = self.lines.iter().map(|line| String::from_iter(line).trim_end().to_owned());
        let mut lines: Vec<_> = lines.collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }
}

#[test]
fn a_job_is_shown_with_its_sub_jobs_and_the_next_poll() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(4500).sub_jobs(3).failing_sub_jobs(2)).to_string();
    let shown = on_terminal(polling(&simulator, &["wait", &id, "--rate", "50"]), 200);
    assert_eq!(shown.code, Some(1), "{}", shown.bytes);
    let head = format!("createServer {id} RUNNING, 0 of 3 done, *s of 30m, next poll in *");
    assert!(
        shown.ever(&[&head, "  RUNNING *createSingleServer", "  RUNNING ", "  RUNNING "]),
        "{}",
        shown.bytes
    );
    // The reason is there while the others still run.
    let head = format!("{id} RUNNING, *of 3 done, 1 failed, ");
    assert!(
        shown.ever(&[
            &head,
            "  SUCCESS in *",
            "  FAIL    Ecs.0204: Quota exceeded*createSingleServer",
            "  RUNNING "
        ]),
        "{}",
        shown.bytes
    );
    assert!(has_colour(&shown.bytes));
    // Of the display nothing is left, and the result is whole.
    let last = shown.last();
    assert!(last[0].starts_with(&format!("job {id} (createServer) failed: Common.0021")), "{last:#?}");
    assert_eq!(last.len(), 6, "{last:#?}");
    assert!(
        last[1].contains("SUCCESS in ") && last[2].contains("failed: Ecs.0204: Quota exceeded"),
        "{last:#?}"
    );
    assert!(
        last[4].starts_with("  created before the failure: server_id ")
            && last[5].contains("failed after 4.5s, 3 of 3 sub-jobs done"),
        "{last:#?}"
    );
}

#[test]
fn the_display_fits_narrow_windows_and_results_are_not_cut() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> =
        [300, 1500].map(|millis| simulator.start_job(takes(millis).sub_jobs(2)).to_string()).into();
    for (columns, no_colour) in [(40, "1"), (80, "")] {
        let mut command = polling(&simulator, &["wait"]);
        command.args(&ids).env("NO_COLOR", no_colour);
        let shown = on_terminal(command, columns);
        assert_eq!(shown.code, Some(0), "{}", shown.bytes);
        for drawn in shown.bytes.split("\u{1b}[J").filter(|part| part.contains("\u{1b}[K")) {
            let mut screen = Screen { columns: 1000, ..Screen::default() };
            drawn.split("\u{1b}[").for_each(|part| screen.write(part));
            for line in screen.lines {
                let escapes = if no_colour.is_empty() { 20 } else { 2 };
                assert!(line.len() < usize::from(columns) + escapes, "too wide: {drawn:?}");
            }
        }
        // In the narrow window a result goes on in the next line; nothing else stands between.
        let whole = shown.last().concat();
        for id in &ids {
            assert!(whole.contains(&format!("createServer {id} SUCCESS")), "{whole}");
        }
        assert!(!whole.contains("RUNNING") && !whole.contains("polling"), "{whole}");
        assert_eq!(has_colour(&shown.bytes), no_colour.is_empty(), "{:?}", shown.bytes);
    }
}

#[test]
fn the_display_is_redrawn_when_the_window_narrows() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends()).to_string();
    let running = start(polling(&simulator, &["wait", &id]), 120);
    let wide = format!("createServer {id} ");
    running.wait_for(&wide);
    let tty = Stdio::from(running.terminal.try_clone().unwrap());
    if !Command::new("stty").args(["cols", "40"]).stdin(tty).status().is_ok_and(|status| status.success()) {
        eprintln!("there is no stty here: not tried");
        return;
    }
    running.wait_for("…");
    running.interrupt();
    let shown = running.end();
    assert_eq!(shown.code, Some(130), "{}", shown.bytes);
    let after = shown.bytes.rsplit_once(&wide).unwrap().1;
    let (_, after) = after.split_once("\r\u{1b}[J").expect("it was not cleared first");
    assert!(after.contains("RUNNING") && after.contains('…'), "{after:?}");
}

#[test]
fn an_interrupt_clears_the_display() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends().sub_jobs(3)).to_string();
    let running = start(polling(&simulator, &["wait", &id]), 100);
    running.wait_for("next poll in");
    running.interrupt();
    let shown = running.end();
    assert_eq!(shown.code, Some(130));
    assert!(shown.ever(&["RUNNING, *next poll", "  RUNNING "]), "{}", shown.bytes);
    assert!(shown.last().iter().all(|line| !line.contains("RUNNING,")), "{:#?}", shown.last());
    assert_eq!(shown.last().last().unwrap(), &id);
    // It is never hidden, so that it need not come back.
    assert!(!shown.bytes.contains("\u{1b}[?25"), "{:?}", shown.bytes);
}

#[test]
fn a_job_of_a_shell_draws_only_in_the_foreground() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(0).never_ends()).to_string();
    let command = polling(&simulator, &["wait", &id]);
    let Some(setsid) = ["/usr/bin/setsid", "/bin/setsid"].into_iter().find(|path| Path::new(path).exists())
    else {
        eprintln!("there is no setsid here: not tried");
        return;
    };
    // The shell leads a session with this terminal, and gives each job a group of its own.
    let mut shell = Command::new(setsid);
    let script = "set -m; \"$@\" & read -r line; fg >/dev/null";
    shell.args(["--ctty", "--wait", "/bin/sh", "-c", script, "sh"]).arg(command.get_program());
    shell.args(command.get_args()).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let running = start(shell, 100);
    while simulator.requests().len() < 2 {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(300));
    let silent = running.so_far();
    assert!(!silent.contains('\u{1b}') && !silent.contains(&id), "{silent:?}");
    running.write("\n");
    running.wait_for("next poll in");
    // Ctrl-C is for the group in the foreground.
    running.write("\u{3}");
    let shown = running.end();
    assert!(shown.ever(&[&format!("createServer {id} RUNNING, ")]), "{:?}", shown.bytes);
    assert!(shown.bytes.contains("interrupted with 1 job not ended"), "{:?}", shown.bytes);
}

#[test]
fn many_jobs_share_a_few_lines() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> = (0..30).map(|_| simulator.start_job(takes(0).never_ends()).to_string()).collect();
    let bad = simulator.start_job(takes(0).failing()).to_string();
    let mut command = polling(&simulator, &["wait", "--timeout", "4s", "--rate", "100"]);
    command.args(&ids).arg(&bad);
    let shown = on_terminal(command, 120);
    assert_eq!(shown.code, Some(1), "{}", shown.bytes);
    let slowest = format!("  slowest *s: {}", ids[0]);
    assert!(
        shown.ever(&[
            "1 of 31 ended, 1 failed, 30 pending, ",
            "  30 RUNNING",
            &slowest,
            " polls/s of 100.0 allowed, "
        ]),
        "{}",
        shown.bytes
    );
}

#[test]
fn quiet_draws_nothing() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(600)).to_string();
    let mut command = polling(&simulator, &["wait", "-q", &id]);
    command.env("NO_COLOR", "1");
    let shown = on_terminal(command, 80);
    assert_eq!(shown.code, Some(0));
    assert!(!shown.bytes.contains('\u{1b}'), "{:?}", shown.bytes);
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(takes(600)).to_string();
    for (term, flag) in [("dumb", "--output=text"), ("xterm", "-v")] {
        let mut command = polling(&simulator, &["wait", flag, &id]);
        command.env("TERM", term).env("NO_COLOR", "1");
        let Shown { code, bytes, .. } = on_terminal(command, 80);
        assert_eq!(code, Some(0));
        assert!(!bytes.contains('\u{1b}') && bytes.contains(&format!("{id} SUCCESS, ")), "{bytes:?}");
    }
}

/// Whether a colour or another style is switched on.
fn has_colour(screen: &str) -> bool {
    screen.split("\u{1b}[").skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        end.is_some_and(|end| rest[end..].starts_with('m'))
    })
}
