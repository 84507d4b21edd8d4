//! The durations and the rules that were collected from public documents and programs.

use std::path::PathBuf;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A job that is documented with its begin and its end.
#[derive(Clone, Debug)]
pub(crate) struct Duration {
    pub(crate) seconds: f64,
    pub(crate) job_type: String,
    pub(crate) is_sub_job: bool,
    pub(crate) source: String,
    pub(crate) span: Option<(f64, f64)>,
}

pub(crate) fn durations() -> Vec<Duration> {
    let all = load("durations.json");
    let pairs = all.as_array().into_iter().flatten();
    let trusted = pairs.filter(|one| one["kind"] == "begin_end_pair" && one["trusted"] == true);
    let read = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let at = |name: &str| {
            let moment = OffsetDateTime::parse(one[name].as_str()?, &Rfc3339).ok()?;
            Some(moment.unix_timestamp_nanos() as f64 / 1e9)
        };
        Duration {
            seconds: one["seconds"].as_f64().unwrap_or_default(),
            job_type: text("job_type"),
            is_sub_job: one["role"] == "sub_job",
            source: text("source"),
            span: at("begin_time").zip(at("end_time")),
        }
    };
    trusted.map(read).filter(|one| one.seconds > 0.0).collect()
}

/// How a public waiter spaces its polls.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) first: f64,
    /// From a response until the caller knows of it.
    pub(crate) after: f64,
    pace: Pace,
}

#[derive(Clone, Debug)]
enum Pace {
    List(Vec<f64>),
    Exponential {
        first: f64,
        factor: f64,
        cap: f64,
    },
    /// `factor x t^power`, within bounds.
    Power {
        factor: f64,
        power: f64,
        least: f64,
        most: f64,
    },
}

impl Rule {
    /// The delay after the poll with this number, from 0, made at this time since the start of the wait.
    pub(crate) fn delay(&self, number: u32, elapsed: f64) -> f64 {
        match &self.pace {
            Pace::List(delays) => {
                let last = delays.len().saturating_sub(1);
                delays.get((number as usize).min(last)).copied().unwrap_or(1.0)
            }
            Pace::Exponential { first, factor, cap } => (first * factor.powf(f64::from(number))).min(*cap),
            Pace::Power { factor, power, least, most } => {
                (factor * elapsed.powf(*power)).clamp(*least, *most)
            }
        }
    }

    /// Laws that no public waiter follows, for comparison.
    pub(crate) fn of_theory() -> Vec<Self> {
        let power = |name: &str, factor, power, least, most| Self {
            name: name.to_owned(),
            first: 0.0,
            after: 0.0,
            pace: Pace::Power { factor, power, least, most },
        };
        vec![
            power("law: 0.2 of the age, 1 to 15 s", 0.2, 1.0, 1.0, 15.0),
            power("law: 0.2 of the age, 0.5 to 15 s", 0.2, 1.0, 0.5, 15.0),
            power("law: 0.25 of the age, 1 to 15 s", 0.25, 1.0, 1.0, 15.0),
            power("law: 0.8 of the square root of the age, 1 to 15 s", 0.8, 0.5, 1.0, 15.0),
            power("law: 0.8 of the square root of the age, 0.5 to 15 s", 0.8, 0.5, 0.5, 15.0),
        ]
    }
}

pub(crate) fn policy() -> Vec<Rule> {
    let all = load("policies.json");
    let read = |one: &Value| {
        let number = |name: &str| one[name].as_f64();
        let pace = match one["rule"].as_str() {
            Some("list") => Pace::List(
                one["delays_s"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect(),
            ),
            Some("exponential") => Pace::Exponential {
                first: number("delay_s").unwrap_or(1.0),
                factor: number("factor").unwrap_or(1.0),
                cap: number("cap_s").unwrap_or(f64::INFINITY),
            },
            _ => Pace::List(vec![number("delay_s").unwrap_or(1.0)]),
        };
        Rule {
            name: one["name"].as_str().unwrap_or_default().to_owned(),
            first: number("first_delay_s").unwrap_or(0.0),
            after: number("post_read_delay_s").unwrap_or(0.0),
            pace,
        }
    };
    all["policies"].as_array().into_iter().flatten().map(read).collect()
}

fn load(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/data").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
