//! Waits over real sockets, against the simulator.

use std::collections::HashMap;
use std::time::Duration;

use cloudjob::simulator::{JobScript, Simulator};
use cloudjob::{CancelToken, Client, ClientConfig, Credentials, Endpoint, ErrorKind, Status};

fn client(simulator: &Simulator) -> Client {
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id()).unwrap();
    Client::new(endpoint, Credentials::token(simulator.token()).unwrap()).unwrap()
}

fn unlimited(simulator: &Simulator, token: &str) -> Client {
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id()).unwrap();
    let config = ClientConfig::new().max_polls_per_second(f64::INFINITY);
    Client::with_config(endpoint, Credentials::token(token).unwrap(), config).unwrap()
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn a_job_is_waited_for_until_it_ends_well() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(3).duration(millis(300)));
    let mut told = Vec::new();
    let outcome = client(&simulator)
        .wait(&id)
        .on_progress(|progress| told.push((progress.status().cloned(), progress.next_poll().is_some())))
        .outcome();
    let job = outcome.result().unwrap();
    assert_eq!(job.ids("server_id").len(), 3);
    assert_eq!(usize::try_from(outcome.polls()).unwrap(), simulator.poll_count(&id));
    assert_eq!(told.len(), simulator.poll_count(&id));
    assert_eq!(told.last().unwrap(), &(Some(Status::Success), false));
}

#[test]
fn a_failed_job_is_an_error_that_carries_the_whole_job() {
    let simulator = Simulator::start().unwrap();
    let id = simulator
        .start_job(JobScript::new("createServer").sub_jobs(3).failing_sub_jobs(1).duration(millis(100)));
    let error = client(&simulator).wait(&id).run().unwrap_err();
    assert!(error.is_failed());
    assert_eq!(error.job().unwrap().ids("server_id").len(), 2);
    assert!(error.to_string().contains("Quota exceeded"), "{error}");
}

#[test]
fn a_wait_is_back_by_its_deadline_and_says_that_the_job_goes_on() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").never_ends());
    let error = client(&simulator).wait(&id).timeout(millis(900)).run().unwrap_err();
    assert!(error.is_timeout());
    assert!(error.elapsed() <= millis(1900), "{:?}", error.elapsed());
    assert!(error.to_string().contains("the job is still running"), "{error}");
}

#[test]
fn many_jobs_come_out_in_the_order_in_which_they_end() {
    let simulator = Simulator::start().unwrap();
    let slow = simulator.start_job(JobScript::new("createServer").duration(millis(1500)));
    let quick = simulator.start_job(JobScript::new("createServer").duration(millis(1)));
    let bad = simulator.start_job(JobScript::new("createServer").duration(millis(1)).failing());
    let ids = vec![slow.clone(), quick.clone(), bad.clone(), quick.clone()];
    let results: Vec<_> = unlimited(&simulator, simulator.token())
        .wait_all(ids)
        .timeout(Duration::from_secs(30))
        .into_iter()
        .collect();
    assert_eq!(results.len(), 3, "{results:?}");
    let kinds: HashMap<_, _> = results
        .iter()
        .map(|(id, result)| (id.clone(), result.as_ref().err().map(cloudjob::Error::kind)))
        .collect();
    assert_eq!(kinds[&slow], None);
    assert_eq!(kinds[&quick], None);
    assert_eq!(kinds[&bad], Some(ErrorKind::Failed));
    assert_eq!(results.last().unwrap().0, slow);
}

#[test]
fn a_cancel_ends_all_open_jobs_at_once() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> =
        (0..20).map(|_| simulator.start_job(JobScript::new("createServer").never_ends())).collect();
    let cancel = CancelToken::new();
    let other = cancel.clone();
    let client = unlimited(&simulator, simulator.token());
    let mut polls = 0;
    let results: Vec<_> = client
        .wait_all(ids)
        .cancel(&cancel)
        .on_progress(move |_| {
            polls += 1;
            if polls == 20 {
                other.cancel();
            }
        })
        .into_iter()
        .collect();
    assert_eq!(results.len(), 20);
    assert!(results.iter().all(|(_, result)| result.as_ref().is_err_and(cloudjob::Error::is_cancelled)));
}

#[test]
fn a_refused_token_ends_all_jobs_and_is_sent_once() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> =
        (0..50).map(|_| simulator.start_job(JobScript::new("createServer").never_ends())).collect();
    let results: Vec<_> = unlimited(&simulator, "wrong").wait_all(ids).into_iter().collect();
    assert_eq!(results.len(), 50);
    assert!(results.iter().all(|(_, result)| result.as_ref().is_err_and(cloudjob::Error::is_unauthorized)));
    assert_eq!(simulator.requests().len(), 1);
}
