//! Moments: whole microseconds since 1970, UTC. The only file that reads the clock.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::fmt;
use std::time::Duration;

/// A moment in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// The clock, read once at the start of each transaction.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment and `after` more; stays at the end of time instead of overflowing.
    #[must_use]
    pub fn plus(self, after: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(after.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This moment and `before` less; stays at the beginning of time instead of overflowing.
    #[must_use]
    pub fn minus(self, before: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(before.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Reads a moment or a day; what names no offset is UTC.
    #[must_use]
    pub fn parse_utc(text: &str) -> Option<Self> {
        let civil = || text.parse::<jiff::civil::DateTime>().ok();
        let utc = || civil()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp());
        let stamp = text.parse::<jiff::Timestamp>().ok().or_else(utc)?;
        Some(Self(stamp.as_microsecond()))
    }

    /// RFC 3339 in UTC, with milliseconds.
    #[must_use]
    pub fn millis(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0.div_euclid(1_000)) {
            Ok(stamp) => format!("{stamp:.3}"),
            Err(_) => self.to_string(),
        }
    }

    /// Reads an RFC 3339 moment.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.seconds()) {
            Ok(stamp) => stamp.fmt(f),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_as_utc_and_reads_back() {
        let time = Time::parse("2022-10-18T10:05:31Z").unwrap();
        assert_eq!(time.to_string(), "2022-10-18T10:05:31Z");
        assert_eq!(time.seconds(), 1_666_087_531);
        assert_eq!(Time(time.0 + 1_999).millis(), "2022-10-18T10:05:31.001Z");
    }
}
