//! The script of a job that is started over HTTP, from the member `simulate` of the request's JSON.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::job_script::JobScript;

/// The script for a request with this body: `next` if there is one, else what `simulate` in the body asks for, else a
/// job of the service's default type that takes four seconds. It has as many sub-jobs as the body asks for resources.
///
/// # Errors
/// A message for the client that says what is invalid.
pub(super) fn script(
    body: &[u8],
    dialect: Dialect,
    method: &str,
    next: Option<JobScript>,
) -> Result<JobScript, String> {
    let json = parse(body);
    if let Some(mut script) = next {
        if let Ok(Some(body)) = &json {
            apply_request(&mut script, body);
        }
        script.dialect = script.dialect.or(Some(dialect));
        return Ok(script);
    }
    let mut script =
        JobScript::new(default_type(dialect, method)).dialect(dialect).duration(Duration::from_secs(4));
    let Some(body) = json? else { return Ok(script.sub_jobs(1)) };
    apply_request(&mut script, &body);
    if script.sub_jobs.is_none() {
        script = script.sub_jobs(1);
    }
    if script.sub_jobs > Some(1) && script.job_type == "createVolume" {
        script = script_of_type(script, "batchCreateVolume");
    }
    let options = match body.get("simulate") {
        None => return Ok(script),
        Some(Value::Object(options)) => options,
        Some(_) => return Err("`simulate` must be an object such as {\"seconds\":4,\"sub_jobs\":3}".into()),
    };
    for (name, value) in options {
        script = apply(script, name, value)?;
    }
    check_failing(&script, options)?;
    Ok(script)
}

/// The scripts of the jobs that are started next.
#[derive(Debug)]
pub(super) struct NextJobs {
    scripts: VecDeque<JobScript>,
    fail_every: u32,
    started: u32,
}

impl NextJobs {
    pub(super) fn new(fail_every: u32) -> Self {
        Self { scripts: VecDeque::new(), fail_every, started: 0 }
    }

    pub(super) fn push(&mut self, script: JobScript) {
        self.scripts.push_back(script);
    }

    /// The script of the job that is being started, if there is one.
    pub(super) fn pop(&mut self) -> Option<JobScript> {
        self.scripts.pop_front()
    }

    /// Whether the job that is being started is one of those that fail.
    pub(super) fn fails(&mut self) -> bool {
        self.started = self.started.wrapping_add(1);
        self.fail_every > 0 && self.started.is_multiple_of(self.fail_every)
    }
}

fn parse(body: &[u8]) -> Result<Option<Value>, String> {
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(body).map(Some).map_err(|error| format!("the body is not JSON: {error}"))
}

/// Takes the number of sub-jobs from the request, unless the script sets it: `count` of servers or volumes to create,
/// or a list of servers, which are then the resources.
fn apply_request(script: &mut JobScript, body: &Value) {
    let members = body.as_object().into_iter().flatten();
    let nested = members.filter(|(name, _)| *name != "simulate").map(|(_, member)| member);
    for object in std::iter::once(body).chain(nested) {
        if let Some(Value::Array(list)) = object.get("servers") {
            let ids = list.iter().filter_map(|item| item.get("id")?.as_str());
            script.resources =
                ids.filter(|id| id.len() <= 64).take(MAX_SUB_JOBS).map(str::to_owned).collect();
            if !script.resources.is_empty() {
                script.sub_jobs = script.sub_jobs.or(Some(script.resources.len()));
                return;
            }
        }
        let count = object.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
        if let Some(count) = count.filter(|count| (1..=MAX_SUB_JOBS).contains(count)) {
            script.sub_jobs = script.sub_jobs.or(Some(count));
            return;
        }
    }
}

