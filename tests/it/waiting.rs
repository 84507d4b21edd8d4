//! Waits over real sockets, against the simulator.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use cloudjob::simulator::{Fault, JobScript, Simulator};
use cloudjob::{
    CancelToken, Client, ClientConfig, Credentials, Endpoint, ErrorKind, JobId, Resource, Service, Status,
    Wait, WaitAll,
};

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

#[test]
fn waits_and_their_iterators_can_be_sent_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<Wait<'static>>();
    is_send::<WaitAll<'static>>();
    is_send::<cloudjob::wait::Outcomes<'static>>();
    is_send::<cloudjob::wait::Results<'static>>();
    is_send::<cloudjob::wait::ResourceWait<'static>>();
}

#[test]
fn a_panic_of_the_iterator_of_ids_comes_out_of_next() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").never_ends());
    let ids = std::iter::once(id).chain(std::iter::from_fn(|| panic!("no more ids")));
    let client = client(&simulator);
    let mut outcomes = client.wait_all_from(ids).timeout(Duration::from_secs(60)).outcomes();
    let started = Instant::now();
    let panic = catch_unwind(AssertUnwindSafe(|| outcomes.next())).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"no more ids"));
    assert!(outcomes.next().is_none(), "the wait has ended");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_long_pause_that_the_service_asks_for_holds_for_every_call_and_ends_it_at_once() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<_> =
        (0..5).map(|_| simulator.start_job(JobScript::new("createServer").never_ends())).collect();
    let client = client(&simulator);
    simulator.inject_faults([Fault::Throttle { retry_after: Some(3600) }]);
    let started = Instant::now();
    let first = client.job(&ids[0]).unwrap_err();
    assert_eq!(first.kind(), ErrorKind::NoAnswer);
    for _ in 0..1000 {
        let error = client.job(&ids[1]).unwrap_err();
        assert_eq!((error.kind(), error.polls()), (ErrorKind::NoAnswer, 0));
        assert_eq!(error.api_error().map(cloudjob::error::ApiError::http_status), Some(429), "{error}");
    }
    let error = client.wait(&ids[2]).timeout(Duration::from_secs(60)).run().unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("429"), "{error}");
    for (_, result) in client.wait_all(ids).timeout(Duration::from_secs(60)) {
        assert!(result.as_ref().is_err_and(cloudjob::Error::is_timeout), "{result:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(simulator.requests().len(), 1);
}

#[test]
fn a_rate_limit_that_allows_no_poll_in_time_is_a_timeout_without_a_poll() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer"));
    let config = ClientConfig::new().max_polls_per_second(0.0).request_timeout(millis(500));
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id()).unwrap();
    let client =
        Client::with_config(endpoint, Credentials::token(simulator.token()).unwrap(), config).unwrap();
    client.job(&id).unwrap();
    let error = client.job(&id).unwrap_err();
    assert_eq!((error.kind(), error.polls()), (ErrorKind::TimedOut, 0));
    assert_eq!(simulator.requests().len(), 1);
}

#[test]
fn a_cancel_reaches_a_wait_that_queues_for_credentials_nobody_has_validated_yet() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").never_ends());
    let client = client(&simulator);
    simulator.inject_faults([Fault::Hang(Duration::from_secs(5))]);
    let probing = CancelToken::new();
    thread::scope(|scope| {
        scope.spawn(|| client.wait(&id).cancel(&probing).timeout(Duration::from_secs(6)).run());
        thread::sleep(millis(300));
        let (cancel, (sender, receiver)) = (CancelToken::new(), mpsc::channel());
        let queueing = client.wait(&id).cancel(&cancel).timeout(Duration::from_secs(60));
        scope.spawn(move || sender.send(queueing.run().unwrap_err()));
        thread::sleep(millis(100));
        cancel.cancel();
        let error = receiver.recv_timeout(Duration::from_secs(2)).expect("cancelled at once");
        assert!(error.is_cancelled() && error.polls() == 0, "{error}");
        probing.cancel();
    });
    assert_eq!(simulator.requests().len(), 1);
}

