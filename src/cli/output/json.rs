//! The JSON object of a job. Scripts depend on its members and their order.

use std::fmt::Write;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::job_report::JobReport;
use crate::poll::outcome_json::OutcomeMembers;
use crate::util::sanitize::is_invisible;

/// One line of JSON, without its end.
pub(crate) fn line(report: &JobReport<'_>) -> String {
    // Nothing in it can fail: all names are texts, all numbers are finite.
    escaped(serde_json::to_string(&Report(report)).unwrap_or_default())
}

/// The same JSON with escapes for characters that a terminal obeys or does not show, and in the middle of what a GitHub
/// runner obeys. They can only be in strings.
fn escaped(json: String) -> String {
    let json = if json.contains("##[") { json.replace("##[", "#\\u0023[") } else { json };
    let is_special = |c: char| c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}');
    // ASCII control characters but this one are escaped already.
    if json.is_ascii() && !json.contains('\u{7f}') || !json.contains(is_special) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_special(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The object of an outcome, and what only the command has beside it.
struct Report<'a>(&'a JobReport<'a>);

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let members = OutcomeMembers {
            job_id: report.target.map(|target| target.id.as_str()),
            outcome: report.outcome.name(),
            status: report.status,
            job: report.job,
            service: report.service,
            polls: report.polls,
            waited: report.waited,
            lag: report.lag,
            error: report.problem.as_ref(),
        };
        let mut map = serializer.serialize_map(None)?;
        members.write(&mut map)?;
        if let Some(resource) = &report.resource {
            map.serialize_entry("resource", resource.path)?;
            map.serialize_entry("value", &resource.value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::api::response::Response;
    use crate::cli::input::target::Target;
    use crate::endpoint::service::Service;
    use crate::error::poll::{TransportError, TransportErrorKind};
    use crate::job::id::JobId;
    use crate::poll::result::PollResult;
    use crate::poll::tracker::JobTracker;
    use crate::poll::{PollPolicy, Poller, WaitEnd};
    use crate::testing;

    #[test]
    fn it_is_the_json_of_the_library() {
        let response = |status, body: &str| PollResult::from(Response::new(status, body));
        let running = || response(200, r#"{"status":"RUNNING","job_type":"createServer"}"#);
        let lost = || TransportError::new(TransportErrorKind::ConnectionLost, "it broke").into();
        let error = r#"{"error":{"code":"Pdp.0001","message":"no"},"request_id":"r1"}"#;
        let timed_out = WaitEnd::TimedOut { retry_after: None };
        let target = Target { service: Some(Service::Rds), id: JobId::new("ff80").unwrap() };
        for (polls, wait_end) in [
            (
                vec![running(), response(200, r#"{"status":"SUCCESS","entities":{"server_id":"s1"}}"#)],
                Some(WaitEnd::Succeeded),
            ),
            (
                vec![response(200, r#"{"status":"FAIL","error_code":"Ecs.1","fail_reason":"no"}"#)],
                Some(WaitEnd::Failed),
            ),
            (vec![response(200, r#"{"status":"PENDING_PAYMENT"}"#)], Some(WaitEnd::PaymentPending)),
            (vec![running(), response(403, error)], Some(WaitEnd::Refused)),
            (vec![response(302, "")], Some(WaitEnd::NoAnswer)),
            (vec![response(407, "")], Some(WaitEnd::NoAnswer)),
            (vec![response(503, error)], Some(WaitEnd::NoAnswer)),
            (vec![response(200, "<html>")], Some(WaitEnd::NoAnswer)),
            (vec![lost()], Some(WaitEnd::NoAnswer)),
            (vec![], Some(WaitEnd::NoAnswer)),
            (vec![running(), response(503, error)], Some(timed_out)),
            (vec![running()], Some(timed_out)),
            (vec![], Some(timed_out)),
            (vec![running(), lost()], None),
            (vec![], None),
        ] {
            let mut tracker = JobTracker::new(Poller::new(PollPolicy::new(), Duration::ZERO));
            for poll in polls {
                tracker.handle(poll, Duration::from_secs(1));
            }
            let endpoint = Arc::new(testing::endpoint().service(Service::Rds));
            let outcome =
                tracker.conclude(target.id.clone(), endpoint, wait_end, Duration::from_millis(2500));
            let mut report = JobReport::ended(&target, &outcome, None);
            report.service = Some(outcome.service());
            assert_eq!(line(&report), serde_json::to_string(&outcome).unwrap());
        }
    }

    #[test]
    fn what_a_terminal_or_a_runner_obeys_is_escaped() {
        let sent = "\"a\u{9b}b\u{202e}c ##[error]d\"";
        let line = escaped(sent.to_owned());
        assert_eq!(line, r##""a\u009bb\u202ec #\u0023[error]d""##);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), sent.trim_matches('"'));
    }
}
