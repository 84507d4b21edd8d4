//! A job, a service with faults, a network and a caller that oversleeps, all in virtual time.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::secs;
use crate::error::api::ApiError;
use crate::error::poll::{PollError, TransportError, TransportErrorKind};
use crate::job::Job;
use crate::job::error::DecodeError;
use crate::poll::result::PollResult;
use crate::poll::{Decision, PollPolicy, Poller, WaitEnd};
use crate::util::rng;

/// What is true of the world, whoever polls.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// When the job began, before the wait did.
    pub(super) head_start: Duration,
    /// When it ends after the wait began, and how. `None`: never.
    pub(super) end: Option<(Duration, bool)>,
    /// When its sub-jobs end after the wait began, in order.
    pub(super) sub_jobs: Vec<Duration>,
    pub(super) latency: Latency,
    pub(super) faults: Faults,
    /// How far the clock of the service is off, in seconds.
    pub(super) skew: i64,
    pub(super) has_date: bool,
    pub(super) has_offset: bool,
    /// Until when the service does not know the id.
    pub(super) appears: Duration,
    pub(super) oversleep: Duration,
    pub(super) seed: u64,
}

/// A round trip lasts from `least` to `least` times `spread`, mostly near to the lower end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    pub(super) least: Duration,
    pub(super) spread: f64,
}

/// How often of 100 polls something goes wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    pub(super) transient: u64,
    pub(super) throttled: u64,
    pub(super) patience_asked: u64,
    pub(super) garbage: u64,
    pub(super) lost: u64,
    pub(super) hang: u64,
    pub(super) refused: u64,
}

/// What one poll was like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Pending,
    Terminal(WaitEnd),
    Throttled,
    NotFound,
    Transient,
    Lost,
    Refused,
}

/// One poll.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shot {
    pub(super) sent: Duration,
    pub(super) limit: Duration,
    pub(super) done: Duration,
    pub(super) kind: Kind,
    pub(super) retry_after: Option<Duration>,
}

/// A whole wait.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) shots: Vec<Shot>,
    /// `None`: it would have gone on, and the test had enough.
    pub(super) wait_end: Option<WaitEnd>,
    /// It ended because the next poll came too late.
    pub(super) deadline_end: bool,
    pub(super) started: Duration,
    pub(super) deadline: Duration,
    pub(super) ended: Duration,
}

/// The moment in the service's year 2026 at which the wait begins.
const EPOCH: i64 = 1_795_300_000;

impl World {
    /// One wait in it, with this many polls at most.
    pub(super) fn wait(&self, policy: PollPolicy, most: usize) -> Run {
        let started = secs(77);
        let mut poller = Poller::with_seed(policy, started, self.seed);
        let mut random = self.seed ^ 0xabcd;
        let stages = self.stages();
        let (mut now, mut shots) = (started, Vec::new());
        let mut run = Run {
            shots: Vec::new(),
            wait_end: None,
            deadline_end: false,
            started,
            deadline: poller.deadline(),
            ended: started,
        };
        while shots.len() < most {
            if poller.next_poll() > now {
                let late = self.oversleep.mul_f64(rng::next(&mut random));
                now = poller.next_poll().saturating_add(late);
            }
            let Some(limit) = poller.poll_timeout(now) else {
                run.wait_end = Some(poller.deadline_end());
                run.deadline_end = true;
                break;
            };
            let sent = now;
            let (polled, kind) = self.polled(&stages, sent - started, limit, &mut random);
            now = sent.saturating_add(polled.round_trip);
            shots.push(Shot { sent, limit, done: now, kind, retry_after: polled.retry_after });
            match poller.handle(&polled, now) {
                Decision::PollAt(moment) => assert_eq!(moment, poller.next_poll()),
                Decision::Done(wait_end) => {
                    run.wait_end = Some(wait_end);
                    break;
                }
            }
        }
        run.shots = shots;
        run.ended = now;
        run
    }

