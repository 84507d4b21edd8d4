//! Many jobs in virtual time.

use std::collections::HashMap;

use super::rate_limiter::RateLimiter;
use super::*;
use crate::api::response::Response;
use crate::error::ErrorKind;
use crate::error::poll::{TransportError, TransportErrorKind};
use crate::testing;

const fn at(seconds: f64) -> Duration {
    Duration::from_millis((seconds * 1000.0) as u64)
}

fn id(number: usize) -> JobId {
    JobId::new(format!("job-{number}")).unwrap()
}

fn scheduler(timeout: f64, jobs: usize) -> Scheduler {
    let mut scheduler = Scheduler::new(PollPolicy::new().timeout(at(timeout)), vec![testing::endpoint()], 42);
    for number in 0..jobs {
        assert!(scheduler.add(0, id(number), Duration::ZERO));
    }
    scheduler
}

fn answered(status: u16, body: &str) -> PollResult {
    PollResult::from(Response::new(status, body)).round_trip(at(0.02))
}

fn running() -> PollResult {
    answered(200, r#"{"status":"RUNNING"}"#)
}

/// Everything that one wait came to.
struct Run {
    /// When each job was polled.
    polls: HashMap<JobId, Vec<Duration>>,
    ended: Vec<(Duration, Outcome)>,
}

/// Runs a scheduler at a rate; `answer` says what a poll gives.
fn run(scheduler: &mut Scheduler, rate: f64, mut answer: impl FnMut(&JobId, Duration) -> PollResult) -> Run {
    let mut limiter = RateLimiter::new(rate);
    let gap = Duration::try_from_secs_f64(1.0 / rate).unwrap();
    let mut run = Run { polls: HashMap::new(), ended: Vec::new() };
    let mut now = Duration::ZERO;
    while scheduler.pending() > 0 {
        run.ended.extend(scheduler.expire(now).into_iter().map(|outcome| (now, outcome)));
        match scheduler.next_task(now, |_| limiter.try_acquire(now)) {
            NextTask::Poll(task) => {
                run.polls.entry(task.id.clone()).or_default().push(now);
                let polled = answer(&task.id, now);
                run.ended.extend(
                    scheduler.handle(&task, polled, gap, now).into_iter().map(|outcome| (now, outcome)),
                );
            }
            NextTask::WaitUntil(until) => now = until.max(now + Duration::from_millis(1)),
            NextTask::Idle => break,
        }
    }
    run
}

fn kind(outcome: &Outcome) -> Option<ErrorKind> {
    outcome.result().err().map(crate::error::Error::kind)
}

#[test]
fn an_id_given_twice_is_one_job() {
    let mut scheduler = scheduler(60.0, 3);
    assert!(!scheduler.add(0, id(1), Duration::ZERO));
    assert!(!scheduler.add(7, id(9), Duration::ZERO), "there is no such service");
    assert_eq!(scheduler.pending(), 3);
}

#[test]
fn every_job_is_polled_and_ends_by_its_own_response() {
    let mut scheduler = scheduler(600.0, 20);
    let run = run(&mut scheduler, 5.0, |id, now| {
        let number: f64 = id.as_str()[4..].parse().unwrap();
        if now < at(number * 3.0) {
            running()
        } else if number == 7.0 {
            answered(200, r#"{"status":"FAIL"}"#)
        } else {
            answered(200, r#"{"status":"SUCCESS"}"#)
        }
    });
    assert_eq!(run.ended.len(), 20);
    for (_, outcome) in &run.ended {
        let expected = (outcome.job_id() == &id(7)).then_some(ErrorKind::Failed);
        assert_eq!(kind(outcome), expected);
        assert_eq!(run.polls[outcome.job_id()].len(), outcome.polls() as usize);
    }
}

#[test]
fn with_more_jobs_than_the_rate_allows_none_starves() {
    let mut scheduler = scheduler(600.0, 300);
    let run = run(&mut scheduler, 10.0, |_, _| running());
    let counts: Vec<usize> = (0..300).map(|number| run.polls[&id(number)].len()).collect();
    let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
    assert!(*least >= 17, "{least} to {most} polls; a fair share is 20");
    assert!(*most <= 24, "{least} to {most} polls; a fair share is 20");
    let longest = run
        .polls
        .values()
        .flat_map(|polls| polls.windows(2).map(|pair| pair[1].saturating_sub(pair[0])))
        .max()
        .unwrap();
    assert!(longest < at(60.0), "{longest:?} between two polls of a job; 30 s is a fair share");
}

#[test]
fn the_last_polls_are_spread_before_the_deadline() {
    let mut scheduler = scheduler(120.0, 60);
    let run = run(&mut scheduler, 10.0, |_, _| running());
    assert_eq!(run.ended.len(), 60);
    let lasts: Vec<Duration> = run.polls.values().map(|polls| *polls.last().unwrap()).collect();
    // 60 polls take 6 s: each job has one in the last seconds, and all of them before the deadline.
    assert!(lasts.iter().all(|last| *last < at(120.0) && *last > at(120.0 - 15.0)), "{lasts:?}");
    for (moment, outcome) in &run.ended {
        assert_eq!(kind(outcome), Some(ErrorKind::TimedOut));
        assert!(*moment <= at(120.001), "{moment:?}");
    }
}

#[test]
fn a_job_that_was_never_asked_has_timed_out_with_no_poll() {
    let mut scheduler = scheduler(10.0, 100);
    let run = run(&mut scheduler, 1.0, |_, _| running());
    assert_eq!(run.ended.len(), 100);
    let never: Vec<&Outcome> =
        run.ended.iter().map(|(_, outcome)| outcome).filter(|outcome| outcome.polls() == 0).collect();
    assert!(never.len() >= 80, "{}", never.len());
    for outcome in never {
        assert_eq!(kind(outcome), Some(ErrorKind::TimedOut));
        let text = outcome.result().unwrap_err().to_string();
        assert!(text.contains("before its first poll") && text.contains("rate limit was used up"), "{text}");
    }
}

#[test]
fn the_first_poll_of_a_single_job_is_sent_however_short_the_timeout_is() {
    for (timeout, begun, jobs, polls) in [
        (0.001, 0.0, 1, 1),
        (0.001, 0.03, 1, 1),
        (0.04, 0.02, 1, 1),
        // It took too long to begin.
        (0.001, 0.06, 1, 0),
        // A batch tells nothing about the service by polls that it has no time to respond to.
        (0.04, 0.0, 2, 0),
    ] {
        let mut scheduler = scheduler(timeout, jobs);
        let mut ended = scheduler.expire(at(begun));
        if let NextTask::Poll(task) = scheduler.next_task(at(begun), |_| Ok(())) {
            let message = "no complete response by the deadline";
            let error = TransportError::new(TransportErrorKind::Timeout, message);
            ended.extend(scheduler.handle(&task, PollResult::from(error), at(0.2), at(begun + 0.002)));
        }
        ended.extend(scheduler.expire(at(begun + 0.1)));
        assert_eq!(ended.len(), jobs, "{timeout} {begun}");
        assert!(ended.iter().all(|outcome| outcome.polls() == polls), "{timeout} {begun}: {ended:?}");
    }
}

#[test]
fn refused_credentials_end_all_jobs_with_one_poll() {
    let mut scheduler = scheduler(600.0, 50);
    let refusal = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information"}"#;
    let run = run(&mut scheduler, 5.0, |_, _| answered(401, refusal));
    assert_eq!(run.polls.values().map(Vec::len).sum::<usize>(), 1);
    assert_eq!(run.ended.len(), 50);
    assert!(run.ended.iter().all(|(_, outcome)| kind(outcome) == Some(ErrorKind::Refused)));
}

#[test]
fn a_rejection_of_one_job_ends_that_job_only() {
    let mut scheduler = scheduler(60.0, 10);
    let run = run(&mut scheduler, 5.0, |job, now| {
        if job == &id(3) {
            answered(403, r#"{"error":{"code":"Pdp.0001","message":"no"}}"#)
        } else if now > at(20.0) {
            answered(200, r#"{"status":"SUCCESS"}"#)
        } else {
            running()
        }
    });
    let refused: Vec<_> = run.ended.iter().filter(|(_, outcome)| kind(outcome).is_some()).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].1.job_id(), &id(3));
}

#[test]
fn a_service_that_never_answers_is_given_up_once_for_all() {
    let mut scheduler = scheduler(600.0, 100);
    let run = run(&mut scheduler, 5.0, |_, _| answered(502, "<html>bad gateway</html>"));
    assert_eq!(run.ended.len(), 100);
    assert!(run.ended.iter().all(|(moment, _)| *moment < at(13.0)), "{:?}", run.ended.last().unwrap().0);
    assert!(run.ended.iter().all(|(_, outcome)| kind(outcome) == Some(ErrorKind::NoAnswer)));
}

#[test]
fn a_cancel_ends_pending_jobs_and_a_late_response_is_dropped() {
    let mut scheduler = scheduler(600.0, 3);
    let NextTask::Poll(task) = scheduler.next_task(Duration::ZERO, |_| Ok(())) else {
        panic!("a poll is due")
    };
    assert_eq!(scheduler.cancel(at(1.0)).len(), 3);
    assert_eq!(scheduler.pending(), 0);
    assert!(scheduler.handle(&task, answered(200, r#"{"status":"SUCCESS"}"#), at(0.2), at(2.0)).is_empty());
    // A place that is used again is not mistaken for the job that was there.
    assert!(scheduler.add(0, id(77), at(3.0)));
    assert!(scheduler.handle(&task, running(), at(0.2), at(3.0)).is_empty());
    assert_eq!(scheduler.pending(), 1);
}

#[test]
fn the_counts_follow_the_statuses() {
    let mut scheduler = scheduler(600.0, 4);
    assert_eq!(scheduler.counts(), [(None, 4)]);
    for _ in 0..2 {
        let NextTask::Poll(task) = scheduler.next_task(Duration::ZERO, |_| Ok(())) else {
            panic!("a poll is due")
        };
        scheduler.handle(&task, running(), at(0.2), Duration::ZERO);
    }
    assert_eq!(scheduler.counts(), [(None, 2), (Some(Status::Running), 2)]);
    scheduler.cancel(at(1.0));
    assert!(scheduler.counts().is_empty());
}

#[test]
fn after_a_suspend_every_job_is_due_at_once() {
    let mut scheduler = scheduler(600.0, 5);
    for _ in 0..5 {
        let NextTask::Poll(task) = scheduler.next_task(Duration::ZERO, |_| Ok(())) else {
            panic!("a poll is due")
        };
        scheduler.handle(&task, running(), at(0.2), Duration::ZERO);
    }
    assert!(!scheduler.is_due(at(0.1)));
    scheduler.poll_all_now(at(0.1));
    for _ in 0..5 {
        assert!(matches!(scheduler.next_task(at(0.1), |_| Ok(())), NextTask::Poll(_)));
    }
    assert!(matches!(scheduler.next_task(at(0.1), |_| Ok(())), NextTask::WaitUntil(_)));
}
