//! A loop of your own around [`Poller`], with an HTTP client of your own: here ureq without anything of this crate.
//!
//! `cargo run --example own_loop -- URL PROJECT_ID JOB_ID`, with the token in `OS_TOKEN`.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use cloudjob::error::{TransportError, TransportErrorKind};
use cloudjob::poll::{Decision, PollPolicy, PollResult, Poller, Response, WaitEnd};
use cloudjob::{Endpoint, JobId};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, project_id, id] = arguments.as_slice() else {
        return Err("usage: own_loop URL PROJECT_ID JOB_ID".into());
    };
    let token = std::env::var("OS_TOKEN").map_err(|_| "OS_TOKEN is not set")?;
    let url = Endpoint::new(url, project_id)?.job_url(&JobId::new(id.as_str())?);
    let policy = PollPolicy::new().timeout(Duration::from_secs(600));

    let clock = Instant::now();
    let mut poller = Poller::new(policy, clock.elapsed());
    let end = loop {
        thread::sleep(poller.next_poll().saturating_sub(clock.elapsed()));
        let Some(timeout) = poller.poll_timeout(clock.elapsed()) else { break poller.deadline_end() };
        let sent = clock.elapsed();
        let polled = get(&url, &token, timeout).round_trip(clock.elapsed() - sent);
        if let Some(job) = polled.job() {
            println!("{job}");
        }
        if let Decision::Done(end) = poller.handle(&polled, clock.elapsed()) {
            break end;
        }
    };
    match end {
        WaitEnd::Succeeded => Ok(()),
        other => Err(format!("{other:?} after {} polls", poller.polls()).into()),
    }
}

/// One poll; `timeout` bounds the whole request. No redirects: they would forward the token.
fn get(url: &str, token: &str, timeout: Duration) -> PollResult {
    let request = ureq::get(url)
        .header("X-Auth-Token", token)
        .config()
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    let lost = |error: ureq::Error| {
        let kind = match error {
            ureq::Error::Timeout(_) => TransportErrorKind::Timeout,
            _ => TransportErrorKind::ConnectionLost,
        };
        PollResult::from(TransportError::new(kind, error.to_string()))
    };
    let mut received = match request.call() {
        Ok(received) => received,
        Err(error) => return lost(error),
    };
    let body = match received.body_mut().read_to_vec() {
        Ok(body) => body,
        Err(error) => return lost(error),
    };
    let mut response = Response::new(received.status().as_u16(), body);
    // The poller reads times and pauses from these headers.
    for name in ["Date", "Retry-After", "X-Request-Id"] {
        if let Some(value) = received.headers().get(name).and_then(|value| value.to_str().ok()) {
            response = response.with_header(name, value);
        }
    }
    PollResult::from(response)
}
