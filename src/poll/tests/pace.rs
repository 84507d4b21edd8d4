//! The delay after a pending answer: the age of the job, by whose clock, and the sub-jobs.

use super::*;
use crate::poll::backoff::Backoff;

const DATE: &str = "Mon, 25 Apr 2016 20:04:47 GMT";

/// A running job of this body, in an answer of 2016-04-25T20:04:47Z.
fn dated(members: &str) -> PollResult {
    Response::new(200, format!(r#"{{"status":"RUNNING",{members}}}"#)).with_header("Date", DATE).into()
}

fn undated(members: &str) -> PollResult {
    Response::new(200, format!(r#"{{"status":"RUNNING",{members}}}"#)).into()
}

/// From this delay the age can be told: 0.7 s + 0.15 age, with the jitter of a delay that is not the first.
fn says_age(delay: f64, age: f64) {
    let plain = (0.7 + 0.15 * age).min(10.0);
    between(delay, plain * 0.9, plain * 1.1);
}

#[test]
fn the_first_delay_is_spread_over_its_range() {
    let delays: Vec<f64> =
        (0..1000).map(|seed| SimulatedWait::with_seed(policy(), seed).delay(&running())).collect();
    for delay in &delays {
        // 100 ms of age are 15 ms of delay.
        between(*delay, 0.365, 1.065);
    }
    for tenth in 0..10 {
        let (from, to) = (0.365 + 0.07 * f64::from(tenth), 0.435 + 0.07 * f64::from(tenth));
        let count = delays.iter().filter(|delay| (from..to).contains(*delay)).count();
        assert!((60..=150).contains(&count), "{count} of 1000 delays from {from} to {to}");
    }
}

#[test]
fn later_delays_grow_with_the_age_up_to_ten_seconds() {
    for seed in 0..100 {
        let mut wait = SimulatedWait::with_seed(policy(), seed);
        wait.see(&running());
        for _ in 0..60 {
            let delay = wait.delay(&running());
            says_age(delay, wait.elapsed().as_secs_f64());
        }
    }
}

#[test]
fn a_long_wait_costs_few_polls() {
    for (minutes, least, most) in [(1, 16, 20), (4, 33, 39), (30, 180, 200), (24 * 60, 8400, 8900)] {
        let mut wait = SimulatedWait::new(policy().timeout(Duration::MAX));
        while wait.elapsed() < secs(60 * minutes) {
            wait.see(&running());
        }
        let polls = wait.poller.polls();
        assert!((least..=most).contains(&polls), "{polls} polls in {minutes} minutes");
    }
}

#[test]
fn a_wait_for_an_old_job_starts_at_the_old_pace() {
    for (begin, age) in [
        ("2016-04-25T19:04:47Z", 3600.0),
        ("2016-04-25T19:04:47.000Z", 3600.0),
        ("2016-04-26T03:04:47+08:00", 3600.0),
        ("2016-03-26T20:04:47Z", 30.0 * 86_400.0),
        ("2016-04-25T20:04:37Z", 10.0),
        ("2016-04-25T20:04:47Z", 0.0),
    ] {
        let mut wait = SimulatedWait::new(policy());
        let polled = dated(&format!(r#""begin_time":"{begin}""#));
        let plain = (0.7_f64 + 0.15 * age).min(10.0);
        let spread = (plain * 0.1).max(0.35);
        between(wait.delay(&polled), plain - spread, plain + spread);
        says_age(wait.delay(&polled), age);
        assert_eq!(wait.poller.job_age(wait.now), Duration::from_secs_f64(age), "{begin}");
    }
}

#[test]
fn the_age_grows_by_our_clock_while_answers_tell_no_time() {
    let mut wait = SimulatedWait::new(policy());
    wait.see(&dated(r#""begin_time":"2016-04-25T20:04:27Z""#));
    let then = wait.now;
    for polled in [running(), http(503), undated(r#""begin_time":"2016-04-25T20:04:27Z""#)] {
        wait.see(&polled);
        assert_eq!(wait.poller.job_age(wait.now), secs(20) + (wait.now - then));
    }
}

#[test]
fn a_time_that_cannot_be_right_does_not_count() {
    for polled in [
        undated(r#""begin_time":"2016-04-25T19:04:47Z""#),
        dated(r#""begin_time":"2016-04-25T19:04:47""#),
        dated(r#""begin_time":"2016-04-25 19:04:47.000""#),
        dated(r#""begin_time":"25-Apr-2016 19:04:47:000""#),
        dated(r#""begin_time":"2016-04-25T20:04:48Z""#),
        dated(r#""begin_time":"2016-03-26T20:04:46Z""#),
        dated(r#""begin_time":"1970-01-01T00:00:00Z""#),
        dated(r#""begin_time":"an hour ago""#),
        dated(r#""begin_time":"""#),
        dated(r#""begin_time":null"#),
        dated(r#""begin_time":1461614687"#),
        dated(r#""job_id":"none""#),
    ] {
        let mut wait = SimulatedWait::new(policy());
        between(wait.delay(&polled), 0.365, 1.065);
        let delay = wait.delay(&polled);
        says_age(delay, wait.elapsed().as_secs_f64());
        assert_eq!(wait.poller.job_age(wait.now), wait.elapsed());
    }
}

/// A job that began an hour ago, with these sub-jobs: their status and their end.
fn with_sub_jobs(total: &str, sub_jobs: &[(&str, &str)]) -> String {
    let sub_jobs: Vec<String> = sub_jobs
        .iter()
        .enumerate()
        .map(|(id, (status, end))| format!(r#"{{"job_id":"{id}","status":"{status}","end_time":"{end}"}}"#))
        .collect();
    format!(
        r#""begin_time":"2016-04-25T19:04:47Z","entities":{{{total}"sub_jobs":[{}]}}"#,
        sub_jobs.join(",")
    )
}

#[test]
fn once_all_sub_jobs_have_ended_the_age_is_that_of_the_last_end() {
    const ENDED_2_S_AGO: (&str, &str) = ("SUCCESS", "2016-04-25T20:04:45Z");
    const ENDED_50_S_AGO: (&str, &str) = ("FAIL", "2016-04-25T20:03:57Z");
    const ENDED_IN_LOCAL_TIME: (&str, &str) = ("SUCCESS", "2016-04-25T20:04:45");
    const ENDED_IN_A_SECOND: (&str, &str) = ("SUCCESS", "2016-04-25T20:04:48Z");
    const RUNNING: (&str, &str) = ("RUNNING", "");
    const STRANGE: (&str, &str) = ("PAUSED", "");
    for (total, sub_jobs, age) in [
        ("", &[ENDED_2_S_AGO][..], 2.0),
        ("", &[ENDED_50_S_AGO, ENDED_2_S_AGO], 2.0),
        ("", &[ENDED_50_S_AGO], 50.0),
        (r#""sub_jobs_total":2,"#, &[ENDED_50_S_AGO, ENDED_2_S_AGO], 2.0),
        (r#""sub_jobs_total":1,"#, &[ENDED_50_S_AGO, ENDED_2_S_AGO], 2.0),
        (r#""sub_jobs_total":3,"#, &[ENDED_50_S_AGO, ENDED_2_S_AGO], 3600.0),
        ("", &[ENDED_2_S_AGO, RUNNING], 3600.0),
        ("", &[ENDED_2_S_AGO, STRANGE], 3600.0),
        ("", &[], 3600.0),
        (r#""sub_jobs_total":0,"#, &[], 3600.0),
        // Not known, so it is since we know that they have ended.
        ("", &[ENDED_50_S_AGO, ENDED_IN_LOCAL_TIME], 0.0),
        ("", &[ENDED_IN_A_SECOND], 0.0),
    ] {
        let mut wait = SimulatedWait::new(policy());
        // So that it is not the first delay.
        wait.see(&running());
        let delay = wait.delay(&dated(&with_sub_jobs(total, sub_jobs)));
        says_age(delay, age);
        assert_eq!(wait.poller.job_age(wait.now), secs(3600), "the job itself is as old as it was");
    }
}

#[test]
fn without_a_date_the_time_since_the_last_sub_job_is_counted_by_our_clock() {
    let ended = undated(&with_sub_jobs("", &[("SUCCESS", "2016-04-25T20:04:45Z")]));
    let begun = undated(&with_sub_jobs("", &[("RUNNING", "")]));
    let mut wait = SimulatedWait::new(policy());
    wait.see(&begun);
    wait.now += secs(300);
    says_age(wait.delay(&begun), 301.0);
    let delay = wait.delay(&ended);
    says_age(delay, 0.0);
    let seen = wait.now;
    for polled in [&ended, &ended, &ended, &http(503), &ended, &ended] {
        let delay = wait.delay(polled);
        if polled.error().is_none() {
            says_age(delay, (wait.now - seen).as_secs_f64());
        }
    }
    // A further sub-job: it was not the end.
    let delay = wait.delay(&undated(&with_sub_jobs("", &[("SUCCESS", ""), ("RUNNING", "")])));
    says_age(delay, 300.0);
    let delay = wait.delay(&undated(&with_sub_jobs("", &[("SUCCESS", ""), ("SUCCESS", "")])));
    says_age(delay, 0.0);
}

#[test]
fn sub_jobs_that_ended_before_we_came_make_no_young_job_older() {
    let mut wait = SimulatedWait::new(policy());
    wait.see(&running());
    let members = r#""begin_time":"2016-04-25T20:04:37Z","sub_jobs":[{"status":"SUCCESS","end_time":"2016-04-25T19:00:00Z"}]"#;
    says_age(wait.delay(&dated(members)), 10.0);
}

#[test]
fn the_expected_duration_counts_until_the_sub_jobs_have_ended() {
    let hinted = policy().timeout(secs(7200)).backoff(Backoff::new().expected_duration(secs(4000)));
    let mut wait = SimulatedWait::new(hinted);
    let begun = dated(r#""begin_time":"2016-04-25T20:03:07Z""#);
    between(wait.delay(&begun), 13.5, 16.5);
    says_age(wait.delay(&dated(&with_sub_jobs("", &[("SUCCESS", "2016-04-25T20:04:45Z")]))), 2.0);
}

#[test]
fn a_fixed_delay_is_kept_to_the_letter() {
    let mut wait = SimulatedWait::new(policy().timeout(secs(3600)).backoff(Backoff::fixed(secs(5))));
    for _ in 0..100 {
        between(wait.delay(&dated(r#""begin_time":"2016-04-25T19:04:47Z""#)), 5.0, 5.0);
    }
}
