//! What a test has done in a process of its own: with other variables of the environment, or in another namespace.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cloudjob::error::PollError;
use cloudjob::{Client, ClientConfig, Credentials, Endpoint, Error, JobId, Session, SessionBuilder};
use serde::{Deserialize, Serialize};

/// A poll or a wait to be made in a child. Empty texts are not given.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Task {
    pub(crate) url: String,
    pub(crate) project_id: String,
    pub(crate) token: String,
    pub(crate) job_id: String,
    pub(crate) ca: String,
    /// Trust what the operating system trusts.
    pub(crate) platform_roots: bool,
    /// Everything but the job is taken from the environment, for this service.
    pub(crate) connect: String,
    /// In milliseconds.
    pub(crate) request_timeout: u64,
    /// In milliseconds; zero is a poll without a wait.
    pub(crate) wait: u64,
    /// How many at the same time, each asking another host: `{n}` in the URL is its number.
    pub(crate) threads: usize,
}

/// What came of it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Report {
    /// The status of the job, or the kind of error.
    pub(crate) word: String,
    pub(crate) text: String,
    /// Where it was asked.
    pub(crate) endpoint: String,
    pub(crate) took: Duration,
}

impl Task {
    /// Runs it: in this program, started anew with this command before it and these variables.
    pub(crate) fn run(&self, before: &[&str], variables: &[(&str, &str)]) -> Vec<Report> {
        let this = std::env::current_exe().unwrap();
        let mut words = before.iter().map(|word| (*word).to_owned()).chain([this.display().to_string()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(["--exact", "child::task_in_a_child", "--ignored", "--nocapture"]);
        command.envs(variables.iter().copied()).env(VARIABLE, serde_json::to_string(self).unwrap());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        let report = shown.lines().find_map(|line| line.split_once(MARK)).map(|(_, report)| report);
        match report {
            Some(report) if output.status.success() => serde_json::from_str(report).unwrap(),
            _ => panic!("the child failed: {shown}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    fn act(&self, number: usize) -> Report {
        let began = Instant::now();
        let connected = self.client(number);
        let endpoint = connected.as_ref().map(|client| client.endpoint().url()).unwrap_or_default();
        let result = connected.and_then(|client| {
            let id = JobId::new(self.job_id.as_str()).unwrap();
            match self.wait {
                0 => client.job(&id),
                limit => client.wait(&id).timeout(Duration::from_millis(limit)).run(),
            }
        });
        let took = began.elapsed();
        match result {
            Ok(job) => Report { word: job.status_text().to_owned(), text: String::new(), endpoint, took },
            Err(error) => Report { word: kind(&error), text: error.to_string(), endpoint, took },
        }
    }

    fn client(&self, number: usize) -> Result<Client, Error> {
        if !self.connect.is_empty() {
            let service = self.connect.parse().unwrap();
            return SessionBuilder::new().service(service).connect().map(Session::into_client);
        }
        let url = self.url.replace("{n}", &number.to_string());
        let endpoint = Endpoint::insecure_http(&url, &self.project_id).unwrap();
        let mut config = ClientConfig::new()
            .request_timeout(Duration::from_millis(self.request_timeout))
            .max_polls_per_second(f64::INFINITY);
        if !self.ca.is_empty() {
            config = config.ca_file(&self.ca);
        }
        #[cfg(feature = "platform-verifier")]
        if self.platform_roots {
            config = config.platform_roots();
        }
        Client::with_config(endpoint, Credentials::token(&self.token).unwrap(), config)
    }
}

/// The kind of what stood in the way: `Certificate`, `ProxyRefused`, `401`, ...
pub(crate) fn kind(error: &Error) -> String {
    match error.last_error() {
        Some(PollError::Transport(error)) => format!("{:?}", error.kind()),
        Some(PollError::Api(error)) => error.http_status().to_string(),
        _ => format!("{:?}", error.kind()),
    }
}

const VARIABLE: &str = "CLOUDJOB_SERVERS_TASK";
const MARK: &str = "the report: ";

#[test]
#[ignore = "the other side of Task::run, not a test by itself"]
fn task_in_a_child() {
    let task: Task = serde_json::from_str(&std::env::var(VARIABLE).unwrap()).unwrap();
    let task = &task;
    let reports: Vec<Report> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..task.threads.max(1)).map(|n| scope.spawn(move || task.act(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    println!("{MARK}{}", serde_json::to_string(&reports).unwrap());
}