fn apply(script: JobScript, name: &str, value: &Value) -> Result<JobScript, String> {
    Ok(match name {
        "seconds" => script.duration(span(name, value)?),
        "sub_jobs" => script.sub_jobs(count(name, value)?),
        "fail" => match value {
            Value::Bool(fails) => script.failing_sub_jobs(usize::from(*fails)),
            _ => script.failing_sub_jobs(count(name, value)?),
        },
        "job_type" => script_of_type(script, word(name, value)?),
        "sub_job_type" => script.sub_job_type(word(name, value)?),
        "pending_payment_seconds" => script.pending_payment_for(span(name, value)?),
        "init_seconds" => script.init_for(span(name, value)?),
        "not_found_seconds" => script.not_found_for(span(name, value)?),
        "dialect" => {
            let dialect = Dialect::from_name(word(name, value)?);
            script.dialect(dialect.ok_or_else(|| {
                format!(
                    "`simulate.dialect` must be one of {}",
                    Dialect::names().collect::<Vec<_>>().join(", ")
                )
            })?)
        }
        _ => {
            return Err(format!(
                "`simulate.{}` is unknown; the options are seconds, sub_jobs, fail, job_type, sub_job_type, \
                 pending_payment_seconds, init_seconds, not_found_seconds, dialect",
                name.chars().take(40).collect::<String>()
            ));
        }
    })
}

fn script_of_type(mut script: JobScript, job_type: &str) -> JobScript {
    script.job_type = job_type.to_owned();
    script
}

fn default_type(dialect: Dialect, method: &str) -> &'static str {
    match (dialect, method) {
        (Dialect::Ecs, "DELETE") => "deleteVMs",
        (Dialect::Evs, "DELETE") => "deleteVolume",
        (Dialect::Sdrs, "DELETE") => "deleteProtectionGroupNoCG",
        _ => dialect.default_job_type(),
    }
}

fn check_failing(script: &JobScript, options: &Map<String, Value>) -> Result<(), String> {
    // A job without sub-jobs can fail itself.
    let sub_jobs = script.sub_jobs.unwrap_or_default();
    if script.failing > sub_jobs.max(1) && options.contains_key("fail") {
        return Err(format!("`simulate.fail` is {}, but there are {} sub-jobs", script.failing, sub_jobs));
    }
    Ok(())
}

fn span(name: &str, value: &Value) -> Result<Duration, String> {
    let seconds = value.as_f64().filter(|seconds| (0.0..=MAX_SECONDS).contains(seconds));
    let span = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    span.ok_or_else(|| format!("`simulate.{name}` must be a number of seconds from 0 to {MAX_SECONDS}"))
}

fn count(name: &str, value: &Value) -> Result<usize, String> {
    let count =
        value.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= MAX_SUB_JOBS);
    count.ok_or_else(|| format!("`simulate.{name}` must be a whole number from 0 to {MAX_SUB_JOBS}"))
}

fn word<'a>(name: &str, value: &'a Value) -> Result<&'a str, String> {
    let word = value.as_str().filter(|word| !word.is_empty() && word.len() <= 128);
    word.ok_or_else(|| format!("`simulate.{name}` must be a string of 1 to 128 characters"))
}

/// Thirty days.
const MAX_SECONDS: f64 = 2_592_000.0;

