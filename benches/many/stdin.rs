//! The command with very many ids on its standard input.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::common::child;
use crate::common::report::{Reach, Report};
use crate::common::server::Server;

/// The memory with all ids known, and the most of it until the command has ended after Ctrl-C.
pub(crate) fn ids(report: &mut Report) {
    let (what, at_the_end) =
        ("- the same as `cloudjob wait -`", "- the same at Ctrl-C, with a JSON line for each id");
    // Takes connections and never responds.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let mut waiting = match Waiting::start(&url, "5", crate::IDS) {
        Ok(waiting) => waiting,
        Err(why) => {
            report.skip(what, &why);
            return report.skip(at_the_end, &why);
        }
    };
    waiting.writer.take().map(JoinHandle::join);
    // What is in the pipe still has to be read.
    thread::sleep(Duration::from_millis(300));
    report.row(what, waiting.peak() / 1e6, "MB", Reach::AtMost(45.0), "");
    let pid = waiting.process.id().to_string();
    let _ = Command::new("kill").args(["-INT", &pid]).status();
    let end = waiting.end();
    let note = format!("{} lines for {} ids", end.lines, crate::IDS);
    report.row(at_the_end, end.peak / 1e6, "MB", Reach::AtMost(60.0), &note);
}

/// A service that says of each job at once that it has ended.
pub(crate) fn million(report: &mut Report) {
    let what = "1000000 ids on standard input, rate unlimited, jobs that have ended: peak memory";
    let server = Server::start(Server::ENDED);
    let start = Instant::now();
    let waiting = match Waiting::start(&server.url(), "1000000", MILLION) {
        Ok(waiting) => waiting,
        Err(why) => return report.skip(what, &why),
    };
    let end = waiting.end();
    let spent = start.elapsed().as_secs_f64();
    let note = format!("exit code {}, {:.0} s", end.code, spent);
    report.row(what, end.peak / 1e6, "MB", Reach::AtMost(330.0), &note);
    let note = format!("{} lines, {} polls", end.lines, server.polls());
    report.row("- ids lost, or reported twice", end.wrong as f64, "", Reach::AtMost(0.0), &note);
}

struct Waiting {
    process: Child,
    writer: Option<JoinHandle<()>>,
    reader: JoinHandle<(usize, usize)>,
}

struct End {
    peak: f64,
    lines: usize,
    /// Ids that were not reported once.
    wrong: usize,
    code: i32,
}

impl Waiting {
    fn start(url: &str, rate: &str, count: usize) -> Result<Self, String> {
        // SIGINT may be ignored here, as it is in a background job.
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(child::command_line()?);
        command.args([
            "wait",
            "-",
            "-q",
            "-o",
            "json",
            "--rate",
            rate,
            "--endpoint",
            url,
            "--project-id",
            "demo",
        ]);
        command.env("OS_TOKEN", "t").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| error.to_string())?;
        let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("no pipes".into());
        };
        let writer = thread::spawn(move || {
            let mut stdin = BufWriter::new(stdin);
            for number in 0..count {
                if writeln!(stdin, "{PREFIX}{number:08}").is_err() {
                    return;
                }
            }
        });
        let reader = thread::spawn(move || read(stdout, count));
        Ok(Self { process, writer: Some(writer), reader })
    }

    /// The most memory so far, in bytes.
    fn peak(&self) -> f64 {
        child::peak_memory_of(&self.process.id().to_string()) as f64
    }

    fn end(mut self) -> End {
        let mut peak = 0.0_f64;
        let code = loop {
            peak = peak.max(self.peak());
            match self.process.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(2)),
                Ok(Some(status)) => break status.code().unwrap_or(-1),
                Err(_) => break -1,
            }
        };
        let (lines, wrong) = self.reader.join().unwrap_or_default();
        End { peak, lines, wrong, code }
    }
}

/// How many lines there are, and how many ids do not stand in exactly one of them.
fn read(stdout: ChildStdout, count: usize) -> (usize, usize) {
    let mut seen = vec![0u8; count];
    let (mut lines, mut others) = (0, 0);
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        lines += 1;
        let number = line.split_once(PREFIX).and_then(|(_, rest)| rest.get(..8)?.parse::<usize>().ok());
        match number.and_then(|number| seen.get_mut(number)) {
            Some(times) => *times = times.saturating_add(1),
            None => others += 1,
        }
    }
    (lines, others + seen.into_iter().filter(|times| *times != 1).count())
}

const MILLION: usize = 1_000_000;
const PREFIX: &str = "ff8080829585af7f0195c1e7";
