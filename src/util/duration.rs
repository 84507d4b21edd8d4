//! Durations for people.

use std::fmt;
use std::time::Duration;

/// `850ms`, `4.2s`, `47s`, `4m 7s`, `1h 5m`, `3d 2h`: at most two units, rounded to the smaller one.
pub(crate) fn format_duration(duration: Duration) -> impl fmt::Display {
    Human(duration)
}

struct Human(Duration);

impl fmt::Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = rounded(self.0.as_micros(), 1000);
        let tenths = rounded(self.0.as_millis(), 100);
        let seconds = rounded(self.0.as_millis(), 1000);
        let minutes = rounded(self.0.as_secs().into(), 60);
        let hours = rounded(self.0.as_secs().into(), 3600);
        if self.0.is_zero() {
            f.write_str("0s")
        } else if millis < 1000 {
            // Something that took time never shows as nothing.
            write!(f, "{}ms", millis.max(1))
        } else if tenths < 100 {
            match tenths % 10 {
                0 => write!(f, "{}s", tenths / 10),
                tenth => write!(f, "{}.{tenth}s", tenths / 10),
            }
        } else if seconds < 60 {
            write!(f, "{seconds}s")
        } else if seconds < 3600 {
            pair(f, (seconds / 60, 'm'), (seconds % 60, 's'))
        } else if minutes < 24 * 60 {
            pair(f, (minutes / 60, 'h'), (minutes % 60, 'm'))
        } else {
            pair(f, (hours / 24, 'd'), (hours % 24, 'h'))
        }
    }
}

const fn rounded(amount: u128, unit: u128) -> u128 {
    (amount + unit / 2) / unit
}

fn pair(f: &mut fmt::Formatter<'_>, large: (u128, char), small: (u128, char)) -> fmt::Result {
    write!(f, "{}{}", large.0, large.1)?;
    if small.0 > 0 {
        write!(f, " {}{}", small.0, small.1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_at_most_two_units_and_is_rounded() {
        let cases = [
            (0, "0s"),
            (400, "1ms"),
            (1_600, "2ms"),
            (850_000, "850ms"),
            (999_700, "1s"),
            (4_000_000, "4s"),
            (4_240_000, "4.2s"),
            (4_960_000, "5s"),
            (9_940_000, "9.9s"),
            (9_970_000, "10s"),
            (29_999_000, "30s"),
            (47_400_000, "47s"),
            (59_700_000, "1m"),
            (60_000_000, "1m"),
            (246_989_000, "4m 7s"),
            (3_599_600_000, "1h"),
            (3_900_000_000, "1h 5m"),
            (86_399_000_000, "1d"),
            (90_000_000_000, "1d 1h"),
            (266_400_000_000, "3d 2h"),
        ];
        for (micros, text) in cases {
            assert_eq!(format_duration(Duration::from_micros(micros)).to_string(), text, "{micros}");
        }
        assert_eq!(format_duration(Duration::MAX).to_string(), "213503982334601d 7h");
    }
}
