//! The script of a job that is started over HTTP, from the member `simulate` of the request's JSON.

use std::time::Duration;

use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::job_script::JobScript;

/// The script for a request with this body. Without a body or without `simulate` it is a job of the service's default
/// type with one sub-job that takes four seconds.
///
/// # Errors
/// A message for the client that says what is invalid.
pub(super) fn script(body: &[u8], dialect: Dialect, method: &str) -> Result<JobScript, String> {
    let mut script = JobScript::new(default_type(dialect, method))
        .dialect(dialect)
        .sub_jobs(1)
        .duration(Duration::from_secs(4));
    if body.trim_ascii().is_empty() {
        return Ok(script);
    }
    let body: Value =
        serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
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
            script.dialect(dialect.ok_or("`simulate.dialect` must be one of ecs, bms, sdrs, evs, ims, vbs")?)
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
    if script.failing > script.sub_jobs.max(1) && options.contains_key("fail") {
        return Err(format!(
            "`simulate.fail` is {}, but there are {} sub-jobs",
            script.failing, script.sub_jobs
        ));
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
        script(body.as_bytes(), Dialect::Ecs, "POST")
    }

    #[test]
    fn options_shape_the_job() {
        let script =
            of(r#"{"server":{},"simulate":{"seconds":2.5,"sub_jobs":3,"fail":1,"job_type":"resizeServer"}}"#);
        let script = script.unwrap();
        assert_eq!(script.duration, Duration::from_millis(2500));
        assert_eq!((script.sub_jobs, script.failing, script.job_type.as_str()), (3, 1, "resizeServer"));
        let alone = of(r#"{"simulate":{"sub_jobs":0,"fail":true,"dialect":"evs"}}"#).unwrap();
        assert_eq!((alone.failing, alone.dialect), (1, Dialect::Evs));
    }

    #[test]
    fn without_options_it_is_the_default_job() {
        for body in ["", "  ", "{}", "[]", r#"{"os-start":{"servers":[]}}"#] {
            let script = of(body).unwrap();
            assert_eq!((script.job_type.as_str(), script.sub_jobs), ("createServer", 1), "{body}");
        }
        assert_eq!(script(b"", Dialect::Ecs, "DELETE").unwrap().job_type, "deleteVMs");
        assert_eq!(script(b"", Dialect::Vbs, "POST").unwrap().job_type, "bksCreateBackup");
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

    proptest::proptest! {
        #[test]
        fn arbitrary_options_never_panic(name in "[a-z_]{0,9}", value in "[0-9\"a-z.e\\-\\[{]{0,9}", body: Vec<u8>) {
            let _ = of(&format!("{{\"simulate\":{{\"{name}\":{value}}}}}"));
            let _ = script(&body, Dialect::Ims, "PUT");
        }
    }
}