#[test]
fn jobs_of_a_healthy_service_that_the_rate_limit_does_not_reach_have_timed_out() {
    let simulator = Simulator::start().unwrap();
    simulator.latency(millis(100));
    let ids: Vec<_> =
        (0..150).map(|_| simulator.start_job(JobScript::new("createServer").never_ends())).collect();
    let endpoint = Endpoint::new(simulator.endpoint_url(), simulator.project_id()).unwrap();
    let config = ClientConfig::new().max_polls_per_second(50.0);
    let client =
        Client::with_config(endpoint, Credentials::token(simulator.token()).unwrap(), config).unwrap();
    for (_, result) in client.wait_all(ids).timeout(Duration::from_secs(1)) {
        assert!(result.as_ref().is_err_and(cloudjob::Error::is_timeout), "{result:?}");
    }
}

#[test]
fn a_poll_that_hangs_past_the_end_is_no_usable_response() {
    let simulator = Simulator::start().unwrap();
    let ids: Vec<JobId> =
        (0..3).map(|_| simulator.start_job(JobScript::new("createServer").never_ends())).collect();
    simulator.inject_faults((0..9).map(|_| Fault::Hang(Duration::from_secs(20))));
    for outcome in client(&simulator).wait_all(ids).timeout(millis(1300)).outcomes() {
        let error = outcome.result().unwrap_err();
        // Until the credentials are validated one request is in flight.
        assert!(!error.to_string().contains("never"), "{error}");
        assert_eq!((error.kind(), error.polls()), (ErrorKind::NoAnswer, 1), "{error}");
        assert!(error.elapsed() < millis(2300), "{error}");
    }
}

#[test]
fn ids_can_be_borrowed() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").duration(millis(1)));
    let shared: &'static [JobId] = Box::leak(Box::new([id]));
    assert_eq!(client(&simulator).wait_all(shared).into_iter().filter(|(_, job)| job.is_ok()).count(), 1);
}

#[test]
fn a_job_and_then_what_it_created_is_waited_for() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").sub_jobs(1).duration(millis(1)));
    let client = unlimited(&simulator, simulator.token());
    let made = client.wait(&id).run().unwrap().ids("server_id");
    let path = format!("/v1/{}/cloudservers/{}", simulator.project_id(), made[0]);
    let server =
        |status: &str| serde_json::json!({"server": {"status": status, "OS-EXT-STS:task_state": null}});
    simulator.put_resource(&path, [(millis(300), server("BUILD")), (Duration::MAX, server("ACTIVE"))]);
    let job = client.wait(&id).run_and_settle("server_id", Resource::server).unwrap();
    assert_eq!(job.ids("server_id"), made);
    assert!(simulator.requests().len() > 3);
}

#[test]
fn a_job_that_disappears_while_it_is_pending_has_succeeded_if_that_was_asked_for() {
    let simulator = Simulator::start().unwrap();
    let client = unlimited(&simulator, simulator.token());
    let gone = || {
        let body = br#"{"error_code":"Common.0011","error_msg":"no such job"}"#.to_vec();
        [Fault::Pass, Fault::Response(400, Vec::new(), body)]
    };
    for asked_for in [true, false] {
        let id = simulator.start_job(JobScript::new("deleteServer").never_ends());
        simulator.inject_faults(gone());
        let single = client.wait(&id).gone_is_success(asked_for).run();
        simulator.inject_faults(gone());
        let batch = client.wait_all([id]).gone_is_success(asked_for).into_iter().next().unwrap().1;
        for result in [single, batch] {
            match result {
                Ok(job) => assert!(asked_for && job.status() == &Status::Running, "{job}"),
                Err(error) => assert!(!asked_for && error.is_not_found(), "{error}"),
            }
        }
    }
}

