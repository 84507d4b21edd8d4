//! Durations as arguments: `90s`, `30m`, `1h30m`.

use std::time::Duration;

/// Reads a duration. A number without a unit is an error, because it is not clear which one was meant.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text.is_empty() || text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return match text.parse::<f64>() {
            Ok(0.0) => Ok(Duration::ZERO),
            Ok(_) => Err(format!("it has no unit: write {text}s or {text}m")),
            Err(_) => Err("it must be a duration such as 90s, 30m or 1h30m".into()),
        };
    }
    // Elsewhere this is a month.
    if text.contains('M') {
        return Err("minutes are written with a small m: 30m".into());
    }
    humantime::parse_duration(text).map_err(|_| "it must be a duration such as 90s, 30m or 1h30m".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        for (text, seconds) in
            [("30m", 1800), ("90s", 90), ("1h30m", 5400), ("1h 30m", 5400), ("0s", 0), ("0", 0)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1500ms"), Ok(Duration::from_millis(1500)));
        for (text, hint) in [
            ("30", "write 30s or 30m"),
            ("1.5", "write 1.5s or 1.5m"),
            ("30M", "small m"),
            ("", "such as"),
            ("soon", "such as"),
            ("-3s", "such as"),
            ("99999999999999999999h", "such as"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.contains(hint), "{text}: {problem}");
        }
    }
}
