//! A small world in virtual time: a job, a service with moods, a network, and a caller whose sleeps are too long.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::secs;
use crate::error::api::ApiError;
use crate::error::poll::{TransportError, TransportKind, Trouble};
use crate::job::Job;
use crate::job::error::DecodeError;
use crate::poll::result::{Look, Seen};
use crate::poll::{Ending, Next, Poller, Rules};
use crate::util::rng;

/// What is true of the world, whoever looks.
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

/// How often of 100 looks something goes wrong.
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

/// What one look was like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Pending,
    Terminal(Ending),
    Throttled,
    NotFound,
    Transient,
    Lost,
    Refused,
}

/// One look.
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
    pub(super) ending: Option<Ending>,
    /// It ended because the next look came too late.
    pub(super) too_late: bool,
    pub(super) started: Duration,
    pub(super) deadline: Duration,
    pub(super) ended: Duration,
}

/// The moment in the service's year 2026 at which the wait begins.
const EPOCH: i64 = 1_795_300_000;

impl World {
    /// One wait in it, of this many looks at the most.
    pub(super) fn wait(&self, rules: Rules, most: usize) -> Run {
        let started = secs(77);
        let mut poller = Poller::seeded(rules, started, self.seed);
        let mut random = self.seed ^ 0xabcd;
        let stages = self.stages();
        let (mut now, mut shots) = (started, Vec::new());
        let mut run = Run {
            shots: Vec::new(),
            ending: None,
            too_late: false,
            started,
            deadline: poller.deadline(),
            ended: started,
        };
        while shots.len() < most {
            if poller.next_look() > now {
                let late = self.oversleep.mul_f64(rng::next(&mut random));
                now = poller.next_look().saturating_add(late);
            }
            let Some(limit) = poller.look_limit(now) else {
                run.ending = Some(poller.too_late());
                run.too_late = true;
                break;
            };
            let sent = now;
            let (look, kind) = self.look(&stages, sent - started, limit, &mut random);
            now = sent.saturating_add(look.took);
            shots.push(Shot { sent, limit, done: now, kind, retry_after: look.retry_after });
            match poller.handle(&look, now) {
                Next::LookAt(moment) => assert_eq!(moment, poller.next_look()),
                Next::Done(ending) => {
                    run.ending = Some(ending);
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

    fn look(&self, stages: &[Job], at: Duration, limit: Duration, random: &mut u64) -> (Look, Kind) {
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
        let transport = |kind| Seen::Trouble(Trouble::Transport(TransportError::new(kind, "")));
        let api = |status: u16, code: Option<&str>| {
            Seen::Trouble(Trouble::Api(ApiError {
                http_status: status,
                code: code.map(str::to_owned),
                outer_code: None,
                message: String::new(),
                request_id: None,
                login: false,
            }))
        };
        let (seen, kind) = if falls(faults.hang) || latency > limit {
            let look = Look::new(transport(TransportKind::Timeout)).took(limit);
            return (look, Kind::Transient);
        } else if falls(faults.lost) {
            (transport(TransportKind::Lost), Kind::Lost)
        } else if falls(faults.transient) {
            (api(503, None), Kind::Transient)
        } else if falls(faults.garbage) {
            (Seen::Trouble(Trouble::Decode(DecodeError::new("garbage", b"<"))), Kind::Transient)
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
                    let ending = if good { Ending::Succeeded } else { Ending::Failed };
                    (Seen::Job(Box::new(stages[stages.len() - 1].clone())), Kind::Terminal(ending))
                }
                _ => (Seen::Job(Box::new(stages[done].clone())), Kind::Pending),
            }
        };
        let mut look = Look::new(seen).took(latency).renewable(true);
        if self.has_date && kind != Kind::Lost {
            let second = i64::try_from((at + latency / 2).as_secs()).unwrap_or(0).min(86_400_000);
            look.date = OffsetDateTime::from_unix_timestamp(EPOCH + self.skew + second).ok();
        }
        if kind != Kind::Lost && (draw * 100.0) as u64 >= 100 - faults.patience_asked {
            look.retry_after = Some(Duration::from_secs_f64(100.0 * (draw * 1e4).fract()));
        }
        (look, kind)
    }
}
