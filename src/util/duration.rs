//! Spans of time as a person writes them.

use std::fmt;
use std::time::Duration;

/// `850ms`, `4.2s`, `47s`, `4m 7s`, `1h 5m`, `3d 2h`: at most two units.
pub(crate) fn span(duration: Duration) -> impl fmt::Display {
    Span(duration)
}

struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let pair = |f: &mut fmt::Formatter<'_>, large: (u64, char), small: (u64, char)| match small.0 {
            0 => write!(f, "{}{}", large.0, large.1),
            _ => write!(f, "{}{} {}{}", large.0, large.1, small.0, small.1),
        };
        match seconds {
            0 => write!(f, "{}ms", self.0.as_millis()),
            1..10 => write!(f, "{:.1}s", self.0.as_millis() as f64 / 1000.0),
            10..60 => write!(f, "{seconds}s"),
            60..3600 => pair(f, (seconds / 60, 'm'), (seconds % 60, 's')),
            3600..86_400 => pair(f, (seconds / 3600, 'h'), (seconds % 3600 / 60, 'm')),
            _ => pair(f, (seconds / 86_400, 'd'), (seconds % 86_400 / 3600, 'h')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_at_most_two_units() {
        let cases = [
            (0, "0ms"),
            (850, "850ms"),
            (4_240, "4.2s"),
            (47_900, "47s"),
            (60_000, "1m"),
            (246_989, "4m 6s"),
            (3_600_000, "1h"),
            (3_900_000, "1h 5m"),
            (266_400_000, "3d 2h"),
        ];
        for (millis, text) in cases {
            assert_eq!(span(Duration::from_millis(millis)).to_string(), text);
        }
    }
}