const MAX_SUB_JOBS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Result<JobScript, String> {
        script(body.as_bytes(), Dialect::Ecs, "POST", None)
    }

    #[test]
    fn options_shape_the_job() {
        let script =
            of(r#"{"server":{},"simulate":{"seconds":2.5,"sub_jobs":3,"fail":1,"job_type":"resizeServer"}}"#);
        let script = script.unwrap();
        assert_eq!(script.duration, Duration::from_millis(2500));
        assert_eq!((script.sub_jobs, script.failing, script.job_type.as_str()), (Some(3), 1, "resizeServer"));
        let alone = of(r#"{"simulate":{"sub_jobs":0,"fail":true,"dialect":"evs"}}"#).unwrap();
        assert_eq!((alone.failing, alone.dialect), (1, Some(Dialect::Evs)));
    }

    #[test]
    fn without_options_it_is_the_default_job() {
        for body in ["", "  ", "{}", "[]", r#"{"os-start":{"servers":[]}}"#] {
            let script = of(body).unwrap();
            assert_eq!((script.job_type.as_str(), script.sub_jobs), ("createServer", Some(1)), "{body}");
        }
        assert_eq!(script(b"", Dialect::Ecs, "DELETE", None).unwrap().job_type, "deleteVMs");
        assert_eq!(script(b"", Dialect::Vbs, "POST", None).unwrap().job_type, "bksCreateBackup");
    }

    #[test]
    fn an_invalid_option_is_rejected_by_name() {
        let table = [
            ("{", "not JSON"),
            (r#"{"simulate":4}"#, "`simulate` must be an object"),
            (r#"{"simulate":{"seconds":-1}}"#, "`simulate.seconds`"),
            (r#"{"simulate":{"seconds":"4"}}"#, "`simulate.seconds`"),
            (r#"{"simulate":{"seconds":1e300}}"#, "`simulate.seconds`"),
            (r#"{"simulate":{"sub_jobs":1001}}"#, "`simulate.sub_jobs`"),
            (r#"{"simulate":{"sub_jobs":1.5}}"#, "`simulate.sub_jobs`"),
            (r#"{"simulate":{"fail":3,"sub_jobs":2}}"#, "`simulate.fail`"),
            (r#"{"simulate":{"job_type":""}}"#, "`simulate.job_type`"),
            (r#"{"simulate":{"dialect":"obs"}}"#, "`simulate.dialect`"),
            (r#"{"simulate":{"secs":1}}"#, "`simulate.secs` is unknown"),
        ];
        for (body, expected) in table {
            let problem = of(body).unwrap_err();
            assert!(problem.contains(expected), "{body}: {problem}");
        }
    }

    #[test]
    fn the_request_says_how_many_sub_jobs_there_are() {
        let table = [
            (r#"{"server":{"name":"a","count":2}}"#, 2),
            (r#"{"volume":{"count":3}}"#, 3),
            (r#"{"server":{"count":0}}"#, 1),
            (r#"{"server":{"count":"2"}}"#, 1),
            (r#"{"server":{"count":1e300}}"#, 1),
            (r#"{"servers":[{"id":"a"},{"id":"b"}],"delete_publicip":false}"#, 2),
            (r#"{"os-start":{"servers":[{"id":"a"},{"id":"b"},{"id":"c"}]}}"#, 3),
            (r#"{"server":{"count":2},"simulate":{"sub_jobs":5}}"#, 5),
        ];
        for (body, expected) in table {
            assert_eq!(of(body).unwrap().sub_jobs, Some(expected), "{body}");
        }
        let volumes = script(br#"{"volume":{"count":2}}"#, Dialect::Evs, "POST", None).unwrap();
        assert_eq!(volumes.job_type, "batchCreateVolume");
        assert_eq!(of(r#"{"servers":[{"id":"a"},{"id":"b"}]}"#).unwrap().resources, ["a", "b"]);
    }

    #[test]
    fn the_next_script_goes_before_the_request() {
        let next = || Some(JobScript::new("resizeServer"));
        let body = br#"{"server":{"count":2},"simulate":{"seconds":60,"sub_jobs":9}}"#;
        let of_request = script(body, Dialect::Evs, "POST", next()).unwrap();
        assert_eq!((of_request.job_type.as_str(), of_request.sub_jobs), ("resizeServer", Some(2)));
        assert_eq!((of_request.duration, of_request.dialect), (Duration::from_secs(1), Some(Dialect::Evs)));
        let own = next().map(|script| script.sub_jobs(4).dialect(Dialect::Ecs));
        let of_script = script(body, Dialect::Evs, "POST", own).unwrap();
        assert_eq!((of_script.sub_jobs, of_script.dialect), (Some(4), Some(Dialect::Ecs)));
        assert_eq!(script(b"{", Dialect::Evs, "POST", next()).unwrap().sub_jobs, None);
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_options_never_panic(name in "[a-z_]{0,9}", value in "[0-9\"a-z.e\\-\\[{]{0,9}", body: Vec<u8>) {
            let _ = of(&format!("{{\"simulate\":{{\"{name}\":{value}}}}}"));
            let _ = script(&body, Dialect::Ims, "PUT", None);
        }
    }
}
