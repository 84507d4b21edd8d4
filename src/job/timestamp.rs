//! Times as the services write them.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::error::DecodeError;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// A time as the service sent it. It is read only when asked for, and an odd one is never an error.
///
/// Forms that are read: `2016-04-25T20:04:47.591Z`, the same without milliseconds, with `+0000` or `+08:00` in place
/// of `Z`, `2016-01-02 15:04:05`, `04-Jun-2015 18:11:06:586`, any of them with blanks after the colons,
/// `2020-02-02 08:12:40.672772389 +0000 UTC` (CCE), and `1684191545379`, milliseconds since 1970 (DCS).
///
/// ```
/// use cloudjob::Job;
///
/// let job = Job::from_slice(br#"{"status":"RUNNING", "begin_time":"2016-04-25T20:04:47.591Z", "end_time":""}"#)?;
/// let begin = job.begin_time().unwrap();
/// assert_eq!(begin.as_str(), "2016-04-25T20:04:47.591Z");
/// assert_eq!(begin.instant().unwrap().unix_timestamp(), 1_461_614_687);
/// assert!(job.end_time().is_none());
/// # Ok::<(), cloudjob::error::DecodeError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Timestamp {
    text: Box<str>,
    /// Without an offset it is UTC, as the documents of some services say.
    is_utc: bool,
}

impl Timestamp {
    /// The empty text is no time.
    pub(crate) fn new(text: impl Into<Box<str>>) -> Option<Self> {
        let text = text.into();
        (!super::is_blank(&text)).then_some(Self { text, is_utc: false })
    }

    /// Without an offset it is UTC.
    pub(super) fn assume_utc(mut self) -> Self {
        self.is_utc = true;
        self
    }

    /// The text as it was sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The moment, if the text can be read and says its offset from UTC (`Z`, `+0000`, `+08:00`).
    ///
    /// Without an offset there is none: it may be the local time of anywhere.
    pub fn instant(&self) -> Option<OffsetDateTime> {
        let (local, offset) = self.parts()?;
        let instant = local.assume_offset(offset?);
        // At the two ends of the calendar a moment may have no name in UTC, and later arithmetic would panic.
        instant.checked_to_offset(UtcOffset::UTC).map(|_| instant)
    }

