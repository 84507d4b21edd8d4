//! What GitHub Actions makes of the output: an annotation for each failed job, a group around long results.

use std::borrow::Cow;
use std::env;

use super::job_report::{JobOutcome, JobReport};
use crate::util::sanitize::single_line;

/// The line for standard error that makes an annotation of a failed job; `None` elsewhere than in GitHub Actions.
pub(crate) fn annotation(report: &JobReport<'_>) -> Option<String> {
    (is_failure(report) && is_here()).then(|| annotation_text(report))
}

/// The text as a result: in a group that can be folded away if it is long and this is GitHub Actions.
pub(crate) fn grouped(text: String) -> String {
    if is_here() { grouped_text(&text) } else { text }
}

/// The text without anything that a runner of GitHub Actions obeys, if this is one: services and users must not set its
/// variables.
pub(crate) fn inert(text: String) -> String {
    if is_here() { inert_text(&text).into_owned() } else { text }
}

fn grouped_text(text: &str) -> String {
    let inert = inert_text(text);
    match inert.lines().next().filter(|_| inert.lines().count() > MOST_LINES) {
        Some(title) => format!("::group::{}\n{inert}\n::endgroup::", data(title)),
        None => inert.into_owned(),
    }
}

/// A command begins with `::` after any blanks, or with `##[` anywhere in a line.
fn inert_text(text: &str) -> Cow<'_, str> {
    let is_command = |line: &str| line.trim_start().starts_with("::");
    if !text.contains("##[") && !text.split(['\n', '\r']).any(is_command) {
        return Cow::Borrowed(text);
    }
    let line = |line: &str| {
        let line = line.replace("##[", "## [");
        if is_command(&line) { line.replacen("::", ": :", 1) } else { line }
    };
    Cow::Owned(text.split_inclusive(['\n', '\r']).map(line).collect())
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
    let outcome = report.outcome.word();
    let title = match (report.target, report.resource) {
        (Some(target), _) => format!("job {target} {outcome}"),
        (None, Some(resource)) => format!("{} {outcome}", single_line(resource.path, 200)),
        (None, None) => "invalid job id".to_owned(),
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

    #[test]
    fn what_others_say_is_no_command() {
        for (text, expected) in [
            ("a ::b", "a ::b"),
            ("::error::x", ": :error::x"),
            ("  ::set-env name=A::b\n a\n\t::c::", "  : :set-env name=A::b\n a\n\t: :c::"),
            ("a\r::b::c", "a\r: :b::c"),
            ("a ##[error]b ##[c]", "a ## [error]b ## [c]"),
            (":::a", ": ::a"),
            ("\u{a0}::a", "\u{a0}: :a"),
        ] {
            assert_eq!(inert_text(text), expected);
            assert_eq!(grouped_text(text), expected);
        }
        let long = "::a::50 %".to_owned() + &"\nb".repeat(MOST_LINES);
        let grouped = grouped_text(&long);
        assert!(grouped.starts_with("::group::: :a::50 %25\n: :a::50 %\nb\n"), "{grouped}");
        assert!(grouped.ends_with("\nb\n::endgroup::"), "{grouped}");
    }
}
