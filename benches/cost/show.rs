//! The command from its start to its end, against curl and jq.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::common::report::{Reach, Report};
use crate::common::server::Server;
use crate::common::timing::median;
use crate::common::{JOB_ID, child};

pub(crate) fn measure(report: &mut Report) {
    let what = "`cloudjob show` from start to exit";
    let program = match child::command_line() {
        Ok(program) => program,
        Err(why) => return report.skip(what, &why),
    };
    for tool in ["curl", "jq"] {
        if Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_err() {
            return report.skip(what, &format!("{tool} is not installed"));
        }
    }
    let server = Server::start(0);
    let url = server.url();
    let show = || {
        let mut command = Command::new(&program);
        command.args(["show", JOB_ID, "--endpoint", &url, "--project-id", "demo"]).env("OS_TOKEN", "t");
        command
    };
    let line = format!(
        "curl -s -H 'x-auth-token: t' -H 'accept: application/json' {url}/v1/demo/jobs/{JOB_ID} \
         | jq -r '.job_type + \" \" + .job_id + \" \" + .status'"
    );
    let curl = || {
        let mut command = Command::new("sh");
        command.args(["-c", &line]);
        command
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        match (timed(show()), timed(curl())) {
            (Ok(show), Ok(curl)) => {
                ours.push(show);
                theirs.push(curl);
            }
            (Err(why), _) | (_, Err(why)) => return report.skip(what, &why),
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let note = format!("{:.2} ms against {:.1} ms for curl and jq", ours * 1e3, theirs * 1e3);
    report.row(what, ours / theirs, "x", Reach::AtMost(0.1), &note);
}

/// The seconds that a command takes which says that the job is running.
fn timed(mut command: Command) -> Result<f64, String> {
    let start = Instant::now();
    let output = command.output().map_err(|error| error.to_string())?;
    let spent = start.elapsed().as_secs_f64();
    let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if said.contains("RUNNING") { Ok(spent) } else { Err(format!("it said `{said}{why}`")) }
}
