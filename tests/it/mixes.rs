//! A thousand random mixes of faults in virtual time, through the poller's public face: whatever comes in whatever
//! order, a wait ends well, or for a reason, or by its deadline.

use std::time::Duration;

use cloudjob::error::{PollError, TransportError, TransportErrorKind};
use cloudjob::poll::{Decision, PollPolicy, PollResult, Poller, Response, WaitEnd};

use crate::faults::mixed::Dice;

/// What one poll meets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Met {
    Good,
    /// It may pass, and the service has not spoken.
    Passing(u8),
    /// The service speaks: too many requests, the id is not known yet.
    Spoken(u8),
    /// It does not pass.
    Final(u8),
}

/// How a mix is made.
struct World {
    dice: Dice,
    /// When the job ends.
    ends: Duration,
    /// Of a hundred polls so many go wrong.
    faults: u64,
    /// Of a thousand faults so many do not pass.
    finals: u64,
    outage: (Duration, Duration),
}

impl World {
    fn new(seed: u64) -> Self {
        let dice = Dice::new(seed);
        let ends =
            Duration::from_millis(dice.below([2_000, 60_000, 600_000, 3_000_000][dice.below(4) as usize]));
        let faults = [0, 10, 30, 60, 100][dice.below(5) as usize];
        let finals = [0, 0, 20][dice.below(3) as usize];
        let begin = Duration::from_millis(dice.below(600_000));
        let outage = (begin, begin + Duration::from_millis(dice.below(400_000)));
        Self { dice, ends, faults, finals, outage }
    }

    fn meet(&self, now: Duration) -> Met {
        let kind = u8::try_from(self.dice.below(200)).unwrap();
        if (self.outage.0..self.outage.1).contains(&now) {
            Met::Passing(kind)
        } else if self.dice.below(100) >= self.faults {
            Met::Good
        } else if self.dice.below(1000) < self.finals {
            Met::Final(kind)
        } else if self.dice.below(3) == 0 {
            Met::Spoken(kind)
        } else {
            Met::Passing(kind)
        }
    }