/// The resident memory of this process in bytes.
#[cfg(target_os = "linux")]
fn resident_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_thousand_known_ids_take_less_than_32_megabytes() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    if crate::leaks::alone("waiting::a_hundred_thousand_known_ids_take_less_than_32_megabytes") {
        // It accepts connections and never responds.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::new(&format!("http://{}", silent.local_addr().unwrap()), "p").unwrap();
        let client = Client::new(endpoint, Credentials::token("t").unwrap()).unwrap();
        let read = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&read);
        let before = resident_memory();
        let ids = (0..100_000).map(move |number| {
            count.fetch_add(1, Ordering::Relaxed);
            JobId::new(format!("{number:032x}")).unwrap()
        });
        let outcomes = client.wait_all_from(ids).outcomes();
        while read.load(Ordering::Relaxed) < 100_000 {
            thread::sleep(millis(5));
        }
        thread::sleep(millis(50));
        let grown = resident_memory().saturating_sub(before);
        eprintln!("all have been read: {} KB", grown / 1024);
        assert!(grown < 32_000_000, "{grown} bytes");
        drop(outcomes);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn dropped_waits_with_blocked_sources_leave_a_bounded_number_of_threads() {
    if crate::leaks::alone("waiting::dropped_waits_with_blocked_sources_leave_a_bounded_number_of_threads") {
        let simulator = Simulator::start().unwrap();
        let client = client(&simulator);
        let mut senders = Vec::new();
        for _ in 0..200 {
            let (sender, ids) = mpsc::channel::<JobId>();
            senders.push(sender);
            drop(client.wait_all_from(ids).outcomes());
        }
        // A process has at most 128 readers that are blocked; the workers of a wait end when it is dropped.
        let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
        let (begun, most) = (Instant::now(), 128 + 20);
        while threads() > most && begun.elapsed() < Duration::from_secs(10) {
            thread::sleep(millis(10));
        }
        assert!(threads() <= most, "{} threads", threads());
        // Beyond the bound a wait still works: it reads the ids itself.
        let id = simulator.start_job(JobScript::new("createServer").duration(millis(1)));
        assert_eq!(client.wait_all_from([id]).into_iter().filter(|(_, job)| job.is_ok()).count(), 1);
        drop(senders);
        while threads() > 20 && begun.elapsed() < Duration::from_secs(20) {
            thread::sleep(millis(10));
        }
        assert!(threads() <= 20, "{} threads after the sources have ended", threads());
        eprintln!("all have ended");
    }
}

#[test]
fn one_id_of_two_clients_is_two_jobs() {
    let simulator = Simulator::start().unwrap();
    let id = simulator.start_job(JobScript::new("createServer").duration(millis(200)));
    let servers = client(&simulator);
    let volumes = servers.with_endpoint(servers.endpoint().clone().service(Service::Evs));
    let mut polled = Vec::new();
    let outcomes: Vec<_> = servers
        .wait_all([&id, &id])
        .add(&volumes, [id.clone(), id.clone()])
        // The first client once more.
        .add_from(&servers.clone(), [id.clone()])
        .on_progress(|progress| polled.push((progress.service(), progress.job_id().clone())))
        .outcomes()
        .collect();
    assert_eq!(outcomes.len(), 2);
    for service in [Service::Ecs, Service::Evs] {
        let outcome = outcomes.iter().find(|outcome| outcome.service() == service).unwrap();
        assert_eq!((outcome.job_id(), outcome.result().is_ok()), (&id, true));
        assert_eq!(outcome.endpoint().url(), simulator.endpoint_url());
        assert!(polled.contains(&(service, id.clone())), "{polled:?}");
    }
    // Another client is another source of the truth, even for the same endpoint.
    let other = client(&simulator);
    assert_eq!(servers.wait_all([&id]).add(&other, std::slice::from_ref(&id)).into_iter().count(), 2);
    assert_eq!(volumes.wait(&id).outcome().service(), Service::Evs);
}