    /// The same moment as the standard library has it. Nothing if the time has no offset, or the system cannot express
    /// it (before 1601 on Windows).
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use cloudjob::Timestamp;
    ///
    /// let time: Timestamp = "1970-01-01T00:01:00Z".parse()?;
    /// assert_eq!(time.system_time(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(60)));
    /// # Ok::<(), cloudjob::error::DecodeError>(())
    /// ```
    pub fn system_time(&self) -> Option<SystemTime> {
        // `From` would panic on a moment that the system cannot express.
        let nanoseconds = self.instant()?.unix_timestamp_nanos();
        let nanoseconds_of = |part: u128| u32::try_from(part).unwrap_or_default();
        let (whole, part) = (nanoseconds.unsigned_abs() / SECOND, nanoseconds.unsigned_abs() % SECOND);
        let distance = Duration::new(u64::try_from(whole).ok()?, nanoseconds_of(part));
        if nanoseconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        }
    }

    /// The time that passed since `earlier`, negative if that is the later one.
    ///
    /// `None` if one of them cannot be read, or if only one of them says its offset from UTC.
    pub fn since(&self, earlier: &Self) -> Option<time::Duration> {
        let (local, offset) = self.parts()?;
        let (local_earlier, offset_earlier) = earlier.parts()?;
        let apart = match (offset, offset_earlier) {
            (None, None) => 0,
            (Some(one), Some(other)) => i64::from(one.whole_seconds()) - i64::from(other.whole_seconds()),
            _ => return None,
        };
        (local - local_earlier).checked_sub(time::Duration::seconds(apart))
    }

    fn parts(&self) -> Option<(PrimitiveDateTime, Option<UtcOffset>)> {
        let (local, offset) = parse(&self.text)?;
        Some((local, offset.or_else(|| self.is_utc.then_some(UtcOffset::UTC))))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for Timestamp {
    type Err = DecodeError;

    /// Takes any text that is not blank, as the services do.
    fn from_str(text: &str) -> Result<Self, DecodeError> {
        Self::new(text).ok_or_else(|| DecodeError { message: "a time must not be blank".to_owned() })
    }
}

impl AsRef<str> for Timestamp {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Timestamp {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Timestamp {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// A date as HTTP writes it (`Sun, 06 Nov 1994 08:49:37 GMT`), or with `+0100` at its end as mail does. The two obsolete
/// forms are not read.
pub(crate) fn http_date(text: &str) -> Option<OffsetDateTime> {
    let (weekday, text) = text.trim().split_once(',')?;
    let mut rest = Rest(text.as_bytes());
    rest.blanks();
    let day = rest.byte(2)?;
    rest.take(b" ")?;
    let month = rest.month()?;
    rest.take(b" ")?;
    let year = i32::try_from(rest.digits(4)?).ok()?;
    rest.take(b" ")?;
    let local = PrimitiveDateTime::new(Date::from_calendar_date(year, month, day).ok()?, rest.time()?);
    rest.take(b" ")?;
    let offset = if rest.0.eq_ignore_ascii_case(b"GMT") {
        UtcOffset::UTC
    } else {
        rest.offset().filter(|_| rest.0.is_empty())?
    };
    let is_named = WEEKDAYS.iter().any(|short| short.eq_ignore_ascii_case(weekday));
    local.assume_offset(offset).checked_to_offset(UtcOffset::UTC).filter(|_| is_named)
}

/// The local time that a text names, and its offset where it has one.
fn parse(text: &str) -> Option<(PrimitiveDateTime, Option<UtcOffset>)> {
    let text = text.trim();
    if let Some(instant) = epoch_milliseconds(text) {
        return Some((PrimitiveDateTime::new(instant.date(), instant.time()), Some(UtcOffset::UTC)));
    }
    let mut rest = Rest(text.as_bytes());
    let date = rest.date()?;
    let time = rest.time()?;
    rest.blanks();
    let offset = if rest.0.is_empty() { None } else { Some(rest.offset()?) };
    if offset.is_some() {
        rest.zone_name();
    }
    rest.0.is_empty().then(|| (PrimitiveDateTime::new(date, time), offset))
}

/// `1684191545379`. So many digits are a moment between 2001 and 2286, and nothing else.
fn epoch_milliseconds(text: &str) -> Option<OffsetDateTime> {
    let is_one = text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    let milliseconds: i64 = text.parse().ok().filter(|_| is_one)?;
    OffsetDateTime::from_unix_timestamp(milliseconds / 1000)
        .ok()?
        .checked_add(time::Duration::milliseconds(milliseconds % 1000))
}

/// What of a text is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// `2016-04-25T` or `04-Jun-2015 `, with the mark that ends it.
    fn date(&mut self) -> Option<Date> {
        let date = if self.0.get(4) == Some(&b'-') {
            let year = self.digits(4)?;
            self.take(b"-")?;
            let month = u8::try_from(self.digits(2)?).ok().and_then(|month| Month::try_from(month).ok())?;
            self.take(b"-")?;
            Date::from_calendar_date(i32::try_from(year).ok()?, month, self.byte(2)?).ok()?
        } else {
            let day = self.byte(2)?;
            self.take(b"-")?;
            let month = self.month()?;
            self.take(b"-")?;
            Date::from_calendar_date(i32::try_from(self.digits(4)?).ok()?, month, day).ok()?
        };
        self.take(b"Tt ")?;
        self.blanks();
        Some(date)
    }

    /// `Jun`
    fn month(&mut self) -> Option<Month> {
        let (name, rest) = self.0.split_at_checked(3)?;
        let month = MONTHS.iter().find(|(short, _)| short.as_bytes().eq_ignore_ascii_case(name))?.1;
        self.0 = rest;
        Some(month)
    }

    /// `20:04:47`, and a fraction after a point, a comma, or (milliseconds) a colon.
    fn time(&mut self) -> Option<Time> {
        let hour = self.byte(2)?;
        self.colon()?;
        let minute = self.byte(2)?;
        self.colon()?;
        let second = self.byte(2)?;
        let nanosecond = match self.0.first() {
            Some(b'.' | b',') => {
                self.0 = &self.0[1..];
                self.fraction(9)?
            }
            Some(b':') => {
                self.colon()?;
                self.digits(3)? * 1_000_000
            }
            _ => 0,
        };
        Time::from_hms_nano(hour, minute, second, nanosecond).ok()
    }

    /// `Z`, `+08:00`, `+0800` or `+08`.
    fn offset(&mut self) -> Option<UtcOffset> {
        if self.take(b"Zz").is_some() {
            return Some(UtcOffset::UTC);
        }
        let sign = if self.take(b"+-")? == b'-' { -1 } else { 1 };
        let hours = i8::try_from(self.byte(2)?).ok()?;
        let _ = self.colon();
        let has_minutes = self.0.first().is_some_and(u8::is_ascii_digit);
        let minutes = if has_minutes { i8::try_from(self.byte(2)?).ok()? } else { 0 };
        UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
    }

    /// ` UTC`, which Go writes after the offset and which says nothing more.
    fn zone_name(&mut self) {
        if let Some(name) = self.0.strip_prefix(b" ")
            && (1..=5).contains(&name.len())
            && name.iter().all(u8::is_ascii_alphabetic)
        {
            self.0 = b"";
        }
    }

    /// Exactly so many digits, at most nine.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut number = 0;
        for digit in digits {
            number = number * 10 + u32::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        self.0 = rest;
        Some(number)
    }

    fn byte(&mut self, count: usize) -> Option<u8> {
        u8::try_from(self.digits(count)?).ok()
    }

    /// One digit or more, of which `places` count.
    fn fraction(&mut self, places: usize) -> Option<u32> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(length)?;
        if digits.is_empty() {
            return None;
        }
        self.0 = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(places);
        Some(padded.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// A colon and the blanks some old bodies have after it.
    fn colon(&mut self) -> Option<()> {
        self.take(b":")?;
        self.blanks();
        Some(())
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    /// The next byte, if it is one of these.
    fn take(&mut self, of: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        if !of.contains(first) {
            return None;
        }
        self.0 = rest;
        Some(*first)
    }
}

/// In nanoseconds.
const SECOND: u128 = 1_000_000_000;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [(&str, Month); 12] = [
    ("Jan", Month::January),
    ("Feb", Month::February),
    ("Mar", Month::March),
    ("Apr", Month::April),
    ("May", Month::May),
    ("Jun", Month::June),
    ("Jul", Month::July),
    ("Aug", Month::August),
    ("Sep", Month::September),
    ("Oct", Month::October),
    ("Nov", Month::November),
    ("Dec", Month::December),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::new(text).unwrap()
    }

    fn unix_ms(text: &str) -> Option<i128> {
        at(text).instant().map(|instant| instant.unix_timestamp_nanos() / 1_000_000)
    }

    #[test]
    fn a_time_with_an_offset_is_a_moment() {
        let moments = [
            ("2016-04-25T20:04:47.591Z", 1_461_614_687_591),
            ("2016-04-25T20:04:47Z", 1_461_614_687_000),
            ("2016-04-25T20:04:47.591+0000", 1_461_614_687_591),
            ("2016-04-26T04:04:47.591+08:00", 1_461_614_687_591),
            ("2016-04-26T04:04:47.591+0800", 1_461_614_687_591),
            ("2016-04-25T15:34:47.591-04:30", 1_461_614_687_591),
            ("2016-04-25T20:04:47.591+00", 1_461_614_687_591),
            ("2016-04-25 20:04:47.591 Z", 1_461_614_687_591),
            ("2016-04-25T20: 04: 47.591Z", 1_461_614_687_591),
            ("2016-04-25t20:04:47.5911234567z", 1_461_614_687_591),
            ("2016-04-25T20:04:47,5Z", 1_461_614_687_500),
            ("25-apr-2016 20:04:47:591 +0000", 1_461_614_687_591),
            ("1970-01-01T00:00:00.000Z", 0),
            ("1461614687591", 1_461_614_687_591),
            (" 1461614687591\n", 1_461_614_687_591),
            ("2016-04-25 20:04:47.591772389 +0000 UTC", 1_461_614_687_591),
            ("2016-04-26 04:04:47.591772389 +0800 CST", 1_461_614_687_591),
            ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
        ];
        for (text, expected) in moments {
            assert_eq!(unix_ms(text), Some(expected), "{text}");
            assert_eq!(at(text).as_str(), text);
        }
    }

    #[test]
    fn a_time_without_an_offset_has_a_distance_but_is_no_moment() {
        for (text, later) in [
            ("2016-01-02 15:04:05", "2016-01-02 15:05:05"),
            ("04-Jun-2015 18:11:06:586", "04-Jun-2015 18:12:06:586"),
            ("2016-01-02T15:04:05.250", "2016-01-02 15:05:05.250"),
        ] {
            assert_eq!(unix_ms(text), None, "{text}");
            assert_eq!(at(later).since(&at(text)), Some(time::Duration::MINUTE), "{text}");
            assert_eq!(at(text).since(&at(later)), Some(-time::Duration::MINUTE), "{text}");
            assert_eq!(at("2016-01-02T15:04:05Z").since(&at(text)), None, "{text}");
        }
    }

    #[test]
    fn a_time_that_is_utc_by_its_document_is_a_moment() {
        let moment = at("2016-04-25 20:04:47").assume_utc();
        assert_eq!(moment.instant().unwrap().unix_timestamp(), 1_461_614_687);
        assert_eq!(at("2016-04-25T20:04:48Z").since(&moment), Some(time::Duration::SECOND));
        let other = at("2016-04-26T04:04:47+08:00").assume_utc();
        assert_eq!(other.instant(), moment.instant());
    }

    #[test]
    fn a_distance_takes_different_offsets_into_account() {
        let (west, east) = (at("2016-04-25T20:04:47Z"), at("2016-04-26T04:04:50+08:00"));
        assert_eq!(east.since(&west), Some(time::Duration::seconds(3)));
    }

    #[test]
    fn an_odd_time_is_none_and_kept_as_sent() {
        for text in [
            "yesterday",
            "2016-01-15T01:0807.476Z",
            "2016-13-01T00:00:00Z",
            "2016-02-30T00:00:00Z",
            "2016-01-01T24:00:00Z",
            "2016-01-01T00:60:00Z",
            "2016-01-01T00:00:00.Z",
            "2016-01-01T00:00:00ZZ",
            "2016-01-01T00:00:00+99:00",
            "2016-01-01T00:00:00 UTC",
            "2016-01-01",
            "04-Foo-2015 18:11:06:586",
            "04-Jun-2015 18:11:06:5",
            "146161468759",
            "14616146875910",
            "1461614687591Z",
            "2016-04-25T20:04:47Z UTC+1",
            "2016-é1-01T00:00:00Z",
            "9999-12-31T23:59:59-23:00",
            "-",
        ] {
            assert_eq!(at(text).instant(), None, "{text}");
            assert_eq!(at(text).as_str(), text);
            assert_eq!(at(text).to_string(), text);
        }
    }

    #[test]
    fn a_date_of_http_is_read_as_time_reads_it() {
        use time::format_description::well_known::Rfc2822;
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "sun, 06 NOV 1994 08:49:37 gmt",
            "Sun, 06 Nov 1994 09:49:37 +0100",
            "Tue, 29 Feb 2028 23:59:59 -0230",
            "Wed, 29 Feb 2023 00:00:00 GMT",
            "Xyz, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMTX",
            "Sun, 06 Nov 1994 08:49:37 +0100 ",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994",
            "Sun,",
            ",",
            "",
        ] {
            assert_eq!(http_date(text), OffsetDateTime::parse(text.trim(), &Rfc2822).ok(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_one_of_the_system_too() {
        for (text, nanoseconds) in
            [("1970-01-01T00:00:01.5Z", 1_500_000_000), ("1969-12-31T23:59:58.5Z", -1_500_000_000)]
        {
            let system = at(text).system_time().unwrap();
            let distance = match system.duration_since(SystemTime::UNIX_EPOCH) {
                Ok(after) => i128::try_from(after.as_nanos()).unwrap(),
                Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap(),
            };
            assert_eq!(distance, nanoseconds, "{text}");
        }
        assert_eq!(at("2016-01-02 15:04:05").system_time(), None);
        // The time of Windows begins in 1601.
        assert_eq!(at("0000-01-01T00:00:00Z").system_time().is_some(), !cfg!(windows));
    }

    #[test]
    fn an_empty_text_is_no_time() {
        assert!(" ".parse::<Timestamp>().is_err());

        assert_eq!(Timestamp::new(""), None);
        assert_eq!(Timestamp::new("  "), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9: ]{2,6}[.,:]?[0-9]{0,12}[-+Z ]?[0-9:]{0,6}") {
            for text in [text, near] {
                let _ = http_date(&text);
                if let Some(one) = Timestamp::new(text) {
                    let _ = one.instant().map(|instant| instant.to_offset(UtcOffset::UTC));
                    let _ = one.since(&at("2016-04-25T20:04:47Z"));
                    let _ = at("0000-01-01T00:00:00+23:59").since(&one);
                }
            }
        }

        #[test]
        fn what_time_writes_is_read_back(seconds in 0_i64..4_000_000_000, ms in 0_i64..1000, offset in -23_i8..24) {
            let instant = OffsetDateTime::from_unix_timestamp(seconds).unwrap() + time::Duration::milliseconds(ms);
            let local = instant.to_offset(UtcOffset::from_hms(offset, 0, 0).unwrap());
            let text = local.format(&time::format_description::well_known::Rfc3339).unwrap();
            prop_assert_eq!(at(&text).instant(), Some(instant));
        }
    }
}
