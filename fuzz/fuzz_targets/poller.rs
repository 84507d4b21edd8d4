//! The poller as a state machine: any answers, at any moments, and its promises hold.
#![no_main]

use std::time::Duration;

use cloudjob::{Answer, Backoff, Ending, Look, Next, Poller, Rules, TransportError, TransportKind, Trouble};
use libfuzzer_sys::fuzz_target;

const KINDS: [TransportKind; 6] = [
    TransportKind::Lost,
    TransportKind::Timeout,
    TransportKind::Dns,
    TransportKind::Connect,
    TransportKind::Certificate,
    TransportKind::Protocol,
];

fn look(kind: u8, number: u16, body: &[u8]) -> Look {
    let pending = ["INIT", "RUNNING", "PENDING_PAYMENT", "RESTING"][usize::from(number % 4)];
    match kind % 12 {
        0..=2 => Answer::new(200, format!(r#"{{"status":"{pending}"}}"#)).into(),
        3 => Answer::new(
            200,
            format!(r#"{{"status":"RUNNING","begin_time":"20{:02}-01-01T00:00:00Z"}}"#, number % 60),
        )
        .header("date", "Sat, 21 Nov 2026 17:35:00 GMT")
        .into(),
        4 => Answer::new(429, "").header("Retry-After", &number.to_string()).into(),
        5 => Answer::new(number, body).into(),
        6 => Answer::new(503, "").into(),
        7 => Trouble::Transport(TransportError::new(KINDS[usize::from(number) % KINDS.len()], "x")).into(),
        8 => Answer::new(400, r#"{"error":{"code":"Common.0011","message":"no"}}"#).into(),
        9 => Look::from(Answer::new(401, "")).renewable(number % 2 == 0),
        10 => Answer::new(202, r#"{"error":{"code":"Common.0024","message":"busy"}}"#).into(),
        _ => Answer::new(200, body).into(),
    }
}

fuzz_target!(|input: (u64, u32, u32, u16, Vec<(u8, u16, u32)>, &[u8])| {
    let (seed, timeout, start, fixed, steps, body) = input;
    let timeout = Duration::from_millis(timeout.into());
    let start = Duration::from_millis(start.into());
    let mut rules = Rules::new().timeout(timeout).fail_on_pending_payment(seed % 3 == 0);
    if fixed > 0 {
        rules = rules.backoff(Backoff::fixed(Duration::from_millis(fixed.into())));
    }
    let mut poller = Poller::seeded(rules, start, seed);
    let deadline = poller.deadline();
    let mut now = start;
    for (kind, number, delay) in steps {
        // The caller sleeps until it is due, and can be late.
        now = now.max(poller.next_look()) + Duration::from_micros(u64::from(delay % 1000));
        let Some(limit) = poller.look_limit(now) else {
            assert!(
                poller.looks() > 0
                    && (timeout.is_zero() || deadline.saturating_sub(now) < Duration::from_millis(50))
            );
            assert!(matches!(poller.too_late(), Ending::TimedOut { .. } | Ending::NoAnswer));
            return;
        };
        assert!(limit <= Duration::from_secs(30));
        if !timeout.is_zero() {
            assert!(limit <= deadline.saturating_sub(now).max(Duration::from_millis(1)), "{limit:?}");
        }
        let took = Duration::from_micros(u64::from(delay)).min(limit);
        now += took;
        let looks = poller.looks();
        let look = look(kind, number, body).took(took);
        let ended = look.job().is_some_and(|job| job.status().is_terminal());
        let next = poller.handle(&look, now);
        assert_eq!(poller.looks(), looks + 1);
        match next {
            Next::LookAt(moment) => {
                assert!(!ended && !timeout.is_zero());
                assert!(moment >= now && moment <= deadline, "{moment:?} {now:?} {deadline:?}");
                assert_eq!(moment, poller.next_look());
            }
            Next::Done(ending) => {
                assert_eq!(ended, matches!(ending, Ending::Succeeded | Ending::Failed));
                return;
            }
        }
    }
});
