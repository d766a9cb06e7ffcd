//! The days that a report is about.

use crate::error::{Error, Result};
use crate::values::Time;
use crate::values::zone::Zone;
use jiff::civil::{Date, date};

/// Days of a venue's clock, from one to before another: at least one, at most ten years of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    from: Date,
    to: Date,
}

/// Why these are no days to report on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Begin before 1970 or end after 2199.
    OutOfTime,
    /// End before they begin, or as they begin.
    Empty,
    /// More than ten years.
    TooLong,
}

impl Days {
    /// The days from `from` to before `to`.
    pub fn new(from: Date, to: Date) -> std::result::Result<Self, Fault> {
        if from < date(1970, 1, 2) || to > date(2200, 1, 1) {
            return Err(Fault::OutOfTime);
        }
        if to <= from {
            return Err(Fault::Empty);
        }
        let longest = from.checked_add(jiff::Span::new().years(10)).map_err(|_| Fault::TooLong)?;
        if to > longest { Err(Fault::TooLong) } else { Ok(Self { from, to }) }
    }

    /// The first of them.
    #[must_use]
    pub const fn from(&self) -> Date {
        self.from
    }

    /// The first that is not one of them any more.
    #[must_use]
    pub const fn to(&self) -> Date {
        self.to
    }

    /// When they begin and when they are over, where the venue is.
    pub(super) fn bounds(&self, zone: &Zone) -> Result<(Time, Time)> {
        Ok((midnight(zone, self.from)?, midnight(zone, self.to)?))
    }

    /// Each of them: when it begins, when it is over.
    pub(super) fn each(&self, zone: &Zone) -> Result<Vec<(Time, Time)>> {
        let mut all = vec![];
        let (mut day, mut begins) = (self.from, midnight(zone, self.from)?);
        while day < self.to {
            let next = day.tomorrow().map_err(|e| Error::Internal(Box::new(e)))?;
            let ends = midnight(zone, next)?;
            all.push((begins, ends));
            (day, begins) = (next, ends);
        }
        Ok(all)
    }
}

fn midnight(zone: &Zone, day: Date) -> Result<Time> {
    zone.midnight(day).ok_or_else(|| Error::internal("a day without a midnight"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_an_order_and_an_end() {
        let (first, second) = (date(2024, 2, 29), date(2024, 3, 1));
        assert!(Days::new(first, second).is_ok());
        assert_eq!(Days::new(first, first), Err(Fault::Empty));
        assert_eq!(Days::new(second, first), Err(Fault::Empty));
        assert!(Days::new(first, date(2034, 2, 28)).is_ok());
        assert_eq!(Days::new(first, date(2034, 3, 1)), Err(Fault::TooLong));
        assert_eq!(Days::new(date(1969, 12, 31), first), Err(Fault::OutOfTime));
        assert_eq!(Days::new(first, date(2200, 1, 2)), Err(Fault::OutOfTime));
    }

    #[test]
    fn each_day_begins_where_the_one_before_ends_also_when_the_clock_is_changed() {
        let days = Days::new(date(2026, 10, 24), date(2026, 10, 27)).unwrap();
        let hours = |name| -> Vec<i64> {
            let all = days.each(&Zone::parse(name).unwrap()).unwrap();
            assert!(all.windows(2).all(|two| two[0].1 == two[1].0));
            all.iter().map(|(from, to)| (to.seconds() - from.seconds()) / 3_600).collect()
        };
        assert_eq!(hours("Europe/Paris"), [24, 25, 24]);
        assert_eq!(hours("Indian/Reunion"), [24, 24, 24]);
    }
}
