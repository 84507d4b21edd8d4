//! Jobs that end after some polls, on a service with random faults: all waits succeed, or end by the deadline.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cloudjob::{Backoff, ErrorKind};

use super::peer::{HTML, Line, Peer, answer, hang, job};
use super::{Scene, id};

/// The same numbers for the same seed.
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(0x9e37_79b9_7f4a_7c15)))
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        let step = |state: u64| {
            let state = state ^ (state << 13);
            let state = state ^ (state >> 7);
            state ^ (state << 17)
        };
        let before = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| Some(step(state)));
        (step(before.unwrap()) >> 16) % end
    }
}

/// Responds to requests on a connection until a fault ends it.
fn misbehave(line: &mut Line, dice: &Dice, polls: u64, seen: &AtomicU64) {
    loop {
        if dice.below(12) == 0 {
            return line.reset();
        }
        if line.request().is_none() {
            return;
        }
        let good = || job(if seen.fetch_add(1, Ordering::SeqCst) < polls { "RUNNING" } else { "SUCCESS" });
        match dice.below(24) {
            0 => return,
            1 => return hang(),
            2 => return line.drip(job("RUNNING").into_bytes()),
            3 => {
                let whole = job("RUNNING");
                line.send(&whole[..usize::try_from(dice.below(whole.len() as u64)).unwrap()]);
                return;
            }
            4 => {
                line.send("nonsense\r\n\r\n");
                return;
            }
            5 => drop(line.send(answer("502 Bad Gateway", "", HTML))),
            6 => drop(line.send(answer("200 OK", "", HTML))),
            7 => drop(line.send(answer("429 Slow", "retry-after: 0\r\n", ""))),
            8 => drop(line.send(answer("503 Slow", "retry-after: 1\r\n", HTML))),
            9 => drop(line.send(answer(
                "202 Accepted",
                "",
                r#"{"error":{"code":"Common.0024","message":"x"}}"#,
            ))),
            10 => {
                line.send(good());
                return;
            }
            _ => drop(line.send(good())),
        }
    }
}

#[test]
fn fifty_random_mixes_end_well_or_by_the_deadline() {
    let timeout = Duration::from_secs(4);
    let results: Vec<_> = thread::scope(|scope| {
        let waits: Vec<_> = (0..50)
            .map(|seed| {
                scope.spawn(move || {
                    let (dice, seen) = (Dice::new(seed), AtomicU64::new(0));
                    let polls = dice.below(5);
                    let peer = Peer::start(move |line, _| misbehave(line, &dice, polls, &seen));
                    let client = Scene::at(&peer.url()).client(Duration::from_millis(300));
                    let begun = Instant::now();
                    let outcome = client
                        .wait(&id())
                        .timeout(timeout)
                        .backoff(Backoff::fixed(Duration::from_millis(50)))
                        .outcome();
                    (seed, begun.elapsed(), outcome)
                })
            })
            .collect();
        waits.into_iter().map(|wait| wait.join().unwrap()).collect()
    });
    let mut well = 0;
    let mut worst = Duration::ZERO;
    for (seed, took, outcome) in results {
        worst = worst.max(took.saturating_sub(timeout));
        match outcome.result() {
            Ok(job) => {
                assert_eq!(job.status_text(), "SUCCESS");
                well += 1;
            }
            Err(error) => {
                assert!(
                    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::NoAnswer),
                    "mix {seed}: {error}"
                );
                assert!(took >= timeout / 2, "mix {seed} ended after {took:?}: {error}");
            }
        }
    }
    eprintln!("50 mixes over sockets: {well} ended well, worst overrun {} ms", worst.as_millis());
    assert!(worst < Duration::from_secs(1), "{worst:?}");
    assert!(well >= 10, "only {well} of 50 ended well");
}
