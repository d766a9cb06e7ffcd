//! Time zones: moments as a venue's clock shows them. The rules come with the program, not from the machine.

use super::Time;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The clock of one place.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// A moment as somebody wrote it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// With its offset from UTC.
    Exact(Time),
    /// As a clock shows it; whose clock is not said.
    Local(DateTime),
}

impl Written {
    /// Reads ISO 8601 with date and time: `2027-01-15T20:00`, with seconds and fractions, an offset or `Z`, and a blank
    /// in the place of the T. Without an offset it is local.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.as_bytes();
        let right = (16..=40).contains(&shape.len())
            && shape[4] == b'-'
            && shape[7] == b'-'
            && matches!(shape[10], b'T' | b't' | b' ')
            && !text.contains('[');
        if !right {
            return None;
        }
        let clock = &text[11..];
        if clock.contains(['Z', 'z', '+', '-']) {
            let exact = text.parse::<jiff::Timestamp>().ok()?;
            return Some(Self::Exact(Time(exact.as_microsecond())));
        }
        text.parse::<DateTime>().ok().map(Self::Local)
    }
}

/// Reads a day: `2027-01-15` and nothing else.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    let shape = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| shape[range].iter().all(u8::is_ascii_digit);
    let right = shape.len() == 10 && shape[4] == b'-' && shape[7] == b'-';
    let right = right && digits(0..4) && digits(5..7) && digits(8..10);
    right.then(|| text.parse().ok()).flatten()
}

impl Zone {
    /// The zone of this name of the IANA database.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().filter(|zone| !zone.is_unknown()).map(Self)
    }

    /// Its name in that database.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The moment that was written down. An hour that the clock skips is the one after it, one that it shows twice the
    /// first of both.
    #[must_use]
    pub fn moment(&self, written: Written) -> Option<Time> {
        match written {
            Written::Exact(time) => Some(time),
            Written::Local(local) => {
                let zoned = local.to_zoned(self.0.clone()).ok()?;
                Some(Time(zoned.timestamp().as_microsecond()))
            }
        }
    }

    /// What the clock shows at a moment.
    #[must_use]
    pub fn local(&self, time: Time) -> DateTime {
        self.zoned(time).datetime()
    }

    fn zoned(&self, time: Time) -> jiff::Zoned {
        let stamp = jiff::Timestamp::from_microsecond(time.0).unwrap_or(jiff::Timestamp::MAX);
        stamp.to_zoned(self.0.clone())
    }

    /// ISO 8601 with the offset, as Python prints it: `2027-01-15T20:00:00+04:00`, `Z` for UTC.
    #[must_use]
    pub fn iso(&self, time: Time) -> String {
        let zoned = self.zoned(time);
        let clock = if time.0.rem_euclid(1_000_000) == 0 {
            zoned.strftime("%Y-%m-%dT%H:%M:%S")
        } else {
            zoned.strftime("%Y-%m-%dT%H:%M:%S%.6f")
        };
        if zoned.offset().seconds() == 0 {
            format!("{clock}Z")
        } else {
            format!("{clock}{}", zoned.strftime("%:z"))
        }
    }

    /// By a pattern of `strftime`.
    #[must_use]
    pub fn format(&self, time: Time, pattern: &str) -> String {
        self.zoned(time).strftime(pattern).to_string()
    }

    /// When the day of this moment began.
    #[must_use]
    pub fn day_start(&self, time: Time) -> Time {
        self.zoned(time).start_of_day().map_or(time, |day| Time(day.timestamp().as_microsecond()))
    }

    /// What the clock shows at a moment.
    #[must_use]
    pub fn clock(&self, time: Time) -> DateTime {
        self.zoned(time).datetime()
    }

    /// The day of a moment.
    #[must_use]
    pub fn date(&self, time: Time) -> Date {
        self.zoned(time).date()
    }

    /// When a day begins.
    #[must_use]
    pub fn midnight(&self, date: Date) -> Option<Time> {
        self.moment(Written::Local(date.at(0, 0, 0, 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    #[test]
    fn a_moment_is_read_with_and_without_its_offset() {
        let exact = Written::parse("2027-02-01T18:30:00+04:00").unwrap();
        let reunion = zone("Indian/Reunion");
        for text in ["2027-02-01T18:30", "2027-02-01 18:30:00", "2027-02-01T18:30:00.000000"] {
            let local = Written::parse(text).unwrap();
            assert_eq!(reunion.moment(local), reunion.moment(exact), "{text}");
        }
        for text in [
            "",
            "2027-02-01",
            "2027-02-30T10:00",
            "2027-02-01T25:00",
            "demain",
            "12:30",
            "2027-02-01T18:30:00[Europe/Paris]",
        ] {
            assert_eq!(Written::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_printed_as_python_does() {
        let time = Time::parse("2027-02-01T14:30:00Z").unwrap();
        assert_eq!(zone("Indian/Reunion").iso(time), "2027-02-01T18:30:00+04:00");
        assert_eq!(zone("UTC").iso(time), "2027-02-01T14:30:00Z");
        assert_eq!(zone("Europe/Paris").iso(Time(time.0 + 5)), "2027-02-01T15:30:00.000005+01:00");
    }

    #[test]
    fn a_day_is_read_as_it_is_written_and_no_other_way() {
        assert_eq!(day("2028-02-29"), Some(jiff::civil::date(2028, 2, 29)));
        for text in
            ["", "2027-02-29", "20270101", "2027-1-1", "+027-01-01", "2027-01-01T00", "2027-01-0é"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_where_the_venue_is() {
        let time = Time::parse("2027-02-01T21:30:00Z").unwrap();
        let start = zone("Indian/Reunion").day_start(time);
        assert_eq!(start.to_string(), "2027-02-01T20:00:00Z");
    }
}
