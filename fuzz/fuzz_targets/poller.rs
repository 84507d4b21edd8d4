//! The poller as a state machine: its invariants hold for any responses at any instants.
#![no_main]

use std::time::Duration;

use cloudjob::Backoff;
use cloudjob::error::{PollError, TransportError, TransportErrorKind};
use cloudjob::poll::{Decision, PollPolicy, PollResult, Poller, Response, WaitEnd};
use libfuzzer_sys::fuzz_target;

const KINDS: [TransportErrorKind; 6] = [
    TransportErrorKind::ConnectionLost,
    TransportErrorKind::Timeout,
    TransportErrorKind::Dns,
    TransportErrorKind::Connect,
    TransportErrorKind::Certificate,
    TransportErrorKind::Protocol,
];

fn polled(kind: u8, number: u16, body: &[u8]) -> PollResult {
    let pending = ["INIT", "RUNNING", "PENDING_PAYMENT", "RESTING"][usize::from(number % 4)];
    match kind % 12 {
        0..=2 => Response::new(200, format!(r#"{{"status":"{pending}"}}"#)).into(),
        3 => Response::new(
            200,
            format!(r#"{{"status":"RUNNING","begin_time":"20{:02}-01-01T00:00:00Z"}}"#, number % 60),
        )
        .with_header("date", "Sat, 21 Nov 2026 17:35:00 GMT")
        .into(),
        4 => Response::new(429, "").with_header("Retry-After", &number.to_string()).into(),
        5 => Response::new(number, body).into(),
        6 => Response::new(503, "").into(),
        7 => PollError::Transport(TransportError::new(KINDS[usize::from(number) % KINDS.len()], "x")).into(),
        8 => Response::new(400, r#"{"error":{"code":"Common.0011","message":"no"}}"#).into(),
        9 => PollResult::from(Response::new(401, "")).credentials_renewable(number % 2 == 0),
        10 => Response::new(202, r#"{"error":{"code":"Common.0024","message":"busy"}}"#).into(),
        _ => Response::new(200, body).into(),
    }
}

fuzz_target!(|input: (u64, u32, u32, u16, Vec<(u8, u16, u32)>, &[u8])| {
    let (seed, timeout, start, fixed, steps, body) = input;
    let timeout = Duration::from_millis(timeout.into());
    let start = Duration::from_millis(start.into());
    let mut policy = PollPolicy::new().timeout(timeout).fail_on_pending_payment(seed % 3 == 0);
    if fixed > 0 {
        policy = policy.backoff(Backoff::fixed(Duration::from_millis(fixed.into())));
    }
    let mut poller = Poller::with_seed(policy, start, seed);
    let deadline = poller.deadline();
    let mut now = start;
    for (kind, number, delay) in steps {
        // The caller sleeps until it is due, and can be late.
        now = now.max(poller.next_poll()) + Duration::from_micros(u64::from(delay % 1000));
        let Some(limit) = poller.poll_timeout(now) else {
            assert!(
                poller.polls() > 0
                    && (timeout.is_zero() || deadline.saturating_sub(now) < Duration::from_millis(50))
            );
            assert!(matches!(poller.deadline_end(), WaitEnd::TimedOut { .. } | WaitEnd::NoAnswer));
            return;
        };
        assert!(limit <= Duration::from_secs(30));
        if !timeout.is_zero() {
            assert!(limit <= deadline.saturating_sub(now).max(Duration::from_millis(1)), "{limit:?}");
        }
        let took = Duration::from_micros(u64::from(delay)).min(limit);
        now += took;
        let polls = poller.polls();
        let polled = polled(kind, number, body).round_trip(took);
        let ended = polled.job().is_some_and(|job| job.status().is_terminal());
        let next = poller.handle(&polled, now);
        assert_eq!(poller.polls(), polls + 1);
        match next {
            Decision::PollAt(moment) => {
                assert!(!ended && !timeout.is_zero());
                assert!(moment >= now && moment <= deadline, "{moment:?} {now:?} {deadline:?}");
                assert_eq!(moment, poller.next_poll());
            }
            Decision::Done(wait_end) => {
                assert_eq!(ended, matches!(wait_end, WaitEnd::Succeeded | WaitEnd::Failed));
                return;
            }
        }
    }
});