    /// What comes of it, how long it takes, and the span that the service asks for.
    fn polled(&self, met: Met, now: Duration, limit: Duration) -> (PollResult, Duration, Option<Duration>) {
        let quick = Duration::from_millis(self.dice.below(400)).min(limit);
        let transport = |kind| PollResult::from(PollError::Transport(TransportError::new(kind, "gone")));
        let after = Duration::from_secs(self.dice.below(90));
        let telling = |status, body: &str| {
            PollResult::from(
                Response::new(status, body).with_header("Retry-After", &after.as_secs().to_string()),
            )
        };
        let busy = r#"{"error":{"code":"Common.0024","message":"busy"}}"#;
        let html = "<html><body>no upstream</body></html>";
        match met {
            Met::Good => {
                let status = if now >= self.ends { "SUCCESS" } else { "RUNNING" };
                (Response::new(200, format!(r#"{{"status":"{status}"}}"#)).into(), quick, None)
            }
            Met::Passing(kind) => match kind % 10 {
                0 | 1 => (transport(TransportErrorKind::Timeout), limit, None),
                2 => (transport(TransportErrorKind::ConnectionLost), quick, None),
                3 => (transport(TransportErrorKind::Connect), quick, None),
                4 => (transport(TransportErrorKind::Dns), limit, None),
                5 => (transport(TransportErrorKind::Protocol), quick, None),
                6 => (transport(TransportErrorKind::Tls), quick, None),
                7 => (Response::new(200, html).into(), quick, None),
                8 => (Response::new(502, html).into(), quick, None),
                _ => (telling(503, html), quick, Some(after)),
            },
            Met::Spoken(kind) => match kind % 3 {
                0 => (Response::new(429, "").into(), quick, None),
                1 => (telling(429, ""), quick, Some(after)),
                _ => (Response::new(202, busy).into(), quick, None),
            },
            Met::Final(kind) => match kind % 5 {
                0 => (Response::new(302, "").into(), quick, None),
                1 => (transport(TransportErrorKind::Certificate), quick, None),
                2 => (transport(TransportErrorKind::Proxy), quick, None),
                3 => (Response::new(401, "").into(), quick, None),
                _ => (Response::new(403, "").into(), quick, None),
            },
        }
    }
}

/// Consecutive polls that met a transient error.
#[derive(Default)]
struct Row {
    length: u32,
    since: Duration,
}

#[test]
fn a_thousand_random_mixes_end_well_or_for_a_reason_or_by_the_deadline() {
    let mut endings = [0; 4];
    let mut met_all = 0;
    for seed in 0..1000 {
        let world = World::new(seed);
        let timeout =
            Duration::from_millis([300, 5_000, 60_000, 600_000, 1_800_000][world.dice.below(5) as usize]);
        let (wait_end, met) = one(seed, &world, timeout);
        met_all += met;
        endings[match wait_end {
            WaitEnd::Succeeded => 0,
            WaitEnd::TimedOut { .. } => 1,
            WaitEnd::NoAnswer => 2,
            _ => 3,
        }] += 1;
    }
    let [well, timed_out, no_answer, refused] = endings;
    eprintln!(
        "1000 mixes in virtual time, {met_all} faults met: {well} ended well, {timed_out} by the deadline, \
         {no_answer} without an answer, {refused} refused"
    );
    assert!(endings.iter().all(|count| *count > 10), "{endings:?}");
}

/// One wait from begin to end, and how many faults it met.
fn one(seed: u64, world: &World, timeout: Duration) -> (WaitEnd, u32) {
    let start = Duration::from_secs(world.dice.below(1_000_000));
    let policy = PollPolicy::new().timeout(timeout);
    let mut poller = Poller::with_seed(policy, start, seed);
    let deadline = poller.deadline();
    assert_eq!(deadline, start + timeout);
    let (mut now, mut row, mut met_all) = (start, Row::default(), 0);
    // The reserve before the deadline: no wait ends by time before it.
    let late = deadline - Duration::from_secs(5).min(timeout / 4);
    loop {
        // A machine that is slow now and then.
        now = now.max(poller.next_poll())
            + Duration::from_millis(world.dice.below(20) / 19 * world.dice.below(200));
        let Some(limit) = poller.poll_timeout(now) else {
            assert!(poller.polls() > 0 && now + Duration::from_millis(50) > deadline, "mix {seed}");
            return (poller.deadline_end(), met_all);
        };
        assert!(limit <= (deadline.saturating_sub(now)).max(Duration::from_millis(1)), "mix {seed}");
        let met = world.meet(now - start);
        let (polled, took, asked) = world.polled(met, now - start, limit);
        now += took;
        let over = now.saturating_sub(deadline);
        assert!(over <= Duration::from_millis(1) || poller.polls() == 0, "mix {seed} is {over:?} over");
        match met {
            Met::Passing(_) if row.length == 0 => row = Row { length: 1, since: now },
            Met::Passing(_) => row.length += 1,
            _ => row = Row::default(),
        }
        met_all += u32::from(met != Met::Good);
        let pace = 10 + (now - start).as_millis() / 250;
        assert!(u128::from(poller.polls()) < pace, "mix {seed} polls too often");
        match poller.handle(&polled.round_trip(took), now) {
            Decision::PollAt(moment) => {
                assert!(!matches!(met, Met::Final(_)), "mix {seed} goes on after {met:?}");
                assert!(moment >= now && moment <= deadline, "mix {seed}: {moment:?} after {now:?}");
                assert!(asked.is_none_or(|span| moment >= now + span), "mix {seed} polls before it may");
            }
            Decision::Done(wait_end) => {
                let gave_up = row.length >= 5 && now - row.since >= Duration::from_secs(10);
                let fits = match wait_end {
                    WaitEnd::Succeeded => met == Met::Good && now - start >= world.ends,
                    WaitEnd::TimedOut { retry_after: Some(span) } => asked == Some(span) && now + span > late,
                    WaitEnd::TimedOut { retry_after: None } => now >= late,
                    WaitEnd::NoAnswer => now >= late || gave_up || matches!(met, Met::Final(_)),
                    WaitEnd::Refused => matches!(met, Met::Final(_)),
                    _ => false,
                };
                assert!(
                    fits,
                    "mix {seed} ended as {wait_end:?} after {met:?} at {:?} of {timeout:?}",
                    now - start
                );
                return (wait_end, met_all);
            }
        }
    }
}