    /// The job as it is told after none, one, ... all of its sub-jobs have ended, and after its own end.
    fn stages(&self) -> Vec<Job> {
        let at = |moment: Duration, before: Duration| {
            let whole = OffsetDateTime::from_unix_timestamp(EPOCH + self.skew).unwrap();
            let moment = whole + moment.min(secs(86_400_000)) - before.min(secs(86_400_000));
            let text = moment.format(&Rfc3339).unwrap();
            if self.has_offset { text } else { text.trim_end_matches('Z').to_owned() }
        };
        let begin = at(Duration::ZERO, self.head_start);
        let stage = |ended: usize, status: &str| {
            let sub_jobs: Vec<String> = self
                .sub_jobs
                .iter()
                .enumerate()
                .map(|(number, end)| match number < ended {
                    true => format!(r#"{{"status":"SUCCESS","end_time":"{}"}}"#, at(*end, Duration::ZERO)),
                    false => r#"{"status":"RUNNING"}"#.to_owned(),
                })
                .collect();
            let body = format!(
                r#"{{"status":"{status}","begin_time":"{begin}","sub_jobs":[{}]}}"#,
                sub_jobs.join(",")
            );
            Job::from_slice(body.as_bytes()).unwrap()
        };
        let count = self.sub_jobs.len();
        let good = self.end.is_none_or(|(_, good)| good);
        let ended = stage(count, if good { "SUCCESS" } else { "FAIL" });
        (0..=count).map(|ended| stage(ended, "RUNNING")).chain([ended]).collect()
    }

    fn polled(&self, stages: &[Job], at: Duration, limit: Duration, random: &mut u64) -> (PollResult, Kind) {
        let (mut dice, draw, tail) =
            ((rng::next(random) * 100.0) as u64, rng::next(random), rng::next(random));
        let mut falls = |often: u64| {
            let falls = dice < often;
            dice = dice.saturating_sub(often);
            // What has fallen does not fall again.
            if falls {
                dice = u64::MAX;
            }
            falls
        };
        let latency = self.latency.least.mul_f64(1.0 + (self.latency.spread - 1.0) * tail.powi(8));
        let faults = &self.faults;
        let transport = |kind| Err(PollError::Transport(TransportError::new(kind, "")));
        let api = |status: u16, code: Option<&str>| {
            Err(PollError::Api(ApiError {
                http_status: status,
                code: code.map(Into::into),
                outer_code: None,
                message: Box::default(),
                request_id: None,
                login: false,
                unknown_job: false,
                clock_offset: None,
            }))
        };
        let (seen, kind) = if falls(faults.hang) || latency > limit {
            let polled = PollResult::new(transport(TransportErrorKind::Timeout)).round_trip(limit);
            return (polled, Kind::Transient);
        } else if falls(faults.lost) {
            (transport(TransportErrorKind::ConnectionLost), Kind::Lost)
        } else if falls(faults.transient) {
            (api(503, None), Kind::Transient)
        } else if falls(faults.garbage) {
            (Err(PollError::Decode(DecodeError::new("garbage", b"<"))), Kind::Transient)
        } else if falls(faults.throttled) {
            (api(429, None), Kind::Throttled)
        } else if falls(faults.refused) {
            (api(401, None), Kind::Refused)
        } else if at < self.appears {
            (api(400, Some("Common.0011")), Kind::NotFound)
        } else {
            // The service answers half-way.
            let then = at + latency / 2;
            let done = self.sub_jobs.iter().filter(|end| **end <= then).count();
            match self.end {
                Some((end, good)) if end <= then => {
                    let wait_end = if good { WaitEnd::Succeeded } else { WaitEnd::Failed };
                    (Ok(Box::new(stages[stages.len() - 1].clone())), Kind::Terminal(wait_end))
                }
                _ => (Ok(Box::new(stages[done].clone())), Kind::Pending),
            }
        };
        let mut polled = PollResult::new(seen).round_trip(latency).credentials_renewable(true);
        if self.has_date && kind != Kind::Lost {
            let second = i64::try_from((at + latency / 2).as_secs()).unwrap_or(0).min(86_400_000);
            polled.date = OffsetDateTime::from_unix_timestamp(EPOCH + self.skew + second).ok();
        }
        if kind != Kind::Lost && (draw * 100.0) as u64 >= 100 - faults.patience_asked {
            polled.retry_after = Some(Duration::from_secs_f64(100.0 * (draw * 1e4).fract()));
        }
        (polled, kind)
    }
}
