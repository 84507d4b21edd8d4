//! What holds in every world.

use std::time::Duration;

use proptest::prelude::*;

use super::world::{Faults, Kind, Latency, Run, Shot, World};
use super::{ms, secs};
use crate::poll::backoff::Backoff;
use crate::poll::{PollPolicy, WaitEnd};

/// From `least` to `most` seconds, each power of ten as often as the other.
fn spans(least: f64, most: f64) -> impl Strategy<Value = Duration> {
    (least.ln()..most.ln()).prop_map(|log| Duration::from_secs_f64(log.exp()))
}

fn any_span() -> impl Strategy<Value = Duration> {
    prop_oneof![
        8 => spans(0.001, 7200.0),
        1 => Just(Duration::ZERO),
        1 => Just(Duration::from_nanos(1)),
        1 => Just(Duration::MAX),
        1 => any::<u64>().prop_map(Duration::from_nanos),
        1 => any::<u64>().prop_map(Duration::from_secs),
    ]
}

fn backoffs() -> impl Strategy<Value = Backoff> {
    let odd = (any_span(), any_span(), any::<f64>(), any::<f64>(), proptest::option::of(any_span()))
        .prop_map(|(first, cap, factor, jitter, expect)| {
            let backoff = Backoff::new().initial(first).max(cap).factor(factor).jitter(jitter);
            expect.map_or(backoff, |expect| backoff.expected_duration(expect))
        });
    prop_oneof![
        6 => Just(Backoff::new()),
        2 => spans(0.1, 100.0).prop_map(Backoff::fixed),
        1 => any_span().prop_map(Backoff::fixed),
        1 => spans(1.0, 7200.0).prop_map(|expected| Backoff::new().expected_duration(expected)),
        2 => odd,
    ]
}

fn any_rules() -> impl Strategy<Value = PollPolicy> {
    let timeouts = prop_oneof![4 => spans(0.01, 7200.0), 2 => any_span()];
    let limits = prop_oneof![8 => Just(secs(30)), 1 => spans(0.001, 60.0), 1 => any_span()];
    (timeouts, limits, backoffs(), any::<bool>()).prop_map(|(timeout, limit, backoff, unpaid)| {
        PollPolicy::new()
            .timeout(timeout)
            .request_timeout(limit)
            .backoff(backoff)
            .fail_on_pending_payment(unpaid)
    })
}

fn faults() -> impl Strategy<Value = Faults> {
    let often = || prop_oneof![6 => Just(0u64), 3 => 1..15u64, 1 => 15..101u64];
    (often(), often(), often(), often(), often(), often(), often()).prop_map(
        |(transient, throttled, patience_asked, garbage, lost, hang, refused)| Faults {
            transient,
            throttled,
            patience_asked: patience_asked.min(100),
            garbage,
            lost,
            hang,
            refused: refused / 5,
        },
    )
}

fn worlds() -> impl Strategy<Value = World> {
    let job = (
        prop_oneof![Just(Duration::ZERO), spans(0.1, 5e6)],
        prop_oneof![1 => Just(None), 3 => (spans(0.01, 36_000.0), any::<bool>()).prop_map(Some)],
        proptest::collection::vec(0.0..1.1f64, 0..4),
    );
    let network = (spans(0.0005, 40.0), 1.0..20.0f64, 0..30u64);
    let clocks = (-10_000_000..10_000_000i64, any::<bool>(), any::<bool>());
    let appears = prop_oneof![3 => Just(Duration::ZERO), 1 => spans(0.1, 20.0)];
    (job, network, faults(), clocks, appears, any::<u64>()).prop_map(
        |((head_start, end, parts), (least, spread, oversleep), faults, clocks, appears, seed)| {
            let whole = end.map_or(100.0, |(end, _)| end.as_secs_f64());
            let mut sub_jobs: Vec<_> =
                parts.iter().map(|part| Duration::from_secs_f64(part * whole)).collect();
            sub_jobs.sort_unstable();
            World {
                head_start,
                end,
                sub_jobs,
                latency: Latency { least, spread },
                faults,
                skew: clocks.0,
                has_date: clocks.1,
                has_offset: clocks.2,
                appears,
                oversleep: ms(oversleep),
                seed,
            }
        },
    )
}

/// So many cases; or as many as `PROPTEST_CASES` says, for a long search.
fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { ProptestConfig { cases, ..config } }
}

