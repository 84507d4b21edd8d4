//! What GitHub Actions makes of the output: an annotation for each failed job, a group around long results.

use std::env;

use super::job_report::{JobOutcome, JobReport};

/// The line for standard error that makes an annotation of a failed job; `None` elsewhere than in GitHub Actions.
pub(crate) fn annotation(report: &JobReport<'_>) -> Option<String> {
    (is_here() && is_failure(report)).then(|| annotation_text(report))
}

/// The text in a group that can be folded away, if it is long and this is GitHub Actions.
pub(crate) fn grouped(report: &JobReport<'_>, text: String) -> String {
    if !is_here() || text.lines().count() <= MOST_LINES {
        return text;
    }
    let title = text.lines().next().unwrap_or_default();
    let _ = report;
    format!("::group::{title}\n{text}\n::endgroup::")
}

fn is_here() -> bool {
    env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

fn is_failure(report: &JobReport<'_>) -> bool {
    matches!(
        report.outcome,
        JobOutcome::Failed | JobOutcome::TimedOut | JobOutcome::Refused | JobOutcome::NoAnswer
    )
}

fn annotation_text(report: &JobReport<'_>) -> String {
    let title = match report.target {
        Some(target) => format!("job {target} {}", report.outcome.word()),
        None => "invalid job id".to_owned(),
    };
    format!("::error title={}::{}", property(&title), data(&report.message.to_line()))
}

/// As the runner takes a message: a line break would end it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the runner takes a property of a message.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Results with more lines are grouped.
const MOST_LINES: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_the_runner_wants_it() {
        assert_eq!(data("100 %\na: b"), "100 %25%0Aa: b");
        assert_eq!(property("a: b, c"), "a%3A b%2C c");
    }
}