proptest! {
    #![proptest_config(cases(12_000))]

    #[test]
    fn every_rule_holds_in_every_world(policy in any_rules(), world in worlds()) {
        let run = world.wait(policy, 250);
        it_ends_by_the_deadline(&policy, &world, &run)?;
        polls_are_within_their_bounds(&policy, &run)?;
        the_last_poll_is_near_the_deadline(&policy, &world, &run)?;
        the_ending_is_what_was_seen(&run)?;
        patience_ends_when_it_should(&run)?;
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn equal_seeds_give_equal_waits(policy in any_rules(), world in worlds()) {
        prop_assert_eq!(world.wait(policy, 60), world.wait(policy, 60));
    }

    /// Without faults, and with round trips that fit four times into the timeout.
    #[test]
    fn an_end_before_the_last_poll_is_seen_before_the_deadline(
        timeout in spans(0.5, 3600.0),
        part in 0.0..1.0f64,
        end in 0.0..1.2f64,
        oversleep in 0..20u64,
        world in worlds(),
    ) {
        let trip = timeout.min(secs(20)).mul_f64(part / 12.0);
        let end = timeout.mul_f64(end);
        let world = World {
            end: Some((end, true)),
            latency: Latency { least: trip, spread: 1.0 },
            faults: Faults::default(),
            appears: Duration::ZERO,
            oversleep: ms(oversleep),
            ..world
        };
        let run = world.wait(PollPolicy::new().timeout(timeout), 2000);
        let reserve = (trip * 3).max(ms(250)).min(secs(5)).min(timeout / 4).max(ms(60));
        if end <= timeout - reserve {
            prop_assert_eq!(run.wait_end, Some(WaitEnd::Succeeded));
            let lag = run.ended - run.started - end.min(run.ended - run.started);
            let age = end + world.head_start;
            // The delay at that age, or the way to the last poll, with the round trip and the sleep that was too long.
            let delay = (ms(1050) + age.mul_f64(0.17)).min(secs(11)) + ms(350);
            prop_assert!(lag <= delay + trip * 2 + ms(oversleep), "{lag:?} late at the age of {age:?}");
        }
        prop_assert!(run.ended <= run.deadline);
    }
}

fn it_ends_by_the_deadline(policy: &PollPolicy, world: &World, run: &Run) -> Result<(), TestCaseError> {
    prop_assert!(!run.shots.is_empty(), "not one poll");
    if policy.timeout.is_zero() {
        prop_assert_eq!(run.shots.len(), 1);
        prop_assert!(run.ended - run.started <= policy.request_timeout.max(ms(1)));
        return Ok(());
    }
    // No limit is under a millisecond. A sleep that was too long can end behind the wall, but no poll is sent there.
    let wall = run.deadline.max(run.started + ms(1));
    if run.deadline_end {
        prop_assert!(run.ended <= wall.saturating_add(world.oversleep));
    } else {
        prop_assert!(run.ended <= wall);
    }
    if run.wait_end.is_none() {
        prop_assert_eq!(run.shots.len(), 250);
    }
    Ok(())
}

fn polls_are_within_their_bounds(policy: &PollPolicy, run: &Run) -> Result<(), TestCaseError> {
    prop_assert!(run.shots[0].sent == run.started, "the first poll is made at once");
    for shot in &run.shots {
        prop_assert!(shot.limit <= policy.request_timeout.max(ms(1)));
        prop_assert!(shot.limit >= ms(1));
    }
    let mut repeats = 0;
    for pair in run.shots.windows(2) {
        let (shot, next) = (pair[0], pair[1]);
        prop_assert!(!matches!(shot.kind, Kind::Terminal(_)), "a poll after the end");
        prop_assert!(next.sent >= shot.done.saturating_add(shot.retry_after.unwrap_or_default()));
        prop_assert!(run.deadline - next.sent >= ms(50), "a poll with under 50 ms left");
        prop_assert!(next.limit <= run.deadline - next.sent);
        if shot.kind == Kind::Pending {
            repeats = 0;
        }
        if next.sent - shot.done < ms(1) && run.deadline - next.sent > reserve(policy, &run.shots, 0) {
            repeats += 1;
            prop_assert!(matches!(shot.kind, Kind::Lost | Kind::Refused));
        }
        prop_assert!(repeats <= 2, "a lost connection and refused credentials are asked again once");
    }
    Ok(())
}

/// What is kept free before the deadline, after so many polls.
fn reserve(policy: &PollPolicy, shots: &[Shot], polls: usize) -> Duration {
    let most = secs(5).min(policy.timeout / 4).max(ms(60));
    if polls == 0 {
        return most;
    }
    let answered =
        shots[..polls].iter().rev().filter(|shot| !matches!(shot.kind, Kind::Transient | Kind::Lost));
    let slowest = answered.take(8).map(|shot| shot.done - shot.sent).max().unwrap_or_default();
    (slowest * 3).max(ms(250)).min(most)
}

fn the_last_poll_is_near_the_deadline(
    policy: &PollPolicy,
    world: &World,
    run: &Run,
) -> Result<(), TestCaseError> {
    let count = run.shots.len();
    let last = run.shots[count - 1];
    if policy.timeout.is_zero() || !matches!(run.wait_end, Some(WaitEnd::TimedOut { retry_after: None })) {
        return Ok(());
    }
    if run.deadline_end && world.oversleep > ms(10) {
        return Ok(());
    }
    // The poll that ended it came back so late that there was no room for one more.
    let reserve_before = reserve(policy, &run.shots, (count - 1).max(1));
    // It may have been placed three polls ago, if it was lost, and then refused, and then made.
    let room = (count.saturating_sub(3).max(1)..=count).map(|polls| reserve(policy, &run.shots, polls)).max();
    let room = room.unwrap_or_default();
    prop_assert!(
        last.done >= run.deadline.saturating_sub(room + ms(3)),
        "given up {:?} before the deadline; {room:?} are kept free",
        run.deadline - last.done
    );
    // A poll that was placed there has all that time for its answer.
    if count > 1 && run.deadline - last.sent <= reserve_before {
        let again = matches!(run.shots[count - 2].kind, Kind::Lost | Kind::Refused);
        let left = reserve_before.saturating_sub(world.oversleep + ms(1)).min(policy.request_timeout);
        prop_assert!(again || last.limit >= left, "{:?} for the last poll of {left:?}", last.limit);
    }
    // Two polls at the deadline: only if the first of them did not give the job.
    let at_the_wall = run.shots.iter().filter(|shot| run.deadline - shot.sent < ms(50)).count();
    prop_assert!(at_the_wall <= 1);
    Ok(())
}

fn the_ending_is_what_was_seen(run: &Run) -> Result<(), TestCaseError> {
    let last = run.shots[run.shots.len() - 1];
    let answered = run.shots.iter().any(|shot| !matches!(shot.kind, Kind::Transient | Kind::Lost))
        || run.shots.is_empty();
    match (run.wait_end, last.kind) {
        (wait_end, Kind::Terminal(seen)) => prop_assert_eq!(wait_end, Some(seen)),
        (Some(WaitEnd::TimedOut { retry_after: None }), _) => prop_assert!(answered),
        (Some(WaitEnd::TimedOut { retry_after }), _) => prop_assert_eq!(last.retry_after, retry_after),
        (Some(WaitEnd::NoAnswer), kind) => prop_assert!(matches!(kind, Kind::Transient | Kind::Lost)),
        (Some(WaitEnd::Refused), kind) => prop_assert!(matches!(kind, Kind::Refused | Kind::NotFound)),
        (None, _) => {}
        (Some(wait_end), kind) => prop_assert!(false, "{wait_end:?} after {kind:?}"),
    }
    Ok(())
}

/// Before the first good answer 5 in a row and 10 s of it, afterwards 10 and two minutes: not sooner and not later.
fn patience_ends_when_it_should(run: &Run) -> Result<(), TestCaseError> {
    let (mut seen, mut row, mut since) = (false, 0, Duration::ZERO);
    for (number, shot) in run.shots.iter().enumerate() {
        if !matches!(shot.kind, Kind::Transient | Kind::Lost) {
            row = 0;
            seen |= shot.kind == Kind::Pending;
            continue;
        }
        if row == 0 {
            since = shot.done;
        }
        row += 1;
        let (many, long) = if seen { (10, secs(120)) } else { (5, secs(10)) };
        let is_over = row >= many && shot.done - since >= long;
        let is_last = number + 1 == run.shots.len();
        prop_assert!(
            !is_over || is_last && run.wait_end == Some(WaitEnd::NoAnswer),
            "{row} in a row were put up with"
        );
        if is_last && run.wait_end == Some(WaitEnd::NoAnswer) && !is_over {
            // It was the deadline, or a request for patience that reaches past it.
            let near = run.deadline.saturating_sub(secs(5));
            prop_assert!(
                shot.done >= near || run.deadline - run.started < secs(1),
                "given up after {row} in a row"
            );
        }
    }
    Ok(())
}
